#include "see/api/sight.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "see/api/risk_facts.h"

namespace yagura::see {
namespace {

constexpr std::string_view moving[]{"plc", "safety_controller", "remote_io", "drive", "robot", "cnc",
                                    "rtu", "protection_relay"};
/// They carry others' conversations and have few of their own: no sensor makes more of them.
constexpr std::string_view carrying[]{"switch", "router", "access_point", "wireless_bridge"};
constexpr std::size_t lines_most = 8;

bool among(const auto& names, std::string_view role) {
    return std::ranges::find(names, role) != std::end(names);
}

} // namespace

std::string_view key(Sight sight) noexcept {
    switch (sight) {
    case Sight::seen:
        return "seen";
    case Sight::one_sided:
        return "one_sided";
    case Sight::heard:
        return "heard";
    case Sight::named:
        return "named";
    case Sight::missing:
        return "missing";
    }
    return "";
}

Sight sight_of(const store::SightRow& row) noexcept {
    if (row.halves > row.whole) return Sight::one_sided;
    if (row.whole != 0) return Sight::seen;
    return row.claimed ? Sight::named : Sight::heard;
}

std::uint64_t SeenNetwork::all() const noexcept {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

std::vector<SeenNetwork> seen_networks(const store::SightList& list,
                                       const std::vector<MissingEntry>& missing) {
    std::vector<SeenNetwork> out;
    std::map<std::string, std::size_t> places;
    const auto network = [&](std::string_view address) -> SeenNetwork& {
        auto name = network_of(address);
        const auto [at, is_new] = places.emplace(std::move(name), out.size());
        if (is_new) out.emplace_back().network = at->first;
        return out[at->second];
    };
    for (std::size_t i = 0; i < list.devices.size(); ++i) {
        const auto& row = list.devices[i];
        auto& one = network(row.device.address);
        const auto sight = sight_of(row);
        ++one.counts[static_cast<std::size_t>(sight)];
        one.devices.push_back(i);
        if (!row.line.id.empty() && one.lines.size() < lines_most &&
            std::ranges::find(one.lines, row.line.id, &store::LineRef::id) == one.lines.end())
            one.lines.push_back(row.line);
        if (row.device.role == "switch") one.switches.push_back(i);
        if (sight == Sight::seen || among(carrying, row.device.role)) continue;
        ++one.hidden;
        one.controllers += among(moving, row.device.role);
    }
    for (std::size_t i = 0; i < missing.size(); ++i) {
        auto& one = network(missing[i].address);
        ++one.counts[static_cast<std::size_t>(Sight::missing)];
        ++one.hidden;
        one.missing.push_back(i);
    }
    for (auto& one : out)
        std::ranges::stable_sort(one.devices, std::greater{}, [&](std::size_t at) {
            const auto& row = list.devices[at];
            return std::pair{sight_of(row), among(moving, row.device.role)};
        });
    std::ranges::stable_sort(out, std::greater{}, [](const SeenNetwork& one) {
        // Without an address nobody can say where a sensor belongs.
        return std::tuple{!one.network.empty(), one.controllers, one.hidden};
    });
    return out;
}

} // namespace yagura::see
