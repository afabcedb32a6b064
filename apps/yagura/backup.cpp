#include "apps/yagura/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <system_error>

#include "apps/yagura/archive.h"
#include "spine/base/hex.h"
#include "spine/base/json.h"
#include "spine/base/rfc3339.h"
#include "spine/store/writer.h"
#include "yagura_version.h"

namespace yagura::run {
namespace {

namespace fs = std::filesystem;

struct Descriptor {
    explicit Descriptor(const std::string& path)
        : number{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)} {}
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number;
};

std::int64_t now_ns() {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now())
        .time_since_epoch()
        .count();
}

/// Copies of databases stand beside the backup until they are in it.
struct Workplace {
    explicit Workplace(std::string its_path) : path{std::move(its_path)} {}
    ~Workplace() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    std::string path;
};

class Backup {
public:
    Backup(ArchiveWriter& out, const std::string& data, const std::string& work)
        : out_{out}, data_{data}, work_{work} {}

    /// Nothing if it is gone: whoever runs may have removed it a moment ago.
    Result<bool> file(const std::string& name, const std::string& path) {
        const Descriptor from{path};
        struct stat facts{};
        if (from.number < 0 && errno == ENOENT) return false;
        if (from.number < 0 || ::fstat(from.number, &facts) != 0)
            return std::unexpected{
                Complaint{.code = "backup.failed",
                          .what = "a file of the data folder cannot be read",
                          .why = std::generic_category().message(errno),
                          .where = path,
                          .next = "make the backup as root, or as the user of yagura-center"}};
        const auto bytes = static_cast<std::uint64_t>(facts.st_size);
        YAGURA_TRY(const auto digest, out_.add(name, from.number, bytes));
        listed(name, bytes, digest);
        return true;
    }
    Result<bool> database(const std::string& name) {
        const auto copy = work_ + "/copy.sqlite";
        std::error_code ignored;
        if (!fs::exists(data_ + '/' + name, ignored)) return false;
        for (const auto* end : {"", "-wal", "-shm", "-journal"}) fs::remove(copy + end, ignored);
        {
            YAGURA_TRY(auto from, store::Database::open(data_ + '/' + name, store::Database::Mode::reader));
            if (auto done = from.copy_to(copy); !done) return std::unexpected{std::move(done).error()};
        }
        if (name == "state.sqlite") {
            YAGURA_TRY(wanted_, waiting_files(copy));
            if (std::ranges::any_of(wanted_, [&](const auto& one) { return !done_.contains(one); }))
                return false;
        }
        return file(name, copy);
    }
    Result<std::vector<std::string>> waiting_files(const std::string& state) {
        std::vector<std::string> names;
        YAGURA_TRY(auto database, store::Database::open(state, store::Database::Mode::reader));
        YAGURA_TRY(auto rows,
                   database.prepare("SELECT file FROM upload WHERE state IN ('waiting', 'reading')"));
        auto read = rows.each([&](const store::Row& row) { names.push_back("uploads/" + row.string(0)); });
        if (!read) return std::unexpected{std::move(read).error()};
        return names;
    }
    /// The files of a folder below the data folder, those that are there by now and were not yet copied.
    Result<void> folder(const std::string& name, auto&& wanted) {
        std::error_code ignored;
        for (bool more = true;
             more;) { // The journal is compressed meanwhile: a name goes, another one comes.
            more = false;
            std::vector<std::string> found;
            for (const auto& entry : fs::recursive_directory_iterator{data_ + '/' + name, ignored})
                if (entry.is_regular_file(ignored) && wanted(entry.path()))
                    found.push_back(fs::relative(entry.path(), data_, ignored).string());
            std::ranges::sort(found);
            for (const auto& one : found) {
                if (!done_.insert(one).second) continue;
                YAGURA_TRY(const bool there, file(one, data_ + '/' + one));
                more |= !there;
            }
        }
        return {};
    }
    Result<void> uploads() {
        return folder("uploads", [](const fs::path& path) { return path.extension() != ".half"; });
    }
    /// State and what it waits for, from one moment.
    Result<void> state() {
        for (int tries = 0; tries < 10; ++tries) {
            if (auto done = uploads(); !done) return done;
            YAGURA_TRY(const bool whole, database("state.sqlite"));
            if (whole) return {};
        }
        return std::unexpected{
            Complaint{.code = "backup.no-state",
                      .what = "there is no state to keep, or it does not hold still",
                      .where = data_,
                      .next = "give --data with the folder that [center] data names; if it is "
                              "that one, wait until its captures are read"}};
    }
    Result<void> manifest(const std::string& made) {
        std::string text;
        JsonWriter json{text};
        json.begin_object().key("yagura").value(version).key("format").value(std::uint64_t{1});
        json.key("made").value(made).key("files").begin_array();
        for (const auto& [name, bytes, digest] : files_) {
            json.begin_object().key("name").value(name).key("bytes").value(bytes);
            json.key("sha256").value(digest).end_object();
        }
        json.end_array().end_object();
        YAGURA_TRY(const auto ignored, out_.add("manifest.json", std::as_bytes(std::span{text})));
        (void)ignored;
        return {};
    }
    Copied copied() const {
        Copied out;
        out.files = files_.size();
        for (const auto& one : files_) out.bytes += one.bytes;
        return out;
    }

private:
    struct File {
        std::string name;
        std::uint64_t bytes;
        std::string digest;
    };
    void listed(const std::string& name, std::uint64_t bytes, const Sha256::Digest& digest) {
        files_.push_back({name, bytes, to_hex(digest)});
    }
    ArchiveWriter& out_;
    const std::string& data_;
    const std::string& work_;
    std::vector<File> files_;
    std::set<std::string> done_;
    std::vector<std::string> wanted_;
};

} // namespace

Result<Copied> back_up(const std::string& data, const std::string& settings, const std::string& target) {
    std::error_code error;
    const auto made = rfc3339(now_ns());
    auto path = target;
    if (fs::is_directory(target, error)) {
        auto name = made.substr(0, 19) + "Z";
        std::erase(name, ':'); // Some disks that backups go to know no colons.
        path = target + "/yagura-" + name + ".tar.zst";
    }
    if (fs::exists(path, error))
        return std::unexpected{
            Complaint{.code = "backup.exists",
                      .what = "there is such a file already",
                      .where = path,
                      .next = "name another one, or a folder, where it is named by the time"}};
    const auto half = path + ".half";
    const Workplace work{path + ".work"};
    fs::remove(half, error); // Of a backup that was killed.
    fs::remove_all(work.path, error);
    fs::create_directory(work.path, error);
    fs::permissions(work.path, fs::perms::owner_all, error);
    if (error)
        return std::unexpected{Complaint{.code = "backup.failed",
                                         .what = "the backup cannot be written",
                                         .why = error.message(),
                                         .where = path,
                                         .next = "name a new file in a folder that can be written"}};
    const auto made_it = [&]() -> Result<Copied> {
        YAGURA_TRY(auto out, ArchiveWriter::create(half));
        Backup backup{out, data, work.path};
        if (!settings.empty()) {
            YAGURA_TRY(const bool there, backup.file("yagura.toml", settings));
            (void)there;
        }
        if (auto done = backup.state(); !done) return std::unexpected{std::move(done).error()};
        YAGURA_TRY(const bool accounts, backup.database("accounts.sqlite"));
        (void)accounts;
        std::vector<std::string> days;
        for (const auto& entry : fs::directory_iterator{store::history_folder(data), error})
            if (entry.path().extension() == ".sqlite")
                days.push_back("history/" + entry.path().filename().string());
        std::ranges::sort(days);
        for (const auto& day : days) {
            YAGURA_TRY(const bool there, backup.database(day));
            (void)there;
        }
        auto done = backup.folder("journal", [](const fs::path& of) { return of.extension() != ".tmp"; });
        // The journal may know captures that were brought after the state was copied.
        if (done) done = backup.uploads();
        if (done)
            done = backup.folder("ledger", [](const fs::path& of) { return of.extension() != ".half"; });
        if (done)
            done = backup.folder("comments", [](const fs::path& of) { return of.extension() != ".half"; });
        if (done) done = backup.folder("tls", [](const fs::path&) { return true; });
        if (!done) return std::unexpected{std::move(done).error()};
        YAGURA_TRY(const bool password, backup.file("first-password", data + "/first-password"));
        (void)password;
        if (done = backup.manifest(made); done) done = out.finish();
        if (!done) return std::unexpected{std::move(done).error()};
        return backup.copied();
    };
    auto copied = made_it();
    if (copied && ::rename(half.c_str(), path.c_str()) != 0)
        copied = std::unexpected{Complaint{.code = "backup.failed",
                                           .what = "the backup cannot be named",
                                           .why = std::generic_category().message(errno),
                                           .where = path,
                                           .next = "name a new file in a folder that can be written"}};
    if (!copied) {
        fs::remove(half, error);
        return copied;
    }
    copied->path = path;
    copied->made = made;
    return copied;
}

} // namespace yagura::run
