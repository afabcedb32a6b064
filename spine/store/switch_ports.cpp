// Ports of a switch, and who is at the other end of each.
#include <algorithm>
#include <unordered_map>

#include "spine/store/health.h"
#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using namespace reading;

constexpr std::size_t there_most = 16;
static_assert(static_cast<int>(model::Node::Kind::mac) == 1); // in the question below

SwitchPort port_of(const Row& row) {
    SwitchPort out;
    out.system = row.string(0);
    out.interface = row.as<std::uint32_t>(1);
    out.type = row.as<std::uint32_t>(2);
    out.name = row.string(3);
    out.alias = row.string(4);
    out.admin = row.as<std::uint8_t>(5);
    out.oper = row.as<std::uint8_t>(6);
    out.port_control = row.as<std::uint8_t>(7);
    out.port_security = row.as<std::uint8_t>(8);
    out.since = from_ns(row.integer(9));
    out.first = from_ns(row.integer(10));
    out.last = from_ns(row.integer(11));
    out.speed_mbit = row.as<std::uint64_t>(12);
    out.in_bps = row.as<std::uint64_t>(13);
    out.out_bps = row.as<std::uint64_t>(14);
    out.errors_in = row.as<std::uint64_t>(15);
    out.errors_out = row.as<std::uint64_t>(16);
    out.discards_in = row.as<std::uint64_t>(17);
    out.discards_out = row.as<std::uint64_t>(18);
    out.errors_new = row.as<std::uint64_t>(19);
    out.counted_from = from_ns(row.integer(20));
    out.downs = row.as<std::uint32_t>(21);
    return out;
}

/// By the column of devices that the same switch's table fills: several may be behind one port.
Result<std::unordered_map<std::string, std::vector<std::int64_t>>> by_table(Database& state) {
    std::unordered_map<std::string, std::vector<std::int64_t>> out;
    YAGURA_STORE_DO(
        Query{"SELECT switch_port, device FROM shown WHERE switch_port <> '' ORDER BY device"}.each(
            state, [&](const Row& row) {
                auto& all = out[row.string(0)];
                if (all.size() < there_most) all.push_back(row.integer(1));
            }));
    return out;
}

} // namespace

Result<SwitchPortList> HealthReader::ports(std::string_view text, const Page& page) {
    YAGURA_TRY(const auto first, offset_of(page));
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto id, device_number(*loan, text));
    SwitchPortList out;
    if (!id) return out;
    YAGURA_TRY(const auto nodes, nodes_of_device(*loan, *id));
    YAGURA_TRY(const auto tables, by_table(*loan));
    Who who{*loan};
    const auto most = std::clamp<std::size_t>(page.most, 1, 1'000);
    // Whoever is at the other end may have become known after the switch told of it.
    Query query{
        "SELECT p.system, interface, type, name, alias, admin, oper, port_control, port_security, since, "
        "p.first, "
        "p.last, speed_mbit, in_bps, out_bps, errors_in, errors_out, discards_in, discards_out, errors_new, "
        "counted_from, downs, coalesce(far.id, there), there_mac, there_name, there_port, there_how, "
        "there_at, "
        "source, frame FROM switch_port p LEFT JOIN node its ON its.id = p.node LEFT JOIN node far ON "
        "far.site = "
        "0 AND far.kind = 1 AND far.realm = its.realm AND far.parent = 0 AND far.mark = there_mac WHERE "
        "p.node "
        "IN "};
    query.add_list(nodes);
    query.add(" ORDER BY interface, p.last DESC LIMIT ?", ports_most);
    std::int64_t before = -1;
    YAGURA_STORE_DO(query.each(*loan, [&](const Row& row) {
        // The same switch asked at another of its addresses: the latest answer counts.
        if (std::exchange(before, row.integer(1)) == row.integer(1)) return;
        if (out.total++ < first || out.items.size() >= most) return;
        auto& one = out.items.emplace_back();
        one.what = port_of(row);
        one.evidence = who.evidence(row.as<std::uint32_t>(28), row.as<std::uint64_t>(29), 0, one.what.last,
                                    "switch_state");
        std::int64_t known = 0;
        if (const auto how = row.integer(26); how != 0) {
            AtPort there{.device = row.integer(22) == 0 ? DeviceRef{} : who.node(row.integer(22)),
                         .name = row.string(24),
                         .mac = address_of(static_cast<std::int64_t>(model::Node::Kind::mac), row.bytes(23)),
                         .port = row.string(25),
                         .by_lldp = how == 1,
                         .at = from_ns(row.integer(27))};
            if (std::ranges::all_of(row.bytes(23), [](std::byte byte) { return byte == std::byte{0}; }))
                there.mac.clear();
            if (row.integer(22) != 0) known = who.device_number_of(row.integer(22));
            one.there.push_back(std::move(there));
        }
        const auto& name = one.what.name;
        const auto others = tables.find(one.what.system.empty() ? name : cat(one.what.system, " ", name));
        if (others == tables.end()) return;
        for (const auto device : others->second)
            if (device != known && one.there.size() < there_most)
                one.there.push_back({.device = who.device(device), .at = one.what.last});
    }));
    if (const auto next = first + out.items.size(); next < out.total) out.next_cursor = cat(next);
    return out;
}

} // namespace yagura::store
