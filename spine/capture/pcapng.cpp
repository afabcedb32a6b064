// The blocks of pcapng (draft-ietf-opsawg-pcapng, sections 3 and 4).
//
// Where a file breaks the format we do what Wireshark 4.0 does, so that a person who opens the same file
// there sees the same frames under the same numbers: lengths are rounded up to four, both lengths of a
// block have to agree, an option longer than its block ends the reading.
#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "spine/capture/walker.h"

namespace yagura::capture {

namespace {

enum : std::uint32_t {
    block_section = 0x0a0d0d0a,
    block_interface = 1,
    block_packet_obsolete = 2,
    block_simple_packet = 3,
    block_statistics = 5,
    block_enhanced_packet = 6,
};
constexpr std::uint32_t byte_order = 0x1a2b3c4d;
constexpr std::size_t name_most = 63;

__extension__ using Wide = __int128;

/// Ticks of `on`'s clock as nanoseconds; what does not fit in 64 bits stays at the border.
std::int64_t nanoseconds(const Interface& on, std::uint64_t ticks) noexcept {
    constexpr auto border = std::numeric_limits<std::int64_t>::max();
    if (on.multiplier != 0 && on.offset == 0 && ticks <= static_cast<std::uint64_t>(border) / on.multiplier)
        [[likely]]
        return static_cast<std::int64_t>(ticks * on.multiplier);
    const auto seconds = Wide{ticks / on.ticks} + on.offset;
    const auto rest = Wide{ticks % on.ticks} * 1'000'000'000 / on.ticks;
    return static_cast<std::int64_t>(std::clamp(seconds * 1'000'000'000 + rest, Wide{-border}, Wide{border}));
}

bool set_resolution(Interface& on, std::uint8_t code) noexcept {
    const unsigned exponent = code & 0x7fu;
    if (code & 0x80) {
        if (exponent > 63) return false;
        on.ticks = std::uint64_t{1} << exponent;
    } else {
        if (exponent > 19) return false; // 10^19 is the last that fits.
        on.ticks = 1;
        for (unsigned i = 0; i < exponent; ++i) on.ticks *= 10;
    }
    on.multiplier = 1'000'000'000 % on.ticks == 0 ? 1'000'000'000 / on.ticks : 0;
    return true;
}

} // namespace

/// One block, or as much of a very long one as may be wanted in one stretch.
struct Walker::Block {
    const std::byte* at;
    std::size_t size;    ///< in sight, without the length at its end
    std::uint64_t total; ///< the whole block
    bool holds(std::size_t bytes) const noexcept { return bytes <= size; }
};

bool Walker::options(Block block, std::size_t from, auto&& use) noexcept {
    while (block.size - from >= 4) {
        const auto code = u16(block.at + from), length = u16(block.at + from + 2);
        from += 4;
        if (code == 0) return true;
        if (length > block.size - from) {
            if (block.total > stretch_most) return true; // Its rest is not in sight.
            return corrupt("an option longer than its block");
        }
        if (!use(code, Bytes{block.at + from, length})) return false;
        from += std::min<std::size_t>((length + 3u) & ~3u, block.size - from);
    }
    return true;
}

bool Walker::section(Block block) noexcept {
    if (!block.holds(24)) return corrupt("a section header that is too short");
    if (u16(block.at + 12) != 1) return corrupt("a section of another version than 1");
    first_interface_ += static_cast<std::uint32_t>(interfaces_.size());
    interfaces_.clear();
    return true;
}

bool Walker::interface(Block block) noexcept {
    if (!block.holds(16)) return corrupt("an interface description that is too short");
    if (interfaces_.size() == interfaces_most) return corrupt("more than 4096 interfaces in a section");
    Interface one{.link_type = u16(block.at + 8), .snap_length = u32(block.at + 12)};
    const bool good = options(block, 16, [&](std::uint16_t code, Bytes value) {
        if (code == 2) {
            one.name = as_text(value.first(std::min(value.size(), name_most)));
        } else if (code == 9 && value.size() == 1) {
            if (!set_resolution(one, std::to_integer<std::uint8_t>(value[0])))
                return corrupt("a clock finer than 64 bits can count");
        } else if (code == 13 && value.size() == 1) {
            one.fcs = std::to_integer<std::uint8_t>(value[0]);
        } else if (code == 14 && value.size() == 8) {
            one.offset = std::bit_cast<std::int64_t>(u64(value.data()));
        }
        return true;
    });
    if (good) interfaces_.push_back(std::move(one));
    return good;
}

bool Walker::statistics(Block block) noexcept {
    if (!block.holds(20)) return corrupt("interface statistics that are too short");
    const auto index = u32(block.at + 8);
    if (index >= interfaces_.size()) return corrupt("statistics of an interface that was not described");
    auto& on = interfaces_[index];
    std::uint64_t dropped = 0;
    const bool good = options(block, 20, [&](std::uint16_t code, Bytes value) {
        if (value.size() != 8) return true;
        const auto count = u64(value.data());
        if (code == 4) on.received = count;
        if (code == 5 || code == 7) dropped += count; // By the interface, by the operating system.
        return true;
    });
    // Each block says the sum since the capture began.
    if (good && dropped > on.dropped) {
        dropped_by_interfaces_ += dropped - on.dropped;
        on.dropped = dropped;
    }
    return good;
}

bool Walker::packet(Block block, Frame& frame) noexcept {
    if (!block.holds(28)) return corrupt("a packet block that is too short");
    const bool obsolete = u32(block.at) == block_packet_obsolete;
    const std::uint32_t index = obsolete ? u16(block.at + 8) : u32(block.at + 8);
    if (index >= interfaces_.size()) return corrupt("a frame of an interface that was not described");
    const auto& on = interfaces_[index];
    const auto kept = u32(block.at + 20), wire = u32(block.at + 24);
    if (kept > block.total - 32) return corrupt("a frame longer than its block");
    const auto after = 28 + ((std::size_t{kept} + 3) & ~std::size_t{3});
    if (obsolete) {
        if (const auto lost = u16(block.at + 10); lost != 0xffff) dropped_by_frames_ += lost;
    } else if (after + 4 <= block.size) {
        const bool good = options(block, after, [&](std::uint16_t code, Bytes value) {
            if (code == 4 && value.size() == 8) dropped_by_frames_ += u64(value.data());
            return true;
        });
        if (!good) return false;
    }
    if (!fill(frame, on, block.at + 28, kept, wire)) return false;
    frame.at = latest_ = nanoseconds(on, std::uint64_t{u32(block.at + 12)} << 32 |
                                             std::uint64_t{u32(block.at + 16)});
    frame.interface = first_interface_ + index;
    return true;
}

bool Walker::simple_packet(Block block, Frame& frame) noexcept {
    if (!block.holds(12)) return corrupt("a packet block that is too short");
    if (interfaces_.empty()) return corrupt("a frame of an interface that was not described");
    const auto& on = interfaces_.front();
    const auto wire = u32(block.at + 8);
    const auto kept = on.snap_length != 0 ? std::min(wire, on.snap_length) : wire;
    if (kept > block.total - 16) return corrupt("a frame longer than its block");
    if (!fill(frame, on, block.at + 12, kept, wire)) return false;
    frame.at = latest_; // It has no time of its own.
    frame.interface = first_interface_;
    return true;
}

Walker::Step Walker::next_block(Frame& frame) noexcept {
    for (;;) {
        if (!pass()) return want(1);
        const auto available = static_cast<std::size_t>(end_ - at_);
        if (trailer_ != 0) [[unlikely]] {
            if (available < 4) return want(4);
            if (u32(at_) != trailer_) {
                corrupt("a block whose two lengths disagree");
                return Step::damaged;
            }
            trailer_ = 0;
            at_ += 4;
            continue;
        }
        if (available < 12) return want(12);
        const auto type = u32(at_);
        if (type == block_section) { // Reads the same in both byte orders; a section may have its own.
            std::uint32_t order = 0;
            std::memcpy(&order, at_ + 8, sizeof order);
            if (order != byte_order && order != std::byteswap(byte_order)) {
                corrupt("a section without a byte-order mark");
                return Step::damaged;
            }
            swapped_ = order != byte_order;
        }
        const auto length = u32(at_ + 4);
        if (length < 12) {
            corrupt("a block shorter than its own header");
            return Step::damaged;
        }
        const auto total = (std::uint64_t{length} + 3) & ~std::uint64_t{3};
        const auto whole = static_cast<std::size_t>(std::min<std::uint64_t>(total, stretch_most));
        if (available < whole) return want(whole);
        if (whole == total && u32(at_ + total - 4) != length) {
            corrupt("a block whose two lengths disagree");
            return Step::damaged;
        }

        const Block block{at_, whole == total ? whole - 4 : whole, total};
        bool good = true, is_frame = false;
        switch (type) {
        case block_enhanced_packet:
        case block_packet_obsolete:
            is_frame = good = packet(block, frame);
            break;
        case block_simple_packet:
            is_frame = good = simple_packet(block, frame);
            break;
        case block_section:
            good = section(block);
            break;
        case block_interface:
            good = interface(block);
            break;
        case block_statistics:
            good = statistics(block);
            break;
        default: // Names, secrets, journals, custom blocks: nothing that a listener may rely on.
            break;
        }
        if (!good) return Step::damaged;
        record_ = position();
        at_ += whole;
        if (total > whole) {
            skip_ = total - whole - 4;
            trailer_ = length;
        }
        if (is_frame) return Step::frame;
    }
}

} // namespace yagura::capture
