// FTP's control connection: which software serves, who logs in, and which files are moved.
//
// From RFC 959 clauses 4 and 5 (commands, replies), RFC 2228 (AUTH), RFC 3659 (MLSD, MDTM, SIZE), RFC 2428
// (EPRT, EPSV).
#include <algorithm>
#include <array>

#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t line_most = 1'024;

struct Command {
    std::string_view word; ///< four letters at most, in small ones
    std::string_view name;
    Act act;
    bool about_file = false;
};
/// Its place is its code; docs/protocols/ftp.md.
constexpr std::array commands{
    Command{"", "reply", Act::unknown},
    Command{"user", "USER", Act::authenticate},
    Command{"pass", "PASS", Act::authenticate},
    Command{"acct", "ACCT", Act::authenticate},
    Command{"auth", "AUTH", Act::connect},
    Command{"quit", "QUIT", Act::disconnect},
    Command{"retr", "RETR", Act::file_read, true},
    Command{"stor", "STOR", Act::file_write, true},
    Command{"appe", "APPE", Act::file_write, true},
    Command{"stou", "STOU", Act::file_write},
    Command{"dele", "DELE", Act::file_delete, true},
    Command{"rmd", "RMD", Act::file_delete, true},
    Command{"mkd", "MKD", Act::file_write, true},
    Command{"rnfr", "RNFR", Act::file_write, true},
    Command{"rnto", "RNTO", Act::file_write, true},
    Command{"list", "LIST", Act::browse, true},
    Command{"nlst", "NLST", Act::browse, true},
    Command{"mlsd", "MLSD", Act::browse, true},
    Command{"mlst", "MLST", Act::browse, true},
    Command{"cwd", "CWD", Act::browse, true},
    Command{"cdup", "CDUP", Act::browse},
    Command{"pwd", "PWD", Act::browse},
    Command{"xpwd", "XPWD", Act::browse},
    Command{"size", "SIZE", Act::browse, true},
    Command{"mdtm", "MDTM", Act::browse, true},
    Command{"syst", "SYST", Act::identify},
    Command{"feat", "FEAT", Act::browse},
    Command{"help", "HELP", Act::browse},
    Command{"stat", "STAT", Act::browse},
    Command{"site", "SITE", Act::configure},
    Command{"opts", "OPTS", Act::configure},
    Command{"type", "TYPE", Act::configure},
    Command{"mode", "MODE", Act::configure},
    Command{"port", "PORT", Act::connect},
    Command{"pasv", "PASV", Act::connect},
    Command{"eprt", "EPRT", Act::connect},
    Command{"epsv", "EPSV", Act::connect},
    Command{"pbsz", "PBSZ", Act::protect},
    Command{"prot", "PROT", Act::protect},
    Command{"noop", "NOOP", Act::diagnose},
    Command{"abor", "ABOR", Act::disconnect},
    Command{"rest", "REST", Act::configure},
};
constexpr std::uint8_t user_command = 1, pass_command = 2, auth_command = 4;

/// 0: not one of FTP.
constexpr std::uint8_t command_of(std::string_view line) noexcept {
    const auto word = line.substr(0, line.find_first_of(" \r\n"));
    if (word.empty() || word.size() > 4) return 0;
    for (std::uint8_t i = 1; i < commands.size(); ++i)
        if (same_words(word, commands[i].word)) return i;
    return 0;
}

constexpr std::uint16_t reply_of(std::string_view line) noexcept {
    if (line.size() < 4 || (line[3] != ' ' && line[3] != '-' && line[3] != '\r')) return 0;
    std::uint16_t code = 0;
    for (const char c : line.substr(0, 3)) {
        if (c < '0' || c > '9') return 0;
        code = static_cast<std::uint16_t>(code * 10 + (c - '0'));
    }
    return code >= 100 && code < 600 ? code : std::uint16_t{0};
}

struct Ftp {
    static constexpr Over over[]{{"tcp", 21}};
    static constexpr Mark marks[]{{0, 0xffffffff, 0x32323020}, // "220 "
                                  {0, 0xffffffff, 0x3232302d}, // "220-"
                                  {0, 0xffffffff, 0x55534552}, // "USER"
                                  {0, 0xffffffff, 0x33333120}, // "331 "
                                  {0, 0xffffffff, 0x41555448}};
    static constexpr Facts facts{
        .name = "ftp",
        .title = "File Transfer Protocol",
        .specification = "RFC 959, 2228, 2428, 3659",
        .over = over,
        .marks = marks,
        .message_most = line_most,
        .depth = Depth::acts,
    };
    struct State {
        std::uint16_t number;     ///< of the command, modulo 65,536
        std::uint16_t multi_line; ///< reply whose last line has not come
        std::uint8_t command;     ///< that waits for its answer
        bool passes, greeted;
        std::uint8_t argument_size, user_size;
        std::array<char, 80> argument;
        std::array<char, 40> user;
    };

    /// SMTP greets by 220, too, and POP asks for USER: one side alone is a sign only where it names FTP.
    static Recognition looks_like(const Opening& opening) noexcept {
        const auto said = as_text(latest(opening));
        const auto other = as_text(opening.latest == Speaker::client ? opening.server : opening.client);
        const auto line = said.substr(0, said.find('\n'));
        if (const auto code = reply_of(line)) {
            bool names = false;
            for (std::size_t i = 0; i + 3 <= line.size(); ++i)
                names = names || same_words(line.substr(i, 3), "ftp");
            bool mail = false;
            for (std::size_t i = 0; i + 4 <= line.size(); ++i)
                mail = mail || same_words(line.substr(i, 4), "smtp");
            if (mail || (code != 220 && code != 331)) return {};
            return {names || code == 331 || command_of(other) ? Likeness::yes : Likeness::maybe,
                    Speaker::server};
        }
        const auto command = command_of(line);
        if (command != user_command && command != auth_command) return {};
        return {reply_of(other) == 220 ? Likeness::yes : Likeness::maybe, Speaker::client};
    }
    static Framing frame(Bytes stream) noexcept {
        const auto text = as_text(stream);
        const auto end = text.substr(0, line_most).find('\n');
        if (end != text.npos) return {.length = end + 1};
        if (text.size() >= line_most) return {.lost = Malformed{0, "a line of more than 1024 bytes"}};
        return {};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        if (state.passes) return ways.pass_over(Ways::everything);
        const auto line = as_text(pdu.bytes);
        if (tell.from_client())
            command(line, state, tell);
        else
            reply(line, state, tell);
    }

private:
    static observe::Object object(const State& state) noexcept {
        if (state.argument_size == 0) return {};
        return {.space = "file", .text = {state.argument.data(), state.argument_size}};
    }
    static std::string_view user(const State& state) noexcept { return {state.user.data(), state.user_size}; }

    static void command(std::string_view line, State& state, const Tell& tell) noexcept {
        const auto which = command_of(line);
        // Words that nobody knows may be somebody's password on a line of its own.
        if (which == 0) return tell.report({0, "a command that FTP does not have"});
        const auto& known = commands[which];
        const auto argument = trimmed(line.substr(known.word.size()));
        if (++state.number == 0) state.number = 1;
        state.command = which;
        state.argument_size = 0;
        if (known.about_file) {
            state.argument_size = static_cast<std::uint8_t>(std::min(argument.size(), state.argument.size()));
            std::copy_n(argument.begin(), state.argument_size, state.argument.begin());
        }
        if (which == user_command) {
            state.user_size = static_cast<std::uint8_t>(std::min(argument.size(), state.user.size()));
            std::copy_n(argument.begin(), state.user_size, state.user.begin());
        }
        tell.operation({.function = {which, known.name},
                        .act = known.act,
                        .phase = Phase::request,
                        .outcome = Outcome::pending,
                        .pair = state.number,
                        .object = object(state)});
        if (which == pass_command) tell.login(user(state), "ftp", Outcome::pending);
    }

    static void reply(std::string_view line, State& state, const Tell& tell) noexcept {
        const auto code = reply_of(line);
        if (state.multi_line != 0 && (code != state.multi_line || line[3] == '-'))
            return; // In the middle of one.
        if (code == 0) return tell.report({0, "a reply without a code"});
        const auto text = trimmed(line.substr(4));
        // The first line of a greeting is as good as the last.
        if (code == 220 && !state.greeted) {
            state.greeted = true;
            tell.of_speaker(Attribute::application, text.substr(0, 120), 75);
        }
        if (line[3] == '-') {
            state.multi_line = code;
            return;
        }
        state.multi_line = 0;
        if (code < 200) return; // It has begun; the answer follows.
        const auto which = state.command;
        const auto& known = commands[which];
        tell.operation({.function = {which, known.name},
                        .act = known.act,
                        .phase = which ? Phase::response : Phase::event,
                        .outcome = code >= 400 ? Outcome::refused : Outcome::done,
                        .status = code,
                        .pair = which ? state.number : 0u,
                        .object = object(state)});
        state.command = 0;
        state.argument_size = 0;
        if (code == 215) tell.of_speaker(Attribute::os, text.substr(0, 60), 60);
        const bool logs_in = which == pass_command || which == user_command;
        if (logs_in && (code == 230 || code >= 400))
            tell.login(user(state), "ftp", code == 230 ? Outcome::done : Outcome::refused);
        if (which == auth_command && code == 234) { // TLS begins, without another word.
            state.passes = true;
            tell.ways.pass_over(Ways::everything);
        }
    }
};

} // namespace

extern constinit const Dissector ftp = row<Ftp>();

} // namespace yagura::dissect::protocols
