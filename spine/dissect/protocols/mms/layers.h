// What lies between ISO transport and MMS: session, presentation, association control. Of each only what
// leads to the next, and who refuses.
#pragma once

#include <array>
#include <optional>

#include "spine/dissect/protocols/iec61850/ber.h"

namespace yagura::dissect::mms {

using iec61850::next;
using iec61850::Tlv;

enum class Layer : std::uint8_t {
    none,       ///< not these protocols
    data,       ///< an MMS message in an association, or one without session and presentation
    connect,    ///< an association is asked for
    accept,     ///< granted, or refused by association control
    refuse,     ///< the session refuses
    finish,     ///< it is to be ended
    disconnect, ///< it is ended
    abort,
};
struct Opened {
    Layer layer = Layer::none;
    Bytes mms{};              ///< the message with its tag; may be empty
    std::size_t position = 0; ///< where it begins
    std::uint8_t result = 0;  ///< of an association: 0 granted
    bool password = false;    ///< association control carries one
    bool cut = false;         ///< ends before what it promises
};
/// One transport message.
Opened open(Bytes) noexcept;

} // namespace yagura::dissect::mms
