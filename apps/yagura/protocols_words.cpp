// protocols: what can be read, as the registry of this very program says it.
#include <iostream>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>

#include "apps/yagura/show.h"
#include "apps/yagura/words.h"
#include "spine/base/json.h"
#include "spine/base/text.h"
#include "spine/dissect/dissector.h"

namespace yagura::run {
namespace {

std::string_view word(dissect::Depth depth) {
    constexpr std::string_view words[]{"recognised", "acts", "deep"};
    return words[static_cast<std::size_t>(depth)];
}
std::string_view word(dissect::Posture posture) {
    return posture == dissect::Posture::hardened ? "hardened" : "fresh";
}

/// "tcp 502, udp 502", "ethernet 0x8892". A port is a hint, never a proof.
std::string carriers(const dissect::Facts& facts) {
    std::string out;
    for (const auto& over : facts.over) {
        if (!out.empty()) out += ", ";
        out += over.carrier;
        if (over.hint == 0) continue;
        constexpr std::string_view digits = "0123456789abcdef";
        if (over.carrier == "tcp" || over.carrier == "udp") {
            out += cat(" ", over.hint);
            continue;
        }
        std::string hexadecimal;
        for (auto left = over.hint; left != 0; left >>= 4) hexadecimal.insert(0, 1, digits[left & 15]);
        out += cat(" 0x", hexadecimal);
    }
    return out;
}

void show(std::ostream& out, Format format) {
    TextTable table{{{"protocol"}, {"what it is"}, {"depth"}, {"over"}}};
    JsonRows rows{out, format};
    for (const auto* row : dissect::all()) {
        const auto& facts = row->facts;
        if (format == Format::table) {
            table.add({std::string{facts.name}, std::string{facts.title}, std::string{word(facts.depth)},
                       carriers(facts)});
            continue;
        }
        std::string text;
        JsonWriter json{text};
        json.begin_object()
            .member("protocol", facts.name)
            .member("title", facts.title)
            .member("depth", word(facts.depth))
            .member("posture", word(facts.posture))
            .member("over", std::string_view{carriers(facts)})
            .member("message_most", facts.message_most)
            .member("specification", facts.specification)
            .end_object();
        rows.add(text);
    }
    if (format == Format::table)
        table.print(out);
    else
        rows.end();
}

} // namespace

void add_protocols(CLI::App& app) {
    auto* words = app.add_subcommand("protocols",
                                     "List the protocols that are read, how deep, and over what");
    auto format = std::make_shared<Format>(Format::table);
    words->add_option("--format", *format, "table, json or ndjson")
        ->transform(CLI::CheckedTransformer{std::map<std::string, Format>{
            {"table", Format::table}, {"json", Format::json}, {"ndjson", Format::ndjson}}})
        ->default_str("table");
    words->callback([format] { show(std::cout, *format); });
}

} // namespace yagura::run
