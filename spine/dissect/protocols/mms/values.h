// Names and values of MMS: which variables are meant, and what stands in them.
#pragma once

#include "spine/dissect/protocols/iec61850/data.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::mms {

using iec61850::next;
using iec61850::Tlv;

using NameRoom = TextRoom<136>;
inline constexpr std::uint32_t values_most = 128; ///< of one message that are told

/// ObjectName: of the device, of a domain, of an association. False: it is none.
bool read_name(const Tlv&, NameRoom&) noexcept;
/// FileName: parts, each a graphic string.
bool read_file(Bytes parts, NameRoom&) noexcept;
/// VariableAccessSpecification: the first variable of a list, how many there are, or the list's name.
bool variable_list(const Tlv& choice, NameRoom&, observe::Operation&) noexcept;
/// The name of the n-th variable of a list, counted from 0.
bool nth_name(Bytes content, std::uint32_t nth, NameRoom&) noexcept;
/// One value, or those of a structure with their places: "LD0/GGIO1$CO$SPCSO1$Oper[1]". The operation is told
/// with the `first`.
bool leaves(const Tlv& data, std::string_view name, std::uint32_t entry, std::uint32_t& most,
            observe::Operation&, bool& first, const Tell&) noexcept;
/// A report of a control block, as IEC 61850-8-1 has it.
bool block_report(Bytes content, observe::Operation&, const Tell&) noexcept;

} // namespace yagura::dissect::mms
