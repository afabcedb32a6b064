// read.
#include <unistd.h>

#include <iostream>
#include <map>

#include <CLI/CLI.hpp>

#include "apps/yagura/read.h"
#include "apps/yagura/words.h"

namespace yagura::run {

void add_read(CLI::App& app, int& code) {
    static const std::map<std::string, What> whats{
        {"assets", What::assets},       {"conversations", What::conversations},
        {"protocols", What::protocols}, {"operations", What::operations},
        {"stats", What::stats},         {"health", What::health},
        {"unknown", What::unknown}};
    static const std::map<std::string, Format> formats{
        {"table", Format::table}, {"json", Format::json}, {"ndjson", Format::ndjson}};
    static const std::map<std::string, worker::Copies> copies{{"once", worker::Copies::once},
                                                              {"count", worker::Copies::count}};
    static const std::map<std::string, bool> labels{{"ndpi", true}, {"none", false}};
    auto* word = app.add_subcommand(
        "read", "Read captures: devices, conversations, protocols, operations, numbers, health, the unknown");
    auto options = std::make_shared<ReadOptions>();
    word->add_option("file", options->files, "pcap or pcapng, plain, .gz or .zst; - is standard input")
        ->required();
    word->add_option("--what", options->what, "What to show")
        ->transform(CLI::CheckedTransformer(whats))
        ->option_text("assets|conversations|protocols|operations|stats|health|unknown");
    word->add_option("--format", options->format, "How to show it")
        ->transform(CLI::CheckedTransformer(formats))
        ->option_text("table|json|ndjson");
    word->add_option("--workers", options->workers, "How many cores read")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    word->add_option("--duplicates", options->copies,
                     "Copies that a mirror port shows: told once, or counted each")
        ->transform(CLI::CheckedTransformer(copies))
        ->option_text("once|count");
    word->add_option("--labels", options->labels,
                     "Who names conversations that Yagura does not know: nDPI, unless the view has no names")
        ->transform(CLI::CheckedTransformer(labels))
        ->option_text("ndpi|none");
    word->add_option("--protocols", options->protocols,
                     "File that describes protocols of this plant, as in docs/operating/own-protocols.md");
    word->add_flag("--draft", options->draft,
                   "With --what unknown: descriptions of them to begin with, as TOML");
    word->callback([options, &code] {
        if (options->draft && options->what != What::unknown)
            throw CLI::ValidationError("--draft", "is of --what unknown");
        options->progress = isatty(STDERR_FILENO) != 0;
        std::ios::sync_with_stdio(false);
        code = read_captures(*options, std::cout, std::cerr);
    });
}

} // namespace yagura::run
