// Which words there are; each is a file of its own.
#include <iostream>

#include <CLI/CLI.hpp>

#include "apps/yagura/words.h"
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
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return code;
}

} // namespace yagura::run
