// Which marks are one device, by a person's word: merged, split, and taken back.
#include <algorithm>

#include "apps/center/inside.h"
#include "see/portrait.h"

namespace yagura::center {
namespace {

constexpr std::size_t kept_most = 2'000, addresses_most = 256;

std::unexpected<Complaint> refuse(std::string_view code, std::string what, std::string next,
                                  std::string_view where = {}) {
    return std::unexpected{Complaint{
        .code = code, .what = std::move(what), .where = std::string{where}, .next = std::move(next)}};
}

std::string text_of(const std::vector<model::NodeId>& nodes) {
    std::string out;
    for (const auto node : nodes) out += cat(out.empty() ? "" : " ", node.value);
    return out;
}

template <class Use>
void each_word(std::string_view text, Use&& use) {
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end != 0) use(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::vector<model::NodeId> nodes_in(std::string_view text) {
    std::vector<model::NodeId> out;
    each_word(text, [&](std::string_view word) {
        if (const auto id = number<std::uint64_t>(word)) out.push_back({*id});
    });
    return out;
}

model::Regrouping regrouping_of(const store::RegroupingRow& row) {
    model::Regrouping out{.nodes = nodes_in(row.nodes), .at = row.at, .first_seen = {}};
    each_word(row.first_seen, [&](std::string_view word) {
        const auto colon = std::min(word.find(':'), word.size());
        const auto id = number<std::uint64_t>(word.substr(0, colon));
        const auto at = number<std::uint64_t>(word.substr(std::min(colon + 1, word.size())));
        if (id && at)
            out.first_seen.emplace_back(model::DeviceId{*id}, observe::Time{std::chrono::nanoseconds{
                                                                  static_cast<std::int64_t>(*at)}});
    });
    return out;
}

} // namespace

Result<Decision> Inside::judge_merge(const model::MergeDevices& asked) {
    YAGURA_TRY(const auto from, device(asked.from));
    YAGURA_TRY(const auto into, device(asked.into));
    if (from == into) return refuse("model.bad-value", "a device cannot be merged into itself", "name two");
    Decision out;
    out.what = What::merge;
    out.subject = from.value;
    out.other = into.value;
    // Devices get their numbers as they are found: after everything was made anew, their marks say who they
    // are.
    const auto goes = plant->nodes_of(from), stays = plant->nodes_of(into);
    if (!goes.empty() && !stays.empty()) out.value = cat(goes.front().value, " ", stays.front().value);
    return out;
}

Result<Decision> Inside::judge_split(const model::SplitDevice& asked) {
    YAGURA_TRY(const auto id, device(asked.device));
    if (asked.addresses.empty() || asked.addresses.size() > addresses_most)
        return refuse("model.bad-value", cat("1 to ", addresses_most, " addresses are split off at once"),
                      "choose those that belong together");
    std::vector<model::NodeId> going;
    std::size_t addresses = 0;
    for (const auto node : plant->nodes_of(id)) {
        const auto text = see::address_text(plant->node(node)->node);
        addresses += !text.empty();
        if (std::ranges::find(asked.addresses, text) != asked.addresses.end()) going.push_back(node);
    }
    for (const auto& address : asked.addresses)
        if (std::ranges::none_of(going, [&](model::NodeId node) {
                return see::address_text(plant->node(node)->node) == address;
            }))
            return refuse("model.no-such-address", "the device has no such address",
                          "take the addresses from the device's page", address.substr(0, 64));
    if (going.size() == addresses)
        return refuse("model.bad-value", "at least one address stays", "leave out those that stay");
    Decision out;
    out.what = What::split;
    out.subject = id.value;
    out.other = plant->next_device().value;
    out.value = text_of(going);
    return out;
}

Result<Decision> Inside::judge_undo(const model::UndoRegrouping& asked) {
    const auto found = people.regroupings.find(asked.regrouping);
    if (found == people.regroupings.end() || found->second.undone_at != observe::Time{})
        return refuse("model.no-such-regrouping", "there is no such merge or split that stands",
                      "take it from the device's page");
    plant->settle();
    if (!plant->can_undo(regrouping_of(found->second)))
        return refuse("model.not-latest", "a later merge or split is about the same addresses",
                      "take that one back first");
    Decision out;
    out.what = What::undone;
    out.subject = asked.regrouping;
    return out;
}

void Inside::regrouped(store::RegroupingRow row, const model::Regrouping& what) {
    row.nodes = text_of(what.nodes);
    for (const auto& [device, first] : what.first_seen)
        row.first_seen += cat(row.first_seen.empty() ? "" : " ", device.value, ":",
                              first.time_since_epoch().count());
    if (people.regroupings.size() >= kept_most) people.regroupings.erase(people.regroupings.begin());
    people.regroupings[row.record] = row;
    batch.regroupings.push_back(std::move(row));
}

void Inside::decide_merge(const Decision& told, std::uint64_t arrival) {
    model::DeviceId from{told.subject}, into{told.other};
    plant->settle();
    if (const auto marks = nodes_in(told.value.value_or("")); marks.size() == 2) {
        from = plant->device_of(marks[0]).value_or(from);
        into = plant->device_of(marks[1]).value_or(into);
    }
    const auto done = plant->merge(from, into, told.who, told.at);
    if (!done) return;
    portraits->known(into);
    regrouped({arrival, false, from, into, {}, {}, told.at, told.who, {}, {}}, *done);
}

void Inside::decide_split(const Decision& told, std::uint64_t arrival) {
    plant->settle();
    auto marks = nodes_in(told.value.value_or(""));
    std::erase_if(marks, [&](model::NodeId node) { return !plant->node(node); });
    const auto from = marks.empty() ? std::nullopt : plant->device_of(marks.front());
    const auto done = plant->split(marks, {told.other}, told.who, told.at);
    if (!done) return;
    const auto made = done->first_seen.back().first;
    portraits->known(made);
    portraits->known(*from);
    regrouped({arrival, true, *from, made, {}, {}, told.at, told.who, {}, {}}, *done);
}

void Inside::decide_undone(const Decision& told) {
    const auto found = people.regroupings.find(told.subject);
    if (found == people.regroupings.end()) return;
    auto& row = found->second;
    plant->settle();
    if (!plant->undo(regrouping_of(row))) return;
    row.undone_at = told.at;
    row.undone_who = told.who;
    batch.regroupings.push_back(row);
    portraits->known(row.device);
    portraits->known(row.other);
}

} // namespace yagura::center
