#include "spine/descriptions/file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "spine/dissect/exchange.h"
#include "tests/support/hex.h"

using namespace yagura;
using namespace yagura::dissect;
using test::hex;

namespace {

/// The message that everybody knows, described as a plant would describe its own.
constexpr std::string_view modbus = R"(
[[protocol]]
name = "our_modbus"
title = "Modbus, described"
over = ["tcp:1502"]
marks = ["2: 00 00 00"]
length = { at = 4, bytes = 2, plus = 6 }
message-most = 260
function = { at = 7, bytes = 1, mask = 0x7f }
pair = { at = 0, bytes = 2 }
unit = { at = 6, bytes = 1 }
object = { at = 8, bytes = 2, space = "holding register" }
count = { at = 10, bytes = 2 }

[protocol.functions]
3 = { name = "Read Holding Registers", act = "read" }
0x10 = { name = "Write Multiple Registers", act = "write" }
)";

/// A press that counts its messages and says in the highest bit of the function that it answers.
constexpr std::string_view press = R"(
[[protocol]]
name = "acme_press"
over = ["udp:5007"]
marks = ["0: AC 3E ?? 01", "0: AC 3F 8? 40/C0"]
answer = "4: 80/80"
function = { at = 4, bytes = 1, mask = 0x7f }
status = { at = 6, bytes = 2, order = "little", fine = 1 }
functions.1 = { name = "Read position", act = "read", object = false }
functions.2 = { name = "Stop ram", act = "stop" }
functions.9 = { name = "Position", act = "report", event = true }
)";

/// As many an old device: text, ended by a carriage return.
constexpr std::string_view text = R"(
[[protocol]]
name = "our_scale"
over = ["tcp:4001"]
marks = ["0: 52 57", "0: 4F 4B"]
ends-with = "0D"
function = { at = 0, characters = 2 }
[protocol.functions]
RW = { name = "Read weight", act = "read" }
OK = { name = "Weight", act = "read" }
)";

struct Told final : observe::Listener {
    using Listener::on;
    void on(const observe::Origin&, const observe::Operation& op) override { all.push_back(op); }
    void on(const observe::Origin&, const observe::Anomaly& what) override {
        anomalies.push_back(what.detail.what);
    }
    std::vector<observe::Operation> all;
    std::vector<std::string_view> anomalies;
};

class Descriptions : public testing::Test {
protected:
    void TearDown() override { ASSERT_TRUE(describe({})); }
    static const Dissector& row(std::string_view toml, std::string_view name) {
        auto read = descriptions::parse(toml, "plant.toml");
        if (!read) throw std::runtime_error{read.error().text()};
        const auto done = describe(*std::move(read));
        if (!done) throw std::runtime_error{done.error().text()};
        return *find(name);
    }
    static void refused(std::string_view toml, std::string_view what, std::string_view where = {}) {
        auto read = descriptions::parse(toml, "plant.toml");
        const auto done = read ? describe(*std::move(read)) : std::unexpected{read.error()};
        ASSERT_FALSE(done) << toml;
        EXPECT_NE(done.error().what.find(what), std::string::npos) << done.error().text();
        EXPECT_FALSE(done.error().next.empty());
        if (!where.empty()) {
            EXPECT_NE(done.error().where.find(where), std::string::npos) << done.error().text();
        }
    }
    static Likeness likeness(const Dissector& row, std::string_view bytes) {
        const auto said = hex(bytes);
        return row.looks_like({.client = said, .latest = observe::Speaker::client}).likeness;
    }
};

TEST_F(Descriptions, AreReadAsTheProtocolOfOursIs) {
    const auto& own = row(modbus, "our_modbus");
    // Two reads in one segment, a refused write, the answers in the other order, one cut in two.
    const std::vector<std::pair<observe::Speaker, std::string_view>> said{
        {observe::Speaker::client, "0001 0000 0006 11 03 006B 0003 | 0002 0000 0006 11 03 0001 0001"},
        {observe::Speaker::client, "0003 0000 000b 11 10 0001 0002 04 000a0102"},
        {observe::Speaker::server, "0002 0000 0005 11 03 02 0007"},
        {observe::Speaker::server, "0001 0000 0009 11 03 06"},
        {observe::Speaker::server, "022B 0000 0064"},
        {observe::Speaker::server, "0003 0000 0003 11 90 02"}};
    Told described, built_in;
    Exchange ours{own, described}, theirs{*find("modbus"), built_in};
    for (const auto& [who, bytes] : said) {
        ours.feed(who, hex(bytes));
        theirs.feed(who, hex(bytes));
    }
    ASSERT_EQ(described.all.size(), 6u);
    ASSERT_EQ(built_in.all.size(), 6u);
    EXPECT_TRUE(described.anomalies.empty());
    for (std::size_t i = 0; i < 6; ++i) {
        EXPECT_EQ(described.all[i].function.code, built_in.all[i].function.code) << i;
        EXPECT_EQ(described.all[i].act, built_in.all[i].act) << i;
        EXPECT_EQ(described.all[i].phase, built_in.all[i].phase) << i;
        EXPECT_EQ(described.all[i].part, built_in.all[i].part) << i;
        EXPECT_EQ(described.all[i].object.number, built_in.all[i].object.number) << i;
        EXPECT_EQ(described.all[i].count, built_in.all[i].count) << i;
        EXPECT_EQ(described.all[i].pair, built_in.all[i].pair) << i;
        EXPECT_EQ(name_of(described.all[i].protocol), "our_modbus");
    }
    EXPECT_EQ(described.all[0].object.space, "holding register");
}

TEST_F(Descriptions, TellAnswersByTheirMarksAndStatus) {
    Told told;
    Exchange exchange{row(press, "acme_press"), told};
    exchange.message(observe::Speaker::client, hex("AC3E0001 02 00 0000"));
    exchange.message(observe::Speaker::server, hex("AC3E0001 82 00 0100"));
    exchange.message(observe::Speaker::client, hex("AC3F8A7F 02 00 0000"));
    exchange.message(observe::Speaker::server, hex("AC3E0001 82 00 0700"));
    exchange.message(observe::Speaker::server, hex("AC3E0001 09 00"));
    exchange.message(observe::Speaker::server, hex("AC3E0001 05"));
    exchange.message(observe::Speaker::server, hex("AC3E0001"));
    exchange.message(observe::Speaker::server, hex("AC3F7A7F 02 00"));
    ASSERT_EQ(told.all.size(), 6u);
    EXPECT_EQ(told.all[0].act, observe::Act::stop);
    EXPECT_EQ(told.all[0].phase, observe::Phase::request);
    EXPECT_EQ(told.all[1].phase, observe::Phase::response);
    EXPECT_EQ(told.all[1].outcome, observe::Outcome::done);
    EXPECT_EQ(told.all[1].pair, told.all[0].pair);
    EXPECT_EQ(told.all[3].outcome, observe::Outcome::refused);
    EXPECT_EQ(told.all[3].status, 7u);
    EXPECT_EQ(told.all[4].phase, observe::Phase::event);
    EXPECT_EQ(told.all[5].function.code, 5u);
    EXPECT_EQ(told.all[5].act, observe::Act::unknown);
    EXPECT_EQ(told.anomalies.size(), 2u);
}

TEST_F(Descriptions, OfTextEndWhereTheySay) {
    Told told;
    Exchange exchange{row(text, "our_scale"), told};
    exchange.feed(observe::Speaker::client, hex("52"));
    exchange.feed(observe::Speaker::client, hex("57 30 0D 52 57 31 0D"));
    exchange.feed(observe::Speaker::server, hex("4F 4B 31 32 0D"));
    ASSERT_EQ(told.all.size(), 3u);
    EXPECT_EQ(told.all[0].function.name, "Read weight");
    EXPECT_EQ(told.all[2].phase, observe::Phase::response);
}

TEST_F(Descriptions, AreSureWhereEnoughBytesAgree) {
    const auto& own = row(modbus, "our_modbus");
    EXPECT_EQ(likeness(own, "0001 0000 0006 11 03 006B 0003"), Likeness::yes); // Its length agrees, too.
    EXPECT_EQ(likeness(own, "0001 0000 0006 11 03 006B 00"), Likeness::yes);
    EXPECT_EQ(likeness(own, "0001 0000 0001 11 03"), Likeness::no); // No message is so short.
    EXPECT_EQ(likeness(own, "0001 0100 0006 11 03 006B 0003"), Likeness::no);
    EXPECT_EQ(likeness(own, "0001 0000 00"), Likeness::more);
    EXPECT_EQ(likeness(own, "0001 01"), Likeness::no);
    const auto& scale = row(text, "our_scale");
    EXPECT_EQ(likeness(scale, "52 57 31"), Likeness::maybe); // Two bytes: only at its port.
    EXPECT_EQ(likeness(scale, "52 58 31"), Likeness::no);
}

TEST_F(Descriptions, StandBehindAllOthers) {
    const auto before = all().size();
    const auto& own = row(cat(modbus, press), "acme_press");
    EXPECT_EQ(all().size(), before + 2);
    EXPECT_EQ(number_of(own), before + 2);
    EXPECT_EQ(name_of(static_cast<std::uint16_t>(before + 1)), "our_modbus");
    EXPECT_NE(name_of(static_cast<std::uint16_t>(before + 3)), "unknown"); // The first label's.
    ASSERT_TRUE(describe({}));
    EXPECT_EQ(all().size(), before);
    EXPECT_EQ(find("our_modbus"), nullptr);
}

TEST_F(Descriptions, ThatCannotBeAreRefusedWithLineAndColumn) {
    const auto with = [](std::string_view line) {
        return cat("[[protocol]]\nname = \"a\"\nover = [\"udp:5000\"]\nmarks = [\"0: AB CD EF\"]\n", line,
                   "\n");
    };
    EXPECT_TRUE(descriptions::parse(with(""), "p"));
    refused("a = ", "cannot be read", "line 1");
    refused("[plant]\n", "nobody knows", "line 1");
    refused("protocol = 3\n", "not a list");
    refused("protocol = [3]\n", "no parts");
    refused("[[protocol]]\ntitle = \"x\"\n", "has no name");
    refused("[[protocol]]\nname = \"Press\"\n", "other than a-z");
    refused("[[protocol]]\nname = \"a\"\n", "what carries it");
    refused("[[protocol]]\nname = \"a\"\nover = [\"udp:5000\"]\n", "its port alone");
    refused("[[protocol]]\nname = \"a\"\nover = [\"udp:5000\"]\nfixed = 12\n", "its port alone");
    refused("[[protocol]]\nname = \"a\"\nover = [\"udp\"]\nmarks = [\"0: AB CD\"]\n",
            "looked for everywhere");
    refused("[[protocol]]\nname = \"a\"\nover = [\"tcp:5000\"]\nmarks = [\"0: AB CD EF\"]\n",
            "where a message ends");
    refused("[[protocol]]\nname = \"modbus\"\nover = [\"udp:5000\"]\nmarks = [\"0: AB\"]\n",
            "another protocol's name");
    refused(cat(with(""), with("")), "another protocol's name");
    for (const auto* over : {"udp:0", "udp:65536", "smoke", "ethernet:0x100", "tcp:x", "ip:256", "tcp:"})
        refused(cat("[[protocol]]\nname = \"a\"\nover = [\"", over, "\"]\n"), "carries nothing",
                "line 3, column 9");
    for (const auto* mark : {"AB CD", "0: A", "0: ABC", "0: GG", "201: AB", "0:", "0: ??", "0: AB/4",
                             "0: A?/40", "0: 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10"})
        refused(cat("[[protocol]]\nname = \"a\"\nmarks = [\"", mark, "\"]\n"), "no place and bytes",
                "line 3");
    refused(with("colour = 3"), "nobody knows \"colour\"", "line 5, column 1");
    refused(with("function = 3"), "has no parts");
    refused(with("function = { at = 3 }"), "where it is");
    refused(with("function = { at = 3, bytes = 9 }"), "from 1 to 8");
    refused(with("function = { at = 3, bytes = 5 }"), "longer than four");
    refused(with("function = { at = 3, bytes = 1, order = \"middle\" }"), "\"middle\"");
    refused(with("function = { at = 3, bytes = 1, space = \"x\" }"), "nobody knows");
    refused(with("functions.1 = { name = \"x\" }"), "where in a message they stand");
    const auto function = with("function = { at = 3, bytes = 1 }");
    refused(cat(function, "functions.x = { name = \"x\" }"), "no function's number", "line 6");
    refused(cat(function, "functions.1 = { act = \"read\" }"), "has no name");
    refused(cat(function, "functions.1 = { name = \"x\", act = \"dance\" }"), "there is no act");
    refused(cat(function, "functions.1 = { name = \"x\", event = 1 }"), "not true or false");
    refused(cat(function, "functions.1 = { name = \"x\" }\nfunctions.0x01 = { name = \"y\" }"), "twice");
    refused(with("function = { at = 3, characters = 2 }\nfunctions.RDX = { name = \"x\" }"),
            "has not 2 characters");
    refused(with("ends-with = \"0D ?A\""), "no bytes");
    refused(with("ends-with = \"0D\"\nfixed = 3"), "more than one way");
    refused(with("length = { at = 4, bytes = 2, plus = 70000 }"), "from -1024 to 65535");
    refused(with("title = \"\\u0007\""), "control character");
    refused(std::string(descriptions::file_most + 1, '#'), "bytes");
    std::string many;
    for (int i = 0; i < 33; ++i)
        many += cat("[[protocol]]\nname = \"p", i, "\"\nover = [\"udp:5000\"]\nmarks = [\"0: AB CD EF\"]\n");
    refused(many, "33 protocols are described");
}

TEST_F(Descriptions, AreLoadedFromAFile) {
    const auto path = cat(testing::TempDir(), "own.toml");
    std::ofstream{path} << press;
    ASSERT_TRUE(descriptions::load(path));
    EXPECT_NE(find("acme_press"), nullptr);
    const auto gone = descriptions::load(cat(path, ".gone"));
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, "protocols.no-file");
    EXPECT_FALSE(descriptions::load(testing::TempDir())) << "a folder is no file";
    // What was there before a bad file stays.
    std::ofstream{path} << "[[protocol]]\nname = \"x\"\n";
    const auto bad = descriptions::load(path);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().where, path);
    EXPECT_NE(find("acme_press"), nullptr);
}

/// Every description, all lengths of every message, noise: nothing but complaints.
TEST_F(Descriptions, StandWhateverComes) {
    for (const auto toml : {modbus, press, text}) {
        const auto& own = row(toml, toml == modbus  ? "our_modbus"
                                    : toml == press ? "acme_press"
                                                    : "our_scale");
        Told told;
        std::uint32_t seed = 1;
        for (int round = 0; round < 2'000; ++round) {
            std::vector<std::byte> noise(static_cast<std::size_t>(round % 40));
            for (auto& byte : noise)
                byte = static_cast<std::byte>((seed = seed * 1'664'525 + 1'013'904'223) >> 24);
            for (std::size_t i = 0; i < noise.size() && i < 5 && round % 3 == 0; ++i)
                noise[i] = hex("AC3E000100")[i];
            Exchange exchange{own, told};
            exchange.feed(observe::Speaker::client, noise);
            exchange.message(observe::Speaker::server, noise);
            const auto framing = own.frame(noise);
            ASSERT_LE(framing.length, std::max<std::size_t>(noise.size(), 1) + own.facts.message_most);
            (void)own.looks_like({.client = noise, .latest = observe::Speaker::client});
        }
    }
}

} // namespace
