// Niagara Fox: lines of text by which Tridium's building controllers (JACE), supervisors and Workbench open
// their sessions.
//
// No specification is public. The frame, the types of values and the members of hello and challenge are those
// of public write-ups of Niagara AX and of what stations say; docs/protocols/niagara_fox.md tells what is
// read and what is not.
#include <algorithm>
#include <charconv>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t message_limit = 16'384, head_limit = 128;
constexpr std::string_view magic = "fox ", open_mark = "{\n", end_mark = "};;\n";

/// fox a 1 -1 fox hello: kind, number of the message, of the one that it answers (-1: none), channel,
/// command.
struct Head {
    std::string_view kind{}, number{}, answers{}, channel{}, command{};
    std::size_t size = 0; ///< with the line's end; 0: it is not there yet
    bool wrong = false;
};
constexpr bool is_number(std::string_view text) noexcept {
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && text.size() <= 10 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}
constexpr bool is_word(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}
Head head_of(std::string_view text) noexcept {
    Head out;
    const auto start = text.substr(0, magic.size());
    if (start != magic.substr(0, start.size())) {
        out.wrong = true;
        return out;
    }
    const auto end = text.substr(0, head_limit).find('\n');
    if (end == text.npos) {
        out.wrong = text.size() >= head_limit;
        return out;
    }
    auto rest = text.substr(magic.size(), end - magic.size());
    for (auto* part : {&out.kind, &out.number, &out.answers, &out.channel, &out.command}) {
        *part = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), part->size() + 1));
    }
    out.wrong = out.kind.size() != 1 || !is_number(out.number) || !is_number(out.answers) ||
                !is_word(out.channel) || !is_word(out.command) || !rest.empty();
    out.size = end + 1;
    return out;
}

/// key=type:value, where the value of bytes and of objects says how long it is: b:44[...], o:bog 61[...].
struct Member {
    std::string_view key{}, value{};
    char type = 0;
};
enum class Step { member, end, more, wrong };

Step next(std::string_view& rest, Member& out) noexcept {
    if (rest.starts_with(end_mark)) {
        rest.remove_prefix(end_mark.size());
        return Step::end;
    }
    if (end_mark.starts_with(rest)) return Step::more;
    const auto equals = rest.substr(0, head_limit).find('=');
    if (equals == rest.npos)
        return rest.size() < head_limit && rest.find('\n') == rest.npos ? Step::more : Step::wrong;
    if (rest.size() < equals + 3) return Step::more;
    out.key = rest.substr(0, equals);
    out.type = rest[equals + 1];
    if (!is_word(out.key) || rest[equals + 2] != ':') return Step::wrong;
    auto value = rest.substr(equals + 3);
    if (out.type == 'b' || out.type == 'o') {
        const auto bracket = value.substr(0, head_limit).find('[');
        if (bracket == value.npos)
            return value.size() < head_limit && value.find('\n') == value.npos ? Step::more : Step::wrong;
        const auto before = value.substr(0, bracket);
        const auto digits = before.substr(before.rfind(' ') + 1); // npos + 1 is the start.
        std::uint32_t length = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), length);
        if (digits.empty() || read.ec != std::errc{} || read.ptr != digits.data() + digits.size() ||
            length > message_limit)
            return Step::wrong;
        if (value.size() < bracket + 1 + length + 2) return Step::more;
        out.value = value.substr(bracket + 1, length);
        if (value.substr(bracket + 1 + length, 2) != "]\n") return Step::wrong;
        rest = value.substr(bracket + 1 + length + 2);
        return Step::member;
    }
    const auto end = value.find('\n');
    if (end == value.npos) return Step::more;
    out.value = value.substr(0, end);
    rest = value.substr(end + 1);
    return Step::member;
}

struct Known {
    std::string_view command;
    std::uint32_t code;
    Act act;
};
constexpr Known known[]{{"hello", 1, Act::connect},       {"challenge", 2, Act::authenticate},
                        {"login", 3, Act::authenticate},  {"close", 4, Act::disconnect},
                        {"keepAlive", 5, Act::diagnose},  {"rejected", 6, Act::authenticate},
                        {"welcome", 7, Act::authenticate}};

struct NiagaraFox {
    static constexpr Over over[]{{"tcp", 1911}};
    static constexpr Mark marks[]{{0, 0xffffffff, 0x666f7820}}; // "fox "
    static constexpr Facts facts{
        .name = "niagara_fox",
        .title = "Niagara Fox",
        .specification = "none is public; as stations and Workbench speak it",
        .over = over,
        .marks = marks,
        .message_most = message_limit,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto text = as_text(latest(opening));
        const auto head = head_of(text);
        if (head.wrong) return {};
        if (head.size == 0) return {Likeness::more};
        const auto body = text.substr(head.size, open_mark.size());
        if (body != open_mark.substr(0, body.size())) return {};
        if (body.size() < open_mark.size()) return {Likeness::more};
        return {Likeness::yes}; // Both greet; who opened the connection is who asks.
    }

    static Framing frame(Bytes stream) noexcept {
        const auto text = as_text(stream);
        const auto head = head_of(text);
        if (head.wrong) return {.lost = Malformed{0, "not the head of a message"}};
        if (head.size == 0) return {};
        auto rest = text.substr(head.size);
        if (!rest.starts_with(open_mark)) {
            if (open_mark.starts_with(rest)) return {};
            return {.lost = Malformed{0, "no brace opens the message"}};
        }
        rest.remove_prefix(open_mark.size());
        Member member;
        for (;;) {
            switch (next(rest, member)) {
            case Step::member:
                continue;
            case Step::end:
                return {.length = text.size() - rest.size()};
            case Step::more:
                return {};
            case Step::wrong:
                return {.lost = Malformed{0, "a member is neither key, type nor value"}};
            }
        }
    }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto text = as_text(pdu.bytes);
        const auto head = head_of(text);
        if (head.wrong || head.size == 0) return tell.report({0, "not the head of a message"});
        auto rest = text.substr(head.size);
        rest.remove_prefix(std::min(rest.size(), open_mark.size()));
        Said said;
        Member member;
        auto step = Step::member;
        while ((step = next(rest, member)) == Step::member) said.take(member);

        const auto* found = std::ranges::find(known, head.command, &Known::command);
        const bool named = head.channel == "fox" && found != std::end(known);
        observe::Operation operation{
            .function = {named ? found->code : 0, named ? found->command : "other command"},
            .act = named ? found->act : Act::unknown};
        // Both number their own messages; a station also speaks unasked.
        operation.phase = tell.from_client()                                    ? Phase::request
                          : head.answers != "-1" || (named && found->code == 1) ? Phase::response
                                                                                : Phase::event;
        operation.outcome = operation.phase == Phase::request                ? Outcome::pending
                            : head.kind == "e" || head.command == "rejected" ? Outcome::refused
                                                                             : Outcome::done;
        TextRoom<96> room;
        operation.object = {.space = "command",
                            .text = room.add(head.channel).add(' ').add(head.command).view()};
        tell.operation(operation);
        if (named && found->code == 1) who(tell, said);
        if (named && found->code == 3) tell.login(said.user, "fox", Outcome::pending);
        if (step != Step::end) tell.report({0, "a member is neither key, type nor value"});
    }

private:
    struct Said {
        std::string_view host{}, application{}, version{}, os{}, os_version{}, station{}, id{}, brand{},
            user{};
        void take(const Member& member) noexcept {
            if (member.type != 's') return;
            const auto value = trimmed(member.value).substr(0, 96);
            if (member.key == "hostName")
                host = value;
            else if (member.key == "app.name")
                application = value;
            else if (member.key == "app.version")
                version = value;
            else if (member.key == "os.name")
                os = value;
            else if (member.key == "os.version")
                os_version = value;
            else if (member.key == "station.name")
                station = value;
            else if (member.key == "hostId")
                id = value;
            else if (member.key == "brandId")
                brand = value;
            else if (member.key == "username")
                user = value;
        }
    };

    static void both(const Tell& tell, Attribute attribute, std::string_view first, std::string_view second,
                     std::uint8_t confidence) noexcept {
        if (first.empty()) return;
        TextRoom<200> room;
        room.add(first);
        if (!second.empty()) room.add(' ').add(second);
        tell.of_speaker(attribute, room.view(), confidence);
    }

    static void who(const Tell& tell, const Said& said) noexcept {
        if (is_host_name(said.host)) tell.of_speaker(Attribute::name, said.host, 85);
        both(tell, Attribute::application, said.application, said.version, 90);
        both(tell, Attribute::os, said.os, said.os_version, 85);
        if (!said.station.empty()) both(tell, Attribute::description, "station", said.station, 80);
        if (!said.brand.empty()) both(tell, Attribute::description, "brand", said.brand, 50);
        // Qnx-NPM6-0000-1490-C30C: a controller's kind and number; of a PC it is made from its disk.
        constexpr std::string_view controller = "Qnx-";
        if (said.id.starts_with(controller)) {
            const auto kind = said.id.substr(controller.size());
            tell.of_speaker(Attribute::vendor, "Tridium", 80);
            tell.of_speaker(Attribute::hardware, kind.substr(0, kind.find('-')), 80);
            tell.of_speaker(Attribute::serial, said.id, 85);
        }
        if (said.application == "Station") tell.of_speaker(Attribute::role_hint, "niagara station", 85);
        if (said.application == "Workbench") tell.of_speaker(Attribute::role_hint, "niagara workbench", 85);
    }
};

} // namespace

extern constinit const Dissector niagara_fox = row<NiagaraFox>();

} // namespace yagura::dissect::protocols
