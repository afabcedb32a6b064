// The sensor's command line.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "spine/base/result.h"
#include "spine/worker/pipeline.h"

namespace yagura::sensor {

struct Options {
    std::vector<std::string> interfaces;
    std::string file;    ///< or a file, by its path
    int file_fd = -1;    ///< or by a descriptor
    int records_fd = -1; ///< the pipe to the center
    int held_fd = -1;    ///< kept open, nothing else: a lock that ends when the last of us ends
    unsigned workers = 0;
    std::string user;
    std::string name;                      ///< as people call this sensor or file
    std::array<std::uint8_t, 16> sensor{}; ///< who says it; all zero: made from the box's own identity
    unsigned ring_mib = 64;                ///< a worker
    std::string protocols;                 ///< file of protocols that this plant describes; empty: none
    std::uint16_t labels = worker::PipelineSettings::labels_usual;
    bool ignore_outgoing = false, card_clock = false, not_promiscuous = false;
    bool self_test = false;

    bool live() const noexcept { return !interfaces.empty(); }
};

/// 0: go on with `options`; else what to exit with (usage was printed).
struct Parsed {
    Options options;
    bool exits = false;
    int code = 0;
};
Parsed parse(int argc, const char* const* argv);

} // namespace yagura::sensor
