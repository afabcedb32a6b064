// CC-Link IE Field Network Basic: a master's outputs to up to 16 stations of a group by broadcast, each
// slave's inputs back, and the search for slaves in front of it. All of it are SLMP frames over UDP.
//
// From the CC-Link Partner Association's BAP-C2012ENG-001 (cyclic transmission, node search, IP address set)
// and BAP-C2006ENG-001 (SLMP). docs/protocols/cclink_ief_basic.md tells objects and limits.
#include <algorithm>
#include <array>
#include <optional>

#include "spine/base/text_room.h"
#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/slmp/commands.h"
#include "spine/dissect/protocols/slmp/head.h"
#include "spine/dissect/tell.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Array;
using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;
using observe::Variable;

enum Command : std::uint16_t { node_search = 0x0e30, set_ip = 0x0e31, cyclic = 0x0e70 };

constexpr std::size_t id_size = 4, words_size = 64, bits_size = 8; // of one station
constexpr std::uint16_t stations_most = 16, words = 32, bits = 64;
/// Behind the head of frame 3E: what stands before the stations' data.
constexpr std::size_t asked_before = 58, answered_before = 50;
constexpr std::uint16_t asked_offset = 36, answered_offset = 40; // "cyclic information offset"
constexpr std::size_t datagram_most = 1'472;

/// How many stations data of this length are for; zero if none.
constexpr std::uint16_t stations_in(std::size_t length, std::size_t before, std::size_t each) noexcept {
    if (length <= before || (length - before) % each != 0) return 0;
    const auto count = (length - before) / each;
    return count <= stations_most ? static_cast<std::uint16_t>(count) : 0;
}
constexpr std::uint16_t stations_asked(std::size_t length) noexcept {
    return stations_in(length, asked_before, id_size + words_size + bits_size);
}
constexpr std::uint16_t stations_answered(std::size_t length) noexcept {
    return stations_in(length, answered_before, words_size + bits_size);
}

constexpr std::string_view end_code(std::uint32_t code) noexcept {
    switch (code) {
    case 0xcfe0:
        return "another master is there already";
    case 0xcfe1:
        return "wrong number of occupied stations";
    case 0xcff0:
        return "slave error";
    case 0xcfff:
        return "slave asks to be disconnected";
    default:
        return slmp::end_code_name(code);
    }
}

constexpr bool zeros(Bytes bytes) noexcept {
    return std::ranges::all_of(bytes, [](std::byte one) { return one == std::byte{0}; });
}

/// Addresses stand there with their last octet first.
struct Address {
    TextRoom<20> text;
    bool meant = false; ///< neither nothing nor "not set", all ones
};
Address read_ip(Reader& in) noexcept {
    Address address;
    const auto raw = in.take(4);
    if (raw.size() != 4) return address;
    std::array<std::uint8_t, 16> ip{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    bool ones = true, none = true;
    for (std::size_t i = 0; i < 4; ++i) {
        ip[12 + i] = std::to_integer<std::uint8_t>(raw[3 - i]);
        ones = ones && ip[12 + i] == 0xff;
        none = none && ip[12 + i] == 0;
    }
    address.text.ip(ip);
    address.meant = !ones && !none;
    return address;
}
std::array<std::uint8_t, 6> read_octets(Reader& in) noexcept {
    std::array<std::uint8_t, 6> mac{};
    const auto raw = in.take(6);
    for (std::size_t i = 0; i < raw.size(); ++i) mac[i] = std::to_integer<std::uint8_t>(raw[5 - i]);
    return mac;
}
Address read_mac(Reader& in) noexcept {
    Address address;
    const auto mac = read_octets(in);
    address.text.mac(mac);
    address.meant = mac != std::array<std::uint8_t, 6>{};
    return address;
}

struct CclinkIefBasic {
    static constexpr Over over[]{{"udp", 61450}, {"udp", 61451}};
    static constexpr Mark marks[]{{11, 0xffffffff, 0x700e0000}, // cyclic request: command and subcommand
                                  {15, 0xffffffff, 0x28000000}, // cyclic answer: where its data begin, zeros
                                  {15, 0xffffffff, 0x300e0000},
                                  {15, 0xffffffff, 0x310e0000},
                                  {0, 0xffff0000, 0xd4000000}};
    static constexpr Facts facts{
        .name = "cclink_ief_basic",
        .title = "CC-Link IE Field Network Basic",
        .specification = "BAP-C2012ENG-001 CC-Link IE Field Network Basic",
        .over = over,
        .marks = marks,
        .message_most = datagram_most,
        .status_name = end_code,
    };

    struct Asked {
        std::uint16_t command, serial;
        std::array<std::uint8_t, 6> station; ///< that gets an address, zero for other commands
        bool alike(const Asked& other) const noexcept { return serial == other.serial; }
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        Waiting<Asked, 8> asked;
    };
    static constexpr std::uint8_t patience = 5;

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        const auto head = slmp::read_head(bytes);
        if (!head || !of_a_line(*head) || bytes.size() != head->size + head->length) return {};
        Reader in{bytes.subspan(head->size)};
        if (!head->answer) {
            const auto timer = in.u16le(), command = in.u16le(), sub = in.u16le();
            if (!in.ok() || timer != 0 || sub != 0) return {};
            if (!head->numbered)
                return {command == cyclic && asks_stations(in, head->length) ? Likeness::yes : Likeness::no,
                        Speaker::client};
            return {searches(in, command) ? Likeness::yes : Likeness::no, Speaker::client};
        }
        if (!head->numbered)
            return {answers_stations(in, head->length) ? Likeness::yes : Likeness::no, Speaker::server};
        return {is_found(in) ? Likeness::yes : Likeness::no, Speaker::server};
    }

    static Framing frame(Bytes stream) noexcept { return {.length = stream.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto head = slmp::read_head(pdu.bytes);
        if (!head || head->text) return tell.report({0, "message ends inside its head"});
        auto body = pdu.bytes.subspan(head->size);
        std::optional<Malformed> trouble;
        if (body.size() < head->length) {
            trouble = Malformed{7, "message ends before its length"};
        } else if (body.size() > head->length) {
            trouble = Malformed{7, "bytes behind the message"};
            body = body.first(head->length);
        }
        Reader in{body};
        if (head->answer)
            answer(tell, *head, in, state, trouble);
        else
            request(tell, *head, in, state, trouble);
        if (trouble) tell.report(*trouble);
    }

private:
    /// What every message of such a line has at its beginning.
    static bool of_a_line(const slmp::Head& head) noexcept {
        return !head.text && head.network == 0 && head.station == 0xff && head.module == 0x03ff &&
               head.multidrop == 0;
    }
    static bool asks_stations(Reader in, std::size_t length) noexcept {
        const auto version = in.u16le(), reserved = in.u16le(), offset = in.u16le();
        const auto more = in.take(14);
        return in.ok() && version != 0 && version < 16 && reserved == 0 && offset == asked_offset &&
               zeros(more) && stations_asked(length) != 0;
    }
    static bool answers_stations(Reader in, std::size_t length) noexcept {
        const auto reserved = in.u16le(), version = in.u16le();
        in.u16le();
        const auto offset = in.u16le();
        const auto more = in.take(14);
        return in.ok() && version != 0 && version < 16 && reserved == 0 && offset == answered_offset &&
               zeros(more) && stations_answered(length) != 0;
    }
    static bool searches(Reader in, std::uint16_t command) noexcept {
        in.take(6);
        if (in.u8() != 4) return false;
        in.take(4);
        if (!in.ok()) return false;
        if (command == node_search) return in.remaining() == 0;
        in.take(6);
        return command == set_ip && in.u8() == 4;
    }
    static bool is_found(Reader in) noexcept {
        const auto code = in.u16le();
        in.take(6);
        const auto first = in.u8();
        in.take(10);
        const auto second = in.u8();
        in.take(12);
        const auto name = in.u8();
        return in.ok() && code == 0 && first == 4 && second == 4 && in.remaining() == name + 20u;
    }

    static void request(const Tell& tell, const slmp::Head& head, Reader& in, State& state,
                        std::optional<Malformed>& trouble) noexcept {
        in.u16le(); // monitoring timer
        const auto command = in.u16le();
        in.u16le(); // subcommand
        if (!in.ok()) return lacking(trouble, head, in, Malformed{0, "message ends before its command"});
        const auto known = slmp::find_command(command);
        Operation operation{.function = {command, command == cyclic ? "cyclic data" : known.name},
                            .act = known.act,
                            .phase = Phase::request};
        TextRoom<20> about;
        Address address;
        Asked asked{.command = command, .serial = head.serial, .station = {}};
        if (command == cyclic && !head.numbered) return outputs(tell, head, in, operation, trouble);
        if (command == set_ip) {
            Reader more = in;
            more.take(11);
            asked.station = read_octets(more);
            const auto size = more.u8();
            address = read_ip(more);
            if (more.ok() && size == 4) {
                operation.object = {.space = "station", .text = about.mac(asked.station).view()};
                operation.value = address.text.view();
            }
        }
        operation.pair = state.asked.ask(asked, tell.pdu.origin.at, patience);
        tell.operation(operation);
        if (command != node_search && command != set_ip) return;
        const auto mac = read_mac(in);
        const auto size = in.u8();
        const auto ip = read_ip(in);
        if (command == set_ip) in.take(27);
        if (!in.ok()) return lacking(trouble, head, in, Malformed{0, "message ends before what it promises"});
        if (mac.meant) tell.of_speaker(Attribute::mac, mac.text.view(), 90);
        if (size == 4 && ip.meant) tell.of_speaker(Attribute::ip, ip.text.view(), 90);
        tell.of_speaker(Attribute::role_hint, "cc-link ie master", 60);
    }

    /// What a master sends to the stations of a group: who they are, RWw and RY of each.
    static void outputs(const Tell& tell, const slmp::Head& head, Reader& in, Operation& operation,
                        std::optional<Malformed>& trouble) noexcept {
        in.take(20); // protocol version, offset, reserved
        const auto unit = in.u16le();
        in.take(10); // reserved, the master's clock
        in.take(4);  // its address
        const auto group = in.u8();
        in.take(9); // reserved, number of the frame, timeout, how often, number of the parameters
        const auto count = in.u16le();
        in.take(4); // which stations take part, reserved
        const bool whole = in.ok();
        if (whole) {
            operation.object = {.space = "group", .number = group};
            operation.count = count;
        }
        tell.operation(operation); // By broadcast, and answered in other conversations: there is no pair.
        if (!whole) return lacking(trouble, head, in, Malformed{0, "message ends before the stations' data"});
        tell.of_speaker(Attribute::role_hint, "cc-link ie master", 90);
        tell.of_speaker(Attribute::state, unit & 1 ? "run" : "stop", 90);
        if (count == 0 || count > stations_most)
            return lacking(trouble, head, in, Malformed{0, "a group has 1 to 16 stations"});
        in.take(id_size * count);
        for (std::uint16_t station = 1; station <= count && in.ok(); ++station)
            link_words(tell, "RWw", group, station, in.take(words_size));
        for (std::uint16_t station = 1; station <= count && in.ok(); ++station)
            link_bits(tell, "RY", group, station, in.take(bits_size));
        if (!in.ok()) lacking(trouble, head, in, Malformed{0, "message ends before the stations' data"});
    }

    static void answer(const Tell& tell, const slmp::Head& head, Reader& in, State& state,
                       std::optional<Malformed>& trouble) noexcept {
        if (!head.numbered && stations_answered(head.length) != 0) return inputs(tell, head, in, trouble);
        const auto code = in.u16le();
        if (!in.ok()) return lacking(trouble, head, in, Malformed{0, "answer ends before its end code"});
        Operation operation{.function = {0, "answer"},
                            .phase = Phase::response,
                            .outcome = code == 0 ? Outcome::done : Outcome::refused,
                            .status = code};
        std::uint16_t command = 0;
        if (code != 0) { // Says again what was asked.
            Reader more = in;
            more.take(5);
            command = more.u16le();
            if (!more.ok()) command = 0;
        } else if (is_found(Reader{tell.pdu.bytes.subspan(head.size)})) {
            command = node_search; // Asked by broadcast, answered in a conversation of its own.
        }
        TextRoom<20> about;
        const Asked like{.command = 0, .serial = head.serial, .station = {}};
        if (head.numbered)
            if (const auto asked = state.asked.answer(like, tell.pdu.origin.at, patience)) {
                command = asked->request.command;
                operation.pair = asked->pair;
                if (command == set_ip && asked->request.station != like.station)
                    operation.object = {.space = "station", .text = about.mac(asked->request.station).view()};
            }
        if (command != 0) {
            const auto known = slmp::find_command(command);
            operation.function = {command, command == cyclic ? "cyclic data" : known.name};
            operation.act = known.act;
        }
        tell.operation(operation);
        if (code == 0 && command == node_search) found(tell, head, in, trouble);
    }

    /// A slave's own account of itself.
    static void found(const Tell& tell, const slmp::Head& head, Reader& in,
                      std::optional<Malformed>& trouble) noexcept {
        in.take(6 + 1 + 4); // the master's addresses, as it asked
        const auto mac = read_mac(in);
        const auto size = in.u8();
        const auto ip = read_ip(in), mask = read_ip(in), gateway = read_ip(in);
        const auto name = in.take(in.u8());
        const auto vendor = in.u16le();
        const auto model = in.u32le();
        const auto version = in.u16le();
        in.take(1 + 4 + 2); // whom to talk to
        const auto status = in.u16le();
        in.take(2 + 1); // port, transport
        if (!in.ok()) return lacking(trouble, head, in, Malformed{0, "answer ends before what it promises"});
        if (mac.meant) tell.of_speaker(Attribute::mac, mac.text.view(), 95);
        if (size == 4) {
            if (ip.meant) tell.of_speaker(Attribute::ip, ip.text.view(), 95);
            if (mask.meant) tell.of_speaker(Attribute::netmask, mask.text.view(), 90);
            if (gateway.meant) tell.of_speaker(Attribute::gateway, gateway.text.view(), 80);
        }
        tell.of_speaker(Attribute::name, label(name), 90);
        tell.of_speaker(Attribute::role_hint, "cc-link ie slave", 80);
        catalogued(tell, vendor, model, version);
        number(tell, "node status", status);
    }

    /// What a slave sends back: how it is, RWr and RX of the stations that it occupies.
    static void inputs(const Tell& tell, const slmp::Head& head, Reader& in,
                       std::optional<Malformed>& trouble) noexcept {
        in.u16le();
        in.u16le(); // protocol version
        const auto code = in.u16le();
        if (!in.ok()) return lacking(trouble, head, in, Malformed{0, "answer ends before its end code"});
        in.take(2 + 14); // offset, reserved
        const auto vendor = in.u16le();
        in.u16le();
        const auto model = in.u32le();
        const auto version = in.u16le();
        in.u16le();
        const auto unit = in.u16le(), error = in.u16le();
        const auto management = in.u32le();
        in.take(4); // its address
        const auto group = in.u8();
        in.take(3); // reserved, number of the frame
        const auto count = stations_answered(head.length);
        Operation operation{.function = {cyclic, "cyclic data"},
                            .act = Act::cyclic_io,
                            .phase = Phase::response,
                            .outcome = code == 0 ? Outcome::done : Outcome::refused,
                            .status = code};
        const bool whole = in.ok();
        if (whole) {
            operation.object = {.space = "group", .number = group};
            operation.count = count;
        }
        tell.operation(operation);
        if (!whole) return lacking(trouble, head, in, Malformed{0, "answer ends before its data"});
        tell.of_speaker(Attribute::role_hint, "cc-link ie slave", 90);
        tell.of_speaker(Attribute::state, unit & 1 ? "run" : "stop", 90);
        catalogued(tell, vendor, model, version);
        number(tell, "slave error", error);
        number(tell, "local management information", management);
        if (code != 0) return; // Zeros that mean nothing.
        for (std::uint16_t station = 1; station <= count && in.ok(); ++station)
            link_words(tell, "RWr", group, station, in.take(words_size));
        for (std::uint16_t station = 1; station <= count && in.ok(); ++station)
            link_bits(tell, "RX", group, station, in.take(bits_size));
        if (!in.ok()) lacking(trouble, head, in, Malformed{0, "answer ends before its data"});
    }

    /// Which product it is, as the association's catalogue numbers it; zeros are a device that has no number.
    static void catalogued(const Tell& tell, std::uint16_t vendor, std::uint32_t model,
                           std::uint16_t version) noexcept {
        if (vendor == 0 && model == 0) return;
        const auto hex = [](auto& into, std::uint32_t value, unsigned digits) {
            for (auto shift = digits * 4; shift != 0;)
                into.add("0123456789abcdef"[value >> (shift -= 4) & 15u]);
        };
        TextRoom<32> print;
        print.add("cc-link ");
        hex(print, vendor, 4);
        print.add(':');
        hex(print, model, 8);
        tell.of_speaker(Attribute::fingerprint, print.view(), 100);
        TextRoom<80> words_for_people;
        words_for_people.add("CC-Link vendor code 0x");
        hex(words_for_people, vendor, 4);
        words_for_people.add(", model code 0x");
        hex(words_for_people, model, 8);
        words_for_people.add(", version ").number(version);
        tell.of_speaker(Attribute::description, words_for_people.view(), 70);
    }

    static void link_words(const Tell& tell, std::string_view space, std::uint8_t group,
                           std::uint16_t station, Bytes data) noexcept {
        if (data.size() == words_size)
            variable(tell, space, group, station, Array{Array::Of::u16, true, words, data}, words);
    }
    static void link_bits(const Tell& tell, std::string_view space, std::uint8_t group, std::uint16_t station,
                          Bytes data) noexcept {
        if (data.size() == bits_size)
            variable(tell, space, group, station, Array{Array::Of::bit, true, bits, data}, bits);
    }
    static void variable(const Tell& tell, std::string_view space, std::uint8_t group, std::uint16_t station,
                         const Array& value, std::uint16_t count) noexcept {
        tell.ways.say().on(tell.pdu.origin,
                           Variable{.protocol = tell.pdu.protocol,
                                    .object = {.space = space, .group = group, .number = station},
                                    .value = value,
                                    .count = count});
    }
    static void number(const Tell& tell, std::string_view what, std::uint32_t value) noexcept {
        tell.ways.say().on(tell.pdu.origin, Variable{.protocol = tell.pdu.protocol,
                                                     .object = {.text = what},
                                                     .value = std::uint64_t{value},
                                                     .count = 1});
    }

    /// The first thing that is wrong is the one to tell.
    static void lacking(std::optional<Malformed>& trouble, const slmp::Head& head, const Reader& in,
                        Malformed what) noexcept {
        if (!trouble) trouble = what.shifted(static_cast<std::uint32_t>(head.size + in.position()));
    }
};

} // namespace

extern constinit const Dissector cclink_ief_basic = row<CclinkIefBasic>();

} // namespace yagura::dissect::protocols
