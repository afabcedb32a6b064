#include "spine/api/static_files.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "spine/base/sha256.h"

namespace yagura::api {
namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20;

struct Type {
    std::string_view ending, type;
    bool text;
};
constexpr std::array types{Type{".html", "text/html; charset=utf-8", true},
                           Type{".js", "text/javascript; charset=utf-8", true},
                           Type{".css", "text/css; charset=utf-8", true},
                           Type{".json", "application/json", true},
                           Type{".webmanifest", "application/manifest+json", true},
                           Type{".svg", "image/svg+xml", true},
                           Type{".txt", "text/plain; charset=utf-8", true},
                           Type{".png", "image/png", false},
                           Type{".ico", "image/x-icon", false},
                           Type{".woff2", "font/woff2", false}};

const Type* type_of(std::string_view path) {
    const auto* found = std::ranges::find_if(types,
                                             [&](const Type& type) { return path.ends_with(type.ending); });
    return found == types.end() ? nullptr : found;
}

std::string etag_of(std::string_view body) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto digest = Sha256{}.add(std::as_bytes(std::span{body})).finish();
    std::string out = "\"";
    for (std::size_t i = 0; i < 16; ++i) {
        out += digits[std::to_integer<unsigned>(digest[i]) >> 4];
        out += digits[std::to_integer<unsigned>(digest[i]) & 15u];
    }
    return out += '"';
}

} // namespace

std::string gzipped(std::string_view text, int level) {
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
    std::string out(text.size(), '\0'); // Larger is of no use.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const auto result = deflate(&stream, Z_FINISH);
    out.resize(result == Z_STREAM_END ? stream.total_out : 0);
    deflateEnd(&stream);
    return out;
}

Result<StaticFiles> StaticFiles::load(const std::string& directory) {
    namespace fs = std::filesystem;
    const auto wrong = [&](std::string what) {
        return std::unexpected{
            Complaint{.code = "api.console-files",
                      .what = std::move(what),
                      .where = directory,
                      .next = "build the console with ./yagura build, or set center.console to where it is"}};
    };
    StaticFiles files;
    std::map<std::string, std::string> compressed;
    std::size_t bytes = 0;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator{directory, error}) {
        if (!entry.is_regular_file(error)) continue;
        auto path = cat("/", entry.path().lexically_relative(directory).generic_string());
        if (path.contains("/.") || path.ends_with(".map")) continue;
        std::ifstream in{entry.path(), std::ios::binary};
        std::ostringstream text;
        text << in.rdbuf();
        if (!in) return wrong(cat("cannot read ", path));
        auto body = std::move(text).str();
        bytes += body.size();
        if (bytes > most_bytes) return wrong("the console's folder holds more than 64 MiB");
        if (path.ends_with(".gz")) {
            compressed[path.substr(0, path.size() - 3)] = std::move(body);
        } else if (const auto* type = type_of(path)) {
            auto etag = etag_of(body);
            files.files_[path] = {.body = std::move(body),
                                  .gzip = {},
                                  .etag = std::move(etag),
                                  .type = type->type,
                                  .forever = path.starts_with("/assets/")};
        }
    }
    if (error) return wrong(cat("cannot read the console's folder: ", error.message()));
    if (!files.files_.contains("/index.html")) return wrong("the console's folder has no index.html");
    for (auto& [path, file] : files.files_) {
        if (const auto found = compressed.find(path); found != compressed.end())
            file.gzip = std::move(found->second);
        else if (file.body.size() > 1'000 && type_of(path)->text)
            file.gzip = gzipped(file.body, 6);
    }
    return files;
}

StaticFiles StaticFiles::none() {
    StaticFiles files;
    std::string body =
        "<!doctype html><title>Yagura</title><p>The console is not built. Run <code>./yagura build</code> "
        "and start again; the API is at <code>/api/v1</code>.\n";
    auto etag = etag_of(body);
    files.files_["/index.html"] = {
        .body = std::move(body), .gzip = {}, .etag = std::move(etag), .type = types[0].type};
    return files;
}

const StaticFiles::File* StaticFiles::find(std::string_view path) const {
    if (const auto found = files_.find(path); found != files_.end()) return &found->second;
    const auto last = path.substr(path.rfind('/') == path.npos ? 0 : path.rfind('/'));
    if (last.contains('.')) return nullptr;
    const auto page = files_.find("/index.html");
    return page == files_.end() ? nullptr : &page->second;
}

std::string page_policy(std::string_view nonce) {
    return cat(
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; style-src 'self' ",
        nonce.empty() ? std::string{"'unsafe-inline'"} : cat("'nonce-", nonce, "'"),
        "; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
}

} // namespace yagura::api
