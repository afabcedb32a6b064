// Who talks to whom over what: the conversations of all time, added up by client, server, protocol and port.
#pragma once

#include "spine/store/answers.h"
#include "spine/store/database.h"
#include "spine/store/devices.h"

namespace yagura::store {

struct ConversationRow {
    std::string id{};
    DeviceRef client{}, server{};
    std::string protocol{}; ///< empty: nobody claimed it
    /// What is spoken inside of it too, from the acts: S7comm inside of COTP. Without `protocol` itself.
    std::vector<std::string> inside{};
    std::vector<ActCount> acts{}; ///< by either side, strongest effect first
    std::string carrier{};
    std::uint16_t port = 0, vlan = 0;
    bool one_sided = false, is_new = false; ///< new: first seen in the last 24 h
    std::uint64_t connections = 0, packets[2]{}, bytes[2]{}, retransmitted = 0, lost = 0;
    Time first{}, last{};
    EvidenceRef evidence{}; ///< of the first packet
};
struct ConversationList {
    std::vector<ConversationRow> conversations{};
    std::uint64_t total = 0;
    std::string next_cursor{};
};
struct ConversationFilter {
    Range range{};
    std::string device{}, peer{}; ///< ids
    std::string protocol{};       ///< of the conversation or of what is inside of it
    std::string text{};           ///< words, each in what is known of either end, a protocol or a port
    std::string line{};           ///< an id: either end is of it
    std::string direction{};      ///< both, one_sided; empty: either
};
enum class ConversationSort : std::uint8_t { last, first, bytes, packets, client, server, protocol };

/// Each list counts with the other filters on and its own off.
struct ConversationFacets {
    std::uint64_t total = 0;
    std::vector<Facet> protocol{}, line{}, direction{};
};

enum class ConversationGrouping : std::uint8_t { pair, protocol, lines };
/// Conversations of the filter that belong together.
struct ConversationGroup {
    DeviceRef a{}, b{};                 ///< of a pair; a opened most of them
    LineRef line_a{}, line_b{};         ///< of lines; id empty: no line
    std::vector<std::string> protocols; ///< at most 16
    std::uint64_t conversations = 0, one_sided = 0, packets = 0, bytes = 0;
    Time first{}, last{};
};
struct ConversationGroups {
    std::vector<ConversationGroup> groups{}; ///< most bytes first
    std::uint64_t total = 0;                 ///< there may be more than are given
};

} // namespace yagura::store
