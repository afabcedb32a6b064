// The list of devices that may be on the network, for access control.
#pragma once

#include <string>
#include <vector>

#include "spine/store/approval.h"
#include "spine/store/database.h"

namespace yagura::store {

/// One line of the list for access control: a MAC, or the address of a device without one.
struct AllowedRow {
    std::string mac{}, ip{}; ///< ip: all of them, a blank between two
    std::string device{}, name{}, role{}, vendor{}, product{};
    LineRef line{};
    std::string state{}; ///< approved, temporary, rejected
    Time until{}, at{};
    std::string who{}, reason{};
};
struct AllowedList {
    std::vector<AllowedRow> rows{};
    std::uint64_t total = 0;
    std::string next_cursor{};
};

class ApprovalReader {
public:
    explicit ApprovalReader(Readers& state) : state_{state} {}
    /// What is in effect at `now`, by our clock; `rejected`: those instead. A card that nobody decided about
    /// is not in it, and does not take those of the same device out.
    Result<AllowedList> allowed(bool rejected, Time now, const Page&);

private:
    Readers& state_;
};

} // namespace yagura::store
