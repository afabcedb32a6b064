// What others ask the plant's memory.
#include <algorithm>

#include "spine/model/inside.h"

namespace yagura::model {

namespace {
template <class Rows, class Row>
std::vector<const Row*> rows_of(const Rows& rows, const std::vector<RowRef>& refs) {
    std::vector<const Row*> out;
    out.reserve(refs.size());
    for (const auto ref : refs)
        if (const auto* row = rows.at(ref)) out.push_back(row);
    return out;
}
} // namespace

std::vector<DeviceId> Plant::devices() const {
    std::vector<DeviceId> out;
    for (const auto& [id, row] : in_->devices)
        if (!row.gone) out.push_back(row.id);
    std::ranges::sort(out);
    return out;
}
const DeviceRow* Plant::device(DeviceId id) const {
    const auto found = in_->devices.find(id.value);
    return found == in_->devices.end() ? nullptr : &found->second;
}
std::vector<NodeId> Plant::nodes_of(DeviceId id) const {
    std::vector<const Mark*> found;
    const auto rows = in_->members.find(id.value);
    if (rows == in_->members.end()) return {};
    for (const auto index : rows->second)
        if (in_->marks[index].live && in_->marks[index].device == id) found.push_back(&in_->marks[index]);
    std::ranges::sort(found, [](const Mark* a, const Mark* b) {
        return std::tie(a->row.node.kind, a->row.first, a->row.node.mark) <
               std::tie(b->row.node.kind, b->row.first, b->row.node.mark);
    });
    std::vector<NodeId> out;
    for (const auto* mark : found) out.push_back(mark->row.id);
    return out;
}

#define YAGURA_MARK_OR(id, nothing)                                                                          \
    const auto found_mark = in_->by_id.find((id).value);                                                     \
    if (found_mark == in_->by_id.end()) return nothing;                                                      \
    const auto& mark = in_->marks[found_mark->second]

const NodeRow* Plant::node(NodeId id) const {
    YAGURA_MARK_OR(id, nullptr);
    return &mark.row;
}
std::span<const FactRow> Plant::facts_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    return mark.facts;
}
std::vector<NodeId> Plant::parts_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    std::vector<NodeId> out;
    for (const auto part : mark.parts) out.push_back(in_->marks[part].row.id);
    return out;
}
std::vector<const ServiceRow*> Plant::services_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    return rows_of<decltype(in_->services), ServiceRow>(in_->services, mark.services.all);
}
std::vector<const PairRow*> Plant::pairs_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    return rows_of<decltype(in_->pairs), PairRow>(in_->pairs, mark.pairs.all);
}
std::vector<const ConversationRow*> Plant::conversations_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    return rows_of<decltype(in_->conversations), ConversationRow>(in_->conversations, mark.conversations.all);
}
std::vector<const NeighbourRow*> Plant::neighbours_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    return rows_of<decltype(in_->neighbours), NeighbourRow>(in_->neighbours, mark.neighbours.all);
}
std::optional<DeviceId> Plant::device_of(NodeId id) const {
    YAGURA_MARK_OR(id, std::nullopt);
    return mark.device == DeviceId{} ? std::nullopt : std::optional{mark.device};
}
bool Plant::is_router(NodeId id) const {
    YAGURA_MARK_OR(id, false);
    return mark.router;
}
std::vector<Link> Plant::links_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    return mark.links;
}
#undef YAGURA_MARK_OR

std::optional<NodeId> Plant::node_of(const observe::Station& station, observe::Realm realm) const {
    const auto index = in_->known_address(station, realm);
    return index == nobody ? std::nullopt : std::optional{in_->marks[index].row.id};
}
std::optional<DeviceId> Plant::device_of(const observe::Station& station, observe::Realm realm) const {
    const auto id = node_of(station, realm);
    return id ? device_of(*id) : std::nullopt;
}
observe::Time Plant::now() const { return in_->now; }
SiteId Plant::site() const { return in_->site; }
const PlantCounters& Plant::counters() const {
    in_->counters.pairs_forgotten = in_->pairs.forgotten();
    in_->counters.conversations_forgotten = in_->conversations.forgotten();
    in_->counters.services_forgotten = in_->services.forgotten();
    in_->counters.neighbours_forgotten = in_->neighbours.forgotten();
    return in_->counters;
}

} // namespace yagura::model
