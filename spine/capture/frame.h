// One frame as a card or a file gave it. Nothing above this folder knows which of the two it was.
#pragma once

#include <cstdint>

#include "spine/base/bytes.h"

namespace yagura::capture {

/// What a frame of any ordinary link may hold; libpcap has the same limit. A larger one is damage.
inline constexpr std::uint32_t frame_most = 262'144;

struct Frame {
    /// Borrowed: good until the source is asked for its next frame. A frame check sequence that the
    /// capture declares is taken off.
    Bytes bytes{};
    std::int64_t at = 0;           ///< nanoseconds since 1970 UTC, by the clock that captured it
    std::uint64_t number = 0;      ///< 1-based in its file or since its ring was opened
    std::uint32_t wire_length = 0; ///< what was on the wire: more than bytes.size() if the capture cut it off
    std::uint32_t interface = 0;   ///< counted through the whole file, or the position on the command line
    std::uint16_t link_type = 0;   ///< LINKTYPE_ number, as in the registry of draft-ietf-opsawg-pcaplinktype
};

} // namespace yagura::capture
