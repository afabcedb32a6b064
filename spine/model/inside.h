// The plant's memory. Only the sources of this folder look in here.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "spine/base/hash.h"
#include "spine/model/address.h"
#include "spine/model/bounded_rows.h"
#include "spine/model/plant.h"

namespace yagura::model {

inline void hash_text(Hasher& hash, std::string_view text) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        word = word << 8 | static_cast<unsigned char>(text[i]);
        if (i % 8 == 7) hash.add(std::exchange(word, 0));
    }
    hash.add(word).add(text.size());
}

/// From here on a table's word counts: below it somebody told what he heard of others.
inline constexpr std::uint8_t believed = 60;
inline constexpr std::size_t value_most = 256;
/// A stranger's text as it is kept: UTF-8, without NULs, at most so many bytes.
std::string clean(std::string_view text);
inline const observe::Station& side(const observe::Parties& parties, bool client) noexcept {
    return client ? parties.client : parties.server;
}

struct NodeKey {
    Node::Kind kind{};
    observe::Realm realm{};
    std::uint64_t parent = 0;
    std::string mark;
    friend bool operator==(const NodeKey&, const NodeKey&) = default;
};
struct AddressKey { ///< of a MAC or an IP, without a string: asked for with every observation
    Node::Kind kind{};
    observe::Realm realm{};
    observe::Ip bytes{};
    friend bool operator==(const AddressKey&, const AddressKey&) = default;
};
struct PairKey {
    std::uint64_t peer = 0, node = 0;
    std::uint32_t protocol = 0, code = 0, part = 0;
    observe::Act act{};
    friend bool operator==(const PairKey&, const PairKey&) = default;
};
struct FlowKey { ///< of conversations, services and neighbours
    std::uint64_t a = 0, b = 0;
    std::uint32_t protocol = 0, text = 0;
    std::uint16_t carrier = 0, port = 0;
    friend bool operator==(const FlowKey&, const FlowKey&) = default;
};
struct KeyHash {
    std::size_t operator()(const NodeKey& key) const noexcept {
        Hasher hash;
        hash.add(static_cast<std::uint64_t>(key.kind) << 32 | static_cast<std::uint64_t>(key.realm));
        hash.add(key.parent);
        hash_text(hash, key.mark);
        return hash.finish();
    }
    std::size_t operator()(const AddressKey& key) const noexcept {
        std::uint64_t words[2]{};
        for (std::size_t i = 0; i < 16; ++i) words[i / 8] = words[i / 8] << 8 | key.bytes[i];
        return Hasher{}
            .add(static_cast<std::uint64_t>(key.kind) << 32 | static_cast<std::uint64_t>(key.realm))
            .add(words[0])
            .add(words[1])
            .finish();
    }
    std::size_t operator()(const PairKey& key) const noexcept {
        return Hasher{}
            .add(key.peer)
            .add(key.node)
            .add(std::uint64_t{key.protocol} << 32 | key.code)
            .add(std::uint64_t{key.part} << 8 | static_cast<std::uint64_t>(key.act))
            .finish();
    }
    std::size_t operator()(const FlowKey& key) const noexcept {
        return Hasher{}
            .add(key.a)
            .add(key.b)
            .add(std::uint64_t{key.protocol} << 32 | key.text)
            .add(std::uint64_t{key.carrier} << 16 | key.port)
            .finish();
    }
};

/// Text that stands in keys, once. Bounded by the tables that use it; what no longer fits is "".
class Texts {
public:
    std::uint32_t number(std::string_view text) {
        if (text.empty()) return 0;
        if (const auto known = numbers_.find(std::string{text}); known != numbers_.end())
            return known->second;
        if (all_.size() >= most) return 0;
        all_.emplace_back(text);
        const auto fresh = static_cast<std::uint32_t>(all_.size());
        numbers_.emplace(all_.back(), fresh);
        return fresh;
    }

private:
    static constexpr std::size_t most = 1u << 20;
    std::deque<std::string> all_;
    std::unordered_map<std::string, std::uint32_t> numbers_;
};

using NodeIndex = std::uint32_t;
inline constexpr NodeIndex nobody = 0xffffffff;

struct Mark {
    NodeRow row;
    bool live = false, group = false, dirty = false;
    bool spoke = false;
    bool answered = false;   ///< in a conversation that both sides spoke in
    bool by_private = false; ///< a public address: private ones talked with it
    bool by_public = false;  ///<                   public ones did
    bool near = false;       ///< it spoke with its own subnet, or to all of it
    bool behind = false;     ///< seen through a MAC that had no room for it: a router's
    bool crowded = false;    ///< a MAC with more addresses than are kept
    bool router = false;     ///< a MAC that carries addresses that are not its own
    bool pinned = false;     ///< a person said whose it is
    bool links_dirty = false;
    std::uint8_t vouched = 0; ///< best word of a table
    std::uint64_t frames = 0; ///< as far as observations tell
    DeviceId device{};
    observe::Ip ip{};   ///< of an IP node
    observe::Mac mac{}; ///< of a MAC node
    std::vector<std::uint32_t> bindings;
    std::vector<FactRow> facts;
    std::vector<bool> facts_dirty;
    std::vector<NodeIndex> parts, marks; ///< marks: serials and host names that it told
    std::vector<Link> links;
    struct Refs {
        std::vector<RowRef> all;
        std::size_t prune_at = 64;
    } pairs, conversations, services, neighbours;
};

struct Binding {
    BindingRow row;
    NodeIndex mac = nobody, other = nobody;
    bool dirty = false;
};

struct Plant::Inside {
    Inside(NameOf of, SiteId its_site, const PlantLimits& its_limits)
        : name_of{std::move(of)},
          site{its_site},
          limits{its_limits},
          pairs{its_limits.pairs},
          conversations{its_limits.conversations},
          services{its_limits.services},
          neighbours{its_limits.neighbours},
          totals{its_limits.conversations} {}

    NameOf name_of;
    SiteId site;
    PlantLimits limits;
    PlantCounters counters;
    observe::Time now{};
    bool moved = false; ///< something that decides about devices has changed since settle()

    std::deque<Mark> marks;
    std::vector<NodeIndex> free_marks;
    std::unordered_map<AddressKey, NodeIndex, KeyHash> by_address;
    std::unordered_map<NodeKey, NodeIndex, KeyHash> by_mark;
    std::unordered_map<std::uint64_t, NodeIndex> by_id;
    std::deque<std::uint64_t> mentioned; ///< oldest first; ids, because places are used again
    std::size_t mentioned_now = 0;
    std::vector<NodeIndex> changed_marks;

    std::deque<Binding> bindings;
    std::vector<std::uint32_t> changed_bindings;

    std::unordered_map<std::uint64_t, DeviceRow> devices;
    std::unordered_map<std::uint64_t, std::vector<NodeIndex>> members; ///< as of settle()
    std::vector<std::uint64_t> changed_devices;
    std::vector<LinkId> links_gone;
    std::uint64_t last_node = 0, last_device = 0, last_link = 0;

    Texts texts;
    BoundedRows<PairKey, PairRow, KeyHash> pairs;
    BoundedRows<FlowKey, ConversationRow, KeyHash> conversations;
    BoundedRows<FlowKey, ServiceRow, KeyHash> services;
    BoundedRows<FlowKey, NeighbourRow, KeyHash> neighbours;
    BoundedRows<FlowKey, CountedRow, KeyHash> totals;

    // plant.cpp, traffic.cpp
    NodeIndex address(const observe::Ip&, observe::Realm, observe::Time);
    NodeIndex address(const observe::Mac&, observe::Realm, observe::Time);
    NodeIndex known_address(const observe::Station&, observe::Realm) const;
    NodeIndex other_mark(Node::Kind, observe::Realm, NodeIndex parent, std::string_view, observe::Time);
    NodeIndex main_of(const observe::Station&, observe::Realm, observe::Time);
    NodeIndex add(Node::Kind, observe::Realm, NodeId parent, std::string mark, observe::Time);
    void forget_mentioned();
    void touch(NodeIndex, observe::Time);
    void changed(NodeIndex);
    void changed(const Binding&);
    void heard(const observe::Station&, const observe::Station& other, const observe::Lane&, observe::Time,
               std::uint64_t frames, bool both);
    void vouch(NodeIndex, std::uint8_t confidence);
    Binding* bind(NodeIndex mac, NodeIndex other, observe::Time);
    void fact(NodeIndex, observe::Attribute, std::string_view protocol, std::string_view value,
              std::uint8_t confidence, const observe::Origin&);
    void tell_mark(NodeIndex, Node::Kind, std::string_view, observe::Time);
    NodeIndex part(NodeIndex, const observe::Part&, observe::Time);
    template <class Rows>
    void hang(Mark::Refs& refs, RowRef ref, const Rows& rows);
    void serves(NodeIndex, const observe::Parties&, std::string_view protocol, observe::Time);
    void act(const observe::Origin&, const observe::Operation&, std::uint64_t messages, std::uint64_t answers,
             std::uint64_t refusals, observe::Time first, observe::Time last);
    void presence(const observe::Origin&);

    // partition.cpp
    void settle();
    State state_of(const Mark&) const noexcept;
    bool outside(const Mark&) const noexcept;
    DeviceRow& device_row(DeviceId);
    void begin_link(Mark&, DeviceId, observe::Time from, Link::By, std::string_view rule,
                    std::uint8_t strength);
    void end_link(Mark&, observe::Time until);
};

} // namespace yagura::model
