#include "see/needs/stops.h"

#include <algorithm>
#include <array>
#include <map>

#include "see/needs/purpose.h"

namespace yagura::see::needs {
namespace {

constexpr unsigned depth_most = 8;
constexpr std::array controllers{"plc", "safety_controller", "rtu", "cnc", "robot", "building_controller"};
constexpr std::array controlled{"remote_io", "drive", "robot", "safety_controller", "plc"};

bool is_one(const auto& roles, std::string_view role) {
    return std::ranges::find(roles, role) != roles.end();
}

bool has(const std::vector<store::ActCount>& acts, observe::Act act) {
    return std::ranges::find(acts, act, &store::ActCount::act) != acts.end();
}
bool cyclic(const store::NeedRow& need) {
    return purpose_of(need) == Purpose::io || has(need.by_client, observe::Act::cyclic_io) ||
           has(need.by_server, observe::Act::cyclic_io);
}
/// Values: who puts a file or a picture somewhere does not operate it.
bool writes(const store::NeedRow& need) {
    const auto purpose = purpose_of(need);
    if (purpose != Purpose::values && purpose != Purpose::program) return false;
    return std::ranges::any_of(need.by_client, [](const store::ActCount& one) {
        return observe::usual_effect(one.act) == observe::Effect::changes_value;
    });
}

/// One end's dependence on the other, as a need says it.
struct Tie {
    std::size_t need;
    const std::string* on; ///< device
    const std::string* of; ///< device that depends
    Why why;
    bool hard; ///< it stands without the other
};

std::vector<Tie> ties_of(const std::vector<store::NeedRow>& needs) {
    std::vector<Tie> out;
    for (std::size_t i = 0; i < needs.size(); ++i) {
        const auto& need = needs[i];
        const auto kind = kind_of(need);
        if (kind != Kind::rule && kind != Kind::link) continue;
        const auto &client = need.client.device, &server = need.server.device;
        if (client.id.empty() || server.id.empty() || client.id == server.id) continue;
        if (cyclic(need)) {
            out.push_back({i, &server.id, &client.id, Why::io, true});
            out.push_back({i, &client.id, &server.id, Why::io, true});
            continue;
        }
        // A controller that writes to its drive or its I/O cannot do its work without it.
        const bool controls = is_one(controllers, client.role) && is_one(controlled, server.role) &&
                              writes(need);
        out.push_back({i, &server.id, &client.id, Why::asks, controls});
        if (writes(need)) out.push_back({i, &client.id, &server.id, Why::commands, false});
    }
    return out;
}

/// Whether each thing that was asked of those that stop was asked of others, too.
bool has_other(const std::vector<store::NeedRow>& needs, const Stopped& one,
               const std::set<std::string>& gone) {
    return std::ranges::all_of(one.reasons, [&](const Reason& reason) {
        if (reason.why != Why::asks) return false;
        const auto& lost = needs[reason.need];
        return std::ranges::any_of(needs, [&](const store::NeedRow& other) {
            return other.client.device.id == one.device && other.protocol == lost.protocol &&
                   !other.protocol.empty() && other.port == lost.port && !other.server.device.id.empty() &&
                   !gone.contains(other.server.device.id) && purpose_of(other) == purpose_of(lost) &&
                   (purpose_of(lost) == Purpose::names || purpose_of(lost) == Purpose::time ||
                    purpose_of(lost) == Purpose::addresses) &&
                   kind_of(other) == Kind::rule;
        });
    });
}

} // namespace

std::string_view key(Why why) noexcept {
    constexpr std::array words{"asks", "commands", "io"};
    return words[static_cast<std::size_t>(why)];
}

std::vector<Stopped> stops_if(const std::vector<store::NeedRow>& needs, const std::set<std::string>& stop) {
    std::multimap<std::string_view, const Tie*> by_on;
    const auto ties = ties_of(needs);
    for (const auto& tie : ties) by_on.emplace(*tie.on, &tie);
    std::map<std::string, Stopped> found;
    auto front = stop;
    for (unsigned depth = 1; depth <= depth_most && !front.empty(); ++depth) {
        std::map<std::string, Stopped> here;
        for (const auto& on : front) {
            const auto [first, last] = by_on.equal_range(on);
            for (auto at = first; at != last; ++at) {
                const auto& tie = *at->second;
                if (stop.contains(*tie.of) || found.contains(*tie.of)) continue;
                auto& one = here[*tie.of];
                one.device = *tie.of;
                one.depth = depth;
                one.stands |= tie.hard;
                if (one.via.empty() || one.via.back() != on) one.via.push_back(on);
                one.reasons.push_back({tie.need, tie.why});
            }
        }
        front.clear();
        for (auto& [device, one] : here) {
            if (one.stands) front.insert(device);
            one.other = has_other(needs, one, stop);
            found.emplace(device, std::move(one));
        }
    }
    std::vector<Stopped> out;
    for (auto& [device, one] : found) out.push_back(std::move(one));
    std::ranges::stable_sort(out, {}, &Stopped::depth);
    return out;
}

Dependents::Dependents(const std::vector<store::NeedRow>& needs) {
    const auto place = [&](std::string_view id) {
        const auto [at, fresh] = places_.emplace(id, static_cast<std::uint32_t>(ids_.size()));
        if (fresh) {
            ids_.push_back(id);
            on_.emplace_back();
        }
        return at->second;
    };
    for (const auto& tie : ties_of(needs)) {
        const auto on = place(*tie.on), of = place(*tie.of);
        on_[on].push_back({of, tie.hard});
    }
    for (auto& edges : on_) { // Many conversations of two are one tie, a hard one if any is.
        std::ranges::sort(edges,
                          [](Edge a, Edge b) { return std::pair{a.of, !a.hard} < std::pair{b.of, !b.hard}; });
        const auto twice = std::ranges::unique(edges, {}, &Edge::of);
        edges.erase(twice.begin(), twice.end());
    }
}

Dependents::Of Dependents::of(std::string_view device) const {
    Of out;
    const auto begin = places_.find(device);
    if (begin == places_.end()) return out;
    std::unordered_map<std::uint32_t, bool> found; // Whether it stands.
    std::vector front{begin->second};
    for (unsigned depth = 1; depth <= depth_most && !front.empty() && found.size() < most; ++depth) {
        std::map<std::uint32_t, bool> here;
        for (const auto on : front)
            for (const auto& edge : on_[on])
                if (edge.of != begin->second && !found.contains(edge.of)) here[edge.of] |= edge.hard;
        front.clear();
        for (const auto& [of, stands] : here) {
            found.emplace(of, stands);
            (stands ? out.stands : out.waits).push_back(ids_[of]);
            if (stands) front.push_back(of);
        }
    }
    return out;
}

} // namespace yagura::see::needs
