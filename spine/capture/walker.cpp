// Classic pcap, and which of the two formats a file has.
#include "spine/capture/walker.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>

#include "spine/base/text.h"

namespace yagura::capture {

namespace {

constexpr std::uint32_t microseconds = 0xa1b2c3d4, nanoseconds = 0xa1b23c4d, modified = 0xa1b2cd34;
constexpr std::uint32_t section_header = 0x0a0d0d0a, byte_order = 0x1a2b3c4d;
constexpr std::size_t file_header = 24;

std::uint32_t host(Bytes bytes, std::size_t at) noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

/// What people hand us instead, so that the complaint can say what to do.
struct Stranger {
    std::string_view begins, is, next;
};
constexpr Stranger strangers[]{
    {"snoop\0\0\0", "a Solaris snoop file", "convert it with: editcap -F pcapng IN OUT"},
    {"GMBU", "a Microsoft Network Monitor file", "convert it with: editcap -F pcapng IN OUT"},
    {"RTSS", "a Microsoft Network Monitor file", "convert it with: editcap -F pcapng IN OUT"},
    {"XCP\0", "a NetXRay or Windows Sniffer file", "convert it with: editcap -F pcapng IN OUT"},
    {"TRSNIFF", "a DOS Sniffer file", "convert it with: editcap -F pcapng IN OUT"},
    {"PK\x03\x04", "a ZIP archive", "unpack it first: unzip"},
    {"\xfd"
     "7zXZ",
     "compressed with xz", "unpack it first: xz -dk"},
    {"BZh", "compressed with bzip2", "unpack it first: bzip2 -dk"},
    {"\x04\x22\x4d\x18", "compressed with lz4", "unpack it first: lz4 -d"},
    {"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it first: 7z x"},
    {"Rar!", "a RAR archive", "unpack it first"},
};

Complaint unreadable(Bytes start) {
    Complaint complaint{
        .code = "capture.not-a-capture",
        .what = "this is no capture file that Yagura reads",
        .next = "give a pcap or pcapng file, as it is or packed with gzip or zstd",
    };
    const auto text = as_text(start);
    for (const auto& stranger : strangers)
        if (text.starts_with(stranger.begins)) {
            complaint.why = cat("it is ", stranger.is);
            complaint.next = stranger.next;
            return complaint;
        }
    complaint.why = cat("it begins with ", quoted(text.substr(0, 16)));
    return complaint;
}

Complaint header_cut(std::size_t size) {
    return {.code = "capture.not-a-capture",
            .what = "the file ends inside its own header",
            .why = cat("it is only ", size, " bytes long"),
            .next = "copy it again from where it was captured"};
}

Complaint unsupported(std::uint32_t major, std::uint32_t minor) {
    return {.code = "capture.version",
            .what = cat("the capture file has version ", major, ".", minor),
            .why = "only pcap 2.x (and 543.0) and pcapng 1.x are in use",
            .next = "convert it with: editcap -F pcapng IN OUT"};
}

/// libpcap lets these links have frames of 128 MiB: they hold transfers, not packets.
bool transfers(std::uint16_t link_type) noexcept {
    constexpr std::uint16_t all[]{189, 220, 231, 249, 266, 279}; // USB (four), D-Bus, EBHSCR
    return std::ranges::find(all, link_type) != std::end(all);
}

} // namespace

std::string Damage::text() const {
    return cat(kind == Kind::cut_short ? "cut short" : "corrupt", " after frame ", frames, ", at byte ",
               offset, ": ", what);
}

std::uint16_t Walker::u16(const std::byte* at) const noexcept {
    std::uint16_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return swapped_ ? std::byteswap(value) : value;
}
std::uint32_t Walker::u32(const std::byte* at) const noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return swapped_ ? std::byteswap(value) : value;
}
std::uint64_t Walker::u64(const std::byte* at) const noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return swapped_ ? std::byteswap(value) : value;
}

bool Walker::corrupt(std::string_view what) noexcept {
    damage_ = Damage{Damage::Kind::corrupt, number_, position(), what};
    skip_ = ~std::uint64_t{0}; // Sends next() the slow way, which looks at damage_.
    return false;
}

Result<Walker> Walker::begin(Bytes start) {
    if (start.empty())
        return std::unexpected{Complaint{.code = "capture.empty-file",
                                         .what = "the file is empty",
                                         .why = "even a capture without a packet has a header",
                                         .next = "capture again, or give another file"}};
    if (start.size() < 4) return std::unexpected{unreadable(start)};
    Walker walker;
    walker.show(start, 0);

    if (host(start, 0) == section_header) {
        if (start.size() < 12) return std::unexpected{header_cut(start.size())};
        walker.format_ = Format::pcapng;
        walker.swapped_ = host(start, 8) == std::byteswap(byte_order);
        if (!walker.swapped_ && host(start, 8) != byte_order) return std::unexpected{unreadable(start)};
        const auto length = walker.u32(start.data() + 4);
        if (start.size() < std::min<std::size_t>(std::max(length, 28u), stretch_most))
            return std::unexpected{header_cut(start.size())};
        if (const auto major = walker.u16(start.data() + 12); major != 1)
            return std::unexpected{unsupported(major, walker.u16(start.data() + 14))};
        return walker;
    }

    const auto magic = host(start, 0);
    const auto is = [magic](std::uint32_t one) { return magic == one || magic == std::byteswap(one); };
    if (!is(microseconds) && !is(nanoseconds) && !is(modified)) return std::unexpected{unreadable(start)};
    if (start.size() < file_header) return std::unexpected{header_cut(start.size())};
    walker.swapped_ = magic != microseconds && magic != nanoseconds && magic != modified;
    if (is(nanoseconds)) walker.nanoseconds_ = 1;
    // Alexey Kuznetzov's patch: 8 bytes more in each record (interface, protocol, packet type).
    if (is(modified)) walker.header_ = 24;

    // DG/UX wrote 543.0. There and before 2.3 the two lengths stand the other way round; 2.3 was both.
    const auto major = walker.u16(start.data() + 4), minor = walker.u16(start.data() + 6);
    if (major != 2 && !(major == 543 && minor == 0)) return std::unexpected{unsupported(major, minor)};
    if (major == 543 || minor < 3)
        walker.lengths_ = Lengths::wire_first;
    else if (minor == 3)
        walker.lengths_ = Lengths::either;

    const auto link = walker.u32(start.data() + 20);
    Interface one{.link_type = static_cast<std::uint16_t>(link & 0xffff),
                  .snap_length = walker.u32(start.data() + 16)};
    if (link & 0x0400'0000) one.fcs = static_cast<std::uint8_t>((link >> 28) * 2); // Counted in 16-bit words.
    walker.interfaces_.push_back(std::move(one));
    walker.at_ += file_header;
    return walker;
}

bool Walker::fill(Frame& frame, const Interface& on, const std::byte* data, std::uint32_t kept,
                  std::uint32_t wire) noexcept {
    if (kept > frame_most) [[unlikely]] {
        if (!transfers(on.link_type) || kept > 128u << 20) return corrupt("a frame larger than 262144 bytes");
        kept = frame_most;
    }
    // Some writers leave the wire length 0 or say less than they kept.
    wire = std::max(wire, kept);
    if (on.fcs != 0 && wire >= on.fcs) [[unlikely]] {
        wire -= on.fcs;
        kept = std::min(kept, wire);
    }
    // The next frames' headers lie here and there in a page: fetching them ahead halves the cost of a walk
    // through a file of small frames (28 to 13 ns a frame measured, 105 bytes each). It never faults.
    __builtin_prefetch(data + 1024);
    __builtin_prefetch(data + 1088);
    frame.bytes = {data, kept};
    frame.wire_length = wire;
    frame.link_type = on.link_type;
    frame.number = ++number_;
    return true;
}

Walker::Step Walker::next_record(Frame& frame) noexcept {
    const auto available = static_cast<std::size_t>(end_ - at_);
    if (available < header_) return want(header_);
    const auto seconds = u32(at_), fraction = u32(at_ + 4);
    auto kept = u32(at_ + 8), wire = u32(at_ + 12);
    // What a power cut or a shortened file leaves behind. An empty frame of 1970 is nothing that anybody
    // sent.
    if ((seconds | fraction | kept | wire) == 0) [[unlikely]] {
        corrupt("zeros where a record should begin");
        return Step::damaged;
    }
    if (lengths_ != Lengths::kept_first) [[unlikely]] {
        if (lengths_ == Lengths::wire_first || kept > wire) std::swap(kept, wire);
    }
    // Of a transfer only the beginning has to be in sight; the rest is skipped.
    const auto seen = std::min(kept, frame_most);
    if (available < header_ + seen && (kept <= frame_most || transfers(interfaces_.front().link_type)))
        return want(header_ + seen);
    if (!fill(frame, interfaces_.front(), at_ + header_, kept, wire)) return Step::damaged;
    // The fraction is signed, as in libpcap's struct: drivers have written a little less than the second.
    frame.at = std::int64_t{seconds} * 1'000'000'000 +
               std::int64_t{static_cast<std::int32_t>(fraction)} * nanoseconds_;
    frame.interface = 0;
    if (kept != seen) [[unlikely]]
        record_ = position();
    at_ += header_ + seen;
    skip_ = kept - seen;
    return Step::frame;
}

Walker::Step Walker::next_slow(Frame& frame) noexcept {
    if (damage_) return Step::damaged;
    if (!pass()) return want(1);
    return format_ == Format::pcap ? next_record(frame) : next_block(frame);
}

std::optional<Damage> Walker::end() const noexcept {
    if (damage_) return damage_;
    const bool inside = skip_ != 0 || trailer_ != 0;
    if (!inside && at_ == end_) return std::nullopt;
    return Damage{Damage::Kind::cut_short, number_, inside ? record_ : position(),
                  "the file ends inside a record"};
}

} // namespace yagura::capture
