// ISO transport on TCP: who connects to which selector, and the pieces of what it carries put together.
//
// From RFC 1006 and RFC 2126 (TPKT) and ISO/IEC 8073 / ITU-T X.224 (11/1995), clause 13 (structure and
// encoding of TPDUs); classes 0 to 4 in normal format. S7, MMS and RDP are carried by it.
#include <algorithm>
#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/cotp.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t tpkt_header = 4;
constexpr std::uint16_t tpkt_least = 7; // clause 6 of RFC 1006: header, length indicator, code, one byte

enum Code : std::uint8_t {
    expedited_data = 0x10,
    expedited_acknowledgement = 0x20,
    reject = 0x50,
    acknowledgement = 0x60,
    error = 0x70,
    disconnect_request = 0x80,
    disconnect_confirm = 0xc0,
    connection_confirm = 0xd0,
    connection_request = 0xe0,
    data = 0xf0,
};

struct Known {
    std::uint8_t code, least; ///< smallest length indicator
    std::string_view name;
    Act act = Act::unknown;
    Phase phase = Phase::event;
};
constexpr std::array known_tpdus{
    Known{connection_request, 6, "connection request", Act::connect, Phase::request},
    Known{connection_confirm, 6, "connection confirm", Act::connect, Phase::response},
    Known{disconnect_request, 6, "disconnect request", Act::disconnect, Phase::request},
    Known{disconnect_confirm, 5, "disconnect confirm", Act::disconnect, Phase::response},
    Known{data, 2, "data"},
    Known{expedited_data, 4, "expedited data"},
    Known{acknowledgement, 4, "data acknowledgement"},
    Known{expedited_acknowledgement, 4, "expedited data acknowledgement"},
    Known{reject, 4, "reject"},
    Known{error, 4, "tpdu error", Act::unknown, Phase::response},
};
constexpr const Known* find_tpdu(std::uint8_t code) noexcept {
    for (const auto& known : known_tpdus) // The low half of some codes is credit.
        if (known.code == (code & 0xf0)) return &known;
    return nullptr;
}

/// Clause 13.5.3, the reasons of a disconnect request; 13.12.3 has those of an error below 4.
constexpr std::string_view reason(std::uint32_t status) noexcept {
    switch (status) {
    case 1:
        return "congestion at transport service access point";
    case 2:
        return "session entity not attached to transport service access point";
    case 3:
        return "address unknown";
    case 128:
        return "normal disconnect";
    case 129:
        return "remote transport entity congestion";
    case 130:
        return "connection negotiation failed";
    case 131:
        return "duplicate source reference";
    case 132:
        return "mismatched references";
    case 133:
        return "protocol error";
    case 135:
        return "reference overflow";
    case 136:
        return "connection request refused on this network connection";
    case 138:
        return "header or parameter length invalid";
    default:
        return {};
    }
}

bool only_carries(const observe::Operation& op) noexcept {
    return op.function.code == data || op.function.code == expedited_data;
}

struct Cotp {
    static constexpr Over over[]{{"tcp", 102}};
    static constexpr Mark marks[]{{0, 0xff000000, 0x03000000}};
    static constexpr Facts facts{
        .name = "cotp",
        .title = "ISO transport on TCP",
        .specification = "RFC 1006; ITU-T X.224 (11/1995)",
        .over = over,
        .marks = marks,
        .carries = "cotp",
        .message_most = 256u << 10,
        .status_name = reason,
        .only_carries = only_carries,
    };
    struct State {
        std::array<char, 40> called; ///< the selector that was asked for, as people write it
        std::uint8_t called_size;
        std::uint8_t part_known, rack, slot;
        std::uint16_t reference; ///< of the connection request that waits; 0: none
        Speaker asker;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        Reader in{opening.latest == Speaker::client ? opening.client : opening.server};
        const auto version = in.u8();
        in.u8();
        const auto length = in.u16();
        const auto indicator = in.u8(), code = in.u8();
        if (!in.ok()) {
            Reader start{opening.latest == Speaker::client ? opening.client : opening.server};
            const auto first = start.u8();
            return {!start.ok() || first == 3 ? Likeness::more : Likeness::no};
        }
        const auto* tpdu = find_tpdu(code);
        if (version != 3 || length < tpkt_least || !tpdu) return {};
        const std::size_t header = indicator + std::size_t{1};
        if (indicator < tpdu->least || header > length - tpkt_header) return {};
        if (tpdu->code == data && indicator != 2 && indicator != 4 && indicator != 7) return {};
        if (tpdu->code == connection_request) return {Likeness::yes, Speaker::client};
        if (tpdu->code == connection_confirm) return {Likeness::yes, Speaker::server};
        return {Likeness::yes};
    }

    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto version = in.u8();
        if (in.ok() && version != 3) return {.lost = Malformed{0, "TPKT version is not 3"}};
        in.u8();
        const auto length = in.u16();
        if (!in.ok()) return {};
        if (length < tpkt_least) return {.lost = Malformed{2, "TPKT is shorter than its smallest content"}};
        return {.length = stream.size() < length ? 0u : length};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        in.take(2);
        const auto length = in.u16();
        const auto indicator = in.u8(), code = in.u8();
        if (!in.ok()) return report(pdu, ways, {0, "message ends inside its header"});
        const auto* known = find_tpdu(code);
        if (!known) return report(pdu, ways, {5, "TPDU code is not one of ISO 8073"});

        std::optional<Malformed> trouble;
        if (length != pdu.bytes.size()) trouble = Malformed{2, "length is not that of the message"};
        observe::Operation operation{
            .protocol = pdu.protocol,
            .function = {known->code, known->name},
            .act = known->act,
            .phase = known->phase,
            .outcome = known->phase == Phase::request ? Outcome::pending : Outcome::done,
        };
        // The length indicator counts the code and what follows, but not itself.
        Reader header{in.take(indicator < known->least ? in.remaining() + 1 : indicator - std::size_t{1})};
        if (!in.ok() && !trouble) trouble = Malformed{4, "length indicator does not fit its TPDU"};
        const bool whole = in.ok();
        TextRoom<40> selector;
        if (whole) {
            switch (known->code) {
            case connection_request:
            case connection_confirm:
                connect(pdu, header, operation, state, selector, trouble, ways);
                break;
            case disconnect_request:
            case disconnect_confirm:
            case error:
                disconnect(pdu, header, operation, state, trouble);
                break;
            default:
                break;
            }
        }
        ways.say().on(pdu.origin, operation);
        if (trouble) report(pdu, ways, *trouble);
        if (whole && known->code == data) carry(pdu, indicator, header, in.rest(), ways);
    }

private:
    /// Clauses 13.3 and 13.4. The parameters that matter: 0xC0 size, 0xC1 calling, 0xC2 called selector.
    static void connect(const Pdu& pdu, Reader& in, observe::Operation& operation, State& state,
                        TextRoom<40>& selector, std::optional<Malformed>& trouble, Ways& ways) noexcept {
        const bool asks = operation.phase == Phase::request;
        const auto destination = in.u16(), source = in.u16();
        in.u8(); // class and options
        Bytes called;
        std::uint8_t size = 0;
        while (in.ok() && in.remaining() > 0) {
            const auto parameter = in.u8();
            const auto value = in.take(in.u8());
            if (!in.ok()) break;
            if (parameter == 0xc0 && value.size() == 1) size = std::to_integer<std::uint8_t>(value[0]);
            if (parameter == 0xc2) called = value;
        }
        if (!in.ok() && !trouble) trouble = Malformed{6, "connection parameters end inside one"};
        if (size >= 7 && size <= 13) operation.value = std::uint64_t{1} << size;
        const auto reference = asks ? source : destination;
        operation.pair = reference;
        if (asks) {
            write_selector(called, selector);
            state.reference = reference;
            state.asker = pdu.origin.speaker;
            state.called_size = static_cast<std::uint8_t>(selector.view().size());
            std::ranges::copy(selector.view(), state.called.begin());
            find_part(called, state, ways);
        } else {
            if (reference == state.reference)
                state.reference = 0;
            else
                write_selector(called, selector);
        }
        const bool own = asks || selector.view().size() > 0;
        const auto text = own ? selector.view() : std::string_view{state.called.data(), state.called_size};
        if (!text.empty()) operation.object = {.space = "tsap", .text = text};
        if (state.part_known)
            operation.part = {
                .steps = {{{observe::Part::Hop::rack, state.rack}, {observe::Part::Hop::slot, state.slot}}},
                .size = 2};
    }

    /// Clauses 13.5, 13.6 and 13.12. A disconnect that comes in place of a confirm is a refusal.
    static void disconnect(const Pdu& pdu, Reader& in, observe::Operation& operation, State& state,
                           std::optional<Malformed>& trouble) noexcept {
        const auto destination = in.u16();
        if (operation.function.code != error) in.u16();
        const auto why = operation.function.code == disconnect_confirm ? std::uint8_t{0} : in.u8();
        if (!in.ok()) {
            if (!trouble) trouble = Malformed{6, "TPDU ends inside its fixed part"};
            return;
        }
        operation.status = why;
        if (operation.function.code == disconnect_confirm) return;
        const bool refuses = state.reference != 0 && destination == state.reference &&
                             pdu.origin.speaker != state.asker;
        if (operation.function.code == error) operation.outcome = Outcome::refused;
        if (!refuses) return;
        operation.phase = Phase::response;
        operation.outcome = Outcome::refused;
        operation.pair = destination;
        if (state.called_size)
            operation.object = {.space = "tsap", .text = {state.called.data(), state.called_size}};
        state.reference = 0;
    }

    /// Clause 13.7: the end mark stands behind the reference that classes 2 to 4 have.
    static void carry(const Pdu& pdu, std::uint8_t indicator, Reader& header, Bytes content,
                      Ways& ways) noexcept {
        if (indicator != 2) header.take(2);
        const auto number = header.u8();
        if (!header.ok()) return;
        const auto channel = cotp_channel + (pdu.origin.speaker == Speaker::client ? 0u : 1u);
        const auto whole = ways.gather(channel, content, number & 0x80 ? Last::yes : Last::no);
        if (!whole.empty()) ways.carry("cotp", 0, 0, whole, pdu.origin);
    }

    /// Text where it is text ("SIMATIC-ROOT-HMI"), else bytes as Siemens writes them ("01.02").
    static void write_selector(Bytes selector, TextRoom<40>& out) noexcept {
        const auto readable = [](std::byte byte) {
            return std::to_integer<unsigned>(byte) >= 0x20 && std::to_integer<unsigned>(byte) < 0x7f;
        };
        if (selector.size() >= 3 && std::ranges::all_of(selector, readable))
            out.add(as_text(selector));
        else
            out.hex(selector.first(std::min<std::size_t>(selector.size(), 13)), ".");
    }

    /// A controller's selector tells rack and slot of the processor that is meant. The protocol above asks
    /// for it by its key.
    static void find_part(Bytes called, State& state, Ways& ways) noexcept {
        if (called.size() != 2) return;
        const auto kind = std::to_integer<unsigned>(called[0]), place = std::to_integer<unsigned>(called[1]);
        if (kind == 0 || kind > 3) return; // 1 programming device, 2 operator panel, 3 others
        state.part_known = 1;
        state.rack = static_cast<std::uint8_t>(place >> 5);
        state.slot = static_cast<std::uint8_t>(place & 31u);
        if (auto* record = ways.remember(cotp_part))
            *record = {std::byte{1}, std::byte{state.rack}, std::byte{state.slot}};
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector cotp = row<Cotp>();

} // namespace yagura::dissect::protocols
