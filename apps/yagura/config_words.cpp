// check-config and explain-config.
#include <fstream>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>

#include "apps/yagura/settings.h"
#include "apps/yagura/words.h"
#include "see/ask/plan.h"

namespace yagura::run {
namespace {

/// The settings, and the file of active queries that they name.
Result<void> read_all(const std::string& path) {
    YAGURA_TRY(const auto settings, read_file(path));
    if (settings.ask_plan.empty()) return {};
    std::ifstream file{settings.ask_plan, std::ios::binary};
    if (!file)
        return std::unexpected{
            Complaint{.code = "ask.no-plan",
                      .what = cat("the plan ", yagura::quoted(settings.ask_plan), " cannot be opened"),
                      .where = cat(path, ", ask.plan"),
                      .next = "name the file that says whom to ask, or leave ask.plan out: nobody is asked"}};
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    YAGURA_TRY(const auto plan, see::ask::parse_plan(content, settings.ask_plan));
    (void)plan;
    return {};
}

} // namespace

void add_config(CLI::App& app, int& code) {
    auto* check = app.add_subcommand("check-config", "Read the settings and say what is wrong with them");
    auto path = std::make_shared<std::string>("/etc/yagura/yagura.toml");
    check->add_option("--config", *path, "The settings' file")->capture_default_str();
    check->callback([path, &code] {
        if (const auto done = read_all(*path); !done) {
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
