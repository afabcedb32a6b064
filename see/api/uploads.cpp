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

class Receiving final : public api::BodySink {
public:
    Receiving(std::atomic<int>& count, std::string folder, Uploads::Whole whole, std::uint64_t most, int file,
              std::function<api::Response(const Uploads::Whole&)> done)
        : count_{count},
          folder_{std::move(folder)},
          whole_{std::move(whole)},
          most_{most},
          file_{file},
          done_{std::move(done)} {}
    ~Receiving() override {
        if (file_ >= 0) ::close(file_);
        if (!finished_) ::unlink(half_path().c_str());
        count_.fetch_sub(1);
    }

    Result<void> write(Bytes piece) override {
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

    std::atomic<int>& count_;
    std::string folder_;
    Uploads::Whole whole_;
    std::uint64_t most_;
    int file_;
    std::function<api::Response(const Uploads::Whole&)> done_;
    std::vector<std::byte> first_;
    bool looked_ = false, finished_ = false;
};

} // namespace

Uploads::Uploads(std::string folder, std::uint64_t most_bytes)
    : folder_{std::move(folder)}, most_bytes_{most_bytes} {
    std::error_code error; // What is wrong with the folder is told when the first capture comes.
    std::filesystem::create_directories(folder_, error);
    for (const auto& entry : std::filesystem::directory_iterator{folder_, error})
        if (entry.path().string().ends_with(half)) std::filesystem::remove(entry.path(), error);
}

Result<std::unique_ptr<api::BodySink>> Uploads::begin(std::string name, std::uint64_t declared,
                                                      std::function<api::Response(const Whole&)> finish) {
    if (declared > most_bytes_) return std::unexpected{too_large(most_bytes_)};
    if (!room_for(folder_, declared))
        return std::unexpected{Complaint{.code = "api.disk-full",
                                         .what = "there is no room on the disk for this capture",
                                         .next = "free space where the data folder is, then send it again"}};
    if (receiving_.fetch_add(1) >= most_at_once) {
        receiving_.fetch_sub(1);
        return std::unexpected{
            Complaint{.code = "api.too-many-uploads",
                      .what = cat("there are ", most_at_once, " uploads under way already"),
                      .next = "wait until one is through"}};
    }
    Whole whole{.name = std::move(name), .file = api::new_secret()};
    const int file = ::open(cat(folder_, "/", whole.file, half).c_str(),
                            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (file < 0) {
        receiving_.fetch_sub(1);
        return std::unexpected{disk("the folder of uploads cannot be written")};
    }
    return std::make_unique<Receiving>(receiving_, folder_, std::move(whole), most_bytes_, file,
                                       std::move(finish));
}

Result<Uploads::Whole> Uploads::take(const std::string& path) {
    Whole taken;
    auto sink = begin(std::filesystem::path{path}.filename().string(), 0, [&](const Whole& whole) {
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
