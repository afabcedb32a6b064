// yagura-center: journal, model, store, API and console of one plant.
#include <pthread.h>
#include <signal.h>

#include <exception>
#include <iostream>

#include "apps/center/center.h"
#include "apps/center/console.h"
#include "apps/center/options.h"
#include "spine/base/week.h"

int main(int argc, char** argv) {
    using namespace yagura;
    // The one place that catches everything: past it nobody is left to tell.
    try {
        const auto options = center::options(argc, argv);
        if (!options) return options.error();
        // Before any thread: all of them leave these to sigwait().
        sigset_t ends;
        sigemptyset(&ends);
        sigaddset(&ends, SIGTERM);
        sigaddset(&ends, SIGINT);
        ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
        ::signal(SIGPIPE, SIG_IGN);
        // Of the hours in which devices may be asked; everything else is kept and told in UTC.
        use_time_zone(options->time_zone);

        auto center = center::Center::start(
            {.data = options->data,
             .pipes = options->records,
             .sensor = options->sensor,
             .protocols = options->protocols,
             .keep_days = options->journal_days,
             .journal_bytes = static_cast<std::uint64_t>(options->journal_gib) << 30,
             .permit = options->ask_permit()});
        auto console = center ? center::Console::open(*options, **center)
                              : Result<std::unique_ptr<center::Console>>{std::unexpected{center.error()}};
        if (!console) {
            std::cerr << console.error().text();
            return 1;
        }
        center::import(*options, **center);
        int which = 0;
        ::sigwait(&ends, &which);
        return 0; // The console first, then the center: what came is written.
    } catch (const std::exception& unexpected) {
        std::cerr << "error: " << unexpected.what() << '\n';
        return 1;
    }
}
