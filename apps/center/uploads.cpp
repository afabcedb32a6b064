#include "apps/center/uploads.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "spine/journal/pipe.h"

namespace yagura::center {
namespace {

constexpr std::size_t words_most = 4096;

void close_one(int& descriptor) noexcept {
    if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
}

} // namespace

Result<FileSensor> FileSensor::start(const std::string& program, const std::string& file,
                                     const std::string& protocols) {
    FileSensor out;
    const auto failed = [&](std::string_view what) {
        return std::unexpected{
            Complaint{.code = "center.no-file-sensor",
                      .what = cat("an uploaded capture cannot be read: ", what),
                      .why = std::strerror(errno),
                      .where = file,
                      .next = "look whether yagura-sensor stands beside yagura-center and may be run"}};
    };
    if (::access(program.c_str(), X_OK) != 0) return failed("there is no sensor to read it");
    out.file_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (out.file_ < 0) return failed("its file cannot be opened");
    auto pipe = journal::make_pipe();
    if (!pipe) return std::unexpected{std::move(pipe).error()};
    out.records_ = pipe->read;
    int words[2];
    if (::pipe2(words, O_CLOEXEC) != 0) {
        close_one(pipe->write);
        return failed("no pipe can be made");
    }
    out.words_ = words[0];
    (void)::fcntl(out.words_, F_SETFL, O_NONBLOCK);
    (void)::fcntl(out.records_, F_SETFL, ::fcntl(out.records_, F_GETFL) | O_NONBLOCK);
    // Made before the fork: between fork and exec nothing may allocate.
    const auto file_text = std::to_string(3), records_text = std::to_string(4);
    std::array<const char*, 8> arguments{program.c_str(), "--file-fd", file_text.c_str(), "--records-fd",
                                         records_text.c_str()};
    if (!protocols.empty()) {
        arguments[5] = "--protocols";
        arguments[6] = protocols.c_str();
    }
    out.child_ = ::fork();
    if (out.child_ == 0) {
        sigset_t none;
        sigemptyset(&none);
        (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
        // First out of the way of 0 to 4, whatever their numbers are now.
        const int file_high = ::fcntl(out.file_, F_DUPFD, 10),
                  records_high = ::fcntl(pipe->write, F_DUPFD, 10);
        const int words_high = ::fcntl(words[1], F_DUPFD, 10), null = ::open("/dev/null", O_RDWR);
        if (file_high < 0 || records_high < 0 || words_high < 0 || null < 0 || ::dup2(null, 0) < 0 ||
            ::dup2(null, 1) < 0 || ::dup2(words_high, 2) < 0 || ::dup2(file_high, 3) < 0 ||
            ::dup2(records_high, 4) < 0)
            ::_exit(127);
        (void)::close_range(5, ~0u, 0);
        ::execv(program.c_str(), const_cast<char* const*>(arguments.data()));
        ::_exit(127);
    }
    close_one(pipe->write);
    close_one(words[1]);
    if (out.child_ < 0) return failed("no process can be made");
    return out;
}

FileSensor::FileSensor(FileSensor&& other) noexcept
    : child_{std::exchange(other.child_, -1)},
      file_{std::exchange(other.file_, -1)},
      records_{std::exchange(other.records_, -1)},
      words_{std::exchange(other.words_, -1)},
      said_{std::move(other.said_)} {}

FileSensor::~FileSensor() {
    if (child_ > 0) {
        (void)::kill(child_, SIGKILL);
        (void)::waitpid(child_, nullptr, 0);
    }
    close_one(file_);
    close_one(records_);
    close_one(words_);
}

std::uint64_t FileSensor::bytes_read() const noexcept {
    const auto at = ::lseek(file_, 0, SEEK_CUR);
    return at > 0 ? static_cast<std::uint64_t>(at) : 0;
}

void FileSensor::look() noexcept {
    std::array<char, 512> some;
    for (;;) {
        const auto got = ::read(words_, some.data(), some.size());
        if (got <= 0) return;
        // The last words say why it ended.
        said_.append(some.data(), static_cast<std::size_t>(got));
        if (said_.size() > words_most) said_.erase(0, said_.size() - words_most);
    }
}

std::optional<FileSensor::Ended> FileSensor::ended() noexcept {
    look();
    int status = 0;
    if (child_ <= 0 || ::waitpid(child_, &status, WNOHANG) != child_) return std::nullopt;
    child_ = -1;
    look();
    return Ended{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), said_};
}

} // namespace yagura::center
