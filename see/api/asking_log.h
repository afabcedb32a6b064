// The log of every byte that yagura-ask sent and received, as it wrote it: two files, newest first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spine/base/result.h"
#include "spine/observe/endpoint.h"

namespace yagura::see {

struct AskingLine {
    observe::Time at{};
    std::uint64_t message = 0;
    std::string way{}, address{}, service{}, what{}, bytes{}; ///< bytes: hexadecimal, the first of them
    std::uint16_t port = 0;
    std::uint64_t length = 0;
};
struct AskingLines {
    std::vector<AskingLine> lines{};
    bool more = false;    ///< there are older ones
    bool cut = false;     ///< looked at as much as is looked at for one question
    observe::Time last{}; ///< of the newest line of all; Time{}: there is none
};

/// Lines before `before`, of `address` alone where there is one. What is no line of ours is left out: a file
/// may end in the middle of one. Notes alone where `notes` is set.
Result<AskingLines> asking_lines(const std::string& folder, const std::optional<std::string>& address,
                                 std::optional<observe::Time> before, std::size_t most, bool notes = false);

} // namespace yagura::see
