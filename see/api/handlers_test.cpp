// Every operation of see/api.yaml over a store with hostile names in it: what comes out fits the contract,
// which the service checks here on every answer.
#include "tests/support/hostile_service.h"

using namespace yagura;
using namespace yagura::see;
using namespace yagura::see::test;

namespace {

constexpr std::array questions{
    "/overview",
    "/changes",
    "/activity",
    "/activity?device=d0-1&buckets=60",
    "/activity?since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z&buckets=1",
    "/devices/d0-1/states",
    "/devices/d0-1/states?since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z",
    "/devices",
    "/devices?sort=address&order=desc&role=plc&role=hmi",
    "/devices?view=quiet",
    "/devices/facets",
    "/devices/export",
    "/devices/export?lang=ja",
    "/operations/export?lang=en",
    "/conversations/export?lang=ja&format=xlsx",
    "/devices/d0-2/objects/export?lang=ja",
    "/devices/d0-1",
    "/devices/d0-1/evidence",
    "/devices/d0-1/peers",
    "/devices/d0-1/history",
    "/conversations",
    "/conversations?device=d0-1",
    "/conversations?q=script&sort=server&order=asc&direction=both&line=l0-1&protocol=unknown",
    "/conversations/facets",
    "/conversations/facets?q=502&direction=one_sided",
    "/conversations/groups",
    "/conversations/groups?by=protocol",
    "/conversations/groups?by=lines&line=l0-1&limit=1",
    "/conversations/export",
    "/conversations/export?format=xlsx&q=script",
    "/operations",
    "/operations?act=write&act=read&effect=changes_value&outcome=done&outcome=refused",
    "/operations?q=script&line=l0-1",
    "/operations?first=true&effect=changes_value",
    "/operations/export",
    "/operations/export?format=xlsx&act=write",
    "/activity?q=script&peer=d0-2&device=d0-1&act=write&outcome=refused",
    "/devices/d0-2/objects",
    "/devices/d0-2/objects?written=true&q=script&peer=d0-1",
    "/devices/d0-2/objects/export",
    "/devices/d0-2/objects/export?format=xlsx",
    "/devices/export?format=xlsx",
    "/map",
    "/map?around=d0-1",
    "/search?q=script",
    "/lines",
    "/devices?view=to_approve&approval=pending&approval=expired&sort=approval",
    "/devices?owner=none&criticality=high&criticality=none",
    "/devices/facets?owner=x",
    "/approvals",
    "/approvals?list=rejected&limit=1",
    "/approvals/known",
    "/approvals/export",
    "/approvals/export?list=rejected&format=xlsx&lang=ja",
    "/ledger",
    "/ledger/lists/not_in_ledger",
    "/ledger/lists/same?q=script&days=7&limit=1",
    "/ledger/rules",
    "/report?month=2023-11",
    "/report?month=2023-11&lang=ja",
    "/report?month=2031-01&lang=en",
    "/ledger/export?list=not_in_ledger&encoding=cp932",
    "/ledger/export?format=xlsx&lang=ja",
    "/weaknesses",
    "/weaknesses?verdict=affected&state=open&severity=high&q=script+ex-1&sort=device&limit=1",
    "/weaknesses?missing=firmware&line=l0-1&vendor=x&advisory=EX-1&device=d0-1&exploited=true&sort="
    "likelihood",
    "/weaknesses/facets",
    "/weaknesses/facets?verdict=needs_fact&line=none",
    "/weaknesses/export",
    "/weaknesses/export?format=xlsx&lang=ja&verdict=affected",
    "/weaknesses/vex",
    "/weaknesses/support",
    "/weaknesses/support?device=d0-1",
    "/weaknesses/feeds",
    "/weaknesses/advisories/EX-1",
    "/devices/d0-1/weaknesses",
    "/active-queries",
    "/active-queries/preview",
    "/active-queries/preview?of=approved",
    "/active-queries/log",
    "/active-queries/log?address=10.0.0.1&limit=1",
    "/comments",
    "/comments/w0-1",
    "/comments/w0-1/words",
    "/comments/w0-1/words?q=script&limit=1",
    "/comments/w0-1/fits",
    "/needs",
    "/needs?kind=silent&kind=rule&kind=network&line=l0-1&device=d0-1&q=script&limit=1",
    "/needs/export",
    "/needs/export?format=xlsx&lang=ja&offset=540&kind=silent",
    "/stops?device=d0-1",
    "/stops?subnet=10.0.0.0/24",
    "/stops/export?device=d0-2",
    "/stops/export?subnet=10.0.0.0/24&lang=en&format=xlsx",
    "/risk",
    "/risk?q=script&line=l0-1&network=10.0.0.0/"
    "24&level=1&band=high&band=low&term=no_advisories&sort=name&order=desc",
    "/risk?sort=consequence&limit=1&level=none&line=none&network=none",
    "/risk/lines",
    "/risk/lines?by=network",
    "/risk/lines?by=level",
    "/risk/actions",
    "/risk/actions?line=l0-1&limit=50",
    "/risk/export",
    "/risk/export?format=xlsx&lang=ja&band=medium",
    "/devices/d0-1/risk",
    "/network-health",
    "/network-health?kind=duplicate_address&kind=cycle_slower&severity=low&state=open&line=l0-1&q=10.0.0",
    "/network-health?device=d0-1&limit=1&state=ended",
    "/network-health/export?state=open",
    "/network-health/export?format=xlsx&lang=ja",
    "/network-health/cycles",
    "/network-health/cycles?device=d0-1&q=10.0.0.2",
    "/devices/d0-1/ports",
    "/devices/d0-2/ports?limit=1",
    "/address-plan",
    "/address-plan?subnet=10.0.0.0/24",
    "/address-plan/export",
    "/address-plan/export?format=xlsx&lang=ja",
    "/registers",
    "/registers?q=script&device=d0-2&line=l0-1&reader=d0-1&writer=d0-1&protocol=modbus&changed_since="
    "2020-01-01T00:00:00Z&written=several&sort=written&limit=1",
    "/registers?device=d0-2&sort=object&written=never",
    "/registers/export",
    "/registers/export?format=xlsx&lang=ja&written=written",
    "/registers/r0-1",
    "/registers/r0-1/values",
    "/registers/r0-1/values?element=0&since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z&limit=1",
    "/registers/r0-1/values/export",
    "/registers/r0-1/values/export?format=xlsx&lang=ja",
    "/registers/r0-1/at?time=2026-11-20T00:00:00Z",
    "/registers/r0-1/at?time=9999-12-31T23:59:59Z&element=3",
    "/captures",
    "/sensors",
    "/blind-spots",
    "/sight",
};

TEST_F(SeeApi, EveryQuestionGetsAnAnswerThatFits) {
    for (const auto* path : questions) {
        const auto response = ask("GET", path);
        EXPECT_EQ(response.status, 200) << path << " " << response.body;
        EXPECT_EQ(ask("GET", path, {}, "viewer").status, 200) << path;
    }
    EXPECT_EQ(json::parse(ask("GET", "/devices").body)["devices"][0]["role"], "unknown");
    const auto parts = json::parse(ask("GET", "/devices/d0-1").body)["parts"];
    ASSERT_EQ(parts.size(), 5u);
    EXPECT_EQ(parts[0]["slot"], 2); // So that a rack can be drawn.
    for (std::size_t i = 1; i < 5; ++i) EXPECT_FALSE(parts[i].contains("slot")) << parts[i]["path"];
    // Whatever a list gives an id of can be asked for by it.
    for (const auto& [list, member] : {std::pair{"/operations", "operations"},
                                       {"/sensors", "sensors"},
                                       {"/captures", "captures"},
                                       {"/network-health", "items"},
                                       {"/registers", "registers"},
                                       {"/devices", "devices"}}) {
        const auto rows = json::parse(ask("GET", list).body)[member];
        ASSERT_FALSE(rows.empty()) << list;
        for (const auto& row : rows) {
            const auto one = ask("GET", cat(list, "/", row["id"].get<std::string>()));
            EXPECT_EQ(one.status, 200) << list << " " << row["id"] << " " << one.body;
        }
    }
}

TEST_F(SeeApi, HealthIsFilteredCountedAndTurnedByPages) {
    const auto all = json::parse(ask("GET", "/network-health?limit=1000").body);
    constexpr auto known = std::size(health::kind_words), ended = known / 3;
    EXPECT_EQ(all["total"], known); // Not what a newer version wrote, under a kind without a word.
    EXPECT_EQ(all["open"], known - ended);
    EXPECT_EQ(all["ended"], ended);
    EXPECT_TRUE(all["items"][0]["open"].get<bool>());
    EXPECT_FALSE(all["items"][known - 1]["open"].get<bool>());
    std::set<std::string> seen;
    std::string cursor;
    for (int page = 0; page < 10; ++page) {
        const auto some = json::parse(
            ask("GET", cat("/network-health?limit=4", cursor.empty() ? "" : "&cursor=", cursor)).body);
        for (const auto& one : some["items"]) EXPECT_TRUE(seen.insert(one["id"]).second);
        if (!some.contains("next_cursor")) break;
        cursor = some["next_cursor"];
    }
    EXPECT_EQ(seen.size(), known);
    const auto open = json::parse(ask("GET", "/network-health?state=open&kind=duplicate_address").body);
    EXPECT_EQ(open["total"], 1);
    EXPECT_EQ(open["items"][0]["subject"], "10.0.0.1");
    EXPECT_EQ(open["items"][0]["parties"][1]["device"]["id"], "d0-1");
    EXPECT_EQ(json::parse(ask("GET", "/network-health?device=d0-9").body)["total"], 0);
    EXPECT_EQ(json::parse(ask("GET", "/network-health?line=none").body)["total"], 0);
    EXPECT_EQ(json::parse(ask("GET", "/network-health?q=nobody").body)["total"], 0);
    EXPECT_EQ(ask("GET", "/network-health?cursor=nonsense").status, 400);
}

TEST_F(SeeApi, PortsOfASwitchAreTurnedByPages) {
    const auto of = [&](std::string_view device) {
        return json::parse(ask("GET", cat("/devices/", device, "/ports")).body)["total"].get<int>();
    };
    EXPECT_EQ(of("d0-1"), 3);
    EXPECT_EQ(of("d0-2"), 0); // No switch, or nobody asked it.
    const auto first = json::parse(ask("GET", "/devices/d0-1/ports?limit=2").body);
    ASSERT_EQ(first["items"].size(), 2u);
    EXPECT_EQ(first["items"][0]["interface"], 1);
    EXPECT_EQ(first["items"][1]["name"], "#2"); // It has no name.
    EXPECT_EQ(first["items"][0]["state"], "unknown");
    EXPECT_FALSE(first["items"][0]["there"].empty());
    const auto second = json::parse(
        ask("GET", cat("/devices/d0-1/ports?limit=2&cursor=", first["next_cursor"].get<std::string>())).body);
    EXPECT_EQ(second["items"].size(), 1u);
    EXPECT_FALSE(second.contains("next_cursor"));
    EXPECT_EQ(of("d0-99"), 0);
    EXPECT_EQ(ask("GET", "/devices/d0-1/ports?cursor=nonsense").status, 400);
}

TEST_F(SeeApi, ThePlanSaysWhatIsUsedAndFree) {
    const auto plan = json::parse(ask("GET", "/address-plan?subnet=10.0.0.0/24").body);
    ASSERT_EQ(plan["subnets"].size(), 1u);
    const auto& one = plan["subnets"][0];
    EXPECT_EQ(one["how"], "declared");
    EXPECT_EQ(one["used"], 2);
    EXPECT_EQ(one["size"], 254);
    EXPECT_EQ(one["free"][0]["first"], "10.0.0.3");
    EXPECT_EQ(one["free"][0]["count"], 252);
    EXPECT_EQ(one["addresses"].size(), 2u);
    EXPECT_EQ(one["cells"].size(), 256u);
}

TEST_F(SeeApi, ADevicesStatesAreStretchesOfTime) {
    const auto states = json::parse(ask("GET", "/devices/d0-1/states").body)["states"];
    std::vector<std::string> told;
    for (const auto& one : states)
        told.push_back(cat(one["kind"].get<std::string>(), " ", one["state"].get<std::string>().substr(0, 6),
                           one.contains("until") ? "" : " still"));
    EXPECT_EQ(told, (std::vector<std::string>{"mode run", "mode stop", "mode run", "mode <scrip still",
                                              "key_switch remote still"}));
    EXPECT_EQ(states[0]["until"], states[1]["since"]);
    EXPECT_LT(states[0]["said"], states[0]["until"]); // Said twice, then otherwise.
    EXPECT_EQ(ask("GET", "/devices/d0-99/states").status, 404);
}

TEST_F(SeeApi, AFileSpeaksTheLanguageOfItsReader) {
    const auto head = [&](std::string_view path) {
        const auto body = ask("GET", path).body;
        return body.substr(3, body.find('\r') - 3); // Behind the byte order mark.
    };
    EXPECT_TRUE(head("/devices/export").starts_with("\"name\",\"address\",\"mac\",\"role\""));
    EXPECT_TRUE(head("/devices/export?lang=en").starts_with("\"Name\",\"Address\",\"MAC\",\"Role\""));
    EXPECT_TRUE(head("/devices/export?lang=ja").starts_with("\"名前\",\"アドレス\",\"MAC\",\"役割\""));
    EXPECT_NE(ask("GET", "/operations/export?lang=ja").body.find("\"書込み\""), std::string::npos);
    EXPECT_EQ(word(Language::ja, "act", "no such act"), "no such act");
    for (const auto& words : sheet_words()) EXPECT_FALSE(words.en.empty() || words.ja.empty()) << words.key;
}

TEST_F(SeeApi, EveryQuestionWasAsked) {
    // The lists above stay whole: an operation that nobody asks has never been held against the contract.
    std::set<std::string, std::less<>> asked;
    for (const auto* path : questions) {
        const std::string_view text{path};
        if (const auto match = service.contract().match("GET", text.substr(0, text.find('?')));
            match.operation)
            asked.insert(match.operation->id);
    }
    for (const auto* by_id :
         {"getOperation", "getSensor", "getCapture", "getHealthFinding", "exportOwnLedger"})
        asked.insert(by_id);
    for (const auto& operation : service.contract().operations())
        if (operation.method == "GET" && operation.id != "limits" &&
            (operation.right == "device.look" || operation.right == "sensor.look")) {
            EXPECT_TRUE(asked.contains(operation.id)) << operation.id;
        }
}

TEST_F(SeeApi, WhatIsNotThereIsA404) {
    for (const auto* path :
         {"/devices/d0-9", "/devices/nonsense", "/devices/d0-9/evidence", "/devices/d0-9/peers",
          "/devices/d0-9/history", "/devices/d0-9/objects", "/devices/d0-9/objects/export",
          "/devices/d0-9/risk", "/operations/none", "/captures/none", "/sensors/none",
          "/network-health/h0-999", "/network-health/h0-0", "/network-health/nonsense", "/registers/r0-999",
          "/registers/nonsense", "/registers/r0-999/values", "/registers/r0-999/values/export",
          "/registers/r0-999/at?time=2026-11-20T00:00:00Z"})
        EXPECT_EQ(ask("GET", path).status, 404) << path;
    EXPECT_EQ(ask("PATCH", "/devices/d0-9", R"({"name":"x"})").status, 404);
    EXPECT_EQ(ask("PATCH", "/lines/none", R"({"name":"x"})").status, 404);
    EXPECT_EQ(ask("DELETE", "/lines/none").status, 404);
    EXPECT_EQ(ask("DELETE", "/captures/none").status, 404);
}

TEST_F(SeeApi, WhatDoesNotFitIsA400) {
    for (const auto* path : {"/devices?limit=0", "/devices?cursor=nonsense", "/conversations?cursor=nonsense",
                             "/operations?cursor=nonsense", "/operations?act=explode",
                             "/conversations?direction=up", "/conversations/groups?by=moon",
                             "/conversations/export?format=exe", "/devices/d0-1/history?cursor=-1",
                             "/map?nodes=99999", "/search", "/changes?kind=x", "/registers?cursor=nonsense",
                             "/registers?written=maybe", "/registers/r0-1/at", "/registers/r0-1/at?time=now",
                             "/registers/r0-1/values?element=-1", "/registers/r0-1/values?cursor=nonsense"})
        EXPECT_EQ(ask("GET", path).status, 400) << path << " " << ask("GET", path).body;
    EXPECT_EQ(ask("POST", "/lines", R"({"name":"a","subnets":["x"]})").status, 400);
}

} // namespace
