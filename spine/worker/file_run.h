// A capture file through one worker or several, and what they say in the order of the file.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "spine/capture/file.h"
#include "spine/worker/pipeline.h"

namespace yagura::worker {

struct FileRun {
    Counts counts;
    std::optional<capture::Damage> damage; ///< everything in front of it was read
    /// As they were at the end, added up over the workers.
    struct Reading {
        std::string_view name, unit;
        std::uint64_t bound = 0, used = 0, refused = 0;
    };
    std::vector<Reading> limits;
    bool stopped = false;
    std::vector<std::unique_ptr<Shape>> shapes{}; ///< of conversations that nobody claimed
    std::uint64_t shapes_left_out = 0;
};

/// Reads `file` with as many workers as it has readers: each walks all of it and takes the frames whose host
/// pair is its share. `unfolded` gets what dissectors say, `folded` what the fold lets through; either may be
/// nullptr, and both are called on this thread only, in the order of the frames that caused what is said. One
/// worker or four say the same observations.
///
/// With one reader there is no other thread. With several, each has its share of the settings' bounds, and a
/// worker waits when it is some batches ahead of the reader here: memory stays bounded whatever the sinks
/// cost, and is the same for one worker and for many.
FileRun run_file(capture::File& file, std::uint32_t source, const PipelineSettings&, observe::Sink* unfolded,
                 observe::Sink* folded, std::stop_token stop = {});

} // namespace yagura::worker
