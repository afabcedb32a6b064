// MELSOFT direct connection: what GX Works speaks with MELSEC controllers over TCP 5007, UDP 5006 and UDP
// 5560, and the search for controllers in front of it. Projects are written to a controller with it, and
// controllers are stopped.
//
// There is no public specification. What is read here was worked out from public captures of a Q03UDE and an
// FX5U, where the fields explain themselves: lengths, counters, the model's name, paths in UTF-16, handles,
// offsets. docs/protocols/melsoft.md tells what is known and what is not.
#include <algorithm>
#include <optional>

#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/melsoft/commands.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::protocols {
namespace {

using namespace melsoft;
using observe::Act;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t head_size = 21, route_at = 25;
constexpr std::uint32_t length_most = 4'096;
enum First : std::uint8_t { search = 0x5a, found = 0xda, request_head = 0x57, answer_head = 0xd7 };

struct Melsoft {
    static constexpr Over over[]{{"tcp", 5007}, {"udp", 5006}, {"udp", 5560}, {"tcp", 5562}};
    static constexpr Mark marks[]{
        {5, 0xffff0000, 0x11110000}, {0, 0xffffff00, 0x5a000000}, {0, 0xffffff00, 0xda000000}};
    static constexpr Facts facts{
        .name = "melsoft",
        .title = "MELSOFT direct connection",
        .specification = "none is public; worked out from captures of Q03UDE and FX5U",
        .over = over,
        .marks = marks,
        .message_most = head_size + length_most,
        .depth = Depth::acts,
    };

    struct Asked {
        std::uint32_t number; ///< of a device, offset in a file
        std::uint16_t code, sequence, group, count;
        bool alike(const Asked& other) const noexcept {
            return code == other.code && sequence == other.sequence;
        }
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    static constexpr std::size_t name_most = 48;
    struct State {
        Waiting<Asked, 8> asked;
        std::uint16_t opening; ///< sequence of the request to open `name`
        bool to_write;
        std::uint8_t name_size;
        std::array<char, name_most> name;
    };
    static constexpr std::uint8_t patience = 10;
    static constexpr std::uint64_t file_channel = 0x4d454c53'00000000;
    /// An open file, by its handle: byte 0 says that it is, byte 1 that it is written, byte 2 the size of its
    /// name.
    static constexpr std::size_t record_name = 3;

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = opening.latest == Speaker::client ? opening.client : opening.server;
        if (bytes.size() < 4) return {Likeness::more};
        Reader in{bytes};
        const auto first = in.u8();
        const auto second = in.u8();
        if (first == search || first == found) {
            if (second != 0 || in.u8() != 0) return {};
            if (first == search) return {bytes.size() == 4 ? Likeness::maybe : Likeness::no, Speaker::client};
            return {bytes.size() >= 14 && bytes.size() <= 32 ? Likeness::maybe : Likeness::no,
                    Speaker::server};
        }
        if ((first != request_head && first != answer_head) || second > 1) return {};
        const auto head = read_head(bytes);
        if (!head) return {bytes.size() < route_at ? Likeness::more : Likeness::no};
        return {Likeness::yes, head->answer ? Speaker::server : Speaker::client};
    }

    static Framing frame(Bytes stream) noexcept {
        if (stream.size() < route_at) {
            Reader in{stream};
            const auto first = in.u8();
            if (in.ok() && first != request_head && first != answer_head)
                return {.lost = Malformed{0, "not the beginning of a message"}};
            return {};
        }
        const auto head = read_head(stream);
        if (!head) return {.lost = Malformed{0, "not the beginning of a message"}};
        const auto whole = head_size + head->length;
        return {.length = stream.size() < whole ? 0 : whole};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Reader start{pdu.bytes};
        const auto first = start.u8();
        if (first == search || first == found) return searching(pdu, first, ways);
        const auto head = read_head(pdu.bytes);
        if (!head) return report(pdu, ways, {0, "message ends inside its head"});
        const auto body = pdu.bytes.subspan(head_size);
        const bool whole = body.size() >= head->length;
        if (!whole) report(pdu, ways, {19, "message ends before its length"});
        Reader in{body.first(std::min<std::size_t>(body.size(), head->length))};
        in.take(3);
        in.take(in.u8()); // the way to the controller
        std::uint16_t status = 0;
        if (head->answer) status = in.u16le();
        const auto code = in.u16(), sequence = in.u16le();
        in.u16();
        if (!in.ok()) {
            if (whole) report(pdu, ways, {route_at, "message ends before its command"});
            return;
        }
        const auto known = find_command(code);
        Operation operation{.protocol = pdu.protocol,
                            .function = {code, known.name},
                            .act = known.act,
                            .phase = head->answer ? Phase::response : Phase::request};
        if (head->answer)
            answer(pdu, known, sequence, status, in, operation, state, ways);
        else
            request(pdu, known, sequence, in, operation, state, ways);
        if (!in.ok() && whole)
            report(pdu, ways,
                   Malformed{0, "message ends before what it promises"}.shifted(
                       static_cast<std::uint32_t>(head_size + in.position())));
    }

private:
    struct Head {
        bool answer;
        std::uint32_t length;
    };
    static std::optional<Head> read_head(Bytes bytes) noexcept {
        if (bytes.size() < route_at) return std::nullopt;
        Reader in{bytes};
        const auto first = in.u8(), second = in.u8();
        in.take(3);
        const auto mark = in.u16();
        in.take(12);
        const auto length = in.u16le();
        const auto kind = in.u8();
        in.take(2);
        const auto route = in.u8();
        const bool answer = first == answer_head;
        if ((first != request_head && !answer) || second > 1 || mark != 0x1111) return std::nullopt;
        if (kind != (answer ? 0x9c : 0x1c) || length > length_most) return std::nullopt;
        if (length < 4u + route + (answer ? 8u : 6u)) return std::nullopt;
        return Head{answer, length};
    }

    static void searching(const Pdu& pdu, std::uint8_t first, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        in.take(3);
        const auto kind = in.u8();
        if (!in.ok()) return report(pdu, ways, {0, "message ends inside its head"});
        ways.say().on(pdu.origin, Operation{.protocol = pdu.protocol,
                                            .function = {0x5a00u | kind, "search for controllers"},
                                            .act = Act::browse,
                                            .phase = first == search ? Phase::request : Phase::response,
                                            .outcome = first == search ? Outcome::pending : Outcome::done});
    }

    static Asked nothing(std::uint16_t code, std::uint16_t sequence) noexcept {
        return {.number = 0, .code = code, .sequence = sequence, .group = 0, .count = 0};
    }

    /// "$MELPRJ$\MAIN.PRG": a length in bytes, then UTF-16. Other than ASCII becomes '?': nobody names files
    /// so.
    template <std::size_t N>
    static std::uint8_t read_name(Reader& in, std::array<char, N>& into) noexcept {
        const auto bytes = in.take(in.u16le());
        std::uint8_t size = 0;
        for (std::size_t at = 0; at + 2 <= bytes.size() && size < N; at += 2) {
            const auto low = std::to_integer<unsigned>(bytes[at]),
                       high = std::to_integer<unsigned>(bytes[at + 1]);
            if (low == 0 && high == 0) break;
            into[size++] = high == 0 && low >= 0x20 && low < 0x7f ? static_cast<char>(low) : '?';
        }
        return size;
    }

    static void request(const Pdu& pdu, const Known& known, std::uint16_t sequence, Reader& in,
                        Operation& operation, State& state, Ways& ways) noexcept {
        auto asked = nothing(known.code, sequence);
        std::array<char, name_most> name;
        switch (known.shape) {
        case Shape::device: {
            // Without access by several stations eight zeros, then kind, number, four zeros, how many.
            in.take(8);
            asked.group = in.u16le();
            asked.number = in.u32le();
            in.take(4);
            asked.count = in.u16le();
            if (!in.ok()) break;
            operation.object = device(asked);
            operation.count = asked.count;
            break;
        }
        case Shape::file_by_name: {
            in.take(6);
            in.u16(); // drive
            const auto size = read_name(in, name);
            if (in.ok()) operation.object = {.space = "file", .text = {name.data(), size}};
            break;
        }
        case Shape::open: {
            in.take(4);
            const auto mode = in.u16(); // 1 writes
            in.u16();                   // drive
            in.u32();                   // size
            const auto size = read_name(in, name);
            if (!in.ok()) break;
            operation.object = {.space = "file", .text = {name.data(), size}};
            operation.act = of(state.to_write = mode == 1, operation.object.text);
            state.opening = sequence;
            state.name_size = size;
            state.name = name;
            break;
        }
        case Shape::read_file:
        case Shape::write_file: {
            const auto handle = in.u16le();
            const auto offset = in.u32le();
            const auto length = in.u16le();
            if (!in.ok()) break;
            asked.group = handle;
            asked.number = offset;
            asked.count = length;
            operation.count = length;
            const auto file = open_file(ways, handle);
            operation.object = file.object(handle);
            if (file.known) operation.act = of(known.shape == Shape::write_file, file.name);
            if (known.shape == Shape::write_file)
                ways.transfer(file_channel | handle, content(file.name), file.name, offset,
                              in.take(std::min<std::size_t>(length, in.remaining())), Last::no, pdu.origin);
            break;
        }
        case Shape::close: {
            const auto handle = in.u16le();
            if (!in.ok()) break;
            asked.group = handle;
            const auto file = open_file(ways, handle);
            operation.object = file.object(handle);
            if (file.known) operation.act = of(file.written, file.name);
            if (file.written)
                ways.transfer(file_channel | handle, content(file.name), file.name, 0, {}, Last::yes,
                              pdu.origin);
            break;
        }
        default:
            break;
        }
        operation.pair = state.asked.ask(asked, pdu.origin.at, patience);
        ways.say().on(pdu.origin, operation);
    }

    static void answer(const Pdu& pdu, const Known& known, std::uint16_t sequence, std::uint16_t status,
                       Reader& in, Operation& operation, State& state, Ways& ways) noexcept {
        operation.status = status;
        operation.outcome = status == 0 ? Outcome::done : Outcome::refused;
        const auto found = state.asked.answer(nothing(known.code, sequence), pdu.origin.at, patience);
        std::uint16_t opened = 0;
        if (found) {
            const auto& asked = found->request;
            operation.pair = found->pair;
            operation.count = asked.count;
            switch (known.shape) {
            case Shape::device:
                operation.object = device(asked);
                if (known.act == Act::read && status == 0 && in.remaining() >= 2)
                    operation.value = asked.count <= 1 || in.remaining() < 4
                                          ? observe::Value{std::uint64_t{in.u16le()}}
                                          : observe::Value{
                                                observe::Array{observe::Array::Of::u16, true,
                                                               static_cast<std::uint16_t>(in.remaining() / 2),
                                                               in.take(in.remaining() / 2 * 2)}};
                break;
            case Shape::open:
                if (state.opening == sequence && state.name_size != 0) {
                    operation.object = {.space = "file", .text = {state.name.data(), state.name_size}};
                    operation.act = of(state.to_write, operation.object.text);
                    if (status == 0) {
                        opened = in.u16le();
                        if (in.ok()) keep(ways, opened, state);
                    }
                }
                break;
            case Shape::read_file:
            case Shape::write_file:
            case Shape::close: {
                const auto file = open_file(ways, asked.group);
                operation.object = file.object(asked.group);
                if (file.known)
                    operation.act = of(known.shape == Shape::close ? file.written
                                                                   : known.shape == Shape::write_file,
                                       file.name);
                break;
            }
            default:
                break;
            }
        }
        ways.say().on(pdu.origin, operation);
        if (status == 0) learn(pdu, known, in, ways);
    }

    static observe::Object device(const Asked& asked) noexcept {
        return {.space = "device", .group = asked.group, .number = asked.number};
    }

    /// A project's files are the program: to write one is what loading a program is here.
    static bool is_program(std::string_view name) noexcept { return name.starts_with("$MELPRJ$"); }
    static Act of(bool written, std::string_view name) noexcept {
        if (is_program(name)) return written ? Act::program_download : Act::program_upload;
        return written ? Act::file_write : Act::file_read;
    }
    static observe::Transfer::Content content(std::string_view name) noexcept {
        return is_program(name) ? observe::Transfer::Content::program : observe::Transfer::Content::file;
    }

    struct File {
        bool known = false, written = false;
        std::string_view name{};
        observe::Object object(std::uint16_t handle) const noexcept {
            return known ? observe::Object{.space = "file", .text = name}
                         : observe::Object{.space = "file handle", .number = handle};
        }
    };
    static File open_file(Ways& ways, std::uint16_t handle) noexcept {
        const auto* record = ways.remember(file_channel | handle);
        if (!record || (*record)[0] == std::byte{0}) return {};
        const auto size = std::min<std::size_t>(std::to_integer<std::size_t>((*record)[2]),
                                                record->size() - record_name);
        return {true, (*record)[1] != std::byte{0}, as_text(Bytes{*record}.subspan(record_name, size))};
    }
    static void keep(Ways& ways, std::uint16_t handle, const State& state) noexcept {
        auto* record = ways.remember(file_channel | handle);
        if (!record) return;
        *record = {};
        (*record)[0] = std::byte{1};
        (*record)[1] = static_cast<std::byte>(state.to_write);
        (*record)[2] = static_cast<std::byte>(state.name_size);
        for (std::size_t at = 0; at < state.name_size; ++at)
            (*record)[record_name + at] = static_cast<std::byte>(state.name[at]);
    }
    static_assert(record_name + name_most <= std::tuple_size_v<Ways::Record>);

    static void learn(const Pdu& pdu, const Known& known, Reader& in, Ways& ways) noexcept {
        const auto tell = [&](observe::Attribute attribute, std::string_view value, std::uint8_t confidence) {
            ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                        .subject = observe::Subject::speaker,
                                                        .attribute = attribute,
                                                        .value = value,
                                                        .confidence = confidence});
        };
        switch (known.code) {
        case 0x0101:
        case 0x0121: {
            if (in.remaining() < 16) break;
            auto model = as_text(in.take(16));
            model = model.substr(0, model.find('\0'));
            while (!model.empty() && model.back() == ' ') model.remove_suffix(1);
            if (!model.empty()) tell(observe::Attribute::product, model, 100);
            break;
        }
        case 0x1001:
            tell(observe::Attribute::state, "run", 90);
            break;
        case 0x1002:
            tell(observe::Attribute::state, "stop", 90);
            break;
        case 0x1003:
            tell(observe::Attribute::state, "pause", 90);
            break;
        default:
            break;
        }
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector melsoft = row<Melsoft>();

} // namespace yagura::dissect::protocols
