// Paths of CIP: through which ports, to which object or tag. CIP Networks Library volume 1, appendix C-1.4;
// symbolic names as "Logix 5000 Controllers Data Access" (1756-PM020) has them.
#pragma once

#include "spine/base/bytes.h"
#include "spine/base/text_room.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::cip {

struct Path {
    observe::Part part{};
    std::uint32_t object_class = 0, instance = 0;
    std::uint16_t attribute = 0;
    bool has_class = false, has_instance = false, has_attribute = false, tag = false, bad = false;
    std::uint8_t points = 0; ///< connection points
    TextRoom<120> text{};    ///< name of a tag with members and indices; points of a connection

    /// Borrows `text`.
    observe::Object object() const noexcept;
};

void read_path(Bytes, Path&) noexcept;

} // namespace yagura::dissect::cip
