// Fuji Electric MICREX-SX loader commands over TCP: how screens, loggers and tools read and write an SPH
// controller's memory and start and stop its CPUs.
//
// From "MICREX-SX series SPH user's manual, Ethernet module" (loader command), as far as open clients carry
// it. docs/protocols/fuji_sph.md tells objects and limits.
#include <algorithm>
#include <array>
#include <optional>

#include "spine/dissect/in_turn.h"
#include "spine/dissect/protocols/fuji_sph/commands.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using namespace fuji_sph;
using observe::Act;
using observe::Array;
using observe::Attribute;
using observe::Object;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;
using observe::Value;

constexpr std::size_t head = 20;
constexpr std::uint16_t length_most = 492; // 243 words, and what they are about
constexpr std::uint8_t pending_status = 0xff;

struct Head {
    bool answer = false;
    std::uint8_t status = 0, connection = 0;
    std::uint16_t code = 0, length = 0;
};
constexpr std::optional<Head> read_head(Bytes bytes) noexcept {
    Reader in{bytes};
    const auto first = in.u8(), second = in.u8(), third = in.u8(), fourth = in.u8();
    const auto status = in.u8(), mode = in.u8(), connection = in.u8(), zero = in.u8(), size = in.u8();
    in.take(5);
    const auto code = in.u16();
    in.take(2);
    const auto length = in.u16le();
    if (!in.ok() || first != 0xfb || second != 0x80 || third != 0x80 || fourth != 0) return std::nullopt;
    if (mode != 0x7b || zero != 0 || size != 0x11 || length > length_most) return std::nullopt;
    return Head{status != pending_status, status, connection, code, length};
}

struct FujiSph {
    static constexpr Over over[]{{"tcp", 507}, {"tcp", 18245}};
    static constexpr Mark marks[]{{0, 0xffffffff, 0xfb808000}};
    static constexpr Facts facts{
        .name = "fuji_sph",
        .title = "Fuji MICREX-SX loader commands",
        .specification = "MICREX-SX series SPH user's manual, loader command",
        .over = over,
        .marks = marks,
        .message_most = head + length_most,
        .status_name = error_name,
    };

    struct Asked {
        std::uint32_t number;
        std::uint16_t code, count;
        std::uint8_t area, connection;
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        InTurn<Asked> asked;
    };
    static constexpr std::uint8_t patience = 10;

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        if (bytes.size() < head) return {Likeness::more};
        const auto is = read_head(bytes);
        if (!is) return {};
        return {Likeness::yes, is->answer ? Speaker::server : Speaker::client};
    }

    static Framing frame(Bytes stream) noexcept {
        if (stream.size() < head) return {};
        const auto is = read_head(stream);
        if (!is) return {.lost = Malformed{0, "not the head of a loader command"}};
        const auto whole = head + is->length;
        return {.length = stream.size() < whole ? 0 : whole};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto is = read_head(pdu.bytes);
        if (!is) return tell.report({0, "message ends inside its head"});
        const auto data = pdu.bytes.subspan(head);
        std::optional<Malformed> trouble;
        if (data.size() < is->length) trouble = Malformed{18, "message ends before its length"};
        Reader in{data.first(std::min<std::size_t>(data.size(), is->length))};
        const auto known = find_command(is->code);
        Operation operation{
            .function = {known.code, known.name}, .act = known.act, .part = part_of(is->connection)};
        if (is->answer)
            answer(tell, *is, known, in, operation, state, trouble);
        else
            request(tell, *is, known, in, operation, state, trouble);
        if (trouble) tell.report(*trouble);
    }

private:
    /// FE is the first CPU, F7 the eighth; below them stand modules.
    static Part part_of(std::uint8_t connection) noexcept {
        Part part;
        if (connection == 0xfe) return part;
        part.steps[0] = {connection >= 0xf7 ? Part::Hop::module : Part::Hop::station,
                         connection >= 0xf7 ? 0xfeu - connection : connection};
        part.size = 1;
        return part;
    }
    static Object object_of(const Asked& asked) noexcept {
        const auto area = area_name(asked.area);
        if (area.empty()) return {.space = "area", .group = asked.area, .number = asked.number};
        return {.form = Object::Form::device, .space = area, .number = asked.number, .element = 10};
    }
    static bool has_words(const Known& known) noexcept {
        return known.code == read_data || known.code == write_data;
    }
    static Asked read_asked(const Head& is, Reader& in) noexcept {
        const auto area = in.u8();
        const auto low = in.u16le();
        const auto high = in.u8();
        const auto count = in.u16le();
        return {.number = low | std::uint32_t{high} << 16,
                .code = is.code,
                .count = count,
                .area = area,
                .connection = is.connection};
    }
    static Value words(Bytes data) noexcept {
        if (data.size() < 2) return {};
        if (data.size() == 2) return std::uint64_t{Reader{data}.u16le()};
        return Array{Array::Of::u16, true, static_cast<std::uint16_t>(data.size() / 2), data};
    }

    static void request(const Tell& tell, const Head& is, const Known& known, Reader& in,
                        Operation& operation, State& state, std::optional<Malformed>& trouble) noexcept {
        operation.phase = Phase::request;
        Asked asked{.number = 0, .code = is.code, .count = 0, .area = 0, .connection = is.connection};
        if (has_words(known)) {
            const auto meant = read_asked(is, in);
            if (in.ok()) {
                asked = meant;
                operation.object = object_of(asked);
                operation.count = asked.count;
            }
            if (known.code == write_data) operation.value = words(in.take(std::size_t{asked.count} * 2));
            if (!in.ok() && !trouble)
                trouble = behind(in, Malformed{0, "request ends before what it promises"});
        }
        operation.pair = state.asked.ask(asked, tell.pdu.origin.at, patience);
        tell.operation(operation);
    }

    static void answer(const Tell& tell, const Head& is, const Known& known, Reader& in, Operation& operation,
                       State& state, std::optional<Malformed>& trouble) noexcept {
        operation.phase = Phase::response;
        operation.status = is.status;
        operation.outcome = is.status == 0 ? Outcome::done : Outcome::refused;
        auto found = state.asked.answer(tell.pdu.origin.at, patience);
        if (found && (found->request.code != is.code || found->request.connection != is.connection))
            found = std::nullopt;
        if (found) {
            operation.pair = found->pair;
            if (has_words(known)) {
                operation.object = object_of(found->request);
                operation.count = found->request.count;
            }
        }
        if (known.code == read_data && is.status == 0) {
            // It says again what was read.
            const auto meant = read_asked(is, in);
            const auto data = in.take(std::size_t{meant.count} * 2);
            if (in.ok()) {
                operation.object = object_of(meant);
                operation.count = meant.count;
                operation.value = words(data);
            } else if (!trouble) {
                trouble = behind(in, Malformed{0, "answer ends before what was asked for"});
            }
        }
        tell.operation(operation);
        if (is.status != 0 || operation.part.size != 0) return;
        if (known.act == Act::start) tell.of_speaker(Attribute::state, "run", 90);
        if (known.act == Act::stop) tell.of_speaker(Attribute::state, "stop", 90);
    }

    static Malformed behind(const Reader& in, Malformed what) noexcept {
        return what.shifted(static_cast<std::uint32_t>(head + in.position()));
    }
};

} // namespace

extern constinit const Dissector fuji_sph = row<FujiSph>();

} // namespace yagura::dissect::protocols
