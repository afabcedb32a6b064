// What was decided about devices, as lists, facets and the list for access control say it at a moment of the
// clock.
#include <gtest/gtest.h>

#include "spine/store/allowed.h"
#include "spine/store/devices.h"
#include "tests/support/plant_store.h"

using namespace yagura;
using namespace yagura::store;
using namespace yagura::test;

namespace {

const Time noon{1'800'000'000s};

struct HandClock final : Clock {
    Time at = noon;
    std::int64_t now() const noexcept override { return at.time_since_epoch().count(); }
};

/// Device n + 1 of the plant was decided about: on its card, or on its address where it stands for it.
void decide(Batch& batch, std::uint64_t n, Approval state, Time until = {}, bool by_address = false) {
    ApprovalRow row{.node = by_address ? ip_node(n) : mac_node(n),
                    .device = {n + 1},
                    .state = state,
                    .until = until,
                    .reason = "why",
                    .at = noon,
                    .who = "tanaka"};
    batch.approvals.push_back(row);
    for (auto& shown : batch.shown)
        if (shown.device.value == n + 1)
            shown.approval = {state, until, noon, "tanaka", "why", state == Approval::pending ? "new" : "",
                              "",    ""};
}

void decided(Batch& out) {
    decide(out, 0, Approval::approved);
    decide(out, 1, Approval::rejected);
    decide(out, 2, Approval::temporary, noon + 24h);
    decide(out, 3, Approval::temporary, noon - 1s);
    decide(out, 4, Approval::approved, {}, true);
    decide(out, 5, Approval::approved);
    for (auto& shown : out.shown) {
        if (shown.device.value == 6) // A second card, of which nobody decided.
            shown.approval = {.why = "mac", .from = "a", .to = "b"};
        if (shown.device.value == 7) shown.approval = {.why = "vendor", .from = "a", .to = "b"};
    }
}

std::vector<std::string> ids(const DeviceList& list) {
    std::vector<std::string> out;
    for (const auto& row : list.devices) out.push_back(row.id);
    return out;
}

TEST(Approvals, ListsSayWhatHoldsByTheClock) {
    test::Store store{7, decided};
    HandClock clock;
    DeviceReader devices{*store.state, clock};
    const auto states = [&] {
        std::string out;
        const auto all = devices.list({}, DeviceSort::address, Order::ascending, {});
        EXPECT_TRUE(all);
        for (const auto& row : all->devices) out += row.approval + " ";
        return out;
    };
    EXPECT_EQ(states(), "approved rejected temporary expired approved pending pending ");
    const auto waiting =
        devices.list({.view = "to_approve"}, DeviceSort::approval, Order::ascending, {}).value();
    EXPECT_EQ(ids(waiting), (std::vector<std::string>{"d0-6", "d0-7", "d0-4"})); // Who changed comes first.
    const auto facets = devices.facets({}).value();
    std::map<std::string, std::uint64_t> counts;
    for (const auto& one : facets.approval) counts[one.value] = one.count;
    EXPECT_EQ(counts,
              (std::map<std::string, std::uint64_t>{
                  {"approved", 2}, {"rejected", 1}, {"temporary", 1}, {"expired", 1}, {"pending", 2}}));
    EXPECT_EQ(facets.views.back().value, "to_approve");
    EXPECT_EQ(facets.views.back().count, 3u);
    EXPECT_EQ(
        devices.list({.approvals = {"expired", "rejected"}}, DeviceSort::name, Order::ascending, {})->total,
        2u);
    const auto one = devices.device("d0-3").value();
    EXPECT_EQ(one->summary.standing.who, "tanaka");
    EXPECT_EQ(one->summary.standing.until, noon + 24h);
    clock.at += 48h;
    EXPECT_EQ(states(), "approved rejected expired expired approved pending pending ");
}

TEST(Approvals, TheListForAccessControlHoldsWhatIsInEffect) {
    test::Store store{7, decided};
    ApprovalReader reader{*store.state};
    const auto of = [&](bool rejected, Time now) {
        std::string out;
        Page page{.cursor = {}, .most = 2};
        std::size_t rows = 0;
        for (;;) {
            const auto found = reader.allowed(rejected, now, page);
            EXPECT_TRUE(found) << (found ? "" : found.error().text());
            if (!found) break;
            for (const auto& row : found->rows)
                out += cat(row.device, " ", row.mac.empty() ? "no card" : row.mac, " ", row.ip, " ",
                           row.state, "\n");
            rows += found->rows.size();
            if (found->next_cursor.empty()) {
                EXPECT_EQ(rows, found->total);
                break;
            }
            page.cursor = found->next_cursor;
        }
        return out;
    };
    EXPECT_EQ(of(false, noon),
              "d0-1 02:00:00:00:00:00 10.0.0.0 approved\n"
              "d0-3 02:00:00:00:00:02 10.0.0.2 temporary\n"
              "d0-5 no card 10.0.0.4 approved\n"
              "d0-6 02:00:00:00:00:05 10.0.0.5 approved\n"); // Its other card waits, this one does not.
    EXPECT_EQ(of(false, noon + 48h), "d0-1 02:00:00:00:00:00 10.0.0.0 approved\n"
                                     "d0-5 no card 10.0.0.4 approved\n"
                                     "d0-6 02:00:00:00:00:05 10.0.0.5 approved\n");
    EXPECT_EQ(of(true, noon), "d0-2 02:00:00:00:00:01 10.0.0.1 rejected\n");
    EXPECT_EQ(reader.allowed(false, noon, {.cursor = "nonsense"}).error().code, "store.bad-cursor");
}

TEST(Approvals, ThoseOfASubnetAreFoundByAnyOfTheirAddresses) {
    test::Store store{300};
    DeviceReader devices{*store.state};
    const auto many = [&](std::string text) {
        return devices.list({.text = std::move(text)}, DeviceSort::name, Order::ascending, {})->total;
    };
    EXPECT_EQ(many("net:10.0.0.0/24"), 256u);
    EXPECT_EQ(many("net:10.0.1.0/24"), 44u);
    EXPECT_EQ(many("net:10.0.1.77/26"), 0u); // .64 to .127
    EXPECT_EQ(many("net:10.0.1.3"), 1u);
    EXPECT_EQ(many("net:10.0.0.0/8 net:10.0.1.0/24"), 44u);
    EXPECT_EQ(many("net:fd00::/8"), 0u);
    EXPECT_EQ(many("net:::/0"), 300u);
    for (const auto* none : {"net:10.0.0.0/33", "net:moon", "net:10.0.0.0/", "net:/8"})
        EXPECT_EQ(many(none), 0u) << none;
    EXPECT_EQ(many("vlan:5"), 0u);
    EXPECT_EQ(many("vlan:x"), 0u);
}

TEST(Approvals, WhatTheLedgerSaysIsAFilterAndAFacet) {
    test::Store store{5};
    DeviceReader devices{*store.state};
    DeviceFilter filter;
    EXPECT_TRUE(devices.facets(filter)->owner.empty());
    filter.ledger = std::make_shared<const std::string>(
        R"([[1,"田中","high"],[2,"田中",""],[3,"佐藤","low"],[4,"","high"],[99,"nobody","high"]])");
    const auto total = [&] { return devices.list(filter, DeviceSort::name, Order::ascending, {})->total; };
    EXPECT_EQ(total(), 5u);
    const auto facets = devices.facets(filter).value();
    std::map<std::string, std::uint64_t> owners, criticalities;
    for (const auto& one : facets.owner) owners[one.value] = one.count;
    for (const auto& one : facets.criticality) criticalities[one.value] = one.count;
    EXPECT_EQ(owners, (std::map<std::string, std::uint64_t>{{"田中", 2}, {"佐藤", 1}, {"none", 2}}));
    EXPECT_EQ(criticalities, (std::map<std::string, std::uint64_t>{{"high", 2}, {"low", 1}, {"none", 2}}));
    filter.owner = "田中";
    EXPECT_EQ(total(), 2u);
    filter.criticalities = {"none"};
    EXPECT_EQ(total(), 1u);
    filter.owner = "none";
    EXPECT_EQ(total(), 1u);
    filter.ledger.reset(); // There is no ledger (any more): nobody is anybody's.
    EXPECT_EQ(total(), 0u);
}

} // namespace
