// Items of SECS-II: a format, a length, and lists of them.
//
// From SEMI E5-0813 clause 9.2.
#pragma once

#include <array>
#include <optional>

#include "spine/base/bytes.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::hsms {

enum Format : std::uint8_t {
    list = 000,
    binary = 010,
    boolean = 011,
    ascii = 020,
    jis8 = 021,
    wide = 022,
    i8 = 030,
    i1 = 031,
    i2 = 032,
    i4 = 034,
    f8 = 040,
    f4 = 044,
    u8 = 050,
    u1 = 051,
    u2 = 052,
    u4 = 054,
};
/// Bytes of one element; 0: no such format.
constexpr std::size_t width(std::uint8_t format) noexcept {
    switch (format) {
    case list:
    case binary:
    case boolean:
    case ascii:
    case jis8:
    case wide: // a head of two bytes, then of one or of two each
    case i1:
    case u1:
        return 1;
    case i2:
    case u2:
        return 2;
    case i4:
    case u4:
    case f4:
        return 4;
    case i8:
    case u8:
    case f8:
        return 8;
    default:
        return 0;
    }
}

struct Item {
    std::uint8_t format = 0;
    std::uint32_t length = 0; ///< of a list: its items
    Bytes content{};          ///< empty for a list

    bool is_list() const noexcept { return format == list; }
    /// A single whole number without a sign, or with one that is not used.
    std::optional<std::uint64_t> number() const noexcept {
        const bool whole = format == binary || format == u1 || format == u2 || format == u4 || format == u8 ||
                           format == i1 || format == i2 || format == i4 || format == i8;
        if (!whole || content.empty() || content.size() != width(format)) return std::nullopt;
        return detail::big_endian<std::uint64_t>(content);
    }
    std::string_view text() const noexcept {
        return format == ascii || format == jis8 ? as_text(content) : std::string_view{};
    }
    observe::Value value() const noexcept {
        if (is_list()) return {};
        if (format == ascii || format == jis8) return text();
        if (content.size() != width(format)) return content;
        const auto whole = detail::big_endian<std::uint64_t>(content);
        switch (format) {
        case boolean:
            return whole != 0;
        case f4:
            return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(whole)));
        case f8:
            return std::bit_cast<double>(whole);
        case i1:
            return std::int64_t{static_cast<std::int8_t>(whole)};
        case i2:
            return std::int64_t{static_cast<std::int16_t>(whole)};
        case i4:
            return std::int64_t{static_cast<std::int32_t>(whole)};
        case i8:
            return static_cast<std::int64_t>(whole);
        default:
            return whole;
        }
    }
};

/// The items as they stand there, lists before what is in them. Ends with the bytes, or at what is no item.
class Items {
public:
    explicit Items(Bytes bytes) noexcept : in_{bytes} {}
    std::optional<Item> next() noexcept {
        if (!ok_ || in_.remaining() == 0) return std::nullopt;
        const auto head = in_.u8();
        const auto many = head & 3u;
        Item item{.format = static_cast<std::uint8_t>(head >> 2)};
        const auto length = in_.take(many);
        ok_ = in_.ok() && many != 0 && width(item.format) != 0;
        if (!ok_) return std::nullopt;
        item.length = detail::big_endian<std::uint32_t>(length);
        if (!item.is_list()) {
            item.content = in_.take(item.length);
            ok_ = in_.ok() && item.length % width(item.format) == 0;
            if (!ok_) return std::nullopt;
        }
        return item;
    }
    /// Passes over lists to what is in them: the first that is none.
    std::optional<Item> next_value() noexcept {
        for (auto one = next(); one; one = next())
            if (!one->is_list()) return one;
        return std::nullopt;
    }
    bool ok() const noexcept { return ok_; }
    bool at_end() const noexcept { return in_.remaining() == 0; }
    std::size_t position() const noexcept { return in_.position(); }

private:
    Reader in_;
    bool ok_ = true;
};

/// One item and nothing behind it, every list as long as it says: what a message is. `where`: how far it
/// went.
inline bool is_one_item(Bytes bytes, std::size_t* where = nullptr) noexcept {
    constexpr std::size_t deep_most = 16;
    std::array<std::uint32_t, deep_most> left{};
    std::size_t deep = 0;
    Items in{bytes};
    bool whole = false;
    for (;;) {
        if (where) *where = in.position();
        const auto one = in.next();
        if (!one) break;
        if (one->is_list() && one->length != 0) {
            if (deep == deep_most) break;
            left[deep++] = one->length;
            continue;
        }
        while (deep != 0 && --left[deep - 1] == 0) --deep;
        if (deep == 0) {
            whole = in.at_end();
            if (where) *where = in.position();
            break;
        }
    }
    return whole;
}

} // namespace yagura::dissect::hsms
