#include "spine/store/weaknesses_writing.h"

#include <fstream>
#include <iterator>
#include <set>

#include "spine/store/reading.h"
#include "spine/store/weaknesses.h"

namespace yagura::store {
namespace {

using reading::ns;

template <class... Values>
Result<void> run(Database& database, std::string_view sql, const Values&... values) {
    YAGURA_TRY(auto* const statement, database.cached(sql));
    return statement->run(values...);
}

Result<void> touch(Database& state, std::string_view kind, const WeaknessChange& change) {
    return run(state,
               "INSERT INTO feed (kind, site, version, name, dated, at, who) VALUES (?1, 0, 1, ?2, '', ?3, "
               "?4) ON CONFLICT (site, kind) "
               "DO UPDATE SET version = version + 1, name = ?2, at = ?3, who = ?4",
               kind, change.name, ns(change.at), change.who);
}

std::string_view table_of(std::string_view kind) {
    return kind == "kev"       ? "exploited"
           : kind == "epss"    ? "likelihood"
           : kind == "support" ? "support"
                               : "advisory";
}

Result<void> empty(Database& state, std::string_view kind) {
    const auto table = table_of(kind);
    if (table == "advisory") return run(state, "DELETE FROM advisory WHERE site = 0 AND kind = ?1", kind);
    return run(state, cat("DELETE FROM ", table, " WHERE site = 0"));
}

std::int64_t whole_number(std::string_view text) {
    return static_cast<std::int64_t>(number<std::uint32_t>(text).value_or(0));
}

Result<void> write_line(Database& state, const std::vector<std::string_view>& line,
                        const WeaknessChange& change) {
    const auto kind = line[0];
    const auto is = [&](std::string_view word, std::size_t fields) {
        return kind == word && line.size() == fields + 1;
    };
    if (is("csaf", 3) || is("nvd", 3))
        return run(state,
                   "INSERT INTO advisory (name, site, kind, digest, at, body) VALUES (?1, 0, ?2, ?3, ?4, ?5) "
                   "ON CONFLICT (site, name) DO "
                   "UPDATE SET kind = ?2, digest = ?3, at = ?4, body = ?5 WHERE digest <> ?3",
                   line[1], kind, line[2], ns(change.at), line[3]);
    if (is("kev", 5))
        return run(state,
                   "INSERT OR REPLACE INTO exploited (cve, site, name, added, due, ransomware) VALUES (?1, "
                   "0, ?2, ?3, ?4, ?5)",
                   line[1], line[2], line[3], line[4], whole_number(line[5]));
    if (is("epss", 3))
        return run(state,
                   "INSERT OR REPLACE INTO likelihood (cve, site, score, percentile) VALUES (?1, 0, ?2, ?3)",
                   line[1], whole_number(line[2]), whole_number(line[3]));
    if (is("support", 9))
        return run(state,
                   "INSERT OR REPLACE INTO support (product, cycle, site, title, category, label, latest, "
                   "active_end, end, extended_end) "
                   "VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                   line[1], line[2], line[3], line[4], line[5], line[6], line[7], line[8], line[9]);
    if (is("whole", 1)) return empty(state, line[1]);
    if (is("dated", 2))
        return run(state, "UPDATE feed SET dated = ?2 WHERE site = 0 AND kind = ?1", line[1], line[2]);
    return {}; // Of a newer version.
}

Result<bool> write_feed(Database& state, const std::string& folder, const WeaknessChange& change) {
    std::ifstream file{feed_folder(folder) + '/' + change.file, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto lines = feed_lines(text);
    if (!lines) return false;
    std::set<std::string_view> kinds;
    for (const auto& line : *lines)
        for (const std::string_view known : {"csaf", "nvd", "kev", "epss", "support"})
            if (line[0] == known) kinds.insert(known);
    for (const auto kind : kinds) YAGURA_STORE_DO(touch(state, kind, change));
    for (const auto& line : *lines) YAGURA_STORE_DO(write_line(state, line, change));
    return true;
}

} // namespace

Result<bool> write_weakness(Database& state, const std::string& folder, const WeaknessChange& change) {
    switch (change.what) {
    case WeaknessChange::What::feed:
        return write_feed(state, folder, change);
    case WeaknessChange::What::feed_gone:
        YAGURA_STORE_DO(empty(state, change.text));
        YAGURA_STORE_DO(touch(state, change.text, change));
        return true;
    case WeaknessChange::What::state:
        break;
    }
    const auto told = weakness_state(change.text);
    if (!told) return true;
    // A device that was merged has its other marks' decisions, too: the newest word counts for all of them.
    YAGURA_STORE_DO(run(state,
                        "DELETE FROM weakness_state WHERE part = ?2 AND advisory = ?3 AND node IN (SELECT "
                        "b.node FROM link a JOIN link b "
                        "ON b.device = a.device AND b.ends IS NULL WHERE a.node = ?1 AND a.ends IS NULL)",
                        change.node.value, told->part, told->advisory));
    if (told->state != "open")
        YAGURA_STORE_DO(run(state,
                            "INSERT OR REPLACE INTO weakness_state (node, part, advisory, site, state, "
                            "reason, until, at, who) VALUES "
                            "(?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8)",
                            change.node.value, told->part, told->advisory, told->state, told->reason,
                            told->until, ns(change.at), change.who));
    YAGURA_STORE_DO(touch(state, "states", change));
    return true;
}

} // namespace yagura::store
