#include "see/weakness/feed.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "see/tables/archive.h"
#include "see/weakness/csaf.h"
#include "see/weakness/nvd.h"

namespace yagura::see::weakness {
namespace {

using Failed = std::unexpected<Complaint>;

constexpr std::size_t problems_most = 100;

Complaint damaged(std::string_view file, std::string why) {
    return {.code = "feed.damaged",
            .what = "the file was not read: its container is damaged or holds what none should",
            .why = std::move(why),
            .where = yagura::quoted(file.substr(0, 200)),
            .next = "copy or download it again; nothing was changed"};
}

/// RFC 1952, within a limit that holds while it is unpacked.
Result<std::vector<std::byte>> gunzipped(Bytes packed, std::string_view file, std::size_t most) {
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        return Failed{damaged(file, "there is no memory to unpack it")};
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data())); // It only reads.
    stream.avail_in = static_cast<uInt>(packed.size());
    std::vector<std::byte> out;
    std::array<std::byte, 65'536> room;
    int state = Z_OK;
    while (state == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(room.data());
        stream.avail_out = static_cast<uInt>(room.size());
        state = inflate(&stream, Z_NO_FLUSH);
        const auto made = room.size() - stream.avail_out;
        if (made > most - out.size()) {
            inflateEnd(&stream);
            return Failed{too_large(file, cat("unpacked, it has more than ", most, " bytes"))};
        }
        out.insert(out.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(made));
        if (state == Z_OK && stream.avail_in == 0 && made == 0) state = Z_BUF_ERROR;
    }
    inflateEnd(&stream);
    if (state != Z_STREAM_END) return Failed{damaged(file, "it is no whole gzip")};
    return out;
}

class FeedReader {
public:
    explicit FeedReader(const FeedLimits& limits) : limits_{limits} {}

    Result<void> one(Bytes file, std::string_view name, int depth = 0) {
        auto text = as_text(file);
        if (text.starts_with("\x1f\x8b") && depth == 0) {
            YAGURA_TRY(const auto plain, gunzipped(file, name, limits_.one));
            return one(plain, name, 1);
        }
        if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
        const auto head = text.substr(0, 2'048);
        if (head.starts_with("#model_version") || head.starts_with("cve,epss")) {
            YAGURA_TRY(auto read, read_likelihood(file, name));
            out_.likelihoods = std::move(read.rows);
            out_.likelihood_dated = std::move(read.dated);
        } else if (head.starts_with("product,") || head.starts_with("\"product\",")) {
            YAGURA_TRY(auto rows, read_support(file, name));
            out_.supports.insert(out_.supports.end(), rows.begin(), rows.end());
        } else if (head.contains("\"NVD_CVE\"")) {
            YAGURA_TRY(auto read, read_nvd(file, name));
            out_.passed_over += read.passed_over;
            out_.nvd_dated = std::max(out_.nvd_dated, read.dated);
            for (auto& advisory : read.advisories)
                if (auto done = keep(std::move(advisory), name); !done) return done;
        } else if (head.contains("\"catalogVersion\"")) {
            YAGURA_TRY(auto read, read_exploited(file, name));
            out_.exploited = std::move(read.rows);
            out_.exploited_dated = std::move(read.dated);
        } else if (const auto first = text.find_first_not_of(" \t\r\n");
                   first != text.npos && text[first] == '{') {
            YAGURA_TRY(const auto document, read_json(file, name));
            if (document.contains("metadata_version") && document.contains("canonical_url")) {
                ++out_.other_files; // provider-metadata.json: where to get advisories, none itself
                return {};
            }
            YAGURA_TRY(auto advisory, csaf_of(document, name));
            out_.csaf_dated = std::max(out_.csaf_dated, advisory.current);
            if (auto done = keep(std::move(advisory), name); !done) return done;
        } else {
            return Failed{Complaint{
                .code = "feed.unknown-kind",
                .what = "the file was not read: nobody here knows what it is",
                .why = "it is no CSAF advisory, no NVD, KEV or EPSS list and no table of end of support",
                .where = yagura::quoted(name.substr(0, 200)),
                .next = "bring one of these, or a ZIP of them; nothing was changed"}};
        }
        ++out_.files;
        return {};
    }

    Result<void> many(Bytes file, std::string_view name) {
        const auto archive = tables::Archive::open(file);
        if (!archive) return Failed{damaged(name, archive.error().why)};
        if (archive->size() > limits_.files)
            return Failed{too_large(name, cat("it has more than ", limits_.files, " files"))};
        auto left = limits_.unpacked;
        for (const auto& part : archive->names()) {
            const auto ends = [&](std::string_view tail) { return part.ends_with(tail); };
            if (!ends(".json") && !ends(".csv") && !ends(".gz")) {
                ++out_.other_files;
                continue;
            }
            if (ends("changes.csv") || ends("index.csv")) {
                ++out_.other_files;
                continue;
            }
            std::vector<std::byte> whole;
            auto done = archive->unpack(part, left, [&](Bytes piece) -> Result<void> {
                if (piece.size() > limits_.one - whole.size())
                    return Failed{too_large(part, cat("it has more than ", limits_.one, " bytes"))};
                whole.insert(whole.end(), piece.begin(), piece.end());
                return {};
            });
            if (!done && left == 0)
                return Failed{
                    too_large(name, cat("unpacked, it has more than ", limits_.unpacked, " bytes"))};
            if (!done)
                done = Failed{done.error().code.starts_with("feed.") ? done.error()
                                                                     : damaged(part, done.error().why)};
            if (done) done = one(whole, part);
            if (done) continue;
            if (full_) return done;
            ++out_.problem_count;
            if (out_.problems.size() < problems_most) out_.problems.push_back(std::move(done).error());
        }
        if (out_.files == 0 && !out_.problems.empty()) return Failed{out_.problems.front()};
        if (out_.files == 0)
            return Failed{
                Complaint{.code = "feed.unknown-kind",
                          .what = "the file was not read: nothing in it is a list of weaknesses",
                          .where = yagura::quoted(name.substr(0, 200)),
                          .next = "put the advisories' JSON files into the ZIP; nothing was changed"}};
        return {};
    }

    FeedFile take() { return std::move(out_); }

private:
    Result<void> keep(Advisory advisory, std::string_view name) {
        size_ += 1'000;
        for (const auto& one : advisory.products) size_ += 200 + one.name.size() + one.version.size();
        for (const auto& one : advisory.vulnerabilities)
            size_ += 300 + one.text.size() + 600 * one.remediations.size();
        if (out_.advisories.size() >= limits_.advisories || size_ > limits_.text) {
            full_ = true;
            return Failed{too_large(name, cat("there are more than ", limits_.advisories,
                                              " advisories, or more than ", limits_.text, " bytes of them"))};
        }
        out_.advisories.push_back(std::move(advisory));
        return {};
    }

    const FeedLimits& limits_;
    FeedFile out_;
    std::size_t size_ = 0;
    bool full_ = false;
};

} // namespace

Result<FeedFile> read_feed(Bytes file, std::string_view name, const FeedLimits& limits) {
    if (file.size() > limits.bytes)
        return Failed{too_large(name, cat("it has more than ", limits.bytes, " bytes"))};
    FeedReader reader{limits};
    auto done = as_text(file).starts_with("PK\x03\x04") ? reader.many(file, name) : reader.one(file, name);
    if (!done) return Failed{std::move(done).error()};
    return reader.take();
}

} // namespace yagura::see::weakness
