// Every handler of see over a store with hostile names in it, for tests: the service holds each answer
// against the contract.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <set>

#include "see/api/answers.h"
#include "see/api/approvals_api.h"
#include "see/api/asking_api.h"
#include "see/api/captures_api.h"
#include "see/api/comments_api.h"
#include "see/api/devices_api.h"
#include "see/api/health_api.h"
#include "see/api/ledger_api.h"
#include "see/api/needs_api.h"
#include "see/api/operations_api.h"
#include "see/api/overview_api.h"
#include "see/api/registers_api.h"
#include "see/api/report_api.h"
#include "see/api/risk_api.h"
#include "see/api/sight_api.h"
#include "see/api/states_api.h"
#include "see/api/traffic_api.h"
#include "see/api/weaknesses_api.h"
#include "see/api/words.h"
#include "see/health/finding.h"
#include "spine/store/writer.h"
#include "tests/support/account_book.h"

namespace yagura::see::test {

using namespace std::chrono_literals;

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

inline const std::string hostile = "<script>\x1b[2J\xff\xfe" + std::string(2'000, 'x');

inline model::NodeId ip_node(std::uint64_t device) { return {device * 10}; }

/// Two devices that did everything to each other that a row can tell of, under names nobody should have.
inline store::Batch hostile_plant() {
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
    for (std::uint8_t kind = 1; kind <= std::size(health::kind_words) + 1; ++kind) { // One nobody knows.
        store::HealthFinding finding{
            .key = cat("k", kind), .kind = kind, .severity = static_cast<std::uint8_t>(kind % 4)};
        finding.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, kind};
        finding.bits = kind % 2 ? 128 : 120;
        finding.vlan = 0xffff;
        finding.first = begin;
        finding.last = end;
        finding.until = kind % 3 ? end + 1h : end;
        finding.times = UINT64_MAX;
        finding.evidence = {UINT64_MAX, 1, 54};
        finding.facts = kind % 5 ? R"({"mask1":"255.0.0.0","bad":7,"odd":")" + std::string(600, 'y') + "\"}"
                                 : hostile;
        for (std::uint8_t role = 0; role < 14; ++role)
            finding.parties.push_back({.role = role,
                                       .ip = finding.address,
                                       .mac = {2, 0, 0, 0, 0, role},
                                       .node = ip_node(role % 4),
                                       .first = begin,
                                       .last = end,
                                       .evidence = {role, 1, 0}});
        out.health.findings.push_back(std::move(finding));
    }
    out.health.cycles.push_back({.key = "c",
                                 .asks = ip_node(1),
                                 .answers = ip_node(77),
                                 .asks_text = hostile,
                                 .answers_text = "10.0.0.2",
                                 .protocol = hostile,
                                 .function = hostile,
                                 .object = hostile,
                                 .first = begin,
                                 .last = end,
                                 .usual_us = UINT32_MAX,
                                 .now_us = 1,
                                 .evidence = {9, 1, 0}});
    for (std::uint32_t interface = 1; interface <= 3; ++interface)
        out.health.ports.push_back({.key = cat("p", interface),
                                    .node = ip_node(1),
                                    .there = ip_node(interface),
                                    .system = hostile,
                                    .interface = interface == 3 ? UINT32_MAX : interface,
                                    .type = UINT32_MAX,
                                    .name = interface == 2 ? std::string{} : hostile,
                                    .alias = hostile,
                                    .admin = 255,
                                    .oper = static_cast<std::uint8_t>(interface * 100),
                                    .port_control = 255,
                                    .port_security = 255,
                                    .since = begin,
                                    .first = begin,
                                    .last = end,
                                    .speed_mbit = UINT64_MAX,
                                    .in_bps = UINT64_MAX,
                                    .out_bps = UINT64_MAX,
                                    .errors_in = UINT64_MAX,
                                    .errors_new = UINT64_MAX,
                                    .counted_from = begin,
                                    .downs = UINT32_MAX,
                                    .there_mac = {2, 0, 0, 0, 0, 1},
                                    .there_name = hostile,
                                    .there_port = hostile,
                                    .there_how = static_cast<std::uint8_t>(interface * 100),
                                    .there_at = end,
                                    .evidence = {9, 1, 0}});
    out.lost.push_back({1, {.records = 5, .from = begin, .until = end}});
    return out;
}

/// An advisory of the first device under names nobody should have, and the lists beside it.
inline store::WeaknessChange hostile_feed(const std::string& folder) {
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

/// A draft, another plan that was approved, and a log with lines that nobody wrote.
inline store::AskingChange hostile_asking(const std::string& folder) {
    const auto subnet = [](std::string_view more) {
        return cat("[[subnet]]\nname = \"<script>\"\nnetwork = \"10.0.0.0/24\"\naddresses = [\"10.0.0.1\", "
                   "\"10.0.0.9\"]\nservices = [\"modbus\", \"snmp\"]\nwindows = [\"Mon-Sun 00:00-24:00\"]\n",
                   more);
    };
    store::AskingChange out{.changed = true};
    out.now = {.draft = subnet(""),
               .version = 3,
               .draft_at = observe::Time{1'700'000'000s},
               .draft_who = hostile,
               .plan = subnet("approved = \"2023-11-01T00:00:00Z\"\napproved-by = \"<b>\"\ns7-slot = 5\n"),
               .running = true};
    out.decisions.push_back(
        {.record = 7, .at = out.now.draft_at, .who = hostile, .approved = true, .why = hostile, .plan = "x"});
    std::filesystem::create_directories(folder + "/ask");
    const auto line = [](std::string_view time, std::string_view way, std::string_view rest) {
        return cat("{\"time\":\"2023-11-14T22:13:", time, "Z\",\"message\":1,\"way\":\"", way, "\"", rest,
                   "}\n");
    };
    constexpr std::string_view to =
        R"(,"address":"10.0.0.1","port":502,"service":"modbus","what":"Read","length":4,"bytes":"0a0b0c0d")";
    std::ofstream{folder + "/ask/ask-1.log", std::ios::binary}
        << line("21.000000000", "sent", to) << "no line\n{}\n[1]\n"
        << hostile << "\n"
        << line("22.000000000", "received", to) << "{\"time\":\"2023-11-14T22:13:23Z\",\"mess";
    std::ofstream{folder + "/ask/ask-2.log", std::ios::binary}
        << line("19.000000000", "sent", R"(,"address":"10.0.0.2","service":"nobody's","what":7)")
        << line("20.000000000", "note", R"(,"address":"","port":0,"what":"<i>\u0007 asks")");
    return out;
}

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
        plant.asking = hostile_asking(folder.path);
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
        add_asking_handlers(service, {.reader = asking,
                                      .commands = commands,
                                      .clock = clock,
                                      .folder = folder.path + "/ask",
                                      .from = asking_from,
                                      .time_zone = "UTC"});
        add_need_handlers(
            service, {.reader = needs, .devices = devices, .history = history, .reconciler = reconciler});
        add_sight_handlers(service, {.reader = sight, .reconciler = reconciler});
        add_risk_handlers(service, {.risks = risks, .devices = devices});
        add_report_handlers(service, {.reconciler = reconciler,
                                      .approvals = approvals,
                                      .weaknesses = weaknesses,
                                      .risks = risks,
                                      .health = network,
                                      .sight = sight,
                                      .site = [] { return std::pair{hostile, std::string{"Asia/Tokyo"}}; },
                                      .clock = clock});
        add_traffic_handlers(service, traffic);
        add_register_handlers(service, registers);
        add_health_handlers(service, network, reconciler);
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
    store::HealthReader network{state};
    store::RegisterReader registers{state, history};
    Reconciler reconciler{ledger};
    TableFiles ledger_files{clock};
    store::CommentReader comments{state};
    store::AskingReader asking{state};
    std::string asking_from = "console";
    store::NeedReader needs{state};
    store::SightReader sight{state};
    TableFiles comment_files{clock};
    store::WeaknessReader weakness_reader{state};
    Weaknesses weaknesses{weakness_reader, reconciler, clock};
    store::StandingReader standings{state, clock};
    Risks risks{weaknesses, weakness_reader, needs, standings, ledger, reconciler};
    Recorded commands;
    api::EventHub events;
    Uploads uploads{folder.path + "/uploads", 1'000'000};
};

} // namespace yagura::see::test
