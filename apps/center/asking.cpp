// Active queries: what a person drew up, approved and stopped, and what yagura-ask is told of it.
#include "apps/center/inside.h"
#include "see/ask/plan_text.h"

namespace yagura::center {
namespace {

namespace asking = see::ask;

constexpr std::size_t asking_reason_most = 640;

std::unexpected<Complaint> refuse_asking(std::string_view code, std::string what, std::string next) {
    return std::unexpected{Complaint{.code = code, .what = std::move(what), .next = std::move(next)}};
}
std::unexpected<Complaint> changed_meanwhile() {
    return refuse_asking("model.asking-changed", "somebody changed the draft meanwhile",
                         "look at it again, and decide then");
}

} // namespace

Result<Decision> Inside::judge_draft(const model::DraftAsking& asked) const {
    if (asked.version != people.asking.version) return changed_meanwhile();
    if (asked.plan.size() > store::asking_text_most / 2)
        return refuse_asking("model.bad-value", "this is too much for one plan",
                             "plan fewer devices at a time");
    YAGURA_TRY(const auto plan, asking::parse_plan(asked.plan, "draft", asking::PlanOf::draft));
    Decision out;
    out.what = What::ask_draft;
    out.subject = people.asking.version + 1;
    out.value = asking::toml_of(plan, false);
    return out;
}

Result<Decision> Inside::judge_asking(const model::ApproveAsking& asked) const {
    if (asked.version != people.asking.version) return changed_meanwhile();
    if (people.asking.draft.empty())
        return refuse_asking("model.nothing-drafted", "there is nothing to approve",
                             "draw up first whom to ask, what and when");
    if (asked.reason.empty())
        return refuse_asking("model.no-reason", "there is no reason",
                             "say why, so that others can tell later");
    if (asked.reason.size() > asking_reason_most)
        return refuse_asking("model.bad-value", cat("a reason has at most ", asking_reason_most, " bytes"),
                             "say it shorter");
    Decision out;
    out.what = What::ask_approve;
    out.subject = asked.version;
    out.other = asked.again;
    out.text = asked.reason;
    out.value = people.asking.draft;
    return out;
}

void Inside::decide_asking(const Decision& told, std::uint64_t arrival) {
    auto& now = people.asking;
    if (told.what == What::ask_draft) {
        now.draft = told.value.value_or("");
        now.version = told.subject;
        now.draft_at = told.at;
        now.draft_who = told.who;
    } else {
        auto& row = batch.asking.decisions.emplace_back();
        row.record = arrival;
        row.at = told.at;
        row.who = told.who;
        row.why = told.text;
        now.running = false;
        if (told.what == What::ask_approve) {
            const auto draft = asking::parse_plan(told.value.value_or(""), "draft", asking::PlanOf::draft);
            const auto before = asking::parse_plan(now.plan, "plan", asking::PlanOf::approved);
            row.approved = true;
            // A later version may know a question no more: then nothing is allowed.
            if (draft) {
                // Whole seconds: the plan is a text, and what it says is what is compared.
                const auto at = std::chrono::floor<std::chrono::seconds>(told.at);
                const auto by = told.who.empty() ? std::string{"?"} : told.who.substr(0, 80);
                now.plan = asking::toml_of(
                    asking::approved(*draft, before.value_or(asking::Plan{}), by, at, told.other != 0), true);
                now.running = !draft->groups.empty();
                row.plan = now.plan;
            }
        }
        tell_permit();
    }
    batch.asking.changed = true;
    batch.asking.now = now;
}

void Inside::tell_permit() {
    if (permit) permit->say(people.asking.running, people.asking.plan);
}

} // namespace yagura::center
