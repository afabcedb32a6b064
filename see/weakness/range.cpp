#include "see/weakness/range.h"

#include <algorithm>
#include <array>

#include "spine/base/text.h"

namespace yagura::see::weakness {
namespace {

constexpr std::size_t pieces_most = 64;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view edge = " \t,;-|";
    while (!text.empty() && edge.contains(text.front())) text.remove_prefix(1);
    while (!text.empty() && edge.contains(text.back())) text.remove_suffix(1);
    return text;
}
void replace(std::string& in, std::string_view what, std::string_view by) {
    for (auto at = in.find(what); at != in.npos; at = in.find(what, at + by.size()))
        in.replace(at, what.size(), by);
}

/// Underscores for spaces, dashes of every width as " - " where they stand between two versions.
std::string spaced(std::string_view text) {
    std::string out{text};
    replace(out, "_", " ");
    for (const auto wide : {"\u2013", "\u2014", "\u2012", "\u2015"}) replace(out, wide, " - ");
    replace(out, "\u2264", "<=");
    replace(out, "\u2265", ">=");
    replace(out, "\u00a0", " ");
    for (auto at = out.find("  "); at != out.npos; at = out.find("  ", at)) out.erase(at, 1);
    return out;
}

/// An order number where a version should stand: letters and a digit, and no version's head.
bool looks_like_model(std::string_view text) {
    if (version_of(text)) {
        // "750-852" would be one: three digits, a dash, three digits.
        return text.size() >= 7 && text[3] == '-' &&
               std::ranges::all_of(text.substr(0, 3), [](char c) { return c >= '0' && c <= '9'; });
    }
    const auto digits = std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; });
    return digits >= 2 && text.size() <= 40 && !text.contains('%') && std::ranges::count(text, ' ') <= 1;
}

/// A remark in parentheses that says nothing about which versions: "including the entry class".
bool harmless(std::string_view remark) {
    const auto text = lower(remark);
    for (const auto known : {"including", "these products are sold in limited regions", "sold in limited",
                             "only affected by cve", "former name"})
        if (text.starts_with(known)) return true;
    return false;
}

/// Takes out what stands in parentheses and is prose; "(08)", "(Rev T)", "(5)EA" stay.
std::string without_remarks(std::string text, std::string& condition) {
    for (std::size_t at = 0; (at = text.find('(', at)) != text.npos;) {
        const auto end = std::min(text.find(')', at), text.size() - 1);
        const auto remark = std::string_view{text}.substr(at + 1, end - at - 1);
        const auto longest = [&] {
            std::size_t best = 0, run = 0;
            for (const char c : remark) {
                run = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? run + 1 : 0;
                best = std::max(best, run);
            }
            return best;
        }();
        if (longest < 4) {
            at = end;
            continue;
        }
        if (!harmless(remark)) condition += cat(condition.empty() ? "" : "; ", remark);
        text.erase(at, end - at + 1);
    }
    return text;
}

struct Bound {
    enum class Op : std::uint8_t { is, below, up_to, above, from } op{};
    Version version{};
};

/// Words that say on which side of a version: before it, or behind it.
struct Words {
    std::string_view text;
    Bound::Op op;
};
constexpr Words words_before[]{{"<=", Bound::Op::up_to},
                               {">=", Bound::Op::from},
                               {"=<", Bound::Op::up_to},
                               {"=>", Bound::Op::from},
                               {"<", Bound::Op::below},
                               {">", Bound::Op::above},
                               {"=", Bound::Op::is},
                               {"prior to", Bound::Op::below},
                               {"versions prior to", Bound::Op::below},
                               {"all versions prior to", Bound::Op::below},
                               {"before", Bound::Op::below},
                               {"all versions before", Bound::Op::below},
                               {"earlier than", Bound::Op::below},
                               {"lower than", Bound::Op::below},
                               {"up to and including", Bound::Op::up_to},
                               {"up to", Bound::Op::up_to},
                               {"until", Bound::Op::up_to},
                               {"from", Bound::Op::from},
                               {"since", Bound::Op::from}};
constexpr Words words_behind[]{{"and prior", Bound::Op::up_to},
                               {"and earlier", Bound::Op::up_to},
                               {"or earlier", Bound::Op::up_to},
                               {"or lower", Bound::Op::up_to},
                               {"and lower", Bound::Op::up_to},
                               {"or prior", Bound::Op::up_to},
                               {"and below", Bound::Op::up_to},
                               {"and older", Bound::Op::up_to},
                               {"以前", Bound::Op::up_to},
                               {"以下", Bound::Op::up_to},
                               {"未満", Bound::Op::below},
                               {"より前", Bound::Op::below},
                               {"以降", Bound::Op::from},
                               {"以上", Bound::Op::from},
                               {"and later", Bound::Op::from},
                               {"or later", Bound::Op::from},
                               {"and newer", Bound::Op::from},
                               {"or newer", Bound::Op::from},
                               {"and above", Bound::Op::from},
                               {"or higher", Bound::Op::from},
                               {"and prior versions", Bound::Op::up_to},
                               {"and earlier versions", Bound::Op::up_to}};

/// One version with the words around it.
std::optional<Bound> bound_of(std::string_view text) {
    Bound out;
    text = trimmed(text);
    const auto small = lower(text);
    std::size_t cut = 0;
    bool operated = false;
    for (const auto& one : words_before)
        if (small.starts_with(one.text) && one.text.size() > cut) {
            out.op = one.op;
            cut = one.text.size();
            operated = true;
        }
    text = trimmed(text.substr(cut));
    if (!operated)
        for (const auto& one : words_behind)
            if (lower(text).ends_with(one.text)) {
                out.op = one.op;
                text = trimmed(text.substr(0, text.size() - one.text.size()));
                break;
            }
    const auto version = version_of(text);
    if (!version) return std::nullopt;
    out.version = *version;
    return out;
}

/// "1.265B - 1.285X", ">FW16 up to and including FW26", "R1 through R2".
std::optional<Interval> span_of(std::string_view text) {
    constexpr std::pair<std::string_view, bool> between[]{{" up to and including ", true},
                                                          {" through ", true},
                                                          {" to ", true},
                                                          {" up to ", true},
                                                          {" - ", true},
                                                          {" -", true},
                                                          {" before ", false},
                                                          {" prior to ", false},
                                                          {"～", true},
                                                          {"から", true}};
    const auto small = lower(text);
    for (const auto& [word, with] : between) {
        const auto at = small.find(word);
        if (at == small.npos) continue;
        const auto first = bound_of(text.substr(0, at)), second = bound_of(text.substr(at + word.size()));
        if (!first || !second) continue;
        if (first->op != Bound::Op::is && first->op != Bound::Op::from && first->op != Bound::Op::above)
            continue;
        if (second->op != Bound::Op::is && second->op != Bound::Op::up_to && second->op != Bound::Op::below)
            continue;
        return Interval{.from = first->version,
                        .to = second->version,
                        .with_from = first->op != Bound::Op::above,
                        .with_to = second->op == Bound::Op::is ? with : second->op == Bound::Op::up_to};
    }
    return std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> out;
    while (out.size() < pieces_most) {
        const auto end = text.find(by);
        out.push_back(text.substr(0, end));
        if (end == text.npos) break;
        text.remove_prefix(end + 1);
    }
    return out;
}

/// "<v36.011 v35.013 v34.014": where each branch was mended.
std::vector<Version> branches_of(std::string_view text) {
    std::vector<Version> out;
    if (!text.starts_with('<') || text.starts_with("<=")) return out;
    for (const auto piece : split(text.substr(1), ' ')) {
        const auto word = trimmed(piece);
        if (word.empty() || lower(word) == "and" || lower(word) == "or") continue;
        const auto one = version_of(word);
        if (!one || one->tokens.size() < 2) return {};
        for (const auto& other : out)
            if (other.tokens[0].value == one->tokens[0].value) return {};
        out.push_back(*one);
    }
    return out.size() > 1 ? out : std::vector<Version>{};
}

void also(std::string& condition, std::string_view what) {
    what = trimmed(what);
    if (!what.empty()) condition += cat(condition.empty() ? "" : "; ", what);
}

struct Pieces {
    std::vector<Bound> bounds{};
    std::vector<Interval> spans{};
};

void sort_out(std::string_view piece, Versions kind, Range& out, Pieces& pieces) {
    piece = trimmed(piece);
    if (piece.empty()) return;
    const auto small = lower(piece);
    if (small == "*" || small == "all" || small == "all versions" || small == "all version" ||
        small == "vers:all/*") {
        out.all = true;
    } else if (auto serial = serial_range(piece)) {
        out.serial = std::move(serial);
    } else if (auto fixed = branches_of(piece); !fixed.empty()) {
        out.fixed_in = std::move(fixed);
    } else if (const auto span = span_of(piece)) {
        pieces.spans.push_back(*span);
    } else if (const auto bound = bound_of(piece);
               bound && !(bound->op == Bound::Op::is && looks_like_model(piece))) {
        pieces.bounds.push_back(*bound);
    } else if (kind == Versions::exact && looks_like_model(piece)) {
        out.models.emplace_back(piece);
    } else {
        also(out.condition, piece);
    }
}

/// As "vers" reads them: a lower end and the upper end behind it are one range.
void pair_up(const std::vector<Bound>& bounds, Range& out) {
    using enum Bound::Op;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        const auto& one = bounds[i];
        if (one.op == is) {
            out.points.push_back(one.version);
        } else if (one.op == below || one.op == up_to) {
            out.intervals.push_back({.from = {}, .to = one.version, .with_to = one.op == up_to});
        } else {
            Interval made{.from = one.version, .with_from = one.op == from};
            if (i + 1 < bounds.size() && (bounds[i + 1].op == below || bounds[i + 1].op == up_to)) {
                made.to = bounds[i + 1].version;
                made.with_to = bounds[i + 1].op == up_to;
                ++i;
            }
            out.intervals.push_back(std::move(made));
        }
    }
}

/// A version as a bound of its kind: "2.x" holds all that begin so.
std::optional<std::strong_ordering> to_bound(const Version& version, const Version& bound, Order order) {
    if (bound.open && begins_with(version, bound)) return std::strong_ordering::equal;
    return compared(version, bound, order);
}

Inside in_interval(const Version& version, const Interval& one, Order order) {
    if (one.from) {
        const auto side = to_bound(version, *one.from, order);
        if (!side) return Inside::unordered;
        if (*side < 0 || (*side == 0 && !one.with_from)) return Inside::no_older;
    }
    if (one.to) {
        const auto side = to_bound(version, *one.to, order);
        if (!side) return Inside::unordered;
        if (*side > 0 || (*side == 0 && !one.with_to)) return Inside::no_newer;
    }
    return Inside::yes;
}

Inside in_branches(const Version& version, const std::vector<Version>& fixed, Order order) {
    bool above_all = true;
    for (const auto& one : fixed) {
        const auto side = compared(version, one, order);
        if (!side) return Inside::unordered;
        if (version.tokens[0].value == one.tokens[0].value) return *side < 0 ? Inside::yes : Inside::no_newer;
        above_all &= *side > 0;
    }
    if (above_all) return Inside::no_newer;
    const bool below_all = std::ranges::all_of(
        fixed, [&](const Version& one) { return version.tokens[0].value < one.tokens[0].value; });
    return below_all ? Inside::yes : Inside::not_named;
}

Inside at_point(const Version& version, const Version& point, Order order) {
    if (point.open) return begins_with(version, point) ? Inside::yes : Inside::not_named;
    const auto side = compared(version, point, order);
    if (!side) return Inside::unordered;
    if (*side == 0) return Inside::yes;
    if (begins_with(version, point)) return Inside::part;
    return *side > 0 ? Inside::no_newer : Inside::not_named;
}

} // namespace

std::optional<SerialRange> serial_range(std::string_view given) {
    const auto text = spaced(given);
    const auto small = lower(text);
    if (!small.contains("serial")) return std::nullopt;
    // The number: at least three digits, perhaps with stars behind them.
    for (std::size_t at = small.find("serial"); at < text.size(); ++at) {
        if (text[at] < '0' || text[at] > '9') continue;
        auto end = at;
        while (end < text.size() &&
               ((text[end] >= '0' && text[end] <= '9') || (text[end] >= 'A' && text[end] <= 'Z')))
            ++end;
        if (end - at < 3) {
            at = end;
            continue;
        }
        SerialRange out{.first = text.substr(at, end - at)};
        const auto behind = std::string_view{small}.substr(end);
        const auto before = std::string_view{small}.substr(0, at);
        const auto has = [](std::string_view where, std::initializer_list<std::string_view> words) {
            return std::ranges::any_of(words, [&](std::string_view word) { return where.contains(word); });
        };
        if (has(behind, {"later", "above", "higher", "newer", "以降"}) || has(before, {">"}))
            out.way = SerialRange::Way::from;
        else if (has(behind, {"prior", "lower", "earlier", "below", "以前"}) ||
                 has(before, {"<", "prior", "up to"}))
            out.way = SerialRange::Way::up_to;
        else
            return std::nullopt;
        return out;
    }
    return std::nullopt;
}

Range read_range(std::string_view text, Versions kind) {
    Range out;
    if (kind == Versions::none) {
        out.condition = "?";
        return out;
    }
    auto plain = spaced(text.substr(0, 2'000));
    for (const auto head : {"vers:all/", "vers:"})
        if (plain.starts_with(head)) {
            plain.erase(0, std::string_view{head}.size());
            // "vers:generic/>=1|<2": the scheme goes.
            if (const auto slash = plain.find('/');
                slash != plain.npos && plain.substr(0, slash).find_first_of("<>=|* ") == plain.npos)
                plain.erase(0, slash + 1);
            break;
        }
    plain = without_remarks(std::move(plain), out.condition);
    Pieces pieces;
    for (const auto piece : split(plain, '|')) sort_out(piece, kind, out, pieces);
    out.intervals = std::move(pieces.spans);
    pair_up(pieces.bounds, out);
    if (out.all && (!out.intervals.empty() || !out.points.empty())) out.all = false;
    return out;
}

Inside inside(const Version& version, const Range& range, Order order) {
    if (range.all) return Inside::yes;
    bool newer = false, older = false, unsure = false, part = false, unordered = false;
    for (const auto& one : range.intervals) {
        const auto said = in_interval(version, one, order);
        if (said == Inside::yes) return said;
        unordered |= said == Inside::unordered;
        newer |= said == Inside::no_newer;
        older |= said == Inside::no_older;
    }
    for (const auto& one : range.points) {
        const auto said = at_point(version, one, order);
        if (said == Inside::yes) return said;
        unordered |= said == Inside::unordered;
        newer |= said == Inside::no_newer;
        unsure |= said == Inside::not_named;
        part |= said == Inside::part;
    }
    if (!range.fixed_in.empty()) {
        const auto said = in_branches(version, range.fixed_in, order);
        if (said == Inside::yes) return said;
        unordered |= said == Inside::unordered;
        newer |= said == Inside::no_newer;
        unsure |= said == Inside::not_named;
    }
    if (unordered) return Inside::unordered;
    if (part) return Inside::part;
    if (unsure) return Inside::not_named;
    if (newer && older) return Inside::no_gap;
    if (newer) return Inside::no_newer;
    return older ? Inside::no_older : Inside::unordered;
}

std::optional<bool> inside(std::string_view serial, const SerialRange& range) {
    std::string plain;
    for (const char c : serial)
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))
            plain += c;
        else if (c >= 'a' && c <= 'z')
            plain += static_cast<char>(c - 32);
        else if (c != ' ' && c != '-')
            return std::nullopt;
    if (plain.size() <= range.first.size()) return std::nullopt;
    const auto first = std::string_view{plain}.substr(0, range.first.size());
    // Digits of a date: years, and a month that is 1 to 9, X, Y, Z. ASCII orders them so.
    if (first[0] < '0' || first[0] > '9' || first[1] < '0' || first[1] > '9') return std::nullopt;
    return range.way == SerialRange::Way::up_to ? first <= std::string_view{range.first}
                                                : first >= std::string_view{range.first};
}

} // namespace yagura::see::weakness
