#include "apps/ask/log.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "spine/base/hex.h"
#include "spine/base/rfc3339.h"
#include "spine/base/text.h"

namespace yagura::ask {
namespace {

constexpr std::size_t line_most = 2 * Log::bytes_most + 1'024; ///< in hexadecimal, and what is said about it

/// As a text of JSON may have it: a plan's names are a person's.
std::string plain(std::string_view text) {
    std::string out{text.substr(0, 400)};
    for (auto& c : out)
        if (static_cast<unsigned char>(c) < 0x20)
            c = ' ';
        else if (c == '"' || c == '\\')
            c = '\'';
    return out;
}

} // namespace

Log::Log(int one, int other, std::uint64_t most) : files_{one, other}, most_{most} {
    struct stat found[2]{};
    for (std::size_t i = 0; i < 2; ++i) {
        ::fstat(files_[i], &found[i]);
        used_[i] = static_cast<std::uint64_t>(found[i].st_size);
    }
    const auto later = [](const timespec& a, const timespec& b) {
        return std::pair{a.tv_sec, a.tv_nsec} > std::pair{b.tv_sec, b.tv_nsec};
    };
    if (used_[1] != 0 && later(found[1].st_mtim, found[0].st_mtim)) current_ = 1;
}
Log::Log(Log&& other) noexcept
    : files_{std::exchange(other.files_[0], -1), std::exchange(other.files_[1], -1)},
      used_{other.used_[0], other.used_[1]},
      current_{other.current_},
      most_{other.most_},
      forgotten_{other.forgotten_} {}
Log::~Log() {
    for (const int file : files_)
        if (file >= 0) ::close(file);
}

Result<Log> Log::open(const std::string& folder, std::uint64_t all_most) {
    int files[2] = {-1, -1};
    for (int i = 0; i < 2; ++i) {
        const auto path = cat(folder, "/ask-", i + 1, ".log");
        files[i] = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
        if (files[i] < 0) {
            const int error = errno;
            if (i == 1) ::close(files[0]);
            return std::unexpected{
                Complaint{.code = "ask.no-log",
                          .what = cat("the log ", yagura::quoted(path), " cannot be written"),
                          .why = std::strerror(error),
                          .where = path,
                          .next = "nothing is sent that is not written down: give --folder a "
                                  "folder that this user may write"}};
        }
    }
    return Log{files[0], files[1], std::max<std::uint64_t>(all_most / 2, 2 * line_most)};
}

bool Log::add(Way way, observe::Time at, std::uint64_t number, std::string_view address, std::uint16_t port,
              std::string_view service, std::string_view what, Bytes bytes) {
    constexpr std::string_view ways[]{"sent", "received", "note"};
    const auto line = cat("{\"time\":\"", rfc3339(at.time_since_epoch().count()), "\",\"message\":", number,
                          ",\"way\":\"", ways[static_cast<std::size_t>(way)], "\",\"address\":\"", address,
                          "\",\"port\":", port, ",\"service\":\"", service, "\",\"what\":\"", plain(what),
                          "\",\"length\":", bytes.size(), ",\"bytes\":\"",
                          to_hex(bytes.first(std::min(bytes.size(), bytes_most))), "\"}\n");
    if (used_[current_] + line.size() > most_) {
        const auto other = 1 - current_;
        if (::ftruncate(files_[other], 0) != 0) return false;
        forgotten_ += std::exchange(used_[other], 0);
        current_ = other;
    }
    for (std::size_t done = 0; done < line.size();) {
        const auto written = ::write(files_[current_], line.data() + done, line.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        done += static_cast<std::size_t>(written);
        used_[current_] += static_cast<std::size_t>(written);
    }
    return true;
}

} // namespace yagura::ask
