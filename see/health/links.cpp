#include "see/health/links.h"

#include <algorithm>

#include "see/health/places.h"
#include "spine/base/hex.h"

namespace yagura::see::health {
namespace {

using namespace std::chrono_literals;

constexpr auto holds = 30 * 24h; ///< a port that nobody asks about any more
constexpr auto flapping_within = 15min;
constexpr std::size_t flapping = 3;
constexpr std::uint64_t many_errors = 100; ///< between two answers
constexpr auto one_poll = 60s;             ///< what a switch answers in one go comes closer than that
constexpr auto same_change = 5s;           ///< clocks of a switch and of whoever hears it
constexpr std::uint8_t up_state = 1, down_state = 2;
constexpr std::uint64_t states_most = 7; ///< RFC 2863: ifOperStatus
constexpr std::size_t text_most = 64;

std::string switch_key(const observe::Origin& origin) {
    return Packer{}.u32(static_cast<std::uint32_t>(origin.parties.lane.realm)).ip(speaker(origin).ip).take();
}
std::string name_key(const observe::Origin& origin, std::string_view name) {
    return switch_key(origin) + std::string{name.substr(0, text_most)};
}

std::string hex(const std::string& key) { return to_hex(std::as_bytes(std::span{key})); }

} // namespace

Links::Links(Board& board, const Most& most)
    : board_{board}, ports_{13, most.ports}, names_{14, most.names}, switches_{15, most.switches} {}

Links::Port& Links::port_of(const observe::Origin& origin, std::uint32_t interface, observe::Time at,
                            std::string& key) {
    key = switch_key(origin) + Packer{}.u32(interface).take();
    auto& port = ports_.at(key);
    if (port.interface == 0) {
        port.interface = interface;
        port.who = speaker(origin).ip;
        port.realm = origin.parties.lane.realm;
        port.vlan = origin.parties.lane.vlan;
        port.first = at;
    }
    port.last = std::max(port.last, at);
    port.evidence = origin.evidence;
    ports_.touch(key);
    shown_.push_back(key);
    return port;
}

void Links::told(const observe::Origin& origin, const observe::Object& object, const observe::Value& value) {
    if (object.space != "interface" || !speaker(origin).has_ip() || object.number > UINT32_MAX) return;
    const auto* const words = std::get_if<std::string_view>(&value);
    const auto* const many = std::get_if<std::uint64_t>(&value);
    if (object.number == 0) {
        const auto key = switch_key(origin);
        auto& one = switches_.at(key);
        if (words && object.text == "system") one.system = words->substr(0, text_most);
        // Hundredths of a second since its start.
        if (many && object.text == "uptime" && *many <= UINT32_MAX)
            one.booted = origin.at - std::chrono::milliseconds{static_cast<std::int64_t>(*many) * 10};
        return switches_.touch(key);
    }
    std::string key;
    auto& port = port_of(origin, static_cast<std::uint32_t>(object.number), origin.at, key);
    if (origin.at - port.polled > one_poll || origin.at < port.polled) {
        port.counted_from = port.polled;
        port.polled = origin.at;
        port.errors_new = 0;
    }
    if (words) text(origin, port, object.text, *words);
    if (many) number(origin, key, port, object.text, *many);
}

void Links::text(const observe::Origin& origin, Port& port, std::string_view field, std::string_view value) {
    value = value.substr(0, text_most);
    if (field == "alias") port.alias = value;
    if (field != "name" && (field != "description" || !port.name.empty())) return;
    port.name = value;
    const auto key = name_key(origin, value);
    auto& named = names_.at(key);
    named.interface = port.interface;
    names_.touch(key);
    if (named.there.how != How::nobody && named.there.at > port.there.at) port.there = named.there;
}

void Links::number(const observe::Origin& origin, const std::string& key, Port& port, std::string_view field,
                   std::uint64_t value) {
    const auto small = static_cast<std::uint8_t>(std::min<std::uint64_t>(value, 255));
    if (field == "type") port.type = static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
    if (field == "speed") port.speed_mbit = std::min<std::uint64_t>(value, UINT32_MAX);
    if (field == "port_control") port.guard.port_control = value <= 3 ? small : std::uint8_t{0};
    if (field == "port_security") port.guard.port_security = value <= 2 ? small : std::uint8_t{0};
    if (field == "admin") {
        port.admin = value <= 3 ? small : std::uint8_t{0};
        // Whoever switched it off knows.
        if (port.admin == down_state) board_.end(cat("link_down|", hex(key)), origin.at);
    }
    if (field == "changed") {
        const auto* const one = switches_.find(switch_key(origin));
        const bool known = one && one->booted != observe::Time{} && value != 0 && value <= UINT32_MAX;
        const auto at = known ? one->booted + std::chrono::milliseconds{static_cast<std::int64_t>(value) * 10}
                              : observe::Time{};
        port.changed = known && at <= origin.at ? at : observe::Time{};
    }
    if (field == "oper" && value != 0 && value <= states_most) {
        const bool up = value == up_state;
        const bool first = port.oper == 0;
        const auto at = port.changed != observe::Time{} ? port.changed : origin.at;
        if (first) {
            port.oper = small;
            port.since = port.changed;
        } else if (up != (port.oper == up_state)) {
            went(origin, key, port, up, at, By::answer);
            port.oper = small;
        } else if (up && port.changed != observe::Time{} && at > port.since + same_change) {
            // It was down in between, and nobody was there to see it.
            went_down(origin, key, port, at, By::answer);
            went(origin, key, port, true, at, By::answer);
        }
    }
    constexpr std::pair<std::string_view, Counted> counters[]{
        {"octets_in", octets_in},   {"octets_out", octets_out},   {"errors_in", errors_in},
        {"errors_out", errors_out}, {"discards_in", discards_in}, {"discards_out", discards_out}};
    for (const auto& [name, which] : counters)
        if (field == name) count(port, which, value, origin.at);
    if (field.starts_with("errors_")) errs(origin, key, port);
}

/// What is less than before was started anew, or went round: of that nothing is known.
void Links::count(Port& port, Counted which, std::uint64_t value, observe::Time at) {
    auto& known = port.counters[which];
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(at - known.at).count();
    const bool grew = known.at != observe::Time{} && passed > 0 && value >= known.value;
    const auto more = grew ? value - known.value : 0;
    if (which == errors_in || which == errors_out) port.errors_new += more;
    if (which == octets_in || which == octets_out) {
        const auto rate = grew ? static_cast<double>(more) * 8'000.0 / static_cast<double>(passed) : 0.0;
        (which == octets_in ? port.in_bps : port.out_bps) = rate < 1e15 ? static_cast<std::uint64_t>(rate)
                                                                        : std::uint64_t{0};
    }
    known = {value, at};
}

void Links::trap(const observe::Origin& origin, std::uint32_t interface, bool up, std::uint64_t admin,
                 observe::Time at, std::uint64_t messages) {
    if (interface == 0 || !speaker(origin).has_ip() || messages == 0) return;
    std::string key;
    auto& port = port_of(origin, interface, at, key);
    if (admin != 0 && admin <= 3) port.admin = static_cast<std::uint8_t>(admin);
    const bool was_up = port.oper == up_state, was_down = port.oper != 0 && !was_up;
    if (up ? was_up : was_down) {
        // It is told more than once, or it was the other way in a window that is told late.
        if (up || messages < 2 || at <= port.since) return;
        went_down(origin, key, port, at, By::trap);
        return;
    }
    if (port.since > at) return;
    went(origin, key, port, up, at, By::trap);
}

void Links::went(const observe::Origin& origin, const std::string& key, Port& port, bool up, observe::Time at,
                 By by) {
    port.oper = up ? up_state : down_state;
    port.since = at;
    if (up)
        board_.end(cat("link_down|", hex(key)), at);
    else
        went_down(origin, key, port, at, by);
}

void Links::went_down(const observe::Origin& origin, const std::string& key, Port& port, observe::Time at,
                      By by) {
    ++port.downs_all;
    if (port.downs_size == port.downs.size()) {
        std::ranges::move(port.downs.begin() + 1, port.downs.end(), port.downs.begin());
        --port.downs_size;
    }
    port.downs[port.downs_size++] = at;
    std::sort(port.downs.begin(), port.downs.begin() + port.downs_size);
    flaps(origin, key, port);
    if (port.oper == up_state || port.admin == down_state) return; // It is back, or somebody switched it off.
    auto out = finding(Kind::link_down, origin, key, port);
    out.severity = port.there.how == How::nobody ? Severity::low : Severity::medium;
    out.first = out.last = at;
    out.until = at + holds;
    out.facts.emplace_back("seen_by", by == By::trap ? "trap" : "answer");
    board_.raise(std::move(out));
}

void Links::flaps(const observe::Origin& origin, const std::string& key, const Port& port) {
    const auto latest = port.downs[port.downs_size - 1u];
    auto begin = latest;
    std::size_t many = 0;
    for (std::size_t i = 0; i < port.downs_size; ++i)
        if (port.downs[i] + flapping_within > latest) {
            ++many;
            begin = std::min(begin, port.downs[i]);
        }
    if (many < flapping) return;
    auto out = finding(Kind::link_flapping, origin, key, port);
    out.severity = Severity::medium;
    out.first = begin;
    out.last = latest;
    out.until = latest + 30min;
    out.facts.emplace_back("downs", cat(many));
    board_.raise(std::move(out));
}

void Links::errs(const observe::Origin& origin, const std::string& key, const Port& port) {
    if (port.errors_new < many_errors || port.counted_from == observe::Time{}) return;
    auto out = finding(Kind::link_errors, origin, key, port);
    out.severity = Severity::medium;
    out.first = port.counted_from;
    out.last = port.polled;
    out.until = port.polled + 7 * 24h;
    out.facts.emplace_back("errors", cat(port.errors_new));
    board_.raise(std::move(out));
}

Finding Links::finding(Kind kind, const observe::Origin& origin, const std::string& key,
                       const Port& port) const {
    Finding out;
    out.kind = kind;
    out.key = cat(word(kind), "|", hex(key));
    out.realm = port.realm;
    out.vlan = port.vlan;
    out.evidence = origin.evidence;
    out.parties.push_back({Party::Role::connects, {.ip = port.who}, port.first, port.last, origin.evidence});
    if (port.there.how != How::nobody && port.there.mac != observe::Mac{})
        out.parties.push_back(
            {Party::Role::hangs, {.mac = port.there.mac}, port.there.at, port.there.at, origin.evidence});
    out.facts = {{"port", port.name.empty() ? cat("#", port.interface) : port.name}};
    if (!port.alias.empty()) out.facts.emplace_back("alias", port.alias);
    if (!port.there.name.empty()) out.facts.emplace_back("neighbour", port.there.name);
    return out;
}

/// LLDP names one; an address table may have several behind a port, and knows less.
void Links::at_port(const observe::Origin& origin, std::string_view port, There there) {
    if (port.empty() || !speaker(origin).has_ip()) return;
    const auto key = name_key(origin, port);
    auto& named = names_.at(key);
    if (named.there.how == How::lldp && there.how == How::table && there.at - named.there.at < 7 * 24h)
        return;
    named.there = there;
    names_.touch(key);
    if (named.interface == 0) return;
    const auto at = switch_key(origin) + Packer{}.u32(named.interface).take();
    if (auto* const known = ports_.find(at)) {
        known->there = std::move(there);
        ports_.touch(at);
        shown_.push_back(at);
    }
}

void Links::near(const observe::Origin& origin, const observe::Neighbour& what) {
    at_port(origin, what.port,
            {.mac = what.far.mac,
             .name = std::string{what.far_name.substr(0, text_most)},
             .port = std::string{what.far_port.substr(0, text_most)},
             .how = How::lldp,
             .at = origin.at});
}

void Links::behind(const observe::Origin& origin, const observe::Mac& station, std::string_view text) {
    const auto* const one = switches_.find(switch_key(origin));
    if (one && !one->system.empty() && text.starts_with(one->system) &&
        text.substr(one->system.size()).starts_with(' '))
        text.remove_prefix(one->system.size() + 1);
    at_port(origin, text, {.mac = station, .how = How::table, .at = origin.at});
}

void Links::take(std::vector<Row>& into) {
    std::ranges::sort(shown_);
    shown_.erase(std::ranges::unique(shown_).begin(), shown_.end());
    for (const auto& key : shown_) {
        const auto* const port = ports_.find(key);
        if (!port) continue;
        const auto* const one = switches_.find(
            Packer{}.u32(static_cast<std::uint32_t>(port->realm)).ip(port->who).take());
        into.push_back({.key = key,
                        .who = port->who,
                        .realm = port->realm,
                        .system = one ? one->system : std::string{},
                        .interface = port->interface,
                        .type = port->type,
                        .name = port->name,
                        .alias = port->alias,
                        .admin = port->admin,
                        .oper = port->oper,
                        .guard = port->guard,
                        .since = port->since,
                        .first = port->first,
                        .last = port->last,
                        .speed_mbit = port->speed_mbit,
                        .in_bps = port->in_bps,
                        .out_bps = port->out_bps,
                        .errors_in = port->counters[errors_in].value,
                        .errors_out = port->counters[errors_out].value,
                        .discards_in = port->counters[discards_in].value,
                        .discards_out = port->counters[discards_out].value,
                        .errors_new = port->errors_new,
                        .counted_from = port->counted_from,
                        .downs = port->downs_all,
                        .there = port->there,
                        .evidence = port->evidence});
    }
    shown_.clear();
}

namespace {
void pack_there(Packer& out, const Links::There& there) {
    out.mac(there.mac)
        .text(there.name)
        .text(there.port)
        .u8(static_cast<std::uint8_t>(there.how))
        .time(there.at);
}
void unpack_there(Unpacker& in, Links::There& there) {
    there.mac = in.mac();
    there.name = in.text();
    there.port = in.text();
    const auto how = in.u8();
    there.how = how <= 2 ? static_cast<Links::How>(how) : Links::How::nobody;
    there.at = in.time();
}
} // namespace

void Links::Port::pack(Packer& out) const {
    out.ip(who)
        .u32(static_cast<std::uint32_t>(realm))
        .u32(vlan)
        .u32(interface)
        .u32(type)
        .text(name)
        .text(alias);
    out.u8(admin).u8(oper).u8(guard.port_control).u8(guard.port_security);
    out.time(changed).time(since).time(first).time(last).u64(speed_mbit).u64(in_bps).u64(out_bps);
    for (const auto& one : counters) out.u64(one.value).time(one.at);
    out.u64(errors_new).time(counted_from).time(polled).u8(downs_size);
    for (std::size_t i = 0; i < downs_size; ++i) out.time(downs[i]);
    out.u32(downs_all).evidence(evidence);
    pack_there(out, there);
}
void Links::Port::unpack(Unpacker& in) {
    who = in.ip();
    realm = static_cast<observe::Realm>(in.u32());
    vlan = static_cast<std::uint16_t>(in.u32());
    interface = in.u32();
    type = in.u32();
    name = in.text();
    alias = in.text();
    admin = in.u8();
    oper = in.u8();
    guard.port_control = in.u8();
    guard.port_security = in.u8();
    changed = in.time();
    since = in.time();
    first = in.time();
    last = in.time();
    speed_mbit = in.u64();
    in_bps = in.u64();
    out_bps = in.u64();
    for (auto& one : counters) {
        one.value = in.u64();
        one.at = in.time();
    }
    errors_new = in.u64();
    counted_from = in.time();
    polled = in.time();
    downs_size = std::min<std::uint8_t>(in.u8(), static_cast<std::uint8_t>(downs.size()));
    for (std::size_t i = 0; i < downs_size; ++i) downs[i] = in.time();
    downs_all = in.u32();
    evidence = in.evidence();
    unpack_there(in, there);
}
void Links::Named::pack(Packer& out) const {
    out.u32(interface);
    pack_there(out, there);
}
void Links::Named::unpack(Unpacker& in) {
    interface = in.u32();
    unpack_there(in, there);
}
void Links::Switch::pack(Packer& out) const { out.text(system).time(booted); }
void Links::Switch::unpack(Unpacker& in) {
    system = in.text();
    booted = in.time();
}

} // namespace yagura::see::health
