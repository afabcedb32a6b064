#include "spine/journal/pipe.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace yagura::journal {
namespace {

constexpr std::array<std::byte, 4> mark{std::byte{'Y'}, std::byte{'G'}, std::byte{'B'}, std::byte{'1'}};
constexpr std::size_t batch_head = 8, record_head = 8, sequence_room = 11, pipe_size = 1 << 20;
constexpr std::size_t reader_room = 1 << 18;
static_assert(batch_head + record_head + sequence_room + record_room <= batch_most);

void little(std::byte* into, std::uint32_t number) noexcept {
    for (int i = 0; i < 4; ++i, number >>= 8) into[i] = static_cast<std::byte>(number & 0xff);
}
std::uint32_t little(const std::byte* from) noexcept {
    std::uint32_t number = 0;
    for (int i = 3; i >= 0; --i) number = number << 8 | std::to_integer<std::uint32_t>(from[i]);
    return number;
}

/// The kind is the first field of what Encoder writes.
std::uint64_t kind_at_front(Bytes body) noexcept {
    Fields in{body};
    Fields::Field field;
    return in.next(field) && field.number == 1 ? field.value : 0;
}
bool only_explains(std::uint64_t kind) noexcept {
    return kind == static_cast<std::uint64_t>(Kind::source) ||
           kind == static_cast<std::uint64_t>(Kind::parties) ||
           kind == static_cast<std::uint64_t>(Kind::text) ||
           kind == static_cast<std::uint64_t>(Kind::protocol);
}

} // namespace

PipeWriter::PipeWriter(int descriptor) noexcept : descriptor_{descriptor} {
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (flags >= 0) (void)::fcntl(descriptor, F_SETFL, flags | O_DIRECT);
    (void)::fcntl(descriptor, F_SETPIPE_SZ, static_cast<int>(pipe_size));
    std::copy(mark.begin(), mark.end(), batch_.begin());
}

bool PipeWriter::add(Bytes body) noexcept {
    const auto kind = kind_at_front(body);
    if (kind == static_cast<std::uint64_t>(Kind::watermark)) return true;
    if (kind == 0 || body.size() > record_room) return false;
    if (used_ + record_head + body.size() + sequence_room > batch_most - batch_head && !flush()) return false;
    auto* const at = batch_.data() + batch_head + used_;
    std::memcpy(at + record_head, body.data(), body.size());
    auto size = body.size();
    if (!only_explains(kind)) {
        Writer more{std::span{at + record_head + size, sequence_room}};
        size += more.number(2, ++sequence_).written().size();
    }
    little(at, static_cast<std::uint32_t>(size));
    little(at + 4, crc32c(Bytes{at + record_head, size}));
    used_ += record_head + size;
    return true;
}

bool PipeWriter::flush() noexcept {
    if (broken_) return false;
    if (used_ == 0) return true;
    little(batch_.data() + 4, static_cast<std::uint32_t>(used_));
    const auto size = batch_head + used_;
    used_ = 0;
    for (;;) {
        const auto wrote = ::write(descriptor_, batch_.data(), size);
        if (wrote == static_cast<ssize_t>(size)) break;
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0 && errno == EAGAIN) { // Whole or not at all; somebody else made it non-blocking.
            pollfd room{descriptor_, POLLOUT, 0};
            (void)::poll(&room, 1, 100);
            continue;
        }
        broken_ = true; // Nobody reads any more, or it is no pipe.
        return false;
    }
    bytes_ += size;
    return true;
}

PipeReader::PipeReader(int descriptor)
    : descriptor_{descriptor}, room_{std::make_unique_for_overwrite<std::byte[]>(reader_room)} {
    if (::pipe2(copy_, O_CLOEXEC | O_DIRECT) == 0) {
        (void)::fcntl(copy_[1], F_SETPIPE_SZ, static_cast<int>(pipe_size));
        keeps_ = true;
    }
    edges_.reserve(pipe_size / batch_most);
}

PipeReader::~PipeReader() {
    for (const int end : copy_)
        if (end >= 0) ::close(end);
}

void PipeReader::compact() noexcept {
    edges_.clear();
    edge_ = 0;
    if (start_ == 0) return;
    std::memmove(room_.get(), room_.get() + start_, end_ - start_);
    end_ -= start_;
    batch_end_ = batch_end_ > start_ ? batch_end_ - start_ : 0;
    start_ = 0;
}

PipeReader::State PipeReader::look() noexcept {
    // Whether it waits is the descriptor's matter; ours has room for all of it.
    const auto there = ::tee(descriptor_, copy_[1], reader_room, 0);
    if (there == 0) return State::ended;
    if (there < 0) {
        if (errno == EAGAIN || errno == EINTR) return State::waiting;
        keeps_ = false; // It is no pipe, or we may not.
        return fill();
    }
    looked_ = static_cast<std::size_t>(there);
    // In packet mode each read gives one batch, as it was written.
    while (end_ < looked_) {
        const auto got = ::read(copy_[0], room_.get() + end_, looked_ - end_);
        if (got <= 0) {
            if (got < 0 && errno == EINTR) continue;
            return State::failed; // It was put there a moment ago.
        }
        end_ += static_cast<std::size_t>(got);
        edges_.push_back(end_);
    }
    cut_ = end_ == reader_room;
    return State::more;
}

bool PipeReader::give_back() noexcept {
    if (!keeps_ || batch_start_ == 0) return false;
    start_ = batch_start_;
    batch_end_ = 0;
    return true;
}

PipeReader::State PipeReader::fill() noexcept {
    if (keeps_) {
        compact();
        start_ = end_ = batch_end_ = looked_ = 0; // What was not taken comes again.
        return look();
    }
    compact();
    // There is always room: what stays behind is less than one batch.
    const auto got = ::read(descriptor_, room_.get() + end_, reader_room - end_);
    if (got > 0) {
        end_ += static_cast<std::size_t>(got);
        edges_.push_back(end_);
        cut_ = end_ == reader_room;
        return State::more;
    }
    if (got == 0) return State::ended;
    return errno == EAGAIN || errno == EINTR ? State::waiting : State::failed;
}

void PipeReader::taken() noexcept {
    // Half a batch at the end of what there was room for is looked at again, with its other half.
    auto left = looked_ - std::min(looked_, end_ - start_);
    std::array<std::byte, batch_most> gone;
    while (left != 0) {
        const auto got = ::read(descriptor_, gone.data(), std::min(left, gone.size()));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break; // Nobody but us reads it.
        left -= std::min(left, static_cast<std::size_t>(got));
    }
    looked_ = 0;
    if (keeps_) start_ = end_ = batch_end_ = 0;
}

std::size_t PipeReader::take(Bytes bytes) noexcept {
    compact();
    const auto size = std::min(bytes.size(), reader_room - end_);
    if (size != 0) std::memcpy(room_.get() + end_, bytes.data(), size);
    end_ += size;
    edges_.push_back(end_);
    cut_ = end_ == reader_room;
    return size;
}

/// The rest of one read.
void PipeReader::give_up() noexcept {
    const auto until = edge_ < edges_.size() ? edges_[edge_] : end_;
    skipped_ += until - start_;
    start_ = until;
    batch_end_ = 0;
}

Bytes PipeReader::next() noexcept {
    while (start_ != end_) {
        while (edge_ < edges_.size() && edges_[edge_] <= start_) ++edge_;
        const auto edge = edge_ < edges_.size() ? edges_[edge_] : end_;
        if (batch_end_ == 0 || start_ == batch_end_) {
            batch_end_ = 0;
            const auto left = edge - start_;
            const bool more_may_come = cut_ && edge == end_;
            const auto* const at = room_.get() + start_;
            if (!std::equal(mark.begin(),
                            mark.begin() + static_cast<std::ptrdiff_t>(std::min(left, mark.size())), at)) {
                give_up();
                continue;
            }
            const auto size = left < batch_head ? 0 : little(at + 4);
            const bool whole = left >= batch_head && left >= batch_head + size;
            if (!whole && more_may_come && size <= batch_most - batch_head) return {};
            if (!whole || size == 0 || size > batch_most - batch_head) {
                give_up();
                continue;
            }
            batch_start_ = start_;
            start_ += batch_head;
            batch_end_ = start_ + size;
        } else {
            batch_start_ = 0;
        }
        const auto left = batch_end_ - start_;
        const auto length = left < record_head ? 0 : little(room_.get() + start_);
        const Bytes body{room_.get() + start_ + record_head, length};
        if (length == 0 || length > left - record_head || crc32c(body) != little(room_.get() + start_ + 4)) {
            give_up();
            continue;
        }
        start_ += record_head + length;
        return body;
    }
    return {};
}

Result<PipeEnds> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_DIRECT) != 0 && ::pipe2(ends, O_CLOEXEC) != 0)
        return std::unexpected{
            Complaint{.code = "journal.no-pipe",
                      .what = "cannot make a pipe for records",
                      .why = std::strerror(errno),
                      .next = "raise the limit of open files (LimitNOFILE=) and start again"}};
    (void)::fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(pipe_size));
    return PipeEnds{ends[0], ends[1]};
}

} // namespace yagura::journal
