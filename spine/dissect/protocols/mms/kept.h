// What an answer needs of its request, in small records of the conversation: names, and how far a file has
// come.
#pragma once

#include "spine/dissect/protocols/mms/values.h"

namespace yagura::dissect::mms {

/// The request's object, for its answer: both are one act.
void keep(std::string_view name, const observe::Operation&, Ways&) noexcept;
void restore(std::uint32_t pair, NameRoom&, observe::Operation&, Ways&) noexcept;
/// A file by the number that the server gave it.
void opened_file(std::uint32_t number, std::string_view name, Ways&) noexcept;
void file_name(std::uint32_t number, NameRoom&, observe::Operation&, Ways&) noexcept;
/// A piece of it; the last one ends the transfer.
void file_piece(Reader& fields, std::uint32_t number, const Tell&) noexcept;

} // namespace yagura::dissect::mms
