// What persons ask to have done, as commands in their name: correct, merge, split, approve, upload, decide.
#include "tests/support/hostile_service.h"

using namespace yagura;
using namespace yagura::see;
using namespace yagura::see::test;

namespace {

TEST_F(SeeApi, ACorrectionIsACommandOfAPerson) {
    const auto body = R"({"name":"Press 2","role":null})";
    EXPECT_EQ(ask("PATCH", "/devices/d0-1", body, "viewer").status, 403);
    EXPECT_TRUE(commands.commands.empty());
    const auto response = ask("PATCH", "/devices/d0-1", body);
    ASSERT_EQ(response.status, 200) << response.body;
    ASSERT_EQ(commands.commands.size(), 2u);
    EXPECT_EQ(std::get<model::CorrectDevice>(commands.commands[0]).value, "Press 2");
    EXPECT_EQ(std::get<model::CorrectDevice>(commands.commands[1]).value, std::nullopt);
    EXPECT_EQ(commands.people[0], "admin");
    EXPECT_EQ(book.entries.back().detail, "name is Press 2, role given back");
    EXPECT_EQ(ask("POST", "/lines", R"({"name":"溶接2号","subnets":["10.0.0.0/24"]})").status, 201);
    EXPECT_EQ(json::parse(ask("PATCH", "/lines/l0-1", R"({"name":"B"})").body)["name"], "B");
    EXPECT_EQ(ask("DELETE", "/lines/l0-1").status, 204);
}

TEST_F(SeeApi, TwoDevicesBecomeOneByAPersonsWord) {
    const auto* body = R"({"into":"d0-2"})";
    EXPECT_EQ(ask("POST", "/devices/d0-1/merge", body, "viewer").status, 403);
    EXPECT_EQ(ask("POST", "/devices/d0-9/merge", body).status, 404);
    EXPECT_EQ(ask("POST", "/devices/d0-1/merge", R"({"into":"d0-1"})").status, 400);
    EXPECT_EQ(ask("POST", "/devices/d0-1/merge", "{}").status, 400);
    EXPECT_TRUE(commands.commands.empty());
    const auto response = ask("POST", "/devices/d0-1/merge", body);
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(json::parse(response.body)["into"], "d0-2");
    EXPECT_EQ(std::get<model::MergeDevices>(commands.commands.at(0)).from, "d0-1");
    EXPECT_EQ(book.last().what, "mergeDevice");
    EXPECT_EQ(book.last().about, "d0-1");
    EXPECT_EQ(book.last().detail, "is d0-2");
}

TEST_F(SeeApi, OneDeviceBecomesTwoAndThatIsTakenBack) {
    const auto* body = R"({"addresses":["02:00:00:00:00:09"]})";
    for (const auto* role : {"viewer", "auditor"}) {
        EXPECT_EQ(ask("POST", "/devices/d0-1/split", body, role).status, 403) << role;
        EXPECT_EQ(ask("POST", "/regroupings/g0-7/undo", {}, role).status, 403) << role;
    }
    EXPECT_EQ(ask("POST", "/devices/d0-1/split", R"({"addresses":[]})").status, 400);
    EXPECT_TRUE(commands.commands.empty());
    for (const auto* role : {"operator", "analyst", "admin"}) {
        const auto done = ask("POST", "/devices/d0-1/split", body, role);
        ASSERT_EQ(done.status, 200) << done.body;
        EXPECT_TRUE(json::parse(done.body)["undo"].get<std::string>().starts_with("g0-"));
    }
    EXPECT_EQ(std::get<model::SplitDevice>(commands.commands[0]).addresses.at(0), "02:00:00:00:00:09");
    EXPECT_EQ(book.last().detail, "split off 02:00:00:00:00:09");
    EXPECT_EQ(ask("POST", "/regroupings/g0-7/undo", {}, "operator").status, 200);
    EXPECT_EQ(std::get<model::UndoRegrouping>(commands.commands.back()).regrouping, 7u);
    commands.refuse = Complaint{.code = "model.not-latest", .what = "a later one is about the same"};
    EXPECT_EQ(ask("POST", "/regroupings/g0-7/undo").status, 409);
    commands.refuse = Complaint{.code = "model.no-such-regrouping", .what = "there is none"};
    EXPECT_EQ(ask("POST", "/regroupings/nonsense/undo").status, 404);
}

TEST_F(SeeApi, WhoMayBeOnTheNetworkIsAPersonsWord) {
    const auto* yes = R"({"devices":["d0-1","d0-2"],"state":"approved"})";
    for (const auto* role : {"viewer", "operator", "auditor"})
        EXPECT_EQ(ask("POST", "/approvals", yes, role).status, 403) << role;
    EXPECT_TRUE(commands.commands.empty());
    for (const auto* role : {"analyst", "admin"})
        EXPECT_EQ(ask("POST", "/approvals", yes, role).status, 200) << role;
    const auto& both = std::get<model::DecideDevices>(commands.commands.at(0));
    EXPECT_EQ(both.devices, (std::vector<std::string>{"d0-1", "d0-2"}));
    EXPECT_EQ(both.what, model::DecideDevices::What::approved);
    EXPECT_EQ(commands.people.at(0), "analyst");
    EXPECT_EQ(book.last().what, "decideApproval");
    EXPECT_TRUE(book.last().detail.contains("approved: 2 devices d0-1 d0-2")) << book.last().detail;
    const auto guest = ask(
        "POST", "/approvals",
        R"({"devices":["d0-1"],"state":"temporary","until":"2026-12-04T09:00:00Z","reason":"外注の調整"})");
    ASSERT_EQ(guest.status, 200) << guest.body;
    const auto& until = std::get<model::DecideDevices>(commands.commands.back());
    EXPECT_EQ(until.what, model::DecideDevices::What::temporary);
    EXPECT_EQ(until.until, std::chrono::sys_days{std::chrono::year{2026} / 12 / 4} + 9h);
    EXPECT_TRUE(book.last().detail.contains("外注の調整")) << book.last().detail;
    for (const auto* body :
         {R"({"devices":[],"state":"approved"})", R"({"devices":["d0-1"],"state":"expired"})",
          R"({"devices":["d0-1"]})", R"({"devices":["d0-1"],"state":"temporary","until":"soon"})",
          R"({"devices":["d0-1","d0-1"],"state":"approved"})"})
        EXPECT_EQ(ask("POST", "/approvals", body).status, 400) << body;
    commands.refuse = Complaint{.code = "model.no-reason", .what = "there is no reason"};
    EXPECT_EQ(ask("POST", "/approvals", R"({"devices":["d0-1"],"state":"rejected"})").status, 400);
    commands.refuse = Complaint{.code = "model.no-such-device", .what = "there is no such device"};
    EXPECT_EQ(ask("POST", "/approvals", yes).status, 404);
}

TEST_F(SeeApi, WhatMayBeAskedIsDrawnUpByOneAndApprovedByAPersonOfTheRole) {
    const auto* body = R"({"version":3,"subnets":[{"name":"溶接 \"1\"","network":"10.0.0.0/24",
        "addresses":["10.0.0.2"],"services":["cip","switch_ports"],"windows":["Sat 06:00-08:00"],
        "credential":"switches"}]})";
    for (const auto* role : {"viewer", "operator", "auditor"})
        EXPECT_EQ(ask("PUT", "/active-queries/draft", body, role).status, 403) << role;
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string text{body};
        return text.replace(text.find(from), from.size(), to);
    };
    for (const auto& [text, why] : {std::pair{with("10.0.0.2", "10.0.0.255"), "everybody's"},
                                    {with("10.0.0.2", "10.9.0.2"), "not in that"},
                                    {with("Sat 06:00-08:00", "always"), "no hours"},
                                    {with("10.0.0.0/24", "10.0.0.0/8"), "too wide"}}) {
        const auto response = ask("PUT", "/active-queries/draft", text);
        EXPECT_EQ(response.status, 400) << response.body;
        EXPECT_TRUE(response.body.contains(why)) << response.body;
    }
    EXPECT_EQ(ask("PUT", "/active-queries/draft", with("cip", "write")).status, 400);
    EXPECT_EQ(ask("PUT", "/active-queries/draft", with("credential", "snmp_community")).status, 400);
    EXPECT_TRUE(commands.commands.empty());
    for (const auto* role : {"analyst", "admin"})
        EXPECT_EQ(ask("PUT", "/active-queries/draft", body, role).status, 200) << role;
    const auto& drawn = std::get<model::DraftAsking>(commands.commands.at(0));
    EXPECT_EQ(drawn.version, 3u);
    EXPECT_TRUE(drawn.plan.contains("name = \"溶接 \\\"1\\\"\"\n")) << drawn.plan;
    EXPECT_EQ(book.last().detail, "溶接 \"1\" 10.0.0.0/24 (1)");
    commands.refuse = Complaint{.code = "model.asking-changed", .what = "somebody changed it"};
    EXPECT_EQ(ask("PUT", "/active-queries/draft", body).status, 409);

    const auto* yes = R"({"version":3,"why":"型式の確認"})";
    for (const auto* role : {"viewer", "operator", "analyst", "auditor"})
        EXPECT_EQ(ask("POST", "/active-queries/approve", yes, role).status, 403) << role;
    EXPECT_EQ(ask("POST", "/active-queries/approve", R"({"version":3,"why":""})").status, 400);
    EXPECT_EQ(ask("POST", "/active-queries/approve", yes).status, 200);
    EXPECT_EQ(std::get<model::ApproveAsking>(commands.commands.back()).version, 3u);
    EXPECT_FALSE(std::get<model::ApproveAsking>(commands.commands.back()).again);
    EXPECT_EQ(book.last().what, "approveAsking");
    EXPECT_EQ(book.last().detail, "draft 3: 型式の確認");
    commands.refuse = Complaint{.code = "model.nothing-drafted", .what = "nothing"};
    EXPECT_EQ(ask("POST", "/active-queries/approve", yes).status, 409);

    for (const auto* role : {"viewer", "auditor"})
        EXPECT_EQ(ask("POST", "/active-queries/stop", "{}", role).status, 403) << role;
    for (const auto* role : {"operator", "analyst", "admin"})
        EXPECT_EQ(ask("POST", "/active-queries/stop", R"({"why":"試運転"})", role).status, 200) << role;
    EXPECT_EQ(std::get<model::StopAsking>(commands.commands.back()).reason, "試運転");
    EXPECT_EQ(book.last().what, "stopAsking");
}

TEST_F(SeeApi, WhatWouldBeAskedAndWhatWasIsRead) {
    const auto now = json::parse(ask("GET", "/active-queries", {}, "viewer").body);
    EXPECT_EQ(now["state"], "running");
    EXPECT_EQ(now["changed"], true); // Another slot.
    EXPECT_EQ(now["approved"][0]["approved_by"], "<b>");
    EXPECT_FALSE(now["draft"][0].contains("approved_by"));
    EXPECT_EQ(now["last_line"], "2023-11-14T22:13:22.000000000Z");
    ASSERT_EQ(now["notes"].size(), 1u);
    clock.time = 1'700'000'000'000'000'000;
    const auto preview = json::parse(ask("GET", "/active-queries/preview").body);
    EXPECT_EQ(preview["total"], 4);
    EXPECT_EQ(preview["subnets"][0]["questions"][0]["state"], "due");
    EXPECT_EQ(preview["subnets"][0]["questions"][0]["device"]["id"], "d0-1");
    EXPECT_FALSE(preview["subnets"][0]["questions"][2].contains("device"));
    EXPECT_EQ(preview["subnets"][0]["requests"], 8);
    const auto all = json::parse(ask("GET", "/active-queries/log").body);
    ASSERT_EQ(all["lines"].size(), 4u);
    EXPECT_EQ(all["lines"][0]["way"], "received");
    EXPECT_EQ(all["lines"][0]["bytes"], "0a0b0c0d");
    EXPECT_EQ(all["lines"][3]["address"], "10.0.0.2");
    EXPECT_FALSE(all["lines"][3].contains("service"));
    EXPECT_FALSE(all["more"]);
    const auto one = json::parse(ask("GET", "/active-queries/log?address=10.0.0.1&limit=1").body);
    EXPECT_TRUE(one["more"]);
    const auto older = json::parse(ask("GET", cat("/active-queries/log?address=10.0.0.1&until=",
                                                  one["lines"][0]["at"].get<std::string>()))
                                       .body);
    ASSERT_EQ(older["lines"].size(), 1u);
    EXPECT_EQ(older["lines"][0]["way"], "sent");
    EXPECT_EQ(older["lines"][0]["device"]["id"], "d0-1");
}

TEST_F(SeeApi, WhoseDevicesAreIsWrittenForSeveralAtOnce) {
    const auto* body = R"({"devices":["d0-1","d0-2"],"values":{"owner":"田中","criticality":"高"}})";
    for (const auto* role : {"viewer", "auditor"})
        EXPECT_EQ(ask("PATCH", "/ledger/devices", body, role).status, 403);
    EXPECT_EQ(
        ask("PATCH", "/ledger/devices", R"({"devices":["d0-1","d0-99"],"values":{"owner":"x"}})").status,
        404);
    EXPECT_EQ(ask("PATCH", "/ledger/devices", R"({"devices":["d0-1"],"values":{"ip":"10.0.0.1"}})").status,
              400);
    EXPECT_EQ(ask("PATCH", "/ledger/devices", R"({"devices":["d0-1"],"values":{}})").status, 400);
    EXPECT_TRUE(commands.commands.empty());
    for (const auto* role : {"operator", "analyst", "admin"}) {
        const auto done = ask("PATCH", "/ledger/devices", body, role);
        ASSERT_EQ(done.status, 200) << done.body;
        EXPECT_EQ(json::parse(done.body)["made"], 2);
    }
    const auto& entries = std::get<model::PutLedgerEntries>(commands.commands.at(0)).entries;
    ASSERT_EQ(entries.size(), 2u);
    const auto row = store::ledger_row(entries[0].text);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->values[static_cast<std::size_t>(ledger::Field::owner)], "田中");
    EXPECT_EQ(row->values[static_cast<std::size_t>(ledger::Field::criticality)], "high");
    EXPECT_TRUE(book.last().detail.starts_with("2 devices: ")) << book.last().detail;
}

TEST_F(SeeApi, TheMonthlyReportIsOneFileThatRunsNothing) {
    for (const auto* role : {"viewer", "auditor", "operator", "analyst", "admin"}) {
        const auto page = ask("GET", "/report?month=2023-11&lang=ja", {}, role);
        ASSERT_EQ(page.status, 200) << role << page.body.substr(0, 300);
        EXPECT_TRUE(page.type.starts_with("text/html"));
        for (const auto* none : {"<script", "<link", "<img", "href=", "src=", "http://", "https://", "\x1b"})
            EXPECT_FALSE(page.body.contains(none)) << none;
        EXPECT_TRUE(page.body.contains("&lt;script&gt;"));
        EXPECT_TRUE(page.body.contains("2023年11月"));
        EXPECT_TRUE(page.body.contains("<svg"));
    }
    // Every word is there in both languages: none stands as its key.
    for (const auto* lang : {"ja", "en"}) {
        const auto page = ask("GET", cat("/report?month=2023-11&lang=", lang)).body;
        for (const auto* key : {"tasks.", "devices.", "coverage.", "weaknesses.", "risk.", "health.", "tile.",
                                "{", "one_sided"})
            EXPECT_FALSE(page.substr(page.find("<body>")).contains(key)) << lang << key;
    }
    for (const auto* month : {"2023-13", "2023-1", "x", "2023-11-01", "1999-01"})
        EXPECT_EQ(ask("GET", cat("/report?month=", month)).status, 400) << month;
    EXPECT_EQ(ask("GET", "/report").status, 400);
}

TEST_F(SeeApi, WithoutAFileThereIsNoTableOfOnesOwn) {
    for (const auto* role : {"viewer", "operator", "admin"}) {
        const auto none = ask("GET", "/ledger/export/own?with=seen&lang=ja", {}, role);
        EXPECT_EQ(none.status, 409) << none.body;
        EXPECT_EQ(json::parse(none.body)["code"], "ledger.no-layout");
    }
    const auto* body = R"({"mapping":{"sheet":0}})";
    for (const auto* role : {"viewer", "auditor"})
        EXPECT_EQ(ask("POST", "/ledger/files/f0-1/layout", body, role).status, 403) << role;
    EXPECT_EQ(ask("POST", "/ledger/files/f0-1/layout", body).status, 404);
}

TEST_F(SeeApi, ARuleIsLookedAtBeforeItIsKept) {
    const auto* rule = R"({"when":{"subnet":"10.0.0.7/24"},"says":{"owner":"田中","criticality":"高"}})";
    for (const auto* role : {"viewer", "auditor"}) {
        EXPECT_EQ(ask("POST", "/ledger/rules/preview", rule, role).status, 403) << role;
        EXPECT_EQ(ask("POST", "/ledger/rules", rule, role).status, 403) << role;
        EXPECT_EQ(ask("PUT", "/ledger/rules/r0-1", rule, role).status, 403) << role;
        EXPECT_EQ(ask("PUT", "/ledger/rules/order", R"({"rules":["r0-1"]})", role).status, 403) << role;
        EXPECT_EQ(ask("DELETE", "/ledger/rules/r0-1", {}, role).status, 403) << role;
        EXPECT_EQ(ask("GET", "/ledger/rules", {}, role).status, 200) << role;
    }
    const auto seen = ask("POST", "/ledger/rules/preview", rule, "operator");
    ASSERT_EQ(seen.status, 200) << seen.body;
    const auto would = json::parse(seen.body);
    EXPECT_EQ(would["devices"], 2) << seen.body;
    EXPECT_EQ(would["fills"], 2);
    EXPECT_EQ(would["kept"], 0);
    EXPECT_EQ(would["fields"],
              json::parse(R"([{"field":"owner","devices":2},{"field":"criticality","devices":2}])"));
    EXPECT_EQ(would["examples"].size(), 2u);
    EXPECT_TRUE(commands.commands.empty()); // Nothing is changed by looking.
    // A line that a subnet says is said already.
    const auto lined = json::parse(
        ask("POST", "/ledger/rules/preview", R"({"when":{"subnet":"10.0.0.0/8"},"says":{"line":"l0-1"}})")
            .body);
    EXPECT_EQ(lined["devices"].get<int>(), lined["kept"].get<int>() + lined["fills"].get<int>()) << lined;
    for (const auto* bad :
         {R"({"when":{},"says":{"owner":"x"}})", R"({"when":{"vlan":0},"says":{"owner":"x"}})",
          R"({"when":{"vlan":7},"says":{}})", R"({"when":{"vlan":7},"says":{"ip":"10.0.0.1"}})",
          R"({"when":{"mac":"x"},"says":{"owner":"x"}})"}) {
        EXPECT_EQ(ask("POST", "/ledger/rules", bad).status, 400) << bad;
        EXPECT_EQ(ask("POST", "/ledger/rules/preview", bad).status, 400) << bad;
    }
    EXPECT_EQ(
        ask("POST", "/ledger/rules", R"({"when":{"subnet":"10.0.0.0/99"},"says":{"owner":"x"}})").status,
        409);
    EXPECT_EQ(ask("POST", "/ledger/rules", R"({"when":{"vlan":7},"says":{"criticality":"x"}})").status, 409);
    EXPECT_EQ(ask("POST", "/ledger/rules", R"({"when":{"vlan":7},"says":{"line":"l0-99"}})").status, 404);
    EXPECT_EQ(
        ask("POST", "/ledger/rules/preview", R"({"rule":"r0-9","when":{"vlan":7},"says":{"owner":"x"}})")
            .status,
        404);
    EXPECT_TRUE(commands.commands.empty());

    for (const auto* role : {"operator", "analyst", "admin"})
        EXPECT_EQ(ask("POST", "/ledger/rules", rule, role).status, 201) << role;
    const auto& put = std::get<model::PutLedgerRule>(commands.commands.at(0));
    EXPECT_FALSE(put.rule);
    const auto kept = ledger::rule_of(put.text);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->subnet, "10.0.0.0/24"); // The host's bits are cut off.
    EXPECT_EQ(kept->values[static_cast<std::size_t>(ledger::Field::criticality)], "high");
    EXPECT_EQ(book.last().what, "createLedgerRule");
    EXPECT_EQ(book.last().detail, "10.0.0.0/24: owner 田中, criticality high");
    EXPECT_EQ(ask("PUT", "/ledger/rules/r0-3", rule, "analyst").status, 200);
    EXPECT_EQ(std::get<model::PutLedgerRule>(commands.commands.back()).rule, 3u);
    EXPECT_EQ(ask("PUT", "/ledger/rules/order", R"({"rules":["r0-3","r0-1"]})", "operator").status, 200);
    EXPECT_EQ(std::get<model::OrderLedgerRules>(commands.commands.back()).rules,
              (std::vector<std::uint64_t>{3, 1}));
    EXPECT_EQ(ask("DELETE", "/ledger/rules/r0-3", {}, "operator").status, 204);
    EXPECT_EQ(std::get<model::DropLedgerRule>(commands.commands.back()).rule, 3u);
    EXPECT_EQ(ask("DELETE", "/ledger/rules/nonsense").status, 404);
    commands.refuse = Complaint{.code = "model.no-such-rule", .what = "there is no such rule"};
    EXPECT_EQ(ask("DELETE", "/ledger/rules/r0-3").status, 404);
    commands.refuse = Complaint{.code = "model.rules-changed", .what = "somebody changed the rules"};
    EXPECT_EQ(ask("PUT", "/ledger/rules/order", R"({"rules":["r0-3"]})").status, 409);
    commands.refuse = Complaint{.code = "model.ledger-changed", .what = "somebody changed the ledger"};
    EXPECT_EQ(ask("PUT", "/ledger/rules/order", R"({"rules":["r0-3"]})").status, 409);
}

TEST_F(SeeApi, AnUploadIsShownWhileItComesInAndCanBeStopped) {
    Uploads::UnderWay heard;
    uploads.on_progress([&](const Uploads::UnderWay& one) { heard = one; });
    auto sink = uploads.begin({.name = hostile, .by = "admin", .bytes = 900'000, .at = clock.now()},
                              [](const Uploads::Whole&) { return api::Response{}; });
    ASSERT_TRUE(sink) << sink.error().text();
    const auto piece = "\xd4\xc3\xb2\xa1" + std::string(399'996, 'x');
    const auto bytes = std::as_bytes(std::span{piece});
    ASSERT_TRUE((*sink)->write(bytes));
    const auto first = json::parse(ask("GET", "/captures").body)["captures"][0];
    EXPECT_EQ(first["state"], "receiving");
    EXPECT_EQ(first["received"], 400'000);
    EXPECT_EQ(first["bytes"], 900'000);
    const auto path = cat("/captures/", first["id"].get<std::string>());
    EXPECT_EQ(ask("GET", path).status, 200);
    EXPECT_EQ(ask("DELETE", path, {}, "viewer").status, 403);
    ASSERT_TRUE((*sink)->write(bytes));
    EXPECT_EQ(ask("DELETE", path).status, 204);
    const auto stopped = (*sink)->write(bytes);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, "api.upload-stopped");
    sink->reset();
    EXPECT_EQ(ask("GET", path).status, 404);
    EXPECT_TRUE(uploads.under_way().empty());
}

TEST_F(SeeApi, HowFarAnUploadIsIsAnEvent) {
    const auto client = events.join({"sensor.look"}, "");
    (void)client->take();
    Uploads large{folder.path + "/large", 10'000'000};
    add_capture_handlers(service, captures, large, commands, clock, events, {});
    const auto good = "\xd4\xc3\xb2\xa1" + std::string(2'500'000, 'x');
    ASSERT_EQ(ask("POST", "/captures?name=x.pcap", good).status, 201);
    tell_reading(captures, events);
    const auto text = client->take();
    std::size_t told = 0;
    for (auto at = text.find("data: "); at != text.npos; at = text.find("data: ", at + 1), ++told) {
        const auto data = text.substr(at + 6, text.find('\n', at) - at - 6);
        const auto wrong = service.contract().misfit_of_event(data);
        EXPECT_FALSE(wrong) << data << (wrong ? wrong->where + wrong->what : "");
    }
    EXPECT_EQ(told, 2u) << text; // One comes in; of those in the store one is read.
    EXPECT_TRUE(text.contains(R"("state":"receiving")")) << text;
    EXPECT_TRUE(text.contains(R"("state":"reading")")) << text;
}

TEST_F(SeeApi, AWeaknessHasItsProofAndADecisionIsAPersons) {
    const auto list = json::parse(ask("GET", "/weaknesses").body);
    ASSERT_EQ(list["total"], 1) << list;
    const auto one = list["items"][0];
    EXPECT_EQ(one["verdict"], "affected");
    EXPECT_EQ(one["version_rule"], "in_range");
    EXPECT_EQ(one["facts"][0]["evidence"]["frame"], 9);
    EXPECT_TRUE(one["exploited"]);
    EXPECT_EQ(json::parse(ask("GET", "/devices/d0-1/weaknesses").body)["unsupported"].size(), 1u);
    const auto* good =
        R"({"device":"d0-1","advisory":"EX-1","state":"accepted","reason":"why","until":"2099-01-01"})";
    EXPECT_EQ(ask("PUT", "/weaknesses/state", good, "viewer").status, 403);
    EXPECT_TRUE(commands.commands.empty());
    for (const auto* bad :
         {R"({"device":"d0-1","advisory":"EX-1","state":"accepted","reason":"why"})",
          R"({"device":"d0-1","advisory":"EX-1","state":"accepted","until":"2099-01-01"})",
          R"({"device":"d0-1","advisory":"EX-1","state":"mitigated"})",
          R"({"device":"d0-1","advisory":"EX-1","state":"patched","until":"2099-01-01"})",
          R"({"device":"d0-1","advisory":"EX-1","state":"accepted","reason":"why","until":"2099-13-41"})",
          R"({"device":"d0-1","advisory":"EX-1","state":"exploded"})"})
        EXPECT_EQ(ask("PUT", "/weaknesses/state", bad).status, 400) << bad;
    EXPECT_EQ(
        ask("PUT", "/weaknesses/state", R"({"device":"d0-1","advisory":"EX-9","state":"patched"})").status,
        404);
    EXPECT_EQ(ask("PUT", "/weaknesses/state", good).status, 200)
        << ask("PUT", "/weaknesses/state", good).body;
    EXPECT_EQ(std::get<model::DecideWeakness>(commands.commands.at(0)).device, "d0-1");
    EXPECT_EQ(ask("GET", "/weaknesses/advisories/EX-9").status, 404);
    EXPECT_EQ(ask("GET", "/devices/d0-9/weaknesses").status, 404);
    EXPECT_EQ(ask("DELETE", "/weaknesses/feeds/csaf", {}, "viewer").status, 403);
    EXPECT_EQ(ask("DELETE", "/weaknesses/feeds/csaf").status, 204);
    EXPECT_EQ(ask("DELETE", "/weaknesses/feeds/moon").status, 404);
    EXPECT_EQ(ask("POST", "/weaknesses/feeds?name=x", "hello").status, 400);
    EXPECT_EQ(
        ask("POST", "/weaknesses/feeds?name=x", "cve,epss,percentile\nCVE-2024-1000,0.5,0.5\n", "viewer")
            .status,
        403);
    EXPECT_EQ(ask("POST", "/weaknesses/feeds?name=x", "cve,epss,percentile\nCVE-2024-1000,0.5,0.5\n").status,
              201);
}

TEST_F(SeeApi, UploadsAreWholeOrNotThere) {
    const auto files = [&] {
        return std::distance(std::filesystem::directory_iterator{folder.path + "/uploads"}, {});
    };
    const std::string good{"\xd4\xc3\xb2\xa1 and the rest", 17};
    const auto response = ask("POST", "/captures?name=x.pcap", good);
    ASSERT_EQ(response.status, 201) << response.body;
    const auto& added = std::get<model::AddUpload>(commands.commands.back());
    EXPECT_EQ(added.bytes, good.size());
    EXPECT_EQ(std::filesystem::file_size(cat(folder.path, "/uploads/", added.file)), good.size());
    EXPECT_EQ(files(), 1);
    EXPECT_EQ(ask("POST", "/captures?name=x.pcap", "GIF89a, not packets").status, 400);
    EXPECT_EQ(ask("POST", "/captures?name=x.pcap", good.substr(0, 3)).status, 400);
    EXPECT_EQ(ask("POST", "/captures?name=x.pcap", good + std::string(1'000'000, 'x')).status, 413);
    EXPECT_EQ(files(), 1);
    EXPECT_EQ(ask("POST", "/sample").status, 409);
    std::ofstream{folder.path + "/uploads/left.half"} << "by a crash";
    const Uploads again{folder.path + "/uploads", 1};
    EXPECT_EQ(files(), 1);
}

TEST_F(SeeApi, TheWordsOfAListStandBesideWhatTheyAreOf) {
    for (const auto& one : json::parse(ask("GET", "/operations").body)["operations"])
        EXPECT_EQ(one.contains("comment"), one["whom"].value("id", "") == "d0-2") << one;
    const auto objects = json::parse(ask("GET", "/devices/d0-2/objects").body)["objects"];
    ASSERT_FALSE(objects.empty());
    for (const auto& one : objects) EXPECT_EQ(one["comment"]["list"], "w0-1");
    const auto hits = json::parse(ask("GET", "/search?q=script").body)["hits"];
    EXPECT_TRUE(std::ranges::any_of(hits, [](const json& hit) { return hit["kind"] == "object"; })) << hits;
}

TEST_F(SeeApi, WhatStopsIsAskedOfSomethingThatIsThere) {
    EXPECT_EQ(ask("GET", "/stops").status, 400);
    EXPECT_EQ(ask("GET", "/stops?device=d0-99").status, 404);
    EXPECT_EQ(ask("GET", "/stops?subnet=300.1.2.3/24").status, 400);
    EXPECT_EQ(ask("GET", "/stops/export").status, 400);
    EXPECT_EQ(ask("GET", "/stops/export?device=d0-99").status, 404);
    EXPECT_EQ(ask("GET", "/needs?cursor=x").status, 400);
    const auto stops = json::parse(ask("GET", "/stops?subnet=10.0.0.0/24").body);
    EXPECT_EQ(stops["stop_count"], 2);
    EXPECT_EQ(stops["total"], 0); // Both of them.
}

TEST_F(SeeApi, WhichControllersAListIsOfIsAPersonsWord) {
    const auto edit = [&](std::string_view body, std::string_view role = "admin") {
        return ask("PATCH", "/comments/w0-1", body, role).status;
    };
    EXPECT_EQ(edit(R"({"of":[{"device":"d0-1","unit":"unit 1"}]})"), 200);
    const auto* use = std::get_if<model::UseComments>(&commands.commands.at(0));
    ASSERT_NE(use, nullptr);
    EXPECT_EQ(use->list, 1u);
    ASSERT_EQ(use->uses.size(), 1u);
    EXPECT_EQ(use->uses[0].device, "d0-1");
    EXPECT_EQ(use->uses[0].part, "unit 1");
    EXPECT_EQ(edit(R"({"of":[]})", "viewer"), 403);
    EXPECT_EQ(edit(R"({"of":[{"device":"d0-1","unit":"two\nlines"}]})"), 400);
    EXPECT_EQ(edit("{}"), 400);
    EXPECT_EQ(ask("PATCH", "/comments/w0-9", R"({"of":[]})").status, 404);
    EXPECT_EQ(ask("DELETE", "/comments/w0-1", {}, "viewer").status, 403);
    EXPECT_EQ(ask("DELETE", "/comments/w0-9").status, 404);
    EXPECT_EQ(ask("DELETE", "/comments/w0-1").status, 204);
    EXPECT_TRUE(std::holds_alternative<model::DropComments>(commands.commands.back()));
    EXPECT_EQ(ask("GET", "/comments/none").status, 404);
    EXPECT_EQ(ask("GET", "/comments/w0-9/words").status, 404);
    EXPECT_EQ(ask("GET", "/comments/w0-9/fits").status, 404);
    EXPECT_EQ(ask("POST", "/comments/files/f0-none/preview", R"({"mapping":{"sheet":0}})").status, 404);
    EXPECT_EQ(ask("POST", "/comments/files/f0-none/preview", "{}").status, 400);
    const auto import =
        R"({"mapping":{"sheet":0,"header_row":1,"header_rows":1,"notation":"melsec","columns":[]}})";
    EXPECT_EQ(ask("POST", "/comments/files/f0-none/import", import).status, 404);
    EXPECT_EQ(ask("POST", "/comments/files/f0-none/import", import, "viewer").status, 403);
}

} // namespace
