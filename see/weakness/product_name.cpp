#include "see/weakness/product_name.h"

#include <algorithm>
#include <array>

#include "spine/base/text.h"

namespace yagura::see::weakness {
namespace {

constexpr std::size_t alternatives_most = 256;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool upper(char c) { return c >= 'A' && c <= 'Z'; }

void replace(std::string& in, std::string_view what, std::string_view by) {
    for (auto at = in.find(what); at != in.npos; at = in.find(what, at + by.size()))
        in.replace(at, what.size(), by);
}
std::vector<std::string> split(std::string_view text, std::string_view by) {
    std::vector<std::string> out;
    std::string word;
    for (const char c : text) {
        if (by.contains(c)) {
            if (!word.empty()) out.push_back(std::move(word));
            word.clear();
        } else {
            word += c;
        }
    }
    if (!word.empty()) out.push_back(std::move(word));
    return out;
}

/// "□" and "[]" for one character each, without the spaces that makers put around them.
std::string squared(std::string_view name) {
    std::string out{name};
    for (const auto square : {"\u25a1", "\u25a0", "[]", "\u2610"}) replace(out, square, "?");
    for (const auto quote : {"\u201d", "\u201c", "\u2019"}) replace(out, quote, "");
    for (const auto dash : {"\u2010", "\u2011", "\u2012", "\u2013", "\u2014"}) replace(out, dash, "-");
    replace(out, "\u00a0", " ");
    if (out.contains('?')) {
        for (const auto* const gap : {" ?", "? -", "- ?"}) {
            std::string tight{gap};
            std::erase(tight, ' ');
            replace(out, gap, tight);
        }
        // "? D?-?", "?? HA": a letter or two behind one of them belong to it.
        for (std::size_t at = out.find("? "); at != out.npos; at = out.find("? ", at + 1)) {
            auto end = at + 2;
            while (end < out.size() && upper(out[end])) ++end;
            if (end > at + 2 && end <= at + 4 && (end == out.size() || out[end] == '?' || out[end] == ' '))
                out.erase(at + 1, 1);
        }
    }
    return out;
}

/// "x=32,64,80": what a letter in an order number stands for. Commas may have been lost on the way.
std::vector<std::string> values_of(char name, std::string_view text) {
    auto out = split(text, ",.*");
    if (out.size() == 1 && name == 'x' && out[0].size() > 3 && out[0].size() % 2 == 0) {
        const auto all = out[0];
        out.clear();
        for (std::size_t at = 0; at < all.size(); at += 2) out.push_back(all.substr(at, 2));
    } else if (out.size() == 1 && name == 'y' && out[0].size() > 1) {
        const auto all = out[0];
        out.clear();
        for (const char c : all) out.emplace_back(1, c);
    } else if (out.size() == 1 && name == 'z' && out[0].size() > 3) {
        out = {"*"};
    }
    return out;
}

struct Letters {
    std::array<std::vector<std::string>, 3> values{}; ///< of x, y, z
    bool any() const {
        return std::ranges::any_of(values, [](const auto& one) { return !one.empty(); });
    }
};

void multiply(std::vector<std::string>& all, const std::vector<std::string>& by) {
    if (all.size() * by.size() > alternatives_most) {
        for (auto& one : all) one += '*';
        return;
    }
    std::vector<std::string> out;
    for (const auto& one : all)
        for (const auto& more : by) out.push_back(one + more);
    all = std::move(out);
}

/// "04/08/16": digits between slashes, with a letter or a parenthesis behind the last, are one or the other.
std::size_t numbers_at(std::string_view token, std::size_t at, std::vector<std::string>& out) {
    auto end = at;
    std::string run;
    for (; end < token.size() && (digit(token[end]) || token[end] == '/'); ++end) run += token[end];
    if (!run.contains('/')) return at;
    const bool stray = run.ends_with('/'); // "R08/16/32/120/PCPU"
    if (end == token.size() || (!upper(token[end]) && token[end] != '(')) return at;
    if (stray && !upper(token[end])) return at;
    out = split(run, "/");
    // "TX/TX", "32MT/DS": letters in front of the slash are no list; "750-8202/025" has its dash.
    return out.size() > 1 ? end : at;
}

std::vector<std::string> optional_part(std::string_view inside) {
    std::vector<std::string> out{""};
    const auto several = split(inside, "/");
    for (const auto& one : several) {
        out.push_back(one);
        if (inside.starts_with('-') && !one.starts_with('-')) out.push_back("-" + one);
    }
    return out;
}

/// All order numbers that one word stands for.
std::vector<std::string> expanded(std::string_view token, const Letters& letters) {
    std::vector<std::string> out{""};
    for (std::size_t at = 0; at < token.size();) {
        const char c = token[at];
        const char next = at + 1 < token.size() ? token[at + 1] : '\0';
        const char before = at > 0 ? token[at - 1] : '\0';
        if (c == '(') {
            const auto end = token.find(')', at);
            if (end == token.npos) break;
            multiply(out, optional_part(token.substr(at + 1, end - at - 1)));
            at = end + 1;
        } else if (std::vector<std::string> several; digit(c) && !digit(before)) {
            if (const auto end = numbers_at(token, at, several); end != at) {
                multiply(out, several);
                at = end;
            } else {
                multiply(out, {std::string(1, c)});
                ++at;
            }
        } else if (c >= 'x' && c <= 'z' && letters.any() &&
                   !letters.values[static_cast<std::size_t>(c - 'x')].empty()) {
            multiply(out, letters.values[static_cast<std::size_t>(c - 'x')]);
            ++at;
        } else if (c == 'x' && next == '\0' && digit(before)) {
            multiply(out, {"*"}); // "BMX P34x": whatever follows
            ++at;
        } else if ((c == 'x' && (digit(before) || before == 'x' || before == '-' || before == '/') &&
                    !upper(next)) ||
                   (c == '*' && (next == '*' || before == '*'))) {
            multiply(out, {"?"}); // One character for each.
            ++at;
        } else {
            multiply(out, {std::string(1, c)});
            ++at;
        }
    }
    return out;
}

/// "CS1H/G-CPU**H": letters between a slash and a dash are one or the other. "CPU**H/-CPU**P": two endings.
std::vector<std::string> halves(const std::string& token) {
    const auto slash = token.find('/');
    if (slash == token.npos || slash == 0) return {token};
    const auto dash = token.find('-', slash);
    if (dash == slash + 2 && upper(token[slash + 1]) && upper(token[slash - 1]) &&
        token.substr(0, slash).find('-') == token.npos)
        return {token.substr(0, slash) + token.substr(dash),
                token.substr(0, slash - 1) + token[slash + 1] + token.substr(dash)};
    if (dash == slash + 1) {
        const auto first = token.find('-');
        if (first < slash) return {token.substr(0, slash), token.substr(0, first) + token.substr(dash)};
    }
    return {token};
}

void add_models(const std::string& token, const Letters& letters, std::vector<std::string>& into) {
    for (const auto& half : halves(token))
        for (const auto& one : expanded(half, letters)) {
            auto made = canonical(one, true);
            // WAGO's variants: "750-331/xxx-xxx" is the 750-331 and all of its variants.
            if (const auto slash = one.find("/\?\?\?-\?\?\?"); slash != one.npos) {
                into.push_back(canonical(one.substr(0, slash), true));
                made = canonical(one.substr(0, slash), true) + std::string(6, '?');
            }
            const auto literal = made.find_first_of("*?");
            if (std::min(literal, made.size()) < 2 || made.size() < 3) continue;
            if (into.size() < 4 * alternatives_most && std::ranges::find(into, made) == into.end())
                into.push_back(std::move(made));
        }
}

bool a_condition(std::string_view remark) {
    const auto small = lower(remark);
    for (const auto known :
         {"running", "if ", "with ", "when", "only", "signed", "unsigned", "for ", "using", "on "})
        if (small.starts_with(known)) return true;
    return false;
}

void also(std::string& condition, std::string_view what) {
    if (!what.empty()) condition += cat(condition.empty() ? "" : "; ", what);
}

/// "Series A/B/C": letters alone. "Series R04CPU" and "A-Series" are something else.
std::string series_letters(std::string& name) {
    const auto at = name.find("Series ");
    if (at == name.npos) return {};
    std::string out;
    auto end = at + 7;
    while (end < name.size() && upper(name[end])) {
        out += name[end++];
        if (end < name.size() && name[end] == '/')
            ++end;
        else
            break;
    }
    if (out.empty() || (end < name.size() && name[end] != ' ' && name[end] != ',' && name[end] != ')'))
        return {};
    name.erase(at, end - at);
    return out;
}

/// What the catalogue knows of a family counts where the advisory gives no order number, or one that is only
/// the family's beginning ("FC6A MICROSmart Plus", "GT27 model").
void ask_families(ProductName& name, const std::vector<std::string>& words, bool over_models,
                  const Catalog& catalog) {
    const auto of_maker = [&](const Family& one) {
        return std::ranges::find(name.vendors, one.vendor) != name.vendors.end();
    };
    for (const auto& one : catalog.families()) {
        if (!of_maker(one) || !contains_words(words, one.words)) continue;
        const bool only_beginnings = std::ranges::all_of(name.models, [&](const std::string& model) {
            return std::ranges::find(one.words, model) != one.words.end();
        });
        if (!only_beginnings && !over_models) continue;
        name.family = one.patterns;
        name.models.clear();
        break;
    }
    std::vector<std::string> known;
    for (const auto& model : name.models)
        for (const auto& one : catalog.families())
            if (of_maker(one) && one.words.size() == 1 && one.words[0] == model)
                known.insert(known.end(), one.patterns.begin(), one.patterns.end());
    name.family.insert(name.family.end(), known.begin(), known.end());
}

} // namespace

ProductName read_product(const Product& product, const Catalog& catalog) {
    ProductName out{.vendors = catalog.vendors(product.vendor), .condition = product.condition};
    const auto vendor = out.vendors.empty() ? std::string{} : out.vendors.front();
    for (const auto& model : product.models)
        if (auto made = canonical(model, true); made.size() >= 4) out.helper.push_back(std::move(made));
    auto name = squared(catalog.meant(vendor, std::string_view{product.name}.substr(0, 1'000)));
    const auto small = lower(name);
    out.open = small.contains("series") || small.contains("all models") || small.contains("family");
    if (vendor == "rockwell") out.series = series_letters(name);
    if (auto serial = serial_range(name)) {
        out.serial = std::move(serial);
        const auto at = lower(name).find("serial");
        name.erase(name[at > 0 ? at - 1 : 0] == '(' ? at - 1 : at);
        for (const std::string_view word : {" with ", ", ", " with"})
            if (name.ends_with(word)) name.erase(name.size() - word.size());
    }
    if (const auto at = lower(name).find(" containing "); at != name.npos) {
        also(out.condition, std::string_view{name}.substr(at + 1));
        name.erase(at);
    }
    replace(name, ", y=", " y=");
    replace(name, ", z=", " z=");
    // Remarks in parentheses with a space before them; "(EN)" inside an order number stays.
    std::vector<std::string> in_remarks;
    for (std::size_t at = 0; (at = name.find(" (", at)) != name.npos;) {
        const auto end = std::min(name.find(')', at), name.size() - 1);
        auto remark = name.substr(at + 2, end - at - 2);
        name.erase(at, end - at + 1);
        if (a_condition(remark)) {
            also(out.condition, remark);
            continue;
        }
        replace(remark, " - ", "-");
        for (auto& word : split(remark, " ,"))
            if (catalog.is_order_number(vendor, word)) in_remarks.push_back(std::move(word));
    }
    Letters letters;
    std::vector<std::string> tokens;
    for (auto& token : split(name, " ")) {
        if (token.size() > 2 && token[1] == '=' && token[0] >= 'x' && token[0] <= 'z')
            letters.values[static_cast<std::size_t>(token[0] - 'x')] = values_of(
                token[0], std::string_view{token}.substr(2));
        else if (lower(token).starts_with("type="))
            tokens.push_back(token.substr(5));
        else
            for (auto& one : split(token, ",")) tokens.push_back(std::move(one));
    }
    // Rockwell's "L8z" would be a safety controller's number, too: the family says which of them.
    if (vendor == "rockwell")
        std::erase_if(in_remarks, [](const std::string& word) { return word.contains('z'); });
    for (const auto& token : in_remarks) add_models(token, letters, out.models);
    // A star behind an order number that is whole is a footnote's.
    std::string rest;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        auto token = tokens[i];
        const auto is_order = [&](const std::string& text) {
            return std::ranges::any_of(
                out.vendors, [&](const std::string& one) { return catalog.is_order_number(one, text); });
        };
        // "BMX P34x", "BMX NOC 0401", "6ES7 315-…": an order number with spaces in it.
        if ((token == "BMX" || token == "BME" || token == "TSX") && i + 1 < tokens.size()) {
            token += tokens[++i];
            if (i + 1 < tokens.size() && tokens[i + 1].size() == 4 && digit(tokens[i + 1][0]))
                token += tokens[++i];
        }
        if (out.helper.empty() && is_order(token))
            add_models(token, letters, out.models);
        else
            rest += cat(rest.empty() ? "" : " ", token);
    }
    out.words = words_of(name);
    // Its own name in front of its products' says nothing about which.
    while (!out.words.empty() && !vendor.empty() && catalog.vendors(out.words.front()) == out.vendors)
        out.words.erase(out.words.begin());
    if (out.helper.empty()) ask_families(out, words_of(name), vendor == "rockwell", catalog);
    return out;
}

} // namespace yagura::see::weakness
