#include "apps/yagura/show.h"

#include <algorithm>

#include "spine/base/json.h"
#include "spine/base/rfc3339.h"
#include "spine/decode/decoder.h"
#include "spine/dissect/dissector.h"
#include "spine/dissect/labels.h"

namespace yagura::run {
namespace {

std::string_view word(dissect::Depth depth) {
    constexpr std::string_view words[]{"recognised", "acts", "deep"};
    return words[static_cast<std::size_t>(depth)];
}

/// Columns that a terminal gives to a text: East Asian wide characters take two.
std::size_t width(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const auto length = std::max<std::size_t>(1, utf8_length(text));
        const auto first = static_cast<unsigned char>(text[0]);
        // U+1100 and above are wide often enough for a table: Hangul, kana, kanji, full-width forms.
        columns += length >= 3 && first >= 0xe1 ? 2 : 1;
        text.remove_prefix(length);
    }
    return columns;
}

void json_protocol(JsonWriter& json, const dissect::Dissector& row, const worker::ProtocolCount& count) {
    json.begin_object();
    json.member("protocol", row.facts.name).member("depth", word(row.facts.depth));
    json.member("flows", count.flows).member("messages", count.messages);
    json.key("functions").begin_array();
    for (const auto& function : count.functions()) {
        json.begin_object();
        // What is beyond the table's bound has been added up under no code.
        if (!function.name.empty()) json.member("code", function.code);
        json.member("name", function.name.empty() ? std::string_view{"other functions"} : function.name);
        json.member("requests", function.requests).member("responses", function.responses);
        json.member("errors", function.errors).end_object();
    }
    json.end_array().end_object();
}

} // namespace

void TextTable::print(std::ostream& out) const {
    std::vector<std::size_t> widths;
    for (const auto& column : columns_) widths.push_back(width(column.title));
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
    const auto line = [&](const auto& cell_of) {
        std::string text;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const std::string_view cell = cell_of(i);
            const std::string padding(widths[i] - width(cell), ' ');
            if (i != 0) text += "  ";
            if (columns_[i].align == Align::right) text += padding;
            text += cell;
            if (columns_[i].align == Align::left) text += padding;
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out << text << '\n';
    };
    line([&](std::size_t i) { return std::string_view{columns_[i].title}; });
    for (const auto& row : rows_) line([&](std::size_t i) { return std::string_view{row[i]}; });
}

void JsonRows::add(std::string_view row) {
    if (lines_)
        out_ << row << '\n';
    else
        out_ << (any_ ? ",\n " : "[\n ") << row;
    any_ = true;
}

void JsonRows::end() {
    if (!lines_) out_ << (any_ ? "\n]\n" : "[]\n");
}

std::string grouped(std::uint64_t number) {
    auto text = cat(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

void show_protocols(std::ostream& out, Format format, const worker::Counts& counts) {
    using Align = TextTable::Align;
    TextTable table{{{"protocol"},
                     {"code", Align::right},
                     {"function"},
                     {"requests", Align::right},
                     {"responses", Align::right},
                     {"errors", Align::right}}};
    JsonRows rows{out, format};
    for (const auto* row : dissect::all()) {
        const std::size_t number = dissect::number_of(*row);
        if (number >= counts.protocols.size()) continue;
        const auto& count = counts.protocols[number];
        if (count.messages == 0 && count.flows == 0) continue;
        if (format != Format::table) {
            std::string text;
            JsonWriter json{text};
            json_protocol(json, *row, count);
            rows.add(text);
            continue;
        }
        table.add({std::string{row->facts.name}, "",
                   cat(word(row->facts.depth), ", ", grouped(count.flows), " flows"), "", "", ""});
        for (const auto& function : count.functions())
            table.add({"", function.name.empty() ? "" : cat(function.code),
                       std::string{function.name.empty() ? "other functions" : function.name},
                       grouped(function.requests), grouped(function.responses), grouped(function.errors)});
    }
    for (std::size_t i = 0; i < dissect::labels().size(); ++i) {
        const auto number = dissect::all().size() + 1 + i;
        if (number >= counts.protocols.size() || counts.protocols[number].flows == 0) continue;
        const auto name = dissect::labels()[i];
        if (format != Format::table) {
            std::string text;
            JsonWriter json{text};
            json.begin_object()
                .member("protocol", name)
                .member("depth", std::string_view{"recognised"})
                .member("by", std::string_view{"ndpi"})
                .member("flows", counts.protocols[number].flows)
                .member("messages", 0u);
            json.key("functions").begin_array().end_array();
            json.end_object();
            rows.add(text);
            continue;
        }
        table.add({std::string{name}, "",
                   cat("recognised by nDPI, ", grouped(counts.protocols[number].flows), " flows"), "", "",
                   ""});
    }
    if (format != Format::table) return rows.end();
    if (table.empty())
        out << "No protocol that Yagura knows was spoken here.\n";
    else
        table.print(out);
}

void show_stats(std::ostream& out, Format format, const worker::Counts& counts, unsigned workers) {
    if (format != Format::table) {
        std::string text;
        JsonWriter json{text};
        json.begin_object();
        json.member("packets", counts.packets).member("bytes", counts.bytes);
        json.member("seconds", counts.seconds()).member("flows", counts.flows);
        json.member("messages", counts.messages()).member("operations", counts.operations);
        json.member("observations", counts.observations).member("duplicates", counts.duplicates);
        json.member("truncated", counts.truncated).member("anomalies", counts.anomalies);
        json.member("unclaimed_flows", counts.unclaimed_flows);
        json.key("link_types").begin_array();
        for (const auto& link : counts.link_types) {
            json.begin_object().member("number", link.type);
            json.member_if_known("name", decode::link_type_name(link.type));
            json.member("packets", link.frames).end_object();
        }
        json.end_array().member("workers", workers).end_object();
        out << text << '\n';
        return;
    }
    TextTable table{{{"what"}, {"number", TextTable::Align::right}}};
    const auto row = [&](std::string name, std::uint64_t number) {
        table.add({std::move(name), grouped(number)});
    };
    row("packets", counts.packets);
    row("bytes", counts.bytes);
    row("seconds", static_cast<std::uint64_t>(counts.seconds()));
    row("flows", counts.flows);
    row("messages", counts.messages());
    row("operations told", counts.operations);
    row("observations told", counts.observations);
    row("duplicates", counts.duplicates);
    row("truncated packets", counts.truncated);
    row("anomalies", counts.anomalies);
    row("unclaimed flows", counts.unclaimed_flows);
    for (const auto& link : counts.link_types) {
        const auto name = decode::link_type_name(link.type);
        row(cat("packets of link type ", name.empty() ? cat(link.type) : std::string{name}), link.frames);
    }
    row("workers", workers);
    table.print(out);
}

} // namespace yagura::run
