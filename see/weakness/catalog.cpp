#include "see/weakness/catalog.h"

#include <algorithm>
#include <set>

#include "see/ledger/normal.h"
#include "spine/base/text.h"

namespace yagura::see::weakness {
namespace {

bool alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

std::vector<std::string_view> cut(std::string_view text, char by) {
    std::vector<std::string_view> out;
    for (bool more = true; more;) {
        const auto end = text.find(by);
        out.push_back(text.substr(0, end));
        more = end != text.npos;
        text.remove_prefix(more ? end + 1 : text.size());
    }
    return out;
}

/// Rows of a table with at least `columns` of them.
std::vector<std::vector<std::string_view>> rows(std::string_view name, std::size_t columns) {
    std::vector<std::vector<std::string_view>> out;
    for (const auto line : cut(catalog_table(name), '\n')) {
        if (line.empty() || line.starts_with('#')) continue;
        if (auto cells = cut(line, '\t'); cells.size() >= columns) out.push_back(std::move(cells));
    }
    return out;
}

/// A firm's name without what says how it is made.
std::string firm(std::string_view text) {
    static const std::set<std::string, std::less<>> legal{
        "co", "ltd", "inc", "incorporated", "corp", "corporation", "company", "gmbh", "limited",
        "ag", "kg",  "llc", "sa",           "se",   "bv",          "spa",     "plc",  "kk"};
    auto plain = ledger::plain(text);
    std::ranges::replace_if(plain, [](char c) { return c == ',' || c == '.' || c == '(' || c == ')'; }, ' ');
    std::string out;
    for (const auto word : cut(plain, ' ')) {
        std::string small{word};
        std::ranges::transform(small, small.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        if (small.empty() || legal.contains(small)) continue;
        out += cat(out.empty() ? "" : " ", small);
    }
    for (const std::string_view form : {"株式会社", "有限会社", "㈱"})
        if (const auto at = out.find(form); at != out.npos) out.erase(at, form.size());
    while (out.starts_with(' ')) out.erase(0, 1);
    while (out.ends_with(' ')) out.pop_back();
    return out;
}

/// "FX#" begins "FX5U-32MT": "#" a digit, "@" a letter.
bool begins(std::string_view text, std::string_view shape) {
    if (text.size() < shape.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const char c = text[i];
        const bool fits = shape[i] == '#'   ? c >= '0' && c <= '9'
                          : shape[i] == '@' ? (c >= 'A' && c <= 'Z')
                                            : (c == shape[i] ||
                                               (alnum(c) && alnum(shape[i]) && (c | 32) == (shape[i] | 32)));
        if (!fits) return false;
    }
    return true;
}

} // namespace

std::string canonical(std::string_view text, bool keep_wildcards) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c >= 'a' && c <= 'z')
            out += static_cast<char>(c - 32);
        else if (alnum(c) || byte >= 0x80 || (keep_wildcards && (c == '*' || c == '?' || c == '#')))
            out += c;
    }
    return out;
}

bool fits(std::string_view pattern, std::string_view text) noexcept {
    std::size_t p = 0, t = 0, star = pattern.npos, kept = 0;
    while (t < text.size()) {
        const bool digit = text[t] >= '0' && text[t] <= '9';
        if (p < pattern.size() && (pattern[p] == '?' || (pattern[p] == '#' && digit) ||
                                   (pattern[p] != '*' && pattern[p] == text[t]))) {
            ++p;
            ++t;
        } else if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            kept = t;
        } else if (star != pattern.npos) {
            p = star + 1;
            t = ++kept;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

std::vector<std::string> words_of(std::string_view text) {
    static const auto generic = [] {
        std::set<std::string, std::less<>> out;
        for (const auto& row : rows("generic", 1)) out.insert(canonical(row[0]));
        return out;
    }();
    std::vector<std::string> out;
    std::string word;
    const auto end = [&] {
        if (!word.empty() && !generic.contains(word)) out.push_back(word);
        word.clear();
    };
    for (const char c : text) {
        if (c == ' ' || c == ',' || c == '(' || c == ')' || c == ';')
            end();
        else
            word += canonical(std::string_view{&c, 1});
        if (out.size() >= 64) break;
    }
    end();
    return out;
}

bool contains_words(const std::vector<std::string>& all, const std::vector<std::string>& part) {
    return !part.empty() && !std::ranges::search(all, part).empty();
}

const Catalog& Catalog::own() {
    static const Catalog one;
    return one;
}

Catalog::Catalog() {
    for (const auto& row : rows("vendors", 2))
        for (auto name : cut(row[1], '|')) {
            const bool open = name.ends_with('*');
            if (open) name.remove_suffix(1);
            names_.push_back({firm(name), open, std::string{row[0]}});
        }
    // The longest name that fits decides.
    std::ranges::stable_sort(names_,
                             [](const Name& a, const Name& b) { return a.text.size() > b.text.size(); });
    for (const auto& row : rows("orders", 2))
        for (const auto shape : cut(row[1], '|')) orders_.emplace_back(row[0], shape);
    const auto family = [](const std::vector<std::string_view>& row) {
        Family out{.vendor = std::string{row[0]}, .words = words_of(row[1])};
        for (const auto pattern : cut(row[2], '|')) out.patterns.push_back(canonical(pattern, true));
        return out;
    };
    for (const auto& row : rows("families", 3)) families_.push_back(family(row));
    std::ranges::stable_sort(
        families_, [](const Family& a, const Family& b) { return a.words.size() > b.words.size(); });
    for (const auto& row : rows("told", 3)) told_.push_back(family(row));
    for (const auto& row : rows("versions", 3))
        if (const auto order = order_of(row[2]))
            counting_.push_back(
                {std::string{row[0]}, row[1] == "*" ? std::vector<std::string>{} : words_of(row[1]), *order});
    for (const auto& row : rows("spelled", 3))
        spelled_.push_back({std::string{row[0]}, std::string{row[1]}, std::string{row[2]}});
    for (const auto& row : rows("howto", 4))
        how_.push_back({std::string{row[0]}, std::string{row[1]}, std::string{row[2]}, std::string{row[3]}});
}

std::string Catalog::vendor_of(std::string_view name) const {
    const auto plain = firm(name);
    for (const auto& one : names_)
        if (plain == one.text || (one.open && plain.starts_with(one.text))) return one.vendor;
    return plain;
}

std::vector<std::string> Catalog::vendors(std::string_view name) const {
    std::vector<std::string> out;
    const auto add = [&](std::string_view one) {
        auto vendor = vendor_of(one);
        if (!vendor.empty() && std::ranges::find(out, vendor) == out.end()) out.push_back(std::move(vendor));
    };
    auto whole = vendor_of(name);
    const bool known = std::ranges::any_of(names_, [&](const Name& one) { return one.vendor == whole; });
    if (!name.contains(',') && !name.contains(" and ")) {
        add(name);
        return out;
    }
    // Several makers in one name, or one whose legal form has a comma.
    if (known) out.push_back(whole);
    for (auto piece : cut(name, ',')) {
        while (piece.starts_with(' ')) piece.remove_prefix(1);
        if (piece.starts_with("and ")) piece.remove_prefix(4);
        const auto vendor = vendor_of(piece);
        if (std::ranges::any_of(names_, [&](const Name& one) { return one.vendor == vendor; })) add(piece);
    }
    if (out.empty()) add(name);
    return out;
}

bool Catalog::known(std::string_view vendor) const {
    return std::ranges::any_of(names_, [&](const Name& one) { return one.vendor == vendor; });
}

bool Catalog::is_order_number(std::string_view vendor, std::string_view word) const {
    return std::ranges::any_of(
        orders_, [&](const auto& one) { return one.first == vendor && begins(word, one.second); });
}

Order Catalog::order(std::string_view vendor, const std::vector<std::string>& product_words) const {
    for (const auto& one : counting_) {
        if (one.vendor != vendor) continue;
        if (one.words.empty() || std::ranges::any_of(product_words, [&](const std::string& word) {
                return word.contains(one.words[0]);
            }))
            return one.order;
    }
    return Order::dotted;
}

std::string Catalog::meant(std::string_view vendor, std::string_view name) const {
    std::string out{name};
    for (const auto& [of, written, right] : spelled_)
        if (of == vendor)
            if (const auto at = out.find(written); at != out.npos) out.replace(at, written.size(), right);
    return out;
}

const HowTo* Catalog::how_to(std::string_view vendor, std::string_view fact) const {
    for (const auto& one : how_)
        if (one.fact == fact && (one.vendor == vendor || one.vendor == "*")) return &one;
    return nullptr;
}

} // namespace yagura::see::weakness
