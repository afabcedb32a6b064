// Telnet: what greets whoever connects, and under which name somebody logs in. Passwords are passed over
// while they are typed, and so is the session behind them.
//
// From RFC 854 (commands), RFC 855 (options, subnegotiation). Prompts are not in any specification: the words
// that systems use.
#include <algorithm>
#include <array>

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr unsigned char escape = 255, begin_sub = 250, end_sub = 240, will = 251, dont = 254;
constexpr std::size_t piece_most = 1'024;
enum Code : std::uint32_t { negotiation = 1, greeting = 2, login = 3 };

/// Where the conversation is, by what the server asked for last.
enum class At : std::uint8_t { before, user, password, result, past };

bool holds(std::string_view text, std::string_view words) noexcept {
    for (std::size_t i = 0; i + words.size() <= text.size(); ++i)
        if (same_words(text.substr(i, words.size()), words)) return true;
    return false;
}

struct Telnet {
    static constexpr Over over[]{{"tcp", 23}};
    static constexpr Mark marks[]{{0, 0xfff80000, 0xfff80000}};
    static constexpr Facts facts{
        .name = "telnet",
        .title = "Telnet",
        .specification = "RFC 854, 855",
        .over = over,
        .marks = marks,
        .message_most = piece_most,
        .depth = Depth::acts,
    };
    struct State {
        At at;
        bool negotiated, greeted;
        std::uint8_t user_size;
        std::array<char, 40> user;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        Reader in{latest(opening)};
        const auto first = in.u8(), second = in.u8(), third = in.u8();
        if (!in.ok()) return {Likeness::more};
        const bool option = first == escape && second >= will && second <= dont && third < 50;
        if (!option) return {};
        // Both sides negotiate, and one option is not much of a sign.
        const auto next = in.u8();
        return {!in.ok() || next == escape || next >= 0x20 || next == '\r' || next == '\n' ? Likeness::yes
                                                                                           : Likeness::no};
    }
    static Framing frame(Bytes stream) noexcept { return {.length = std::min(stream.size(), piece_most)}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        if (state.at == At::past) return ways.pass_over(Ways::everything);
        TextRoom<512> text;
        const bool commands = without_commands(pdu.bytes, text);
        if (commands && !state.negotiated) {
            state.negotiated = true;
            tell.operation({.function = {negotiation, "negotiation"},
                            .act = Act::connect,
                            .phase = Phase::event,
                            .outcome = Outcome::done});
        }
        if (tell.from_client())
            client(text.view(), state, tell);
        else
            server(text.view(), state, tell);
    }

private:
    /// The text without commands and what stands in subnegotiations. Were there any?
    static bool without_commands(Bytes bytes, TextRoom<512>& text) noexcept {
        bool any = false;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const auto byte = std::to_integer<unsigned char>(bytes[i]);
            if (byte != escape) {
                if (byte != 0) text.add(static_cast<char>(byte));
                continue;
            }
            any = true;
            const auto command = i + 1 < bytes.size() ? std::to_integer<unsigned char>(bytes[i + 1])
                                                      : end_sub;
            ++i;
            if (command >= will && command <= dont) {
                ++i;
            } else if (command == begin_sub) {
                while (i < bytes.size() && std::to_integer<unsigned char>(bytes[i]) != end_sub) ++i;
            }
        }
        return any;
    }

    static void client(std::string_view text, State& state, const Tell& tell) noexcept {
        for (const char c : text) {
            const bool end = c == '\r' || c == '\n';
            if (state.at == At::password && end) {
                state.at = At::result;
                return tell.login({state.user.data(), state.user_size}, "telnet", Outcome::pending);
            }
            if (state.at != At::user || end) continue; // Of a password nothing is kept.
            if ((c == 8 || c == 127) && state.user_size != 0)
                --state.user_size;
            else if (static_cast<unsigned char>(c) >= 0x20 && state.user_size < state.user.size())
                state.user[state.user_size++] = c;
        }
    }

    static void server(std::string_view text, State& state, const Tell& tell) noexcept {
        auto shown = trimmed(text);
        if (shown.empty()) return;
        // The last line is where the cursor waits.
        const auto last = trimmed(shown.substr(std::min(shown.size(), shown.find_last_of("\r\n") + 1)));
        const bool asks_user = last.ends_with(':') && (holds(last, "login") || holds(last, "user"));
        const bool asks_password = last.ends_with(':') && holds(last, "password");
        if (!state.greeted && state.at == At::before) {
            state.greeted = true;
            const auto line = trimmed(
                shown.substr(0, std::min<std::size_t>(shown.find_first_of("\r\n"), 120)));
            tell.operation({.function = {greeting, "greeting"},
                            .act = Act::connect,
                            .phase = Phase::event,
                            .outcome = Outcome::done,
                            .value = line});
            if (line != last || !(asks_user || asks_password))
                tell.of_speaker(Attribute::description, line, 60);
        }
        if (state.at == At::result) {
            constexpr std::string_view refusals[]{"incorrect", "fail", "denied", "invalid", "bad "};
            const bool refused = asks_user || asks_password ||
                                 std::ranges::any_of(refusals, [&](auto word) { return holds(shown, word); });
            ended(refused, state, tell);
        }
        if (state.at == At::past) return;
        if (asks_password) {
            state.at = At::password;
        } else if (asks_user) {
            state.at = At::user;
            state.user_size = 0;
        }
    }

    static void ended(bool refused, State& state, const Tell& tell) noexcept {
        const auto outcome = refused ? Outcome::refused : Outcome::done;
        tell.operation({.function = {login, "login"},
                        .act = Act::authenticate,
                        .phase = Phase::event,
                        .outcome = outcome});
        tell.login({state.user.data(), state.user_size}, "telnet", outcome);
        state.at = refused ? At::before : At::past;
        if (!refused) tell.ways.pass_over(Ways::everything);
    }
};

} // namespace

extern constinit const Dissector telnet = row<Telnet>();

} // namespace yagura::dissect::protocols
