// The register ledger, for whoever asks: which registers there are, who reads and who writes them, what
// stands in them and what stood in them at any time that the days still have.
#pragma once

#include "spine/store/history.h"

namespace yagura::store {

struct RegisterUser {
    DeviceRef who{};
    std::uint64_t count = 0;
    Time first{}, last{};
    std::string value{}; ///< that it wrote or got last
};
/// Who wrote it, from where, with what.
struct RegisterWrite {
    Time at{}; ///< Time{}: nobody
    DeviceRef who{};
    std::string value{}, before{}, function{};
    std::uint32_t code = 0;
    std::string operation{}; ///< id; empty: one of several that one message wrote
    EvidenceRef evidence{};
};
struct RegisterRow {
    std::string id{};
    DeviceRef device{};
    LineRef line{};
    std::string protocol{}, part{}, object{};
    std::uint64_t elements = 0; ///< values that it has: 16 from D100 on; 0: none was seen
    ObjectComment comment{};
    std::string value{}, previous{};
    Time valued{}, changed{}, began{}; ///< changed, began: the latest and the first change
    std::uint64_t changes = 0;
    std::optional<double> least{}, most{}; ///< of single numbers
    std::uint64_t reads = 0, writes = 0, refused = 0;
    Time first{}, last{};
    std::vector<RegisterUser> readers{}, writers{}; ///< most acts first; of a list at most 4
    std::uint64_t reader_count = 0, writer_count = 0, users_left_out = 0;
    RegisterWrite written{}, asked{}; ///< asked: a write that no answer was seen to
};
/// Another one that has some of the same places: D100 .. D115 beside D107.
struct RegisterNear {
    std::string id{}, object{};
    std::uint64_t elements = 0;
    Time written{};
};
struct RegisterFilter {
    std::string device{}, line{}, reader{}, writer{}; ///< ids
    std::string protocol{};
    /// Words, each in object, its comment, unit or what is known of the device. "D107" finds what begins at
    /// D100 and has 16 values, too.
    std::string text{};
    Time changed_since{};
    enum class Written : std::uint8_t { whatever, never, once, several } written{};
    enum class Sort : std::uint8_t { changed, written, object } sort{}; ///< object: of one device
};
struct RegisterList {
    std::vector<RegisterRow> registers{};
    std::optional<std::uint64_t> total{}; ///< where it was counted
    std::string next_cursor{};            ///< may be there although the page is not full
    std::uint64_t all = 0, forgotten = 0;
    bool cut = false; ///< it stopped looking before the page was full
};

struct RegisterChange {
    Time at{};
    std::string value{}, before{}; ///< before empty: nothing was seen before it
    bool writes = false, many = false;
    DeviceRef who{};
    std::string protocol{}, function{};
    std::uint32_t code = 0;
    std::string operation{};
    EvidenceRef evidence{};
};
struct RegisterValues {
    std::vector<RegisterChange> changes{}; ///< most recent first
    std::string next_cursor{};
    // Of the range, as far back as it could be looked at.
    std::uint64_t count = 0;
    Time counted_from{}; ///< Time{}: all of it was
    std::optional<double> least{}, most{};
    struct Distinct {
        std::string value{};
        std::uint64_t times = 0;
        Time last{};
    };
    std::vector<Distinct> set{}; ///< most often first
    std::uint64_t distinct = 0;
    struct Point {
        Time at{};
        double least = 0, most = 0;
    };
    std::vector<Point> points{}; ///< in order of time; several changes as one where there are many
    std::uint64_t left_out = 0;  ///< changes that the days had no room for
};
struct RegisterAt {
    std::optional<RegisterChange> was{}; ///< the latest at or before the time
    Time until{};                        ///< when it changed next; Time{}: it was not told to
};

class RegisterReader {
public:
    RegisterReader(Readers& state, History& history) : state_{state}, history_{history} {}

    Result<RegisterList> list(const RegisterFilter&, const Page&);
    Result<std::optional<RegisterRow>> one(std::string_view id);
    Result<std::vector<RegisterNear>> near(std::string_view id);
    /// `element`: of values that are several, this one; nothing: all of them as they are.
    Result<RegisterValues> values(std::string_view id, const Range&, std::optional<std::size_t> element,
                                  const Page&);
    Result<RegisterAt> at(std::string_view id, Time when, std::optional<std::size_t> element);

private:
    Readers& state_;
    History& history_; ///< whose day files are read
};

} // namespace yagura::store
