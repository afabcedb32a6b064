// EtherCAT: what a master reads and writes in its slaves, on their way round the line, with states, objects
// and identities.
//
// From IEC 61158-4-12 and -6-12 (ETG.1000.4 and .6: frames, datagrams, mailbox, CoE, FoE), ETG.1000.4 clause
// 6 and ETG.2010 (registers, slave information). docs/protocols/ethercat.md tells objects and limits.
#include <array>

#include "spine/dissect/protocols/ethercat/mailbox.h"

namespace yagura::dissect::protocols {
namespace {

using namespace ethercat;
using observe::Act;
using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Station;
using observe::Value;

constexpr std::size_t frame_head = 2, datagram_head = 10;
enum FrameType : std::uint8_t { datagrams = 1, variables = 4, mailbox_gateway = 5 };

enum Kind : std::uint8_t { nothing, position, station, everybody, logical };
struct Command {
    std::string_view name;
    Kind kind;
    bool reads, writes;
};
/// ETG.1000.4, table 14.
constexpr Command commands[]{
    {"NOP", nothing, false, false}, {"APRD", position, true, false}, {"APWR", position, false, true},
    {"APRW", position, true, true}, {"FPRD", station, true, false},  {"FPWR", station, false, true},
    {"FPRW", station, true, true},  {"BRD", everybody, true, false}, {"BWR", everybody, false, true},
    {"BRW", everybody, true, true}, {"LRD", logical, true, false},   {"LWR", logical, false, true},
    {"LRW", logical, true, true},   {"ARMW", position, true, true},  {"FRMW", station, true, true}};

enum Register : std::uint16_t {
    station_address = 0x0010,
    reset = 0x0040,
    al_control = 0x0120,
    al_status = 0x0130,
    sii_control = 0x0502,
    sii_data = 0x0508,
    memory = 0x1000, ///< from here on: mailboxes and process data
};
struct NamedRegister {
    std::uint16_t first, last;
    std::string_view name;
};
constexpr NamedRegister registers[]{{0x0000, 0x0009, "information"},
                                    {0x0010, 0x0013, "station address"},
                                    {0x0040, 0x0041, "reset"},
                                    {0x0100, 0x0103, "DL control"},
                                    {0x0110, 0x0111, "DL status"},
                                    {0x0120, 0x0121, "AL control"},
                                    {0x0130, 0x0133, "AL status"},
                                    {0x0134, 0x0135, "AL status code"},
                                    {0x0140, 0x0141, "PDI control"},
                                    {0x0200, 0x0223, "event"},
                                    {0x0300, 0x0313, "error counter"},
                                    {0x0400, 0x0443, "watchdog"},
                                    {0x0500, 0x050f, "slave information"},
                                    {0x0510, 0x0515, "MII"},
                                    {0x0600, 0x06ff, "FMMU"},
                                    {0x0800, 0x08ff, "sync manager"},
                                    {0x0900, 0x09ff, "distributed clock"}};
constexpr std::string_view register_name(std::uint16_t at) noexcept {
    for (const auto& known : registers)
        if (at >= known.first && at <= known.last) return known.name;
    return {};
}
/// ETG.1000.6, 6.4.1: the states of a slave.
constexpr std::string_view state_name(unsigned state) noexcept {
    switch (state & 15u) {
    case 1:
        return "init";
    case 2:
        return "pre-operational";
    case 3:
        return "bootstrap";
    case 4:
        return "safe-operational";
    case 8:
        return "operational";
    default:
        return {};
    }
}

/// A mailbox message is told as such; the datagram that took it along is counted.
bool only_carries(const Operation& op) noexcept { return op.object.space == "mailbox"; }

struct Ethercat {
    static constexpr Over over[]{{"ethernet", 0x88a4}, {"udp", 34980}};
    static constexpr Facts facts{
        .name = "ethercat",
        .title = "EtherCAT",
        .specification = "IEC 61158-4-12 and -6-12 (ETG.1000.4, .6), ETG.2010",
        .over = over,
        .message_most = 1500,
        .only_carries = only_carries,
    };
    /// Which word of a slave's information is being read, and the state that was last told of it.
    struct Slave {
        std::uint16_t address;
        std::uint16_t word;
        std::uint8_t known : 7, beckhoff : 1, state;
    };
    struct State {
        std::array<Slave, 40> slaves;
        std::uint8_t next;
    };
    struct Datagram {
        std::uint8_t command = 0;
        std::uint16_t place = 0, at = 0; ///< ADP and ADO
        std::uint32_t address = 0;       ///< of logical ones
        std::uint16_t counter = 0;
        bool more = false;
        Bytes data{};
    };
    enum class Got : std::uint8_t { nothing, part, whole };
    /// Where its data ends early, what there is of it is read all the same.
    static Got read(Reader& in, Datagram& out) noexcept {
        out.command = in.u8();
        in.u8(); // Index.
        const auto low = in.u16le(), high = in.u16le();
        const auto length = in.u16le();
        in.u16le(); // Interrupts.
        if (!in.ok()) return Got::nothing;
        out.place = low;
        out.at = high;
        out.address = static_cast<std::uint32_t>(high) << 16 | low;
        out.more = (length & 0x8000) != 0;
        const auto size = length & 0x07ffu;
        const bool cut = size > in.remaining();
        out.data = in.take(std::min<std::size_t>(size, in.remaining()));
        out.counter = in.u16le();
        return cut || !in.ok() ? Got::part : Got::whole;
    }

    static Recognition looks_like(const Opening& opening) noexcept {
        Reader in{latest(opening)};
        const auto head = in.u16le();
        const auto length = head & 0x07ffu, type = static_cast<unsigned>(head >> 12);
        if (!in.ok() || (head & 0x0800) != 0 || length > in.remaining()) return {};
        Reader body{in.take(length)};
        if (type == mailbox_gateway) return {is_mailbox(body.rest()) ? Likeness::yes : Likeness::no};
        if (type == variables) return {length >= 10 ? Likeness::maybe : Likeness::no};
        if (type != datagrams) return {};
        Datagram one{.more = true};
        while (one.more)
            if (read(body, one) != Got::whole || one.command >= std::size(commands)) return {};
        return {body.remaining() == 0 ? Likeness::yes : Likeness::no};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto head = in.u16le();
        if (!in.ok()) return tell.report({0, "frame ends inside its head"});
        const auto length = head & 0x07ffu;
        const bool whole = length <= in.remaining();
        Reader body{in.take(std::min<std::size_t>(length, in.remaining()))};
        switch (head >> 12) {
        case datagrams:
            return each(body, whole, state, tell);
        case variables:
            tell.operation({.function = {0x400, "network variables"},
                            .act = Act::cyclic_io,
                            .phase = Phase::event,
                            .outcome = Outcome::done});
            if (!whole) tell.report({0, "frame is shorter than its length"});
            return;
        case mailbox_gateway:
            if (body.remaining() < mailbox_head || !mailbox(body.rest(), {}, {}, !tell.from_client(), tell))
                tell.report({frame_head, "mailbox message ends before what it promises"});
            return;
        default:
            return tell.report({0, "type of a frame that means nothing"});
        }
    }

private:
    static void each(Reader& body, bool whole, State& state, const Tell& tell) noexcept {
        // On its way back a frame comes from its master's address with one bit more.
        auto who = tell.speaker();
        const bool local = (who.mac[0] & 2) != 0;
        if (local) who.mac[0] = static_cast<std::uint8_t>(who.mac[0] & ~2u);
        Datagram one{.more = true};
        bool good = true;
        while (one.more && good) {
            const auto begin = static_cast<std::uint32_t>(frame_head + body.position());
            one = {};
            const auto got = read(body, one);
            good = got == Got::whole;
            if (got != Got::nothing) said(one, local || one.counter != 0, who, good, begin, state, tell);
        }
        if (!whole || !good)
            tell.report({0, "frame is shorter than its length or its datagrams"});
        else if (body.remaining() != 0)
            tell.report(Malformed{frame_head, "bytes behind the last datagram"}.shifted(
                static_cast<std::uint32_t>(body.position())));
    }

    static void said(const Datagram& one, bool returned, const Station& who, bool whole, std::uint32_t begin,
                     State& state, const Tell& tell) noexcept {
        const bool known = one.command < std::size(commands);
        const auto command = known ? commands[one.command]
                                   : Command{"unknown command", nothing, false, false};
        Operation operation{.function = {one.command, command.name},
                            .act = act(one, command),
                            .phase = returned ? Phase::response : Phase::request,
                            .outcome = !returned                    ? Outcome::pending
                                       : one.counter != 0 || !whole ? Outcome::done
                                                                    : Outcome::unanswered,
                            .count = static_cast<std::uint32_t>(one.data.size())};
        TextRoom<32> room;
        Part part;
        if (command.kind == logical) {
            operation.object = {.space = "logical", .text = hexadecimal(one.address, 8, room)};
        } else if (command.kind != nothing) {
            const auto name = register_name(one.at);
            operation.object = one.at >= memory
                                   ? observe::Object{.space = "memory", .text = hexadecimal(one.at, 4, room)}
                               : name.empty() ? observe::Object{.space = "register",
                                                                .text = hexadecimal(one.at, 4, room)}
                                              : observe::Object{.space = "register", .text = name};
            if (command.kind == station)
                part = {.steps = {{{Part::Hop::station, one.place}}}, .size = 1};
            else if (command.kind == position &&
                     !returned) // Each slave adds one; on its way back it tells no more.
                part = {.steps = {{{Part::Hop::slot, (0x10000u - one.place) & 0xffffu}}}, .size = 1};
        }
        operation.part = part;
        if (whole && (returned || command.writes)) operation.value = value(one.data);
        if (whole && one.at == al_control && command.writes && command.kind != logical && !one.data.empty())
            if (const auto name = state_name(std::to_integer<unsigned>(one.data[0])); !name.empty())
                operation.value = name;
        if (whole && one.at == al_status && returned && command.kind == station && !one.data.empty())
            if (const auto name = state_name(std::to_integer<unsigned>(one.data[0])); !name.empty())
                operation.value = name;
        const bool carries = whole && command.kind == station && one.at >= memory &&
                             (command.writes || returned) && is_mailbox(one.data);
        if (carries) {
            operation.act = Act::unknown;
            operation.object.space = "mailbox";
            operation.value = {};
        }
        tell.operation(operation);
        if (!whole || command.kind != station) return;
        if (carries) {
            if (!mailbox(one.data, part, who, !command.writes, tell))
                tell.report(
                    Malformed{datagram_head, "mailbox message ends before what it promises"}.shifted(begin));
            return;
        }
        if (one.at < memory) slave(one, command, returned && one.counter != 0, part, who, state, tell);
    }

    static Act act(const Datagram& one, const Command& command) noexcept {
        if (command.kind == nothing) return one.command == 0 ? Act::diagnose : Act::unknown;
        if (command.kind == logical) return Act::cyclic_io;
        if (!command.writes) return one.at >= memory ? Act::read : Act::diagnose;
        if (one.at == al_control && !one.data.empty()) {
            const auto state = std::to_integer<unsigned>(one.data[0]) & 15u;
            return state == 8 ? Act::start : state == 1 ? Act::stop : Act::mode_change;
        }
        if (one.at == reset) return Act::reset;
        if (one.at >= 0x0910 && one.at < 0x0920) return Act::diagnose; // The clocks' time, in every cycle.
        return one.at >= memory ? Act::write : Act::configure;
    }

    static Value value(Bytes data) noexcept {
        Reader in{data};
        if (data.size() == 1) return std::uint64_t{in.u8()};
        if (data.size() == 2) return std::uint64_t{in.u16le()};
        if (data.size() == 4) return std::uint64_t{in.u32le()};
        return data.empty() ? Value{} : Value{data};
    }

    /// What a slave's registers tell of it: its state, and its information word by word (ETG.2010, table 2).
    static void slave(const Datagram& one, const Command& command, bool answered, const Part& part,
                      const Station& who, State& state, const Tell& tell) noexcept {
        const bool about_state = one.at == al_status && answered && !one.data.empty();
        const bool about_word = one.at >= 0x0500 && one.at <= 0x050f;
        if (!about_state && !about_word) return;
        auto& known = find(state, one.place);
        if (about_state) {
            const auto now = std::to_integer<std::uint8_t>(one.data[0]);
            const auto name = state_name(now);
            if (name.empty() || now == known.state) return;
            known.state = now;
            return identity(who, part, Attribute::state, now & 0x10 ? std::string_view{"error"} : name, tell);
        }
        Reader in{one.data};
        if (one.at == sii_control && command.writes &&
            one.data.size() >= 4) { // Control, then the word's number.
            in.u16le();
            known.word = in.u16le();
            return;
        }
        if (!answered || command.writes) return;
        if (one.at == sii_control) {
            if (in.u16le() & 0x8000) return; // It is still reading.
            if (one.data.size() < 6) return;
            known.word = in.u16le();
            in.u16le();
        } else if (one.at != sii_data) {
            return;
        }
        TextRoom<32> room;
        for (auto word = known.word; in.remaining() >= 4; word = static_cast<std::uint16_t>(word + 2)) {
            const auto number = in.u32le();
            room.clear();
            if (word == 8) {
                known.beckhoff = number == beckhoff;
                identity(who, part, Attribute::vendor, vendor(number, room), tell);
            }
            if (word == 10)
                identity(who, part, Attribute::product,
                         known.beckhoff ? terminal(number, room) : hexadecimal(number, 8, room), tell);
            if (word == 12) identity(who, part, Attribute::hardware, hexadecimal(number, 8, room), tell);
            if (word == 14 && number != 0)
                identity(who, part, Attribute::serial, room.number(number).view(), tell);
        }
        known.word = 0xffff; // One reading tells it once.
    }
    static Slave& find(State& state, std::uint16_t address) noexcept {
        for (auto& one : state.slaves)
            if (one.known && one.address == address) return one;
        auto& fresh = state.slaves[state.next];
        state.next = static_cast<std::uint8_t>((state.next + 1u) % state.slaves.size());
        return fresh = {.address = address, .word = 0xffff, .known = 1, .beckhoff = 0, .state = 0};
    }
};

} // namespace

extern constinit const Dissector ethercat = row<Ethercat>();

} // namespace yagura::dissect::protocols
