#include "spine/store/overview.h"

#include <algorithm>

#include "spine/observe/text.h"
#include "spine/store/captures.h"
#include "spine/store/history.h"
#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using namespace reading;

std::string subnet_text(Bytes network, std::int64_t bits) {
    const bool four = network.size() == 16 && bits >= 96 && std::to_integer<int>(network[10]) == 0xff &&
                      std::to_integer<int>(network[11]) == 0xff;
    return cat(address_of(2, network), "/", four ? bits - 96 : bits);
}

Change change_of(const Row& row, Who& who) {
    Change out;
    out.id = cat("h", row.integer(0));
    out.at = from_ns(row.integer(1));
    out.kind = row.string(2);
    out.device = who.device(row.integer(3));
    if (!row.null(4)) out.peer = who.device(row.integer(4));
    if (!row.null(5)) out.act = row.as<observe::Act>(5);
    out.protocol = row.string(6);
    out.attribute = row.string(7);
    out.from = row.string(8);
    out.to = row.string(9);
    out.by = row.string(10);
    if (row.integer(11) != 0)
        out.evidence = who.evidence(row.as<std::uint32_t>(11), row.as<std::uint64_t>(12), 0, out.at,
                                    out.protocol);
    if (!row.null(13)) out.line = LineRef{line_text(row.integer(13)), row.string(14)};
    if (out.device.name.empty()) out.device.name = "?";
    return out;
}
constexpr std::string_view change_columns = "SELECT c.id, c.at, c.kind, c.device, c.peer, c.act, c.protocol, "
                                            "c.attribute, c.old_value, c.new_value, c.who, c.source, "
                                            "c.frame, l.id, l.name FROM change c LEFT JOIN shown s ON "
                                            "s.device = c.device LEFT JOIN line l ON l.id = s.line WHERE 1";

/// Whoever lets in a thousand devices at once knows of it: that is no news.
constexpr std::string_view news = " AND NOT (c.kind = 'approval' AND c.who <> '')";

} // namespace

Result<Overview> OverviewReader::overview(Time now) {
    Overview out;
    std::vector<std::pair<std::int64_t, Overview::Tile>> tiles;
    Moment at;
    {
        YAGURA_TRY(auto loan, state_.borrow());
        YAGURA_TRY(at, moment(*loan));
        at.clock = ns(now);
        out.at = now;
        out.last_packet = from_ns(at.now);
        YAGURA_STORE_DO(
            Query{cat("SELECT s.line, l.name, count(*), sum(", at.state(), " = 'new'), sum(", at.state(),
                      " IN ('quiet', 'unknown')) FROM shown s LEFT JOIN line l ON l.id = s.line GROUP BY 1 "
                      "ORDER BY "
                      "l.name IS NULL, l.name")}
                .each(*loan, [&](const Row& row) {
                    Overview::Tile tile;
                    const auto line = row.null(1) ? 0 : row.integer(0);
                    if (line != 0) tile.line = LineRef{line_text(line), row.string(1)};
                    tile.devices = row.as<std::uint64_t>(2);
                    tile.new_devices = row.as<std::uint64_t>(3);
                    tile.quiet_devices = row.as<std::uint64_t>(4);
                    out.devices += tile.devices;
                    out.new_devices += tile.new_devices;
                    out.quiet_devices += tile.quiet_devices;
                    tiles.emplace_back(line, std::move(tile));
                }));
        YAGURA_STORE_DO(
            Query{cat("SELECT sum(w = 'pending' AND y = 'new'), sum(w = 'pending' AND y <> 'new'), "
                      "sum(w = 'expired'), sum(w NOT IN ('pending', 'expired')) FROM (SELECT ",
                      at.approval(), " AS w, s.approval_why AS y FROM shown s)")}
                .each(*loan, [&](const Row& row) {
                    out.approvals = {row.as<std::uint64_t>(0), row.as<std::uint64_t>(1),
                                     row.as<std::uint64_t>(2), row.as<std::uint64_t>(3)};
                }));
        YAGURA_STORE_DO(Query{"SELECT ifnull(s.line, 0), c.act, count(*) FROM change c LEFT JOIN shown s ON "
                              "s.device = c.device "
                              "WHERE c.at > "}
                            .add(cat("?", news, " GROUP BY 1, 2"), at.now - day_ns)
                            .each(*loan, [&](const Row& row) {
                                out.changes_total += row.as<std::uint64_t>(2);
                                for (auto& [line, tile] : tiles) {
                                    if (line != row.integer(0)) continue;
                                    tile.changes += row.as<std::uint64_t>(2);
                                    if (!row.null(1))
                                        tile.strongest = std::max(
                                            tile.strongest, observe::usual_effect(row.as<observe::Act>(1)));
                                }
                            }));
        // Which live sensors see a line: those that its devices' conversations were last told by.
        YAGURA_TRY(const auto live,
                   Query{"SELECT EXISTS (SELECT 1 FROM source WHERE live = 1)"}.number(*loan));
        if (live != 0) {
            for (auto& [line, tile] : tiles) tile.seen = 0;
            YAGURA_STORE_DO(Query{
                "SELECT seen.line, total(source.packets), total(source.dropped) FROM (SELECT DISTINCT "
                "ifnull(s.line, 0) AS line, talk.source AS source FROM talk JOIN link ON link.node IN "
                "(talk.client, talk.server) AND link.ends IS NULL JOIN shown s ON s.device = link.device "
                "WHERE talk.source IN (SELECT id FROM source WHERE live = 1)) seen JOIN source ON "
                "source.id = seen.source GROUP BY 1"}
                                .each(*loan, [&](const Row& row) {
                                    const auto packets = row.real(1), all = packets + row.real(2);
                                    for (auto& [line, tile] : tiles)
                                        if (line == row.integer(0) && all > 0) tile.seen = packets / all;
                                }));
        }
        YAGURA_TRY(const auto talks,
                   Query{"SELECT count(*) FROM talk WHERE last > "}.add("?", at.now - day_ns).number(*loan));
        out.conversations = static_cast<std::uint64_t>(talks);
        Who who{*loan};
        YAGURA_STORE_DO(
            Query{change_columns}
                .add(cat(" AND c.at > ?", news, " ORDER BY c.at DESC, c.id DESC LIMIT 20"), at.now - day_ns)
                .each(*loan, [&](const Row& row) { out.changes.push_back(change_of(row, who)); }));
    }
    // Half hours of the clock: what was asked in each is added up when it comes.
    const auto latest = std::min(at.now, INT64_MAX - day_ns),
               end = (latest / half_hour_ns + 1) * half_hour_ns;
    const Range day{from_ns(end - day_ns), from_ns(end)};
    YAGURA_TRY(const auto pulse, history_.pulse(day, 48));
    for (auto& [line, tile] : tiles) {
        tile.pulse.resize(48);
        for (const auto& [of, counts] : pulse)
            if (of == line) tile.pulse = counts;
        out.lines.push_back(std::move(tile));
    }
    const Range last_day{from_ns(latest - day_ns), from_ns(latest + 1)};
    YAGURA_TRY(const auto acts, history_.activity({.range = last_day}, 1, now));
    for (const auto& one : acts.series)
        for (const auto count : one.counts) out.operations += count;
    CaptureReader captures{state_, history_};
    YAGURA_TRY(const auto sensors, captures.sensors(now));
    std::uint64_t seen = 0, dropped = 0;
    for (const auto& sensor : sensors) {
        ++out.sensors;
        out.sensors_receiving += sensor.state == "receiving";
        seen += sensor.packets;
        dropped += sensor.dropped;
    }
    if (seen + dropped != 0)
        out.dropped_share = static_cast<double>(dropped) / static_cast<double>(seen + dropped);
    YAGURA_TRY(const auto spots, captures.blind_spots(now));
    out.blind_spots = spots.size();
    return out;
}

Result<ChangeList> OverviewReader::changes(const ChangeFilter& filter, const Page& page) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto after, place(page.cursor));
    ChangeList out;
    Query query{change_columns};
    if (filter.range.from != Time{}) query.add(" AND c.at >= ?", ns(filter.range.from));
    if (filter.range.until != Time{}) query.add(" AND c.at < ?", ns(filter.range.until));
    if (!filter.kind.empty()) query.add(" AND c.kind = ?", filter.kind);
    if (!filter.device.empty()) {
        YAGURA_TRY(const auto id, device_number(*loan, filter.device));
        query.add(" AND c.device = ?", id.value_or(-1));
    }
    if (filter.line == "none")
        query.add(" AND s.line IS NULL");
    else if (!filter.line.empty())
        query.add(" AND s.line = ?", number_of(filter.line, "l0-").value_or(-1));
    if (after) query.add(" AND (c.at, c.id) < (?, ?)", after->key, after->id);
    const auto most = std::clamp<std::size_t>(page.most, 1, rows_most);
    query.add(cat(" ORDER BY c.at DESC, c.id DESC LIMIT ", most + 1));
    Who who{*loan};
    Place last;
    YAGURA_STORE_DO(query.each(*loan, [&](const Row& row) {
        if (out.changes.size() == most) {
            out.next_cursor = cursor(last);
            return;
        }
        out.changes.push_back(change_of(row, who));
        last = {row.integer(1), row.integer(0)};
    }));
    return out;
}

Result<std::vector<Line>> OverviewReader::lines() {
    YAGURA_TRY(auto loan, state_.borrow());
    std::vector<Line> out;
    YAGURA_STORE_DO(Query{"SELECT id, name, (SELECT count(*) FROM shown WHERE line = line.id) FROM line "
                          "ORDER BY name LIMIT 500"}
                        .each(*loan, [&](const Row& row) {
                            out.push_back(
                                {line_text(row.integer(0)), row.string(1), {}, row.as<std::uint64_t>(2)});
                        }));
    YAGURA_STORE_DO(Query{"SELECT line, network, bits FROM line_subnet"}.each(*loan, [&](const Row& row) {
        for (auto& line : out)
            if (line.id == line_text(row.integer(0)))
                line.subnets.push_back(subnet_text(row.bytes(1), row.integer(2)));
    }));
    return out;
}

Result<std::vector<FoundSubnet>> OverviewReader::found_subnets() {
    YAGURA_TRY(auto loan, state_.borrow());
    // Nobody tells the masks of most networks, so a subnet is a /24, and a /64 of IPv6, until somebody does.
    struct Found {
        std::uint64_t devices = 0;
        std::optional<std::uint16_t> vlan;
    };
    std::map<std::pair<std::vector<std::byte>, std::int64_t>, Found> found;
    YAGURA_STORE_DO(Query{"SELECT node.mark, s.vlan FROM shown s JOIN link ON link.device = s.device AND "
                          "link.ends IS NULL JOIN "
                          "node ON node.id = link.node WHERE node.kind = 2 AND length(node.mark) = 16"}
                        .each(*loan, [&](const Row& row) {
                            std::vector<std::byte> network(row.bytes(0).begin(), row.bytes(0).end());
                            const bool four = network[10] == std::byte{0xff} &&
                                              network[11] == std::byte{0xff};
                            if (!four && network[0] == std::byte{0xfe}) return; // Link-local is everywhere.
                            const std::int64_t bits = four ? 120 : 64;
                            std::fill(network.begin() + bits / 8, network.end(), std::byte{0});
                            auto& one = found[{network, bits}];
                            ++one.devices;
                            if (!row.null(1)) one.vlan = row.as<std::uint16_t>(1);
                        }));
    std::vector<FoundSubnet> out;
    for (const auto& [key, one] : found)
        out.push_back({subnet_text(key.first, key.second), one.vlan, one.devices, {}});
    YAGURA_STORE_DO(Query{"SELECT line, network, bits FROM line_subnet"}.each(*loan, [&](const Row& row) {
        const auto text = subnet_text(row.bytes(1), row.integer(2));
        for (auto& one : out)
            if (one.subnet == text) one.line = line_text(row.integer(0));
    }));
    std::ranges::stable_sort(out, std::ranges::greater{}, &FoundSubnet::devices);
    if (out.size() > 1000) out.resize(1000);
    return out;
}

} // namespace yagura::store
