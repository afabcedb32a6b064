// What people meet: accounts, the API over snapshots of the store, the console's files, events.
#pragma once

#include <memory>

#include "apps/center/center.h"
#include "apps/center/options.h"

namespace yagura::center {

class Console {
public:
    /// Opens the port; the first start makes a certificate and an account, whose password is in
    /// DATA/first-password until it is changed. `center` outlives it.
    static Result<std::unique_ptr<Console>> open(const Options& options, Center& center);
    ~Console(); ///< answers what is under way, then closes

private:
    struct Inside;
    explicit Console(std::unique_ptr<Inside> in);
    std::unique_ptr<Inside> in_;
};

/// Captures that the command line names are read once, as if somebody had brought them.
void import(const Options& options, Center& center);

} // namespace yagura::center
