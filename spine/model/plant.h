// The plant as it was observed: marks of identity, what they said, which devices they make, who does what
// to whom. One writer; fed with observations, live from the journal or from a file, by the same calls.
//
// The rules are those of ARCHITECTURE, "Station, lane, part, realm" and "Devices, not addresses"; README.md
// tells them in the order in which they are asked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "spine/model/rows.h"

namespace yagura::model {

struct PlantLimits {
    std::size_t nodes = 200'000; ///< of which targets that never answered: a quarter
    std::size_t facts_of_node = 64;
    std::size_t values_of_attribute = 8;
    std::size_t parts_of_node = 256;
    std::size_t bindings_of_mac = 64;
    std::size_t pairs = 400'000;
    std::size_t conversations = 400'000;
    std::size_t services = 200'000;
    std::size_t neighbours = 20'000;
};

/// What was given up for want of room: Coverage and the health page show it.
struct PlantCounters {
    std::uint64_t nodes_forgotten = 0, facts_refused = 0, parts_refused = 0, bindings_refused = 0;
    std::uint64_t pairs_forgotten = 0, conversations_forgotten = 0, services_forgotten = 0;
    std::uint64_t neighbours_forgotten = 0;
};

/// A person's word about whose marks are whose, with what has to be known to take it back.
struct Regrouping {
    std::vector<NodeId> nodes{};
    observe::Time at{};
    /// When the devices that it was about were first seen; of a split the one that was made comes last.
    std::vector<std::pair<DeviceId, observe::Time>> first_seen{};
};

/// What it counts are messages, before the fold or behind it: an operation is one, a Repeats as many as it
/// says.
class Plant final : public observe::Listener {
public:
    /// The name of a protocol number of the observations that are being fed. A journal's numbers are those
    /// of its segment: whoever reads it translates.
    using NameOf = std::function<std::string_view(std::uint16_t protocol)>;

    explicit Plant(NameOf name_of, SiteId site = 0, PlantLimits limits = {});
    ~Plant();
    Plant(Plant&&) noexcept;
    Plant& operator=(Plant&&) noexcept;

    using Listener::on;
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
    void on(const observe::Origin&, const observe::Anomaly&) override;

    /// Puts the links right after what was observed. The devices follow from what was seen, not from the
    /// order it came in; only their numbers depend on when settle() was called.
    void settle();

    /// What changed since the last call; settles first.
    Changes take_changes();
    /// Into an empty plant, before the first observation. Nothing of it counts as changed.
    void load(const Changes& stored);

    /// A person's word, kept against every rule. Both return the link that says so, none if there is no
    /// such node or device. `device` nothing: a device of its own.
    std::optional<LinkId> assign(NodeId node, std::optional<DeviceId> device, std::string_view account,
                                 observe::Time at);
    /// All nodes of `from` go to `into`. Nothing: one of them is none.
    std::optional<Regrouping> merge(DeviceId from, DeviceId into, std::string_view account, observe::Time at);
    /// These nodes of one device become a device of their own, whose id is `made` unless somebody has it.
    /// Nothing: they are not one device's, or all of them.
    std::optional<Regrouping> split(std::span<const NodeId> nodes, DeviceId made, std::string_view account,
                                    observe::Time at);
    /// An id that no device had yet.
    DeviceId next_device() const;
    /// Is this the last word about each of its marks? Only that can be taken back.
    bool can_undo(const Regrouping&) const;
    /// As if it had never been said. False: see can_undo().
    bool undo(const Regrouping&);

    // Reading, between settle() and the next observation. Spans and pointers end with either.
    std::vector<DeviceId> devices() const; ///< that there are now, in the order of their ids
    const DeviceRow* device(DeviceId) const;
    std::vector<NodeId> nodes_of(DeviceId) const; ///< now; MACs first, then addresses, then others
    const NodeRow* node(NodeId) const;
    std::span<const FactRow> facts_of(NodeId) const;
    std::vector<NodeId> parts_of(NodeId) const;
    std::vector<const ServiceRow*> services_of(NodeId) const;
    std::vector<const PairRow*> pairs_of(NodeId) const; ///< on either side
    std::vector<const ConversationRow*> conversations_of(NodeId) const;
    std::vector<const NeighbourRow*> neighbours_of(NodeId) const;
    /// The node that acts of this station are kept under: its address where it has one, else its MAC. May be
    /// asked between any two observations; none if it was never observed or is forgotten. The history's rows
    /// hang on it.
    std::optional<NodeId> node_of(const observe::Station&, observe::Realm = observe::Realm::common) const;
    std::optional<DeviceId> device_of(NodeId) const;
    std::optional<DeviceId> device_of(const observe::Station&, observe::Realm = observe::Realm::common) const;
    bool is_router(NodeId mac) const;         ///< it carries addresses that are not its own
    std::vector<Link> links_of(NodeId) const; ///< ended ones too, oldest first
    observe::Time now() const;                ///< of the latest observation
    SiteId site() const;
    const PlantCounters& counters() const;

    struct Inside; ///< inside.h; nobody else's

private:
    std::unique_ptr<Inside> in_;
};

} // namespace yagura::model
