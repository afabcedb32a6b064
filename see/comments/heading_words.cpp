#include "see/comments/heading_words.h"

#include <map>
#include <string>

#include "see/ledger/normal.h"

namespace yagura::see::comments {
namespace {

struct Said {
    std::string_view text;
    Heading heading;
};
constexpr Heading address{Column::address, Sign::none, 2}, name{Column::name, Sign::none, 2},
    type{Column::type, Sign::none, 2}, comment{Column::comment, Sign::none, 2};
constexpr Heading sign(Sign sign, std::optional<Column> column = {}, int rank = 1) {
    return {column, sign, rank};
}

constexpr Said said[]{
    {"デバイス名", address},
    {"デバイス", address},
    {"device name", address},
    {"device", address},
    {"デバイス番号", address},
    {"device number", address},
    {"割付(デバイス/ラベル)", address},
    {"assign (device/label)", address},
    {"アドレス", {Column::address, Sign::none, 1}}, // Beside a device, IEC's way to write it.
    {"address", {Column::address, Sign::none, 1}},
    {"レジスタ", address},
    {"レジスタ番号", address},
    {"register", address},
    {"ノード", address},
    {"node id", address},
    {"logical address", sign(Sign::tia, Column::address, 2)},
    {"論理アドレス", sign(Sign::tia, Column::address, 2)},
    {"hmi accessible", sign(Sign::tia)},
    {"hmi visible", sign(Sign::tia)},
    {"at", sign(Sign::sysmac, Column::address)},
    {"割付先", sign(Sign::sysmac, Column::address)},
    {"taglink", sign(Sign::sysmac)},
    {"network publish", sign(Sign::sysmac)},
    {"ネットワーク公開", sign(Sign::sysmac)},
    {"retain", sign(Sign::sysmac)},
    {"保持", sign(Sign::sysmac)},
    {"rack location", sign(Sign::cx)},
    {"ラック位置", sign(Sign::cx)},
    {"usage", sign(Sign::cx)},
    {"使用", sign(Sign::cx)},
    {"ラベル", name},
    {"ラベル名", name},
    {"label", name},
    {"label name", name},
    {"名称", name},
    {"名前", name},
    {"name", name},
    {"変数名", name},
    {"変数", name},
    {"variable", name},
    {"variable name", name},
    {"シンボル", name},
    {"シンボル名", name},
    {"symbol", name},
    {"タグ名", name},
    {"タグ", name},
    {"tag", name},
    {"tag name", name},
    {"データ型", type},
    {"data type", type},
    {"型", type},
    {"コメント", comment},
    {"comment", comment},
    {"デバイスコメント", comment},
    {"device comment", comment},
    {"説明", comment},
    {"description", comment},
    {"意味", comment},
    {"内容", comment},
    {"用途", comment},
    {"備考", {Column::comment, Sign::none, 1}},
    {"remark", {Column::comment, Sign::none, 1}},
    {"scope", sign(Sign::logix, Column::scope)},
    {"specifier", sign(Sign::logix, Column::specifier)},
    {"type", {Column::kind, Sign::none, 1}}, // Of Studio 5000; elsewhere a type of data.
};

} // namespace

std::optional<Heading> heading_of(std::string_view text) {
    static const auto words = [] {
        std::map<std::string, Heading, std::less<>> out;
        for (const auto& one : said) out.emplace(ledger::compared(one.text), one.heading);
        return out;
    }();
    if (text.size() > 128) return std::nullopt;
    const auto form = ledger::compared(text);
    if (const auto found = words.find(form); found != words.end()) return found->second;
    // "コメント1", "コメント(日本語)", "Comment [English]": several languages, or several lines.
    for (const std::string_view begin : {"コメント", "comment"})
        if (form.size() > begin.size() && form.starts_with(begin) && form.size() < begin.size() + 24)
            return Heading{Column::comment, Sign::none, 1};
    return std::nullopt;
}

} // namespace yagura::see::comments
