// What a device is taken for, and that what it says of itself cannot break what shows it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "see/assets.h"
#include "see/identifier.h"
#include "spine/observe/text.h"

using namespace yagura;
using namespace yagura::see;
namespace ob = yagura::observe;
using ob::Attribute;
using testing::HasSubstr;

namespace {

ob::Ip v4(int c, int d) {
    return {0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0xff,
            0xff,
            10,
            0,
            static_cast<std::uint8_t>(c),
            static_cast<std::uint8_t>(d)};
}
ob::Station station(int last, std::uint16_t port = 0) {
    return {
        .ip = v4(0, last), .mac = {0x00, 0x30, 0xde, 0, 0, static_cast<std::uint8_t>(last)}, .port = port};
}
constexpr std::string_view protocols[]{"unknown", "modbus", "s7comm", "lldp",   "mdns",   "dhcp",    "ssh",
                                       "http",    "tls",    "snmp",   "bacnet", "yagura", "ethercat"};
constexpr std::uint16_t modbus = 1, s7 = 2, lldp = 3, mdns = 4, dhcp = 5, ssh = 6, http = 7, tls = 8,
                        snmp = 9, bacnet = 10, yagura_itself = 11, ethercat = 12;

struct See : testing::Test {
    model::Plant plant{
        [](std::uint16_t number) { return protocols[number < std::size(protocols) ? number : 0]; }};

    ob::Parties parties(ob::Station client, ob::Station server) const {
        return {.client = client, .server = server, .lane = {.carrier = 6}, .certain = true};
    }
    void tells(ob::Station who, Attribute attribute, std::string_view value, std::uint16_t protocol,
               ob::Part part = {}, std::uint8_t confidence = 95) {
        const auto both = parties(station(250), who);
        plant.on({.at = ob::Time{std::chrono::seconds{1}},
                  .parties = both,
                  .speaker = ob::Speaker::server,
                  .evidence = {.frame = 7}},
                 ob::Identity{.protocol = protocol,
                              .subject = ob::Subject::speaker,
                              .part = part,
                              .attribute = attribute,
                              .value = value,
                              .confidence = confidence});
    }
    void does(ob::Station client, ob::Station server, ob::Act act, std::uint16_t protocol,
              ob::Part part = {}) {
        const auto both = parties(client, server);
        ob::Operation op{.protocol = protocol,
                         .function = {1, "x"},
                         .act = act,
                         .phase = ob::Phase::request,
                         .part = part};
        plant.on({.at = ob::Time{std::chrono::seconds{2}}, .parties = both, .speaker = ob::Speaker::client},
                 op);
        op.phase = ob::Phase::response;
        op.outcome = ob::Outcome::done;
        plant.on({.at = ob::Time{std::chrono::seconds{2}}, .parties = both, .speaker = ob::Speaker::server},
                 op);
    }
    Portrait of(ob::Station who) {
        plant.settle();
        const auto id = plant.device_of(who);
        return id ? portray(plant, *id, Makers::built_in()) : Portrait{};
    }
};

ob::Part unit(std::uint32_t number) { return {.steps = {{{ob::Part::Hop::unit, number}}}, .size = 1}; }

TEST_F(See, RolesFollowFromWhatIsSaidAndDone) {
    does(station(5), station(9, 502), ob::Act::write, modbus);
    EXPECT_EQ(of(station(5)).role, "hmi");
    EXPECT_EQ(of(station(9)).role, "plc");
    EXPECT_EQ(of(station(9)).purdue_level, "1");
    for (int i = 20; i < 25; ++i) does(station(6), station(i, 502), ob::Act::read, modbus);
    EXPECT_EQ(of(station(6)).role, "scada_server");
    does(station(7), station(30, 102), ob::Act::program_download, s7);
    EXPECT_EQ(of(station(7)).role, "engineering_station");
    EXPECT_EQ(of(station(30)).role, "plc");
    EXPECT_FALSE(of(station(7)).reasons.empty());
}

TEST_F(See, WhoAsksForYaguraIsYagura) {
    for (int i = 20; i < 26; ++i) does(station(6), station(i, 502), ob::Act::read, modbus);
    EXPECT_EQ(of(station(6)).role, "scada_server");
    tells(station(6), Attribute::application, "Yagura active queries", yagura_itself);
    EXPECT_EQ(of(station(6)).role, "server");
    EXPECT_EQ(of(station(6)).name, "Yagura");
    // Whoever says so in another protocol is believed no more than others.
    tells(station(7), Attribute::application, "Yagura active queries", http);
    EXPECT_NE(of(station(7)).name, "Yagura");
}

TEST_F(See, WhatSomethingSaysItIsOutweighsHowItAnswers) {
    does(station(5), station(9, 502), ob::Act::read, modbus, unit(1));
    tells(station(9), Attribute::product, "750-362", modbus, unit(1));
    const auto device = of(station(9));
    EXPECT_EQ(device.role, "remote_io");
    EXPECT_EQ(device.product, "750-362"); // Its only unit speaks for the whole.
    EXPECT_EQ(device.vendor, "WAGO");
    ASSERT_EQ(device.parts.size(), 1u);
    EXPECT_EQ(device.parts[0].product, "750-362");
}

TEST_F(See, ProgramsTellSystemMakerAndKind) {
    struct {
        std::uint16_t protocol;
        Attribute attribute;
        std::string_view value;
        std::uint8_t confidence;
        std::string_view os, vendor, role;
    } const told[]{
        {ssh, Attribute::application, "OpenSSH_8.4p1 Debian-5+deb11u1", 85, "Debian GNU/Linux 11", {}, {}},
        {ssh, Attribute::application, "OpenSSH_8.9p1 Ubuntu-3ubuntu0.10", 85, "Ubuntu 22.04", {}, {}},
        {ssh, Attribute::application, "ROSSSH", 85, "RouterOS", "MikroTik", "router"},
        {http, Attribute::application, "Hikvision-Webs", 80, {}, "Hikvision", "camera"},
        {http, Attribute::application, "Microsoft-IIS/8.5", 80, "Windows Server 2012 R2", {}, "server"},
        {http,
         Attribute::application,
         "Mozilla/5.0 (Windows NT 6.1; WOW64)",
         60,
         "Windows 7",
         {},
         "workstation"},
        {http, Attribute::description, "QNAP Turbo NAS", 60, {}, "QNAP", "server"},
        {tls,
         Attribute::certificate,
         "CN=esx1, O=VMware, Inc.; self-signed; until 2030-01-01",
         90,
         {},
         "VMware",
         "virtual_host"},
        {snmp,
         Attribute::description,
         "Cisco IOS Software, IE2000 Software, Version 15.2(4)EA9, RELEASE",
         90,
         "Cisco IOS",
         "Cisco",
         {}},
        {snmp,
         Attribute::description,
         "HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD153",
         90,
         {},
         "Hewlett-Packard",
         "printer"},
    };
    int last = 20;
    for (const auto& one : told) {
        tells(station(++last), one.attribute, one.value, one.protocol, {}, one.confidence);
        const auto device = of(station(last));
        const auto holds = [&](std::string_view shown, std::string_view expected) {
            return expected.empty() || shown == expected;
        };
        EXPECT_TRUE(holds(device.os, one.os)) << one.value << ": " << device.os;
        EXPECT_TRUE(holds(device.vendor, one.vendor)) << one.value << ": " << device.vendor;
        EXPECT_TRUE(holds(device.role, one.role)) << one.value << ": " << device.role;
    }
    // A certificate of a web site tells nothing of who made the server.
    tells(station(50), Attribute::certificate,
          "CN=vmware.com, O=VMware, Inc.; issuer CN=X, O=Y; until 2030-01-01", tls, {}, 90);
    EXPECT_NE(of(station(50)).vendor, "VMware");
}

TEST_F(See, ProfilesOfCipAreRoles) {
    tells(station(11), Attribute::role_hint, "AC drive", s7);
    tells(station(12), Attribute::role_hint, "human-machine interface", s7);
    tells(station(13), Attribute::role_hint, "photoelectric sensor", s7);
    EXPECT_EQ(of(station(11)).role, "drive");
    EXPECT_EQ(of(station(12)).role, "hmi");
    EXPECT_EQ(of(station(13)).role, "sensor");
    EXPECT_EQ(of(station(13)).purdue_level, "0");
}

TEST_F(See, UnitsThatDifferSpeakForThemselves) {
    for (std::uint32_t i = 1; i < 4; ++i) {
        does(station(5), station(9, 502), ob::Act::read, modbus, unit(i));
        tells(station(9), Attribute::product, cat("Meter ", i), modbus, unit(i));
    }
    const auto device = of(station(9));
    EXPECT_EQ(device.role, "gateway");
    EXPECT_EQ(device.product, "");
    EXPECT_EQ(device.parts.size(), 3u);
}

TEST_F(See, SlavesOfOneMakerAreNotTheirMaster) {
    for (std::uint32_t i = 1; i < 3; ++i) {
        tells(station(9), Attribute::vendor, "Festo", ethercat, unit(i));
        tells(station(9), Attribute::product, cat("EL", 1000 + i), ethercat, unit(i));
    }
    const auto device = of(station(9));
    EXPECT_NE(device.vendor, "Festo");
    ASSERT_EQ(device.parts.size(), 2u);
    EXPECT_EQ(device.parts[0].vendor, "Festo");
}

TEST_F(See, DescriptionsAreTakenApart) {
    tells(station(3), Attribute::description,
          "Siemens, SIMATIC NET, SCALANCE X204-2, 6GK5 204-2BB10-2AA3, HW: Version 7, FW: Version V4.3.1, "
          "VPL123",
          lldp);
    tells(station(3), Attribute::capability, "bridge", lldp);
    const auto device = of(station(3));
    EXPECT_EQ(device.role, "switch");
    EXPECT_EQ(device.vendor, "Siemens");
    EXPECT_EQ(device.product, "SCALANCE X204-2");
    EXPECT_EQ(device.firmware, "V4.3.1");
    const auto firmware = std::ranges::find(device.evidence, Attribute::firmware, &Evidence::attribute);
    ASSERT_NE(firmware, device.evidence.end());
    EXPECT_EQ(firmware->protocol, "lldp"); // A value read out of another keeps where that came from.
    EXPECT_EQ(firmware->frame, 7u);
}

TEST_F(See, ItsManagementCardSaysThatItIsAUps) {
    tells(station(3), Attribute::description,
          "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.8.2 PN:apc_hw05_aos_682.bin MN:AP9630 HR:05)", snmp);
    EXPECT_EQ(of(station(3)).role, "ups");
    EXPECT_EQ(of(station(3)).vendor, "APC");
}

TEST_F(See, OfficeThingsAreKnownByWhatTheyOfferAndAskFor) {
    tells(station(40), Attribute::service, "_ipp._tcp", mdns);
    tells(station(41), Attribute::fingerprint, "dhcp-class MSFT 5.0", dhcp);
    tells(station(42), Attribute::fingerprint, "dhcp-class android-dhcp-13", dhcp);
    tells(station(43), Attribute::service, "_axis-video._tcp", mdns);
    EXPECT_EQ(of(station(40)).role, "printer");
    EXPECT_EQ(of(station(41)).role, "workstation");
    EXPECT_EQ(of(station(41)).os, "Windows");
    EXPECT_EQ(of(station(42)).role, "mobile");
    EXPECT_EQ(of(station(43)).role, "camera");
}

TEST_F(See, WhatItsUnitSaysOutweighsTheMakerOfItsCard) {
    does(station(5), station(9, 502), ob::Act::read, modbus, unit(1)); // A card of WAGO.
    tells(station(9), Attribute::vendor, "Schneider Electric", modbus, unit(1));
    EXPECT_EQ(of(station(9)).vendor, "Schneider Electric");
}

TEST_F(See, AServersNameSaysWhichServerItIs) {
    does(station(5), station(9, 502), ob::Act::write, modbus);
    tells(station(5), Attribute::name, "mes-plant2", lldp);
    EXPECT_EQ(of(station(5)).role, "hmi"); // A name alone is the weakest word.
    tells(station(5), Attribute::description, "Microsoft Windows Server 2022 Standard", lldp);
    EXPECT_EQ(of(station(5)).role, "mes");
    EXPECT_EQ(of(station(5)).purdue_level, "3");
}

TEST_F(See, AHeadEndOfBacnetAnswersWhoIsAndIsNoController) {
    for (int i = 20; i < 25; ++i) does(station(6), station(i, 47808), ob::Act::read, bacnet);
    does(station(7), station(6, 47808), ob::Act::browse, bacnet);
    EXPECT_EQ(of(station(6)).role, "scada_server");
    EXPECT_EQ(of(station(20)).role, "building_controller");
}

TEST_F(See, WhoWatchesManyOverSnmpIsAServer) {
    for (int i = 20; i < 22; ++i) does(station(6), station(i, 161), ob::Act::read, snmp);
    EXPECT_EQ(of(station(6)).role, "unknown");
    does(station(6), station(22, 161), ob::Act::read, snmp);
    EXPECT_EQ(of(station(6)).role, "server");
}

TEST_F(See, ConflictingValuesAreBothTold) {
    tells(station(9), Attribute::firmware, "V2.1", modbus, {}, 80);
    tells(station(9), Attribute::firmware, "2.1.0", s7, {}, 95);
    const auto device = of(station(9));
    EXPECT_EQ(device.firmware, "2.1.0");
    EXPECT_EQ(std::ranges::count(device.evidence, Attribute::firmware, &Evidence::attribute), 2);
}

TEST_F(See, HostileNamesStayText) {
    tells(station(9), Attribute::name, "<script>\x1b[2J\xff\"", lldp);
    const auto json = assets_json(plant, Makers::built_in());
    EXPECT_THAT(json, HasSubstr(R"("hostnames":["\u003cscript>\u001b[2J)"));
    EXPECT_EQ(json.find("<script"), json.npos);
    EXPECT_EQ(json.find('\x1b'), json.npos);
}

TEST_F(See, WhatIsUnknownIsLeftOut) {
    tells(station(9), Attribute::state, "run", modbus);
    const auto json = assets_json(plant, Makers::built_in());
    EXPECT_THAT(json, HasSubstr(R"("role":"unknown")"));
    for (const auto* absent :
         {"hostnames", "firmware", "serial", "purdue_level", "services", "parts", "\"\"", "null"})
        EXPECT_EQ(json.find(absent), json.npos) << absent << " in " << json;
}

TEST_F(See, EveryRoleIsAWordOfTheList) {
    const std::set<std::string_view> roles{"plc",          "safety_controller",
                                           "remote_io",    "drive",
                                           "robot",        "cnc",
                                           "hmi",          "operator_panel",
                                           "scada_server", "historian",
                                           "opc_server",   "mes",
                                           "erp",          "engineering_station",
                                           "rtu",          "protection_relay",
                                           "meter",        "sensor",
                                           "camera",       "barcode_reader",
                                           "printer",      "switch",
                                           "router",       "firewall",
                                           "access_point", "wireless_bridge",
                                           "gateway",      "serial_server",
                                           "time_server",  "server",
                                           "workstation",  "mobile",
                                           "virtual_host", "building_controller",
                                           "ups",          "unknown"};
    // Each source line that names a role has it in quotes behind a word; so read them.
    for (const auto& file : std::filesystem::directory_iterator{YAGURA_SOURCE "/see/identifiers"}) {
        std::ifstream in{file.path()};
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        for (std::size_t at = 0; (at = text.find("opinions.role(\"", at)) != text.npos;) {
            at += 15;
            const auto role = text.substr(at, text.find('"', at) - at);
            EXPECT_TRUE(roles.contains(role)) << role << " in " << file.path();
        }
    }
    struct Collect final : Opinions {
        std::set<std::string> said;
        void role(std::string_view role, std::uint8_t, Grounds) override { said.emplace(role); }
        void fact(Attribute, std::string, std::uint8_t, const model::FactRow&) override {}
    } collect;
    constexpr std::string_view words[]{"6ES7 315", "1734-AENT", "PowerFlex 525", "NPort 5110",   "R-30iB",
                                       "SIPROTEC", "LaserJet",  "mGuard",        "ESXi",         "WinCC",
                                       "Lantime",  "Desigo",    "DataMan",       "Series 31i-B5"};
    for (const auto word : words) {
        const model::FactRow fact{.attribute = Attribute::product,
                                  .protocol = "lldp",
                                  .value = std::string{word},
                                  .confidence = 95};
        View view{.plant = plant};
        view.facts.push_back({&fact, {}});
        for (const auto* identifier : identifiers_all()) identifier->look(view, collect);
    }
    for (const auto& role : collect.said) EXPECT_TRUE(roles.contains(role)) << role;
    EXPECT_GE(collect.said.size(), 10u);
}

TEST(Makers, TheSmallestBlockWins) {
    const auto folder = std::filesystem::temp_directory_path() / "yagura-makers-test";
    std::filesystem::create_directories(folder);
    std::ofstream{folder / "oui.csv"}
        << "Registry,Assignment,Organization Name,Organization Address\n"
        << "MA-L,70B3D5,IEEE Registration Authority,x\nMA-L,00AA11,\"Acme, Inc \",\"two\nlines\"\n"
        << "MA-L,00AA12,\"The \"\"Best\"\" Drives\",x\nMA-L,00AA13,\"Never closed,x\n";
    std::ofstream{folder / "oui36.csv"}
        << "Registry,Assignment,Organization Name,Organization Address\r\nMA-S,70B3D5F2F,TELEPLATFORMS,x\r\n";
    const auto makers = Makers::load(folder);
    ASSERT_TRUE(makers) << makers.error().text();
    EXPECT_EQ(makers->of({0x70, 0xb3, 0xd5, 0xf2, 0xf0, 1}), "TELEPLATFORMS");
    EXPECT_EQ(makers->of({0x70, 0xb3, 0xd5, 0xf3, 0, 1}), "");
    EXPECT_EQ(makers->of({0x00, 0xaa, 0x11, 0, 0, 1}), "Acme, Inc");
    EXPECT_EQ(makers->of({0x00, 0xaa, 0x12, 0, 0, 1}), "The \"Best\" Drives");
    EXPECT_EQ(makers->of({0x00, 0xaa, 0x13, 0, 0, 1}), "Never closed,x");
    EXPECT_EQ(makers->of({0x02, 0xaa, 0x11, 0, 0, 1}), ""); // Made up by software.
    EXPECT_EQ(makers->of({0x00, 0x1b, 0x1b, 0, 0, 1}), "Siemens AG");
    std::ofstream{folder / "oui.csv"} << "a,b,c\nx,not hex,y\n";
    EXPECT_EQ(Makers::load(folder).error().code, "see.bad-makers");
    std::filesystem::remove_all(folder);
    EXPECT_EQ(Makers::load(folder).error().code, "see.no-makers");
}

TEST(grounds, come_back_from_the_store_whatever_a_device_calls_itself) {
    for (std::size_t i = 0; i < why_words().size(); ++i) {
        const Grounds grounds{static_cast<Why>(i), {"line \x1f two", "3"}};
        const auto text = rule_text("names", grounds);
        const auto rule = rule_of(text);
        EXPECT_EQ(rule.identifier, "names");
        EXPECT_EQ(rule.why, why_words()[i]);
        ASSERT_EQ(rule.of.size(), 2u);
        EXPECT_EQ(rule.of[0], "line  two");
        EXPECT_EQ(rule.of[1], "3");
        EXPECT_EQ(english(grounds).find("{}"), std::string::npos);
    }
    EXPECT_EQ(english(because(Why::reads_many, 5, 2)), "reads from 5 controllers in 2 protocols");
    EXPECT_EQ(rule_of("controllers: answers in modbus").identifier, "controllers: answers in modbus");
    EXPECT_TRUE(rule_of("").why.empty());
}

} // namespace
