#include "see/portrait.h"

#include <algorithm>
#include <deque>
#include <map>

#include "see/industrial.h"
#include "see/view.h"
#include "spine/observe/text.h"

namespace yagura::see {
namespace {

using observe::Attribute;

/// Opinions of all identifiers about one device. Facts that one reads out of another are seen by the next.
struct Heard final : Opinions {
    explicit Heard(View& of) : view{of} {}
    void role(std::string_view role, std::uint8_t confidence, Grounds grounds) override {
        if (role == "unknown" || confidence == 0) return;
        reasons.push_back({std::string{now}, std::string{role}, std::move(grounds), confidence});
    }
    void fact(Attribute attribute, std::string value, std::uint8_t confidence,
              const model::FactRow& from) override {
        const auto same = [&](const model::FactRow& known) {
            return known.attribute == attribute && known.value == value;
        };
        if (std::ranges::any_of(derived, same)) return;
        auto& fresh = derived.emplace_back(from);
        fresh.attribute = attribute;
        fresh.value = std::move(value);
        fresh.confidence = std::min(confidence, from.confidence);
        view.facts.push_back({&fresh, {}});
    }
    View& view;
    std::string_view now;
    std::vector<Reason> reasons;
    std::deque<model::FactRow> derived; // Does not move: the view points into it.
};

/// What every part that tells it tells alike is the device's own: a controller answers as unit 1.
void raise(View& view, std::deque<model::FactRow>& raised, std::size_t parts) {
    std::map<Attribute, std::vector<const model::FactRow*>> by_attribute;
    for (const auto& told : view.facts)
        // A master's slaves are devices of their own, and often all of one maker.
        if (!told.part.empty() && told.fact->protocol != "ethercat")
            by_attribute[told.fact->attribute].push_back(told.fact);
    for (const auto& [attribute, facts] : by_attribute) {
        const auto of_whole = [wanted = attribute](const View::Told& told) {
            return told.part.empty() && told.fact->attribute == wanted;
        };
        if (std::ranges::any_of(view.facts, of_whole)) continue;
        const auto* first = facts.front();
        if (std::ranges::any_of(facts, [&](const auto* fact) { return fact->value != first->value; }) &&
            parts > 1)
            continue;
        for (const auto* fact : facts) {
            auto& fresh = raised.emplace_back(*fact);
            if (parts > 1) fresh.confidence = std::min<std::uint8_t>(fresh.confidence, 75);
            view.facts.push_back({&fresh, {}});
            if (parts > 1) break;
        }
    }
}

Evidence evidence(const model::FactRow& fact, std::string_view part) {
    return {fact.attribute, fact.value,  fact.protocol, fact.confidence, fact.first,
            fact.last,      fact.source, fact.frame,    fact.offset,     std::string{part}};
}

Part portray_part(const model::Plant& plant, model::NodeId node, std::string address) {
    const auto& row = *plant.node(node);
    Part out{.name = row.node.mark, .address = std::move(address), .first = row.first, .last = row.last};
    std::vector<const model::FactRow*> facts;
    for (const auto& fact : plant.facts_of(node)) facts.push_back(&fact);
    std::ranges::stable_sort(facts, [](const auto* a, const auto* b) { return better(*a, *b); });
    for (const auto* fact : facts) {
        auto* member = fact->attribute == Attribute::vendor     ? &out.vendor
                       : fact->attribute == Attribute::product  ? &out.product
                       : fact->attribute == Attribute::firmware ? &out.firmware
                       : fact->attribute == Attribute::serial   ? &out.serial
                                                                : nullptr;
        if (member && member->empty()) *member = fact->value;
        if (std::ranges::find(out.protocols, fact->protocol) == out.protocols.end())
            out.protocols.push_back(fact->protocol);
    }
    for (const auto* pair : plant.pairs_of(row.node.parent))
        if (pair->node == row.node.parent && pair->part == out.name &&
            std::ranges::find(out.protocols, pair->protocol) == out.protocols.end())
            out.protocols.push_back(pair->protocol);
    std::ranges::sort(out.protocols);
    return out;
}

} // namespace

std::string_view level_of(std::string_view role) noexcept {
    constexpr std::pair<std::string_view, std::string_view> levels[]{{"sensor", "0"},
                                                                     {"meter", "0"},
                                                                     {"barcode_reader", "0"},
                                                                     {"plc", "1"},
                                                                     {"safety_controller", "1"},
                                                                     {"remote_io", "1"},
                                                                     {"drive", "1"},
                                                                     {"robot", "1"},
                                                                     {"cnc", "1"},
                                                                     {"rtu", "1"},
                                                                     {"protection_relay", "1"},
                                                                     {"gateway", "1"},
                                                                     {"serial_server", "1"},
                                                                     {"building_controller", "1"},
                                                                     {"hmi", "2"},
                                                                     {"operator_panel", "2"},
                                                                     {"scada_server", "2"},
                                                                     {"engineering_station", "2"},
                                                                     {"historian", "3"},
                                                                     {"opc_server", "3"},
                                                                     {"mes", "3"},
                                                                     {"erp", "4"}};
    for (const auto& [name, level] : levels)
        if (name == role) return level;
    return {};
}

std::string_view word(model::State state) noexcept {
    switch (state) {
    case model::State::mentioned:
        return "mentioned";
    case model::State::outside:
        return "outside";
    case model::State::claimed:
        return "claimed";
    case model::State::unconfirmed:
        return "unconfirmed";
    case model::State::confirmed:
        return "confirmed";
    }
    return "mentioned";
}

std::string address_text(const model::Node& node) {
    if (observe::Mac mac{}; node.kind == model::Node::Kind::mac && node.mark.size() == mac.size()) {
        std::ranges::copy(node.mark, mac.begin());
        return observe::text(mac);
    }
    if (observe::Ip ip{}; node.kind == model::Node::Kind::ip && node.mark.size() == ip.size()) {
        std::ranges::copy(node.mark, ip.begin());
        return observe::text(ip);
    }
    return {};
}

std::string attribute_name(Attribute attribute) {
    std::string out{observe::word(attribute)};
    std::ranges::replace(out, ' ', '_');
    return out;
}

Portrait portray(const model::Plant& plant, model::DeviceId id, const Makers& makers) {
    Portrait out{.id = id};
    const auto* device = plant.device(id);
    if (!device) return out;
    out.state = device->state;
    out.first_seen = device->first;
    out.last_seen = device->last;

    auto view = look_at(plant, id, makers);
    std::vector<std::string> v6;
    std::map<std::tuple<std::string, std::uint16_t, std::uint16_t>, observe::Time> services;
    for (const auto node : plant.nodes_of(id)) {
        const auto& row = *plant.node(node);
        std::string address;
        if (row.node.kind == model::Node::Kind::mac) {
            out.macs.push_back(address = address_text(row.node));
        } else if (row.node.kind == model::Node::Kind::ip) {
            address = address_text(row.node);
            (address.find(':') == address.npos ? out.ips : v6).push_back(address);
        }
        for (const auto part : plant.parts_of(node)) out.parts.push_back(portray_part(plant, part, address));
        for (const auto* service : plant.services_of(node)) {
            auto& last = services[{service->protocol, service->port, service->carrier}];
            last = std::max(last, service->last_used);
        }
        for (const auto* talk : plant.conversations_of(node))
            if (talk->vlan && std::ranges::find(out.vlans, talk->vlan) == out.vlans.end())
                out.vlans.push_back(talk->vlan);
    }
    out.ips.insert(out.ips.end(), v6.begin(), v6.end());
    std::ranges::sort(out.vlans);
    for (const auto& [key, last] : services) {
        const auto& [protocol, port, carrier] = key;
        // A port that is known by its protocol is not told again as something that answers.
        const bool named = !protocol.empty() ||
                           std::ranges::none_of(services, [wanted = port](const auto& other) {
                               return std::get<1>(other.first) == wanted && !std::get<0>(other.first).empty();
                           });
        if (named) out.services.push_back({protocol, port, carrier, last});
    }
    std::ranges::sort(out.services, {},
                      [](const Service& service) { return std::tie(service.port, service.protocol); });
    for (const auto protocol : view.speaks)
        if (!protocol.empty()) out.protocols.emplace_back(protocol);

    std::deque<model::FactRow> raised;
    raise(view, raised, out.parts.size()); // Before the cards' makers, who say less than any part does.
    for (std::size_t i = 0; i < view.macs.size(); ++i)
        if (const auto maker = makers.of(view.macs[i]); !maker.empty()) {
            auto& fresh = raised.emplace_back(model::FactRow{.attribute = Attribute::vendor,
                                                             .protocol = "mac",
                                                             .value = std::string{maker},
                                                             .confidence = 55,
                                                             .first = device->first,
                                                             .last = device->last});
            view.facts.push_back({&fresh, {}});
        }
    Heard heard{view};
    for (int pass = 0; pass < 2; ++pass) { // What one reads out of a description, another knows a product by.
        heard.reasons.clear();
        for (const auto* identifier : identifiers_all()) {
            heard.now = identifier->name;
            identifier->look(view, heard);
        }
    }
    std::ranges::stable_sort(heard.reasons, [](const Reason& a, const Reason& b) {
        return std::tie(b.confidence, a.role, a.grounds) < std::tie(a.confidence, b.role, b.grounds);
    });
    const auto repeated = std::ranges::unique(heard.reasons, [](const Reason& a, const Reason& b) {
        return a.role == b.role && a.grounds == b.grounds;
    });
    heard.reasons.erase(repeated.begin(), repeated.end());
    out.reasons = std::move(heard.reasons);
    if (!out.reasons.empty()) out.role = out.reasons.front().role;
    out.purdue_level = level_of(out.role);
    if (out.purdue_level.empty() && (out.role == "server" || out.role == "workstation") &&
        std::ranges::any_of(view.asks, [](const auto& asked) { return is_industrial(asked.first); }))
        out.purdue_level = "3";

    const auto shown = [&](Attribute attribute) {
        const auto values = view.values(attribute);
        return values.empty() ? std::string{} : values.front()->value;
    };
    out.vendor = shown(Attribute::vendor);
    out.product = shown(Attribute::product);
    if (out.product.empty()) out.product = shown(Attribute::module);
    out.firmware = shown(Attribute::firmware);
    out.hardware = shown(Attribute::hardware);
    out.serial = shown(Attribute::serial);
    out.os = shown(Attribute::os);
    for (const auto* fact : view.values(Attribute::name))
        if (std::ranges::find(out.hostnames, fact->value) == out.hostnames.end())
            out.hostnames.push_back(fact->value);
    out.name = !out.hostnames.empty() ? out.hostnames.front()
               : !out.product.empty() ? out.product
               : !out.ips.empty()     ? out.ips.front()
               : !out.macs.empty()    ? out.macs.front()
                                      : model::text(id);

    std::ranges::stable_sort(view.facts, [](const View::Told& a, const View::Told& b) {
        if (a.fact->attribute != b.fact->attribute) return a.fact->attribute < b.fact->attribute;
        if (a.part != b.part) return a.part < b.part;
        return better(*a.fact, *b.fact);
    });
    for (const auto& told : view.facts) {
        // What was raised from its only part stands there already.
        auto fresh = evidence(*told.fact, told.part);
        const bool twice = std::ranges::any_of(out.evidence, [&](const Evidence& known) {
            return known.attribute == fresh.attribute && known.value == fresh.value &&
                   known.protocol == fresh.protocol && known.frame == fresh.frame;
        });
        if (!twice) out.evidence.push_back(std::move(fresh));
    }
    return out;
}

} // namespace yagura::see
