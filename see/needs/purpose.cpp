#include "see/needs/purpose.h"

#include <algorithm>
#include <array>
#include <string>

#include "spine/base/text.h"

namespace yagura::see::needs {
namespace {

using observe::Act;
using observe::Effect;

struct Row {
    std::string_view protocol;
    Purpose purpose;
};
/// Protocols that are for one thing, whatever is done in them.
constexpr std::array by_protocol{
    Row{"dns", Purpose::names},      Row{"mdns", Purpose::names},      Row{"llmnr", Purpose::names},
    Row{"nbns", Purpose::names},     Row{"dhcp", Purpose::addresses},  Row{"ntp", Purpose::time},
    Row{"ptp", Purpose::time},       Row{"snmp", Purpose::monitoring}, Row{"http", Purpose::web},
    Row{"tls", Purpose::web},        Row{"ssh", Purpose::remote},      Row{"telnet", Purpose::remote},
    Row{"rdp", Purpose::remote},     Row{"vnc", Purpose::remote},      Row{"smb", Purpose::files},
    Row{"ftp", Purpose::files},      Row{"nbdgm", Purpose::names},     Row{"ssdp", Purpose::finding},
    Row{"profinet_rt", Purpose::io}, Row{"cip_io", Purpose::io}};
constexpr std::array to_groups{"mdns", "ssdp", "llmnr", "nbdgm"}; ///< Answers to them go to one, for all.
constexpr std::array of_networks{"arp", "stp", "lldp", "cdp", "igmp", "icmp", "icmpv6"};

/// What an engineering station does; a clock that is set, or an operator's reset, is not that.
bool is_of_programs(Act act) {
    constexpr std::array acts{
        Act::program_upload, Act::program_download, Act::program_delete, Act::firmware_update, Act::start,
        Act::stop,           Act::mode_change,      Act::clear};
    return std::ranges::find(acts, act) != acts.end();
}

bool any(const store::NeedRow& need, auto&& wanted) {
    const auto has = [&](const std::vector<store::ActCount>& acts) {
        return std::ranges::any_of(acts, [&](const store::ActCount& one) { return wanted(one.act); });
    };
    return has(need.by_client) || has(need.by_server);
}

} // namespace

std::string_view key(Purpose purpose) noexcept {
    constexpr std::array words{"io",    "program",   "values", "watch",      "alarms", "finding", "files",
                               "names", "addresses", "time",   "monitoring", "web",    "remote",  "unknown"};
    return words[static_cast<std::size_t>(purpose)];
}

std::string_view key(Kind kind) noexcept {
    constexpr std::array words{"rule", "link", "group", "silent", "network"};
    return words[static_cast<std::size_t>(kind)];
}

Purpose purpose_of(const store::NeedRow& need) {
    for (const auto& row : by_protocol)
        if (need.protocol == row.protocol) return row.purpose;
    if (any(need, [](Act act) { return act == Act::cyclic_io; })) return Purpose::io;
    if (any(need, is_of_programs)) return Purpose::program;
    if (any(need, [](Act act) { return observe::usual_effect(act) == Effect::changes_value; }))
        return Purpose::values;
    if (any(need, [](Act act) { return act == Act::read || act == Act::subscribe; })) return Purpose::watch;
    if (any(need, [](Act act) { return act == Act::report || act == Act::alarm || act == Act::alarm_ack; }))
        return Purpose::alarms;
    if (any(need, [](Act act) { return act == Act::file_read; })) return Purpose::files;
    if (any(need, [](Act act) { return act == Act::identify || act == Act::browse || act == Act::diagnose; }))
        return Purpose::finding;
    return Purpose::unknown;
}

bool is_group(std::string_view address) noexcept {
    if (address.size() == 17 && address[2] == ':') { // The lowest bit of a MAC's first byte.
        const char low = address[1];
        return std::string_view{"13579bdfBDF"}.contains(low);
    }
    if (address.starts_with("ff") && address.contains(':')) return true;
    const auto first = number<std::uint8_t>(address.substr(0, address.find('.')));
    if (!first || !address.contains('.')) return false;
    return *first >= 224 || address.ends_with(".255");
}

Kind kind_of(const store::NeedRow& need) {
    if (std::ranges::find(of_networks, need.protocol) != of_networks.end()) return Kind::network;
    if ((need.server.device.id.empty() && is_group(need.server.address)) ||
        std::ranges::find(to_groups, need.protocol) != to_groups.end())
        return Kind::group;
    // A port that was closed, or opened and not used: frames without anything in them.
    constexpr std::uint64_t empty_frame = 70;
    const bool nothing_said = need.protocol.empty() && need.bytes <= need.packets * empty_frame;
    if (need.one_sided || (need.carrier == "tcp" && nothing_said && need.packets > 0)) return Kind::silent;
    return need.carrier == "tcp" || need.carrier == "udp" ? Kind::rule : Kind::link;
}

} // namespace yagura::see::needs
