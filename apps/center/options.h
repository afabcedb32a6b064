// The arguments of yagura-center, the same from systemd and from `yagura run`.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace yagura::center {

struct Options {
    std::string data;
    std::string listen = "127.0.0.1:8443";
    std::string console, certificate, key;
    std::string plant_name = "Plant", time_zone = "Asia/Tokyo";
    std::int64_t journal_days = 30, journal_gib = 20, upload_gib = 16;
    std::vector<int> records;
    std::vector<std::string> imports; ///< captures to read once
    std::string sensor;               ///< empty: beside ourselves
    std::string protocols;            ///< file of described protocols that sensors of captures read
    std::string asking = "off";       ///< where yagura-ask has its plan from: off, file, console

    /// Of yagura-ask: what it remembers and logs, which we read; and what we allow it.
    std::string ask_folder() const { return data + "/ask"; }
    std::string ask_permit() const { return asking == "console" ? data + "/ask-permit" : std::string{}; }
};

/// Or the code to end with, after what had to be said was said.
std::expected<Options, int> options(int argc, char** argv);

} // namespace yagura::center
