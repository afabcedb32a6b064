#include "spine/dissect/certificate.h"

#include <algorithm>

namespace yagura::dissect {
namespace {

constexpr std::size_t names_most = 32; ///< attributes of one name that are looked at

/// RFC 4519: 2.5.4.n, in DER 55 04 n.
constexpr std::uint8_t common_name = 3, organization = 10, unit = 11;
/// 2.5.29.17, subjectAltName.
constexpr std::array<std::byte, 3> alternative_name{std::byte{0x55}, std::byte{0x1d}, std::byte{0x11}};
constexpr std::uint8_t dns_name = 0x82, uri = 0x86; ///< context tags of GeneralName

std::uint8_t attribute_type(Bytes id) noexcept {
    const bool directory = id.size() == 3 && id[0] == std::byte{0x55} && id[1] == std::byte{0x04};
    return directory ? std::to_integer<std::uint8_t>(id[2]) : std::uint8_t{0};
}

DirectoryName read_name(Bytes name) noexcept {
    DirectoryName out{.all = name};
    Elements sets{name};
    for (std::size_t seen = 0; seen < names_most; ++seen) {
        const auto set = sets.next(der::set);
        if (!set) break;
        Elements pairs{*set};
        while (const auto pair = pairs.next(der::sequence)) {
            Elements parts{*pair};
            const auto id = parts.next(der::object_id);
            const auto value = parts.next();
            if (!id || !value) break;
            const DirectoryText text{value->tag, value->content};
            switch (attribute_type(*id)) {
            case common_name:
                out.common_name = text;
                break;
            case organization:
                out.organization = text;
                break;
            case unit:
                out.unit = text;
                break;
            default:
                break;
            }
        }
    }
    return out;
}

/// UTCTime has two digits for the year: 50 and above are of 1900 (RFC 5280 4.1.2.5.1).
std::array<char, 10> read_date(const Elements::Element& time) noexcept {
    auto text = as_text(time.content);
    std::array<char, 10> out{};
    const std::size_t year = time.tag == der::utc_time ? 2 : 4;
    if ((time.tag != der::utc_time && time.tag != der::generalized_time) || text.size() < year + 4)
        return out;
    text = text.substr(0, year + 4);
    if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return out;
    TextRoom<10> room;
    if (year == 2) room.add(text[0] >= '5' ? "19" : "20");
    room.add(text.substr(0, year)).add('-').add(text.substr(year, 2)).add('-').add(text.substr(year + 2, 2));
    std::ranges::copy(room.view(), out.begin());
    return out;
}

void read_alternatives(Bytes extensions, Certificate& out) noexcept {
    Elements wrapped{extensions};
    const auto list = wrapped.next(der::sequence);
    if (!list) return;
    Elements all{*list};
    while (const auto extension = all.next(der::sequence)) {
        Elements parts{*extension};
        const auto id = parts.next(der::object_id);
        if (!id || !std::ranges::equal(*id, alternative_name)) continue;
        parts.skip(der::boolean);
        const auto value = parts.next(der::octet_string);
        if (!value) return;
        Elements inner{*value};
        const auto names = inner.next(der::sequence);
        if (!names) return;
        Elements walk{*names};
        std::size_t count = 0;
        while (const auto name = walk.next()) {
            if (name->tag == dns_name && count < out.host_names.size())
                out.host_names[count++] = as_text(name->content);
            if (name->tag == uri && out.application_uri.empty()) out.application_uri = as_text(name->content);
        }
        return;
    }
}

void add_utf8(DirectoryRoom& room, std::uint32_t code) noexcept {
    const auto tail = [&](unsigned shift) { return static_cast<char>(0x80u | (code >> shift & 0x3fu)); };
    if (code < 0x80) {
        room.add(static_cast<char>(code));
    } else if (code < 0x800) {
        room.add(static_cast<char>(0xc0u | code >> 6)).add(tail(0));
    } else if (code < 0xd800 || code > 0xdfff) { // Halves of pairs stand for nothing here.
        room.add(static_cast<char>(0xe0u | code >> 12)).add(tail(6)).add(tail(0));
    }
}

void add_name(CertificateText& out, const DirectoryName& name) noexcept {
    DirectoryRoom room;
    bool any = false;
    const auto add = [&](std::string_view key, const DirectoryText& text) {
        room.clear();
        add_text(room, text);
        if (room.view().empty()) return;
        out.add(any ? ", " : "").add(key).add(room.view());
        any = true;
    };
    add("CN=", name.common_name);
    add("O=", name.organization);
    if (!any) add("OU=", name.unit);
}

} // namespace

std::optional<Elements::Element> Elements::next() noexcept {
    if (!ok_ || in_.remaining() == 0) return std::nullopt;
    const auto tag = in_.u8();
    std::size_t length = in_.u8();
    if (length & 0x80) {
        const auto bytes = length & 0x7f;
        length = 0;
        // None: a length that is told by an end mark, which DER does not have.
        if (bytes == 0 || bytes > 4) ok_ = false;
        for (std::size_t i = 0; ok_ && i < bytes; ++i) length = length << 8 | in_.u8();
    }
    ok_ = ok_ && in_.ok() && (tag & 0x1f) != 0x1f;
    if (!ok_) return std::nullopt;
    const auto content = in_.take(length);
    ok_ = in_.ok();
    return ok_ ? std::optional{Element{tag, content}} : std::nullopt;
}

std::optional<Bytes> Elements::next(std::uint8_t tag) noexcept {
    const auto element = next();
    if (element && element->tag == tag) return element->content;
    ok_ = ok_ && !element && at_end();
    return std::nullopt;
}

void Elements::skip(std::uint8_t tag) noexcept {
    auto ahead = *this;
    if (const auto element = ahead.next(); element && element->tag == tag) *this = ahead;
}

void add_text(DirectoryRoom& room, const DirectoryText& text) noexcept {
    switch (text.tag) {
    case der::bmp_string:
        for (std::size_t i = 0; i + 1 < text.bytes.size(); i += 2)
            add_utf8(room, std::to_integer<std::uint32_t>(text.bytes[i]) << 8 |
                               std::to_integer<std::uint32_t>(text.bytes[i + 1]));
        break;
    case der::teletex_string:
        for (const auto byte : text.bytes) add_utf8(room, std::to_integer<std::uint32_t>(byte));
        break;
    case der::utf8_string:
    case der::printable_string:
    case der::ia5_string:
        room.add(as_text(text.bytes));
        break;
    default: // Not one of DirectoryString's.
        break;
    }
}

bool Certificate::self_signed() const noexcept { return std::ranges::equal(issuer.all, subject.all); }

std::optional<Certificate> read_certificate(Bytes bytes) noexcept {
    Elements outer{bytes};
    const auto whole = outer.next(der::sequence);
    if (!whole) return std::nullopt;
    Elements signed_part{*whole};
    const auto body = signed_part.next(der::sequence);
    if (!body) return std::nullopt;
    Elements fields{*body};
    fields.skip(0xa0); // version
    const auto serial = fields.next(der::integer);
    const auto algorithm = fields.next(der::sequence);
    const auto issuer = fields.next(der::sequence);
    const auto validity = fields.next(der::sequence);
    const auto subject = fields.next(der::sequence);
    if (!serial || !algorithm || !issuer || !validity || !subject) return std::nullopt;
    Certificate out{.issuer = read_name(*issuer), .subject = read_name(*subject)};
    Elements times{*validity};
    (void)times.next();
    if (const auto until = times.next()) out.until = read_date(*until);
    (void)fields.next(der::sequence); // the key
    fields.skip(0x81);                // unique identifiers, which nobody uses
    fields.skip(0x82);
    if (const auto extensions = fields.next(0xa3)) read_alternatives(*extensions, out);
    return out;
}

void describe(const Certificate& certificate, CertificateText& out) noexcept {
    add_name(out, certificate.subject);
    if (certificate.self_signed()) {
        out.add("; self-signed");
    } else {
        out.add("; issuer ");
        add_name(out, certificate.issuer);
    }
    if (certificate.until[0] != 0)
        out.add("; until ").add({certificate.until.data(), certificate.until.size()});
}

} // namespace yagura::dissect
