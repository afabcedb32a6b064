// How much of each device's own traffic reaches a sensor.
#pragma once

#include <string>
#include <vector>

#include "spine/store/answers.h"
#include "spine/store/database.h"

namespace yagura::store {

struct SightRow {
    DeviceRef device{};
    LineRef line{};           ///< id empty: none
    bool claimed = false;     ///< only others' tables tell of it: it has not been heard
    std::uint64_t whole = 0;  ///< conversations with one other station whose packets come as they are sent
    std::uint64_t halves = 0; ///< of TCP: one side's packets come, the other's never do
    Time last{};
};
struct SightList {
    std::vector<SightRow> devices{}; ///< in the order of their addresses
    Time now{};
    bool cut = false; ///< there are more devices or conversations than are read
};

class SightReader {
public:
    explicit SightReader(Readers& state) : state_{state} {}
    /// The whole plant in one snapshot: at most 50,000 devices, and their latest 500,000 conversations.
    Result<SightList> all();

private:
    Readers& state_;
};

} // namespace yagura::store
