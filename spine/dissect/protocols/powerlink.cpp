// ETHERNET POWERLINK: a managing node starts each cycle, polls the others one by one, and lets one of them
// speak of something else at its end: who it is, how it is, objects, and what it has to do.
//
// From EPSG DS 301 V1.5.1, 4.6 (frames), 6.3.2 (SDO in ASnd), 7.3 (NMT services). docs/protocols/powerlink.md
// tells objects and limits.
#include <algorithm>
#include <array>
#include <optional>

#include "spine/base/text_room.h"
#include "spine/dissect/protocols/powerlink/services.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using namespace powerlink;
using observe::Act;
using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Phase;

constexpr std::size_t head = 3, process_data = 10, shortest = 46, longest = 1'500;
constexpr std::uint8_t managing = 0xf0, everybody = 0xff, nobody = 0;
/// Of a code that is more than the message's type: where the service and its command stand.
constexpr unsigned at_service = 8, at_command = 16;
constexpr std::uint8_t sdo_begins = 0xfd, sdo_ends = 0xfe;
constexpr std::uint8_t sdo_response = 0x80, sdo_abort = 0x40, sdo_parts = 0x30;

std::string_view abort_name(std::uint32_t status) noexcept {
    switch (status) {
    case 0x05040000:
        return "timed out";
    case 0x05040001:
        return "command not known";
    case 0x06010000:
        return "access not supported";
    case 0x06010001:
        return "write-only object";
    case 0x06010002:
        return "read-only object";
    case 0x06020000:
        return "no such object";
    case 0x06070010:
        return "length does not match";
    case 0x06090011:
        return "no such sub-index";
    case 0x06090030:
        return "value out of range";
    case 0x08000000:
        return "general error";
    case 0x08000020:
        return "cannot be stored";
    case 0x08000022:
        return "not in this state";
    default:
        return {};
    }
}

/// 4.6.1.1: who sends what to whom. Every frame keeps to it, and few other bytes do.
constexpr bool plausible(std::uint8_t type, std::uint8_t to, std::uint8_t from, std::uint8_t fourth,
                         std::uint8_t service) noexcept {
    if (from == nobody || from == everybody) return false;
    switch (type) {
    case cycle:
        return to == everybody && from == managing;
    case poll:
        return from == managing && to != nobody && to != everybody && to != managing;
    case answer:
        return to == everybody && !state_name(fourth).empty();
    case start_async:
        return to == everybody && from == managing && !state_name(fourth).empty() &&
               (find(invitations, service) != nullptr || service >= 0xa0);
    case async:
        return to != nobody && (find(services, fourth) != nullptr || fourth >= 0xa0);
    default:
        return false;
    }
}

struct Powerlink {
    static constexpr Over over[]{{"ethernet", 0x88ab}};
    static constexpr Facts facts{
        .name = "powerlink",
        .title = "ETHERNET POWERLINK",
        .specification = "EPSG DS 301 V1.5.1",
        .over = over,
        .message_most = longest,
        .status_name = abort_name,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        const auto type = in.u8(), to = in.u8(), from = in.u8(), fourth = in.u8();
        in.take(2);
        const auto service = in.u8();
        if (!in.ok() || bytes.size() < shortest - 4 || !plausible(type, to, from, fourth, service)) return {};
        return {Likeness::yes};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto type = static_cast<std::uint8_t>(in.u8() & 0x7f);
        const auto to = in.u8(), from = in.u8();
        if (!in.ok()) return tell.report({0, "message ends inside its head"});
        const bool is_manager = from == managing;
        Operation said{.function = {type, {}}, .phase = Phase::event, .outcome = Outcome::done};
        said.object = {.space = "node", .number = from};
        switch (type) {
        case cycle:
            said.function.name = "start of cycle";
            tell.operation(said);
            in.take(1 + 1 + 1 + 8 + 8); // flags, network time, relative time
            if (!in.ok()) tell.report({head, "message ends before its times"});
            break;
        case poll:
            said.object.number = to;
            data(tell, in, said, "poll request");
            break;
        case answer:
            data(tell, in, said, "poll response");
            break;
        case start_async:
            invite(tell, in, said);
            break;
        case async:
            asynchronous(tell, in, to, from, said);
            break;
        default:
            return tell.report({0, "a type of message that POWERLINK does not have"});
        }
        if (is_manager)
            tell.of_speaker(Attribute::role_hint, "powerlink managing node", 90);
        else if (type == answer || type == async)
            tell.of_speaker(Attribute::role_hint, "powerlink controlled node", 80);
    }

private:
    static void state_of(const Tell& tell, std::uint8_t state) noexcept {
        tell.of_speaker(Attribute::state, state_name(state), 90);
    }

    /// PReq and PRes: the process data, as long as they say, which the frame may pad.
    static void data(const Tell& tell, Reader& in, Operation& said, std::string_view name) noexcept {
        const auto state = in.u8();
        in.take(2); // flags
        in.take(2); // version of the mapping
        const auto size = in.u16le();
        said.function.name = name;
        said.act = Act::cyclic_io;
        const bool has_head = in.ok();
        const auto bytes = in.take(size);
        if (in.ok() && size != 0) {
            said.count = size;
            said.value = bytes;
        }
        tell.operation(said);
        if (!has_head) return tell.report({head, "message ends before the length of its data"});
        if (said.function.code == answer) state_of(tell, state);
        if (!in.ok()) tell.report({process_data, "message ends before its data"});
    }

    static void invite(const Tell& tell, Reader& in, Operation& said) noexcept {
        const auto state = in.u8();
        in.take(2);
        const auto service = in.u8(), target = in.u8();
        in.u8(); // version
        const auto* known = in.ok() ? find(invitations, service) : nullptr;
        said.function.name = known ? known->name : "start of asynchronous";
        if (in.ok()) {
            said.function.code |= std::uint32_t{service} << at_service;
            if (known) said.act = known->act;
            if (!known && service >= 0xa0) said.function.name = "invite of the manufacturer's own";
            if (target != nobody) said.object.number = target;
        }
        tell.operation(said);
        if (!in.ok()) return tell.report({head, "message ends before its service"});
        state_of(tell, state);
    }

    static void asynchronous(const Tell& tell, Reader& in, std::uint8_t to, std::uint8_t from,
                             Operation& said) noexcept {
        const auto service = in.u8();
        said.function.name = "asynchronous";
        if (!in.ok()) {
            tell.operation(said);
            return tell.report({head, "message ends before its service"});
        }
        said.function.code |= std::uint32_t{service} << at_service;
        if (service == nmt_command || service == nmt_request) return command(tell, in, service, to, said);
        if (service == sdo) return object(tell, in, to, from, said);
        const auto* known = find(services, service);
        said.function.name = known             ? known->name
                             : service >= 0xa0 ? std::string_view{"service of the manufacturer's own"}
                                               : std::string_view{"unknown service"};
        if (known) said.act = known->act;
        tell.operation(said);
        if (service == ident) return identity(tell, in, from);
        if (service != status) return;
        in.take(2);
        const auto state = in.u8();
        if (!in.ok()) return tell.report({head + 1, "message ends before the node's state"});
        state_of(tell, state);
    }

    /// 7.3.1: what a node has to do, by the one who manages or by who asks him for it.
    static void command(const Tell& tell, Reader& in, std::uint8_t service, std::uint8_t to,
                        Operation& said) noexcept {
        const auto code = in.u8(), second = in.u8();
        const bool asks = service == nmt_request;
        if (!in.ok()) {
            said.function.name = asks ? "nmt request" : "nmt command";
            tell.operation(said);
            return tell.report({head + 1, "message ends before its command"});
        }
        said.function.code |= std::uint32_t{code} << at_command;
        const auto* known = find(commands, code);
        said.function.name = known ? known->name : "unknown command";
        if (known) said.act = known->act;
        said.object.number = asks ? second : to;
        tell.operation(said);
    }

    /// 7.3.3.2.1: who the node is.
    static void identity(const Tell& tell, Reader& in, std::uint8_t from) noexcept {
        in.take(2);
        const auto state = in.u8();
        in.take(1 + 1 + 1 + 4 + 2 + 2 + 2 + 4 + 2);
        const auto device = in.u32le(), vendor = in.u32le(), product = in.u32le(), revision = in.u32le(),
                   serial = in.u32le();
        if (!in.ok()) return tell.report({head + 1, "message ends before who the node is"});
        state_of(tell, state);
        TextRoom<48> room;
        // Numbers are those that CiA gives to makers; B&R's is its own on every POWERLINK.
        if (vendor == 0x0100006c) {
            tell.of_speaker(Attribute::vendor, "B&R", 90);
        } else if (vendor != 0) {
            tell.of_speaker(Attribute::vendor, hexadecimal(room.add("CiA vendor "), vendor), 60);
        }
        room.clear();
        if (product != 0) tell.of_speaker(Attribute::product, hexadecimal(room, product), 80);
        room.clear();
        if (revision != 0) tell.of_speaker(Attribute::hardware, hexadecimal(room, revision), 80);
        room.clear();
        if (serial != 0 && serial != 0xffffffff)
            tell.of_speaker(Attribute::serial, room.number(serial).view(), 90);
        room.clear();
        if (const auto profile = static_cast<std::uint16_t>(device & 0xffff); profile != 0)
            tell.of_speaker(Attribute::description, room.add("CiA device profile ").number(profile).view(),
                            60);
        room.clear();
        tell.of_speaker(Attribute::module, room.add("node ").number(from).view(), 60);
        in.take(8 + 4 * 4); // of the manufacturer; dates and times of configuration and program
        const auto ip = in.u32le(), mask = in.u32le(), gateway = in.u32le();
        const auto name = as_text(in.take(32));
        if (!in.ok()) return tell.report({head + 1, "message ends before the node's addresses"});
        address(tell, Attribute::ip, ip);
        address(tell, Attribute::netmask, mask);
        address(tell, Attribute::gateway, gateway);
        const auto host = name.substr(0, name.find('\0'));
        if (is_host_name(host)) tell.of_speaker(Attribute::name, host, 90);
    }
    template <std::size_t N>
    static std::string_view hexadecimal(TextRoom<N>& room, std::uint32_t number) noexcept {
        const std::array<std::byte, 4> bytes{std::byte(number >> 24), std::byte(number >> 16 & 0xff),
                                             std::byte(number >> 8 & 0xff), std::byte(number & 0xff)};
        return room.add("0x").hex(bytes).view();
    }
    static void address(const Tell& tell, Attribute attribute, std::uint32_t ip) noexcept {
        if (ip == 0) return;
        observe::Ip address{};
        address[10] = address[11] = 0xff;
        for (std::size_t i = 0; i < 4; ++i)
            address[12 + i] = static_cast<std::uint8_t>(ip >> (24 - 8 * i) & 0xff);
        TextRoom<16> room;
        tell.of_speaker(attribute, room.ip(address).view(), 90);
    }

    /// 6.3.2: a sequence's numbers, then a command about an object.
    static void object(const Tell& tell, Reader& in, std::uint8_t to, std::uint8_t from,
                       Operation& said) noexcept {
        said.function.name = "sdo";
        const auto received = in.u8(), sent = in.u8();
        in.take(2);
        if (!in.ok()) {
            tell.operation(said);
            return tell.report({head + 1, "message ends inside its sequence"});
        }
        // A connection is made and ended by the sequence alone; a command's fields are then all zero.
        const auto receives = received & 3, sends = sent & 3;
        if (receives != 2 || sends < 2) {
            const bool ends = receives == 0 && sends == 0;
            said.function.name = ends ? "sdo connection ends" : "sdo connection begins";
            said.function.code |= std::uint32_t{ends ? sdo_ends : sdo_begins} << at_command;
            said.act = ends ? Act::disconnect : Act::connect;
            return tell.operation(said);
        }
        in.u8();
        in.u8(); // The transaction's number: whoever answers does so in a conversation of its own.
        const auto flags = in.u8(), code = in.u8();
        const auto size = in.u16le();
        in.take(2);
        if (!in.ok()) {
            tell.operation(said);
            return tell.report({head + 5, "message ends inside its command"});
        }
        const auto* known = find(objects, code);
        said.function = {said.function.code | std::uint32_t{code} << at_command,
                         known ? known->name : "unknown command"};
        if (known) said.act = known->act;
        const bool answers = (flags & sdo_response) != 0, fails = (flags & sdo_abort) != 0;
        const auto part = (flags & sdo_parts) >> 4;
        said.object.number = answers ? from : to;
        if (code == 0) return tell.operation(said);
        said.phase = answers ? Phase::response : Phase::request;
        said.outcome = answers ? Outcome::done : Outcome::pending;
        if (part == 1) in.u32le(); // of several parts the first: the length of them all
        std::size_t left = size - std::min<std::size_t>(size, part == 1 ? 4 : 0);
        if (fails) {
            said.outcome = Outcome::refused;
            said.status = in.u32le();
        } else if (!answers && part < 2 && (code == 1 || code == 2)) {
            const auto index = in.u16le();
            const auto sub = in.u8();
            in.u8();
            left -= std::min<std::size_t>(left, 4);
            if (in.ok()) said.object = {.space = "object", .group = to, .number = index, .element = sub};
            if (code == 1 && left != 0)
                if (const auto value = in.take(left); in.ok()) said.value = number(value);
        } else if (answers && part == 0 && code == 2 && left != 0) {
            if (const auto value = in.take(left); in.ok()) said.value = number(value);
        } else {
            in.take(left);
        }
        tell.operation(said);
        if (!in.ok()) tell.report({head + 13, "message ends before what its command is about"});
    }
    static observe::Value number(Bytes bytes) noexcept {
        Reader in{bytes};
        if (bytes.size() == 1) return std::uint64_t{in.u8()};
        if (bytes.size() == 2) return std::uint64_t{in.u16le()};
        if (bytes.size() == 4) return std::uint64_t{in.u32le()};
        return bytes;
    }
};

} // namespace

extern constinit const Dissector powerlink = row<Powerlink>();

} // namespace yagura::dissect::protocols
