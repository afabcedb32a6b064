// The words that the rows of a list are.
#include <algorithm>
#include <unordered_map>

#include "see/comments/list.h"
#include "see/comments/logix.h"
#include "see/ledger/normal.h"
#include "spine/base/text.h"

namespace yagura::see::comments {
namespace {

constexpr std::size_t told_most = 128;

/// `text` up to `most` bytes, without half a character.
std::string cut(std::string_view text, std::size_t most) {
    if (text.size() > most) {
        while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
        text = text.substr(0, most);
    }
    return std::string{text};
}

class Taking {
public:
    Taking(const tables::Sheet& sheet, const Mapping& mapping)
        : sheet_{sheet}, mapping_{mapping}, headings_{headings(sheet, mapping)} {}

    Taken run() {
        const auto first = std::size_t{mapping_.header_row} + mapping_.header_rows;
        for (auto row = first; row < sheet_.rows.size(); ++row) take(row);
        add_beginnings();
        return std::move(out_);
    }

private:
    struct Cell {
        std::string text{};
        std::size_t column = 0;
    };
    /// The first column of this kind that says something in this row.
    Cell find(std::size_t row, Column column) const {
        const auto& cells = sheet_.rows[row];
        for (std::size_t at = 0; at < std::min(mapping_.columns.size(), cells.size()); ++at) {
            if (mapping_.columns[at] != column) continue;
            auto text = ledger::plain(cells[at]);
            if (!text.empty()) return {std::move(text), at};
        }
        return {};
    }

    void problem(std::size_t row, std::optional<std::size_t> column, std::string_view value,
                 std::string_view code, decltype(Problem::args) args = {}) {
        ++out_.problem_count;
        if (out_.problems.size() >= problems_most) return;
        auto& one = out_.problems.emplace_back();
        one.row = static_cast<std::uint32_t>(row + 1);
        if (column) {
            one.column = static_cast<std::uint32_t>(*column + 1);
            if (*column < headings_.size()) one.heading = cut(headings_[*column], told_most);
        }
        one.value = cut(value, told_most);
        one.code = code;
        one.args = std::move(args);
    }

    /// False: a text of it is too long.
    bool fits(std::size_t row, const Cell& cell) {
        if (cell.text.size() <= text_most) return true;
        problem(row, cell.column, cell.text, "comments.too-long", {{"most", cat(text_most)}});
        return false;
    }

    void take(std::size_t row) {
        if (sheet_.rows[row].empty()) return;
        Word word{.row = static_cast<std::uint32_t>(row + 1)};
        auto address = find(row, Column::address), name = find(row, Column::name);
        auto comment = find(row, Column::comment);
        const auto type = find(row, Column::type);
        if (mapping_.tool == Tool::studio_5000) {
            auto tag = logix_row(find(row, Column::kind).text, find(row, Column::scope).text, name.text,
                                 find(row, Column::specifier).text);
            if (!tag) { // The comment of a rung, a second head.
                ++out_.silent_rows;
                return;
            }
            address.text = std::move(tag->address);
            word.objects = std::move(tag->objects);
            comment.text = ledger::plain(unescaped_logix(comment.text));
        }
        const bool by_name = address.text.empty() && by_names();
        if (by_name) address = name;
        if (address.text.empty() || (comment.text.empty() && (name.text.empty() || by_name))) {
            ++out_.silent_rows;
            return;
        }
        const auto problems = out_.problem_count;
        bool good = fits(row, comment);
        good &= fits(row, name);
        good &= fits(row, address);
        if (good && word.objects.empty()) {
            word.objects = objects(address.text, name.text);
            if (word.objects.empty()) {
                problem(row, address.column, address.text, "comments.not-an-address");
                good = false;
            }
        }
        if (good && !add(row, address, std::move(word), name.text, type.text, comment.text) &&
            out_.problem_count == problems)
            ++out_.silent_rows;
        if (out_.problem_count != problems) ++out_.bad_rows;
    }

    bool by_names() const noexcept {
        return mapping_.notation == Notation::names || mapping_.notation == Notation::logix;
    }

    /// A variable of Sysmac Studio is asked for by its name, and where it has a place in memory by that, too.
    std::vector<std::string> objects(const std::string& address, const std::string& name) const {
        if (mapping_.notation != Notation::names || name.empty() || name == address)
            return objects_of(mapping_.notation, address);
        auto out = objects_of(Notation::names, name);
        for (auto& one : objects_of(Notation::omron, address)) out.push_back(std::move(one));
        return out;
    }

    bool add(std::size_t row, const Cell& address, Word word, const std::string& name,
             const std::string& type, const std::string& comment) {
        word.address = address.text;
        word.name = name == address.text ? std::string{} : name;
        word.type = cut(type, 64);
        word.comment = comment;
        const auto [had, fresh] = first_.emplace(lower(word.objects.front()), out_.words.size());
        if (!fresh) {
            const auto& before = out_.words[had->second];
            if (before.comment != word.comment || before.name != word.name)
                problem(row, address.column, address.text, "comments.double-address",
                        {{"row", cat(before.row)}});
            return false;
        }
        out_.words.push_back(std::move(word));
        return true;
    }

    /// What else begins where a word stands is called so, unless another word is of just that.
    void add_beginnings() {
        for (auto& word : out_.words) {
            auto whole = std::move(word.objects);
            word.objects = {whole.front()};
            for (std::size_t i = 1; i < whole.size(); ++i)
                if (first_.emplace(lower(whole[i]), 0).second) word.objects.push_back(std::move(whole[i]));
        }
    }

    const tables::Sheet& sheet_;
    const Mapping& mapping_;
    std::vector<std::string> headings_;
    Taken out_{};
    std::unordered_map<std::string, std::size_t> first_{}; ///< objects in small letters
};

} // namespace

Taken taken(const tables::Sheet& sheet, const Mapping& mapping) { return Taking{sheet, mapping}.run(); }

} // namespace yagura::see::comments
