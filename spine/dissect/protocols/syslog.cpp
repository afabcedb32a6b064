// Syslog: who reports what kind of trouble to whom, and what reporters call themselves.
//
// From RFC 5424 clause 6 (messages), RFC 3164 clause 4 (the older form), RFC 6587 clause 3.4 (over TCP).
// Texts are not told: they may hold anything.
#include <algorithm>

#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t message_most = 8'192, counted_most = 4; ///< digits of a length in front

constexpr std::string_view facilities[]{"kernel",        "user",    "mail",    "system",  "authentication",
                                        "syslog",        "printer", "news",    "uucp",    "clock",
                                        "authorisation", "ftp",     "ntp",     "audit",   "alert",
                                        "clock",         "local 0", "local 1", "local 2", "local 3",
                                        "local 4",       "local 5", "local 6", "local 7"};
constexpr std::string_view severities[]{"emergency", "alert",  "critical",      "error",
                                        "warning",   "notice", "informational", "debug"};
constexpr std::string_view months[]{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// The next word, and what stands behind it.
constexpr std::string_view word(std::string_view& text) noexcept {
    const auto end = std::min(text.find(' '), text.size());
    const auto out = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return out;
}

struct Message {
    unsigned priority = 0;
    std::string_view host{}, program{};
    bool ok = false;   ///< begins with a priority
    bool sure = false; ///< and goes on as one of the two RFCs has it
};
constexpr Message read(std::string_view text) noexcept {
    Message out;
    if (text.size() < 3 || text[0] != '<') return out;
    std::size_t at = 1;
    while (at < text.size() && at < 4 && is_digit(text[at]))
        out.priority = out.priority * 10 + static_cast<unsigned>(text[at++] - '0');
    const bool zero_first = at > 2 && text[1] == '0';
    if (at == 1 || at >= text.size() || text[at] != '>' || out.priority > 191 || zero_first) return out;
    out.ok = true;
    text.remove_prefix(at + 1);
    if (text.starts_with("1 ")) { // RFC 5424: version, time, host, program, process, kind.
        text.remove_prefix(2);
        const auto time = word(text);
        out.sure = time == "-" || (time.size() >= 20 && time[4] == '-' && time[10] == 'T');
        if (!out.sure) return out;
        out.host = word(text);
        out.program = word(text);
        if (out.program == "-") out.program = {};
        return out;
    }
    // RFC 3164: "Oct  1 22:14:15 host program[123]: text". Cisco puts a counter in front, and no host.
    const bool month = std::ranges::any_of(months,
                                           [&](std::string_view one) { return text.starts_with(one); });
    if (!month || text.size() < 16 || text[3] != ' ' || text[9] != ':' || text[12] != ':' || text[15] != ' ')
        return out;
    out.sure = true;
    text.remove_prefix(16);
    const auto first = word(text);
    const auto tag = first.ends_with(':') ? first : word(text);
    if (!first.ends_with(':')) out.host = first;
    out.program = tag.substr(0, tag.find_first_of("[:"));
    return out;
}

/// RFC 6587: how many bytes follow, if it is told.
struct Counted {
    std::size_t digits = 0, length = 0;
};
constexpr Counted counted(std::string_view text) noexcept {
    Counted out;
    while (out.digits < text.size() && out.digits < counted_most && is_digit(text[out.digits]))
        out.length = out.length * 10 + static_cast<std::size_t>(text[out.digits++] - '0');
    if (out.digits == 0 || out.digits >= text.size() || text[out.digits] != ' ' || text[0] == '0') return {};
    return out;
}

struct Syslog {
    static constexpr Over over[]{{"udp", 514}, {"tcp", 514}, {"tcp", 601}};
    static constexpr Mark marks[]{
        {0, 0xfff00000, 0x3c300000}, // "<0" and further
        {1, 0xf0fff000, 0x30203c30}, // "7 <3", with a length in front
        {2, 0xf0fff000, 0x30203c30},
    };
    static constexpr Facts facts{
        .name = "syslog",
        .title = "Syslog",
        .specification = "RFC 5424, 3164, 6587",
        .over = over,
        .marks = marks,
        .message_most = message_most,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        auto text = as_text(latest(opening));
        if (text.empty()) return {Likeness::more};
        if (const auto count = counted(text); count.digits != 0) text.remove_prefix(count.digits + 1);
        const auto message = read(text.substr(0, text.find('\n')));
        if (!message.ok) return {};
        return {message.sure ? Likeness::yes : Likeness::maybe, Speaker::client};
    }
    static Framing frame(Bytes stream) noexcept {
        const auto text = as_text(stream);
        if (const auto count = counted(text); count.digits != 0) {
            const auto whole = count.digits + 1 + count.length;
            if (whole > message_most) return {.lost = Malformed{0, "a message of more than 8192 bytes"}};
            return {.length = text.size() < whole ? 0 : whole};
        }
        if (!text.empty() && text[0] != '<' && !is_digit(text[0]))
            return {.lost = Malformed{0, "neither a length nor a priority"}};
        const auto end = text.substr(0, message_most).find('\n');
        if (end != text.npos) return {.length = end + 1};
        if (text.size() >= message_most) return {.lost = Malformed{0, "a message of more than 8192 bytes"}};
        return {};
    }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        auto text = as_text(pdu.bytes);
        if (const auto count = counted(text); count.digits != 0) text.remove_prefix(count.digits + 1);
        while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
        const auto message = read(text);
        if (!message.ok) return tell.report({0, "a message without a priority"});
        const auto facility = message.priority >> 3, severity = message.priority & 7u;
        observe::Operation said{.function = {facility, facilities[facility]},
                                .act = severity <= 3 ? Act::alarm : Act::report,
                                .phase = Phase::event,
                                .outcome = Outcome::done,
                                .value = severities[severity]};
        if (!message.program.empty())
            said.object = {.space = "program", .text = message.program.substr(0, 48)};
        tell.operation(said);
        // A collector passes on what others said: less sure than what somebody says of itself.
        if (is_host_name(message.host)) tell.of_speaker(Attribute::name, message.host, 45);
    }
};

} // namespace

extern constinit const Dissector syslog = row<Syslog>();

} // namespace yagura::dissect::protocols
