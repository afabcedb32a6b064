// The map: devices and what passes between them, all conversations of a pair bundled. One snapshot.
#pragma once

#include "spine/store/conversations.h"

namespace yagura::store {

struct MapNode {
    std::string id{}, name{}, address{}, role{}, level{}, line{}, product{}, state{};
    std::optional<std::uint16_t> vlan{};
    std::uint64_t parts = 0;
};
struct MapEdge {
    std::string a{}, b{}; ///< a acts on b, where one of them acts
    observe::Effect effect{};
    std::vector<ActCount> acts{};
    std::vector<std::string> protocols{};
    std::uint64_t messages = 0;
    bool one_sided = false, is_new = false;
    Time first{}, last{};
};
struct Map {
    Time at{}; ///< of the latest packet
    std::vector<MapNode> nodes{};
    std::vector<MapEdge> edges{}; ///< at most 20,000, strongest effect first
    std::vector<LineRef> lines{};
    std::uint64_t devices_total = 0, conversations_total = 0;
};
struct MapFilter {
    Range range{};
    std::string line{};   ///< an id
    std::string around{}; ///< only this device and its peers
    std::string protocol{};
    std::optional<observe::Act> act{};
    std::size_t nodes = 2000; ///< the most connected are kept
};

class TrafficReader {
public:
    explicit TrafficReader(Readers& state) : state_{state} {}
    Result<Map> map(const MapFilter&);
    Result<ConversationList> conversations(const ConversationFilter&, ConversationSort, Order, const Page&);
    Result<ConversationFacets> conversation_facets(const ConversationFilter&);
    Result<ConversationGroups> conversation_groups(const ConversationFilter&, ConversationGrouping,
                                                   std::size_t most);

private:
    Readers& state_;
};

} // namespace yagura::store
