// The numbers that pcap and pcapng files use for the link layer: tcpdump.org/linktypes.html.
#pragma once

#include <cstdint>

namespace yagura::decode::link {

inline constexpr std::uint16_t null = 0, ethernet = 1, ppp = 9, raw_bsd = 12, raw_openbsd = 14, ppp_hdlc = 50,
                               ppp_ether = 51, raw = 101, c_hdlc = 104, loop = 108, linux_cooked = 113,
                               ppp_pppd = 166, can = 227, ipv4 = 228, ipv6 = 229, netanalyzer = 240,
                               netanalyzer_transparent = 241, rtac_serial = 250, ethernet_mpacket = 274,
                               linux_cooked_v2 = 276;

} // namespace yagura::decode::link
