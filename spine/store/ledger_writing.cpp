#include "spine/store/ledger_writing.h"

#include <fstream>
#include <iterator>

#include "spine/store/ledger.h"
#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using reading::ns;

template <class... Values>
Result<void> run(Database& database, std::string_view sql, const Values&... values) {
    YAGURA_TRY(auto* const statement, database.cached(sql));
    return statement->run(values...);
}

Result<void> write_entry(Database& state, const LedgerRow& row, bool made) {
    // An entry that somebody took out meanwhile does not come back by a late correction.
    static const auto insert = [] {
        std::string columns, places;
        for (std::size_t i = 0; i < ledger_columns.size(); ++i) {
            columns += cat(", ", ledger_columns[i]);
            places += cat(", ?", i + 6);
        }
        return cat("INSERT OR REPLACE INTO ledger_entry (id, site, row, accepted, at, who", columns,
                   ") VALUES (?1, 0, ?2, ?3, ?4, ?5", places, ")");
    }();
    YAGURA_TRY(auto* const exists, state.cached("SELECT 1 FROM ledger_entry WHERE id = ?1"));
    if (!made) {
        YAGURA_TRY(const auto found, exists->one([](const Row&) { return true; }, row.id));
        if (!found) return {};
    }
    YAGURA_TRY(auto* const statement, state.cached(insert));
    statement->bind(1, static_cast<std::int64_t>(row.id));
    statement->bind(2, std::int64_t{row.row});
    statement->bind(3, std::string_view{row.accepted});
    statement->bind(4, ns(row.at));
    statement->bind(5, std::string_view{row.who});
    for (std::size_t i = 0; i < row.values.size(); ++i)
        statement->bind(static_cast<int>(i + 6), std::string_view{row.values[i]});
    return statement->run();
}

} // namespace

Result<bool> write_ledger(Database& state, const std::string& folder, const LedgerChange& change) {
    YAGURA_STORE_DO(run(state, "INSERT OR IGNORE INTO ledger (site, version, last_entry, name, at, who) "
                               "VALUES (0, 0, 0, '', 0, '')"));
    using Did = LedgerChange::What;
    YAGURA_STORE_DO(
        run(state, "UPDATE ledger SET version = version + 1, last_entry = max(last_entry, ?1) WHERE site = 0",
            change.what == Did::whole || change.what == Did::put ? change.id : 0));
    switch (change.what) {
    case LedgerChange::What::gone:
        YAGURA_STORE_DO(run(state, "DELETE FROM ledger_entry WHERE id = ?1", change.id));
        return true;
    case LedgerChange::What::put: {
        if (const auto row = ledger_row(change.text)) YAGURA_STORE_DO(write_entry(state, *row, change.made));
        return true;
    }
    case Did::rule:
        YAGURA_STORE_DO(run(state, "INSERT OR REPLACE INTO ledger_rule VALUES (?1, 0, 0, ?2, ?3, ?4)",
                            change.id, change.text, ns(change.at), change.who));
        [[fallthrough]];
    case Did::rule_order: {
        std::int64_t place = 0;
        for (const auto id : change.order)
            YAGURA_STORE_DO(run(state, "UPDATE ledger_rule SET place = ?2 WHERE id = ?1", id, ++place));
        return true;
    }
    case Did::rule_gone:
        YAGURA_STORE_DO(run(state, "DELETE FROM ledger_rule WHERE id = ?1", change.id));
        return true;
    case Did::layout:
        YAGURA_STORE_DO(
            run(state,
                "UPDATE ledger SET layout_file = ?1, layout_name = ?2, layout_at = ?3, layout_who = ?4 "
                "WHERE site = 0",
                change.file, change.name, ns(change.at), change.who));
        return true;
    case Did::whole:
        break;
    }
    std::ifstream file{ledger_folder(folder) + '/' + change.file, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto rows = ledger_rows(text);
    if (!rows) return false;
    YAGURA_STORE_DO(run(state, "UPDATE ledger SET name = ?1, at = ?2, who = ?3 WHERE site = 0", change.name,
                        ns(change.at), change.who));
    YAGURA_STORE_DO(run(state, "DELETE FROM ledger_entry"));
    for (const auto& row : *rows) YAGURA_STORE_DO(write_entry(state, row, true));
    return true;
}

} // namespace yagura::store
