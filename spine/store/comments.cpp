#include "spine/store/comments.h"

#include <algorithm>
#include <array>

#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using namespace reading;

constexpr char separator = '\x1f';
constexpr std::string_view head = "comments 1 ";
constexpr std::size_t fields = 6, use_most = 160, wholes_most = 6;

void put(std::string& out, std::string_view text) {
    for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    out += separator;
}

/// Takes the text up to the next separator, or all of it.
std::string_view take(std::string_view& text, char mark) {
    const auto end = text.find(mark);
    const auto out = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return out;
}

std::optional<CommentWord> word_of(std::string_view line) {
    if (std::ranges::count(line, separator) != static_cast<std::ptrdiff_t>(fields)) return std::nullopt;
    CommentWord out;
    for (auto* const text : {&out.object, &out.address, &out.name, &out.type, &out.comment})
        *text = take(line, separator);
    out.also = take(line, separator) == "1";
    return out.object.empty() ? std::nullopt : std::optional{std::move(out)};
}

constexpr std::string_view list_columns =
    "SELECT id, name, tool, notation, words, at, who, file FROM comment_list";

CommentList list_of(const Row& row) {
    return {.id = row.as<std::uint64_t>(0),
            .name = row.string(1),
            .tool = row.string(2),
            .notation = row.string(3),
            .file = row.string(7),
            .words = row.as<std::uint64_t>(4),
            .at = from_ns(row.integer(5)),
            .who = row.string(6)};
}

Result<void> read_uses(Database& state, std::vector<CommentList>& lists) {
    Who who{state};
    return Query{"SELECT list, node, part FROM comment_use ORDER BY list, node, part"}.each_again(
        state, [&](const Row& row) {
            const auto found = std::ranges::find(lists, row.as<std::uint64_t>(0), &CommentList::id);
            if (found != lists.end()) found->uses.push_back({who.node(row.integer(1)), row.string(2)});
        });
}

} // namespace

std::string text_of(const CommentFile& file) {
    std::string out = cat(head, file.words.size(), " ", file.tool, " ", file.notation, "\n");
    for (const auto& word : file.words) {
        for (const auto* text : {&word.object, &word.address, &word.name, &word.type, &word.comment})
            put(out, *text);
        put(out, word.also ? "1" : "0");
        out += '\n';
    }
    return out;
}

std::optional<CommentFile> comment_file(std::string_view text) {
    if (!text.starts_with(head)) return std::nullopt;
    text.remove_prefix(head.size());
    auto first = take(text, '\n');
    const auto many = number<std::uint32_t>(take(first, ' '));
    if (!many || *many > comment_words_most) return std::nullopt;
    CommentFile out;
    out.tool = take(first, ' ');
    out.notation = first;
    while (!text.empty()) {
        if (!text.contains('\n')) return std::nullopt;
        auto word = word_of(take(text, '\n'));
        if (!word || out.words.size() == *many) return std::nullopt;
        out.words.push_back(*std::move(word));
    }
    return out.words.size() == *many && !out.tool.empty() ? std::optional{std::move(out)} : std::nullopt;
}

std::string comment_folder(const std::string& data) { return data + "/comments"; }

std::vector<std::string_view> wholes_of(std::string_view object) {
    std::vector<std::string_view> out;
    while (!object.empty() && out.size() < wholes_most) {
        out.push_back(object);
        const auto at = object.find_last_of(".[ ");
        if (at == object.npos || at == 0) break;
        object = object.substr(0, at);
    }
    return out;
}

std::string text_of(const std::vector<CommentUse>& uses) {
    std::string out;
    for (const auto& use : uses) {
        out += cat(use.node);
        out += separator;
        put(out, use.part);
        out.back() = '\n';
    }
    return out;
}

std::optional<std::vector<CommentUse>> comment_uses(std::string_view text) {
    std::vector<CommentUse> out;
    while (!text.empty()) {
        if (!text.contains('\n') || out.size() == comment_uses_most) return std::nullopt;
        auto line = take(text, '\n');
        if (line.size() > use_most || !line.contains(separator)) return std::nullopt;
        const auto node = number<std::uint64_t>(take(line, separator));
        if (!node || *node > INT64_MAX) return std::nullopt;
        out.push_back({*node, std::string{line}});
    }
    return out;
}

std::string comment_list_text(std::uint64_t id) { return cat("w0-", id); }
std::optional<std::uint64_t> comment_list_number(std::string_view text) {
    const auto found = number_of(text, "w0-");
    return found ? std::optional{static_cast<std::uint64_t>(*found)} : std::nullopt;
}

Result<std::vector<CommentList>> CommentReader::lists() {
    YAGURA_TRY(auto loan, state_.borrow());
    std::vector<CommentList> out;
    YAGURA_STORE_DO(Query{cat(list_columns, " ORDER BY lower(name), id")}.each_again(
        *loan, [&](const Row& row) { out.push_back(list_of(row)); }));
    YAGURA_STORE_DO(read_uses(*loan, out));
    return out;
}

Result<std::optional<CommentList>> CommentReader::list(std::string_view id) {
    std::optional<CommentList> out;
    const auto wanted = comment_list_number(id);
    if (!wanted) return out;
    YAGURA_TRY(auto loan, state_.borrow());
    std::vector<CommentList> found;
    YAGURA_STORE_DO(Query{list_columns}.add(" WHERE id = ?", *wanted).each_again(*loan, [&](const Row& row) {
        found.push_back(list_of(row));
    }));
    YAGURA_STORE_DO(read_uses(*loan, found));
    if (!found.empty()) out = std::move(found.front());
    return out;
}

Result<CommentWords> CommentReader::words(std::uint64_t list, std::string_view text, const Page& page) {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto before, offset_of(page));
    const auto first = std::min<std::uint64_t>(before, comment_words_most);
    const auto where = [&](std::string_view what) {
        Query query{cat("SELECT ", what, " FROM comment_word WHERE also = 0 AND list = ")};
        query.add("?", list);
        for (auto word : split(text)) {
            for (auto& c : word)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
            query.add(" AND (instr(lower(object), ?) > 0 OR instr(lower(address), ?) > 0 OR "
                      "instr(lower(name), ?) > 0 OR instr(lower(comment), ?) > 0)",
                      word, word, word, word);
        }
        return query;
    };
    CommentWords out;
    YAGURA_TRY(const auto total, where("count(*)").number(*loan));
    out.total = static_cast<std::uint64_t>(total);
    const auto most = std::clamp<std::size_t>(page.most, 1, rows_most);
    // "D9" before "D10": by its letters, then by its length.
    YAGURA_STORE_DO(where("object, address, name, type, comment")
                        .add(cat(" ORDER BY rtrim(object, '0123456789ABCDEFabcdef.'), length(object), object "
                                 "LIMIT ",
                                 most, " OFFSET ", first))
                        .each(*loan, [&](const Row& row) {
                            out.words.push_back({row.string(0), row.string(1), row.string(2), row.string(3),
                                                 row.string(4), false});
                        }));
    if (const auto next = first + out.words.size(); next < out.total) out.next_cursor = cat(next);
    return out;
}

Result<std::vector<std::string>> CommentReader::vendors(const std::vector<std::string>& devices) {
    YAGURA_TRY(auto loan, state_.borrow());
    std::vector<std::string> out;
    for (const auto& device : devices) {
        auto& vendor = out.emplace_back();
        YAGURA_TRY(const auto id, device_number(*loan, device));
        if (!id) continue;
        YAGURA_STORE_DO(Query{"SELECT vendor FROM shown WHERE device = "}.add("?", *id).each_again(
            *loan, [&](const Row& row) { vendor = row.string(0); }));
    }
    return out;
}

} // namespace yagura::store
