// Sums of a day's rows, which charts and registers are read from: added up here while a batch is written, and
// put into the day's file in the transaction of their rows.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "spine/observe/observation.h"
#include "spine/store/database.h"

namespace yagura::store {

/// Of a row of `operation`, what goes into sums. Texts are borrowed.
struct SummedRow {
    std::int64_t id = 0, at = 0, last = 0, who = 0, whom = 0;
    observe::Act act{};
    observe::Outcome outcome{};
    bool many = false;
    std::int64_t refusals = 0, acts = 0;
    std::string_view protocol{}, part{}, object{}, value{};

    static constexpr std::string_view columns =
        "id, at, last, who, whom, act, outcome, many, refusals, acts, protocol, part, object, value";
    explicit SummedRow(const Row& row) noexcept;
    SummedRow() = default;
};

/// What one did to one object: of one act, or of many added up. The order in which they are added does not
/// matter.
struct ObjectUse {
    double acts = 0;
    std::int64_t first = 0, last = 0;
    std::string value{};                    ///< the last one; empty: none was seen
    std::int64_t valued = 0, valued_id = 0; ///< when its act ended, and which it was
    std::int64_t told = 0, told_id = 0;     ///< of the latest act that was told by itself; 0: none was
    std::string told_value{};               ///< one of those that were told by themselves
    bool differs = false;                   ///< there were others
    std::int64_t changed = 0;               ///< when the latest of them was told

    static ObjectUse of(const SummedRow& row);
    void add(const ObjectUse& other);
};
/// Is it an act that reads or writes an object?
bool uses_object(const SummedRow& row) noexcept;
bool writes_object(observe::Act act) noexcept;

namespace summing { // What Sums adds up by.

struct Count {
    std::int64_t rows = 0;
    double acts = 0, refusals = 0;
    bool nothing() const noexcept { return rows == 0 && acts == 0 && refusals == 0; }
    void add(const Count& more) noexcept { rows += more.rows, acts += more.acts, refusals += more.refusals; }
};
struct Kind {
    std::int64_t act = 0;
    std::string protocol{};
    std::int64_t outcome = 0;
    bool refused = false;
    friend auto operator<=>(const Kind&, const Kind&) = default;
};
struct Pair {
    std::int64_t half_hour = 0, whom = 0, who = 0;
    Kind kind{};
    friend auto operator<=>(const Pair&, const Pair&) = default;
};
struct Object {
    std::int64_t whom = 0;
    std::string protocol{}, part{}, object{};
    std::int64_t who = 0;
    bool writes = false;
    friend auto operator<=>(const Object&, const Object&) = default;
};
struct Minute {
    Kind kind{};
    std::int64_t minute = 0;
    friend auto operator<=>(const Minute&, const Minute&) = default;
};

} // namespace summing

class Sums {
public:
    /// Rows in one day's file. What is beyond stays in `operation`, is counted, and is looked for there.
    struct Limits {
        std::int64_t objects = 500'000, objects_of_node = 20'000, pairs = 2'000'000, pairs_waiting = 20'000;
    };
    explicit Sums(const Limits& limits) : limits_{limits} {}

    void came(const SummedRow& row) { count(row, 1), use(row, row.acts); }
    void changed(const SummedRow& before, const SummedRow& after);
    /// Adds all of it to the sums of this day, within the transaction that is open there.
    Result<void> flush(Database& day);

    struct Use {
        std::int64_t objects = 0, objects_left_out = 0, pairs = 0, pairs_waiting = 0, pairs_left_out = 0;
        friend bool operator==(const Use&, const Use&) = default;
    };
    static Result<Use> use_of(Database& day);
    /// Throws the sums of a day away and adds up all of its rows, within the transaction that is open there.
    static Result<void> make_again(Database& day, const Limits& limits);
    /// The same, once, for a day that was written before there were these sums.
    static Result<void> make_if_missing(Database& day, const Limits& limits);

private:
    using Count = summing::Count;
    using Kind = summing::Kind;
    using Minute = summing::Minute;
    using Pair = summing::Pair;
    using Object = summing::Object;
    void count(const SummedRow& row, std::int64_t sign);
    void use(const SummedRow& row, std::int64_t acts);
    static Result<void> flush_minutes(Database& day, const std::map<Minute, Count>& minutes);
    static Result<void> flush_half_hours(Database& day, const std::map<Pair, Count>& pairs);
    Result<void> flush_pairs(Database& day, Use& use);
    Result<void> settle_pairs(Database& day, Use& use);
    Result<void> flush_objects(Database& day, Use& use);
    Result<bool> has_room(Database& day, std::int64_t whom, Use& use);

    Limits limits_;
    std::map<Minute, Count> minutes_;
    std::map<Pair, Count> pairs_;
    /// By hour; rows, to tell how many were left out.
    std::map<Object, std::map<std::int64_t, std::pair<ObjectUse, std::int64_t>>> objects_;
    Minute minute_key_; ///< kept for their memory
    Pair pair_key_;
    Object object_key_;
};

} // namespace yagura::store
