#include "spine/capture/input.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <utility>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

namespace yagura::capture {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        if (number_ >= 0) ::close(number_);
        number_ = other.release();
    }
    return *this;
}
Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}
int Descriptor::release() noexcept { return std::exchange(number_, -1); }

namespace {

class FromDescriptor final : public Input {
public:
    explicit FromDescriptor(Descriptor descriptor) : descriptor_{std::move(descriptor)} {}

    std::size_t read(std::span<std::byte> room) noexcept override {
        if (!failure_.empty()) return 0;
        for (;;) {
            const auto got = ::read(descriptor_.number(), room.data(), room.size());
            if (got >= 0) {
                taken_ += static_cast<std::uint64_t>(got);
                return static_cast<std::size_t>(got);
            }
            if (errno == EINTR) continue;
            failure_ = errno == EIO ? std::string_view{"the medium cannot be read (input/output error)"}
                                    : std::string_view{"the file cannot be read on"};
            return 0;
        }
    }
    std::string_view failure() const noexcept override { return failure_; }
    std::uint64_t taken() const noexcept override { return taken_; }

private:
    Descriptor descriptor_;
    std::uint64_t taken_ = 0;
    std::string_view failure_{};
};

class FromMemory final : public Input {
public:
    FromMemory(Bytes bytes, std::size_t piece) : rest_{bytes}, piece_{piece} {}
    std::size_t read(std::span<std::byte> room) noexcept override {
        const auto now = rest_.first(std::min({rest_.size(), room.size(), piece_}));
        std::ranges::copy(now, room.begin());
        rest_ = rest_.subspan(now.size());
        taken_ += now.size();
        return now.size();
    }
    std::string_view failure() const noexcept override { return {}; }
    std::uint64_t taken() const noexcept override { return taken_; }

private:
    Bytes rest_;
    std::size_t piece_;
    std::uint64_t taken_ = 0;
};

/// What is packed, with a look at its beginning.
class Packed {
public:
    explicit Packed(std::unique_ptr<Input> input) : input_{std::move(input)} {}

    /// Up to four bytes, not taken.
    Bytes peek() noexcept {
        while (waiting_.size() < 4 && more()) {
        }
        return waiting_.first(std::min<std::size_t>(waiting_.size(), 4));
    }
    /// Reads on behind what is waiting; false at the end.
    bool more() noexcept {
        std::memmove(room_.data(), waiting_.data(), waiting_.size());
        const auto got = input_->read(std::span{room_}.subspan(waiting_.size()));
        waiting_ = Bytes{room_}.first(waiting_.size() + got);
        return got != 0;
    }
    Bytes waiting() const noexcept { return waiting_; }
    void take(std::size_t count) noexcept { waiting_ = waiting_.subspan(count); }
    const Input& input() const noexcept { return *input_; }
    Input& input() noexcept { return *input_; }

private:
    std::unique_ptr<Input> input_;
    std::array<std::byte, 128 * 1024> room_;
    Bytes waiting_{room_.data(), 0};
};

class Plain final : public Input {
public:
    explicit Plain(std::unique_ptr<Packed> from) : from_{std::move(from)} {}
    std::size_t read(std::span<std::byte> room) noexcept override {
        if (from_->waiting().empty()) return from_->input().read(room);
        const auto now = from_->waiting().first(std::min(room.size(), from_->waiting().size()));
        std::ranges::copy(now, room.begin());
        from_->take(now.size());
        return now.size();
    }
    std::string_view failure() const noexcept override { return from_->input().failure(); }
    std::uint64_t taken() const noexcept override { return from_->input().taken() - from_->waiting().size(); }

private:
    std::unique_ptr<Packed> from_;
};

bool is_gzip(Bytes start) noexcept {
    return start.size() >= 2 && start[0] == std::byte{0x1f} && start[1] == std::byte{0x8b};
}

/// A frame, or a skippable one (0x184d2a50 to 5f), which pzstd and seekable archives begin with.
bool is_zstd(Bytes start) noexcept {
    if (start.size() < 4) return false;
    std::array<unsigned, 4> b{};
    std::ranges::transform(start.first(4), b.begin(),
                           [](std::byte one) { return std::to_integer<unsigned>(one); });
    return (b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd) ||
           ((b[0] & 0xf0) == 0x50 && b[1] == 0x2a && b[2] == 0x4d && b[3] == 0x18);
}

class Gzip final : public Input {
public:
    explicit Gzip(std::unique_ptr<Packed> from) : from_{std::move(from)} {
        // 16: gzip's header and checksum are read and verified.
        ready_ = inflateInit2(&state_, 15 + 16) == Z_OK;
        if (!ready_) failure_ = "no memory to unpack gzip";
    }
    ~Gzip() override {
        if (ready_) inflateEnd(&state_);
    }
    Gzip(const Gzip&) = delete;

    std::size_t read(std::span<std::byte> room) noexcept override {
        const auto size = static_cast<uInt>(std::min<std::size_t>(room.size(), 1u << 30));
        state_.next_out = reinterpret_cast<Bytef*>(room.data());
        state_.avail_out = size;
        while (failure_.empty() && !done_ && state_.avail_out == size) {
            if (from_->waiting().empty() && !from_->more()) {
                failure_ = from_->input().failure();
                if (failure_.empty()) failure_ = "the gzip data end in the middle";
                break;
            }
            const auto in = from_->waiting();
            state_.next_in = reinterpret_cast<Bytef*>(
                const_cast<std::byte*>(in.data())); // zlib only reads it.
            state_.avail_in = static_cast<uInt>(in.size());
            const auto answer = inflate(&state_, Z_NO_FLUSH);
            from_->take(in.size() - state_.avail_in);
            if (answer == Z_STREAM_END)
                next_member();
            else if (answer != Z_OK && answer != Z_BUF_ERROR)
                failure_ = answer == Z_MEM_ERROR ? std::string_view{"no memory to unpack gzip"}
                                                 : std::string_view{"the gzip data are damaged"};
        }
        return size - state_.avail_out;
    }
    std::string_view failure() const noexcept override { return failure_; }
    std::uint64_t taken() const noexcept override { return from_->input().taken() - from_->waiting().size(); }

private:
    void next_member() noexcept {
        // Tapes and block devices pad with zeros, which is no damage.
        for (;;) {
            const auto start = from_->peek();
            if (start.empty()) {
                failure_ = from_->input().failure();
                done_ = true;
                return;
            }
            if (start[0] != std::byte{0}) {
                if (!is_gzip(start))
                    failure_ = "something that is not gzip follows the gzip data";
                else if (inflateReset(&state_) != Z_OK)
                    failure_ = "the gzip data are damaged";
                return;
            }
            from_->take(1);
        }
    }
    std::unique_ptr<Packed> from_;
    z_stream state_{};
    bool ready_ = false, done_ = false;
    std::string_view failure_{};
};

class Zstandard final : public Input {
public:
    explicit Zstandard(std::unique_ptr<Packed> from) : from_{std::move(from)}, state_{ZSTD_createDStream()} {
        // A frame says how much of the past it refers to, which has to be kept: here 64 MiB at most.
        // `zstd` itself writes up to 8 MiB unless told --ultra or --long.
        if (!state_ || ZSTD_isError(ZSTD_DCtx_setParameter(state_, ZSTD_d_windowLogMax, 26)))
            failure_ = "no memory to unpack zstd";
    }
    ~Zstandard() override { ZSTD_freeDStream(state_); }
    Zstandard(const Zstandard&) = delete;

    std::size_t read(std::span<std::byte> room) noexcept override {
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        while (failure_.empty() && out.pos == 0) {
            const auto in_size = from_->waiting().size();
            if (in_size == 0 && !flushing_ && !from_->more()) {
                failure_ = from_->input().failure();
                if (failure_.empty() && inside_) failure_ = "the zstd data end in the middle";
                break;
            }
            const auto waiting = from_->waiting();
            ZSTD_inBuffer in{waiting.data(), waiting.size(), 0};
            const auto left = ZSTD_decompressStream(state_, &out, &in);
            from_->take(in.pos);
            if (ZSTD_isError(left)) {
                failure_ = ZSTD_getErrorCode(left) == ZSTD_error_frameParameter_windowTooLarge
                               ? std::string_view{"zstd with a window larger than 64 MiB; unpack it first "
                                                  "with zstd -d --long=31"}
                               : std::string_view{"the zstd data are damaged"};
                break;
            }
            inside_ = left != 0;
            flushing_ = inside_ && out.pos == out.size; // More may come without more input.
        }
        return out.pos;
    }
    std::string_view failure() const noexcept override { return failure_; }
    std::uint64_t taken() const noexcept override { return from_->input().taken() - from_->waiting().size(); }

private:
    std::unique_ptr<Packed> from_;
    ZSTD_DStream* state_;
    bool inside_ = true, flushing_ = false;
    std::string_view failure_{};
};

} // namespace

std::unique_ptr<Input> from_descriptor(Descriptor descriptor) {
    return std::make_unique<FromDescriptor>(std::move(descriptor));
}
std::unique_ptr<Input> from_memory(Bytes bytes, std::size_t piece) {
    return std::make_unique<FromMemory>(bytes, std::max<std::size_t>(piece, 1));
}

std::unique_ptr<Input> unpacked(std::unique_ptr<Input> packed) {
    auto from = std::make_unique<Packed>(std::move(packed));
    const auto start = from->peek();
    if (is_gzip(start)) return std::make_unique<Gzip>(std::move(from));
    if (is_zstd(start)) return std::make_unique<Zstandard>(std::move(from));
    return std::make_unique<Plain>(std::move(from));
}

} // namespace yagura::capture
