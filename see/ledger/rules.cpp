#include "see/ledger/rules.h"

#include <algorithm>

#include "see/ledger/normal.h"
#include "spine/base/text.h"

namespace yagura::see::ledger {
namespace {

constexpr char separator = '\x1f';
constexpr std::size_t conditions = 5; ///< subnet, VLAN, port, name, line

/// Full width and half width, capital and small letters are one.
std::string form(std::string_view text) { return lower(plain(text)); }

bool in_middle(char c) noexcept { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Both in their form. Steps back to the last star at most: no pattern makes it slow.
bool matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0, star = pattern.npos, from = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.size() && pattern[p] == '?') {
            ++p;
            do ++t;
            while (t < text.size() && in_middle(text[t]));
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != pattern.npos) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

void put(std::string& into, std::string_view value) {
    for (const char one : value) into += one == separator || one == '\n' ? ' ' : one;
    into += separator;
}

} // namespace

std::string text_of(const Rule& rule) {
    std::string out;
    put(out, rule.subnet);
    put(out, cat(rule.vlan));
    put(out, rule.port);
    put(out, rule.name);
    put(out, cat(rule.line));
    for (const auto field : ruled_fields)
        if (field != Field::line) put(out, rule.values[static_cast<std::size_t>(field)]);
    return out;
}

std::optional<Rule> rule_of(std::string_view text) {
    std::vector<std::string_view> parts;
    while (!text.empty() && parts.size() < conditions + ruled_fields.size()) {
        const auto end = text.find(separator);
        if (end == text.npos) return std::nullopt;
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    // A newer version may have said more behind it.
    if (parts.size() < conditions + ruled_fields.size() - 1) return std::nullopt;
    const auto vlan = number<std::uint16_t>(parts[1]);
    const auto line = number<std::uint32_t>(parts[4]);
    if (!vlan || *vlan > 4'094 || !line || parts[2].size() > pattern_most || parts[3].size() > pattern_most)
        return std::nullopt;
    if (!parts[0].empty() && !observe::subnet_of(parts[0])) return std::nullopt;
    Rule out{.subnet = std::string{parts[0]},
             .vlan = *vlan,
             .port = std::string{parts[2]},
             .name = std::string{parts[3]},
             .line = *line};
    auto at = conditions;
    bool says = out.line != 0;
    for (const auto field : ruled_fields) {
        if (field == Field::line) continue;
        const auto value = parts[at++];
        if (value.size() > value_most) return std::nullopt;
        says |= !value.empty();
        out.values[static_cast<std::size_t>(field)] = value;
    }
    const bool asks = !out.subnet.empty() || out.vlan != 0 || !out.port.empty() || !out.name.empty();
    return asks && says ? std::optional{std::move(out)} : std::nullopt;
}

std::string because(const Rule& rule) {
    std::string out;
    const auto add = [&](std::string_view text) {
        if (!text.empty()) out += cat(out.empty() ? "" : " · ", text);
    };
    add(rule.subnet);
    if (rule.vlan != 0) add(cat("VLAN ", rule.vlan));
    add(rule.port);
    add(rule.name);
    return out;
}

bool fits_pattern(std::string_view pattern, std::string_view text) {
    return matches(form(pattern), form(text));
}

Rules::Rules(std::vector<Rule> rules) : rules_{std::move(rules)} {
    for (const auto& rule : rules_) {
        auto& ready = ready_.emplace_back();
        if (!rule.subnet.empty()) ready.subnet = observe::subnet_of(rule.subnet);
        ready.port = form(rule.port);
        ready.name = form(rule.name);
        ports_ |= !rule.port.empty();
        names_ |= !rule.name.empty();
    }
}

const Rule* Rules::find(std::uint64_t id) const noexcept {
    const auto found = std::ranges::find(rules_, id, &Rule::id);
    return found == rules_.end() ? nullptr : &*found;
}

std::vector<const Rule*> Rules::fitting(const Placed& placed) const {
    std::vector<const Rule*> out;
    const auto port = ports_ ? form(placed.port) : std::string{};
    std::vector<std::string> names;
    if (names_)
        for (const auto name : placed.names) names.push_back(form(name));
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        const auto& rule = rules_[i];
        const auto& ready = ready_[i];
        if (!rule.subnet.empty() &&
            (!ready.subnet || std::ranges::none_of(placed.ips, [&](const observe::Ip& ip) {
                return observe::contains(*ready.subnet, ip);
            })))
            continue;
        if (rule.vlan != 0 && placed.vlan != rule.vlan) continue;
        if (!rule.port.empty() && (port.empty() || !matches(ready.port, port))) continue;
        if (!rule.name.empty() &&
            std::ranges::none_of(names, [&](const std::string& name) { return matches(ready.name, name); }))
            continue;
        out.push_back(&rule);
    }
    return out;
}

std::vector<Filled> Rules::fill(std::span<const Rule* const> fitting, const Entry& said) {
    std::vector<Filled> out;
    for (const auto field : ruled_fields) {
        if (field == Field::line || !said[field].empty()) continue;
        for (const auto* rule : fitting) {
            const auto& value = rule->values[static_cast<std::size_t>(field)];
            if (value.empty()) continue;
            out.push_back({field, value, rule->id});
            break;
        }
    }
    return out;
}

} // namespace yagura::see::ledger
