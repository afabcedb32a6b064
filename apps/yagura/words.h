// The words of the program `yagura`. Each function adds its words to the command line; what a word does is
// done while the line is parsed, and leaves its exit code: 0 done, 1 not done (the complaint is on standard
// error), 2 wrong usage.
#pragma once

namespace CLI {
class App;
}

namespace yagura::run {

/// Does what the line says; gives back the program's exit code.
int command_line(int argc, char** argv);

void add_read(CLI::App& app, int& code);   ///< read
void add_run(CLI::App& app, int& code);    ///< run, exec
void add_config(CLI::App& app, int& code); ///< check-config, explain-config
void add_backup(CLI::App& app, int& code); ///< backup, restore, check-data
void add_protocols(CLI::App& app);         ///< protocols

} // namespace yagura::run
