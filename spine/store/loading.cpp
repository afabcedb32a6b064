#include "spine/store/loading.h"

#include "spine/store/health_writing.h"
#include "spine/store/reading.h"

namespace yagura::store {

using reading::from_ns;

Result<Stored> stored(Database& state) {
    Stored out;
    const auto read = [&](std::string_view sql, auto&& use) -> Result<void> {
        YAGURA_TRY(auto statement, state.prepare(sql));
        return statement.each(use);
    };
    YAGURA_STORE_DO(read("SELECT arrival, time, decided FROM mark", [&](const Row& row) {
        out.arrival = row.as<std::uint64_t>(0);
        out.latest = from_ns(row.integer(1));
        out.decided = row.as<std::uint64_t>(2);
    }));
    auto& rows = out.rows;
    YAGURA_STORE_DO(
        read("SELECT id, site, kind, realm, mark, parent, state, first, last, grounds, vouched FROM node",
             [&](const Row& row) {
                 rows.nodes.push_back({.id = {row.as<std::uint64_t>(0)},
                                       .node = {.kind = row.as<model::Node::Kind>(2),
                                                .site = row.as<model::SiteId>(1),
                                                .realm = row.as<observe::Realm>(3),
                                                .mark = std::string{as_text(row.bytes(4))},
                                                .parent = {row.as<std::uint64_t>(5)}},
                                       .first = from_ns(row.integer(7)),
                                       .last = from_ns(row.integer(8)),
                                       .state = row.as<model::State>(6),
                                       .grounds = row.as<std::uint8_t>(9),
                                       .vouched = row.as<std::uint8_t>(10)});
             }));
    YAGURA_STORE_DO(read("SELECT id, state, gone, first, last FROM device", [&](const Row& row) {
        rows.devices.push_back({.id = {row.as<std::uint64_t>(0)},
                                .first = from_ns(row.integer(3)),
                                .last = from_ns(row.integer(4)),
                                .state = row.as<model::State>(1),
                                .gone = row.integer(2) != 0});
    }));
    YAGURA_STORE_DO(
        read("SELECT id, node, device, begins, ends, by, rule, strength, replaces FROM link ORDER BY id",
             [&](const Row& row) {
                 rows.links.push_back(
                     {.by = row.as<model::Link::By>(5),
                      .id = {row.as<std::uint64_t>(0)},
                      .node = {row.as<std::uint64_t>(1)},
                      .device = {row.as<std::uint64_t>(2)},
                      .from = from_ns(row.integer(3)),
                      .until = row.null(4) ? std::nullopt : std::optional{from_ns(row.integer(4))},
                      .rule = row.string(6),
                      .strength = row.as<std::uint8_t>(7),
                      .replaces = {row.as<std::uint64_t>(8)}});
             }));
    YAGURA_STORE_DO(
        read("SELECT mac, other, first, last, vouched, near, frames FROM binding", [&](const Row& row) {
            rows.bindings.push_back({.mac = {row.as<std::uint64_t>(0)},
                                     .other = {row.as<std::uint64_t>(1)},
                                     .first = from_ns(row.integer(2)),
                                     .last = from_ns(row.integer(3)),
                                     .vouched = row.as<std::uint8_t>(4),
                                     .near = row.integer(5) != 0,
                                     .frames = row.integer(6) != 0});
        }));
    YAGURA_STORE_DO(
        read("SELECT node, attribute, protocol, value, confidence, seen, first, last, source, frame, "
             "offset FROM fact",
             [&](const Row& row) {
                 rows.facts.push_back({.node = {row.as<std::uint64_t>(0)},
                                       .attribute = row.as<observe::Attribute>(1),
                                       .protocol = row.string(2),
                                       .value = row.string(3),
                                       .confidence = row.as<std::uint8_t>(4),
                                       .seen = row.as<std::uint64_t>(5),
                                       .first = from_ns(row.integer(6)),
                                       .last = from_ns(row.integer(7)),
                                       .source = row.as<std::uint32_t>(8),
                                       .frame = row.as<std::uint64_t>(9),
                                       .offset = row.as<std::uint32_t>(10)});
             }));
    YAGURA_STORE_DO(read(
        "SELECT peer, node, protocol, act, code, function, part, messages, answers, refusals, first, last, "
        "source, frame FROM pair",
        [&](const Row& row) {
            rows.pairs.push_back({.peer = {row.as<std::uint64_t>(0)},
                                  .node = {row.as<std::uint64_t>(1)},
                                  .protocol = row.string(2),
                                  .act = row.as<observe::Act>(3),
                                  .code = row.as<std::uint32_t>(4),
                                  .function = row.string(5),
                                  .part = row.string(6),
                                  .messages = row.as<std::uint64_t>(7),
                                  .answers = row.as<std::uint64_t>(8),
                                  .refusals = row.as<std::uint64_t>(9),
                                  .first = from_ns(row.integer(10)),
                                  .last = from_ns(row.integer(11)),
                                  .source = row.as<std::uint32_t>(12),
                                  .frame = row.as<std::uint64_t>(13)});
        }));
    YAGURA_STORE_DO(
        read("SELECT client, server, protocol, carrier, port, vlan, connections, packets_out, packets_in, "
             "bytes_out, bytes_in, retransmitted, retransmitted_in, lost, lost_in, first, last, source, "
             "frame FROM talk",
             [&](const Row& row) {
                 model::ConversationRow talk;
                 talk.client = {row.as<std::uint64_t>(0)};
                 talk.server = {row.as<std::uint64_t>(1)};
                 talk.protocol = row.string(2);
                 talk.carrier = row.as<std::uint16_t>(3);
                 talk.port = row.as<std::uint16_t>(4);
                 talk.vlan = row.as<std::uint16_t>(5);
                 talk.connections = row.as<std::uint64_t>(6);
                 for (int side = 0; side < 2; ++side) {
                     talk.packets[side] = row.as<std::uint64_t>(7 + side);
                     talk.bytes[side] = row.as<std::uint64_t>(9 + side);
                     talk.retransmitted[side] = row.as<std::uint64_t>(11 + side);
                     talk.lost[side] = row.as<std::uint64_t>(13 + side);
                 }
                 talk.first = from_ns(row.integer(15));
                 talk.last = from_ns(row.integer(16));
                 talk.source = row.as<std::uint32_t>(17);
                 talk.frame = row.as<std::uint64_t>(18);
                 rows.conversations.push_back(std::move(talk));
             }));
    YAGURA_STORE_DO(
        read("SELECT node, protocol, carrier, port, first, last_used FROM service", [&](const Row& row) {
            rows.services.push_back({.node = {row.as<std::uint64_t>(0)},
                                     .protocol = row.string(1),
                                     .carrier = row.as<std::uint16_t>(2),
                                     .port = row.as<std::uint16_t>(3),
                                     .first = from_ns(row.integer(4)),
                                     .last_used = from_ns(row.integer(5))});
        }));
    YAGURA_STORE_DO(read("SELECT node, protocol, port, far_port, far_name, first, last FROM neighbour",
                         [&](const Row& row) {
                             rows.neighbours.push_back({.node = {row.as<std::uint64_t>(0)},
                                                        .protocol = row.string(1),
                                                        .port = row.string(2),
                                                        .far_port = row.string(3),
                                                        .far_name = row.string(4),
                                                        .first = from_ns(row.integer(5)),
                                                        .last = from_ns(row.integer(6))});
                         }));
    YAGURA_STORE_DO(read(
        "SELECT conversation, source, packets_out, packets_in, bytes_out, bytes_in, retransmitted, "
        "retransmitted_in, lost, lost_in, client, server, protocol, carrier, port FROM counted ORDER BY id",
        [&](const Row& row) {
            auto& counted = rows.counted.emplace_back();
            counted.conversation = static_cast<std::uint64_t>(row.integer(0));
            counted.source = row.as<std::uint32_t>(1);
            for (int side = 0; side < 2; ++side) {
                counted.packets[side] = row.as<std::uint64_t>(2 + side);
                counted.bytes[side] = row.as<std::uint64_t>(4 + side);
                counted.retransmitted[side] = row.as<std::uint64_t>(6 + side);
                counted.lost[side] = row.as<std::uint64_t>(8 + side);
            }
            counted.client = {row.as<std::uint64_t>(10)};
            counted.server = {row.as<std::uint64_t>(11)};
            counted.protocol = row.string(12);
            counted.carrier = row.as<std::uint16_t>(13);
            counted.port = row.as<std::uint16_t>(14);
        }));
    YAGURA_STORE_DO(
        read("SELECT id, sensor, boot, number, interface, sensor_name, link_type, realm, live, build, "
             "clock_offset, "
             "upload, first, last, heard, packets, bytes, dropped, refused, forgotten, lost, one_sided "
             "FROM source",
             [&](const Row& row) {
                 out.sources.push_back({.id = row.as<std::uint32_t>(0),
                                        .sensor = row.string(1),
                                        .boot = row.as<std::uint64_t>(2),
                                        .number = row.as<std::uint32_t>(3),
                                        .interface = row.string(4),
                                        .sensor_name = row.string(5),
                                        .link_type = row.as<std::uint16_t>(6),
                                        .realm = row.as<observe::Realm>(7),
                                        .live = row.integer(8) != 0,
                                        .build = row.string(9),
                                        .clock_offset = row.integer(10),
                                        .upload = row.integer(11),
                                        .first = from_ns(row.integer(12)),
                                        .last = from_ns(row.integer(13)),
                                        .heard = from_ns(row.integer(14)),
                                        .packets = row.as<std::uint64_t>(15),
                                        .bytes = row.as<std::uint64_t>(16),
                                        .dropped = row.as<std::uint64_t>(17),
                                        .refused = row.as<std::uint64_t>(18),
                                        .forgotten = row.as<std::uint64_t>(19),
                                        .lost = row.as<std::uint64_t>(20),
                                        .one_sided = row.integer(21) != 0});
             }));
    YAGURA_STORE_DO(read(
        "SELECT id, name, file, state, bytes, bytes_read, boot, packets, records, at, who, finished, damage, "
        "damage_packet FROM upload",
        [&](const Row& row) {
            out.uploads.push_back({.id = row.integer(0),
                                   .name = row.string(1),
                                   .file = row.string(2),
                                   .state = row.string(3),
                                   .bytes = row.as<std::uint64_t>(4),
                                   .bytes_read = row.as<std::uint64_t>(5),
                                   .boot = row.as<std::uint64_t>(6),
                                   .packets = row.as<std::uint64_t>(7),
                                   .records = row.as<std::uint64_t>(8),
                                   .at = from_ns(row.integer(9)),
                                   .finished = from_ns(row.integer(11)),
                                   .who = row.string(10),
                                   .damage = row.string(12),
                                   .damage_packet = row.as<std::uint64_t>(13)});
        }));
    YAGURA_STORE_DO(read("SELECT id, name FROM line", [&](const Row& row) {
        auto& line = out.lines.emplace_back();
        line.id = row.integer(0);
        line.name = row.string(1);
    }));
    YAGURA_STORE_DO(read("SELECT line, network, bits FROM line_subnet", [&](const Row& row) {
        for (auto& line : out.lines)
            if (line.id == row.integer(0)) {
                Subnet subnet{.bits = row.as<std::uint8_t>(2)};
                const auto network = row.bytes(1);
                for (std::size_t i = 0; i < network.size() && i < subnet.network.size(); ++i)
                    subnet.network[i] = std::to_integer<std::uint8_t>(network[i]);
                line.subnets.push_back(subnet);
            }
    }));
    YAGURA_STORE_DO(read("SELECT node, attribute, value, at, who FROM correction", [&](const Row& row) {
        out.corrections.push_back({.node = {row.as<std::uint64_t>(0)},
                                   .attribute = row.string(1),
                                   .value = row.string(2),
                                   .at = from_ns(row.integer(3)),
                                   .who = row.string(4)});
    }));
    YAGURA_STORE_DO(read("SELECT node, device, state, until, reason, identity, at, who FROM approval",
                         [&](const Row& row) {
                             out.approvals.push_back({.node = {row.as<std::uint64_t>(0)},
                                                      .device = {row.as<std::uint64_t>(1)},
                                                      .state = row.as<Approval>(2),
                                                      .until = from_ns(row.integer(3)),
                                                      .reason = row.string(4),
                                                      .identity = row.string(5),
                                                      .at = from_ns(row.integer(6)),
                                                      .who = row.string(7)});
                         }));
    YAGURA_STORE_DO(
        read("SELECT record, split, device, other, nodes, first_seen, at, who, undone_at, undone_who "
             "FROM regrouping",
             [&](const Row& row) {
                 out.regroupings.push_back({.record = row.as<std::uint64_t>(0),
                                            .split = row.integer(1) != 0,
                                            .device = {row.as<std::uint64_t>(2)},
                                            .other = {row.as<std::uint64_t>(3)},
                                            .nodes = row.string(4),
                                            .first_seen = row.string(5),
                                            .at = from_ns(row.integer(6)),
                                            .who = row.string(7),
                                            .undone_at = from_ns(row.integer(8)),
                                            .undone_who = row.string(9)});
             }));
    YAGURA_STORE_DO(read("SELECT name, value, at, who FROM setting", [&](const Row& row) {
        out.settings.push_back({row.string(0), row.string(1), from_ns(row.integer(2)), row.string(3)});
    }));
    YAGURA_STORE_DO(read("SELECT version, last_entry FROM ledger WHERE site = 0", [&](const Row& row) {
        out.ledger_version = row.as<std::uint64_t>(0);
        out.ledger_last_entry = row.as<std::uint64_t>(1);
    }));
    YAGURA_STORE_DO(read("SELECT id, rule, at, who FROM ledger_rule ORDER BY place, id", [&](const Row& row) {
        out.ledger_rules.push_back(
            {row.as<std::uint64_t>(0), row.string(1), from_ns(row.integer(2)), row.string(3)});
    }));
    YAGURA_STORE_DO(read("SELECT last_list FROM comment_head WHERE site = 0",
                         [&](const Row& row) { out.last_comment_list = row.as<std::uint64_t>(0); }));
    YAGURA_STORE_DO(read("SELECT id FROM comment_list",
                         [&](const Row& row) { out.comment_lists.push_back(row.as<std::uint64_t>(0)); }));
    YAGURA_STORE_DO(
        read("SELECT device, name, address, firmware, line, last, approval FROM shown", [&](const Row& row) {
            ShownRow shown;
            shown.device = {row.as<std::uint64_t>(0)};
            shown.name = row.string(1);
            shown.address = row.string(2);
            shown.firmware = row.string(3);
            if (!row.null(4)) shown.line = row.integer(4);
            shown.last = from_ns(row.integer(5));
            shown.approval.state = row.as<Approval>(6);
            out.shown.push_back(std::move(shown));
        }));
    YAGURA_TRY(out.asking, stored_asking(state));
    YAGURA_TRY(out.health, stored_health(state));
    return out;
}

} // namespace yagura::store
