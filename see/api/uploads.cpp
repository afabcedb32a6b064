#include "see/api/uploads.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "spine/api/passwords.h"

namespace yagura::see {
namespace {

constexpr std::string_view half = ".half";

/// The magic numbers of pcap (either order, micro- and nanoseconds, Kuznetzov's), pcapng, gzip and zstd.
bool begins_like_a_capture(Bytes first) {
    Reader in{first};
    const auto magic = in.u32();
    constexpr std::array whole{0xa1b2c3d4u, 0xd4c3b2a1u, 0xa1b23c4du, 0x4d3cb2a1u,
                               0xa1b2cd34u, 0x34cdb2a1u, 0x0a0d0d0au, 0x28b52ffdu};
    return in.ok() && (std::ranges::find(whole, magic) != whole.end() || magic >> 16 == 0x1f8b);
}

Complaint no_capture() {
    return {.code = "api.unfit",
            .what = "this is no capture",
            .why = "it does not begin like pcap, pcapng, gzip or zstd",
            .where = "body",
            .next = "send a .pcap or .pcapng, as it is or packed with gzip or zstd"};
}
Complaint too_large(std::uint64_t most) {
    return {.code = "api.too-large",
            .what = cat("the capture has more than ", most, " bytes"),
            .next = "split it (editcap -c), or raise center.upload-gib in yagura.toml"};
}
Complaint disk(std::string_view what) {
    return {.code = "api.disk-full",
            .what = std::string{what},
            .why = std::strerror(errno),
            .next = "free space where the data folder is, then send it again"};
}

bool room_for(const std::string& folder, std::uint64_t bytes) {
    struct statvfs is{};
    if (::statvfs(folder.c_str(), &is) != 0) return true; // Writing will tell.
    return std::uint64_t{is.f_bavail} * is.f_frsize >= bytes + Uploads::kept_free;
}

} // namespace

struct Uploads::One {
    UnderWay said; ///< but for `received`
    std::atomic<std::uint64_t> received{0};
    std::atomic<bool> stopped{false};
    UnderWay now() const {
        auto out = said;
        out.received = received.load(std::memory_order_relaxed);
        return out;
    }
};

class Receiving final : public api::BodySink {
public:
    Receiving(Uploads& in, std::shared_ptr<Uploads::One> one, Uploads::Whole whole, int file,
              std::function<api::Response(const Uploads::Whole&)> done)
        : in_{in},
          one_{std::move(one)},
          folder_{in.folder_},
          whole_{std::move(whole)},
          most_{in.most_bytes_},
          file_{file},
          done_{std::move(done)} {}
    ~Receiving() override {
        if (file_ >= 0) ::close(file_);
        if (!finished_) ::unlink(half_path().c_str());
        const std::lock_guard lock{in_.mutex_};
        in_.receiving_.remove(one_);
    }

    Result<void> write(Bytes piece) override {
        if (one_->stopped.load(std::memory_order_relaxed))
            return std::unexpected{Complaint{.code = "api.upload-stopped",
                                             .what = "somebody stopped this upload",
                                             .next = "look in the audit log who did, then send it again"}};
        if (!looked_) {
            first_.insert(first_.end(), piece.begin(),
                          piece.begin() +
                              static_cast<std::ptrdiff_t>(std::min(piece.size(), 4 - first_.size())));
            if (first_.size() == 4) {
                looked_ = true;
                if (!begins_like_a_capture(first_)) return std::unexpected{no_capture()};
            }
        }
        if (piece.size() > most_ - whole_.bytes) return std::unexpected{too_large(most_)};
        if (whole_.bytes >> 26 != (whole_.bytes + piece.size()) >> 26 &&
            !room_for(folder_, 0)) // Every 64 MiB.
            return std::unexpected{disk("the disk has less than 1 GiB left")};
        while (!piece.empty()) {
            const auto done = ::write(file_, piece.data(), piece.size());
            if (done < 0 && errno == EINTR) continue;
            if (done < 0) return std::unexpected{disk("the capture cannot be written")};
            piece = piece.subspan(static_cast<std::size_t>(done));
            whole_.bytes += static_cast<std::uint64_t>(done);
        }
        const auto before = one_->received.exchange(whole_.bytes, std::memory_order_relaxed);
        if (in_.tell_ && before >> 20 != whole_.bytes >> 20) in_.tell_(one_->now());
        return {};
    }

    api::Response finish() override {
        if (!looked_) return api::problem(400, no_capture());
        const bool kept = ::fsync(file_) == 0 && ::close(std::exchange(file_, -1)) == 0 &&
                          ::rename(half_path().c_str(), cat(folder_, "/", whole_.file).c_str()) == 0;
        if (!kept) return api::problem(507, disk("the capture cannot be written"));
        finished_ = true;
        return done_(whole_);
    }

private:
    std::string half_path() const { return cat(folder_, "/", whole_.file, half); }

    Uploads& in_;
    std::shared_ptr<Uploads::One> one_;
    std::string folder_;
    Uploads::Whole whole_;
    std::uint64_t most_;
    int file_;
    std::function<api::Response(const Uploads::Whole&)> done_;
    std::vector<std::byte> first_;
    bool looked_ = false, finished_ = false;
};

Uploads::Uploads(std::string folder, std::uint64_t most_bytes)
    : folder_{std::move(folder)}, most_bytes_{most_bytes} {
    std::error_code error; // What is wrong with the folder is told when the first capture comes.
    std::filesystem::create_directories(folder_, error);
    for (const auto& entry : std::filesystem::directory_iterator{folder_, error})
        if (entry.path().string().ends_with(half)) std::filesystem::remove(entry.path(), error);
}

Result<std::unique_ptr<api::BodySink>> Uploads::begin(UnderWay what,
                                                      std::function<api::Response(const Whole&)> finish) {
    if (what.bytes > most_bytes_) return std::unexpected{too_large(most_bytes_)};
    if (!room_for(folder_, what.bytes))
        return std::unexpected{Complaint{.code = "api.disk-full",
                                         .what = "there is no room on the disk for this capture",
                                         .next = "free space where the data folder is, then send it again"}};
    auto one = std::make_shared<One>();
    one->said = std::move(what);
    one->said.id = cat("u-", api::new_secret());
    {
        const std::lock_guard lock{mutex_};
        if (receiving_.size() >= most_at_once)
            return std::unexpected{
                Complaint{.code = "api.too-many-uploads",
                          .what = cat("there are ", most_at_once, " uploads under way already"),
                          .next = "wait until one is through"}};
        receiving_.push_front(one);
    }
    Whole whole{.name = one->said.name, .file = api::new_secret()};
    const int file = ::open(cat(folder_, "/", whole.file, half).c_str(),
                            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (file < 0) {
        auto full = disk("the folder of uploads cannot be written");
        const std::lock_guard lock{mutex_};
        receiving_.remove(one);
        return std::unexpected{std::move(full)};
    }
    return std::make_unique<Receiving>(*this, std::move(one), std::move(whole), file, std::move(finish));
}

std::vector<Uploads::UnderWay> Uploads::under_way() const {
    std::vector<UnderWay> out;
    const std::lock_guard lock{mutex_};
    for (const auto& one : receiving_) out.push_back(one->now());
    return out;
}

bool Uploads::stop(std::string_view id) {
    const std::lock_guard lock{mutex_};
    for (const auto& one : receiving_)
        if (one->said.id == id) return one->stopped = true;
    return false;
}

Result<Uploads::Whole> Uploads::take(const std::string& path) {
    Whole taken;
    auto sink = begin({.name = std::filesystem::path{path}.filename().string()}, [&](const Whole& whole) {
        taken = whole;
        return api::Response{};
    });
    if (!sink) return std::unexpected{sink.error()};
    std::ifstream in{path, std::ios::binary};
    std::string piece(64 * 1024, '\0');
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0)
        if (auto kept = (*sink)->write(
                std::as_bytes(std::span{piece.data(), static_cast<std::size_t>(in.gcount())}));
            !kept)
            return std::unexpected{kept.error()};
    if ((*sink)->finish().status != 200 || taken.file.empty())
        return std::unexpected{Complaint{.code = "api.no-sample",
                                         .what = cat("the sample capture cannot be read: ", path),
                                         .next = "install the package again"}};
    return taken;
}

void Uploads::discard(const std::string& file) const { ::unlink(cat(folder_, "/", file).c_str()); }

} // namespace yagura::see
