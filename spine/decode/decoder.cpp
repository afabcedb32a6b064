#include "spine/decode/decoder.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "spine/decode/fragments.h"
#include "spine/decode/link_types.h"
#include "spine/decode/recent.h"
#include "spine/decode/walk.h"

namespace yagura::decode {

/// Who sent which sequence number: IEC 62439-3 forgets after 400 ms (EntryForgetTime).
class Redundancy {
public:
    static constexpr std::size_t places = 4096;

    bool seen(const observe::Mac& from, std::uint16_t sequence, observe::Time at) noexcept {
        std::uint64_t key = sequence;
        std::memcpy(reinterpret_cast<std::byte*>(&key) + 2, from.data(), from.size());
        return recent_.seen(fold(key ^ secret_[0], secret_[1]), at, std::chrono::milliseconds{400});
    }

private:
    Secret secret_ = draw_secret();
    Recent recent_{places};
};

Decoder::Decoder(const DecoderOptions& options)
    : options_{options},
      secret_{draw_secret()},
      counters_{std::make_unique<Counters>()},
      fragments_{std::make_unique<Fragments>(options.fragment_bytes, options.fragment_datagrams,
                                             options.fragment_patience, *counters_)},
      redundancy_{std::make_unique<Redundancy>()} {}

Decoder::~Decoder() = default;
std::size_t Decoder::waiting_datagrams() const noexcept { return fragments_->waiting(); }
Decoder::Decoder(Decoder&&) noexcept = default;

std::size_t Decoder::memory_most(const DecoderOptions& options) noexcept {
    return Fragments::memory_most(options.fragment_bytes, options.fragment_datagrams) +
           Redundancy::places * Recent::place_bytes + sizeof(Counters) + sizeof(Fragments) +
           sizeof(Redundancy);
}

bool Decoder::decode(const Frame& frame, Packet& out) noexcept {
    auto& counters = *counters_;
    static constexpr Packet blank{}; // copied with vector moves; cleared in place it became a slow `rep stos`
    out = blank;
    // Later arithmetic on times must not overflow, whatever a file says: 1970 to 2116.
    constexpr observe::Time latest{std::chrono::nanoseconds{std::int64_t{1} << 62}};
    out.at = std::clamp(frame.at, observe::Time{}, latest);
    out.frame = frame.number;
    out.wire_bytes = std::max(frame.wire_length, static_cast<std::uint32_t>(frame.bytes.size()));
    ++counters.frames;
    counters.wire_bytes += out.wire_bytes;
    if (out.wire_bytes > frame.bytes.size()) out.oddities = Oddity::cut_short;

    Walk walk{frame, out, counters, &secret_, fragments_.get(), options_.checksums};
    walk.run(frame.link_type);
    count_link_type(frame.link_type);

    if (out.oddities != Oddity::none) [[unlikely]] {
        counters.cut_short += has(out.oddities, Oddity::cut_short);
        counters.truncated += has(out.oddities, Oddity::truncated);
        counters.bad_header += has(out.oddities, Oddity::bad_header);
        counters.too_deep += has(out.oddities, Oddity::too_deep);
        if (has(out.oddities, Oddity::prp) &&
            redundancy_->seen(walk.redundancy_sender(), walk.redundancy_sequence(), out.at)) {
            ++counters.redundant;
            out.oddities |= Oddity::duplicate;
            if (options_.copies == Copies::once) return false;
        }
    }
    if (out.form == Form::opaque) {
        ++counters.opaque;
        return false;
    }
    return out.form != Form::fragment;
}

void Decoder::count_link_type(std::uint16_t type) noexcept {
    auto& places = counters_->link_types;
    // A capture has one, rarely two; the first place is nearly always right.
    for (auto& place : places) {
        if (place.frames == 0) place.type = &place == &places.back() ? std::uint16_t{0xffff} : type;
        if (place.type == type || &place == &places.back()) {
            ++place.frames;
            return;
        }
    }
}

namespace {

/// One station's part of a pair's number: its address as 16 bytes.
std::uint64_t station(std::uint64_t low, std::uint64_t high) noexcept {
    return fold(low ^ 0x9e3779b97f4a7c15u, high ^ 0xd6e8feb86659fd93u);
}
std::uint64_t station_of(const void* address, std::size_t size) noexcept {
    std::uint64_t words[2]{};
    std::memcpy(words, address, size);
    return station(words[0], words[1]);
}
/// A sum, so that who speaks makes no difference.
std::uint32_t pair_of(std::uint64_t one, std::uint64_t other) noexcept {
    const auto mixed = fold(one + other, 0x9e3779b97f4a7c15u);
    return static_cast<std::uint32_t>(mixed ^ mixed >> 32);
}

constexpr bool is_tunnel(unsigned port) noexcept { return port == 4789 || port == 8472 || port == 6081; }

/// What nearly every frame is, without the whole walk: Ethernet, at most two VLAN tags, then IP with TCP, UDP
/// or ICMP in it, or ARP. Nothing where the walk might find another pair further inside.
std::optional<std::uint32_t> plain_pair(Bytes frame) noexcept {
    const auto* at = frame.data();
    auto left = frame.size();
    if (left < 14) return std::nullopt;
    const Header<14> ethernet{at};
    auto type = ethernet.u16<12>();
    at += 14, left -= 14;
    for (int tags = 0; tags < 2 && (type == 0x8100 || type == 0x88a8); ++tags) {
        if (left < 4) return std::nullopt;
        type = Header<4>{at}.u16<2>();
        at += 4, left -= 4;
    }
    if (type == 0x0800) {
        if (left < 20) return std::nullopt;
        const Header<20> ip{at};
        const std::size_t length = (ip.u8<0>() & 15u) * 4, total = ip.u16<2>();
        if (ip.u8<0>() >> 4 != 4 || length < 20 || length > left || (total != 0 && total < length))
            return std::nullopt;
        const auto protocol = ip.u8<9>();
        if (protocol == 17) {
            if (left >= length + 4 && is_tunnel(Header<4>{at + length}.u16<2>())) return std::nullopt;
        } else if (protocol != 6 && protocol != 1) {
            return std::nullopt;
        }
        // ::ffff:a.b.c.d, as the walk writes it.
        const auto mapped = [](std::uint32_t address) {
            return station(0, 0xffff0000u | std::uint64_t{address} << 32);
        };
        return pair_of(mapped(ip.load<std::uint32_t, 12>()), mapped(ip.load<std::uint32_t, 16>()));
    }
    if (type == 0x86dd) {
        if (left < 40) return std::nullopt;
        const Header<40> ip{at};
        const auto protocol = ip.u8<6>();
        if (ip.u8<0>() >> 4 != 6) return std::nullopt;
        if (protocol == 17) {
            if (left >= 44 && is_tunnel(Header<4>{at + 40}.u16<2>())) return std::nullopt;
        } else if (protocol != 6 && protocol != 58) {
            return std::nullopt;
        }
        const std::uint64_t from[2]{ip.load<std::uint64_t, 8>(), ip.load<std::uint64_t, 16>()};
        const std::uint64_t to[2]{ip.load<std::uint64_t, 24>(), ip.load<std::uint64_t, 32>()};
        if ((from[0] | from[1] | to[0] | to[1]) == 0) return std::nullopt; // Nobody: the MACs decide.
        return pair_of(station(from[0], from[1]), station(to[0], to[1]));
    }
    if (type == 0x0806) {
        if (((ethernet.load<std::uint64_t, 0>()) | ethernet.load<std::uint32_t, 8>()) == 0) return 0;
        return pair_of(station_of(frame.data() + 6, 6), station_of(frame.data(), 6));
    }
    return std::nullopt;
}

} // namespace

std::uint32_t host_pair(Bytes frame, std::uint16_t link_type) noexcept {
    if (link_type == link::ethernet) [[likely]]
        if (const auto pair = plain_pair(frame)) return *pair;
    thread_local Counters ignored; // Of no use to anybody, and too large to be made anew for a frame.
    Packet packet;
    Frame whole;
    whole.bytes = frame;
    Walk{whole, packet, ignored, nullptr, nullptr, Checksums::none}.run(link_type);
    return host_pair(packet.parties);
}

std::uint32_t host_pair(const observe::Parties& parties) noexcept {
    const auto& one = parties.client;
    const auto& other = parties.server;
    if (one.has_ip() || other.has_ip())
        return pair_of(station_of(one.ip.data(), 16), station_of(other.ip.data(), 16));
    if (one.has_mac() || other.has_mac())
        return pair_of(station_of(one.mac.data(), 6), station_of(other.mac.data(), 6));
    return 0;
}

} // namespace yagura::decode
