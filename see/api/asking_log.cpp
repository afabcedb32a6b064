#include "see/api/asking_log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <nlohmann/json.hpp>

#include "spine/base/rfc3339.h"
#include "spine/base/text.h"

namespace yagura::see {
namespace {

constexpr std::size_t block = 256 * 1024, looked_at_most = std::size_t{64} << 20, line_most = 8'192;

std::optional<AskingLine> line_of(std::string_view text) {
    const auto read = nlohmann::json::parse(text, nullptr, false);
    if (!read.is_object()) return std::nullopt;
    const auto word = [&](const char* name) {
        const auto found = read.find(name);
        return found != read.end() && found->is_string() ? found->get<std::string>() : std::string{};
    };
    const auto whole = [&](const char* name) {
        const auto found = read.find(name);
        return found != read.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
    };
    const auto at = from_rfc3339(word("time"));
    if (!at) return std::nullopt;
    return AskingLine{.at = observe::Time{std::chrono::nanoseconds{*at}},
                      .message = whole("message"),
                      .way = word("way"),
                      .address = word("address"),
                      .service = word("service"),
                      .what = word("what"),
                      .bytes = word("bytes"),
                      .port = static_cast<std::uint16_t>(whole("port")),
                      .length = whole("length")};
}

/// The lines of a file from its end, a block at a time; `take` says false when it has enough.
template <class Take>
bool backwards(std::ifstream& file, std::size_t size, std::size_t& looked_at, const Take& take) {
    std::string rest;
    for (auto end = size; end > 0;) {
        const auto some = std::min(block, end);
        looked_at += some;
        if (looked_at > looked_at_most) return false;
        std::string piece(some, '\0');
        file.seekg(static_cast<std::streamoff>(end - some));
        if (!file.read(piece.data(), static_cast<std::streamsize>(some))) return true; // emptied meanwhile
        end -= some;
        rest.insert(0, piece);
        while (true) {
            // The last line that is whole; before the first block of the file a beginning may be missing.
            const auto stop = rest.find_last_of('\n', rest.size() < 2 ? 0 : rest.size() - 2);
            if (stop == rest.npos && end != 0) break;
            const auto from = stop == rest.npos ? 0 : stop + 1;
            if (rest.size() > from && !take(std::string_view{rest}.substr(from))) return true;
            rest.resize(from);
            if (from == 0) break;
        }
        if (rest.size() > line_most) rest.clear(); // no line of ours
    }
    return true;
}

} // namespace

Result<AskingLines> asking_lines(const std::string& folder, const std::optional<std::string>& address,
                                 std::optional<observe::Time> before, std::size_t most, bool notes) {
    AskingLines out;
    struct File {
        std::ifstream stream;
        std::size_t size = 0;
        observe::Time last{};
    };
    std::vector<File> files;
    std::size_t looked_at = 0;
    for (const auto* name : {"ask-1.log", "ask-2.log"}) {
        const auto path = cat(folder, "/", name);
        errno = 0;
        std::ifstream stream{path, std::ios::binary | std::ios::ate};
        if (!stream) {
            if (errno == ENOENT || errno == ENOTDIR) continue;
            return std::unexpected{Complaint{.code = "ask.no-log",
                                             .what = cat("the log ", yagura::quoted(path), " cannot be read"),
                                             .why = std::strerror(errno),
                                             .where = path,
                                             .next = "let the user of yagura-center read it: it belongs to "
                                                     "yagura-ask and the group yagura"}};
        }
        File file{std::move(stream), 0, {}};
        file.size = static_cast<std::size_t>(std::max<std::streamoff>(0, file.stream.tellg()));
        (void)backwards(file.stream, file.size, looked_at, [&](std::string_view text) {
            const auto line = line_of(text);
            if (line) file.last = line->at;
            return !line;
        });
        file.stream.clear();
        out.last = std::max(out.last, file.last);
        files.push_back(std::move(file));
    }
    std::ranges::sort(files, std::greater{}, &File::last);
    for (auto& file : files) {
        const bool whole = backwards(file.stream, file.size, looked_at, [&](std::string_view text) {
            auto line = line_of(text);
            if (!line || (before && line->at >= *before)) return true;
            if ((address && line->address != *address) || (notes && (line->way != "note" || line->port != 0)))
                return true;
            if (out.lines.size() == most) {
                out.more = true;
                return false;
            }
            out.lines.push_back(std::move(*line));
            return true;
        });
        out.cut |= !whole;
        if (out.more || out.cut) break;
    }
    return out;
}

} // namespace yagura::see
