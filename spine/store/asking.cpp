#include "spine/store/asking.h"

#include <algorithm>
#include <set>

#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using namespace reading;

template <class... Values>
Result<void> run_asking(Database& database, std::string_view sql, const Values&... values) {
    YAGURA_TRY(auto* const statement, database.cached(sql));
    return statement->run(values...);
}

} // namespace

Result<void> write_asking(Database& state, const AskingChange& change) {
    if (!change.changed) return {};
    const auto& now = change.now;
    YAGURA_STORE_DO(run_asking(state, "INSERT OR REPLACE INTO asking VALUES (0, ?1, ?2, ?3, ?4, ?5, ?6)",
                               now.draft, now.version, ns(now.draft_at), now.draft_who, now.plan,
                               now.running));
    for (const auto& one : change.decisions)
        YAGURA_STORE_DO(run_asking(
            state, "INSERT OR REPLACE INTO asking_decision VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6)", one.record,
            ns(one.at), one.who, one.approved ? "approved" : "stopped", one.why, one.plan));
    return run_asking(
        state,
        "DELETE FROM asking_decision WHERE record <= (SELECT record FROM asking_decision ORDER BY "
        "record DESC LIMIT 1 OFFSET ?1)",
        asking_decisions_most);
}

Result<AskingRow> stored_asking(Database& state) {
    AskingRow out;
    YAGURA_STORE_DO(
        Query{"SELECT draft, version, draft_at, draft_who, plan, running FROM asking WHERE site = 0"}
            .each_again(state, [&](const Row& row) {
                out = {.draft = row.string(0),
                       .version = row.as<std::uint64_t>(1),
                       .draft_at = from_ns(row.integer(2)),
                       .draft_who = row.string(3),
                       .plan = row.string(4),
                       .running = row.integer(5) != 0};
            }));
    return out;
}

Result<std::map<std::string, DeviceRef>> AskingReader::names(const std::vector<std::string>& addresses) {
    YAGURA_TRY(auto loan, state_.borrow());
    const std::set<std::string> wanted(addresses.begin(), addresses.end());
    std::map<std::string, DeviceRef> out;
    if (wanted.empty()) return out;
    Who who{*loan};
    YAGURA_STORE_DO(Query{"SELECT address, device FROM shown"}.each_again(*loan, [&](const Row& row) {
        if (wanted.contains(row.string(0))) out.try_emplace(row.string(0), who.device(row.integer(1)));
    }));
    return out;
}

Result<AskingNow> AskingReader::now(std::size_t decisions) {
    YAGURA_TRY(auto loan, state_.borrow());
    AskingNow out;
    YAGURA_TRY(static_cast<AskingRow&>(out), stored_asking(*loan));
    YAGURA_STORE_DO(
        Query{cat("SELECT record, at, who, what, why FROM asking_decision ORDER BY record DESC LIMIT ",
                  std::min(decisions, asking_decisions_most))}
            .each_again(*loan, [&](const Row& row) {
                out.decisions.push_back({.record = row.as<std::uint64_t>(0),
                                         .at = from_ns(row.integer(1)),
                                         .who = row.string(2),
                                         .approved = row.string(3) == "approved",
                                         .why = row.string(4)});
            }));
    return out;
}

} // namespace yagura::store
