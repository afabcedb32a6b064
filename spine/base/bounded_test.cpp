// The bounded containers of the packet path, and SHA-256 against the standard's own examples.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "spine/base/block_pool.h"
#include "spine/base/bounded_table.h"
#include "spine/base/hex.h"
#include "spine/base/limits.h"
#include "tests/support/no_allocation.h"

using namespace yagura;

namespace {

std::size_t hash_of(std::uint64_t key) { return Hasher{1, 2}.add(key).finish(); }

TEST(BoundedTable, AgreesWithAMapUnderInsertionsAndRemovals) {
    BoundedTable<std::uint64_t, int> table{1u << 12};
    std::map<std::uint64_t, int> truth;
    std::mt19937 random{7};
    for (int i = 0; i < 60'000; ++i) {
        const std::uint64_t key = random() % 3000;
        // Half of them fall into eight places, so that removal has to close long rows.
        const auto hash = key % 2 ? hash_of(key) : key % 8;
        if (random() % 3 == 0) {
            EXPECT_EQ(table.erase(key, hash), truth.erase(key) == 1);
        } else if (auto* known = table.find(key, hash)) {
            ASSERT_EQ(*known, truth.at(key));
        } else {
            ASSERT_FALSE(truth.contains(key));
            truth[key] = table.insert(key, hash) = i;
        }
    }
    EXPECT_EQ(table.size(), truth.size());
    table.each([&](std::uint64_t key, int value) { EXPECT_EQ(truth.at(key), value); });
}

TEST(BoundedTable, AFullOneForgetsWhatNobodyAskedForAndCounts) {
    BoundedTable<std::uint64_t, int> table{100};
    int told = 0;
    for (std::uint64_t key = 0; key < 100; ++key) table.insert(key, hash_of(key));
    for (std::uint64_t key = 100; key < 1000; ++key) {
        EXPECT_NE(table.find(5, hash_of(5)), nullptr);
        table.insert(key, hash_of(key), [&](std::uint64_t gone, int) {
            EXPECT_NE(gone, 5u);
            ++told;
        });
    }
    EXPECT_EQ(table.size(), 100u);
    EXPECT_EQ(table.forgotten(), 900u);
    EXPECT_EQ(told, 900);
}

TEST(BoundedTable, NoHeapOnceItIsFull) {
    BoundedTable<std::uint64_t, std::array<std::byte, 64>> table{1000};
    for (std::uint64_t key = 0; key < 1100; ++key) table.insert(key, hash_of(key));
    const auto before = test::allocations();
    for (std::uint64_t key = 1100; key < 9000; ++key) {
        table.insert(key, hash_of(key));
        if (key % 3 == 0) table.erase(key, hash_of(key));
    }
    EXPECT_EQ(test::allocations(), before);
}

TEST(BlockPool, PiecesGrowAndCanBeCutFromTheFront) {
    BlockPool pool{12u << 20};
    BlockPool::Lease lease;
    std::vector<std::byte> all;
    for (int i = 0; i < 300; ++i) {
        const std::vector<std::byte> piece(777, static_cast<std::byte>(i));
        ASSERT_TRUE(pool.append(lease, piece, 1u << 20));
        all.insert(all.end(), piece.begin(), piece.end());
    }
    EXPECT_TRUE(std::ranges::equal(pool.bytes(lease), all));
    pool.drop_front(lease, 1000);
    EXPECT_TRUE(std::ranges::equal(pool.bytes(lease), Bytes{all}.subspan(1000)));
    pool.release(lease);
    EXPECT_TRUE(pool.bytes(lease).empty());
    EXPECT_EQ(pool.counters().evicted + pool.counters().refused, 0u);
}

TEST(BlockPool, KeepsItsBudgetAndTellsWhoLost) {
    BlockPool pool{6u << 20};
    std::vector<BlockPool::Lease> leases(2000);
    const std::vector<std::byte> piece(3000);
    for (auto& lease : leases) ASSERT_TRUE(pool.append(lease, piece, 65'536));
    EXPECT_LE(pool.taken(), pool.budget());
    EXPECT_FALSE(pool.holds(leases.front()));
    EXPECT_TRUE(pool.holds(leases.back()));
    EXPECT_EQ(pool.counters().evicted, 2000u - (1u << 20) / 4096);
    BlockPool::Lease small;
    ASSERT_TRUE(pool.append(small, Bytes{piece}.first(10), 65'536)) << "other classes are not touched";
    EXPECT_FALSE(pool.append(small, piece, 2000)) << "longer than its protocol allows";
    EXPECT_FALSE(small.taken());
}

TEST(BlockPool, TakesNothingBeforeItIsNeededAndNothingTwice) {
    BlockPool pool{32u << 20};
    EXPECT_EQ(pool.taken(), 0u);
    const std::vector<std::byte> piece(900);
    const auto turn = [&] {
        BlockPool::Lease lease;
        for (int i = 0; i < 10; ++i) (void)pool.append(lease, piece, 65'536);
        pool.release(lease);
    };
    turn();
    const auto before = test::allocations();
    for (int i = 0; i < 100; ++i) turn();
    EXPECT_EQ(test::allocations(), before);
}

TEST(Limits, AreReadWhileTheyAreUsed) {
    Limits limits;
    auto& flows = limits.add("worker.flows", 10, "flows");
    limits.add("worker.gather", 20, "bytes");
    flows.use(7);
    flows.refuse();
    flows.refuse(2);
    EXPECT_EQ(limits.all().front().used(), 7u);
    EXPECT_EQ(limits.all().front().refused(), 3u);
    EXPECT_EQ(limits.all().size(), 2u);
}

} // namespace
