#include "see/weakness/json_file.h"

#include <algorithm>
#include <optional>

#include "spine/base/utf8.h"

namespace yagura::see::weakness {
namespace {

/// Where structure stands in JSON: outside of strings.
class Scan {
public:
    explicit Scan(std::string_view text) : text_{text} {}

    /// The next of {}[],: or 0 at the end; a string counts as '"', with its bytes in string().
    char next() {
        while (at_ < text_.size()) {
            const char one = text_[at_++];
            if (one == '"') {
                const auto begin = at_;
                while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2u : 1u;
                string_ = text_.substr(begin, std::min(at_, text_.size()) - begin);
                at_ = std::min(at_ + 1, text_.size());
                return '"';
            }
            if (one == '{' || one == '}' || one == '[' || one == ']' || one == ',' || one == ':') return one;
        }
        return 0;
    }
    std::size_t at() const noexcept { return at_; }
    std::string_view string() const noexcept { return string_; }

private:
    std::string_view text_, string_;
    std::size_t at_ = 0;
};

std::string place(std::string_view file, std::size_t byte) {
    return cat(yagura::quoted(file.substr(0, 200)), " byte ", byte);
}

/// Before a tree is built of it: how deep it is and of how many values.
Result<void> measure(std::string_view text, std::string_view file, const JsonLimits& limits) {
    if (text.size() > limits.bytes)
        return std::unexpected{too_large(file, cat("it has more than ", limits.bytes, " bytes"))};
    Scan scan{text};
    std::size_t values = 0, depth = 0;
    for (char one = 0; (one = scan.next()) != 0;) {
        if (one == '"') continue;
        if (++values > limits.values)
            return std::unexpected{too_large(file, cat("it has more than ", limits.values, " values"))};
        if (one == '{' || one == '[') {
            if (++depth > limits.depth)
                return std::unexpected{
                    too_large(file, cat("it is nested deeper than ", limits.depth, ", at byte ", scan.at()))};
        } else if ((one == '}' || one == ']') && depth > 0) {
            --depth;
        }
    }
    return {};
}

Result<json> parsed(std::string_view text, std::string_view file, std::size_t base) {
    try {
        return json::parse(text);
    } catch (const json::exception& error) {
        const auto* const syntax = dynamic_cast<const json::parse_error*>(&error);
        return std::unexpected{
            Complaint{.code = "feed.not-json",
                      .what = "the file was not read: it is no JSON, or was cut",
                      .why = yagura::quoted(std::string_view{error.what()}.substr(0, 200)),
                      .where = place(file, base + (syntax ? syntax->byte : 0)),
                      .next = "get it again from where it came from; nothing was changed"}};
    }
}

} // namespace

Complaint misfit(std::string_view file, std::string_view pointer, std::string what) {
    return {.code = "feed.misfit",
            .what = cat("the file was not read: ", what),
            .where = cat(yagura::quoted(file.substr(0, 200)), " ",
                         pointer.empty() ? "/" : pointer.substr(0, 300)),
            .next = "get it again from where it came from, or tell its publisher; nothing was changed"};
}

Complaint too_large(std::string_view file, std::string why) {
    return {
        .code = "feed.too-large",
        .what = "the file was not read: it is larger than what is read of one",
        .why = std::move(why),
        .where = yagura::quoted(file.substr(0, 200)),
        .next = "bring it in parts, or leave out what no equipment of the plant is in; nothing was changed"};
}

Result<json> read_json(Bytes bytes, std::string_view file, const JsonLimits& limits) {
    auto text = as_text(bytes);
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (auto done = measure(text, file, limits); !done) return std::unexpected{std::move(done).error()};
    return parsed(text, file, 0);
}

Result<std::size_t> each_object(Bytes bytes, std::string_view file, std::string_view key,
                                const JsonLimits& one_limits,
                                const std::function<Result<void>(const json&, std::size_t)>& take) {
    const auto text = as_text(bytes);
    Scan scan{text};
    // Level 1 is the outermost object; its keys stand before a colon.
    std::size_t depth = 0;
    std::string_view last;
    bool found = false;
    for (char one = 0; !found && (one = scan.next()) != 0;) {
        if (one == '"') last = scan.string();
        if (one == '[' && depth == 1 && last == key) found = true;
        if (one == '{' || one == '[') ++depth;
        if ((one == '}' || one == ']') && depth > 0) --depth;
        if (one == ',' && depth == 1) last = {};
    }
    if (!found)
        return std::unexpected{misfit(file, cat("/", key), cat("it has no list ", yagura::quoted(key)))};
    std::size_t count = 0, begin = text.npos;
    const auto outside = depth; // inside the list
    for (char one = 0; (one = scan.next()) != 0;) {
        if (one == '{' || one == '[') {
            if (depth == outside) begin = scan.at() - 1;
            ++depth;
        } else if (one == '}' || one == ']') {
            if (depth == outside) return count; // the list's own end
            if (--depth == outside && begin != text.npos) {
                const auto object = text.substr(begin, scan.at() - begin);
                if (auto done = measure(object, file, one_limits); !done)
                    return std::unexpected{std::move(done).error()};
                YAGURA_TRY(const auto tree, parsed(object, file, begin));
                if (auto done = take(tree, count); !done) return std::unexpected{std::move(done).error()};
                ++count;
                begin = text.npos;
            }
        }
    }
    return std::unexpected{Complaint{.code = "feed.not-json",
                                     .what = "the file was not read: it is no JSON, or was cut",
                                     .why = cat("its list ", yagura::quoted(key), " does not end"),
                                     .where = place(file, text.size()),
                                     .next = "get it again from where it came from; nothing was changed"}};
}

std::string clipped(std::string_view text, std::size_t most) {
    if (text.size() <= most) return std::string{text};
    auto end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;
    return std::string{text.substr(0, end)};
}

std::string text_in(const json& object, const char* key, std::size_t most) {
    if (!object.is_object()) return {};
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return {};
    return clipped(found->get_ref<const std::string&>(), most);
}

} // namespace yagura::see::weakness
