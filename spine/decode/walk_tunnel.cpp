// What a SPAN often arrives in: GRE, ERSPAN, VXLAN, GENEVE.
#include "spine/decode/walk.h"

namespace yagura::decode {

namespace {
constexpr std::uint16_t gre_carrier = 47, udp_carrier = 17;
constexpr std::uint16_t type_erspan = 0x88be, type_erspan_3 = 0x22eb, type_ppp = 0x880b,
                        type_ethernet = 0x6558;
} // namespace

// RFC 2784, 2890 (key, sequence number), 1701 (routing), 2637 (version 1, PPTP).
Walk::Layer Walk::gre() noexcept {
    if (left_ < 4) {
        value_ = gre_carrier;
        return too_short();
    }
    const Header<4> header{at_};
    const unsigned flags = header.u16<0>();
    const auto type = header.u16<2>();
    const unsigned version = flags & 7;
    const auto* const start = at_;
    const auto leave = [&] { // Not a tunnel that we know: GRE itself is the payload.
        left_ += static_cast<std::size_t>(at_ - start);
        at_ = start;
        return end(Form::ip, gre_carrier);
    };
    std::size_t size = 4;
    if ((flags & 0xc000) != 0) size += 4; // checksum and offset, present if either bit is set
    if ((flags & 0x2000) != 0) size += 4; // key
    if ((flags & 0x1000) != 0) size += 4; // sequence number
    if (version == 1 && (flags & 0x0080) != 0) size += 4;
    if (version > 1 || size > left_) return leave();
    advance(size);
    if ((flags & 0x4000) != 0) { // RFC 1701: source route entries, ended by an empty one
        for (bool more = true; more;) {
            if (left_ < 4) return leave();
            const Header<4> entry{at_};
            more = entry.u16<0>() != 0 || entry.u8<3>() != 0;
            if (left_ < 4u + entry.u8<3>()) return leave();
            advance(4u + entry.u8<3>());
        }
    }
    ++counters_.gre;
    if (version == 1) {
        if (type != type_ppp || left_ == 0) return leave();
        enter_tunnel();
        return Layer::ppp;
    }
    value_ = type;
    switch (type) {
    case type_ethernet:
        enter_tunnel();
        return Layer::ethernet;
    case type_erspan:
        return erspan((flags & 0x1000) != 0, false);
    case type_erspan_3:
        return erspan(true, true);
    case 0x0800:
    case 0x86dd:
    case 0x8847:
    case 0x8848:
        enter_tunnel();
        return Layer::ethertype;
    default:
        return leave(); // keep-alives have type 0 and nothing in them
    }
}

// draft-foschiano-erspan-03 4: type I has no header, II eight bytes, III twelve and perhaps eight more.
Walk::Layer Walk::erspan(bool has_header, bool third) noexcept {
    ++counters_.erspan;
    enter_tunnel();
    std::uint16_t vlan = 0;
    if (has_header) {
        const std::size_t size = third ? 12 : 8;
        if (left_ < size) {
            value_ = gre_carrier;
            return too_short();
        }
        vlan = Header<2>{at_}.u16<0>() & 0xfff;
        const bool more = third && (std::to_integer<unsigned>(at_[11]) & 1) != 0;
        advance(size);
        if (more) {
            if (left_ < 8) {
                value_ = gre_carrier;
                return too_short();
            }
            advance(8);
        }
    }
    if (left_ < 14) {
        value_ = gre_carrier;
        return too_short();
    }
    const auto next = ethernet();
    // The mirrored port's own VLAN, where the frame has no tag of its own any more.
    if (out_.parties.lane.vlan == 0) out_.parties.lane.vlan = vlan;
    return next;
}

Walk::Layer Walk::udp_tunnel() noexcept {
    constexpr std::uint16_t port_geneve = 6081;
    const auto port = value_;
    value_ = udp_carrier;
    if (left_ < 8) return end(Form::udp, udp_carrier);
    const Header<8> header{at_};
    if (port == port_geneve) { // RFC 8926 3.4: version 0, length of options in words, reserved bits
        const std::size_t size = 8 + (header.u8<0>() & 0x3fu) * 4;
        const auto type = header.u16<2>();
        if ((header.u8<0>() >> 6) != 0 || (header.u8<1>() & 0x3f) != 0 || header.u8<7>() != 0 || size > left_)
            return end(Form::udp, udp_carrier);
        if (type != type_ethernet && type != 0x0800 && type != 0x86dd) return end(Form::udp, udp_carrier);
        ++counters_.geneve;
        enter_tunnel();
        advance(size);
        value_ = type;
        return Layer::ethertype;
    }
    // RFC 7348 5: only the I flag is set, everything reserved is zero. Anything else on that port is
    // somebody else's.
    if (header.u32<0>() != 0x08000000u || header.u8<7>() != 0 || left_ < 8 + 14)
        return end(Form::udp, udp_carrier);
    ++counters_.vxlan;
    enter_tunnel();
    advance(8);
    return Layer::ethernet;
}

} // namespace yagura::decode
