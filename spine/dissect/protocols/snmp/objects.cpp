#include "spine/dissect/protocols/snmp/objects.h"

#include <algorithm>

#include "spine/dissect/certificate.h"
#include "spine/wire/enterprises.h"

namespace yagura::dissect::snmp_family {
namespace {

using observe::Attribute;
using namespace std::string_view_literals;

constexpr std::size_t arcs_most = 128; ///< RFC 3416 clause 4.1: of one name

/// One arc after the other, seven bits a byte. The first byte holds two arcs, and stands as it is.
bool next_arc(Reader& in, std::uint64_t& arc) noexcept {
    arc = 0;
    for (int i = 0; i < 5 && in.remaining() > 0; ++i) {
        const auto byte = in.u8();
        arc = arc << 7 | (byte & 0x7fu);
        if (!(byte & 0x80)) return true;
    }
    return false;
}

bool begins(Bytes name, std::string_view with) noexcept { return as_text(name).starts_with(with); }

constexpr auto mib_2 = "\x2b\x06\x01\x02\x01"sv;       ///< 1.3.6.1.2.1
constexpr auto enterprises = "\x2b\x06\x01\x04\x01"sv; ///< 1.3.6.1.4.1

constexpr Told tells[]{
    {"\x2b\x06\x01\x02\x01\x01\x01"sv, Attribute::description, 90},
    {"\x2b\x06\x01\x02\x01\x01\x02"sv, Attribute::vendor, 80, Form::enterprise},
    {"\x2b\x06\x01\x02\x01\x01\x05"sv, Attribute::name, 90},
    {"\x2b\x06\x01\x02\x01\x01\x06"sv, Attribute::location, 90},
    {"\x2b\x06\x01\x02\x01\x02\x02\x01\x06"sv, Attribute::mac, 90, Form::hardware, false},
    {"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x08"sv, Attribute::hardware, 85},
    {"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x09"sv, Attribute::firmware, 80},
    {"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0a"sv, Attribute::firmware, 85},
    {"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0b"sv, Attribute::serial, 90},
    {"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0c"sv, Attribute::vendor, 85},
    {"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0d"sv, Attribute::product, 88},
    {"\x2b\x06\x01\x02\x01\x2b\x05\x01\x01\x11"sv, Attribute::serial, 90},          // prtGeneralSerialNumber
    {"\x2b\x06\x01\x02\x01\x2b\x05\x01\x01\x10"sv, Attribute::product, 80},         // prtGeneralPrinterName
    {"\x2b\x06\x01\x02\x01\x19\x03\x02\x01\x03\x01"sv, Attribute::description, 70}, // hrDeviceDescr.1
};

std::string_view group_name(std::uint32_t number) noexcept {
    switch (number) {
    case 1:
        return "system";
    case 2:
        return "interfaces";
    case 3:
        return "address translation";
    case 4:
        return "ip";
    case 5:
        return "icmp";
    case 6:
        return "tcp";
    case 7:
        return "udp";
    case 10:
        return "transmission";
    case 11:
        return "snmp";
    case 16:
        return "remote monitoring";
    case 17:
        return "bridge";
    case 25:
        return "host resources";
    case 31:
        return "interfaces";
    case 43:
        return "printer";
    case 47:
        return "entity";
    default:
        return {};
    }
}

} // namespace

observe::Value Binding::value() const noexcept {
    switch (tag) {
    case der::integer: {
        if (content.empty() || content.size() > 8) return {};
        auto number = static_cast<std::int64_t>(std::to_integer<std::int8_t>(content[0]));
        for (const auto byte : content.subspan(1))
            number = static_cast<std::int64_t>(static_cast<std::uint64_t>(number) << 8 |
                                               std::to_integer<std::uint64_t>(byte));
        return number;
    }
    case 0x41: // Counter32, Gauge32, TimeTicks, Counter64
    case 0x42:
    case 0x43:
    case 0x46: {
        if (content.empty() || content.size() > 9) return {};
        std::uint64_t number = 0;
        for (const auto byte : content) number = number << 8 | std::to_integer<std::uint64_t>(byte);
        return number;
    }
    case der::octet_string:
        if (content.empty()) return {};
        return as_text(content.first(std::min<std::size_t>(content.size(), 200)));
    default:
        return {};
    }
}

bool read_binding(Bytes bytes, Binding& out) noexcept {
    Elements in{bytes};
    const auto name = in.next(der::object_id);
    const auto value = in.next();
    if (!name || !value) return false;
    out = {.name = *name, .tag = value->tag, .content = value->content};
    return true;
}

void write_name(Bytes name, ObjectText& out) noexcept {
    Reader in{name};
    std::uint64_t arc = 0;
    if (!next_arc(in, arc)) return;
    const auto first = std::min<std::uint64_t>(arc / 40, 2); // X.690 clause 8.19.4
    out.number(first).add('.').number(arc - first * 40);
    for (std::size_t i = 0; i < arcs_most && next_arc(in, arc); ++i) out.add('.').number(arc);
}

Group group_of(Bytes name) noexcept {
    std::uint64_t arc = 0;
    if (begins(name, mib_2)) {
        Reader in{name.subspan(mib_2.size())};
        if (next_arc(in, arc)) return {.number = static_cast<std::uint32_t>(arc)};
    }
    return {.number = enterprise_of(name), .enterprise = true};
}

observe::Object object_of(Group group) noexcept {
    if (!group.enterprise) {
        const auto name = group_name(group.number);
        if (!name.empty()) return {.space = "mib-2", .text = name};
        return {.space = "mib-2", .number = group.number};
    }
    if (group.number == 0) return {.space = "oid", .text = "all"};
    const auto maker = wire::enterprise(group.number);
    if (!maker.empty()) return {.space = "enterprise", .text = maker};
    return {.space = "enterprise", .number = group.number};
}

const Told* find_told(Bytes name) noexcept {
    if (!begins(name, mib_2)) return nullptr;
    for (const auto& one : tells) {
        if (!begins(name, one.name)) continue;
        const auto instance = name.subspan(one.name.size());
        if (!one.first_only) return instance.empty() ? nullptr : &one;
        const bool whole = std::ranges::all_of(
            instance, [](std::byte arc) { return arc == std::byte{0} || arc == std::byte{1}; });
        return whole && instance.size() <= 2 ? &one : nullptr;
    }
    return nullptr;
}

std::uint32_t enterprise_of(Bytes name) noexcept {
    if (!begins(name, enterprises)) return 0;
    Reader in{name.subspan(enterprises.size())};
    std::uint64_t arc = 0;
    return next_arc(in, arc) ? static_cast<std::uint32_t>(arc) : 0;
}

} // namespace yagura::dissect::snmp_family
