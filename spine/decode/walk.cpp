#include "spine/decode/walk.h"

#include <bit>

#include "spine/decode/checksum.h"
#include "spine/decode/fragments.h"

namespace yagura::decode {

namespace {

constexpr int layers_most = 32;
constexpr int extension_headers_most = 16;

constexpr std::uint16_t ethertype_ipv4 = 0x0800, ethertype_ipv6 = 0x86dd, ethertype_profinet = 0x8892;

/// IEC 61158-6-10, 4.7: every relation of cyclic data has its own frame id, alarms have two. Discovery
/// (0xFEFC to 0xFEFF) goes to and fro by several, and so do clocks.
constexpr std::uint16_t profinet_channel(std::uint16_t frame_id) noexcept {
    if (frame_id >= 0xfefc && frame_id <= 0xfeff) return 0;
    return frame_id < 0x0100 || frame_id >= 0xff00 ? std::uint16_t{0xff00} : frame_id;
}

enum IpProtocol : std::uint8_t {
    hop_by_hop = 0,
    icmp_v4 = 1,
    ip_in_ip = 4,
    tcp_protocol = 6,
    udp_protocol = 17,
    ipv6_in_ip = 41,
    routing_header = 43,
    fragment_header = 44,
    gre_protocol = 47,
    authentication_header = 51,
    icmp_v6 = 58,
    destination_options = 60,
    ether_ip = 97,
    mpls_in_ip = 137,
    host_identity = 139,
    shim6 = 140,
};

constexpr std::uint16_t port_vxlan = 4789, port_vxlan_linux = 8472, port_geneve = 6081; // see udp_tunnel()

} // namespace

void Walk::run(std::uint16_t link_type) noexcept {
    auto layer = link(link_type);
    for (int depth = 0; layer != Layer::stop; ++depth) {
        if (depth == layers_most) {
            out_.oddities |= Oddity::too_deep;
            out_.form = Form::opaque;
            return;
        }
        switch (layer) {
        case Layer::ethernet:
            layer = ethernet();
            break;
        case Layer::ethertype:
            layer = ethertype();
            break;
        case Layer::llc:
            layer = llc();
            break;
        case Layer::ip:
            layer = either_ip();
            break;
        case Layer::ipv4:
            layer = ipv4();
            break;
        case Layer::ipv6:
            layer = ipv6();
            break;
        case Layer::protocol:
            layer = protocol();
            break;
        case Layer::mpls:
            layer = mpls();
            break;
        case Layer::ppp:
            layer = ppp();
            break;
        case Layer::pppoe:
            layer = pppoe();
            break;
        case Layer::gre:
            layer = gre();
            break;
        case Layer::udp_tunnel:
            layer = udp_tunnel();
            break;
        case Layer::stop:
            break;
        }
    }
}

Walk::Layer Walk::end(Form form, std::uint16_t carrier) noexcept {
    out_.form = form;
    out_.parties.lane.carrier = carrier;
    out_.payload = {at_, left_};
    out_.payload_offset = whole_ ? 0 : static_cast<std::uint32_t>(at_ - begin_);
    out_.wire_payload = static_cast<std::uint32_t>(wire_left());
    if (secret_ && !digested_) flow_digest(mix(out_.payload, *secret_));
    return Layer::stop;
}

Walk::Layer Walk::too_short() noexcept {
    if (missing_ == 0) out_.oddities |= Oddity::truncated;
    return in_ip_ ? end(Form::ip, value_) : end(Form::opaque, value_);
}

Walk::Layer Walk::bad_header() noexcept {
    out_.oddities |= Oddity::bad_header;
    return in_ip_ ? end(Form::ip, value_) : end(Form::opaque, value_);
}

Walk::Layer Walk::ethernet() noexcept {
    if (left_ < 14) return too_short();
    const Header<14> header{at_};
    auto& parties = out_.parties;
    if (in_ip_) parties = {};
    header.copy_to<6, 6>(parties.client.mac.data());
    header.copy_to<0, 6>(parties.server.mac.data());
    value_ = header.u16<12>();
    in_ip_ = false;
    vlans_ = 0;
    advance(14);
    lsdu_ = at_;
    return value_ == ethertype_ipv4 ? ipv4() : Layer::ethertype;
}

Walk::Layer Walk::ethertype() noexcept {
    switch (value_) {
    case ethertype_ipv4:
        return Layer::ipv4;
    case ethertype_ipv6:
        return Layer::ipv6;
    case 0x8100:
    case 0x88a8:
    case 0x9100:
    case 0x9200:
        return vlan();
    case 0x8847:
    case 0x8848:
        return Layer::mpls;
    case 0x8864:
        return Layer::pppoe;
    case 0x892f:
        return hsr();
    case 0x8926:
        return skip_to(6, Layer::ethertype); // VN-Tag; the next ethertype is its last field
    case 0x893f:
        return skip_to(8, Layer::ethertype); // 802.1BR E-tag
    case 0x6558:
        return Layer::ethernet;
    default:
        break;
    }
    if (value_ <= 1500) return Layer::llc;
    if (!in_ip_) left_ -= find_trailer(at_, left_);
    if (value_ == ethertype_profinet && left_ >= 2) out_.channel = profinet_channel(Header<2>{at_}.u16<0>());
    return end(in_ip_ ? Form::ip : Form::ethernet, value_);
}

Walk::Layer Walk::vlan() noexcept {
    if (left_ < 4) return too_short();
    const Header<4> tag{at_};
    auto& lane = out_.parties.lane;
    const auto id = static_cast<std::uint16_t>(tag.u16<0>() & 0xfff);
    switch (vlans_) {
    case 0:
        lane.vlan = id;
        lane.inner_vlan = 0;
        break;
    case 1:
        lane.inner_vlan = id;
        break;
    default:
        ++counters_.vlan_deeper;
        break;
    }
    ++vlans_;
    value_ = tag.u16<2>();
    advance(4);
    lsdu_ = at_;
    return Layer::ethertype;
}

// An IP header inside another: the addresses before were the tunnel's ends, and so were their MACs.
void Walk::enter_ip() noexcept {
    if (in_ip_) {
        out_.parties = {};
        enter_tunnel();
    }
    in_ip_ = true;
}

void Walk::enter_tunnel() noexcept { out_.oddities |= Oddity::tunnel; }

Walk::Layer Walk::either_ip() noexcept {
    if (left_ < 1) return too_short();
    return (std::to_integer<unsigned>(*at_) >> 4) == 6 ? Layer::ipv6 : Layer::ipv4;
}

Walk::Layer Walk::ipv4() noexcept {
    if (left_ < 20) return too_short();
    const Header<20> header{at_};
    const unsigned first = header.u8<0>();
    const std::size_t length = (first & 15u) * 4;
    if ((first >> 4) != 4 || length < 20) return bad_header();
    if (length > left_) return too_short();
    const std::size_t total = header.u16<2>();
    if (total != 0 && total < length) return bad_header();

    enter_ip();
    family_six_ = false;
    auto& parties = out_.parties;
    // ::ffff:a.b.c.d
    constexpr std::uint32_t mapped = 0xffff0000u;
    std::memset(parties.client.ip.data(), 0, 8);
    std::memset(parties.server.ip.data(), 0, 8);
    std::memcpy(parties.client.ip.data() + 8, &mapped, 4);
    std::memcpy(parties.server.ip.data() + 8, &mapped, 4);
    header.copy_to<12, 4>(parties.client.ip.data() + 12);
    header.copy_to<16, 4>(parties.server.ip.data() + 12);
    out_.ttl = header.u8<8>();
    out_.ip_id = header.u16<4>();
    value_ = header.u8<9>();

    // Total length 0 is what a host's own capture shows of a segment that its card will cut (TSO).
    if (total != 0) {
        if (left_ >= total + 6) find_trailer(at_ + total, left_ - total);
        limit(total);
    }
    if (secret_ && ones_sum({at_, length}) != 0xffff) {
        ++counters_.wrong_ip_checksum;
        out_.oddities |= Oddity::wrong_checksum;
    }
    const unsigned place = header.u16<6>();
    advance(length);
    if ((place & 0x3fff) != 0) [[unlikely]]
        return fragment({out_.ip_id, (place & 0x1fff) * 8, static_cast<std::uint8_t>(value_),
                         (place & 0x2000) != 0, false});
    if (value_ == tcp_protocol) return tcp();
    if (value_ == udp_protocol) return udp();
    return Layer::protocol;
}

Walk::Layer Walk::ipv6() noexcept {
    if (left_ < 40) return too_short();
    const Header<40> header{at_};
    if ((header.u8<0>() >> 4) != 6) return bad_header();
    enter_ip();
    family_six_ = true;
    header.copy_to<8, 16>(out_.parties.client.ip.data());
    header.copy_to<24, 16>(out_.parties.server.ip.data());
    out_.ttl = header.u8<7>();
    out_.ip_id = 0;
    value_ = header.u8<6>();
    const std::size_t length = header.u16<4>();
    advance(40);
    // Payload length 0: a jumbogram (RFC 2675), or TSO; the frame's own length is all there is.
    if (length != 0) {
        if (left_ >= length + 6) find_trailer(at_ + length, left_ - length);
        limit(length);
    }
    for (int i = 0; i < extension_headers_most; ++i) {
        switch (value_) {
        case tcp_protocol:
            return tcp();
        case udp_protocol:
            return udp();
        case hop_by_hop:
        case routing_header:
        case destination_options:
        case host_identity:
        case shim6: {
            if (left_ < 8) return too_short();
            const Header<2> extension{at_};
            const std::size_t size = (extension.u8<1>() + 1u) * 8;
            if (size > left_) return too_short();
            value_ = extension.u8<0>();
            advance(size);
            break;
        }
        case authentication_header:
            if (authentication() == Layer::stop) return Layer::stop;
            break;
        case fragment_header: {
            if (left_ < 8) return too_short();
            const Header<8> extension{at_};
            value_ = extension.u8<0>();
            const unsigned place = extension.u16<2>();
            advance(8);
            if ((place & 0xfff9) == 0) break; // An atomic fragment (RFC 6946) is the whole datagram.
            return fragment({extension.u32<4>(), place & 0xfff8, static_cast<std::uint8_t>(value_),
                             (place & 1) != 0, true});
        }
        default:
            return Layer::protocol;
        }
    }
    out_.oddities |= Oddity::too_deep;
    return end(Form::ip, value_);
}

/// RFC 4302: nothing is hidden by it.
Walk::Layer Walk::authentication() noexcept {
    if (left_ < 12) return too_short();
    const Header<2> header{at_};
    const std::size_t size = (header.u8<1>() + 2u) * 4;
    if (size < 12) return bad_header();
    if (size > left_) return too_short();
    value_ = header.u8<0>();
    advance(size);
    return Layer::protocol;
}

Walk::Layer Walk::fragment(const Fragment& piece) noexcept {
    value_ = piece.protocol;
    end(Form::fragment, piece.protocol);
    if (!fragments_) return Layer::stop;
    // A reassembled datagram may itself be a fragment of an inner one; what was put together lies in the
    // same memory that the next one is built in, far enough away (see Fragments::held_bytes).
    const auto whole = fragments_->add(piece, out_);
    if (whole.empty()) return Layer::stop;
    at_ = whole.data();
    left_ = whole.size();
    missing_ = 0;
    whole_ = true;
    value_ = out_.parties.lane.carrier;
    return Layer::protocol;
}

Walk::Layer Walk::protocol() noexcept {
    switch (value_) {
    case tcp_protocol:
        return tcp();
    case udp_protocol:
        return udp();
    case icmp_v4:
    case icmp_v6:
        return icmp();
    case ip_in_ip:
    case ipv6_in_ip:
        ++counters_.ip_in_ip;
        return value_ == ip_in_ip ? Layer::ipv4 : Layer::ipv6;
    case gre_protocol:
        return Layer::gre;
    case authentication_header:
        return authentication();
    case hop_by_hop:
    case routing_header:
    case destination_options:
        // Only behind a reassembled IPv6 datagram or an authentication header.
        if (left_ >= 8 && family_six_) {
            const Header<2> extension{at_};
            const std::size_t size = (extension.u8<1>() + 1u) * 8;
            if (size > left_) return too_short();
            value_ = extension.u8<0>();
            advance(size);
            return Layer::protocol;
        }
        break;
    case ether_ip:
        if (left_ >= 16 && at_[0] == std::byte{0x30}) {
            enter_tunnel();
            advance(2);
            return Layer::ethernet;
        }
        break;
    case mpls_in_ip:
        return Layer::mpls;
    default:
        break;
    }
    return end(Form::ip, value_);
}

// What is in both copies of a packet that a SPAN shows twice, and differs between packets: not the TTL,
// not MACs or VLANs. The addresses come in with the conversation's hash (Duplicates::seen).
void Walk::flow_digest(std::uint64_t more) noexcept {
    const auto& secret = *secret_;
    const auto& from = out_.parties.client;
    // The hash of a conversation is the same in both directions; the sender's address tells them apart.
    std::uint64_t low = 0;
    if (in_ip_)
        std::memcpy(&low, from.ip.data() + 8, sizeof low);
    else
        std::memcpy(&low, from.mac.data(), from.mac.size());
    const auto head = std::uint64_t{out_.ip_id} << 48 | std::uint64_t{from.port} << 32 | wire_left();
    out_.digest = fold(low ^ secret[0], head ^ secret[1]) ^ more;
    digested_ = true;
}

Walk::Layer Walk::tcp() noexcept {
    value_ = tcp_protocol;
    if (!secret_) return end(Form::tcp, tcp_protocol);
    if (left_ < 20) return too_short();
    const Header<20> header{at_};
    const std::size_t length = (header.u8<12>() >> 4) * 4u;
    if (length < 20) return bad_header();
    if (length > wire_left()) {
        out_.oddities |= Oddity::truncated;
        return end(Form::ip, tcp_protocol);
    }
    out_.parties.client.port = header.u16<0>();
    out_.parties.server.port = header.u16<2>();
    auto& tcp = out_.tcp;
    tcp.flags = header.u8<13>();
    tcp.sequence = header.u32<4>() + (tcp.has(Tcp::syn) ? 1u : 0u);
    tcp.acknowledged = header.u32<8>();
    tcp.window = header.u16<14>();
    if (checksums_ != Checksums::none) checksum(tcp_protocol, static_cast<std::uint32_t>(wire_left()));
    const auto& secret = *secret_;
    flow_digest(
        fold(header.load<std::uint64_t, 4>() ^ secret[2], header.load<std::uint64_t, 12>() ^ secret[3]));
    if (length > left_) { // Cut inside the options: what is missing is not payload.
        missing_ -= length - left_;
        advance(left_);
    } else {
        advance(length);
    }
    return end(Form::tcp, tcp_protocol);
}

Walk::Layer Walk::udp() noexcept {
    value_ = udp_protocol;
    if (left_ < 8) return too_short();
    const Header<8> header{at_};
    const auto to = header.u16<2>();
    const std::size_t length = header.u16<4>();
    out_.parties.client.port = header.u16<0>();
    out_.parties.server.port = to;
    if (length != 0 && length < 8) return bad_header();
    if (length != 0) limit(length); // 0: a jumbogram, or what the capturing host's card will cut
    if (secret_ && checksums_ != Checksums::none && header.u16<6>() != 0)
        checksum(udp_protocol, static_cast<std::uint32_t>(wire_left()));
    advance(8);
    if (to == port_vxlan || to == port_vxlan_linux || to == port_geneve) [[unlikely]] {
        value_ = to;
        return Layer::udp_tunnel;
    }
    return end(Form::udp, udp_protocol);
}

Walk::Layer Walk::icmp() noexcept {
    if (secret_) {
        if (left_ < 4) return too_short();
        if (checksums_ != Checksums::none)
            checksum(static_cast<std::uint8_t>(value_), static_cast<std::uint32_t>(wire_left()));
    }
    return end(Form::icmp, value_);
}

void Walk::checksum(std::uint8_t protocol, std::uint32_t length) noexcept {
    // A packet that is not all here cannot be judged.
    if (missing_ != 0 || has(out_.oddities, Oddity::truncated)) return;
    if (checksums_ == Checksums::sampled) {
        // Chosen by bytes that differ from packet to packet: IP identification and the first words.
        if (left_ < 8) return;
        const Header<8> header{at_};
        if ((fold(header.load<std::uint64_t, 0>() ^ out_.ip_id, 0x9e3779b97f4a7c15u) & 7) != 0) return;
    }
    ++counters_.checksums;
    std::uint64_t sum = ones_sum_wide({at_, left_});
    if (protocol != icmp_v4) { // RFC 9293 3.1, RFC 8200 8.1
        const std::size_t address = family_six_ ? 0 : 12, size = family_six_ ? 16 : 4;
        sum += ones_sum_wide(
            {reinterpret_cast<const std::byte*>(out_.parties.client.ip.data()) + address, size});
        sum += ones_sum_wide(
            {reinterpret_cast<const std::byte*>(out_.parties.server.ip.data()) + address, size});
        sum += static_cast<std::uint64_t>(protocol) << 8;
        sum += std::byteswap(static_cast<std::uint16_t>(length & 0xffff));
        sum += std::byteswap(static_cast<std::uint16_t>(length >> 16));
    }
    if (ones_fold(sum) != 0xffff) {
        ++counters_.wrong_checksum;
        out_.oddities |= Oddity::wrong_checksum;
    }
}

} // namespace yagura::decode
