// S7 communication of the 300 and 400 (and what 1200 and 1500 still speak of it): variables, blocks,
// control, and what a controller says about itself.
//
// Siemens publishes no specification. Written from the descriptions that docs/protocols/s7comm.md names;
// what they do not agree on is left unread.
#include "spine/dissect/protocols/cotp.h"
#include "spine/dissect/protocols/s7comm/items.h"
#include "spine/dissect/protocols/s7comm/pairing.h"
#include "spine/dissect/protocols/s7comm/szl.h"

namespace yagura::dissect::protocols {
namespace {

using namespace s7;
using observe::Object;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::uint8_t identifier = 0x32;
constexpr std::uint64_t transfer_channel = 0x53375452'00000000; ///< + 1 for what is uploaded
constexpr std::uint64_t fragment_channel = 0x53374652'00000000;
constexpr std::uint64_t cyclic_key = 0x53374359'00000000;

/// What one message is about. The object of the operation borrows from it.
struct About {
    Item item{};
    TextRoom<32> text{};
    std::uint8_t items = 0;
};

struct S7comm {
    static constexpr Over over[]{{"cotp", 0}};
    static constexpr Mark marks[]{{0, 0xff000000, 0x32000000}};
    static constexpr Facts facts{
        .name = "s7comm",
        .title = "S7 communication",
        .specification = "none published; see docs/protocols/s7comm.md",
        .over = over,
        .marks = marks,
        .message_most = 65'531,
        .status_name = status_name,
    };
    struct State {
        Pairing pairing;
        std::array<std::uint32_t, 2> moved; ///< bytes of the block that is loaded, and of the one uploaded
        std::array<std::byte, 9> uploaded;  ///< its file name
        std::uint8_t part;                  ///< 0 not asked, 1 none, 2 known
        std::uint8_t rack, slot;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto head = opening.latest == Speaker::client ? opening.client : opening.server;
        Reader in{head};
        const auto id = in.u8(), rosctr = in.u8();
        if (!in.ok()) return {head.empty() || id == identifier ? Likeness::more : Likeness::no};
        if (id != identifier) return {};
        switch (rosctr) {
        case job:
        case userdata: // Both sides ask.
        case acknowledge:
        case answer:
            return {Likeness::yes};
        default:
            return {};
        }
    }

    static Framing frame(Bytes stream) noexcept { return {.length = stream.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        Reader in{pdu.bytes};
        const auto id = in.u8(), rosctr = in.u8();
        in.u16(); // redundancy identification
        Message message{.pdu = pdu, .state = state, .ways = ways};
        message.reference = in.u16();
        const auto parameters = in.u16(), data = in.u16();
        const bool answers = rosctr == acknowledge || rosctr == answer;
        const auto error = answers ? in.u16() : std::uint16_t{0};
        if (!in.ok()) return report(pdu, ways, {0, "message ends inside its header"});
        if (id != identifier) return report(pdu, ways, {0, "protocol identifier is not 0x32"});
        if (in.remaining() != std::size_t{parameters} + data)
            message.trouble = Malformed{6, "lengths are not those of the message"};
        message.parameters = in.take(std::min<std::size_t>(parameters, in.remaining()));
        message.data = in.take(std::min<std::size_t>(data, in.remaining()));
        message.operation.protocol = pdu.protocol;
        message.operation.status = error;
        find_part(message);

        switch (rosctr) {
        case job:
            if (message.parameters.empty()) return report(pdu, ways, {10, "a job has no function"});
            return asks(message);
        case acknowledge:
        case answer:
            if (message.parameters.empty()) return acknowledges(message, rosctr);
            return answers_job(message);
        case userdata:
            return talks(message);
        default:
            return report(pdu, ways, {1, "kind of message is not known"});
        }
    }

private:
    struct Message {
        const Pdu& pdu;
        State& state;
        Ways& ways;
        std::uint16_t reference = 0;
        Bytes parameters{}, data{};
        observe::Operation operation{};
        std::optional<Malformed> trouble{};
    };

    static void find_part(Message& message) noexcept {
        auto& state = message.state;
        if (state.part == 0) {
            state.part = 1;
            const auto* record = message.ways.remember(cotp_part);
            if (record && (*record)[0] == std::byte{1}) {
                state.part = 2;
                state.rack = std::to_integer<std::uint8_t>((*record)[1]);
                state.slot = std::to_integer<std::uint8_t>((*record)[2]);
            }
        }
        if (state.part == 2)
            message.operation.part = {
                .steps = {{{observe::Part::Hop::rack, state.rack}, {observe::Part::Hop::slot, state.slot}}},
                .size = 2};
    }

    static void name(Message& message, const Known& known) noexcept {
        message.operation.function = {known.code, known.name};
        message.operation.act = known.act;
    }
    static void complain(Message& message, Malformed detail) noexcept {
        if (!message.trouble) message.trouble = detail;
    }
    static void say(Message& message) noexcept {
        message.ways.say().on(message.pdu.origin, message.operation);
    }
    static void finish(Message& message) noexcept {
        if (message.trouble) report(message.pdu, message.ways, *message.trouble);
    }

    /// An acknowledgement without any function. What it is about stands in the reference only, and one that
    /// nothing waits for is told all the same.
    static void acknowledges(Message& message, std::uint8_t rosctr) noexcept {
        auto& operation = message.operation;
        operation.function = {without_function | rosctr, "acknowledgement"};
        operation.phase = Phase::response;
        operation.outcome = operation.status ? Outcome::refused : Outcome::done;
        const auto found = message.state.pairing.answer(Pairing::any_code, message.reference, message.pdu,
                                                        message.ways);
        operation.pair = found.pair;
        About about;
        if (found.pair != 0 && found.code < without_function >> 1) {
            operation.act = find_function(static_cast<std::uint8_t>(found.code)).act;
            if (!found.request.empty())
                (void)describe(message, static_cast<std::uint8_t>(found.code), found.request, about);
        }
        say(message);
        finish(message);
    }

    static Reader behind(Bytes bytes, std::size_t count) noexcept {
        return Reader{bytes.subspan(std::min(count, bytes.size()))};
    }
    static std::uint8_t at(Bytes bytes, std::size_t index) noexcept {
        return index < bytes.size() ? std::to_integer<std::uint8_t>(bytes[index]) : std::uint8_t{0};
    }

    static void asks(Message& message) noexcept {
        const auto code = at(message.parameters, 0);
        name(message, find_function(code));
        auto& operation = message.operation;
        operation.phase = Phase::request;
        About about;
        if (!describe(message, code, message.parameters, about))
            complain(message, {10, "parameters end before what they promise"});
        if (code == write_variable && about.items > 0) {
            Reader values{message.data};
            const auto data = read_data(values, about.items == 1);
            if (values.ok())
                operation.value = value_of(&about.item, data);
            else
                complain(message, {12, "data end inside an item"});
        }
        operation.pair = message.state.pairing.ask(code, message.reference, message.pdu, message.parameters,
                                                   message.ways);
        say(message);
        if (code == write_variable)
            more_values(message, behind(message.parameters, 2), Reader{message.data}, about.items);
        finish(message);
    }

    static void answers_job(Message& message) noexcept {
        const auto code = at(message.parameters, 0);
        name(message, find_function(code));
        auto& operation = message.operation;
        operation.phase = Phase::response;
        operation.outcome = operation.status ? Outcome::refused : Outcome::done;
        const auto found = message.state.pairing.answer(code, message.reference, message.pdu, message.ways);
        operation.pair = found.pair;
        About about;
        if (!found.request.empty()) (void)describe(message, code, found.request, about);
        Reader values{message.data};
        const auto items = at(message.parameters, 1);
        switch (code) {
        case read_variable:
            if (items == 0 || operation.outcome == Outcome::refused) break;
            if (const auto data = read_data(values, items == 1); !values.ok())
                complain(message, {12, "data end inside an item"});
            else if (data.code == item_done)
                operation.value = value_of(about.items ? &about.item : nullptr, data);
            else
                refuse(operation, data.code);
            break;
        case write_variable:
            for (unsigned i = 0; i < items && values.remaining() > 0; ++i)
                if (const auto result = values.u8(); result != item_done) refuse(operation, result);
            if (values.ok() && message.data.size() < items) complain(message, {12, "results are missing"});
            break;
        case setup: {
            Reader in{message.parameters};
            in.take(6);
            const auto size = in.u16();
            if (in.ok())
                operation.value = std::uint64_t{size};
            else
                complain(message, {12, "parameters end before what they promise"});
            break;
        }
        default:
            break;
        }
        say(message);
        if (code == read_variable && about.items > 0)
            more_values(message, behind(found.request, 2), Reader{message.data}, items);
        if (code == download_block || code == upload) moves(message, code, found.request);
        finish(message);
    }

    /// The first that went wrong decides: an act that was done in part was not done.
    static void refuse(observe::Operation& operation, std::uint8_t code) noexcept {
        if (operation.outcome == Outcome::refused) return;
        operation.outcome = Outcome::refused;
        operation.status = code;
    }

    /// What is not told by the operation itself: items behind the first, and stretches behind the first.
    /// `addresses` and `values` stand before the first item.
    static void more_values(Message& message, Reader addresses, Reader values, unsigned items) noexcept {
        for (unsigned i = 0; i < items; ++i) {
            Item item;
            if (!read_item(addresses, item)) return;
            const auto data = read_data(values, i + 1 == items);
            if (!values.ok()) return complain(message, {12, "data end inside an item"});
            if (!item.known || (data.code != item_done && data.code != 0) || data.bytes.empty()) continue;
            if (!item.parts.empty())
                more_parts(message, item, data, i == 0 ? 1u : 0u);
            else if (i > 0)
                variable(message, item, data);
        }
    }
    static void more_parts(Message& message, const Item& item, const Data& data, unsigned from) noexcept {
        Reader parts{item.parts}, results{data.bytes};
        for (unsigned i = 0; parts.remaining() > 0; ++i) {
            const auto part = read_part(parts);
            const auto code = results.u8();
            if (!parts.ok() || !results.ok()) return;
            if (code != item_done) continue; // Refused, or has not changed: no bytes.
            const auto bytes = results.take(part.bytes);
            if (!results.ok() || bytes.empty()) return;
            if (i < from) continue;
            message.ways.say().on(message.pdu.origin, observe::Variable{.protocol = message.pdu.protocol,
                                                                        .part = message.operation.part,
                                                                        .object = part.object(),
                                                                        .value = octets(bytes),
                                                                        .count = part.bytes});
        }
    }
    static void variable(Message& message, const Item& item, const Data& data) noexcept {
        message.ways.say().on(message.pdu.origin, observe::Variable{.protocol = message.pdu.protocol,
                                                                    .part = message.operation.part,
                                                                    .object = item.object,
                                                                    .value = value_of(&item, data),
                                                                    .count = item.count});
    }

    /// Object, count and, where the bytes decide it, the act of a job; for its answer too.
    static bool describe(Message& message, std::uint8_t code, Bytes parameters, About& about) noexcept {
        auto& operation = message.operation;
        Reader in{parameters};
        in.u8();
        switch (code) {
        case read_variable:
        case write_variable: {
            const auto items = in.u8();
            if (!in.ok()) return false;
            if (items == 0) return true;
            if (!read_item(in, about.item)) return false;
            about.items = items;
            if (about.item.known) {
                operation.object = about.item.object;
                operation.count = about.item.count;
            }
            return true;
        }
        case request_download:
        case download_block:
        case download_ended:
        case start_upload: {
            in.take(7);
            const auto file = in.take(in.u8());
            if (!in.ok()) return false;
            name_block(file, about, operation);
            const bool asks = operation.phase == Phase::request;
            if (asks && code == request_download) message.state.moved[0] = 0;
            if (asks && code == start_upload) {
                message.state.moved[1] = 0;
                message.state.uploaded = {};
                std::ranges::copy(file.first(std::min(file.size(), message.state.uploaded.size())),
                                  message.state.uploaded.begin());
            }
            return true;
        }
        case upload:
        case end_upload:
            if (message.state.uploaded[0] != std::byte{0})
                name_block(message.state.uploaded, about, operation);
            return true;
        case program_invocation:
            return describe_service(in, about, operation);
        case plc_stop: {
            in.take(5);
            const auto service = in.take(in.u8());
            if (!in.ok()) return false;
            operation.object = {.space = "service", .text = about.text.add(as_text(service)).view()};
            return true;
        }
        case setup: {
            in.take(5);
            const auto size = in.u16();
            if (!in.ok()) return false;
            if (operation.phase == Phase::request) operation.value = std::uint64_t{size};
            return true;
        }
        default:
            return true;
        }
    }

    static void name_block(Bytes file, About& about, observe::Operation& operation) noexcept {
        if (block_name(file, about.text))
            operation.object = {.space = "block", .text = about.text.view()};
        else if (!file.empty())
            operation.object = {.space = "file", .text = about.text.add(as_text(file)).view()};
    }

    /// Seven bytes, a block of arguments, and the name of what shall be done with them.
    static bool describe_service(Reader& in, About& about, observe::Operation& operation) noexcept {
        in.take(7);
        Reader arguments{in.take(in.u16())};
        const auto service = as_text(in.take(in.u8()));
        if (!in.ok()) return false;
        for (const auto& known : services)
            if (known.name == service) operation.act = known.act;
        if (service == "_INSE" || service == "_DELE") {
            arguments.take(2); // how many, fill byte
            const auto file = arguments.take(8);
            TextRoom<32> block;
            std::array<std::byte, 9> with_mark{std::byte{'_'}};
            if (arguments.ok()) std::ranges::copy(file, with_mark.begin() + 1);
            if (arguments.ok() && block_name(with_mark, block)) {
                operation.object = {.space = "block", .text = about.text.add(block.view()).view()};
                return true;
            }
        }
        operation.object = {.space = "service", .text = about.text.add(service).view()};
        return true;
    }

    /// A piece of a block: when it is loaded the controller asks for it, so that it comes in the answer both
    /// ways.
    static void moves(Message& message, std::uint8_t code, Bytes request) noexcept {
        if (message.operation.outcome == Outcome::refused) return;
        Reader in{message.data};
        const auto length = in.u16();
        in.u16();
        const auto piece = in.take(length);
        if (!in.ok()) return complain(message, {12, "a block's piece is shorter than it says"});
        const auto direction = code == upload ? 1u : 0u;
        TextRoom<32> name;
        Reader file{request};
        file.take(8);
        (void)block_name(code == upload ? Bytes{message.state.uploaded} : file.take(file.u8()), name);
        auto& moved = message.state.moved[direction];
        const bool more = at(message.parameters, 1) & 1u;
        message.ways.transfer(transfer_channel + direction, observe::Transfer::Content::program, name.view(),
                              moved, piece, more ? Last::no : Last::yes, message.pdu.origin);
        moved += static_cast<std::uint32_t>(piece.size());
    }

    /// User data: a head of its own, then groups of functions.
    static void talks(Message& message) noexcept {
        // Head of three bytes, length, method, type and group, subfunction, sequence; in the long form also
        // which data unit, whether more come, and an error.
        const auto head = message.parameters;
        if (head.size() < 7)
            return report(message.pdu, message.ways, {10, "user data end before their function"});
        if (head.size() < 8) complain(message, {10, "parameters end before what they promise"});
        const auto type = at(head, 5) >> 4 & 12; // The two low bits say that it is about a numerical control.
        const auto group = static_cast<std::uint8_t>(at(head, 5) & 15u);
        const auto sequence = at(head, 7);
        const bool extended = head.size() >= 12;
        const auto unit = at(head, 8), more = at(head, 9);
        const auto error = static_cast<std::uint16_t>(at(head, 10) << 8 | at(head, 11));
        const auto known = find_userdata(group, at(head, 6));
        name(message, known);
        auto& operation = message.operation;
        operation.phase = type == 4 ? Phase::request : type == 8 ? Phase::response : Phase::event;
        operation.outcome = type == 4 ? Outcome::pending : Outcome::done;

        Reader body{message.data};
        body.take(2); // return code, transport
        const auto length = body.u16();
        const auto content = body.take(std::min<std::size_t>(length, body.remaining()));
        if (!message.data.empty() && (!body.ok() || content.size() != length))
            complain(message, {12, "data end before what they promise"});

        About about;
        if (operation.phase == Phase::request) {
            describe_userdata(known.code, content, about, operation);
            operation.pair = message.state.pairing.ask(known.code, message.reference, message.pdu, content,
                                                       message.ways);
            say(message);
        } else if (operation.phase == Phase::response) {
            if (extended && error != 0) {
                operation.outcome = Outcome::refused;
                operation.status = error;
            }
            const auto found = message.state.pairing.answer(known.code, message.reference, message.pdu,
                                                            message.ways);
            operation.pair = found.pair;
            if (!found.request.empty()) describe_userdata(known.code, found.request, about, operation);
            const bool subscribed = subscribes(known.code) && operation.outcome == Outcome::done &&
                                    about.item.known;
            Reader values{content};
            const auto items = values.u16();
            if (subscribed) {
                keep_addresses(message, sequence, found.request);
                Reader first = values;
                const auto data = read_data(first, items == 1);
                if (first.ok() && data.code == item_done) operation.value = value_of(&about.item, data);
            }
            say(message);
            if (subscribed && values.ok()) more_values(message, behind(found.request, 4), values, items);
            if (known.code == composite(cpu, 1) && operation.outcome == Outcome::done) {
                const auto whole = message.ways.gather(fragment_channel + (extended ? unit : 0u), content,
                                                       extended && more ? Last::no : Last::yes);
                if (!whole.empty()) read_szl(message.pdu, operation.part, whole, message.ways);
            }
        } else {
            if (group == mode_transition) {
                const auto mode = at(message.parameters, 6);
                const auto state = mode == 0                             ? std::string_view{"stop"}
                                   : mode == 2 || mode == 9              ? std::string_view{"run"}
                                   : mode == 4                           ? std::string_view{"hold"}
                                   : mode == 1 || mode == 3 || mode == 6 ? std::string_view{"start-up"}
                                                                         : std::string_view{};
                say(message);
                if (!state.empty())
                    message.ways.say().on(message.pdu.origin,
                                          observe::Identity{.protocol = message.pdu.protocol,
                                                            .subject = observe::Subject::speaker,
                                                            .part = operation.part,
                                                            .attribute = observe::Attribute::state,
                                                            .value = state});
            } else {
                if (group == cyclic) {
                    operation.act = Act::report;
                    first_cyclic(message, sequence, content, about);
                }
                say(message);
                if (group == cyclic) more_cyclic(message, sequence, content);
            }
        }
        finish(message);
    }

    static void describe_userdata(std::uint32_t code, Bytes content, About& about,
                                  observe::Operation& operation) noexcept {
        Reader in{content};
        switch (code) {
        case composite(cpu, 1): {
            const auto list = in.take(2);
            const auto index = in.u16();
            if (!in.ok()) break;
            about.text.add("0x").hex(list).add(" index ").number(index);
            operation.object = {.space = "szl", .text = about.text.view()};
            break;
        }
        case composite(blocks, 2): {
            const auto type = in.take(2);
            if (in.ok() && !block_type(type[1]).empty())
                operation.object = {.space = "block", .text = block_type(type[1])};
            break;
        }
        case composite(blocks, 3): {
            std::array<std::byte, 9> file{std::byte{'_'}};
            const auto block = in.take(7);
            if (!in.ok()) break;
            std::ranges::copy(block, file.begin() + 1);
            if (block_name(file, about.text))
                operation.object = {.space = "block", .text = about.text.view()};
            break;
        }
        case composite(cyclic, 1):
        case composite(cyclic, 5):
            in.take(4); // how many, how often
            if (in.ok() && read_item(in, about.item) && about.item.known) {
                operation.object = about.item.object;
                operation.count = about.item.count;
            }
            break;
        case composite(clock, 2):
        case composite(clock, 4): {
            in.take(2);                     // The century is always 19: the year below 90 decides.
            const auto digits = in.take(6); // Two decimal digits in each byte: year … second.
            if (!in.ok()) break;
            about.text.add(at(digits, 0) < 0x90 ? "20" : "19").hex(digits.first(3), "-");
            about.text.add(' ').hex(digits.subspan(3, 3), ":");
            operation.value = about.text.view();
            break;
        }
        default:
            break;
        }
    }

    static bool subscribes(std::uint32_t code) noexcept {
        return code == composite(cyclic, 1) || code == composite(cyclic, 5);
    }
    static constexpr unsigned kept_most = 6;
    /// What comes every so often has no addresses of its own: those of the request are kept, up to six.
    static void keep_addresses(Message& message, std::uint8_t sequence, Bytes request) noexcept {
        Reader in{request};
        const auto items = in.u16();
        in.u16();
        if (!in.ok()) return;
        auto* record = message.ways.remember(cyclic_key | sequence);
        if (!record) return;
        std::size_t used = 0;
        for (unsigned i = 0; i < items && used < kept_most; ++i) {
            const auto head = in.take(3); // kind, length, syntax
            const auto address = in.take(9);
            if (!in.ok() || at(head, 0) != 0x12 || at(head, 1) != 10 || at(head, 2) != 0x10) break;
            std::ranges::copy(address, record->begin() + 1 + static_cast<std::ptrdiff_t>(used * 9));
            ++used;
        }
        (*record)[0] = static_cast<std::byte>(used);
    }
    static bool kept_address(Message& message, std::uint8_t sequence, unsigned index, Item& item) noexcept {
        const auto* record = message.ways.remember(cyclic_key | sequence);
        if (!record || index >= std::to_integer<unsigned>((*record)[0]) || index >= kept_most) return false;
        Reader in{Bytes{*record}.subspan(1 + index * std::size_t{9}, 9)};
        item.known = read_any(in, item);
        return item.known;
    }
    static void first_cyclic(Message& message, std::uint8_t sequence, Bytes content, About& about) noexcept {
        Reader in{content};
        const auto items = in.u16();
        if (!in.ok() || items == 0) return;
        const auto data = read_data(in, items == 1);
        if (!in.ok() || !kept_address(message, sequence, 0, about.item)) return;
        message.operation.object = about.item.object;
        message.operation.count = about.item.count;
        if (data.code == item_done) message.operation.value = value_of(&about.item, data);
    }
    static void more_cyclic(Message& message, std::uint8_t sequence, Bytes content) noexcept {
        Reader in{content};
        const auto items = in.u16();
        for (unsigned i = 0; i < items && i < kept_most && in.ok(); ++i) {
            const auto data = read_data(in, i + 1u == items);
            if (!in.ok() || i == 0) continue;
            Item item;
            if (data.code != item_done || data.bytes.empty() || !kept_address(message, sequence, i, item))
                continue;
            variable(message, item, data);
        }
    }

    static void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }
};

} // namespace

extern constinit const Dissector s7comm = row<S7comm>();

} // namespace yagura::dissect::protocols
