// Which words there are; each is a file of its own.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "apps/yagura/nearest.h"
#include "apps/yagura/words.h"
#include "spine/base/result.h"
#include "spine/base/text.h"
#include <yagura_version.h>

namespace yagura::run {

int command_line(int argc, char** argv) {
    CLI::App app{"Yagura: what is on a factory's network, who talks to whom, in which industrial acts"};
    app.set_version_flag("--version", std::string{"yagura "} + yagura::version);
    app.require_subcommand(1);
    int code = 0;
    add_read(app, code);
    add_run(app, code);
    add_config(app, code);
    add_backup(app, code);
    add_protocols(app);
    if (const std::string_view word = argc > 1 ? argv[1] : ""; !word.empty() && word.front() != '-') {
        std::vector<std::string> words;
        for (const auto* one : app.get_subcommands([](const CLI::App*) { return true; }))
            words.push_back(one->get_name());
        if (std::ranges::find(words, word) == words.end()) {
            std::cerr << Complaint{.code = "command.unknown-word",
                                   .what = cat("there is no word ", quoted(word)),
                                   .next = cat("did you mean ", nearest(words, word),
                                               "? --help names them all")}
                             .text();
            return 2;
        }
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return code;
}

} // namespace yagura::run
