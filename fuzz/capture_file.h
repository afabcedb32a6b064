// Fuzz target for capture files, registered in fuzz/targets.
#pragma once

#include "spine/base/bytes.h"

namespace yagura::fuzz {

/// Walks `input` as a mapped file and as a stream in small pieces, and stops the process if the two differ.
void capture_file(Bytes input);

} // namespace yagura::fuzz
