// The register ledger into its tables: who reads and writes what, into the state; what the values were, into
// the day. For this folder.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "spine/store/database.h"
#include "spine/store/register_run.h"
#include "spine/store/sums.h"

namespace yagura::store {

struct Batch;
struct ToldItem;

struct RegisterLimits {
    std::int64_t registers = 1'200'000; ///< those seen longest ago make room
    std::int64_t of_node = 20'000;      ///< of one node; further ones are left out
    std::int64_t users = 32;            ///< who read, who write one register: of each
    // Of one day.
    std::int64_t registers_of_day = 500'000, changes_of_day = 5'000'000, changes_of_register = 20'000;
};

/// `value` as it is after somebody read or wrote `next` from its beginning on: who reads 4 of 16 elements
/// says nothing of the others.
std::string laid_over(const std::string& value, std::string_view next);
/// "holding register 107" begins at number 107 of "holding register "; -1: it has no number, or one of an
/// unknown base.
struct RegisterPlace {
    std::string space{};
    std::int64_t number = -1;
};
RegisterPlace place_of_object(std::string_view object);

/// What this batch says of registers, within the transaction that is open there.
Result<void> write_registers(Database& state, const Batch& batch, const RegisterLimits& limits);
Result<void> forget_registers(Database& state);

/// Id of the register of one of these nodes ("[1,2]"); empty: the ledger has none.
Result<std::string> in_ledger(Database& state, const std::string& nodes, std::string_view protocol,
                              std::string_view part, std::string_view object);

struct RegisterUse {
    std::int64_t registers = 0, forgotten = 0, left_out = 0;
};
Result<RegisterUse> registers_used(Database& state);

/// The values of a day, added to its file in the transaction of their rows.
class RegisterDay {
public:
    explicit RegisterDay(const RegisterLimits& limits) : limits_{limits} {}
    /// A row that is new; one that an answer completed.
    void came(const SummedRow& row);
    void completed(const SummedRow& before, const SummedRow& after);
    void told(const ToldItem& item);
    Result<void> flush(Database& day);

    struct Use {
        std::int64_t registers = 0, changes = 0, left_out = 0;
        friend bool operator==(const Use&, const Use&) = default;
    };
    static Result<Use> use_of(Database& day);
    /// From all of its rows, within the transaction that is open there.
    static Result<void> make_again(Database& day, const RegisterLimits& limits);
    /// The same, once, for a day that was written before there were these tables.
    static Result<void> make_if_missing(Database& day, const RegisterLimits& limits);

private:
    using Key =
        std::tuple<std::int64_t, std::string, std::string, std::string>; ///< whom, protocol, part, object
    void add(std::int64_t whom, std::string_view protocol, std::string_view part, std::string_view object,
             RegisterValue value);
    Result<void> write(Database& day, const Key& key, const std::vector<RegisterValue>& values, Use& use);

    RegisterLimits limits_;
    std::map<Key, std::vector<RegisterValue>> values_;
};

} // namespace yagura::store
