// RTPS: what programs that speak DDS say to each other, on robots, test benches and vehicles. Who takes part,
// which topics are written and read, and the samples themselves.
//
// From OMG DDSI-RTPS 2.5 (formal/2022-04-01), 8.3 and 9.4 (messages), 8.5 and 9.6 (discovery and its
// parameters). docs/protocols/rtps.md tells objects and limits.
#include <algorithm>
#include <optional>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Phase;

constexpr std::uint32_t magic = 0x52545053; // "RTPS"
constexpr std::size_t head = 20, sub_head = 4;
constexpr std::uint8_t little_flag = 1, qos_flag = 2, data_flag = 4, key_flag = 8;

enum Kind : std::uint8_t { pad = 1, time = 9, data = 0x15, data_part = 0x16 };
std::string_view name_of(std::uint8_t kind) noexcept {
    switch (kind) {
    case pad:
        return "pad";
    case 6:
        return "acknack";
    case 7:
        return "heartbeat";
    case 8:
        return "gap";
    case time:
        return "info timestamp";
    case 0x0c:
        return "info source";
    case 0x0d:
        return "info reply ipv4";
    case 0x0e:
        return "info destination";
    case 0x0f:
        return "info reply";
    case 0x12:
        return "nack fragment";
    case 0x13:
        return "heartbeat fragment";
    case data:
        return "data";
    case data_part:
        return "data fragment";
    case 0x30:
        return "secure body";
    case 0x31:
        return "secure prefix";
    case 0x32:
        return "secure postfix";
    case 0x33:
        return "secure message prefix";
    case 0x34:
        return "secure message postfix";
    default:
        return {};
    }
}
/// dds-foundation.org's list.
std::string_view implementation(std::uint16_t vendor) noexcept {
    switch (vendor) {
    case 0x0101:
        return "RTI Connext DDS";
    case 0x0102:
        return "OpenSplice DDS";
    case 0x0103:
        return "OpenDDS";
    case 0x0105:
        return "InterCOM DDS";
    case 0x0106:
        return "CoreDX DDS";
    case 0x010a:
        return "RTI Connext DDS Micro";
    case 0x010b:
        return "Vortex Cafe";
    case 0x010d:
        return "Vortex Lite";
    case 0x010f:
        return "eProsima Fast DDS";
    case 0x0110:
        return "Eclipse Cyclone DDS";
    case 0x0111:
        return "GurumDDS";
    case 0x0112:
        return "RustDDS";
    default:
        return {};
    }
}

/// 9.3.1.2: the entities that every participant has, by who writes.
struct Writer {
    std::uint32_t id;
    std::uint32_t code; ///< which stands above the submessage's
    std::string_view name;
    Act act;
};
constexpr Writer writers[]{
    {0x000100c2, 1, "participant announced", Act::identify},
    {0xff0101c2, 1, "participant announced", Act::identify},
    {0x000003c2, 2, "writer announced", Act::browse},
    {0xff0003c2, 2, "writer announced", Act::browse},
    {0x000004c2, 3, "reader announced", Act::subscribe},
    {0xff0004c2, 3, "reader announced", Act::subscribe},
    {0x000200c2, 4, "participant is alive", Act::report},
    {0xff0200c2, 4, "participant is alive", Act::report},
    {0x000201c3, 5, "security handshake", Act::authenticate},
    {0xff0202c3, 5, "security handshake", Act::authenticate},
};
constexpr std::uint32_t ping_code = 0x10000;

enum Parameter : std::uint16_t {
    list_end = 0x0001,
    topic = 0x0005,
    default_unicast = 0x0031,
    metatraffic_unicast = 0x0032,
    properties = 0x0059,
    entity_name = 0x0062,
};

/// Numbers in the order that a flag tells.
struct Ordered {
    Reader in;
    bool little = false;
    std::uint16_t u16() noexcept { return little ? in.u16le() : in.u16(); }
    std::uint32_t u32() noexcept { return little ? in.u32le() : in.u32(); }
    /// A length with the closing NUL, and as much.
    std::string_view text() noexcept {
        const auto length = u32();
        const auto bytes = as_text(in.take(length));
        return bytes.substr(0, bytes.find('\0'));
    }
};

struct Rtps {
    // 9.6.1.1: 7400 + 250 × domain + 2 × participant, and others behind.
    static constexpr Over over[]{{"udp", 7400}, {"udp", 7410}, {"udp", 7411}};
    static constexpr Mark marks[]{{0, 0xffffffff, magic}};
    static constexpr Facts facts{
        .name = "rtps",
        .title = "DDS (RTPS)",
        .specification = "OMG DDSI-RTPS 2.5",
        .over = over,
        .marks = marks,
        .message_most = 65'535,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        Reader in{bytes};
        const bool ours = in.u32() == magic;
        const auto major = in.u8();
        in.take(3);
        if (!in.ok() || !ours || major != 2) return {};
        if (is_ping(bytes)) return {Likeness::yes};
        in.take(12);
        const auto kind = in.u8();
        in.take(3);
        if (!in.ok()) return {bytes.size() == head ? Likeness::maybe : Likeness::no};
        return {!name_of(kind).empty() || kind >= 0x80 ? Likeness::yes : Likeness::no};
    }
    static Framing frame(Bytes datagram) noexcept { return {.length = datagram.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        if (is_ping(pdu.bytes))
            return tell.operation({.function = {ping_code, "ping"},
                                   .act = Act::diagnose,
                                   .phase = Phase::event,
                                   .outcome = Outcome::done});
        Reader in{pdu.bytes};
        const bool ours = in.u32() == magic;
        const auto major = in.u8();
        in.u8();
        const auto vendor = in.u16();
        in.take(12);
        if (in.ok() && (!ours || major != 2)) return tell.report({0, "not a message of RTPS 2"});
        if (!in.ok()) return tell.report({0, "message ends inside its head"});
        while (in.remaining() != 0) {
            const auto at = static_cast<std::uint32_t>(in.position());
            const auto kind = in.u8(), flags = in.u8();
            const bool little = (flags & little_flag) != 0;
            std::size_t length = little ? in.u16le() : in.u16();
            if (!in.ok())
                return tell.report(Malformed{0, "message ends inside a submessage's head"}.shifted(at));
            // 9.4.5.1.3: the last one reaches to the end, but for two that have nothing in them.
            if (length == 0 && kind != pad && kind != time) length = in.remaining();
            const bool whole = length <= in.remaining();
            const auto body = in.take(std::min(length, in.remaining()));
            submessage(tell, kind, flags, body, vendor, at + sub_head, whole);
            if (!whole)
                return tell.report(Malformed{2, "message ends before its submessage's length"}.shifted(at));
        }
    }

private:
    static bool is_ping(Bytes bytes) noexcept {
        return bytes.size() == 16 && as_text(bytes.first(4)) == "RTPS" &&
               as_text(bytes.subspan(8)) == "NDDSPING";
    }

    static void submessage(const Tell& tell, std::uint8_t kind, std::uint8_t flags, Bytes body,
                           std::uint16_t vendor, std::uint32_t at, bool whole) noexcept {
        Operation said{.function = {kind, name_of(kind)}, .phase = Phase::event, .outcome = Outcome::done};
        if (said.function.name.empty()) said.function.name = "submessage of the implementation's own";
        if (kind != data && kind != data_part) return tell.operation(said);
        Ordered in{Reader{body}, (flags & little_flag) != 0};
        in.u16(); // extra flags
        const auto to_qos = in.u16();
        in.in.take(4); // reader
        const auto writer = in.in.u32();
        if (!in.in.ok()) {
            tell.operation(said);
            if (whole) tell.report(Malformed{0, "submessage ends before its writer"}.shifted(at));
            return;
        }
        const auto* known = std::ranges::find(writers, writer, &Writer::id);
        const bool discovery = known != std::end(writers);
        if (discovery) {
            said.function = {kind | known->code << 8, known->name};
            said.act = known->act;
        } else {
            said.act = Act::cyclic_io;
            said.object = {.space = "writer", .number = writer};
        }
        const bool only_key = (flags & key_flag) != 0 && (flags & data_flag) == 0 && kind == data;
        if (only_key) said.act = Act::disconnect; // Disposed of, or no longer registered.
        std::optional<Malformed> trouble;
        Ordered payload{Reader{Bytes{}}};
        const bool has_payload = kind == data && (flags & data_flag) != 0 &&
                                 find_payload(body, to_qos, flags, payload, trouble);
        if (!discovery && has_payload) said.count = static_cast<std::uint32_t>(payload.in.remaining());
        if (discovery && has_payload && (known->code == 2 || known->code == 3)) {
            const auto name = topic_of(payload);
            if (!name.empty()) said.object = {.space = "topic", .text = name.substr(0, 96)};
        }
        tell.operation(said);
        if (discovery && has_payload && known->code == 1) participant(tell, payload, vendor);
        if (trouble && whole) tell.report(trouble->shifted(at));
    }

    /// Behind the inline parameters, if there are any; 10.2: how it is written stands first.
    static bool find_payload(Bytes body, std::uint16_t to_qos, std::uint8_t flags, Ordered& payload,
                             std::optional<Malformed>& trouble) noexcept {
        Ordered in{Reader{body}, (flags & little_flag) != 0};
        in.in.take(4u + to_qos);
        if ((flags & qos_flag) != 0) {
            for (bool more = in.in.ok(); more;) {
                const auto id = in.u16(), length = in.u16();
                more = in.in.ok() && id != list_end;
                if (more) in.in.take(length);
            }
        }
        const auto written = in.in.u16();
        in.in.u16(); // options
        if (!in.in.ok()) {
            trouble = Malformed{4, "submessage ends before its data"};
            return false;
        }
        payload = {Reader{in.in.rest()}, (written & 1) != 0};
        return true;
    }

    template <class Each>
    static void parameters(Ordered in, Each&& each) noexcept {
        for (;;) {
            const auto id = in.u16(), length = in.u16();
            if (!in.in.ok() || id == list_end) return;
            const auto value = in.in.take(length);
            if (!in.in.ok()) return;
            each(static_cast<std::uint16_t>(id), Ordered{Reader{value}, in.little});
        }
    }

    static std::string_view topic_of(const Ordered& payload) noexcept {
        std::string_view name;
        parameters(payload, [&](std::uint16_t id, Ordered value) {
            if (id == topic && name.empty()) name = value.text();
        });
        return name;
    }

    /// 8.5.3: what a participant says of itself.
    static void participant(const Tell& tell, const Ordered& payload, std::uint16_t vendor) noexcept {
        tell.of_speaker(Attribute::application, implementation(vendor), 80);
        parameters(payload, [&](std::uint16_t id, Ordered value) {
            if (id == entity_name) {
                tell.of_speaker(Attribute::description, value.text().substr(0, 96), 60);
            } else if (id == default_unicast || id == metatraffic_unicast) {
                const auto kind = value.u32();
                value.u32(); // port
                value.in.take(12);
                const auto address = value.in.take(4);
                if (!value.in.ok() || kind != 1) return;
                observe::Ip ip{};
                ip[10] = ip[11] = 0xff;
                for (std::size_t i = 0; i < 4; ++i) ip[12 + i] = std::to_integer<std::uint8_t>(address[i]);
                if (ip[12] == 0 || ip[12] == 127 || ip[12] >= 224) return;
                TextRoom<16> room;
                tell.of_speaker(Attribute::ip, room.ip(ip).view(), 80);
            } else if (id == properties) {
                property(tell, value);
            }
        });
    }
    static void property(const Tell& tell, Ordered& value) noexcept {
        constexpr std::uint32_t most = 32;
        const auto count = std::min(value.u32(), most);
        const auto aligned = [&] {
            if (const auto over = value.in.position() % 4; over != 0) value.in.take(4 - over);
        };
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto key = value.text();
            aligned();
            const auto text = value.text();
            if (!value.in.ok()) return;
            aligned();
            if (key == "dds.sys_info.hostname" || key == "__Hostname" ||
                key == "fastdds.physical_data.host") {
                const auto name = text.substr(0, text.find(':')); // Fast DDS adds a number of its own.
                if (is_host_name(name)) tell.of_speaker(Attribute::name, name, 80);
            } else if (key == "dds.sys_info.executable_filepath" || key == "__ProcessName") {
                tell.of_speaker(Attribute::application, text.substr(0, 120), 70);
            }
        }
    }
};

} // namespace

extern constinit const Dissector rtps = row<Rtps>();

} // namespace yagura::dissect::protocols
