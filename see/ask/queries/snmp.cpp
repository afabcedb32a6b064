// SNMP version 2c: what a device says of itself (system group), and the first row of its parts (ENTITY-MIB).
// RFC 3416 clauses 3, 4.2.1 (get), 4.2.2 (get next); RFC 1901 (community); RFC 3418 clause 2 (system); RFC
// 6933 (entPhysicalTable); ITU-T X.690 (encoding).
#include "see/ask/ber.h"
#include "see/ask/query.h"
#include "spine/wire/enterprises.h"

namespace yagura::see::ask::queries {
namespace {

using observe::Attribute;
using namespace std::string_view_literals;

constexpr std::uint8_t get = 0xa0, get_next = 0xa1;
constexpr std::size_t community_most = 64;

struct Object {
    std::string_view name; ///< as it is encoded
    Attribute attribute;
    std::uint8_t confidence;
    bool enterprise = false;
};
constexpr Object system_group[]{{"\x2b\x06\x01\x02\x01\x01\x01\x00"sv, Attribute::description, 90},
                                {"\x2b\x06\x01\x02\x01\x01\x02\x00"sv, Attribute::vendor, 80, true},
                                {"\x2b\x06\x01\x02\x01\x01\x05\x00"sv, Attribute::name, 90},
                                {"\x2b\x06\x01\x02\x01\x01\x06\x00"sv, Attribute::location, 90}};
/// Columns; the row is the device's choice.
constexpr Object first_part[]{{"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0a"sv, Attribute::firmware, 85},
                              {"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0b"sv, Attribute::serial, 90},
                              {"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0c"sv, Attribute::vendor, 85},
                              {"\x2b\x06\x01\x02\x01\x2f\x01\x01\x01\x01\x0d"sv, Attribute::product, 88}};
std::span<const Object> objects(unsigned step) noexcept {
    return step == 0 ? std::span<const Object>{system_group} : std::span<const Object>{first_part};
}

/// With bit 14, so that two bytes are the shortest form whatever the number is (X.690, 8.3.2).
std::uint16_t id_of(const Asked& asked, unsigned step) noexcept {
    return static_cast<std::uint16_t>(0x4000u | ((asked.number & 0x1fffu) * 2 + step));
}

Request request(const Asked& asked, unsigned step, std::span<std::byte> room) noexcept {
    const auto& community = asked.choices.snmp_community;
    if (step > 1 || community.size() > community_most) return {};
    std::size_t list = 0;
    for (const auto& one : objects(step)) list += 2 + 2 + one.name.size() + 2;
    // All lengths are below 128 but the outer two and the PDU's, which are written in three bytes.
    const auto pdu = 4 + 3 + 3 + 3 + list;
    const auto whole = 3 + 2 + community.size() + 3 + pdu;
    Builder out{room};
    const auto long_length = [&](std::size_t length) { out.u8(0x81).u8(static_cast<std::uint8_t>(length)); };
    out.u8(0x30);
    long_length(whole);
    out.bytes(2, 1, 1, 4, community.size()).text(community).u8(step == 0 ? get : get_next);
    long_length(pdu);
    out.bytes(2, 2).u16(id_of(asked, step)).bytes(2, 1, 0, 2, 1, 0);
    out.bytes(0x30, 0x81, list);
    for (const auto& one : objects(step))
        out.bytes(0x30, 4 + one.name.size(), 6, one.name.size()).text(one.name).bytes(5, 0);
    return {out.size(), step == 0 ? "GetRequest of the system group" : "GetNextRequest of the first part",
            static_cast<std::uint32_t>(step)};
}

/// The number behind 1.3.6.1.4.1.
std::uint32_t enterprise_of(Bytes name) noexcept {
    constexpr auto enterprises = "\x2b\x06\x01\x04\x01"sv;
    if (!as_text(name).starts_with(enterprises)) return 0;
    Reader in{name.subspan(enterprises.size())};
    std::uint32_t arc = 0;
    return ber::next_arc(in, arc) ? arc : 0;
}

Heard read(Asked& asked, unsigned step, Bytes message, Facts& facts) {
    const auto answer = ber::answer(message, id_of(asked, step));
    switch (answer.was) {
    case ber::Answer::Was::broken:
        return Heard::broken({0, "the message is cut short"});
    case ber::Answer::Was::foreign:
        return Heard::foreign();
    case ber::Answer::Was::refused: // Who has no such name (2) has other things to say.
        return step == 0 && answer.status != 2 ? Heard::refused(answer.status) : Heard::absent(answer.status);
    default:
        break;
    }
    Reader rows{answer.variables};
    const auto wanted = objects(step);
    for (std::size_t i = 0; i < wanted.size() && rows.remaining() != 0; ++i) {
        Reader row{ber::field(rows).content};
        const auto name = ber::field(row), said = ber::field(row);
        if (!rows.ok() || !row.ok()) return Heard::broken({0, "a variable is cut short"}, rows.position());
        if (name.tag != 6 || !as_text(name.content).starts_with(wanted[i].name))
            continue; // the next column's
        if (said.tag == 6 && wanted[i].enterprise)
            facts.say(wanted[i].attribute, wire::enterprise(enterprise_of(said.content)),
                      wanted[i].confidence);
        else if (said.tag == 4 && !wanted[i].enterprise)
            facts.say(wanted[i].attribute, as_text(said.content), wanted[i].confidence);
    }
    return {};
}

bool only_reads(Bytes request) noexcept {
    const auto pdu = ber::pdu_of(request);
    return pdu == get || pdu == get_next;
}

} // namespace

extern constinit const Query snmp{.name = "snmp",
                                  .protocol = "snmp",
                                  .document = "RFC 3416, 4.2.1 and 4.2.2",
                                  .carrier = Carrier::udp,
                                  .port = 161,
                                  .requests_most = 2,
                                  .request = request,
                                  .read = read,
                                  .only_reads = only_reads,
                                  .blank = ber::blank_community};

} // namespace yagura::see::ask::queries
