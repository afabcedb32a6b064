#include "apps/ask/permit.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "spine/base/text.h"

namespace yagura::ask {
namespace {

bool read_all(int file, std::span<std::byte> into, std::size_t at) {
    while (!into.empty()) {
        const auto got = ::pread(file, into.data(), into.size(), static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        into = into.subspan(static_cast<std::size_t>(got));
        at += static_cast<std::size_t>(got);
    }
    return true;
}

} // namespace

Permit::Permit(Permit&& other) noexcept
    : file_{std::exchange(other.file_, -1)}, taken_{other.taken_}, pulse_{other.pulse_}, beat_{other.beat_} {}
Permit& Permit::operator=(Permit&& other) noexcept {
    std::swap(file_, other.file_);
    taken_ = other.taken_;
    pulse_ = other.pulse_;
    beat_ = other.beat_;
    return *this;
}
Permit::~Permit() {
    if (file_ >= 0) ::close(file_);
}

Result<Permit> Permit::open(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return std::unexpected{
            Complaint{.code = "ask.no-permit",
                      .what = cat("the file of what is approved, ", yagura::quoted(path), ", cannot be read"),
                      .why = std::strerror(errno),
                      .where = path,
                      .next = "start yagura-center first: it makes that file"}};
    return Permit{file};
}

std::optional<see::ask::PermitHead> Permit::look() {
    std::array<std::byte, see::ask::permit_head_bytes> room;
    if (!read_all(file_, room, 0)) return std::nullopt;
    const auto head = see::ask::permit_head(room);
    if (!head) return std::nullopt;
    const auto now = std::chrono::steady_clock::now();
    // The first look only tells where the pulse stands: it may have stood there since yesterday.
    if (pulse_ && *pulse_ != head->pulse) beat_ = now;
    pulse_ = head->pulse;
    if (!head->go || !beat_ || now - *beat_ > pulse_within) return std::nullopt;
    return head;
}

std::optional<std::string> Permit::take() {
    taken_.reset();
    const auto head = look();
    if (!head) return std::nullopt;
    std::string plan(head->plan_bytes, '\0');
    const auto bytes = std::as_writable_bytes(std::span{plan});
    if (!read_all(file_, bytes, see::ask::permit_head_bytes) || !see::ask::is_plan_of(*head, bytes))
        return std::nullopt;
    taken_ = head;
    return plan;
}

bool Permit::allows() {
    const auto head = look();
    return head && taken_ && head->plan == taken_->plan;
}

} // namespace yagura::ask
