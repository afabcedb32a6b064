// FINS' CONTROLLER DATA READ (05 01): what an Omron controller is and which version it has.
// Omron W342 (FINS Commands), 5-3-17; W421, section 7 (UDP). No data: model and version come first.
#include "see/ask/query.h"

namespace yagura::see::ask::queries {
namespace {

using observe::Attribute;

constexpr std::uint16_t controller_data = 0x0501;

Request request(const Asked& asked, unsigned step, std::span<std::byte> room) noexcept {
    if (step != 0) return {};
    Builder out{room};
    out.bytes(0x80, 0, 2);             // wants an answer; over at most two gateways
    out.bytes(0, asked.target[15], 0); // this network; the node is the address' last number
    out.bytes(0, asked.own[15], 0);    // from us
    out.u8(static_cast<std::uint8_t>(asked.number)).u16(controller_data);
    return {out.size(), "CONTROLLER DATA READ", controller_data};
}

Heard read(Asked& asked, unsigned, Bytes message, Facts& facts) {
    Reader in{message};
    const auto kind = in.u8();
    in.take(8);
    const auto number = in.u8();
    const auto command = in.u16(), end = in.u16();
    if (!in.ok()) return Heard::broken({0, "the answer is cut short"}, in.position());
    if ((kind & 0x40) == 0 || number != static_cast<std::uint8_t>(asked.number)) return Heard::foreign();
    if (command != controller_data) return Heard::broken({10, "answers another command than was asked"});
    if ((end & 0x7f3f) != 0) return Heard::refused(end); // bits 7 and 6 are others' errors
    const auto model = in.take(20), version = in.take(20);
    if (!in.ok()) return Heard::broken({0, "the names are cut short"}, in.position());
    facts.say(Attribute::product, as_text(model));
    facts.say(Attribute::firmware, as_text(version));
    facts.say(Attribute::vendor, "Omron", 80); // Others copy the protocol, few the command.
    return {};
}

bool only_reads(Bytes request) noexcept {
    Reader in{request};
    const auto kind = in.u8();
    in.take(2);
    const auto network = in.u8(), node = in.u8(), unit = in.u8(); // node 255 is everybody
    in.take(4);
    return in.u16() == controller_data && in.ok() && kind == 0x80 && network == 0 && node != 0 &&
           node != 255 && unit == 0 && request.size() == 12;
}

} // namespace

extern constinit const Query fins{.name = "fins",
                                  .protocol = "fins",
                                  .document = "Omron W342, 5-3-17",
                                  .carrier = Carrier::udp,
                                  .port = 9600,
                                  .requests_most = 1,
                                  .request = request,
                                  .read = read,
                                  .only_reads = only_reads};

} // namespace yagura::see::ask::queries
