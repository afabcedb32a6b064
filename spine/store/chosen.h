// A filter of operations with its devices, lines and words looked up: which rows of a day fit. For this
// folder.
#pragma once

#include <algorithm>
#include <unordered_set>

#include "spine/store/commented.h"

#include "spine/store/days.h"

namespace yagura::store::reading {

using Nodes = std::unordered_set<std::int64_t>;

/// Looked for in what strangers said, as SQLite's lower() and instr() do: letters of ASCII in either case.
/// `word` is in lower case.
bool holds(std::string_view text, std::string_view word) noexcept;

/// "[1,2,3]", for json_each: one value however many there are.
template <class List>
std::string set_of(const List& numbers) {
    std::string out = "[";
    for (const auto number : numbers) out += cat(out.size() > 1 ? "," : "", number);
    return out += ']';
}

class Chosen {
public:
    /// What fits() looks at; whoever reads rows for it puts these columns first.
    static constexpr std::string_view columns =
        "id, at, last, who, whom, act, protocol, code, function, part, object, value, outcome, refusals";

    static Result<Chosen> of(Database& state, const OperationFilter& filter);

    bool nobody() const noexcept { return nobody_; }
    /// Nodes of which one end has to be: a device's, its peer's, a line's.
    const std::vector<Nodes>& ends() const noexcept { return ends_; }
    bool has_words() const noexcept { return !words_.empty(); }
    const OperationFilter& filter() const noexcept { return *filter_; }
    /// The acts that are asked for by themselves or by their effect; nothing: all of them.
    const std::optional<std::vector<std::int64_t>>& acts() const noexcept { return acts_; }
    /// Only what did not simply work: an index of its own leads there.
    bool failed_only() const noexcept;

    /// Everything but the range and `first`.
    bool fits(const Row& row) const;
    /// The same as SQL, but for words: a comment of an object is no column.
    void add_to(Query& query) const;
    /// Of it, what stands in the columns of operation_by_who and operation_by_whom, but for the end that
    /// leads there.
    void add_ends_and_acts(Query& query, std::size_t but) const;
    /// Protocol and outcomes, as the columns of a sum have them.
    void add_kind_of_sum(Query& query) const;

private:
    struct Word {
        std::string word;
        Nodes known;                  ///< what is known by it
        Commented::Matches commented; ///< objects whose comment has it
    };
    explicit Chosen(const OperationFilter& filter) : filter_{&filter} {}
    void choose_acts();
    void add_outcomes(Query& query) const;
    const OperationFilter* filter_;
    std::vector<Nodes> ends_;
    std::vector<Word> words_;
    std::optional<Commented> commented_; ///< where words are asked for
    std::optional<std::vector<std::int64_t>> acts_;
    bool nobody_ = false;
};

} // namespace yagura::store::reading
