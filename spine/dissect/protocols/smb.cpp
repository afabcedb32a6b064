// SMB 1 to 3: names and systems of Windows and of what serves files like it, who logs in, and which files are
// touched.
//
// From [MS-CIFS] clauses 2.2.3 and 2.2.4, [MS-SMB] clauses 2.2.3 and 2.2.4, [MS-SMB2] clauses 2.1, 2.2
// (headers, negotiate, session setup, tree connect, create, read, write, set info), RFC 1001 clause 14.1 and
// RFC 1002 clause 4.3 (the session service in front of it). docs/protocols/smb.md tells objects and limits.
#include <algorithm>
#include <array>
#include <bit>

#include "spine/dissect/dissector.h"
#include "spine/dissect/ntlm.h"
#include "spine/dissect/protocols/smb/commands.h"
#include "spine/dissect/tell.h"
#include "spine/wire/netbios.h"

namespace yagura::dissect::protocols {
namespace {

using namespace smb_family;
using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::size_t prefix = 4;        ///< of the session service; over TCP alone it has the same form
constexpr std::size_t read_most = 6'144; ///< of one message: what stands behind is bulk
constexpr std::uint32_t message_most = 16u << 20;

struct Smb {
    static constexpr Over over[]{{"tcp", 445}, {"tcp", 139}};
    static constexpr Mark marks[]{
        {4, 0xffffffff, 0xfe534d42},
        {4, 0xffffffff, 0xff534d42},
        {4, 0xffffffff, 0xfd534d42},
        {0, 0xffff0000, 0x81000000}, // a session request by NetBIOS names
    };
    static constexpr Facts facts{
        .name = "smb",
        .title = "Server Message Block",
        .specification = "[MS-SMB2], [MS-SMB], [MS-CIFS], [MS-NLMP], RFC 1002",
        .over = over,
        .marks = marks,
        .carries = "smb",
        .message_most = prefix + read_most,
        .depth = Depth::acts,
        .status_name = status_name,
    };
    struct Asked {
        std::uint32_t id = 0;     ///< message id or multiplex id, folded
        std::uint8_t command = 0; ///< plus one; 0: free
        std::uint8_t slot = 0;    ///< of the name it is about, plus one; 0: none
        std::uint16_t check = 0;  ///< of that name
    };
    struct State {
        std::array<Asked, 16> asked;
        std::array<char, 48> user; ///< who is logging in
        std::uint32_t pipes;       ///< the tree that is no disk but the way to services, plus one
        std::uint8_t user_size, next, next_name;
        std::uint8_t latest; ///< slot of the name that the message before was about
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        Reader in{latest(opening)};
        const auto kind = in.u8();
        const std::uint32_t length = static_cast<std::uint32_t>(in.u8()) << 16 | in.u16();
        if (!in.ok()) return {Likeness::more};
        if (kind == session_request) return {length == 68 ? Likeness::yes : Likeness::no, Speaker::client};
        const auto magic = in.u32();
        if (!in.ok()) return {Likeness::more};
        if (kind != session_message || length > message_most) return {};
        if (magic == magic_encrypted) return {Likeness::yes};
        if (magic == magic_1) {
            const auto command = in.u8();
            in.take(4);
            const auto flags = in.u8();
            if (!in.ok()) return {Likeness::more};
            (void)command;
            return {Likeness::yes, flags & 0x80 ? Speaker::server : Speaker::client};
        }
        if (magic != magic_2) return {};
        const auto size = in.u16le();
        in.take(10);
        const auto flags = in.u32le();
        if (!in.ok()) return {Likeness::more};
        if (size != 64) return {};
        return {Likeness::yes, flags & 1 ? Speaker::server : Speaker::client};
    }

    static Framing frame(Bytes stream) noexcept {
        Reader in{stream};
        const auto kind = in.u8();
        const std::uint32_t length = static_cast<std::uint32_t>(in.u8()) << 16 | in.u16();
        if (!in.ok()) return {};
        const bool known = kind == session_message || (kind >= session_request && kind <= session_keep_alive);
        if (!known || length > message_most)
            return {.lost = Malformed{0, "not the beginning of a session message"}};
        const auto wanted = prefix + std::min<std::size_t>(length, read_most);
        return {.length = stream.size() < wanted ? 0 : wanted};
    }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        Reader in{pdu.bytes};
        const auto kind = in.u8();
        const std::uint32_t length = static_cast<std::uint32_t>(in.u8()) << 16 | in.u16();
        if (!in.ok()) return tell.report({0, "message ends inside its prefix"});
        const auto message = in.rest();
        const bool bulk = length > read_most && message.size() == read_most;
        if (bulk) ways.pass_over(length - message.size());
        const bool whole = message.size() == length || bulk;
        if (kind != session_message) {
            if (kind == session_request) by_name(message, tell);
            if (!whole) tell.report({1, "length is not that of the message"});
            return;
        }
        Reader start{message};
        const auto magic = start.u32();
        if (start.ok() && magic == magic_2)
            of_2(message, state, tell);
        else if (start.ok() && magic == magic_1)
            of_1(message, state, tell);
        else if (start.ok() && magic == magic_encrypted)
            tell.operation(
                {.function = {encrypted, "encrypted"}, .phase = Phase::event, .outcome = Outcome::done});
        else if (length != 0)
            tell.report({4, "neither SMB 1 nor 2"});
        if (!whole) tell.report({1, "length is not that of the message"});
    }

private:
    /// RFC 1002 clause 4.3.2: whom the client calls, and what it calls itself.
    static void by_name(Bytes message, const Tell& tell) noexcept {
        std::size_t at = 0;
        const auto called = wire::netbios::read(message, at), calling = wire::netbios::read(message, at);
        if (!called || !calling) return tell.report({4, "names of a session request are not names"});
        tell.operation({.function = {by_names, "session request"},
                        .act = Act::connect,
                        .phase = Phase::event,
                        .outcome = Outcome::done,
                        .object = {.space = "name", .text = called->view()}});
        tell.of_speaker(Attribute::name, calling->view(), 55);
    }

    // [MS-SMB2] 2.2.1: several messages may follow one another in one.
    static void of_2(Bytes message, State& state, const Tell& tell) noexcept {
        for (int i = 0; i < compound_most; ++i) {
            Reader in{message};
            in.take(8); // magic, structure size, credit charge
            const auto status = in.u32le();
            const auto command = in.u16le();
            in.u16le();
            const auto flags = in.u32le(), next = in.u32le();
            const auto id = static_cast<std::uint32_t>(in.u32le());
            in.take(8); // the rest of the id, process
            const auto tree = in.u32le();
            in.take(24); // session, signature
            if (!in.ok()) return tell.report({4, "message ends inside its head"});
            const auto body = message.subspan(std::min<std::size_t>(64, message.size()));
            one_of_2(message, body, {command, status, id, tree, (flags & 1) != 0}, state, tell);
            if (next == 0 || next >= message.size()) return;
            message = message.subspan(next);
        }
    }

    struct Head {
        std::uint16_t command;
        std::uint32_t status, id, tree;
        bool answers;
    };
    static void one_of_2(Bytes message, Bytes body, const Head& head, State& state,
                         const Tell& tell) noexcept {
        const auto [command, status, id, tree, answers] = head;
        const auto& known = find_command(command);
        observe::Operation said{.function = {command, known.name},
                                .act = known.act,
                                .phase = answers ? Phase::response : Phase::request,
                                .outcome = !answers            ? Outcome::pending
                                           : succeeded(status) ? Outcome::done
                                                               : Outcome::refused,
                                .status = answers && !succeeded(status) ? status : 0,
                                .pair = id + 1};
        bool pipe = state.pipes != 0 && state.pipes == tree + 1;
        if (pipe) said.act = act_on_pipe(command, said.act);
        if (!answers) return request_of_2(message, body, command, id, pipe, said, state, tell);
        Asked asked{};
        if (status != status_pending)
            if (auto* found = find(state, id)) {
                asked = *found;
                found->command = 0;
            }
        if (status == status_pending) return; // The answer proper follows, with another number for the tree.
        if (!pipe && asked.check == on_pipe && goes_through(command)) {
            pipe = true;
            said.act = act_on_pipe(command, said.act);
        }
        WideRoom name;
        recall(asked, name, tell);
        name_object(command, pipe, name, said);
        if (command == tree_connect_2 && succeeded(status) && name.view().ends_with("IPC$"))
            state.pipes = tree + 1;
        if (command == session_setup_2) {
            Reader in{body};
            in.take(4);
            const auto blob = field(in, message);
            logged_in(blob, status, state, tell);
        }
        if (command == create_2 && succeeded(status) && asked.slot != 0) {
            said.act = asked_act(asked);
            Reader in{body};
            in.take(64);
            const auto file = read_file(in);
            if (in.ok()) keep(file_slot(file), file, name.view(), tell);
        } else if ((command == create_2 || command == set_info_2) && asked.check != 0) {
            said.act = asked_act(asked);
        }
        tell.operation(said);
        if (pipe && succeeded(status)) through_pipe(received_2(message, body, command), asked.slot, tell);
    }

    /// [MS-RPCE] 2.1.1.2: services are called by what is written to a pipe, read from it, or both at once.
    static void through_pipe(Bytes bytes, std::uint32_t channel, const Tell& tell) noexcept {
        if (bytes.size() >= 16) tell.ways.carry("smb", 0, channel, bytes, tell.pdu.origin);
    }
    static Bytes part(Bytes message, std::size_t at, std::size_t size) noexcept {
        if (at > message.size()) return {};
        return message.subspan(at, std::min(size, message.size() - at));
    }
    static constexpr std::uint32_t transceive = 0x0011c017; ///< [MS-FSCC] 2.3: FSCTL_PIPE_TRANSCEIVE
    static Bytes sent_2(Bytes message, Bytes body, std::uint16_t command) noexcept {
        Reader in{body};
        in.u16();
        const auto at = in.u16le();
        const auto size = in.u32le(); // of a write; the control's number otherwise
        if (command == write_2) return in.ok() ? part(message, at, size) : Bytes{};
        in.take(16);
        const auto input = in.u32le(), count = in.u32le();
        return command == ioctl_2 && in.ok() && size == transceive ? part(message, input, count) : Bytes{};
    }
    static Bytes received_2(Bytes message, Bytes body, std::uint16_t command) noexcept {
        Reader in{body};
        in.u16();
        if (command == read_2) {
            const auto at = in.u8();
            in.u8();
            const auto size = in.u32le();
            return in.ok() ? part(message, at, size) : Bytes{};
        }
        in.u16();
        const auto control = in.u32le();
        in.take(24); // file, input
        const auto output = in.u32le(), count = in.u32le();
        return command == ioctl_2 && in.ok() && control == transceive ? part(message, output, count)
                                                                      : Bytes{};
    }

    static void request_of_2(Bytes message, Bytes body, std::uint16_t command, std::uint32_t id, bool pipe,
                             observe::Operation& said, State& state, const Tell& tell) noexcept {
        Reader in{body};
        Asked asked{.id = id, .command = static_cast<std::uint8_t>(command + 1)};
        WideRoom name;
        switch (command) {
        case session_setup_2: {
            in.take(12);
            const auto blob = field(in, message);
            logs_in(blob, state, tell);
            break;
        }
        case tree_connect_2: {
            in.take(4);
            add_wide(name, field(in, message));
            asked.slot = keep_new(name.view(), state, tell);
            break;
        }
        case create_2: {
            in.take(36); // up to the share access
            const auto disposition = in.u32le(), options = in.u32le();
            add_wide(name, field(in, message));
            if (in.ok() && !pipe) said.act = act_of_create(disposition, options);
            asked.slot = keep_new(name.view(), state, tell);
            asked.check = static_cast<std::uint16_t>(said.act);
            break;
        }
        default:
            if (const auto at = find_command(command).file_at; at != 0) {
                in.take(at);
                const auto file = read_file(in);
                if (!in.ok()) break;
                if (command == set_info_2) {
                    Reader kind{body};
                    kind.take(2);
                    const auto type = kind.u8(), what = kind.u8();
                    said.act = act_of_set(type, what, said.act);
                    asked.check = static_cast<std::uint16_t>(said.act);
                }
                if (file == 0) { // All ones: the file of the message before, in one compound.
                    asked.slot = state.latest;
                    recall(asked, name, tell);
                    break;
                }
                asked.slot = file_slot(file);
                if (!recall(asked.slot, file, name, tell)) asked.slot = 0;
            }
            break;
        }
        if (pipe && goes_through(command)) asked.check = on_pipe;
        state.latest = asked.slot;
        name_object(command, pipe, name, said);
        remember(asked, state);
        tell.operation(said);
        if (pipe) through_pipe(sent_2(message, body, command), asked.slot, tell);
        if (!in.ok()) tell.report({4, "message ends before what it promises"});
    }

    /// Offset and length of a buffer, counted from the head of the message.
    static Bytes field(Reader& in, Bytes message) noexcept {
        const auto at = in.u16le(), size = in.u16le();
        if (!in.ok() || at > message.size()) return {};
        return message.subspan(at, std::min<std::size_t>(size, message.size() - at));
    }

    static void logs_in(Bytes blob, State& state, const Tell& tell) noexcept {
        const auto ntlm = ntlm::find(blob);
        if (!ntlm) return;
        WideRoom user;
        ntlm::tell_of(*ntlm, tell, user);
        if (ntlm->kind != ntlm::Kind::authenticate) return;
        set_user(user.view(), state, tell);
    }
    static void set_user(std::string_view user, State& state, const Tell& tell) noexcept {
        state.user_size = static_cast<std::uint8_t>(std::min(user.size(), state.user.size()));
        std::copy_n(user.begin(), state.user_size, state.user.begin());
        tell.login({state.user.data(), state.user_size}, "ntlm", Outcome::pending);
    }
    static void logged_in(Bytes blob, std::uint32_t status, State& state, const Tell& tell) noexcept {
        if (const auto ntlm = ntlm::find(blob)) {
            WideRoom nobody;
            ntlm::tell_of(*ntlm, tell, nobody);
        }
        if (status == status_more_processing || state.user_size == 0) return;
        tell.login({state.user.data(), state.user_size}, "ntlm",
                   succeeded(status) ? Outcome::done : Outcome::refused);
        state.user_size = 0;
    }

    // [MS-CIFS] 2.2.3.1
    static void of_1(Bytes message, State& state, const Tell& tell) noexcept {
        Reader in{message};
        in.take(4);
        const auto command = in.u8();
        const auto status = in.u32le();
        const auto flags = in.u8();
        const auto more_flags = in.u16le();
        in.take(12); // upper process id, signature, reserved
        in.take(6);  // tree, process, user
        const auto id = in.u16le();
        if (!in.ok()) return tell.report({4, "message ends inside its head"});
        const bool answers = (flags & 0x80) != 0, wide = (more_flags & 0x8000) != 0;
        const auto words_count = in.u8();
        const auto words = in.take(words_count * 2u);
        const auto bytes_count = in.u16le();
        const auto bytes = in.take(std::min<std::size_t>(bytes_count, in.remaining()));
        const auto& known = find_command_1(command);
        // Errors of DOS have their class in the first byte, and mean what they mean.
        const bool fine = succeeded(status) || (!(more_flags & 0x4000) && status == 0);
        observe::Operation said{.function = {smb_1 | command, known.name},
                                .act = known.act,
                                .phase = answers ? Phase::response : Phase::request,
                                .outcome = !answers ? Outcome::pending
                                           : fine   ? Outcome::done
                                                    : Outcome::refused,
                                .status = answers && !fine ? status : 0,
                                .pair = 0x10000u | id};
        WideRoom name;
        Asked asked_of{};
        bool answered = false;
        if (!answers) {
            Asked asked{.id = id, .command = static_cast<std::uint8_t>(command + 1u)};
            if (command == read_1 || command == transaction_1 || command == write_1) {
                asked.check = file_of_1(command, words);
                asked_of = asked;
                answered = command != read_1 && in.ok();
            }
            if (in.ok()) request_of_1(command, words, bytes, wide, message, said, name, asked, state, tell);
            remember(asked, state);
        } else if (auto* found = find(state, id)) {
            recall(*found, name, tell);
            if (command == create_1 && found->slot != 0) said.act = asked_act(*found);
            if (fine && in.ok() && (command == read_1 || command == transaction_1)) {
                asked_of = *found;
                answered = true;
            }
            found->command = 0;
        }
        if (!name.view().empty())
            said.object = {.space = command == tree_connect_1 ? "share" : "file", .text = tail(name.view())};
        if (answers && command == session_setup_1 && in.ok())
            session_of_1(words, bytes, wide, message, status, state, tell);
        tell.operation(said);
        if (answered) {
            const auto data = data_of_1(command, answers, words, message);
            // Whether it is a pipe is not kept: a call tells itself by its version.
            if (data.size() >= 16 && data[0] == std::byte{5} && data[1] == std::byte{0})
                through_pipe(data, 0x10000u | asked_of.check, tell);
        }
        if (!in.ok()) tell.report({4, "message ends before what it promises"});
    }

    /// Of reads, writes and transactions on a pipe: by which number the file goes.
    static std::uint16_t file_of_1(std::uint8_t command, Bytes words) noexcept {
        Reader in{words};
        in.take(command == transaction_1
                    ? 30
                    : 4); // [MS-CIFS] 2.2.4.33: what is to be done is the first of the setup
        return in.u16le();
    }
    /// And the bytes themselves: offset and size stand at places of their own in each.
    static Bytes data_of_1(std::uint8_t command, bool answers, Bytes words, Bytes message) noexcept {
        Reader in{words};
        if (command == transaction_1) {
            in.take(answers ? 12 : 22);
            const auto size = in.u16le(), at = in.u16le();
            return in.ok() ? part(message, at, size) : Bytes{};
        }
        in.take(command == read_1 ? 10 : 20);
        const auto size = in.u16le(), at = in.u16le();
        return in.ok() ? part(message, at, size) : Bytes{};
    }

    static void request_of_1(std::uint8_t command, Bytes words, Bytes bytes, bool wide, Bytes message,
                             observe::Operation& said, WideRoom& name, Asked& asked, State& state,
                             const Tell& tell) noexcept {
        Strings strings{bytes, wide, static_cast<std::size_t>(bytes.data() - message.data())};
        Reader in{words};
        switch (command) {
        case session_setup_1: {
            if (words.size() == 24) { // Extended security: a blob, then the system's strings.
                in.take(14);
                strings.skip(in.u16le());
                logs_in(bytes, state, tell);
            } else if (words.size() == 26) {
                in.take(14);
                const auto plain = in.u16le(), hashed = in.u16le();
                strings.skip(std::size_t{plain} + hashed); // The password, or what is made of it.
                WideRoom account, domain;
                strings.next(account);
                strings.next(domain);
                if (!account.view().empty()) {
                    if (!domain.view().empty()) domain.add('\\');
                    domain.add(account.view());
                    set_user(domain.view(), state, tell);
                }
            } else {
                break;
            }
            systems(strings, tell);
            break;
        }
        case tree_connect_1: {
            in.take(6);
            strings.skip(in.u16le()); // A share's password.
            if (in.ok()) strings.next(name);
            asked.slot = keep_new(name.view(), state, tell);
            break;
        }
        case create_1: {
            in.take(35);
            const auto disposition = in.u32le(), options = in.u32le();
            if (!in.ok()) break;
            said.act = act_of_create(disposition, options);
            strings.next(name);
            asked.slot = keep_new(name.view(), state, tell);
            asked.check = static_cast<std::uint16_t>(said.act);
            break;
        }
        case delete_1: {
            strings.skip(1); // the format's number
            strings.next(name);
            asked.slot = keep_new(name.view(), state, tell);
            break;
        }
        default:
            break;
        }
    }
    static void session_of_1(Bytes words, Bytes bytes, bool wide, Bytes message, std::uint32_t status,
                             State& state, const Tell& tell) noexcept {
        Strings strings{bytes, wide, static_cast<std::size_t>(bytes.data() - message.data())};
        logged_in(bytes, status, state, tell);
        if (words.size() == 8) {
            Reader in{words.subspan(6)};
            strings.skip(in.u16le());
        } else if (words.size() != 6) {
            return;
        }
        systems(strings, tell);
        WideRoom domain;
        strings.next(domain);
        tell.of_speaker(Attribute::domain, domain.view(), 75);
    }
    /// Native system and native LAN manager.
    static void systems(Strings& strings, const Tell& tell) noexcept {
        WideRoom system, manager;
        strings.next(system);
        strings.next(manager);
        if (system.view().starts_with("Windows")) tell.of_speaker(Attribute::os, system.view(), 75);
        if (!manager.view().starts_with("Windows"))
            tell.of_speaker(Attribute::application, manager.view(), 75);
    }

    // Names wait in records of the conversation: the first few for requests, the others for open files.
    static constexpr std::uint8_t new_names = 8, file_names = 40;
    static std::uint8_t file_slot(std::uint64_t file) noexcept {
        const auto folded = (file ^ file >> 32) * 0x9e3779b97f4a7c15u;
        return static_cast<std::uint8_t>(1 + new_names + (folded >> 40) % file_names);
    }
    static std::uint64_t key(std::uint8_t slot) noexcept { return 0x534d4200u | slot; }
    /// As much of a name as a record holds; its end says more. The same for a request and its answer.
    static std::string_view tail(std::string_view name) noexcept {
        return name.size() > 55 ? name.substr(name.size() - 55) : name;
    }
    static bool keep(std::uint8_t slot, std::uint64_t file, std::string_view name,
                     const Tell& tell) noexcept {
        auto* record = tell.ways.remember(key(slot));
        if (!record) return false;
        name = tail(name);
        for (std::size_t i = 0; i < 8; ++i)
            (*record)[i] = static_cast<std::byte>(file >> (56 - 8 * i) & 0xff);
        (*record)[8] = static_cast<std::byte>(name.size());
        std::ranges::copy(std::as_bytes(std::span{name}), record->begin() + 9);
        return true;
    }
    static std::uint8_t keep_new(std::string_view name, State& state, const Tell& tell) noexcept {
        state.next_name = static_cast<std::uint8_t>((state.next_name + 1u) % new_names);
        const auto slot = static_cast<std::uint8_t>(1 + state.next_name);
        return !name.empty() && keep(slot, 0, name, tell) ? slot : std::uint8_t{0};
    }
    static bool recall(std::uint8_t slot, std::uint64_t file, WideRoom& name, const Tell& tell) noexcept {
        const auto* record = slot == 0 ? nullptr : tell.ways.remember(key(slot));
        if (!record) return false;
        Reader in{*record};
        const auto whose = in.u64();
        const auto text = in.take(in.u8());
        if (!in.ok() || text.empty() || whose != file) return false;
        name.add(as_text(text));
        return true;
    }
    /// Of a request: whichever file stands in the slot by now, if it is one of those kept for files.
    static void recall(const Asked& asked, WideRoom& name, const Tell& tell) noexcept {
        const auto* record = asked.slot == 0 ? nullptr : tell.ways.remember(key(asked.slot));
        if (!record) return;
        Reader in{*record};
        in.u64();
        const auto text = in.take(in.u8());
        if (in.ok()) name.add(as_text(text));
    }

    static Act asked_act(const Asked& asked) noexcept { return static_cast<Act>(asked.check); }
    static void name_object(std::uint16_t command, bool pipe, const WideRoom& name,
                            observe::Operation& said) noexcept {
        if (!name.view().empty())
            said.object = {.space = command == tree_connect_2 ? "share"
                                    : pipe                    ? "pipe"
                                                              : "file",
                           .text = tail(name.view())};
    }
    /// Services are called through pipes: nothing of that is a file.
    static Act act_on_pipe(std::uint16_t command, Act otherwise) noexcept {
        if (command == create_2) return Act::connect;
        return goes_through(command) ? Act::call : otherwise;
    }
    static constexpr std::uint16_t on_pipe = 0xffff; ///< Asked::check, of what has no act of its own
    static bool goes_through(std::uint16_t command) noexcept {
        return command == read_2 || command == write_2 || command == ioctl_2;
    }
    static std::uint64_t read_file(Reader& in) noexcept {
        const auto persistent = in.u64(), of_session = in.u64();
        return persistent ^ std::rotl(of_session, 23);
    }
    static void remember(const Asked& asked, State& state) noexcept {
        state.asked[state.next] = asked;
        state.next = static_cast<std::uint8_t>((state.next + 1u) % state.asked.size());
    }
    static Asked* find(State& state, std::uint32_t id) noexcept {
        for (auto& one : state.asked)
            if (one.command != 0 && one.id == id) return &one;
        return nullptr;
    }
};

} // namespace

extern constinit const Dissector smb = row<Smb>();

} // namespace yagura::dissect::protocols
