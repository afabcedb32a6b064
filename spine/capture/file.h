// A capture file, for one worker or for several that each walk it whole.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spine/base/bytes.h"
#include "spine/base/result.h"
#include "spine/capture/chunks.h"
#include "spine/capture/frame.h"
#include "spine/capture/input.h"
#include "spine/capture/mapping.h"
#include "spine/capture/walker.h"

namespace yagura::capture {

/// How far the slowest reader is, in bytes of the file as it lies on the disk.
struct Progress {
    std::uint64_t done = 0;
    std::uint64_t total = 0; ///< 0: nobody knows, it comes from a pipe
};

class File;

/// One worker's way through a file. Every cursor of a File gives the same frames in the same order.
///
/// A File's cursors are used by one thread each, all at the same time: over a stream the quick ones wait
/// for the slow ones. Two cursors of a stream in one thread, one after the other, would wait for ever.
class Cursor {
public:
    /// The next frame, good until the next call; false at the end and at damage().
    bool next(Frame& frame) noexcept {
        if (walker_.next(frame) == Walker::Step::frame && !(mapping_ && mapping_->shortened())) [[likely]] {
            place_.store(walker_.position(), std::memory_order_relaxed);
            return true;
        }
        return next_slow(frame);
    }

    /// What ended it before the file's end, known once next() has said false.
    const std::optional<Damage>& damage() const noexcept { return damage_; }
    /// Frames that the capturing host says it lost (pcapng), as far as the cursor is.
    std::uint64_t dropped() const noexcept { return walker_.dropped(); }
    std::uint64_t frames() const noexcept { return walker_.frames(); }
    /// The interface of the latest frame.
    const Interface& interface(const Frame& frame) const noexcept {
        return walker_.interfaces()[frame.interface - walker_.first_interface()];
    }
    /// Nothing more will be asked of it: others do not wait for it any longer.
    void leave() noexcept;

private:
    friend class File;
    explicit Cursor(Walker walker) : walker_{std::move(walker)} {}
    bool next_slow(Frame& frame) noexcept;
    bool finish(std::optional<Damage> damage) noexcept;

    Walker walker_;
    const Mapping* mapping_ = nullptr;
    Chunks* chunks_ = nullptr;
    unsigned index_ = 0;
    bool finished_ = false, last_ = false;
    std::optional<Damage> damage_;
    alignas(64) std::atomic<std::uint64_t> place_{0}; // Read by whoever shows progress.
};

/// Opened means: it is a capture and its first header is whole. All else is Damage.
class File {
public:
    /// "-" is standard input. A plain file is mapped, a packed one or a pipe is read as a stream through
    /// at most 8 MiB.
    static Result<std::unique_ptr<File>> open(const std::string& path, unsigned readers = 1);
    /// The same for a descriptor that somebody passed; `name` is for complaints.
    static Result<std::unique_ptr<File>> adopt(Descriptor descriptor, const std::string& name,
                                               unsigned readers = 1);
    /// `bytes` outlive the file and are a capture that is not packed.
    static Result<std::unique_ptr<File>> memory(Bytes bytes, unsigned readers = 1);
    /// A stream of any kind, packed or not. `total` is its length if known.
    static Result<std::unique_ptr<File>> stream(std::unique_ptr<Input> input, std::uint64_t total,
                                                unsigned readers = 1);

    unsigned readers() const noexcept { return static_cast<unsigned>(cursors_.size()); }
    Cursor& cursor(unsigned index) noexcept { return *cursors_[index]; }
    Format format() const noexcept { return format_; }

    /// After every cursor has come to its end.
    std::optional<Damage> damage() const noexcept { return cursors_.front()->damage(); }
    /// From any thread.
    Progress progress() const noexcept;

private:
    File() = default;
    static std::unique_ptr<File> over(Bytes bytes, Walker walker, std::unique_ptr<Mapping> mapping,
                                      unsigned readers);

    std::unique_ptr<Mapping> mapping_;
    std::unique_ptr<Chunks> chunks_;
    std::vector<std::unique_ptr<Cursor>> cursors_;
    std::uint64_t total_ = 0;
    Format format_ = Format::pcap;
};

} // namespace yagura::capture
