// STEP 7's symbol table as ASCII: no delimiters, each field in its place. For this folder.
#pragma once

#include "see/tables/table_file.h"

namespace yagura::see::comments {

/// "126,Start_PB                I       0.0 BOOL      起動押釦": name in 24 places, address in 12, type in
/// 10, comment in 80. The rows become four cells where most of them are so. `double_width`: a character that
/// is not ASCII took two places (CP932), but for half-width katakana.
void unfold(tables::Sheet& sheet, bool double_width);

} // namespace yagura::see::comments
