// One question after the other, and what has to be on the disk before and after each.
#pragma once

#include "apps/ask/ask.h"
#include "apps/ask/exchange.h"
#include "see/ask/usm.h"

namespace yagura::ask {

class Round {
public:
    struct Parts {
        const Options& options;
        see::ask::Memory& memory;
        int memory_file;
        Log& log;
        Voice& voice;
        Patience& patience;
        const see::ask::Credentials& credentials;
        see::ask::Crypto& crypto;
    };
    /// The plan outlives it.
    Round(const Parts& parts, const see::ask::Plan& plan);
    /// Until told to end, or until this plan is not allowed any more.
    Exit all();

private:
    std::optional<Exit> one(const see::ask::Task& task);
    bool keep(const see::ask::Memory::Place* place) const;
    bool sum_up();

    Parts in_;
    see::ask::Planner planner_;
    Exchange exchange_;
    std::uint64_t asked_ = 0; ///< since the last sum
};

/// One approved plan after the other, as the center has them. The program stays as narrow as it is: it opens
/// nothing for a new one.
Exit as_permitted(const Round::Parts& parts, Permit& permit);

} // namespace yagura::ask
