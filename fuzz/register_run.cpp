// What a damaged day's file may say that a register's values were.
#include "spine/store/register_run.h"

#include <cstdlib>

#include "fuzz/targets.h"

namespace yagura::fuzz {

void register_run(Bytes input) {
    const auto values = store::RegisterRun::values(input);
    auto run = store::RegisterRun::of(input);
    if (run.many() != values.size() || run.bytes().size() > input.size()) std::abort();
    // What was read can be said again, and goes on.
    store::RegisterRun again;
    for (const auto& one : values) again.append(one);
    if (store::RegisterRun::values(again.bytes()) != values) std::abort();
    run.append({1, 2, true, false, "[1,2]"});
    if (store::RegisterRun::values(run.bytes()).size() != values.size() + 1) std::abort();
}

} // namespace yagura::fuzz
