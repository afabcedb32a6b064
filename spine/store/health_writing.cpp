#include "spine/store/health_writing.h"

#include <algorithm>
#include <cstring>

#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using reading::from_ns;
using reading::ns;

template <class... Values>
Result<void> write(Database& database, std::string_view sql, const Values&... values) {
    YAGURA_TRY(auto* const statement, database.cached(sql));
    return statement->run(values...);
}
std::int64_t bounded(std::uint64_t value) noexcept {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
}
template <class Array>
Bytes bytes_of(const Array& array) noexcept {
    return std::as_bytes(std::span{array});
}
Bytes bytes_of(const std::string& text) noexcept { return std::as_bytes(std::span{text}); }
template <class Array>
Array array_of(Bytes bytes) noexcept {
    Array out{};
    std::memcpy(out.data(), bytes.data(), std::min(bytes.size(), out.size()));
    return out;
}

Result<void> write_finding(Database& state, const HealthFinding& row) {
    if (row.gone) return write(state, "DELETE FROM health_finding WHERE key = ?1", row.key);
    // The detectors forget what ended long ago; the row remembers when it was first seen.
    YAGURA_STORE_DO(write(
        state,
        "INSERT INTO health_finding VALUES (NULL, 0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
        "?14, ?15) ON CONFLICT (key) DO UPDATE SET severity = ?3, vlan = ?5, address = ?6, bits = ?7, first "
        "= "
        "min(first, ?8), last = ?9, until = ?10, times = max(times, ?11), source = ?12, frame = ?13, "
        "offset = ?14, facts = ?15",
        row.key, row.kind, row.severity, row.realm, row.vlan, bytes_of(row.address), row.bits, ns(row.first),
        ns(row.last), ns(row.until), bounded(row.times), row.evidence.source, bounded(row.evidence.frame),
        row.evidence.offset, row.facts));
    YAGURA_STORE_DO(write(
        state, "DELETE FROM health_party WHERE finding = (SELECT id FROM health_finding WHERE key = ?1)",
        row.key));
    std::int64_t place = 0;
    for (const auto& party : row.parties)
        YAGURA_STORE_DO(
            write(state,
                  "INSERT INTO health_party SELECT id, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 "
                  "FROM health_finding WHERE key = ?1",
                  row.key, place++, party.role, bytes_of(party.ip), bytes_of(party.mac), party.node.value,
                  ns(party.first), ns(party.last), party.evidence.source, bounded(party.evidence.frame),
                  party.evidence.offset));
    return {};
}

} // namespace

Result<void> write_health(Database& state, const HealthChanges& changes) {
    for (const auto& row : changes.findings) YAGURA_STORE_DO(write_finding(state, row));
    for (const auto& row : changes.memory) {
        auto done = row.gone
                        ? write(state, "DELETE FROM health_memory WHERE detector = ?1 AND key = ?2",
                                row.detector, bytes_of(row.key))
                        : write(state,
                                "INSERT INTO health_memory VALUES (?1, ?2, 0, ?3) ON CONFLICT (detector, "
                                "key) DO UPDATE SET value = ?3",
                                row.detector, bytes_of(row.key), bytes_of(row.value));
        if (!done) return done;
    }
    for (const auto& row : changes.cycles)
        YAGURA_STORE_DO(write(
            state,
            "INSERT INTO health_cycle VALUES (NULL, 0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
            "?13, "
            "?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21) ON CONFLICT (key) DO UPDATE SET asks = ?2, answers = "
            "?3, "
            "last = ?10, usual_us = ?11, usual_most_us = ?12, now_us = ?13, now_most_us = ?14, asked = ?15, "
            "answered = ?16, refused = ?17, minutes = ?18, event = ?19, source = ?20, frame = ?21",
            bytes_of(row.key), row.asks.value, row.answers.value, row.asks_text, row.answers_text,
            row.protocol, row.function, row.object, ns(row.first), ns(row.last), row.usual_us,
            row.usual_most_us, row.now_us, row.now_most_us, row.asked, row.answered, row.refused, row.minutes,
            row.event, row.evidence.source, bounded(row.evidence.frame)));
    for (const auto& row : changes.ports)
        YAGURA_STORE_DO(write(
            state,
            "INSERT INTO switch_port VALUES (NULL, 0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
            "?13, "
            "?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32) "
            "ON CONFLICT (key) DO UPDATE SET node = ?2, system = ?3, type = ?5, name = ?6, alias = ?7, admin "
            "= "
            "?8, oper = ?9, port_control = ?10, port_security = ?11, since = ?12, last = ?14, speed_mbit = "
            "?15, in_bps = ?16, out_bps = ?17, errors_in = ?18, errors_out = ?19, discards_in = ?20, "
            "discards_out = ?21, errors_new = ?22, counted_from = ?23, downs = max(downs, ?24), there = ?25, "
            "there_mac = ?26, there_name = ?27, there_port = ?28, there_how = ?29, there_at = ?30, source = "
            "?31, frame = ?32",
            bytes_of(row.key), row.node.value, row.system, row.interface, row.type, row.name, row.alias,
            row.admin, row.oper, row.port_control, row.port_security, ns(row.since), ns(row.first),
            ns(row.last), bounded(row.speed_mbit), bounded(row.in_bps), bounded(row.out_bps),
            bounded(row.errors_in), bounded(row.errors_out), bounded(row.discards_in),
            bounded(row.discards_out), bounded(row.errors_new), ns(row.counted_from), row.downs,
            row.there.value, bytes_of(row.there_mac), row.there_name, row.there_port, row.there_how,
            ns(row.there_at), row.evidence.source, bounded(row.evidence.frame)));
    return {};
}

Result<void> tidy_health(Database& state, std::size_t findings, std::size_t cycles, std::size_t ports) {
    YAGURA_STORE_DO(
        write(state,
              "DELETE FROM health_finding WHERE id IN (SELECT id FROM health_finding ORDER BY until "
              "DESC LIMIT -1 OFFSET ?1)",
              findings));
    YAGURA_STORE_DO(
        write(state,
              "DELETE FROM switch_port WHERE id IN (SELECT id FROM switch_port ORDER BY last DESC LIMIT -1 "
              "OFFSET ?1)",
              ports));
    return write(
        state,
        "DELETE FROM health_cycle WHERE id IN (SELECT id FROM health_cycle ORDER BY last DESC LIMIT -1 "
        "OFFSET ?1)",
        cycles);
}

Result<void> forget_health(Database& state) {
    return state.run(
        "DELETE FROM health_party; DELETE FROM health_finding; DELETE FROM health_memory; DELETE FROM "
        "health_cycle; DELETE FROM switch_port");
}

Result<HealthStored> stored_health(Database& state) {
    HealthStored out;
    std::vector<std::int64_t> ids;
    YAGURA_TRY(
        auto findings,
        state.prepare("SELECT id, key, kind, severity, realm, vlan, address, bits, first, last, until, "
                      "times, source, frame, offset, facts FROM health_finding ORDER BY id"));
    YAGURA_STORE_DO(findings.each([&](const Row& row) {
        ids.push_back(row.integer(0));
        out.findings.push_back(
            {.key = row.string(1),
             .kind = row.as<std::uint8_t>(2),
             .severity = row.as<std::uint8_t>(3),
             .realm = row.as<observe::Realm>(4),
             .vlan = row.as<std::uint16_t>(5),
             .address = array_of<observe::Ip>(row.bytes(6)),
             .bits = row.as<std::uint8_t>(7),
             .first = from_ns(row.integer(8)),
             .last = from_ns(row.integer(9)),
             .until = from_ns(row.integer(10)),
             .times = row.as<std::uint64_t>(11),
             .evidence = {row.as<std::uint64_t>(13), row.as<std::uint32_t>(12), row.as<std::uint32_t>(14)},
             .facts = row.string(15)});
    }));
    YAGURA_TRY(auto parties,
               state.prepare("SELECT finding, role, ip, mac, node, first, last, source, frame, offset FROM "
                             "health_party ORDER BY finding, place"));
    YAGURA_STORE_DO(parties.each([&](const Row& row) {
        const auto at = std::ranges::lower_bound(ids, row.integer(0));
        if (at == ids.end() || *at != row.integer(0)) return;
        out.findings[static_cast<std::size_t>(at - ids.begin())].parties.push_back(
            {.role = row.as<std::uint8_t>(1),
             .ip = array_of<observe::Ip>(row.bytes(2)),
             .mac = array_of<observe::Mac>(row.bytes(3)),
             .node = {row.as<std::uint64_t>(4)},
             .first = from_ns(row.integer(5)),
             .last = from_ns(row.integer(6)),
             .evidence = {row.as<std::uint64_t>(8), row.as<std::uint32_t>(7), row.as<std::uint32_t>(9)}});
    }));
    YAGURA_TRY(auto memory, state.prepare("SELECT detector, key, value FROM health_memory"));
    YAGURA_STORE_DO(memory.each([&](const Row& row) {
        out.memory.push_back({.detector = row.as<std::uint8_t>(0),
                              .key = std::string{as_text(row.bytes(1))},
                              .value = std::string{as_text(row.bytes(2))}});
    }));
    return out;
}

} // namespace yagura::store
