// Where dissectors speak: every observation is counted, shown to who wants it unfolded, and folded.
#pragma once

#include "spine/dissect/dissector.h"
#include "spine/worker/counts.h"
#include "spine/worker/fold.h"

namespace yagura::worker {

class Said final : public observe::Sink {
public:
    /// `unfolded` may be nullptr.
    Said(Counts& counts, observe::Sink* unfolded, Fold& fold)
        : counts_{counts}, unfolded_{unfolded}, fold_{fold} {}

    void on(const observe::Origin& origin, const observe::Operation& op) override {
        counts_.protocols[op.protocol < counts_.protocols.size() ? op.protocol : 0].add(op);
        if (unfolded_) unfolded_->on(origin, op);
        if (only_carries(op))
            ++counts_.carriers;
        else
            fold_.on(origin, op);
    }
    void on(const observe::Origin& origin, const observe::Anomaly& anomaly) override {
        malformed = true;
        if (quiet) return;
        ++counts_.anomalies;
        pass(origin, anomaly);
    }
    void on(const observe::Origin& o, const observe::Presence& what) override { pass(o, what); }
    void on(const observe::Origin& o, const observe::Identity& what) override { pass(o, what); }
    void on(const observe::Origin& o, const observe::Neighbour& what) override { pass(o, what); }
    void on(const observe::Origin& o, const observe::Conversation& what) override { pass(o, what); }
    void on(const observe::Origin& o, const observe::Repeats& what) override { pass(o, what); }
    void on(const observe::Origin& o, const observe::Variable& what) override { pass(o, what); }
    void on(const observe::Origin& o, const observe::Name& what) override { pass(o, what); }
    void on(const observe::Origin& o, const observe::Login& what) override { pass(o, what); }
    void on(const observe::Origin& o, const observe::Transfer& what) override { pass(o, what); }
    void on(const observe::Origin& o, const observe::Log& what) override { pass(o, what); }
    void on(const observe::Origin& o, const observe::Match& what) override { pass(o, what); }
    void on(const observe::Origin& o, const observe::Coverage& what) override { pass(o, what); }

    bool malformed = false; ///< an anomaly was said since somebody set this to false
    bool quiet = false;     ///< anomalies are not the sender's: the capture cut the message, or we only guess

private:
    /// Half of what stores and pages would hold otherwise. A refusal is something that happened. In the sum
    /// of what the fold tells (observe::Repeats) these are missing; counts have them.
    static bool only_carries(const observe::Operation& op) noexcept {
        if (op.act != observe::Act::unknown || op.outcome == observe::Outcome::refused) return false;
        const auto rows = dissect::all();
        if (op.protocol == 0 || op.protocol > rows.size()) return false;
        const auto asks = rows[op.protocol - 1u]->facts.only_carries;
        return asks && asks(op);
    }
    template <class Kind>
    void pass(const observe::Origin& origin, const Kind& what) {
        if (unfolded_) unfolded_->on(origin, what);
        fold_.on(origin, what);
    }
    Counts& counts_;
    observe::Sink* unfolded_;
    Fold& fold_;
};

} // namespace yagura::worker
