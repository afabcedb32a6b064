// Test support: capture files put together by hand, right or wrong on purpose.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "spine/base/bytes.h"

namespace yagura::test {

/// Numbers in the byte order that the file is to have.
class FileBytes {
public:
    explicit FileBytes(std::endian order = std::endian::little) : order_{order} {}

    FileBytes& u8(std::uint8_t value) { return number(value, 1); }
    FileBytes& u16(std::uint16_t value) { return number(value, 2); }
    FileBytes& u32(std::uint32_t value) { return number(value, 4); }
    FileBytes& u64(std::uint64_t value) { return number(value, 8); }
    FileBytes& bytes(Bytes value) {
        all.insert(all.end(), value.begin(), value.end());
        return *this;
    }
    FileBytes& text(std::string_view value) { return bytes(std::as_bytes(std::span{value})); }
    FileBytes& pad(std::size_t to) {
        while (all.size() % to != 0) all.push_back({});
        return *this;
    }
    std::endian order() const { return order_; }
    void order(std::endian order) { order_ = order; }

    std::vector<std::byte> all;

private:
    FileBytes& number(std::uint64_t value, unsigned size) {
        for (unsigned i = 0; i < size; ++i) {
            const auto shift = 8 * (order_ == std::endian::little ? i : size - 1 - i);
            all.push_back(static_cast<std::byte>(value >> shift & 0xff));
        }
        return *this;
    }
    std::endian order_;
};

/// `size` bytes that differ from place to place.
inline std::vector<std::byte> pattern(std::size_t size, unsigned seed = 1) {
    std::vector<std::byte> out(size);
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<std::byte>((i * 7 + seed * 31 + (i >> 8)) & 0xff);
    return out;
}

class Pcap : public FileBytes {
public:
    explicit Pcap(std::uint32_t magic = 0xa1b2c3d4, std::endian order = std::endian::little,
                  std::uint32_t link = 1, std::uint16_t major = 2, std::uint16_t minor = 4)
        : FileBytes{order}, modified_{magic == 0xa1b2cd34} {
        u32(magic).u16(major).u16(minor).u32(0).u32(0).u32(262144).u32(link);
    }
    Pcap& frame(std::uint32_t seconds, std::uint32_t fraction, Bytes data, std::uint32_t wire = 0) {
        const auto size = static_cast<std::uint32_t>(data.size());
        u32(seconds).u32(fraction).u32(size).u32(wire ? wire : size);
        if (modified_) u32(2).u16(0x0800).u8(0).u8(0);
        bytes(data);
        return *this;
    }

private:
    bool modified_;
};

class Pcapng : public FileBytes {
public:
    explicit Pcapng(std::endian order = std::endian::little) : FileBytes{order} { section(order); }

    Pcapng& section(std::endian with) {
        order(with);
        FileBytes body{with};
        body.u32(0x1a2b3c4d).u16(1).u16(0).u64(~std::uint64_t{0});
        return block(0x0a0d0d0a, body.all);
    }
    Pcapng& block(std::uint32_t type, Bytes body) {
        const auto length = static_cast<std::uint32_t>((body.size() + 3) / 4 * 4 + 12);
        u32(type).u32(length).bytes(body).pad(4).u32(length);
        return *this;
    }
    /// code, value, padded.
    std::vector<std::byte> option(std::uint16_t code, Bytes value) const {
        FileBytes out{order()};
        out.u16(code).u16(static_cast<std::uint16_t>(value.size())).bytes(value).pad(4);
        return out.all;
    }
    std::vector<std::byte> option(std::uint16_t code, std::uint64_t value, unsigned size) const {
        FileBytes out{order()};
        if (size == 1) out.u8(static_cast<std::uint8_t>(value));
        if (size == 8) out.u64(value);
        return option(code, out.all);
    }
    Pcapng& interface(std::uint16_t link = 1, std::uint32_t snap = 262144,
                      std::vector<std::vector<std::byte>> options = {}) {
        FileBytes body{order()};
        body.u16(link).u16(0).u32(snap);
        for (const auto& one : options) body.bytes(one);
        return block(1, body.all);
    }
    Pcapng& frame(std::uint64_t ticks, Bytes data, std::uint32_t on = 0, std::uint32_t wire = 0,
                  std::vector<std::vector<std::byte>> options = {}) {
        FileBytes body{order()};
        const auto size = static_cast<std::uint32_t>(data.size());
        body.u32(on).u32(static_cast<std::uint32_t>(ticks >> 32)).u32(static_cast<std::uint32_t>(ticks));
        body.u32(size).u32(wire ? wire : size).bytes(data).pad(4);
        for (const auto& one : options) body.bytes(one);
        return block(6, body.all);
    }
    Pcapng& simple_frame(Bytes data, std::uint32_t wire = 0) {
        FileBytes body{order()};
        body.u32(wire ? wire : static_cast<std::uint32_t>(data.size())).bytes(data);
        return block(3, body.all);
    }
    Pcapng& obsolete_frame(std::uint64_t ticks, Bytes data, std::uint16_t on, std::uint16_t lost) {
        FileBytes body{order()};
        const auto size = static_cast<std::uint32_t>(data.size());
        body.u16(on).u16(lost).u32(static_cast<std::uint32_t>(ticks >> 32));
        body.u32(static_cast<std::uint32_t>(ticks)).u32(size).u32(size).bytes(data);
        return block(2, body.all);
    }
    Pcapng& statistics(std::uint32_t on, std::vector<std::vector<std::byte>> options) {
        FileBytes body{order()};
        body.u32(on).u32(0).u32(0);
        for (const auto& one : options) body.bytes(one);
        return block(5, body.all);
    }
};

} // namespace yagura::test
