// Which controller a list of device comments may be of: by its maker, and by how much of what was seen there
// has a word in it.
#pragma once

#include <string>
#include <vector>

#include "see/comments/list.h"
#include "spine/store/comments.h"
#include "spine/store/devices.h"
#include "spine/store/history.h"

namespace yagura::see {

struct CommentFit {
    store::DeviceRef device{};
    std::string vendor{}, product{};
    std::vector<std::string> units{}; ///< behind it, of which anything was seen
    std::size_t seen = 0, found = 0;  ///< objects that were seen, and of these those with a word in the list
    bool maker = false;               ///< it is of the maker whose tool wrote the list
};

/// Best first, 20 at most: controllers of which anything has a word, then those of the maker.
Result<std::vector<CommentFit>> fits_of(const std::vector<comments::Word>& words, comments::Tool tool,
                                        store::DeviceReader& devices, store::History& history);

} // namespace yagura::see
