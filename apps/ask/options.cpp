#include "apps/ask/options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <span>

#include "spine/base/sha256.h"
#include "spine/base/text.h"
#include <yagura_version.h>

namespace yagura::ask {
namespace {

/// Says nothing about the box to whoever reads it, and stays the same over restarts (machine-id(5)).
std::array<std::uint8_t, 16> identity_of_this_box() {
    std::string id;
    std::ifstream{"/etc/machine-id"} >> id;
    const auto text = cat("yagura-ask ", id);
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
    CLI::App app{
        "Asks the devices of a plan who they are, one at a time, and writes what they say as records to "
        "one pipe. It reads; it can change nothing."};
    app.set_version_flag("--version", std::string{"yagura-ask "} + version);
    auto* plan = app.add_option("--plan", o.plan, "The file of addresses, questions and hours");
    auto* permit = app.add_option("--permit", o.permit,
                                  "The center's file of what was approved in the console, instead of a plan")
                       ->excludes(plan);
    app.add_option("--credentials", o.credentials, "The file of SNMP communities and users, by name");
    auto* folder = app.add_option("--folder", o.folder,
                                  "Where it remembers whom it asked, and logs every byte");
    auto* records = app.add_option("--records-fd", o.records_fd,
                                   "The pipe for records, open as this descriptor")
                        ->check(CLI::NonNegativeNumber);
    app.add_option("--held-fd", o.held_fd, "A lock of whoever started this: kept open, else untouched")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--time-zone", o.time_zone, "IANA name; the plan's hours are this zone's")
        ->default_val("Asia/Tokyo");
    app.add_option("--user", o.user, "Whom to become when started as root; else yagura-ask or nobody");
    app.add_option("--log-mib", o.log_mib, "How much the log of all bytes may hold")
        ->check(CLI::Range(1, 1'024));
    app.add_option("--patience-ms", o.patience_ms, "How long an answer may take")
        ->check(CLI::Range(100, 60'000));
    app.add_flag("--once", o.once, "End when nothing is due any more, instead of waiting for the next hours");
    app.add_flag("--preview", o.preview, "Say what would be asked of whom and when; send nothing");
    try {
        app.parse(argc, argv);
        if (plan->count() + permit->count() == 0) throw CLI::RequiredError("--plan");
        if (o.preview && plan->count() == 0) throw CLI::ExcludesError("--permit", "--preview");
        if (!o.preview && records->count() == 0) throw CLI::RequiredError("--records-fd");
        if (!o.preview && folder->count() == 0) throw CLI::RequiredError("--folder");
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return {{}, true, code == 0 ? 0 : 2};
    }
    o.sensor = identity_of_this_box();
    return out;
}

} // namespace yagura::ask
