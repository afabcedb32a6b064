#include "apps/yagura/settings.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "apps/yagura/nearest.h"
#include "spine/base/toml.h"

namespace yagura::run {
namespace {

constexpr std::array table{
    Field{.section = "plant",
          .name = "name",
          .member = &Settings::plant_name,
          .description = "What the plant is called, as people say it. Shown on top of every page."},
    Field{.section = "plant",
          .name = "time-zone",
          .member = &Settings::time_zone,
          .description = "IANA name of the plant's time zone: pages show its time to everybody."},
    Field{.section = "center",
          .name = "data",
          .member = &Settings::data,
          .description = "Folder of everything that is kept: journal, history, state, uploads, certificate."},
    Field{
        .section = "center",
        .name = "listen",
        .member = &Settings::listen,
        .description = "Address and port of the console, e.g. \"0.0.0.0:8443\". The default is reached from "
                       "this box only."},
    Field{.section = "center",
          .name = "certificate",
          .member = &Settings::certificate,
          .description =
              "PEM file with the console's certificate and its chain. Empty: one is made at the first "
              "start and kept in the data folder."},
    Field{.section = "center",
          .name = "key",
          .member = &Settings::key,
          .description = "PEM file with the certificate's private key. Set both or neither."},
    Field{.section = "center",
          .name = "console",
          .member = &Settings::console,
          .description = "Folder of the console's files. Empty: where the package put them."},
    Field{.section = "center",
          .name = "journal-days",
          .member = &Settings::journal_days,
          .least = 1,
          .most = 3'650,
          .unit = "days",
          .description = "How long records are kept. Whole segments are deleted, the oldest first."},
    Field{
        .section = "center",
        .name = "journal-gib",
        .member = &Settings::journal_gib,
        .least = 1,
        .most = 65'536,
        .unit = "GiB",
        .description = "How much the journal may hold; past it the oldest segments go, whatever their age."},
    Field{.section = "center",
          .name = "upload-gib",
          .member = &Settings::upload_gib,
          .least = 1,
          .most = 1'024,
          .unit = "GiB",
          .description = "Largest capture that the console takes."},
    Field{
        .section = "sensor",
        .name = "interfaces",
        .member = &Settings::interfaces,
        .description = "Network interfaces at a switch's mirror (SPAN) port. Nothing is ever sent from them. "
                       "Empty: this box only reads captures."},
    Field{.section = "sensor",
          .name = "workers",
          .member = &Settings::workers,
          .least = 0,
          .most = 64,
          .unit = "workers",
          .description = "How many cores read packets. 0: one fewer than there are, at least one."},
    Field{.section = "sensor",
          .name = "labels",
          .member = &Settings::labels,
          .least = 0,
          .most = 4'096,
          .unit = "conversations",
          .description = "How many conversations of unknown protocols nDPI looks at at a time, for a name. "
                         "0: it is not asked."},
    Field{
        .section = "sensor",
        .name = "protocols",
        .member = &Settings::protocols,
        .description = "File that describes protocols of this plant that Yagura does not know "
                       "(docs/operating/own-protocols.md). Captures that people bring are read with it, too. "
                       "Empty: none."},
    Field{.section = "ask",
          .name = "plan",
          .member = &Settings::ask_plan,
          .description =
              "File that says which devices may be asked who they are, what and when "
              "(docs/operating/active-queries.md). \"console\": what a person approves there, and no file. "
              "Empty: nobody is ever asked, and the program that could does not run."},
    Field{.section = "ask",
          .name = "credentials",
          .member = &Settings::ask_credentials,
          .description =
              "File of SNMP communities and users, by the names that plans use. yagura-ask alone may "
              "read it (mode 0400)."},
    Field{.section = "ask",
          .name = "log-mib",
          .member = &Settings::ask_log_mib,
          .least = 1,
          .most = 1'024,
          .unit = "MiB",
          .description = "How much the log of every byte asked and answered may hold; the older half goes."},
};

std::string place(std::string_view path, const toml::source_region& region) {
    return cat(path, ", line ", region.begin.line, ", column ", region.begin.column);
}

Complaint bad_value(const Field& field, std::string_view expected, std::string where) {
    return {.code = "config.bad-value",
            .what = cat(field.section, ".", field.name, " has a value that it cannot have"),
            .why = std::string{field.description},
            .where = std::move(where),
            .next = cat("use ", expected)};
}

Result<void> set(Settings& settings, const Field& field, const toml::node& node, std::string where) {
    if (const auto* text = std::get_if<std::string Settings::*>(&field.member)) {
        const auto value = node.value_exact<std::string>();
        if (!value) return std::unexpected{bad_value(field, "text in quotes", std::move(where))};
        settings.** text = *value;
    } else if (const auto* number = std::get_if<std::int64_t Settings::*>(&field.member)) {
        const auto value = node.value_exact<std::int64_t>();
        if (!value || *value < field.least || *value > field.most)
            return std::unexpected{bad_value(
                field, cat("a whole number from ", field.least, " to ", field.most, " (", field.unit, ")"),
                std::move(where))};
        settings.** number = *value;
    } else {
        const auto* list = node.as_array();
        std::vector<std::string> values;
        bool good = list != nullptr;
        if (list)
            for (const auto& element : *list) {
                const auto value = element.value_exact<std::string>();
                good = good && value && !value->empty();
                if (value) values.push_back(*value);
            }
        if (!good)
            return std::unexpected{
                bad_value(field, "a list of texts, e.g. [\"eth1\", \"eth2\"]", std::move(where))};
        settings.*std::get<std::vector<std::string> Settings::*>(field.member) = std::move(values);
    }
    return {};
}

/// What no single field can know.
Result<void> agree(const Settings& settings, std::string_view path) {
    if (settings.certificate.empty() != settings.key.empty())
        return std::unexpected{Complaint{.code = "config.half-a-certificate",
                                         .what = "center.certificate and center.key belong together",
                                         .where = std::string{path},
                                         .next = "set both, or neither to have a certificate made"}};
    const auto colon = settings.listen.rfind(':');
    const auto port = colon == std::string::npos
                          ? std::nullopt
                          : number<std::uint16_t>(std::string_view{settings.listen}.substr(colon + 1));
    if (!port || colon == 0)
        return std::unexpected{
            Complaint{.code = "config.bad-address",
                      .what = cat("center.listen is no address and port: ", yagura::quoted(settings.listen)),
                      .where = std::string{path},
                      .next = "write e.g. \"0.0.0.0:8443\" or \"[::]:8443\""}};
    return {};
}

} // namespace

std::span<const Field> fields() noexcept { return table; }

Result<Settings> parse(std::string_view toml, std::string_view path) {
    toml::table document;
    try {
        document = toml::parse(toml, path);
    } catch (const toml::parse_error& error) {
        return std::unexpected{Complaint{.code = "config.not-toml",
                                         .what = "the settings cannot be read",
                                         .why = std::string{error.description()},
                                         .where = place(path, error.source()),
                                         .next = "mend that place; `yagura check-config` reads it again"}};
    }
    std::vector<std::string_view> sections;
    for (const auto& field : table)
        if (std::ranges::find(sections, field.section) == sections.end()) sections.push_back(field.section);

    Settings settings;
    for (const auto& [section, node] : document) {
        const auto where = place(path, section.source());
        if (std::ranges::find(sections, section.str()) == sections.end())
            return std::unexpected{
                Complaint{.code = "config.unknown-section",
                          .what = cat("there is no section ", yagura::quoted(section.str())),
                          .where = where,
                          .next = cat("did you mean [", nearest(sections, section.str()), "]?")}};
        const auto* content = node.as_table();
        if (!content)
            return std::unexpected{
                Complaint{.code = "config.not-a-section",
                          .what = cat(yagura::quoted(section.str()), " is a section, not a setting"),
                          .where = where,
                          .next = cat("write [", section.str(), "] on a line of its own")}};
        for (const auto& [name, value] : *content) {
            const auto found = std::ranges::find_if(table, [&](const Field& field) {
                return field.section == section.str() && field.name == name.str();
            });
            if (found == table.end()) {
                std::vector<std::string_view> names;
                for (const auto& field : table)
                    if (field.section == section.str()) names.push_back(field.name);
                return std::unexpected{Complaint{
                    .code = "config.unknown-setting",
                    .what = cat("there is no setting ", yagura::quoted(cat(section.str(), ".", name.str()))),
                    .where = place(path, name.source()),
                    .next = cat("did you mean ", section.str(), ".", nearest(names, name.str()), "?")}};
            }
            if (auto done = set(settings, *found, value, place(path, value.source())); !done)
                return std::unexpected{std::move(done).error()};
        }
    }
    if (auto done = agree(settings, path); !done) return std::unexpected{std::move(done).error()};
    return settings;
}

Result<Settings> read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file)
        return std::unexpected{
            Complaint{.code = "config.no-file",
                      .what = cat("the settings ", yagura::quoted(path), " cannot be opened"),
                      .where = path,
                      .next = "name the file with --config, or leave --config out for the "
                              "defaults"}};
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    return parse(content, path);
}

std::string manual() {
    std::string out =
        "# Settings: yagura.toml\n\n"
        "Made by `yagura explain-config`; do not edit. Every setting has a default; a file that sets "
        "nothing is fine.\nA changed file is read at the next start of `yagura run`.\n";
    std::string_view section;
    const Settings defaults;
    for (const auto& field : table) {
        if (field.section != section) {
            section = field.section;
            out += cat("\n## [", section, "]\n\n| setting | default | what it is |\n|---|---|---|\n");
        }
        std::string value = "`[]`";
        if (const auto* text = std::get_if<std::string Settings::*>(&field.member))
            value = cat("`\"", defaults.**text, "\"`");
        if (const auto* number = std::get_if<std::int64_t Settings::*>(&field.member))
            value = cat("`", defaults.**number, "`");
        out += cat("| `", field.name, "` | ", value, " | ", field.description);
        if (field.most) out += cat(" From ", field.least, " to ", field.most, " ", field.unit, ".");
        out += " |\n";
    }
    return out;
}

} // namespace yagura::run
