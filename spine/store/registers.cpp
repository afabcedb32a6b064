// Which registers there are, and who reads and writes them. A filter that few of them may fit gathers these
// few by their own index and puts them in order; one that many fit goes down the order until the page is
// full.
#include "spine/store/registers.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "spine/base/text.h"
#include "spine/store/chosen.h"
#include "spine/store/patience.h"
#include "spine/store/registers_writing.h"
#include "spine/store/writer.h"

namespace yagura::store {
namespace {

using namespace reading;

/// So many are gathered and put in order; where more may fit, a page is full soon.
constexpr std::size_t gathered_most = 8'000, of_device_most = 25'000, names_most = 4'000, nodes_most = 20'000,
                      users_shown = 4, near_most = 16, elements_most = 2'048;

std::string register_text(std::int64_t id) { return cat("r0-", id); }
std::optional<std::int64_t> register_number(std::string_view text) { return number_of(text, "r0-"); }

/// What filters and orders ask for, of one row.
struct Narrow {
    std::int64_t id = 0, whom = 0, changed = 0, wrote = 0, writers = 0, number = 0, elements = 0;
    std::string_view protocol{}, part{}, object{}, space{};
    explicit Narrow(const Row& row)
        : id{row.integer(0)},
          whom{row.integer(1)},
          changed{row.integer(2)},
          wrote{row.integer(3)},
          writers{row.integer(4)},
          number{row.integer(5)},
          elements{row.integer(6)},
          protocol{row.text(7)},
          part{row.text(8)},
          object{row.text(9)},
          space{row.text(10)} {}
};
constexpr std::string_view narrow_columns =
    "r.id, r.whom, r.changed, r.wrote, r.writers, n.number, r.elements, "
    "r.protocol, r.part, n.object, n.space";

const std::string narrow_rows = cat("SELECT ", narrow_columns,
                                    " FROM register r JOIN register_name n ON n.id = r.name WHERE "),
                  narrow_of_one = cat(narrow_rows, "r.id = ?1");

/// "unit 1", "rack 0 slot 2", "module 993": their words and numbers.
bool may_be_part(std::string_view word) noexcept {
    constexpr std::array<std::string_view, 10> hops{"unit", "network", "node", "station", "module",
                                                    "port", "link",    "rack", "slot",    "subslot"};
    return std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; }) ||
           std::ranges::any_of(hops, [&](std::string_view hop) { return hop.find(word) != hop.npos; });
}

using Ids = std::unordered_set<std::int64_t>;

/// A word of the filter, and where it may be found.
struct Word {
    std::string word{};
    Ids names{}, nodes{};
    bool all_names = false; ///< too many names have it to be gathered
    Commented::Matches commented{};
};

class Choosing {
public:
    static Result<Choosing> of(Database& state, const RegisterFilter& filter);
    bool nobody() const noexcept { return nobody_; }
    bool fits(const Narrow& row);
    /// Ids of the rows that may fit; nothing: there may be too many.
    Result<std::optional<std::vector<std::int64_t>>> gathered();

private:
    Choosing(Database& state, const RegisterFilter& filter) : state_{&state}, filter_{&filter} {}
    Result<void> find_ends();
    Result<void> find_words();
    Result<void> find_devices();
    Result<void> find_names(Word& word);
    bool uses(const Narrow& row, const std::optional<std::string>& who, bool writes);
    Result<std::size_t> count_of_nodes(const Ids& nodes);
    Result<std::size_t> count_of_names(const Ids& names);
    bool covers(const Narrow& row) const noexcept {
        return place_.number >= 0 && row.space == place_.space && row.number <= place_.number &&
               place_.number < row.number + std::max<std::int64_t>(1, row.elements);
    }

    Database* state_;
    const RegisterFilter* filter_;
    bool nobody_ = false;
    std::optional<Ids> whose_{};                    ///< nodes, of device and line
    std::optional<std::string> reads_{}, writes_{}; ///< nodes, as JSON
    RegisterPlace place_{};                         ///< the whole text is an address
    Ids place_names_{};
    std::vector<Word> words_{};
    std::optional<Commented> commented_{};
};

Result<Choosing> Choosing::of(Database& state, const RegisterFilter& filter) {
    Choosing out{state, filter};
    YAGURA_STORE_DO(out.find_ends());
    if (!out.nobody_) YAGURA_STORE_DO(out.find_words());
    return out;
}

Result<void> Choosing::find_ends() {
    const auto device = [&](const std::string& id) -> Result<std::optional<Ids>> {
        if (id.empty()) return std::optional<Ids>{};
        YAGURA_TRY(const auto number, device_number(*state_, id));
        nobody_ |= !number;
        if (!number) return std::optional<Ids>{};
        YAGURA_TRY(const auto nodes, nodes_of_device(*state_, *number));
        return std::optional{Ids{nodes.begin(), nodes.end()}};
    };
    YAGURA_TRY(whose_, device(filter_->device));
    YAGURA_TRY(const auto reads, device(filter_->reader));
    YAGURA_TRY(const auto writes, device(filter_->writer));
    if (reads) reads_ = set_of(*reads);
    if (writes) writes_ = set_of(*writes);
    if (!filter_->line.empty()) {
        Ids line;
        YAGURA_STORE_DO(Query{"SELECT l.node FROM link l JOIN shown s ON s.device = l.device WHERE l.ends IS "
                              "NULL AND s.line = "}
                            .add("?", number_of(filter_->line, "l0-").value_or(-1))
                            .each_again(*state_, [&](const Row& row) {
                                if (!whose_ || whose_->contains(row.integer(0))) line.insert(row.integer(0));
                            }));
        whose_ = std::move(line);
    }
    return {};
}

Result<void> Choosing::find_words() {
    const auto text = lower(filter_->text);
    YAGURA_TRY(commented_, Commented::of(*state_));
    auto all = split(text);
    if (all.empty()) return {};
    // "holding register 107" is one address; so is "D107".
    const auto begin = text.find_first_not_of(' ');
    const auto trimmed = text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
    if (auto place = place_of_object(trimmed); place.number >= 0) {
        YAGURA_STORE_DO(
            Query{"SELECT id FROM register_name WHERE space = "}
                .add("? AND number BETWEEN ? AND ?", place.space,
                     place.number - static_cast<std::int64_t>(elements_most), place.number)
                .each_again(*state_, [&](const Row& row) { place_names_.insert(row.integer(0)); }));
        if (!place_names_.empty()) place_ = std::move(place);
    }
    for (auto& word : all) words_.push_back({.word = std::move(word)});
    YAGURA_STORE_DO(find_devices());
    for (auto& one : words_) {
        YAGURA_STORE_DO(find_names(one));
        YAGURA_TRY(one.commented, commented_->matches(one.word));
        // Units are of devices that are known by nothing else: "unit 3" is looked for in the rows.
        nobody_ |= place_.number < 0 && one.names.empty() && one.nodes.empty() && one.commented.empty() &&
                   !may_be_part(one.word);
        if (nobody_) return {};
    }
    return {};
}

/// What the words are known of: all of them in one look.
Result<void> Choosing::find_devices() {
    std::vector<Ids> devices(words_.size());
    YAGURA_STORE_DO(Query{"SELECT device, words FROM shown"}.each_again(*state_, [&](const Row& row) {
        const auto known = row.text(1);
        for (std::size_t i = 0; i < words_.size(); ++i)
            if (known.find(words_[i].word) != known.npos) devices[i].insert(row.integer(0));
    }));
    for (std::size_t i = 0; i < words_.size(); ++i) {
        if (devices[i].empty()) continue;
        YAGURA_STORE_DO(
            Query{"SELECT node FROM link WHERE ends IS NULL AND device IN (SELECT value FROM json_each("}
                .add("?))", set_of(devices[i]))
                .each_again(*state_, [&](const Row& row) { words_[i].nodes.insert(row.integer(0)); }));
    }
    return {};
}

Result<void> Choosing::find_names(Word& word) {
    const auto take = [&](const Row& row) {
        word.all_names = word.names.size() >= names_most;
        if (!word.all_names) word.names.insert(row.integer(0));
        return !word.all_names;
    };
    // The index knows three letters and more; less is in nearly every name.
    if (word.word.size() < 3)
        return Query{"SELECT id FROM register_name WHERE instr(lower(object), "}
            .add("?) > 0", word.word)
            .each_again(*state_, take);
    std::string quoted = "\"";
    for (const char c : word.word) quoted += c == '"' ? std::string{"\"\""} : std::string{c};
    return Query{"SELECT rowid FROM register_word WHERE object MATCH "}
        .add("?", quoted + '"')
        .each_again(*state_, take);
}

bool Choosing::uses(const Narrow& row, const std::optional<std::string>& who, bool writes) {
    if (!who) return true;
    bool found = false;
    (void)Query{"SELECT 1 FROM register_user WHERE register = "}
        .add("? AND writes = ? AND who IN (SELECT value FROM json_each(?)) LIMIT 1", row.id,
             std::int64_t{writes}, *who)
        .each_again(*state_, [&](const Row&) { found = true; });
    return found;
}

bool Choosing::fits(const Narrow& row) {
    const auto& filter = *filter_;
    using enum RegisterFilter::Written;
    if (filter.written == never && row.wrote != 0) return false;
    if (filter.written == once && row.wrote == 0) return false;
    if (filter.written == several && row.writers < 2) return false;
    if (filter.changed_since != Time{} && row.changed < ns(filter.changed_since)) return false;
    if (!filter.protocol.empty() && row.protocol != filter.protocol) return false;
    if (whose_ && !whose_->contains(row.whom)) return false;
    const bool said = covers(row) || std::ranges::all_of(words_, [&](const Word& one) {
                          return holds(row.object, one.word) || holds(row.part, one.word) ||
                                 one.nodes.contains(row.whom) ||
                                 commented_->among(one.commented, row.whom, row.part, row.object);
                      });
    return said && uses(row, writes_, true) && uses(row, reads_, false);
}

Result<std::size_t> Choosing::count_of_nodes(const Ids& nodes) {
    if (nodes.size() > nodes_most) return SIZE_MAX;
    YAGURA_TRY(
        const auto many,
        Query{"SELECT coalesce(sum(registers), 0) FROM register_node WHERE whom IN (SELECT value FROM "}
            .add("json_each(?))", set_of(nodes))
            .number_again(*state_));
    return static_cast<std::size_t>(many);
}

Result<std::size_t> Choosing::count_of_names(const Ids& names) {
    YAGURA_TRY(const auto many,
               Query{"SELECT coalesce(sum(registers), 0) FROM register_name WHERE id IN (SELECT value FROM "}
                   .add("json_each(?))", set_of(names))
                   .number_again(*state_));
    return static_cast<std::size_t>(many);
}

Result<std::optional<std::vector<std::int64_t>>> Choosing::gathered() {
    std::optional<std::vector<std::int64_t>> out;
    // Of the conditions the one that the fewest may fit.
    const auto users = [&](const std::optional<std::string>& who, bool writes) -> Result<void> {
        if (!who || out) return {};
        std::vector<std::int64_t> found;
        YAGURA_STORE_DO(
            Query{"SELECT register FROM register_user WHERE who IN (SELECT value FROM json_each("}
                .add(cat("?)) AND writes = ? LIMIT ", gathered_most + 1), *who, std::int64_t{writes})
                .each_again(*state_, [&](const Row& row) { found.push_back(row.integer(0)); }));
        if (found.size() <= gathered_most) out = std::move(found);
        return {};
    };
    YAGURA_STORE_DO(users(writes_, true));
    YAGURA_STORE_DO(users(reads_, false));
    if (out) {
        std::ranges::sort(*out);
        out->erase(std::unique(out->begin(), out->end()), out->end());
        return out;
    }
    std::size_t least = SIZE_MAX;
    std::string nodes, names;
    if (whose_) {
        YAGURA_TRY(least, count_of_nodes(*whose_));
        nodes = set_of(*whose_);
    }
    for (const auto& word : words_) {
        if (word.all_names || word.nodes.size() >= nodes_most) continue;
        auto of_word = word.names;
        // What the plant calls so, by its address.
        bool too_many = false;
        for (const auto& [list, objects] : word.commented) {
            too_many |= objects.size() > names_most;
            if (too_many) break;
            for (const auto& object : objects)
                YAGURA_STORE_DO(
                    Query{"SELECT id FROM register_name WHERE object = "}
                        .add("? COLLATE NOCASE OR space = ?", object, cat(object, "."))
                        .each_again(*state_, [&](const Row& row) { of_word.insert(row.integer(0)); }));
        }
        if (too_many) continue;
        if (words_.size() == 1 || place_.number >= 0)
            of_word.insert(place_names_.begin(), place_names_.end());
        YAGURA_TRY(const auto by_name, count_of_names(of_word));
        YAGURA_TRY(const auto by_node, count_of_nodes(word.nodes));
        const auto sum = by_node == SIZE_MAX ? SIZE_MAX : by_name + by_node;
        if (sum >= least) continue;
        least = sum;
        names = set_of(of_word), nodes = set_of(word.nodes);
    }
    const auto most = filter_->device.empty() ? gathered_most : of_device_most;
    if (least > most) return out;
    out.emplace();
    if (nodes.size() > 2)
        YAGURA_STORE_DO(Query{"SELECT id FROM register WHERE whom IN (SELECT value FROM json_each("}
                            .add("?))", nodes)
                            .each_again(*state_, [&](const Row& row) { out->push_back(row.integer(0)); }));
    if (names.size() > 2)
        YAGURA_STORE_DO(Query{"SELECT id FROM register WHERE name IN (SELECT value FROM json_each("}
                            .add("?))", names)
                            .each_again(*state_, [&](const Row& row) { out->push_back(row.integer(0)); }));
    std::ranges::sort(*out);
    out->erase(std::unique(out->begin(), out->end()), out->end());
    return out;
}

struct Line {
    explicit Line(Database& state) : state_{state} {}
    LineRef of(const DeviceRef& device) {
        LineRef out;
        const auto number = number_of(device.id, "d0-");
        if (!number) return out;
        if (const auto known = known_.find(*number); known != known_.end()) return known->second;
        (void)Query{"SELECT l.id, l.name FROM shown s JOIN line l ON l.id = s.line WHERE s.device = "}
            .add("?", *number)
            .each_again(state_, [&](const Row& row) { out = {line_text(row.integer(0)), row.string(1)}; });
        return known_[*number] = out;
    }

private:
    Database& state_;
    std::unordered_map<std::int64_t, LineRef> known_;
};

/// Rows as they are shown.
class Telling {
public:
    static Result<Telling> of(Database& state) {
        YAGURA_TRY(auto commented, Commented::of(state));
        return Telling{state, std::move(commented)};
    }
    Result<std::optional<RegisterRow>> tell(std::int64_t id, std::size_t users);

private:
    Telling(Database& state, Commented commented)
        : state_{&state}, who_{state}, line_{state}, commented_{std::move(commented)} {}
    Result<void> add_users(std::int64_t id, RegisterRow& out, std::size_t most);
    RegisterWrite write_of(const Row& row, int at);

    Database* state_;
    Who who_;
    Line line_;
    Commented commented_;
};

std::uint64_t whole_of(double number) noexcept {
    return number <= 0 ? 0 : static_cast<std::uint64_t>(std::min(number, 9e15));
}

RegisterWrite Telling::write_of(const Row& row, int at) {
    RegisterWrite out;
    if (row.integer(at + 2) == 0) return out;
    out.at = from_ns(row.integer(at));
    out.who = who_.node(row.integer(at + 1));
    out.value = row.string(at + 3);
    out.code = row.as<std::uint32_t>(at + 4);
    out.function = row.string(at + 5);
    out.evidence = who_.evidence(row.as<std::uint32_t>(at + 6), row.as<std::uint64_t>(at + 7), 0, out.at, "");
    if (row.integer(at + 8) == 0) out.operation = cat("o-", day_of(out.at), "-", row.integer(at + 2));
    return out;
}

Result<std::optional<RegisterRow>> Telling::tell(std::int64_t id, std::size_t users) {
    std::optional<RegisterRow> out;
    std::int64_t whom = 0;
    YAGURA_STORE_DO(Query{
        "SELECT r.whom, r.protocol, r.part, n.object, r.elements, r.value, r.previous, r.valued, r.changed, "
        "r.began, r.changes, r.least, r.most, r.reads, r.writes, r.refused, r.first, r.last, "
        "r.users_left_out, r.written_before, r.written, r.written_by, r.written_id, r.written_value, "
        "r.written_code, r.written_function, r.written_source, r.written_frame, r.written_told, r.asked, "
        "r.asked_by, r.asked_id, r.asked_value, r.asked_code, r.asked_function, r.asked_source, "
        "r.asked_frame, r.asked_told FROM register r JOIN register_name n ON n.id = r.name WHERE r.id = "}
                        .add("?", id)
                        .each_again(*state_, [&](const Row& row) {
                            auto& one = out.emplace();
                            one.id = register_text(id);
                            whom = row.integer(0);
                            one.device = who_.node(whom);
                            one.line = line_.of(one.device);
                            one.protocol = row.string(1), one.part = row.string(2),
                            one.object = row.string(3);
                            one.elements = row.as<std::uint64_t>(4);
                            one.value = row.string(5), one.previous = row.string(6);
                            if (!one.value.empty()) one.valued = from_ns(row.integer(7));
                            one.changed = from_ns(row.integer(8)), one.began = from_ns(row.integer(9));
                            one.changes = row.as<std::uint64_t>(10);
                            if (!row.null(11)) one.least = row.real(11);
                            if (!row.null(12)) one.most = row.real(12);
                            one.reads = whole_of(row.real(13)), one.writes = whole_of(row.real(14));
                            one.refused = row.as<std::uint64_t>(15);
                            one.first = from_ns(row.integer(16)), one.last = from_ns(row.integer(17));
                            one.users_left_out = row.as<std::uint64_t>(18);
                            one.written = write_of(row, 20);
                            one.written.before = row.string(19);
                            one.asked = write_of(row, 29);
                        }));
    if (!out) return out;
    if (auto comment = commented_.find(whom, out->part, out->object)) out->comment = *std::move(comment);
    YAGURA_STORE_DO(add_users(id, *out, users));
    return out;
}

Result<void> Telling::add_users(std::int64_t id, RegisterRow& out, std::size_t most) {
    std::map<std::int64_t, RegisterUser> readers, writers; // By device; two addresses of one are one.
    YAGURA_STORE_DO(Query{"SELECT who, writes, acts, first, last, value FROM register_user WHERE register = "}
                        .add("?", id)
                        .each_again(*state_, [&](const Row& row) {
                            const auto device = who_.device_number_of(row.integer(0));
                            auto& into = row.integer(1) ? writers : readers;
                            const auto [place, is_new] = into.try_emplace(device ? device : -row.integer(0));
                            auto& user = place->second;
                            const auto first = from_ns(row.integer(3)), last = from_ns(row.integer(4));
                            if (is_new) user = {who_.node(row.integer(0)), 0, first, last, {}};
                            user.count += whole_of(row.real(2));
                            user.first = std::min(user.first, first);
                            if (last >= user.last) user.last = last, user.value = row.string(5);
                        }));
    for (auto [from, to, many] : {std::tuple{&readers, &out.readers, &out.reader_count},
                                  {&writers, &out.writers, &out.writer_count}}) {
        *many = from->size();
        for (auto& [device, user] : *from) to->push_back(std::move(user));
        std::ranges::stable_sort(*to, std::ranges::greater{}, &RegisterUser::count);
        if (to->size() > most) to->resize(most);
    }
    return {};
}

/// A row of the order: the later in time first, those of one time by their ids.
using Spot = std::pair<std::int64_t, std::int64_t>;

} // namespace

Result<std::string> in_ledger(Database& state, const std::string& nodes, std::string_view protocol,
                              std::string_view part, std::string_view object) {
    if (object.empty()) return std::string{};
    YAGURA_TRY(
        const auto id,
        Query{"SELECT r.id FROM register_name n JOIN register r ON r.name = n.id WHERE r.whom IN (SELECT "
              "value FROM json_each("}
            .add("?)) AND r.protocol = ? AND r.part = ? AND n.object = ?", nodes, protocol, part, object)
            .number_again(state));
    return id == 0 ? std::string{} : register_text(id);
}

Result<RegisterList> RegisterReader::list(const RegisterFilter& filter, const Page& page) {
    const Patience patience;
    YAGURA_TRY(auto state, state_.borrow());
    YAGURA_TRY(const auto after, place(page.cursor));
    RegisterList out;
    YAGURA_TRY(const auto use, registers_used(*state));
    out.all = static_cast<std::uint64_t>(use.registers),
    out.forgotten = static_cast<std::uint64_t>(use.forgotten);
    YAGURA_TRY(auto choosing, Choosing::of(*state, filter));
    const bool never_written = filter.written == RegisterFilter::Written::never;
    if (choosing.nobody() || (never_written && filter.sort == RegisterFilter::Sort::written)) {
        out.total = 0;
        return out;
    }
    const auto most = std::clamp<std::size_t>(page.most, 1, rows_most);
    const bool by_write = filter.sort == RegisterFilter::Sort::written;
    const auto key = [&](const Narrow& row) { return by_write ? row.wrote : row.changed; };
    std::optional<Spot> before;
    if (after && std::holds_alternative<std::int64_t>(after->key))
        before = {std::get<std::int64_t>(after->key), after->id};
    std::vector<std::int64_t> ids;
    YAGURA_TRY(const auto gathered, choosing.gathered());
    if (gathered && filter.sort == RegisterFilter::Sort::object) {
        struct Named {
            std::string protocol, part, space, object;
            std::int64_t number, id;
        };
        std::vector<Named> all;
        YAGURA_TRY(auto* const row_of, state->cached(narrow_of_one));
        for (const auto id : *gathered)
            YAGURA_STORE_DO(row_of->each(
                [&](const Row& row) {
                    const Narrow one{row};
                    if (choosing.fits(one))
                        all.push_back({std::string{one.protocol}, std::string{one.part},
                                       std::string{one.space}, std::string{one.object}, one.number, one.id});
                },
                id));
        std::ranges::sort(all, {}, [](const Named& one) {
            return std::tie(one.protocol, one.part, one.space, one.number, one.object, one.id);
        });
        out.total = all.size();
        const auto from = before ? std::min<std::size_t>(
                                       all.size(),
                                       static_cast<std::size_t>(std::max<std::int64_t>(0, before->second)))
                                 : 0;
        for (auto i = from; i < all.size() && ids.size() < most; ++i) ids.push_back(all[i].id);
        if (from + ids.size() < all.size())
            out.next_cursor = cursor({std::int64_t{0}, static_cast<std::int64_t>(from + ids.size())});
    } else if (gathered) {
        std::vector<Spot> all;
        YAGURA_TRY(auto* const row_of, state->cached(narrow_of_one));
        for (const auto id : *gathered)
            YAGURA_STORE_DO(row_of->each(
                [&](const Row& row) {
                    const Narrow one{row};
                    if (choosing.fits(one)) all.emplace_back(key(one), one.id);
                },
                id));
        std::ranges::sort(all, std::ranges::greater{});
        out.total = all.size();
        auto from = before ? std::ranges::upper_bound(all, *before, std::ranges::greater{}) : all.begin();
        for (; from != all.end() && ids.size() < most; ++from) ids.push_back(from->second);
        if (from != all.end()) out.next_cursor = cursor({std::prev(from)->first, std::prev(from)->second});
    } else {
        const std::string_view column = by_write ? "r.wrote" : "r.changed";
        using enum RegisterFilter::Written;
        // What else is asked for is looked at here, where the time that it takes is.
        const std::string_view way = by_write                    ? "register_by_write"
                                     : filter.written == several ? "register_by_several"
                                     : filter.written == once    ? "register_written"
                                                                 : "register_by_change";
        Query query{cat("SELECT ", narrow_columns, " FROM register r INDEXED BY ", way,
                        " CROSS JOIN register_name n ON n.id = r.name WHERE 1")};
        if (filter.written == several && !by_write) query.add(" AND r.writers > 1");
        if (filter.written == once || by_write) query.add(" AND r.wrote > 0");
        if (filter.changed_since != Time{} && !by_write)
            query.add(" AND r.changed >= ?", ns(filter.changed_since));
        if (before) query.add(cat(" AND (", column, ", r.id) < (?, ?)"), before->first, before->second);
        query.add(cat(" ORDER BY ", column, " DESC, r.id DESC"));
        std::size_t looked = 0;
        Spot last{};
        YAGURA_STORE_DO(query.each(*state, [&](const Row& row) {
            const Narrow one{row};
            if (choosing.fits(one)) {
                if (ids.size() == most) {
                    out.next_cursor = cursor({last.first, last.second});
                    return false;
                }
                ids.push_back(one.id);
                last = {key(one), one.id};
            }
            if (++looked % 256 != 0 || !patience.over()) return true;
            out.next_cursor = cursor({key(one), one.id});
            out.cut = ids.size() < most;
            return false;
        }));
        const bool everything = filter.text.empty() && filter.line.empty() && filter.device.empty() &&
                                filter.reader.empty() && filter.writer.empty() && filter.protocol.empty() &&
                                filter.changed_since == Time{} && filter.written == whatever && !by_write;
        if (everything) out.total = out.all;
        if (!everything && !before && out.next_cursor.empty()) out.total = ids.size();
    }
    YAGURA_TRY(auto telling, Telling::of(*state));
    for (const auto id : ids) {
        YAGURA_TRY(auto row, telling.tell(id, users_shown));
        if (row) out.registers.push_back(*std::move(row));
    }
    return out;
}

Result<std::optional<RegisterRow>> RegisterReader::one(std::string_view id) {
    YAGURA_TRY(auto state, state_.borrow());
    const auto number = register_number(id);
    if (!number) return std::optional<RegisterRow>{};
    YAGURA_TRY(auto telling, Telling::of(*state));
    return telling.tell(*number, SIZE_MAX);
}

Result<std::vector<RegisterNear>> RegisterReader::near(std::string_view id) {
    YAGURA_TRY(auto state, state_.borrow());
    std::vector<RegisterNear> out;
    const auto number = register_number(id);
    if (!number) return out;
    YAGURA_STORE_DO(Query{
        "SELECT o.id, m.object, o.elements, o.written FROM register r JOIN register_name n ON n.id = r.name "
        "JOIN register_name m ON m.space = n.space AND m.number < n.number + max(1, r.elements) AND "
        "m.number > n.number - 2048 JOIN register o ON o.name = m.id AND o.whom = r.whom AND o.protocol = "
        "r.protocol AND o.part = r.part WHERE n.number >= 0 AND o.id <> r.id AND m.number + max(1, "
        "o.elements) > n.number AND r.id = "}
                        .add(cat("? ORDER BY m.number LIMIT ", near_most), *number)
                        .each_again(*state, [&](const Row& row) {
                            out.push_back({register_text(row.integer(0)), row.string(1),
                                           row.as<std::uint64_t>(2), from_ns(row.integer(3))});
                        }));
    return out;
}

} // namespace yagura::store
