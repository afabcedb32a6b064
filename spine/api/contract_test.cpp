#include "spine/api/contract.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

using namespace yagura;
using namespace yagura::api;
using nlohmann::json;

namespace {

const Contract& contract() {
    static const auto opened = Contract::open();
    if (!opened) throw std::runtime_error{opened.error().text()};
    return *opened;
}

const Operation& operation(std::string_view id) {
    for (const auto& one : contract().operations())
        if (one.id == id) return one;
    throw std::runtime_error{std::string{id}};
}

std::string complaint(std::string_view id, std::string_view query, std::string_view body = {}) {
    const auto input = contract().check(operation(id), query, body);
    return input ? "" : input.error().what;
}

TEST(Contract, FindsTheOperationOfAPath) {
    EXPECT_EQ(contract().match("GET", "/devices").operation->id, "listDevices");
    EXPECT_EQ(contract().match("GET", "/devices/facets").operation->id, "deviceFacets");
    const auto one = contract().match("PATCH", "/devices/d0-7");
    EXPECT_EQ(one.operation->id, "correctDevice");
    EXPECT_EQ(one.path.at("device_id"), "d0-7");
    EXPECT_EQ(contract().match("HEAD", "/devices").operation->id, "listDevices");
    EXPECT_EQ(contract().match("DELETE", "/devices").allow, "GET, HEAD");
    // "facets" is a path of its own: what it has not, the device of that name has not either.
    EXPECT_EQ(contract().match("PATCH", "/devices/facets").operation, nullptr);
    for (const auto* path : {"", "/", "/nothing", "/devices/", "/devices/a/b/c", "//devices"}) {
        EXPECT_EQ(contract().match("GET", path).operation, nullptr) << path;
        EXPECT_EQ(contract().match("GET", path).allow, "") << path;
    }
}

TEST(Contract, QueriesAreCheckedAndFilledIn) {
    const auto input = contract().check(operation("listDevices"), "role=plc&role=hmi&q=press+2%20a", {});
    ASSERT_TRUE(input) << input.error().what;
    EXPECT_EQ(*input->query, (json{{"limit", 200},
                                   {"order", "asc"},
                                   {"q", "press 2 a"},
                                   {"role", {"plc", "hmi"}},
                                   {"sort", "line"},
                                   {"view", "all"}}));
    EXPECT_EQ(complaint("listDevices", "limit=0"), "query.limit is 0, at least 1 is needed");
    EXPECT_EQ(complaint("listDevices", "limit=1e9"), "query.limit is 1000000000.0, at most 1000 is allowed");
    EXPECT_EQ(complaint("listDevices", "limit=x"), "query.limit is string, not integer");
    EXPECT_EQ(complaint("listDevices", "limit=1&limit=2"), "query.limit is given twice");
    EXPECT_EQ(complaint("listDevices", "colour=red"), "query.colour is not known to this operation");
    EXPECT_EQ(complaint("listDevices", "q=%zz"), "query.q is not percent-encoded UTF-8");
    EXPECT_EQ(complaint("listDevices", "q=%00"), "query.q is not percent-encoded UTF-8");
    EXPECT_EQ(complaint("listDevices", "q=%ff"), "query.q is not percent-encoded UTF-8");
    EXPECT_EQ(complaint("listDevices", "level=9"),
              R"(query.level[0] is "9", not one of "0", "1", "2", "3", "3.5", "4")");
    EXPECT_EQ(complaint("listAudit", "since=yesterday-and-then-some"),
              "query.since is not a time such as 2026-11-20T02:14:19Z");
    EXPECT_EQ(complaint("search", ""), "query.q is missing");
    EXPECT_EQ(complaint("logout", "everywhere=maybe"), "query.everywhere is string, not boolean");
}

TEST(Contract, BodiesAreChecked) {
    EXPECT_EQ(complaint("login", {}, R"({"name":"a","password":"b"})"), "");
    EXPECT_EQ(complaint("login", {}), "body is missing");
    EXPECT_EQ(complaint("login", {}, "{"), "body is not JSON");
    EXPECT_EQ(complaint("login", {}, "[]"), "body is array, not object");
    EXPECT_EQ(complaint("login", {}, R"({"name":"a"})"), "body.password is missing");
    EXPECT_EQ(complaint("login", {}, R"({"name":"a","password":"b","c":1})"),
              R"(body has a member "c" that nobody knows)");
    EXPECT_EQ(complaint("correctDevice", {}, R"({"name":null,"role":"plc"})"), "");
    EXPECT_EQ(complaint("correctDevice", {}, "{}"), "body needs at least 1 member");
    EXPECT_NE(complaint("correctDevice", {}, R"({"role":"king"})"), "");
    EXPECT_EQ(complaint("createLine", {}, R"({"name":"溶接2号"})"), "");
    EXPECT_NE(complaint("createLine", {}, R"({"name":"a\u0000b"})"), "");
    EXPECT_NE(complaint("createLine", {}, R"({"name":"a\nb"})"), "");
    EXPECT_EQ(complaint("createToken", {}, R"({"name":"x","rights":["device.look","device.look"],"days":1})"),
              "body.rights has an item twice");
    EXPECT_EQ(complaint("about", {}, "{}"), "body is given, but this operation takes none");
    const auto deep = std::string(40'000, '[');
    EXPECT_EQ(complaint("login", {}, deep), "body is nested more than 16 deep");
}

TEST(Contract, LengthIsCountedInCharacters) {
    std::string name;
    for (int i = 0; i < 128; ++i) name += "溶";
    EXPECT_EQ(complaint("createLine", {}, json{{"name", name}}.dump()), "");
    EXPECT_EQ(complaint("createLine", {}, json{{"name", name + "x"}}.dump()),
              "body.name has 129 characters, at most 128 are allowed");
}

TEST(Contract, AnswersAreChecked) {
    const auto wrong = [](std::string_view id, int status, const char* body) {
        const auto found = contract().misfit_of_answer(operation(id), {.status = status, .body = body});
        return found ? cat(found->where, " ", found->what) : "";
    };
    EXPECT_EQ(wrong("about", 200, R"({"name":"Yagura","version":"1","site":"","fresh":true})"), "");
    EXPECT_EQ(wrong("about", 200, R"({"name":"Yagura"})"), "about.version is missing");
    EXPECT_EQ(wrong("about", 302, ""), "about may not answer 302");
    EXPECT_EQ(wrong("logout", 204, ""), "");
    EXPECT_EQ(wrong("about", 200, "hello"), "about answers with what is not JSON");
    EXPECT_FALSE(contract().misfit_of_event(R"({"kind":"capture","id":"u1","received":12})"));
    EXPECT_TRUE(contract().misfit_of_event(R"({"kind":"surprise"})"));
}

TEST(Contract, AKeywordThatNobodyChecksIsRefused) {
    const auto bad = Contract::open(
        R"({"paths":{"/a":{"get":{"operationId":"a","x-right":"none","parameters":[
        {"name":"b","in":"query","schema":{"type":"string","maxLength":3,"not":{}}}],"responses":{}}}},"components":{"schemas":{}}})");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().what, "the contract uses 'not', which is not checked");
    EXPECT_FALSE(Contract::open("[]"));
    EXPECT_FALSE(Contract::open("{}"));
}

} // namespace
