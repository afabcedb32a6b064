// Rows by key within a limit, which know what changed: each of the model's tables that traffic fills.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace yagura::model {

/// Where a row stands, and which of the rows that stood there in turn.
struct RowRef {
    std::uint32_t index = 0, generation = 0;
};

/// A full table forgets a row that was not touched lately (the clock's hand) and counts it.
template <class Key, class Row, class Hash>
class BoundedRows {
public:
    explicit BoundedRows(std::size_t most) : most_{most} {}

    /// `fresh(row, ref)` is called for a key that was not there.
    template <class Fresh>
    Row& touch(const Key& key, Fresh&& fresh) {
        const auto [found, added] = index_.try_emplace(key, 0);
        if (!added) {
            auto& slot = slots_[found->second];
            slot.asked = true;
            mark(found->second);
            return slot.row;
        }
        const auto index = room(found);
        auto& slot = slots_[index];
        slot.key = key;
        slot.row = Row{};
        slot.live = slot.asked = true;
        slot.dirty = false;
        mark(index);
        fresh(slot.row, RowRef{index, slot.generation});
        return slot.row;
    }

    /// What stands under a key, to be changed; nothing where there is no such row.
    Row* change(const Key& key) {
        const auto found = index_.find(key);
        if (found == index_.end()) return nullptr;
        mark(found->second);
        return &slots_[found->second].row;
    }

    const Row* at(RowRef ref) const noexcept {
        const auto& slot = slots_[ref.index];
        return slot.live && slot.generation == ref.generation ? &slot.row : nullptr;
    }
    /// Each row that changed since the last call.
    template <class Use>
    void take_changed(Use&& use) {
        for (const auto index : changed_) {
            auto& slot = slots_[index];
            if (slot.live && std::exchange(slot.dirty, false)) use(std::as_const(slot.row));
        }
        changed_.clear();
    }
    std::uint64_t forgotten() const noexcept { return forgotten_; }
    std::size_t size() const noexcept { return index_.size(); }

private:
    using Index = std::unordered_map<Key, std::uint32_t, Hash>;
    struct Slot {
        Key key{};
        Row row{};
        std::uint32_t generation = 0;
        bool live = false, asked = false, dirty = false;
    };

    void mark(std::uint32_t index) {
        if (std::exchange(slots_[index].dirty, true)) return;
        changed_.push_back(index);
    }
    std::uint32_t room(typename Index::iterator wanted) {
        if (slots_.size() < most_) {
            wanted->second = static_cast<std::uint32_t>(slots_.size());
            slots_.emplace_back();
            return wanted->second;
        }
        for (;;) {
            const auto index = hand_;
            hand_ = static_cast<std::uint32_t>((hand_ + 1) % slots_.size());
            auto& slot = slots_[index];
            if (std::exchange(slot.asked, false)) continue;
            index_.erase(slot.key);
            ++slot.generation;
            ++forgotten_;
            wanted->second = index;
            return index;
        }
    }

    std::size_t most_;
    Index index_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> changed_;
    std::uint32_t hand_ = 0;
    std::uint64_t forgotten_ = 0;
};

} // namespace yagura::model
