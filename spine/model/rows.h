// What the model knows, as rows: the change feed for the store, and what the store gives back at start.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spine/model/identity.h"
#include "spine/observe/observation.h"

namespace yagura::model {

/// How sure we are that there is somebody at all.
enum class State : std::uint8_t {
    mentioned = 0,   ///< somebody spoke to it or of it (a scan's target): no device
    outside = 1,     ///< a public address beyond a router: no device of this plant
    claimed = 2,     ///< a table vouched for it (ARP, DHCP, LLDP); it has not been heard
    unconfirmed = 3, ///< it spoke, nobody answered, nobody vouched for it: may be a forged source
    confirmed = 4,   ///< it spoke, and was answered or vouched for
};

/// What was seen of a node that conclusions about it rest on.
enum class Ground : std::uint8_t {
    answered = 1,
    by_private = 2,
    by_public = 4,
    near = 8,
    behind = 16,
    crowded = 32,
};

struct NodeRow {
    NodeId id{};
    Node node{};
    observe::Time first{}, last{};
    State state = State::mentioned;
    std::uint8_t grounds = 0; ///< of Ground
    std::uint8_t vouched = 0; ///< confidence of the best table that names it
};

struct DeviceRow {
    DeviceId id{};
    observe::Time first{}, last{}; ///< of its own frames, or of who vouched for it
    State state = State::claimed;
    bool gone = false; ///< merged into another or no device any more: its links have ended
};

/// One thing that one protocol said about a node. Sources disagree; all are kept, the one to show is
/// chosen when it is read (see/portrait.h).
struct FactRow {
    NodeId node{};
    observe::Attribute attribute{};
    std::string protocol{}; ///< "dhcp"; "frame" for what the frame itself shows
    std::string value{};    ///< at most 256 bytes
    std::uint8_t confidence = 0;
    std::uint64_t seen = 0; ///< how often; as folded
    observe::Time first{}, last{};
    std::uint32_t source = 0; ///< of the first: the earliest, and among equals the smallest frame
    std::uint64_t frame = 0;
    std::uint32_t offset = 0;
};

/// Two MACs or a MAC and an address that were seen to belong together. Kept so that links can be made
/// again from what was seen, after a restart too.
struct BindingRow {
    NodeId mac{}, other{};
    observe::Time first{}, last{};
    std::uint8_t vouched = 0; ///< confidence of the best table that says so; 0: only frames do
    bool near = false;        ///< spoke with somebody of its own subnet, or to all of it
    bool frames = false;      ///< seen in a frame's header, not only told
};

/// Who did what to whom, under which function. Acts of the one who asked; `peer` acts on `node`.
struct PairRow {
    NodeId peer{}, node{};
    std::string protocol{};
    observe::Act act{};
    std::uint32_t code = 0;
    std::string function{};
    std::string part{}; ///< text; empty: the station itself
    std::uint64_t messages = 0, answers = 0, refusals = 0;
    observe::Time first{}, last{};
    std::uint32_t source = 0; ///< of the first
    std::uint64_t frame = 0;
};

/// Who talks to whom over what, added up over all connections of the pair.
struct ConversationRow {
    NodeId client{}, server{};
    std::string protocol{};              ///< empty: nobody claimed it
    std::uint16_t carrier = 0, port = 0; ///< the server's; 0 without one, or where nobody knows who serves
    std::uint16_t vlan = 0;              ///< last seen
    /// Connections: 0 where all that was counted here has moved to the row of its protocol. Nobody shows
    /// those.
    std::uint64_t connections = 0, packets[2]{}, bytes[2]{}, retransmitted[2]{}, lost[2]{};
    observe::Time first{}, last{};
    std::uint32_t source = 0;
    std::uint64_t frame = 0;
};

/// Where a node was the server, and answered.
struct ServiceRow {
    NodeId node{};
    std::string protocol{}; ///< empty: something answered on the port
    std::uint16_t carrier = 0, port = 0;
    observe::Time first{}, last_used{};
};

/// What a conversation that goes on had counted when it was last told: it tells all of it each time.
struct CountedRow {
    std::uint64_t conversation = 0; ///< as its source calls it
    std::uint32_t source = 0;
    std::uint64_t packets[2]{}, bytes[2]{}, retransmitted[2]{}, lost[2]{};
    bool ended = false; ///< it will not be told again
    /// The conversation row that these counts stand in: a protocol is often known only after some messages.
    NodeId client{}, server{};
    std::string protocol{};
    std::uint16_t carrier = 0, port = 0;
};

struct NeighbourRow {
    NodeId node{}; ///< the one that spoke
    std::string protocol{}, port{}, far_port{}, far_name{};
    observe::Time first{}, last{};
};

/// Everything that changed since it was last asked for; given to load(), everything there is.
struct Changes {
    std::vector<NodeRow> nodes;
    std::vector<DeviceRow> devices;
    std::vector<Link> links;
    std::vector<LinkId> links_gone; ///< of a person's word that was taken back
    std::vector<BindingRow> bindings;
    std::vector<FactRow> facts;
    std::vector<PairRow> pairs;
    std::vector<ConversationRow> conversations;
    std::vector<ServiceRow> services;
    std::vector<NeighbourRow> neighbours;
    std::vector<CountedRow> counted;
    bool empty() const noexcept {
        return nodes.empty() && devices.empty() && links.empty() && links_gone.empty() && bindings.empty() &&
               facts.empty() && pairs.empty() && conversations.empty() && services.empty() &&
               neighbours.empty() && counted.empty();
    }
};

} // namespace yagura::model
