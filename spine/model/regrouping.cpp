// A person's word about whose marks are whose, and taking it back.
#include <algorithm>

#include "spine/model/inside.h"

namespace yagura::model {
namespace {

constexpr std::uint64_t number_of(DeviceId id) { return id.value & ((std::uint64_t{1} << 47) - 1); }

} // namespace

DeviceId Plant::next_device() const { return {std::uint64_t{in_->site} << 47 | (in_->last_device + 1)}; }

std::optional<LinkId> Plant::assign(NodeId node, std::optional<DeviceId> device, std::string_view account,
                                    observe::Time at) {
    auto& in = *in_;
    const auto found = in.by_id.find(node.value);
    if (found == in.by_id.end()) return std::nullopt;
    if (device && (!in.devices.contains(device->value) || in.devices.at(device->value).gone))
        return std::nullopt;
    auto& mark = in.marks[found->second];
    if (mark.group) return std::nullopt;
    const auto target = device.value_or(next_device());
    if (!device) {
        ++in.last_device;
        in.device_row(target) = {
            .id = target, .first = mark.row.first, .last = mark.row.last, .state = mark.row.state};
    }
    in.end_link(mark, at);
    in.begin_link(mark, target, at, Link::By::person, account, 100);
    mark.pinned = true;
    in.changed(found->second);
    in.moved = true;
    return mark.links.back().id;
}

std::optional<Regrouping> Plant::merge(DeviceId from, DeviceId into, std::string_view account,
                                       observe::Time at) {
    const auto *goes = device(from), *stays = device(into);
    if (from == into || !goes || !stays || goes->gone || stays->gone) return std::nullopt;
    Regrouping out{.nodes = {}, .at = at, .first_seen = {{from, goes->first}, {into, stays->first}}};
    for (const auto node : nodes_of(from))
        if (assign(node, into, account, at)) out.nodes.push_back(node);
    return out.nodes.empty() ? std::nullopt : std::optional{std::move(out)};
}

std::optional<Regrouping> Plant::split(std::span<const NodeId> nodes, DeviceId made, std::string_view account,
                                       observe::Time at) {
    auto& in = *in_;
    if (nodes.empty()) return std::nullopt;
    const auto of = device_of(nodes.front());
    if (!of) return std::nullopt;
    const auto all = nodes_of(*of);
    const auto is = [&](NodeId id, Node::Kind kind) { return node(id)->node.kind == kind; };
    const auto is_address = [&](NodeId id) { return is(id, Node::Kind::mac) || is(id, Node::Kind::ip); };
    if (!std::ranges::all_of(nodes, [&](NodeId id) { return device_of(id) == of && is_address(id); }))
        return std::nullopt;
    std::vector<NodeId> going(nodes.begin(), nodes.end());
    const auto goes = [&](NodeId id) { return std::ranges::find(going, id) != going.end(); };
    // A card takes the addresses along that were seen at it and at none that stays.
    for (const auto id : all) {
        if (!is(id, Node::Kind::ip) || goes(id)) continue;
        bool at_going = false, at_staying = false;
        for (const auto binding : in.marks[in.by_id.at(id.value)].bindings) {
            const auto mac = in.marks[in.bindings[binding].mac].row.id;
            if (device_of(mac) == of) (goes(mac) ? at_going : at_staying) = true;
        }
        if (at_going && !at_staying) going.push_back(id);
    }
    if (std::ranges::none_of(all, [&](NodeId id) { return is_address(id) && !goes(id); }))
        return std::nullopt;
    const auto* known = device(made);
    const auto target = made.site() == in.site && (!known || known->gone) ? made : next_device();
    in.last_device = std::max(in.last_device, number_of(target));
    Regrouping out{.nodes = {}, .at = at, .first_seen = {{*of, device(*of)->first}}};
    DeviceRow row{.id = target};
    for (const auto id : going) {
        const auto& mark = node(id)->first;
        row.first = row.first == observe::Time{} ? mark : std::min(row.first, mark);
        row.last = std::max(row.last, node(id)->last);
        row.state = std::max(row.state, node(id)->state);
    }
    in.device_row(target) = row;
    for (const auto id : going)
        if (assign(id, target, account, at)) out.nodes.push_back(id);
    // What stays was said to be one device, too: without the marks that go, the rules might see several in
    // it.
    for (const auto id : all)
        if (!goes(id) && assign(id, *of, account, at)) out.nodes.push_back(id);
    out.first_seen.emplace_back(target, row.first);
    return out;
}

bool Plant::can_undo(const Regrouping& done) const {
    return !done.nodes.empty() && std::ranges::all_of(done.nodes, [&](NodeId id) {
        const auto found = in_->by_id.find(id.value);
        if (found == in_->by_id.end())
            return true; // Forgotten meanwhile: nothing of it is left to put right.
        const auto& links = in_->marks[found->second].links;
        return !links.empty() && !links.back().until && links.back().by == Link::By::person &&
               links.back().from == done.at;
    });
}

bool Plant::undo(const Regrouping& done) {
    auto& in = *in_;
    if (!can_undo(done)) return false;
    for (const auto id : done.nodes) {
        const auto found = in.by_id.find(id.value);
        if (found == in.by_id.end()) continue;
        auto& mark = in.marks[found->second];
        const auto said = mark.links.back();
        mark.links.pop_back();
        in.links_gone.push_back(said.id);
        mark.device = {};
        mark.pinned = false;
        if (!mark.links.empty() && mark.links.back().id == said.replaces &&
            mark.links.back().until == std::max(said.from, mark.links.back().from)) {
            auto& before = mark.links.back();
            before.until = std::nullopt;
            mark.device = before.device;
            mark.pinned = before.by == Link::By::person;
        }
        mark.links_dirty = true;
        in.changed(found->second);
    }
    for (const auto& [device, first] : done.first_seen)
        if (const auto known = in.devices.find(device.value); known != in.devices.end()) {
            known->second.first = first;
            in.changed_devices.push_back(device.value);
        }
    in.moved = true;
    return true;
}

} // namespace yagura::model
