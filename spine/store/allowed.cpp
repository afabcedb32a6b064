#include "spine/store/allowed.h"

#include <algorithm>

#include "spine/store/reading.h"

namespace yagura::store {

using namespace reading;

Result<AllowedList> ApprovalReader::allowed(bool rejected, Time now, const Page& page) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto after, place(page.cursor));
    AllowedList out;
    // Cards; and addresses of devices of which no card was decided. A device that waits because of another
    // card keeps those that were let in; one that says something else of itself does not.
    const auto from = cat(
        " FROM approval a JOIN link ON link.node = a.node AND link.ends IS NULL JOIN shown s ON s.device = "
        "link.device LEFT JOIN line l ON l.id = s.line JOIN node n ON n.id = a.node WHERE (n.kind = 1 OR "
        "(n.kind = 2 AND NOT EXISTS (SELECT 1 FROM link o JOIN node m ON m.id = o.node JOIN approval b ON "
        "b.node = m.id WHERE o.device = s.device AND o.ends IS NULL AND m.kind = 1))) AND ",
        rejected ? std::string{"(a.state = 2 OR s.approval = 2)"}
                 : cat("(a.state = 1 OR (a.state = 3 AND a.until > ", ns(now),
                       ")) AND (s.approval = 1 OR (s.approval = 3 AND s.approval_until > ", ns(now),
                       ") OR (s.approval = 0 AND s.approval_why = 'mac'))"));
    YAGURA_TRY(const auto total, Query{cat("SELECT count(*)", from)}.number(*loan));
    out.total = static_cast<std::uint64_t>(total);
    Query rows{
        cat("SELECT a.node, n.kind, n.mark, s.device, s.name, s.role, s.vendor, s.product, l.id, l.name, "
            "a.state, a.until, a.at, a.who, a.reason",
            from)};
    if (after) rows.add(" AND a.node > ?", after->id);
    const auto most = std::clamp<std::size_t>(page.most, 1, 1'000);
    rows.add(cat(" ORDER BY a.node LIMIT ", most + 1));
    std::int64_t last = 0;
    bool more = false;
    std::vector<std::int64_t> devices;
    YAGURA_STORE_DO(rows.each(*loan, [&](const Row& row) {
        more = out.rows.size() == most;
        if (more) return;
        last = row.integer(0);
        auto& one = out.rows.emplace_back();
        (row.integer(1) == 1 ? one.mac : one.ip) = address_of(row.integer(1), row.bytes(2));
        devices.push_back(row.integer(3));
        one.device = device_text(row.integer(3));
        one.name = row.string(4);
        one.role = row.string(5);
        one.vendor = row.string(6);
        one.product = row.string(7);
        if (!row.null(8)) one.line = {line_text(row.integer(8)), row.string(9)};
        const auto state = row.as<Approval>(10);
        one.state = rejected ? "rejected" : state == Approval::temporary ? "temporary" : "approved";
        if (state == Approval::temporary) one.until = from_ns(row.integer(11));
        one.at = from_ns(row.integer(12));
        one.who = row.string(13);
        one.reason = row.string(14);
    }));
    if (more) out.next_cursor = cursor({std::int64_t{0}, last});
    for (std::size_t i = 0; i < out.rows.size(); ++i) {
        auto& one = out.rows[i];
        if (!one.ip.empty()) continue;
        YAGURA_STORE_DO(Query{
            "SELECT n.kind, n.mark FROM link JOIN node n ON n.id = link.node WHERE link.device = ? AND "
            "link.ends IS NULL AND n.kind = 2 ORDER BY n.id LIMIT 16",
            {devices[i]}}.each_again(*loan, [&](const Row& row) {
            one.ip += cat(one.ip.empty() ? "" : " ", address_of(row.integer(0), row.bytes(1)));
        }));
    }
    return out;
}

} // namespace yagura::store
