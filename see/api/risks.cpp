#include "see/api/risks.h"

#include <algorithm>

namespace yagura::see {

using namespace std::chrono_literals;

void RiskSum::add(risk::Exact one) {
    const auto score = risk::score_of(one);
    ++devices;
    const auto band = risk::band_of(score);
    ++(band == risk::Band::high ? high : band == risk::Band::medium ? medium : low);
    highest = std::max(highest, score);
    exact += one;
}

Result<std::shared_ptr<const RiskView>> Risks::look() {
    const std::lock_guard lock{mutex_};
    YAGURA_TRY(const auto feeds, feeds_.version());
    YAGURA_TRY(const auto ledger, ledger_.ledger());
    const bool same = feeds == feeds_version_ && ledger.version == ledger_version_;
    const auto begun = Steady::now();
    if (last_ && same && begun - made_ < std::max<Steady::duration>(2s, took_ * 10)) return last_;
    YAGURA_TRY(last_, make());
    used_.store(last_->devices.size(), std::memory_order_relaxed);
    refused_.store(last_->left_out, std::memory_order_relaxed);
    feeds_version_ = feeds;
    ledger_version_ = ledger.version;
    made_ = Steady::now();
    took_ = made_ - begun;
    return last_;
}

Result<std::shared_ptr<const RiskView>> Risks::make() {
    YAGURA_TRY(const auto weak, weaknesses_.look());
    YAGURA_TRY(const auto needs, needs_.all());
    YAGURA_TRY(const auto standings, standings_.all());
    YAGURA_TRY(const auto ledger, reconciler_.look(30)); // Which entry it is does not depend on the days.
    auto out = std::make_shared<RiskView>();
    out->begun = needs.begun;
    out->now = needs.now;
    out->cut = needs.cut;
    for (auto& device : risky_devices(*weak, needs, standings, *ledger, most)) {
        auto& one = out->devices.emplace_back();
        one.of = std::move(device);
        const auto score = risk::score_of(one.of.facts);
        for (std::size_t i = 0; i < risk::factor_count; ++i) {
            one.factors[i] = score.factors[i].value;
            for (const auto& term : score.factors[i].terms) one.terms.push_back(term.term);
        }
        one.exact = score.exact;
        one.score = score.score;
        one.unknown = score.unknown;
        one.lowering = risk::lowering(one.of.facts, {one.of.line.id, one.of.line.name, {}});
    }
    out->left_out = weak->devices.size() - out->devices.size();
    std::ranges::sort(out->devices, [](const ScoredDevice& a, const ScoredDevice& b) {
        return std::tuple{~a.exact, std::string_view{a.of.ref.name}, std::string_view{a.of.ref.id}} <
               std::tuple{~b.exact, std::string_view{b.of.ref.name}, std::string_view{b.of.ref.id}};
    });
    for (std::size_t i = 0; i < out->devices.size(); ++i) out->places.emplace(out->devices[i].of.ref.id, i);
    return out;
}

} // namespace yagura::see
