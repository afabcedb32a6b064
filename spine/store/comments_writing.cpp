#include "spine/store/comments_writing.h"

#include <fstream>
#include <iterator>

#include "spine/store/comments.h"
#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using reading::ns;

template <class... Values>
Result<void> run(Database& database, std::string_view sql, const Values&... values) {
    YAGURA_TRY(auto* const statement, database.cached(sql));
    return statement->run(values...);
}

Result<bool> write_list(Database& state, const std::string& folder, const CommentChange& change) {
    std::ifstream in{cat(comment_folder(folder), "/", change.file), std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const auto file = comment_file(text);
    if (!file) return false;
    std::uint64_t words = 0;
    for (const auto& word : file->words) words += !word.also;
    // Which controllers it is of stays when it is replaced.
    YAGURA_STORE_DO(run(
        state,
        "INSERT INTO comment_list VALUES (?1, 0, ?2, ?8, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO "
        "UPDATE SET name = ?2, file = ?8, tool = ?3, notation = ?4, words = ?5, at = ?6, who = ?7",
        change.list, change.name, file->tool, file->notation, words, ns(change.at), change.who, change.file));
    YAGURA_STORE_DO(run(state, "DELETE FROM comment_word WHERE list = ?1", change.list));
    for (const auto& word : file->words)
        YAGURA_STORE_DO(
            run(state, "INSERT OR IGNORE INTO comment_word VALUES (0, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                change.list, word.object, word.address, word.name, word.type, word.comment, word.also));
    return true;
}

Result<void> write_uses(Database& state, const CommentChange& change) {
    const auto uses = comment_uses(change.uses);
    if (!uses) return {};
    YAGURA_STORE_DO(run(state, "DELETE FROM comment_use WHERE list = ?1", change.list));
    // Of a list that somebody took out meanwhile nothing is.
    for (const auto& use : *uses)
        YAGURA_STORE_DO(run(state,
                            "INSERT OR IGNORE INTO comment_use SELECT 0, id, ?2, ?3 FROM comment_list WHERE "
                            "id = ?1",
                            change.list, use.node, use.part));
    return {};
}

} // namespace

Result<bool> write_comments(Database& state, const std::string& folder, const CommentChange& change) {
    YAGURA_STORE_DO(run(state, "INSERT OR IGNORE INTO comment_head VALUES (0, 0, 0)"));
    YAGURA_STORE_DO(run(state,
                        "UPDATE comment_head SET version = version + 1, last_list = max(last_list, ?1) WHERE "
                        "site = 0",
                        change.list));
    switch (change.what) {
    case CommentChange::What::gone:
        YAGURA_STORE_DO(run(state, "DELETE FROM comment_list WHERE id = ?1", change.list));
        return true;
    case CommentChange::What::uses:
        YAGURA_STORE_DO(write_uses(state, change));
        return true;
    case CommentChange::What::whole:
        break;
    }
    return write_list(state, folder, change);
}

} // namespace yagura::store
