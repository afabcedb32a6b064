// MQTT: who connects to which broker under which name, and which topics it publishes and takes.
//
// From OASIS MQTT Version 3.1.1 (2014) chapters 2 and 3, and Version 5.0 (2019) chapters 2 to 4; Eclipse
// Sparkplug 3.0.0 chapter 4 for what a topic of its namespace does.
#include <algorithm>
#include <array>
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
using observe::Speaker;

enum Kind : std::uint8_t {
    connect = 1,
    connack,
    publish,
    puback,
    pubrec,
    pubrel,
    pubcomp,
    subscribe,
    suback,
    unsubscribe,
    unsuback,
    pingreq,
    pingresp,
    disconnect,
    auth
};
constexpr std::array<std::string_view, 16> names{"reserved",     "connect",       "connack",     "publish",
                                                 "puback",       "pubrec",        "pubrel",      "pubcomp",
                                                 "subscribe",    "suback",        "unsubscribe", "unsuback",
                                                 "ping request", "ping response", "disconnect",  "auth"};

constexpr std::size_t read_most = 4096; ///< of a message; the rest of a long one passes unread
constexpr std::uint8_t version_5 = 5;

std::string_view status_name(std::uint32_t status) noexcept {
    struct Named {
        std::uint32_t status;
        std::string_view name;
    };
    // 3.1.1 table 3.1; 5.0 table 2-6.
    constexpr Named named[]{{1, "unacceptable protocol version"},
                            {2, "identifier rejected"},
                            {3, "server unavailable"},
                            {4, "bad user name or password"},
                            {5, "not authorized"},
                            {0x80, "unspecified error"},
                            {0x81, "malformed packet"},
                            {0x82, "protocol error"},
                            {0x83, "implementation specific error"},
                            {0x84, "unsupported protocol version"},
                            {0x85, "client identifier not valid"},
                            {0x86, "bad user name or password"},
                            {0x87, "not authorized"},
                            {0x88, "server unavailable"},
                            {0x89, "server busy"},
                            {0x8a, "banned"},
                            {0x8b, "server shutting down"},
                            {0x8c, "bad authentication method"},
                            {0x8d, "keep alive timeout"},
                            {0x8e, "session taken over"},
                            {0x8f, "topic filter invalid"},
                            {0x90, "topic name invalid"},
                            {0x91, "packet identifier in use"},
                            {0x92, "packet identifier not found"},
                            {0x93, "receive maximum exceeded"},
                            {0x94, "topic alias invalid"},
                            {0x95, "packet too large"},
                            {0x96, "message rate too high"},
                            {0x97, "quota exceeded"},
                            {0x98, "administrative action"},
                            {0x99, "payload format invalid"},
                            {0x9a, "retain not supported"},
                            {0x9b, "qos not supported"},
                            {0x9c, "use another server"},
                            {0x9d, "server moved"},
                            {0x9e, "shared subscriptions not supported"},
                            {0x9f, "connection rate exceeded"},
                            {0xa0, "maximum connect time"},
                            {0xa1, "subscription identifiers not supported"},
                            {0xa2, "wildcard subscriptions not supported"}};
    const auto found = std::ranges::find(named, status, &Named::status);
    return found == std::end(named) ? std::string_view{} : found->name;
}

/// 2.2.3: up to four octets of seven bits each, the lowest first. Nothing: a fifth would follow.
std::optional<std::size_t> read_length(Reader& in) noexcept {
    std::size_t length = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const auto octet = in.u8();
        length |= std::size_t{octet & 0x7fu} << (7 * i);
        if ((octet & 0x80) == 0) return length;
    }
    return std::nullopt;
}

struct Head {
    std::uint8_t kind = 0, flags = 0;
    std::size_t length = 0; ///< of the whole message; 0: not known yet
    std::size_t size = 0;   ///< of this head
    bool wrong = false;
};
/// 2.1: kind and flags in an octet, then what follows in up to four octets of seven bits.
Head read_head(Bytes bytes) noexcept {
    Head head;
    Reader in{bytes};
    const auto first = in.u8();
    head.kind = first >> 4;
    head.flags = first & 15;
    const auto rest = read_length(in);
    if (!in.ok()) return head;
    if (!rest) {
        head.wrong = true;
        return head;
    }
    head.size = in.position();
    head.length = head.size + *rest;
    return head;
}

/// 1.5.3: a length of two octets, then the text.
std::string_view text(Reader& in) noexcept { return as_text(in.take(in.u16())); }

/// 5.0, 2.2.2: a length as in the head, then so many octets.
void pass_properties(Reader& in) noexcept { in.take(read_length(in).value_or(in.remaining() + 1)); }

/// Sparkplug 4.1: spBv1.0/group/TYPE/node[/device].
struct Sparkplug {
    std::string_view type, node;
};
Sparkplug sparkplug(std::string_view topic) noexcept {
    constexpr std::string_view begins = "spBv1.0/";
    if (!topic.starts_with(begins)) return {};
    topic.remove_prefix(begins.size());
    const auto next = [&topic] {
        const auto part = topic.substr(0, topic.find('/'));
        topic.remove_prefix(std::min(topic.size(), part.size() + 1));
        return part;
    };
    next(); // group
    const auto type = next(), node = next();
    return {type, topic.empty() ? node : topic};
}
/// What publishing on a topic does: a command writes, a birth says who it is, everything else reports.
Act act_of(std::string_view topic) noexcept {
    const auto type = sparkplug(topic).type;
    if (type == "NCMD" || type == "DCMD") return Act::write;
    if (type == "NBIRTH" || type == "DBIRTH") return Act::identify;
    return Act::report;
}

bool is_text(Bytes bytes) noexcept {
    return !bytes.empty() && std::ranges::none_of(bytes, [](std::byte byte) {
        const auto c = std::to_integer<unsigned>(byte);
        return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
    });
}

struct Mqtt {
    static constexpr Over over[]{{"tcp", 1883}};
    /// CONNECT, then PUBLISH, each with a length of one or two octets and a text of less than 256; PUBACK;
    /// pings.
    static constexpr Mark marks[]{{0, 0xff80fff8, 0x10000000}, {0, 0xff8080ff, 0x10800000},
                                  {0, 0xf080ff00, 0x30000000}, {0, 0xf08080ff, 0x30800000},
                                  {0, 0xffff0000, 0x40020000}, {0, 0xefff0000, 0xc0000000}};
    static constexpr Facts facts{
        .name = "mqtt",
        .title = "MQTT",
        .specification = "OASIS MQTT Version 3.1.1 and 5.0; Eclipse Sparkplug 3.0.0 for topics",
        .over = over,
        .marks = marks,
        .message_most = read_most,
        .depth = Depth::acts,
        .status_name = status_name,
    };
    struct Kept {
        std::uint32_t pair = 0;
        std::uint8_t size = 0;
        std::array<char, 71> topic{};
    };
    struct State {
        std::array<Kept, 3> kept{}; ///< what the latest requests were about, for their answers
        std::uint8_t next = 0;
        std::uint8_t version = 0; ///< 3, 4 (3.1.1) or 5; 0: its beginning was not seen
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = behind_pings(latest(opening));
        const auto head = read_head(bytes);
        if (head.size == 0) return {head.wrong ? Likeness::no : Likeness::more};
        if (head.kind == publish) return {published(bytes).fits ? Likeness::maybe : Likeness::no};
        if (head.kind == puback) return {acknowledged(opening, bytes, head) ? Likeness::yes : Likeness::no};
        if (head.kind != connect || head.flags != 0 || head.length < head.size + 10) return {};
        Reader in{bytes.subspan(head.size)};
        const auto name = text(in);
        const auto version = in.u8();
        if (!in.ok()) return {Likeness::more};
        const bool known = (name == "MQTT" && (version == 4 || version == version_5)) ||
                           (name == "MQIsdp" && version == 3);
        return {known ? Likeness::yes : Likeness::no, Speaker::client};
    }

    static Framing frame(Bytes stream) noexcept {
        const auto head = read_head(stream);
        if (head.wrong) return {.lost = Malformed{1, "the length does not end within four octets"}};
        if (head.size == 0) return {};
        if (head.kind == 0) return {.lost = Malformed{0, "message of the reserved kind 0"}};
        const auto wanted = std::min(head.length, read_most);
        return {.length = stream.size() < wanted ? 0 : wanted};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto head = read_head(pdu.bytes);
        if (head.size == 0) return tell.report({0, "message ends inside its head"});
        Reader in{pdu.bytes.subspan(head.size)};
        const bool answers = head.kind == connack || head.kind == suback || head.kind == unsuback ||
                             head.kind == pingresp ||
                             (head.kind >= puback && head.kind <= pubcomp && head.kind != pubrel);
        Operation said{.function = {head.kind, names[head.kind]},
                       .act = Act::unknown,
                       .phase = answers ? Phase::response : Phase::request,
                       .outcome = answers ? Outcome::done : Outcome::pending};
        switch (head.kind) {
        case connect:
            connects(in, said, state, tell);
            break;
        case connack:
            said.act = Act::connect;
            said.pair = connection_pair;
            in.u8(); // Session present.
            refused_from(in.u8(), 1, said);
            break;
        case publish:
            publishes(in, head, said, state, tell);
            break;
        case puback:
        case pubrec:
        case pubrel:
        case pubcomp:
            acknowledges(in, head.kind, said, state, tell);
            break;
        case subscribe:
        case unsubscribe:
            subscribes(in, head.kind, said, state);
            break;
        case suback:
        case unsuback:
            subscribed(in, head.kind, said, state);
            break;
        case pingreq:
        case pingresp:
            said.act = Act::diagnose;
            said.pair = ping_pair;
            break;
        case disconnect:
            said.act = Act::disconnect;
            said.phase = Phase::event;
            said.outcome = Outcome::done;
            if (state.version == version_5 && in.remaining() > 0) said.status = in.u8();
            break;
        case auth:
            said.act = Act::authenticate;
            said.phase = Phase::event;
            if (in.remaining() > 0) said.status = in.u8();
            break;
        default:
            return tell.report({0, "message of the reserved kind 0"});
        }
        tell.operation(said);
        if (!in.ok() && pdu.bytes.size() >= head.length)
            tell.report(Malformed{0, "fields are longer than their message"}.shifted(
                static_cast<std::uint32_t>(head.size)));
        else if (pdu.bytes.size() < std::min(head.length, read_most))
            tell.report({1, "message is shorter than its length"});
        if (head.length > pdu.bytes.size()) ways.pass_over(head.length - pdu.bytes.size());
    }

private:
    /// A connection that is idle says little else, and what it says then proves nothing.
    static Bytes behind_pings(Bytes bytes) noexcept {
        const auto ping = [](Bytes some) {
            return (some[0] == std::byte{pingreq << 4} || some[0] == std::byte{pingresp << 4}) &&
                   some[1] == std::byte{0};
        };
        while (bytes.size() >= 2 && ping(bytes)) bytes = bytes.subspan(2);
        return bytes;
    }
    struct Published {
        bool fits = false;
        std::uint16_t id = 0; ///< 0: no answer is asked for
    };
    /// Where the beginning was not seen: a whole PUBLISH on a topic that people can read, 3.3.2.1.
    static Published published(Bytes bytes) noexcept {
        const auto head = read_head(bytes);
        const auto quality = head.flags >> 1 & 3;
        if (head.size == 0 || head.kind != publish || quality == 3 || head.length > bytes.size()) return {};
        Reader in{bytes.subspan(head.size, head.length - head.size)};
        const auto topic = text(in);
        const auto id = quality == 0 ? std::uint16_t{0} : in.u16();
        const bool readable = std::ranges::all_of(
            topic, [](char c) { return c > ' ' && c < 0x7f && c != '#' && c != '+'; });
        return {in.ok() && !topic.empty() && readable && (quality == 0 || id != 0), id};
    }
    /// What the other side published, and this answers it: chance does not say the same number.
    static bool acknowledged(const Opening& opening, Bytes bytes, const Head& head) noexcept {
        const auto asked = published(
            behind_pings(opening.latest == Speaker::client ? opening.server : opening.client));
        Reader in{bytes.subspan(head.size)};
        return head.flags == 0 && head.length == head.size + 2 && asked.fits && asked.id != 0 &&
               in.u16() == asked.id;
    }

    // Of the protocol's own numbers only 1 to 65,535 are taken by packet identifiers, each side with its own.
    static constexpr std::uint32_t connection_pair = 1u << 20, ping_pair = connection_pair + 1,
                                   of_server = 1u << 17, subscription = 1u << 18;

    static void refused_from(std::uint8_t status, std::uint8_t least, Operation& said) noexcept {
        said.status = status;
        if (status >= least) said.outcome = Outcome::refused;
    }

    static void connects(Reader& in, Operation& said, State& state, const Tell& tell) noexcept {
        text(in); // Protocol name.
        state.version = in.u8();
        const auto flags = in.u8();
        in.u16(); // Keep alive.
        if (state.version == version_5) pass_properties(in);
        const auto id = text(in);
        if (flags & 0x04) { // The will: said when the client is lost.
            if (state.version == version_5) pass_properties(in);
            text(in);
            text(in);
        }
        const auto user = flags & 0x80 ? text(in) : std::string_view{};
        if (flags & 0x40) text(in); // The password: never told.
        said.act = Act::connect;
        said.pair = connection_pair;
        if (!id.empty()) said.object = {.space = "client", .text = id};
        if (!in.ok()) return;
        TextRoom<96> client;
        if (!id.empty())
            tell.of_speaker(Attribute::application, client.add("MQTT client ").add(id.substr(0, 80)).view(),
                            50);
        tell.login(user, "mqtt", Outcome::pending);
    }

    static void publishes(Reader& in, const Head& head, Operation& said, State& state,
                          const Tell& tell) noexcept {
        const auto quality = head.flags >> 1 & 3;
        const auto topic = text(in);
        const auto id = quality == 0 ? std::uint16_t{0} : in.u16();
        if (state.version == version_5) pass_properties(in);
        said.act = act_of(topic);
        said.object = {.space = "topic", .text = topic};
        if (quality == 0) {
            said.phase = Phase::event;
            said.outcome = Outcome::done;
        } else {
            said.pair = pair_of(id, tell.from_client());
            keep(said.pair, topic, state);
        }
        if (!in.ok()) return;
        const auto payload = in.rest();
        if (is_text(payload))
            said.value = as_text(payload);
        else if (!payload.empty())
            said.value = payload;
        if (said.act != Act::identify) return;
        const auto born = sparkplug(topic).node;
        if (is_host_name(born)) tell.of_speaker(Attribute::application, born, 40);
    }

    static void acknowledges(Reader& in, std::uint8_t kind, Operation& said, const State& state,
                             const Tell& tell) noexcept {
        const auto id = in.u16();
        // Who publishes releases; the others are the receiver's.
        said.pair = pair_of(id, kind == pubrel ? tell.from_client() : !tell.from_client());
        if (kind == pubrel) said.phase = Phase::event, said.outcome = Outcome::done;
        recall(said, state);
        said.act = act_of(said.object.text);
        if (in.ok() && in.remaining() > 0) refused_from(in.u8(), 0x80, said);
        if (kind == pubcomp || kind == pubrel) said.pair = 0; // The first answer has it.
        if (kind == pubcomp) said.phase = Phase::event;
    }

    static void subscribes(Reader& in, std::uint8_t kind, Operation& said, State& state) noexcept {
        const auto id = in.u16();
        if (state.version == version_5) pass_properties(in);
        const auto first = text(in);
        if (kind == subscribe) in.u8();
        said.act = Act::subscribe;
        said.pair = pair_of(id, true) | subscription;
        said.object = {.space = "topic", .text = first};
        said.count = 1;
        while (in.ok() && in.remaining() > 0) {
            text(in);
            if (kind == subscribe) in.u8();
            ++said.count;
        }
        keep(said.pair, first, state);
    }

    static void subscribed(Reader& in, std::uint8_t kind, Operation& said, const State& state) noexcept {
        said.act = Act::subscribe;
        said.pair = pair_of(in.u16(), true) | subscription;
        recall(said, state);
        if (state.version == version_5) pass_properties(in);
        if (kind == unsuback && state.version != version_5) return;
        while (in.ok() && in.remaining() > 0)
            if (const auto status = in.u8(); status >= 0x80) refused_from(status, 0x80, said);
    }

    static std::uint32_t pair_of(std::uint16_t id, bool from_client) noexcept {
        return id == 0 ? 0 : from_client ? id : id | of_server;
    }
    static void keep(std::uint32_t pair, std::string_view topic, State& state) noexcept {
        if (pair == 0 || topic.size() > Kept{}.topic.size()) return; // Half a topic is another one.
        auto& kept = state.kept[state.next];
        state.next = static_cast<std::uint8_t>((state.next + 1u) % state.kept.size());
        kept.pair = pair;
        kept.size = static_cast<std::uint8_t>(topic.size());
        std::copy_n(topic.begin(), kept.size, kept.topic.begin());
    }
    static void recall(Operation& said, const State& state) noexcept {
        if (said.pair == 0) return;
        const auto found = std::ranges::find(state.kept, said.pair, &Kept::pair);
        if (found == state.kept.end() || found->size == 0) return;
        said.object = {.space = "topic", .text = {found->topic.data(), found->size}};
    }
};

} // namespace

extern constinit const Dissector mqtt = row<Mqtt>();

} // namespace yagura::dissect::protocols
