// Fills a data folder with a plant's days, by the model and the store's own writer.
#pragma once

#include "bench/scale/plant.h"
#include "spine/store/writer.h"

namespace yagura::bench {

struct Wanted {
    std::uint64_t seed = 1, operations = 1'000'000;
    std::size_t devices = 5'000;
    std::int64_t days = 14, until_minute = 0; ///< since 1970; the last one that is not told
    std::uint64_t registers = 0; ///< entries of the register ledger beside those of the operations
};

/// The same plant for the same wishes.
ScalePlant plant_of(const Wanted& wanted);
/// Gives how many rows of `operation` there are then.
Result<std::uint64_t> fill(const Wanted& wanted, store::Writer& writer);

} // namespace yagura::bench
