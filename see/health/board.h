// The findings that are open or were lately, and what of them is to be written.
#pragma once

#include "see/health/finding.h"
#include "see/health/remembered.h"

namespace yagura::see::health {

class Board {
public:
    explicit Board(std::size_t most) : most_{most} {}

    /// Says it again, or for the first time: `first`, and `times` where the detector does not count itself,
    /// go on from what is known. `last` and `until` never go back.
    void raise(Finding finding);
    /// It is over since `at`.
    void end(const std::string& key, observe::Time at);
    /// It was never more than a part of another one.
    void drop(const std::string& key);
    bool open(const std::string& key, observe::Time now) const;

    std::vector<Finding> take();
    void load(Finding finding);

    std::size_t size() const noexcept { return findings_.size(); }
    std::size_t most() const noexcept { return most_; }
    std::uint64_t forgotten() const noexcept { return forgotten_; }

private:
    struct Entry {
        Finding finding;
        bool changed = false;
    };
    struct Hash {
        std::size_t operator()(std::string_view key) const noexcept { return Hasher{}.add(key).finish(); }
    };
    void make_room();
    void touch(Entry& entry);

    std::size_t most_;
    std::unordered_map<std::string, Entry, Hash> findings_;
    std::vector<std::string> changed_;
    std::vector<Finding> leaving_; ///< forgotten before anybody was told
    std::uint64_t forgotten_ = 0;
};

} // namespace yagura::see::health
