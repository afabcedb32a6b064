// Switches, routers, access points and who serves the network itself.
#include "see/identifier.h"

namespace yagura::see::identifiers {
namespace {

using observe::Attribute;

void look(const View& view, Opinions& opinions) {
    bool router = false, bridge = false, access_point = false;
    for (const auto* fact : view.values(Attribute::capability)) {
        router = router || fact->value == "router";
        bridge = bridge || fact->value == "bridge";
        access_point = access_point || fact->value == "access point";
    }
    if (access_point) opinions.role("access_point", 88, because(Why::says_access_point));
    if (router) opinions.role("router", 85, because(Why::says_routes));
    // A controller with two ports bridges between them, and says so: less than what it is known for.
    bool profinet = false;
    for (const auto* fact : view.values(Attribute::role_hint))
        profinet = profinet || fact->value.starts_with("profinet");
    const bool besides = profinet || view.serves.contains("s7comm") || view.serves.contains("cip");
    if (bridge && !router) opinions.role("switch", besides ? 40 : 78, because(Why::says_bridges));
    if (view.passes_on && view.subnets >= 2)
        opinions.role("router", 88, because(Why::routes_between, view.subnets));
    else if (view.passes_on)
        opinions.role("router", 70, because(Why::passes_on));
    for (const auto* fact : view.values(Attribute::role_hint)) {
        if (fact->value == "dhcp server") opinions.role("server", 45, because(Why::gives_addresses));
        if (fact->value == "ptp grandmaster" || fact->value == "ptp master")
            opinions.role("time_server", fact->value == "ptp master" ? 60 : 78,
                          because(Why::tells_time, "PTP"));
        if (fact->value == "ptp boundary clock") opinions.role("switch", 45, because(Why::passes_on_time));
        if (fact->value == "domain controller") opinions.role("server", 65, because(Why::domain_controller));
        if (fact->value == "reference clock") opinions.role("time_server", 80, because(Why::own_clock));
        if (fact->value == "network connectivity") opinions.role("switch", 70, because(Why::connects_others));
    }
    if (const auto watched = view.asks.find("snmp");
        watched != view.asks.end() && watched->second.peers.size() >= 3)
        opinions.role("server", 45, because(Why::watches, watched->second.peers.size()));
    if (view.serves.contains("dns") || view.ports.contains(53))
        opinions.role("server", 45, because(Why::answers_names));
    if (view.serves.contains("mqtt")) opinions.role("server", 45, because(Why::answers_in, "mqtt"));
    if (view.serves.contains("ntp") || view.ports.contains(123))
        opinions.role(view.ports.size() <= 2 ? "time_server" : "server", 45, because(Why::tells_time, "NTP"));
}

} // namespace

extern constinit const Identifier network{"network", look};

} // namespace yagura::see::identifiers
