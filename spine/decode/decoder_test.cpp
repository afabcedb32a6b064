#include "spine/decode/decoder.h"

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <random>

#include "spine/base/text.h"
#include "spine/decode/shares.h"
#include "tests/support/frames.h"
#include "tests/support/no_allocation.h"

namespace yagura::decode {
namespace {

using namespace test::frames;
using namespace std::chrono_literals;

std::string address(const observe::Station& station) {
    std::string text;
    if (station.has_mac()) text += std::to_string(station.mac[5]);
    if (station.has_ip()) {
        const bool four = station.ip[10] == 0xff && station.ip[0] == 0;
        text += "/" + std::string(four ? "" : "v6.") + std::to_string(station.ip[15]);
    }
    if (station.port != 0) text += ":" + std::to_string(station.port);
    return text;
}

/// "tcp 1/1:1000 > 2/2:502 carrier 6 'modbus'": last byte of MAC, of IP, port.
std::string tell(const Packet& packet) {
    constexpr std::array forms{"opaque", "ethernet", "ip", "tcp", "udp", "icmp", "fragment"};
    const auto& [client, server, lane, certain] = packet.parties;
    auto text = std::string{forms[static_cast<std::size_t>(packet.form)]} + " " + address(client) + " > " +
                address(server);
    if (lane.vlan != 0) text += " vlan " + std::to_string(lane.vlan);
    if (lane.inner_vlan != 0) text += "." + std::to_string(lane.inner_vlan);
    text += " carrier " + std::to_string(lane.carrier);
    text += " '" + std::string{as_text(packet.payload)} + "'";
    constexpr std::array oddities{"cut",     "truncated", "checksum", "tunnel",      "deep",     "bad",
                                  "overlap", "lost",      "prp",      "reassembled", "duplicate"};
    for (std::size_t i = 0; i < oddities.size(); ++i)
        if (has(packet.oddities, static_cast<Oddity>(1u << i))) text += std::string{" "} + oddities[i];
    return text;
}

struct Case {
    std::string name;
    std::uint16_t link_type;
    Raw frame;
    std::string expected;
};

const Raw modbus_v4 = ipv4({}, tcp({}, "modbus"));
const Raw modbus_v6 = ipv6(6, tcp({}, "modbus", ip6_one, ip6_two));
const Raw inner = ethernet(0x0800,
                           ipv4({.from = hex("c0a80003"), .to = hex("c0a80004")},
                                tcp({}, "inner", hex("c0a80003"), hex("c0a80004"))),
                           hex("020000000003"), hex("020000000004"));
const std::string plain_v4 = "tcp 1/1:1000 > 2/2:502 carrier 6 'modbus'";
const std::string nobodys_v4 = "tcp /1:1000 > /2:502 carrier 6 'modbus'";
const std::string plain_v6 = "tcp 1/v6.1:1000 > 2/v6.2:502 carrier 6 'modbus'";
const std::string mirrored = "tcp 3/3:1000 > 4/4:502 carrier 6 'inner' tunnel";

Raw outer_udp(std::uint16_t port, const Raw& inside) {
    return ethernet(0x0800, ipv4({.protocol = 17}, udp(5555, port, inside)));
}
Raw gre(const Raw& inside) { return ethernet(0x0800, ipv4({.protocol = 47}, inside)); }
Raw prp(const Raw& frame, std::size_t header = 14) {
    return frame + hex("12 34") + be16(0xa000 | (frame.size() - header + 6)) + hex("88 fb");
}

std::vector<Case> cases() {
    return {
        {"ethernet, IPv4, TCP", 1, ethernet(0x0800, modbus_v4), plain_v4},
        {"IPv6", 1, ethernet(0x86dd, modbus_v6), plain_v6},
        {"UDP", 1, ethernet(0x0800, ipv4({.protocol = 17}, udp(68, 67, "dhcp"))),
         "udp 1/1:68 > 2/2:67 carrier 17 'dhcp'"},
        {"ICMP", 1, ethernet(0x0800, ipv4({.protocol = 1}, with_sum(hex("08000000") + "ping", 2))),
         "icmp 1/1 > 2/2 carrier 1 '" + with_sum(hex("08000000") + "ping", 2) + "'"},
        {"padding of a short frame", 1, ethernet(0x0800, ipv4({}, tcp({}, "")) + Raw(6, '\0')),
         "tcp 1/1:1000 > 2/2:502 carrier 6 ''"},
        {"frame check sequence", 1, ethernet(0x0800, modbus_v4 + "\x12\x34\x56\x78"), plain_v4},
        {"options of IPv4 and TCP", 1,
         ethernet(0x0800, ipv4({.options = hex("94040000")}, tcp({.options = hex("01010101")}, "modbus"))),
         plain_v4},
        {"TSO: total length 0", 1,
         ethernet(0x0800,
                  with_sum(modbus_v4.substr(0, 2) + hex("0000 0001 0000 40 06 0000") + ip_one + ip_two, 10) +
                      modbus_v4.substr(20)),
         plain_v4},
        {"VLAN", 1, ethernet(0x8100, vlan(10, 0x0800, modbus_v4)),
         "tcp 1/1:1000 > 2/2:502 vlan 10 carrier 6 'modbus'"},
        {"QinQ, priority bits", 1, ethernet(0x88a8, vlan(0x6064, 0x8100, vlan(10, 0x0800, modbus_v4))),
         "tcp 1/1:1000 > 2/2:502 vlan 100.10 carrier 6 'modbus'"},
        {"three tags", 1, ethernet(0x88a8, vlan(100, 0x8100, vlan(10, 0x8100, vlan(5, 0x0800, modbus_v4)))),
         "tcp 1/1:1000 > 2/2:502 vlan 100.10 carrier 6 'modbus'"},
        {"priority tag", 1, ethernet(0x8100, vlan(0xc000, 0x8892, "rt")),
         "ethernet 1 > 2 carrier 34962 'rt'"},
        {"no IP", 1, ethernet(0x88cc, "lldp"), "ethernet 1 > 2 carrier 35020 'lldp'"},
        {"LLC: spanning tree, padding off", 1, ethernet(7, hex("424203") + "bpdu" + "padding"),
         "ethernet 1 > 2 carrier 322 'bpdu'"},
        {"LLC: numbered frame", 1, ethernet(8, hex("fefe0100") + "isis"),
         "ethernet 1 > 2 carrier 510 'isis'"},
        {"SNAP with ethertype", 1,
         ethernet(static_cast<std::uint16_t>(8 + modbus_v4.size()), hex("aaaa03 000000 0800") + modbus_v4),
         plain_v4},
        {"SNAP of an organisation", 1, ethernet(11, hex("aaaa03 00000c 2000") + "cdp"),
         "ethernet 1 > 2 carrier 426 '" + hex("00000c 2000") + "cdp'"},
        {"raw 802.3", 1, ethernet(5, hex("ffff") + "ipx"),
         "ethernet 1 > 2 carrier 511 '" + hex("ffff") + "ipx'"},
        {"E-tag, VN-tag", 1,
         ethernet(0x893f, Raw(6, 1) + be16(0x8926) + Raw(4, 1) + be16(0x0800) + modbus_v4), plain_v4},
        {"PPPoE", 1,
         ethernet(0x8864, hex("1100 0001") + be16(2 + modbus_v4.size()) + hex("0021") + modbus_v4),
         plain_v4 + " tunnel"},
        {"PPPoE, its own control", 1, ethernet(0x8864, hex("1100 0001 0005 c021") + "lcp"),
         "ethernet 1 > 2 carrier 34916 '" + hex("c021") + "lcp' tunnel"},
        {"MPLS", 1, ethernet(0x8847, hex("00010040 00011140") + modbus_v4), plain_v4 + " tunnel"},
        {"MPLS, IPv6", 1, ethernet(0x8847, hex("00011140") + modbus_v6), plain_v6 + " tunnel"},
        {"pseudowire with control word", 1, ethernet(0x8847, hex("00011140 00000000") + inner), mirrored},
        {"pseudowire without", 1, ethernet(0x8847, hex("00011140") + inner), mirrored},
        {"PRP", 1, prp(ethernet(0x0800, modbus_v4)), plain_v4 + " prp"},
        {"PRP behind a VLAN tag", 1, prp(ethernet(0x8100, vlan(10, 0x0800, modbus_v4)), 18),
         "tcp 1/1:1000 > 2/2:502 vlan 10 carrier 6 'modbus' prp"},
        {"PRP without IP", 1, prp(ethernet(0x88b8, "goose")), "ethernet 1 > 2 carrier 35000 'goose' prp"},
        {"PRP, then the frame check sequence", 1, prp(ethernet(0x88b8, "goose")) + "\x01\x02\x03\x04",
         "ethernet 1 > 2 carrier 35000 'goose' prp"},
        {"PRP, then padding", 1, prp(ethernet(0x88b8, "goose")) + Raw(30, '\0'),
         "ethernet 1 > 2 carrier 35000 'goose' prp"},
        {"88fb that is no trailer", 1, ethernet(0x88b8, "goose" + hex("1234 a00b 88fb") + "x"),
         "ethernet 1 > 2 carrier 35000 'goose" + hex("1234 a00b 88fb") + "x'"},
        {"HSR", 1, ethernet(0x892f, hex("0010 0007 0800") + modbus_v4), plain_v4 + " prp"},
        {"IP in IP", 1,
         ethernet(0x0800, ipv4({.protocol = 4, .from = hex("01020304"), .to = hex("01020305")}, modbus_v4)),
         nobodys_v4 + " tunnel"},
        {"6in4", 1, ethernet(0x0800, ipv4({.protocol = 41}, modbus_v6)),
         "tcp /v6.1:1000 > /v6.2:502 carrier 6 'modbus' tunnel"},
        {"IP in IPv6", 1, ethernet(0x86dd, ipv6(4, modbus_v4)), nobodys_v4 + " tunnel"},
        {"GRE", 1, gre(hex("0000 0800") + modbus_v4), nobodys_v4 + " tunnel"},
        {"GRE with checksum, key and sequence", 1,
         gre(hex("b000 0800 11111111 22222222 33333333") + modbus_v4), nobodys_v4 + " tunnel"},
        {"GRE with routing", 1, gre(hex("4000 0800 00000000 0800 00 04 01020304 0000 00 00") + modbus_v4),
         nobodys_v4 + " tunnel"},
        {"NVGRE", 1, gre(hex("2000 6558 00000100") + inner), mirrored},
        {"PPTP", 1, gre(hex("3081 880b 0004 0001 00000001 00000002 ff03 0021") + modbus_v4),
         nobodys_v4 + " tunnel"},
        {"GRE keep-alive", 1, gre(hex("0000 0000")), "ip 1/1 > 2/2 carrier 47 '" + hex("0000 0000") + "'"},
        {"ERSPAN I", 1, gre(hex("0000 88be") + inner), mirrored},
        {"ERSPAN II, VLAN of the port", 1, gre(hex("1000 88be 00000001 1064 0001 00000000") + inner),
         "tcp 3/3:1000 > 4/4:502 vlan 100 carrier 6 'inner' tunnel"},
        {"ERSPAN III", 1, gre(hex("1000 22eb 00000001 2000 0001 00000000 0000 0000") + inner), mirrored},
        {"ERSPAN III with platform header", 1,
         gre(hex("1000 22eb 00000001 2000 0001 00000000 0000 0001 0102030405060708") + inner), mirrored},
        {"VXLAN", 1, outer_udp(4789, hex("08000000 00000100") + inner), mirrored},
        {"VXLAN on Linux' old port", 1, outer_udp(8472, hex("08000000 00000100") + inner), mirrored},
        {"somebody else's port 4789", 1, outer_udp(4789, "not a VXLAN header, though long enough"),
         "udp 1/1:5555 > 2/2:4789 carrier 17 'not a VXLAN header, though long enough'"},
        {"GENEVE with an option", 1, outer_udp(6081, hex("0100 6558 00000100 01020304") + inner), mirrored},
        {"GENEVE with IP", 1, outer_udp(6081, hex("0000 0800 00000100") + modbus_v4), nobodys_v4 + " tunnel"},
        {"EtherIP", 1, ethernet(0x0800, ipv4({.protocol = 97}, hex("3000") + inner)), mirrored},
        {"ARP in VXLAN has no IP", 1, outer_udp(4789, hex("08000000 00000100") + ethernet(0x0806, "arp")),
         "ethernet 1 > 2 carrier 2054 'arp' tunnel"},
        {"hop-by-hop, routing, destination options", 1,
         ethernet(0x86dd, ipv6(0, hex("2b00 010400000000 3c00 000000000000 0600 010400000000") +
                                      tcp({}, "modbus", ip6_one, ip6_two))),
         plain_v6},
        {"atomic fragment", 1,
         ethernet(0x86dd, ipv6(44, hex("0600 0000 00000001") + tcp({}, "modbus", ip6_one, ip6_two))),
         plain_v6},
        {"authentication header", 1,
         ethernet(0x0800, ipv4({.protocol = 51}, hex("0604 0000 00000001 00000001 000000000000000000000000") +
                                                     tcp({}, "modbus"))),
         plain_v4},
        {"ESP", 1, ethernet(0x0800, ipv4({.protocol = 50}, "secret")), "ip 1/1 > 2/2 carrier 50 'secret'"},
        {"IPv6 without anything", 1, ethernet(0x86dd, ipv6(59, "")), "ip 1/v6.1 > 2/v6.2 carrier 59 ''"},
        {"first fragment alone", 1, ethernet(0x0800, ipv4({.fragment = 0x2000}, "12345678")),
         "fragment 1/1 > 2/2 carrier 6 '12345678'"},
        {"TCP header that says too little", 1,
         ethernet(0x0800, ipv4({}, hex("03e801f6 00000001 00000001 40180000 00000000"))),
         "ip 1/1 > 2/2 carrier 6 '" + hex("03e801f6 00000001 00000001 40180000 00000000") + "' bad"},
        {"IPv4 header that says too little", 1, ethernet(0x0800, "\x44" + modbus_v4.substr(1)),
         "opaque 1 > 2 carrier 2048 '\x44" + modbus_v4.substr(1) + "' bad"},
        {"total length beyond the frame", 1, ethernet(0x0800, ipv4({}, tcp({}, "modbus")).substr(0, 43)),
         "tcp 1/1:1000 > 2/2:502 carrier 6 'mod' truncated"},
        {"wrong checksum of IP", 1, ethernet(0x0800, modbus_v4.substr(0, 10) + "zz" + modbus_v4.substr(12)),
         plain_v4 + " checksum"},
        {"Linux cooked", 113, hex("0000 0001 0006") + mac_one + hex("0000 0800") + modbus_v4,
         "tcp 1/1:1000 > /2:502 carrier 6 'modbus'"},
        {"Linux cooked, VLAN", 113,
         hex("0000 0001 0006") + mac_one + hex("0000 8100") + vlan(10, 0x0800, modbus_v4),
         "tcp 1/1:1000 > /2:502 vlan 10 carrier 6 'modbus'"},
        {"Linux cooked, LLC", 113, hex("0000 0001 0006") + mac_one + hex("0000 0004 424203") + "bpdu",
         "ethernet 1 >  carrier 322 'bpdu'"},
        {"Linux cooked v2", 276, hex("0800 0000 00000002 0001 00 06") + mac_one + hex("0000") + modbus_v4,
         "tcp 1/1:1000 > /2:502 carrier 6 'modbus'"},
        {"raw IP, 4", 101, modbus_v4, nobodys_v4},
        {"raw IP, 6", 101, modbus_v6, "tcp /v6.1:1000 > /v6.2:502 carrier 6 'modbus'"},
        {"raw IPv4", 228, modbus_v4, nobodys_v4},
        {"raw IPv6", 229, modbus_v6, "tcp /v6.1:1000 > /v6.2:502 carrier 6 'modbus'"},
        {"BSD loopback, little", 0, hex("02000000") + modbus_v4, nobodys_v4},
        {"BSD loopback, big", 0, hex("00000002") + modbus_v4, nobodys_v4},
        {"BSD loopback, Darwin's IPv6", 0, hex("1e000000") + modbus_v6,
         "tcp /v6.1:1000 > /v6.2:502 carrier 6 'modbus'"},
        {"OpenBSD loopback", 108, hex("00000018") + modbus_v6,
         "tcp /v6.1:1000 > /v6.2:502 carrier 6 'modbus'"},
        {"PPP in HDLC framing", 9, hex("ff03 0021") + modbus_v4, nobodys_v4},
        {"PPP, protocol of one byte", 9, hex("21") + modbus_v4, nobodys_v4},
        {"PPP, its own control", 9, hex("ff03 c021") + "lcp",
         "opaque  >  carrier 34916 '" + hex("c021") + "lcp'"},
        {"Cisco HDLC", 104, hex("0f00 0800") + modbus_v4, nobodys_v4},
        {"mPackets", 274, Raw(8, 'U') + ethernet(0x0800, modbus_v4), plain_v4},
        {"netANALYZER", 240, Raw(4, 'n') + ethernet(0x0800, modbus_v4), plain_v4},
        {"netANALYZER, transparent", 241, Raw(12, 'n') + ethernet(0x0800, modbus_v4), plain_v4},
        {"SocketCAN", 227, hex("00000123 08000000 0102030405060708"),
         "opaque  >  carrier 0 '" + hex("00000123 08000000 0102030405060708") + "'"},
        {"RTAC serial", 250, "serial", "opaque  >  carrier 0 'serial'"},
        {"a link type that nobody knows", 9999, "x", "opaque  >  carrier 0 'x'"},
        {"nothing at all", 1, "", "opaque  >  carrier 0 '' truncated"},
    };
}

/// In memory of exactly its size, so that the address sanitizer sees a byte too far.
struct Exact {
    explicit Exact(const Raw& raw) : size{raw.size()}, memory{new std::byte[raw.size()]} {
        std::copy_n(reinterpret_cast<const std::byte*>(raw.data()), size, memory.get());
    }
    std::size_t size;
    std::unique_ptr<std::byte[]> memory;
    Frame frame(std::uint16_t link_type, std::uint32_t missing = 0) const {
        Frame made;
        made.bytes = {memory.get(), size};
        made.wire_length = static_cast<std::uint32_t>(size) + missing;
        made.link_type = link_type;
        made.at = observe::Time{1000s};
        return made;
    }
};

TEST(Decoder, EveryLayer) {
    for (const auto& one : cases()) {
        Decoder decoder;
        Packet packet;
        const Exact exact{one.frame};
        const bool whole = decoder.decode(exact.frame(one.link_type), packet);
        EXPECT_EQ(tell(packet), one.expected) << one.name;
        EXPECT_EQ(whole, packet.form != Form::opaque && packet.form != Form::fragment) << one.name;
    }
}

// What the decoder says of who speaks to whom is what frames are spread by.
TEST(Decoder, AgreesWithHostPair) {
    for (const auto& one : cases()) {
        Decoder decoder;
        Packet packet;
        decoder.decode(Exact{one.frame}.frame(one.link_type), packet);
        const Exact exact{one.frame};
        EXPECT_EQ(host_pair(exact.frame(1).bytes, one.link_type), host_pair(packet.parties)) << one.name;
    }
}

TEST(Decoder, IsNotLedAstrayByAnyTruncation) {
    Decoder decoder{{.checksums = Checksums::all}};
    for (const auto& one : cases())
        for (std::size_t length = 0; length < one.frame.size(); ++length) {
            const Exact exact{one.frame.substr(0, length)};
            for (const auto missing : {std::size_t{0}, one.frame.size() - length}) {
                Packet packet;
                const auto frame = exact.frame(one.link_type, static_cast<std::uint32_t>(missing));
                decoder.decode(frame, packet);
                EXPECT_GE(packet.wire_payload, packet.payload.size());
                EXPECT_LE(packet.wire_payload, one.frame.size());
                EXPECT_EQ(has(packet.oddities, Oddity::cut_short), missing != 0);
                if (!has(packet.oddities, Oddity::reassembled) && !packet.payload.empty()) {
                    EXPECT_GE(packet.payload.data(), frame.bytes.data());
                    EXPECT_LE(packet.payload.data() + packet.payload.size(), frame.bytes.data() + length);
                    EXPECT_EQ(packet.payload.data(), frame.bytes.data() + packet.payload_offset);
                }
                host_pair(frame.bytes, one.link_type);
            }
        }
}

TEST(Decoder, LivesThroughRandomChanges) {
    std::mt19937 random{11}; // NOLINT: the same numbers each time
    const auto below = [&](std::size_t n) {
        return std::uniform_int_distribution<std::size_t>{0, n - 1}(random);
    };
    Decoder decoder{{.checksums = Checksums::all}};
    Packet packet;
    const auto all = cases();
    for (int round = 0; round < 60'000; ++round) {
        const auto& one = all[below(all.size())];
        auto frame = one.frame;
        for (auto changes = 1 + below(4); changes > 0 && !frame.empty(); --changes)
            frame[below(frame.size())] = static_cast<char>(below(3) == 0 ? (below(2) == 0 ? 0xff : 0)
                                                                         : below(256));
        if (below(4) == 0) frame += all[below(all.size())].frame;
        const Exact exact{frame};
        auto given = exact.frame(one.link_type, below(3) == 0 ? static_cast<std::uint32_t>(below(2000)) : 0);
        given.at += std::chrono::milliseconds{round};
        decoder.decode(given, packet);
        if (!has(packet.oddities, Oddity::reassembled)) {
            ASSERT_EQ(host_pair(given.bytes, one.link_type), host_pair(packet.parties))
                << one.name << ' ' << tell(packet);
        }
        ASSERT_GE(packet.wire_payload, packet.payload.size());
    }
}

TEST(Decoder, AllocatesNothing) {
    Decoder decoder{{.checksums = Checksums::all}};
    const auto all = cases();
    std::vector<Frame> frames;
    for (const auto& one : all) {
        Frame frame;
        frame.bytes = bytes(one.frame);
        frame.link_type = one.link_type;
        frames.push_back(frame);
    }
    Packet packet;
    const auto before = test::allocations();
    for (int round = 0; round < 100; ++round)
        for (const auto& frame : frames) decoder.decode(frame, packet);
    EXPECT_EQ(test::allocations(), before);
}

TEST(Decoder, CountsChecksums) {
    Decoder decoder{{.checksums = Checksums::all}};
    Packet packet;
    auto wrong = ethernet(0x0800, ipv4({}, tcp({}, "modbus").substr(0, 24) + "XY"));
    decoder.decode(Exact{wrong}.frame(1), packet);
    EXPECT_TRUE(has(packet.oddities, Oddity::wrong_checksum));
    EXPECT_EQ(packet.form, Form::tcp);
    for (const auto& right :
         {plain(), ethernet(0x86dd, modbus_v6), ethernet(0x0800, ipv4({.protocol = 17}, udp(1, 2, "odd"))),
          ethernet(0x86dd, ipv6(17, udp(1, 2, "abcdefghijklmnopqrstu", ip6_one, ip6_two)))}) {
        decoder.decode(Exact{right}.frame(1), packet);
        EXPECT_FALSE(has(packet.oddities, Oddity::wrong_checksum));
    }
    EXPECT_EQ(decoder.counters().checksums, 5);
    EXPECT_EQ(decoder.counters().wrong_checksum, 1);
}

TEST(Decoder, SamplesChecksumsByThePacketAlone) {
    Decoder one, other;
    Packet packet;
    for (std::uint16_t i = 0; i < 4000; ++i) {
        const auto frame = ethernet(0x0800, ipv4({.id = i}, tcp({.sequence = i * 100u}, "modbus")));
        one.decode(Exact{frame}.frame(1), packet);
        if (i % 2 == 0) other.decode(Exact{frame}.frame(1), packet);
    }
    EXPECT_NEAR(static_cast<double>(one.counters().checksums), 500, 100);
    EXPECT_NEAR(static_cast<double>(other.counters().checksums), 250, 70);
    EXPECT_EQ(one.counters().wrong_checksum, 0);
}

TEST(Decoder, CountsLinkTypesAndNamesThem) {
    Decoder decoder;
    Packet packet;
    for (std::uint16_t type = 200; type < 240; ++type) decoder.decode(Exact{"x"}.frame(type), packet);
    decoder.decode(Exact{"x"}.frame(200), packet);
    const auto& types = decoder.counters().link_types;
    EXPECT_EQ(types.front().type, 200);
    EXPECT_EQ(types.front().frames, 2);
    EXPECT_EQ(types.back().type, 0xffff);
    EXPECT_EQ(types.back().frames, 25);
    EXPECT_EQ(link_type_name(1), "Ethernet");
    EXPECT_EQ(link_type_name(250), "RTAC serial");
    EXPECT_EQ(link_type_name(0xffff), "unassigned");
}

TEST(Decoder, SaysRedundantCopiesOnce) {
    Packet packet;
    const auto a = ethernet(0x88b8, "goose" + hex("1234 a00b 88fb")),
               b = ethernet(0x88b8, "goose" + hex("1234 b00b 88fb")),
               next = ethernet(0x88b8, "goose" + hex("1235 a00b 88fb"));
    Decoder once;
    EXPECT_TRUE(once.decode(Exact{a}.frame(1), packet));
    EXPECT_FALSE(once.decode(Exact{b}.frame(1), packet));
    EXPECT_TRUE(has(packet.oddities, Oddity::duplicate));
    EXPECT_TRUE(once.decode(Exact{next}.frame(1), packet));
    EXPECT_EQ(once.counters().redundant, 1);
    auto later = Exact{b};
    auto frame = later.frame(1);
    frame.at += 500ms;
    EXPECT_TRUE(once.decode(frame, packet)) << "a sequence number that comes again";
    Decoder all{{.copies = Copies::all}};
    all.decode(Exact{a}.frame(1), packet);
    EXPECT_TRUE(all.decode(Exact{b}.frame(1), packet));
}

TEST(Decoder, ALoopOfTunnelsEnds) {
    auto frame = modbus_v4;
    for (int i = 0; i < 60; ++i) frame = ipv4({.protocol = 4}, frame);
    Decoder decoder;
    Packet packet;
    EXPECT_FALSE(decoder.decode(Exact{ethernet(0x0800, frame)}.frame(1), packet));
    EXPECT_TRUE(has(packet.oddities, Oddity::too_deep));
}

TEST(Decoder, WildTimesAreHeldInBounds) {
    Decoder decoder;
    Packet packet;
    const Exact exact{plain()};
    auto frame = exact.frame(1);
    frame.at = observe::Time::min();
    decoder.decode(frame, packet);
    EXPECT_EQ(packet.at, observe::Time{});
    frame.at = observe::Time::max();
    decoder.decode(frame, packet);
    EXPECT_LT(packet.at, observe::Time::max());
}

TEST(HostPair, IsTheSameForAllThatBelongsTogether) {
    const auto pair = [](const Raw& frame, std::uint16_t link_type = 1) {
        return host_pair(bytes(frame), link_type);
    };
    const auto one = pair(plain());
    EXPECT_NE(one, 0);
    EXPECT_EQ(one,
              pair(ethernet(0x0800, ipv4({.from = ip_two, .to = ip_one}, tcp({}, "x")), mac_two, mac_one)));
    EXPECT_EQ(one, pair(ethernet(0x8100, vlan(7, 0x0800, modbus_v4))));
    EXPECT_EQ(one, pair(modbus_v4, 101));
    EXPECT_EQ(one, pair(ethernet(0x0800, ipv4({.protocol = 17, .fragment = 0x2000}, "12345678"))));
    EXPECT_EQ(one, pair(ethernet(0x0800, ipv4({.protocol = 17, .fragment = 100}, "12345678"))));
    EXPECT_EQ(pair(inner), pair(outer_udp(4789, hex("08000000 00000100") + inner)));
    EXPECT_EQ(pair(inner), pair(gre(hex("0000 88be") + inner)));
    EXPECT_NE(one, pair(inner));
    EXPECT_EQ(pair(ethernet(0x8892, "rt", mac_one, mac_two)), pair(ethernet(0x8892, "rt", mac_two, mac_one)));
    EXPECT_EQ(pair("x", 227), 0);
}

TEST(Shares, EqualPairsAreSharedEqually) {
    std::mt19937 random{3}; // NOLINT: the same numbers each time
    for (const auto workers : {2u, 3u, 4u}) {
        Shares mine{workers}, yours{workers};
        std::vector<std::uint32_t> pairs(64);
        for (auto& pair : pairs) pair = static_cast<std::uint32_t>(random());
        std::vector<int> frames(workers);
        std::map<std::uint32_t, unsigned> owner;
        for (int i = 0; i < 64'000; ++i) {
            const auto pair = pairs[random() % pairs.size()];
            const auto whose = mine.next(pair);
            ASSERT_EQ(whose, yours.next(pair));
            ASSERT_EQ(whose, owner.try_emplace(pair, whose).first->second) << "a pair stays where it is";
            ++frames[whose];
        }
        for (const auto count : frames) EXPECT_NEAR(count, 64'000 / workers, 2'500);
    }
}

TEST(HostPair, SpreadsAPlantEvenly) {
    std::array<int, 4> share{};
    for (unsigned plc = 0; plc < 256; ++plc) {
        const Raw to = hex("0a0001") + Raw(1, static_cast<char>(plc));
        ++share[host_pair(bytes(ethernet(0x0800, ipv4({.to = to}, "x"))), 1) % 4];
    }
    for (const auto count : share) EXPECT_NEAR(count, 64, 26);
}

} // namespace
} // namespace yagura::decode
