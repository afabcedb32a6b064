#include "apps/yagura/settings.h"

#include <gtest/gtest.h>

using namespace yagura;
using namespace yagura::run;

namespace {

Complaint complaint(std::string_view toml) {
    const auto settings = parse(toml, "yagura.toml");
    EXPECT_FALSE(settings);
    return settings ? Complaint{} : settings.error();
}

TEST(Settings, NothingSetIsFine) {
    const auto settings = parse("", "yagura.toml");
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->listen, "127.0.0.1:8443");
}

TEST(Settings, AreReadByName) {
    const auto settings = parse("[plant]\nname = \"第2工場\"\n[center]\njournal-days = 7\n"
                                "[sensor]\ninterfaces = [\"eth1\", \"eth2\"]\n",
                                "yagura.toml");
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->plant_name, "第2工場");
    EXPECT_EQ(settings->journal_days, 7);
    EXPECT_EQ(settings->interfaces.size(), 2u);
}

TEST(Settings, AnUnknownNameSaysWhereItStandsAndWhichIsNearest) {
    const auto wrong = complaint("[center]\n  jurnal-days = 7\n");
    EXPECT_EQ(wrong.code, "config.unknown-setting");
    EXPECT_EQ(wrong.where, "yagura.toml, line 2, column 3");
    EXPECT_EQ(wrong.next, "did you mean center.journal-days?");
    EXPECT_EQ(complaint("[centre]\n").next, "did you mean [center]?");
}

TEST(Settings, AValueOutOfItsRangeSaysTheRange) {
    const auto wrong = complaint("[center]\njournal-days = 0\n");
    EXPECT_EQ(wrong.code, "config.bad-value");
    EXPECT_EQ(wrong.where, "yagura.toml, line 2, column 16");
    EXPECT_EQ(wrong.next, "use a whole number from 1 to 3650 (days)");
    EXPECT_EQ(complaint("[center]\njournal-days = \"7\"\n").code, "config.bad-value");
    EXPECT_EQ(complaint("[sensor]\ninterfaces = \"eth1\"\n").code, "config.bad-value");
    EXPECT_EQ(complaint("[sensor]\ninterfaces = [1]\n").code, "config.bad-value");
}

TEST(Settings, WhatIsNotTomlSaysWhere) {
    const auto wrong = complaint("[center]\nlisten = \n");
    EXPECT_EQ(wrong.code, "config.not-toml");
    EXPECT_TRUE(wrong.where.starts_with("yagura.toml, line 2")) << wrong.where;
}

TEST(Settings, TheAddressAndTheCertificateAreChecked) {
    EXPECT_EQ(complaint("[center]\nlisten = \"8443\"\n").code, "config.bad-address");
    EXPECT_EQ(complaint("[center]\nlisten = \"0.0.0.0:99999\"\n").code, "config.bad-address");
    EXPECT_EQ(complaint("[center]\ncertificate = \"a.pem\"\n").code, "config.half-a-certificate");
    EXPECT_TRUE(parse("[center]\nlisten = \"[::]:8443\"\n", "yagura.toml"));
}

TEST(Settings, TheManualNamesEveryOne) {
    const auto page = manual();
    for (const auto& field : fields())
        EXPECT_NE(page.find(cat("`", field.name, "`")), page.npos) << field.name;
}

} // namespace
