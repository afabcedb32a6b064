#include "spine/store/sums.h"

#include <algorithm>
#include <array>

#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using namespace reading;

/// Of these a register view is made; others have no object, or one that is no register.
constexpr std::array acts_of_objects{observe::Act::read,  observe::Act::subscribe, observe::Act::write,
                                     observe::Act::force, observe::Act::cyclic_io, observe::Act::select,
                                     observe::Act::call};
constexpr std::size_t rows_made_at_once = 100'000;

template <class... Values>
Result<void> run(Database& day, std::string_view sql, const Values&... values) {
    YAGURA_TRY(auto* const statement, day.cached(sql));
    return statement->run(values...);
}

/// Adds a use to the row that is there. "value = ''" and "told_id = 0": nothing was seen yet.
constexpr std::string_view add_use =
    "SET acts = acts + ?7, first = min(first, ?8), last = max(last, ?9), "
    "value = CASE WHEN ?10 <> '' AND (value = '' OR (?11, ?12) > (valued, valued_id)) THEN ?10 ELSE value "
    "END, "
    "valued = CASE WHEN ?10 <> '' AND (value = '' OR (?11, ?12) > (valued, valued_id)) THEN ?11 ELSE valued "
    "END, "
    "valued_id = CASE WHEN ?10 <> '' AND (value = '' OR (?11, ?12) > (valued, valued_id)) THEN ?12 ELSE "
    "valued_id "
    "END, told = CASE WHEN ?14 <> 0 AND (told_id = 0 OR (?13, ?14) > (told, told_id)) THEN ?13 ELSE told "
    "END, "
    "told_id = CASE WHEN ?14 <> 0 AND (told_id = 0 OR (?13, ?14) > (told, told_id)) THEN ?14 ELSE told_id "
    "END, "
    "told_value = CASE WHEN told_value = '' THEN ?15 ELSE told_value END, "
    "differs = differs OR ?16 OR (told_value <> '' AND ?15 <> '' AND told_value <> ?15), "
    "changed = max(changed, ?17)";

} // namespace

SummedRow::SummedRow(const Row& row) noexcept
    : id{row.integer(0)},
      at{row.integer(1)},
      last{row.integer(2)},
      who{row.integer(3)},
      whom{row.integer(4)},
      act{row.as<observe::Act>(5)},
      outcome{row.as<observe::Outcome>(6)},
      many{row.integer(7) != 0},
      refusals{row.integer(8)},
      acts{row.integer(9)},
      protocol{row.text(10)},
      part{row.text(11)},
      object{row.text(12)},
      value{row.text(13)} {}

bool uses_object(const SummedRow& row) noexcept {
    return !row.object.empty() && std::ranges::find(acts_of_objects, row.act) != acts_of_objects.end();
}
bool writes_object(observe::Act act) noexcept {
    return observe::usual_effect(act) != observe::Effect::observes;
}

ObjectUse ObjectUse::of(const SummedRow& row) {
    ObjectUse out;
    out.acts = static_cast<double>(row.acts);
    out.first = row.at;
    out.last = row.last;
    if (!row.value.empty()) {
        out.value = row.value;
        out.valued = row.last;
        out.valued_id = row.id;
    }
    if (row.many) return out;
    out.told = row.last;
    out.told_id = row.id;
    if (row.value.empty()) return out;
    // Of one who reads: another may read more at once, which is no change.
    out.told_value = row.value;
    out.changed = row.at;
    return out;
}

void ObjectUse::add(const ObjectUse& other) {
    acts += other.acts;
    first = std::min(first, other.first);
    last = std::max(last, other.last);
    if (!other.value.empty() &&
        (value.empty() || std::tie(other.valued, other.valued_id) > std::tie(valued, valued_id)))
        value = other.value, valued = other.valued, valued_id = other.valued_id;
    if (other.told_id != 0 && (told_id == 0 || std::tie(other.told, other.told_id) > std::tie(told, told_id)))
        told = other.told, told_id = other.told_id;
    differs |= other.differs ||
               (!told_value.empty() && !other.told_value.empty() && told_value != other.told_value);
    if (told_value.empty()) told_value = other.told_value;
    changed = std::max(changed, other.changed);
}

void Sums::count(const SummedRow& row, std::int64_t sign) {
    const auto set = [&](Kind& kind) {
        kind.act = static_cast<std::int64_t>(row.act);
        kind.protocol.assign(row.protocol);
        kind.outcome = static_cast<std::int64_t>(row.outcome);
        kind.refused = row.refusals > 0;
    };
    const Count one{sign, static_cast<double>(row.acts * sign), static_cast<double>(row.refusals * sign)};
    set(minute_key_.kind);
    minute_key_.minute = part_of_time(row.at, minute_ns);
    minutes_[minute_key_].add(one);
    set(pair_key_.kind);
    pair_key_.half_hour = part_of_time(row.at, half_hour_ns);
    pair_key_.whom = row.whom;
    pair_key_.who = row.who;
    pairs_[pair_key_].add(one);
}

void Sums::use(const SummedRow& row, std::int64_t acts) {
    if (!uses_object(row)) return;
    object_key_.whom = row.whom;
    object_key_.protocol.assign(row.protocol);
    object_key_.part.assign(row.part);
    object_key_.object.assign(row.object);
    object_key_.who = row.who;
    object_key_.writes = writes_object(row.act);
    auto one = ObjectUse::of(row);
    one.acts = static_cast<double>(acts);
    auto& of = objects_[object_key_];
    const auto [place, is_new] = of.try_emplace(part_of_time(row.at, hour_ns));
    auto& [sum, rows] = place->second;
    ++rows;
    if (is_new)
        sum = std::move(one);
    else
        sum.add(one);
}

void Sums::changed(const SummedRow& before, const SummedRow& after) {
    count(before, -1);
    count(after, 1);
    use(after, after.acts - before.acts); // What else an object has only grows.
}

Result<void> Sums::flush(Database& day) {
    YAGURA_TRY(const auto before, use_of(day));
    auto now = before;
    YAGURA_STORE_DO(flush_minutes(day, minutes_));
    YAGURA_STORE_DO(flush_half_hours(day, pairs_));
    YAGURA_STORE_DO(flush_pairs(day, now));
    YAGURA_STORE_DO(settle_pairs(day, now));
    YAGURA_STORE_DO(flush_objects(day, now));
    minutes_.clear(), pairs_.clear(), objects_.clear();
    if (now == before) return {};
    return run(day,
               "UPDATE sums SET objects = ?1, objects_left_out = ?2, pairs = ?3, pairs_waiting = ?4, "
               "pairs_left_out = ?5",
               now.objects, now.objects_left_out, now.pairs, now.pairs_waiting, now.pairs_left_out);
}

Result<void> Sums::flush_minutes(Database& day, const std::map<Minute, Count>& minutes) {
    for (const auto& [key, sum] : minutes) {
        if (sum.nothing()) continue;
        const auto& [kind, minute] = key;
        YAGURA_STORE_DO(run(
            day,
            "INSERT INTO minute_sum VALUES (0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO "
            "UPDATE SET rows = rows + ?6, acts = acts + ?7, refusals = refusals + ?8",
            kind.act, kind.protocol, kind.outcome, kind.refused, minute, sum.rows, sum.acts, sum.refusals));
    }
    return {};
}

/// What needs no ends, or only those who are asked.
Result<void> Sums::flush_half_hours(Database& day, const std::map<Pair, Count>& pairs) {
    std::map<std::pair<std::int64_t, Kind>, Count> kinds;
    std::map<std::pair<std::int64_t, std::int64_t>, double> asked;
    for (const auto& [pair, sum] : pairs) {
        kinds[{pair.half_hour, pair.kind}].add(sum);
        asked[{pair.half_hour, pair.whom}] += sum.acts;
    }
    for (const auto& [key, sum] : kinds) {
        if (sum.nothing()) continue;
        const auto& [half_hour, kind] = key;
        YAGURA_STORE_DO(run(day,
                            "INSERT INTO kind_sum VALUES (0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO "
                            "UPDATE SET rows = rows + ?6, acts = acts + ?7, refusals = refusals + ?8",
                            half_hour, kind.act, kind.protocol, kind.outcome, kind.refused, sum.rows,
                            sum.acts, sum.refusals));
    }
    for (const auto& [key, acts] : asked)
        YAGURA_STORE_DO(
            run(day,
                "INSERT INTO half_hour_sum VALUES (0, ?1, ?2, ?3) ON CONFLICT DO UPDATE SET acts = "
                "acts + ?3",
                key.first, key.second, acts));
    return {};
}

Result<void> Sums::flush_pairs(Database& day, Use& use) {
    for (const auto& [pair, sum] : pairs_) {
        if (sum.nothing()) continue;
        const auto& kind = pair.kind;
        YAGURA_STORE_DO(
            run(day,
                "UPDATE pair_now SET rows = rows + ?8, acts = acts + ?9, refusals = refusals + ?10 WHERE "
                "half_hour = ?1 AND whom = ?2 AND who = ?3 AND act = ?4 AND protocol = ?5 AND outcome = "
                "?6 AND refused = ?7",
                pair.half_hour, pair.whom, pair.who, kind.act, kind.protocol, kind.outcome, kind.refused,
                sum.rows, sum.acts, sum.refusals));
        if (day.changed() != 0) continue;
        if (use.pairs >= limits_.pairs) {
            use.pairs_left_out += std::max<std::int64_t>(1, sum.rows);
            continue;
        }
        YAGURA_STORE_DO(run(day, "INSERT INTO pair_now VALUES (0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                            pair.half_hour, pair.whom, pair.who, kind.act, kind.protocol, kind.outcome,
                            kind.refused, sum.rows, sum.acts, sum.refusals));
        ++use.pairs, ++use.pairs_waiting;
    }
    return {};
}

/// Takes half hours that are over to where they are looked for. One stays for what comes a little late.
Result<void> Sums::settle_pairs(Database& day, Use& use) {
    if (use.pairs_waiting == 0) return {};
    std::int64_t oldest = 0, latest = 0;
    YAGURA_TRY(
        auto* const ask,
        day.cached("SELECT (SELECT min(half_hour) FROM pair_now), (SELECT max(half_hour) FROM pair_now)"));
    YAGURA_STORE_DO(ask->each([&](const Row& row) { oldest = row.integer(0), latest = row.integer(1); }));
    const auto before = use.pairs_waiting > limits_.pairs_waiting ? latest + 1 : latest - 1;
    if (oldest >= before) return {};
    constexpr std::string_view something =
        " FROM pair_now WHERE half_hour < ?1 AND (rows <> 0 OR acts <> 0 OR refusals <> 0)";
    constexpr std::string_view added = " ON CONFLICT DO UPDATE SET rows = rows + excluded.rows, acts = acts "
                                       "+ excluded.acts, refusals = refusals + "
                                       "excluded.refusals";
    YAGURA_STORE_DO(
        run(day,
            cat("INSERT INTO pair_sum SELECT site, whom, half_hour, who, act, protocol, outcome, refused, "
                "rows, acts, refusals",
                something, added),
            before));
    YAGURA_STORE_DO(
        run(day,
            cat("INSERT INTO who_sum SELECT site, who, half_hour, act, protocol, outcome, refused, "
                "sum(rows), total(acts), total(refusals)",
                something, " GROUP BY who, half_hour, act, protocol, outcome, refused", added),
            before));
    YAGURA_STORE_DO(run(day, "DELETE FROM pair_now WHERE half_hour < ?1", before));
    use.pairs_waiting -= day.changed();
    return {};
}

Result<void> Sums::flush_objects(Database& day, Use& use) {
    const auto add = [&](std::string_view sql, const Object& key, const ObjectUse& sum, const auto&... more) {
        return run(day, sql, key.whom, key.protocol, key.part, key.object, key.who, key.writes, sum.acts,
                   sum.first, sum.last, sum.value, sum.valued, sum.valued_id, sum.told, sum.told_id,
                   sum.told_value, sum.differs, sum.changed, more...);
    };
    static const auto to_day = cat(
        "UPDATE object_day ", add_use,
        " WHERE whom = ?1 AND protocol = ?2 AND part = ?3 AND object = ?4 AND who = ?5 AND "
        "writes = ?6");
    static const auto to_hour = cat(
        "INSERT INTO object_hour VALUES (0, ?18, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "?11, ?12, ?13, ?14, ?15, ?16, ?17) ON CONFLICT DO UPDATE ",
        add_use);
    for (const auto& [key, hours] : objects_) {
        auto whole = hours.begin()->second.first;
        auto rows = hours.begin()->second.second;
        for (auto hour = std::next(hours.begin()); hour != hours.end(); ++hour) {
            whole.add(hour->second.first);
            rows += hour->second.second;
        }
        YAGURA_STORE_DO(add(to_day, key, whole));
        if (day.changed() == 0) {
            YAGURA_TRY(const bool room, has_room(day, key.whom, use));
            YAGURA_STORE_DO(run(day,
                                "INSERT INTO object_node (whom, site, objects, left_out) VALUES (?1, 0, ?2, "
                                "?3) ON CONFLICT DO UPDATE SET objects = "
                                "objects + ?2, left_out = left_out + ?3",
                                key.whom, room ? 1 : 0, room ? 0 : rows));
            if (!room) {
                use.objects_left_out += rows;
                continue;
            }
            ++use.objects;
            YAGURA_STORE_DO(
                add("INSERT INTO object_day VALUES (0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
                    "?13, ?14, ?15, ?16, ?17)",
                    key, whole));
        }
        for (const auto& [hour, sum] : hours) YAGURA_STORE_DO(add(to_hour, key, sum.first, hour));
    }
    return {};
}

/// For one more object, of the day and of this node. One that is full does not take the others' room.
Result<bool> Sums::has_room(Database& day, std::int64_t whom, Use& use) {
    if (use.objects >= limits_.objects) return false;
    YAGURA_TRY(auto* const ask, day.cached("SELECT objects FROM object_node WHERE whom = ?1"));
    YAGURA_TRY(const auto have, ask->one([](const Row& row) { return row.integer(0); }, whom));
    return have.value_or(0) < limits_.objects_of_node;
}

Result<Sums::Use> Sums::use_of(Database& day) {
    YAGURA_TRY(
        auto* const ask,
        day.cached("SELECT objects, objects_left_out, pairs, pairs_waiting, pairs_left_out FROM sums"));
    Use out;
    YAGURA_STORE_DO(ask->each([&](const Row& row) {
        out = {row.integer(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)};
    }));
    return out;
}

Result<void> Sums::make_again(Database& day, const Limits& limits) {
    YAGURA_STORE_DO(
        day.run("DELETE FROM minute_sum; DELETE FROM half_hour_sum; DELETE FROM kind_sum; DELETE FROM "
                "pair_now; DELETE FROM pair_sum; DELETE FROM who_sum; DELETE FROM object_node; DELETE "
                "FROM object_day; DELETE FROM object_hour; UPDATE sums SET made = 1, objects = 0, "
                "objects_left_out = 0, pairs = 0, pairs_waiting = 0, pairs_left_out = 0"));
    Sums sums{limits};
    // In pieces, so that what waits to be written stays small.
    YAGURA_TRY(auto rows, day.prepare(cat("SELECT ", SummedRow::columns,
                                          " FROM operation WHERE id > ?1 ORDER BY id LIMIT ?2")));
    for (std::int64_t last = INT64_MIN;;) {
        std::size_t many = 0;
        YAGURA_STORE_DO(rows.each(
            [&](const Row& row) {
                const SummedRow one{row};
                sums.came(one);
                last = one.id;
                ++many;
            },
            last, rows_made_at_once));
        YAGURA_STORE_DO(sums.flush(day));
        if (many < rows_made_at_once) return {};
    }
}

Result<void> Sums::make_if_missing(Database& day, const Limits& limits) {
    YAGURA_TRY(auto* const ask, day.cached("SELECT made FROM sums"));
    YAGURA_TRY(const auto made, ask->one([](const Row& row) { return row.integer(0); }));
    if (made.value_or(0) != 0) return {};
    YAGURA_TRY(auto transaction, Transaction::begin(day));
    YAGURA_STORE_DO(make_again(day, limits));
    return transaction.commit();
}

} // namespace yagura::store
