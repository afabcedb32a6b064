// What left and what came, as lines of JSON in two files of one size: when one is full the other is emptied
// and goes on. Of a long message its length and beginning, so that no device can fill them alone. So at least
// half of what may be kept is there, and no file is ever opened, renamed or deleted after the start.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "spine/base/bytes.h"
#include "spine/base/result.h"
#include "spine/observe/endpoint.h"

namespace yagura::ask {

class Log {
public:
    static constexpr std::size_t bytes_most = 2'048; ///< of one message: all that we ever send, and more

    enum class Way : std::uint8_t { sent, received, note };

    /// ask-1.log and ask-2.log of `folder`; goes on in the one that was written last.
    static Result<Log> open(const std::string& folder, std::uint64_t all_most);
    Log(Log&&) noexcept;
    Log& operator=(Log&&) = delete;
    ~Log();

    /// False: it could not be written, and nothing may be sent that is not written down.
    bool add(Way, observe::Time at, std::uint64_t number, std::string_view address, std::uint16_t port,
             std::string_view service, std::string_view what, Bytes bytes);
    int descriptor(std::size_t which) const noexcept { return files_[which]; }
    std::uint64_t most() const noexcept { return most_; }           ///< of one file
    std::uint64_t forgotten() const noexcept { return forgotten_; } ///< bytes of files that were emptied

private:
    Log(int one, int other, std::uint64_t most);
    int files_[2] = {-1, -1};
    std::uint64_t used_[2] = {0, 0};
    std::size_t current_ = 0;
    std::uint64_t most_, forgotten_ = 0;
};

} // namespace yagura::ask
