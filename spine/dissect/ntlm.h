// NTLM: the messages by which Windows logs in, wherever they are carried. A server tells its name, domain and
// build to whoever asks; a client its user and its own name.
//
// From [MS-NLMP] revision 35, clause 2.2: NEGOTIATE, CHALLENGE and AUTHENTICATE messages, AV_PAIR, VERSION;
// [MS-LCID] has no part in it. Responses and keys are credentials and are never read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "spine/base/bytes.h"
#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect {

using WideRoom = TextRoom<192>;
/// UTF-16, little-endian, up to a NUL or the end, as UTF-8.
void add_wide(WideRoom&, Bytes) noexcept;

namespace ntlm {

enum class Kind : std::uint8_t { negotiate = 1, challenge = 2, authenticate = 3 };

struct Text {
    Bytes bytes{};
    bool wide = false;
    bool empty() const noexcept { return bytes.empty(); }
};
void add(WideRoom&, const Text&) noexcept;

struct Message {
    Kind kind{};
    std::uint8_t major = 0, minor = 0;
    std::uint16_t build = 0; ///< 0: not told, or not Windows
    /// Of a challenge: the server's.
    Text computer{}, domain{}, dns_computer{}, dns_domain{};
    /// Of an authentication: the client's.
    Text user{}, workstation{};
};

/// The first one in a blob: SPNEGO and others wrap it in layers that nothing else is read from.
std::optional<Message> find(Bytes blob) noexcept;

/// "Windows 10 1809 or Server 2019 (build 17763)"
void write_system(std::uint8_t major, std::uint8_t minor, std::uint16_t build, WideRoom&) noexcept;

/// What the message tells of who speaks: names, domain, system. Gives back "DOMAIN\user" in `user`, empty if
/// nobody logs in by name.
void tell_of(const Message&, const Tell&, WideRoom& user) noexcept;

} // namespace ntlm
} // namespace yagura::dissect
