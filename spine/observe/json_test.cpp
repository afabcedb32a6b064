#include "spine/observe/json.h"

#include <gtest/gtest.h>

#include "tests/support/hex.h"

using namespace yagura;
using namespace yagura::observe;

namespace {

std::string json_of(const Value& value) {
    std::string out;
    JsonWriter json{out};
    append_json(json, value);
    return out;
}

TEST(ObservationJson, ValuesAreScalarsArraysOrText) {
    EXPECT_EQ(json_of(true), "true");
    EXPECT_EQ(json_of(std::uint64_t{65535}), "65535");
    EXPECT_EQ(json_of(std::int64_t{-5}), "-5");
    EXPECT_EQ(json_of(2.5), "2.5");
    EXPECT_EQ(json_of(std::string_view{"a<b"}), R"("a\u003cb")");
    const auto bytes = test::hex("0001 00ff");
    EXPECT_EQ(json_of(Bytes{bytes}), R"("000100ff")");
    EXPECT_EQ(json_of(Array{.of = Array::Of::u16, .count = 2, .bytes = bytes}), "[1,255]");
    EXPECT_EQ(json_of(Array{.of = Array::Of::bit, .count = 9, .bytes = Bytes{bytes}.subspan(1, 2)}),
              "[true,false,false,false,false,false,false,false,false]");
}

TEST(ObservationJson, AnArrayThatPromisesMoreThanItHoldsEndsWithItsBytes) {
    const auto bytes = test::hex("0001 00");
    EXPECT_EQ(json_of(Array{.of = Array::Of::u16, .count = 400, .bytes = bytes}), "[1]");
}

TEST(ObservationJson, IntegersThatJavaScriptWouldRoundAreStrings) {
    EXPECT_EQ(json_of(std::uint64_t{9'007'199'254'740'991}), "9007199254740991");
    EXPECT_EQ(json_of(std::uint64_t{9'007'199'254'740'992}), R"("9007199254740992")");
    EXPECT_EQ(json_of(std::int64_t{INT64_MIN}), R"("-9223372036854775808")");
    const auto bytes = test::hex("0000000000000001");
    EXPECT_EQ(json_of(Array{.of = Array::Of::u64, .count = 1, .bytes = bytes}), R"(["1"])");
}

TEST(ObservationJson, WhatIsUnknownIsLeftOut) {
    Parties parties;
    parties.client.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
    parties.client.port = 4000;
    parties.server.mac = {0, 0x1b, 0x1b, 1, 2, 3};
    const Origin origin{
        .at = Time{std::chrono::nanoseconds{1}}, .parties = parties, .evidence = {.frame = 7}};
    std::string out;
    JsonWriter json{out};
    append_json(
        json, origin,
        Operation{.function = {3, "read holding registers"}, .act = Act::read, .phase = Phase::request},
        "modbus", {});
    EXPECT_EQ(out,
              R"({"time":"1970-01-01T00:00:00.000000001Z","frame":7,"src":{"ip":"10.0.0.1","port":4000},)"
              R"("dst":{"mac":"00:1b:1b:01:02:03"},"protocol":"modbus","act":"read","phase":"request",)"
              R"("function":3,"name":"read holding registers","outcome":"pending"})");
}

} // namespace
