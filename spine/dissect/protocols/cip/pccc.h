// PCCC inside CIP: what SLC, MicroLogix and PLC-5 are asked. "DF1 Protocol and Command Set" (1770-6.5.16),
// chapter 7.
#pragma once

#include "spine/base/bytes.h"
#include "spine/base/text_room.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::cip {

/// Names, act, object and value of a request (or of a request made again for its answer).
void read_pccc(Bytes request, observe::Operation&, TextRoom<64>&) noexcept;
/// Status and data of an answer; `asked` is the request's bytes or nothing.
void read_pccc_answer(Bytes answer, Bytes asked, observe::Operation&) noexcept;

} // namespace yagura::dissect::cip
