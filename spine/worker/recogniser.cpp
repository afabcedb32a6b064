#include "spine/worker/recogniser.h"

#include <algorithm>
#include <bit>

namespace yagura::worker {

using dissect::Dissector;
using dissect::Likeness;

namespace {
constexpr std::size_t words_most = 16; ///< 1,024 marks over one carrier; the constructor stops at more
}

Recogniser::Recogniser(Rows rows) : rows_{rows} {
    for (const std::string_view name : {"ethernet", "ip", "tcp", "udp"})
        tables_.push_back({.name = name, .decisive = name == "ethernet" || name == "ip"});
    for (const auto* row : rows_)
        for (const auto& over : row->facts.over) {
            auto& to = table(over.carrier);
            const bool known = std::ranges::any_of(to.patterns,
                                                   [&](const Pattern& p) { return p.row == row; });
            if (!known)
                for (const auto& mark : row->facts.marks)
                    to.patterns.push_back({row, row->facts.described
                                                    ? std::uint8_t{0}
                                                    : static_cast<std::uint8_t>(std::popcount(mark.mask))});
            if (over.hint != 0)
                to.hinted.push_back({over.hint, row, !row->facts.marks.empty()});
            else if (to.decisive && row->facts.marks.empty())
                to.always.push_back(row);
        }
    for (auto& one : tables_) build(one);
}

Recogniser::Table& Recogniser::table(std::string_view name) {
    const auto found = std::ranges::find(tables_, name, &Table::name);
    if (found != tables_.end()) return *found;
    return tables_.emplace_back(Table{.name = name, .decisive = true});
}

void Recogniser::build(Table& table) {
    std::ranges::stable_sort(table.hinted, {}, &Hinted::hint);
    if (table.patterns.size() > words_most * 64) table.patterns.resize(words_most * 64);
    table.words = (table.patterns.size() + 63) / 64;
    std::size_t pattern = 0;
    const Dissector* before = nullptr;
    std::size_t mark_number = 0;
    for (; pattern < table.patterns.size(); ++pattern) {
        const auto* row = table.patterns[pattern].row;
        mark_number = row == before ? mark_number + 1 : 0;
        before = row;
        const auto& mark = row->facts.marks[mark_number];
        for (std::size_t i = 0; i < 4; ++i) {
            const auto shift = 24 - 8 * i;
            const auto mask = mark.mask >> shift & 0xff, value = mark.value >> shift & 0xff;
            if (mask == 0) continue;
            const auto offset = static_cast<std::uint16_t>(mark.offset + i);
            auto place = std::ranges::find(table.places, offset, &Place::offset);
            if (place == table.places.end()) {
                table.places.push_back({offset,
                                        std::vector<std::uint64_t>(256 * table.words, ~std::uint64_t{0}),
                                        std::vector<std::uint64_t>(table.words)});
                place = std::prev(table.places.end());
            }
            const auto bit = std::uint64_t{1} << pattern % 64;
            place->needs[pattern / 64] |= bit;
            for (std::size_t byte = 0; byte < 256; ++byte)
                if ((byte & mask) != value) place->agrees[byte * table.words + pattern / 64] &= ~bit;
        }
    }
}

std::optional<Recogniser::Carrier> Recogniser::carrier(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < tables_.size(); ++i)
        if (tables_[i].name == name) return static_cast<Carrier>(i);
    return std::nullopt;
}

std::size_t Recogniser::places(Carrier carrier) const noexcept { return tables_[carrier].places.size(); }

std::uint16_t Recogniser::number_of(const Dissector& row) const noexcept {
    const auto found = std::ranges::find(rows_, &row);
    return found == rows_.end() ? 0 : static_cast<std::uint16_t>(found - rows_.begin() + 1);
}

bool Recogniser::fits(const Table& table, const Dissector& row, Hints hints) noexcept {
    return std::ranges::any_of(row.facts.over, [&](const dissect::Over& over) {
        return over.carrier == table.name && over.hint != 0 &&
               (over.hint == hints.one || over.hint == hints.another);
    });
}

std::size_t Recogniser::candidates(const Table& table, Bytes bytes, Hints hints, Candidates& out,
                                   bool& patient) const noexcept {
    std::size_t count = 0;
    const auto add = [&](const Dissector* row, bool hinted, std::uint8_t bits) {
        const auto rank = static_cast<std::uint8_t>((hinted ? 64 : 0) + bits);
        for (std::size_t i = 0; i < count; ++i)
            if (out[i].row == row) return;
        auto at = count;
        for (; at > 0 && out[at - 1].rank < rank; --at)
            if (at < out.size()) out[at] = out[at - 1];
        if (at == out.size()) return;
        out[at] = {row, rank, hinted};
        count = std::min(count + 1, out.size());
    };

    std::array<std::uint64_t, words_most> left;
    std::array<std::uint64_t, words_most> waits{};
    std::fill_n(left.begin(), table.words, ~std::uint64_t{0});
    for (const auto& place : table.places) {
        if (place.offset < bytes.size()) {
            const auto* agrees =
                &place.agrees[std::to_integer<std::size_t>(bytes[place.offset]) * table.words];
            for (std::size_t w = 0; w < table.words; ++w) left[w] &= agrees[w];
        } else {
            for (std::size_t w = 0; w < table.words; ++w) waits[w] |= place.needs[w];
        }
    }
    for (std::size_t w = 0; w < table.words; ++w)
        for (auto set = left[w]; set != 0; set &= set - 1) {
            const auto number = w * 64 + static_cast<std::size_t>(std::countr_zero(set));
            if (number >= table.patterns.size()) break;
            const auto& pattern = table.patterns[number];
            const bool hinted = fits(table, *pattern.row, hints);
            const bool unhinted = std::ranges::none_of(
                pattern.row->facts.over,
                [&](const dissect::Over& over) { return over.carrier == table.name && over.hint == 0; });
            if (table.decisive && !hinted && unhinted) continue;
            if (waits[w] >> number % 64 & 1) // Its mark lies behind what there is.
                patient = true;
            else
                add(pattern.row, hinted, pattern.bits);
        }
    for (const auto hint : {hints.one, hints.another})
        for (auto one = std::ranges::lower_bound(table.hinted, hint, {}, &Hinted::hint);
             hint != 0 && one != table.hinted.end() && one->hint == hint; ++one)
            if (!one->marked) add(one->row, true, 0);
    for (const auto* row : table.always) add(row, false, 0);
    return count;
}

Recogniser::Verdict Recogniser::ask(Carrier carrier, const dissect::Opening& opening, Hints hints, Try when,
                                    const Dissector* except) const noexcept {
    const auto& table = tables_[carrier];
    const auto bytes = opening.latest == observe::Speaker::client ? opening.client : opening.server;
    Verdict best;
    Candidates left;
    const auto count = candidates(table, bytes, hints, left, best.patient);
    bool hinted_waits = false;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& candidate = left[i];
        if (candidate.row == except) continue;
        const auto answer = candidate.row->looks_like(opening);
        if (answer.likeness == Likeness::more) {
            best.patient = true;
            hinted_waits = hinted_waits || candidate.hinted;
        }
        if (answer.likeness <= Likeness::more) continue;
        if (answer.likeness > best.likeness) {
            best.row = candidate.row;
            best.likeness = answer.likeness;
            best.speaker = answer.speaker;
            best.hinted = candidate.hinted;
        }
        if (best.likeness == Likeness::yes) break;
    }
    if (hinted_waits && !best.hinted && when == Try::early) best = {.patient = true};
    if (best.row == nullptr && best.patient) best.likeness = Likeness::more;
    return best;
}

} // namespace yagura::worker
