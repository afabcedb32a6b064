#include "see/api/kept_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "see/tables/encoding.h"

namespace yagura::see {
namespace {

namespace fs = std::filesystem;

/// What the journal may still need of what was imported: the newest.
constexpr std::size_t files_kept = 10;

Complaint disk(std::string_view what) {
    return {.code = "api.disk-full",
            .what = std::string{what},
            .why = std::strerror(errno),
            .next = "free space where the data folder is, then import it again"};
}

} // namespace

Result<void> write_whole(const std::string& folder, const std::string& name, std::string_view text,
                         std::string_view what) {
    std::error_code ignored;
    fs::create_directories(folder, ignored);
    const auto path = cat(folder, "/", name), half = path + ".half";
    const int file = ::open(half.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return std::unexpected{disk(cat(what, " cannot be written"))};
    bool good = true;
    while (good && !text.empty()) {
        const auto done = ::write(file, text.data(), text.size());
        if (done < 0 && errno == EINTR) continue;
        good = done > 0;
        if (good) text.remove_prefix(static_cast<std::size_t>(done));
    }
    good = good && ::fsync(file) == 0;
    good = ::close(file) == 0 && good && ::rename(half.c_str(), path.c_str()) == 0;
    if (!good) {
        auto complaint = disk(cat(what, " cannot be written"));
        ::unlink(half.c_str());
        return std::unexpected{std::move(complaint)};
    }
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        ::fsync(directory);
        ::close(directory);
    }
    return {};
}

void forget_old(const std::string& folder, const std::vector<std::string>& in_use) {
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{folder, error})
        if (entry.path().extension() != layout_ending) // They take nobody's place: see forget_layouts().
            files.emplace_back(entry.last_write_time(error), entry.path());
    std::ranges::sort(files, std::greater{});
    for (std::size_t i = files_kept; i < files.size(); ++i)
        if (std::ranges::find(in_use, files[i].second.filename().string()) == in_use.end())
            fs::remove(files[i].second, error);
}

void forget_layouts(const std::string& folder, const std::string& but) {
    std::error_code error;
    std::vector<fs::path> old;
    for (const auto& entry : fs::directory_iterator{folder, error})
        if (entry.path().extension() == layout_ending && entry.path().filename() != but)
            old.push_back(entry.path());
    for (const auto& path : old) fs::remove(path, error);
}

api::Response in_encoding(api::Response response, std::string_view encoding) {
    constexpr std::string_view mark = "\xef\xbb\xbf";
    if (encoding == "utf-8-bom") return response;
    if (response.body.starts_with(mark)) response.body.erase(0, mark.size());
    if (encoding == "cp932") {
        response.body = tables::in_cp932(response.body);
        response.type = "text/csv; charset=windows-31j";
    }
    return response;
}

} // namespace yagura::see
