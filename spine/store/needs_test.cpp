#include "spine/store/needs.h"

#include <gtest/gtest.h>

#include "tests/support/plant_store.h"

namespace yagura::store {
namespace {

using namespace std::chrono_literals;

TEST(Needs, AreConversationsWithTheirActsAndLines) {
    test::Store store{3};
    NeedReader reader{*store.state};
    const auto all = reader.all().value();
    ASSERT_EQ(all.needs.size(), 2u);
    EXPECT_FALSE(all.cut);
    EXPECT_EQ(all.now, test::begin_time + 3h);
    const auto& one = all.needs[1]; // The latest first.
    EXPECT_EQ(one.client.device.id, "d0-1");
    EXPECT_EQ(one.server.device.id, "d0-2");
    EXPECT_EQ(one.client.address, "10.0.0.0");
    EXPECT_EQ(one.server.line.name, "Line 1");
    EXPECT_EQ(one.protocol, "modbus");
    EXPECT_EQ(one.carrier, "tcp");
    EXPECT_EQ(one.port, 502);
    ASSERT_EQ(one.by_client.size(), 1u);
    EXPECT_EQ(one.by_client[0].act, observe::Act::write);
    EXPECT_TRUE(one.by_server.empty());
    EXPECT_TRUE(reader.all(1).value().cut);
}

TEST(Needs, AreNotWhatYaguraItselfAsks) {
    const auto clients = [](test::Store& store) {
        std::vector<std::string> out;
        const auto all = NeedReader{*store.state}.all().value();
        for (const auto& one : all.needs) out.push_back(one.client.device.id);
        return out;
    };
    test::Store stranger{3, [](Batch& batch) {
                             auto fact = batch.shown[0].facts[0];
                             fact.attribute = "application";
                             fact.value = "Yagura active queries";
                             fact.protocol = "http"; // Whoever else says so is a stranger.
                             batch.shown[0].facts.push_back(fact);
                         }};
    EXPECT_EQ(clients(stranger), (std::vector<std::string>{"d0-2", "d0-1"}));
    test::Store ourselves{3, [](Batch& batch) {
                              auto fact = batch.shown[0].facts[0];
                              fact.attribute = "application";
                              fact.value = "Yagura active queries";
                              fact.protocol = "yagura";
                              batch.shown[0].facts.push_back(fact);
                          }};
    EXPECT_EQ(clients(ourselves), (std::vector<std::string>{"d0-2"}));
}

TEST(Needs, AreUsedInHalfHoursOfTheDay) {
    test::Store store{3};
    const auto hours = store.history->hours({"d0-2"}).value();
    ASSERT_EQ(hours.size(), 1u);
    EXPECT_EQ(hours[0].a, "d0-1");
    EXPECT_EQ(hours[0].b, "d0-2");
    EXPECT_EQ(hours[0].protocol, "modbus");
    EXPECT_EQ(hours[0].days_seen, 2u); // From 22:23 to 01:33.
    for (const int half : {44, 45, 46, 47, 0, 1, 2, 3})
        EXPECT_EQ(hours[0].days[static_cast<std::size_t>(half)], 1u) << half;
    EXPECT_EQ(hours[0].days[20], 0u);
    EXPECT_TRUE(store.history->hours({"d0-99"}).value().empty());
    EXPECT_TRUE(store.history->hours({}).value().empty());
}

} // namespace
} // namespace yagura::store
