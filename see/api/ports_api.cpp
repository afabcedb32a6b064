// Ports of a switch, as its page lists them.
#include "see/api/health_api.h"

#include <algorithm>

#include "see/api/answers.h"
#include "see/api/pages.h"
#include "spine/store/health.h"

namespace yagura::see {
namespace {

constexpr std::uint8_t up = 1;
/// The contract's largest count: a switch may say anything.
std::uint64_t count(std::uint64_t value) { return std::min<std::uint64_t>(value, (1ull << 53) - 1); }
/// RFC 2863: ifOperStatus. What is neither up nor down is told as it is.
std::string_view state_word(std::uint8_t state) {
    constexpr std::string_view words[]{"unknown", "up",      "down",   "testing",
                                       "unknown", "dormant", "absent", "lower_down"};
    return state < std::size(words) ? words[state] : words[0];
}
/// IANAifType: what a cable can be plugged into.
bool has_cable(std::uint32_t type) {
    constexpr std::uint32_t ethernet = 6, fast = 62, fibre = 69, gigabit = 117, radio = 71;
    return type == 0 || type == ethernet || type == fast || type == fibre || type == gigabit || type == radio;
}

json there_json(const store::AtPort& one) {
    json out{{"how", one.by_lldp ? "lldp" : "address_table"}};
    if (!one.device.id.empty() || !one.device.name.empty()) out["device"] = json_of(one.device);
    put_text(out, "name", one.name);
    put_text(out, "mac", one.mac);
    put_text(out, "port", one.port);
    put_time(out, "at", one.at);
    return out;
}

json guards_json(const store::SwitchPort& port) {
    json out = json::array();
    const auto add = [&](std::string_view what, bool on) { out.push_back({{"what", what}, {"on", on}}); };
    // 1 refuses everybody, 2 asks who it is, 3 lets everybody in (IEEE 802.1X, 9.4.1).
    if (port.port_control != 0) add("ieee8021x", port.port_control != 3);
    if (port.port_security != 0) add("port_security", port.port_security == 1);
    return out;
}

json port_json(const store::SwitchPortRow& row) {
    const auto& port = row.what;
    json out{
        {"interface", port.interface},
        {"name", api::clipped(port.name.empty() ? cat("#", port.interface) : port.name)},
        {"state", state_word(port.oper)},
        {"cable", has_cable(port.type)},
        {"in_bps", count(port.in_bps)},
        {"out_bps", count(port.out_bps)},
        {"errors",
         {{"in", count(port.errors_in)}, {"out", count(port.errors_out)}, {"new", count(port.errors_new)}}},
        {"discards", {{"in", count(port.discards_in)}, {"out", count(port.discards_out)}}},
        {"downs", port.downs},
        {"guards", guards_json(port)},
        {"there", json::array()},
        {"first_seen", time_text(port.first)},
        {"last_seen", time_text(port.last)}};
    put_text(out, "alias", port.alias);
    if (port.admin != 0) out["switched_off"] = port.admin != up;
    if (port.speed_mbit != 0 && port.oper == up) out["speed_mbit"] = count(port.speed_mbit);
    put_time(out, "since", port.since);
    put_time(out, "counted_from", port.counted_from);
    for (const auto& one : row.there) out["there"].push_back(there_json(one));
    if (row.evidence.frame != 0) out["evidence"] = json_of(row.evidence);
    return out;
}

} // namespace

api::Response device_ports(const api::Request& request, store::HealthReader& reader) {
    const auto found = reader.ports(request.in_path("device_id"), page_of(request));
    if (!found) return failed(found.error());
    json out{{"items", json::array()}, {"total", found->total}};
    for (const auto& one : found->items) out["items"].push_back(port_json(one));
    put_text(out, "next_cursor", found->next_cursor);
    return api::answer(out);
}

} // namespace yagura::see
