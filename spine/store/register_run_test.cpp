#include "spine/store/register_run.h"

#include <gtest/gtest.h>

#include "spine/base/text.h"

using namespace yagura;
using namespace yagura::store;

namespace {

std::vector<RegisterValue> some() {
    return {{1'000, 7, false, false, "[1,2,3,4]"},
            {2'000, 9, false, false, "[1,2,17,4]"},
            {1'500, 11, false, true, "[0,2,17,5]"},
            {3'000, 12, true, false, "[0,2]"},
            {3'001, 3, false, true, "run, \"quoted\" [x]"},
            {3'001, INT64_MAX, false, false, ""},
            {INT64_MIN, INT64_MIN, true, true, "[]"},
            {INT64_MAX, 0, false, false, "[]"},
            {3'500, 5, false, false, "[,]"},
            {3'600, 5, false, false, "[,x]"},
            {3'700, 5, false, false, "[,]"},
            {4'000, 5, false, false, "[true,false"}};
}

RegisterRun run_of(const std::vector<RegisterValue>& values) {
    RegisterRun out;
    for (const auto& one : values) out.append(one);
    return out;
}

} // namespace

TEST(RegisterRun, GivesBackWhatWasPutIn) {
    const auto run = run_of(some());
    EXPECT_EQ(RegisterRun::values(run.bytes()), some());
    EXPECT_EQ(run.many(), some().size());
}

TEST(RegisterRun, GoesOnWhereItEnded) {
    auto values = some();
    auto run = RegisterRun::of(run_of(values).bytes());
    values.push_back({9'000, 99, false, true, "[true]"});
    run.append(values.back());
    EXPECT_EQ(RegisterRun::values(run.bytes()), values);
}

TEST(RegisterRun, OfALongListSaysWhatChanged) {
    RegisterRun run;
    std::vector<std::string> numbers(120, "1000");
    std::vector<RegisterValue> values;
    for (int i = 0; i < 100; ++i) {
        numbers[static_cast<std::size_t>(i)] = std::to_string(i);
        std::string value = "[";
        for (const auto& one : numbers) value += cat(value.size() == 1 ? "" : ",", one);
        values.push_back({i * 1'000'000'000LL, i + 1, false, false, value + "]"});
        run.append(values.back());
    }
    EXPECT_EQ(RegisterRun::values(run.bytes()), values);
    EXPECT_LT(run.bytes().size(), 100 * 12 + 700);
}

TEST(RegisterRun, CutAnywhereGivesWhatIsWhole) {
    const auto run = run_of(some());
    for (std::size_t size = 0; size < run.bytes().size(); ++size) {
        const auto values = RegisterRun::values(run.bytes().first(size));
        ASSERT_LT(values.size(), some().size());
        for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], some()[i]);
        auto more = RegisterRun::of(run.bytes().first(size));
        more.append(some()[1]);
        EXPECT_EQ(RegisterRun::values(more.bytes()).size(), values.size() + 1);
    }
}

TEST(RegisterRun, KnowsElements) {
    EXPECT_EQ(elements_of("[1,2]"), (std::vector<std::string_view>{"1", "2"}));
    EXPECT_EQ(elements_of("17"), (std::vector<std::string_view>{"17"}));
    EXPECT_EQ(elements_of("[1,2"), (std::vector<std::string_view>{"[1,2"}));
    EXPECT_TRUE(elements_of("[]").empty());
}
