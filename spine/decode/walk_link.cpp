// The link types and what lies between them and IP: LLC, SNAP, PPP, PPPoE, MPLS, PRP and HSR.
#include "spine/decode/checksum.h"
#include "spine/decode/link_types.h"
#include "spine/decode/walk.h"

namespace yagura::decode {

Walk::Layer Walk::skip_to(std::size_t count, Layer next) noexcept {
    if (left_ < count) return too_short();
    if (next == Layer::ethertype) {
        if (count < 2) return bad_header();
        value_ = Header<2>{at_ + count - 2}.u16<0>();
    }
    advance(count);
    if (next == Layer::ethertype) lsdu_ = at_;
    return next;
}

Walk::Layer Walk::link(std::uint16_t link_type) noexcept {
    switch (link_type) {
    case link::ethernet:
        return ethernet();
    case link::linux_cooked:
        return cooked_v1();
    case link::linux_cooked_v2:
        return cooked_v2();
    case link::raw:
    case link::raw_bsd:
    case link::raw_openbsd:
        return Layer::ip;
    case link::ipv4:
        return Layer::ipv4;
    case link::ipv6:
        return Layer::ipv6;
    case link::null:
        return loopback(false);
    case link::loop:
        return loopback(true);
    case link::ppp:
    case link::ppp_hdlc:
        return Layer::ppp;
    case link::ppp_pppd:
        return skip_to(1, Layer::ppp); // direction; then as PPP in HDLC framing
    case link::ppp_ether:
        return Layer::pppoe;
    case link::c_hdlc:
        return skip_to(4, Layer::ethertype); // address, control, ethertype
    case link::ethernet_mpacket:
        return skip_to(8, Layer::ethernet); // preamble and start delimiter
    case link::netanalyzer:
        return skip_to(4, Layer::ethernet);
    case link::netanalyzer_transparent:
        return skip_to(12, Layer::ethernet);
    default:
        return end(Form::opaque, 0);
    }
}

Walk::Layer Walk::cooked_v1() noexcept {
    if (left_ < 16) return too_short();
    const Header<16> header{at_};
    if (header.u16<4>() == 6) header.copy_to<6, 6>(out_.parties.client.mac.data());
    advance(16);
    return cooked(header.u16<14>(), header.u16<2>());
}

Walk::Layer Walk::cooked_v2() noexcept {
    if (left_ < 20) return too_short();
    const Header<20> header{at_};
    if (header.u8<11>() == 6) header.copy_to<12, 6>(out_.parties.client.mac.data());
    advance(20);
    return cooked(header.u16<0>(), header.u16<8>());
}

// The protocol field is an ethertype except where the kernel has no better name: linux/if_ether.h.
Walk::Layer Walk::cooked(std::uint16_t protocol, std::uint16_t hardware) noexcept {
    constexpr std::uint16_t frame_relay = 770, gre = 778, netlink = 824, radiotap = 803;
    if (hardware == netlink || hardware == radiotap || hardware == frame_relay) return end(Form::opaque, 0);
    lsdu_ = at_;
    value_ = protocol;
    if (hardware == gre) return Layer::ethertype;
    if (protocol == 0x0004) {
        value_ = 0; // no length field
        return Layer::llc;
    }
    if (protocol == 0x0001) { // Novell's frames without LLC
        value_ = llc_carrier + 0xff;
        return end(Form::ethernet, value_);
    }
    if (protocol < 0x0600) return end(Form::opaque, 0); // CAN, 802.15.4, loopback...
    return Layer::ethertype;
}

// The address family is in the byte order of the machine that captured, and each BSD has its own for IPv6.
Walk::Layer Walk::loopback(bool network_order) noexcept {
    if (left_ < 4) return too_short();
    auto family = Header<4>{at_}.u32<0>();
    if (!network_order && family > 0xffff) family = std::byteswap(family);
    advance(4);
    switch (family) {
    case 2:
        return Layer::ipv4;
    case 10: // Linux
    case 23: // Windows
    case 24: // NetBSD, OpenBSD
    case 28: // FreeBSD
    case 30: // Darwin
        return Layer::ipv6;
    default:
        return end(Form::opaque, 0);
    }
}

// value_ is the length field of the frame (IEEE 802.3 3.2.6), or nothing for a cooked frame.
Walk::Layer Walk::llc() noexcept {
    if (value_ >= 3 && value_ <= 1500) {
        if (left_ > value_) left_ -= find_trailer(at_ + value_, left_ - value_);
        limit(value_);
    }
    if (left_ < 3) return too_short();
    const Header<3> header{at_};
    const auto to = header.u8<0>(), from = header.u8<1>();
    // Novell's "raw 802.3" has an IPX checksum of ffff where LLC would be.
    if (to == 0xff && from == 0xff) return end(Form::ethernet, llc_carrier + 0xff);
    // Numbered frames have a control field of two bytes (IEEE 802.2 5.2).
    const std::size_t control = (header.u8<2>() & 3) == 3 ? 1 : 2;
    if (left_ < 2 + control) return too_short();
    advance(2 + control);
    if (to == 0xaa && from == 0xaa && control == 1) {
        if (left_ < 5) return too_short();
        const Header<5> snap{at_};
        const auto organisation = snap.u32<0>() >> 8;
        // 00-00-f8 is 802.1H's tunnel encapsulation: an ethertype follows all the same.
        if (organisation == 0 || organisation == 0x0000f8) {
            value_ = snap.u16<3>();
            if (value_ <= 1500) return end(Form::ethernet, llc_carrier + 0xaa);
            advance(5);
            return Layer::ethertype;
        }
    }
    return end(Form::ethernet, static_cast<std::uint16_t>(llc_carrier + to));
}

Walk::Layer Walk::pppoe() noexcept {
    if (left_ < 6) return too_short();
    const Header<6> header{at_};
    if (header.u8<0>() != 0x11 || header.u8<1>() != 0) return bad_header();
    const std::size_t length = header.u16<4>();
    advance(6);
    if (length != 0) limit(length);
    ++counters_.pppoe;
    enter_tunnel();
    return Layer::ppp;
}

Walk::Layer Walk::ppp() noexcept {
    // Address and control of HDLC framing (RFC 1662 3.1), which both sides may agree to leave out.
    if (left_ >= 2 && at_[0] == std::byte{0xff} && at_[1] == std::byte{0x03}) advance(2);
    if (left_ < 1) return too_short();
    const auto* const start = at_;
    value_ = std::to_integer<std::uint8_t>(*at_);
    if ((value_ & 1) != 0) { // A protocol field compressed to one byte: RFC 1661 6.5
        advance(1);
    } else {
        if (left_ < 2) return too_short();
        value_ = Header<2>{at_}.u16<0>();
        advance(2);
    }
    switch (value_) {
    case 0x0021:
        return Layer::ipv4;
    case 0x0057:
        return Layer::ipv6;
    case 0x0281:
        return Layer::mpls;
    default:
        break;
    }
    left_ += static_cast<std::size_t>(at_ - start);
    at_ = start;
    const auto& parties = out_.parties;
    if (in_ip_) return end(Form::ip, 47); // PPTP's control of its own link
    return end(parties.client.has_mac() ? Form::ethernet : Form::opaque, 0x8864);
}

Walk::Layer Walk::mpls() noexcept {
    ++counters_.mpls;
    enter_tunnel();
    for (bool bottom = false; !bottom;) {
        if (left_ < 4) return too_short();
        bottom = (Header<4>{at_}.u8<2>() & 1) != 0;
        advance(4);
    }
    if (left_ < 1) return too_short();
    // Nothing says what a label carries. A pseudowire's control word begins with 0 (RFC 4385 3), IP with
    // its version; a pseudowire without control word begins with a MAC, which may look like either. What
    // is asked here must not depend on how much of the frame was kept: host_pair() has to agree.
    const auto type_behind = [this](std::size_t skip) {
        return left_ < skip + 14 ? std::uint16_t{0} : Header<14>{at_ + skip}.u16<12>();
    };
    const auto is_known = [](std::uint16_t type) {
        return type == 0x0800 || type == 0x0806 || type == 0x86dd || type == 0x8100 || type == 0x88a8 ||
               type == 0x8847 || type == 0x8892 || type == 0x88cc;
    };
    const auto is_length = [](std::uint16_t type) { return type >= 3 && type <= 1500; };
    const auto plain = type_behind(0), controlled = type_behind(4);
    const auto first = std::to_integer<unsigned>(*at_) >> 4;
    if (first == 4 && left_ >= 20) {
        const std::size_t length = (Header<20>{at_}.u8<0>() & 15u) * 4;
        const bool unsummed = Header<20>{at_}.u16<10>() == 0; // by a card that was to do it
        if (length >= 20 && length <= left_ && (unsummed || ones_sum({at_, length}) == 0xffff))
            return Layer::ipv4;
    }
    if (is_known(plain)) return Layer::ethernet;
    if (first == 6 && left_ >= 40) return Layer::ipv6;
    if (first == 0 && (is_known(controlled) || is_length(controlled))) {
        advance(4);
        return Layer::ethernet;
    }
    if (is_length(plain)) return Layer::ethernet;
    return end(in_ip_ ? Form::ip : Form::ethernet, in_ip_ ? std::uint16_t{137} : std::uint16_t{0x8847});
}

// IEC 62439-3 5.6: path and size, sequence number, then the ethertype that was there before.
Walk::Layer Walk::hsr() noexcept {
    if (left_ < 6) return too_short();
    const Header<6> tag{at_};
    redundancy_sequence_ = tag.u16<2>();
    redundancy_sender_ = out_.parties.client.mac;
    value_ = tag.u16<4>();
    out_.oddities |= Oddity::prp;
    ++counters_.hsr;
    advance(6);
    lsdu_ = at_;
    return Layer::ethertype;
}

// IEC 62439-3 4.1.9: sequence number, LAN and size, 0x88fb, at the very end of the frame. Four bytes of
// frame check sequence may follow, or the padding of a short frame. The size counts from behind the
// ethertype; whether a VLAN tag in front of it counts is not read alike by everybody.
std::size_t Walk::find_trailer(const std::byte* from, std::size_t count) noexcept {
    if (missing_ != 0 || whole_ || !lsdu_ || has(out_.oddities, Oddity::prp)) return 0;
    const auto* const end = from + count;
    const auto is_trailer = [&](const std::byte* behind) {
        if (behind - from < 6) return false;
        const Header<6> trailer{behind - 6};
        if (trailer.u16<4>() != 0x88fb) return false;
        const unsigned lan = trailer.u8<2>() >> 4;
        if (lan != 0xa && lan != 0xb) return false;
        const auto size = static_cast<std::ptrdiff_t>(trailer.u16<2>() & 0xfff);
        const auto plain = behind - lsdu_;
        return size == plain || (vlans_ > 0 && size == plain + 4 * vlans_);
    };
    const std::byte* behind = end;
    if (!is_trailer(behind)) behind = count >= 10 ? end - 4 : from;
    if (!is_trailer(behind) && end - lsdu_ <= 50) {
        behind = end;
        while (behind > from && behind[-1] == std::byte{0}) --behind;
    }
    if (!is_trailer(behind)) return 0;
    redundancy_sequence_ = Header<6>{behind - 6}.u16<0>();
    redundancy_sender_ = out_.parties.client.mac;
    out_.oddities |= Oddity::prp;
    ++counters_.prp;
    return static_cast<std::size_t>(end - behind) + 6;
}

} // namespace yagura::decode
