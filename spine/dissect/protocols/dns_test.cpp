// What needs code, for DNS and its siblings; everything that is bytes in and lines out stands in *.cases.
#include <gtest/gtest.h>

#include "spine/dissect/exchange.h"
#include "spine/observe/lines.h"
#include "spine/wire/dns.h"
#include "tests/support/hex.h"
#include "tests/support/no_allocation.h"

using namespace yagura;
using namespace yagura::dissect;
using observe::Speaker;
using test::hex;

namespace {

constexpr std::string_view query =
    "0001 0100 0001 0000 0000 0000 | 05 7072657373 07 6578616d706c65 03 636f6d 00 0001 0001";
constexpr std::string_view answer =
    "0001 8180 0001 0002 0000 0000 | 05 7072657373 07 6578616d706c65 03 636f6d 00 0001 0001"
    "| c00c 0005 0001 0000003c 0006 03737276c012 | 03737276c012 0001 0001 0000003c 0004 0a000005";
constexpr std::string_view announcement =
    "0000 8400 0000 0003 0000 0000 | 03686d69056c6f63616c00 0001 8001 00000078 0004 0a000007"
    "| c00c 001c 8001 00000078 0010 fe8000000000000000000000000000aa"
    "| 055f68747470045f746370c010 000c 0001 00001194 0008 0550616e656cc03d";

TEST(DnsFamily, EveryTruncationIsSurvivedAndReported) {
    for (const auto* protocol : {"dns", "mdns", "llmnr"})
        for (const auto text : {query, answer, announcement}) {
            const auto whole = hex(text);
            for (std::size_t length = 0; length < whole.size(); ++length) {
                observe::Lines seen{name_of};
                Exchange exchange{*find(protocol), seen};
                exchange.message(Speaker::server, Bytes{whole}.first(length));
                ASSERT_FALSE(seen.all.empty());
                EXPECT_EQ(
                    std::ranges::count_if(
                        seen.all, [](const auto& line) { return line.find(" anomaly at ") != line.npos; }),
                    1)
                    << length;
                EXPECT_EQ(seen.all.front().find("code=") != std::string::npos, length >= 4) << length;
            }
        }
}

TEST(DnsFamily, EveryTruncationOfAStreamWaits) {
    const auto message = hex(query);
    std::vector<std::byte> stream{std::byte{0}, static_cast<std::byte>(message.size())};
    stream.insert(stream.end(), message.begin(), message.end());
    for (std::size_t length = 0; length < stream.size(); ++length) {
        EXPECT_EQ(find("dns_stream")->frame(Bytes{stream}.first(length)).length, 0u);
        observe::Lines seen{name_of};
        Exchange exchange{*find("dns_stream"), seen};
        exchange.message(Speaker::client, Bytes{stream}.first(length));
        ASSERT_EQ(seen.all.size(), 1u);
        EXPECT_TRUE(seen.all.back().starts_with("dns_stream anomaly"));
    }
    EXPECT_EQ(find("dns_stream")->frame(stream).length, stream.size());
}

TEST(Dns, NamesEndWhateverPointsWhere) {
    const auto read = [](std::string_view text, std::size_t at) {
        const auto message = hex(text);
        wire::dns::NameText name;
        const auto behind = wire::dns::read_name(message, at, name);
        return behind ? cat(name.view(), " ", *behind) : std::string{"none"};
    };
    constexpr auto header = "000000000000000000000000";
    EXPECT_EQ(read(cat(header, "0161 00"), 12), "a 15");
    EXPECT_EQ(read(cat(header, "0161 00 0162 c00c"), 15), "b.a 19");
    EXPECT_EQ(read(cat(header, "c00c"), 12), "none");         // Itself.
    EXPECT_EQ(read(cat(header, "c00e c00c"), 14), "none");    // Round and round.
    EXPECT_EQ(read(cat(header, "c00e 0161 00"), 12), "none"); // Forwards.
    EXPECT_EQ(read(cat(header, "0161 00 c002"), 15), "none"); // Into the header.
    EXPECT_EQ(read(cat(header, "0161 c00c"), 12), "none");    // Back into the name that it ends.
    EXPECT_EQ(read(cat(header, "40"), 12), "none");
    EXPECT_EQ(read(cat(header, "3f61"), 12), "none");
    EXPECT_EQ(read(cat(header, "0461 2e 5c 1b 00"), 12), "a\\046\\092\\027 18");

    std::string pointers = header; // A ladder of pointers, each to the one before.
    pointers += "0161 00";
    for (unsigned at = 15; at < 1500; at += 2) {
        const unsigned to = at == 15 ? 12 : at - 2;
        constexpr std::string_view digits = "0123456789abcdef";
        pointers += cat("c", digits.substr(to >> 8 & 15, 1), digits.substr(to >> 4 & 15, 1),
                        digits.substr(to & 15, 1));
    }
    EXPECT_EQ(read(pointers, 15 + 2 * 126), cat("a ", 15 + 2 * 127));
    EXPECT_EQ(read(pointers, 15 + 2 * 127), "none");

    std::string long_name = header;
    for (int i = 0; i < 128; ++i) long_name += "0161";
    EXPECT_EQ(read(long_name + "00", 12), "none"); // 256 bytes and the root.
}

TEST(Mdns, AddressesOfTheOwnersNameAreItsOwn) {
    struct Told final : observe::Listener {
        using Listener::on;
        void on(const observe::Origin&, const observe::Identity& id) override {
            if (id.attribute == observe::Attribute::name && id.subject == observe::Subject::speaker)
                name = std::get<std::string_view>(id.value);
            if (id.attribute == observe::Attribute::ip) other = id.third;
        }
        std::string name;
        observe::Station other{};
    } told;
    const observe::Station owner{.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 7},
                                 .mac = {2, 0, 0, 0, 0, 7},
                                 .port = 5353};
    const observe::Parties parties{.client = owner, .server = {}, .lane = {}};
    Exchange exchange{*find("mdns"), told, parties};
    exchange.feed(Speaker::client, hex(announcement));
    EXPECT_EQ(told.name, "hmi");
    EXPECT_EQ(told.other.mac, owner.mac);
    EXPECT_EQ(observe::text(told.other.ip), "fe80::aa");
}

TEST(DnsFamily, NoHeapOnThePacketPath) {
    observe::Listener quiet;
    for (const auto* protocol : {"dns", "mdns", "llmnr"}) {
        Exchange exchange{*find(protocol), quiet};
        const auto one = hex(query), two = hex(answer), three = hex(announcement);
        const auto before = test::allocations();
        for (int i = 0; i < 200; ++i) {
            exchange.feed(Speaker::client, one);
            exchange.feed(Speaker::server, two);
            exchange.feed(Speaker::server, three);
        }
        EXPECT_EQ(test::allocations(), before) << protocol;
    }
}

} // namespace
