#include "apps/center/options.h"

#include <CLI/CLI.hpp>
#include <filesystem>

#include "yagura_version.h"

namespace yagura::center {

std::expected<Options, int> options(int argc, char** argv) {
    Options out;
    CLI::App app{
        "Takes records from sensors into the journal, keeps devices and history, serves console and API",
        "yagura-center"};
    app.set_version_flag("--version", version);
    app.add_option("--data", out.data, "Folder of everything that is kept")->required();
    app.add_option("--records-fd", out.records, "A pipe from a sensor; may be given several times")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--listen", out.listen, "Address and port of the console");
    app.add_option("--console", out.console, "Folder of the built console");
    app.add_option("--certificate", out.certificate, "PEM, with its chain; without one we make our own");
    app.add_option("--key", out.key, "PEM of the certificate's key");
    app.add_option("--plant-name", out.plant_name, "As the console shows it until somebody changes it");
    app.add_option("--time-zone", out.time_zone, "Of the plant");
    app.add_option("--journal-days", out.journal_days, "Days that records and history are kept")
        ->check(CLI::Range(1, 3650));
    app.add_option("--journal-gib", out.journal_gib, "Size of the journal")->check(CLI::Range(1, 1 << 20));
    app.add_option("--upload-gib", out.upload_gib, "Size of one capture that is brought")
        ->check(CLI::Range(1, 1 << 20));
    app.add_option("--import", out.imports, "A capture to read once");
    app.add_option("--asking", out.asking, "Where yagura-ask has its plan from, if it runs")
        ->check(CLI::IsMember({"off", "file", "console"}));
    app.add_option("--sensor", out.sensor, "The program that reads captures; else the one beside this");
    app.add_option("--protocols", out.protocols, "File that describes protocols of this plant");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const auto code = app.exit(error);
        return std::unexpected{code == 0 ? 0 : 2};
    }
    if (out.sensor.empty()) {
        std::error_code ignored;
        out.sensor = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "yagura-sensor";
    }
    return out;
}

} // namespace yagura::center
