// Which protocol is this? A decision table made once from what the registry's rows say of themselves.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "spine/dissect/dissector.h"

namespace yagura::worker {

/// Every pattern (a row's mark) is one bit. For each place that any pattern looks at, a table says which
/// patterns a byte there agrees with; the conjunction over the places leaves those that match. So the cost
/// is that of the places, a dozen, however many rows there are. A row without marks is asked only where its
/// hint fits. Immutable: the workers share one.
class Recogniser {
public:
    using Rows = std::span<const dissect::Dissector* const>;
    explicit Recogniser(Rows rows = dissect::all());

    /// A carrier as a number; nothing is spoken over one that no row names.
    using Carrier = std::uint8_t;
    static constexpr Carrier ethernet = 0, ip = 1, tcp = 2, udp = 3;
    std::optional<Carrier> carrier(std::string_view name) const noexcept;

    /// What is known besides the bytes. Ports: both, either may fit. Ethertype, IP protocol, selector of a
    /// named carrier: `decisive`, rows with another hint are not asked.
    struct Hints {
        std::uint32_t one = 0, another = 0;
    };
    struct Verdict {
        const dissect::Dissector* row = nullptr;
        dissect::Likeness likeness = dissect::Likeness::no;
        std::optional<observe::Speaker> speaker{};
        bool hinted = false;
        bool patient = false; ///< `more` was said, or a mark lies behind the bytes that there are
    };
    /// The best row of those that the table leaves. `yes` before `maybe`; among equals who is hinted, then
    /// who has the longer mark. A hinted row that says `more` is waited for, unless this is the `last` time.
    enum class Try : std::uint8_t { early, last };
    /// `except` has been found out already.
    Verdict ask(Carrier, const dissect::Opening&, Hints, Try,
                const dissect::Dissector* except = nullptr) const noexcept;

    std::size_t places(Carrier) const noexcept;
    std::uint16_t number_of(const dissect::Dissector&) const noexcept;

private:
    static constexpr std::size_t asked_most = 8;
    struct Candidate {
        const dissect::Dissector* row = nullptr;
        std::uint8_t rank = 0; ///< hinted first, then bits of the mark
        bool hinted = false;
    };
    struct Pattern {
        const dissect::Dissector* row = nullptr;
        std::uint8_t bits = 0;
    };
    struct Hinted {
        std::uint32_t hint = 0;
        const dissect::Dissector* row = nullptr;
        bool marked = false;
    };
    struct Place {
        std::uint16_t offset = 0;
        std::vector<std::uint64_t> agrees; ///< 256 rows of `words` words
        std::vector<std::uint64_t> needs;  ///< patterns that look here
    };
    struct Table {
        std::string_view name;
        bool decisive = false;
        std::size_t words = 0;
        std::vector<Pattern> patterns{};
        std::vector<Place> places{};
        std::vector<Hinted> hinted{};                    ///< sorted by hint
        std::vector<const dissect::Dissector*> always{}; ///< of a decisive carrier: hint 0 and no marks
    };
    using Candidates = std::array<Candidate, asked_most>;

    Table& table(std::string_view name);
    static void build(Table&);
    std::size_t candidates(const Table&, Bytes, Hints, Candidates&, bool& patient) const noexcept;
    static bool fits(const Table&, const dissect::Dissector&, Hints) noexcept;

    Rows rows_;
    std::vector<Table> tables_;
};

} // namespace yagura::worker
