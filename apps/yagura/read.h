// `yagura read`: captures in, one of seven views out, without a server or any set-up.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "apps/yagura/show.h"
#include "spine/worker/pipeline.h"

namespace yagura::run {

enum class What : std::uint8_t { assets, conversations, protocols, operations, stats, health, unknown };

struct ReadOptions {
    std::vector<std::string> files;
    What what = What::assets;
    Format format = Format::table;
    unsigned workers = 1;
    worker::Copies copies = worker::Copies::once;
    std::optional<bool> labels{}; ///< whether nDPI is asked; else where its names would show
    std::string protocols;        ///< file of described protocols; empty: none
    bool draft = false;           ///< of unknown protocols: descriptions instead of rows
    bool progress = false;        ///< a bar on standard error
};

/// The exit code. Complaints and `damaged:` go to `error`, everything else to `out`.
int read_captures(const ReadOptions& options, std::ostream& out, std::ostream& error);

} // namespace yagura::run
