// Bytes of a file one after the other, unpacked: what a capture is read from when it cannot be mapped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "spine/base/bytes.h"
#include "spine/base/result.h"

namespace yagura::capture {

/// A file descriptor that is closed when its owner goes.
class Descriptor {
public:
    explicit Descriptor(int number = -1) noexcept : number_{number} {}
    Descriptor(Descriptor&& other) noexcept : number_{other.release()} {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    int number() const noexcept { return number_; }
    int release() noexcept;

private:
    int number_;
};

class Input {
public:
    virtual ~Input() = default;
    /// At least one byte into `room`, or 0: at the end, or where failure() says what is wrong. Waits.
    virtual std::size_t read(std::span<std::byte> room) noexcept = 0;
    /// A literal, empty if all is well.
    virtual std::string_view failure() const noexcept = 0;
    /// Bytes taken from the outermost file so far: what a progress bar shows.
    virtual std::uint64_t taken() const noexcept = 0;
};

/// Owns the descriptor.
std::unique_ptr<Input> from_descriptor(Descriptor descriptor);
/// `bytes` outlive it. It hands out at most `piece` at a time: for tests.
std::unique_ptr<Input> from_memory(Bytes bytes, std::size_t piece = ~std::size_t{0});

/// Gzip (RFC 1952, several members) or Zstandard (RFC 8878, several frames) is taken off if the first
/// bytes say so; anything else passes as it is.
std::unique_ptr<Input> unpacked(std::unique_ptr<Input> packed);

} // namespace yagura::capture
