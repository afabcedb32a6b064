#include "see/weakness/match.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <tuple>

#include "see/ledger/normal.h"
#include "spine/base/text.h"

namespace yagura::see::weakness {
namespace {

constexpr std::size_t candidates_most = 256;
constexpr std::uint8_t believed = 40; ///< a firmware that is less sure decides nothing

bool among(const std::vector<std::string>& all, const std::string& one) {
    return std::ranges::find(all, one) != all.end();
}
bool meet(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::ranges::any_of(a, [&](const std::string& one) { return among(b, one); });
}

/// "ADAM 5550" is ADAM-5550.
std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& one : words) out += one;
    return out;
}

struct Recognised {
    ProductRule rule{};
    std::uint32_t fact = 0;
    char series = 0;
};

bool fits_any(const std::vector<std::string>& patterns, const std::string& text, bool& exact) {
    for (const auto& pattern : patterns)
        if (fits(pattern, text)) {
            exact = pattern.find_first_of("*?#") == pattern.npos;
            return true;
        }
    return false;
}

/// "FX5U*" may be an entry's "FX5U32MTES": a digit or an open place follows, or nothing.
bool may_be(const std::string& told, const std::string& entry) {
    const auto prefix = std::string_view{told}.substr(0, told.find_first_of("*?#"));
    if (!entry.starts_with(prefix)) return false;
    if (entry.size() == prefix.size()) return true;
    const char next = entry[prefix.size()];
    return (next >= '0' && next <= '9') || next == '*' || next == '?' || next == '#';
}

std::optional<Recognised> recognise(const Known& known, const Prepared::Entry& entry) {
    const auto& name = entry.name;
    bool exact = false;
    for (const auto& one : known.candidates())
        if (!one.beginning && fits_any(name.helper, one.text, exact))
            return Recognised{ProductRule::order_number, one.fact, one.series};
    std::optional<Recognised> best;
    const auto better = [&](ProductRule rule, const Known::Candidate& one) {
        if (!best || rule < best->rule) best = Recognised{rule, one.fact, one.series};
    };
    for (const auto& one : known.candidates()) {
        if (one.beginning && !name.open) continue;
        if (fits_any(name.models, one.text, exact))
            better(exact && !one.beginning ? ProductRule::model : ProductRule::pattern, one);
        if (fits_any(name.family, one.text, exact)) better(ProductRule::family, one);
    }
    if (best) return best;
    for (const auto& told : known.told())
        if (among(name.vendors, told.vendor))
            for (const auto& pattern : told.patterns)
                for (const auto* all : {&name.models, &name.family})
                    if (std::ranges::any_of(*all,
                                            [&](const std::string& one) { return may_be(pattern, one); }))
                        return Recognised{ProductRule::told, told.fact, 0};
    if (!name.words.empty() && name.helper.empty())
        for (const auto& [words, fact] : known.names())
            if (joined(words) == joined(name.words)) return Recognised{ProductRule::name, fact, 0};
    return std::nullopt;
}

std::vector<std::uint32_t> facts_of(const Thing& thing, std::string_view attribute) {
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < thing.facts.size(); ++i)
        if (thing.facts[i].attribute == attribute && thing.facts[i].confidence >= believed) out.push_back(i);
    return out;
}

Match needs(Match out, std::string_view fact, std::string detail = {}) {
    out.verdict = Verdict::needs;
    out.missing = fact;
    out.detail = std::move(detail);
    return out;
}
Match is_not(Match out, VersionRule rule) {
    out.verdict = Verdict::not_affected;
    out.version_rule = rule;
    return out;
}

/// What all versions that a device tells of itself say together.
struct Read {
    enum class What : std::uint8_t { nothing, unreadable, disagree, one } what = What::nothing;
    Inside inside{};
    std::uint32_t fact = 0, other = 0;
    Version version{};
};
/// CIP tells two whole numbers, shown as "1.040". For who counts in decimals that is 1.40; "2.001" is 2.1
/// or 2.01, and only what holds for both is said.
std::vector<Version> versions_of(const Fact& fact, Order order) {
    const auto version = version_of(fact.value);
    if (!version) return {};
    if (order != Order::decimal || (fact.protocol != "cip" && fact.protocol != "enip") ||
        version->tokens.size() != 2 || !version->tokens[1].number)
        return {*version};
    auto plain = *version;
    plain.tokens[1].text = cat(plain.tokens[1].value);
    if (plain.tokens[1].value >= 10 || plain.tokens[1].value == 0) return {plain};
    auto padded = plain;
    padded.tokens[1].text.insert(0, 1, '0');
    return {plain, padded};
}

Read read_versions(const Thing& thing, const Range& range, Order order) {
    Read out;
    for (const auto place : facts_of(thing, "firmware")) {
        const auto versions = versions_of(thing.facts[place], order);
        if (versions.empty() && out.what == Read::What::nothing) {
            out.what = Read::What::unreadable;
            out.fact = place;
        }
        for (const auto& version : versions) {
            const auto said = inside(version, range, order);
            if (out.what != Read::What::one) {
                out.what = Read::What::one;
                out.inside = said;
                out.fact = place;
                out.version = version;
            } else if ((said == Inside::yes) != (out.inside == Inside::yes)) {
                out.what = Read::What::disagree;
                out.other = place;
                return out;
            }
        }
    }
    return out;
}

bool says_versions(const Range& range) {
    return range.all || !range.intervals.empty() || !range.points.empty() || !range.fixed_in.empty();
}

/// Every version is meant, and yet a fix may name one: what is mended is not called affected.
std::optional<Match> all_versions(const Known& known, const Prepared::Entry& entry, Match& out) {
    out.version_rule = VersionRule::all_versions;
    if (entry.mended.empty()) return std::nullopt;
    const auto places = facts_of(known.thing(), "firmware");
    bool read = false;
    for (const auto place : places) {
        const auto versions = versions_of(known.thing().facts[place], entry.order);
        if (versions.empty()) continue;
        read = true;
        out.facts.push_back(place);
        for (const auto& version : versions)
            for (const auto& mended : entry.mended) {
                const auto side = compared(version, mended, entry.order);
                if (!side || *side >= 0) return needs(std::move(out), "advisory");
            }
    }
    if (!read) return needs(std::move(out), "firmware");
    out.version_rule = VersionRule::below_mended;
    return std::nullopt;
}

/// In its own branch, by the first number, at what mends it; or newer than every fix.
bool is_mended(const Version& version, const Prepared::Entry& entry) {
    bool above_all = !entry.mended.empty();
    for (const auto& one : entry.mended) {
        const auto side = compared(version, one, entry.order);
        if (!side) return false;
        above_all &= *side >= 0;
        if (version.tokens[0].value == one.tokens[0].value && *side < 0) return false;
    }
    return above_all || std::ranges::any_of(entry.mended, [&](const Version& one) {
               return version.tokens[0].value == one.tokens[0].value;
           });
}

std::optional<Match> by_version(const Known& known, const Prepared::Entry& entry, Match& out) {
    if (entry.range.all) return all_versions(known, entry, out);
    const auto& thing = known.thing();
    const auto read = read_versions(thing, entry.range, entry.order);
    switch (read.what) {
    case Read::What::nothing:
        return needs(std::move(out), "firmware");
    case Read::What::unreadable:
        out.facts.push_back(read.fact);
        return needs(std::move(out), "order", thing.facts[read.fact].value);
    case Read::What::disagree:
        out.facts.push_back(read.fact);
        if (read.fact == read.other) return needs(std::move(out), "order", thing.facts[read.fact].value);
        out.facts.push_back(read.other);
        return needs(std::move(out), "disagree",
                     cat(thing.facts[read.fact].value, " / ", thing.facts[read.other].value));
    case Read::What::one:
        break;
    }
    out.facts.push_back(read.fact);
    switch (read.inside) {
    case Inside::yes: {
        const bool named = std::ranges::any_of(entry.range.points, [&](const Version& point) {
            const auto side = compared(read.version, point, entry.order);
            return side && *side == 0;
        });
        out.version_rule = named                           ? VersionRule::named
                           : !entry.range.fixed_in.empty() ? VersionRule::below_mended
                                                           : VersionRule::in_range;
        return std::nullopt;
    }
    case Inside::no_newer:
        // One version alone says nothing of the next, unless a fix is named and this is it or newer.
        if (entry.range.intervals.empty() && entry.range.fixed_in.empty() && !is_mended(read.version, entry))
            return needs(std::move(out), "advisory");
        return is_not(std::move(out), VersionRule::above);
    case Inside::no_older:
        return is_not(std::move(out), VersionRule::below);
    case Inside::no_gap:
        return is_not(std::move(out), VersionRule::between);
    case Inside::not_named:
    case Inside::part:
        return needs(std::move(out), "advisory");
    case Inside::unordered:
        break;
    }
    return needs(std::move(out), "order", thing.facts[read.fact].value);
}

std::optional<Match> by_serial(const Known& known, const SerialRange& range, Match& out) {
    const auto places = facts_of(known.thing(), "serial");
    bool told = false, yes = false, no = false;
    for (const auto place : places) {
        const auto& fact = known.thing().facts[place];
        // CIP's serial number is a number of the protocol's own, not the one on the label.
        if (fact.protocol == "cip" || fact.protocol == "enip") continue;
        const auto said = inside(fact.value, range);
        if (!said) continue;
        told = true;
        (*said ? yes : no) = true;
        out.facts.push_back(place);
    }
    if (!told) return needs(std::move(out), "serial");
    if (yes && no) return needs(std::move(out), "disagree");
    if (no) return is_not(std::move(out), VersionRule::serial_outside);
    if (out.version_rule == VersionRule::none) out.version_rule = VersionRule::serial_inside;
    return std::nullopt;
}

Match judge(const Known& known, const Prepared::Entry& entry, const Recognised& as) {
    Match out{.verdict = Verdict::affected,
              .product = entry.product,
              .product_rule = as.rule,
              .order = entry.order};
    out.facts.push_back(as.fact);
    if (known.vendor_fact() != Known::nobody) out.facts.push_back(known.vendor_fact());
    out.cves = entry.affected;
    if (entry.affected.empty()) {
        if (!entry.investigated.empty()) {
            out.cves = entry.investigated;
            return needs(std::move(out), "advisory");
        }
        out.cves = entry.fixed;
    }
    const auto& range = entry.range;
    if (!entry.models.empty()) {
        out.version_rule = VersionRule::only_product;
        return needs(std::move(out), "advisory");
    }
    if (says_versions(range)) {
        if (auto done = by_version(known, entry, out)) return *done;
    } else if (!range.serial) {
        out.version_rule = VersionRule::only_product;
        return range.condition.size() > 1 ? needs(std::move(out), "condition", range.condition)
                                          : needs(std::move(out), "advisory");
    }
    for (const auto* serial : {&range.serial, &entry.name.serial})
        if (*serial)
            if (auto done = by_serial(known, **serial, out)) return *done;
    if (entry.affected.empty()) return is_not(std::move(out), VersionRule::said_fixed);
    if (!entry.name.series.empty() && as.series == 0)
        return needs(std::move(out), "series", entry.name.series);
    std::string condition = entry.name.condition;
    if (!range.condition.empty()) condition += cat(condition.empty() ? "" : "; ", range.condition);
    if (!condition.empty()) return needs(std::move(out), "condition", std::move(condition));
    return out;
}

/// Versions that a fix names: "SV1.90", "Versions 1.50 or later".
void versions_in(std::string_view text, std::vector<Version>& into) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    for (std::size_t at = 0; at < text.size() && into.size() < 16; ++at) {
        if (!is_digit(text[at])) continue;
        auto end = at;
        while (end < text.size() && (is_digit(text[end]) || text[end] == '.')) ++end;
        auto number = text.substr(at, end - at);
        while (number.ends_with('.')) number.remove_suffix(1);
        auto before = text.substr(0, at);
        while (before.ends_with(' ') || before.ends_with('.')) before.remove_suffix(1);
        std::string word;
        while (!before.empty() && ((before.back() | 32) >= 'a' && (before.back() | 32) <= 'z')) {
            word.insert(word.begin(), static_cast<char>(before.back() | 32));
            before.remove_suffix(1);
        }
        at = end;
        if (!number.contains('.') || (word != "v" && word != "sv" && word != "ver" && word != "version" &&
                                      word != "versions" && word != "firmware"))
            continue;
        if (auto version = version_of(number)) into.push_back(*std::move(version));
    }
}

} // namespace

std::string_view word(Verdict verdict) noexcept {
    return verdict == Verdict::affected ? "affected"
           : verdict == Verdict::needs  ? "needs_fact"
                                        : "not_affected";
}

std::string_view word(ProductRule rule) noexcept {
    constexpr std::array words{"order_number", "model", "pattern", "family", "told", "name"};
    return words[static_cast<std::size_t>(rule)];
}

std::string_view word(VersionRule rule) noexcept {
    constexpr std::array words{"none",         "in_range",       "named",      "all_versions",
                               "below_mended", "serial_inside",  "above",      "below",
                               "between",      "serial_outside", "said_fixed", "only_product"};
    return words[static_cast<std::size_t>(rule)];
}

Prepared::Prepared(std::shared_ptr<const Advisory> advisory, const Catalog& catalog)
    : advisory_{std::move(advisory)} {
    const auto& all = advisory_->products;
    entries_.resize(all.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) {
        auto& entry = entries_[i];
        entry.product = i;
        entry.name = read_product(all[i], catalog);
        entry.range = read_range(all[i].version, all[i].versions);
        for (const auto& model : entry.range.models) {
            const auto one = read_product({.vendor = all[i].vendor, .name = model}, catalog);
            entry.models.insert(entry.models.end(), one.models.begin(), one.models.end());
            if (one.models.empty())
                if (auto made = canonical(model, true); made.size() >= 4)
                    entry.models.push_back(std::move(made));
        }
        // What stands where a version should is the order number, then.
        if (!entry.models.empty()) {
            entry.name.models = entry.models;
            entry.name.family.clear();
            entry.name.words.clear();
        }
        entry.order = catalog.order(entry.name.vendors.empty() ? "" : entry.name.vendors.front(),
                                    entry.name.words);
        for (const auto& vendor : entry.name.vendors)
            if (!among(vendors_, vendor)) vendors_.push_back(vendor);
    }
    for (std::uint32_t i = 0; i < advisory_->vulnerabilities.size(); ++i) {
        const auto& one = advisory_->vulnerabilities[i];
        const auto add = [&](Status status, std::vector<std::uint32_t> Entry::* to) {
            for (const auto product : one.products[static_cast<std::size_t>(status)])
                if (product < entries_.size()) (entries_[product].*to).push_back(i);
        };
        add(Status::affected, &Entry::affected);
        add(Status::fixed, &Entry::fixed);
        add(Status::not_affected, &Entry::fixed);
        add(Status::investigated, &Entry::investigated);
        for (const auto& remedy : one.remediations)
            if (remedy.category == Remedy::vendor_fix)
                for (const auto product : remedy.products)
                    if (product < entries_.size() && not_of_another(remedy.details, product))
                        versions_in(remedy.details, entries_[product].mended);
    }
    // "RUGGEDCOM APE1808 devices configured with Palo Alto Networks Virtual NGFW": so says only the title.
    for (const std::string_view word : {" configured with ", " with "})
        if (const auto at = advisory_->title.find(word); at != std::string::npos) {
            for (auto& one : entries_)
                if (one.name.condition.empty()) one.name.condition = advisory_->title.substr(at + 1);
            break;
        }
    contest();
    std::erase_if(entries_, [](const Entry& one) {
        return one.affected.empty() && one.fixed.empty() && one.investigated.empty();
    });
}

/// A fix's text that names another product of the advisory and not this one is of the other.
bool Prepared::not_of_another(std::string_view details, std::uint32_t product) const {
    const auto words = words_of(details);
    const auto named = [&](const Entry& one) {
        return (!one.name.words.empty() && among(words, one.name.words.back())) || meet(words, one.models);
    };
    if (named(entries_[product])) return true;
    return std::ranges::none_of(entries_, named);
}

/// "NJ/NX-series: 1.28 or lower" beside "NJ/NX-series: 1.48 or lower": some models are the one, some the
/// other.
void Prepared::contest() {
    const auto only_up_to = [](const Entry& one) {
        return one.range.intervals.size() == 1 && one.range.points.empty() && !one.range.intervals[0].from;
    };
    const auto& all = advisory_->products;
    std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> same;
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (only_up_to(entries_[i])) same[{all[i].vendor, canonical(all[i].name, true)}].push_back(i);
    for (const auto& [name, places] : same)
        for (const auto a : places)
            for (const auto b : places) {
                if (a == b || entries_[a].range == entries_[b].range) continue;
                std::vector<std::uint32_t> both;
                std::ranges::set_intersection(entries_[a].affected, entries_[b].affected,
                                              std::back_inserter(both));
                if (!both.empty()) entries_[a].contested = true;
            }
}

Known::Known(const Thing& thing, const Catalog& catalog) : thing_{thing} {
    for (std::uint32_t i = 0; i < thing.facts.size(); ++i) {
        const auto& fact = thing.facts[i];
        if (fact.attribute == "vendor") {
            auto& into = fact.protocol == "mac" ? card_vendors_ : vendors_;
            if (&into == &vendors_ && vendor_fact_ == nobody) vendor_fact_ = i;
            for (auto& one : catalog.vendors(fact.value))
                if (!among(into, one)) into.push_back(std::move(one));
        }
        if (fact.attribute != "product" && fact.attribute != "module" && fact.attribute != "description")
            continue;
        const auto text = ledger::plain(std::string_view{fact.value}.substr(0, 256));
        if (fact.attribute != "description") {
            auto words = words_of(text);
            names_.emplace_back(std::move(words), i);
        }
        std::vector<std::string> words;
        std::string word;
        for (const char c : text + ' ') {
            if (c == ' ' || c == ',' || c == '(' || c == ')' || c == ';') {
                if (!word.empty()) words.push_back(std::move(word));
                word.clear();
            } else {
                word += c;
            }
        }
        const auto add = [&](std::string_view candidate, bool beginning, char series) {
            auto made = canonical(candidate);
            if (made.size() < 3 || candidates_.size() >= candidates_most) return;
            candidates_.push_back({std::move(made), i, beginning, series});
        };
        for (std::size_t at = 0; at < words.size(); ++at) {
            std::string joined;
            for (std::size_t count = 0; count < 3 && at + count < words.size(); ++count) {
                joined += cat(joined.empty() ? "" : " ", words[at + count]);
                add(joined, false, 0);
            }
            // "1756-EN2T/D": a series behind the order number.
            const auto& one = words[at];
            if (one.size() > 4 && one[one.size() - 2] == '/' && one.back() >= 'A' && one.back() <= 'Z')
                add(std::string_view{one}.substr(0, one.size() - 2), false, one.back());
            for (auto cut = one.find_last_of("-/"); cut != one.npos && cut > 2;
                 cut = one.find_last_of("-/", cut - 1))
                add(std::string_view{one}.substr(0, cut), true, 0);
        }
        for (const auto& told : catalog.told())
            if (words.size() == 1 && told.words.size() == 1 && canonical(words[0]) == told.words[0])
                told_.push_back({told.patterns, i, told.vendor});
    }
    // Who made it its card does not prove; what it calls itself may begin with its maker, which no product's
    // name has here.
    for (auto& [words, fact] : names_)
        while (!words.empty()) {
            const auto makers = catalog.vendors(words.front());
            if (makers.size() != 1 || !catalog.known(makers[0])) break;
            if (vendors_.empty()) {
                vendors_ = makers;
                vendor_fact_ = fact;
            }
            words.erase(words.begin());
        }
}

std::optional<Match> match(const Known& known, const Prepared& advisory) {
    // Its own word counts; else an order number, which is one maker's, with nobody against it.
    const bool by_word = !known.vendors().empty();
    if (by_word && !meet(known.vendors(), advisory.vendors())) return std::nullopt;
    if (!known.has_product()) return std::nullopt;
    std::optional<Match> out;
    std::vector<std::uint32_t> entries;
    bool contested_yes = false, contested_no = false;
    // A fact that can be read off the device is asked for before a condition that somebody has to look into.
    const auto rank = [](const Match& one) {
        const int vague = one.missing == "condition"                            ? 1
                          : one.missing == "advisory" || one.missing == "order" ? 2
                                                                                : 0;
        return std::tuple{static_cast<int>(one.verdict), vague, static_cast<int>(one.product_rule)};
    };
    for (const auto& entry : advisory.entries()) {
        if (by_word && !meet(known.vendors(), entry.name.vendors)) continue;
        const auto as = recognise(known, entry);
        if (!as) continue;
        // Without its word only an order number is proof of the maker, or a name with the card's maker.
        if (!by_word && as->rule >= ProductRule::family && !meet(known.card_vendors(), entry.name.vendors))
            continue;
        if (!entry.name.series.empty() && as->series != 0 && !entry.name.series.contains(as->series))
            continue;
        auto said = judge(known, entry, *as);
        entries.push_back(entry.product);
        if (entry.contested) {
            contested_yes |= said.verdict == Verdict::affected;
            contested_no |= said.verdict == Verdict::not_affected;
            if (contested_yes && contested_no) {
                if (out && out->verdict == Verdict::affected) out.reset();
                said = needs(std::move(said), "advisory");
            }
        }
        if (!out) {
            out = std::move(said);
            continue;
        }
        if (said.verdict == out->verdict)
            for (const auto cve : said.cves)
                if (std::ranges::find(out->cves, cve) == out->cves.end()) out->cves.push_back(cve);
        if (rank(said) < rank(*out)) {
            if (said.verdict == out->verdict) said.cves = std::move(out->cves);
            out = std::move(said);
        }
    }
    if (out) {
        out->entries = std::move(entries);
        std::ranges::sort(out->cves);
    }
    return out;
}

} // namespace yagura::see::weakness
