// What lowers a risk, and by how much: never guessed, but worked out by scoring again with it done.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "see/risk/facts.h"

namespace yagura::see::risk {

/// In the order of the effort: of two that lower as much, the lighter comes first.
enum class ActionKind : std::uint8_t {
    decide_peer,      ///< whether a device that waits may be on the network
    bring_advisories, ///< so that anything can be said of vulnerabilities
    tell_product,     ///< write into the ledger what it is
    find_fact,        ///< that decides whether an advisory is meant
    remove_peer,      ///< a device that may not be here
    close_service,
    cut_internet,
    one_way_in, ///< others' networks come in over one machine
    update,     ///< a product, so that what it is affected by is mended
    replace,    ///< what is out of support
};
std::string_view key(ActionKind) noexcept;

/// The same key on several devices is one action: an update of a product, a service that is closed
/// everywhere.
struct Action {
    ActionKind kind{};
    std::string key{};  ///< of what it is about: a device's id, a service, a product, a line's id
    std::string name{}; ///< the same for people; empty: there is no more to say than the kind
    std::string note{}; ///< of find_fact: which fact
    auto operator<=>(const Action&) const = default;
};

/// It lowers by as much only if what is found out is the best that it can be.
bool at_best(ActionKind) noexcept;

/// How many of the things that a term counts are gone with it.
std::size_t removed(const Facts&, Term, const Action&);
bool settles(const Action&, const Vulnerability&) noexcept;

struct Lowered {
    Action action{};
    std::uint32_t before = 0, after = 0; ///< Exact
};
/// All that lower it, most first. `line`: id and name of the device's; empty where it has none.
std::vector<Lowered> lowering(const Facts& facts, const Thing& line);

/// One action over many devices.
struct Together {
    Action action{};
    std::uint64_t lowers = 0;             ///< Exact, of all devices
    std::vector<std::uint32_t> devices{}; ///< places, as they were added
};
class Ranking {
public:
    void add(std::uint32_t device, const std::vector<Lowered>& of_device);
    /// Most first.
    std::vector<Together> best(std::size_t most) const;
    std::size_t size() const noexcept { return all_.size(); }

private:
    std::map<std::pair<ActionKind, std::string>, Together> all_;
};

} // namespace yagura::see::risk
