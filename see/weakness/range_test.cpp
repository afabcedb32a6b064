#include <gtest/gtest.h>

#include "see/weakness/range.h"

namespace yagura::see::weakness {
namespace {

struct Case {
    const char *range, *version;
    Inside said;
    Order order = Order::dotted;
    Versions kind = Versions::range;
};

TEST(range, says_which_versions_are_meant_as_makers_write_them) {
    using enum Inside;
    constexpr Case cases[]{
        {"<= V4.5.1", "V4.5.1", yes},
        {"<= V4.5.1", "4.5.1.0", yes},
        {"<= V4.5.1", "V4.5.2", no_newer},
        {"< 20.011", "20.010", yes},
        {"< 20.011", "20.11", no_newer},
        {"vers:all/*", "1", yes},
        {"All versions", "1", yes},
        {"vers:all/<V4.9.0", "V4.8.9", yes},
        {"vers:all/<V4.9.0", "V4.9.0", no_newer},
        {"vers:intdot/>=1.2.0|<1.4.0", "1.3.9", yes},
        {"vers:intdot/>=1.2.0|<1.4.0|>=2.0|<2.2", "1.5", no_gap},
        {">= R6.01.01 | <= R6.03.02", "R6.03.02", yes},
        {">= R6.01.01 | <= R6.03.02", "R6.03.03", no_newer},
        {">= R6.01.01 | <= R6.03.02", "R5.04.20", no_older},
        {">=R6.01.01 -| <=R8.03.01", "R7.01.00", yes},
        {"Ver.1.23 and prior", "Ver.1.23", yes},
        {"prior to 3.1", "3.0.9", yes},
        {"1.20 through 1.25", "1.22", yes},
        {">FW16_up_to_and_including_FW26", "02.07.07(17)", yes, Order::wago},
        {">FW16_up_to_and_including_FW26", "FW16", no_older, Order::wago},
        {"<v36.011_v35.013_v34.014", "35.12", yes},
        {"<v36.011_v35.013_v34.014", "34.014", no_newer},
        {"<v36.011_v35.013_v34.014", "33.011", yes},
        {"<v36.011_v35.013_v34.014", "37.011", no_newer},
        {"<= 1.4", "1.39", yes, Order::decimal},
        {"<= 1.4", "1.40", yes, Order::decimal},
        {"<= 1.4", "1.41", no_newer, Order::decimal},
        {"<= 15.2(5)EA.fc4", "15.2(4a)EA5", yes, Order::ios},
        {"<= 15.2(5)EA.fc4", "15.2(5)E1", unordered, Order::ios},
        {"<= SV1.70 IR22", "1.70 IR22", yes, Order::decimal},
        {"<= SV1.70 IR22", "1.70 IR23", no_newer, Order::decimal},
        {"<V2.0_SP1", "V2.0", yes},
        {"<V2.0_SP1", "V2.0 SP1", no_newer},
        {"< 3.5.14.20", "3.5 SP14 Patch 1", yes, Order::codesys},
        {"1.275M\u20141.280S", "1.280A", yes, Order::decimal},
        {"1.275M\u20141.280S", "1.280T", no_newer, Order::decimal},
        {"2.0.0 | 2.0.1", "2.0.1", yes, Order::dotted, Versions::exact},
        {"V28", "28.011", part, Order::dotted, Versions::exact},
        {"V35.011", "34.011", not_named, Order::dotted, Versions::exact},
        {"5.1.0-x", "5.1.0-3", yes, Order::dotted, Versions::exact},
        {"<=20210218", "1.2.3", unordered},
        {"<= 2.0-rc2", "2.0", no_newer},
    };
    for (const auto& one : cases) {
        const auto version = version_of(one.version);
        ASSERT_TRUE(version) << one.version;
        EXPECT_EQ(inside(*version, read_range(one.range, one.kind), one.order), one.said)
            << one.version << " in " << one.range;
    }
}

TEST(range, leaves_open_what_it_cannot_decide) {
    for (const auto* const text :
         {"All versions with Fortinet NGFW before V7.4.1", "<V4.00_Utilizes_Wibu-Systems_CodeMeter_7.60c",
          "< 6.3  of telerik software", "<= January 2019", "<=Ver.2.41_affected_only_by", "<= S7x", "", "???",
          "< 1.49 (1.29 for NX7)"}) {
        const auto range = read_range(text, Versions::range);
        EXPECT_FALSE(range.all) << text;
        EXPECT_TRUE(!range.condition.empty() || (range.intervals.empty() && range.points.empty())) << text;
    }
    const auto only_if = read_range(">= R6.01.10 | <= R6.09.00 - (if VP6E5000 is installed)",
                                    Versions::range);
    EXPECT_EQ(only_if.intervals.size(), 1u);
    EXPECT_EQ(only_if.condition, "if VP6E5000 is installed");
    EXPECT_TRUE(read_range(">= R4.01.00 | <= R6.07.00 (Including CENTUM VP Entry Class)", Versions::range)
                    .condition.empty());
    const auto models = read_range("750-852 | 750-831/xxx-xxx | 750-881", Versions::exact);
    EXPECT_EQ(models.models.size(), 3u);
    EXPECT_TRUE(models.points.empty());
}

TEST(range, reads_serial_numbers) {
    struct {
        const char *text, *serial;
        std::optional<bool> said;
    } constexpr cases[]{{"<=with_the_first_5_digits_of_serial_number_24051", "240511234567890", true},
                        {"<=with_the_first_5_digits_of_serial_number_24051", "240521234567890", false},
                        {"<=The_first_5_digits_of_serial_No._\"26041\"", "260412222222222", true},
                        {"<= first five digits of serial number 24061 24061", "24071", std::nullopt},
                        {"5  digits of serial number <= 24031", "240321", false},
                        {"Serial number 179**** and prior", "1791234", true},
                        {"Serial number 179**** and prior", "17X1234", false},
                        {"with serial number 17X**** or later", "17Y1234", true},
                        {"<= Serial Numbers 2310****", "23100001", true},
                        {"<= Serial Numbers 2310****", "AB100001", std::nullopt}};
    for (const auto& one : cases) {
        const auto range = serial_range(one.text);
        ASSERT_TRUE(range) << one.text;
        EXPECT_EQ(inside(one.serial, *range), one.said) << one.serial << " in " << one.text;
    }
    EXPECT_FALSE(serial_range("<= V4.5.1"));
}

TEST(version, is_nothing_where_it_is_none) {
    for (const auto* const text :
         {"", "January 2019", "1783-SAD2T2SBK9", "S7x", "latest", "1.2\xff", "99999999999999999999.1"})
        EXPECT_FALSE(version_of(text)) << text;
    EXPECT_FALSE(version_of(std::string(65, '1')));
}

TEST(version, orders_are_antisymmetric) {
    const char* const texts[]{"1",   "1.0",   "1.10", "1.9",          "1.9a", "1.9 SP1", "2.0-beta",
                              "2.0", "2.0-1", "R3",   "02.07.07(10)", "FW14", "20210218"};
    for (const auto order : {Order::dotted, Order::decimal, Order::wago, Order::codesys, Order::ios})
        for (const auto* const a : texts)
            for (const auto* const b : texts) {
                const auto there = compared(*version_of(a), *version_of(b), order),
                           back = compared(*version_of(b), *version_of(a), order);
                ASSERT_EQ(there.has_value(), back.has_value()) << a << " " << b;
                if (!there) continue;
                EXPECT_EQ(*there, 0 <=> *back) << a << " " << b;
            }
}

} // namespace
} // namespace yagura::see::weakness
