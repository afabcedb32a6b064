#include "spine/store/operations_writing.h"

#include <array>

#include "spine/store/reading.h"
#include "spine/store/writer.h"

namespace yagura::store {
namespace {

using reading::ns;

/// SQLite's integers have a sign; counters beyond it are somebody's joke.
std::int64_t whole(std::uint64_t value) noexcept {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
}
template <class... Values>
Result<void> run(Database& database, std::string_view sql, const Values&... values) {
    YAGURA_TRY(auto* const statement, database.cached(sql));
    return statement->run(values...);
}

/// acts_of_operation (reading.h) of a row that is new.
std::uint64_t acts_of(const OperationItem& item) noexcept {
    if (!item.many)
        return item.answers == 0 || item.last > item.at ||
               observe::usual_effect(item.act) > observe::Effect::observes;
    const auto told = whole(item.answers), refused = whole(item.refusals), all = whole(item.messages);
    if (all > told && all - told > refused) return static_cast<std::uint64_t>(all - told - refused);
    return all > 1 ? static_cast<std::uint64_t>(all) : 0;
}

SummedRow summed(const OperationItem& item) noexcept {
    SummedRow out;
    out.id = static_cast<std::int64_t>(item.arrival);
    out.at = ns(item.at), out.last = ns(item.last);
    out.who = static_cast<std::int64_t>(item.who.value),
    out.whom = static_cast<std::int64_t>(item.whom.value);
    out.act = item.act, out.outcome = item.outcome, out.many = item.many;
    out.refusals = whole(item.refusals);
    out.acts = whole(acts_of(item));
    out.protocol = item.protocol, out.part = item.part, out.object = item.object, out.value = item.value;
    return out;
}

/// A request and its answer are one act: the row that waits for it learns how it ended. False: none does.
Result<bool> complete(Database& database, const OperationItem& answer, Sums& sums, RegisterDay& values) {
    static const auto waiting = cat(
        "SELECT ", SummedRow::columns,
        " FROM operation WHERE id = (SELECT max(id) FROM operation WHERE source = ?1 AND "
        "talk = ?2 AND pair = ?3 AND many = 0 AND outcome = 0 AND pair <> 0)");
    YAGURA_TRY(auto* const find, database.cached(waiting));
    std::optional<SummedRow> after;
    std::array<std::string, 4> texts; // What the row lends ends with it.
    YAGURA_STORE_DO(find->each(
        [&](const Row& row) {
            SummedRow before{row};
            std::size_t at = 0;
            for (auto* const text : {&before.protocol, &before.part, &before.object, &before.value})
                *text = texts[at++] = *text;
            after = before;
            after->outcome = answer.outcome;
            after->refusals = whole(static_cast<std::uint64_t>(before.refusals) +
                                    (answer.outcome == observe::Outcome::refused));
            after->last = std::max(before.last, ns(answer.last));
            if (before.value.empty()) after->value = answer.value;
            // As acts_of_operation says of an answered one.
            after->acts = after->last > after->at ||
                          observe::usual_effect(after->act) > observe::Effect::observes;
            sums.changed(before, *after);
            values.completed(before, *after);
            return false;
        },
        answer.source, static_cast<std::int64_t>(answer.talk), answer.pair));
    if (!after) return false;
    YAGURA_STORE_DO(run(
        database,
        "UPDATE operation SET outcome = ?2, status = ?3, answers = answers + 1, refusals = ?4, last = ?5, "
        "value = ?6, acts = ?7 WHERE id = ?1",
        after->id, after->outcome, answer.status, after->refusals, after->last, after->value, after->acts));
    return true;
}

} // namespace

Result<void> write_operation(Database& database, const OperationItem& item, Sums& sums, RegisterDay& values) {
    if (item.answer && item.pair != 0) {
        YAGURA_TRY(const bool completed, complete(database, item, sums, values));
        if (completed) return {};
    }
    YAGURA_STORE_DO(run(
        database,
        "INSERT OR IGNORE INTO operation VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
        "?12, ?13, ?14, "
        "?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27)",
        item.arrival, item.source, ns(item.at), ns(item.last), item.who.value, item.whom.value, item.act,
        observe::usual_effect(item.act), item.protocol, item.code, item.function, item.part, item.object,
        item.value, item.outcome, item.status, item.many, whole(item.messages), whole(item.answers),
        whole(item.refusals), item.changes, static_cast<std::int64_t>(item.talk), item.pair,
        whole(item.frame), item.offset,
        item.message.empty() ? std::optional<Bytes>{} : std::optional{Bytes{item.message}}, acts_of(item)));
    if (database.changed() != 0) {
        sums.came(summed(item));
        values.came(summed(item));
    }
    return {};
}

} // namespace yagura::store
