#include "spine/api/service.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "spine/api/account_api.h"
#include "spine/api/rights.h"
#include "spine/api/server_api.h"
#include "tests/support/account_book.h"

using namespace yagura;
using namespace yagura::api;
using nlohmann::json;

namespace {

struct Quiet final : Status {
    std::vector<Part> parts() override { return {{.name = "store"}}; }
    std::vector<LimitRow> limits() override { return {}; }
    FirstRun first_run() override { return {}; }
};

/// Everything but the disk, the socket and other areas' handlers.
struct House {
    tests::HandClock clock;
    tests::MemoryAccounts book;
    Quiet status;
    Gate gate{book, clock, {.effort = {.operations = 1, .memory = 8192}}};
    Service service{Contract::open().value(), gate, book, clock};

    House() {
        add_account_handlers(service, gate, book, book, clock);
        add_server_handlers(service, book, book, status);
        for (const auto& operation : service.contract().operations()) // Other areas': reached is all we ask.
            if (operation.path.starts_with("/devices") || operation.path.starts_with("/lines"))
                service.on(operation.id,
                           [](const Request&) { return Response{.status = 500, .body = "{}"}; });
    }

    /// A session of an account of this role.
    Head signed_in(std::string_view role, std::string_view method = "GET",
                   std::string_view target = "/api/v1/session") {
        const auto name = cat("the-", role);
        if (!book.account_named(name)) {
            model::Account account;
            account.name = name;
            account.role = role;
            account.must_change_password = false;
            EXPECT_TRUE(gate.add_account(account, "correct horse battery"));
        }
        const auto in = gate.login(name, "correct horse battery", "10.0.0.9");
        EXPECT_TRUE(in) << in.error().complaint.what;
        return {.method = std::string{method},
                .target = std::string{target},
                .from = "10.0.0.9",
                .cookie = cat("other=1; __Host-yagura=", in->secret),
                .csrf = in->csrf,
                .content_type = "application/json"};
    }

    Response login(std::string_view name, std::string_view password, std::string_view from = "10.0.0.1") {
        return service.call({.method = "POST",
                             .target = "/api/v1/session",
                             .from = std::string{from},
                             .content_type = "application/json"},
                            json{{"name", name}, {"password", password}}.dump());
    }
};

std::string code(const Response& response) { return json::parse(response.body).value("code", ""); }

TEST(Service, EveryOperationAsksForItsRightInEveryRole) {
    House house;
    for (const auto& row : roles) {
        const auto who = house.signed_in(row.role);
        for (const auto& operation : house.service.contract().operations()) {
            auto head = who;
            head.method = operation.method;
            auto path = operation.path;
            if (const auto hole = path.find('{'); hole != path.npos)
                path.replace(hole, path.find('}') - hole + 1, "x1");
            head.target = cat(Contract::prefix, path);
            const auto opened = house.service.open(head);
            const bool may = operation.right == "none" || operation.right == "self" ||
                             rights_of(row.role).contains(operation.right);
            EXPECT_EQ(opened.refusal.has_value(), !may) << row.role << " " << operation.id;
            if (!may) {
                EXPECT_EQ(opened.refusal->status, 403) << operation.id;
            }

            head.cookie = "__Host-yagura=nobody";
            EXPECT_EQ(house.service.open(head).refusal.has_value(), operation.right != "none")
                << operation.id;
            if (operation.right == "none") continue;
            EXPECT_EQ(house.service.open(head).refusal->status, 401) << operation.id;
        }
    }
}

TEST(Service, EveryRightOfTheContractIsSomebodys) {
    const auto contract = Contract::open().value();
    EXPECT_EQ(rights_of("admin"), contract.rights()); // No right without an operation, none out of reach.
    for (const auto& row : roles)
        for (const auto& right : rights_of(row.role)) EXPECT_TRUE(contract.rights().contains(right)) << right;
    for (const auto& right : rights_of("auditor")) EXPECT_TRUE(right.ends_with(".look")) << right;
}

TEST(Service, RightsComeBeforeExistence) {
    House house;
    auto head = house.signed_in("viewer", "PATCH", "/api/v1/devices/no-such-device");
    EXPECT_EQ(house.service.call(head, R"({"name":"x"})").status, 403);
    EXPECT_EQ(house.book.entries.back().result, "refused");
    head.target = "/api/v1/nothing";
    EXPECT_EQ(house.service.call(head).status, 404);
}

TEST(Service, AForgedRequestChangesNothing) {
    House house;
    auto head = house.signed_in("admin", "PUT", "/api/v1/site");
    const auto body = R"({"name":"Plant 2","time_zone":"UTC"})";
    const auto csrf = std::exchange(head.csrf, "");
    EXPECT_EQ(code(house.service.call(head, body)), "api.csrf");
    head.csrf = csrf_of("another");
    EXPECT_EQ(code(house.service.call(head, body)), "api.csrf");
    head.csrf = csrf;
    head.origin = "https://elsewhere.example";
    head.host = "yagura:8443";
    EXPECT_EQ(code(house.service.call(head, body)), "api.foreign-origin");
    head.origin = "https://yagura:8443";
    EXPECT_EQ(house.service.call(head, body).status, 200);
    EXPECT_EQ(house.book.site().name, "Plant 2");
}

TEST(Service, RefusalsSayWhatAndWhere) {
    House house;
    auto head = house.signed_in("admin", "PUT", "/api/v1/site");
    EXPECT_EQ(house.service.call(head, R"({"name":"Plant 2","time_zone":"Mars/Olympus"})").status, 400);
    head.content_type = "text/plain";
    EXPECT_EQ(house.service.call(head, R"({"name":"Plant 2","time_zone":"UTC"})").status, 415);
    head.method = "TRACE";
    const auto response = house.service.call(head);
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.headers.front().second, "GET, HEAD, PUT");
    EXPECT_EQ(house.book.entries.size(), 0u); // Nothing was changed: nothing is told.
}

TEST(Service, AHandlerThatBreaksTheContractIsNoticed) {
    House house;
    house.service.check_answers(true);
    house.service.on("listDevices", [](const Request&) { return answer({{"devices", 7}}); });
    EXPECT_EQ(code(house.service.call(house.signed_in("viewer", "GET", "/api/v1/devices"))),
              "api.answer-misfit");
    house.service.on("listDevices",
                     [](const Request&) -> Response { throw std::runtime_error{"secret path"}; });
    const auto response = house.service.call(house.signed_in("viewer", "GET", "/api/v1/devices"));
    EXPECT_EQ(response.status, 500);
    EXPECT_FALSE(response.body.contains("secret"));
}

TEST(Service, NothingIsDoneThatCannotBeTold) {
    House house;
    const auto head = house.signed_in("admin", "PUT", "/api/v1/site");
    house.book.full = true;
    EXPECT_EQ(code(house.service.call(head, R"({"name":"Plant 2","time_zone":"UTC"})")), "api.no-audit");
}

TEST(Service, CompleteNamesWhatIsMissing) {
    House house;
    house.service.on("surprise", [](const Request&) { return Response{}; });
    const auto complete = house.service.complete();
    ASSERT_FALSE(complete);
    EXPECT_TRUE(complete.error().what.contains(" overview has no handler;")) << complete.error().what;
    EXPECT_TRUE(complete.error().what.contains(" surprise has a handler and no operation;"));
}

TEST(Login, FirstAccountHasToChangeItsPasswordFirst) {
    House house;
    const auto password = house.gate.first_account().value();
    EXPECT_EQ(password.size(), 23u);
    EXPECT_EQ(house.gate.first_account().value(), "");
    const auto in = house.login("admin", password);
    ASSERT_EQ(in.status, 200) << in.body;
    const auto session = json::parse(in.body);
    EXPECT_TRUE(session["must_change_password"]);
    const auto cookie = in.headers.front().second;
    EXPECT_TRUE(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict")) << cookie;

    Head head{.method = "GET",
              .target = "/api/v1/accounts",
              .from = "10.0.0.1",
              .cookie = cookie.substr(0, cookie.find(';')),
              .csrf = session["csrf_token"],
              .content_type = "application/json"};
    EXPECT_EQ(code(house.service.call(head)), "api.password-first");
    head.method = "PUT";
    head.target = "/api/v1/session/password";
    EXPECT_EQ(code(house.service.call(head, json{{"current", password}, {"new", "Password12345"}}.dump())),
              "api.password-too-easy");
    EXPECT_EQ(
        code(house.service.call(head, json{{"current", "wrong"}, {"new", "correct horse battery"}}.dump())),
        "api.wrong-password");
    const auto changed = house.service.call(
        head, json{{"current", password}, {"new", "correct horse battery"}}.dump());
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(
        house.service
            .call({.method = "GET", .target = "/api/v1/session", .from = "10.0.0.1", .cookie = head.cookie})
            .status,
        401); // The old session ended.
    EXPECT_EQ(house.login("admin", "correct horse battery").status, 200);
    for (const auto& entry : house.book.entries)
        EXPECT_FALSE(cat(entry.detail, entry.about, entry.who).contains(password));
}

TEST(Login, FiveTriesThenAWaitThatIsTold) {
    House house;
    (void)house.signed_in("viewer");
    std::string first;
    for (int i = 0; i < 4; ++i) {
        const auto known = house.login("the-viewer", "wrong"),
                   unknown = house.login(cat("nobody", i), "wrong", "10.0.0.2");
        EXPECT_EQ(known.status, 401);
        EXPECT_EQ(known.body, unknown.body); // Nobody learns which names there are.
    }
    const auto fifth = house.login("the-viewer", "wrong");
    EXPECT_EQ(fifth.status, 429);
    EXPECT_EQ(json::parse(fifth.body)["retry_after"], 30);
    EXPECT_EQ(fifth.headers.front().second, "30");
    const auto told = house.book.entries.size();
    EXPECT_EQ(house.login("the-viewer", "correct horse battery").status, 429); // The right one, too early.
    EXPECT_EQ(house.book.entries.size(), told);                                // A flood fills no log.
    EXPECT_EQ(house.login("the-viewer", "correct horse battery", "10.0.0.3").status,
              429); // From elsewhere too,
    EXPECT_EQ(house.login("the-viewer", "correct horse battery", "10.0.0.9").status,
              200); // but not where it is known.
    house.clock.pass(31);
    EXPECT_EQ(house.login("the-viewer", "correct horse battery").status, 200);
}

TEST(Login, SessionsEnd) {
    House house;
    const auto head = house.signed_in("viewer");
    EXPECT_EQ(house.service.call(head).status, 200);
    house.clock.pass(3'500);
    EXPECT_EQ(house.service.call(head).status, 200);
    house.clock.pass(3'500); // Used in between.
    EXPECT_EQ(house.service.call(head).status, 200);
    house.clock.pass(3'700);
    EXPECT_EQ(house.service.call(head).status, 401);

    const auto busy = house.signed_in("viewer");
    for (int i = 0; i < 13; ++i) {
        house.clock.pass(3'000);
        EXPECT_EQ(house.service.call(busy).status, 200);
    }
    house.clock.pass(4'300); // 12 h since it began.
    EXPECT_EQ(house.service.call(busy).status, 401);

    const auto first = house.signed_in("viewer"), second = house.signed_in("viewer");
    auto logout = first;
    logout.method = "DELETE";
    logout.target = "/api/v1/session?everywhere=true";
    EXPECT_EQ(house.service.call(logout).status, 204);
    EXPECT_EQ(house.service.call(second).status, 401);
}

TEST(Tokens, CanDoNoMoreThanTheirAccountAndNothingForThemselves) {
    House house;
    house.service.on("listDevices", [](const Request&) {
        return answer({{"devices", json::array()}, {"total", 0}, {"covered", true}});
    });
    auto head = house.signed_in("operator", "POST", "/api/v1/tokens");
    EXPECT_EQ(house.service.call(head, R"({"name":"x","rights":["account.edit"],"days":1})").status, 403);
    const auto made = house.service.call(
        head, R"({"name":"script","rights":["device.look","device.edit"],"days":1})");
    ASSERT_EQ(made.status, 201) << made.body;
    const auto secret = json::parse(made.body)["secret"].get<std::string>();
    Head with{.method = "GET",
              .target = "/api/v1/devices",
              .from = "10.0.0.1",
              .authorization = cat("Bearer ", secret),
              .content_type = "application/json"};
    EXPECT_EQ(house.service.call(with).status, 200);
    with.target = "/api/v1/sensors";
    EXPECT_EQ(house.service.call(with).status, 403); // The account may, the token may not.
    with.method = "POST";
    with.target = "/api/v1/tokens";
    EXPECT_EQ(code(house.service.call(with, R"({"name":"y","rights":["device.look"],"days":366})")),
              "api.session-only");

    auto admin = house.signed_in("admin", "PATCH",
                                 cat("/api/v1/accounts/", house.book.account_named("the-operator")->id));
    EXPECT_EQ(house.service.call(admin, R"({"role":"auditor"})").status, 200);
    with.method = "PATCH";
    with.target = "/api/v1/devices/d0-1";
    EXPECT_EQ(house.service.call(with, R"({"name":"x"})").status, 403); // The account may no longer.
    with.method = "GET";
    with.target = "/api/v1/devices";
    house.clock.pass(86'401);
    EXPECT_EQ(house.service.call(with).status, 401);
}

TEST(Accounts, TheLastEditorStays) {
    House house;
    auto head = house.signed_in("admin", "PATCH", cat("/api/v1/accounts/", "a1"));
    EXPECT_EQ(code(house.service.call(head, R"({"role":"viewer"})")), "api.last-editor");
    EXPECT_EQ(code(house.service.call(head, R"({"enabled":false})")), "api.last-editor");
    head.method = "DELETE";
    EXPECT_EQ(code(house.service.call(head)), "api.last-editor");
    head.method = "POST";
    head.target = "/api/v1/accounts";
    EXPECT_EQ(
        house.service.call(head, R"({"name":"second","role":"admin","password":"four words of nothing"})")
            .status,
        201);
    EXPECT_EQ(
        house.service.call(head, R"({"name":"second","role":"admin","password":"four words of nothing"})")
            .status,
        409);
    head.method = "PATCH";
    head.target = "/api/v1/accounts/a1";
    EXPECT_EQ(house.service.call(head, R"({"enabled":false})").status, 200);
    EXPECT_EQ(house.service.call(head, R"({"enabled":true})").status, 401); // Its own sessions ended with it.
}

TEST(Passwords, WhatIsEasyToGuessIsRefused) {
    for (const auto* easy : {"short", "passwordpassword", "Password123456", "P@ssw0rd!2026",
                             "aaaaaaaaaaaaaaa", "abcabcabcabcabc", "qwertyuiop1234", "tanakatanaka12",
                             "123456789012345", "Admin123456789", "1qaz2wsx3edc4rfv"})
        EXPECT_TRUE(too_easy(easy, "tanaka")) << easy;
    for (const auto* good :
         {"correct horse battery", "k7f2-q9mz-x4tn", "雨の日は工場の猫と遊ぶ", "Xq7!vR2#mK9p"})
        EXPECT_FALSE(too_easy(good, "tanaka")) << good;
    for (int i = 0; i < 50; ++i) EXPECT_FALSE(too_easy(first_password(), "admin"));
}

} // namespace
