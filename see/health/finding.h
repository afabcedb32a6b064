// What stops lines and can be seen from the traffic alone, as the console tells it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spine/observe/observation.h"

namespace yagura::see::health {

/// Numbers are for ever: they stand in stores.
enum class Kind : std::uint8_t {
    duplicate_address = 1,    ///< two stations claim one address in alternation
    address_refused = 2,      ///< a station found its address taken and gave it back (DHCP decline)
    arp_spoofing = 3,         ///< one station takes over addresses of several others
    proxy_arp = 4,            ///< one station answers for addresses that others have, when it is asked
    rogue_dhcp = 5,           ///< two servers give different networks, or nobody knows what one gives
    two_dhcp_servers = 6,     ///< two servers that give the same: probably a redundant pair
    mask_disagrees = 7,       ///< stations of one subnet have different masks
    gateway_disagrees = 8,    ///< stations of one subnet have different gateways
    gateway_outside = 9,      ///< a station's gateway is not in its own subnet
    cycle_slower = 10,        ///< a cyclic exchange takes longer than it used to
    cycle_jitter = 11,        ///< its interval varies more than it used to
    cycle_unanswered = 12,    ///< requests stay without an answer
    cycle_refused = 13,       ///< answers say no where they said yes
    cycle_stopped = 14,       ///< it stopped, and both ends are still seen
    root_changed = 15,        ///< another bridge is the root of the spanning tree
    topology_changes = 16,    ///< the spanning tree changes again and again
    time_unsynchronised = 17, ///< a time server says that it has no time to give
    storm = 18,               ///< far more frames to everybody, or to groups, than this segment knows
    link_down = 19,           ///< a port of a switch lost its link, and nobody switched it off
    link_flapping = 20,       ///< it loses it again and again
    link_errors = 21,         ///< it counts many damaged frames
};
inline constexpr std::pair<Kind, std::string_view> kind_words[]{
    {Kind::duplicate_address, "duplicate_address"},
    {Kind::address_refused, "address_refused"},
    {Kind::arp_spoofing, "arp_spoofing"},
    {Kind::proxy_arp, "proxy_arp"},
    {Kind::rogue_dhcp, "rogue_dhcp"},
    {Kind::two_dhcp_servers, "two_dhcp_servers"},
    {Kind::mask_disagrees, "mask_disagrees"},
    {Kind::gateway_disagrees, "gateway_disagrees"},
    {Kind::gateway_outside, "gateway_outside"},
    {Kind::cycle_slower, "cycle_slower"},
    {Kind::cycle_jitter, "cycle_jitter"},
    {Kind::cycle_unanswered, "cycle_unanswered"},
    {Kind::cycle_refused, "cycle_refused"},
    {Kind::cycle_stopped, "cycle_stopped"},
    {Kind::root_changed, "root_changed"},
    {Kind::topology_changes, "topology_changes"},
    {Kind::time_unsynchronised, "time_unsynchronised"},
    {Kind::storm, "storm"},
    {Kind::link_down, "link_down"},
    {Kind::link_flapping, "link_flapping"},
    {Kind::link_errors, "link_errors"},
};

enum class Severity : std::uint8_t { low = 1, medium = 2, high = 3 };

/// Somebody who has a part in it.
struct Party {
    enum class Role : std::uint8_t {
        claims = 1,  ///< the address for itself
        owner = 2,   ///< had the address before
        takes = 3,   ///< takes over what is others'
        server = 4,  ///< gives addresses, or the time
        differs = 5, ///< from the rest of its subnet
        asks = 6,    ///< in a cyclic exchange
        answers = 7,
        root = 8,   ///< of the spanning tree, now
        former = 9, ///< root before
        gave_back = 10,
        sends = 11,    ///< much of what there is too much of
        connects = 12, ///< the switch
        hangs = 13,    ///< on its port
    } role{};
    observe::Station who{};
    observe::Time first{}, last{};
    observe::Evidence evidence{};
};

struct Finding {
    /// Names it: the same trouble again is the same finding. "duplicate_address|0|0|10.2.3.50|mac|mac"
    std::string key{};
    Kind kind{};
    Severity severity{};
    observe::Realm realm{};
    std::uint16_t vlan = 0;
    observe::Ip address{};   ///< that it is about; all zero: none
    std::uint8_t bits = 128; ///< fewer: it is about a subnet
    std::vector<Party> parties{};
    observe::Time first{}, last{};
    /// Over, if nothing confirms it until then.
    observe::Time until{};
    std::uint64_t times = 0;
    observe::Evidence evidence{};                             ///< of the last time
    std::vector<std::pair<std::string, std::string>> facts{}; ///< words for the sentence
    bool gone = false;                                        ///< it has become part of another finding
};

std::string_view word(Kind);

} // namespace yagura::see::health
