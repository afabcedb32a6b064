// A protocol that a person describes instead of programming it: where its marks stand, where a message ends,
// which bytes are the function, the number of a pair, the status, the object. What a plant's own machine
// builder speaks is read by it like any other protocol: same table, same acts, same fold.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spine/base/result.h"
#include "spine/dissect/dissector.h"

namespace yagura::dissect {

/// Bytes at a fixed place that have to agree where the mask is set. At most `bytes_most`.
struct DescribedMark {
    static constexpr std::size_t bytes_most = 16;

    std::uint8_t at = 0, size = 0;
    std::array<std::uint8_t, bytes_most> mask{}, value{};

    std::size_t end() const noexcept { return std::size_t{at} + size; }
    bool fits(Bytes) const noexcept; ///< False where there are too few bytes.
    int fixed_bits() const noexcept;
};

/// A number at a fixed place; of one to eight bytes, none if `size` is 0.
struct DescribedField {
    std::uint16_t at = 0;
    std::uint8_t size = 0;
    bool little = false;
    std::uint64_t mask = UINT64_MAX; ///< of the number that was read

    explicit operator bool() const noexcept { return size != 0; }
    std::size_t end() const noexcept { return std::size_t{at} + size; }
    /// Of bytes that reach to end().
    std::uint64_t of(Bytes) const noexcept;
};

struct DescribedFunction {
    std::uint32_t code = 0;
    std::string name;
    observe::Act act = observe::Act::unknown;
    bool event = false;  ///< nobody asked for it and nobody answers
    bool object = false; ///< the object's field is there in its requests
};

struct Description {
    static constexpr std::size_t marks_most = 16, functions_most = 256, over_most = 16;
    static constexpr std::uint32_t message_usual = 1u << 16;

    std::string name, title;
    std::vector<std::pair<std::string, std::uint32_t>> over; ///< carrier and hint
    std::vector<DescribedMark> marks;                        ///< any one is enough
    std::optional<DescribedMark> answer;                     ///< of an answer; without it, who serves answers
    // Where a message ends, in a stream: by one of the three.
    DescribedField length; ///< `length` * `times` + `plus` is the whole message
    std::uint32_t times = 1;
    std::int32_t plus = 0;
    std::vector<std::byte> ends_with;
    std::uint32_t fixed = 0;
    std::uint32_t message_most = message_usual;

    DescribedField function, pair, status, unit, object, count;
    std::uint64_t fine = 0;                   ///< the status of an answer that says done
    std::string space;                        ///< "register": what the object's number is of
    std::vector<DescribedFunction> functions; ///< sorted by code

    /// Bytes in front of which nothing can be said of a message.
    std::size_t head() const noexcept;
    /// nullptr if it has no name.
    const DescribedFunction* function_of(std::uint32_t code) const noexcept;
};

/// As many can be described; each is one row more of the decision table.
inline constexpr std::size_t described_most = 32;

/// Adds these to the protocols of this run, in place of those that were described before: all(), find() and
/// name_of() know them afterwards, with numbers behind everybody else's. Before any pipeline is made, and not
/// while one lives. A complaint where one cannot be told from other traffic, or takes another's name.
Result<void> describe(std::vector<Description>);

namespace described {
/// What describe() added, or nothing: all protocols, the described ones behind the others.
std::span<const Dissector* const> rows() noexcept;

Recognition looks_like(const Description&, const Opening&) noexcept;
Framing frame(const Description&, Bytes) noexcept;
/// As large as a conversation's state may be.
struct State;
void dissect(const Description&, const Pdu&, State&, Ways&) noexcept;
} // namespace described

} // namespace yagura::dissect
