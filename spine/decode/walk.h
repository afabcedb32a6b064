// The way through one frame's layers, outermost first. Internal to decode: Decoder and host_pair() share
// it, so that both always agree on what is inside a frame.
#pragma once

#include <algorithm>
#include <cstdint>

#include "spine/decode/decoder.h"
#include "spine/decode/header.h"

namespace yagura::decode {

/// What a fragment says of itself and of its datagram.
struct Fragment {
    std::uint32_t id = 0;
    std::uint32_t offset = 0; ///< bytes
    std::uint8_t protocol = 0;
    bool more = false;
    bool six = false; ///< of IPv6
};

class Walk {
public:
    /// With `fragments` nullptr the walk ends at a fragment; with `secret` nullptr no digest and no
    /// transport header is read: only who speaks to whom.
    Walk(const Frame& frame, Packet& out, Counters& counters, const Secret* secret, Fragments* fragments,
         Checksums checksums) noexcept
        : out_{out},
          counters_{counters},
          secret_{secret},
          fragments_{fragments},
          checksums_{checksums},
          begin_{frame.bytes.data()},
          at_{frame.bytes.data()},
          left_{frame.bytes.size()},
          missing_{frame.wire_length > frame.bytes.size() ? frame.wire_length - frame.bytes.size() : 0} {}

    void run(std::uint16_t link_type) noexcept;

    /// PRP's or HSR's sequence number, where `out.oddities` has prp.
    std::uint16_t redundancy_sequence() const noexcept { return redundancy_sequence_; }
    const observe::Mac& redundancy_sender() const noexcept { return redundancy_sender_; }

private:
    enum class Layer : std::uint8_t {
        stop,
        ethernet,
        ethertype,
        llc,
        ipv4,
        ipv6,
        ip,
        protocol,
        mpls,
        ppp,
        pppoe,
        gre,
        udp_tunnel
    };

    Layer link(std::uint16_t link_type) noexcept;
    Layer ethernet() noexcept;
    Layer ethertype() noexcept;
    Layer vlan() noexcept;
    Layer hsr() noexcept;
    Layer llc() noexcept;
    Layer pppoe() noexcept;
    Layer ppp() noexcept;
    Layer mpls() noexcept;
    Layer either_ip() noexcept;
    Layer ipv4() noexcept;
    Layer ipv6() noexcept;
    Layer fragment(const Fragment&) noexcept;
    Layer protocol() noexcept;
    Layer authentication() noexcept;
    Layer tcp() noexcept;
    Layer udp() noexcept;
    Layer icmp() noexcept;
    Layer udp_tunnel() noexcept;
    Layer gre() noexcept;
    Layer erspan(bool has_header, bool third) noexcept;

    Layer cooked_v1() noexcept;
    Layer cooked_v2() noexcept;
    Layer cooked(std::uint16_t protocol, std::uint16_t hardware) noexcept;
    Layer loopback(bool network_order) noexcept;
    Layer skip_to(std::size_t count, Layer next) noexcept;

    /// The frame ends here, as what `form` says, with all that is left as payload.
    Layer end(Form form, std::uint16_t carrier) noexcept;
    /// A header does not fit: whose fault that is depends on whether the capture cut the frame.
    Layer too_short() noexcept;
    Layer bad_header() noexcept;
    void enter_ip() noexcept;
    void enter_tunnel() noexcept;
    /// Does the frame end in a PRP trailer? `from` is where a layer's own bytes end, or may end. Says how
    /// many bytes at the end are the trailer's and what follows it.
    std::size_t find_trailer(const std::byte* from, std::size_t count) noexcept;
    void checksum(std::uint8_t protocol, std::uint32_t length) noexcept;
    void flow_digest(std::uint64_t more) noexcept;

    std::size_t wire_left() const noexcept { return left_ + missing_; }
    void advance(std::size_t count) noexcept {
        at_ += count;
        left_ -= count;
    }
    /// Nothing behind the next `count` bytes is of this layer. More than there is on the wire is said
    /// as an oddity and else ignored.
    void limit(std::size_t count) noexcept {
        if (count <= left_) {
            left_ = count;
            missing_ = 0;
        } else if (count <= left_ + missing_) {
            missing_ = count - left_;
        } else {
            out_.oddities |= Oddity::truncated;
        }
    }

    Packet& out_;
    Counters& counters_;
    const Secret* secret_;
    Fragments* fragments_;
    Checksums checksums_;
    bool in_ip_ = false;      ///< an IP header was passed since the last Ethernet header
    bool family_six_ = false; ///< the last one was IPv6
    bool whole_ = false;      ///< at_ is in a reassembled datagram, not in the frame
    bool digested_ = false;   ///< out_.digest is made
    std::uint8_t vlans_ = 0;
    std::uint16_t value_ = 0; ///< ethertype, PPP protocol or IP protocol of what comes next
    std::uint16_t redundancy_sequence_ = 0;
    observe::Mac redundancy_sender_{};
    const std::byte* begin_;
    const std::byte* at_;
    const std::byte* lsdu_ = nullptr; ///< what follows the last ethertype of an Ethernet header
    std::size_t left_;                ///< bytes that we have
    std::size_t missing_; ///< bytes behind them that were on the wire and the capture did not keep
};

} // namespace yagura::decode
