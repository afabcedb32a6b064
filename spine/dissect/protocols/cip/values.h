// Values of CIP with their types. CIP Networks Library volume 1, appendix C-5 and C-6; structures as
// 1756-PM020.
#pragma once

#include "spine/base/bytes.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::cip {

/// The value behind a type of two bytes, four for a structure; nothing if nobody can read it.
observe::Value read_typed(Reader&) noexcept;
observe::Value value_of(std::uint16_t type, Bytes) noexcept;

} // namespace yagura::dissect::cip
