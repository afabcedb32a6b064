// How long it takes to hold a ledger against a plant: as many entries as devices, most of them alike, some
// that differ, that moved, that are nobody's. What 20,000 of each take stands in docs/performance.md.
#include <benchmark/benchmark.h>

#include <cstdio>

#include "see/ledger/reconcile.h"
#include "spine/base/text.h"

namespace {

using namespace yagura;
using namespace yagura::see::ledger;

void reconcile_plant(benchmark::State& state) {
    const auto size = static_cast<unsigned>(state.range(0));
    const observe::Time now{std::chrono::seconds{1'790'000'000}};
    constexpr std::string_view makers[]{"Mitsubishi Electric", "Omron", "Rockwell Automation", "Siemens"};
    constexpr std::string_view written[]{"三菱電機株式会社", "オムロン㈱", "ロックウェル", "シーメンス"};
    std::vector<Asked> entries;
    std::vector<Seen> devices;
    for (unsigned i = 0; i < size; ++i) {
        const auto ip = cat("10.", i / 62'500, ".", i / 250 % 250, ".", i % 250 + 1);
        char mac[18];
        std::snprintf(mac, sizeof mac, "00:1d:9c:%02x:%02x:%02x", i >> 16 & 0xff, i >> 8 & 0xff, i & 0xff);
        if (i % 50 != 0) // Some are in no ledger.
            devices.push_back({.id = cat("d0-", i + 1),
                               .role = "plc",
                               .vendor = std::string{makers[i % 4]},
                               .product = cat("CPU-", i % 90),
                               .firmware = "1.24",
                               .serial = cat(4'711 + i),
                               .line = "",
                               .ips = {ip},
                               .macs = {mac},
                               .names = {cat("plc-", i)},
                               .last = now});
        if (i % 40 == 1) continue; // Some are not seen.
        Entry entry;
        entry[Field::number] = cat("A-", i);
        entry[Field::name] = cat("設備", i, " 制御盤");
        entry[Field::ip] = i % 30 == 2 ? cat("10.99.0.", i % 250) : ip; // Some were moved.
        if (i % 3 != 0) entry[Field::mac] = mac;
        entry[Field::vendor] = written[i % 4];
        entry[Field::product] = i % 25 == 3 ? "GT2712" : cat("CPU-", i % 90);
        entry[Field::firmware] = "Ver.1.24";
        entry[Field::serial] = cat(4'711 + i);
        entries.push_back({entry, {}});
    }
    std::size_t different = 0;
    for (auto _ : state) {
        const auto pairs = reconcile(entries, devices, now, std::chrono::days{30});
        different = 0;
        for (const auto& pair : pairs) different += pair.list == List::different;
        benchmark::DoNotOptimize(pairs.data());
    }
    state.counters["different"] = static_cast<double>(different);
}
BENCHMARK(reconcile_plant)->Arg(3'000)->Arg(20'000)->Unit(benchmark::kMillisecond);

} // namespace
