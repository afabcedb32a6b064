#include <algorithm>

#include "see/portrait.h"
#include "see/view.h"
#include "spine/observe/text.h"

namespace yagura::see {

namespace identifiers {
std::span<const Identifier* const> table() noexcept; // Generated; see cmake/Registry.cmake.
}

std::span<const Identifier* const> identifiers_all() noexcept { return identifiers::table(); }

std::vector<const model::FactRow*> View::values(observe::Attribute attribute) const {
    std::vector<const model::FactRow*> out;
    for (const auto& told : facts)
        if (told.part.empty() && told.fact->attribute == attribute) out.push_back(told.fact);
    std::ranges::stable_sort(out, [](const auto* a, const auto* b) { return better(*a, *b); });
    return out;
}

/// How near a protocol is to the thing itself, where two are equally sure.
static int trust(std::string_view protocol) {
    constexpr std::string_view near[]{"s7comm", "s7comm_plus", "cip",  "enip",  "profinet_cm", "profinet_dcp",
                                      "modbus", "lldp",        "snmp", "opcua", "cdp",         "smb"};
    constexpr std::string_view far[]{"dns", "mac", "arp"};
    if (std::ranges::find(near, protocol) != std::end(near)) return 2;
    return std::ranges::find(far, protocol) != std::end(far) ? 0 : 1;
}

bool better(const model::FactRow& a, const model::FactRow& b) {
    // It runs or it stands still: whoever says so, the latest is what is.
    if (a.attribute == observe::Attribute::state && b.attribute == observe::Attribute::state &&
        a.last != b.last)
        return a.last > b.last;
    return std::tuple{-int{a.confidence}, -trust(a.protocol), -a.last.time_since_epoch().count(),
                      std::string_view{a.value}} < std::tuple{-int{b.confidence}, -trust(b.protocol),
                                                              -b.last.time_since_epoch().count(),
                                                              std::string_view{b.value}};
}

View look_at(const model::Plant& plant, model::DeviceId id, const Makers& makers) {
    using observe::Act;
    View view{.plant = plant, .id = id};
    std::set<std::string_view> subnets;
    for (const auto node : plant.nodes_of(id)) {
        const auto& row = *plant.node(node);
        // What an address told before it was this device's is about whoever had it then.
        auto since = observe::Time::min();
        for (const auto& link : plant.links_of(node))
            if (!link.until && link.replaces != model::LinkId{}) since = link.from;
        const auto add = [&](model::NodeId of, std::string_view part) {
            for (const auto& fact : plant.facts_of(of))
                if (fact.last >= since) view.facts.push_back({&fact, part});
        };
        add(node, {});
        for (const auto part : plant.parts_of(node)) {
            const auto& of = *plant.node(part);
            if (of.last < since) continue;
            add(part, of.node.mark);
            if (of.node.mark.starts_with("unit ")) ++view.units;
        }
        constexpr std::string_view mapped{"\0\0\0\0\0\0\0\0\0\0\xff\xff", 12};
        if (row.node.kind == model::Node::Kind::ip && row.node.mark.starts_with(mapped))
            subnets.insert(std::string_view{row.node.mark}.substr(0, 15));
        if (row.node.kind == model::Node::Kind::mac) {
            observe::Mac mac{};
            std::ranges::copy(row.node.mark, mac.begin());
            view.macs.push_back(mac);
            if (const auto maker = makers.of(mac); !maker.empty()) view.makers.push_back(maker);
            view.passes_on = view.passes_on || plant.is_router(node);
        }
        for (const auto* service : plant.services_of(node)) {
            if (service->last_used < since) continue;
            if (!service->protocol.empty()) {
                view.serves.insert(service->protocol);
                view.speaks.insert(service->protocol);
            }
            if (service->port) view.ports.insert(service->port);
        }
        for (const auto* pair : plant.pairs_of(node)) {
            if (pair->last < since) continue;
            view.speaks.insert(pair->protocol);
            const bool answered = pair->answers > 0;
            if (pair->node == node && answered) {
                view.done_to_it[pair->protocol].insert(pair->act);
                view.serves.insert(pair->protocol);
            }
            if (pair->peer != node || !answered) continue;
            auto& asked = view.asks[pair->protocol];
            asked.peers.insert(pair->node.value);
            asked.acts.insert(pair->act);
            switch (pair->act) {
            case Act::read:
            case Act::cyclic_io:
            case Act::subscribe:
                asked.reads += pair->messages;
                break;
            case Act::write:
            case Act::select:
            case Act::call:
                asked.writes += pair->messages;
                break;
            case Act::program_upload:
            case Act::program_download:
            case Act::program_delete:
            case Act::firmware_update:
            case Act::start:
            case Act::stop:
            case Act::reset:
            case Act::mode_change:
            case Act::force:
            case Act::clear:
                asked.programs += pair->messages;
                break;
            default:
                break;
            }
        }
        for (const auto* talk : plant.conversations_of(node))
            if (talk->last >= since && !talk->protocol.empty()) view.speaks.insert(talk->protocol);
    }
    view.subnets = subnets.size();
    return view;
}

} // namespace yagura::see
