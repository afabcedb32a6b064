// The closed list of questions to the history: single acts, windows, what was told and what could be seen, in
// one file a day of packet time. Whatever engine keeps it answers these and nothing else; each answer is
// tested by its canonical JSON.
#pragma once

#include <memory>

#include "spine/store/answers.h"
#include "spine/store/database.h"

namespace yagura::store {

/// What the plant's own list says of an object: "ワーク有り".
struct ObjectComment {
    std::string text{}, name{}; ///< both empty: nothing
    std::string of{};           ///< what the object is a part of, where the list has only that
    std::uint64_t list = 0;
    bool none() const noexcept { return text.empty() && name.empty(); }
    /// What is shown: the comment, or the name where there is none.
    const std::string& shown() const noexcept { return text.empty() ? name : text; }
};

struct OperationRow {
    std::string id{};
    Time at{}, last{};
    DeviceRef who{}, whom{};
    observe::Act act{};
    std::string protocol{};
    std::uint32_t code = 0;
    std::string function{}, part{}, object{}, value{};
    observe::Outcome outcome{};
    std::uint32_t status = 0;
    std::uint64_t count = 0, refused = 0, changes = 0;
    bool many = false;   ///< a window of a repetition
    bool is_new = false; ///< the first of its kind between two that had known each other for a day
    EvidenceRef evidence{};
    ObjectComment comment{};
    std::string in_ledger{}; ///< id of its register there
};
struct OperationList {
    std::vector<OperationRow> operations{}; ///< most recent first
    std::string next_cursor{};              ///< may be there although the page is not full
    Time searched_to{};                     ///< where it stopped looking before it was full
};
/// Empty lists and texts: whatever it is.
struct OperationFilter {
    Range range{};
    std::string device{}, peer{}, line{}; ///< ids
    std::string protocol{};
    /// Words, each in object, its comment, value, function, unit or what is known of either end.
    std::string text{};
    std::vector<observe::Act> acts{};
    std::vector<observe::Effect> effects{};
    std::vector<observe::Outcome> outcomes{}; ///< refused: repetitions with refusals in them, too
    bool first = false;                       ///< only the first time that one did this to the other
};

struct Activity {
    Time from{}, until{};
    std::int64_t bucket_seconds = 0;
    struct Series {
        observe::Act act{};
        std::vector<std::uint64_t> counts{};
    };
    std::vector<Series> series{}; ///< messages, by act
    std::vector<Range> unseen{};  ///< stretches in which nobody could see
    Time counted_from{};          ///< of words: what is older was not looked at any more; Time{}: all was
};

/// Who reads and who writes a register, a variable, a tag.
struct ObjectRow {
    struct User {
        DeviceRef who{};
        std::uint64_t count = 0;
        Time last{};
    };
    std::string protocol{}, part{}, object{};
    std::vector<User> readers{}, writers{}; ///< most messages first
    std::string value{};                    ///< the last one
    Time valued{}, changed{};               ///< when it had it; when it was last told to be another
    Time first{}, last{};
    std::string operation{}; ///< id of the latest act that was told by itself
    std::string in_ledger{}; ///< id of its register there
    ObjectComment comment{};
};
struct ObjectList {
    std::vector<ObjectRow> objects{}; ///< by protocol, part and object, numbers in their order
    std::uint64_t total = 0;          ///< there may be more than are given
    Time since{};                     ///< counted from here on
};
struct ObjectFilter {
    std::string device{}, peer{}; ///< ids
    Range range{};
    std::string protocol{}, text{};
    bool written = false;
};

/// The objects of one device that were seen lately, of all its units.
struct ObjectsSeen {
    std::string device{};                                       ///< id
    std::vector<std::pair<std::string, std::string>> objects{}; ///< unit, object
};

struct Hours; // needs.h

struct Told {
    std::string id{};
    Time at{};
    std::string kind{}; ///< anomaly, name, login, transfer, log, match, variable, state
    DeviceRef who{}, whom{};
    std::string protocol{}, what{}, value{};
    EvidenceRef evidence{};
};

struct CoverageMinute {
    std::uint32_t source = 0; ///< row of the state
    Time minute{};
    std::uint64_t seconds = 0, packets = 0, bytes = 0, dropped = 0, refused = 0, forgotten = 0, lost = 0;
    bool one_sided = false;
};

struct ProtocolUse {
    std::string protocol{};
    std::uint64_t messages = 0;
    Time first{}, last{};
};

class History {
public:
    /// `folder` holds the day files; names and devices come from `state`. Any thread.
    History(std::string folder, Readers& state);
    ~History();

    Result<OperationList> operations(const OperationFilter&, const Page&);
    Result<std::optional<OperationRow>> operation(std::string_view id);
    /// The first bytes of the message that an operation stands in; empty: not kept.
    Result<std::vector<std::byte>> message(std::string_view operation_id);
    /// Of the plant, or of what fits the filter (`first` is not asked). Without a range, 24 hours up to
    /// `wall`, our clock; or up to the latest packet, where that is older.
    Result<Activity> activity(const OperationFilter&, std::size_t buckets, Time wall);
    Result<ObjectList> objects(const ObjectFilter&, std::size_t most);
    /// Of the latest days, up to `most` objects of each device and 100,000 in all.
    Result<std::vector<ObjectsSeen>> objects_seen(std::size_t most);
    /// When these devices were acted on, by whoever did; of the last 31 days that have sums.
    Result<std::vector<Hours>> hours(const std::vector<std::string>& devices);
    /// Messages of each line in equal parts of the range; the key is the line's number, 0: none.
    Result<std::vector<std::pair<std::int64_t, std::vector<std::uint64_t>>>> pulse(const Range&,
                                                                                   std::size_t parts);
    Result<std::vector<Told>> told(std::string_view kind, std::string_view device, const Range&,
                                   std::size_t most);
    Result<std::vector<CoverageMinute>> coverage(const Range&, std::span<const std::uint32_t> sources);
    Result<std::vector<ProtocolUse>> protocols(const Range&);
    /// First and last act between two devices.
    Result<std::optional<Range>> first_and_last(std::string_view device, std::string_view peer);
    Result<std::uint64_t> operations_between(const Range&);
    /// The days that there are, oldest first: "2026-11-24".
    std::vector<std::string> days() const;

private:
    friend class RegisterReader; // The values of registers stand in the same files.
    Result<OperationList> firsts_of(const OperationFilter&, const Range&, bool more, std::size_t most);
    struct Inside;
    std::unique_ptr<Inside> in_;
};

} // namespace yagura::store
