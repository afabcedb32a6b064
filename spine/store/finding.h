// Rows of a day that may fit, most recent first, by the way into them that has the fewest. For this folder.
#pragma once

#include <queue>

#include "spine/store/chosen.h"

namespace yagura::store::reading {

/// Which sums this day's file has. The writer brings a file up to date when it writes into it; a day that
/// nobody writes into any more stays as it is until it is dropped.
struct SumsThere {
    bool minutes = false; ///< and the indexes: what 0002_sums.sql adds
    bool kinds = false;   ///< in half hours, and objects: what 0003_ends_and_objects.sql adds
    bool pairs = false;   ///< of each two ends; not where there were more of them than have room
};
Result<SumsThere> sums_of(Database& day);
Result<bool> has_sums(Database& day); ///< SumsThere::minutes

/// Which acts of the filter were told on this day, and of which protocols.
Result<std::vector<std::pair<std::int64_t, std::string>>> kinds_of(Database& day, const Chosen& chosen);

struct Spot {
    std::int64_t at = INT64_MAX, id = INT64_MAX;
    friend auto operator<=>(const Spot&, const Spot&) = default;
};

/// Several ordered ways as one: each is read in pieces that grow, so that many ways cost little.
class Finding {
public:
    enum class Way : std::uint8_t {
        time,   ///< every row
        nodes,  ///< of an end's nodes, on either side
        kinds,  ///< of the acts and protocols that are asked for
        failed, ///< of what did not simply work
    };
    /// `before`: exclusive.
    static Result<Finding> of(Database& day, const Chosen& chosen, const Range& range, Spot before,
                              std::size_t wanted);
    Way way() const noexcept { return way_; }
    /// The next one; nothing: that was all.
    Result<std::optional<Spot>> next();

private:
    struct Stream {
        std::size_t sql = 0; ///< of statements_
        std::vector<Query::Value> values;
        std::vector<Spot> found{};
        std::size_t taken = 0, piece = 0;
        Spot last{};
        bool ended = false;
    };
    Finding(Database& day, const Range& range, Spot before) : day_{&day}, range_{range}, before_{before} {}
    Result<void> choose(const Chosen& chosen);
    Result<bool> by_kinds(const Chosen& chosen);
    void by_nodes(const Chosen& chosen, std::size_t end);
    Result<void> fill(Stream& stream);
    Result<void> begin(std::size_t wanted);

    Database* day_;
    Range range_;
    Spot before_;
    Way way_ = Way::time;
    std::vector<std::string> statements_;
    std::vector<std::optional<Statement>> prepared_; ///< of statements_, when it is needed
    std::vector<Stream> streams_;
    std::priority_queue<std::pair<Spot, std::size_t>> heap_;
    Spot given_{};
    std::int64_t rows_of_kinds_ = INT64_MAX;
};

} // namespace yagura::store::reading
