// What people type in ledgers, and what it means.
#include "see/ledger/normal.h"

#include <gtest/gtest.h>

using namespace yagura::see::ledger;

namespace {

std::string mac_of(std::string_view text) { return mac(text).value_or("none"); }
std::string ip_of(std::string_view text) { return ip(text).value_or("none"); }

} // namespace

TEST(LedgerNormal, FullAndHalfWidthBecomeTheUsualOnes) {
    EXPECT_EQ(plain("ＰＬＣ－０１"), "PLC-01");
    EXPECT_EQ(plain("ｼｰｹﾝｻ ﾊﾞﾙﾌﾞ ﾎﾟﾝﾌﾟ"), "シーケンサ バルブ ポンプ");
    EXPECT_EQ(plain("①号機　㈱髙木製作所"), "1号機 (株)髙木製作所");
    EXPECT_EQ(plain("﨑"), "﨑"); // A character of its own, not a variant.
}

TEST(LedgerNormal, LineEndsControlsAndRunsOfSpacesAreOneSpace) {
    EXPECT_EQ(plain("  IP\r\nアドレス\t \u3000(本体) "), "IP アドレス (本体)");
    EXPECT_EQ(plain(std::string_view{"a\0b\x7f"
                                     "c\u0085d\u2028e\u00a0f",
                                     15}),
              "a b c d e f");
    EXPECT_EQ(plain("　 \n"), "");
    EXPECT_EQ(plain(""), "");
}

TEST(LedgerNormal, WhatOnlySteersTheDisplayGoes) {
    EXPECT_EQ(plain("\ufeffPLC\u200b-1\u202e\u00ad"), "PLC-1");
}

TEST(LedgerNormal, WhatIsNotUtf8IsReplaced) { EXPECT_EQ(plain("a\xff\xe3\x81z"), "a\ufffd\ufffd\ufffdz"); }

TEST(LedgerNormal, DashesOfCodes) {
    for (const std::string_view dash : {"-", "ー", "－", "―", "‐", "–", "−", "—", "ｰ", "─", "‑"}) {
        EXPECT_EQ(code(std::string{"FX5U"}.append(dash) + "32MT／ES"), "FX5U-32MT/ES") << dash;
        EXPECT_EQ(mac_of(std::string{"00"}.append(dash) + "11-22-33-44-55"), "00:11:22:33:44:55") << dash;
        EXPECT_EQ(compared(std::string{"Q03"}.append(dash) + "UDV"), compared("q03udv")) << dash;
    }
    EXPECT_EQ(code("シーケンサーＱ０３ＵＤＶ"), "シーケンサーQ03UDV");
}

TEST(LedgerNormal, ComparedIsTheSameForWhatMeansTheSame) {
    EXPECT_EQ(compared("PLC_01 (A棟)"), compared("ｐｌｃ－０１（Ａ棟）"));
    EXPECT_EQ(compared("株式会社 高木製作所"), compared("㈱高木製作所"));
    EXPECT_EQ(compared("メーカー"), compared("ﾒｰｶ"));
    EXPECT_EQ(compared("Ver. 1.2"), compared("VER1.2"));
    EXPECT_NE(compared("S/N"), compared("SN")); // A slash stays.
    EXPECT_NE(compared("PLC-1"), compared("PLC-2"));
}

TEST(LedgerNormal, Macs) {
    for (const auto* typed : {"00-1B-1B-33-44-5f", "00:1b:1b:33:44:5F", "001b.1b33.445f", "001B1B33445F",
                              "001b1b-33445f", "0:1b:1b:33:44:5f", "００－１Ｂ－１Ｂ－３３－４４－５Ｆ",
                              "００１Ｂ１Ｂ３３４４５Ｆ", " 00 1b 1b 33 44 5f\n"})
        EXPECT_EQ(mac_of(typed), "00:1b:1b:33:44:5f") << typed;
    for (const auto* none :
         {"", "00-00-00-00-00-00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "00-1b-1b-33-44",
          "00-1b-1b-33-44-5f-00", "00-1b:1b-33-44-5f", "001b1b33445", "001b1b33445g", "00--1b-1b-33-44-5f",
          "-00-1b-1b-33-44-5f", "0-1-2-3-4-5", "なし", "00:1b:1b:33:44:5f:"})
        EXPECT_EQ(mac(none), std::nullopt) << none;
}

TEST(LedgerNormal, Ips) {
    EXPECT_EQ(ip_of("192.168.001.010"), "192.168.1.10");
    EXPECT_EQ(ip_of("１９２．１６８．１．１０"), "192.168.1.10");
    EXPECT_EQ(ip_of("192.168. 1. 10"), "192.168.1.10");
    EXPECT_EQ(ip_of("10.0.0.5/24"), "10.0.0.5");
    EXPECT_EQ(ip_of("10.0.0.5／２４"), "10.0.0.5");
    EXPECT_EQ(ip_of("10.0.0.5/255.255.255.0"), "10.0.0.5");
    EXPECT_EQ(ip_of("FD00:0:0:0::0001/64"), "fd00::1");
    EXPECT_EQ(ip_of("fe80::1%eth0"), "fe80::1");
    EXPECT_EQ(ip_of("::ffff:10.0.0.5"), "10.0.0.5");
    for (const auto* none :
         {"",          "0.0.0.0",      "255.255.255.255", "255.255.255.0", "224.0.0.1",  "127.0.0.1",
          "::",        "::1",          "ff02::1",         "10.0.0",        "10.0.0.0.1", "10.0.0.256",
          "10.0.0.1/", "10.0.0.1/cat", "10.0.0.1 5",      "10.0.0.x",      "1.2.3.4444", "192.168.1.10~20",
          "12:34",     "10..0.1"})
        EXPECT_EQ(ip(none), std::nullopt) << none;
}

TEST(LedgerNormal, Makers) {
    EXPECT_TRUE(same_maker("三菱電機", "Mitsubishi Electric"));
    EXPECT_TRUE(same_maker("三菱", "MITSUBISHI ELECTRIC CORPORATION"));
    EXPECT_TRUE(same_maker("三菱電機㈱", "三菱電機エンジニアリング株式会社"));
    EXPECT_TRUE(same_maker("ｵﾑﾛﾝ", "OMRON Corporation"));
    EXPECT_TRUE(same_maker("Siemens AG", "シーメンス"));
    EXPECT_TRUE(same_maker("キーエンス", "KEYENCE CORPORATION"));
    EXPECT_TRUE(same_maker("Beckhoff Automation GmbH", "ベッコフ"));
    EXPECT_TRUE(same_maker("有限会社山田鉄工", "山田鉄工"));
    EXPECT_TRUE(same_maker("Foo Co., Ltd.", "foo"));
    EXPECT_FALSE(same_maker("三菱重工", "三菱電機"));
    EXPECT_FALSE(same_maker("三菱自動車", "三菱電機"));
    EXPECT_FALSE(same_maker("Toshiba Tec", "東芝"));
    EXPECT_FALSE(same_maker("富士通", "富士電機"));
    EXPECT_FALSE(same_maker("OMRON", "KEYENCE"));
    EXPECT_FALSE(same_maker("", ""));
    EXPECT_FALSE(same_maker("株式会社", "Co., Ltd."));
}

TEST(LedgerNormal, MakersOfALedgerBesideThoseOfTheNetwork) {
    const std::pair<std::vector<const char*>, const char*> all[]{
        {{"三菱電機", "三菱電機㈱", "三菱", "Mitsubishi"}, "Mitsubishi Electric Corporation"},
        {{"オムロン", "ｵﾑﾛﾝ", "オムロン株式会社"}, "OMRON Corporation"},
        {{"キーエンス", "ｷｰｴﾝｽ"}, "KEYENCE CORPORATION"},
        {{"横河電機", "Yokogawa"}, "Yokogawa Electric Corporation"},
        {{"シーメンス", "Siemens"}, "Siemens Industrial Automation Products Ltd., Chengdu"},
        {{"安川電機", "YASKAWA"}, "YASKAWA ELECTRIC CORPORATION"},
        {{"プロフェイス", "Pro-face", "デジタル"}, "Digital Electronics Corp."},
        {{"モクサ", "MOXA"}, "Moxa Technologies Corp."},
        {{"コンテック"}, "CONTEC CO., LTD."},
        {{"日立産機システム", "日立"}, "Hitachi, Ltd."},
        {{"ファナック"}, "FANUC ROBOTICS NORTH AMERICA, Inc."},
        {{"ロックウェル・オートメーション・ジャパン", "AB"}, "Allen-Bradley"},
        {{"シスコシステムズ合同会社"}, "Cisco Systems, Inc"},
        {{"フエニックス・コンタクト㈱"}, "Phoenix Contact GmbH & Co. KG"},
    };
    for (const auto& [names, seen] : all)
        for (const auto* name : names)
            for (const auto& [others, other] : all)
                EXPECT_EQ(same_maker(name, other), seen == other) << name << " " << other;
}
