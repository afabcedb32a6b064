// EtherNet/IP's ListIdentity: what every device of CIP tells without a session.
// CIP Networks Library volume 2, clauses 2-3 (encapsulation), 2-4.2 (ListIdentity); volume 1, 5A-2.2
// (the identity object, whose attributes the answer repeats). Sent to one address, never to all.
#include "see/ask/query.h"
#include "spine/base/text_room.h"
#include "spine/wire/cip_vendors.h"

namespace yagura::see::ask::queries {
namespace {

using observe::Attribute;

constexpr std::uint16_t list_identity = 0x0063, identity_item = 0x000c;
constexpr std::uint16_t delay_most = 500; ///< ms: it answers some time within, so that not all do at once

Request request(const Asked& asked, unsigned step, std::span<std::byte> room) noexcept {
    if (step != 0) return {};
    Builder out{room};
    out.u16le(list_identity).u16le(0).u32(0).u32(0); // no data, no session, status 0
    // The context comes back in the answer; of ListIdentity its first two bytes are MaxResponseDelay.
    out.u16le(delay_most).text("yagu").u16(asked.number).u32(0); // no options
    return {out.size(), "ListIdentity", list_identity};
}

Heard read(Asked& asked, unsigned, Bytes message, Facts& facts) {
    Reader in{message};
    const auto command = in.u16le(), length = in.u16le();
    in.u32();
    const auto status = in.u32le();
    const auto delay = in.u16le();
    const auto context = as_text(in.take(4));
    const auto number = in.u16();
    in.u32();
    if (!in.ok()) return Heard::broken({0, "the header is cut short"}, in.position());
    if (command != list_identity || delay != delay_most || context != "yagu" || number != asked.number)
        return Heard::foreign();
    if (status != 0) return Heard::refused(status);
    if (length != in.remaining()) return Heard::broken({2, "the length is not what follows"});
    const auto items = in.u16le();
    const auto kind = in.u16le(), size = in.u16le();
    if (!in.ok()) return Heard::broken({0, "the items are cut short"}, in.position());
    if (items == 0 || kind != identity_item) return Heard::broken({26, "there is no identity in it"});
    const auto start = static_cast<std::uint32_t>(in.position());
    Reader item{in.take(size)};
    item.take(2 + 16); // version, its own idea of its address
    const auto vendor = item.u16le();
    item.take(2 + 2); // profile, product code: numbers that dissectors name
    const auto major = item.u8(), minor = item.u8();
    item.u16();
    const auto serial = item.u32le();
    const auto name = item.take(item.u8());
    if (!in.ok() || !item.ok())
        return Heard::broken({0, "the identity is cut short"}, std::size_t{start} + item.position());
    TextRoom<40> text;
    const auto maker = wire::cip_vendor(vendor);
    facts.say(Attribute::vendor, maker.empty() ? text.add("CIP vendor ").number(vendor).view() : maker);
    facts.say(Attribute::product, as_text(name));
    text.clear();
    if (major != 0) // Three digits behind the point, as labels have it.
        facts.say(Attribute::firmware, text.number(major & 0x7fu)
                                           .add(minor < 10    ? ".00"
                                                : minor < 100 ? ".0"
                                                              : ".")
                                           .number(minor)
                                           .view());
    text.clear();
    const std::array bytes{static_cast<std::byte>(serial >> 24), static_cast<std::byte>(serial >> 16),
                           static_cast<std::byte>(serial >> 8), static_cast<std::byte>(serial)};
    if (serial != 0) facts.say(Attribute::serial, text.hex(bytes).view());
    return {};
}

bool only_reads(Bytes request) noexcept {
    Reader in{request};
    const auto command = in.u16le(), length = in.u16le();
    return in.ok() && request.size() == 24 && command == list_identity && length == 0;
}

} // namespace

extern constinit const Query cip{.name = "cip",
                                 .protocol = "enip",
                                 .document = "CIP Networks Library volume 2, 2-4.2",
                                 .carrier = Carrier::udp,
                                 .port = 44818,
                                 .requests_most = 1,
                                 .request = request,
                                 .read = read,
                                 .only_reads = only_reads};

} // namespace yagura::see::ask::queries
