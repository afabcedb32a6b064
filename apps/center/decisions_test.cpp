// What persons decide is in the journal before it is answered, and stays through restarts and a lost store.
#include "see/ask/permit.h"
#include "see/ledger/rules.h"
#include "tests/support/running_center.h"

using namespace yagura;
using namespace yagura::test;

namespace {

TEST(Center, WhatAPersonSaidIsOnDiskAndStays) {
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    Plant plant{pipe.write};
    const auto state = store::state_file(folder.path);
    std::string device;
    {
        const Running running{folder.path, pipe.read};
        plant.say(10);
        running.wait_for(22);
        for (int i = 0; i < 300 && ask(state, "SELECT count(*) FROM shown") != 2; ++i)
            std::this_thread::sleep_for(10ms);
        device = cat("d0-", ask(state, "SELECT min(device) FROM shown"));
        ASSERT_TRUE(running.center->run(model::CorrectDevice{device, "name", "Press 2"}, "tanaka"));
        const auto line = running.center->run(model::CreateLine{"Line 1", {"10.0.0.0/24"}}, "tanaka");
        ASSERT_TRUE(line);
        EXPECT_EQ(line->id, "l0-1");
        EXPECT_EQ(running.center->run(model::CreateLine{"Line 1", {}}, "tanaka").error().code,
                  "model.name-taken");
        EXPECT_EQ(running.center->run(model::CreateLine{"x", {"10.0.0.0/99"}}, "tanaka").error().code,
                  "model.bad-subnet");
        EXPECT_EQ(running.center->run(model::CorrectDevice{"d0-999", "name", "x"}, "tanaka").error().code,
                  "model.no-such-device");
        EXPECT_EQ(running.center->run(model::AddUpload{"a", "../state.sqlite", 1}, "tanaka").error().code,
                  "model.bad-value");
    }
    EXPECT_EQ(ask(state, "SELECT count(*) FROM shown WHERE name = 'Press 2' AND corrected = 1"), 1);
    EXPECT_EQ(ask(state, "SELECT count(*) FROM shown WHERE line = 1"), 2);
    {
        const Running again{folder.path, pipe.read};
        ASSERT_TRUE(again.center->run(model::CorrectDevice{device, "name", std::nullopt}, "tanaka"));
        ASSERT_TRUE(again.center->run(model::DeleteLine{"l0-1"}, "tanaka"));
    }
    EXPECT_EQ(ask(state, "SELECT count(*) FROM shown WHERE corrected = 1 OR line IS NOT NULL"), 0);
    EXPECT_EQ(ask(state, "SELECT count(*) FROM line"), 0);
    ::close(pipe.read), ::close(pipe.write);
}

TEST(Center, RulesOfWhoseDevicesAreStandAndGoWithWhatTheySaid) {
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    Plant plant{pipe.write};
    const auto state = store::state_file(folder.path);
    const auto with = [&](std::string_view what) {
        return ask(state, cat("SELECT count(*) FROM shown WHERE ", what));
    };
    const auto order = [&] { return ask(state, "SELECT sum(place * id) FROM ledger_rule"); };
    see::ledger::Rule rule{.subnet = "10.0.0.0/24", .line = 1};
    std::string one;
    {
        const Running running{folder.path, pipe.read};
        plant.say(10);
        running.wait_for(22);
        for (int i = 0; i < 300 && with("1") != 2; ++i) std::this_thread::sleep_for(10ms);
        one = cat("d0-", ask(state, "SELECT min(device) FROM shown"));
        auto& center = *running.center;
        const auto put = [&](std::optional<std::uint64_t> id) {
            const auto done = center.run(model::PutLedgerRule{id, see::ledger::text_of(rule)}, "tanaka");
            return done ? done->id : std::string{done.error().code};
        };
        EXPECT_EQ(put({}), "model.no-such-line");
        ASSERT_TRUE(center.run(model::CreateLine{"Press", {}}, "tanaka"));
        ASSERT_TRUE(center.run(model::CreateLine{"Weld", {}}, "tanaka"));
        EXPECT_EQ(put({}), "r0-1");
        EXPECT_EQ(put(7), "model.no-such-rule");
        EXPECT_EQ(center.run(model::PutLedgerRule{{}, "x"}, "tanaka").error().code, "model.bad-value");
        EXPECT_EQ(center.run(model::DropLedgerRule{9}, "tanaka").error().code, "model.no-such-rule");
    }
    EXPECT_EQ(with("line = 1 AND line_rule = 1"), 2);
    EXPECT_EQ(ask(state,
                  "SELECT count(*) FROM shown_fact WHERE attribute = 'line' AND by = 'rule' AND rule = "
                  "'10.0.0.0/24'"),
              2);
    {
        const Running again{folder.path, pipe.read};
        auto& center = *again.center;
        rule.line = 2;
        ASSERT_TRUE(center.run(model::PutLedgerRule{{}, see::ledger::text_of(rule)}, "tanaka"));
        // A person's word comes first, and so does a line's own subnet.
        ASSERT_TRUE(center.run(model::CorrectDevice{one, "line", "l0-2"}, "tanaka"));
    }
    EXPECT_EQ(with("line = 1 AND line_rule = 1"), 1);
    EXPECT_EQ(with("line = 2 AND line_rule = 0"), 1);
    EXPECT_EQ(order(), 1 * 1 + 2 * 2);
    {
        const Running again{folder.path, pipe.read};
        auto& center = *again.center;
        EXPECT_EQ(center.run(model::OrderLedgerRules{{2}}, "tanaka").error().code, "model.rules-changed");
        EXPECT_EQ(center.run(model::OrderLedgerRules{{2, 2}}, "tanaka").error().code, "model.rules-changed");
        ASSERT_TRUE(center.run(model::OrderLedgerRules{{2, 1}}, "tanaka"));
        ASSERT_TRUE(center.run(model::CorrectDevice{one, "line", std::nullopt}, "tanaka"));
    }
    const auto as_answered = [&] {
        EXPECT_EQ(with("line = 2 AND line_rule = 2"), 2);
        EXPECT_EQ(order(), 1 * 2 + 2 * 1);
    };
    as_answered();
    for (const auto* end : {"", "-wal", "-shm"}) fs::remove(state + end); // The journal makes it anew.
    {
        const Running again{folder.path, pipe.read};
    }
    as_answered();
    {
        const Running again{folder.path, pipe.read};
        ASSERT_TRUE(again.center->run(model::DropLedgerRule{2}, "tanaka"));
        ASSERT_TRUE(again.center->run(model::DeleteLine{"l0-1"}, "tanaka"));
    }
    EXPECT_EQ(with("line IS NOT NULL OR line_rule <> 0"), 0); // What came only of it went with it.
    EXPECT_EQ(ask(state, "SELECT count(*) FROM ledger_rule"), 1);
    ::close(pipe.read), ::close(pipe.write);
}

TEST(Center, FeedsAndDecisionsAboutWeaknessesAreInTheJournal) {
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    const auto state = store::state_file(folder.path), feeds = store::feed_folder(folder.path);
    fs::create_directories(feeds);
    store::FeedText text;
    text.add("csaf", {"EX-1", "d", R"({"id":"EX-1"})"});
    text.add("kev", {"CVE-2024-1000", "n", "2024-01-01", "2024-02-01", "0"});
    text.add("of a newer version", {"x"});
    const auto whole = std::move(text).take();
    std::ofstream{feeds + "/a"} << whole;
    std::ofstream{feeds + "/cut"} << whole.substr(0, whole.size() - 3);
    {
        const Running running{folder.path, pipe.read};
        auto& center = *running.center;
        ASSERT_TRUE(center.run(model::TakeFeed{"a.zip", "a"}, "tanaka"));
        ASSERT_TRUE(
            center.run(model::TakeFeed{"cut.zip", "cut"}, "tanaka")); // Told as lost, and changes nothing.
        EXPECT_EQ(ask(state, "SELECT count(*) FROM advisory"), 1);
        EXPECT_EQ(ask(state, "SELECT count(*) FROM exploited"), 1);
        EXPECT_EQ(center.counters().feeds_passed_over, 1u);
        EXPECT_EQ(center.run(model::TakeFeed{"x", "../a"}, "tanaka").error().code, "model.bad-value");
        EXPECT_EQ(center.run(model::DecideWeakness{"d0-77", "x"}, "tanaka").error().code,
                  "model.no-such-device");
        ASSERT_TRUE(center.run(model::DropFeed{"kev"}, "tanaka"));
        EXPECT_EQ(ask(state, "SELECT count(*) FROM exploited"), 0);
    }
    for (const auto* end : {"", "-wal", "-shm"}) fs::remove(state + end);
    {
        const Running again{folder.path, pipe.read};
    }
    EXPECT_EQ(ask(state, "SELECT count(*) FROM advisory"), 1);
    EXPECT_EQ(ask(state, "SELECT count(*) FROM exploited"), 0);
    EXPECT_EQ(ask(state, "SELECT sum(version) FROM feed"), 3);
    ::close(pipe.read), ::close(pipe.write);
}

TEST(Center, WhoMayBeOnTheNetworkIsKeptThroughEverything) {
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    Plant plant{pipe.write};
    const auto state = store::state_file(folder.path);
    const auto with = [&](std::string_view what) {
        return ask(state, cat("SELECT count(*) FROM shown WHERE ", what));
    };
    using What = model::DecideDevices::What;
    std::string one, two;
    {
        const Running running{folder.path, pipe.read};
        plant.say(10);
        running.wait_for(22);
        for (int i = 0; i < 300 && with("1") != 2; ++i) std::this_thread::sleep_for(10ms);
        one = cat("d0-", ask(state, "SELECT min(device) FROM shown"));
        two = cat("d0-", ask(state, "SELECT max(device) FROM shown"));
        EXPECT_EQ(with("approval = 0 AND approval_why = 'new'"), 2);
        const auto decide = [&](std::vector<std::string> devices, What what, std::string reason = {},
                                std::optional<observe::Time> until = {}) {
            const auto done = running.center->run(
                model::DecideDevices{std::move(devices), what, until, std::move(reason)}, "tanaka");
            return done ? std::string{} : std::string{done.error().code};
        };
        const auto now = std::chrono::time_point_cast<std::chrono::nanoseconds>(
            std::chrono::system_clock::now());
        EXPECT_EQ(decide({one, "d0-999"}, What::approved), "model.no-such-device");
        EXPECT_EQ(with("approval = 0"), 2); // All or none.
        EXPECT_EQ(decide({}, What::approved), "model.bad-value");
        EXPECT_EQ(decide({one}, What::rejected), "model.no-reason");
        EXPECT_EQ(decide({one}, What::temporary, "", now + 24h), "model.no-reason");
        EXPECT_EQ(decide({one}, What::temporary, "service"), "model.bad-date");
        EXPECT_EQ(decide({one}, What::temporary, "service", now - 1s), "model.bad-date");
        EXPECT_EQ(decide({one}, What::temporary, "service", now + std::chrono::days{400}), "model.bad-date");
        EXPECT_EQ(decide({one, two}, What::approved), "");
        EXPECT_EQ(with("approval = 1 AND approval_who = 'tanaka'"), 2); // Whoever reads next finds it.
        EXPECT_EQ(decide({two}, What::temporary, "外注の調整", now + 24h), "");
        EXPECT_EQ(with("approval = 3 AND approval_reason = '外注の調整'"), 1);
        EXPECT_EQ(ask(state, "SELECT count(*) FROM change WHERE kind = 'approval' AND who = 'tanaka'"), 3);
    }
    const auto as_answered = [&] {
        EXPECT_EQ(with("approval = 1"), 1);
        EXPECT_EQ(with("approval = 3 AND approval_until > 0"), 1);
    };
    as_answered();
    {
        const Running again{folder.path, pipe.read};
    }
    as_answered();
    for (const auto* end : {"", "-wal", "-shm"}) fs::remove(state + end); // The journal makes it anew.
    {
        const Running again{folder.path, pipe.read};
    }
    as_answered();
    {
        const Running running{folder.path, pipe.read};
        // Two that are one: the stricter word holds, and is given back with the devices' marks.
        ASSERT_TRUE(running.center->run(model::MergeDevices{two, one}, "tanaka"));
        EXPECT_EQ(with("1"), 1);
        EXPECT_EQ(with("approval = 3"), 1);
        ASSERT_TRUE(running.center->run(model::DecideDevices{{one}, What::undecided, {}, ""}, "tanaka"));
        EXPECT_EQ(with("approval = 0 AND approval_why = 'new'"), 1);
        EXPECT_EQ(ask(state, "SELECT count(*) FROM approval"), 0);
    }
    ::close(pipe.read), ::close(pipe.write);
}

TEST(Center, MergesAndSplitsAreTakenBackToTheByte) {
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    Plant plant{pipe.write};
    const auto state = store::state_file(folder.path);
    // Everything that lists, pages and history are made of.
    const auto stands = [&] {
        std::string out;
        auto database = store::Database::open(state, store::Database::Mode::reader).value();
        for (const std::string_view rows :
             {"SELECT device || name || address || hex(address_key) || mac || approval || first || last || "
              "words "
              "FROM shown ORDER BY device",
              "SELECT device || ' ' || place || attribute || value || rule || chosen || first || last FROM "
              "shown_fact "
              "ORDER BY device, place",
              "SELECT id || ' ' || node || ' ' || device || ' ' || begins || ' ' || ifnull(ends, 0) || ' ' "
              "|| by || "
              "rule || strength || ' ' || replaces FROM link ORDER BY id",
              "SELECT id || ' ' || state || ' ' || first || ' ' || last FROM device WHERE gone = 0 ORDER BY "
              "id",
              "SELECT node || attribute || value FROM correction ORDER BY node, attribute",
              "SELECT node || ' ' || state || reason FROM approval ORDER BY node",
              "SELECT kind || ' ' || device FROM change WHERE kind = 'new_device' ORDER BY id"}) {
            auto statement = database.prepare(rows).value();
            EXPECT_TRUE(statement.each([&](const store::Row& row) { out += row.string(0) + "\n"; }));
        }
        return out;
    };
    /// Every row of every table, but of what remembers that it was done: the list of regroupings, how far
    /// the journal was read, and the number of a device that was made and is gone: nobody gets it again.
    const auto whole = [&] {
        auto file = store::Database::open(state, store::Database::Mode::reader).value();
        std::vector<std::string> tables;
        auto names =
            file.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND "
                         "name NOT LIKE 'sqlite_%' AND name NOT IN ('mark', 'regrouping') ORDER BY name")
                .value();
        EXPECT_TRUE(names.each([&](const store::Row& row) { tables.push_back(row.string(0)); }));
        EXPECT_GT(tables.size(), 25u);
        std::string out;
        for (const auto& table : tables) {
            auto columns = file.prepare("SELECT group_concat('quote(\"' || name || '\")', '||''|''||') FROM "
                                        "pragma_table_info(?1)")
                               .value();
            const auto all =
                columns.one([](const store::Row& row) { return row.string(0); }, table).value().value();
            auto rows = file.prepare(cat("SELECT ", all, " FROM ", table,
                                         table == "device" ? " WHERE gone = 0" : "", " ORDER BY 1"))
                            .value();
            EXPECT_TRUE(rows.each([&](const store::Row& row) { out += cat(table, " ", row.text(0), "\n"); }));
        }
        return out;
    };
    std::string one, two, before, all;
    std::uint64_t merge = 0, split = 0;
    {
        const Running running{folder.path, pipe.read};
        plant.say(10);
        running.wait_for(22);
        for (int i = 0; i < 300 && ask(state, "SELECT count(*) FROM shown") != 2; ++i)
            std::this_thread::sleep_for(10ms);
        one = cat("d0-", ask(state, "SELECT min(device) FROM shown"));
        two = cat("d0-", ask(state, "SELECT max(device) FROM shown"));
        auto& center = *running.center;
        ASSERT_TRUE(center.run(model::CorrectDevice{one, "name", "Press 2"}, "tanaka"));
        ASSERT_TRUE(center.run(model::CorrectDevice{one, "role", "robot"}, "tanaka"));
        ASSERT_TRUE(
            center.run(model::DecideDevices{{two}, model::DecideDevices::What::approved, {}, ""}, "tanaka"));
    }
    {
        const Running running{folder.path, pipe.read}; // Everything is drawn anew.
        auto& center = *running.center;
        before = stands();
        all = whole();
        merge = center.run(model::MergeDevices{two, one}, "tanaka")->record;
        ASSERT_NE(merge, 0u);
        EXPECT_EQ(ask(state, "SELECT count(*) FROM shown"), 1);
        EXPECT_EQ(ask(state, "SELECT count(*) FROM shown WHERE name = 'Press 2' AND role = 'robot'"), 1);
        EXPECT_NE(stands(), before);
        const auto split_off = [&](std::vector<std::string> addresses) {
            return center.run(model::SplitDevice{one, std::move(addresses)}, "tanaka");
        };
        EXPECT_EQ(split_off({"10.9.9.9"}).error().code, "model.no-such-address");
        EXPECT_EQ(split_off({}).error().code, "model.bad-value");
        EXPECT_EQ(split_off({"02:00:00:00:00:01", "02:00:00:00:00:02", "10.0.0.1", "10.0.0.2"}).error().code,
                  "model.bad-value"); // Something stays.
        const auto done = split_off({"02:00:00:00:00:01"});
        ASSERT_TRUE(done) << done.error().text();
        split = done->record;
        EXPECT_EQ(ask(state, "SELECT count(*) FROM shown"), 2);
        EXPECT_EQ(center.run(model::UndoRegrouping{merge}, "tanaka").error().code, "model.not-latest");
        EXPECT_EQ(center.run(model::UndoRegrouping{999'999}, "tanaka").error().code,
                  "model.no-such-regrouping");
    }
    {
        const Running again{folder.path, pipe.read};
        ASSERT_TRUE(again.center->run(model::UndoRegrouping{split}, "sato"));
        EXPECT_EQ(again.center->run(model::UndoRegrouping{split}, "sato").error().code,
                  "model.no-such-regrouping");
        ASSERT_TRUE(again.center->run(model::UndoRegrouping{merge}, "sato"));
        EXPECT_EQ(stands(), before);
    }
    EXPECT_EQ(stands(), before);
    EXPECT_EQ(whole(), all);
    for (const auto* end : {"", "-wal", "-shm"}) fs::remove(state + end); // The journal makes it anew.
    {
        const Running again{folder.path, pipe.read};
    }
    EXPECT_EQ(ask(state, "SELECT count(*) FROM shown"), 2);
    EXPECT_EQ(ask(state, "SELECT count(*) FROM link WHERE by = 2"), 0);
    EXPECT_EQ(ask(state, "SELECT count(*) FROM regrouping WHERE undone_at <> 0"), 2);
    ::close(pipe.read), ::close(pipe.write);
}

TEST(Center, ListsOfDeviceCommentsAreInTheJournalBeforeTheyAreAnswered) {
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    const auto state = store::state_file(folder.path), lists = store::comment_folder(folder.path);
    fs::create_directories(lists);
    const auto file = [&](const char* name, std::string comment) {
        std::ofstream{lists + "/" + name} << store::text_of(
            store::CommentFile{"gx_works", "melsec", {{"D100", "D0100", "", "", comment, false}}});
    };
    file("a", "ワーク有り");
    file("b", "ワーク在席");
    file("c", "別のPLC");
    {
        const Running running{folder.path, pipe.read};
        auto& center = *running.center;
        const auto made = center.run(model::PutComments{std::nullopt, "溶接.csv", "a"}, "tanaka");
        ASSERT_TRUE(made);
        EXPECT_EQ(made->id, "w0-1");
        ASSERT_TRUE(center.run(model::PutComments{1, "溶接.csv", "b"}, "tanaka"));
        EXPECT_EQ(center.run(model::PutComments{std::nullopt, "2.csv", "c"}, "tanaka")->id, "w0-2");
        ASSERT_TRUE(center.run(model::DropComments{2}, "tanaka"));
        EXPECT_EQ(center.run(model::DropComments{2}, "tanaka").error().code, "model.no-such-list");
        EXPECT_EQ(center.run(model::PutComments{2, "2.csv", "c"}, "tanaka").error().code,
                  "model.no-such-list");
        EXPECT_EQ(center.run(model::PutComments{std::nullopt, "x", "../a"}, "tanaka").error().code,
                  "model.bad-value");
        EXPECT_EQ(center.run(model::UseComments{1, {{"d0-77", ""}}}, "tanaka").error().code,
                  "model.no-such-device");
        ASSERT_TRUE(center.run(model::UseComments{1, {}}, "tanaka"));
    }
    const auto as_answered = [&] {
        EXPECT_EQ(ask(state, "SELECT count(*) FROM comment_list"), 1);
        EXPECT_EQ(
            ask(state, "SELECT count(*) FROM comment_word WHERE comment = 'ワーク在席' AND object = 'd100'"),
            1);
        EXPECT_EQ(ask(state, "SELECT count(*) FROM comment_word"), 1);
    };
    as_answered();
    for (const auto* end : {"", "-wal", "-shm"}) fs::remove(state + end);
    {
        const Running again{folder.path, pipe.read};
        // Ids are given once.
        EXPECT_EQ(again.center->run(model::PutComments{std::nullopt, "3.csv", "c"}, "tanaka")->id, "w0-3");
        ASSERT_TRUE(again.center->run(model::DropComments{3}, "tanaka"));
    }
    as_answered();
    ::close(pipe.read), ::close(pipe.write);
}

TEST(Center, WhatMayBeAskedIsWhatAPersonApprovedAndAStopIsInEffectBeforeItIsWrittenDown) {
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    const auto state = store::state_file(folder.path), permit = folder.path + "/permit";
    const auto start = [&] {
        auto center = center::Center::start(
            {.data = folder.path, .pipes = {pipe.read}, .sensor = "/nonexistent", .permit = permit});
        EXPECT_TRUE(center) << center.error().text();
        return std::move(*center);
    };
    struct Allowed {
        see::ask::PermitHead head;
        std::string plan;
    };
    const auto allowed = [&] {
        std::ifstream file{permit, std::ios::binary};
        const std::string all{std::istreambuf_iterator<char>{file}, {}};
        const auto bytes = std::as_bytes(std::span{all});
        const auto head = see::ask::permit_head(bytes.first(see::ask::permit_head_bytes)).value();
        auto plan = all.substr(see::ask::permit_head_bytes, head.plan_bytes);
        EXPECT_TRUE(!head.go || see::ask::is_plan_of(head, std::as_bytes(std::span{plan})));
        return Allowed{head, std::move(plan)};
    };
    const auto subnet = [](std::string_view name, int network) {
        return cat("[[subnet]]\nname = \"", name, "\"\nnetwork = \"10.2.", network,
                   ".0/24\"\naddresses = [\"10.2.", network,
                   ".10\"]\nservices = [\"cip\"]\nwindows = [\"Mon-Sun 00:00-24:00\"]\n");
    };
    {
        const auto center = start();
        EXPECT_FALSE(allowed().head.go);
        EXPECT_EQ(center->run(model::ApproveAsking{0, "x"}, "sato").error().code, "model.nothing-drafted");
        EXPECT_EQ(center->run(model::DraftAsking{0, "[[subnet]]"}, "sato").error().code, "ask.bad-plan");
        ASSERT_TRUE(center->run(model::DraftAsking{0, subnet("溶接", 3)}, "sato"));
        EXPECT_EQ(center->run(model::DraftAsking{0, ""}, "tanaka").error().code, "model.asking-changed");
        EXPECT_FALSE(allowed().head.go); // A draft is asked of nobody.
        EXPECT_EQ(center->run(model::ApproveAsking{0, "x"}, "tanaka").error().code, "model.asking-changed");
        EXPECT_EQ(center->run(model::ApproveAsking{1, ""}, "tanaka").error().code, "model.no-reason");
        ASSERT_TRUE(center->run(model::ApproveAsking{1, "型式"}, "tanaka"));
        EXPECT_TRUE(allowed().head.go);
        EXPECT_TRUE(allowed().plan.contains("approved-by = \"tanaka\"")) << allowed().plan;
        // What is drawn up afterwards is not asked either.
        ASSERT_TRUE(center->run(model::DraftAsking{1, cat(subnet("溶接", 3), subnet("塗装", 4))}, "sato"));
        EXPECT_FALSE(allowed().plan.contains("10.2.4"));
        ASSERT_TRUE(center->run(model::ApproveAsking{2, "塗装も"}, "admin"));
        EXPECT_TRUE(allowed().plan.contains("10.2.4"));
        EXPECT_TRUE(allowed().plan.contains("approved-by = \"tanaka\"")); // Of the one that stayed as it was.
        EXPECT_TRUE(allowed().plan.contains("approved-by = \"admin\""));
        const auto before = allowed().head.pulse;
        for (int i = 0; i < 500 && allowed().head.pulse == before; ++i) std::this_thread::sleep_for(10ms);
        EXPECT_GT(allowed().head.pulse, before);
    }
    EXPECT_FALSE(allowed().head.go); // Without a center nobody could stop it.
    for (const auto* end : {"", "-wal", "-shm"}) fs::remove(state + end);
    {
        const auto center = start(); // From the journal.
        EXPECT_TRUE(allowed().head.go);
        EXPECT_TRUE(allowed().plan.contains("approved-by = \"tanaka\""));
        ASSERT_TRUE(center->run(model::StopAsking{"試運転"}, "suzuki"));
        EXPECT_FALSE(allowed().head.go);
        EXPECT_EQ(ask(state, "SELECT count(*) FROM asking WHERE running = 0 AND version = 2"), 1);
        EXPECT_EQ(ask(state, "SELECT count(*) FROM asking_decision"), 3);
        EXPECT_EQ(ask(state, "SELECT count(*) FROM asking_decision WHERE what = 'stopped' AND who = 'suzuki' "
                             "AND why = '試運転'"),
                  1);
    }
    {
        const auto center = start();
        EXPECT_FALSE(allowed().head.go);
        ASSERT_TRUE(center->run(model::ApproveAsking{2, "再開"}, "admin"));
        EXPECT_TRUE(allowed().head.go);
    }
    ::close(pipe.read), ::close(pipe.write);
}

TEST(Center, ALedgerIsInTheJournalBeforeItIsAnswered) {
    const Folder folder;
    const auto pipe = journal::make_pipe().value();
    const auto state = store::state_file(folder.path), ledgers = store::ledger_folder(folder.path);
    fs::create_directories(ledgers);
    const auto entry = [](std::uint64_t id, std::string name) {
        store::LedgerRow row{.id = id, .accepted = "[]"};
        row.values[1] = std::move(name);
        return row;
    };
    std::ofstream{ledgers + "/a"} << store::text_of(std::vector{entry(1, "one"), entry(2, "two")});
    {
        const Running running{folder.path, pipe.read};
        auto& center = *running.center;
        ASSERT_TRUE(center.run(model::ReplaceLedger{"台帳.csv", "a", 0, 2}, "tanaka"));
        EXPECT_EQ(ask(state, "SELECT count(*) FROM ledger_entry"), 2);
        EXPECT_EQ(center.run(model::ReplaceLedger{"台帳.csv", "a", 0, 2}, "suzuki").error().code,
                  "model.ledger-changed");
        EXPECT_EQ(center.run(model::ReplaceLedger{"x", "../a", 1, 2}, "tanaka").error().code,
                  "model.bad-value");
        EXPECT_EQ(center.run(model::PutLedgerEntry{std::nullopt, "no entry"}, "tanaka").error().code,
                  "model.bad-value");
        const auto made = center.run(model::PutLedgerEntry{std::nullopt, store::text_of(entry(0, "three"))},
                                     "tanaka");
        ASSERT_TRUE(made);
        EXPECT_EQ(made->id, "e0-3");
        ASSERT_TRUE(center.run(model::PutLedgerEntry{1, store::text_of(entry(1, "one, moved"))}, "tanaka"));
        ASSERT_TRUE(center.run(model::DropLedgerEntry{2}, "tanaka"));
    }
    const auto as_answered = [&] {
        EXPECT_EQ(ask(state, "SELECT count(*) FROM ledger_entry WHERE name IN ('one, moved', 'three')"), 2);
        EXPECT_EQ(ask(state, "SELECT count(*) FROM ledger_entry"), 2);
        EXPECT_EQ(ask(state, "SELECT version FROM ledger"), 4);
    };
    as_answered();
    // The state is lost: the journal makes it anew.
    for (const auto* end : {"", "-wal", "-shm"}) fs::remove(state + end);
    {
        const Running again{folder.path, pipe.read};
        EXPECT_EQ(again.center->run(model::ReplaceLedger{"台帳.csv", "a", 3, 3}, "tanaka").error().code,
                  "model.ledger-changed");
    }
    as_answered();
    ::close(pipe.read), ::close(pipe.write);
}

} // namespace
