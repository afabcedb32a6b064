// KNXnet/IP: how building automation (KNX) is found, configured and spoken over IP: searching, tunnelling,
// routing.
//
// From the KNX Standard 3/8/1 to 3/8/5 (EN ISO 22510), 3/6/3 (cEMI) and 3/3/7 (application layer services).
// docs/protocols/knxnet_ip.md tells what is read.
#include <algorithm>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t header_size = 6, message_limit = 1'500;
constexpr std::uint32_t application_codes = 0x10000; ///< from there on: an application service, by its APCI
constexpr int messages_most = 16;                    ///< in one datagram

/// Which field block a message carries behind its own fields.
enum class Body : std::uint8_t { nothing, blocks, response, frame, connected };

struct Service {
    std::uint16_t number;
    std::uint16_t function; ///< the request's, which its answer has, too
    std::string_view name;
    Act act;
    Phase phase;
    Body body;
    std::uint8_t before; ///< bytes between the header and the block
};
constexpr Service services[]{
    {0x0201, 0x0201, "search", Act::browse, Phase::request, Body::nothing, 0},
    {0x0202, 0x0201, "search", Act::browse, Phase::response, Body::blocks, 8},
    {0x0203, 0x0203, "description", Act::identify, Phase::request, Body::nothing, 0},
    {0x0204, 0x0203, "description", Act::identify, Phase::response, Body::blocks, 0},
    {0x0205, 0x0205, "connect", Act::connect, Phase::request, Body::nothing, 0},
    {0x0206, 0x0205, "connect", Act::connect, Phase::response, Body::response, 1},
    {0x0207, 0x0207, "connection state", Act::diagnose, Phase::request, Body::nothing, 0},
    {0x0208, 0x0207, "connection state", Act::diagnose, Phase::response, Body::response, 1},
    {0x0209, 0x0209, "disconnect", Act::disconnect, Phase::request, Body::nothing, 0},
    {0x020a, 0x0209, "disconnect", Act::disconnect, Phase::response, Body::response, 1},
    {0x020b, 0x020b, "extended search", Act::browse, Phase::request, Body::nothing, 0},
    {0x020c, 0x020b, "extended search", Act::browse, Phase::response, Body::blocks, 8},
    {0x0310, 0x0310, "device configuration", Act::configure, Phase::request, Body::frame, 4},
    {0x0311, 0x0310, "device configuration", Act::configure, Phase::response, Body::connected, 3},
    {0x0420, 0x0420, "tunnelling", Act::call, Phase::request, Body::frame, 4},
    {0x0421, 0x0420, "tunnelling", Act::call, Phase::response, Body::connected, 3},
    {0x0422, 0x0422, "tunnelling feature", Act::read, Phase::request, Body::nothing, 0},
    {0x0423, 0x0422, "tunnelling feature", Act::read, Phase::response, Body::nothing, 0},
    {0x0424, 0x0424, "set tunnelling feature", Act::configure, Phase::request, Body::nothing, 0},
    {0x0425, 0x0425, "tunnelling feature told", Act::report, Phase::event, Body::nothing, 0},
    {0x0530, 0x0530, "routing", Act::report, Phase::event, Body::frame, 0},
    {0x0531, 0x0531, "routing lost messages", Act::report, Phase::event, Body::nothing, 0},
    {0x0532, 0x0532, "routing busy", Act::report, Phase::event, Body::nothing, 0},
    {0x0533, 0x0533, "system broadcast", Act::report, Phase::event, Body::nothing, 0},
    {0x0740, 0x0740, "remote diagnosis", Act::diagnose, Phase::request, Body::nothing, 0},
    {0x0741, 0x0740, "remote diagnosis", Act::diagnose, Phase::response, Body::nothing, 0},
    {0x0742, 0x0742, "remote configuration", Act::configure, Phase::request, Body::nothing, 0},
    {0x0743, 0x0743, "remote reset", Act::reset, Phase::request, Body::nothing, 0},
    {0x0950, 0x0950, "secure wrapper", Act::unknown, Phase::event, Body::nothing, 0},
    {0x0951, 0x0951, "secure session", Act::authenticate, Phase::request, Body::nothing, 0},
    {0x0952, 0x0951, "secure session", Act::authenticate, Phase::response, Body::nothing, 0},
    {0x0953, 0x0953, "secure session authentication", Act::authenticate, Phase::request, Body::nothing, 0},
    {0x0954, 0x0953, "secure session authentication", Act::authenticate, Phase::response, Body::response, 0},
    {0x0955, 0x0955, "secure timer", Act::report, Phase::event, Body::nothing, 0},
};
constexpr const Service* find(std::uint16_t number) noexcept {
    for (const auto& one : services)
        if (one.number == number) return &one;
    return nullptr;
}

/// 3/3/7: the upper four bits of ten name the usual services, all ten the others.
struct Application {
    std::uint16_t code, mask;
    std::string_view name;
    Act act;
    Phase phase;
};
constexpr Application applications[]{
    {0x000, 0x3c0, "group value read", Act::read, Phase::request},
    {0x040, 0x3c0, "group value", Act::report, Phase::event},
    {0x080, 0x3c0, "group value write", Act::write, Phase::event},
    {0x0c0, 0x3ff, "individual address write", Act::configure, Phase::event},
    {0x100, 0x3ff, "individual address read", Act::browse, Phase::event},
    {0x140, 0x3ff, "individual address", Act::report, Phase::event},
    {0x200, 0x3f0, "memory read", Act::program_upload, Phase::event},
    {0x240, 0x3f0, "memory", Act::report, Phase::event},
    {0x280, 0x3f0, "memory write", Act::program_download, Phase::event},
    {0x300, 0x3c0, "device descriptor read", Act::identify, Phase::event},
    {0x340, 0x3c0, "device descriptor", Act::report, Phase::event},
    {0x380, 0x3de, "restart", Act::reset, Phase::event},
    {0x3d1, 0x3ff, "authorize", Act::authenticate, Phase::event},
    {0x3d3, 0x3ff, "key write", Act::protect, Phase::event},
    {0x3d5, 0x3ff, "property read", Act::read, Phase::event},
    {0x3d6, 0x3ff, "property", Act::report, Phase::event},
    {0x3d7, 0x3ff, "property write", Act::configure, Phase::event},
    {0x3d8, 0x3ff, "property description read", Act::browse, Phase::event},
};

std::string_view status_name(std::uint32_t status) noexcept {
    switch (status) {
    case 0x01:
        return "host protocol not supported";
    case 0x02:
        return "version not supported";
    case 0x04:
        return "wrong sequence number";
    case 0x21:
        return "no such connection";
    case 0x22:
        return "connection type not supported";
    case 0x23:
        return "option not supported";
    case 0x24:
        return "no more connections";
    case 0x26:
        return "data connection error";
    case 0x27:
        return "bus connection error";
    case 0x29:
        return "tunnelling layer not supported";
    default:
        return {};
    }
}

struct Head {
    std::uint8_t size, version;
    std::uint16_t service, length;
};
constexpr Head read_head(Reader& in) noexcept { return Head{in.u8(), in.u8(), in.u16(), in.u16()}; }
constexpr bool plausible(const Head& head) noexcept {
    return head.size == header_size && head.version == 0x10 && head.length >= header_size &&
           head.length <= message_limit;
}

/// 1/2/3 of a group, 1.2.3 of a device.
std::string_view address(std::uint16_t number, bool group, TextRoom<16>& room) noexcept {
    const char between = group ? '/' : '.';
    if (group)
        return room.number(number >> 11)
            .add(between)
            .number(number >> 8 & 7u)
            .add(between)
            .number(number & 0xffu)
            .view();
    return room.number(number >> 12)
        .add(between)
        .number(number >> 8 & 15u)
        .add(between)
        .number(number & 0xffu)
        .view();
}

struct KnxnetIp {
    static constexpr Over over[]{{"udp", 3671}, {"tcp", 3671}};
    static constexpr Mark marks[]{{0, 0xffff0000, 0x06100000}};
    static constexpr Facts facts{
        .name = "knxnet_ip",
        .title = "KNXnet/IP",
        .specification = "KNX Standard 3/8/1 to 3/8/5, 3/6/3, 3/3/7 (EN ISO 22510)",
        .over = over,
        .marks = marks,
        .message_most = message_limit,
        .depth = Depth::deep,
        .status_name = status_name,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        const auto head = read_head(in);
        if (!in.ok())
            return {bytes.size() < 2 || (bytes[0] == std::byte{6} && bytes[1] == std::byte{0x10})
                        ? Likeness::more
                        : Likeness::no};
        const auto* service = find(head.service);
        if (!plausible(head) || !service) return {};
        if (bytes.size() < head.length) return {Likeness::more};
        return {Likeness::yes, service->phase == Phase::response ? Speaker::server : Speaker::client};
    }
    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto head = read_head(in);
        if (!in.ok()) return {};
        if (!plausible(head)) return {.lost = Malformed{0, "not the head of a message"}};
        return {.length = stream.size() < head.length ? 0u : head.length};
    }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        auto rest = pdu.bytes;
        for (int count = 0; count < messages_most && !rest.empty(); ++count) {
            Reader in{rest};
            const auto head = read_head(in);
            if (!in.ok() || !plausible(head)) return tell.report({0, "not the head of a message"});
            const auto size = std::min<std::size_t>(rest.size(), head.length);
            Reader body{rest.subspan(header_size, size - header_size)};
            one(tell, head, body);
            if (size < head.length || !body.ok())
                return tell.report({header_size, "message ends before what it promises"});
            rest = rest.subspan(size);
        }
    }

private:
    static void one(const Tell& tell, const Head& head, Reader& in) noexcept {
        const auto* service = find(head.service);
        if (!service)
            return tell.operation({.function = {head.service, "unknown service"},
                                   .act = Act::unknown,
                                   .phase = Phase::event,
                                   .outcome = Outcome::done});
        observe::Operation said{.function = {service->function, service->name},
                                .act = service->act,
                                .phase = service->phase,
                                .outcome = service->phase == Phase::request ? Outcome::pending
                                                                            : Outcome::done};
        if (service->body == Body::response || service->body == Body::connected) {
            in.take(service->before);
            said.status = in.u8();
            if (said.status != 0) said.outcome = Outcome::refused;
        } else if (service->body == Body::frame) {
            in.take(service->before);
            return telegram(tell, in, said);
        }
        tell.operation(said);
        if (service->body == Body::blocks) {
            in.take(service->before);
            blocks(tell, in);
        }
    }

    /// cEMI: what goes over the bus itself.
    static void telegram(const Tell& tell, Reader& in, observe::Operation said) noexcept {
        const auto code = in.u8();
        const bool data = code == 0x11 || code == 0x29 ||
                          code == 0x2e; // L_Data: request, indication, confirmation
        if (!data || !in.ok()) {
            property(code, in, said);
            return tell.operation(said);
        }
        in.take(in.u8()); // additional information
        in.u8();
        const bool group = in.u8() & 0x80;
        in.u16(); // source
        const auto destination = in.u16();
        const auto length = in.u8();
        TextRoom<16> room;
        said.object = {.space = group ? "group" : "device", .text = address(destination, group, room)};
        if (length == 0 || !in.ok())
            return tell.operation(said); // A transport layer's own: connect, acknowledge.
        const auto apci = static_cast<std::uint16_t>(in.u16() & 0x3ffu);
        const auto bytes = in.take(length - 1u);
        for (const auto& one : applications) {
            if ((apci & one.mask) != one.code) continue;
            said.function = {application_codes + one.code, one.name};
            said.act = one.act;
            // A confirmation says that the bus has it; of what was asked for, the answer is a telegram of its
            // own.
            said.phase = said.phase == Phase::event || code != 0x11 ? Phase::event : Phase::request;
            said.outcome = said.phase == Phase::request ? Outcome::pending : Outcome::done;
            if (one.code == 0x040 || one.code == 0x080) {
                if (bytes.empty())
                    said.value = std::uint64_t{apci & 0x3fu}; // Up to six bits stand in the code itself.
                else if (bytes.size() <= 4)
                    said.value = number(bytes);
            }
            break;
        }
        tell.operation(said);
    }
    static std::uint64_t number(Bytes bytes) noexcept {
        std::uint64_t value = 0;
        for (const auto byte : bytes) value = value << 8 | std::to_integer<std::uint64_t>(byte);
        return value;
    }

    /// M_Prop and M_Reset: the interface's own objects.
    static void property(std::uint8_t code, Reader& in, observe::Operation& said) noexcept {
        struct Local {
            std::uint8_t code;
            std::string_view name;
            Act act;
        };
        constexpr Local known[]{{0xfc, "interface property read", Act::read},
                                {0xfb, "interface property read", Act::read},
                                {0xf6, "interface property write", Act::configure},
                                {0xf5, "interface property write", Act::configure},
                                {0xf1, "interface reset", Act::reset},
                                {0xf0, "interface reset", Act::reset}};
        for (const auto& one : known) {
            if (one.code != code) continue;
            said.function = {application_codes + 0x1000u + (one.code | 1u), one.name};
            said.act = one.act;
            if (code < 0xf2) return;
            const auto kind = in.u16();
            in.u8(); // instance
            said.object = {.space = "interface object", .group = kind, .number = in.u8()};
            return;
        }
    }

    /// Description blocks: each has its length in front.
    static void blocks(const Tell& tell, Reader& in) noexcept {
        for (int count = 0; count < 16 && in.remaining() >= 2; ++count) {
            const auto size = in.u8(), type = in.u8();
            if (size < 2) return;
            Reader block{in.take(size - 2u)};
            if (!in.ok()) return;
            if (type == 0x01) device(tell, block);
        }
    }
    static void device(const Tell& tell, Reader& in) noexcept {
        in.take(2); // medium, status
        const auto own = in.u16();
        in.take(2); // project
        const auto serial = in.take(6);
        in.take(4); // multicast address
        const auto mac = in.take(6);
        const auto name = in.take(30);
        if (!in.ok()) return;
        TextRoom<16> place, number;
        TextRoom<24> wire;
        TextRoom<40> called;
        tell.of_speaker(Attribute::role_hint, "knx interface", 80);
        tell.of_speaker(Attribute::location, called.add("KNX ").add(address(own, false, place)).view(), 60);
        if (std::ranges::any_of(serial, [](std::byte b) { return b != std::byte{}; }))
            tell.of_speaker(Attribute::serial, number.hex(serial).view(), 85);
        if (std::ranges::any_of(mac, [](std::byte b) { return b != std::byte{}; }))
            tell.of_speaker(Attribute::mac, wire.hex(mac, ":").view(), 85);
        const auto text = as_text(name);
        const auto end = text.substr(0, text.find('\0'));
        if (std::ranges::all_of(end, [](char c) { return c >= ' ' && c <= '~'; }))
            tell.of_speaker(Attribute::product, trimmed(end), 70);
    }
};

} // namespace

extern constinit const Dissector knxnet_ip = row<KnxnetIp>();

} // namespace yagura::dissect::protocols
