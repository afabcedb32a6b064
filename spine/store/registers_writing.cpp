#include "spine/store/registers_writing.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "spine/base/text.h"
#include "spine/store/reading.h"
#include "spine/store/writer.h"

namespace yagura::store {
namespace {

using namespace reading;

constexpr std::size_t elements_most = 2'048, laid_most = 4'096;

template <class... Values>
Result<void> run(Database& state, std::string_view sql, const Values&... values) {
    YAGURA_TRY(auto* const statement, state.cached(sql));
    return statement->run(values...);
}

/// One thing that somebody did to a register, or said of it.
struct Touch {
    std::int64_t arrival = 0, at = 0, whom = 0, who = 0;
    std::string_view protocol{}, part{}, object{}, value{}, function{};
    bool writes = false, answer = false, told = false, many = false;
    observe::Outcome outcome{};
    bool pairs = false; ///< its answer can be told by its number
    double acts = 0, refusals = 0;
    std::uint64_t changes = 0;
    std::uint32_t code = 0, source = 0;
    std::uint64_t frame = 0;
    double least = 0, most = 0;
};

std::optional<double> number_in(std::string_view value) noexcept {
    double out = 0;
    const auto [end, wrong] = std::from_chars(value.data(), value.data() + value.size(), out);
    if (wrong != std::errc{} || end != value.data() + value.size() || !std::isfinite(out))
        return std::nullopt;
    return out;
}

struct Written {
    std::int64_t at = 0, by = 0, id = 0;
    std::string value{}, before{}, function{};
    std::int64_t code = 0, source = 0, frame = 0;
    bool told = false;
};

/// A row of `register` while a batch is written.
struct Held {
    std::int64_t id = 0; ///< 0: it is new
    bool left_out = false;
    std::int64_t elements = 0;
    double reads = 0, writes = 0;
    std::int64_t first = INT64_MAX, last = INT64_MIN;
    std::string value{}, previous{};
    std::int64_t valued = 0, value_id = 0, changed = 0, began = 0, changes = 0;
    std::optional<double> least{}, most{};
    std::int64_t readers = 0, writers = 0, users_left_out = 0, refused = 0;
    Written written{}, asked{};
    struct User {
        double acts = 0;
        std::int64_t first = INT64_MAX, last = INT64_MIN;
        std::string value{};
    };
    std::map<std::pair<std::int64_t, bool>, User> users{}; ///< of this batch

    void take(const Touch& touch);

private:
    void used(std::int64_t who, bool wrote, double acts, std::int64_t at, std::string_view text);
    void set(std::string_view text, std::int64_t at, std::int64_t record);
    void bound(double low, double high);
    void settle(const Written& one, bool had_answer);
};

void Held::used(std::int64_t who, bool wrote, double acts, std::int64_t at, std::string_view text) {
    auto& user = users[{who, wrote}];
    user.acts += acts;
    user.first = std::min(user.first, at);
    if (at >= user.last) {
        user.last = at;
        if (!text.empty()) user.value = text;
    }
    (wrote ? writes : reads) += acts;
}

void Held::bound(double low, double high) {
    least = least ? std::min(*least, low) : low;
    most = most ? std::max(*most, high) : high;
}

void Held::set(std::string_view text, std::int64_t at, std::int64_t record) {
    if (text.empty()) return;
    elements = std::max(elements, static_cast<std::int64_t>(elements_of(text).size()));
    if (const auto number = number_in(text)) bound(*number, *number);
    if (!value.empty() && at < valued) return; // Told late: the days have it, the latest stays.
    auto now = laid_over(value, text);
    if (!value.empty() && now != value) {
        previous = std::move(value);
        changed = at;
        if (began == 0) began = at;
        ++changes;
    }
    value = std::move(now);
    valued = at;
    value_id = record;
}

/// A write that was not refused.
void Held::settle(const Written& one, bool had_answer) {
    used(one.by, true, 1, one.at, one.value);
    if (one.at < written.at) return;
    written = one;
    written.before = value;
    // Where nobody saw an answer, nobody knows whether it is so now.
    if (had_answer) set(one.value, one.at, one.id);
}

void Held::take(const Touch& touch) {
    first = std::min(first, touch.at);
    last = std::max(last, touch.at);
    if (!touch.writes) {
        if (touch.acts > 0 || !touch.value.empty()) used(touch.who, false, touch.acts, touch.at, touch.value);
        set(touch.value, touch.at, touch.arrival);
        if (touch.many && number_in(touch.value) && touch.least <= touch.most &&
            (touch.least != 0 || touch.most != 0))
            bound(touch.least, touch.most);
        // What changed and back within a window is counted, and not told.
        if (touch.many && touch.changes > 1) changes += static_cast<std::int64_t>(touch.changes - 1);
        return;
    }
    const bool refuses = touch.outcome == observe::Outcome::refused;
    Written one{.at = touch.at,
                .by = touch.who,
                .id = touch.arrival,
                .value = std::string{touch.value},
                .function = std::string{touch.function},
                .code = touch.code,
                .source = touch.source,
                .frame = static_cast<std::int64_t>(std::min<std::uint64_t>(touch.frame, INT64_MAX)),
                .told = touch.told};
    if (touch.many) {
        refused += static_cast<std::int64_t>(std::min(touch.refusals, 1e15));
        if (touch.acts <= touch.refusals && refuses) return;
        settle(one, !refuses);
        used(touch.who, true, std::max(0.0, touch.acts - touch.refusals) - 1, touch.at, {});
        return;
    }
    if (touch.answer) {
        if (asked.id != 0 && asked.by == touch.who) {
            if (refuses)
                ++refused;
            else
                settle(asked, true);
            asked = {};
        } else if (refuses) {
            ++refused;
        } else {
            settle(one, true);
        }
        return;
    }
    if (refuses) {
        ++refused;
    } else if (touch.outcome == observe::Outcome::pending && (touch.pairs || touch.told)) {
        if (asked.id != 0) settle(asked, false);
        asked = std::move(one);
    } else {
        settle(one, true);
    }
}

constexpr std::string_view columns =
    "r.id, r.elements, r.reads, r.writes, r.first, r.last, r.value, r.valued, r.value_id, r.previous, "
    "r.changed, "
    "r.began, r.changes, r.least, r.most, r.readers, r.writers, r.users_left_out, r.refused, r.written, "
    "r.written_by, r.written_id, r.written_value, r.written_before, r.written_function, r.written_code, "
    "r.written_source, r.written_frame, r.written_told, r.asked, r.asked_by, r.asked_id, r.asked_value, "
    "r.asked_function, r.asked_code, r.asked_source, r.asked_frame, r.asked_told";

Held held_of(const Row& row) {
    Held out;
    out.id = row.integer(0);
    out.elements = row.integer(1);
    out.reads = row.real(2), out.writes = row.real(3);
    out.first = row.integer(4), out.last = row.integer(5);
    out.value = row.string(6);
    out.valued = row.integer(7), out.value_id = row.integer(8);
    out.previous = row.string(9);
    out.changed = row.integer(10), out.began = row.integer(11), out.changes = row.integer(12);
    if (!row.null(13)) out.least = row.real(13);
    if (!row.null(14)) out.most = row.real(14);
    out.readers = row.integer(15), out.writers = row.integer(16);
    out.users_left_out = row.integer(17), out.refused = row.integer(18);
    out.written = {.at = row.integer(19),
                   .by = row.integer(20),
                   .id = row.integer(21),
                   .value = row.string(22),
                   .before = row.string(23),
                   .function = row.string(24),
                   .code = row.integer(25),
                   .source = row.integer(26),
                   .frame = row.integer(27),
                   .told = row.integer(28) != 0};
    out.asked = {.at = row.integer(29),
                 .by = row.integer(30),
                 .id = row.integer(31),
                 .value = row.string(32),
                 .before = {},
                 .function = row.string(33),
                 .code = row.integer(34),
                 .source = row.integer(35),
                 .frame = row.integer(36),
                 .told = row.integer(37) != 0};
    return out;
}

struct Key {
    std::int64_t whom = 0;
    std::string_view protocol{}, part{}, object{};
    friend bool operator==(const Key&, const Key&) = default;
};
struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
        const std::hash<std::string_view> text;
        return std::hash<std::int64_t>{}(key.whom) * 31 ^ text(key.object) ^ text(key.part) * 7 ^
               text(key.protocol) * 13;
    }
};

class Writing {
public:
    Writing(Database& state, const RegisterLimits& limits) : state_{state}, limits_{limits} {}
    Result<void> take(const Touch& touch);
    Result<void> finish();

private:
    Result<Held*> hold(const Key& key);
    Result<std::int64_t> name_of(std::string_view object);
    Result<void> insert(const Key& key, Held& held);
    Result<void> write(const Held& held);
    Result<void> write_users(Held& held);
    Result<void> make_room();

    Database& state_;
    const RegisterLimits& limits_;
    std::unordered_map<Key, std::size_t, KeyHash> places_{};
    std::vector<std::pair<Key, Held>> held_{}; ///< in the order in which they came
};

Result<Held*> Writing::hold(const Key& key) {
    const auto [place, is_new] = places_.try_emplace(key, held_.size());
    if (!is_new) return &held_[place->second].second;
    static const auto sql = cat("SELECT ", columns,
                                " FROM register_name n JOIN register r ON r.name = n.id AND r.whom = ?1 AND "
                                "r.protocol = ?2 AND r.part = ?3 WHERE n.object = ?4");
    YAGURA_TRY(auto* const ask, state_.cached(sql));
    YAGURA_TRY(auto found, ask->one(held_of, key.whom, key.protocol, key.part, key.object));
    held_.emplace_back(key, found ? *std::move(found) : Held{});
    return &held_.back().second;
}

Result<void> Writing::take(const Touch& touch) {
    YAGURA_TRY(auto* const held, hold({touch.whom, touch.protocol, touch.part, touch.object}));
    held->take(touch);
    return {};
}

Result<std::int64_t> Writing::name_of(std::string_view object) {
    YAGURA_TRY(auto* const ask, state_.cached("SELECT id FROM register_name WHERE object = ?1"));
    YAGURA_TRY(const auto known, ask->one([](const Row& row) { return row.integer(0); }, object));
    if (known) return *known;
    const auto place = place_of_object(object);
    YAGURA_STORE_DO(run(state_, "INSERT INTO register_name VALUES (NULL, 0, ?1, ?2, ?3, 0)", object,
                        place.space, place.number));
    const auto made = state_.last_id();
    YAGURA_STORE_DO(run(state_, "INSERT INTO register_word (rowid, object) VALUES (?1, ?2)", made, object));
    return made;
}

/// Those that were seen longest ago, a hundredth of all at once.
Result<void> Writing::make_room() {
    YAGURA_TRY(const auto use, registers_used(state_));
    if (use.registers < limits_.registers) return {};
    const auto many = std::max<std::int64_t>(1, limits_.registers / 100);
    YAGURA_STORE_DO(
        run(state_, "DELETE FROM register WHERE id IN (SELECT id FROM register ORDER BY last, id LIMIT ?1)",
            many));
    YAGURA_STORE_DO(state_.run("INSERT INTO register_word (register_word, rowid, object) SELECT 'delete', "
                               "id, object FROM register_name "
                               "WHERE registers = 0; DELETE FROM register_name WHERE registers = 0"));
    return run(state_, "UPDATE register_sum SET forgotten = forgotten + ?1", many);
}

Result<void> Writing::insert(const Key& key, Held& held) {
    YAGURA_TRY(auto* const ask, state_.cached("SELECT registers FROM register_node WHERE whom = ?1"));
    YAGURA_TRY(const auto have, ask->one([](const Row& row) { return row.integer(0); }, key.whom));
    if (have.value_or(0) >= limits_.of_node) {
        held.left_out = true;
        const auto acts = static_cast<std::int64_t>(std::min(held.reads + held.writes, 1e15));
        YAGURA_STORE_DO(run(state_, "UPDATE register_sum SET left_out = left_out + ?1", acts));
        return run(state_, "UPDATE register_node SET left_out = left_out + ?2 WHERE whom = ?1", key.whom,
                   acts);
    }
    YAGURA_STORE_DO(make_room());
    YAGURA_TRY(const auto name, name_of(key.object));
    YAGURA_TRY(auto* const number, state_.cached("SELECT coalesce(max(id), 0) + 1 FROM register"));
    YAGURA_TRY(const auto next, number->one([](const Row& row) { return row.integer(0); }));
    held.id = next.value_or(1);
    return run(
        state_,
        "INSERT INTO register (id, site, whom, protocol, part, name, elements, reads, writes, first, last, "
        "value, valued, value_id, previous, changed, began, changes, readers, writers, users_left_out, "
        "written, written_by, written_value, written_before, written_id, written_code, written_function, "
        "written_source, written_frame, written_told, asked, asked_by, asked_value, asked_id, asked_code, "
        "asked_function, asked_source, asked_frame, asked_told, refused, wrote) VALUES (?1, 0, ?2, ?3, ?4, "
        "?5, 0, 0, 0, 0, 0, '', 0, 0, '', 0, 0, 0, 0, 0, 0, 0, 0, '', '', 0, 0, '', 0, 0, 0, 0, 0, '', 0, 0, "
        "'', 0, 0, 0, 0, 0)",
        held.id, key.whom, key.protocol, key.part, name);
}

Result<void> Writing::write_users(Held& held) {
    for (auto& [key, user] : held.users) {
        const auto& [who, writes] = key;
        YAGURA_STORE_DO(run(
            state_,
            "UPDATE register_user SET acts = acts + ?4, first = min(first, ?5), value = CASE WHEN ?6 >= "
            "last AND ?7 <> '' THEN ?7 ELSE value END, last = max(last, ?6) WHERE register = ?1 AND who = "
            "?2 AND writes = ?3",
            held.id, who, writes, user.acts, user.first, user.last, user.value));
        if (state_.changed() != 0) continue;
        auto& many = writes ? held.writers : held.readers;
        if (many >= limits_.users) {
            held.users_left_out += static_cast<std::int64_t>(std::clamp(user.acts, 1.0, 1e15));
            continue;
        }
        ++many;
        YAGURA_STORE_DO(run(state_, "INSERT INTO register_user VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7)",
                            held.id, who, writes, user.acts, user.first, user.last, user.value));
    }
    return {};
}

Result<void> Writing::write(const Held& held) {
    const auto &w = held.written, &a = held.asked;
    return run(
        state_,
        "UPDATE register SET elements = ?2, reads = ?3, writes = ?4, first = ?5, last = ?6, value = ?7, "
        "valued = "
        "?8, value_id = ?9, previous = ?10, changed = ?11, began = ?12, changes = ?13, least = ?14, most = "
        "?15, "
        "readers = ?16, writers = ?17, users_left_out = ?18, refused = ?19, written = ?20, written_by = ?21, "
        "written_id = ?22, written_value = ?23, written_before = ?24, written_function = ?25, written_code = "
        "?26, "
        "written_source = ?27, written_frame = ?28, written_told = ?29, asked = ?30, asked_by = ?31, "
        "asked_id = "
        "?32, asked_value = ?33, asked_function = ?34, asked_code = ?35, asked_source = ?36, asked_frame = "
        "?37, "
        "asked_told = ?38, wrote = max(?20, ?30) WHERE id = ?1",
        held.id, held.elements, held.reads, held.writes, held.first, held.last, held.value, held.valued,
        held.value_id, held.previous, held.changed, held.began, held.changes, held.least, held.most,
        held.readers, held.writers, held.users_left_out, held.refused, w.at, w.by, w.id, w.value, w.before,
        w.function, w.code, w.source, w.frame, w.told, a.at, a.by, a.id, a.value, a.function, a.code,
        a.source, a.frame, a.told);
}

Result<void> Writing::finish() {
    for (auto& [key, held] : held_) {
        if (held.id == 0) YAGURA_STORE_DO(insert(key, held));
        if (held.left_out) continue;
        YAGURA_STORE_DO(write_users(held));
        YAGURA_STORE_DO(write(held));
    }
    return {};
}

bool is_register(const OperationItem& item) noexcept {
    SummedRow row;
    row.act = item.act;
    row.object = item.object;
    return uses_object(row) && item.whom.value != 0;
}

std::int64_t id_of(model::NodeId node) noexcept { return static_cast<std::int64_t>(node.value); }

Touch touch_of(const OperationItem& item) {
    Touch out;
    out.arrival = static_cast<std::int64_t>(item.arrival);
    out.at = ns(item.many ? item.last : item.at);
    out.who = id_of(item.who), out.whom = id_of(item.whom);
    out.protocol = item.protocol, out.part = item.part, out.object = item.object, out.value = item.value;
    out.function = item.function;
    out.writes = writes_object(item.act);
    out.answer = item.answer;
    out.many = item.many;
    out.outcome = item.outcome;
    out.pairs = item.pair != 0;
    out.refusals = static_cast<double>(item.refusals);
    out.changes = item.changes;
    out.code = item.code, out.source = item.source, out.frame = item.frame;
    out.least = item.least, out.most = item.most;
    // As acts_of_operation counts them: a request and its answer are one act.
    if (!item.many)
        out.acts = item.answer ? 0 : 1;
    else if (item.messages > item.answers + item.refusals)
        out.acts = static_cast<double>(item.messages - item.answers - item.refusals);
    else
        out.acts = item.messages > 1 ? static_cast<double>(item.messages) : 0;
    return out;
}

/// One of several that a message told of. Who asked for it speaks of it: it was written; and whether that was
/// done, the answer tells of all of them together.
Touch touch_of(const ToldItem& item) {
    Touch out;
    out.arrival = static_cast<std::int64_t>(item.arrival);
    out.at = ns(item.at);
    out.writes = item.writes;
    out.who = id_of(item.writes ? item.who : item.whom), out.whom = id_of(item.writes ? item.whom : item.who);
    out.protocol = item.protocol, out.part = item.part, out.object = item.what, out.value = item.value;
    out.told = true;
    out.acts = 1;
    out.outcome = item.writes ? observe::Outcome::pending : observe::Outcome::done;
    out.source = item.source, out.frame = item.frame;
    return out;
}

} // namespace

std::string laid_over(const std::string& value, std::string_view next) {
    if (value.empty()) return std::string{next};
    const auto old = elements_of(value), now = elements_of(next);
    const bool list = value.front() == '[' && value.back() == ']';
    if (!list || old.size() <= now.size() || old.size() > elements_most) return std::string{next};
    std::string out = "[";
    for (std::size_t i = 0; i < old.size(); ++i) {
        if (i != 0) out += ',';
        out += i < now.size() ? now[i] : old[i];
    }
    out += ']';
    return out.size() > laid_most ? std::string{next} : out;
}

RegisterPlace place_of_object(std::string_view object) {
    // Numbers of these are hexadecimal with one maker and decimal with another: where D100 with 16 elements
    // ends can be said, where X10 does, not.
    constexpr std::array<std::string_view, 9> either{"x", "y", "b", "w", "sb", "sw", "dx", "dy", "l"};
    auto end = object.size();
    while (end > 0 && object[end - 1] >= '0' && object[end - 1] <= '9') --end;
    RegisterPlace out{lower(object.substr(0, end)), -1};
    if (end == object.size() || end == 0 || object.size() - end > 12 || out.space.ends_with('.') ||
        std::ranges::find(either, out.space) != either.end())
        return {};
    if (const auto value = number<std::uint64_t>(object.substr(end)))
        out.number = static_cast<std::int64_t>(*value);
    else
        return {};
    return out;
}

Result<void> write_registers(Database& state, const Batch& batch, const RegisterLimits& limits) {
    Writing writing{state, limits};
    auto told = batch.told.begin();
    const auto tell = [&](std::uint64_t before) -> Result<void> {
        for (; told != batch.told.end() && told->arrival < before; ++told)
            if (told->kind == journal::Kind::variable && !told->what.empty()) {
                const auto touch = touch_of(*told);
                if (touch.whom != 0) YAGURA_STORE_DO(writing.take(touch));
            }
        return {};
    };
    for (const auto& item : batch.operations) {
        YAGURA_STORE_DO(tell(item.arrival));
        if (is_register(item)) YAGURA_STORE_DO(writing.take(touch_of(item)));
    }
    YAGURA_STORE_DO(tell(UINT64_MAX));
    return writing.finish();
}

Result<void> forget_registers(Database& state) {
    // With a count of 0 the triggers leave it to us.
    return state.run(
        "UPDATE register_sum SET registers = 0, forgotten = 0, left_out = 0; DELETE FROM register; "
        "DELETE FROM register_user; DELETE FROM register_name; DELETE FROM register_node; INSERT "
        "INTO register_word (register_word) VALUES ('delete-all')");
}

Result<RegisterUse> registers_used(Database& state) {
    YAGURA_TRY(auto* const ask, state.cached("SELECT registers, forgotten, left_out FROM register_sum"));
    RegisterUse out;
    YAGURA_STORE_DO(
        ask->each([&](const Row& row) { out = {row.integer(0), row.integer(1), row.integer(2)}; }));
    return out;
}

} // namespace yagura::store
