// yagura.toml: what the people of one box decide. The file, `yagura check-config`, the manual's page and
// the arguments of the programs that `yagura run` starts are all made from `fields`, so a setting is
// described once.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "spine/base/result.h"

namespace yagura::run {

struct Settings {
    std::string plant_name = "Plant";
    std::string time_zone = "Asia/Tokyo";

    std::string data = "/var/lib/yagura";
    std::string listen = "127.0.0.1:8443";
    std::string certificate;
    std::string key;
    std::string console;
    std::int64_t journal_days = 30;
    std::int64_t journal_gib = 20;
    std::int64_t upload_gib = 16;

    std::vector<std::string> interfaces;
    std::int64_t workers = 0;
    std::int64_t labels = 96;
    std::string protocols;

    std::string ask_plan;
    std::string ask_credentials;
    std::int64_t ask_log_mib = 16;
};

/// Nothing of this box's programs changes while they run: a new yagura.toml is read at the next start, and
/// `yagura check-config` says before that whether it can be.
struct Field {
    std::string_view section, name;
    std::variant<std::string Settings::*, std::int64_t Settings::*, std::vector<std::string> Settings::*>
        member;
    std::int64_t least = 0, most = 0;
    std::string_view unit{};
    std::string_view description;
};

std::span<const Field> fields() noexcept;

/// The whole file as settings. The first thing that is wrong is a Complaint with line and column; a file
/// that sets nothing is fine.
Result<Settings> parse(std::string_view toml, std::string_view path);
Result<Settings> read_file(const std::string& path);

/// docs/settings/yagura.md.
std::string manual();

} // namespace yagura::run
