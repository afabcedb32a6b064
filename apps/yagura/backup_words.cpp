// backup, restore and check-data: the whole state in one file, and back.
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>

#include "apps/yagura/backup.h"
#include "apps/yagura/settings.h"
#include "apps/yagura/words.h"

namespace yagura::run {
namespace {

struct BackupOptions {
    std::string config, data, file;
    bool replace = false;

    void take(CLI::App& word) {
        word.add_option("--config", config, "Settings; without it /etc/yagura/yagura.toml, if it is there");
        word.add_option("--data", data,
                        "Folder of everything that is kept; else [center] data of the settings");
    }
    /// The settings' file, if there is one.
    std::string settings_file() const {
        const std::string usual = "/etc/yagura/yagura.toml";
        std::error_code ignored;
        return !config.empty() ? config : std::filesystem::exists(usual, ignored) ? usual : std::string{};
    }
    Result<std::string> folder() const {
        if (!data.empty()) return data;
        if (const auto path = settings_file(); !path.empty()) {
            YAGURA_TRY(const auto settings, read_file(path));
            return settings.data;
        }
        return Settings{}.data;
    }
};

template <class Do>
void finish(int& code, Do&& work) {
    if (auto done = work(); !done) {
        std::cerr << done.error().text();
        code = 1;
    }
}

} // namespace

void add_backup(CLI::App& app, int& code) {
    auto options = std::make_shared<BackupOptions>();
    auto* backup = app.add_subcommand("backup", "Keep the whole state in one file, while everything runs");
    backup->add_option("file", options->file, "A new file, or a folder in which it is named by the time")
        ->required();
    options->take(*backup);
    backup->callback([options, &code] {
        finish(code, [&]() -> Result<void> {
            YAGURA_TRY(const auto data, options->folder());
            YAGURA_TRY(const auto made, back_up(data, options->settings_file(), options->file));
            std::cout << made.path << ": " << made.files << " files, " << made.bytes << " bytes, as of "
                      << made.made
                      << "\nIt holds the certificate's key and the hashes of passwords: keep it where only "
                         "you read.\n";
            return {};
        });
    });

    auto again = std::make_shared<BackupOptions>();
    auto* restore_word = app.add_subcommand(
        "restore", "Put back what a backup holds, after everything in it was checked");
    restore_word->add_option("file", again->file, "The file that `yagura backup` made")->required();
    restore_word->add_flag("--replace", again->replace, "The folder holds something: keep that aside");
    again->take(*restore_word);
    restore_word->callback([again, &code] {
        finish(code, [&]() -> Result<void> {
            YAGURA_TRY(const auto data, again->folder());
            YAGURA_TRY(const auto done,
                       restore(again->file, data, again->replace ? Existing::replace : Existing::refuse));
            std::cout << done.path << ": " << done.files << " files, " << done.records << " records, as of "
                      << done.made << '\n';
            if (!done.replaced.empty()) std::cout << "What was there is in " << done.replaced << '\n';
            if (!done.settings_file.empty())
                std::cout << "The settings of then are in " << done.settings_file
                          << "; start with --config, or copy them to /etc/yagura\n";
            return {};
        });
    });

    auto looked = std::make_shared<BackupOptions>();
    auto* check = app.add_subcommand("check-data",
                                     "Read every record and every database, and say whether they are sound");
    looked->take(*check);
    check->callback([looked, &code] {
        finish(code, [&]() -> Result<void> {
            YAGURA_TRY(const auto data, looked->folder());
            YAGURA_TRY(const auto records, check_data(data));
            std::cout << data << ": ok, " << records << " records\n";
            return {};
        });
    });
}

} // namespace yagura::run
