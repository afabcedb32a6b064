// The text of a file in UTF-8, whichever encoding a spreadsheet wrote it in.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "spine/base/bytes.h"
#include "spine/base/result.h"

namespace yagura::see::tables {

struct Decoded {
    std::string text;            ///< up to the byte that is none
    std::string_view encoding{}; ///< as TableFile has it
    std::optional<std::size_t>
        bad{}; ///< where in the file the first byte stands that is none in this encoding
};

/// UTF-16 and UTF-8 by their byte order mark. Without one, UTF-8 if the whole file is; else CP932
/// (Windows-31J, with NEC's and IBM's extensions), unless so much of it is UTF-8 that a byte of it must have
/// broken. Errors: ledger.no-decoder if the system knows no CP932.
Result<Decoded> decoded(Bytes file);

/// UTF-8 in the encoding that Japanese Excel opens without being asked; '?' for a character that it does not
/// have. As it is, if the system knows no CP932.
std::string in_cp932(std::string_view text);

} // namespace yagura::see::tables
