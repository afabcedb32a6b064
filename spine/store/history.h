// The closed list of questions to the history: single acts, windows, what was told and what could be seen, in
// one file a day of packet time. Whatever engine keeps it answers these and nothing else; each answer is
// tested by its canonical JSON.
#pragma once

#include <memory>

#include "spine/store/answers.h"
#include "spine/store/database.h"

namespace yagura::store {

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
};
struct OperationList {
    std::vector<OperationRow> operations{}; ///< most recent first
    std::string next_cursor{};
};
struct OperationFilter {
    Range range{};
    std::string device{}, peer{}; ///< ids
    std::string protocol{};
    std::optional<observe::Act> act{};
    std::optional<observe::Effect> effect{};
    std::optional<observe::Outcome> outcome{};
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
};

struct Told {
    std::string id{};
    Time at{};
    std::string kind{}; ///< anomaly, name, login, transfer, log, match, variable
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
    /// Of the plant, of a line's devices or of one device. Without a range, 24 hours up to `wall`, our clock;
    /// or up to the latest packet, where that is older.
    Result<Activity> activity(const Range&, std::size_t buckets, std::string_view line,
                              std::string_view device, Time wall);
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
    struct Inside;
    std::unique_ptr<Inside> in_;
};

} // namespace yagura::store
