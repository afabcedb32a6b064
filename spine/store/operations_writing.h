// Single acts and windows into their day. For this folder.
#pragma once

#include "spine/store/registers_writing.h"
#include "spine/store/sums.h"

namespace yagura::store {

struct OperationItem;

/// A new row, or what an answer adds to the row of its request; `sums` and `values` are told.
Result<void> write_operation(Database& day, const OperationItem& item, Sums& sums, RegisterDay& values);

} // namespace yagura::store
