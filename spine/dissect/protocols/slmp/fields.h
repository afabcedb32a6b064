// SLMP says everything in one of two codes: numbers as bytes, the lowest first, or as hexadecimal digits, the
// highest first. These fields read both, so that nothing above them has to know which one it is.
#pragma once

#include <array>
#include <span>

#include "spine/base/bytes.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::slmp {

/// The most that one message tells: 960 words (SH(NA)-080956ENG 5.2), and iQ-R's 7,168 points as bits.
using Room = std::array<std::byte, 2048>;

class Fields {
public:
    Fields(Bytes bytes, bool text) noexcept : in_{bytes}, text_{text} {}

    /// Of 1 to 4 bytes, or twice as many digits.
    std::uint32_t number(unsigned bytes) noexcept {
        std::uint32_t value = 0;
        if (!text_) {
            const auto raw = in_.take(bytes);
            for (auto at = raw.size(); at-- > 0;)
                value = value << 8 | std::to_integer<std::uint32_t>(raw[at]);
            return value;
        }
        for (const auto byte : in_.take(std::size_t{bytes} * 2)) value = value << 4 | digit(byte, 16);
        return ok() ? value : 0;
    }
    std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(number(1)); }
    std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() noexcept { return number(4); }

    /// Digits of a base, `count` of them, in a text message.
    std::uint32_t digits(std::size_t count, unsigned base) noexcept {
        std::uint64_t value = 0;
        for (const auto byte : in_.take(count)) value = value * base + digit(byte, base);
        if (value > 0xffffffff) bad_ = true;
        return ok() ? static_cast<std::uint32_t>(value) : 0;
    }
    /// As it stands there: names, data that nobody reads.
    Bytes raw(std::size_t count) noexcept { return in_.take(count); }
    Bytes rest() noexcept { return in_.rest(); }

    /// `count` words: borrowed as they are, or put into `room`. One alone is a scalar.
    observe::Value words(std::size_t count, Room& room) noexcept {
        if (count == 1) return std::uint64_t{u16()};
        const auto bytes = text_ ? packed_words(count, room) : in_.take(count * 2);
        if (!ok() || bytes.empty()) return {};
        return observe::Array{observe::Array::Of::u16, true, static_cast<std::uint16_t>(count), bytes};
    }
    /// `count` points, four bits each (the first one above) or a digit each.
    observe::Value points(std::size_t count, Room& room) noexcept {
        const auto raw = in_.take(text_ ? count : (count + 1) / 2);
        if (!ok() || count == 0 || count > room.size() * 8) return {};
        for (std::size_t at = 0; at < count; ++at) {
            const auto byte = std::to_integer<unsigned>(raw[text_ ? at : at / 2]);
            const bool on = text_ ? byte == '1' : (byte >> (at % 2 ? 0 : 4) & 1u) != 0;
            if (text_ && byte != '0' && byte != '1') bad_ = true;
            if (count == 1) return ok() ? observe::Value{on} : observe::Value{};
            auto& into = room[at / 8];
            if (at % 8 == 0) into = {};
            if (on) into |= std::byte{1} << at % 8;
        }
        if (!ok()) return {};
        return observe::Array{observe::Array::Of::bit, true, static_cast<std::uint16_t>(count),
                              Bytes{room}.first((count + 7) / 8)};
    }

    bool ok() const noexcept { return in_.ok() && !bad_; }
    bool text() const noexcept { return text_; }
    std::size_t position() const noexcept { return in_.position(); }
    std::size_t remaining() const noexcept { return in_.remaining(); }

private:
    unsigned digit(std::byte byte, unsigned base) noexcept {
        const auto c = std::to_integer<unsigned>(byte);
        const auto value = c >= '0' && c <= '9'   ? c - '0'
                           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                                  : 99u;
        if (value < base) return value;
        bad_ = true;
        return 0;
    }
    Bytes packed_words(std::size_t count, Room& room) noexcept {
        if (count * 2 > room.size()) {
            bad_ = true;
            return {};
        }
        for (std::size_t at = 0; at < count && ok(); ++at) {
            const auto word = u16();
            room[at * 2] = static_cast<std::byte>(word & 0xff);
            room[at * 2 + 1] = static_cast<std::byte>(word >> 8);
        }
        return Bytes{room}.first(count * 2);
    }

    Reader in_;
    bool text_, bad_ = false;
};

} // namespace yagura::dissect::slmp
