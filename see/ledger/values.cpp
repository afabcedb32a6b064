#include "see/ledger/values.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "see/ledger/normal.h"

namespace yagura::see::ledger {
namespace {

/// In compared() form: dashes alone are empty there.
constexpr std::string_view nothing[]{"",       "なし",   "無し",     "無",       "n/a",    "na",
                                     "none",   "nil",    "null",     "不明",     "未定",   "未設定",
                                     "未登録", "未記入", "該当なし", "該当無し", "対象外", "unknown",
                                     "tbd",    "/",      "//",       "#n/a",     "×",      "空欄"};
constexpr std::size_t nothing_most = 64; ///< bytes: what is longer says something
constexpr std::string_view automatic[]{"dhcp", "自動", "自動取得", "自動割当",
                                       "動的", "可変", "auto",     "dynamic"};

constexpr std::pair<std::string_view, std::string_view> levels[]{
    {"高", "high"},   {"大", "high"},       {"a", "high"},        {"high", "high"},     {"h", "high"},
    {"◎", "high"},    {"重要", "high"},     {"最重要", "high"},   {"critical", "high"}, {"中", "medium"},
    {"b", "medium"},  {"medium", "medium"}, {"m", "medium"},      {"middle", "medium"}, {"○", "medium"},
    {"〇", "medium"}, {"普通", "medium"},   {"normal", "medium"}, {"低", "low"},        {"小", "low"},
    {"c", "low"},     {"low", "low"},       {"l", "low"},         {"△", "low"},
};

bool among(std::span<const std::string_view> words, std::string_view form) {
    return std::ranges::find(words, form) != words.end();
}

bool says_nothing(std::string_view cell) {
    if (cell.size() > nothing_most) return false;
    if (cell.find_first_of("0123456789") != cell.npos)
        return false; // No such word has a digit; most cells do.
    return among(nothing, compared(cell));
}

/// "192.168.1.10(制御)": what stands in brackets is a remark.
std::string without_remarks(std::string text) {
    for (auto open = text.find('('); open != text.npos; open = text.find('(', open)) {
        const auto close = text.find(')', open);
        if (close == text.npos) break;
        text.replace(open, close - open + 1, " ");
    }
    return text;
}

using Normal = std::optional<std::string> (*)(std::string_view);

/// Each address of a cell, or nothing if one of them is none.
std::optional<std::string> addresses(std::string_view cell, Normal normal) {
    const auto text = plain(without_remarks(plain(cell)));
    if (const auto one = normal(text)) return one; // "00 11 22 33 44 55" is one.
    std::string out;
    for (std::string_view rest{text}; !rest.empty();) {
        auto end = std::min(rest.find_first_of(" ,;|"), rest.size());
        std::size_t skip = 1;
        for (const std::string_view between : {"、", "・", "，"})
            if (const auto at = rest.find(between); at < end) end = at, skip = between.size();
        auto word = rest.substr(0, end);
        // "10.0.0.5/24" is an address with its prefix, "10.0.0.5/10.0.1.5" are two.
        if (const auto slash = word.find('/'); slash != word.npos && !normal(word)) {
            end = slash, skip = 1;
            word = word.substr(0, slash);
        }
        if (!word.empty()) {
            const auto one = normal(word);
            if (!one) return {};
            join(out, *one);
        }
        rest.remove_prefix(std::min(end + skip, rest.size()));
    }
    return out.empty() ? std::nullopt : std::optional{std::move(out)};
}

Value address(std::string_view cell, Normal normal, std::string_view code) {
    if (among(automatic, compared(cell))) return {};
    auto found = addresses(cell, normal);
    if (!found) return {.code = code};
    return {.text = *std::move(found)};
}

Value criticality(std::string_view cell) {
    const auto all = plain(cell);
    const auto form = compared(std::string_view{all}.substr(0, all.find('(')));
    for (const auto& [word, level] : levels)
        if (form == word) return {.text = std::string{level}};
    return {.code = "ledger.unknown-criticality"};
}

} // namespace

bool is_ditto(std::string_view cell) {
    static constexpr std::string_view marks[]{"〃", "同上", "′′", "”", "\"", "々"};
    return cell.size() <= nothing_most && among(marks, plain(cell));
}

void join(std::string& text, std::string_view more) {
    if (more.empty() || text == more || text.size() > value_most) return; // Then it is too long already.
    if (text.empty()) {
        text = more;
        return;
    }
    std::string padded = " ";
    padded.append(text).append(" ");
    if (padded.contains(std::string{" "}.append(more).append(" "))) return;
    text.append(" ").append(more);
}

Value value_of(Field field, std::string_view cell) {
    if (says_nothing(cell)) return {};
    Value out;
    switch (field) {
    case Field::ip:
        out = address(cell, ip, "ledger.not-an-ip");
        break;
    case Field::mac:
        out = address(cell, mac, "ledger.not-a-mac");
        break;
    case Field::criticality:
        out = criticality(cell);
        break;
    case Field::number:
    case Field::product:
    case Field::serial:
    case Field::firmware:
        out.text = code(cell);
        break;
    default:
        out.text = plain(cell);
    }
    if (out.text.size() > value_most) return {.code = "ledger.too-long"};
    return out;
}

} // namespace yagura::see::ledger
