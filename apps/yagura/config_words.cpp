// check-config and explain-config.
#include <iostream>

#include <CLI/CLI.hpp>

#include "apps/yagura/settings.h"
#include "apps/yagura/words.h"

namespace yagura::run {

void add_config(CLI::App& app, int& code) {
    auto* check = app.add_subcommand("check-config", "Read the settings and say what is wrong with them");
    auto path = std::make_shared<std::string>("/etc/yagura/yagura.toml");
    check->add_option("--config", *path, "The settings' file")->capture_default_str();
    check->callback([path, &code] {
        if (const auto settings = read_file(*path); !settings) {
            std::cerr << settings.error().text();
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
