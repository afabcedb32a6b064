// Which devices may be on the network: what a person decides about them, and what follows from it.
#include <algorithm>

#include "apps/center/inside.h"
#include "see/approval.h"
#include "spine/observe/text.h"

namespace yagura::center {
namespace {

using store::Approval;

constexpr std::size_t devices_most = 1'000, marks_most = 400, reason_most = 640;
constexpr auto longest = std::chrono::days{366};
constexpr std::string_view between = "\x1e";

std::unexpected<Complaint> refuse(std::string_view code, std::string what, std::string next) {
    return std::unexpected{Complaint{.code = code, .what = std::move(what), .next = std::move(next)}};
}

std::string_view word(Approval state) {
    switch (state) {
    case Approval::approved:
        return "approved";
    case Approval::rejected:
        return "rejected";
    case Approval::temporary:
        return "temporary";
    case Approval::pending:
        break;
    }
    return "pending";
}

std::string_view piece(std::string_view& text, std::string_view until) {
    const auto at = std::min(text.find(until), text.size());
    const auto out = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return out;
}

} // namespace

// The value of a decision: until when, the marks that it hangs on, and what the device said of itself.
Result<Inside::Judged> Inside::judge_approvals(const model::DecideDevices& asked) {
    const auto state = static_cast<Approval>(asked.what);
    if (asked.devices.empty() || asked.devices.size() > devices_most)
        return refuse("model.bad-value", cat("1 to ", devices_most, " devices are decided at once"),
                      "decide the others afterwards");
    if (asked.reason.size() > reason_most)
        return refuse("model.bad-value", cat("a reason has at most ", reason_most, " bytes"),
                      "say it shorter");
    if (asked.reason.empty() && (state == Approval::rejected || state == Approval::temporary))
        return refuse("model.no-reason", "there is no reason", "say why, so that others can tell later");
    std::int64_t until = 0;
    if (state == Approval::temporary) {
        const auto now = wall_clock();
        if (!asked.until || *asked.until <= now || *asked.until > now + longest)
            return refuse("model.bad-date", "the date is not within the next 366 days",
                          "choose the day on which the device leaves");
        until = asked.until->time_since_epoch().count();
    }
    std::vector<Decision> out;
    for (const auto& text : asked.devices) {
        auto id = device(text);
        if (!id) {
            id.error().where = text.substr(0, 64);
            return std::unexpected{std::move(id).error()};
        }
        std::string marks;
        std::size_t many = 0;
        for (const auto node : plant->nodes_of(*id)) {
            const auto kind = plant->node(node)->node.kind;
            if ((kind != model::Node::Kind::mac && kind != model::Node::Kind::ip) || many++ == marks_most)
                continue;
            marks += cat(marks.empty() ? "" : " ", node.value);
        }
        auto& told = out.emplace_back();
        told.what = What::approve;
        told.subject = id->value;
        told.other = static_cast<std::uint64_t>(state);
        told.text = asked.reason;
        told.value = cat(until, between, marks, between, see::identity_of(see::portray(*plant, *id)));
    }
    return Judged{std::move(out)};
}

void Inside::decide_approval(const Decision& told) {
    if (told.other > static_cast<std::uint64_t>(Approval::temporary) || !told.value) return;
    const auto state = static_cast<Approval>(told.other);
    std::string_view rest{*told.value};
    const auto until = number<std::uint64_t>(piece(rest, between)).value_or(0);
    auto marks = piece(rest, between);
    store::ApprovalRow row{.node = {},
                           .device = {told.subject},
                           .state = state,
                           .until = observe::Time{std::chrono::nanoseconds{static_cast<std::int64_t>(until)}},
                           .reason = told.text,
                           .identity = std::string{rest},
                           .at = told.at,
                           .who = told.who,
                           .gone = state == Approval::pending};
    plant->settle();
    while (!marks.empty()) {
        const auto node = number<std::uint64_t>(piece(marks, " "));
        // Of a mark that was forgotten nothing can be kept, nor would anybody see it.
        if (!node || !plant->node({*node})) continue;
        row.node = {*node};
        if (row.gone)
            people.approvals.erase(*node);
        else
            people.approvals[*node] = row;
        batch.approvals.push_back(row);
        if (const auto device = plant->device_of(row.node)) portraits->changed(*device);
    }
    if (!plant->device(row.device)) return;
    store::ChangeRow change;
    change.at = told.at;
    change.kind = "approval";
    change.device = row.device;
    change.old_value = told.text;
    change.new_value = state == Approval::temporary ? cat(word(state), " ", until) : std::string{word(state)};
    change.who = told.who;
    batch.changes.push_back(std::move(change));
}

} // namespace yagura::center
