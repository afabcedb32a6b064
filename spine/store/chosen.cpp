#include "spine/store/chosen.h"

#include "spine/base/text.h"

namespace yagura::store::reading {
namespace {

constexpr std::string_view in_set = "(SELECT value FROM json_each(?))";
constexpr std::size_t acts_there_are = 64;

} // namespace

bool holds(std::string_view text, std::string_view word) noexcept {
    if (word.empty()) return true;
    for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
        std::size_t same = 0;
        while (same < word.size() && lower(text[at + same]) == word[same]) ++same;
        if (same == word.size()) return true;
    }
    return false;
}

Result<Chosen> Chosen::of(Database& state, const OperationFilter& filter) {
    Chosen out{filter};
    for (const auto* text : {&filter.device, &filter.peer}) {
        if (text->empty()) continue;
        YAGURA_TRY(const auto id, device_number(state, *text));
        out.nobody_ |= !id;
        if (!id) continue;
        YAGURA_TRY(const auto nodes, nodes_of_device(state, *id));
        out.ends_.emplace_back(nodes.begin(), nodes.end());
    }
    const auto look_up = [&](std::string_view which, const auto& value) -> Result<Nodes> {
        Nodes found;
        Query query{
            "SELECT l.node FROM link l JOIN shown s ON s.device = l.device WHERE l.ends IS NULL AND "};
        YAGURA_STORE_DO(query.add(which, value).add(" LIMIT 20000").each(state, [&](const Row& row) {
            found.insert(row.integer(0));
        }));
        return found;
    };
    if (!filter.line.empty()) {
        YAGURA_TRY(auto nodes, look_up("s.line = ?", number_of(filter.line, "l0-").value_or(-1)));
        out.ends_.push_back(std::move(nodes));
    }
    if (!filter.text.empty()) {
        YAGURA_TRY(out.commented_, Commented::of(state));
    }
    for (auto word : split(filter.text)) {
        word = lower(word);
        YAGURA_TRY(auto known, look_up("instr(s.words, ?) > 0", word));
        YAGURA_TRY(auto commented, out.commented_->matches(word));
        out.words_.push_back({std::move(word), std::move(known), std::move(commented)});
    }
    out.choose_acts();
    return out;
}

void Chosen::choose_acts() {
    const auto& filter = *filter_;
    if (filter.acts.empty() && filter.effects.empty()) return;
    acts_.emplace();
    for (std::size_t number = 0; number < acts_there_are; ++number) {
        const auto act = static_cast<observe::Act>(number);
        const auto wanted = [](const auto& list, auto one) {
            return list.empty() || std::ranges::find(list, one) != list.end();
        };
        if (wanted(filter.acts, act) && wanted(filter.effects, observe::usual_effect(act)))
            acts_->push_back(static_cast<std::int64_t>(number));
    }
    nobody_ |= acts_->empty(); // An act that has not the effect that is asked for, too.
}

bool Chosen::failed_only() const noexcept {
    const auto& wanted = filter_->outcomes;
    return !wanted.empty() && std::ranges::find(wanted, observe::Outcome::done) == wanted.end();
}

bool Chosen::fits(const Row& row) const {
    const auto& filter = *filter_;
    if (acts_ && std::ranges::find(*acts_, row.integer(5)) == acts_->end()) return false;
    if (!filter.protocol.empty() && row.text(6) != filter.protocol) return false;
    if (!filter.outcomes.empty()) {
        const auto wants = [&](observe::Outcome one) {
            return std::ranges::find(filter.outcomes, one) != filter.outcomes.end();
        };
        if (!wants(row.as<observe::Outcome>(12)) &&
            !(wants(observe::Outcome::refused) && row.integer(13) > 0))
            return false;
    }
    const auto who = row.integer(3), whom = row.integer(4);
    for (const auto& nodes : ends_)
        if (!nodes.contains(who) && !nodes.contains(whom)) return false;
    for (const auto& [word, known, commented] : words_) {
        const bool said = holds(row.text(10), word) || holds(row.text(11), word) ||
                          holds(row.text(8), word) || holds(row.text(9), word) ||
                          row.text(6).find(word) != std::string_view::npos;
        if (!said && !known.contains(who) && !known.contains(whom) &&
            !commented_->among(commented, whom, row.text(9), row.text(10)))
            return false;
    }
    return true;
}

void Chosen::add_outcomes(Query& query) const {
    const auto& wanted = filter_->outcomes;
    if (wanted.empty()) return;
    if (failed_only()) query.add(" AND (outcome <> 1 OR refusals > 0)"); // As operation_failed says it.
    query.add(" AND (outcome IN ").add_list(wanted);
    query.add(std::ranges::find(wanted, observe::Outcome::refused) != wanted.end() ? " OR refusals > 0)"
                                                                                   : ")");
}

void Chosen::add_ends_and_acts(Query& query, std::size_t but) const {
    for (std::size_t i = 0; i < ends_.size(); ++i) {
        if (i == but) continue;
        const auto set = set_of(ends_[i]);
        query.add(cat(" AND (who IN ", in_set, " OR whom IN ", in_set, ")"), set, set);
    }
    if (acts_) query.add(" AND act IN ").add_list(*acts_);
}

void Chosen::add_kind_of_sum(Query& query) const {
    if (!filter_->protocol.empty()) query.add(" AND protocol = ?", filter_->protocol);
    const auto& wanted = filter_->outcomes;
    if (wanted.empty()) return;
    query.add(" AND (outcome IN ").add_list(wanted);
    query.add(std::ranges::find(wanted, observe::Outcome::refused) != wanted.end() ? " OR refused = 1)"
                                                                                   : ")");
}

void Chosen::add_to(Query& query) const {
    add_ends_and_acts(query, SIZE_MAX);
    if (!filter_->protocol.empty()) query.add(" AND protocol = ?", filter_->protocol);
    add_outcomes(query);
}

} // namespace yagura::store::reading
