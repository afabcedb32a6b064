// run: everything on one box. exec: one of its programs, in this process, as systemd's units want it.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <system_error>

#include <CLI/CLI.hpp>

#include "apps/yagura/settings.h"
#include "apps/yagura/start.h"
#include "apps/yagura/supervisor.h"
#include "apps/yagura/words.h"
#include "spine/base/folder_lock.h"
#include "spine/journal/pipe.h"

namespace yagura::run {
namespace {

namespace fs = std::filesystem;

struct RunOptions {
    std::string config, data, listen, demo;
    std::vector<std::string> interfaces;
};

/// Host and port as connect() wants them; "0.0.0.0" is asked at the loopback address.
struct Address {
    std::string host, port;
};
Address split(const std::string& listen) {
    const auto colon = listen.rfind(':');
    auto host = listen.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host == "0.0.0.0") host = "127.0.0.1";
    if (host == "::") host = "::1";
    return {host, listen.substr(colon + 1)};
}

bool answers(const Address& address) {
    addrinfo hint{}, *found = nullptr;
    hint.ai_socktype = SOCK_STREAM;
    hint.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    if (getaddrinfo(address.host.c_str(), address.port.c_str(), &hint, &found) != 0) return false;
    const int probe = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool up = probe >= 0 && connect(probe, found->ai_addr, found->ai_addrlen) == 0;
    if (probe >= 0) close(probe);
    freeaddrinfo(found);
    return up;
}

std::string port_free_from(const std::string& listen) {
    const auto address = split(listen);
    auto port = number<std::uint16_t>(address.port).value_or(8443);
    for (int tries = 0; tries < 50 && answers({address.host, cat(port)}); ++tries) ++port;
    return cat(listen.substr(0, listen.rfind(':') + 1), port);
}

Result<void> make_data_folder(const std::string& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (!error) fs::permissions(path, fs::perms::owner_all, error);
    if (error || access(path.c_str(), W_OK) != 0)
        return std::unexpected{
            Complaint{.code = "run.no-data-folder",
                      .what = cat("the data folder ", yagura::quoted(path), " cannot be written"),
                      .why = error ? error.message() : std::generic_category().message(errno),
                      .where = path,
                      .next = "set center.data in yagura.toml, or give --data with a folder of yours"}};
    return {};
}

/// Gives the data folder to the user `yagura`; false where there is none, as in a checkout.
bool own_user(const std::string& data) {
    const passwd* user = getpwnam("yagura");
    if (!user || chown(data.c_str(), user->pw_uid, user->pw_gid) != 0) return false;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator{data, error})
        if (lchown(entry.path().c_str(), user->pw_uid, user->pw_gid) != 0) return false;
    return true;
}

std::vector<std::string> captures_in(const std::string& folder) {
    std::vector<std::string> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder, error})
        if (entry.path().string().find(".pcap") != std::string::npos)
            files.push_back(fs::absolute(entry.path()).string());
    std::ranges::sort(files);
    return files;
}

Result<Settings> gather_settings(const RunOptions& options) {
    Settings settings;
    const bool usual = options.config.empty() && fs::exists("/etc/yagura/yagura.toml") &&
                       options.demo.empty();
    if (!options.config.empty() || usual) {
        YAGURA_TRY(settings, read_file(usual ? "/etc/yagura/yagura.toml" : options.config));
    }
    if (!options.data.empty()) settings.data = options.data;
    if (!options.listen.empty()) {
        // Through the same check as the file's.
        YAGURA_TRY(const auto checked,
                   parse(cat("[center]\nlisten = ", yagura::quoted(options.listen), "\n"), "--listen"));
        settings.listen = checked.listen;
    }
    if (!options.interfaces.empty()) settings.interfaces = options.interfaces;
    if (!options.demo.empty()) {
        if (options.config.empty()) settings.plant_name = "みなも部品 第2工場";
        if (options.listen.empty()) settings.listen = port_free_from(settings.listen);
    }
    return settings;
}

/// What the person at the terminal has to know, once the console answers.
void announce(const Settings& settings) {
    const auto address = split(settings.listen);
    const auto host = address.host.find(':') == std::string::npos ? address.host
                                                                  : cat("[", address.host, "]");
    std::cout << "\n  console:  https://" << host << ':' << address.port << "/\n";
    std::ifstream file{fs::path{settings.data} / "first-password"};
    if (std::string password; std::getline(file, password) && !password.empty())
        std::cout << "  sign in:  admin\n  password: " << password << "   (you will choose your own)\n";
    else
        std::cout << "  sign in:  with your account\n";
    std::cout << "  The certificate is this box's own: the browser asks once. Ctrl-C ends everything.\n"
              << std::endl;
}

Result<void> run(const RunOptions& options) {
    YAGURA_TRY(const auto settings, gather_settings(options));
    YAGURA_TRY(const auto center, beside("yagura-center"));
    YAGURA_TRY(const auto sensor, beside("yagura-sensor"));
    if (auto done = make_data_folder(settings.data); !done) return done;

    // The sensor holds it, too: after a fall of the supervisor the old one ends before a new one begins. Two
    // on one cable would say everything twice. The center has a lock of its own.
    YAGURA_TRY(const auto lock, FolderLock::take(settings.data, std::chrono::seconds{30}, "run.lock"));
    std::vector<std::string> imports;
    if (!options.demo.empty()) imports = captures_in(options.demo);
    std::vector<Program> programs;
    std::vector<int> reading;
    std::optional<journal::PipeEnds> pipe, answers_pipe;
    if (!settings.interfaces.empty()) {
        YAGURA_TRY(pipe, journal::make_pipe());
        reading.push_back(pipe->read);
    }
    if (!settings.ask_plan.empty()) {
        if (auto done = make_data_folder(ask_folder(settings)); !done) return done;
        YAGURA_TRY(answers_pipe, journal::make_pipe());
        reading.push_back(answers_pipe->read);
    }
    programs.push_back({.name = "center",
                        .path = center,
                        .arguments = center_arguments(settings, reading, imports),
                        .keep = reading,
                        .grace = std::chrono::seconds{30}});
    if (pipe)
        programs.push_back({.name = "sensor",
                            .path = sensor,
                            .arguments = sensor_arguments(settings, pipe->write, lock.descriptor()),
                            .keep = {pipe->write, lock.descriptor()}});
    if (answers_pipe) {
        YAGURA_TRY(const auto ask, beside("yagura-ask"));
        programs.push_back({.name = "ask",
                            .path = ask,
                            .arguments = ask_arguments(settings, answers_pipe->write, lock.descriptor()),
                            .keep = {answers_pipe->write, lock.descriptor()},
                            .stays_ended = 6,
                            .stays_ended_why = cat("its memory or its log in ", ask_folder(settings),
                                                   " cannot be written; nothing is asked until this is "
                                                   "mended and started anew")});
    }

    // As root on a box that has the package's user: nothing but the sensor's first moments runs as root.
    if (geteuid() == 0 && own_user(settings.data)) programs[0].user = "yagura";

    const auto address = split(settings.listen);
    bool announced = false;
    auto checked = std::chrono::steady_clock::now();
    return supervise(
        programs,
        [](const Told& told) {
            std::cout << told.program.name << ": "
                      << (told.state == State::running ? cat("running (process ", told.pid, ")")
                                                       : told.detail)
                      << std::endl;
        },
        [&] {
            const auto now = std::chrono::steady_clock::now();
            if (announced || now - checked < std::chrono::milliseconds{200}) return;
            checked = now;
            if (answers(address)) {
                announce(settings);
                announced = true;
            }
        });
}

/// Becomes the program; comes back only with a complaint.
Result<void> exec(const std::string& name, const std::string& config, const std::string& records) {
    YAGURA_TRY(const auto settings, read_file(config));
    YAGURA_TRY(const auto path, beside(cat("yagura-", name)));
    std::vector<std::string> words{path};
    if (name == "center") {
        // systemd hands over the pipe as descriptor 3 (sd_listen_fds(3)).
        const char* given = getenv("LISTEN_FDS");
        std::vector<int> pipes;
        for (int i = 0, count = given ? std::atoi(given) : 0; i < count; ++i) {
            pipes.push_back(3 + i);
            fcntl(3 + i, F_SETFD, 0);
        }
        std::ranges::move(center_arguments(settings, pipes), std::back_inserter(words));
    } else {
        if (name == "ask" && settings.ask_plan.empty())
            return std::unexpected{Complaint{.code = "ask.no-plan",
                                             .what = "there is no plan of whom to ask",
                                             .where = cat(config, ", ask.plan"),
                                             .next = "name one, or leave yagura-ask.service disabled"}};
        const int pipe = open(records.c_str(), O_WRONLY);
        if (pipe < 0)
            return std::unexpected{
                Complaint{.code = "run.no-pipe",
                          .what = cat("the pipe ", yagura::quoted(records), " cannot be opened"),
                          .why = std::generic_category().message(errno),
                          .where = records,
                          .next = "start yagura-records.socket first"}};
        std::ranges::move(name == "ask" ? ask_arguments(settings, pipe) : sensor_arguments(settings, pipe),
                          std::back_inserter(words));
    }
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv(path.c_str(), arguments.data());
    return std::unexpected{Complaint{.code = "run.no-program",
                                     .what = cat("the program ", yagura::quoted(path), " cannot be executed"),
                                     .why = std::generic_category().message(errno),
                                     .where = path,
                                     .next = "install the package again"}};
}

void finish(const Result<void>& done, int& code) {
    if (done) return;
    std::cerr << done.error().text();
    code = 1;
}

} // namespace

void add_run(CLI::App& app, int& code) {
    auto options = std::make_shared<RunOptions>();
    auto* run_word = app.add_subcommand("run", "Start everything of this box and keep it running");
    run_word->add_option("--config", options->config,
                         "Settings; without it /etc/yagura/yagura.toml, if it is there");
    run_word->add_option("--data", options->data, "Folder of everything that is kept");
    run_word->add_option("--listen", options->listen, "Address and port of the console");
    run_word->add_option("--interface", options->interfaces,
                         "Interface at a mirror port (repeat for several)");
    run_word->add_option("--demo", options->demo, "Take in the captures of this folder at the first start")
        ->check(CLI::ExistingDirectory);
    run_word->callback([options, &code] { finish(run(*options), code); });

    auto* exec_word = app.add_subcommand("exec",
                                         "Become one of the programs, with the arguments of the settings");
    auto name = std::make_shared<std::string>(),
         config = std::make_shared<std::string>("/etc/yagura/yagura.toml"),
         records = std::make_shared<std::string>("/run/yagura/records");
    exec_word->add_option("program", *name, "center, sensor or ask")
        ->required()
        ->check(CLI::IsMember({"center", "sensor", "ask"}));
    exec_word->add_option("--config", *config, "The settings' file")->capture_default_str();
    exec_word->add_option("--records", *records, "The pipe of the sensor or of yagura-ask")
        ->capture_default_str();
    exec_word->callback([=, &code] { finish(exec(*name, *config, *records), code); });
}

} // namespace yagura::run
