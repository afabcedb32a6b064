// The one pipe between a sensor and the centre.
//
//   stream := batch*
//   batch  := "YGB1" | u32 bytes that follow | record*       written with one write(2) of at most 4,096 bytes
//   record := u32 length | u32 crc32c(body) | body           little-endian, as in a segment
//
// A write of at most PIPE_BUF bytes goes into a pipe whole or not at all, so whoever is killed, no batch is
// torn by its writer; in packet mode (O_DIRECT: the writer sets it, on pipes and on FIFOs) a read gives one
// batch, so no reader tears one either. A batch that is not what its head says costs the whole read: a search
// for the next mark inside of it would let a stranger's text, quoted in a record, pass for records. If packet
// mode cannot be had, a reader that starts in the middle understands again as soon as it has caught up.
// A pipe and not a socket, because the sensor's seccomp filter may then deny send*.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "spine/base/bytes.h"
#include "spine/base/result.h"
#include "spine/journal/encode.h"

namespace yagura::journal {

inline constexpr std::size_t batch_most = 4096;

/// The sensor's end. Every call may block while the pipe is full. Allocates nothing.
class PipeWriter {
public:
    /// The descriptor stays its owner's. Asks for packet mode and a large buffer; goes on without.
    explicit PipeWriter(int descriptor) noexcept;
    PipeWriter(const PipeWriter&) = delete;
    PipeWriter& operator=(const PipeWriter&) = delete;

    /// A body as Encoder made it; gets the next sequence, unless it only explains others. A watermark is not
    /// for readers and is left out. False when the reader is gone for good (EPIPE) or the body is none.
    bool add(Bytes body) noexcept;
    /// What was added goes out now: when there is nothing else to add, at least ten times a second.
    bool flush() noexcept;

    std::uint64_t sequence() const noexcept { return sequence_; }
    std::uint64_t bytes() const noexcept { return bytes_; }
    bool broken() const noexcept { return broken_; }

private:
    int descriptor_;
    std::size_t used_ = 0;
    std::uint64_t sequence_ = 0, bytes_ = 0;
    bool broken_ = false;
    std::array<std::byte, batch_most> batch_;
};

/// The centre's end: whatever comes is taken apart, nothing of it is trusted.
///
/// It only looks (tee(2)): what fill() gave leaves the pipe when taken() is called, so whoever dies in
/// between finds it there again. Records that were safe already are known by their sequence.
class PipeReader {
public:
    enum class State : std::uint8_t { more, waiting, ended, failed };

    /// The descriptor stays its owner's.
    explicit PipeReader(int descriptor);
    ~PipeReader();
    PipeReader(const PipeReader&) = delete;
    PipeReader& operator=(const PipeReader&) = delete;

    /// `more`: ask next() until it has nothing; `waiting`: the pipe is empty; `ended`: no writer is left (a
    /// FIFO may get another one). Without taken() it gives the same again.
    State fill() noexcept;
    /// The next whole record, valid until the next fill(); empty when there is none.
    Bytes next() noexcept;
    /// What was given so far is safe and need not come again.
    void taken() noexcept;
    /// The last record, the first of its batch, comes again after taken(), with what is behind it. False: it
    /// is not the first, or nothing stands before it.
    bool give_back() noexcept;
    /// False: this descriptor cannot be looked at without reading it (it is no pipe), so that a death between
    /// fill() and taken() costs what was read.
    bool keeps() const noexcept { return keeps_; }

    /// Bytes that belonged to no good record: a writer gone wild, or half a batch after a restart.
    std::uint64_t skipped() const noexcept { return skipped_; }
    int descriptor() const noexcept { return descriptor_; }

protected:
    /// For tests and the fuzz target: as if these bytes had been read.
    std::size_t take(Bytes bytes) noexcept;

private:
    State look() noexcept;
    void compact() noexcept;
    void give_up() noexcept;
    int descriptor_;
    int copy_[2] = {-1, -1}; ///< a pipe of our own: what we look at comes through it
    bool keeps_ = false;
    std::unique_ptr<std::byte[]> room_;
    std::size_t start_ = 0, end_ = 0; ///< unread bytes
    std::vector<std::size_t> edges_;  ///< where each read ended: damage costs no other one
    std::size_t edge_ = 0;            ///< of the read that we are in
    std::size_t batch_end_ = 0;       ///< of the batch that we are in; 0: between two
    std::size_t batch_start_ = 0;     ///< of its head, as long as one record was given; else 0
    std::size_t looked_ = 0;          ///< bytes that are still in the pipe
    bool cut_ = false; ///< the last read took what there was room for: only then may it end inside a batch
    std::uint64_t skipped_ = 0;
};

/// A pipe as the supervisor makes it: packet mode, close-on-exec, 1 MiB where the system allows.
struct PipeEnds {
    int read = -1, write = -1;
};
Result<PipeEnds> make_pipe();

} // namespace yagura::journal
