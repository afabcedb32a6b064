#include "spine/decode/decoder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "spine/decode/fragments.h"
#include "spine/decode/recent.h"
#include "spine/decode/walk.h"

namespace yagura::decode {

/// Who sent which sequence number: IEC 62439-3 forgets after 400 ms (EntryForgetTime).
class Redundancy {
public:
    bool seen(const observe::Mac& from, std::uint16_t sequence, observe::Time at) noexcept {
        std::uint64_t key = sequence;
        std::memcpy(reinterpret_cast<std::byte*>(&key) + 2, from.data(), from.size());
        return recent_.seen(fold(key ^ secret_[0], secret_[1]), at, std::chrono::milliseconds{400});
    }

private:
    Secret secret_ = draw_secret();
    Recent recent_{4096};
};

Decoder::Decoder(const DecoderOptions& options)
    : options_{options},
      secret_{draw_secret()},
      counters_{std::make_unique<Counters>()},
      fragments_{std::make_unique<Fragments>(options.fragment_bytes, options.fragment_datagrams,
                                             options.fragment_patience, *counters_)},
      redundancy_{std::make_unique<Redundancy>()} {}

Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;

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

std::uint32_t host_pair(Bytes frame, std::uint16_t link_type) noexcept {
    Counters ignored;
    Packet packet;
    Frame whole;
    whole.bytes = frame;
    Walk{whole, packet, ignored, nullptr, nullptr, Checksums::none}.run(link_type);
    return host_pair(packet.parties);
}

std::uint32_t host_pair(const observe::Parties& parties) noexcept {
    const auto hash = [](const void* bytes, std::size_t size) {
        std::uint64_t words[2]{};
        std::memcpy(words, bytes, size);
        return fold(words[0] ^ 0x9e3779b97f4a7c15u, words[1] ^ 0xd6e8feb86659fd93u);
    };
    const auto& [one, other] = std::pair{parties.client, parties.server};
    std::uint64_t sum;
    if (one.has_ip() || other.has_ip())
        sum = hash(one.ip.data(), 16) + hash(other.ip.data(), 16);
    else if (one.has_mac() || other.has_mac())
        sum = hash(one.mac.data(), 6) + hash(other.mac.data(), 6);
    else
        return 0;
    sum = fold(sum, 0x9e3779b97f4a7c15u);
    return static_cast<std::uint32_t>(sum ^ sum >> 32);
}

} // namespace yagura::decode
