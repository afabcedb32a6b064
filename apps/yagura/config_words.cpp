// check-config and explain-config.
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>

#include "apps/yagura/settings.h"
#include "apps/yagura/start.h"
#include "apps/yagura/words.h"
#include "see/ask/plan.h"
#include "spine/base/rfc3339.h"
#include "spine/base/time_zone.h"
#include "spine/descriptions/file.h"

namespace yagura::run {
namespace {

/// Whose hours are the plan's.
Result<void> known_zone(const Settings& settings, const std::string& path) {
    if (!knows_time_zone(settings.time_zone))
        return std::unexpected{Complaint{
            .code = "ask.no-time-zone",
            .what = cat("this machine does not know the time zone ", yagura::quoted(settings.time_zone)),
            .why = "the hours of the plan would be another zone's",
            .where = cat(path, ", center.time-zone"),
            .next = "give a name such as Asia/Tokyo, or install the package tzdata"}};
    return {};
}

/// The settings, and the files that they name: of active queries, of protocols. The center reads the settings
/// alone: a slip in a plan must not end what only listens.
Result<void> read_all(const std::string& path, bool settings_only) {
    YAGURA_TRY(const auto settings, read_file(path));
    if (settings_only) return {};
    if (!settings.protocols.empty())
        if (auto done = descriptions::load(settings.protocols); !done) return done;
    if (settings.ask_plan.empty()) return {};
    if (plan_of_console(settings)) return known_zone(settings, path);
    std::ifstream file{settings.ask_plan, std::ios::binary};
    if (!file)
        return std::unexpected{
            Complaint{.code = "ask.no-plan",
                      .what = cat("the plan ", yagura::quoted(settings.ask_plan), " cannot be opened"),
                      .where = cat(path, ", ask.plan"),
                      .next = "name the file that says whom to ask, or leave ask.plan out: nobody is asked"}};
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    YAGURA_TRY(const auto plan, see::ask::parse_plan(content, settings.ask_plan));
    if (auto done = known_zone(settings, path); !done) return done;
    const auto now = std::chrono::system_clock::now();
    for (const auto& group : plan.groups)
        if (now < group.approved)
            std::cout << "note: " << yagura::quoted(group.name) << " is approved from "
                      << rfc3339(group.approved.time_since_epoch().count())
                      << " on, which is later than now: nothing is asked of it before\n";
    return {};
}

} // namespace

void add_config(CLI::App& app, int& code) {
    auto* check = app.add_subcommand("check-config", "Read the settings and say what is wrong with them");
    auto path = std::make_shared<std::string>("/etc/yagura/yagura.toml");
    check->add_option("--config", *path, "The settings' file")->capture_default_str();
    auto only = std::make_shared<bool>(false);
    check->add_flag("--settings-only", *only, "Leave out the files that they name");
    check->callback([path, only, &code] {
        if (const auto done = read_all(*path, *only); !done) {
            std::cerr << done.error().text();
            code = 1;
        } else {
            std::cout << *path << ": ok\n";
        }
    });
    app.add_subcommand("explain-config", "Print what each setting is, as a page")->callback([] {
        std::cout << manual();
    });
}

} // namespace yagura::run
