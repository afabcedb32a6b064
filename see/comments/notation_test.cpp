#include "see/comments/notation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace yagura::see::comments;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

std::string first(Notation notation, std::string_view address) {
    const auto found = objects_of(notation, address);
    return found.empty() ? "none" : found.front();
}

TEST(Notation, MelsecAsItsToolsAndItsFramesWriteIt) {
    const auto of = [](std::string_view text) { return first(Notation::melsec, text); };
    EXPECT_EQ(of("D100"), "D100");
    EXPECT_EQ(of("D0100"), "D100");
    EXPECT_EQ(of("d 100"), "D100");
    EXPECT_EQ(of("X1F"), "X1F");
    EXPECT_EQ(of("X01f"), "X1F");
    EXPECT_EQ(of("W1F"), "W1F");
    EXPECT_EQ(of("B0A"), "BA");
    EXPECT_EQ(of("SB0"), "SB0");
    EXPECT_EQ(of("SD203"), "SD203");
    EXPECT_EQ(of("ZR1000000"), "ZR1000000");
    EXPECT_EQ(of("D100.F"), "D100.15");
    EXPECT_EQ(of("D100.5"), "D100.05");
    EXPECT_EQ(of("U3E0\\G10"), "U3E0\\G10");
    EXPECT_EQ(of("U03\\G0010"), "U3\\G10");
    EXPECT_THAT(objects_of(Notation::melsec, "T5"), ElementsAre("TN5", "TS5", "TC5", "T5"));
    EXPECT_THAT(objects_of(Notation::melsec, "ST12"), ElementsAre("STN12", "STS12", "STC12", "ST12"));
    EXPECT_EQ(of("P10"), "P10");
    for (const auto* none : {"", "100", "DM100", "XG", "D", "M0.3", "D100.G", "D100.16", "D100Z1", "U3E0G10",
                             "U\\G1", "D4294967296", "MR100", "ワーク"})
        EXPECT_EQ(of(none), "none") << none;
}

TEST(Notation, MelsecInEights) {
    EXPECT_EQ(first(Notation::melsec_octal, "X17"), "XF");
    EXPECT_EQ(first(Notation::melsec_octal, "Y020"), "Y10");
    EXPECT_EQ(first(Notation::melsec_octal, "X8"), "none");
    EXPECT_EQ(first(Notation::melsec_octal, "D100"), "D100");
    EXPECT_EQ(first(Notation::melsec_octal, "W1F"), "W1F");
}

TEST(Notation, KeyenceAsItIsAskedOverFrame3E) {
    EXPECT_THAT(objects_of(Notation::keyence, "DM00100"), ElementsAre("D100", "DM100"));
    EXPECT_THAT(objects_of(Notation::keyence, "EM5"), ElementsAre("D100005", "EM5"));
    EXPECT_THAT(objects_of(Notation::keyence, "MR1515"), ElementsAre("M255", "MR1515"));
    EXPECT_THAT(objects_of(Notation::keyence, "MR100"), ElementsAre("M16", "MR100"));
    EXPECT_THAT(objects_of(Notation::keyence, "R1515"), ElementsAre("XFF", "YFF"));
    EXPECT_THAT(objects_of(Notation::keyence, "X10F"), ElementsAre("XAF"));
    EXPECT_THAT(objects_of(Notation::keyence, "DM100.05"), ElementsAre("D100.05", "DM100.05"));
    EXPECT_THAT(objects_of(Notation::keyence, "W1f"), ElementsAre("W1F"));
    EXPECT_THAT(objects_of(Notation::keyence, "MR116"), IsEmpty()); // Sixteen bits a channel.
    EXPECT_THAT(objects_of(Notation::keyence, "DM"), IsEmpty());
}

TEST(Notation, OmronWithAndWithoutItsArea) {
    const auto of = [](std::string_view text) { return first(Notation::omron, text); };
    EXPECT_EQ(of("0.00"), "CIO0.00");
    EXPECT_EQ(of("100.1"), "CIO100.01");
    EXPECT_EQ(of("CIO 0.05"), "CIO0.05");
    EXPECT_EQ(of("10"), "CIO10");
    EXPECT_EQ(of("W1.15"), "W1.15");
    EXPECT_EQ(of("D100"), "D100");
    EXPECT_EQ(of("DM00100"), "D100");
    EXPECT_EQ(of("D00100.03"), "D100.03");
    EXPECT_EQ(of("%W0.00"), "W0.00");
    EXPECT_EQ(of("A200.15"), "A200.15");
    EXPECT_EQ(of("TIM005"), "T5");
    EXPECT_EQ(of("C0005"), "C5");
    EXPECT_EQ(of("E0_200"), "E0_200");
    EXPECT_EQ(of("E18_0.03"), "E18_0.03");
    EXPECT_EQ(of("E200"), "E200");
    for (const auto* none : {"", "0.16", "W1.", "T5.0", "X1F", "DM", "E_5", "IOBus://rack#0/slot#1"})
        EXPECT_EQ(of(none), "none") << none;
}

TEST(Notation, SiemensInBothLanguages) {
    const auto of = [](std::string_view text) { return first(Notation::siemens, text); };
    EXPECT_EQ(of("%I0.0"), "I0.0");
    EXPECT_EQ(of("M     750.0"), "M750.0");
    EXPECT_EQ(of("E 1.7"), "I1.7");
    EXPECT_EQ(of("A 216.3"), "Q216.3");
    EXPECT_EQ(of("%MW100"), "MW100");
    EXPECT_EQ(of("EW 4"), "IW4");
    EXPECT_EQ(of("PEW 256"), "PW256");
    EXPECT_EQ(of("%DB1.DBX0.3"), "DB1.DBX0.3");
    EXPECT_THAT(objects_of(Notation::siemens, "DB1.DBW2"), ElementsAre("DB1.DBW2", "DB1.DBB2"));
    EXPECT_THAT(objects_of(Notation::siemens, "DB 10"), ElementsAre("DB10", "block DB 10"));
    EXPECT_EQ(of("FC 105"), "block FC 105");
    EXPECT_EQ(of("T 5"), "T5");
    EXPECT_EQ(of("Z 3"), "C3");
    for (const auto* none :
         {"", "M0.8", "M", "DB1.DBW", "DB1.W2", "DB1.DBX4", "X1F", "D100", "UDT 1", "VAT1"})
        EXPECT_EQ(of(none), "none") << none;
}

TEST(Notation, ModbusCountsFromOneWherePeopleDo) {
    const auto of = [](std::string_view text) { return first(Notation::modbus, text); };
    EXPECT_EQ(of("40108"), "holding register 107");
    EXPECT_EQ(of("400108"), "holding register 107");
    EXPECT_EQ(of("4x0108"), "holding register 107");
    EXPECT_EQ(of("30001"), "input register 0");
    EXPECT_EQ(of("10001"), "discrete input 0");
    EXPECT_EQ(of("00004"), "coil 3");
    EXPECT_EQ(of("%MW107"), "holding register 107");
    EXPECT_EQ(of("%M3"), "coil 3");
    EXPECT_EQ(of("保持レジスタ 107"), "holding register 107");
    EXPECT_EQ(of("Holding Register 107"), "holding register 107");
    EXPECT_EQ(of("ns=2;s=Motor.Speed"), "ns=2;s=Motor.Speed");
    EXPECT_EQ(of("40000"), "40000"); // There is no register before the first.
    EXPECT_EQ(of("107"), "107");
    EXPECT_THAT(objects_of(Notation::modbus, std::string(300, '4')), IsEmpty());
}

TEST(Notation, HasAWordInTheApi) {
    for (std::size_t i = 0; i < notation_count; ++i)
        EXPECT_EQ(notation_of(key(static_cast<Notation>(i))), static_cast<Notation>(i));
    EXPECT_FALSE(notation_of("fx"));
}

} // namespace
