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
    : descriptor_{descriptor}, room_{std::make_unique_for_overwrite<std::byte[]>(reader_room)} {}

void PipeReader::compact() noexcept {
    if (start_ == 0) return;
    std::memmove(room_.get(), room_.get() + start_, end_ - start_);
    end_ -= start_;
    batch_end_ = batch_end_ > start_ ? batch_end_ - start_ : 0;
    start_ = 0;
}

PipeReader::State PipeReader::fill() noexcept {
    compact();
    // There is always room: what stays behind is less than one batch.
    const auto got = ::read(descriptor_, room_.get() + end_, reader_room - end_);
    if (got > 0) {
        end_ += static_cast<std::size_t>(got);
        cut_ = end_ == reader_room;
        return State::more;
    }
    if (got == 0) return State::ended;
    return errno == EAGAIN || errno == EINTR ? State::waiting : State::failed;
}

std::size_t PipeReader::take(Bytes bytes) noexcept {
    compact();
    const auto size = std::min(bytes.size(), reader_room - end_);
    if (size != 0) std::memcpy(room_.get() + end_, bytes.data(), size);
    end_ += size;
    cut_ = end_ == reader_room;
    return size;
}

Bytes PipeReader::give_up() noexcept {
    skipped_ += end_ - start_;
    start_ = end_;
    batch_end_ = 0;
    return {};
}

Bytes PipeReader::next() noexcept {
    while (batch_end_ == 0 || start_ == batch_end_) {
        batch_end_ = 0;
        const auto left = end_ - start_;
        if (!std::equal(mark.begin(), mark.begin() + static_cast<std::ptrdiff_t>(std::min(left, mark.size())),
                        room_.get() + start_))
            return give_up();
        if (left < batch_head) return left == 0 || cut_ ? Bytes{} : give_up();
        const auto size = little(room_.get() + start_ + 4);
        if (size == 0 || size > batch_most - batch_head) return give_up();
        if (left < batch_head + size) return cut_ ? Bytes{} : give_up();
        start_ += batch_head;
        batch_end_ = start_ + size;
    }
    const auto left = batch_end_ - start_;
    if (left < record_head) return give_up();
    const auto length = little(room_.get() + start_);
    if (length == 0 || length > left - record_head) return give_up();
    const Bytes body{room_.get() + start_ + record_head, length};
    if (crc32c(body) != little(room_.get() + start_ + 4)) return give_up();
    start_ += record_head + length;
    return body;
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
