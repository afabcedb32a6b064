#include "spine/store/writer.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <list>

#include "spine/base/rfc3339.h"
#include "spine/store/comments_writing.h"
#include "spine/store/health_writing.h"
#include "spine/store/ledger_writing.h"
#include "spine/store/loading.h"
#include "spine/store/operations_writing.h"
#include "spine/store/weaknesses_writing.h"

namespace yagura::store {
namespace {

namespace fs = std::filesystem;
using model::NodeId;

constexpr std::size_t days_open = 6;

std::int64_t ns(Time at) noexcept { return at.time_since_epoch().count(); }
/// SQLite's integers have a sign; counters beyond it are somebody's joke.
std::int64_t whole(std::uint64_t value) noexcept {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
}
Bytes raw(std::string_view text) noexcept { return std::as_bytes(std::span{text}); }
Bytes raw(const observe::Ip& ip) noexcept { return std::as_bytes(std::span{ip}); }

/// TRY for calls that give nothing.
#define YAGURA_DO(...)                                                                                       \
    if (auto done_ = (__VA_ARGS__); !done_) return std::unexpected {                                         \
            std::move(done_).error()                                                                         \
        }

} // namespace

std::string state_file(const std::string& folder) { return folder + "/state.sqlite"; }
std::string history_folder(const std::string& folder) { return folder + "/history"; }
std::string day_of(Time at) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
    return text;
}

struct Writer::Inside {
    struct Day {
        std::string name;
        Database database;
        std::uint64_t mark = 0;
    };
    std::string folder;
    Limits limits;
    Database state;
    std::size_t day_files = 0;
    std::uint64_t refused = 0; ///< rows of days that there is no room for
    std::uint64_t ledgers_passed_over = 0, feeds_passed_over = 0, comments_passed_over = 0;
    std::list<Day> days;   ///< most recently used first
    Sums::Use summed_up{}; ///< of the day that was written last
    RegisterDay::Use values_kept{};
    RegisterUse registers{};

    template <class... Values>
    Result<void> run(Database& database, std::string_view sql, const Values&... values) {
        YAGURA_TRY(auto* const statement, database.cached(sql));
        return statement->run(values...);
    }

    Result<Day*> day(const std::string& name) {
        const auto found = std::find_if(days.begin(), days.end(),
                                        [&](const Day& day) { return day.name == name; });
        if (found != days.end()) {
            days.splice(days.begin(), days, found);
            return &days.front();
        }
        const auto path = history_folder(folder) + '/' + name + ".sqlite";
        std::error_code error;
        if (!fs::exists(path, error)) {
            // Times of a hostile capture may be anywhere in six centuries.
            if (day_files >= limits.history_files) return nullptr;
            ++day_files;
        }
        YAGURA_TRY(auto database, Database::open(path, Database::Mode::writer, Database::Durable::soon));
        YAGURA_DO(database.run(cat("PRAGMA cache_size = -", limits.day_cache_kib)));
        YAGURA_DO(migrate(database, history_migrations()));
        YAGURA_DO(Sums::make_if_missing(database, limits.sums));
        YAGURA_DO(RegisterDay::make_if_missing(database, limits.registers));
        YAGURA_TRY(auto* const select, database.cached("SELECT arrival FROM mark"));
        YAGURA_TRY(const auto mark, select->one([](const Row& row) { return row.as<std::uint64_t>(0); }));
        if (days.size() >= days_open) days.pop_back();
        days.push_front({name, std::move(database), mark.value_or(0)});
        return &days.front();
    }

    Result<void> write_rows(const model::Changes& rows);
    Result<void> write_shown(const ShownRow& shown);
    Result<void> write_people(const Batch& batch);
    Result<void> write_history(const Batch& batch);
};

Writer::Writer(std::unique_ptr<Inside> in) : in_{std::move(in)} {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

Result<Writer> Writer::open(const std::string& folder, const Limits& limits) {
    std::error_code error;
    fs::create_directories(history_folder(folder), error);
    if (error)
        return std::unexpected{Complaint{.code = "store.no-access",
                                         .what = "the store could not make its folder",
                                         .why = error.message(),
                                         .where = history_folder(folder),
                                         .next = "let the user of yagura-center own the data folder"}};
    YAGURA_TRY(auto state,
               Database::open(state_file(folder), Database::Mode::writer, Database::Durable::soon));
    YAGURA_DO(migrate(state, state_migrations()));
    const auto files = std::distance(fs::directory_iterator{history_folder(folder), error},
                                     fs::directory_iterator{});
    return Writer{std::unique_ptr<Inside>{
        new Inside{folder, limits, std::move(state), static_cast<std::size_t>(files), 0, {}, {}}}};
}

Result<void> Writer::Inside::write_rows(const model::Changes& rows) {
    for (const auto& row : rows.nodes)
        YAGURA_DO(
            run(state,
                "INSERT INTO node VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, max(?8, ?9), ?10, ?11) ON CONFLICT "
                "(id) DO UPDATE SET state = ?7, first = ?8, last = max(?8, ?9), grounds = ?10, vouched = ?11",
                row.id.value, row.node.site, row.node.kind, row.node.realm, raw(row.node.mark),
                row.node.parent.value, row.state, ns(row.first), ns(row.last), row.grounds, row.vouched));
    for (const auto& row : rows.devices)
        YAGURA_DO(run(state,
                      "INSERT INTO device VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET "
                      "state = ?3, gone = ?4, first = ?5, last = ?6",
                      row.id.value, row.id.site(), row.state, row.gone, ns(row.first), ns(row.last)));
    for (const auto& row : rows.links)
        YAGURA_DO(run(state,
                      "INSERT INTO link VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO "
                      "UPDATE SET node = ?3, device = ?4, begins = ?5, ends = ?6, by = ?7, rule = ?8, "
                      "strength = ?9, replaces = ?10",
                      row.id.value, row.id.site(), row.node.value, row.device.value, ns(row.from),
                      row.until ? std::optional{ns(*row.until)} : std::nullopt, row.by, row.rule,
                      row.strength, row.replaces.value));
    for (const auto id : rows.links_gone) YAGURA_DO(run(state, "DELETE FROM link WHERE id = ?1", id.value));
    for (const auto& row : rows.bindings)
        YAGURA_DO(run(state, "INSERT OR REPLACE INTO binding VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                      row.mac.site(), row.mac.value, row.other.value, ns(row.first), ns(row.last),
                      row.vouched, row.near, row.frames));
    for (const auto& row : rows.facts)
        YAGURA_DO(run(
            state, "INSERT OR REPLACE INTO fact VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            row.node.site(), row.node.value, row.attribute, row.protocol,
            std::string_view{row.value}.substr(0, 256), row.confidence, whole(row.seen), ns(row.first),
            ns(row.last), row.source, whole(row.frame), row.offset));
    for (const auto& row : rows.pairs)
        YAGURA_DO(
            run(state,
                "INSERT OR REPLACE INTO pair VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
                "?14, ?15)",
                row.node.site(), row.peer.value, row.node.value, row.protocol, row.act, row.code, row.part,
                row.function, whole(row.messages), whole(row.answers), whole(row.refusals), ns(row.first),
                ns(row.last), row.source, whole(row.frame)));
    for (const auto& row : rows.conversations) {
        if (!row.connections && !row.packets[0] && !row.packets[1]) { // It moved to the row of its protocol.
            YAGURA_DO(
                run(state,
                    "DELETE FROM talk WHERE client = ?1 AND server = ?2 AND protocol = ?3 AND carrier = ?4 "
                    "AND port = ?5",
                    row.client.value, row.server.value, row.protocol, row.carrier, row.port));
            continue;
        }
        YAGURA_DO(run(
            state,
            "INSERT INTO talk VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
            "?15, ?16, ?17, ?18, ?19, ?20) ON CONFLICT (client, server, protocol, carrier, port) DO UPDATE "
            "SET vlan = ?7, connections = ?8, packets_out = ?9, packets_in = ?10, bytes_out = ?11, "
            "bytes_in = ?12, retransmitted = ?13, lost = ?14, retransmitted_in = ?15, lost_in = ?16, "
            "first = ?17, last = ?18, source = ?19, frame = ?20",
            row.client.site(), row.client.value, row.server.value, row.protocol, row.carrier, row.port,
            row.vlan, whole(row.connections), whole(row.packets[0]), whole(row.packets[1]),
            whole(row.bytes[0]), whole(row.bytes[1]), whole(row.retransmitted[0]), whole(row.lost[0]),
            whole(row.retransmitted[1]), whole(row.lost[1]), ns(row.first), ns(row.last), row.source,
            whole(row.frame)));
    }
    for (const auto& row : rows.counted) {
        const auto conversation = static_cast<std::int64_t>(row.conversation);
        if (row.ended) {
            YAGURA_DO(run(state, "DELETE FROM counted WHERE source = ?1 AND conversation = ?2", row.source,
                          conversation));
            continue;
        }
        YAGURA_DO(run(
            state,
            "INSERT INTO counted VALUES (NULL, 0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
            "?13, ?14, ?15) ON CONFLICT (source, conversation) DO UPDATE SET packets_out = ?3, "
            "packets_in = ?4, bytes_out = ?5, bytes_in = ?6, retransmitted = ?7, "
            "retransmitted_in = ?8, lost = ?9, lost_in = ?10, client = ?11, server = ?12, "
            "protocol = ?13, carrier = ?14, port = ?15",
            row.source, conversation, whole(row.packets[0]), whole(row.packets[1]), whole(row.bytes[0]),
            whole(row.bytes[1]), whole(row.retransmitted[0]), whole(row.retransmitted[1]), whole(row.lost[0]),
            whole(row.lost[1]), row.client.value, row.server.value, row.protocol, row.carrier, row.port));
    }
    for (const auto& row : rows.services)
        YAGURA_DO(run(state, "INSERT OR REPLACE INTO service VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                      row.node.site(), row.node.value, row.protocol, row.carrier, row.port, ns(row.first),
                      ns(row.last_used)));
    for (const auto& row : rows.neighbours)
        YAGURA_DO(run(state, "INSERT OR REPLACE INTO neighbour VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                      row.node.site(), row.node.value, row.protocol, row.port, row.far_port, row.far_name,
                      ns(row.first), ns(row.last)));
    return {};
}

Result<void> Writer::Inside::write_shown(const ShownRow& row) {
    const auto id = row.device.value;
    if (row.gone) return run(state, "DELETE FROM shown WHERE device = ?1", id);
    YAGURA_DO(run(
        state,
        "INSERT INTO shown VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
        "?16, ?17, "
        "?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33) ON CONFLICT "
        "(device) "
        "DO UPDATE SET name = ?3, address = ?4, "
        "address_key = ?5, mac = ?6, role = ?7, level = ?8, vendor = ?9, product = ?10, firmware = ?11, "
        "serial = ?12, os = ?13, protocols = ?14, line = ?15, vlan = ?16, switch_port = ?17, run_state = "
        "?18, "
        "parts = ?19, corrected = ?20, state = ?21, words = ?22, first = ?23, last = ?24, approval = ?25, "
        "approval_until = ?26, approval_at = ?27, approval_who = ?28, approval_reason = ?29, "
        "approval_why = ?30, approval_from = ?31, approval_to = ?32, line_rule = ?33",
        id, row.device.site(), row.name, row.address, Bytes{row.address_key}, row.mac, row.role, row.level,
        row.vendor, row.product, row.firmware, row.serial, row.os, row.protocols, row.line, row.vlan,
        row.switch_port, row.run_state, row.parts.size(), row.corrected, row.state, row.words, ns(row.first),
        ns(row.last), row.approval.state, ns(row.approval.until), ns(row.approval.at), row.approval.who,
        row.approval.reason, row.approval.why, row.approval.from, row.approval.to, row.line_rule));
    YAGURA_DO(run(state, "DELETE FROM shown_fact WHERE device = ?1", id));
    YAGURA_DO(run(state, "DELETE FROM shown_part WHERE device = ?1", id));
    std::int64_t place = 0;
    for (const auto& fact : row.facts)
        YAGURA_DO(run(state,
                      "INSERT INTO shown_fact VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
                      "?13, ?14, ?15, "
                      "?16)",
                      id, ++place, row.device.site(), fact.attribute, fact.value, fact.by, fact.protocol,
                      fact.rule, fact.part, fact.confidence, fact.chosen, ns(fact.first), ns(fact.last),
                      fact.source, whole(fact.frame), fact.offset));
    place = 0;
    for (const auto& part : row.parts)
        YAGURA_DO(run(state, "INSERT INTO shown_part VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                      id, ++place, row.device.site(), part.path, part.vendor, part.product, part.firmware,
                      part.serial, part.protocols, ns(part.first), ns(part.last)));
    return {};
}

Result<void> Writer::Inside::write_people(const Batch& batch) {
    for (const auto& row : batch.lines) {
        YAGURA_DO(run(state, "DELETE FROM line_subnet WHERE line = ?1", row.id));
        if (row.gone) {
            YAGURA_DO(run(state, "DELETE FROM line WHERE id = ?1", row.id));
            continue;
        }
        YAGURA_DO(run(state, "INSERT INTO line VALUES (?1, 0, ?2) ON CONFLICT (id) DO UPDATE SET name = ?2",
                      row.id, row.name));
        for (const auto& subnet : row.subnets)
            YAGURA_DO(run(state, "INSERT OR REPLACE INTO line_subnet VALUES (0, ?2, ?3, ?1)", row.id,
                          raw(subnet.network), subnet.bits));
    }
    for (const auto& row : batch.corrections) {
        if (row.gone) {
            YAGURA_DO(run(state, "DELETE FROM correction WHERE node = ?1 AND attribute = ?2", row.node.value,
                          row.attribute));
        } else {
            YAGURA_DO(run(state, "INSERT OR REPLACE INTO correction VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                          row.node.site(), row.node.value, row.attribute, row.value, ns(row.at), row.who));
        }
    }
    for (const auto& row : batch.approvals)
        YAGURA_DO(row.gone
                      ? run(state, "DELETE FROM approval WHERE node = ?1", row.node.value)
                      : run(state,
                            "INSERT OR REPLACE INTO approval VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                            row.node.value, row.node.site(), row.device.value, row.state, ns(row.until),
                            row.reason, row.identity, ns(row.at), row.who));
    for (const auto& row : batch.regroupings)
        YAGURA_DO(run(state,
                      "INSERT OR REPLACE INTO regrouping VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                      row.record, row.split, row.device.value, row.other.value, row.nodes, row.first_seen,
                      ns(row.at), row.who, ns(row.undone_at), row.undone_who));
    for (const auto& row : batch.settings)
        YAGURA_DO(run(state, "INSERT OR REPLACE INTO setting VALUES (0, ?1, ?2, ?3, ?4)", row.name, row.value,
                      ns(row.at), row.who));
    for (const auto& row : batch.uploads)
        YAGURA_DO(run(state,
                      "INSERT OR REPLACE INTO upload VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
                      "?11, ?12, ?13, "
                      "?14)",
                      row.id, row.name, row.file, row.state, whole(row.bytes), whole(row.bytes_read),
                      whole(row.boot), whole(row.packets), whole(row.records), ns(row.at), row.who,
                      ns(row.finished), row.damage, whole(row.damage_packet)));
    for (const auto& change : batch.ledger) {
        YAGURA_TRY(const bool done, write_ledger(state, folder, change));
        ledgers_passed_over += !done;
    }
    for (const auto& change : batch.weaknesses) {
        YAGURA_TRY(const bool done, write_weakness(state, folder, change));
        feeds_passed_over += !done;
    }
    for (const auto& change : batch.comments) {
        YAGURA_TRY(const bool done, write_comments(state, folder, change));
        comments_passed_over += !done;
    }
    YAGURA_DO(write_asking(state, batch.asking));
    for (const auto id : batch.uploads_gone) {
        YAGURA_DO(run(state, "DELETE FROM source WHERE upload = ?1", id));
        YAGURA_DO(run(state, "DELETE FROM upload WHERE id = ?1", id));
    }
    return {};
}

Result<void> Writer::Inside::write_history(const Batch& batch) {
    struct Share {
        std::vector<const OperationItem*> operations;
        std::vector<const ToldItem*> told;
        std::vector<const CoverageItem*> coverage;
    };
    std::map<std::string, Share> by_day;
    for (const auto& item : batch.operations) by_day[day_of(item.at)].operations.push_back(&item);
    for (const auto& item : batch.told) by_day[day_of(item.at)].told.push_back(&item);
    for (const auto& item : batch.coverage) by_day[day_of(item.at)].coverage.push_back(&item);
    for (const auto& [name, share] : by_day) {
        YAGURA_TRY(auto* const day, this->day(name));
        if (!day) {
            refused += share.operations.size() + share.told.size() + share.coverage.size();
            continue;
        }
        auto& database = day->database;
        YAGURA_TRY(auto transaction, Transaction::begin(database));
        Sums sums{limits.sums};
        RegisterDay values{limits.registers};
        for (const auto* item : share.operations)
            if (item->arrival > day->mark) YAGURA_DO(write_operation(database, *item, sums, values));
        YAGURA_DO(sums.flush(database));
        for (const auto* item : share.told)
            if (item->arrival > day->mark) {
                values.told(*item);
                YAGURA_DO(run(
                    database,
                    "INSERT OR IGNORE INTO told VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                    "?12, "
                    "?13, ?14, ?15)",
                    item->arrival, item->source, ns(item->at), item->kind, item->who.value, item->whom.value,
                    item->protocol, item->what, item->value, item->number, whole(item->frame), item->offset,
                    item->message.empty() ? std::optional<Bytes>{} : std::optional{Bytes{item->message}},
                    item->part, item->writes));
            }
        YAGURA_DO(values.flush(database));
        for (const auto* item : share.coverage)
            if (item->arrival > day->mark) {
                const auto& seen = item->coverage;
                const auto minute = std::chrono::floor<std::chrono::minutes>(item->at);
                YAGURA_DO(run(database,
                              "INSERT INTO coverage VALUES (0, ?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
                              "ON CONFLICT (source, minute) DO UPDATE SET seconds = seconds + 1, packets = "
                              "packets + ?3, "
                              "bytes = bytes + ?4, dropped = dropped + ?5, refused = refused + ?6, "
                              "forgotten = forgotten + ?7, lost = lost + ?8, one_sided = max(one_sided, ?9)",
                              item->source, ns(minute), whole(seen.packets), whole(seen.bytes),
                              whole(seen.dropped), whole(seen.refused), whole(seen.forgotten),
                              whole(seen.spool_lost), seen.one_sided));
            }
        const auto mark = std::max(day->mark, batch.arrival);
        YAGURA_DO(run(database, "UPDATE mark SET arrival = ?1", mark));
        YAGURA_TRY(summed_up, Sums::use_of(database));
        YAGURA_TRY(values_kept, RegisterDay::use_of(database));
        YAGURA_DO(transaction.commit());
        day->mark = mark;
    }
    return {};
}

Result<void> Writer::apply(const Batch& batch) {
    // The days first: what they have above the state's mark is recognised when the journal is played again.
    YAGURA_DO(in_->write_history(batch));
    auto& state = in_->state;
    YAGURA_TRY(auto transaction, Transaction::begin(state));
    YAGURA_DO(in_->write_rows(batch.rows));
    for (const auto& row : batch.sources)
        YAGURA_DO(in_->run(
            state,
            "INSERT INTO source VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
            "?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22) ON CONFLICT (id) DO UPDATE SET interface = ?5, "
            "sensor_name = ?6, link_type = ?7, realm = ?8, live = ?9, build = ?10, clock_offset = ?11, "
            "upload = ?12, first = ?13, last = ?14, heard = ?15, packets = ?16, bytes = ?17, dropped = ?18, "
            "refused = ?19, forgotten = ?20, lost = ?21, one_sided = ?22",
            row.id, row.sensor, static_cast<std::int64_t>(row.boot), row.number, row.interface,
            row.sensor_name, row.link_type, row.realm, row.live, row.build, row.clock_offset, row.upload,
            ns(row.first), ns(row.last), ns(row.heard), whole(row.packets), whole(row.bytes),
            whole(row.dropped), whole(row.refused), whole(row.forgotten), whole(row.lost), row.one_sided));
    for (const auto& row : batch.lost)
        YAGURA_DO(in_->run(state, "INSERT INTO lost VALUES (NULL, 0, ?1, ?2, ?3, ?4, ?5, ?6)", row.source,
                           row.lost.why, row.lost.worth, whole(row.lost.records), ns(row.lost.from),
                           ns(row.lost.until)));
    for (const auto& row : batch.evidence)
        YAGURA_DO(in_->run(state, "INSERT OR IGNORE INTO evidence VALUES (NULL, 0, ?1, ?2, ?3, ?4)",
                           row.source, whole(row.frame), row.offset, Bytes{row.message}));
    YAGURA_DO(in_->write_people(batch));
    for (const auto& row : batch.shown) YAGURA_DO(in_->write_shown(row));
    for (const auto& [device, last] : batch.seen)
        YAGURA_DO(in_->run(state, "UPDATE shown SET last = max(last, ?2) WHERE device = ?1", device.value,
                           ns(last)));
    for (const auto& row : batch.changes)
        YAGURA_DO(in_->run(
            state, "INSERT INTO change VALUES (NULL, 0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            ns(row.at), row.kind, row.device.value, row.peer ? std::optional{row.peer->value} : std::nullopt,
            row.act, row.protocol, row.attribute, row.old_value, row.new_value, row.who, row.source,
            whole(row.frame)));
    YAGURA_DO(write_health(state, batch.health));
    YAGURA_DO(write_registers(state, batch, in_->limits.registers));
    YAGURA_TRY(in_->registers, registers_used(state));
    YAGURA_DO(in_->run(state,
                       "UPDATE mark SET arrival = ?1, time = max(time, ?2), decided = max(decided, ?1)",
                       batch.arrival, ns(batch.latest)));
    return transaction.commit();
}

Result<Stored> Writer::load() { return stored(in_->state); }

Result<void> Writer::forget(const std::vector<std::uint32_t>& sources) {
    in_->days.clear();
    std::error_code error;
    for (const auto& file : fs::directory_iterator{history_folder(in_->folder), error}) {
        if (file.path().extension() != ".sqlite") continue;
        YAGURA_TRY(auto* const day, in_->day(file.path().stem().string()));
        if (!day) continue;
        YAGURA_TRY(auto transaction, Transaction::begin(day->database));
        std::int64_t acts = 0;
        for (const auto source : sources) {
            YAGURA_DO(in_->run(day->database, "DELETE FROM coverage WHERE source = ?1", source));
            for (const auto* table : {"told", "operation"}) {
                YAGURA_DO(in_->run(day->database,
                                   cat("DELETE FROM ", std::string_view{table}, " WHERE source = ?1"),
                                   source));
                acts += day->database.changed();
            }
        }
        // Whether another value was the latest one before can be told by the rows alone.
        if (acts != 0) {
            YAGURA_DO(Sums::make_again(day->database, in_->limits.sums));
            YAGURA_DO(RegisterDay::make_again(day->database, in_->limits.registers));
        }
        YAGURA_DO(transaction.commit());
    }
    auto& state = in_->state;
    YAGURA_TRY(auto transaction, Transaction::begin(state));
    // Nodes keep their numbers, because the days refer to them, and devices theirs, because people do; the
    // rest is made again.
    YAGURA_DO(state.run(
        "DELETE FROM change; DELETE FROM shown_fact; DELETE FROM shown_part; DELETE FROM shown; DELETE FROM "
        "neighbour; DELETE FROM service; DELETE FROM talk; DELETE FROM pair; DELETE FROM fact; "
        "DELETE FROM binding; DELETE FROM lost; DELETE FROM counted; UPDATE mark SET arrival = 0, time = 0; "
        "UPDATE source SET first = 0, last = 0, packets = 0, bytes = 0, dropped = 0, refused = 0, "
        "forgotten = 0, lost = 0, one_sided = 0"));
    YAGURA_DO(forget_health(state));
    YAGURA_DO(forget_registers(state));
    // Whatever nobody vouches for any more has to go: what is left is marks without grounds.
    YAGURA_DO(
        in_->run(state, "UPDATE node SET state = ?1, grounds = 0, vouched = 0", model::State::mentioned));
    for (const auto source : sources) YAGURA_DO(in_->run(state, "DELETE FROM source WHERE id = ?1", source));
    return transaction.commit();
}

std::uint64_t Writer::ledgers_passed_over() const noexcept { return in_->ledgers_passed_over; }
std::uint64_t Writer::feeds_passed_over() const noexcept { return in_->feeds_passed_over; }
std::uint64_t Writer::comments_passed_over() const noexcept { return in_->comments_passed_over; }
std::uint64_t Writer::refused() const noexcept { return in_->refused; }
Sums::Use Writer::sums() const noexcept { return in_->summed_up; }
RegisterDay::Use Writer::register_values() const noexcept { return in_->values_kept; }
RegisterUse Writer::registers() const noexcept { return in_->registers; }

Result<void> Writer::tidy(std::chrono::sys_days today) {
    auto& state = in_->state;
    YAGURA_DO(in_->run(
        state,
        "DELETE FROM evidence WHERE id <= (SELECT id FROM evidence ORDER BY id DESC LIMIT 1 OFFSET ?1)",
        in_->limits.evidence));
    YAGURA_DO(in_->run(
        state, "DELETE FROM change WHERE id <= (SELECT id FROM change ORDER BY id DESC LIMIT 1 OFFSET ?1)",
        in_->limits.changes));
    YAGURA_DO(
        in_->run(state,
                 "DELETE FROM regrouping WHERE record <= (SELECT record FROM regrouping ORDER BY record "
                 "DESC LIMIT 1 OFFSET ?1)",
                 in_->limits.regroupings));
    YAGURA_DO(in_->run(
        state, "DELETE FROM lost WHERE id <= (SELECT id FROM lost ORDER BY id DESC LIMIT 1 OFFSET ?1)",
        in_->limits.lost));
    YAGURA_DO(in_->run(
        state, "DELETE FROM counted WHERE id <= (SELECT id FROM counted ORDER BY id DESC LIMIT 1 OFFSET ?1)",
        in_->limits.counted));
    YAGURA_DO(tidy_health(state, in_->limits.findings, in_->limits.cycles, in_->limits.switch_ports));
    std::error_code error;
    std::vector<fs::path> old;
    // By when a day was last written, not by its own date: a capture of last year, read today, is kept as
    // long as one of today.
    for (const auto& file : fs::directory_iterator{history_folder(in_->folder), error}) {
        if (file.path().extension() != ".sqlite") continue;
        const auto wrote = std::chrono::file_clock::to_sys(fs::last_write_time(file.path(), error));
        if (std::chrono::floor<std::chrono::days>(wrote) + std::chrono::days{in_->limits.history_days} <
            today)
            old.push_back(file.path());
    }
    for (const auto& path : old) {
        in_->day_files -= in_->day_files != 0;
        in_->days.remove_if([&](const Inside::Day& day) { return day.name == path.stem().string(); });
        for (const auto* end : {"", "-wal", "-shm"}) fs::remove(path.string() + end, error);
    }
    return {};
}

} // namespace yagura::store
