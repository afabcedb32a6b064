// EtherCAT's mailbox: objects of CANopen (CoE), files (FoE) and what else a slave is told one message at a
// time.
#pragma once

#include "spine/base/text_room.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::ethercat {

inline constexpr std::size_t mailbox_head = 6;
inline constexpr std::uint32_t of_mailbox =
    0x10000; ///< codes: this, type << 8, service or opcode << 4, command

/// Could these be a mailbox message? Process data that begins like one is told apart by what has to be zero.
bool is_mailbox(Bytes) noexcept;
/// One message; `who` is told about. False: it ends before what it promises.
bool mailbox(Bytes, const observe::Part&, const observe::Station& who, bool answers, const Tell&) noexcept;

/// One fact about a slave; `who` is the master that it hangs on.
void identity(const observe::Station& who, const observe::Part&, observe::Attribute, std::string_view,
              const Tell&) noexcept;
/// The makers whose numbers (ETG's vendor ids) are on many floors; `room` for the others.
std::string_view vendor(std::uint32_t id, TextRoom<32>& room) noexcept;
inline constexpr std::uint32_t beckhoff = 2;
/// Beckhoff's product codes hold what is printed on the terminal: 0x044c2c52 is EK1100.
std::string_view terminal(std::uint32_t code, TextRoom<32>& room) noexcept;
std::string_view hexadecimal(std::uint32_t number, unsigned digits, TextRoom<32>& room) noexcept;

} // namespace yagura::dissect::ethercat
