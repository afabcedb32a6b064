// From a captured frame to the innermost packet: link layers, VLANs, tunnels, IP, fragments.
//
// IEEE 802.3-2018 and 802.1Q-2018 (frames and tags), IEEE 802 (LLC, SNAP), IEC 62439-3:2016 (PRP 4.1.9,
// HSR 5.6), RFC 791, 8200, 4302 (IP, extension headers), 9293 (TCP), 768 (UDP), 2784/2890/7637/2637
// (GRE, NVGRE, PPTP's), draft-foschiano-erspan-03, 7348 (VXLAN), 8926 (GENEVE), 3032/4448 (MPLS,
// pseudowires), 2516 (PPPoE), 1661 (PPP), the pcap and pcapng link types of tcpdump.org.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "spine/decode/mix.h"
#include "spine/decode/packet.h"

namespace yagura::decode {

class Fragments;
class Redundancy;

/// What was met on the way. Nothing here ends the reading of a capture.
struct Counters {
    std::uint64_t frames = 0, wire_bytes = 0;
    std::uint64_t opaque = 0; ///< frames without two stations
    std::uint64_t cut_short = 0, truncated = 0, bad_header = 0, too_deep = 0;
    std::uint64_t checksums = 0; ///< TCP, UDP and ICMP checksums that were looked at
    std::uint64_t wrong_checksum = 0, wrong_ip_checksum = 0;
    std::uint64_t vlan_deeper = 0;  ///< third and deeper VLAN tags, which no lane tells
    std::uint64_t prp = 0, hsr = 0; ///< trailers and tags taken off
    std::uint64_t redundant = 0;    ///< second copies that PRP and HSR send on purpose
    std::uint64_t mpls = 0, pppoe = 0, gre = 0, erspan = 0, vxlan = 0, geneve = 0, ip_in_ip = 0;

    std::uint64_t fragments = 0;             ///< frames that carried a part of a datagram
    std::uint64_t reassembled = 0;           ///< datagrams that became whole
    std::uint64_t fragments_repeated = 0;    ///< nothing new in it: a SPAN's copy
    std::uint64_t fragments_overlapping = 0; ///< said something else about bytes that were there: first wins
    std::uint64_t fragments_refused = 0;     ///< cut short by the capture, impossible, or too many pieces
    std::uint64_t datagrams_timed_out = 0, datagrams_evicted = 0;

    /// Frames by link type; what finds no place is counted in the last, under 0xffff.
    struct LinkType {
        std::uint16_t type = 0;
        std::uint64_t frames = 0;
    };
    std::array<LinkType, 16> link_types{};
};

/// "Ethernet" for 1: a name for people. Unknown numbers are "unassigned".
std::string_view link_type_name(std::uint16_t link_type) noexcept;

/// How many TCP, UDP and ICMP checksums are looked at (the IPv4 header's always is). `sampled` is one
/// packet in eight, chosen by the packet's own bytes, so that the answer does not depend on how packets
/// were spread over workers: a host with offload is found within a second, and a packet in eight pays.
enum class Checksums : std::uint8_t { none, sampled, all };

/// Redundant copies (PRP, HSR): `once` says no more of them than that they were there.
enum class Copies : std::uint8_t { once, all };

struct DecoderOptions {
    Checksums checksums = Checksums::sampled;
    Copies copies = Copies::once;
    std::uint32_t fragment_bytes = 4u << 20; ///< held in datagrams that are not whole yet
    std::uint32_t fragment_datagrams = 1024;
    std::chrono::seconds fragment_patience{30}; ///< in packet time
};

/// One per worker. Takes all its memory when it is made; decode() allocates nothing.
class Decoder {
public:
    explicit Decoder(const DecoderOptions& = {});
    ~Decoder();
    Decoder(Decoder&&) noexcept;

    /// True: `out` belongs to a conversation. False: it is opaque, a fragment that waits for others, or
    /// a redundant copy; `out` tells what is known of it all the same.
    ///
    /// `out.payload` points into the frame; that of a reassembled datagram stays as it is until `held`
    /// more datagrams became whole, so that a batch of that many frames may be decoded ahead.
    bool decode(const Frame&, Packet& out) noexcept;
    static constexpr std::size_t held = 32;

    const Counters& counters() const noexcept { return *counters_; }
    /// Datagrams of which not all fragments have come; looked for, not counted.
    std::size_t waiting_datagrams() const noexcept;
    /// What one takes from the heap.
    static std::size_t memory_most(const DecoderOptions&) noexcept;

private:
    void count_link_type(std::uint16_t) noexcept;

    DecoderOptions options_;
    Secret secret_;
    std::unique_ptr<Counters> counters_; ///< where it stays: Fragments counts into it
    std::unique_ptr<Fragments> fragments_;
    std::unique_ptr<Redundancy> redundancy_;
};

/// The same number for every frame between two hosts: both directions, fragments, VLAN-tagged or
/// mirrored through a tunnel. Of the innermost unordered IP pair; of the MACs where there is no IP; 0
/// where there is neither. N workers that read one file share it by this number (Shares). A fragment of a
/// tunnel's outer packet counts as its outer pair: only the datagram that it belongs to shows what is inside.
std::uint32_t host_pair(Bytes frame, std::uint16_t link_type) noexcept;

/// The same number from what was decoded: a worker can check that a frame was its own.
std::uint32_t host_pair(const observe::Parties&) noexcept;

} // namespace yagura::decode
