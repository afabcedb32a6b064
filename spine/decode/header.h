// Headers of a fixed size: one check for the whole, and field offsets that the compiler checks.
//
// The decoder reads every packet, so a check for each field (as Reader does) would be most of its cost.
// Here the check is made where the header is taken, and a field that lies outside does not compile.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "spine/base/bytes.h"

namespace yagura::decode {

/// Exactly `size` bytes of somebody else's, which are there.
template <std::size_t size>
class Header {
public:
    explicit Header(const std::byte* at) noexcept : at_{at} {}

    template <std::size_t offset>
    std::uint8_t u8() const noexcept {
        return load<std::uint8_t, offset>();
    }
    template <std::size_t offset>
    std::uint16_t u16() const noexcept {
        return std::byteswap(load<std::uint16_t, offset>());
    }
    template <std::size_t offset>
    std::uint32_t u32() const noexcept {
        return std::byteswap(load<std::uint32_t, offset>());
    }
    template <std::size_t offset>
    std::uint64_t u64() const noexcept {
        return std::byteswap(load<std::uint64_t, offset>());
    }
    /// As it lies there: for copying and for sums, where the order does not matter.
    template <class Word, std::size_t offset>
    Word load() const noexcept {
        static_assert(offset + sizeof(Word) <= size, "the field lies outside its header");
        Word value;
        std::memcpy(&value, at_ + offset, sizeof value);
        return value;
    }
    template <std::size_t offset, std::size_t count>
    void copy_to(void* target) const noexcept {
        static_assert(offset + count <= size, "the field lies outside its header");
        std::memcpy(target, at_ + offset, count);
    }
    const std::byte* data() const noexcept { return at_; }

private:
    static_assert(std::endian::native == std::endian::little, "fields are swapped on reading");
    const std::byte* at_;
};

} // namespace yagura::decode
