#include "see/api/risk_facts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "see/needs/purpose.h"
#include "see/needs/stops.h"
#include "spine/model/address.h"
#include "spine/observe/subnet.h"
#include "spine/observe/text.h"

namespace yagura::see {
namespace {

using observe::Act;
using observe::Effect;
using observe::ip_of;
using risk::Term;

template <std::size_t Size>
bool among(const std::array<std::string_view, Size>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

constexpr std::array<std::string_view, 4> remote{"rdp", "vnc", "ssh", "telnet"};
constexpr std::array<std::string_view, 2> clear{"http", "ftp"}, shares{"smb", "afp"};
constexpr std::array<std::string_view, 3> readable{"telnet", "ftp", "mqtt"};
/// In these whoever reaches the device is obeyed. Passwords and extensions that some have are not seen by us.
constexpr std::array<std::string_view, 25> without_login{
    "modbus",     "s7comm",  "cip",     "fins",    "slmp",       "mc_1e",
    "melsoft",    "iec104",  "dnp3",    "bacnet",  "keyence_kv", "cclink_ief_basic",
    "mewtocol",   "toyopuc", "memobus", "fl_net",  "focas",      "fuji_sph",
    "modbus_rtu", "ads",     "hsms",    "c37_118", "powerlink",  "knxnet_ip",
    "ge_srtp"};

/// What brings a screen out of the plant over somebody's server, by its port: nobody reads what is inside.
struct Port {
    std::uint16_t port;
    std::string_view name;
};
constexpr std::array remote_ports{Port{5938, "teamviewer"}, Port{7070, "anydesk"}, Port{4899, "radmin"}};

std::string_view remote_by_port(const store::NeedRow& need) {
    if (!need.protocol.empty() && need.protocol != "tls") return {};
    const auto found = std::ranges::find(remote_ports, need.port, &Port::port);
    return found == remote_ports.end() ? std::string_view{} : found->name;
}

bool does(const std::vector<store::ActCount>& acts, auto&& wanted) {
    return std::ranges::any_of(
        acts, [&](const store::ActCount& one) { return one.count > one.refused && wanted(one.act); });
}

/// An address that nobody is known to have is a peer, too.
const std::string& id_of(const store::NeedEnd& end) {
    return end.device.id.empty() ? end.address : end.device.id;
}
risk::Thing peer(const store::NeedEnd& end, const store::NeedRow& need) {
    return {id_of(end), end.device.name.empty() ? end.address : end.device.name, need.id};
}
risk::Thing service(std::string_view name, const store::NeedRow& need) {
    return {std::string{name}, std::string{name}, need.id};
}

Term role_term(std::string_view role) {
    struct Row {
        std::string_view role;
        Term term;
    };
    constexpr std::array rows{Row{"safety_controller", Term::role_safety},
                              Row{"protection_relay", Term::role_safety},
                              Row{"plc", Term::role_controller},
                              Row{"robot", Term::role_controller},
                              Row{"cnc", Term::role_controller},
                              Row{"rtu", Term::role_controller},
                              Row{"building_controller", Term::role_controller},
                              Row{"switch", Term::role_network},
                              Row{"router", Term::role_network},
                              Row{"firewall", Term::role_network},
                              Row{"access_point", Term::role_network},
                              Row{"wireless_bridge", Term::role_network},
                              Row{"time_server", Term::role_network},
                              Row{"remote_io", Term::role_field},
                              Row{"drive", Term::role_field},
                              Row{"hmi", Term::role_operates},
                              Row{"operator_panel", Term::role_operates},
                              Row{"scada_server", Term::role_operates},
                              Row{"engineering_station", Term::role_operates},
                              Row{"historian", Term::role_operates},
                              Row{"opc_server", Term::role_operates},
                              Row{"mes", Term::role_operates},
                              Row{"gateway", Term::role_operates},
                              Row{"serial_server", Term::role_operates},
                              Row{"server", Term::role_server},
                              Row{"virtual_host", Term::role_server},
                              Row{"erp", Term::role_server},
                              Row{"ups", Term::role_server}};
    if (role.empty() || role == "unknown") return Term::role_unknown;
    const auto found = std::ranges::find(rows, role, &Row::role);
    return found == rows.end() ? Term::role_other : found->term;
}

bool by_radio(std::string_view role) {
    return role == "access_point" || role == "wireless_bridge" || role == "mobile";
}

/// What a conversation says of its two ends.
class Talks {
public:
    Talks(std::vector<RiskyDevice>& devices, const std::vector<store::DeviceStanding>& standings)
        : devices_{devices} {
        for (std::size_t i = 0; i < devices.size(); ++i) places_.emplace(devices[i].ref.id, i);
        for (const auto& one : standings) standings_.emplace(one.device, &one);
    }
    const store::DeviceStanding* standing(std::string_view device) const {
        const auto found = standings_.find(device);
        return found == standings_.end() ? nullptr : found->second;
    }
    RiskyDevice* find(std::string_view device) {
        const auto found = places_.find(device);
        return found == places_.end() ? nullptr : &devices_[found->second];
    }

    void take(const store::NeedRow& need) {
        const auto kind = needs::kind_of(need);
        if (kind == needs::Kind::network || kind == needs::Kind::silent) return;
        auto *const client = find(need.client.device.id), *const server = find(need.server.device.id);
        // A group has no end that could be reached.
        const bool answered = kind != needs::Kind::group;
        for (auto* end : {client, server})
            if (end) heard_.insert(end);
        if (!answered || client == server) return;
        if (server) of_server(*server, need);
        if (client) of_client(*client, need);
        if (client && server) {
            of_peer(*client, need.server, need);
            of_peer(*server, need.client, need);
        }
    }
    bool heard(const RiskyDevice& device) const { return heard_.contains(&device); }

private:
    void add_peer(RiskyDevice& device, Term term, const store::NeedEnd& end, const store::NeedRow& need) {
        auto& counted = device.facts[term];
        // Of a server that everybody asks, those beyond what a term keeps are counted once, too.
        if (counted.things.size() == risk::things_most && !beyond_.emplace(&device, term, id_of(end)).second)
            return;
        counted.add(peer(end, need));
    }

    void of_server(RiskyDevice& device, const store::NeedRow& need) {
        auto& facts = device.facts;
        const auto offers = [&](const auto& names, Term term) {
            if (among(names, need.protocol)) facts[term].add(service(need.protocol, need));
        };
        offers(remote, Term::remote_access);
        if (const auto name = remote_by_port(need); !name.empty())
            facts[Term::remote_access].add(service(name, need));
        offers(clear, Term::clear_text);
        offers(shares, Term::file_shares);
        if (among(readable, need.protocol) &&
            (does(need.by_client, [](Act act) { return act == Act::authenticate; }) ||
             does(need.by_server, [](Act act) { return act == Act::authenticate; })))
            facts[Term::readable_login].add(service(need.protocol, need));
        const auto obeys = [&](std::string_view protocol) {
            if (among(without_login, protocol)) facts[Term::no_login].add(service(protocol, need));
        };
        obeys(need.protocol);
        for (const auto& inside : need.inside) obeys(inside);
        const auto purpose = needs::purpose_of(need);
        if (purpose == needs::Purpose::program &&
            does(need.by_client, [](Act act) { return usual_effect(act) == Effect::changes_program; }))
            add_peer(device, Term::programmed, need.client, need);
        if (need.client.device.id.empty() && is_public(need.client.address)) {
            add_peer(device, Term::from_internet, need.client, need);
            return;
        }
        if (!apart(need.client, need.server)) return;
        add_peer(device, Term::outsiders, need.client, need);
        if ((purpose == needs::Purpose::program || purpose == needs::Purpose::values) &&
            does(need.by_client, [](Act act) { return usual_effect(act) >= Effect::changes_value; }))
            add_peer(device, Term::operated_from_outside, need.client, need);
    }

    void of_client(RiskyDevice& device, const store::NeedRow& need) {
        if (!need.server.device.id.empty() || !is_public(need.server.address)) return;
        add_peer(device, Term::to_internet, need.server, need);
        if (const auto name = remote_by_port(need); !name.empty())
            device.facts[Term::remote_access].add(service(name, need));
    }

    void of_peer(RiskyDevice& device, const store::NeedEnd& other, const store::NeedRow& need) {
        const auto* said = standing(other.device.id);
        if (!said) return;
        if (said->approval == "pending") add_peer(device, Term::undecided_peers, other, need);
        if (said->approval == "rejected" || said->approval == "expired")
            add_peer(device, Term::refused_peers, other, need);
    }

    std::vector<RiskyDevice>& devices_;
    std::unordered_map<std::string_view, std::size_t> places_;
    std::unordered_map<std::string_view, const store::DeviceStanding*> standings_;
    std::set<const RiskyDevice*> heard_;
    std::set<std::tuple<const RiskyDevice*, Term, std::string_view>> beyond_;
};

std::string product_of(const Weakness& one) {
    for (const auto place : one.match.facts) {
        const auto& fact = one.thing->facts[place];
        if (fact.attribute == "product" || fact.attribute == "module") return fact.value;
    }
    return one.advisory->advisory().products[one.match.product].name;
}

risk::Vulnerability vulnerability_of(const Weakness& one) {
    const auto& advisory = one.advisory->advisory();
    risk::Vulnerability out{.advisory = advisory.id,
                            .part = one.part,
                            .cve = {},
                            .title = advisory.title,
                            .product = product_of(one),
                            .missing = std::string{one.match.missing},
                            .tenths = one.score < 0 ? -1 : static_cast<int>(std::lround(one.score * 10)),
                            .exploited = one.exploited,
                            .likelihood = one.likelihood};
    double best = -2;
    for (const auto cve : one.match.cves) {
        const auto& each = advisory.vulnerabilities[cve];
        if (each.score <= best || each.cve.empty()) continue;
        best = each.score;
        out.cve = each.cve;
    }
    out.verdict = one.match.verdict == weakness::Verdict::affected ? risk::Verdict::affected
                                                                   : risk::Verdict::needs_fact;
    if (!one.overdue)
        out.decision = one.state.state == "accepted"    ? risk::Decision::accepted
                       : one.state.state == "mitigated" ? risk::Decision::mitigated
                       : one.state.state == "patched"   ? risk::Decision::patched
                                                        : risk::Decision::open;
    return out;
}

void add_weaknesses(std::vector<RiskyDevice>& devices, const WeaknessView& view) {
    for (const auto& one : view.all)
        if (one.device < devices.size() && one.match.verdict != weakness::Verdict::not_affected)
            devices[one.device].facts.vulnerabilities.push_back(vulnerability_of(one));
    for (const auto& one : view.unsupported) {
        if (one.device >= devices.size()) continue;
        const auto term = one.extended       ? Term::paid_support
                          : one.kind == "os" ? Term::system_over
                                             : Term::software_over;
        const auto name = cat(one.row.title.empty() ? one.row.product : one.row.title, " ",
                              one.row.label.empty() ? one.row.cycle : one.row.label);
        devices[one.device].facts[term].add({name, name, one.since});
    }
}

bool tells_product(const store::WeakDevice& device, const ledger::Entry* entry) {
    if (entry && !(*entry)[ledger::Field::product].empty()) return true;
    return std::ranges::any_of(device.facts, [](const store::WeakFact& fact) {
        return (fact.attribute == "product" || fact.attribute == "module") && fact.protocol != "mac";
    });
}

void add_consequence(RiskyDevice& device, const ledger::Entry* entry) {
    const std::string_view said = entry ? std::string_view{(*entry)[ledger::Field::criticality]} : "";
    device.facts.set(said == "high"     ? Term::critical_high
                     : said == "medium" ? Term::critical_medium
                     : said == "low"    ? Term::critical_low
                                        : Term::critical_unknown);
    device.facts.set(role_term(device.ref.role));
    const std::string_view level{device.level};
    if (level == "0" || level == "1" || level == "2")
        device.facts.set(Term::level_floor);
    else if (level == "3" || level == "3.5")
        device.facts.set(Term::level_operations);
    else if (level != "4")
        device.facts.set(Term::level_unknown);
}

void add_dependents(std::vector<RiskyDevice>& devices, const store::Needs& needs) {
    const needs::Dependents dependents{needs.needs};
    std::unordered_map<std::string_view, const store::NeedEnd*> ends;
    for (const auto& need : needs.needs)
        for (const auto* end : {&need.client, &need.server})
            if (!end->device.id.empty()) ends.emplace(end->device.id, end);
    for (auto& device : devices) {
        const auto found = dependents.of(device.ref.id);
        const auto add = [&](Term term, const std::vector<std::string_view>& ids) {
            auto& counted = device.facts[term];
            counted.count = ids.size();
            for (const auto id : ids) {
                if (counted.things.size() == risk::things_most) break;
                const auto end = ends.find(id);
                counted.things.push_back(
                    {std::string{id}, end == ends.end() ? std::string{id} : end->second->device.name, {}});
            }
        };
        add(Term::stands, found.stands);
        add(Term::waits, found.waits);
        std::set<std::string_view> lines;
        for (const auto id : found.stands)
            if (const auto end = ends.find(id); end != ends.end())
                if (const auto& line = end->second->line;
                    !line.id.empty() && line.id != device.line.id && lines.insert(line.id).second)
                    device.facts[Term::other_lines].add({line.id, line.name, {}});
    }
}

} // namespace

bool apart(const store::NeedEnd& a, const store::NeedEnd& b) {
    if (!a.line.id.empty() && a.line.id == b.line.id) return false;
    const auto one = ip_of(a.address), other = ip_of(b.address);
    return one && other && !model::is_near(*one, *other);
}

bool is_public(std::string_view address) {
    const auto ip = ip_of(address);
    return ip && model::is_usable(*ip) && !model::is_group(*ip) && !model::is_private(*ip);
}

std::string network_of(std::string_view address) {
    auto ip = ip_of(address);
    if (!ip) return {};
    const bool four = model::is_v4(*ip);
    const unsigned bits = !four ? 64 : model::is_private(*ip) ? 24 : 16;
    std::fill(ip->begin() + (four ? 12 : 0) + bits / 8, ip->end(), std::uint8_t{0});
    return cat(observe::text(*ip), "/", bits);
}

std::vector<RiskyDevice> risky_devices(const WeaknessView& view, const store::Needs& needs,
                                       const std::vector<store::DeviceStanding>& standings,
                                       const Reconciled& ledger, std::size_t most) {
    std::vector<RiskyDevice> out(std::min(view.devices.size(), most));
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto& from = view.devices[i];
        auto& device = out[i];
        device.ref = from.ref;
        device.ref.address = from.address;
        device.ref.role = from.role;
        device.line = from.line;
        device.vendor = from.vendor;
        device.product = from.product;
        device.network = network_of(from.address);
    }
    Talks talks{out, standings};
    for (const auto& need : needs.needs) talks.take(need);
    for (std::size_t i = 0; i < out.size(); ++i) {
        auto& device = out[i];
        if (const auto* said = talks.standing(device.ref.id)) device.level = said->level;
        const auto* entry = ledger.said_of(device.ref.id);
        auto& facts = device.facts;
        facts.set(Term::own_network);
        facts.set(Term::not_known_yet);
        if (by_radio(device.ref.role)) facts.set(Term::radio);
        if (!talks.heard(device)) facts.set(Term::never_heard);
        if (view.advisories == 0)
            facts.set(Term::no_advisories);
        else if (!tells_product(view.devices[i], entry))
            facts.set(Term::untold_product);
        add_consequence(device, entry);
    }
    add_weaknesses(out, view);
    add_dependents(out, needs);
    return out;
}

} // namespace yagura::see
