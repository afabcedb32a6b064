// Whom the ledger names for a device.
#pragma once

#include <string>

namespace yagura::see {

struct Owner {
    std::string name{}, department{}, contact{}; ///< empty: the ledger does not say
};

} // namespace yagura::see
