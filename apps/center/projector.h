// Every observation goes to the plant first, then to who watches the network's health and, as a row, into the
// batch that the store is written from. The same calls live, after a restart and when everything is made
// again.
#pragma once

#include "see/health/watch.h"
#include "spine/journal/replay.h"
#include "spine/model/plant.h"
#include "spine/store/writer.h"

namespace yagura::center {

class Projector final : public observe::Sink {
public:
    Projector(model::Plant& plant, see::health::Watch& watch, const journal::Protocols& protocols,
              store::Batch& batch)
        : plant_{plant}, watch_{watch}, protocols_{protocols}, batch_{batch} {}

    /// The record that the next observation stands in.
    void arrival(std::uint64_t arrival) noexcept { arrival_ = arrival; }

    void on(const observe::Origin&, const observe::Presence&) override;
    void on(const observe::Origin&, const observe::Identity&) override;
    void on(const observe::Origin&, const observe::Neighbour&) override;
    void on(const observe::Origin&, const observe::Conversation&) override;
    void on(const observe::Origin&, const observe::Operation&) override;
    void on(const observe::Origin&, const observe::Repeats&) override;
    void on(const observe::Origin&, const observe::Variable&) override;
    void on(const observe::Origin&, const observe::Name&) override;
    void on(const observe::Origin&, const observe::Login&) override;
    void on(const observe::Origin&, const observe::Transfer&) override;
    void on(const observe::Origin&, const observe::Log&) override;
    void on(const observe::Origin&, const observe::Match&) override;
    void on(const observe::Origin&, const observe::Anomaly&) override;
    void on(const observe::Origin&, const observe::Coverage&) override;

    /// What a source could see goes to whoever keeps the sources.
    struct Seen {
        std::uint32_t source = 0;
        observe::Time at{};
        observe::Coverage coverage;
    };
    std::vector<Seen>& seen() noexcept { return seen_; }

private:
    template <class K>
    void feed(const observe::Origin& origin, const K& what);
    store::OperationItem item(const observe::Origin&, const observe::Operation&) const;
    store::ToldItem& told(const observe::Origin&, journal::Kind);
    std::pair<model::NodeId, model::NodeId> nodes(const observe::Origin&, observe::Speaker acting) const;

    model::Plant& plant_;
    see::health::Watch& watch_;
    const journal::Protocols& protocols_;
    store::Batch& batch_;
    std::vector<Seen> seen_;
    std::uint64_t arrival_ = 0;
};

} // namespace yagura::center
