#include "apps/yagura/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <map>
#include <system_error>

#include <nlohmann/json.hpp>

#include "apps/yagura/archive.h"
#include "spine/base/folder_lock.h"
#include "spine/base/hex.h"
#include "spine/base/rfc3339.h"
#include "spine/journal/files.h"
#include "spine/store/writer.h"

namespace yagura::run {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view unpacking = ".unpacking";
constexpr std::string_view moving = ".restoring"; // A center does not start while it is there.
constexpr std::uint64_t manifest_most = std::uint64_t{1} << 28;

std::unexpected<Complaint> failed(std::string what, std::string why, std::string where, std::string next) {
    return std::unexpected{Complaint{.code = "restore.failed",
                                     .what = std::move(what),
                                     .why = std::move(why),
                                     .where = std::move(where),
                                     .next = std::move(next)}};
}
std::unexpected<Complaint> damaged(std::string why, std::string where) {
    return std::unexpected{Complaint{.code = "restore.damaged",
                                     .what = "this backup is damaged, or is none",
                                     .why = std::move(why),
                                     .where = std::move(where),
                                     .next = "take another backup; nothing was changed"}};
}

/// Ours only: whoever made this file may want to write elsewhere.
bool is_name(std::string_view name) {
    if (name == "manifest.json" || name == "yagura.toml" || name == "state.sqlite" ||
        name == "accounts.sqlite" || name == "first-password")
        return true;
    const auto slash = name.find('/');
    if (slash == name.npos || name.size() > 300) return false;
    const auto folder = name.substr(0, slash);
    if (folder != "history" && folder != "journal" && folder != "ledger" && folder != "comments" &&
        folder != "tls" && folder != "uploads")
        return false;
    const auto deepest = folder == "journal" ? 2 : 1;
    if (std::ranges::count(name, '/') != deepest) return false;
    for (auto rest = name; !rest.empty();) {
        const auto end = std::min(rest.find('/'), rest.size());
        const auto part = rest.substr(0, end);
        if (part.empty() || part.starts_with('.') || part.find('\0') != part.npos ||
            part.find('\\') != part.npos)
            return false;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return !name.ends_with('/');
}

struct Unpacked {
    std::map<std::string, std::pair<std::uint64_t, std::string>> files; ///< name -> bytes, SHA-256
    std::string manifest;
};

Result<Unpacked> unpack(const std::string& backup, const std::string& into) {
    Unpacked out;
    YAGURA_TRY(auto archive, ArchiveReader::open(backup));
    std::error_code error;
    for (;;) {
        YAGURA_TRY(const auto entry, archive.next());
        if (!entry) break;
        if (!is_name(entry->name) || out.files.contains(entry->name))
            return damaged(cat("there is a file in it that no backup holds: ", yagura::quoted(entry->name)),
                           backup);
        if (!out.manifest.empty()) return damaged("something stands behind its manifest", backup);
        if (entry->name == "manifest.json") {
            if (entry->bytes > manifest_most) return damaged("its manifest is too large", backup);
            auto done = archive.content([&](Bytes some) {
                out.manifest += as_text(some);
                return Result<void>{};
            });
            if (!done) return std::unexpected{std::move(done).error()};
            continue;
        }
        const auto path = into + '/' + entry->name;
        fs::create_directories(fs::path{path}.parent_path(), error);
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (file < 0)
            return failed("the backup cannot be unpacked", std::generic_category().message(errno), path,
                          "let the data folder be on a disk that can be written");
        Sha256 hash;
        auto done = archive.content([&](Bytes some) -> Result<void> {
            hash.add(some);
            while (!some.empty()) {
                const auto wrote = ::write(file, some.data(), some.size());
                if (wrote < 0 && errno == EINTR) continue;
                if (wrote < 0)
                    return failed("the backup cannot be unpacked", std::generic_category().message(errno),
                                  path, "free space on this disk; nothing was changed");
                some = some.subspan(static_cast<std::size_t>(wrote));
            }
            return {};
        });
        if (done && ::fsync(file) != 0)
            done = failed("the backup cannot be unpacked", std::generic_category().message(errno), path,
                          "look at this disk's health; nothing was changed");
        ::close(file);
        if (!done) return std::unexpected{std::move(done).error()};
        out.files[entry->name] = {entry->bytes, to_hex(hash.finish())};
    }
    return out;
}

/// Each file is what it was when it was kept, and none is missing. Gives when that was.
Result<std::string> compare(const Unpacked& unpacked_files, const std::string& backup) {
    const auto manifest = nlohmann::json::parse(unpacked_files.manifest, nullptr, false);
    if (!manifest.is_object() || !manifest.contains("files") || !manifest["files"].is_array())
        return damaged("it has no manifest: it was cut off", backup);
    if (manifest.value("format", 0) != 1)
        return failed("this backup was made by a newer release",
                      cat("its format is ", manifest.value("format", 0)), backup,
                      "install that release, then restore");
    std::size_t listed = 0;
    for (const auto& one : manifest["files"]) {
        if (!one.is_object() || !one.contains("name") || !one["name"].is_string())
            return damaged("its manifest is not what it should be", backup);
        const auto name = one["name"].get<std::string>();
        const auto found = unpacked_files.files.find(name);
        if (found == unpacked_files.files.end())
            return damaged(cat("it lacks ", yagura::quoted(name)), backup);
        if (one.value("bytes", std::uint64_t{0}) != found->second.first ||
            one.value("sha256", std::string{}) != found->second.second)
            return damaged(cat(yagura::quoted(name), " is not what was kept"), backup);
        ++listed;
    }
    if (listed != unpacked_files.files.size()) return damaged("its manifest does not list all of it", backup);
    if (!unpacked_files.files.contains("state.sqlite") || !unpacked_files.files.contains("accounts.sqlite"))
        return damaged("it lacks the state or the accounts", backup);
    return manifest.value("made", std::string{});
}

/// What is in a data folder, but for locks and what we put there.
std::vector<fs::path> contents(const std::string& data) {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{data, ignored}) {
        const auto name = entry.path().filename().string();
        if (name != "lock" && name != "run.lock" && name != "lost+found" && name != unpacking &&
            name != moving && !name.starts_with(".replaced-"))
            found.push_back(entry.path());
    }
    return found;
}

Result<void> move(const fs::path& from, const fs::path& into) {
    std::error_code error;
    fs::rename(from, into / from.filename(), error);
    if (error)
        return failed("what was unpacked cannot be put in its place", error.message(), from.string(),
                      "look at who owns the data folder, then run yagura restore again");
    return {};
}

} // namespace

Result<std::uint64_t> check_data(const std::string& data) {
    std::error_code error;
    std::vector<std::string> databases{data + "/state.sqlite", data + "/accounts.sqlite"};
    for (const auto& entry : fs::directory_iterator{store::history_folder(data), error})
        if (entry.path().extension() == ".sqlite") databases.push_back(entry.path().string());
    for (const auto& path : databases) {
        YAGURA_TRY(auto database, store::Database::open(path, store::Database::Mode::reader));
        YAGURA_TRY(const auto wrong, database.check());
        if (!wrong.empty())
            return failed("a database is damaged", wrong, path,
                          "restore the last backup with yagura restore");
    }
    std::uint64_t records = 0;
    YAGURA_TRY(const auto played,
               journal::replay_journal(data + "/journal", 0, [&](const journal::Stream&, Bytes) {
                   ++records;
                   return true;
               }));
    (void)played; // A segment that a fall cut ends in half a record: that is no damage.
    return records;
}

Result<Copied> restore(const std::string& backup, const std::string& data, Existing existing) {
    std::error_code error;
    fs::create_directories(data, error);
    struct stat owner{};
    if (error || ::stat(data.c_str(), &owner) != 0)
        return failed("the data folder cannot be made", error.message(), data,
                      "name another one with --data");
    if (fs::permissions(data, fs::perms::owner_all, error); error)
        return failed("the data folder is not ours", error.message(), data,
                      "restore as root, or as its owner");
    // Neither a center nor a supervisor may be at work on it.
    YAGURA_TRY(const auto supervisor, FolderLock::take(data, std::chrono::milliseconds{0}, "run.lock"));
    YAGURA_TRY(const auto center, FolderLock::take(data, std::chrono::milliseconds{0}));
    const auto there = contents(data);
    if (!there.empty() && existing == Existing::refuse && !fs::exists(fs::path{data} / moving, error))
        return std::unexpected{Complaint{
            .code = "restore.not-empty",
            .what = "there is something in the data folder already",
            .why = cat("e.g. ", yagura::quoted(there.front().filename().string())),
            .where = data,
            .next = "name another folder with --data, or say --replace: what is there is kept aside"}};

    const auto into = cat(data, "/", unpacking), halfway = cat(data, "/", moving);
    fs::remove_all(into, error); // Of a restore that was killed.
    fs::create_directory(into, error);
    if (error)
        return failed("the data folder cannot be written", error.message(), data, "restore as its owner");
    auto checked = [&]() -> Result<Copied> {
        YAGURA_TRY(const auto files, unpack(backup, into));
        Copied out;
        YAGURA_TRY(out.made, compare(files, backup));
        YAGURA_TRY(out.records, check_data(into));
        out.files = files.files.size();
        for (const auto& [name, about] : files.files) out.bytes += about.first;
        return out;
    }();
    if (!checked) {
        fs::remove_all(into, error);
        return checked;
    }
    for (const auto* name : {"history", "journal", "ledger", "comments", "uploads"})
        fs::create_directory(fs::path{into} / name, error);
    // From here on the folder is neither the old one nor the new one until the last line.
    fs::remove_all(halfway, error);
    if (::rename(into.c_str(), halfway.c_str()) != 0)
        return failed("the data folder cannot be written", std::generic_category().message(errno), data,
                      "restore as its owner");
    if (!there.empty()) {
        auto name = rfc3339(std::chrono::time_point_cast<std::chrono::nanoseconds>(
                                std::chrono::system_clock::now())
                                .time_since_epoch()
                                .count())
                        .substr(0, 19);
        std::erase(name, ':');
        checked->replaced = cat(data, "/.replaced-", name);
        fs::create_directory(checked->replaced, error);
        for (const auto& entry : there)
            if (auto done = move(entry, checked->replaced); !done)
                return std::unexpected{std::move(done).error()};
    }
    std::vector<fs::path> new_ones;
    for (const auto& entry : fs::directory_iterator{halfway, error}) new_ones.push_back(entry.path());
    for (const auto& entry : new_ones)
        if (auto done = move(entry, data); !done) return std::unexpected{std::move(done).error()};
    for (const auto& entry : fs::recursive_directory_iterator{data, error}) {
        if (entry.is_directory(error)) fs::permissions(entry.path(), fs::perms::owner_all, error);
        (void)!::lchown(entry.path().c_str(), owner.st_uid, owner.st_gid);
    }
    ::sync();
    fs::remove(halfway, error);
    checked->path = data;
    if (fs::exists(fs::path{data} / "yagura.toml", error)) checked->settings_file = data + "/yagura.toml";
    return checked;
}

} // namespace yagura::run
