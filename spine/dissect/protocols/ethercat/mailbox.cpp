// ETG.1000.6, clauses 5.6 (CoE) and 5.8 (FoE); ETG.1000.4, clause 5.6 (the mailbox's head).
#include "spine/dissect/protocols/ethercat/mailbox.h"

#include <algorithm>

namespace yagura::dissect::ethercat {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Station;
using observe::Value;

enum Type : std::uint8_t { error = 0, aoe = 1, eoe = 2, coe = 3, foe = 4, soe = 5, voe = 15 };
enum Service : std::uint8_t { emergency = 1, sdo_request = 2, sdo_response = 3, information = 8 };
enum FoeCode : std::uint8_t { read_request = 1, write_request, data, acknowledge, foe_error, busy };

constexpr std::string_view coe_names[]{"coe",
                                       "emergency",
                                       "sdo request",
                                       "sdo response",
                                       "txpdo",
                                       "rxpdo",
                                       "txpdo remote request",
                                       "rxpdo remote request",
                                       "sdo information"};
constexpr std::string_view foe_names[]{"foe",     "foe read request", "foe write request", "foe data",
                                       "foe ack", "foe error",        "foe busy"};

bool printable(Bytes bytes) noexcept {
    return !bytes.empty() && std::ranges::all_of(bytes, [](std::byte b) {
        return b >= std::byte{0x20} && b < std::byte{0x7f};
    });
}

/// Object 0x1018 and the names before it: who made it, what it is.
void who_it_is(std::uint16_t index, std::uint8_t sub, Bytes value, const Part& part, const Station& who,
               const Tell& tell) noexcept {
    TextRoom<32> room;
    Reader in{value};
    if (index == 0x1018 && value.size() == 4) {
        const auto number = in.u32le();
        if (sub == 1) identity(who, part, Attribute::vendor, vendor(number, room), tell);
        if (sub == 2) identity(who, part, Attribute::product, hexadecimal(number, 8, room), tell);
        if (sub == 3) identity(who, part, Attribute::hardware, hexadecimal(number, 8, room), tell);
        if (sub == 4 && number != 0) identity(who, part, Attribute::serial, room.number(number).view(), tell);
        return;
    }
    const auto text = label(value);
    if (sub != 0 || !printable(std::as_bytes(std::span{text.data(), text.size()}))) return;
    if (index == 0x1008) identity(who, part, Attribute::product, text, tell);
    if (index == 0x1009) identity(who, part, Attribute::hardware, text, tell);
    if (index == 0x100a) identity(who, part, Attribute::firmware, text, tell);
}

/// 5.6.2: what CANopen's SDO says in one message; those in segments are told without their values.
bool sdo(Reader& in, bool answers, Operation& said, TextRoom<32>& room, const Part& part, const Station& who,
         const Tell& tell) noexcept {
    const auto command = in.u8();
    const auto specifier = command >> 5;
    const auto index = in.u16le();
    const auto sub = in.u8();
    said.function.code |= static_cast<std::uint32_t>(specifier);
    // Requests: 1 begins a download, 2 an upload. Answers: 3 and 2. Segments say no index.
    const bool writes = answers ? specifier == 3 || specifier == 1 : specifier == 1 || specifier == 0;
    const bool begins = specifier == 2 || specifier == (answers ? 3 : 1);
    said.act = writes ? Act::write : Act::read;
    if (specifier == 4) {
        said.act = Act::unknown;
        said.outcome = Outcome::refused;
    }
    if (begins || specifier == 4) {
        if (!in.ok()) {
            tell.operation(said);
            return false;
        }
        hexadecimal(index, 4, room);
        room.add(':').number(sub);
        said.object = {.space = "object", .text = room.view()};
    }
    if (specifier == 4) {
        said.status = in.u32le();
        tell.operation(said);
        return in.ok();
    }
    const bool carries = begins && specifier == (answers ? 2 : 1);
    Bytes value;
    if (carries && (command & 2) != 0) { // In the four octets themselves, of which some may be empty.
        const auto four = in.take(4);
        value = four.first(in.ok() && (command & 1) ? 4u - (command >> 2 & 3u) : four.size());
    } else if (carries) {
        const auto size = in.u32le();
        said.count = size;
        value = in.take(std::min<std::size_t>(size, in.remaining()));
    }
    if (in.ok() && !value.empty()) {
        Reader number{value};
        if (value.size() == 1) said.value = std::uint64_t{number.u8()};
        if (value.size() == 2) said.value = std::uint64_t{number.u16le()};
        if (value.size() == 4) said.value = std::uint64_t{number.u32le()};
        if (said.value.index() == 0) said.value = printable(value) ? Value{as_text(value)} : Value{value};
    }
    tell.operation(said);
    if (answers && in.ok() && !value.empty()) who_it_is(index, sub, value, part, who, tell);
    return in.ok();
}

} // namespace

void identity(const Station& who, const Part& part, Attribute attribute, std::string_view value,
              const Tell& tell) noexcept {
    if (value.empty()) return;
    const bool third = who.has_mac();
    tell.ways.say().on(tell.pdu.origin, observe::Identity{.protocol = tell.pdu.protocol,
                                                          .subject = third ? observe::Subject::third
                                                                           : observe::Subject::speaker,
                                                          .third = third ? who : Station{},
                                                          .part = part,
                                                          .attribute = attribute,
                                                          .value = value,
                                                          .confidence = 85});
}
std::string_view hexadecimal(std::uint32_t number, unsigned digits, TextRoom<32>& room) noexcept {
    room.add("0x");
    for (auto at = digits; at-- > 0;) room.add("0123456789abcdef"[number >> (4 * at) & 15u]);
    return room.view();
}
std::string_view terminal(std::uint32_t code, TextRoom<32>& room) noexcept {
    const auto kind = code & 0xffff, number = code >> 16;
    if ((kind != 0x3052 && kind != 0x2c52) || number < 1000 || number > 9999)
        return hexadecimal(code, 8, room);
    return room.add(kind == 0x3052 ? "EL" : "EK").number(number).view();
}
std::string_view vendor(std::uint32_t id, TextRoom<32>& room) noexcept {
    struct Named {
        std::uint32_t id;
        std::string_view name;
    };
    constexpr Named named[]{{beckhoff, "Beckhoff"}, {0x1b, "HMS"},       {0x1d, "Festo"},
                            {0x44, "Hilscher"},     {0x83, "Omron"},     {0xfb, "maxon"},
                            {0x539, "Yaskawa"},     {0x66f, "Panasonic"}};
    const auto* found = std::ranges::find(named, id, &Named::id);
    if (found != std::end(named)) return found->name;
    room.add("EtherCAT vendor ");
    return hexadecimal(id, 8, room);
}

bool is_mailbox(Bytes bytes) noexcept {
    Reader in{bytes};
    const auto length = in.u16le();
    in.u16le();
    const auto channel = in.u8(), kind = in.u8();
    const auto type = kind & 15;
    if (!in.ok() || length < 2 || length > in.remaining() || (channel & 0x3f) != 0 || (kind & 0x80) != 0)
        return false;
    if (type == coe) {
        const auto head = in.u16le();
        const auto service = head >> 12;
        return (head & 0x0e00) == 0 && service >= emergency && service <= information && length >= 6;
    }
    if (type == foe) {
        const auto code = in.u8();
        return code >= read_request && code <= busy && in.u8() == 0 && length >= 6;
    }
    // Of the others too little is fixed to tell them from process data, but by their counter.
    return (type == aoe && length >= 32) ||
           ((type == error || type == eoe || type == soe) && (kind & 0x70) != 0);
}

bool mailbox(Bytes bytes, const Part& part, const Station& who, bool answers, const Tell& tell) noexcept {
    Reader head{bytes};
    const auto length = head.u16le();
    head.take(3);
    const auto type = static_cast<std::uint8_t>(head.u8() & 15);
    Reader in{head.take(std::min<std::size_t>(length, head.remaining()))};
    const bool whole = head.ok() && in.remaining() == length;
    Operation said{.function = {of_mailbox | static_cast<std::uint32_t>(type << 8), {}},
                   .act = Act::unknown,
                   .phase = answers ? Phase::response : Phase::request,
                   .outcome = answers ? Outcome::done : Outcome::pending,
                   .part = part};
    TextRoom<32> room;
    if (type == coe) {
        const auto service = in.u16le() >> 12;
        said.function.code |= static_cast<std::uint32_t>(service << 4);
        said.function.name = service < static_cast<int>(std::size(coe_names)) ? coe_names[service]
                                                                              : coe_names[0];
        if (service == sdo_request || service == sdo_response)
            return sdo(in, service == sdo_response, said, room, part, who, tell) && whole;
        said.act = service == emergency ? Act::alarm : service == information ? Act::browse : Act::cyclic_io;
        if (service == emergency) {
            said.status = in.u16le();
            said.phase = Phase::event;
            said.outcome = Outcome::done;
        }
        tell.operation(said);
        return in.ok() && whole;
    }
    if (type == foe) {
        const auto code = in.u8();
        in.u8();
        said.function.code |= static_cast<std::uint32_t>(code & 15) << 4;
        said.function.name = code < std::size(foe_names) ? foe_names[code] : foe_names[0];
        said.act = code == write_request ? Act::file_write : Act::file_read;
        const auto number = in.u32le(); // Password, packet or error.
        if (code == read_request || code == write_request) {
            const auto name = label(in.rest());
            if (printable(std::as_bytes(std::span{name.data(), name.size()})))
                said.object = {.space = "file", .text = name};
        }
        if (code == foe_error) {
            said.status = number;
            said.outcome = Outcome::refused;
        }
        if (code >= data) said.act = Act::unknown; // Which way a file goes was said at its beginning.
        tell.operation(said);
        return in.ok() && whole;
    }
    said.function.name = type == error ? "mailbox error"
                         : type == aoe ? "aoe"
                         : type == eoe ? "eoe"
                         : type == soe ? "soe"
                         : type == voe ? "voe"
                                       : "mailbox";
    if (type == error) {
        in.u16le();
        said.status = in.u16le();
        said.outcome = Outcome::refused;
    }
    tell.operation(said);
    return in.ok() && whole;
}

} // namespace yagura::dissect::ethercat
