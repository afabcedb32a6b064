// What changed, for the store; what the store had, at start; and a person's word.
#include <algorithm>

#include "spine/model/inside.h"

namespace yagura::model {

namespace {

std::uint8_t grounds(const Mark& mark) noexcept {
    std::uint8_t all = 0;
    const auto add = [&](bool has, Ground which) {
        if (has) all = static_cast<std::uint8_t>(all | std::to_underlying(which));
    };
    add(mark.answered, Ground::answered);
    add(mark.by_private, Ground::by_private);
    add(mark.by_public, Ground::by_public);
    add(mark.near, Ground::near);
    add(mark.behind, Ground::behind);
    add(mark.crowded, Ground::crowded);
    return all;
}

} // namespace

Changes Plant::take_changes() {
    auto& in = *in_;
    in.settle();
    Changes out;
    for (const auto index : in.changed_marks) {
        auto& mark = in.marks[index];
        if (!std::exchange(mark.dirty, false) || !mark.live) continue;
        mark.row.vouched = mark.vouched;
        mark.row.grounds = grounds(mark);
        out.nodes.push_back(mark.row);
        for (std::size_t i = 0; i < mark.facts.size(); ++i)
            if (mark.facts_dirty[i]) {
                out.facts.push_back(mark.facts[i]);
                mark.facts_dirty[i] = false;
            }
        if (std::exchange(mark.links_dirty, false))
            out.links.insert(out.links.end(), mark.links.begin(), mark.links.end());
        // A device is as fresh as its marks, also where nothing about them has moved.
        if (const auto found = in.devices.find(mark.device.value); found != in.devices.end() &&
                                                                   mark.row.node.kind != Node::Kind::part &&
                                                                   mark.row.last > found->second.last) {
            found->second.last = mark.row.last;
            in.changed_devices.push_back(found->first);
        }
    }
    in.changed_marks.clear();
    std::ranges::sort(in.changed_devices);
    const auto repeated = std::ranges::unique(in.changed_devices);
    in.changed_devices.erase(repeated.begin(), repeated.end());
    for (const auto id : in.changed_devices) out.devices.push_back(in.devices.at(id));
    in.changed_devices.clear();
    for (const auto index : in.changed_bindings)
        if (std::exchange(in.bindings[index].dirty, false)) out.bindings.push_back(in.bindings[index].row);
    in.changed_bindings.clear();
    out.links_gone = std::exchange(in.links_gone, {});
    in.pairs.take_changed([&](const PairRow& row) { out.pairs.push_back(row); });
    in.conversations.take_changed([&](const ConversationRow& row) { out.conversations.push_back(row); });
    in.services.take_changed([&](const ServiceRow& row) { out.services.push_back(row); });
    in.neighbours.take_changed([&](const NeighbourRow& row) { out.neighbours.push_back(row); });
    in.totals.take_changed([&](const CountedRow& row) { out.counted.push_back(row); });
    // Rows refer to nodes that came before them, so nodes are in the order of their ids.
    std::ranges::sort(out.nodes, {}, [](const NodeRow& row) { return row.id; });
    std::ranges::sort(out.links, {}, [](const Link& link) { return link.id; });
    return out;
}

void Plant::load(const Changes& stored) {
    auto& in = *in_;
    for (const auto& row : stored.nodes) {
        const auto index = static_cast<NodeIndex>(in.marks.size());
        auto& mark = in.marks.emplace_back();
        mark.live = true;
        mark.row = row;
        in.by_id.emplace(row.id.value, index);
        if (row.id.site() == in.site)
            in.last_node = std::max(in.last_node, row.id.value & ((std::uint64_t{1} << 47) - 1));
        in.now = std::max(in.now, row.last);
        const auto& bytes = row.node.mark;
        AddressKey key{row.node.kind, row.node.realm, {}};
        if (row.node.kind == Node::Kind::mac && bytes.size() == mark.mac.size()) {
            std::ranges::copy(bytes, mark.mac.begin());
            std::ranges::copy(mark.mac, key.bytes.begin());
            mark.group = is_group(mark.mac);
            in.by_address.emplace(key, index);
        } else if (row.node.kind == Node::Kind::ip && bytes.size() == mark.ip.size()) {
            std::ranges::copy(bytes, mark.ip.begin());
            key.bytes = mark.ip;
            mark.group = is_group(mark.ip);
            in.by_address.emplace(key, index);
        } else {
            in.by_mark.emplace(NodeKey{row.node.kind, row.node.realm, row.node.parent.value, bytes}, index);
        }
        // What the state stands for, of stores that have no more; and what it was concluded from.
        mark.spoke = row.state == State::confirmed || row.state == State::unconfirmed ||
                     row.state == State::outside;
        mark.answered = row.state == State::confirmed || row.state == State::outside;
        mark.by_private = row.state == State::outside;
        mark.vouched = row.vouched;
        if (row.state == State::claimed) mark.vouched = std::max<std::uint8_t>(mark.vouched, 90);
        const auto has = [&](Ground which) { return (row.grounds & std::to_underlying(which)) != 0; };
        mark.answered |= has(Ground::answered);
        mark.by_private |= has(Ground::by_private);
        mark.by_public |= has(Ground::by_public);
        mark.near |= has(Ground::near);
        mark.behind |= has(Ground::behind);
        mark.crowded |= has(Ground::crowded);
        const bool address = row.node.kind == Node::Kind::mac || row.node.kind == Node::Kind::ip;
        if (address && !mark.group && !mark.spoke && !mark.vouched) {
            in.mentioned.push_back(row.id.value);
            ++in.mentioned_now;
        }
    }
    const auto find = [&](NodeId id) {
        const auto found = in.by_id.find(id.value);
        return found == in.by_id.end() ? nobody : found->second;
    };
    for (const auto& row : stored.nodes)
        if (row.node.kind == Node::Kind::part)
            if (const auto parent = find(row.node.parent); parent != nobody)
                in.marks[parent].parts.push_back(find(row.id));
    for (const auto& row : stored.bindings) {
        const auto mac = find(row.mac), other = find(row.other);
        if (mac == nobody || other == nobody) continue;
        const auto index = static_cast<std::uint32_t>(in.bindings.size());
        in.bindings.push_back({.row = row, .mac = mac, .other = other, .dirty = false});
        in.marks[mac].bindings.push_back(index);
        in.marks[other].bindings.push_back(index);
        if (row.near) in.marks[other].near = true;
        in.marks[other].vouched = std::max(in.marks[other].vouched, row.vouched);
        in.marks[mac].vouched = std::max(in.marks[mac].vouched, row.vouched);
    }
    for (const auto& row : stored.facts)
        if (const auto node = find(row.node); node != nobody) {
            in.marks[node].facts.push_back(row);
            in.marks[node].facts_dirty.push_back(false);
            const auto kind = row.attribute == observe::Attribute::serial ? Node::Kind::serial
                                                                          : Node::Kind::host_name;
            const bool tells = row.attribute == observe::Attribute::serial ||
                               row.attribute == observe::Attribute::name;
            if (!tells || in.marks[node].row.node.kind == Node::Kind::part) continue;
            auto mark = row.value;
            if (kind == Node::Kind::host_name)
                for (auto& c : mark)
                    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
            const auto known = in.by_mark.find({kind, in.marks[node].row.node.realm, 0, mark});
            if (known == in.by_mark.end()) continue;
            if (auto& all = in.marks[node].marks; std::ranges::find(all, known->second) == all.end())
                all.push_back(known->second);
        }
    for (const auto& row : stored.devices) {
        in.devices.emplace(row.id.value, row);
        if (row.id.site() == in.site)
            in.last_device = std::max(in.last_device, row.id.value & ((std::uint64_t{1} << 47) - 1));
    }
    for (const auto& link : stored.links) {
        if (link.id.site() == in.site)
            in.last_link = std::max(in.last_link, link.id.value & ((std::uint64_t{1} << 47) - 1));
        const auto node = find(link.node);
        if (node == nobody) continue;
        in.marks[node].links.push_back(link);
        if (link.until) continue;
        in.marks[node].device = link.device;
        in.marks[node].pinned = link.by == Link::By::person;
        in.members[link.device.value].push_back(node);
    }
    for (auto& mark : in.marks) std::ranges::sort(mark.links, {}, &Link::id);
    const auto nothing = [](const auto&) {};
    for (const auto& row : stored.pairs) {
        const PairKey key{row.peer.value,
                          row.node.value,
                          in.texts.number(row.protocol),
                          row.code,
                          in.texts.number(row.part),
                          row.act};
        in.pairs.touch(key, [&](PairRow& fresh, RowRef ref) {
            fresh = row;
            for (const auto node : {find(row.peer), find(row.node)})
                if (node != nobody) in.marks[node].pairs.all.push_back(ref);
        });
    }
    for (const auto& row : stored.conversations) {
        const FlowKey key{row.client.value, row.server.value, in.texts.number(row.protocol), 0,
                          row.carrier,      row.port};
        in.conversations.touch(key, [&](ConversationRow& fresh, RowRef ref) {
            fresh = row;
            for (const auto node : {find(row.client), find(row.server)})
                if (node != nobody) in.marks[node].conversations.all.push_back(ref);
        });
    }
    for (const auto& row : stored.services) {
        const FlowKey key{row.node.value, 0, in.texts.number(row.protocol), 0, row.carrier, row.port};
        in.services.touch(key, [&](ServiceRow& fresh, RowRef ref) {
            fresh = row;
            if (const auto node = find(row.node); node != nobody) in.marks[node].services.all.push_back(ref);
        });
    }
    for (const auto& row : stored.neighbours) {
        const FlowKey key{row.node.value,
                          0,
                          in.texts.number(row.protocol),
                          in.texts.number(cat(row.port, "\n", row.far_port, "\n", row.far_name)),
                          0,
                          0};
        in.neighbours.touch(key, [&](NeighbourRow& fresh, RowRef ref) {
            fresh = row;
            if (const auto node = find(row.node); node != nobody)
                in.marks[node].neighbours.all.push_back(ref);
        });
    }
    for (const auto& row : stored.counted)
        in.totals.touch({row.conversation, row.source, 0, 0, 0, 0},
                        [&](CountedRow& fresh, RowRef) { fresh = row; });
    in.totals.take_changed(nothing);
    in.pairs.take_changed(nothing);
    in.conversations.take_changed(nothing);
    in.services.take_changed(nothing);
    in.neighbours.take_changed(nothing);
    // The links say how it stood; who passes frames on is not stored and follows from the same grounds again.
    in.moved = true;
}

} // namespace yagura::model
