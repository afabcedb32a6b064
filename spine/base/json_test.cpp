#include "spine/base/json.h"

#include <gtest/gtest.h>

#include "spine/base/rfc3339.h"

using namespace yagura;

namespace {

std::string quoted_json(std::string_view text) {
    std::string out;
    append_json(out, text);
    return out;
}

TEST(Json, NamesFromTheNetworkStayText) {
    EXPECT_EQ(quoted_json("a\"b\\c<d\x01\x7f"), R"("a\"b\\c\u003cd\u0001\u007f")");
    EXPECT_EQ(quoted_json("プレス"), "\"プレス\"");
    EXPECT_EQ(quoted_json(std::string_view{"\0x", 2}), R"("\u0000x")");
}

TEST(Json, WhatIsNotUtf8BecomesTheReplacementCharacter) {
    EXPECT_EQ(quoted_json("\xff"), R"("\ufffd")");
    EXPECT_EQ(quoted_json("\xc0\xaf"), R"("\ufffd\ufffd")");           // overlong
    EXPECT_EQ(quoted_json("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")"); // a surrogate
    EXPECT_EQ(quoted_json("\xe3\x83"), R"("\ufffd\ufffd")");           // cut short
    EXPECT_EQ(quoted_json("\xf4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")");
}

TEST(Json, CommasStandWhereTheyBelong) {
    std::string out;
    JsonWriter json{out};
    json.begin_object()
        .member("a", 1)
        .key("b")
        .begin_array()
        .value(true)
        .value("x")
        .begin_object()
        .end_object()
        .end_array();
    json.member_if_known("c", "").member("d", 2.5).key("e").null().end_object();
    EXPECT_EQ(out, R"({"a":1,"b":[true,"x",{}],"d":2.5,"e":null})");
}

TEST(Rfc3339, GoesBothWays) {
    for (const std::int64_t at : {0L, 1'700'000'000'123'456'789L, -1L, 951'782'400'000'000'000L})
        EXPECT_EQ(from_rfc3339(rfc3339(at)), at) << rfc3339(at);
    EXPECT_EQ(rfc3339(1'700'000'000'000'000'001), "2023-11-14T22:13:20.000000001Z");
    EXPECT_EQ(from_rfc3339("2023-11-15T07:13:20+09:00"), 1'700'000'000'000'000'000);
    EXPECT_EQ(from_rfc3339("2023-11-14T22:13:20.5Z"), 1'700'000'000'500'000'000);
    for (const auto* bad : {"", "2023-11-14", "2023-02-30T00:00:00Z", "2023-11-14T24:00:00Z",
                            "2023-11-14T22:13:20", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20+9:00",
                            "9999-13-01T00:00:00Z", "0000-00-00T00:00:00Z"})
        EXPECT_EQ(from_rfc3339(bad), std::nullopt) << bad;
    EXPECT_EQ(from_rfc3339("2023-11-14T22:13:20.1234567890Z"), 1'700'000'000'123'456'789);
    // Good times that 64 bits do not hold.
    for (const auto* early : {"0001-01-01T00:00:00Z", "1677-12-31T23:59:59.9Z", "1678-01-01T00:00:00+23:59"})
        EXPECT_EQ(rfc3339(from_rfc3339(early).value()), "1678-01-01T00:00:00.000000000Z") << early;
    for (const auto* late : {"9999-12-31T23:59:59Z", "2262-01-01T00:00:00Z"})
        EXPECT_EQ(rfc3339(from_rfc3339(late).value()), "2261-12-31T23:59:59.999999999Z") << late;
}

} // namespace
