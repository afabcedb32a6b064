// What the readers share: questions put together at run time, cursors, and who a node is. For this folder.
#pragma once

#include <map>
#include <unordered_map>
#include <variant>

#include "spine/store/answers.h"
#include "spine/store/database.h"
#include "spine/store/devices.h"

namespace yagura::store::reading {

#define YAGURA_STORE_DO(...)                                                                                 \
    if (auto done_ = (__VA_ARGS__); !done_) return std::unexpected {                                         \
            std::move(done_).error()                                                                         \
        }

inline std::int64_t ns(Time at) noexcept { return at.time_since_epoch().count(); }
inline Time from_ns(std::int64_t at) noexcept { return Time{std::chrono::nanoseconds{at}}; }
inline constexpr std::int64_t day_ns = 86'400'000'000'000, hour_ns = 3'600'000'000'000,
                              half_hour_ns = hour_ns / 2, minute_ns = 60'000'000'000;
/// The minute, half hour, hour since 1970 that a time is in. A division goes towards zero: before 1970 it is
/// one further back.
inline std::int64_t part_of_time(std::int64_t at, std::int64_t width) noexcept {
    return at / width - (at % width < 0);
}

/// SQL with its values beside it: nothing that came from outside ever becomes SQL.
class Query {
public:
    using Value = std::variant<std::int64_t, std::string, std::vector<std::byte>>;
    explicit Query(std::string_view sql, std::vector<Value> values = {})
        : sql_{sql}, values_{std::move(values)} {}
    Query& add(std::string_view sql) {
        sql_ += sql;
        return *this;
    }
    /// Each '?' of `sql` stands for the next value.
    template <class... Values>
    Query& add(std::string_view sql, const Values&... values) {
        sql_ += sql;
        (values_.push_back(value(values)), ...);
        return *this;
    }
    /// "(?, ?, ?)"; an empty list fits nothing.
    template <class List>
    Query& add_list(const List& list) {
        sql_ += '(';
        bool first = true;
        for (const auto& one : list) {
            sql_ += std::exchange(first, false) ? "?" : ", ?";
            values_.push_back(value(one));
        }
        sql_ += ')';
        return *this;
    }
    const std::string& sql() const noexcept { return sql_; }
    const std::vector<Value>& values() const noexcept { return values_; }
    template <class Use>
    Result<void> each(Database& database, Use&& use) const {
        YAGURA_TRY(auto statement, database.prepare(sql_));
        return each(statement, std::forward<Use>(use));
    }
    /// For what is asked again and again in the same words: prepared once for a connection. Not for lists,
    /// whose words differ with their length.
    template <class Use>
    Result<void> each_again(Database& database, Use&& use) const {
        YAGURA_TRY(auto* const statement, database.cached(sql_));
        return each(*statement, std::forward<Use>(use));
    }
    /// With a statement that was prepared of this SQL.
    template <class Use>
    Result<void> each(Statement& statement, Use&& use) const {
        int at = 0;
        for (const auto& one : values_) {
            ++at;
            if (const auto* number = std::get_if<std::int64_t>(&one)) statement.bind(at, *number);
            if (const auto* text = std::get_if<std::string>(&one))
                statement.bind(at, std::string_view{*text});
            if (const auto* bytes = std::get_if<std::vector<std::byte>>(&one))
                statement.bind(at, Bytes{*bytes});
        }
        return statement.each(std::forward<Use>(use));
    }
    Result<std::int64_t> number(Database& database) const {
        std::int64_t found = 0;
        auto done = each(database, [&](const Row& row) {
            found = row.integer(0);
            return false;
        });
        if (!done) return std::unexpected{std::move(done).error()};
        return found;
    }

    Result<std::int64_t> number_again(Database& database) const {
        std::int64_t found = 0;
        auto done = each_again(database, [&](const Row& row) {
            found = row.integer(0);
            return false;
        });
        if (!done) return std::unexpected{std::move(done).error()};
        return found;
    }

private:
    static Value value(std::string_view text) { return std::string{text}; }
    static Value value(const std::string& text) { return text; }
    static Value value(const Value& one) { return one; }
    static Value value(const std::vector<std::byte>& bytes) { return bytes; }
    template <class T>
        requires std::is_integral_v<T> || std::is_enum_v<T>
    static Value value(T number) {
        return static_cast<std::int64_t>(number);
    }
    std::string sql_;
    std::vector<Value> values_;
};

/// The sort key and the id of a page's last row.
struct Place {
    Query::Value key;
    std::int64_t id = 0;
};
std::string cursor(const Place& place);
/// Nothing for the first page; the complaint store.bad-cursor for what we never gave out.
Result<std::optional<Place>> place(const std::string& cursor);
Place place_of(const Row& row, int key, int id);

std::string line_text(std::int64_t id);
std::string upload_text(std::int64_t id);
std::optional<std::int64_t> number_of(std::string_view text, std::string_view prefix);
std::string device_text(std::int64_t id);
/// The device that this one is now, if it was merged; nothing if it never was.
Result<std::optional<std::int64_t>> device_number(Database& state, std::string_view text);
Result<std::vector<std::int64_t>> nodes_of_device(Database& state, std::int64_t device);

/// What "now", "new" and "quiet" mean, from the packets that came.
struct Moment {
    std::int64_t now = 0;   ///< latest packet
    std::int64_t begun = 0; ///< first packet of any source
    bool live = false;      ///< a sensor could see lately
    std::int64_t clock = 0; ///< ours, for what ends on a date
    /// SQL for pending, approved, rejected, temporary, expired.
    std::string approval() const;
    /// SQL for usual, new, quiet, unknown; `s` is the table shown.
    std::string state() const;
};
Result<Moment> moment(Database& state);

/// Node → device, for all nodes that have one now.
Result<std::unordered_map<std::int64_t, std::int64_t>> devices_of_nodes(Database& state);

/// How many acts a row of `operation` or of `pair` stands for: a request and its answer are one, and what was
/// told at once is in no window (spine/worker/fold.h). An answer that was told by itself, because its value
/// had changed, belongs to a request that a window counts; where only answers are seen, they are the acts.
inline constexpr std::string_view acts_of_operation =
    "(CASE WHEN many = 0 THEN answers = 0 OR last > at OR effect > 1 WHEN messages > answers + refusals THEN "
    "messages - "
    "answers - refusals WHEN messages > 1 THEN messages ELSE 0 END)";
inline constexpr std::string_view acts_of_pair =
    "(CASE WHEN messages > answers + refusals THEN messages - answers - refusals ELSE messages END)";

/// What the conversation of an act is called, where another protocol carries it: a conversation has the name
/// of the outermost protocol that claimed it, an act that of the innermost.
std::string_view carried_by(std::string_view protocol) noexcept;

std::string carrier_text(std::uint16_t carrier);
std::string address_of(std::int64_t kind, Bytes mark);

/// Who nodes are now; asks once for each.
class Who {
public:
    explicit Who(Database& state) : state_{state} {}
    Database& state() const noexcept { return state_; }
    DeviceRef node(std::int64_t node);
    DeviceRef device(std::int64_t device);
    std::int64_t device_number_of(std::int64_t node); ///< 0: none
    EvidenceRef evidence(std::uint32_t source, std::uint64_t frame, std::uint32_t offset, Time at,
                         std::string_view protocol);

private:
    Database& state_;
    std::unordered_map<std::int64_t, std::int64_t> nodes_;
    std::unordered_map<std::int64_t, DeviceRef> devices_, bare_;
    std::unordered_map<std::uint32_t, std::pair<std::string, std::string>> sources_;
};

std::vector<std::string> split(std::string_view text);

/// The columns of `shown s LEFT JOIN line l` in the order of row_of().
std::string shown_columns(const Moment& moment);
inline constexpr int shown_columns_count = 30;
DeviceRow row_of(const Row& row);
Result<void> count_peers(Database& state, DeviceRow& row, std::int64_t device);

} // namespace yagura::store::reading
