// What the values of registers were on a day, as its file keeps them.
#include <algorithm>

#include "spine/store/reading.h"
#include "spine/store/registers_writing.h"
#include "spine/store/writer.h"

namespace yagura::store {
namespace {

using namespace reading;

template <class... Values>
Result<void> run(Database& day, std::string_view sql, const Values&... values) {
    YAGURA_TRY(auto* const statement, day.cached(sql));
    return statement->run(values...);
}

/// A write whose answer has not come is no value yet; a refused one is none.
bool says_value(const SummedRow& row) noexcept {
    if (row.value.empty() || row.whom == 0 || !uses_object(row)) return false;
    if (!writes_object(row.act)) return true;
    return row.many ? row.outcome != observe::Outcome::refused : row.outcome == observe::Outcome::done;
}

/// When: a write's is its request, of what was read when the answer came.
RegisterValue value_of(const SummedRow& row) {
    const bool writes = writes_object(row.act);
    return {row.many || !writes ? row.last : row.at, row.id, false, writes, std::string{row.value}};
}

} // namespace

void RegisterDay::add(std::int64_t whom, std::string_view protocol, std::string_view part,
                      std::string_view object, RegisterValue value) {
    values_[Key{whom, protocol, part, object}].push_back(std::move(value));
}

void RegisterDay::came(const SummedRow& row) {
    if (says_value(row)) add(row.whom, row.protocol, row.part, row.object, value_of(row));
}

void RegisterDay::completed(const SummedRow& before, const SummedRow& after) {
    if (says_value(after) && !says_value(before))
        add(after.whom, after.protocol, after.part, after.object, value_of(after));
}

void RegisterDay::told(const ToldItem& item) {
    // Of several written at once nobody tells which was refused: they are in the ledger as asked for.
    if (item.kind != journal::Kind::variable || item.writes || item.what.empty() || item.value.empty())
        return;
    const auto whom = static_cast<std::int64_t>(item.who.value);
    if (whom != 0)
        add(whom, item.protocol, item.part, item.what,
            {ns(item.at), static_cast<std::int64_t>(item.arrival), true, false, item.value});
}

Result<void> RegisterDay::write(Database& day, const Key& key, const std::vector<RegisterValue>& values,
                                Use& use) {
    struct Known {
        std::int64_t id = 0, at = 0, run = 0, changes = 0, left_out = 0;
        std::string value;
    };
    const auto& [whom, protocol, part, object] = key;
    constexpr std::string_view find =
        "SELECT id, at, run, changes, left_out, value FROM register_day WHERE whom "
        "= ?1 AND protocol = ?2 AND part = ?3 AND object = ?4";
    YAGURA_TRY(auto* const ask, day.cached(find));
    const auto known_of = [](const Row& row) {
        return Known{row.integer(0), row.integer(1), row.integer(2),
                     row.integer(3), row.integer(4), row.string(5)};
    };
    YAGURA_TRY(auto known, ask->one(known_of, whom, protocol, part, object));
    if (!known) {
        if (use.registers >= limits_.registers_of_day) {
            use.left_out += static_cast<std::int64_t>(values.size());
            return {};
        }
        YAGURA_STORE_DO(run(day, "INSERT INTO register_day VALUES (NULL, 0, ?1, ?2, ?3, ?4, '', ?5, 0, 0, 0)",
                            whom, protocol, part, object, INT64_MIN));
        YAGURA_TRY(known, ask->one(known_of, whom, protocol, part, object));
        if (!known) return {};
        ++use.registers;
    }
    YAGURA_TRY(auto* const latest,
               day.cached("SELECT changes FROM register_run WHERE register = ?1 AND run = ?2"));
    RegisterRun kept;
    std::int64_t first = INT64_MAX, last = INT64_MIN;
    if (known->changes > 0)
        YAGURA_STORE_DO(latest->each(
            [&](const Row& row) {
                kept = RegisterRun::of(row.bytes(0));
                for (const auto& one : RegisterRun::values(row.bytes(0)))
                    first = std::min(first, one.at), last = std::max(last, one.at);
            },
            known->id, known->run));
    bool touched = false;
    const auto put = [&]() -> Result<void> {
        if (!touched) return {};
        touched = false;
        return run(
            day,
            "INSERT INTO register_run VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET first = "
            "?3, last = ?4, many = ?5, changes = ?6",
            known->id, known->run, first, last, kept.many(), kept.bytes());
    };
    for (const auto& one : values) {
        auto next = one;
        // What comes late is kept as it was said: what it changed can be told when all are in order.
        if (one.at >= known->at) {
            next.value = laid_over(known->value, one.value);
            known->at = one.at;
            if (next.value == known->value) continue;
            known->value = next.value;
        }
        if (use.changes >= limits_.changes_of_day || known->changes >= limits_.changes_of_register) {
            ++known->left_out, ++use.left_out;
            continue;
        }
        if (kept.full()) {
            YAGURA_STORE_DO(put());
            kept = {};
            first = INT64_MAX, last = INT64_MIN;
            ++known->run;
        }
        kept.append(next);
        first = std::min(first, next.at), last = std::max(last, next.at);
        ++known->changes, ++use.changes;
        touched = true;
    }
    YAGURA_STORE_DO(put());
    return run(
        day,
        "UPDATE register_day SET value = ?2, at = ?3, run = ?4, changes = ?5, left_out = ?6 WHERE id = ?1",
        known->id, known->value, known->at, known->run, known->changes, known->left_out);
}

Result<void> RegisterDay::flush(Database& day) {
    YAGURA_TRY(const auto before, use_of(day));
    auto now = before;
    for (const auto& [key, values] : values_) YAGURA_STORE_DO(write(day, key, values, now));
    values_.clear();
    if (now == before) return {};
    return run(day, "UPDATE register_kept SET registers = ?1, changes = ?2, left_out = ?3", now.registers,
               now.changes, now.left_out);
}

Result<RegisterDay::Use> RegisterDay::use_of(Database& day) {
    YAGURA_TRY(auto* const ask, day.cached("SELECT registers, changes, left_out FROM register_kept"));
    Use out;
    YAGURA_STORE_DO(
        ask->each([&](const Row& row) { out = {row.integer(0), row.integer(1), row.integer(2)}; }));
    return out;
}

Result<void> RegisterDay::make_again(Database& day, const RegisterLimits& limits) {
    constexpr std::size_t rows_at_once = 100'000;
    YAGURA_STORE_DO(
        day.run("DELETE FROM register_run; DELETE FROM register_day; UPDATE register_kept SET made = "
                "1, registers = 0, changes = 0, left_out = 0"));
    RegisterDay all{limits};
    YAGURA_TRY(auto rows, day.prepare(cat("SELECT ", SummedRow::columns,
                                          " FROM operation WHERE id > ?1 ORDER BY id LIMIT ?2")));
    for (std::int64_t last = INT64_MIN;;) {
        std::size_t many = 0;
        YAGURA_STORE_DO(rows.each(
            [&](const Row& row) {
                const SummedRow one{row};
                all.came(one);
                last = one.id;
                ++many;
            },
            last, rows_at_once));
        YAGURA_STORE_DO(all.flush(day));
        if (many < rows_at_once) break;
    }
    YAGURA_TRY(auto told,
               day.prepare("SELECT id, at, who, protocol, part, what, value FROM told WHERE kind = ?1 "
                           "AND writes = 0 ORDER BY id"));
    YAGURA_STORE_DO(told.each(
        [&](const Row& row) {
            ToldItem one;
            one.kind = journal::Kind::variable;
            one.arrival = row.as<std::uint64_t>(0);
            one.at = from_ns(row.integer(1));
            one.who = {row.as<std::uint64_t>(2)};
            one.protocol = row.string(3), one.part = row.string(4);
            one.what = row.string(5), one.value = row.string(6);
            all.told(one);
        },
        journal::Kind::variable));
    return all.flush(day);
}

Result<void> RegisterDay::make_if_missing(Database& day, const RegisterLimits& limits) {
    YAGURA_TRY(auto* const ask, day.cached("SELECT made FROM register_kept"));
    YAGURA_TRY(const auto made, ask->one([](const Row& row) { return row.integer(0); }));
    if (made.value_or(0) != 0) return {};
    YAGURA_TRY(auto transaction, Transaction::begin(day));
    YAGURA_STORE_DO(make_again(day, limits));
    return transaction.commit();
}

} // namespace yagura::store
