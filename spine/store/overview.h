// The plant now: lines, what changed, what can be seen. One snapshot each.
#pragma once

#include "spine/store/answers.h"
#include "spine/store/database.h"

namespace yagura::store {

class History;

struct Change {
    std::string id{};
    Time at{};
    std::string kind{}; ///< new_device, quiet, back, first_act, firmware, address, name, part, correction
    DeviceRef device{}, peer{};
    std::optional<LineRef> line{};
    std::optional<observe::Act> act{};
    std::string protocol{}, attribute{}, from{}, to{}, by{};
    std::optional<EvidenceRef> evidence{};
};
struct ChangeFilter {
    Range range{};
    std::string line{}, device{}, kind{};
};
struct ChangeList {
    std::vector<Change> changes{}; ///< newest first
    std::string next_cursor{};
};

struct Line {
    std::string id{}, name{};
    std::vector<std::string> subnets{};
    std::uint64_t devices = 0;
};
struct FoundSubnet {
    std::string subnet{}; ///< "10.2.3.0/24"
    std::optional<std::uint16_t> vlan{};
    std::uint64_t devices = 0;
    std::string line{}; ///< id, if it is a line's
};

struct Overview {
    struct Tile {
        std::optional<LineRef> line{}; ///< none: devices without one
        std::uint64_t devices = 0, new_devices = 0, quiet_devices = 0, changes = 0;
        observe::Effect strongest{};        ///< among the changes
        std::optional<double> seen{};       ///< share, at the live sensors that see it; 0: none does
        std::vector<std::uint64_t> pulse{}; ///< messages in each half hour of 24 h, oldest first
    };
    Time at{}, last_packet{};
    std::uint64_t devices = 0, conversations = 0, operations = 0, new_devices = 0, quiet_devices = 0;
    struct Approvals {
        std::uint64_t waiting = 0; ///< nobody decided about them yet
        std::uint64_t changed = 0; ///< let in once, and something about them is another
        std::uint64_t expired = 0, decided = 0;
    } approvals{};
    std::uint64_t changes_total = 0, sensors = 0, sensors_receiving = 0, blind_spots = 0;
    double dropped_share = 0;
    std::vector<Tile> lines{};
    std::vector<Change> changes{}; ///< at most 20
};

class OverviewReader {
public:
    OverviewReader(Readers& state, History& history) : state_{state}, history_{history} {}
    /// `now`: the wall clock, from whoever has one.
    Result<Overview> overview(Time now);
    Result<ChangeList> changes(const ChangeFilter&, const Page&);
    Result<std::vector<Line>> lines();
    Result<std::vector<FoundSubnet>> found_subnets();

private:
    Readers& state_;
    History& history_;
};

} // namespace yagura::store
