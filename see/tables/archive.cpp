#include "see/tables/archive.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>

#include "see/tables/sheet_filler.h"
#include "spine/base/text.h"

namespace yagura::see::tables {
namespace {

constexpr std::uint32_t local_mark = 0x04034b50, directory_mark = 0x02014b50;
constexpr std::string_view end_mark = "PK\x05\x06";
constexpr std::size_t end_size = 22, comment_most = 65'535;
constexpr std::uint32_t in_zip64 = 0xffffffff;

/// The record at the end of the file that says where the directory is.
std::optional<std::size_t> end_record(Bytes file) {
    const auto text = as_text(file);
    const auto first = file.size() > end_size + comment_most ? file.size() - end_size - comment_most : 0;
    for (auto at = text.rfind(end_mark); at != text.npos && at >= first; at = text.rfind(end_mark, at - 1)) {
        Reader reader{file.subspan(at)};
        reader.take(20);
        if (const auto comment = reader.u16le(); reader.ok() && comment == reader.remaining()) return at;
        if (at == 0) break;
    }
    return {};
}

/// A part is found by its name and never written to a disk; a name that leads outside is no spreadsheet's
/// work.
bool leads_outside(std::string_view name) {
    if (name.starts_with('/') || name.contains('\\') || name.contains('\0')) return true;
    while (!name.empty()) {
        const auto end = std::min(name.find('/'), name.size());
        if (name.substr(0, end) == "..") return true;
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return false;
}

/// Takes pieces of a part as they come and holds them against what the directory says.
struct Check {
    std::uint32_t size, expected;
    std::size_t& left;
    const std::function<Result<void>(Bytes)>& take;
    std::string where;
    std::size_t seen = 0;
    uLong sum = crc32(0, nullptr, 0);

    Result<void> piece(Bytes bytes) {
        if (bytes.size() > size - seen)
            return std::unexpected{damaged("a part is longer than the directory says", where)};
        if (bytes.size() > left)
            return std::unexpected{too_large("unpacked, it is larger than what is read of a file", where)};
        left -= bytes.size();
        seen += bytes.size();
        sum = crc32_z(sum, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
        return take(bytes);
    }
    Result<void> whole() const {
        if (seen != size) return std::unexpected{damaged("a part is shorter than the directory says", where)};
        if (sum != expected) return std::unexpected{damaged("a part's checksum (CRC-32) is wrong", where)};
        return {};
    }
};

class Inflater {
public:
    Inflater() { ready_ = inflateInit2(&stream_, -15) == Z_OK; }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    Result<void> run(Bytes packed, Check& check) {
        constexpr auto broken = "a part cannot be unpacked (deflate)";
        std::array<std::byte, 65'536> room;
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data())); // It only reads.
        stream_.avail_in = static_cast<uInt>(packed.size());
        for (int state = ready_ ? Z_OK : Z_MEM_ERROR; state != Z_STREAM_END;) {
            stream_.next_out = reinterpret_cast<Bytef*>(room.data());
            stream_.avail_out = static_cast<uInt>(room.size());
            if (state == Z_OK) state = inflate(&stream_, Z_NO_FLUSH);
            if (state != Z_OK && state != Z_STREAM_END) return std::unexpected{damaged(broken, check.where)};
            const auto made = room.size() - stream_.avail_out;
            if (auto done = check.piece(Bytes{room}.first(made)); !done) return done;
        }
        if (stream_.avail_in) return std::unexpected{damaged(broken, check.where)};
        return {};
    }

private:
    z_stream stream_{};
    bool ready_ = false;
};

} // namespace

Complaint damaged(std::string why, std::string where) {
    return {.code = "ledger.damaged-workbook",
            .what = "the workbook was not read: its file is damaged",
            .why = std::move(why),
            .where = std::move(where),
            .next = "copy or download it again, or open it in a spreadsheet, save it anew, and try again"};
}

Complaint unsafe(std::string why, std::string where) {
    return {.code = "ledger.unsafe-workbook",
            .what = "the workbook was not read: it holds what no spreadsheet writes",
            .why = std::move(why),
            .where = std::move(where),
            .next = "ask where it comes from; open it in a spreadsheet, save it anew as XLSX, and try again"};
}

Result<Archive> Archive::open(Bytes file) {
    Archive out{file};
    const auto at = end_record(file);
    if (!at) return std::unexpected{damaged("the end of the file is not there: it was cut")};
    Reader end{file.subspan(*at + 4)};
    const auto disk = end.u16le(), first_disk = end.u16le(), here = end.u16le(), all = end.u16le();
    const auto size = end.u32le(), offset = end.u32le();
    if (disk != 0 || first_disk != 0 || here != all)
        return std::unexpected{damaged("the file is one of several volumes")};
    if (offset > *at || size > *at - offset)
        return std::unexpected{damaged("the directory is not where the end of the file says")};
    out.directory_ = offset;
    Reader directory{file.subspan(offset, size)};
    for (std::size_t i = 0; i < all; ++i)
        if (auto done = out.add(directory); !done) return std::unexpected{std::move(done).error()};
    if (directory.remaining())
        return std::unexpected{damaged("the directory has more entries than the end of the file says")};
    return out;
}

std::vector<std::string> Archive::names() const {
    std::vector<std::string> out;
    for (const auto& [name, entry] : entries_) out.push_back(name);
    return out;
}

Result<void> Archive::add(Reader& directory) {
    const auto mark = directory.u32le();
    directory.take(4); // versions
    const auto flags = directory.u16le(), method = directory.u16le();
    directory.take(4); // time and date
    Entry entry;
    entry.checksum = directory.u32le();
    entry.packed = directory.u32le();
    entry.size = directory.u32le();
    const auto name_size = directory.u16le(), extra_size = directory.u16le(),
               comment_size = directory.u16le();
    directory.take(8); // first disk, attributes
    entry.offset = directory.u32le();
    const auto name = as_text(directory.take(name_size));
    directory.take(std::size_t{extra_size} + comment_size);
    if (!directory.ok() || mark != directory_mark) return std::unexpected{damaged("the directory is broken")};
    const auto where = yagura::quoted(name.substr(0, 128));
    if (leads_outside(name)) return std::unexpected{unsafe("a part's name leads out of the file", where)};
    if (flags & 1u) return std::unexpected{unsafe("a part is encrypted", where)};
    if (method != 0 && method != 8)
        return std::unexpected{
            damaged(cat("a part is packed by method ", method, ", which is not read"), where)};
    if (entry.offset == in_zip64 || entry.packed == in_zip64 || entry.size == in_zip64)
        return std::unexpected{damaged("a part is said to be larger than 4 GiB", where)};
    if (entry.offset >= directory_ || entry.packed > directory_ - entry.offset)
        return std::unexpected{damaged("a part is not inside the file", where)};
    entry.deflated = method == 8;
    if (!entries_.emplace(name, entry).second)
        return std::unexpected{unsafe("two parts have one name", where)};
    return {};
}

Result<Bytes> Archive::packed(std::string_view name, const Entry& entry) const {
    Reader local{file_.subspan(entry.offset, directory_ - entry.offset)};
    const auto mark = local.u32le();
    local.take(22); // What the directory says counts; writers of streams leave this empty.
    const auto name_size = local.u16le(), extra_size = local.u16le();
    const auto own_name = as_text(local.take(name_size));
    local.take(extra_size);
    const auto out = local.take(entry.packed);
    if (!local.ok() || mark != local_mark)
        return std::unexpected{damaged("a part is not where the directory says", yagura::quoted(name))};
    if (own_name != name)
        return std::unexpected{unsafe("a part has another name in the directory", yagura::quoted(name))};
    return out;
}

Result<void> Archive::unpack(std::string_view name, std::size_t& left,
                             const std::function<Result<void>(Bytes)>& take) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return std::unexpected{damaged("a part is missing", yagura::quoted(name))};
    const auto& entry = found->second;
    YAGURA_TRY(const auto bytes, packed(name, entry));
    Check check{.size = entry.size,
                .expected = entry.checksum,
                .left = left,
                .take = take,
                .where = yagura::quoted(name)};
    if (entry.deflated) {
        if (auto done = Inflater{}.run(bytes, check); !done) return done;
    } else {
        for (auto rest = bytes; !rest.empty();
             rest = rest.subspan(std::min<std::size_t>(rest.size(), 65'536)))
            if (auto done = check.piece(rest.first(std::min<std::size_t>(rest.size(), 65'536))); !done)
                return done;
    }
    return check.whole();
}

} // namespace yagura::see::tables
