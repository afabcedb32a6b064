#include "bench/scale/feed.h"

#include <thread>

#include "bench/scale/tell.h"
#include "spine/base/clock.h"
#include "spine/journal/pipe.h"

namespace yagura::bench {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

std::vector<std::string>& names() { ///< number n is names()[n - 1]
    static std::vector<std::string> all;
    return all;
}
std::uint16_t number_of(void*, std::string_view name) {
    auto found = std::ranges::find(names(), name);
    if (found == names().end()) found = names().emplace(names().end(), name);
    return static_cast<std::uint16_t>(found - names().begin() + 1);
}
std::string_view name_of(std::uint16_t number) noexcept {
    return number && number <= names().size() ? std::string_view{names()[number - 1u]} : std::string_view{};
}
observe::Time wall() {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

} // namespace

std::uint64_t feed(const Wanted& wanted, int pipe, std::uint64_t a_second, std::int64_t seconds) {
    auto plant = plant_of(wanted);
    journal::PipeWriter out{pipe};
    journal::ByteRing ring{1 << 22};
    journal::Encoder encoder{ring, name_of, journal::WhenFull::count};
    Teller teller{encoder, wanted.seed + 3, number_of, nullptr};
    Dice dice{wanted.seed + 4};
    std::vector<std::byte> scratch(journal::record_room);
    journal::Source source{.number = 1,
                           .sensor = {7},
                           .boot = static_cast<std::uint64_t>(wall().time_since_epoch().count()),
                           .interface = "eth1",
                           .sensor_name = "core switch",
                           .link_type = 1,
                           .live = true};
    std::uint64_t told = 0;
    const auto begun = Steady::now();
    auto covered = begun - 1s;
    while (Steady::now() - begun < std::chrono::seconds{seconds} && !out.broken()) {
        const auto now = Steady::now();
        if (now - covered >= 1s) {
            covered = now;
            encoder.source(wall(), source);
            teller.coverage(wall(), 40'000);
            ++told;
        }
        const auto due = static_cast<std::uint64_t>(std::chrono::duration<double>(now - begun).count() *
                                                    static_cast<double>(a_second));
        while (told < due) told += teller.one(plant.streams()[dice.below(plant.streams().size())], wall());
        ring.drain(scratch, SIZE_MAX, [&](Bytes record) { (void)out.add(record); });
        if (!out.flush()) break;
        std::this_thread::sleep_for(10ms);
    }
    return told;
}

} // namespace yagura::bench
