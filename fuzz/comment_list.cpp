// A list of device comments of a stranger, from its bytes to its words. The whole input is the file; what a
// container holds is ledger_file's to look at.
#include <cstdlib>
#include <set>
#include <string>

#include "see/comments/areas.h"
#include "see/comments/fixed_columns.h"
#include "see/comments/heading_words.h"
#include "see/comments/list.h"
#include "see/comments/logix.h"
#include "see/comments/notation.h"
#include "spine/base/text.h"

namespace yagura::fuzz {
namespace {

namespace comments = see::comments;

constexpr see::tables::TableLimits limits{.bytes = 1u << 16,
                                          .sheets = 4,
                                          .rows = 500,
                                          .columns = 40,
                                          .cell = 600,
                                          .cells = 4'000,
                                          .text = 1u << 16,
                                          .merged = 100,
                                          .unpacked = 1u << 18};

void fits(const comments::Taken& taken, std::size_t rows) {
    if (taken.words.size() + taken.bad_rows + taken.silent_rows > rows) std::abort();
    if ((taken.bad_rows == 0) != taken.problems.empty() || taken.problem_count < taken.problems.size())
        std::abort();
    std::set<std::string> objects;
    for (const auto& word : taken.words) {
        if (word.comment.size() > comments::text_most || word.name.size() > comments::text_most ||
            word.objects.empty())
            std::abort();
        for (const auto& object : word.objects)
            if (object.empty() || !objects.insert(object).second) std::abort(); // Each is one word's.
    }
}

} // namespace

void comment_list(Bytes input) {
    const auto file = comments::read_list(input, limits);
    if (!file) {
        if (!file.error().code.starts_with("ledger.") || file.error().next.empty()) std::abort();
        return;
    }
    auto mapping = comments::guessed(*file);
    const auto& sheet = file->sheets.at(mapping.sheet);
    fits(comments::taken(sheet, mapping), sheet.rows.size());
    // Whatever a person says that it is.
    for (std::size_t i = 0; i < comments::notation_count; ++i) {
        mapping.notation = static_cast<comments::Notation>(i);
        mapping.columns.clear();
        for (std::size_t column = 0; column < comments::column_count; ++column)
            mapping.columns.emplace_back(
                static_cast<comments::Column>((column + i) % comments::column_count));
        mapping.tool = i % 2 ? comments::Tool::studio_5000 : comments::Tool::other;
        fits(comments::taken(sheet, mapping), sheet.rows.size());
    }
}

} // namespace yagura::fuzz
