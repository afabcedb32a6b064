#include "apps/sensor/options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <thread>

#include "spine/base/hex.h"
#include "spine/base/sha256.h"
#include "spine/base/text.h"
#include <yagura_version.h>

namespace yagura::sensor {

namespace {

/// Says nothing about the box to whoever reads it, and stays the same over restarts (machine-id(5)).
std::array<std::uint8_t, 16> identity_of_this_box() {
    std::string id;
    std::ifstream{"/etc/machine-id"} >> id;
    const auto text = cat("yagura-sensor ", id);
    const auto digest = Sha256{}.add(std::as_bytes(std::span{text})).finish();
    std::array<std::uint8_t, 16> out;
    std::ranges::transform(std::span{digest}.first(16), out.begin(),
                           [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
    return out;
}

} // namespace

Parsed parse(int argc, const char* const* argv) {
    Parsed out;
    auto& o = out.options;
    std::string id;
    CLI::App app{"Listens at mirror ports, or reads one capture file, and writes records to one pipe. It "
                 "cannot send."};
    app.set_version_flag("--version", std::string{"yagura-sensor "} + version);
    auto* interface = app.add_option("--interface", o.interfaces,
                                     "Interface to listen on (repeat for several)");
    auto* path = app.add_option("--file", o.file, "Capture file to read; - is standard input");
    auto* descriptor = app.add_option("--file-fd", o.file_fd,
                                      "Capture file to read, open as this descriptor");
    interface->excludes(path)->excludes(descriptor);
    path->excludes(descriptor);
    auto* records = app.add_option("--records-fd", o.records_fd,
                                   "The pipe for records, open as this descriptor")
                        ->check(CLI::NonNegativeNumber);
    app.add_option("--held-fd", o.held_fd, "A lock of whoever started this: kept open, else untouched")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--workers", o.workers, "How many share the work; 0: one for each core")
        ->check(CLI::Range(0, 64));
    app.add_option("--user", o.user, "Whom to become when started as root; else yagura-sensor or nobody");
    app.add_option("--name", o.name, "What people call this sensor or file");
    app.add_option("--sensor-id", id, "32 hexadecimal digits that name this sensor for ever");
    app.add_option("--ring-mib", o.ring_mib, "Kernel memory for frames, for each worker")
        ->check(CLI::Range(2, 1024));
    app.add_option("--labels", o.labels,
                   "Conversations that nDPI looks at at a time, for a name where Yagura knows none; 0: it is "
                   "not asked")
        ->check(CLI::Range(0, 4096));
    app.add_option("--protocols", o.protocols, "File that describes protocols of this plant");
    app.add_flag("--ignore-outgoing", o.ignore_outgoing, "Do not look at what this host sends itself");
    app.add_flag("--card-clock", o.card_clock,
                 "Take the card's own time stamps: only if its clock is set to UTC");
    app.add_flag("--not-promiscuous", o.not_promiscuous, "Hear only what is meant for this host");
    app.add_flag("--self-test", o.self_test, "Try every way to send, show that none works, and end");
    try {
        app.parse(argc, argv);
        if (!id.empty()) {
            const auto bytes = from_hex(id);
            if (!bytes || bytes->size() != o.sensor.size())
                throw CLI::ValidationError("--sensor-id", "has to be 32 hexadecimal digits");
            std::ranges::transform(*bytes, o.sensor.begin(),
                                   [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
        } else {
            o.sensor = identity_of_this_box();
        }
        if (o.interfaces.empty() && o.file.empty() && o.file_fd < 0)
            throw CLI::RequiredError("--interface, --file or --file-fd");
        if (!o.self_test && records->count() == 0) throw CLI::RequiredError("--records-fd");
        if (o.self_test && o.interfaces.empty()) throw CLI::RequiredError("--interface");
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return {{}, true, code == 0 ? 0 : 2};
    }
    if (o.workers == 0) o.workers = std::max(1u, std::thread::hardware_concurrency());
    return out;
}

} // namespace yagura::sensor
