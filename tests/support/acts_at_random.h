// Acts of a small plant (plant_store.h), at random: over two days and their hours, some of them answered,
// refused, told late, in windows of all sizes.
#pragma once

#include <array>
#include <random>

#include "tests/support/plant_store.h"

namespace yagura::test {

inline constexpr int acts_of_devices = 6;

class Acts {
public:
    explicit Acts(std::uint64_t seed) : dice_{seed} {}
    std::uint64_t below(std::uint64_t bound) { return dice_() % bound; }
    bool one_in(std::uint64_t many) { return below(many) == 0; }

    /// Two days of acts, answers to some of them, refusals, windows of all sizes.
    Batch batch(std::uint64_t arrival, int many) {
        static constexpr std::array acts{observe::Act::read,  observe::Act::read, observe::Act::read,
                                         observe::Act::write, observe::Act::stop, observe::Act::cyclic_io,
                                         observe::Act::alarm};
        static constexpr std::array<std::string_view, 3> protocols{"modbus", "s7comm", "slmp"};
        Batch out;
        for (int i = 0; i < many; ++i) {
            OperationItem op;
            op.arrival = ++arrival;
            op.source = 1;
            op.at = begin_time + std::chrono::milliseconds{below(7'200'000)};
            op.last = op.at + std::chrono::milliseconds{below(3) * 500};
            op.who = ip_node(below(acts_of_devices));
            op.whom = one_in(9) ? mac_node(below(acts_of_devices)) : ip_node(below(acts_of_devices));
            op.act = acts[below(acts.size())];
            op.protocol = protocols[below(protocols.size())];
            op.function = one_in(2) ? "Read Registers" : "Write";
            op.object = cat("D", below(40));
            op.value = cat(below(9));
            if (one_in(4)) op.part = "unit 7";
            op.many = one_in(3);
            op.outcome = static_cast<observe::Outcome>(one_in(6) ? below(4) : 1);
            op.messages = op.many ? below(20) : 1;
            op.answers = op.many ? below(12) : below(2);
            op.refusals = op.outcome == observe::Outcome::refused ? 1 : one_in(20);
            op.talk = below(50);
            op.pair = static_cast<std::uint32_t>(1 + below(6));
            op.answer = !op.many && one_in(4);
            if (!op.many && !op.answer && one_in(3)) op.outcome = observe::Outcome::pending, op.answers = 0;
            out.operations.push_back(std::move(op));
        }
        out.arrival = arrival;
        out.latest = begin_time + 3h;
        return out;
    }

private:
    std::mt19937_64 dice_;
};

} // namespace yagura::test
