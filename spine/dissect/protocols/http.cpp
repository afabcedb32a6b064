// HTTP/1: which software serves and asks, what is asked of which device, and who logs in. Bodies pass unread.
//
// From RFC 9112 (messages: clauses 2 to 7), RFC 9110 (methods, status codes, fields), RFC 7617 (Basic), RFC
// 7616 (Digest), [MS-NTHT] and RFC 4559 (NTLM and Negotiate). docs/protocols/http.md tells objects and
// limits.
#include <algorithm>
#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/dissector.h"
#include "spine/dissect/ntlm.h"
#include "spine/dissect/protocols/http/fields.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using namespace http_family;
using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t head_most = 16u << 10; ///< start line and fields; servers refuse half of that
constexpr std::size_t start_least = 5;       ///< until "HTTP/" can be told from a body
constexpr std::size_t look_most = 2'048;     ///< of a body, for a page's title

struct Http {
    static constexpr Over over[]{{"tcp", 80}, {"tcp", 8080}, {"tcp", 8000}, {"tcp", 631}, {"tcp", 5985}};
    static constexpr Mark marks[]{
        {0, 0xffffffff, 0x48545450}, // "HTTP"
        {0, 0xffffffff, 0x47455420}, // "GET "
        {0, 0xffffffff, 0x504f5354}, // "POST"
        {0, 0xffffffff, 0x48454144}, // "HEAD"
        {0, 0xffffffff, 0x50555420}, // "PUT "
        {0, 0xffffffff, 0x4f505449}, // "OPTI"
        {0, 0xffffffff, 0x44454c45}, // "DELE"
        {0, 0xffffffff, 0x434f4e4e}, // "CONN"
        {0, 0xffffffff, 0x50415443}, // "PATC"
        {0, 0xffffffff, 0x50524f50}, // "PROP"
        {0, 0xffffffff, 0x4e4f5449}, // "NOTI"
        {0, 0xffffffff, 0x53554253}, // "SUBS"
        {0, 0xffffffff, 0x54524143}, // "TRAC"
    };
    static constexpr Facts facts{
        .name = "http",
        .title = "Hypertext Transfer Protocol",
        .specification = "RFC 9110, 9112, 7616, 7617; [MS-NTHT], [MS-NLMP]",
        .over = over,
        .marks = marks,
        .message_most = head_most + look_most,
        .depth = Depth::acts,
        .status_name = reason,
    };
    enum class LoginTold : std::uint8_t { nothing, pending, done, refused };
    struct Asked { ///< the newest request, for its answer
        std::uint8_t method, size, user_size;
        LoginBy by;
        std::array<char, 96> path;
        std::array<char, 40> user;
        std::string_view path_view() const noexcept { return {path.data(), size}; }
        std::string_view user_view() const noexcept { return {user.data(), user_size}; }
    };
    struct Body { ///< of the message that a side has begun
        std::uint64_t left;
        Chunk chunk;
        bool chunked, page;
    };
    struct State {
        std::array<Body, 2> body; ///< by Speaker
        Asked asked;
        std::uint16_t requests; ///< modulo 65,536: the number of a pair
        std::uint8_t waiting;   ///< that were not answered yet
        LoginTold login;        ///< of the user that the requests have
        bool tunnel;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto text = as_text(latest(opening));
        const auto line = text.substr(0, text.find('\n'));
        const bool ended = line.size() < text.size();
        if (line.starts_with("HTTP/1.")) {
            if (line.size() < 12) return {ended ? Likeness::no : Likeness::more};
            return {status_of(line) ? Likeness::yes : Likeness::no, Speaker::server};
        }
        const auto* method = method_of(line);
        if (!method) return {};
        if (!ended) return {line.size() > 4'000 ? Likeness::no : Likeness::more};
        const auto words = trimmed(line);
        const bool versioned = words.size() > 9 && words.substr(words.size() - 9).starts_with(" HTTP/1.");
        return {versioned ? Likeness::yes : Likeness::no, Speaker::client};
    }

    /// A head, or as much of a body as is there: which one, its first bytes tell.
    static Framing frame(Bytes stream) noexcept {
        const auto text = as_text(stream);
        if (text.size() < start_least && std::string_view{"HTTP/"}.starts_with(text)) return {};
        if (!text.starts_with("HTTP/") && !method_of(text)) {
            // It may be the first letters of a method.
            if (text.size() < 8 && begins_method(text)) return {};
            return {.length = std::min(stream.size(), look_most)};
        }
        const auto end = end_of_head(text.substr(0, head_most));
        if (end == 0) {
            if (text.size() >= head_most) return {.lost = Malformed{0, "a head of more than 16 KB"}};
            return {};
        }
        return {.length = end};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto text = as_text(pdu.bytes);
        auto& body = state.body[tell.from_client() ? 0 : 1];
        if (state.tunnel) return ways.pass_over(Ways::everything);
        if (text.starts_with("HTTP/")) {
            body = {};
            answer(text, body, state, tell);
        } else if (const auto* method = method_of(text)) {
            body = {};
            request(*method, text, body, state, tell);
        } else {
            const auto before = body;
            if (before.page) title(text, tell);
            if (before.left == 0 && !before.chunked) return tell.report({0, "neither a head nor a body"});
            body.page = false;
            pass_body(pdu.bytes, body, tell);
        }
    }

private:
    static void pass_body(Bytes here, Body& body, const Tell& tell) noexcept {
        if (body.left == Ways::everything) return tell.ways.pass_over(Ways::everything);
        if (!body.chunked) {
            const auto left = body.left - std::min<std::uint64_t>(body.left, here.size());
            body = {};
            if (left) tell.ways.pass_over(left);
            return;
        }
        std::uint64_t beyond = 0;
        const auto walked = body.chunk.walk(here, beyond);
        if (walked == Chunk::End::broken) tell.report({0, "a chunk without a length"});
        if (walked != Chunk::End::none) body = {};
        if (beyond) tell.ways.pass_over(beyond);
    }
    /// What follows the head: nothing, so many bytes, chunks, or everything.
    static void begin_body(const Fields& fields, bool until_close, Body& body, const Tell& tell) noexcept {
        if (fields.chunked)
            body.chunked = true;
        else if (fields.length)
            body.left = *fields.length;
        else if (until_close)
            body.left = Ways::everything;
        body.page = fields.page;
        // Only a page's beginning is worth waiting for.
        if (!body.page && !body.chunked && body.left) {
            tell.ways.pass_over(body.left);
            body = {};
        }
    }

    static void request(const Method& method, std::string_view text, Body& body, State& state,
                        const Tell& tell) noexcept {
        const auto line = trimmed(text.substr(0, text.find('\n')));
        auto target = line.substr(std::min(line.size(), method.name.size()));
        target = trimmed(target.substr(0, target.rfind(" HTTP/")));
        const bool to_itself = target.starts_with('/') || target.starts_with('*');
        const auto fields = read_fields(text);

        auto& asked = state.asked;
        const auto before = asked;
        asked = {};
        if (++state.requests == 0) state.requests = 1;
        state.waiting = static_cast<std::uint8_t>(std::min(state.waiting + 1, 2));
        asked.method = static_cast<std::uint8_t>(&method - methods.data());
        // What stands behind the question mark may be anybody's secret.
        const auto path = target.substr(0, target.find_first_of("?#;"));
        asked.size = static_cast<std::uint8_t>(std::min(path.size(), asked.path.size()));
        std::copy_n(path.begin(), asked.size, asked.path.begin());
        std::array<char, 96> room;
        WideRoom windows_user;
        auto login = read_login(fields.authorization, room);
        if (login.by == LoginBy::nothing)
            login = windows_login(windows_token(fields.authorization), windows_user, tell);
        asked.user_size = static_cast<std::uint8_t>(std::min(login.user.size(), asked.user.size()));
        std::copy_n(login.user.begin(), asked.user_size, asked.user.begin());
        asked.by = login.by;

        say(method, Phase::request, Outcome::pending, 0, state.requests, asked.path_view(), tell);
        tell.of_speaker(Attribute::application, fields.agent.substr(0, 200), 60);
        if (to_itself && is_host_name(fields.host)) tell.of_listener(Attribute::name, fields.host, 40);
        // Every request has the name in it: one attempt is one login, until another name or a refusal.
        if (asked.user_view() != before.user_view() || state.login == LoginTold::refused)
            state.login = LoginTold::nothing;
        if (state.login == LoginTold::nothing && asked.user_size != 0) {
            tell.login(asked.user_view(), word(asked.by), Outcome::pending);
            state.login = LoginTold::pending;
        }
        if (fields.bad) tell.report({0, "a field without a colon or with a length that is no number"});
        begin_body(fields, false, body, tell);
    }

    static void answer(std::string_view text, Body& body, State& state, const Tell& tell) noexcept {
        const auto status = status_of(text.substr(0, text.find('\n')));
        const auto fields = read_fields(text);
        const auto& asked = state.asked;
        if (!status) return tell.report({0, "a status line without a status"});
        const bool interim = *status < 200 && *status != 101;
        // Of several requests at once nobody is taken for the one that is answered.
        const bool known = !interim && state.waiting == 1;
        if (!interim) state.waiting = 0;
        const auto& method = methods[known ? asked.method : 0];
        const auto outcome = *status >= 400 ? Outcome::refused : Outcome::done;
        if (!interim) {
            if (known)
                say(method, Phase::response, outcome, *status, state.requests, asked.path_view(), tell);
            else
                say(unknown_method, Phase::response, outcome, *status, 0, {}, tell);
        }
        tell.of_speaker(Attribute::application, fields.server.substr(0, 200), 80);
        tell.of_speaker(Attribute::description, fields.realm.substr(0, 120), 60);
        WideRoom nobody;
        (void)windows_login(fields.challenge, nobody, tell);
        if (known && asked.user_size != 0) {
            const bool refused = *status == 401 || *status == 403;
            const auto now = refused ? LoginTold::refused : LoginTold::done;
            if (state.login != now)
                tell.login(asked.user_view(), word(asked.by), refused ? Outcome::refused : Outcome::done);
            state.login = now;
        }
        if (fields.bad) tell.report({0, "a field without a colon or with a length that is no number"});
        if (interim) return;
        const bool switched = *status == 101 || (known && method.name == "CONNECT" && *status < 300);
        if (switched) {
            state.tunnel = true; // What either side sends from here on is something else.
            return tell.ways.pass_over(Ways::everything);
        }
        const bool bare = *status == 204 || *status == 304 || (known && method.name == "HEAD");
        if (!bare) begin_body(fields, true, body, tell);
    }

    /// Who speaks, by its NTLM message: a server tells name, domain and build to whoever asks. The user where
    /// one logs in.
    static LoginName windows_login(std::string_view token, WideRoom& user, const Tell& tell) noexcept {
        if (token.empty()) return {};
        std::array<std::byte, 1024> room; // Names come first; responses, which are long, are not read.
        const auto message = ntlm::find(from_base64(token, room));
        if (!message) return {};
        ntlm::tell_of(*message, tell, user);
        if (message->kind != ntlm::Kind::authenticate) return {};
        return {LoginBy::ntlm, user.view()};
    }

    static void say(const Method& method, Phase phase, Outcome outcome, std::uint32_t status,
                    std::uint16_t number, std::string_view path, const Tell& tell) noexcept {
        observe::Operation operation{.function = {method.code, method.name},
                                     .act = method.act,
                                     .phase = phase,
                                     .outcome = outcome,
                                     .status = status,
                                     .pair = number};
        if (!path.empty()) operation.object = {.space = "path", .text = path};
        tell.operation(operation);
    }

    /// "<title>Login - NVR</title>", as far as it stands in the page's first bytes.
    static void title(std::string_view text, const Tell& tell) noexcept {
        constexpr std::string_view opens = "<title";
        for (std::size_t at = 0; (at = text.find('<', at)) != text.npos; ++at) {
            if (!same_words(text.substr(at, opens.size()), opens)) continue;
            const auto begin = text.find('>', at);
            if (begin == text.npos) return;
            const auto end = text.find('<', begin);
            if (end == text.npos) return;
            auto name = trimmed(text.substr(begin + 1, end - begin - 1));
            name = name.substr(0, std::min<std::size_t>(name.find_first_of("\r\n"), 100));
            return tell.of_speaker(Attribute::description, name, 60);
        }
    }
};

} // namespace

extern constinit const Dissector http = row<Http>();

} // namespace yagura::dissect::protocols
