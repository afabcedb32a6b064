// EtherNet/IP encapsulation: sessions, who answers a ListIdentity and with what, and CIP handed up.
//
// From "CIP Networks Library, volume 2: EtherNet/IP Adaptation of CIP", chapter 2.
#include "spine/dissect/protocols/cip/identity.h"
#include "spine/dissect/protocols/enip/encapsulation.h"

namespace yagura::dissect::protocols {
namespace {

using namespace enip;
using observe::Act;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

struct Known {
    std::uint16_t code;
    std::string_view name;
    Act act = Act::unknown;
};
constexpr std::array known_commands{
    Known{nop, "nop"},
    Known{0x0001, "legacy list targets", Act::browse}, // 1 to 5 are reserved for what came before 2-4.
    Known{0x0002, "legacy command"},
    Known{0x0003, "legacy command"},
    Known{list_services, "list services", Act::browse},
    Known{0x0005, "legacy command"},
    Known{list_identity, "list identity", Act::identify},
    Known{list_interfaces, "list interfaces", Act::browse},
    Known{register_session, "register session", Act::connect},
    Known{unregister_session, "unregister session", Act::disconnect},
    Known{send_rr_data, "send rr data"},
    Known{send_unit_data, "send unit data"},
    Known{indicate_status, "indicate status", Act::diagnose},
    Known{cancel, "cancel"},
    Known{0x00c8, "start dtls", Act::protect},
};
constexpr const Known* find_command(std::uint16_t code) noexcept {
    for (const auto& known : known_commands)
        if (known.code == code) return &known;
    return nullptr;
}

/// 2-3.5.
constexpr std::string_view status_name(std::uint32_t status) noexcept {
    switch (status) {
    case 1:
        return "command not supported";
    case 2:
        return "out of memory";
    case 3:
        return "incorrect data";
    case 0x64:
        return "session handle not valid";
    case 0x65:
        return "length not valid";
    case 0x69:
        return "protocol version not supported";
    case 0x6a:
        return "encapsulated service not allowed";
    default:
        return {};
    }
}

/// Request or answer, if the bytes can be only one of the two.
constexpr std::optional<Phase> nature(const Header& header, Bytes message) noexcept {
    if (header.status != 0) return Phase::response;
    switch (header.command) {
    case list_services:
    case list_identity:
    case list_interfaces:
        return header.length == 0 ? Phase::request : Phase::response;
    case register_session:
        return header.session == 0 ? Phase::request : Phase::response;
    case unregister_session:
        return Phase::request;
    case send_rr_data:
    case send_unit_data: {
        const auto carried = read_carried(message);
        if (!carried.found || carried.cip.empty()) return std::nullopt;
        return std::to_integer<unsigned>(carried.cip[0]) & 0x80 ? Phase::response : Phase::request;
    }
    default:
        return std::nullopt;
    }
}

bool only_carries(const observe::Operation& op) noexcept {
    return op.function.code == send_rr_data || op.function.code == send_unit_data;
}

struct Enip {
    static constexpr Over over[]{{"tcp", 44818}, {"udp", 44818}};
    static constexpr Mark marks[]{{20, 0xffffffff, 0}, {0, 0xffffffff, 0x63000000}};
    static constexpr Facts facts{
        .name = "enip",
        .title = "EtherNet/IP",
        .specification = "CIP Networks Library volume 2, chapter 2",
        .over = over,
        .marks = marks,
        .carries = "cip",
        .message_most = header_size + 65'511,
        .status_name = status_name,
        .only_carries = only_carries,
    };
    struct Asked {
        std::uint64_t context;
        std::uint16_t command, pair;
        bool waiting;
    };
    struct State {
        std::array<Asked, 8> asked;
        std::uint16_t pairs;
        std::uint8_t next;
        std::optional<Speaker> asker;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto head = opening.latest == Speaker::client ? opening.client : opening.server;
        Reader in{head};
        const auto header = read_header(in);
        if (!in.ok()) {
            Reader start{head};
            const auto command = start.u16le();
            return {!start.ok() || find_command(command) ? Likeness::more : Likeness::no};
        }
        if (!find_command(header.command) || header.options != 0) return {};
        if (header.status > 0xff) return {};
        switch (header.command) {
        case register_session:
            if (header.length != 4 && header.status == 0) return {};
            break;
        case unregister_session:
        case nop:
        case 1:
        case 2:
        case 3:
        case 5:
        case cancel:
        case 0x00c8:
            // Little stands in these: a number at the right place proves nothing.
            if (header.command != unregister_session || header.length != 0 || header.session == 0)
                return {Likeness::maybe};
            break;
        case list_services:
        case list_identity:
        case list_interfaces:
            if (header.length != 0 && head.size() >= header_size + 6) {
                Reader items{head.subspan(header_size)};
                const auto count = items.u16le(), type = items.u16le(), length = items.u16le();
                if (count == 0 || count > 64 || length > header.length) return {};
                if (header.command == list_identity && type != identity_item) return {};
            }
            break;
        case send_rr_data:
        case send_unit_data: {
            if (header.length < 16 || (header.session == 0 && header.status == 0)) return {Likeness::maybe};
            if (head.size() < header_size + 12) return {Likeness::more};
            Reader items{head.subspan(header_size)};
            const auto handle = items.u32le();
            items.u16();
            const auto count = items.u16le(), type = items.u16le();
            const bool fits = handle == 0 && count >= 2 && count <= 8 &&
                              (type == null_address || type == connected_address);
            if (!fits) return {};
            break;
        }
        default:
            break;
        }
        const auto phase = nature(header, head);
        return {Likeness::yes,
                phase ? std::optional{*phase == Phase::request ? Speaker::client : Speaker::server}
                      : std::nullopt};
    }

    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto command = in.u16le(), length = in.u16le();
        if (!in.ok()) return {};
        if (!find_command(command)) return {.lost = Malformed{0, "command is not one of the encapsulation"}};
        if (length > 65'511) return {.lost = Malformed{2, "length is above 65511"}};
        const auto whole = header_size + length;
        return {.length = stream.size() < whole ? 0 : whole};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        const auto command = in.u16le();
        if (!in.ok()) return report(pdu, ways, {0, "message ends before its command"});
        Reader again{pdu.bytes};
        const auto header = read_header(again);
        const auto* known = find_command(command);
        std::optional<Malformed> trouble;
        if (!again.ok())
            trouble = Malformed{0, "message ends inside its header"};
        else if (pdu.bytes.size() != header_size + header.length)
            trouble = Malformed{2, "length is not that of the message"};

        const auto speaker = pdu.origin.speaker;
        const auto told = again.ok() ? nature(header, pdu.bytes) : std::nullopt;
        if (told) state.asker = *told == Phase::request ? speaker : other(speaker);
        const auto phase = told                                               ? *told
                           : state.asker.value_or(Speaker::client) == speaker ? Phase::request
                                                                              : Phase::response;
        observe::Operation operation{
            .protocol = pdu.protocol,
            .function = {command, known ? known->name : "unknown command"},
            .act = known ? known->act : Act::unknown,
            .phase = phase,
        };
        if (phase == Phase::response) operation.outcome = Outcome::done;
        if (again.ok()) {
            if (header.status != 0) {
                operation.outcome = Outcome::refused;
                operation.status = header.status;
            }
            operation.pair = pair(header, phase, state);
        }
        ways.say().on(pdu.origin, operation);
        if (again.ok()) {
            if (command == list_identity && phase == Phase::response) identities(pdu, again, trouble, ways);
            if (command == send_rr_data || command == send_unit_data) {
                const auto carried = read_carried(pdu.bytes);
                if (carried.cut && !trouble) trouble = Malformed{32, "items end before what they promise"};
                if (carried.found && !carried.cip.empty()) ways.carry("cip", 0, 0, pdu.bytes, pdu.origin);
            }
        }
        if (trouble) report(pdu, ways, *trouble);
    }

private:
    /// Whoever asks may put what it likes into the context; connected data have none.
    static std::uint16_t pair(const Header& header, Phase phase, State& state) noexcept {
        if (header.command == send_unit_data || header.command == unregister_session || header.command == nop)
            return 0;
        if (phase == Phase::request) {
            if (++state.pairs == 0) state.pairs = 1;
            state.asked[state.next] = {header.context, header.command, state.pairs, true};
            state.next = static_cast<std::uint8_t>((state.next + 1u) % state.asked.size());
            return state.pairs;
        }
        for (std::size_t back = 1; back <= state.asked.size(); ++back) {
            auto& asked = state.asked[(state.next + state.asked.size() - back) % state.asked.size()];
            if (!asked.waiting || asked.command != header.command || asked.context != header.context)
                continue;
            asked.waiting = false;
            return asked.pair;
        }
        return 0;
    }

    /// 2-4.2.
    static void identities(const Pdu& pdu, Reader& in, std::optional<Malformed>& trouble,
                           Ways& ways) noexcept {
        const auto items = in.u16le();
        for (unsigned i = 0; i < items && in.ok() && in.remaining() > 0; ++i) {
            const auto item = read_item(in);
            if (item.type != identity_item) continue;
            Reader data{item.bytes};
            data.take(2 + 16); // version of the encapsulation, socket address
            cip::IdentityWords words;
            const bool whole = cip::read_identity(data, words);
            const auto state = data.u8();
            if (data.ok()) words.state = state;
            cip::say_identity(pdu, {}, words, ways);
            if (!whole && !trouble) trouble = Malformed{30, "an identity ends inside"};
        }
        if (!in.ok() && !trouble) trouble = Malformed{24, "items end before what they promise"};
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector enip = row<Enip>();

} // namespace yagura::dissect::protocols
