// Who needs whom: every conversation of the plant with the acts in it, and in which half hours of a day they
// are done. What follows from it is see's to say.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "spine/store/answers.h"
#include "spine/store/history.h"

namespace yagura::store {

struct NeedEnd {
    DeviceRef device{};    ///< id empty: nobody's address
    std::string address{}; ///< of this conversation: a device may have several
    std::string vendor{}, product{};
    LineRef line{}; ///< id empty: none
};
struct NeedRow {
    std::string id{}; ///< of the conversation
    NeedEnd client{}, server{};
    std::string protocol{};            ///< empty: nobody claimed it
    std::vector<std::string> inside{}; ///< what is spoken inside of it, too
    std::string carrier{};
    std::uint16_t port = 0;                         ///< 0: nobody saw one begin
    std::vector<ActCount> by_client{}, by_server{}; ///< strongest effect first
    std::uint64_t connections = 0, packets = 0, bytes = 0;
    bool one_sided = false;
    Time first{}, last{};
    EvidenceRef evidence{};
};
struct NeedNeighbour { ///< what LLDP and CDP told: `device` hangs on a port of `far`
    std::string device{}, port{}, far{}, far_port{}; ///< ids; far empty: nobody of ours is called so
    std::string far_name{};
};
struct Needs {
    Time begun{}, now{}; ///< of the first and the latest packet
    std::vector<NeedRow> needs{};
    std::vector<NeedNeighbour> neighbours{};
    bool cut = false; ///< there are more conversations than are read
};

class NeedReader {
public:
    explicit NeedReader(Readers& state) : state_{state} {}
    /// The whole plant in one snapshot; at most `most` conversations, the latest.
    Result<Needs> all(std::size_t most = 200'000);

private:
    Readers& state_;
};

/// When two did anything in a protocol, either way.
struct Hours {
    std::string a{}, b{}, protocol{};     ///< ids of devices, a < b; the conversation's protocol
    std::array<std::uint32_t, 48> days{}; ///< by half hour of the day, UTC: on how many days
    std::uint32_t days_seen = 0;          ///< on which they did anything
};

} // namespace yagura::store
