#include "see/ledger/layout.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "see/ledger/normal.h"
#include "see/ledger/values.h"

namespace yagura::see::ledger {
namespace {

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end > 0) out.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

class Writing {
public:
    Writing(const Sheet& sheet, const Mapping& mapping)
        : sheet_{sheet}, mapping_{mapping}, taken_{taken(sheet, mapping)} {
        for (std::size_t c = 0; c < mapping.columns.size(); ++c)
            if (mapping.columns[c]) columns_[static_cast<std::size_t>(*mapping.columns[c])].push_back(c);
        learn();
    }

    Written run(const std::map<std::uint32_t, std::uint64_t>& ids, const std::vector<Entry>& now) {
        std::unordered_map<std::uint64_t, const Entry*> known;
        for (const auto& entry : now) known.emplace(entry.id, &entry);
        std::vector<bool> gone(sheet_.rows.size());
        std::size_t last = mapping_.header_row +
                           mapping_.header_rows; // Behind the head, if there is no entry.
        for (std::size_t i = 0; i < taken_.entries.size(); ++i) {
            const auto& entry = taken_.entries[i];
            const std::size_t first = entry.row - 1, end = taken_.last_rows[i];
            last = std::max(last, end);
            const auto id = ids.find(entry.row);
            if (id == ids.end()) continue;
            const auto found = known.find(id->second);
            if (found == known.end()) {
                for (auto row = first; row < end; ++row) gone[row] = true;
                ++out_.gone;
                continue;
            }
            ++out_.kept;
            out_.changed += update(entry, *found->second, first, end);
            known.erase(found);
        }
        out_.sheet = sheet_;
        take_out(gone, last);
        last = std::min(last, out_.sheet.rows.size());
        std::vector<std::vector<std::string>> more;
        for (const auto& entry : now)
            if (known.contains(entry.id)) more.push_back(row_of(entry));
        out_.added = more.size();
        for (auto& range : out_.sheet.merged)
            if (range.row >= last) range.row += static_cast<std::uint32_t>(more.size());
        out_.sheet.rows.insert(out_.sheet.rows.begin() + static_cast<std::ptrdiff_t>(last),
                               std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
        return std::move(out_);
    }

private:
    std::string& cell(std::size_t row, std::size_t column) {
        auto& cells = sheet_.rows[row];
        if (cells.size() <= column) cells.resize(column + 1);
        return cells[column];
    }

    /// How this table writes addresses and criticality.
    void learn() {
        for (std::size_t i = 0; i < taken_.entries.size(); ++i) {
            const auto& entry = taken_.entries[i];
            const auto& row = sheet_.rows[entry.row - 1];
            for (const auto column : columns_[static_cast<std::size_t>(Field::criticality)])
                if (column < row.size() && !row[column].empty() && !is_ditto(row[column]))
                    criticality_.emplace(value_of(Field::criticality, row[column]).text, row[column]);
            for (const auto column : columns_[static_cast<std::size_t>(Field::mac)])
                if (!mac_ && column < row.size() && mac(row[column])) mac_ = row[column];
        }
        for (auto row = mapping_.header_row; row < mapping_.header_row + mapping_.header_rows; ++row)
            if (row < sheet_.rows.size())
                for (const auto& text : sheet_.rows[row])
                    japanese_ |= std::ranges::any_of(text,
                                                     [](char c) { return static_cast<signed char>(c) < 0; });
    }

    std::string as_written(Field field, std::string_view value) const {
        if (field == Field::criticality) {
            if (const auto found = criticality_.find(std::string{value}); found != criticality_.end())
                return found->second;
            if (japanese_)
                return value == "high" ? "高" : value == "medium" ? "中" : value == "low" ? "低" : "";
        }
        if (field != Field::mac || !mac_) return std::string{value};
        // 00-11-22-33-44-55, 0011.2233.4455 or 001122334455, in capital letters or not.
        const auto mark = mac_->find_first_of("-:.");
        const bool capital = mac_->find_first_of("ABCDEF") != mac_->npos;
        std::string out;
        std::size_t digits = 0;
        for (const char c : value) {
            if (c == ':') continue;
            if (mark != mac_->npos && digits > 0 && digits % std::min<std::size_t>(mark, 6) == 0)
                out += (*mac_)[mark];
            out += capital && c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
            ++digits;
        }
        return out;
    }

    /// The texts that a field's columns get.
    std::vector<std::string> texts(Field field, std::string_view value) const {
        std::vector<std::string> out(columns_[static_cast<std::size_t>(field)].size());
        if (out.empty()) return out;
        if (field != Field::ip && field != Field::mac) {
            out.front() = as_written(field, value);
            return out;
        }
        std::size_t at = 0;
        for (const auto word : words(value)) {
            auto& into = out[std::min(at++, out.size() - 1)];
            into += (into.empty() ? "" : " ") + as_written(field, word);
        }
        return out;
    }

    bool update(const Entry& before, const Entry& now, std::size_t first, std::size_t end) {
        bool changed = false;
        for (std::size_t f = 0; f < field_count; ++f) {
            const auto field = static_cast<Field>(f);
            if (columns_[f].empty() || before[field] == now[field]) continue;
            changed = true;
            const auto told = texts(field, now[field]);
            for (std::size_t i = 0; i < columns_[f].size(); ++i) {
                const auto column = columns_[f][i];
                take_apart(column, first, end);
                for (auto row = first; row < end; ++row)
                    if (row == first || column < sheet_.rows[row].size())
                        cell(row, column) = row == first ? told[i] : "";
            }
        }
        return changed;
    }

    /// Every row of this column says by itself what it says: so one may change without the others.
    void take_apart(std::size_t column, std::size_t first, std::size_t end) {
        if (apart_.size() <= column) apart_.resize(column + 1);
        if (!apart_[column]) {
            apart_[column] = true;
            std::string above;
            for (std::size_t row = mapping_.header_row + mapping_.header_rows; row < sheet_.rows.size();
                 ++row) {
                if (column >= sheet_.rows[row].size() || sheet_.rows[row][column].empty()) continue;
                auto& text = sheet_.rows[row][column];
                if (is_ditto(text))
                    text = above;
                else
                    above = text;
            }
        }
        std::erase_if(sheet_.merged, [&](const Range& range) {
            if (range.columns != 1 || range.column != column || range.rows < 2) return false;
            const std::size_t from = range.row, to = range.row + range.rows;
            if (to <= first || from >= end || (from >= first && to <= end)) return false;
            const auto text = cell(from, column);
            for (auto row = from; row < std::min(to, sheet_.rows.size()); ++row) cell(row, column) = text;
            return true;
        });
    }

    /// Rows of entries that are no more; what is merged over others, too, stays theirs.
    void take_out(const std::vector<bool>& gone, std::size_t& last) {
        auto& sheet = out_.sheet;
        std::vector<std::uint32_t> before(gone.size() + 1); // How many of the rows above a row stay.
        for (std::size_t row = 0; row < gone.size(); ++row)
            before[row + 1] = before[row] + (gone[row] ? 0 : 1);
        const auto place = [&](std::size_t row) {
            return row < gone.size() ? before[row]
                                     : before[gone.size()] + static_cast<std::uint32_t>(row - gone.size());
        };
        for (auto& range : sheet.merged) {
            const std::size_t end = range.row + range.rows;
            if (range.row < gone.size() && gone[range.row])
                for (std::size_t row = range.row; row < std::min(end, gone.size()); ++row)
                    if (!gone[row] && range.column < sheet.rows[range.row].size()) {
                        if (sheet.rows[row].size() <= range.column) sheet.rows[row].resize(range.column + 1);
                        sheet.rows[row][range.column] = sheet.rows[range.row][range.column];
                        break;
                    }
            const auto from = place(range.row);
            range = {
                .row = from, .column = range.column, .rows = place(end) - from, .columns = range.columns};
        }
        std::erase_if(sheet.merged,
                      [](const Range& range) { return range.rows * std::uint64_t{range.columns} < 2; });
        last = place(last);
        std::size_t row = 0;
        std::erase_if(sheet.rows, [&](const auto&) { return gone[row++]; });
    }

    std::vector<std::string> row_of(const Entry& entry) const {
        std::vector<std::string> out;
        for (std::size_t f = 0; f < field_count; ++f) {
            const auto field = static_cast<Field>(f);
            const auto told = texts(field, entry[field]);
            for (std::size_t i = 0; i < told.size(); ++i) {
                const auto column = columns_[f][i];
                if (out.size() <= column) out.resize(column + 1);
                out[column] = told[i];
            }
        }
        while (!out.empty() && out.back().empty()) out.pop_back();
        return out;
    }

    Sheet sheet_;
    const Mapping& mapping_;
    Taken taken_;
    std::array<std::vector<std::size_t>, field_count> columns_{};
    std::map<std::string, std::string> criticality_{};
    std::optional<std::string> mac_{};
    bool japanese_ = false;
    std::vector<bool> apart_{};
    Written out_{};
};

} // namespace

Written written(const Sheet& sheet, const Mapping& mapping, const std::map<std::uint32_t, std::uint64_t>& ids,
                const std::vector<Entry>& now) {
    return Writing{sheet, mapping}.run(ids, now);
}

} // namespace yagura::see::ledger
