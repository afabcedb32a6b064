// Who looks at a device and says what it takes it for: one file in identifiers/ each.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "see/grounds.h"
#include "spine/model/plant.h"

namespace yagura::see {

/// What one device is known by, gathered once for all identifiers. Borrowed from the plant.
struct View {
    struct Told { ///< a fact, and of which part; empty: of the device itself
        const model::FactRow* fact = nullptr;
        std::string_view part{};
    };
    struct Asked {                       ///< what it does to others in one protocol
        std::set<std::uint64_t> peers{}; ///< who answered
        std::uint64_t reads = 0, writes = 0,
                      programs = 0; ///< messages; programs: loading, starting, stopping, forcing
        std::set<observe::Act> acts{};
    };
    const model::Plant& plant;
    model::DeviceId id{};
    std::vector<Told> facts{};
    std::vector<observe::Mac> macs{};
    std::vector<std::string_view> makers{}; ///< of the MACs; without those that nobody was given
    std::size_t subnets = 0;                ///< that its IPv4 addresses lie in, taking /24 for one
    bool passes_on = false;                 ///< one of its MACs carries addresses that are not its own
    std::set<std::string_view> serves{};    ///< protocols in which it answered
    std::set<std::uint16_t> ports{};        ///< TCP and UDP ports on which it answered
    std::map<std::string_view, Asked> asks{};
    std::map<std::string_view, std::set<observe::Act>> done_to_it{}; ///< acts that it answered, by protocol
    std::set<std::string_view> speaks{};                             ///< every protocol it takes part in
    std::size_t units = 0; ///< parts behind it that are addressed as units

    /// Values of one attribute that the device told of itself or its table's row, best first.
    std::vector<const model::FactRow*> values(observe::Attribute) const;
};

/// Where opinions go. Confidence: 90 and more says so itself, 70 follows, 50 is likely, 30 a hint.
class Opinions {
public:
    virtual void role(std::string_view role, std::uint8_t confidence, Grounds) = 0;
    /// Read out of another fact, whose evidence it keeps.
    virtual void fact(observe::Attribute, std::string value, std::uint8_t confidence,
                      const model::FactRow& from) = 0;

protected:
    ~Opinions() = default;
};

struct Identifier {
    std::string_view name{};
    void (*look)(const View&, Opinions&);
};

/// Every identifier, in the order of names.
std::span<const Identifier* const> identifiers_all() noexcept;

inline char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
/// Does `text` hold `word`, whatever the case? `word` in small letters.
inline bool has_word(std::string_view text, std::string_view word) noexcept {
    if (word.size() > text.size()) return false;
    for (std::size_t i = 0; i + word.size() <= text.size(); ++i) {
        std::size_t k = 0;
        while (k < word.size() && lower(text[i + k]) == word[k]) ++k;
        if (k == word.size()) return true;
    }
    return false;
}

} // namespace yagura::see
