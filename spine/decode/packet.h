// One frame with its layers taken off: who spoke to whom, over what, and which bytes are the message's.
#pragma once

#include <cstdint>

#include "spine/base/bytes.h"
#include "spine/observe/endpoint.h"

namespace yagura::decode {

/// What capture hands in. The bytes are borrowed until whoever owns them says otherwise.
struct Frame {
    Bytes bytes{};
    std::uint32_t wire_length = 0; ///< more than bytes.size() where the capture cut the frame
    std::uint16_t link_type = 1;   ///< LINKTYPE_ number of pcap and pcapng; 1 is Ethernet
    std::uint64_t number = 0;      ///< 1-based in its source, as Wireshark counts
    observe::Time at{};
};

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
    bool has(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
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
    fragment_lost = 1u << 7,    ///< a fragment that could not be kept (budget, or its datagram was given up)
    prp = 1u << 8,              ///< a PRP trailer or HSR tag was there
    reassembled = 1u << 9,      ///< the payload was put together from fragments
    duplicate = 1u << 10,       ///< a copy of a packet that was seen a moment ago
};
constexpr Oddity operator|(Oddity a, Oddity b) noexcept {
    return static_cast<Oddity>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr Oddity operator&(Oddity a, Oddity b) noexcept {
    return static_cast<Oddity>(static_cast<std::uint32_t>(a) & static_cast<std::uint32_t>(b));
}
constexpr Oddity& operator|=(Oddity& all, Oddity one) noexcept { return all = all | one; }
constexpr bool has(Oddity all, Oddity one) noexcept { return (all & one) != Oddity::none; }

/// Carriers of frames that have an LLC header instead of an ethertype lie between the IP protocols and
/// the ethertypes: 0x100 + DSAP. Spanning tree is 0x142, IS-IS 0x1fe. SNAP with an organisation other
/// than 00-00-00 is 0x1aa, and its payload begins at the organisation's three bytes. IEEE 802.1Q's and
/// Ethernet's own numbers begin at 0x600.
inline constexpr std::uint16_t llc_carrier = 0x100;

/// The innermost packet of a frame.
///
/// `parties.client` is who sent this frame and `parties.server` to whom, whatever their roles are:
/// `certain` is always false here. Realm is 0: the worker knows it. MACs and VLANs are those of the
/// Ethernet header nearest to the packet; behind IP in IP or GRE without Ethernet nobody knows them, and
/// they are zero.
struct Packet {
    observe::Parties parties;
    Form form = Form::opaque;
    std::uint8_t ttl = 0;    ///< or hop limit
    std::uint16_t ip_id = 0; ///< IPv4 identification; 0 for IPv6
    Oddity oddities = Oddity::none;
    /// Tells conversations of two stations apart where there are no ports: PROFINET's frame id.
    std::uint16_t channel = 0;
    std::uint16_t frames = 1;     ///< how many frames it came in: more than 1 for a reassembled datagram
    std::uint32_t wire_bytes = 0; ///< of all of them, on the wire, link layer included
    Tcp tcp{};
    Bytes payload{}; ///< of TCP and UDP; else from the ICMP header, after IP, after the ethertype
    /// Where payload begins in the frame; 0 for a datagram put together from fragments.
    std::uint32_t payload_offset = 0;
    /// Payload bytes that were on the wire: more than payload.size() where the capture cut them off.
    std::uint32_t wire_payload = 0;
    std::uint64_t digest = 0; ///< of what a copy of the same packet has in common with it: see Duplicates
    std::uint64_t frame = 0;  ///< the frame in which it was complete
    observe::Time at{};       ///< of that frame, held between 1970 and 2116
};

} // namespace yagura::decode
