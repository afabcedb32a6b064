#include "spine/dissect/protocols/opcua/items.h"

namespace yagura::dissect::opcua {
namespace {

using observe::Act;

constexpr std::string_view attribute_name(std::uint32_t attribute) noexcept {
    constexpr std::string_view names[]{"NodeId",
                                       "NodeClass",
                                       "BrowseName",
                                       "DisplayName",
                                       "Description",
                                       "WriteMask",
                                       "UserWriteMask",
                                       "IsAbstract",
                                       "Symmetric",
                                       "InverseName",
                                       "ContainsNoLoops",
                                       "EventNotifier",
                                       "Value",
                                       "DataType",
                                       "ValueRank",
                                       "ArrayDimensions",
                                       "AccessLevel",
                                       "UserAccessLevel",
                                       "MinimumSamplingInterval",
                                       "Historizing",
                                       "Executable",
                                       "UserExecutable",
                                       "DataTypeDefinition",
                                       "RolePermissions",
                                       "UserRolePermissions",
                                       "AccessRestrictions",
                                       "AccessLevelEx"};
    return attribute - 1u < std::size(names) ? names[attribute - 1u] : std::string_view{};
}

/// ReadValueId, but for the node.
void read_value_id(In& in, Item& item) noexcept {
    item.attribute = in.u32();
    item.range = in.text();
    (void)in.qualified();
}

/// What standard methods do (OPC 10000-6, annex A); an object's own copy of one has another identifier.
constexpr Act act_of_method(const NodeId& method) noexcept {
    if (method.kind != NodeId::Kind::numeric || method.space != 0) return Act::call;
    switch (method.number) {
    case 9111: // AcknowledgeableConditionType: Acknowledge, Confirm
    case 9113:
        return Act::alarm_ack;
    case 2426: // ProgramStateMachineType: Start, Suspend, Resume, Halt, Reset
    case 2428:
        return Act::start;
    case 2427:
    case 2429:
        return Act::stop;
    case 2430:
        return Act::reset;
    case 12886: // Server: RequestServerStateChange
        return Act::mode_change;
    default:
        return Act::call;
    }
}

} // namespace

bool pass_request_header(In& in) noexcept {
    (void)in.node();
    (void)in.u64();
    (void)in.u32();
    (void)in.u32();
    (void)in.string();
    (void)in.u32();
    (void)in.extension();
    return in.ok();
}

std::uint32_t read_answer_header(In& in) noexcept {
    (void)in.u64();
    (void)in.u32();
    const auto result = in.u32();
    const bool told = in.ok();
    in.diagnostic();
    in.strings();
    (void)in.extension();
    return told ? result : 0;
}

Items::Items(std::uint16_t code, In in) noexcept : in_{in}, code_{code} {
    switch (code) {
    case read:
        (void)in_.u64();
        (void)in_.u32();
        break;
    case history_read:
        (void)in_.extension();
        (void)in_.u32();
        (void)in_.flag();
        break;
    case browse:
        (void)in_.node();
        (void)in_.u64();
        (void)in_.u32();
        (void)in_.u32();
        break;
    case create_items:
        subscription_ = in_.u32();
        (void)in_.u32();
        break;
    case write:
    case history_update:
    case translate:
    case call:
    case add_nodes:
    case add_references:
    case delete_nodes:
    case delete_references:
    case register_nodes:
    case unregister_nodes:
        break;
    default:
        return; // Others have no list of nodes.
    }
    count_ = left_ = in_.count();
}

std::optional<Item> Items::next(Room& room) noexcept {
    if (left_ == 0 || !in_.ok()) return std::nullopt;
    --left_;
    Item item;
    switch (code_) {
    case read:
        item.node = in_.node();
        read_value_id(in_, item);
        break;
    case write:
        item.node = in_.node();
        item.attribute = in_.u32();
        item.range = in_.text();
        room.text.clear();
        item.value = read_data_value(in_, room).value;
        break;
    case history_read:
        item.node = in_.node();
        item.range = in_.text();
        (void)in_.qualified();
        (void)in_.string();
        break;
    case history_update: { // All kinds of details begin with the node.
        In details{in_.extension().body};
        item.node = details.node();
        break;
    }
    case browse:
        item.node = in_.node();
        (void)in_.u32();
        (void)in_.node();
        (void)in_.flag();
        (void)in_.u32();
        (void)in_.u32();
        break;
    case translate: {
        item.node = in_.node();
        const auto start = in_;
        const auto before = in_.position();
        for (auto steps = in_.count(); steps != 0 && in_.ok(); --steps) {
            (void)in_.node();
            (void)in_.flag();
            (void)in_.flag();
            (void)in_.qualified();
        }
        if (in_.ok()) {
            auto again = start;
            item.path = again.take(in_.position() - before);
        }
        break;
    }
    case call: {
        item.node = in_.node();
        item.method = in_.node();
        for (std::uint32_t at = 0, arguments = in_.count(); at < arguments && in_.ok(); ++at) {
            Room other;
            if (at == 0) room.text.clear();
            auto value = read_variant(in_, at == 0 ? room : other);
            if (at == 0) item.value = value;
        }
        break;
    }
    case create_items:
        item.node = in_.node();
        read_value_id(in_, item);
        (void)in_.u32();
        item.handle = in_.u32();
        (void)in_.u64();
        (void)in_.extension();
        (void)in_.u32();
        (void)in_.flag();
        break;
    case add_nodes: {
        const auto parent = in_.node();
        (void)in_.node();
        item.node = in_.node();
        if (item.node.null()) item.node = parent; // The server is to choose.
        const auto name = in_.qualified();
        item.value = name.name.empty() ? observe::Value{} : observe::Value{name.name};
        (void)in_.u32();
        (void)in_.extension();
        (void)in_.node();
        break;
    }
    case add_references:
        item.node = in_.node();
        (void)in_.node();
        (void)in_.flag();
        (void)in_.string();
        (void)in_.node();
        (void)in_.u32();
        break;
    case delete_references:
        item.node = in_.node();
        (void)in_.node();
        (void)in_.flag();
        (void)in_.node();
        (void)in_.flag();
        break;
    case delete_nodes:
        item.node = in_.node();
        (void)in_.flag();
        break;
    default: // register_nodes, unregister_nodes
        item.node = in_.node();
        break;
    }
    return in_.ok() ? std::optional{item} : std::nullopt;
}

void add_name(Name& out, const Item& item) noexcept {
    if (!item.method.null()) {
        add_node(out, item.method);
        out.add(" of ");
    }
    add_node(out, item.node);
    In path{item.path};
    for (auto steps = path.count(); steps != 0 && path.ok(); --steps) {
        (void)path.node();
        (void)path.flag();
        (void)path.flag();
        const auto step = path.qualified();
        out.add('/');
        if (step.space != 0) out.number(step.space).add(':');
        out.add(step.name);
    }
    if (item.attribute != 13) {
        const auto name = attribute_name(item.attribute);
        if (name.empty())
            out.add(" attribute ").number(item.attribute);
        else
            out.add(' ').add(name);
    }
    if (!item.range.empty()) out.add('[').add(item.range).add(']');
}

Results::Results(std::uint16_t code, In in) noexcept : in_{in}, code_{code} {
    switch (code) {
    case read:
    case write:
    case history_read:
    case history_update:
    case browse:
    case browse_next:
    case translate:
    case call:
    case create_items:
    case modify_items:
    case monitoring_mode:
    case delete_items:
    case publishing_mode:
    case delete_subscriptions:
    case transfer_subscriptions:
    case add_nodes:
    case add_references:
    case delete_nodes:
    case delete_references:
        count_ = left_ = in_.count();
        break;
    default:
        break;
    }
}

std::optional<Result> Results::next(Room& room) noexcept {
    if (left_ == 0 || !in_.ok()) return std::nullopt;
    --left_;
    Result out;
    room.text.clear();
    if (code_ == read) {
        out.data = read_data_value(in_, room);
        out.status = out.data.status;
        return in_.ok() ? std::optional{out} : std::nullopt;
    }
    out.status = in_.u32();
    switch (code_) {
    case history_read: {
        (void)in_.string();
        // HistoryData (658): the first of its values stands for them.
        if (const auto history = in_.extension(); history.type == 658) {
            In values{history.body};
            if (values.count() != 0) out.data = read_data_value(values, room);
        }
        break;
    }
    case history_update:
        for (auto left = in_.count(); left != 0 && in_.ok(); --left) (void)in_.u32();
        in_.diagnostics();
        break;
    case browse:
    case browse_next:
        (void)in_.string();
        for (auto left = in_.count(); left != 0 && in_.ok(); --left) {
            (void)in_.node();
            (void)in_.flag();
            (void)in_.node();
            (void)in_.qualified();
            (void)in_.localized();
            (void)in_.u32();
            (void)in_.node();
        }
        break;
    case translate:
        for (std::uint32_t at = 0, targets = in_.count(); at < targets && in_.ok(); ++at) {
            const auto target = in_.node();
            (void)in_.u32();
            if (at != 0 || !in_.ok()) continue;
            add_node(room.text, target);
            out.data.value = room.text.view();
        }
        break;
    case call:
        for (auto left = in_.count(); left != 0 && in_.ok(); --left) (void)in_.u32();
        in_.diagnostics();
        for (std::uint32_t at = 0, outputs = in_.count(); at < outputs && in_.ok(); ++at) {
            Room other;
            const auto value = read_variant(in_, at == 0 ? room : other);
            if (at == 0) out.data.value = value;
        }
        break;
    case create_items:
        (void)in_.u32();
        [[fallthrough]];
    case modify_items:
        (void)in_.u64();
        (void)in_.u32();
        (void)in_.extension();
        break;
    case transfer_subscriptions:
        for (auto left = in_.count(); left != 0 && in_.ok(); --left) (void)in_.u32();
        break;
    case add_nodes: {
        const auto added = in_.node();
        if (!in_.ok() || added.null()) break;
        add_node(room.text, added);
        out.data.value = room.text.view();
        break;
    }
    default:
        break;
    }
    return in_.ok() ? std::optional{out} : std::nullopt;
}

namespace {

/// Services about subscriptions by number: which, and how many of what.
void about_subscriptions(std::uint16_t code, In& in, About& about) noexcept {
    std::uint32_t number = 0;
    bool named = true;
    switch (code) {
    case modify_items:
        number = in.u32();
        (void)in.u32();
        about.count = in.count();
        break;
    case monitoring_mode:
        number = in.u32();
        (void)in.u32();
        about.count = in.count();
        break;
    case delete_items:
        number = in.u32();
        about.count = in.count();
        break;
    case triggering:
    case modify_subscription:
    case republish:
        number = in.u32();
        break;
    case publishing_mode:
        about.value = in.flag();
        [[fallthrough]];
    case delete_subscriptions:
    case transfer_subscriptions:
        about.count = in.count();
        if (about.count != 0) number = in.u32();
        named = about.count != 0;
        break;
    default:
        return;
    }
    if (named && in.ok()) about.object = {.space = "subscription", .number = number};
}

void say_text(About& about, std::string_view space, std::string_view text) noexcept {
    if (!text.empty()) about.object = {.space = space, .text = text};
}

} // namespace

bool describe(std::uint16_t code, In in, About& about) noexcept {
    switch (code) {
    case find_servers:
    case get_endpoints:
        say_text(about, {}, in.text());
        return in.ok();
    case create_session: {
        for (int i = 0; i < 2; ++i) (void)in.string();
        (void)in.localized();
        (void)in.u32();
        for (int i = 0; i < 2; ++i) (void)in.string();
        in.strings();
        (void)in.string();
        (void)in.string();
        say_text(about, "session", in.text());
        return in.ok();
    }
    case create_subscription:
        about.value = std::bit_cast<double>(in.u64()); // ms between two publications
        if (!in.ok()) about.value = {};
        return in.ok();
    default:
        break;
    }
    Items items{code, in};
    const auto first = items.next(about.room);
    about.count = items.count();
    if (first) {
        add_name(about.name, *first);
        if (!first->node.null()) about.object = {.text = about.name.view()};
        about.value = first->value;
        if (code == call) about.act = act_of_method(first->method);
    }
    if (items.count() == 0 && items.ok()) about_subscriptions(code, in, about);
    // Without a list of its own `items` read nothing.
    return items.ok() && in.ok();
}

} // namespace yagura::dissect::opcua
