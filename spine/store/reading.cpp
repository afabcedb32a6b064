#include "spine/store/reading.h"

#include <algorithm>
#include <cstring>

#include "spine/base/hex.h"
#include "spine/model/identity.h"
#include "spine/observe/text.h"

namespace yagura::store::reading {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

std::optional<std::vector<std::byte>> unhex(std::string_view text) {
    if (text.size() % 2) return std::nullopt;
    std::vector<std::byte> out;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto high = digits.find(text[i]), low = digits.find(text[i + 1]);
        if (high == digits.npos || low == digits.npos) return std::nullopt;
        out.push_back(static_cast<std::byte>(high << 4 | low));
    }
    return out;
}

} // namespace

std::string cursor(const Place& place) {
    struct Key {
        std::string operator()(std::int64_t number) const {
            return "i" + to_hex(std::as_bytes(std::span{&number, 1}));
        }
        std::string operator()(const std::string& text) const {
            return "t" + to_hex(std::as_bytes(std::span{text}));
        }
        std::string operator()(const std::vector<std::byte>& bytes) const { return "b" + to_hex(bytes); }
    };
    return cat(std::visit(Key{}, place.key), "-", to_hex(std::as_bytes(std::span{&place.id, 1})));
}

Result<std::optional<Place>> place(const std::string& text) {
    if (text.empty()) return std::optional<Place>{};
    const auto dash = text.find('-');
    const auto bad = std::unexpected{Complaint{.code = "store.bad-cursor",
                                               .what = "this cursor was not given out here",
                                               .next = "begin with the first page, without a cursor"}};
    if (dash == text.npos || dash == 0 || text.size() > 8192) return bad;
    const auto key = unhex(std::string_view{text}.substr(1, dash - 1)),
               id = unhex(std::string_view{text}.substr(dash + 1));
    if (!key || !id || id->size() != sizeof(std::int64_t)) return bad;
    Place out;
    std::memcpy(&out.id, id->data(), sizeof out.id);
    switch (text.front()) {
    case 'i': {
        std::int64_t number = 0;
        if (key->size() != sizeof number) return bad;
        std::memcpy(&number, key->data(), sizeof number);
        out.key = number;
        break;
    }
    case 't':
        out.key = std::string{as_text(*key)};
        break;
    case 'b':
        out.key = *key;
        break;
    default:
        return bad;
    }
    return out;
}

Place place_of(const Row& row, int key, int id) {
    Place out{.key = std::int64_t{0}, .id = row.integer(id)};
    switch (row.type(key)) {
    case Row::Type::text:
        out.key = row.string(key);
        break;
    case Row::Type::bytes:
        out.key = std::vector<std::byte>(row.bytes(key).begin(), row.bytes(key).end());
        break;
    default:
        out.key = row.integer(key);
        break;
    }
    return out;
}

std::string line_text(std::int64_t id) { return cat("l0-", id); }
std::string upload_text(std::int64_t id) { return cat("c0-", id); }
std::optional<std::int64_t> number_of(std::string_view text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return std::nullopt;
    const auto id = number<std::uint64_t>(text.substr(prefix.size()));
    if (!id || *id == 0 || *id > INT64_MAX) return std::nullopt;
    return static_cast<std::int64_t>(*id);
}
std::string device_text(std::int64_t id) {
    return model::text(model::DeviceId{static_cast<std::uint64_t>(id)});
}

Result<std::optional<std::int64_t>> device_number(Database& state, std::string_view text) {
    const auto id = model::device_id(text);
    if (!id) return std::optional<std::int64_t>{};
    const auto number = static_cast<std::int64_t>(id->value);
    YAGURA_TRY(const auto here,
               Query{"SELECT count(*) FROM shown WHERE device = "}.add("?", number).number(state));
    if (here != 0) return std::optional{number};
    YAGURA_TRY(
        const auto now,
        Query{"SELECT o.device FROM link m JOIN link o ON o.node = m.node AND o.ends IS NULL JOIN shown ON "
              "shown.device = o.device WHERE m.device = "}
            .add("? ORDER BY m.id LIMIT 1", number)
            .number(state));
    return now != 0 ? std::optional{now} : std::nullopt;
}

Result<std::vector<std::int64_t>> nodes_of_device(Database& state, std::int64_t device) {
    std::vector<std::int64_t> nodes;
    // Parts hang on the nodes that they are reached through.
    YAGURA_STORE_DO(
        Query{"WITH own AS (SELECT DISTINCT node FROM link WHERE device = "}
            .add("?) SELECT node FROM own UNION SELECT id FROM node WHERE parent IN own AND parent <> 0",
                 device)
            .each(state, [&](const Row& row) { nodes.push_back(row.integer(0)); }));
    return nodes;
}

Result<std::unordered_map<std::int64_t, std::int64_t>> devices_of_nodes(Database& state) {
    std::unordered_map<std::int64_t, std::int64_t> out;
    YAGURA_STORE_DO(Query{"SELECT node, device FROM link WHERE ends IS NULL"}.each(
        state, [&](const Row& row) { out.emplace(row.integer(0), row.integer(1)); }));
    YAGURA_STORE_DO(Query{"SELECT id, parent FROM node WHERE parent <> 0"}.each(state, [&](const Row& row) {
        if (const auto found = out.find(row.integer(1)); found != out.end())
            out.emplace(row.integer(0), found->second);
    }));
    return out;
}

Result<Moment> moment(Database& state) {
    Moment out;
    YAGURA_STORE_DO(
        Query{"SELECT (SELECT time FROM mark), ifnull((SELECT min(first) FROM source WHERE first > 0), 0), "
              "EXISTS (SELECT 1 FROM source, mark WHERE live = 1 AND source.last > mark.time - 300000000000)"}
            .each(state, [&](const Row& row) {
                out.now = row.integer(0);
                out.begun = row.integer(1);
                out.live = row.integer(2) != 0;
            }));
    return out;
}

std::string Moment::state() const {
    return cat("CASE WHEN s.last < ", now - day_ns, live ? " THEN 'quiet' " : " THEN 'unknown' ",
               "WHEN s.first > ", std::max(now - day_ns, begun + hour_ns), " THEN 'new' ELSE 'usual' END");
}

std::string Moment::approval() const {
    return cat("CASE s.approval WHEN 1 THEN 'approved' WHEN 2 THEN 'rejected' WHEN 3 THEN CASE WHEN "
               "s.approval_until <= ",
               clock, " THEN 'expired' ELSE 'temporary' END ELSE 'pending' END");
}

std::string_view carried_by(std::string_view protocol) noexcept {
    if (protocol == "s7comm" || protocol == "s7comm_plus" || protocol == "mms") return "cotp";
    if (protocol == "cip" || protocol == "pccc") return "enip";
    if (protocol == "umas") return "modbus";
    if (protocol == "ntlmssp") return "smb";
    return {};
}

std::string carrier_text(std::uint16_t carrier) {
    switch (carrier) {
    case 0:
        return "";
    case 1:
        return "icmp";
    case 6:
        return "tcp";
    case 17:
        return "udp";
    default:
        return carrier >= 0x600 ? "ethernet" : cat("ip/", carrier);
    }
}

std::string address_of(std::int64_t kind, Bytes mark) {
    if (kind == static_cast<std::int64_t>(model::Node::Kind::mac) && mark.size() == 6) {
        observe::Mac mac{};
        std::memcpy(mac.data(), mark.data(), mac.size());
        return observe::text(mac);
    }
    if (kind == static_cast<std::int64_t>(model::Node::Kind::ip) && mark.size() == 16) {
        observe::Ip ip{};
        std::memcpy(ip.data(), mark.data(), ip.size());
        return observe::text(ip);
    }
    return {};
}

std::int64_t Who::device_number_of(std::int64_t node) {
    if (node == 0) return 0;
    if (const auto found = nodes_.find(node); found != nodes_.end()) return found->second;
    // A part belongs to the device that it is reached through.
    const auto device = Query{"SELECT device FROM link WHERE ends IS NULL AND node IN ("}
                            .add("?, (SELECT parent FROM node WHERE id = ?)) ORDER BY node = ? DESC LIMIT 1",
                                 node, node, node)
                            .number_again(state_);
    return nodes_[node] = device.value_or(0);
}

DeviceRef Who::device(std::int64_t device) {
    if (const auto found = devices_.find(device); found != devices_.end()) return found->second;
    DeviceRef out;
    (void)Query{"SELECT name, address, role FROM shown WHERE device = "}
        .add("?", device)
        .each_again(state_, [&](const Row& row) {
            out = {device_text(device), row.string(0), row.string(1), row.string(2)};
        });
    return devices_[device] = out;
}

DeviceRef Who::node(std::int64_t node) {
    if (const auto device = device_number_of(node)) {
        auto out = this->device(device);
        if (!out.id.empty()) return out;
    }
    if (const auto found = bare_.find(node); found != bare_.end()) return found->second;
    DeviceRef out;
    (void)Query{"SELECT kind, mark FROM node WHERE id = "}.add("?", node).each_again(
        state_, [&](const Row& row) { out.address = address_of(row.integer(0), row.bytes(1)); });
    out.name = out.address.empty() ? "?" : out.address;
    return bare_[node] = out;
}

EvidenceRef Who::evidence(std::uint32_t source, std::uint64_t frame, std::uint32_t offset, Time at,
                          std::string_view protocol) {
    auto found = sources_.find(source);
    if (found == sources_.end()) {
        std::pair<std::string, std::string> name;
        (void)Query{"SELECT sensor_name, interface, upload FROM source WHERE id = "}
            .add("?", source)
            .each_again(state_, [&](const Row& row) {
                name.first = row.text(0).empty() ? row.string(1) : cat(row.text(0), ", ", row.text(1));
                if (row.integer(2) != 0) name.second = upload_text(row.integer(2));
            });
        found = sources_.emplace(source, name).first;
    }
    EvidenceRef out;
    out.source = found->second.first;
    out.capture = found->second.second;
    out.frame = frame;
    out.offset = offset;
    out.at = at;
    out.protocol = protocol;
    return out;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(' ', at), text.size());
        if (end > at) words.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

std::string shown_columns(const Moment& moment) {
    return cat(
        "s.device, s.name, s.address, s.mac, s.role, s.vendor, s.product, s.firmware, s.serial, s.os, "
        "s.line, l.name, "
        "s.level, s.protocols, s.vlan, s.switch_port, s.run_state, s.parts, s.corrected, s.first, s.last, ",
        moment.state(), ", ", moment.approval(),
        ", s.approval_until, s.approval_at, s.approval_who, s.approval_reason, s.approval_why, "
        "s.approval_from, s.approval_to");
}

DeviceRow row_of(const Row& row) {
    DeviceRow out;
    out.id = device_text(row.integer(0));
    int at = 1;
    for (auto* text : {&out.name, &out.address, &out.mac, &out.role, &out.vendor, &out.product, &out.firmware,
                       &out.serial, &out.os})
        *text = row.string(at++);
    if (!row.null(11)) out.line = LineRef{line_text(row.integer(10)), row.string(11)};
    out.level = row.string(12);
    out.protocols = split(row.text(13));
    std::erase(out.protocols, "unknown"); // What nobody claimed is no protocol.
    if (!row.null(14)) out.vlan = row.as<std::uint16_t>(14);
    out.switch_port = row.string(15);
    out.run_state = row.string(16);
    out.parts = row.as<std::uint64_t>(17);
    out.corrected = row.integer(18) != 0;
    out.first = from_ns(row.integer(19));
    out.last = from_ns(row.integer(20));
    out.state = row.string(21);
    out.approval = row.string(22);
    out.standing.until = from_ns(row.integer(23));
    out.standing.at = from_ns(row.integer(24));
    at = 25;
    for (auto* text :
         {&out.standing.who, &out.standing.reason, &out.standing.why, &out.standing.from, &out.standing.to})
        *text = row.string(at++);
    return out;
}

Result<void> count_peers(Database& state, DeviceRow& row, std::int64_t device) {
    YAGURA_TRY(
        const auto peers,
        Query{"WITH own AS (SELECT node FROM link WHERE ends IS NULL AND device = "}
            .add(
                "?), other AS (SELECT server AS node FROM talk WHERE client IN own UNION SELECT client FROM "
                "talk "
                "WHERE server IN own) SELECT count(DISTINCT link.device) FROM other JOIN link ON link.node = "
                "other.node AND link.ends IS NULL WHERE link.device <> ?",
                device, device)
            .number_again(state));
    row.peers = static_cast<std::uint64_t>(peers);
    return {};
}

} // namespace yagura::store::reading

namespace yagura::store {

Result<std::uint64_t> offset_of(const Page& page) {
    if (page.cursor.empty()) return std::uint64_t{0};
    if (const auto at = number<std::uint64_t>(page.cursor)) return *at;
    return std::unexpected{Complaint{.code = "store.bad-cursor",
                                     .what = "this cursor was not given out by this list",
                                     .where = "cursor",
                                     .next = "leave it out for the first page"}};
}

} // namespace yagura::store
