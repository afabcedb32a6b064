// ADS over AMS/TCP: how Beckhoff's TwinCAT is read, written, watched, started and stopped; and the search for
// TwinCAT routers over UDP, in which they tell their names, versions and systems.
//
// From Beckhoff Information System, "AMS/ADS specification" (AMS/TCP header, AMS header, ADS commands), "ADS
// return codes" and the index groups of PLC and system service. The search is not published by its maker; its
// layout is what open clients send. docs/protocols/ads.md tells objects and limits.
#include <array>
#include <optional>

#include "spine/base/text_room.h"
#include "spine/dissect/protocols/ads/names.h"
#include "spine/dissect/protocols/ads/search.h"
#include "spine/dissect/tell.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::protocols {
namespace {

using namespace ads;
using observe::Attribute;
using observe::Object;
using observe::Operation;
using observe::Outcome;
using observe::Part;
using observe::Phase;
using observe::Speaker;
using observe::Value;

constexpr std::size_t tcp_head = 6, ams_head = 32, heads = tcp_head + ams_head;
constexpr std::size_t read_most = 16u << 10;     ///< of a message; the rest of a long one passes unread
constexpr std::uint32_t length_most = 64u << 20; ///< nobody sends a longer one
constexpr std::uint32_t variables_most = 64;     ///< that one message tells
constexpr std::uint16_t response = 1, is_ads = 4, flags_known = 0x83ff;
constexpr std::uint8_t patience = 30;

/// Keys of Ways::remember. A name: its length, then its letters; a notification: what it watches.
constexpr std::uint64_t name_asked = 0x41445341'00000000, name_known = 0x41445348'00000000,
                        watch_known = 0x4144534e'00000000, first_asked = 0x41445346'00000000;
constexpr std::uint32_t asked_at_once = 8;

struct Head {
    std::uint32_t length = 0; ///< of what follows the TCP header
    std::uint16_t to_port = 0, from_port = 0;
    std::uint16_t command = 0, flags = 0;
    std::uint32_t data = 0, error = 0, invoke = 0;
    bool answers() const noexcept { return (flags & response) != 0; }
    /// Which of the two ports is the device's.
    std::uint16_t port() const noexcept { return answers() || command == notification ? from_port : to_port; }
};
Head read_head(Reader& in) noexcept {
    Head head;
    in.u16();
    head.length = in.u32le();
    in.take(6);
    head.to_port = in.u16le();
    in.take(6);
    head.from_port = in.u16le();
    head.command = in.u16le();
    head.flags = in.u16le();
    head.data = in.u32le();
    head.error = in.u32le();
    head.invoke = in.u32le();
    return head;
}
void keep(Ways::Record& record, std::string_view name) noexcept {
    const auto size = std::min(name.size(), record.size() - 1);
    record[0] = static_cast<std::byte>(size);
    std::ranges::copy(std::as_bytes(std::span{name.data(), size}), record.begin() + 1);
}
std::string_view kept(const Ways::Record& record) noexcept {
    const auto size = std::min(std::to_integer<std::size_t>(record[0]), record.size() - 1);
    return as_text(Bytes{record}.subspan(1, size));
}

struct Ads {
    static constexpr Over over[]{{"tcp", 48898}, {"udp", 48899}};
    /// The flags, with the command's upper half before them; the search's first octets.
    static constexpr Mark marks[]{{23, 0xff04fc00, 0x00040000}, {0, 0xffffffff, search_magic}};
    static constexpr Facts facts{
        .name = "ads",
        .title = "Beckhoff ADS/AMS",
        .specification = "Beckhoff Information System, AMS/ADS specification (TE1000 ADS, v1.x)",
        .over = over,
        .marks = marks,
        .message_most = read_most,
        .status_name = error_name,
    };

    struct Asked {
        std::uint32_t invoke, group, offset;
        std::uint16_t port;
        std::uint8_t command;
        Speaker by;
        bool alike(const Asked& other) const noexcept {
            return invoke == other.invoke && command == other.command && by == other.by;
        }
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        Waiting<Asked, 12> asked;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader start{bytes};
        if (start.u32() == search_magic && start.ok()) return search_looks_like(bytes);
        Reader in{bytes};
        const auto head = read_head(in);
        if (!in.ok()) {
            Reader begin{bytes};
            return {bytes.size() < 2 || begin.u16() == 0 ? Likeness::more : Likeness::no};
        }
        if (bytes[0] != std::byte{0} || bytes[1] != std::byte{0} || head.length != head.data + ams_head ||
            head.length < ams_head || head.length > length_most || head.command == 0 ||
            head.command > command_last || (head.flags & is_ads) == 0 || (head.flags & ~flags_known) != 0)
            return {};
        const auto& known = commands[head.command];
        const auto least = head.answers() ? known.answers : known.asks;
        if (!head.answers() && (head.error != 0 || head.data < least || (least == 0 && head.data != 0)))
            return {};
        if (head.answers() && head.error == 0 && head.data < std::min<unsigned>(least, 4)) return {};
        const bool of_device = head.answers() || head.command == notification;
        return {Likeness::yes, of_device ? Speaker::server : Speaker::client};
    }

    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        if (in.u32() == search_magic && in.ok()) return {.length = stream.size()};
        Reader head{stream};
        const auto reserved = head.u16();
        const auto length = head.u32le();
        if (!head.ok()) return {};
        if (reserved != 0) return {.lost = Malformed{0, "not the beginning of an AMS/TCP header"}};
        if (length < ams_head) return {.lost = Malformed{2, "length is less than an AMS header's"}};
        if (length > length_most) return {.lost = Malformed{2, "length is more than 64 MiB"}};
        const auto wanted = std::min(tcp_head + length, read_most);
        return {.length = stream.size() < wanted ? 0 : wanted};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader start{pdu.bytes};
        if (start.u32() == search_magic && start.ok()) return search(tell);
        Reader in{pdu.bytes};
        const auto head = read_head(in);
        if (!in.ok()) return tell.report({0, "message ends inside its heads"});
        if (pdu.bytes[0] != std::byte{0} || pdu.bytes[1] != std::byte{0})
            return tell.report({0, "not the beginning of an AMS/TCP header"});
        const std::size_t whole = tcp_head + std::size_t{head.length};
        const bool cut = pdu.bytes.size() < std::min(whole, read_most);
        const bool agrees = head.length == std::uint64_t{head.data} + ams_head;
        Reader data{in.take(std::min<std::size_t>(head.data, in.remaining()))};
        const bool complete = data.remaining() == head.data; ///< what follows is not cut off by read_most
        command(head, data, complete, state, tell);
        if (whole > pdu.bytes.size() && !cut) ways.pass_over(whole - pdu.bytes.size());
        if (cut)
            tell.report({2, "message is shorter than its length"});
        else if (!agrees)
            tell.report({26, "length of the data is not what the message holds"});
        else if (!data.ok() && complete)
            tell.report(Malformed{0, "fields are longer than their message"}.shifted(heads));
    }

private:
    static void command(const Head& head, Reader& in, bool complete, State& state,
                        const Tell& tell) noexcept {
        const bool known = head.command >= 1 && head.command <= command_last;
        Operation said{.function = {head.command, known ? commands[head.command].name
                                                        : std::string_view{"unknown command"}},
                       .act = known ? commands[head.command].act : Act::unknown,
                       .phase = head.answers() ? Phase::response : Phase::request,
                       .outcome = head.answers() ? Outcome::done : Outcome::pending,
                       .part = {.steps = {{{Part::Hop::port, head.port()}}}, .size = 1}};
        if (head.error != 0) {
            said.status = head.error;
            said.outcome = Outcome::refused;
        }
        if (!known)
            tell.operation(said);
        else if (head.command == notification && !head.answers())
            notified(in, said, tell);
        else if (head.answers())
            answer(head, in, complete, said, state, tell);
        else
            request(head, in, complete, said, state, tell);
    }

    // ---- requests

    static void request(const Head& head, Reader& in, bool complete, Operation& said, State& state,
                        const Tell& tell) noexcept {
        Asked asked{.invoke = head.invoke,
                    .group = 0,
                    .offset = 0,
                    .port = head.to_port,
                    .command = static_cast<std::uint8_t>(head.command),
                    .by = tell.pdu.origin.speaker};
        std::string_view name;
        std::uint32_t length = 0, to_write = 0;
        Bytes data;
        switch (head.command) {
        case read:
        case write:
        case read_write:
        case add_notification:
            asked.group = in.u32le();
            asked.offset = in.u32le();
            length = in.u32le();
            if (head.command == read_write) to_write = in.u32le();
            if (head.command == write) to_write = length;
            if (head.command == add_notification) in.take(28); // Mode, delay, cycle and what is reserved.
            if (to_write > in.remaining() && !complete) to_write = static_cast<std::uint32_t>(in.remaining());
            data = in.take(to_write);
            if (!in.ok()) break;
            said.act = act_of(head, asked.group, asked.offset);
            if (names_its_object(head.to_port, asked.group)) name = name_in(data);
            said.count = length;
            break;
        case write_control: {
            const auto to = in.u16le();
            in.u16le(); // The device's own state.
            in.take(in.u32le());
            if (to < std::size(states)) said.act = states[to].sets;
            if (to < std::size(states))
                said.value = states[to].name;
            else
                said.value = std::uint64_t{to};
            asked.offset = to;
            said.object = state_object(to);
            break;
        }
        case delete_notification: {
            asked.offset = in.u32le();
            said.object = {.space = "notification", .number = asked.offset};
            break;
        }
        default:
            break;
        }
        if (in.ok() && asked.group == release_handle && head.command == write && data.size() == 4)
            asked.offset = Reader{data}.u32le();
        if (!in.ok()) said.value = {}, said.object = {};
        said.pair = state.asked.ask(asked, tell.pdu.origin.at, patience);
        TextRoom<64> room;
        if (in.ok() && asked.group != 0) {
            if (is_sum(asked.group) && head.command == read_write)
                return sum(head, asked, data, complete, said, tell);
            said.object = object(head.to_port, asked.group, asked.offset, name, room, tell.ways);
            if (name.empty() && !data.empty()) said.value = value(data);
            if (!name.empty())
                if (auto* record = tell.ways.remember(name_asked | (said.pair % asked_at_once)))
                    keep(*record, name);
        }
        tell.operation(said);
    }

    static Act act_of(const Head& head, std::uint32_t group, std::uint32_t offset) noexcept {
        if (head.command == add_notification) return Act::subscribe;
        if (head.to_port == system_service && (group == file_open))
            return offset & 0x06 ? Act::file_write : Act::file_read; // For writing, for appending.
        if (group == sum_write || (group == sum_read_write && head.command == read_write)) return Act::write;
        const auto* known = find_group(head.to_port, group);
        if (!known) return head.command == write ? Act::write : Act::read;
        return head.command == write ? known->writes : known->reads;
    }

    /// One message about many: a list of group, offset and lengths, then what is to be written.
    static void sum(const Head& head, const Asked& asked, Bytes data, bool complete, Operation& said,
                    const Tell& tell) noexcept {
        const bool both = asked.group == sum_read_write, writes = both || asked.group == sum_write;
        const std::size_t entry = both ? 16 : 12;
        const auto count = asked.offset;
        said.count = count;
        const bool fits = count <= data.size() / entry;
        Reader list{fits ? data.first(count * entry) : Bytes{}};
        Reader values{fits && writes ? data.subspan(count * entry) : Bytes{}};
        TextRoom<64> room;
        for (std::uint32_t i = 0; i < std::min(count, variables_most); ++i) {
            const auto group = list.u32le(), offset = list.u32le();
            auto length = list.u32le();
            if (both) length = list.u32le();
            if (!list.ok()) break;
            const auto bytes = writes ? values.take(length) : Bytes{};
            const auto name = both && values.ok() && names_its_object(head.to_port, group)
                                  ? name_in(bytes)
                                  : std::string_view{};
            room.clear();
            const auto what = object(head.to_port, group, offset, name, room, tell.ways);
            const auto told = bytes.empty() || !name.empty() ? Value{} : value(bytes);
            if (i == 0) {
                said.object = what;
                said.value = told;
                if (both && names_its_object(head.to_port, group) && group != value_by_name)
                    said.act = Act::browse;
                if (name.empty())
                    if (auto* record = tell.ways.remember(first_asked | (said.pair % asked_at_once)))
                        watch(*record, head.to_port, group, offset);
                tell.operation(said);
            } else if (told.index() != 0) {
                tell.ways.say().on(tell.pdu.origin, observe::Variable{.protocol = tell.pdu.protocol,
                                                                      .part = said.part,
                                                                      .object = what,
                                                                      .value = told,
                                                                      .count = 1});
            }
        }
        if (count == 0 || !fits) tell.operation(said);
        if (!fits && complete)
            tell.report(Malformed{16, "a list of several is longer than its message"}.shifted(heads));
    }

    // ---- answers

    static void answer(const Head& head, Reader& in, bool complete, Operation& said, State& state,
                       const Tell& tell) noexcept {
        const Asked like{.invoke = head.invoke,
                         .group = 0,
                         .offset = 0,
                         .port = 0,
                         .command = static_cast<std::uint8_t>(head.command),
                         .by = other(tell.pdu.origin.speaker)};
        const auto found = state.asked.answer(like, tell.pdu.origin.at, patience);
        // Who refuses as a router sends no data, whatever was asked for.
        const bool empty = head.error != 0 && in.remaining() == 0;
        const auto result = empty ? 0u : in.u32le();
        if (head.error == 0 && in.ok() && result != 0) {
            said.status = result;
            said.outcome = Outcome::refused;
        }
        TextRoom<64> room;
        std::string_view name;
        if (found) {
            said.pair = found->pair;
            said.part.steps[0].number = found->request.port;
            restore(head, found->request, said, name, room, found->pair, tell.ways);
        }
        const bool good = said.outcome == Outcome::done && in.ok();
        std::uint16_t state_now = 0;
        switch (good ? head.command : 0) {
        case device_info: {
            const auto major = in.u8(), minor = in.u8();
            const auto build = in.u16le();
            const auto device = label(in.take(16));
            if (in.ok()) said.value = device;
            tell.operation(said);
            if (in.ok()) identify(head, major, minor, build, device, tell);
            return;
        }
        case read:
        case read_write: {
            auto length = in.u32le();
            if (length > in.remaining() && !complete) length = static_cast<std::uint32_t>(in.remaining());
            const auto data = in.take(length);
            if (!in.ok()) break;
            // What a sum answers are result codes before the values: not a value of the first.
            if (found && is_sum(found->request.group)) break;
            if (!data.empty()) said.value = value(data);
            if (found && found->request.port == system_service && found->request.group == target &&
                found->request.offset == 1) {
                said.value = {};
                said.count = static_cast<std::uint32_t>(data.size());
                tell.operation(said);
                return describe(as_text(data), tell);
            }
            if (found && found->request.group == name_of_handle && data.size() == 4 && !name.empty()) {
                Reader handle{data};
                if (auto* record = tell.ways.remember(name_known | handle.u32le())) keep(*record, name);
            }
            break;
        }
        case read_state:
            state_now = in.u16le();
            in.u16le();
            if (in.ok() && state_now < std::size(states)) said.value = states[state_now].name;
            break;
        case add_notification: {
            const auto handle = in.u32le();
            if (!in.ok() || !found) break;
            said.value = std::uint64_t{handle};
            if (auto* record = tell.ways.remember(watch_known | handle))
                watch(*record, found->request.port, found->request.group, found->request.offset);
            break;
        }
        default:
            break;
        }
        tell.operation(said);
        if (good && in.ok() && head.command == read_state) tell_state(said, state_now, tell);
    }

    /// What the request said that its answer does not.
    static void restore(const Head& head, const Asked& asked, Operation& said, std::string_view& name,
                        TextRoom<64>& room, std::uint32_t pair, Ways& ways) noexcept {
        if (head.command == delete_notification)
            said.object = {.space = "notification", .number = asked.offset};
        if (head.command == write_control) {
            said.object = state_object(asked.offset);
            if (asked.offset < std::size(states)) said.act = states[asked.offset].sets;
        }
        if (asked.group == 0) return;
        Head as_asked = head;
        as_asked.to_port = asked.port;
        said.act = act_of(as_asked, asked.group, asked.offset);
        if (is_sum(asked.group) && head.command == read_write) {
            said.count = asked.offset;
            if (const auto* record = ways.remember(first_asked | (pair % asked_at_once)))
                if (const auto what = first_of(*record, asked.port, room, ways)) said.object = *what;
            return;
        }
        if (names_its_object(asked.port, asked.group))
            if (const auto* record = ways.remember(name_asked | (pair % asked_at_once))) name = kept(*record);
        said.object = object(asked.port, asked.group, asked.offset, name, room, ways);
    }

    static void tell_state(const Operation& said, std::uint16_t state, const Tell& tell) noexcept {
        const auto port = said.part.steps[0].number;
        const bool runtime = port == system_service || (port >= 801 && port < 900);
        if (!runtime || state >= std::size(states) || state == 0) return;
        tell.ways.say().on(tell.pdu.origin,
                           observe::Identity{.protocol = tell.pdu.protocol,
                                             .part = port == system_service ? Part{} : said.part,
                                             .attribute = Attribute::state,
                                             .value = states[state].name,
                                             .confidence = 90});
    }
    static void identify(const Head& head, unsigned major, unsigned minor, unsigned build,
                         std::string_view device, const Tell& tell) noexcept {
        if (name_in(std::as_bytes(std::span{device.data(), device.size()})) != device || device.empty())
            return;
        TextRoom<48> text;
        text.add(device).add(' ').number(major).add('.').number(minor).add('.').number(build);
        tell.of_speaker(Attribute::vendor, "Beckhoff", 70);
        tell.of_speaker(Attribute::application, text.view(), 80);
        if (head.from_port != system_service) return;
        text.clear();
        text.number(major).add('.').number(minor).add('.').number(build);
        tell.of_speaker(Attribute::firmware, text.view(), 75);
    }

    /// What TwinCAT's system service says of the machine it runs on: XML, of which some elements matter.
    static void describe(std::string_view text, const Tell& tell) noexcept {
        const auto element = [text](std::string_view opens, std::string_view closes) {
            const auto at = text.find(opens);
            if (at == text.npos) return std::string_view{};
            const auto from = text.substr(at + opens.size());
            const auto end = from.find(closes);
            return end == from.npos || end > 64 ? std::string_view{} : trimmed(from.substr(0, end));
        };
        tell.of_speaker(Attribute::vendor, "Beckhoff", 85);
        tell.of_speaker(Attribute::product, element("<TargetType>", "</TargetType>"), 90);
        tell.of_speaker(Attribute::serial, element("<SerialNo>", "</SerialNo>"), 90);
        tell.of_speaker(Attribute::hardware, element("<CPUVersion>", "</CPUVersion>"), 75);
        const auto major = element("<Version>", "</Version>"), minor = element("<Revision>", "</Revision>"),
                   build = element("<Build>", "</Build>");
        TextRoom<48> release;
        if (!major.empty() && !minor.empty())
            tell.of_speaker(Attribute::firmware,
                            release.add(major).add('.').add(minor).add('.').add(build).view(), 85);
        TextRoom<64> system;
        const auto name = element("<OsName>", "</OsName>");
        if (!name.empty())
            tell.of_speaker(
                Attribute::os,
                trimmed(system.add(name).add(' ').add(element("<OsVersion>", "</OsVersion>")).view()), 85);
    }

    // ---- notifications

    static void notified(Reader& in, Operation& said, const Tell& tell) noexcept {
        said.phase = Phase::event;
        said.outcome = Outcome::done;
        in.u32le(); // Length.
        const auto stamps = in.u32le();
        TextRoom<64> room;
        std::uint32_t samples_told = 0;
        const auto start = in;
        for (std::uint32_t stamp = 0; in.ok() && stamp < stamps; ++stamp) { // How many there are goes first.
            in.take(8);
            const auto samples = in.u32le();
            for (std::uint32_t i = 0; in.ok() && i < samples; ++i) {
                in.u32le();
                in.take(in.u32le());
                said.count += in.ok();
            }
        }
        auto again = start;
        bool told = false;
        for (std::uint32_t stamp = 0; again.ok() && stamp < stamps; ++stamp) {
            again.take(8);
            const auto samples = again.u32le();
            for (std::uint32_t i = 0; again.ok() && i < samples && samples_told < variables_most; ++i) {
                const auto handle = again.u32le();
                const auto data = again.take(again.u32le());
                if (!again.ok()) break;
                ++samples_told;
                room.clear();
                const auto what = watched(handle, said.part.steps[0].number, room, tell.ways);
                if (!std::exchange(told, true)) {
                    said.object = what;
                    said.value = value(data);
                    tell.operation(said);
                } else {
                    tell.ways.say().on(tell.pdu.origin, observe::Variable{.protocol = tell.pdu.protocol,
                                                                          .part = said.part,
                                                                          .object = what,
                                                                          .value = value(data),
                                                                          .count = 1});
                }
            }
            if (samples_told >= variables_most) break;
        }
        if (!told) tell.operation(said);
    }

    static void watch(Ways::Record& record, std::uint16_t port, std::uint32_t group,
                      std::uint32_t offset) noexcept {
        record[0] = std::byte{1};
        for (unsigned i = 0; i < 4; ++i) {
            record[1 + i] = static_cast<std::byte>(group >> (24 - 8 * i));
            record[5 + i] = static_cast<std::byte>(offset >> (24 - 8 * i));
        }
        record[9] = static_cast<std::byte>(port >> 8);
        record[10] = static_cast<std::byte>(port & 0xff);
    }
    static std::optional<Object> first_of(const Ways::Record& record, std::uint32_t port, TextRoom<64>& room,
                                          Ways& ways) noexcept {
        if (record[0] != std::byte{1}) return std::nullopt;
        Reader in{Bytes{record}.subspan(1)};
        const auto group = in.u32(), offset = in.u32();
        if (in.u16() != port) return std::nullopt;
        return object(static_cast<std::uint16_t>(port), group, offset, {}, room, ways);
    }
    static Object watched(std::uint32_t handle, std::uint32_t port, TextRoom<64>& room, Ways& ways) noexcept {
        if (const auto* record = ways.remember(watch_known | handle))
            if (const auto what = first_of(*record, port, room, ways)) return *what;
        return {.space = "notification", .number = handle};
    }

    // ---- objects and values

    static Object state_object(std::uint32_t to) noexcept {
        if (to < std::size(states)) return {.space = "state", .text = states[to].name};
        return {.space = "state", .number = to};
    }
    /// A symbol by its name where that is known, else group and offset as people write them.
    static Object object(std::uint16_t port, std::uint32_t group, std::uint32_t offset, std::string_view name,
                         TextRoom<64>& room, Ways& ways) noexcept {
        const auto* known = find_group(port, group);
        if (!known) return {.space = "index group", .group = group, .number = offset};
        if (!name.empty()) {
            room.add(name);
            return {.space = known->name, .text = room.view()};
        }
        if (port != system_service && (group == value_by_handle || group == release_handle)) {
            if (const auto* record = ways.remember(name_known | offset);
                record && (*record)[0] != std::byte{0}) {
                room.add(kept(*record));
                return {.space = "symbol", .text = room.view()};
            }
        }
        if (group == memory_bits || group == input_bits || group == output_bits)
            return {.space = known->name, .number = offset / 8, .bit = static_cast<std::uint8_t>(offset % 8)};
        return {.space = known->name, .number = offset};
    }
    /// ADS does not say of which type it is: one and two octets are told as a number, more as they are.
    static Value value(Bytes data) noexcept {
        Reader in{data};
        if (data.size() == 1) return std::uint64_t{in.u8()};
        if (data.size() == 2) return std::uint64_t{in.u16le()};
        return data.empty() ? Value{} : Value{data};
    }
};

} // namespace

extern constinit const Dissector ads = row<Ads>();

} // namespace yagura::dissect::protocols
