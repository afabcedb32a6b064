// The decision table, over rows made up for it.
#include <gtest/gtest.h>

#include "spine/worker/recogniser.h"
#include "tests/support/hex.h"

using namespace yagura;
using namespace yagura::worker;
using dissect::Dissector;
using dissect::Likeness;
using dissect::Mark;
using dissect::Opening;
using dissect::Over;
using dissect::Recognition;
using observe::Speaker;
using test::hex;

namespace {

int asked = 0;
Bytes latest(const Opening& opening) {
    return opening.latest == Speaker::client ? opening.client : opening.server;
}

template <Likeness answer>
Recognition says(const Opening&) noexcept {
    ++asked;
    return {answer};
}
/// Wants eight bytes before it commits itself.
Recognition careful(const Opening& opening) noexcept {
    ++asked;
    return {latest(opening).size() < 8 ? Likeness::more : Likeness::yes, Speaker::server};
}

constexpr Dissector row(std::string_view name, std::span<const Over> over, std::span<const Mark> marks,
                        Recognition (*looks_like)(const Opening&) noexcept) {
    return {.facts = {.name = name, .title = name, .specification = "none", .over = over, .marks = marks},
            .state_size = 0,
            .looks_like = looks_like,
            .frame = nullptr,
            .start = nullptr,
            .dissect = nullptr};
}

constexpr Over tcp_502[]{{"tcp", 502}}, tcp_any[]{{"tcp"}}, tcp_99[]{{"tcp", 99}},
    arp_over[]{{"ethernet", 0x806}}, upstairs_over[]{{"upstairs", 7}, {"tcp", 77}},
    any_upstairs[]{{"upstairs"}};
constexpr Mark zero[]{{2, 0xffffff00, 0}}, hello[]{{0, 0xffffffff, 0x48454c4f}},
    two[]{{0, 0xff000000, 0x01000000}, {4, 0x0000ff00, 0x00007700}};
constexpr auto weak = row("weak", tcp_502, zero, says<Likeness::maybe>),
               sure = row("sure", tcp_any, hello, says<Likeness::yes>),
               either = row("either", tcp_any, two, says<Likeness::yes>),
               shy = row("shy", tcp_99, {}, careful), arp = row("arp", arp_over, {}, says<Likeness::yes>),
               upstairs = row("upstairs", upstairs_over, {}, says<Likeness::yes>),
               attic = row("attic", any_upstairs, {}, says<Likeness::maybe>);
constexpr const Dissector* rows[]{&weak, &sure, &either, &shy, &arp, &upstairs, &attic};

struct Recognising : testing::Test {
    Recogniser::Verdict ask(std::string_view bytes, Recogniser::Hints hints = {},
                            Recogniser::Carrier carrier = Recogniser::tcp,
                            Recogniser::Try when = Recogniser::Try::early) {
        asked = 0;
        const auto raw = hex(bytes);
        return recogniser.ask(carrier, {.client = raw, .server = {}, .latest = Speaker::client}, hints, when);
    }
    Recogniser recogniser{rows};
};

TEST_F(Recognising, AMarkLeavesOnlyItsRowsToBeAsked) {
    EXPECT_EQ(ask("48454c4f 00").row, &sure);
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(ask("ffffffff ff ff ff ff").row, nullptr);
    EXPECT_EQ(asked, 0);
}

TEST_F(Recognising, AnyOfSeveralMarksIsEnough) {
    EXPECT_EQ(ask("01ffffff 00").row, &either);
    EXPECT_EQ(ask("ffffffff ff ff 77").row, &either);
}

TEST_F(Recognising, AHintAloneNamesNothing) {
    EXPECT_EQ(ask("ffffffff ff ff ff ff", {502, 40000}).row, nullptr);
    const auto verdict = ask("ffff0000 00ff", {40000, 502});
    EXPECT_EQ(verdict.row, &weak);
    EXPECT_EQ(verdict.likeness, Likeness::maybe);
    EXPECT_TRUE(verdict.hinted);
    EXPECT_FALSE(ask("ffff0000 00ff", {40000, 503}).hinted);
}

TEST_F(Recognising, YesWinsOverAHintedMaybe) { EXPECT_EQ(ask("01ff0000 00ff", {502, 40000}).row, &either); }

TEST_F(Recognising, AHintedRowThatAsksForMoreIsWaitedForButNotForEver) {
    EXPECT_EQ(ask("01ffffff", {99, 40000}).likeness, Likeness::more);
    EXPECT_EQ(ask("01ffffff", {99, 40000}, Recogniser::tcp, Recogniser::Try::last).row, &either);
    const auto verdict = ask("ffffffffffffffff", {99, 40000});
    EXPECT_EQ(verdict.row, &shy);
    EXPECT_EQ(verdict.speaker, Speaker::server);
}

TEST_F(Recognising, AMarkBehindTheBytesIsWaitedFor) {
    const auto verdict = ask("4845");
    EXPECT_EQ(verdict.row, nullptr);
    EXPECT_EQ(verdict.likeness, Likeness::more);
    EXPECT_EQ(asked, 0);
}

TEST_F(Recognising, EthertypeAndSelectorDecide) {
    EXPECT_EQ(ask("0001", {0x806, 0}, Recogniser::ethernet).row, &arp);
    EXPECT_EQ(ask("0001", {0x807, 0}, Recogniser::ethernet).row, nullptr);
    const auto carrier = recogniser.carrier("upstairs").value();
    EXPECT_EQ(ask("00", {7, 0}, carrier).row, &upstairs);
    EXPECT_EQ(ask("00", {8, 0}, carrier).row, &attic);
    EXPECT_FALSE(recogniser.carrier("cellar"));
}

TEST(Recogniser, CostDoesNotGrowWithTheRows) {
    // 400 rows with four-byte marks at the same place are still four places to look at.
    static std::array<Mark, 400> marks;
    static std::vector<Dissector> many;
    static std::vector<const Dissector*> pointers;
    for (std::size_t i = 0; i < marks.size(); ++i)
        marks[i] = {0, 0xffffffff, static_cast<std::uint32_t>(i * 0x01010101)};
    for (auto& mark : marks) many.push_back(row("many", tcp_any, {&mark, 1}, says<Likeness::yes>));
    for (auto& one : many) pointers.push_back(&one);
    const Recogniser recogniser{pointers};
    EXPECT_EQ(recogniser.places(Recogniser::tcp), 4u);
    asked = 0;
    const auto bytes = hex("07070707");
    const auto verdict = recogniser.ask(Recogniser::tcp,
                                        {.client = bytes, .server = {}, .latest = Speaker::client}, {},
                                        Recogniser::Try::early);
    EXPECT_EQ(verdict.row, &many[7]);
    EXPECT_EQ(asked, 1);
}

TEST(Recogniser, TheRegistrysOwnRowsFit) {
    const Recogniser recogniser;
    for (const auto* one : dissect::all()) EXPECT_EQ(recogniser.number_of(*one), dissect::number_of(*one));
}

} // namespace
