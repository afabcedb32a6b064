// Commands of SMB by number, and what they do to files.
//
// From [MS-SMB2] clause 2.2.1.2 and 2.2.13, [MS-CIFS] clause 2.2.2.1, [MS-FSCC] clause 2.4, [MS-ERREF]
// clause 2.3.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "spine/dissect/ntlm.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::smb_family {

using observe::Act;

inline constexpr std::uint8_t session_message = 0x00, session_request = 0x81, session_keep_alive = 0x85;
inline constexpr std::uint32_t magic_1 = 0xff534d42, magic_2 = 0xfe534d42, magic_encrypted = 0xfd534d42;
/// Codes of ours: SMB 1's commands are 0x100 and their number.
inline constexpr std::uint32_t smb_1 = 0x100, encrypted = 0x200, by_names = 0x201;
inline constexpr int compound_most = 8;

enum Command2 : std::uint16_t {
    session_setup_2 = 1,
    tree_connect_2 = 3,
    create_2 = 5,
    close_2 = 6,
    read_2 = 8,
    write_2 = 9,
    ioctl_2 = 11,
    set_info_2 = 17,
};
enum Command1 : std::uint8_t {
    delete_1 = 0x06,
    transaction_1 = 0x25,
    read_1 = 0x2e,
    write_1 = 0x2f,
    session_setup_1 = 0x73,
    tree_connect_1 = 0x75,
    create_1 = 0xa2,
};

struct Known {
    std::uint16_t number;
    std::string_view name;
    Act act;
    /// Where the file's id stands in a request's body; 0: nowhere.
    std::uint8_t file_at = 0;
};
inline constexpr std::array commands_2{
    Known{0, "negotiate", Act::connect},
    Known{1, "session setup", Act::authenticate},
    Known{2, "logoff", Act::disconnect},
    Known{3, "tree connect", Act::connect},
    Known{4, "tree disconnect", Act::disconnect},
    Known{5, "create", Act::browse},
    Known{6, "close", Act::disconnect, 8},
    Known{7, "flush", Act::file_write, 8},
    Known{8, "read", Act::file_read, 16},
    Known{9, "write", Act::file_write, 16},
    Known{10, "lock", Act::unknown, 8},
    Known{11, "ioctl", Act::call, 8},
    Known{12, "cancel", Act::unknown},
    Known{13, "echo", Act::diagnose},
    Known{14, "query directory", Act::browse, 8},
    Known{15, "change notify", Act::subscribe, 8},
    Known{16, "query info", Act::browse, 24},
    Known{17, "set info", Act::configure, 16},
    Known{18, "oplock break", Act::unknown},
};
inline constexpr std::array commands_1{
    Known{0x00, "create directory", Act::file_write},
    Known{0x01, "delete directory", Act::file_delete},
    Known{0x04, "close", Act::disconnect},
    Known{0x06, "delete", Act::file_delete},
    Known{0x07, "rename", Act::file_write},
    Known{0x08, "query information", Act::browse},
    Known{0x0a, "read", Act::file_read},
    Known{0x0b, "write", Act::file_write},
    Known{0x10, "check directory", Act::browse},
    Known{0x24, "locking", Act::unknown},
    Known{0x25, "transaction", Act::call},
    Known{0x2b, "echo", Act::diagnose},
    Known{0x2d, "open", Act::browse},
    Known{0x2e, "read", Act::file_read},
    Known{0x2f, "write", Act::file_write},
    Known{0x32, "transaction 2", Act::browse},
    Known{0x71, "tree disconnect", Act::disconnect},
    Known{0x72, "negotiate", Act::connect},
    Known{0x73, "session setup", Act::authenticate},
    Known{0x74, "logoff", Act::disconnect},
    Known{0x75, "tree connect", Act::connect},
    Known{0xa0, "nt transaction", Act::call},
    Known{0xa2, "create", Act::browse},
};
inline constexpr Known unknown_command{0, "unknown command", Act::unknown};

template <std::size_t N>
constexpr const Known& find_in(const std::array<Known, N>& all, std::uint16_t number) noexcept {
    for (const auto& known : all)
        if (known.number == number) return known;
    return unknown_command;
}
constexpr const Known& find_command(std::uint16_t number) noexcept { return find_in(commands_2, number); }
constexpr const Known& find_command_1(std::uint16_t number) noexcept { return find_in(commands_1, number); }

inline constexpr std::uint32_t status_pending = 0x00000103, status_more_processing = 0xc0000016;
/// Warnings that come with data are no refusals; "more processing" is half a login.
constexpr bool succeeded(std::uint32_t status) noexcept {
    return status < 0x80000000 || status == status_more_processing || status == 0x80000005 ||
           status == 0x80000006;
}

/// Who opens a file to make or to empty it writes; to delete it on close, deletes.
constexpr Act act_of_create(std::uint32_t disposition, std::uint32_t options) noexcept {
    if (options & 0x1000) return Act::file_delete;
    const bool makes = disposition == 0 || disposition == 2 || disposition == 4 || disposition == 5;
    return makes ? Act::file_write : Act::browse;
}
/// [MS-FSCC] 2.4: 13 and 64 mark for deletion, 10 and 65 rename, 19 and 20 cut off or extend.
constexpr Act act_of_set(std::uint8_t kind, std::uint8_t what, Act otherwise) noexcept {
    if (kind != 1) return otherwise;
    if (what == 13 || what == 64) return Act::file_delete;
    return what == 10 || what == 65 || what == 19 || what == 20 ? Act::file_write : otherwise;
}

constexpr std::string_view status_name(std::uint32_t status) noexcept {
    switch (status) {
    case 0xc0000022:
        return "access denied";
    case 0xc0000034:
        return "object name not found";
    case 0xc000003a:
        return "object path not found";
    case 0xc0000035:
        return "object name collision";
    case 0xc0000043:
        return "sharing violation";
    case 0xc000006d:
        return "logon failure";
    case 0xc000006e:
        return "account restriction";
    case 0xc000006f:
        return "invalid logon hours";
    case 0xc0000070:
        return "invalid workstation";
    case 0xc0000071:
        return "password expired";
    case 0xc0000072:
        return "account disabled";
    case 0xc0000234:
        return "account locked out";
    case 0xc00000bb:
        return "not supported";
    case 0xc00000cc:
        return "bad network name";
    case 0xc0000203:
        return "user session deleted";
    case 0xc00000ac:
        return "pipe not available";
    case 0xc0000120:
        return "cancelled";
    case 0xc0000011:
        return "end of file";
    case 0x80000006:
        return "no more files";
    default:
        return {};
    }
}

/// Strings of a message of SMB 1, one after the other; two-byte ones begin at even places of the message.
class Strings {
public:
    Strings(Bytes bytes, bool wide, std::size_t at) noexcept : bytes_{bytes}, wide_{wide}, at_{at} {}
    void skip(std::size_t size) noexcept { drop(size); }
    void next(WideRoom& out) noexcept {
        if (wide_ && at_ % 2 != 0) drop(1);
        std::size_t size = 0;
        const std::size_t step = wide_ ? 2 : 1;
        while (size + step <= bytes_.size() &&
               (bytes_[size] != std::byte{0} || (wide_ && bytes_[size + 1] != std::byte{0})))
            size += step;
        if (wide_)
            add_wide(out, bytes_.first(size));
        else
            out.add(label(bytes_.first(size)));
        drop(size + step);
    }

private:
    void drop(std::size_t size) noexcept {
        size = size < bytes_.size() ? size : bytes_.size();
        bytes_ = bytes_.subspan(size);
        at_ += size;
    }
    Bytes bytes_;
    bool wide_;
    std::size_t at_;
};

} // namespace yagura::dissect::smb_family
