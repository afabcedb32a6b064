#include "spine/store/health.h"

#include <algorithm>
#include <cstring>

#include "spine/observe/subnet.h"
#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using namespace reading;

template <class Array>
Array bytes_as(Bytes bytes) noexcept {
    Array out{};
    std::memcpy(out.data(), bytes.data(), std::min(bytes.size(), out.size()));
    return out;
}
std::string ip_text(Bytes bytes) {
    const bool none = std::ranges::all_of(bytes, [](std::byte one) { return one == std::byte{0}; });
    return none ? std::string{} : address_of(static_cast<std::int64_t>(model::Node::Kind::ip), bytes);
}
std::string mac_text(Bytes bytes) {
    const bool none = std::ranges::all_of(bytes, [](std::byte one) { return one == std::byte{0}; });
    return none ? std::string{} : address_of(static_cast<std::int64_t>(model::Node::Kind::mac), bytes);
}
std::string subject_text(Bytes address, int bits) {
    auto out = ip_text(address);
    if (out.empty() || bits == 128) return out;
    return cat(out, "/", out.contains(':') ? bits : bits - 96);
}

std::string finding_text(std::int64_t id) { return cat("h0-", id); }

/// Who is who, for as many as a question may name.
class Devices {
public:
    explicit Devices(Database& state) : state_{state}, who_{state} {}
    DeviceRef of(std::int64_t node) { return node == 0 ? DeviceRef{} : who_.node(node); }
    Result<LineRef> line(const DeviceRef& device) {
        LineRef out;
        const auto number = number_of(device.id, "d0-");
        if (!number) return out;
        if (const auto known = lines_.find(*number); known != lines_.end()) return known->second;
        YAGURA_STORE_DO(
            Query{"SELECT l.id, l.name FROM shown s JOIN line l ON l.id = s.line WHERE s.device = "}
                .add("?", *number)
                .each_again(state_,
                            [&](const Row& row) { out = {line_text(row.integer(0)), row.string(1)}; }));
        lines_.emplace(*number, out);
        return out;
    }
    EvidenceRef evidence(const Row& row, int source, int frame, int offset, Time at) {
        return who_.evidence(row.as<std::uint32_t>(source), row.as<std::uint64_t>(frame),
                             offset < 0 ? 0 : row.as<std::uint32_t>(offset), at, "");
    }

private:
    Database& state_;
    Who who_;
    std::unordered_map<std::int64_t, LineRef> lines_;
};

constexpr std::string_view finding_columns =
    "SELECT id, kind, severity, vlan, address, bits, first, last, until, times, source, frame, offset, facts "
    "FROM health_finding";

HealthRow finding_of(const Row& row, Devices& devices, std::int64_t now) {
    HealthRow out;
    out.id = finding_text(row.integer(0));
    out.kind = row.as<std::uint8_t>(1);
    out.severity = row.as<std::uint8_t>(2);
    out.vlan = row.as<std::uint16_t>(3);
    out.subject = subject_text(row.bytes(4), row.as<int>(5));
    out.first = from_ns(row.integer(6));
    out.last = from_ns(row.integer(7));
    out.until = from_ns(row.integer(8));
    out.open = row.integer(8) > now;
    out.times = row.as<std::uint64_t>(9);
    out.evidence = devices.evidence(row, 10, 11, 12, out.last);
    out.facts = row.string(13);
    return out;
}

Result<void> add_parties(Database& state, Devices& devices, std::int64_t id, HealthRow& into) {
    return Query{"SELECT role, ip, mac, node, first, last, source, frame, offset FROM health_party WHERE "
                 "finding = "}
        .add("? ORDER BY place", id)
        .each_again(state, [&](const Row& row) {
            HealthPartyRow party;
            party.role = row.as<std::uint8_t>(0);
            party.ip = ip_text(row.bytes(1));
            party.mac = mac_text(row.bytes(2));
            party.device = devices.of(row.integer(3));
            if (auto line = devices.line(party.device)) party.line = *line;
            party.first = from_ns(row.integer(4));
            party.last = from_ns(row.integer(5));
            party.evidence = devices.evidence(row, 6, 7, 8, party.last);
            into.parties.push_back(std::move(party));
        });
}

bool fits_text(const HealthRow& row, const std::vector<std::string>& words) {
    if (words.empty()) return true;
    auto all = cat(row.subject, " ", row.facts);
    for (const auto& party : row.parties)
        all += cat(" ", party.ip, " ", party.mac, " ", party.device.name, " ", party.device.address, " ",
                   party.line.name);
    all = lower(all);
    return std::ranges::all_of(words, [&](const std::string& one) { return all.contains(lower(one)); });
}

bool fits_line(const HealthRow& row, const std::vector<std::string>& lines) {
    if (lines.empty()) return true;
    bool any = false;
    for (const auto& party : row.parties) {
        if (party.line.id.empty()) continue;
        any = true;
        if (std::ranges::find(lines, party.line.id) != lines.end()) return true;
    }
    return !any && std::ranges::find(lines, "none") != lines.end();
}

template <class Key, class Less = std::less<Key>>
std::vector<std::pair<Key, std::uint64_t>> list_of_counts(const std::map<Key, std::uint64_t, Less>& of) {
    return {of.begin(), of.end()};
}

} // namespace

Result<HealthList> HealthReader::list(const HealthFilter& filter, const Page& page) {
    YAGURA_TRY(const auto first, offset_of(page));
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto now, moment(*loan));
    Devices devices{*loan};
    std::optional<std::int64_t> device;
    if (!filter.device.empty()) {
        YAGURA_TRY(device, device_number(*loan, filter.device));
        if (!device) return HealthList{.now = from_ns(now.now), .covered = now.live};
    }
    std::vector<HealthRow> all;
    std::vector<std::int64_t> ids;
    // What is open and heavy comes first; of it the latest.
    YAGURA_STORE_DO(Query{finding_columns}
                        .add(" ORDER BY until > ? DESC, severity DESC, last DESC, id DESC LIMIT ?", now.now,
                             findings_most)
                        .each_again(*loan, [&](const Row& row) {
                            ids.push_back(row.integer(0));
                            all.push_back(finding_of(row, devices, now.now));
                        }));
    for (std::size_t i = 0; i < all.size(); ++i) YAGURA_STORE_DO(add_parties(*loan, devices, ids[i], all[i]));

    HealthList out{.now = from_ns(now.now), .covered = now.live};
    const auto words = split(filter.text);
    std::map<std::uint8_t, std::uint64_t> kinds, severities;
    const auto by_id = [](const LineRef& a, const LineRef& b) { return a.id < b.id; };
    std::map<LineRef, std::uint64_t, decltype(by_id)> lines{by_id};
    const auto most = std::clamp<std::size_t>(page.most, 1, 1'000);
    const auto device_id = device ? device_text(*device) : std::string{};
    for (auto& row : all) {
        if (device && std::ranges::none_of(row.parties,
                                           [&](const auto& party) { return party.device.id == device_id; }))
            continue;
        if (!fits_text(row, words)) continue;
        const auto in = [](const auto& list, std::uint8_t one) {
            return list.empty() || std::ranges::find(list, one) != list.end();
        };
        const bool kind = in(filter.kinds, row.kind), severity = in(filter.severities, row.severity),
                   line = fits_line(row, filter.lines), open = !filter.open || *filter.open == row.open;
        if (severity && line && open) ++kinds[row.kind];
        if (kind && line && open) ++severities[row.severity];
        if (kind && severity && open) {
            std::vector<std::string> told;
            for (const auto& party : row.parties)
                if (!party.line.id.empty() && std::ranges::find(told, party.line.id) == told.end()) {
                    told.push_back(party.line.id);
                    ++lines[party.line];
                }
            if (told.empty()) ++lines[LineRef{}];
        }
        if (kind && severity && line) ++(row.open ? out.open : out.ended);
        if (!kind || !severity || !line || !open) continue;
        if (out.total++ >= first && out.items.size() < most) out.items.push_back(std::move(row));
    }
    out.kinds = list_of_counts(kinds);
    out.severities = list_of_counts(severities);
    out.lines = {lines.begin(), lines.end()};
    if (const auto next = first + out.items.size(); next < out.total) out.next_cursor = cat(next);
    return out;
}

Result<std::optional<HealthRow>> HealthReader::finding(std::string_view id) {
    std::optional<HealthRow> out;
    const auto wanted = number_of(id, "h0-");
    if (!wanted) return out;
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto now, moment(*loan));
    Devices devices{*loan};
    YAGURA_STORE_DO(
        Query{finding_columns}.add(" WHERE id = ?", *wanted).each_again(*loan, [&](const Row& row) {
            out = finding_of(row, devices, now.now);
        }));
    if (out) YAGURA_STORE_DO(add_parties(*loan, devices, *wanted, *out));
    return out;
}

Result<CycleList> HealthReader::cycles(std::string_view device, std::string_view text, const Page& page) {
    YAGURA_TRY(const auto first, offset_of(page));
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto now, moment(*loan));
    Devices devices{*loan};
    CycleList out;
    std::optional<std::int64_t> wanted;
    if (!device.empty()) {
        YAGURA_TRY(wanted, device_number(*loan, device));
        if (!wanted) return out;
    }
    const auto words = split(text);
    const auto most = std::clamp<std::size_t>(page.most, 1, 1'000);
    const auto wanted_id = wanted ? device_text(*wanted) : std::string{};
    // The furthest from what is usual first; of those that are as usual, the fastest.
    YAGURA_STORE_DO(Query{
        "SELECT id, asks, answers, asks_text, answers_text, protocol, function, object, first, last, "
        "usual_us, usual_most_us, now_us, now_most_us, asked, answered, refused, minutes, event, source, "
        "frame FROM health_cycle ORDER BY last < "}
                        .add("? - 300000000000, abs(now_us - usual_us) * 10 / max(usual_us, 1) DESC, "
                             "usual_us, id LIMIT ?",
                             now.now, cycles_most)
                        .each_again(*loan, [&](const Row& row) {
                            CycleRow one;
                            one.asks = devices.of(row.integer(1));
                            one.answers = devices.of(row.integer(2));
                            auto& what = one.what;
                            what.asks_text = row.string(3);
                            what.answers_text = row.string(4);
                            what.protocol = row.string(5);
                            what.function = row.string(6);
                            what.object = row.string(7);
                            if (wanted && one.asks.id != wanted_id && one.answers.id != wanted_id) return;
                            const auto all = lower(cat(one.asks.name, " ", what.asks_text, " ",
                                                       one.answers.name, " ", what.answers_text, " ",
                                                       what.protocol, " ", what.function, " ", what.object));
                            if (!std::ranges::all_of(words, [&](const std::string& word) {
                                    return all.contains(lower(word));
                                }))
                                return;
                            if (out.total++ < first || out.items.size() >= most) return;
                            one.id = cat("c0-", row.integer(0));
                            if (auto line = devices.line(one.answers)) one.line = *line;
                            what.first = from_ns(row.integer(8));
                            what.last = from_ns(row.integer(9));
                            what.usual_us = row.as<std::uint32_t>(10);
                            what.usual_most_us = row.as<std::uint32_t>(11);
                            what.now_us = row.as<std::uint32_t>(12);
                            what.now_most_us = row.as<std::uint32_t>(13);
                            what.asked = row.as<std::uint32_t>(14);
                            what.answered = row.as<std::uint32_t>(15);
                            what.refused = row.as<std::uint32_t>(16);
                            what.minutes = row.as<std::uint32_t>(17);
                            what.event = row.integer(18) != 0;
                            one.evidence = devices.evidence(row, 19, 20, -1, what.last);
                            out.items.push_back(std::move(one));
                        }));
    if (const auto next = first + out.items.size(); next < out.total) out.next_cursor = cat(next);
    return out;
}

Result<PlanFacts> HealthReader::plan() {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto now, moment(*loan));
    PlanFacts out{.now = from_ns(now.now), .covered = now.live};
    std::unordered_map<std::int64_t, std::vector<std::size_t>> by_device;
    YAGURA_STORE_DO(Query{
        cat("SELECT s.device, s.name, s.address, s.role, node.mark, node.first, node.last FROM link "
            "JOIN node ON node.id = link.node JOIN shown s ON s.device = link.device WHERE link.ends IS "
            "NULL AND node.kind = ",
            static_cast<int>(model::Node::Kind::ip),
            // Who was given an address has it, heard or not; a forged source has none.
            " AND s.state IN (", static_cast<int>(model::State::claimed), ", ",
            static_cast<int>(model::State::confirmed), ") ORDER BY node.mark")}
                        .each_again(*loan, [&](const Row& row) {
                            // Masks and gateways are IPv4's; most stations have an address of IPv6 beside it.
                            if (observe::is_v4(bytes_as<observe::Ip>(row.bytes(4))))
                                by_device[row.integer(0)].push_back(out.addresses.size());
                            out.addresses.push_back({.ip = bytes_as<observe::Ip>(row.bytes(4)),
                                                     .device = {device_text(row.integer(0)), row.string(1),
                                                                row.string(2), row.string(3)},
                                                     .first = from_ns(row.integer(5)),
                                                     .last = from_ns(row.integer(6))});
                        }));
    YAGURA_STORE_DO(Query{"SELECT s.network, s.bits, l.id, l.name FROM line_subnet s JOIN line l ON l.id = "
                          "s.line ORDER BY s.network, s.bits"}
                        .each_again(*loan, [&](const Row& row) {
                            out.declared.push_back({bytes_as<observe::Ip>(row.bytes(0)),
                                                    row.as<std::uint8_t>(1),
                                                    {line_text(row.integer(2)), row.string(3)}});
                        }));
    // What a server told somebody hangs on his MAC: it is true for the addresses of the device.
    YAGURA_STORE_DO(
        Query{cat("SELECT f.attribute, f.value, node.kind, node.mark, link.device FROM fact f JOIN node ON "
                  "node.id = f.node LEFT JOIN link ON link.node = node.id AND link.ends IS NULL WHERE "
                  "f.attribute IN (",
                  static_cast<int>(observe::Attribute::netmask), ", ",
                  static_cast<int>(observe::Attribute::gateway), ") ORDER BY f.last")}
            .each_again(*loan, [&](const Row& row) {
                const bool gateway = row.integer(0) == static_cast<std::int64_t>(observe::Attribute::gateway);
                if (row.integer(2) == static_cast<std::int64_t>(model::Node::Kind::ip)) {
                    out.told.push_back({bytes_as<observe::Ip>(row.bytes(3)), row.string(1), gateway});
                } else if (!row.null(4)) {
                    if (const auto found = by_device.find(row.integer(4));
                        found != by_device.end() && found->second.size() == 1)
                        out.told.push_back({out.addresses[found->second[0]].ip, row.string(1), gateway});
                }
            }));
    return out;
}

} // namespace yagura::store
