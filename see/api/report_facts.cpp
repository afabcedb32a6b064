#include "see/api/report_facts.h"

#include <algorithm>
#include <map>

#include "see/api/risk_json.h"
#include "see/health/row.h"
#include "spine/base/text.h"

namespace yagura::see {
namespace {

using namespace std::chrono;
using ledger::Field;

/// Not seen for so long at the month's end: it is gone, and no longer only switched off over a weekend.
constexpr auto gone_after = days{7};
constexpr std::size_t asked_most = 20'000;

class Making {
public:
    Making(const ReportParts& in, ReportFacts& out) : in_{in}, out_{out} {}

    Result<void> run() {
        YAGURA_TRY(all_, in_.reconciler.look(30));
        take_month();
        take_devices();
        if (auto done = take_decisions(); !done) return done;
        take_ledger();
        if (auto done = take_weaknesses(); !done) return done;
        if (auto done = take_risk(); !done) return done;
        if (auto done = take_health(); !done) return done;
        if (auto done = take_sight(); !done) return done;
        finish_tasks();
        return {};
    }

private:
    static store::Time at(sys_seconds when) { return store::Time{when}; }
    static sys_seconds seconds_of(store::Time when) {
        return floor<seconds>(sys_time<nanoseconds>{when.time_since_epoch()});
    }
    bool inside(store::Time when) const noexcept { return when >= out_.begin && when < out_.end; }

    void take_month() {
        out_.now = all_->compared.now;
        out_.begin = at(out_.offsets.begin_of(out_.month / 1));
        const auto next = out_.month + months{1};
        const auto over = at(out_.offsets.begin_of(next / 1));
        const auto clock = store::Time{nanoseconds{in_.clock.now()}};
        out_.running = clock < over;
        out_.end = over;
        const auto last = year_month_day{sys_days{next / 1} - days{1}};
        out_.new_by_day.resize(static_cast<unsigned>(last.day()));
    }

    ReportTask& task(const std::string& device) {
        const auto* said = all_->said_of(device);
        return said ? task_of((*said)[Field::owner], (*said)[Field::department], (*said)[Field::contact])
                    : task_of({}, {}, {});
    }
    ReportTask& task_of(const std::string& owner, const std::string& department, const std::string& contact) {
        auto& one = tasks_[owner.empty() && department.empty() ? "" : cat(department, "\n", owner)];
        one.owner = owner;
        one.department = department;
        if (one.contact.empty()) one.contact = contact;
        return one;
    }

    ReportDevice row(const store::SeenDevice& device, store::Time when) const {
        return {.name = device.name,
                .address = device.address,
                .line = device.line.name,
                .what = cat(device.vendor, device.vendor.empty() || device.product.empty() ? "" : " ",
                            device.product),
                .who = {},
                .at = when};
    }
    void keep(std::vector<ReportDevice>& into) const {
        std::ranges::stable_sort(into, {}, &ReportDevice::at);
        if (into.size() > ReportFacts::rows_most) into.resize(ReportFacts::rows_most);
    }

    void take_devices() {
        const auto until = std::min(out_.end, out_.now);
        out_.devices = all_->compared.devices.size();
        for (const auto& device : all_->compared.devices) {
            if (device.waits) {
                ++out_.waiting;
                ++task(device.id).waiting;
            }
            if (device.first < out_.end && device.last >= out_.begin) ++out_.seen;
            if (inside(device.first)) {
                ++out_.added;
                out_.new_ones.push_back(row(device, device.first));
                const auto day = static_cast<unsigned>(out_.offsets.day_of(seconds_of(device.first)).day());
                if (day >= 1 && day <= out_.new_by_day.size()) ++out_.new_by_day[day - 1];
            }
            if (inside(device.last) && device.last + gone_after < until) {
                ++out_.gone;
                out_.gone_ones.push_back(row(device, device.last));
            }
        }
        keep(out_.new_ones);
        keep(out_.gone_ones);
    }

    Result<void> take_decisions() {
        const auto now = store::Time{nanoseconds{in_.clock.now()}};
        std::map<std::string, bool> counted; // A device with two cards was decided about once.
        for (const bool refused : {false, true}) {
            store::Page page{.cursor = {}, .most = 1'000};
            for (std::size_t rows = 0; rows < asked_most;) {
                YAGURA_TRY(const auto found, in_.approvals.allowed(refused, now, page));
                for (const auto& one : found.rows) {
                    ++rows;
                    if (!inside(one.at) || !counted.emplace(one.device, true).second) continue;
                    ++(one.state == "rejected"    ? out_.rejected
                       : one.state == "temporary" ? out_.temporary
                                                  : out_.approved);
                    out_.decided.push_back(
                        {.name = one.name,
                         .address = one.ip.empty() ? one.mac : one.ip.substr(0, one.ip.find(' ')),
                         .line = one.line.name,
                         .what = one.state,
                         .who = one.who,
                         .at = one.at});
                }
                if (found.next_cursor.empty() || found.rows.empty()) break;
                page.cursor = found.next_cursor;
            }
        }
        keep(out_.decided);
        return {};
    }

    void take_ledger() {
        out_.entries = all_->compared.entries.size();
        out_.has_ledger = out_.entries > 0;
        out_.by_rule = all_->by_rule.size();
        for (const auto& pair : all_->pairs) {
            ++out_.lists[static_cast<std::size_t>(pair.list)];
            if (pair.list != ledger::List::different && pair.list != ledger::List::unseen) continue;
            if (pair.device) {
                ++task(all_->devices[*pair.device].id).differing;
            } else if (pair.entry) {
                const auto& entry = all_->entries[*pair.entry].entry;
                ++task_of(entry[Field::owner], entry[Field::department], entry[Field::contact]).differing;
            }
        }
    }

    Result<void> take_weaknesses() {
        YAGURA_TRY(const auto view, in_.weaknesses.look());
        out_.advisories = view->advisories;
        out_.unsupported = view->unsupported.size();
        constexpr std::array<std::string_view, 5> severities{"critical", "high", "medium", "low", "unknown"};
        constexpr std::array<std::string_view, 3> states{"accepted", "mitigated", "patched"};
        for (const auto& one : view->all) {
            const auto& device = view->devices[one.device].ref.id;
            if (one.match.verdict == weakness::Verdict::needs) {
                ++out_.asked;
                ++task(device).asked;
                continue;
            }
            if (one.match.verdict != weakness::Verdict::affected) continue;
            if (const auto state = std::ranges::find(states, one.state.state);
                state != states.end() && !one.overdue) {
                ++out_.decisions[static_cast<std::size_t>(state - states.begin())];
                continue;
            }
            ++out_.affected;
            ++task(device).affected;
            out_.overdue += one.overdue;
            out_.exploited += one.exploited;
            const auto severity = std::ranges::find(severities, weakness::severity(one.score));
            ++out_.severities[std::min<std::size_t>(static_cast<std::size_t>(severity - severities.begin()),
                                                    4)];
        }
        return {};
    }

    Result<void> take_risk() {
        YAGURA_TRY(const auto view, in_.risks.look());
        std::vector<const ScoredDevice*> scope;
        for (const auto& one : view->devices) {
            scope.push_back(&one);
            out_.risk.add(one.exact);
            ++out_.bins[std::min<std::size_t>(one.score / 10, out_.bins.size() - 1)];
        }
        const auto best = actions_json(scope, 3);
        for (const auto& one : best["actions"])
            out_.actions.push_back({.kind = one["kind"].get<std::string>(),
                                    .name = one.value("name", std::string{}),
                                    .lowers = one["lowers"].get<double>(),
                                    .devices = one["device_count"].get<std::size_t>()});
        return {};
    }

    Result<void> take_health() {
        store::Page page{.cursor = {}, .most = 1'000};
        for (std::size_t rows = 0; rows < asked_most;) {
            YAGURA_TRY(const auto found, in_.health.list({}, page));
            out_.covered = found.covered;
            for (const auto& one : found.items) {
                ++rows;
                if (one.first >= out_.end || std::max(one.last, one.until) < out_.begin) continue;
                ++out_.found;
                out_.open += one.open;
                if (one.open)
                    for (const auto& party : one.parties)
                        if (!party.device.id.empty()) {
                            ++task(party.device.id).findings;
                            break; // One finding is one thing to do: of whom it names first.
                        }
                out_.findings.push_back(
                    {.kind = std::string{health::word(static_cast<health::Kind>(one.kind))},
                     .subject = one.subject.empty() && !one.parties.empty() ? one.parties.front().device.name
                                                                            : one.subject,
                     .severity = std::string{health::word(static_cast<health::Severity>(one.severity))},
                     .first = one.first,
                     .last = one.last,
                     .open = one.open,
                     .times = one.times});
            }
            if (found.next_cursor.empty() || found.items.empty()) break;
            page.cursor = found.next_cursor;
        }
        const auto rank = [](const ReportFacts::Finding& one) {
            return std::tuple{!one.open,
                              one.severity == "high"     ? 0
                              : one.severity == "medium" ? 1
                                                         : 2,
                              one.first};
        };
        std::ranges::stable_sort(out_.findings, {}, rank);
        if (out_.findings.size() > ReportFacts::rows_most) out_.findings.resize(ReportFacts::rows_most);
        return {};
    }

    Result<void> take_sight() {
        YAGURA_TRY(const auto list, in_.sight.all());
        std::vector<MissingEntry> missing;
        for (const auto& pair : all_->pairs)
            if (pair.list == ledger::List::unseen && pair.entry && !pair.device) {
                const auto& entry = all_->entries[*pair.entry].entry;
                const auto& ips = entry[Field::ip];
                missing.push_back(
                    {store::ledger_entry_text(entry.id), entry[Field::name], ips.substr(0, ips.find(' '))});
            }
        for (const auto& network : seen_networks(list, missing)) {
            for (std::size_t i = 0; i < sight_count; ++i) out_.sight[i] += network.counts[i];
            if (out_.networks.size() < ReportFacts::networks_most)
                out_.networks.push_back({network.network, network.counts, network.hidden});
        }
        return {};
    }

    void finish_tasks() {
        for (auto& [who, one] : tasks_)
            if (one.all() > 0) out_.tasks.push_back(std::move(one));
        std::ranges::stable_sort(out_.tasks, std::greater{}, &ReportTask::all);
        if (out_.tasks.size() > ReportFacts::tasks_most) out_.tasks.resize(ReportFacts::tasks_most);
    }

    const ReportParts& in_;
    ReportFacts& out_;
    std::shared_ptr<const Reconciled> all_;
    std::map<std::string, ReportTask> tasks_;
};

} // namespace

Result<ReportFacts> report_of(const ReportParts& in, year_month month) {
    ReportFacts out;
    std::tie(out.site, out.zone) = in.site();
    out.offsets = ZoneOffsets::of(out.zone);
    out.month = month;
    if (auto done = Making{in, out}.run(); !done) return std::unexpected{std::move(done).error()};
    return out;
}

} // namespace yagura::see
