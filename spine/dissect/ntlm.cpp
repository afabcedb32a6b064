#include "spine/dissect/ntlm.h"

#include <algorithm>

namespace yagura::dissect {

void add_wide(WideRoom& out, Bytes text) noexcept {
    Reader in{text};
    while (in.remaining() >= 2) {
        std::uint32_t code = in.u16le();
        if (code == 0) return;
        if (code >= 0xd800 && code < 0xdc00 && in.remaining() >= 2) {
            auto ahead = in;
            const std::uint32_t low = ahead.u16le();
            if (low >= 0xdc00 && low < 0xe000) {
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                in = ahead;
            }
        }
        char bytes[4];
        std::size_t size = 0;
        const auto put = [&](std::uint32_t byte) { bytes[size++] = static_cast<char>(byte); };
        if (code < 0x80) {
            put(code);
        } else if (code < 0x800) {
            put(0xc0 | code >> 6);
            put(0x80 | (code & 0x3f));
        } else if (code >= 0xd800 && code < 0xe000) {
            put('?'); // Half of a pair.
        } else if (code < 0x10000) {
            put(0xe0 | code >> 12);
            put(0x80 | (code >> 6 & 0x3f));
            put(0x80 | (code & 0x3f));
        } else {
            put(0xf0 | code >> 18);
            put(0x80 | (code >> 12 & 0x3f));
            put(0x80 | (code >> 6 & 0x3f));
            put(0x80 | (code & 0x3f));
        }
        out.add({bytes, size});
        if (out.cut()) return;
    }
}

namespace ntlm {
namespace {

using observe::Attribute;

constexpr std::string_view signature{"NTLMSSP\0", 8};
constexpr std::size_t look_most = 8'192, pairs_most = 32;
constexpr std::uint32_t unicode = 1, has_version = 0x02000000;

/// Length, room, place: a field of the message behind its fixed part.
Bytes field(Reader& in, Bytes message) noexcept {
    const auto size = in.u16le();
    in.u16le();
    const auto at = in.u32le();
    if (!in.ok() || at > message.size() || size > message.size() - at) return {};
    return message.subspan(at, size);
}

void read_version(Reader& in, std::uint32_t flags, Message& out) noexcept {
    const auto major = in.u8(), minor = in.u8();
    const auto build = in.u16le();
    in.take(4);
    if (!in.ok() || !(flags & has_version)) return;
    out.major = major, out.minor = minor, out.build = build;
}

void read_target(Bytes pairs, Message& out) noexcept {
    Reader in{pairs};
    for (std::size_t i = 0; i < pairs_most; ++i) {
        const auto id = in.u16le();
        const auto value = in.take(in.u16le());
        if (!in.ok() || id == 0) return;
        auto* member = id == 1   ? &out.computer
                       : id == 2 ? &out.domain
                       : id == 3 ? &out.dns_computer
                       : id == 4 ? &out.dns_domain
                                 : nullptr;
        if (member) *member = {value, true};
    }
}

struct Release {
    std::uint16_t build;
    std::string_view name;
};
/// What the kernel says of itself: later feature updates of one base keep its number.
constexpr Release releases[]{
    {2195, "Windows 2000"},
    {2600, "Windows XP"},
    {3790, "Windows Server 2003"},
    {6001, "Windows Vista SP1 or Server 2008"},
    {6002, "Windows Vista SP2 or Server 2008 SP2"},
    {6003, "Windows Server 2008 SP2"},
    {7600, "Windows 7 or Server 2008 R2"},
    {7601, "Windows 7 SP1 or Server 2008 R2 SP1"},
    {9200, "Windows 8 or Server 2012"},
    {9600, "Windows 8.1 or Server 2012 R2"},
    {10240, "Windows 10 1507"},
    {10586, "Windows 10 1511"},
    {14393, "Windows 10 1607 or Server 2016"},
    {15063, "Windows 10 1703"},
    {16299, "Windows 10 1709"},
    {17134, "Windows 10 1803"},
    {17763, "Windows 10 1809 or Server 2019"},
    {18362, "Windows 10 1903 or 1909"},
    {18363, "Windows 10 1909"},
    {19041, "Windows 10 2004 to 22H2"},
    {19042, "Windows 10 20H2"},
    {19043, "Windows 10 21H1"},
    {19044, "Windows 10 21H2"},
    {19045, "Windows 10 22H2"},
    {20348, "Windows Server 2022"},
    {22000, "Windows 11 21H2"},
    {22621, "Windows 11 22H2 or 23H2"},
    {22631, "Windows 11 23H2"},
    {25398, "Windows Server 23H2"},
    {26100, "Windows 11 24H2 or Server 2025"},
};

} // namespace

void add(WideRoom& out, const Text& text) noexcept {
    if (text.wide)
        add_wide(out, text.bytes);
    else
        out.add(label(text.bytes));
}

std::optional<Message> find(Bytes blob) noexcept {
    const auto at = as_text(blob.first(std::min(blob.size(), look_most))).find(signature);
    if (at == std::string_view::npos) return std::nullopt;
    const auto bytes = blob.subspan(at);
    Reader in{bytes};
    in.take(signature.size());
    const auto kind = in.u32le();
    Message out;
    switch (kind) {
    case 1: {
        const auto flags = in.u32le();
        if (!in.ok()) return std::nullopt;
        const auto domain = field(in, bytes),
                   workstation = field(in, bytes); // Of the machine's own code page.
        out.kind = Kind::negotiate;
        out.domain = {domain, false};
        out.workstation = {workstation, false};
        read_version(in, flags, out);
        return out;
    }
    case 2: {
        const auto target = field(in, bytes);
        const auto flags = in.u32le();
        in.take(16); // challenge, reserved
        if (!in.ok()) return std::nullopt;
        const auto pairs = field(in, bytes);
        out.kind = Kind::challenge;
        out.computer = {target, (flags & unicode) != 0};
        read_target(pairs, out);
        read_version(in, flags, out);
        return out;
    }
    case 3: {
        in.take(16); // both responses
        const auto domain = field(in, bytes), user = field(in, bytes), workstation = field(in, bytes);
        in.take(8); // session key
        const auto flags = in.u32le();
        if (!in.ok()) return std::nullopt;
        const bool wide = (flags & unicode) != 0;
        out.kind = Kind::authenticate;
        out.domain = {domain, wide};
        out.user = {user, wide};
        out.workstation = {workstation, wide};
        read_version(in, flags, out);
        return out;
    }
    default:
        return std::nullopt;
    }
}

void write_system(std::uint8_t major, std::uint8_t minor, std::uint16_t build, WideRoom& out) noexcept {
    const auto known = std::ranges::find(releases, build, &Release::build);
    if (known != std::end(releases))
        out.add(known->name);
    else
        out.add("Windows ").number(major).add('.').number(minor);
    out.add(" (build ").number(build).add(')');
}

void tell_of(const Message& message, const Tell& tell, WideRoom& user) noexcept {
    WideRoom text;
    const auto say = [&](Attribute attribute, const Text& what, std::uint8_t confidence) {
        text.clear();
        add(text, what);
        tell.of_speaker(attribute, text.view(), confidence);
    };
    // Samba and Impacket write a version without a build, or with one that no Windows has.
    const bool windows = message.build >= 2195 && message.major >= 5 && message.major <= 10;
    if (windows) {
        text.clear();
        write_system(message.major, message.minor, message.build, text);
        tell.of_speaker(Attribute::os, text.view(), message.kind == Kind::challenge ? 88 : 80);
    }
    switch (message.kind) {
    case Kind::negotiate:
        say(Attribute::name, message.workstation, 55);
        break;
    case Kind::challenge:
        say(Attribute::name, message.computer, 88);
        say(Attribute::name, message.dns_computer, 88);
        say(Attribute::domain, message.dns_domain.empty() ? message.domain : message.dns_domain, 85);
        break;
    case Kind::authenticate:
        // Whatever the tool writes there: "NULL" is one that names nobody.
        text.clear();
        add(text, message.workstation);
        if (is_host_name(text.view()) && !same_words(text.view(), "null"))
            tell.of_speaker(Attribute::name, text.view(), 55);
        text.clear();
        add(text, message.user);
        if (text.view().empty()) break;
        add(user, message.domain);
        if (!user.view().empty()) user.add('\\');
        user.add(text.view());
        break;
    }
}

} // namespace ntlm
} // namespace yagura::dissect
