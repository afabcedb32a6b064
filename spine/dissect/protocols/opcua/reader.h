// The built-in types of OPC UA's binary encoding.
//
// From OPC 10000-6 (1.05), clause 5.2.2: strings, node identifiers, names, extension objects, diagnostics.
#pragma once

#include <bit>

#include "spine/base/bytes.h"
#include "spine/base/text_room.h"

namespace yagura::dissect::opcua {

/// 5.2.2.9. `number` is of numeric ones, `bytes` of all others.
struct NodeId {
    enum class Kind : std::uint8_t { numeric, string, guid, opaque } kind = Kind::numeric;
    std::uint16_t space = 0; ///< index of its namespace
    std::uint32_t number = 0;
    Bytes bytes{};
    bool standard(std::uint32_t wanted) const noexcept {
        return kind == Kind::numeric && space == 0 && number == wanted;
    }
    bool null() const noexcept { return kind == Kind::numeric && space == 0 && number == 0; }
};

struct QualifiedName {
    std::uint16_t space = 0;
    std::string_view name{};
};

/// 5.2.2.15. The body is empty where it is XML: nobody reads that.
struct ExtensionObject {
    std::uint32_t type = 0; ///< of a numeric type in namespace 0; zero: another one
    Bytes body{};
};

/// Little-endian all over. Poisoned like Reader, and by whatever cannot be: a negative length, a kind that
/// does not exist, nesting without an end.
class In {
public:
    static constexpr int diagnostics_most = 16; ///< inside each other

    explicit In(Bytes bytes) noexcept : in_{bytes} {}

    std::uint8_t u8() noexcept { return in_.u8(); }
    std::uint16_t u16() noexcept { return in_.u16le(); }
    std::uint32_t u32() noexcept { return in_.u32le(); }
    std::uint64_t u64() noexcept { return std::byteswap(in_.u64()); }
    std::int32_t i32() noexcept { return std::bit_cast<std::int32_t>(u32()); }
    std::int64_t i64() noexcept { return std::bit_cast<std::int64_t>(u64()); }
    bool flag() noexcept { return in_.u8() != 0; }
    Bytes take(std::size_t count) noexcept { return in_.take(count); }
    Bytes rest() noexcept { return in_.rest(); }
    bool ok() const noexcept { return in_.ok(); }
    std::size_t position() const noexcept { return in_.position(); }
    std::size_t remaining() const noexcept { return in_.remaining(); }
    void fail() noexcept { (void)in_.take(in_.remaining() + 1); }

    /// String, ByteString and XmlElement; -1 is null.
    Bytes string() noexcept {
        const auto length = i32();
        if (length < -1) fail();
        return length > 0 ? take(static_cast<std::size_t>(length)) : Bytes{};
    }
    std::string_view text() noexcept { return as_text(string()); }

    /// Of an array. No element of a structure is empty, so there are no more than there are bytes.
    std::uint32_t count() noexcept {
        const auto length = i32();
        if (length < -1 || (length > 0 && static_cast<std::size_t>(length) > remaining())) fail();
        return length > 0 && ok() ? static_cast<std::uint32_t>(length) : 0u;
    }
    void strings() noexcept {
        for (auto left = count(); left != 0 && ok(); --left) (void)string();
    }

    /// Expanded ones too: their namespace and server are passed over.
    NodeId node() noexcept {
        const auto form = u8();
        NodeId id;
        switch (form & 0x3f) {
        case 0:
            id.number = u8();
            break;
        case 1:
            id.space = u8();
            id.number = u16();
            break;
        case 2:
            id.space = u16();
            id.number = u32();
            break;
        case 3:
            id.kind = NodeId::Kind::string;
            id.space = u16();
            id.bytes = string();
            break;
        case 4:
            id.kind = NodeId::Kind::guid;
            id.space = u16();
            id.bytes = take(16);
            break;
        case 5:
            id.kind = NodeId::Kind::opaque;
            id.space = u16();
            id.bytes = string();
            break;
        default:
            fail();
        }
        if (form & 0x80) (void)string();
        if (form & 0x40) u32();
        return ok() ? id : NodeId{};
    }
    QualifiedName qualified() noexcept {
        const auto space = u16();
        return {space, text()};
    }
    std::string_view localized() noexcept {
        const auto mask = u8();
        if (mask & 1) (void)string();
        return mask & 2 ? text() : std::string_view{};
    }
    ExtensionObject extension() noexcept {
        const auto type = node();
        const auto form = u8();
        if (form > 2) fail();
        const auto body = form != 0 && ok() ? string() : Bytes{};
        const bool known = type.kind == NodeId::Kind::numeric && type.space == 0 && form == 1;
        return {known ? type.number : 0u, form == 1 ? body : Bytes{}};
    }
    void diagnostic() noexcept {
        for (int depth = 0; ok(); ++depth) {
            if (depth == diagnostics_most) return fail();
            const auto mask = u8();
            for (const unsigned number : {1u, 2u, 8u, 4u})
                if (mask & number) u32();
            if (mask & 0x10) (void)string();
            if (mask & 0x20) u32();
            if ((mask & 0x40) == 0) return;
        }
    }
    void diagnostics() noexcept {
        for (auto left = count(); left != 0 && ok(); --left) diagnostic();
    }

private:
    Reader in_;
};

namespace detail {
template <std::size_t N>
void add_hex(TextRoom<N>& out, std::uint64_t value, int digits) noexcept {
    constexpr std::string_view figures = "0123456789abcdef";
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out.add(figures[value >> shift & 15u]);
}
} // namespace detail

/// "72962b91-fa75-4ae6-8d28-b404dc7daf63" (5.2.2.6: the first three groups are little-endian).
template <std::size_t N>
void add_guid(TextRoom<N>& out, Bytes bytes) noexcept {
    Reader in{bytes};
    detail::add_hex(out, in.u32le(), 8);
    detail::add_hex(out.add('-'), in.u16le(), 4);
    detail::add_hex(out.add('-'), in.u16le(), 4);
    detail::add_hex(out.add('-'), in.u16(), 4);
    out.add('-').hex(in.take(6));
}

/// 5.3.1.10: "i=2258", "ns=2;s=Motor.Speed", "ns=1;g=…", "ns=1;b=…" in base64.
template <std::size_t N>
void add_node(TextRoom<N>& out, const NodeId& id) noexcept {
    if (id.space != 0) out.add("ns=").number(id.space).add(';');
    switch (id.kind) {
    case NodeId::Kind::numeric:
        out.add("i=").number(id.number);
        return;
    case NodeId::Kind::string:
        out.add("s=").add(as_text(id.bytes));
        return;
    case NodeId::Kind::guid:
        add_guid(out.add("g="), id.bytes);
        return;
    case NodeId::Kind::opaque:
        break;
    }
    constexpr std::string_view figures = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out.add("b=");
    for (std::size_t at = 0; at < id.bytes.size() && !out.cut(); at += 3) {
        const auto three = id.bytes.subspan(at, std::min<std::size_t>(3, id.bytes.size() - at));
        unsigned bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (i < three.size() ? std::to_integer<unsigned>(three[i]) : 0u);
        for (std::size_t i = 0; i < 4; ++i)
            out.add(i <= three.size() ? figures[bits >> (18 - 6 * i) & 63u] : '=');
    }
}

} // namespace yagura::dissect::opcua
