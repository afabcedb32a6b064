// From what the model knows to what lists show: chosen values of each device, with what persons said, and the
// changes that somebody who comes back after a day wants to know.
#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "apps/center/decisions.h"
#include "see/ledger/rules.h"
#include "see/portrait.h"

namespace yagura::center {

/// What persons said, by what it hangs on.
struct People {
    std::map<std::int64_t, store::LineRow> lines;
    std::map<std::uint64_t, std::map<std::string, store::CorrectionRow, std::less<>>>
        corrections;                                           ///< by node
    std::map<std::uint64_t, store::ApprovalRow> approvals;     ///< by node
    std::map<std::uint64_t, store::RegroupingRow> regroupings; ///< by their record: the newest
    std::map<std::string, store::SettingRow, std::less<>> settings;
    std::uint64_t ledger_version = 0, ledger_last_entry = 0;
    see::ledger::Rules rules;
    std::set<std::uint64_t> comment_lists;
    std::uint64_t last_comment_list = 0;
    store::AskingRow asking;

    /// The line with the longest subnet that one of these addresses is in.
    std::optional<std::int64_t> line_of(std::span<const observe::Ip> addresses) const;
};

class Portraits {
public:
    Portraits(model::Plant& plant, People& people) : plant_{plant}, people_{people} {}

    void load(const store::Stored& stored);
    /// What changed in the model: which devices have to be drawn anew.
    void changed(const model::Changes& rows, store::Batch& batch);
    /// A person said something about one, or about a line.
    void changed(model::DeviceId device) { waiting_.insert(device.value); }
    void changed_all();
    /// A person said which marks are its: it is drawn, and what is another about it is no news.
    void known(model::DeviceId device);
    /// Draws at most `most` of those that wait. The plant has to be settled.
    void draw(std::size_t most, store::Batch& batch);
    bool idle() const noexcept { return waiting_.empty(); }
    std::size_t devices() const noexcept { return drawn_.size(); }

private:
    struct Drawn {
        std::string name, address, firmware, role;
        std::uint64_t looks = 0; ///< hash of everything but when it was last seen
        bool told = false;       ///< as a new device
        observe::Time last{};    ///< of it, when it was drawn
        store::Approval approval{};
    };
    store::ShownRow shown(const see::Portrait& portrait) const;
    store::Standing standing(const see::Portrait& portrait) const;
    void line_by_rule(store::ShownRow& row, std::vector<observe::Ip> addresses) const;

    model::Plant& plant_;
    People& people_;
    std::set<std::uint64_t> waiting_;
    std::unordered_map<std::uint64_t, Drawn> drawn_;
    std::unordered_set<std::uint64_t> acts_told_; ///< hash of (peer, node, act)
};

} // namespace yagura::center
