// The sensor at work: workers over rings or a file, one merged stream of records into one pipe.
#pragma once

#include "apps/sensor/options.h"

namespace yagura::sensor {

/// What it exits with. After the lock-down nothing else can be said but records.
enum class Exit : int {
    done = 0,
    complaint = 1,
    usage = 2,
    damaged = 3,     ///< a file was read up to a damage; an Anomaly says where
    no_reader = 4,   ///< the other end of the pipe is gone
    no_interface = 5 ///< an interface is gone: it can only be opened again by a new sensor
};

/// Opens, gives up every right, works until SIGTERM or the file's end.
Result<Exit> run(const Options& options);

} // namespace yagura::sensor
