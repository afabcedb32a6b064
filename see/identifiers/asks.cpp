// Who asks controllers is known by what it asks for: looking, operating, or programming.
#include <algorithm>

#include "see/identifier.h"
#include "see/industrial.h"

namespace yagura::see::identifiers {
namespace {

/// Every BACnet device answers who-is and says what it is (ASHRAE 135, clause 16.10): the head end, too. A
/// controller is who is read or written in it.
bool is_operated(const View& view, std::string_view protocol) {
    if (!view.serves.contains(protocol)) return false;
    const auto done = view.done_to_it.find(protocol);
    return protocol != "bacnet" ||
           (done != view.done_to_it.end() && std::ranges::any_of(done->second, [](observe::Act act) {
                return act != observe::Act::browse && act != observe::Act::identify;
            }));
}

void look(const View& view, Opinions& opinions) {
    std::set<std::uint64_t> peers;
    std::size_t protocols = 0;
    std::uint64_t reads = 0, writes = 0, programs = 0;
    std::string_view programming;
    bool answers = false;
    for (const auto protocol : controller_protocols) {
        answers = answers || is_operated(view, protocol);
        const auto found = view.asks.find(protocol);
        if (found == view.asks.end() || found->second.peers.empty()) continue;
        const auto& asked = found->second;
        ++protocols;
        peers.insert(asked.peers.begin(), asked.peers.end());
        reads += asked.reads;
        writes += asked.writes;
        programs += asked.programs;
        if (asked.programs) programming = protocol;
    }
    if (peers.empty()) return;
    if (programs) opinions.role("engineering_station", 80, because(Why::programs, programming));
    // Who lists a controller's blocks and reads its diagnosis looks at the program, not at the process.
    for (const auto& [protocol, asked] : view.asks)
        if (asked.acts.contains(observe::Act::browse) && asked.acts.contains(observe::Act::diagnose) &&
            std::ranges::find(controller_protocols, protocol) != std::end(controller_protocols))
            opinions.role("engineering_station", 60, because(Why::inspects, protocol));
    if (answers) // A controller that asks its remote inputs, or a gateway: what it answers in says more.
        opinions.role("plc", 55, because(Why::answers_and_asks, peers.size()));
    else if (peers.size() >= 5 || (peers.size() >= 3 && protocols >= 2))
        opinions.role("scada_server", 70, because(Why::reads_many, peers.size(), protocols));
    else if (writes)
        opinions.role("hmi", 65, because(Why::reads_and_writes, peers.size()));
    else if (reads)
        opinions.role("hmi", 50, because(Why::reads, peers.size()));
}

} // namespace

extern constinit const Identifier asks{"asks", look};

} // namespace yagura::see::identifiers
