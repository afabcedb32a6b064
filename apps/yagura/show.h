// What `yagura read` prints: the same rows as a table for people, as JSON, or a line of JSON a row. The
// shapes are published (docs/command-line.md): fields are added, never renamed.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "spine/worker/counts.h"

namespace yagura::run {

enum class Format : std::uint8_t { table, json, ndjson };

/// Rows of text under titles, in columns as wide as their widest cell. Wide characters count as two.
class TextTable {
public:
    enum class Align : std::uint8_t { left, right };
    struct Column {
        std::string title;
        Align align = Align::left;
    };
    explicit TextTable(std::vector<Column> columns) : columns_{std::move(columns)} {}
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    void print(std::ostream& out) const;
    bool empty() const noexcept { return rows_.empty(); }

private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// Rows of JSON: an array of them, or a line each.
class JsonRows {
public:
    JsonRows(std::ostream& out, Format format) : out_{out}, lines_{format == Format::ndjson} {}
    void add(std::string_view row);
    void end();

private:
    std::ostream& out_;
    bool lines_;
    bool any_ = false;
};

/// "1,234,567": numbers for people.
std::string grouped(std::uint64_t number);

void show_protocols(std::ostream& out, Format format, const worker::Counts& counts);
void show_stats(std::ostream& out, Format format, const worker::Counts& counts, unsigned workers);

} // namespace yagura::run
