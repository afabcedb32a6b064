// What readers answer, shared by all of them. Ids are text, as the API shows them; whoever gets one back
// hands it to a reader, which knows whether it names anything. Times are packet times unless they say
// otherwise; observe::Time{} is "unknown". Text may be any bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spine/base/result.h"
#include "spine/observe/observation.h"

namespace yagura::store {

using observe::Time;

inline constexpr std::size_t rows_most = 1'000; ///< of one page of an answer

/// A page of a list: the cursor is what the page before gave; anything else is the complaint
/// store.bad-cursor.
struct Page {
    std::string cursor{};
    std::size_t most = 100; ///< rows; readers give at most rows_most
};

/// Of a list whose cursor is how many rows stand before the page.
Result<std::uint64_t> offset_of(const Page&);

struct Range { ///< from ≤ time < until; Time{}: no bound
    Time from{}, until{};
};

struct LineRef {
    std::string id{}, name{};
};

/// `id` empty: an address that belongs to no device (a group, somebody outside, forgotten).
struct DeviceRef {
    std::string id{}, name{}, address{}, role{};
};

struct EvidenceRef {
    std::string source{};  ///< "hall 1, eth1", or the capture's file name
    std::string capture{}; ///< id, if it came from an upload
    std::uint64_t frame = 0;
    std::uint32_t offset = 0;
    Time at{};
    std::string protocol{};
};

struct ActCount {
    observe::Act act{};
    std::uint64_t count = 0, refused = 0;
    Time first{}, last{};
    bool is_new = false; ///< in the last 24 h, between two that knew each other before
};

} // namespace yagura::store
