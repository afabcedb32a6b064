#include <gtest/gtest.h>

#include <set>

#include "see/ask/memory.h"
#include "see/ask/query.h"
#include "spine/base/hex.h"

namespace yagura::see::ask {
namespace {

std::vector<std::byte> hex(std::string_view text) { return from_hex(text).value(); }

std::string request(std::string_view name, unsigned step, const Asked& asked) {
    std::array<std::byte, request_most> room;
    const auto made = find_query(name)->request(asked, step, room);
    return to_hex(Bytes{room}.first(made.size));
}

Asked asked_of(std::uint16_t number = 0x0102) {
    Asked asked;
    asked.number = number;
    asked.target = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 2, 3, 40};
    asked.own = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 2, 3, 99};
    return asked;
}

struct Answer {
    std::string_view name;
    unsigned step;
    std::vector<std::byte> bytes;
    std::vector<std::string> said; ///< "attribute value"
};

std::vector<std::string> said(const Facts& facts) {
    std::vector<std::string> out;
    for (const auto& one : facts.all())
        out.push_back(one.port   ? cat(one.port->interface, ".", one.port->field, " ", one.value)
                      : one.near ? cat(one.near->port, " - ", one.near->far_port, " ", one.value)
                                 : cat(static_cast<unsigned>(one.attribute), " ", one.value));
    return out;
}
void text(std::vector<std::byte>& out, std::string_view value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i)
        out.push_back(static_cast<std::byte>(i < value.size() ? value[i] : '\0'));
}

std::string ber(char tag, std::string_view content) {
    std::string out{tag, static_cast<char>(0x81), static_cast<char>(content.size())};
    return out.append(content);
}
/// A GetResponse to `id` with these variables.
std::vector<std::byte> snmp(std::uint16_t id, std::string_view variables) {
    using namespace std::string_view_literals;
    const std::string number{static_cast<char>(id >> 8), static_cast<char>(id & 0xff)};
    const auto pdu = cat(ber(2, number), ber(2, "\0"sv), ber(2, "\0"sv), ber(0x30, variables));
    const auto whole = ber(0x30, cat(ber(2, "\1"sv), ber(4, "public"), ber(static_cast<char>(0xa2), pdu)));
    const auto bytes = std::as_bytes(std::span{whole});
    return {bytes.begin(), bytes.end()};
}
std::string row(std::string_view name, char tag, std::string_view value) {
    return ber(0x30, cat(ber(6, name), ber(tag, value)));
}
const std::string if_name = "\x2b\x06\x01\x02\x01\x1f\x01\x01\x01\x01",
                  next_column = "\x2b\x06\x01\x02\x01\x1f\x01\x01\x01\x02\x03",
                  base_port = "\x2b\x06\x01\x02\x01\x11\x01\x04\x01\x02",
                  by_vlan = "\x2b\x06\x01\x02\x01\x11\x07\x01\x02\x02\x01\x02",
                  stations = "\x2b\x06\x01\x02\x01\x11\x04\x03\x01\x02",
                  wago{"\x00\x30\x81\x5e\x10\x01\x21", 7}, wago_mac{"\x00\x30\xde\x10\x01\x21", 6},
                  up_time{"\x2b\x06\x01\x02\x01\x01\x03\x00", 8},
                  system_name{"\x2b\x06\x01\x02\x01\x01\x05\x00", 8},
                  port_control = "\x28\xc4\x62\x01\x01\x01\x01\x02\x01\x01\x06",
                  local_port = "\x28\xc4\x62\x01\x01\x02\x01\x03\x07\x01\x03",
                  remote = "\x28\xc4\x62\x01\x01\x02\x01\x04\x01\x01";
/// A value of the first neighbour at local port 7.
std::string neighbour(char column, char tag, std::string_view value) {
    return row(cat(remote, std::string_view{&column, 1}, std::string_view{"\0\x07\x01", 3}), tag, value);
}
/// A value of an interface, in ifTable or ifXTable.
std::string of_port(char column, char interface, char tag, std::string_view value, bool more = false) {
    constexpr std::string_view if_table = "\x2b\x06\x01\x02\x01\x02\x02\x01",
                               if_x_table = "\x2b\x06\x01\x02\x01\x1f\x01\x01\x01";
    const auto name = more ? if_x_table : if_table;
    return row(cat(name, std::string_view{&column, 1}, std::string_view{&interface, 1}), tag, value);
}

/// One good answer of each message kind, made by hand from the clauses that the sources name.
std::vector<Answer> answers() {
    std::vector<Answer> all;
    auto cip = hex(
        "6300 3500 00000000 00000000 f40179616775 0102 00000000"
        "0100 0c00 2f00 0100 0002af12c0a80a140000000000000000 0100 0e00 3600 1408 3000 78563412 0e");
    text(cip, "1756-L71/B Pro", 14);
    cip.push_back(std::byte{3});
    cip[2] = static_cast<std::byte>(cip.size() - 24);
    cip[28] = static_cast<std::byte>(cip.size() - 30);
    all.push_back({"cip",
                   0,
                   cip,
                   {"1 Rockwell Automation/Allen-Bradley", "2 1756-L71/B Pro", "3 20.008", "5 12345678"}});

    all.push_back({"modbus",
                   0,
                   hex("0102 0000 001a ff 2b 0e 01 82 00 00 03 00 04 5741474f 01 05 3337352d36 02 03 312e32"),
                   {"1 WAGO", "2 375-6", "3 1.2"}});
    all.push_back({"modbus", 1, hex("0103 0000 000d ff 2b 0e 02 82 00 00 01 05 03 783132"), {"20 x12"}});

    all.push_back({"s7", 0, hex("0300 0016 11 d0 0001 0002 00 c0010a c1020100 c2020202"), {}});
    all.push_back({"s7", 1, hex("0300 001b 02f080 32 03 0000 0001 0008 0000 00 00 f000 0001 0001 00f0"), {}});
    auto modules = hex("0300 0000 02f080 32 07 0000 0002 000c 0000 000112 08 12 84 01 01 00 00 0000"
                       "ff 09 0000 0011 0000 001c 0002 0001");
    text(modules, "6ES7 315-2EH14-0AB0 ", 20);
    const auto rest = hex("00c0 0004 0001 0007");
    modules.insert(modules.end(), rest.begin(), rest.end());
    text(modules, "", 20);
    const auto version = hex("00c0 56030206");
    modules.insert(modules.end(), version.begin(), version.end());
    modules[3] = static_cast<std::byte>(modules.size());
    modules[16] = static_cast<std::byte>(modules.size() - 29);
    modules[32] = static_cast<std::byte>(modules.size() - 33);
    all.push_back({"s7", 2, modules, {"20 6ES7 315-2EH14-0AB0", "3 V3.2.6"}});
    auto components = hex("0300 0000 02f080 32 07 0000 0003 000c 0000 000112 08 12 84 01 01 00 00 0000"
                          "ff 09 0000 001c 0000 0022 0001 0007");
    text(components, "CPU 315-2 PN/DP", 32);
    components[3] = static_cast<std::byte>(components.size());
    components[16] = static_cast<std::byte>(components.size() - 29);
    components[32] = static_cast<std::byte>(components.size() - 33);
    all.push_back({"s7", 3, components, {"2 CPU 315-2 PN/DP"}});

    all.push_back({"bacnet", 0, hex("810a 0014 0100 1000 c4 02000457 22 05c4 91 00 21 0f"), {}});
    all.push_back(
        {"bacnet", 1, hex("810a 0018 0100 30 01 0c 0c 02000000 19 79 3e 75 05 00 48657373 3f"), {"1 Hess"}});

    auto fins = hex("c0 00 02 00 63 00 00 28 00 02 0501 0000");
    text(fins, "CJ2M-CPU33", 20);
    text(fins, "02.01", 20);
    all.push_back({"fins", 0, fins, {"2 CJ2M-CPU33", "3 02.01", "1 Omron"}});

    auto slmp = hex("d000 00 ff ff03 00 1400 0000");
    text(slmp, "R04ENCPU        ", 16);
    slmp.push_back(std::byte{0x01});
    slmp.push_back(std::byte{0x48});
    all.push_back({"slmp", 0, slmp, {"2 R04ENCPU", "1 Mitsubishi Electric"}});

    all.push_back({"snmp",
                   0,
                   hex("303c 0201 01 0404 6d696e61 a231 0202 4204 0201 00 0201 00 3025"
                       "3010 0608 2b06010201010100 0404 73776974"
                       "3011 0608 2b06010201010200 0605 2b06010401"),
                   {"21 swit"}});
    all.push_back({"snmp",
                   1,
                   hex("302e 0201 01 0404 6d696e61 a223 0202 4205 0201 00 0201 00 3017"
                       "3015 060c 2b060102012f010101010a01 0405 352e352e33"),
                   {"3 5.5.3"}});

    const auto end = row(next_column, 5, "");
    all.push_back({"switch_ports",
                   0,
                   snmp(0x4200, row("\x2b\x06\x01\x02\x01\x01\x05" + std::string(1, '\0'), 4, "sw")),
                   {}});
    all.push_back({"switch_ports", 1, snmp(0x4201, row(if_name + "\x03", 4, "p3") + end), {}});
    all.push_back({"switch_ports", 2, snmp(0x4202, row(base_port + "\x07", 2, "\x03") + end), {}});
    all.push_back(
        {"switch_ports", 3, snmp(0x4203, row(by_vlan + "\x01" + wago, 2, "\x07") + end), {"18 sw p3"}});
    all.push_back({"switch_ports", 4, snmp(0x4204, row(stations + wago, 2, "\x07") + end), {"18 sw p3"}});

    all.push_back({"switch_state",
                   0,
                   snmp(0x4200, row(up_time, 0x43, "\x01\x02") + row(system_name, 4, "sw")),
                   {"0.uptime 258", "0.system sw"}});
    all.push_back(
        {"switch_state", 2, snmp(0x4202, row(port_control + "\x03", 2, "\x02") + end), {"3.port_control 2"}});
    all.push_back({"switch_state", 3, snmp(0x4203, row(base_port + "\x07", 2, "\x03") + end), {}});
    all.push_back({"switch_state", 4, snmp(0x4204, row(local_port + "\x07", 4, "p3") + end), {}});
    all.push_back(
        {"switch_state",
         5,
         snmp(0x4205, neighbour(4, 2, "\x04") + neighbour(5, 4, wago_mac) + neighbour(6, 2, "\x07") +
                          neighbour(7, 4, "port-001") + neighbour(8, 4, "X1") + neighbour(9, 4, "press")),
         {}});
    all.push_back({"opcua", 0, hex("41434b46 1c000000 00000000 00000100 00000100 00000100 01000000"), {}});
    const std::string_view head = "0000000000000000 02010000 00000000 00 00000000 0000 00";
    all.push_back({"opcua",
                   1,
                   hex(cat("4f504e46 00000000 07000000 ffffffff ffffffff ffffffff 01000000 01000000 0100c101",
                           head, "00000000 07000000 09000000 0000000000000000 60ea0000 ffffffff")),
                   {}});
    all.push_back(
        {"opcua",
         2,
         hex(cat("4d534746 00000000 07000000 09000000 02000000 02000000 0100a901", head,
                 "01000000 06000000 75726e3a6162 ffffffff 02 04000000 4c696e65 00000000 ffffffff ffffffff "
                 "01000000 ffffffff")),
         {"8 Line", "8 urn:ab"}});
    for (auto& one : all)
        if (one.name == "opcua" && one.step != 0) one.bytes[4] = static_cast<std::byte>(one.bytes.size());
    return all;
}

Asked before(const Answer& answer) {
    auto asked = asked_of();
    if (answer.name == "bacnet" && answer.step != 0) asked.kept[0] = 1111;
    if (answer.name.starts_with("switch_")) {
        asked.walk.phase = answer.step;
        asked.walk.system = "sw";
        asked.walk.names[3] = "p3";
        asked.walk.interfaces[7] = 3;
    }
    return asked;
}

TEST(Queries, AreTheBytesOfTheirStandards) {
    auto asked = asked_of();
    EXPECT_EQ(request("cip", 0, asked), "630000000000000000000000f40179616775010200000000");
    EXPECT_EQ(request("modbus", 0, asked), "010200000005ff2b0e0100");
    asked.kept[0] = 0x82;
    EXPECT_EQ(request("modbus", 1, asked), "010300000005ff2b0e0203");
    EXPECT_EQ(request("s7", 0, asked), "0300001611e00000000100c0010ac1020100c2020202");
    EXPECT_EQ(request("s7", 1, asked), "0300001902f08032010000000100080000f0000001000101e0");
    EXPECT_EQ(request("s7", 2, asked), "0300002102f080320700000002000800080001120411440100ff09000400110000");
    EXPECT_EQ(request("s7", 3, asked), "0300002102f080320700000003000800080001120411440100ff090004001c0000");
    EXPECT_EQ(request("bacnet", 0, asked), "810a000801001008");
    asked.kept[0] = 1111;
    EXPECT_EQ(request("bacnet", 1, asked), "810a001101040005010c0c020004571979");
    EXPECT_EQ(request("fins", 0, asked), "800002002800006300020501");
    EXPECT_EQ(request("slmp", 0, asked), "500000ffff030006000800"
                                         "01010000");
    EXPECT_EQ(request("snmp", 0, asked).substr(0, 40), "30815302010104067075626c6963a08145020242");
    EXPECT_EQ(request("opcua", 0, asked), "48454c4620000000000000000000010000000100000001000100"
                                          "0000ffffffff");
    for (const auto* query : all_queries()) {
        EXPECT_NE(query_number(query->name), 0) << query->name;
        EXPECT_EQ(request(query->name, 200, asked), "") << query->name;
    }
}

TEST(Queries, SayWhatADeviceSays) {
    std::set<std::string_view> seen;
    for (const auto& answer : answers()) {
        const auto& query = *find_query(answer.name);
        if (query.frame)
            EXPECT_EQ(query.frame(answer.bytes).length, answer.bytes.size()) << answer.name << answer.step;
        auto asked = before(answer);
        Facts facts;
        const auto heard = query.read(asked, answer.step, answer.bytes, facts);
        EXPECT_EQ(heard.was, Heard::Was::answer)
            << answer.name << " " << answer.step << " " << (heard.why ? heard.why->what : "");
        EXPECT_EQ(said(facts), answer.said) << answer.name << " " << answer.step;
        seen.insert(answer.name);
    }
    EXPECT_EQ(seen.size(), all_queries().size());
}

TEST(Queries, CutAtEveryLengthSayNothingFalse) {
    for (const auto& answer : answers()) {
        const auto& query = *find_query(answer.name);
        for (std::size_t length = 0; length < answer.bytes.size(); ++length) {
            const auto cut = Bytes{answer.bytes}.first(length);
            if (query.frame)
                EXPECT_GT(query.frame(cut).length == 0 ? SIZE_MAX : query.frame(cut).length, length);
            auto asked = before(answer);
            Facts facts;
            (void)query.read(asked, answer.step, cut, facts);
            // What stood whole before the cut may have been said; a value that was cut may not.
            for (const auto& one : said(facts))
                EXPECT_NE(std::ranges::find(answer.said, one), answer.said.end())
                    << answer.name << " " << answer.step << " at " << length << ": " << one;
            EXPECT_LE(facts.all().size(), answer.said.size());
        }
    }
}

TEST(Queries, WalkASwitchsTablesToTheirEnd) {
    const auto& query = *find_query("switch_ports");
    auto asked = asked_of();
    Facts facts;
    std::array<std::byte, request_most> room;
    unsigned step = 0;
    const auto answered = [&](std::string_view variables) {
        EXPECT_GT(query.request(asked, step, room).size, 0u);
        const auto heard = query.read(asked, step, snmp(static_cast<std::uint16_t>(0x4200 + step), variables),
                                      facts);
        ++step;
        return heard.was == Heard::Was::answer;
    };
    const auto port = [](std::string_view mac, char number) {
        return row(stations + std::string{mac}, 2, std::string(1, number));
    };
    EXPECT_TRUE(answered(row(std::string{"\x2b\x06\x01\x02\x01\x01\x05\x00", 8}, 4, "sw-press")));
    EXPECT_TRUE(answered(row(if_name + "\x03", 4, "Gi0/3") + row(if_name + "\x81\x80\x01", 4, "Gi0/4")));
    EXPECT_TRUE(answered(row(if_name + "\x81\x80\x01", 4, "again"))); // an agent that goes round in a circle
    EXPECT_EQ(asked.walk.phase, 2u);
    EXPECT_TRUE(answered(row(base_port + "\x07", 2, "\x03") +
                         row(base_port + "\x08", 2, std::string{"\x40\x01"}) + row(next_column, 5, "")));
    EXPECT_TRUE(answered(row(next_column, 5, ""))); // no VLANs
    EXPECT_EQ(asked.walk.phase, 4u);
    std::string many;
    for (char last = 1; last <= 5; ++last)
        many += port(std::string{'\x02', '\0', '\0', '\0', '\x09', last}, 8);
    EXPECT_TRUE(answered(port(std::string_view{"\x00\x30\x01\x10\x01\x21", 6}, 7) + many +
                         port(std::string_view{"\x03\x00\x00\x00\x00\x01", 6}, 7) +
                         row(stations, static_cast<char>(0x82), "")));
    // Five stations behind one port: a cable to another switch. A group is no station.
    EXPECT_EQ(said(facts), (std::vector<std::string>{"18 sw-press Gi0/3"}));
    EXPECT_EQ(facts.all()[0].about, (observe::Mac{0x00, 0x30, 0x01, 0x10, 0x01, 0x21}));
    EXPECT_EQ(query.request(asked, step, room).size, 0u);
}

TEST(Queries, ReadPortsAndNeighboursOfASwitch) {
    const auto& query = *find_query("switch_state");
    auto asked = asked_of();
    Facts facts;
    std::array<std::byte, request_most> room;
    unsigned step = 0;
    const auto answered = [&](std::string_view variables) {
        const auto made = query.request(asked, step, room);
        EXPECT_TRUE(made.size > 0 && query.only_reads(Bytes{room}.first(made.size))) << step;
        std::string all{variables};
        const auto number = static_cast<std::uint16_t>(0x4200 + step++);
        // Longer than one byte of length says.
        const auto list = [](char tag, std::string_view content) {
            return cat(std::string_view{&tag, 1}, "\x82",
                       std::string(1, static_cast<char>(content.size() >> 8)),
                       std::string(1, static_cast<char>(content.size() & 0xff)), content);
        };
        const std::string id{static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
        const auto whole = list(
            0x30, cat(ber(2, "\1"), ber(4, "public"),
                      list(static_cast<char>(0xa2), cat(ber(2, id), ber(2, std::string(1, '\0')),
                                                        ber(2, std::string(1, '\0')), list(0x30, all)))));
        return query.read(asked, step - 1, std::as_bytes(std::span{whole}), facts).was == Heard::Was::answer;
    };
    EXPECT_TRUE(answered(row(up_time, 0x43, "\x64") + row(system_name, 4, "sw")));
    // Two rows of an agent that has neither ifAlias nor counters of 64 bits: their columns end at once.
    std::string rows;
    for (const char port : {'\1', '\2'}) {
        const auto none = row("\x2b\x06\x01\x02\x01\x1f\x05", 5, "");
        rows += cat(of_port(2, port, 4, "eth"), of_port(1, port, 4, port == 1 ? "p1" : "p2", true), none,
                    of_port(3, port, 2, "\x06"), of_port(15, port, 0x42, "\x03\xe8", true),
                    of_port(7, port, 2, "\x01"), of_port(9, port, 0x43, "\x05"),
                    of_port(8, port, 2, port == 1 ? "\x01" : "\x02"), none, none,
                    of_port(14, port, 0x41, "\x07"),
                    of_port(20, port, 0x41, std::string_view{"\x00\xff\xff\xff\xff", 5}), none, none);
    }
    EXPECT_TRUE(answered(rows));
    EXPECT_EQ(asked.walk.phase, 1u);
    EXPECT_EQ(said(facts), (std::vector<std::string>{"0.uptime 100",
                                                     "0.system sw",
                                                     "1.description eth",
                                                     "1.name p1",
                                                     "1.type 6",
                                                     "1.speed 1000",
                                                     "1.admin 1",
                                                     "1.changed 5",
                                                     "1.oper 1",
                                                     "1.errors_in 7",
                                                     "1.errors_out 4294967295",
                                                     "2.description eth",
                                                     "2.name p2",
                                                     "2.type 6",
                                                     "2.speed 1000",
                                                     "2.admin 1",
                                                     "2.changed 5",
                                                     "2.oper 2",
                                                     "2.errors_in 7",
                                                     "2.errors_out 4294967295"}));
    std::string end; // Of the nine columns that are asked for still.
    for (int i = 0; i < 9; ++i) end += row("\x2b\x06\x01\x02\x02", 5, "");
    EXPECT_TRUE(answered(end));
    EXPECT_EQ(asked.walk.phase, 2u);
    const auto none = row("\x2b\x06\x01\x07", 5, "");
    EXPECT_TRUE(answered(none + none));                               // neither 802.1X nor Cisco's
    EXPECT_TRUE(answered(row(base_port + "\x07", 2, "\x01") + none)); // port 7 of the bridge is interface 1
    EXPECT_TRUE(answered(row(local_port + "\x07", 4, "another") + none + none + none));
    const auto known = facts.all().size();
    EXPECT_TRUE(answered(neighbour(4, 2, "\x04") + neighbour(5, 4, wago_mac) + neighbour(6, 2, "\x07") +
                         neighbour(7, 4, "port-001") + neighbour(8, 4, "X1") + neighbour(9, 4, "press") +
                         none + none + none + none + none + none));
    ASSERT_EQ(facts.all().size(), known + 1);
    EXPECT_EQ(said(facts).back(), "p1 - port-001 press");
    EXPECT_EQ(facts.all().back().near->far, (observe::Mac{0x00, 0x30, 0xde, 0x10, 0x01, 0x21}));
    EXPECT_EQ(query.request(asked, step, room).size, 0u);
}

TEST(Queries, ASwitchThatCannotAnswerMuchIsAskedForLess) {
    const auto& query = *find_query("switch_state");
    auto asked = asked_of();
    asked.walk.phase = 1;
    Facts facts;
    std::array<std::byte, request_most> room;
    auto too_big = snmp(0x4200, "");
    const auto id = std::ranges::search(too_big,
                                        std::as_bytes(std::span{"\x02\x81\x02\x42\x00\x02\x81\x01", 8}));
    ASSERT_FALSE(id.empty());
    *id.end() = std::byte{1};
    EXPECT_EQ(query.read(asked, 0, too_big, facts).was, Heard::Was::absent);
    EXPECT_TRUE(asked.walk.one_row);
    EXPECT_GT(query.request(asked, 1, room).size, 0u);
    EXPECT_EQ(query.read(asked, 0, too_big, facts).was, Heard::Was::refused);
    asked.walk.phase = 4;
    EXPECT_EQ(query.read(asked, 1, snmp(0x4201, ""), facts).was, Heard::Was::answer);
    EXPECT_EQ(asked.walk.phase, 5u);
}

struct Walking {
    Asked asked = asked_of();
    Facts facts;
    unsigned step = 0;
    const Query& query = *find_query("switch_ports");

    Heard answered(std::string_view variables) {
        const auto heard = query.read(
            asked, step, snmp(static_cast<std::uint16_t>(0x4200 + (step & 0xff)), variables), facts);
        ++step;
        return heard;
    }
    static std::string of(std::string_view table, unsigned number, unsigned port) {
        const std::string mac{'\x02',
                              '\0',
                              '\0',
                              '\0',
                              static_cast<char>(number >> 7 & 0x7f),
                              static_cast<char>(number & 0x7f)};
        const std::string value{static_cast<char>(port >> 8), static_cast<char>(port & 0xff)};
        return row(std::string{table} + mac, 2, value);
    }
};

TEST(Queries, CountBehindAPortWhomTheyDoNotKeep) {
    Walking walking;
    walking.asked.walk.phase = 4;
    // A thousand stations elsewhere, four of port 9 before there is no more room and two behind it.
    for (unsigned i = 0; i < Walk::stations_most - 4; ++i, walking.step = 0)
        walking.answered(Walking::of(stations, i, 8));
    for (unsigned i = 0; i < 6; ++i) walking.answered(Walking::of(stations, 2'000 + i, 9));
    EXPECT_EQ(walking.asked.walk.refused, 2u);
    EXPECT_EQ(walking.answered(row(next_column, 5, "")).was, Heard::Was::answer);
    EXPECT_TRUE(said(walking.facts).empty()) << "port 9 has six";
}

TEST(Queries, TellNothingOfATableThatWasNotReadToItsEnd) {
    Walking walking;
    walking.asked.walk.phase = 4;
    walking.step = 159;
    EXPECT_EQ(walking.answered(Walking::of(stations, 1, 7)).was, Heard::Was::answer);
    EXPECT_TRUE(said(walking.facts).empty());
    std::array<std::byte, request_most> room;
    EXPECT_EQ(walking.query.request(walking.asked, walking.step, room).size, 0u);
}

TEST(Queries, GoOnWhereASwitchHasNoVlans) {
    Walking walking;
    walking.asked.walk.phase = 3;
    EXPECT_EQ(walking.answered(Walking::of(by_vlan + "\x01", 1, 7)).was, Heard::Was::answer);
    auto error = snmp(0x4201, row(by_vlan, 5, ""));
    const std::array none{std::byte{2}, std::byte{0x81}, std::byte{1}, std::byte{0}};
    const auto status = std::ranges::search(error, none).begin();
    *(status + 3) = std::byte{5}; // genErr
    EXPECT_EQ(walking.query.read(walking.asked, 1, error, walking.facts).was, Heard::Was::absent);
    walking.step = 2;
    EXPECT_EQ(walking.asked.walk.phase, 4u);
    EXPECT_TRUE(walking.asked.walk.stations.empty());
    walking.answered(Walking::of(stations, 1, 7));
    walking.answered(row(next_column, 5, ""));
    EXPECT_EQ(said(walking.facts), (std::vector<std::string>{"18 port 7"}));
}

TEST(Queries, ShowNobodyTheCommunity) {
    auto asked = asked_of();
    asked.choices.snmp_community = "minamo";
    const auto community = std::as_bytes(std::span{asked.choices.snmp_community});
    std::array<std::byte, request_most> room;
    for (const auto* name : {"snmp", "switch_ports"}) {
        const auto& query = *find_query(name);
        const std::span<std::byte> made{room.data(), query.request(asked, 0, room).size};
        EXPECT_FALSE(std::ranges::search(made, community).empty());
        query.blank(made, asked.choices);
        EXPECT_TRUE(std::ranges::search(made, community).empty()) << name;
        // In what cannot be read, too, wherever it stands.
        const auto again = query.request(asked, 0, room).size;
        for (std::size_t length = 0; length <= again; ++length) {
            std::vector<std::byte> cut{room.begin(), room.begin() + static_cast<std::ptrdiff_t>(length)};
            query.blank(cut, asked.choices);
            EXPECT_TRUE(std::ranges::search(cut, community).empty()) << name << length;
        }
    }
}

TEST(Queries, NumberTheirRequestsInTheShortestForm) {
    // X.690, 8.3.2: the first nine bits of an integer are not all alike.
    std::array<std::byte, request_most> room;
    for (const auto* name : {"snmp", "switch_ports"})
        for (unsigned number = 0; number < 0x10000; number += 0x55) {
            const auto asked = asked_of(static_cast<std::uint16_t>(number));
            const auto text = to_hex(Bytes{room}.first(find_query(name)->request(asked, 0, room).size));
            const auto at = text.find("0202", text.find("7075626c6963"));
            EXPECT_TRUE(text[at + 4] >= '4' && text[at + 4] <= '7') << name << number;
        }
}

TEST(Queries, AreRefusedInTheProtocolsWords) {
    const auto heard = [](std::string_view name, unsigned step, std::string_view bytes) {
        auto asked = asked_of();
        Facts facts;
        return find_query(name)->read(asked, step, hex(bytes), facts);
    };
    EXPECT_EQ(heard("modbus", 0, "0102 0000 0003 ff ab 01").was, Heard::Was::refused);
    EXPECT_EQ(heard("modbus", 1, "0103 0000 0003 ff ab 03").was, Heard::Was::absent);
    EXPECT_EQ(heard("modbus", 0, "0199 0000 0003 ff ab 01").was, Heard::Was::foreign);
    EXPECT_EQ(heard("s7", 0, "0300 000b 06 80 0001 0000 00").was, Heard::Was::refused);
    EXPECT_EQ(heard("bacnet", 1, "810a 000d 0100 50 01 0c 91 02 91 20").was, Heard::Was::absent);
    EXPECT_EQ(heard("bacnet", 1, "810a 0009 0100 60 01 09").was, Heard::Was::refused);
    EXPECT_EQ(heard("fins", 0, "c0 00 02 00 63 00 00 28 00 02 0501 0401").was, Heard::Was::refused);
    EXPECT_EQ(heard("slmp", 0, "d000 00 ff ff03 00 0200 59c0").was, Heard::Was::refused);
    EXPECT_EQ(heard("opcua", 1, "45525246 10000000 00008080 ffffffff").was, Heard::Was::refused);
    EXPECT_EQ(heard("cip", 0, "6300 0000 00000000 01000000 f40179616775 0102 00000000").was,
              Heard::Was::refused);
}

TEST(Queries, KnowWhatIsNoQuestion) {
    const auto reads = [](std::string_view name, std::string_view bytes) {
        return find_query(name)->only_reads(hex(bytes));
    };
    EXPECT_FALSE(
        reads("cip", "6500 0400 00000000 00000000 796167757261 0102 00000000 0100 0000")); // a session
    EXPECT_FALSE(reads("modbus", "0102 0000 0006 ff 06 0001 0002"));                       // a write
    EXPECT_FALSE(reads("modbus", "0102 0000 0005 ff 2b 0d 01 00"));                        // CANopen
    EXPECT_FALSE(
        reads("s7", "0300 0021 02f080 32 01 0000 0002 0010 0000 29 000000000009 505f50524f4752414d"));
    EXPECT_FALSE(reads("s7", "0300002102f080320700000002000800080001120411430100ff09000400110000"));
    EXPECT_FALSE(reads("bacnet", "810a 0011 0104 0005 01 0f 0c 02000457 19 79"));
    EXPECT_FALSE(reads("fins", "80 00 02 00 28 00 00 63 00 02 0402"));
    EXPECT_TRUE(reads("fins", "80 00 02 00 28 00 00 63 00 02 0501"));
    EXPECT_FALSE(reads("fins", "80 00 02 00 ff 00 00 63 00 02 0501")); // every node
    EXPECT_FALSE(reads("fins", "80 00 02 00 00 00 00 63 00 02 0501")); // and itself
    EXPECT_FALSE(reads("fins", "80 00 02 01 28 00 00 63 00 02 0501")); // another network
    EXPECT_FALSE(reads("modbus", "0102 0000 0005 00 2b 0e 01 00"));    // all units
    EXPECT_FALSE(reads("slmp", "5000 00 ff ff03 00 0600 0800 02100000"));
    EXPECT_FALSE(reads("snmp", "300b 0201 01 0400 a304 0202 0204"));
    EXPECT_FALSE(reads("switch_ports", "300b 0201 01 0400 a304 0202 0204")); // a set
    // The right kind of question about another object: a table of a switch's users.
    EXPECT_FALSE(reads("switch_state",
                       "301e 0201 01 0400 a517 0202 4200 0201 00 0201 01 300b 3009 0605 2b06010603 0500"));
    EXPECT_FALSE(reads("switch_ports",
                       "301e 0201 01 0400 a517 0202 4200 0201 00 0201 01 300b 3009 0605 2b06010603 0500"));
    EXPECT_FALSE(reads("opcua", "4d534746 1c000000 07000000 09000000 02000000 02000000 0100a102"));
    for (const auto* query : all_queries()) {
        EXPECT_FALSE(query->only_reads({})) << query->name;
        // A good one of another protocol is not good here.
        std::array<std::byte, request_most> room;
        for (const auto* other : all_queries())
            if (other != query) {
                const auto made = other->request(asked_of(), 0, room);
                EXPECT_FALSE(query->only_reads(Bytes{room}.first(made.size))) << query->name << other->name;
            }
    }
}

TEST(Queries, MakeNothingElseWhateverIsAnswered) {
    // Every byte of what is remembered from answers, and every choice: still the same questions.
    std::array<std::byte, request_most> room;
    for (const auto* query : all_queries())
        for (unsigned value = 0; value < 256; ++value) {
            auto asked = asked_of(static_cast<std::uint16_t>(value * 257));
            asked.choices.s7_slot = asked.choices.modbus_unit = static_cast<std::uint8_t>(value);
            asked.choices.snmp_community = std::string(value % 33, static_cast<char>(value));
            asked.kept.fill(value * 0x01010101u);
            unsigned requests = 0;
            for (unsigned step = 0; step < query->requests_most + 2; ++step) {
                const auto made = query->request(asked, step, room);
                if (made.size == 0) continue;
                ++requests;
                // Unit 0 is everybody's: no plan has it, and it would not leave.
                EXPECT_EQ(query->only_reads(Bytes{room}.first(made.size)),
                          query->name != "modbus" || value != 0)
                    << query->name << step;
                EXPECT_FALSE(made.name.empty());
            }
            EXPECT_LE(requests, query->requests_most) << query->name;
        }
}

TEST(Facts, AreBoundedAndTrimmed) {
    Facts facts;
    facts.say(observe::Attribute::name, "  press\t 1 \0 hidden");
    facts.say(observe::Attribute::name, std::string_view{"  a\0b", 5});
    facts.say(observe::Attribute::name, "   ");
    facts.say(observe::Attribute::name, std::string(5'000, 'x'));
    ASSERT_EQ(facts.all().size(), 3u);
    EXPECT_EQ(facts.all()[1].value, "a");
    EXPECT_EQ(facts.all()[2].value.size(), Facts::text_most);
    for (int i = 0; i < 12'000; ++i) facts.say(observe::Attribute::name, "x");
    EXPECT_EQ(facts.all().size(), Facts::most);
    EXPECT_EQ(facts.refused(), 12'003u - Facts::most);
}

} // namespace
} // namespace yagura::see::ask
