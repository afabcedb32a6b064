// HSRP: which of Cisco's routers stand in for one another, and who takes over.
//
// From RFC 2281 clause 5 (version 0); version 2 as Cisco describes it (groups above 255, TLVs).
#include <algorithm>

#include "spine/base/text_room.h"
#include "spine/dissect/protocols/icmp/common.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;

constexpr std::size_t size_of_first = 20;
constexpr std::uint8_t group_state = 1, text_authentication = 3; ///< kinds of TLV
constexpr std::size_t group_state_size = 40;

constexpr std::string_view operation_name(std::uint8_t code) noexcept {
    constexpr std::string_view names[]{"hello", "coup", "resign", "advertise"};
    return code < std::size(names) ? names[code] : std::string_view{"unknown operation"};
}
constexpr std::string_view state_name_1(std::uint8_t state) noexcept {
    switch (state) {
    case 0:
        return "initial";
    case 1:
        return "learn";
    case 2:
        return "listen";
    case 4:
        return "speak";
    case 8:
        return "standby";
    case 16:
        return "active";
    default:
        return {};
    }
}
constexpr std::string_view state_name_2(std::uint8_t state) noexcept {
    constexpr std::string_view names[]{"disabled", "initial", "learn", "listen",
                                       "speak",    "standby", "active"};
    return state < std::size(names) ? names[state] : std::string_view{};
}

struct Hello {
    std::uint8_t operation = 0;
    std::string_view state{};
    std::uint32_t group = 0, priority = 0;
    Bytes address{}, password{};
    bool clear_text = false, ok = false;
};
Hello read_first(Bytes bytes) noexcept {
    Hello out;
    Reader in{bytes};
    const auto version = in.u8();
    out.operation = in.u8();
    out.state = state_name_1(in.u8());
    in.u16(); // hello and hold time
    out.priority = in.u8();
    out.group = in.u8();
    in.u8();
    out.password = in.take(8);
    out.address = in.take(4);
    out.ok = in.ok() && version == 0 && out.operation <= 2 && !out.state.empty();
    out.clear_text = out.ok && out.password[0] != std::byte{0} && bytes.size() == size_of_first;
    return out;
}
Hello read_second(Bytes bytes) noexcept {
    Hello out;
    Reader in{bytes};
    const auto kind = in.u8(), size = in.u8();
    const auto version = in.u8();
    out.operation = in.u8();
    out.state = state_name_2(in.u8());
    const auto family = in.u8();
    out.group = in.u16();
    in.take(6);
    out.priority = in.u32();
    in.take(8);
    const auto address = in.take(16);
    if (family == 4 && address.size() == 16) out.address = address.first(4);
    out.ok = in.ok() && kind == group_state && size == group_state_size && version == 2 &&
             out.operation <= 3 && !out.state.empty() && (family == 4 || family == 6);
    if (in.u8() == text_authentication && in.u8() == 8) {
        out.password = in.take(8);
        out.clear_text = out.ok && in.ok();
    }
    return out;
}
Hello read(Bytes bytes) noexcept {
    return !bytes.empty() && bytes[0] == std::byte{0} ? read_first(bytes) : read_second(bytes);
}

/// Cisco's fourth operation, without a group: that somebody is there, and for how many groups.
bool is_advertisement(Bytes bytes) noexcept {
    Reader in{bytes};
    const auto version = in.u8(), operation = in.u8();
    const auto kind = in.u16(), size = in.u16();
    return in.take(10).size() == 10 && version == 0 && operation == 3 && kind == 1 &&
           (size == 10 || size == 14);
}

struct Hsrp {
    static constexpr Over over[]{{"udp", 1985}, {"udp", 2029}};
    static constexpr Facts facts{
        .name = "hsrp",
        .title = "Hot Standby Router Protocol",
        .specification = "RFC 2281; Cisco, HSRP version 2",
        .over = over,
        .message_most = 1'500,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        return {read(bytes).ok || is_advertisement(bytes) ? Likeness::yes : Likeness::no};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        if (is_advertisement(pdu.bytes))
            return tell.operation({.function = {3, operation_name(3)},
                                   .act = Act::report,
                                   .phase = Phase::event,
                                   .outcome = Outcome::done});
        const auto hello = read(pdu.bytes);
        if (!hello.ok) return tell.report({0, "not a message of HSRP, or cut short"});
        tell.operation({.function = {hello.operation, operation_name(hello.operation)},
                        .act = hello.operation == 1   ? Act::configure
                               : hello.operation == 2 ? Act::disconnect
                                                      : Act::report,
                        .phase = Phase::event,
                        .outcome = Outcome::done,
                        .object = {.space = "standby group", .number = hello.group},
                        .value = hello.state});
        tell.of_speaker(Attribute::capability, "router", 80);
        TextRoom<64> text;
        if (hello.address.size() == 4 &&
            std::ranges::any_of(hello.address, [](std::byte b) { return b != std::byte{0}; })) {
            text.add("stands in for ").ip(icmp_family::ip_of(hello.address));
            tell.of_speaker(Attribute::description, text.view(), 60);
        }
        if (!hello.clear_text) return;
        text.clear();
        text.add("standby group ").number(hello.group);
        const bool usual = label(hello.password) == "cisco"; // As it is delivered.
        tell.login(text.view(), usual ? "hsrp default password" : "hsrp clear text", Outcome::done);
    }
};

} // namespace

extern constinit const Dissector hsrp = row<Hsrp>();

} // namespace yagura::dissect::protocols
