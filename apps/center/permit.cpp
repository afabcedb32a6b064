#include "apps/center/permit.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "see/ask/permit.h"

namespace yagura::center {
namespace {

using Clock = std::chrono::steady_clock;

bool write_all(int file, Bytes bytes, std::size_t at) {
    while (!bytes.empty()) {
        const auto put = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(put));
        at += static_cast<std::size_t>(put);
    }
    return true;
}
Complaint cannot(const std::string& path, int error) {
    return {.code = "center.no-permit",
            .what = cat("the file through which active queries are allowed, ", yagura::quoted(path),
                        ", cannot be written"),
            .why = std::strerror(error),
            .where = path,
            .next = "nothing is asked until it can be: look at the disk and at who owns that file"};
}

} // namespace

struct Permit::Inside {
    ~Inside() {
        if (file >= 0) ::close(file);
    }
    bool head() {
        const bool done = write_all(file, see::ask::encode(now), 0);
        if (!done && !told) std::fputs(cannot(path, errno).text().c_str(), stderr);
        told = !done;
        beaten = Clock::now();
        return done;
    }

    std::mutex mutex;
    std::string path;
    int file = -1;
    see::ask::PermitHead now{};
    Clock::time_point beaten{};
    bool told = false; ///< that it cannot be written
};

Permit::Permit(std::unique_ptr<Inside> in) : in_{std::move(in)} {}
Permit::Permit(Permit&&) noexcept = default;
Permit::~Permit() {
    if (in_) stop();
}

Result<Permit> Permit::open(const std::string& path) {
    auto in = std::make_unique<Inside>();
    in->path = path;
    in->file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    // yagura-ask is another user of our group.
    if (in->file < 0 || ::fchmod(in->file, 0640) != 0) return std::unexpected{cannot(path, errno)};
    // Whoever saw an earlier pulse sees another one now.
    in->now.pulse = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
    if (!in->head()) return std::unexpected{cannot(path, errno)};
    return Permit{std::move(in)};
}

void Permit::say(bool go, const std::string& plan) {
    const std::scoped_lock lock{in_->mutex};
    auto& now = in_->now;
    now.go = false;
    const bool stopped = in_->head();
    // Before the head means it, the plan is whole: what is torn is no plan.
    const bool whole = plan.size() <= see::ask::permit_plan_most &&
                       write_all(in_->file, std::as_bytes(std::span{plan}), see::ask::permit_head_bytes);
    if (!stopped || !whole) return;
    now = see::ask::permit_for(go, now.pulse + 1, plan);
    if (!in_->head()) now.go = false;
}

void Permit::stop() {
    const std::scoped_lock lock{in_->mutex};
    in_->now.go = false;
    (void)in_->head();
}

void Permit::beat() {
    const std::scoped_lock lock{in_->mutex};
    if (Clock::now() - in_->beaten < beat_every) return;
    ++in_->now.pulse;
    (void)in_->head();
}

} // namespace yagura::center
