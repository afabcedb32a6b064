// What is known of one device, as far as its risk follows from it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "see/risk/weights.h"

namespace yagura::see::risk {

/// Something that a term counts: a device, a line, a service, a product. `id` and `note` are what the caller
/// needs to lead a person there.
struct Thing {
    std::string id{}, name{}, note{};
    bool operator==(const Thing&) const = default;
};

/// More of one kind are counted and not kept; by then the term has long been at its most.
inline constexpr std::size_t things_most = 64;

struct Counted {
    std::size_t count = 0;
    std::vector<Thing> things{}; ///< the first of them, each once
    /// One that is there already is counted once. Beyond `things_most` whoever adds makes sure of that.
    void add(Thing thing) {
        if (std::ranges::find(things, thing.id, &Thing::id) != things.end()) return;
        ++count;
        if (things.size() < things_most) things.push_back(std::move(thing));
    }
};

enum class Verdict : std::uint8_t { affected, needs_fact };
enum class Decision : std::uint8_t { open, accepted, mitigated, patched };
std::string_view key(Verdict) noexcept;
std::string_view key(Decision) noexcept;

/// One advisory that is about the device, or about one of its parts. Those that are not about it are not
/// here.
struct Vulnerability {
    std::string advisory{}, part{}, cve{}, title{};
    std::string product{}; ///< what would be updated
    std::string missing{}; ///< which fact, where one is
    int tenths = -1;       ///< of CVSS: 98 is 9.8; below 0: none is given
    bool exploited = false;
    std::uint32_t likelihood = 0; ///< millionths
    Verdict verdict{};
    Decision decision{};
    bool operator==(const Vulnerability&) const = default;
};

/// How much of it counts, percent.
unsigned share_of(const Vulnerability&) noexcept;
/// Points of it alone, rounded to the nearest.
unsigned points_of(const Vulnerability&) noexcept;

struct Facts {
    std::array<Counted, term_count> of{}; ///< by Term; the two of vulnerabilities stay empty
    std::vector<Vulnerability> vulnerabilities{};

    Counted& operator[](Term term) noexcept { return of[static_cast<std::size_t>(term)]; }
    const Counted& operator[](Term term) const noexcept { return of[static_cast<std::size_t>(term)]; }
    /// A term that is so or not.
    void set(Term term) { (*this)[term].add({}); }
};

} // namespace yagura::see::risk
