// Where dissectors speak: every observation is counted, shown to who wants it unfolded, and folded.
#pragma once

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
        pass(origin, op);
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
