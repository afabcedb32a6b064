// A detector's table: bounded, the one that was not asked for longest goes, and what changed is known, so
// that the store keeps it and a restart goes on where it stopped.
#pragma once

#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "see/health/pack.h"
#include "spine/base/hash.h"

namespace yagura::see::health {

/// One entry of a table as the store keeps it. `gone`: it was forgotten.
struct MemoryRow {
    std::uint8_t table = 0;
    std::string key{}, value{};
    bool gone = false;
};

/// `State` has pack(Packer&) and unpack(Unpacker&). Entries stay where they are until they are forgotten.
template <class State>
class Remembered {
public:
    Remembered(std::uint8_t table, std::size_t most) : table_{table}, most_{most} {}

    State* find(const std::string& key) {
        const auto found = index_.find(key);
        if (found == index_.end()) return nullptr;
        order_.splice(order_.begin(), order_, found->second);
        return &found->second->state;
    }
    /// The one that is there, or a fresh one.
    State& at(const std::string& key) {
        if (auto* const there = find(key)) return *there;
        if (index_.size() >= most_) {
            auto& old = order_.back();
            changed_.push_back({old.key, true});
            index_.erase(old.key);
            order_.pop_back();
            ++forgotten_;
        }
        order_.push_front({key, {}, false});
        index_.emplace(order_.front().key, order_.begin());
        return order_.front().state;
    }
    /// It has to be written.
    void touch(const std::string& key) {
        const auto found = index_.find(key);
        if (found == index_.end() || found->second->changed) return;
        found->second->changed = true;
        changed_.push_back({key, false});
    }
    /// Most recently used first. `use` may change an entry, not the table.
    template <class Use>
    void each(Use&& use) {
        for (auto& entry : order_) use(std::as_const(entry.key), entry.state);
    }

    void take(std::vector<MemoryRow>& into) {
        for (auto& [key, gone] : changed_) {
            if (gone) {
                // It may have come back since: then its own line follows.
                into.push_back({table_, key, {}, true});
                continue;
            }
            const auto found = index_.find(key);
            if (found == index_.end()) continue;
            found->second->changed = false;
            Packer out;
            found->second->state.pack(out);
            into.push_back({table_, key, out.take(), false});
        }
        changed_.clear();
    }
    bool load(const MemoryRow& row) {
        if (row.table != table_) return false;
        Unpacker in{row.value};
        State state;
        state.unpack(in);
        if (in.whole()) at(row.key) = std::move(state);
        return true;
    }

    std::size_t size() const noexcept { return index_.size(); }
    std::size_t most() const noexcept { return most_; }
    std::uint64_t forgotten() const noexcept { return forgotten_; }

private:
    struct Entry {
        std::string key;
        State state;
        bool changed = false;
    };
    struct Change {
        std::string key;
        bool gone = false;
    };
    struct Hash {
        std::size_t operator()(std::string_view key) const noexcept { return Hasher{}.add(key).finish(); }
    };
    std::uint8_t table_;
    std::size_t most_;
    std::list<Entry> order_;
    std::unordered_map<std::string, typename std::list<Entry>::iterator, Hash> index_;
    std::vector<Change> changed_;
    std::uint64_t forgotten_ = 0;
};

} // namespace yagura::see::health
