// Every operation of see/api.yaml over a store with hostile names in it: what comes out fits the contract,
// which the service checks here on every answer.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <set>

#include "see/api/answers.h"
#include "see/api/approvals_api.h"
#include "see/api/captures_api.h"
#include "see/api/comments_api.h"
#include "see/api/devices_api.h"
#include "see/api/ledger_api.h"
#include "see/api/needs_api.h"
#include "see/api/operations_api.h"
#include "see/api/overview_api.h"
#include "see/api/states_api.h"
#include "see/api/traffic_api.h"
#include "see/api/weaknesses_api.h"
#include "see/api/words.h"
#include "spine/store/writer.h"
#include "tests/support/account_book.h"

using namespace yagura;
using namespace yagura::see;
using namespace std::chrono_literals;

namespace {

struct Recorded final : model::Commands {
    Result<model::Done> run(model::Command command, std::string_view who) override {
        if (refuse) return std::unexpected{*std::exchange(refuse, std::nullopt)};
        if (const auto* correct = std::get_if<model::CorrectDevice>(&command);
            correct && correct->device != "d0-1")
            return std::unexpected{
                Complaint{.code = "model.no-such-device", .what = "there is no such device"}};
        if (const auto* edit = std::get_if<model::EditLine>(&command); edit && edit->line != "l0-1")
            return std::unexpected{Complaint{.code = "model.no-such-line", .what = "there is no such line"}};
        if (const auto* gone = std::get_if<model::DeleteLine>(&command); gone && gone->line != "l0-1")
            return std::unexpected{Complaint{.code = "model.no-such-line", .what = "there is no such line"}};
        if (const auto* merge = std::get_if<model::MergeDevices>(&command)) {
            if (merge->from == merge->into)
                return std::unexpected{
                    Complaint{.code = "model.bad-value", .what = "a device cannot be merged into itself"}};
            if (merge->from != "d0-1" || merge->into != "d0-2")
                return std::unexpected{
                    Complaint{.code = "model.no-such-device", .what = "there is no such device"}};
        }
        if (std::holds_alternative<model::RemoveUpload>(command))
            return std::unexpected{
                Complaint{.code = "model.no-such-upload", .what = "there is no such capture"}};
        commands.push_back(std::move(command));
        people.emplace_back(who);
        return model::Done{observe::Time{1'700'000'000s}, "c0-1"};
    }
    std::vector<model::Command> commands;
    std::vector<std::string> people;
    std::optional<Complaint> refuse; ///< the next one
};

struct Folder {
    Folder() {
        char made[] = "/tmp/yagura-see-api-XXXXXX";
        path = ::mkdtemp(made);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string path;
};

const std::string hostile = "<script>\x1b[2J\xff\xfe" + std::string(2'000, 'x');

model::NodeId ip_node(std::uint64_t device) { return {device * 10}; }

/// Two devices that did everything to each other that a row can tell of, under names nobody should have.
store::Batch hostile_plant() {
    store::Batch out;
    const observe::Time begin{1'700'000'000s}, end = begin + 1h;
    out.arrival = 1'000;
    out.latest = end;
    store::SourceRow source;
    source.id = 1;
    source.sensor = hostile;
    source.boot = 1;
    source.interface = hostile;
    source.sensor_name = hostile;
    source.live = true;
    source.first = begin;
    source.last = source.heard = end;
    source.packets = 900;
    source.dropped = 100;
    source.forgotten = 3;
    source.one_sided = true;
    out.sources.push_back(source);
    source.id = 2;
    source.boot = 2;
    source.live = false;
    source.upload = 1;
    source.interface = "0";
    out.sources.push_back(source);
    for (const auto* state : {"waiting", "reading", "read", "damaged", "failed", "cancelled", "removing"}) {
        store::UploadRow upload;
        upload.id = static_cast<std::int64_t>(out.uploads.size()) + 1;
        upload.name = upload.file = upload.who = hostile;
        upload.state = state;
        upload.bytes = upload.bytes_read = upload.packets = UINT64_MAX >> 12;
        upload.at = upload.finished = end;
        upload.damage = hostile;
        upload.damage_packet = 7;
        out.uploads.push_back(std::move(upload));
    }
    out.lines.push_back( // A person's word: the contract has looked at it.
        {1, "<script>溶接2号", {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 0}, 120}}, false});
    for (std::uint64_t n = 1; n <= 2; ++n) {
        std::string ip(16, '\0');
        ip[10] = ip[11] = '\xff';
        ip[12] = 10, ip[15] = static_cast<char>(n);
        out.rows.nodes.push_back(
            {ip_node(n), {.kind = model::Node::Kind::ip, .mark = ip}, begin, end, model::State::confirmed});
        out.rows.devices.push_back({model::DeviceId{n}, begin, end, model::State::confirmed, false});
        out.rows.links.push_back({.by = model::Link::By::rule,
                                  .id = {n},
                                  .node = ip_node(n),
                                  .device = {n},
                                  .from = begin,
                                  .rule = hostile});
        out.rows.services.push_back({ip_node(n), hostile, 6, 502, begin, end});
        out.rows.neighbours.push_back({ip_node(n), "lldp", hostile, hostile, hostile, begin, end});
        store::ShownRow shown;
        shown.device = model::DeviceId{n};
        shown.name = shown.vendor = shown.product = shown.firmware = shown.serial = shown.os = hostile;
        shown.switch_port = shown.run_state = shown.mac = hostile;
        shown.address = cat("10.0.0.", n);
        shown.role = "no such role";
        shown.level = n == 1 ? "1" : "no such level";
        shown.protocols = cat(" modbus ", hostile, " ");
        shown.line = 1;
        shown.vlan = 0xffff;
        shown.state = model::State::confirmed;
        shown.words = "script";
        shown.first = begin;
        shown.last = end;
        for (const auto* attribute : {"vendor", "role hint", "no such attribute", "module"})
            shown.facts.push_back({.attribute = attribute,
                                   .value = hostile,
                                   .by = "protocol",
                                   .protocol = hostile,
                                   .rule = hostile,
                                   .part = hostile,
                                   .confidence = 255,
                                   .chosen = true,
                                   .first = begin,
                                   .last = end,
                                   .source = 1,
                                   .frame = 7,
                                   .offset = 54});
        // What an advisory of tests/weakness means.
        if (n == 1)
            for (const auto& [attribute, value] :
                 {std::pair{"vendor", "Siemens AG"}, std::pair{"product", "SIMATIC BOX 1000"},
                  std::pair{"firmware", "V2.8"},
                  std::pair{"os", "Windows 7 SP1 or Server 2008 R2 SP1 (build 7601)"}})
                shown.facts.push_back({.attribute = attribute,
                                       .value = value,
                                       .by = "protocol",
                                       .protocol = "s7comm",
                                       .confidence = 90,
                                       .chosen = true,
                                       .first = begin,
                                       .last = end,
                                       .source = 1,
                                       .frame = 9,
                                       .offset = 54});
        for (const auto* path : {"rack 0 slot 2", "slot", "slot 99999", "unit 1"})
            shown.parts.push_back({path, "", "", "", "", "", begin, end});
        shown.parts.push_back({hostile, hostile, hostile, hostile, hostile, hostile, begin, end});
        out.shown.push_back(std::move(shown));
    }
    model::ConversationRow talk;
    talk.client = ip_node(1), talk.server = ip_node(2);
    talk.protocol = hostile;
    talk.carrier = 6, talk.port = 502, talk.vlan = 0xffff;
    talk.packets[0] = talk.bytes[0] = UINT64_MAX >> 12;
    talk.first = begin, talk.last = end;
    talk.source = 1;
    out.rows.conversations.push_back(talk);
    model::PairRow pair;
    pair.peer = ip_node(1), pair.node = ip_node(2);
    pair.protocol = pair.function = pair.part = hostile;
    pair.act = observe::Act::write;
    pair.messages = pair.refusals = UINT64_MAX >> 12;
    pair.first = begin, pair.last = end;
    out.rows.pairs.push_back(pair);
    out.evidence.push_back({1, 7, 54, std::vector(4'096, std::byte{0xab})});
    for (const auto* kind :
         {"new_device", "quiet", "back", "first_act", "firmware", "address", "name", "part", "correction"})
        out.changes.push_back({.at = end,
                               .kind = kind,
                               .device = {1},
                               .peer = model::DeviceId{2},
                               .act = observe::Act::write,
                               .protocol = hostile,
                               .attribute = "no such attribute",
                               .old_value = hostile,
                               .new_value = hostile,
                               .who = hostile,
                               .source = 1,
                               .frame = UINT64_MAX});
    for (std::uint64_t i = 1; i <= 20; ++i) {
        store::OperationItem op;
        op.arrival = i;
        op.source = 1;
        op.at = op.last = begin + std::chrono::minutes{i};
        op.who = ip_node(1), op.whom = ip_node(i == 20 ? 77 : 2); // The last at nobody that is known.
        op.act = static_cast<observe::Act>(i);
        op.protocol = op.function = op.part = op.object = op.value = hostile;
        op.code = op.status = UINT32_MAX;
        op.outcome = static_cast<observe::Outcome>(i % 4);
        op.many = i % 2 == 0;
        op.messages = op.refusals = UINT64_MAX >> 12;
        op.message = std::vector(4'096, std::byte{0x7f});
        out.operations.push_back(std::move(op));
    }
    std::uint64_t arrival = 20;
    for (const std::string_view state :
         {std::string_view{"run"}, std::string_view{"key switch remote"}, std::string_view{"run"},
          std::string_view{"stop"}, std::string_view{"run"}, std::string_view{hostile}}) {
        store::ToldItem told;
        told.arrival = ++arrival;
        told.source = 1;
        told.at = begin + std::chrono::minutes{arrival};
        told.kind = journal::Kind::identity;
        told.who = ip_node(1);
        told.protocol = "cip";
        told.value = state;
        out.told.push_back(std::move(told));
    }
    out.coverage.push_back({60, 1, begin, {.packets = 900, .bytes = 9'000, .dropped = 100}});
    out.lost.push_back({1, {.records = 5, .from = begin, .until = end}});
    return out;
}

/// An advisory of the first device under names nobody should have, and the lists beside it.
store::WeaknessChange hostile_feed(const std::string& folder) {
    store::FeedText text;
    const weakness::Advisory advisory{
        .id = "EX-1",
        .source = "csaf",
        .title = hostile,
        .publisher = hostile,
        .revision = hostile,
        .url = "https://" + hostile,
        .products = {{.id = "P",
                      .vendor = "Siemens",
                      .name = "SIMATIC BOX 1000",
                      .version = "<V2.9",
                      .versions = weakness::Versions::range}},
        .vulnerabilities = {{.cve = "CVE-2024-1000",
                             .title = hostile,
                             .cwe = hostile,
                             .text = hostile,
                             .score = 7.5,
                             .vector = hostile,
                             .products = {{{0}}},
                             .remediations = {{.category = weakness::Remedy::vendor_fix,
                                               .details = hostile,
                                               .url = hostile,
                                               .products = {0}}}}}};
    text.add("csaf", {advisory.id, "1", weakness::text_of(advisory)});
    text.add("kev", {"CVE-2024-1000", hostile, "2024-01-01", hostile, "1"});
    text.add("epss", {"CVE-2024-1000", "970000", "999000"});
    text.add("support",
             {"windows", "7-sp1", "Microsoft Windows", "os", hostile, "6.1.7601", "", "2020-01-14", ""});
    text.add("dated", {"csaf", hostile});
    std::filesystem::create_directories(store::feed_folder(folder));
    std::ofstream{store::feed_folder(folder) + "/f", std::ios::binary} << std::move(text).take();
    store::WeaknessChange out;
    out.file = "f";
    out.name = out.who = hostile;
    out.at = observe::Time{1'700'000'000s};
    return out;
}

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
    "/captures",
    "/sensors",
    "/blind-spots",
};

class SeeApi : public ::testing::Test {
protected:
    SeeApi() {
        store::Writer::Limits limits;
        auto writer = store::Writer::open(folder.path, limits).value();
        auto plant = hostile_plant();
        // A list of words for the second device, as hostile as the rest of it.
        const auto lists = store::comment_folder(folder.path);
        std::filesystem::create_directory(lists);
        std::ofstream{lists + "/a"} << store::text_of(
            store::CommentFile{"gx_works", "melsec", {{hostile, hostile, hostile, hostile, hostile, false}}});
        plant.comments.push_back(
            {.list = 1, .file = "a", .name = hostile, .at = plant.latest, .who = hostile});
        plant.comments.push_back(
            {.what = store::CommentChange::What::uses,
             .list = 1,
             .uses = store::text_of(std::vector{store::CommentUse{ip_node(2).value, ""}})});
        plant.weaknesses.push_back(hostile_feed(folder.path));
        const auto done = writer.apply(plant);
        EXPECT_TRUE(done) << (done ? "" : done.error().text());
        // A list has no control characters; what was seen has.
        auto words =
            store::Database::open(store::state_file(folder.path), store::Database::Mode::writer).value();
        EXPECT_TRUE(words.prepare("UPDATE comment_word SET object = ?1").value().run(hostile));
        add_device_handlers(service, devices, commands, reconciler);
        add_approval_handlers(service, approvals, reconciler, commands, clock);
        add_ledger_handlers(service, {.reader = ledger,
                                      .devices = devices,
                                      .reconciler = reconciler,
                                      .files = ledger_files,
                                      .commands = commands,
                                      .clock = clock,
                                      .folder = store::ledger_folder(folder.path)});
        add_weakness_handlers(service, {.reader = weakness_reader,
                                        .devices = devices,
                                        .weaknesses = weaknesses,
                                        .commands = commands,
                                        .clock = clock,
                                        .folder = store::feed_folder(folder.path)});
        add_comment_handlers(service, {.reader = comments,
                                       .devices = devices,
                                       .history = history,
                                       .files = comment_files,
                                       .commands = commands,
                                       .folder = store::comment_folder(folder.path)});
        add_need_handlers(
            service, {.reader = needs, .devices = devices, .history = history, .reconciler = reconciler});
        add_traffic_handlers(service, traffic);
        add_operation_handlers(service, devices, history, clock);
        add_state_handlers(service, devices, history);
        add_overview_handlers(service, overview, captures, commands, clock);
        add_capture_handlers(service, captures, uploads, commands, clock, events, {});
        service.check_answers(true);
        for (const auto* role : {"viewer", "operator", "analyst", "auditor", "admin"}) {
            model::Account account;
            account.name = account.role = role;
            account.must_change_password = false;
            EXPECT_TRUE(gate.add_account(account, "correct horse battery"));
        }
    }
    api::Response ask(std::string_view method, std::string_view path, std::string_view body = {},
                      std::string_view role = "admin") {
        const auto in = gate.login(role, "correct horse battery", "10.0.0.9").value();
        return service.call({.method = std::string{method},
                             .target = cat(api::Contract::prefix, path),
                             .from = "10.0.0.9",
                             .cookie = cat("__Host-yagura=", in.secret),
                             .csrf = in.csrf,
                             .content_type = "application/json"},
                            body);
    }

    Folder folder;
    tests::HandClock clock;
    tests::MemoryAccounts book;
    api::Gate gate{book, clock, {.effort = {.operations = 1, .memory = 8192}}};
    api::Service service{api::Contract::open().value(), gate, book, clock};
    store::Readers state{store::state_file(folder.path)};
    store::History history{store::history_folder(folder.path), state};
    store::DeviceReader devices{state, clock};
    store::ApprovalReader approvals{state};
    store::TrafficReader traffic{state};
    store::OverviewReader overview{state, history};
    store::CaptureReader captures{state, history};
    store::LedgerReader ledger{state};
    Reconciler reconciler{ledger};
    TableFiles ledger_files{clock};
    store::CommentReader comments{state};
    store::NeedReader needs{state};
    TableFiles comment_files{clock};
    store::WeaknessReader weakness_reader{state};
    Weaknesses weaknesses{weakness_reader, reconciler, clock};
    Recorded commands;
    api::EventHub events;
    Uploads uploads{folder.path + "/uploads", 1'000'000};
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
                                       {"/devices", "devices"}}) {
        const auto rows = json::parse(ask("GET", list).body)[member];
        ASSERT_FALSE(rows.empty()) << list;
        for (const auto& row : rows) {
            const auto one = ask("GET", cat(list, "/", row["id"].get<std::string>()));
            EXPECT_EQ(one.status, 200) << list << " " << row["id"] << " " << one.body;
        }
    }
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
    for (const auto* by_id : {"getOperation", "getSensor", "getCapture"}) asked.insert(by_id);
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
          "/operations/none", "/captures/none", "/sensors/none"})
        EXPECT_EQ(ask("GET", path).status, 404) << path;
    EXPECT_EQ(ask("PATCH", "/devices/d0-9", R"({"name":"x"})").status, 404);
    EXPECT_EQ(ask("PATCH", "/lines/none", R"({"name":"x"})").status, 404);
    EXPECT_EQ(ask("DELETE", "/lines/none").status, 404);
    EXPECT_EQ(ask("DELETE", "/captures/none").status, 404);
}

TEST_F(SeeApi, WhatDoesNotFitIsA400) {
    for (const auto* path :
         {"/devices?limit=0", "/devices?cursor=nonsense", "/conversations?cursor=nonsense",
          "/operations?cursor=nonsense", "/operations?act=explode", "/conversations?direction=up",
          "/conversations/groups?by=moon", "/conversations/export?format=exe",
          "/devices/d0-1/history?cursor=-1", "/map?nodes=99999", "/search", "/changes?kind=x"})
        EXPECT_EQ(ask("GET", path).status, 400) << path << " " << ask("GET", path).body;
    EXPECT_EQ(ask("POST", "/lines", R"({"name":"a","subnets":["x"]})").status, 400);
}

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
