// The command line of yagura-ask.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace yagura::ask {

struct Options {
    std::string plan;        ///< the file of what may be asked
    std::string permit;      ///< or the one through which the center says what is approved
    std::string credentials; ///< of SNMP, by name; empty: none
    std::string folder;      ///< where it remembers and writes down what left and what came
    std::string time_zone;   ///< windows are the plant's time
    std::string user;
    int records_fd = -1;
    int held_fd = -1;
    std::uint32_t log_mib = 16;
    std::uint32_t patience_ms = 3'000; ///< how long an answer may take
    bool once = false;                 ///< end when nothing is due any more
    bool preview = false;
    std::array<std::uint8_t, 16> sensor{}; ///< names this program's records for ever
};

struct Parsed {
    Options options;
    bool exits = false;
    int code = 0;
};
Parsed parse(int argc, const char* const* argv);

} // namespace yagura::ask
