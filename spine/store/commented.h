// The words that the plant's own lists have for what stands in its controllers. For this folder.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "spine/store/history.h"
#include "spine/store/reading.h"

namespace yagura::store::reading {

class Commented {
public:
    /// A plant without lists pays one question for it.
    static Result<Commented> of(Database& state);
    bool none() const noexcept { return uses_.empty(); }

    /// Nothing, where no list of the device says anything. The list that says it of just this object counts,
    /// of several the latest.
    Result<ObjectComment> find(std::int64_t whom, std::string_view part, std::string_view object) const;

    /// Objects whose words have one in them, by list and in small letters.
    using Matches = std::unordered_map<std::int64_t, std::unordered_set<std::string>>;
    Result<Matches> matches(std::string_view word) const;
    bool among(const Matches& matches, std::int64_t whom, std::string_view part,
               std::string_view object) const;

private:
    struct Use {
        std::int64_t list = 0;
        std::string part{};
    };
    explicit Commented(Database& state) : state_{&state} {}
    Database* state_;
    std::unordered_map<std::int64_t, std::vector<Use>> uses_{}; ///< by node
};

} // namespace yagura::store::reading
