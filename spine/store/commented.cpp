#include "spine/store/commented.h"

#include "spine/base/text.h"
#include "spine/store/comments.h"

namespace yagura::store::reading {
namespace {

constexpr std::size_t matches_most = 20'000;

} // namespace

Result<Commented> Commented::of(Database& state) {
    Commented out{state};
    YAGURA_STORE_DO(
        Query{"SELECT other.node, u.list, u.part FROM comment_use u JOIN link mark ON mark.node = "
              "u.node AND mark.ends IS NULL JOIN link other ON other.device = mark.device AND "
              "other.ends IS NULL ORDER BY u.list DESC"}
            .each_again(state, [&](const Row& row) {
                out.uses_[row.integer(0)].push_back({row.integer(1), row.string(2)});
            }));
    return out;
}

Result<ObjectComment> Commented::find(std::int64_t whom, std::string_view part,
                                      std::string_view object) const {
    ObjectComment out;
    const auto found = uses_.find(whom);
    if (found == uses_.end() || object.empty()) return out;
    static const std::string sql = "SELECT comment, name FROM comment_word WHERE list = ?1 AND object = ?2";
    for (const auto whole : wholes_of(object))
        for (const auto& use : found->second) {
            if (!use.part.empty() && use.part != part) continue;
            YAGURA_TRY(auto* const statement, state_->cached(sql));
            YAGURA_STORE_DO(statement->each(
                [&](const Row& row) {
                    out.text = row.string(0);
                    out.name = row.string(1);
                },
                use.list, whole));
            if (out.text.empty() && out.name.empty()) continue;
            out.list = static_cast<std::uint64_t>(use.list);
            if (whole != object) out.of = whole;
            return out;
        }
    return out;
}

Result<Commented::Matches> Commented::matches(std::string_view word) const {
    Matches out;
    if (none()) return out;
    YAGURA_STORE_DO(
        Query{"SELECT list, object FROM comment_word WHERE instr(lower(comment), "}
            .add("?) > 0 OR instr(lower(name), ?) > 0", word, word)
            .add(cat(" LIMIT ", matches_most))
            .each(*state_, [&](const Row& row) { out[row.integer(0)].insert(lower(row.text(1))); }));
    return out;
}

bool Commented::among(const Matches& matches, std::int64_t whom, std::string_view part,
                      std::string_view object) const {
    if (matches.empty()) return false;
    const auto found = uses_.find(whom);
    if (found == uses_.end()) return false;
    const auto form = lower(object);
    for (const auto& use : found->second) {
        if (!use.part.empty() && use.part != part) continue;
        const auto words = matches.find(use.list);
        if (words == matches.end()) continue;
        for (const auto whole : wholes_of(form))
            if (words->second.contains(std::string{whole})) return true;
    }
    return false;
}

} // namespace yagura::store::reading
