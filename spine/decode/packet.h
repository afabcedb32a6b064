// One frame with its layers taken off: who spoke to whom, over what, and which bytes are the message's.
#pragma once

#include <cstdint>

#include "spine/base/bytes.h"
#include "spine/observe/endpoint.h"

namespace yagura::decode {

/// What a frame's way through the layers ended in. `fragment`: part of an IP datagram that is not whole
/// yet; `opaque`: nothing that has two stations (unknown link type, cut short, SocketCAN).
enum class Form : std::uint8_t { opaque, ethernet, ip, tcp, udp, icmp, fragment };

/// TCP's header, host order. Sequence numbers are those of the first payload byte, SYN not counted.
struct Tcp {
    static constexpr std::uint8_t fin = 0x01, syn = 0x02, rst = 0x04, psh = 0x08, ack = 0x10;
    std::uint32_t sequence = 0;
    std::uint32_t acknowledged = 0;
    std::uint16_t window = 0;
    std::uint8_t flags = 0;
};

/// Things that are counted and told, and never a reason to stop reading. A mask, so that a packet costs
/// one word.
enum class Oddity : std::uint32_t {
    none = 0,
    cut_short = 1u << 0,        ///< the capture kept less than the wire had (snap length)
    truncated = 1u << 1,        ///< a header says more than the frame holds, and the wire had no more
    wrong_checksum = 1u << 2,   ///< IP, TCP or UDP; usually offload at the capturing host
    tunnel = 1u << 3,           ///< carried in GRE, ERSPAN, VXLAN, MPLS, PPPoE or IP in IP
    too_deep = 1u << 4,         ///< more layers than any network has
    bad_header = 1u << 5,       ///< a length or version that the layer's specification forbids
    fragment_overlap = 1u << 6, ///< fragments that disagree about the same bytes
    fragment_lost = 1u << 7,    ///< a datagram given up (time or budget)
    prp = 1u << 8,              ///< a PRP trailer or HSR tag was there
};
constexpr Oddity operator|(Oddity a, Oddity b) noexcept {
    return static_cast<Oddity>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr Oddity operator&(Oddity a, Oddity b) noexcept {
    return static_cast<Oddity>(static_cast<std::uint32_t>(a) & static_cast<std::uint32_t>(b));
}
constexpr bool has(Oddity all, Oddity one) noexcept { return (all & one) != Oddity::none; }

/// `parties.client` is who sent this frame and `parties.server` to whom, whatever their roles are:
/// `certain` is always false here. Realm is 0: the worker knows it.
struct Packet {
    Form form = Form::opaque;
    Oddity oddities = Oddity::none;
    observe::Parties parties;
    Bytes payload{}; ///< of TCP, UDP, ICMP, the IP protocol or the ethertype; padding removed where known
    /// Where payload begins in the frame; 0 for a datagram put together from fragments.
    std::uint32_t payload_offset = 0;
    /// Payload bytes that were on the wire: more than payload.size() where the capture cut them off.
    std::uint32_t wire_payload = 0;
    Tcp tcp{};
    std::uint16_t ip_id = 0; ///< IPv4 identification; 0 for IPv6
    std::uint8_t ttl = 0;
    std::uint32_t digest = 0; ///< of what a copy of the same packet has in common with it: see Duplicates
};

} // namespace yagura::decode
