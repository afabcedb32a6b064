#include "spine/store/ledger.h"

#include <unordered_map>

#include "spine/model/rows.h"
#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using namespace reading;

constexpr char separator = '\x1f';
constexpr std::string_view head = "ledger 1 ";

/// id, row, accepted, at, who, and the values.
constexpr std::size_t fields = 5 + ledger_columns.size();

void put(std::string& into, std::string_view value) {
    for (const char one : value) into += one == separator || one == '\n' ? ' ' : one;
    into += separator;
}

std::string columns() {
    std::string out = "SELECT id, row, accepted, at, who";
    for (const auto column : ledger_columns) out += cat(", ", column);
    return out + " FROM ledger_entry";
}

LedgerRow entry_of(const Row& row) {
    LedgerRow out{.id = row.as<std::uint64_t>(0),
                  .row = row.as<std::uint32_t>(1),
                  .accepted = row.string(2),
                  .at = from_ns(row.integer(3)),
                  .who = row.string(4)};
    for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] = row.string(static_cast<int>(5 + i));
    return out;
}

Result<Ledger> read_ledger(Database& state) {
    Ledger out;
    YAGURA_STORE_DO(
        Query{"SELECT version, last_entry, name, at, who, layout_file, layout_name, layout_at, layout_who "
              "FROM ledger WHERE site = 0"}
            .each_again(state, [&](const Row& row) {
                out = {.version = row.as<std::uint64_t>(0),
                       .last_entry = row.as<std::uint64_t>(1),
                       .name = row.string(2),
                       .at = from_ns(row.integer(3)),
                       .who = row.string(4),
                       .layout = {row.string(5), row.string(6), from_ns(row.integer(7)), row.string(8)}};
            }));
    return out;
}

Result<std::vector<LedgerRow>> read_entries(Database& state) {
    std::vector<LedgerRow> out;
    YAGURA_STORE_DO(Query{columns() + " ORDER BY id"}.each_again(
        state, [&](const Row& row) { out.push_back(entry_of(row)); }));
    return out;
}

Result<std::vector<SeenDevice>> read_devices(Database& state, const Moment& now) {
    std::vector<SeenDevice> out;
    std::unordered_map<std::int64_t, std::size_t> places;
    YAGURA_STORE_DO(Query{cat("SELECT s.device, s.name, s.address, s.role, s.vendor, s.product, s.firmware, "
                              "s.serial, s.line, l.name, s.first, s.last, ",
                              now.state(),
                              ", s.approval = 0, s.approval_why = 'new', s.vlan, s.switch_port, s.line_rule "
                              "FROM shown s LEFT JOIN line l ON "
                              "l.id = s.line WHERE s.state = ",
                              static_cast<int>(model::State::confirmed), " ORDER BY s.device")}
                        .each_again(state, [&](const Row& row) {
                            places.emplace(row.integer(0), out.size());
                            auto& one = out.emplace_back();
                            one.id = device_text(row.integer(0));
                            one.name = row.string(1);
                            one.address = row.string(2);
                            one.role = row.string(3);
                            one.vendor = row.string(4);
                            one.product = row.string(5);
                            one.firmware = row.string(6);
                            one.serial = row.string(7);
                            if (!row.null(8)) one.line = {line_text(row.integer(8)), row.string(9)};
                            one.first = from_ns(row.integer(10));
                            one.last = from_ns(row.integer(11));
                            one.state = row.string(12);
                            one.waits = row.integer(13) != 0;
                            one.never_decided = one.waits && row.integer(14) != 0;
                            if (!row.null(15)) one.vlan = row.as<std::uint16_t>(15);
                            one.switch_port = row.string(16);
                            one.line_rule = row.as<std::uint64_t>(17);
                        }));
    const auto at = [&](std::int64_t device) -> SeenDevice* {
        const auto found = places.find(device);
        return found == places.end() ? nullptr : &out[found->second];
    };
    YAGURA_STORE_DO(Query{
        cat("SELECT link.device, node.kind, node.mark FROM link JOIN node ON node.id = link.node WHERE "
            "link.ends IS NULL AND node.kind IN (",
            static_cast<int>(model::Node::Kind::mac), ", ", static_cast<int>(model::Node::Kind::ip), ")")}
                        .each_again(state, [&](const Row& row) {
                            auto* const one = at(row.integer(0));
                            if (!one) return;
                            auto text = address_of(row.integer(1), row.bytes(2));
                            const bool ip = row.integer(1) ==
                                            static_cast<std::int64_t>(model::Node::Kind::ip);
                            (ip ? one->ips : one->macs).push_back(std::move(text));
                        }));
    YAGURA_STORE_DO(
        Query{"SELECT device, value FROM shown_fact WHERE attribute IN ('hostname', 'name')"}.each_again(
            state, [&](const Row& row) {
                if (auto* const one = at(row.integer(0))) one->names.push_back(row.string(1));
            }));
    return out;
}

} // namespace

std::string text_of(const LedgerRow& row) {
    std::string out;
    put(out, cat(row.id));
    put(out, cat(row.row));
    put(out, row.accepted);
    put(out, cat(ns(row.at)));
    put(out, row.who);
    for (const auto& value : row.values) put(out, value);
    out.pop_back();
    return out;
}

std::optional<LedgerRow> ledger_row(std::string_view text) {
    if (text.size() > ledger_row_most) return std::nullopt;
    std::array<std::string_view, fields> parts;
    for (std::size_t i = 0; i < fields; ++i) {
        const auto end = text.find(separator);
        if ((end == text.npos) != (i + 1 == fields)) return std::nullopt;
        parts[i] = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    const auto id = number<std::uint64_t>(parts[0]);
    const auto row = number<std::uint32_t>(parts[1]);
    const auto at = number<std::uint64_t>(parts[3]);
    if (!id || !row || !at) return std::nullopt;
    LedgerRow out{.id = *id,
                  .row = *row,
                  .accepted = std::string{parts[2]},
                  .at = from_ns(static_cast<std::int64_t>(*at)),
                  .who = std::string{parts[4]}};
    for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] = parts[5 + i];
    return out;
}

std::string text_of(const std::vector<LedgerRow>& rows) {
    std::string out = cat(head, rows.size(), "\n");
    for (const auto& row : rows) out += cat(text_of(row), "\n");
    return out;
}

std::optional<std::vector<LedgerRow>> ledger_rows(std::string_view text) {
    if (!text.starts_with(head)) return std::nullopt;
    text.remove_prefix(head.size());
    auto end = text.find('\n');
    const auto rows = number<std::uint32_t>(text.substr(0, end));
    if (end == text.npos || !rows || *rows > ledger_rows_most) return std::nullopt;
    std::vector<LedgerRow> out;
    for (text.remove_prefix(end + 1); !text.empty(); text.remove_prefix(end + 1)) {
        end = text.find('\n');
        auto row = ledger_row(text.substr(0, end));
        if (end == text.npos || !row || out.size() == *rows) return std::nullopt;
        out.push_back(*std::move(row));
    }
    return out.size() == *rows ? std::optional{std::move(out)} : std::nullopt;
}

std::string ledger_folder(const std::string& data) { return data + "/ledger"; }

std::string ledger_rule_text(std::uint64_t id) { return cat("r0-", id); }
std::optional<std::uint64_t> ledger_rule_number(std::string_view text) {
    const auto found = number_of(text, "r0-");
    return found && *found > 0 ? std::optional{static_cast<std::uint64_t>(*found)} : std::nullopt;
}
std::string ledger_entry_text(std::uint64_t id) { return cat("e0-", id); }
std::optional<std::uint64_t> ledger_entry_number(std::string_view text) {
    const auto found = number_of(text, "e0-");
    return found && *found > 0 ? std::optional{static_cast<std::uint64_t>(*found)} : std::nullopt;
}

Result<Ledger> LedgerReader::ledger() {
    YAGURA_TRY(auto loan, state_.borrow());
    return read_ledger(*loan);
}

Result<std::optional<LedgerRow>> LedgerReader::entry(std::string_view id) {
    YAGURA_TRY(auto loan, state_.borrow());
    std::optional<LedgerRow> out;
    const auto wanted = ledger_entry_number(id);
    if (!wanted) return out;
    YAGURA_STORE_DO(Query{columns()}.add(" WHERE id = ?", *wanted).each_again(*loan, [&](const Row& row) {
        out = entry_of(row);
    }));
    return out;
}

Result<std::vector<LedgerRow>> LedgerReader::entries() {
    YAGURA_TRY(auto loan, state_.borrow());
    return read_entries(*loan);
}

Result<Compared> LedgerReader::compared() {
    YAGURA_TRY(auto loan, state_.borrow());
    Compared out;
    YAGURA_TRY(const auto now, moment(*loan));
    out.now = from_ns(now.now);
    YAGURA_TRY(out.ledger, read_ledger(*loan));
    YAGURA_TRY(out.entries, read_entries(*loan));
    YAGURA_TRY(out.devices, read_devices(*loan, now));
    YAGURA_STORE_DO(Query{"SELECT id, rule, at, who FROM ledger_rule ORDER BY place, id"}.each_again(
        *loan, [&](const Row& row) {
            out.rules.push_back(
                {row.as<std::uint64_t>(0), row.string(1), from_ns(row.integer(2)), row.string(3)});
        }));
    YAGURA_STORE_DO(Query{"SELECT id, name FROM line ORDER BY id"}.each_again(
        *loan, [&](const Row& row) { out.lines.push_back({line_text(row.integer(0)), row.string(1)}); }));
    return out;
}

} // namespace yagura::store
