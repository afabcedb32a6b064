#include "apps/yagura/progress.h"

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <iostream>
#include <mutex>

#include "spine/base/text.h"

namespace yagura::run {

ProgressBar::ProgressBar(const capture::File& file, std::string name)
    : file_{file}, name_{std::move(name)}, thread_{[this](const std::stop_token& stop) { show(stop); }} {}

void ProgressBar::show(const std::stop_token& stop) const {
    using Clock = std::chrono::steady_clock;
    constexpr std::size_t width = 30;
    const auto begun = Clock::now();
    std::mutex mutex;
    std::condition_variable_any waiting;
    bool shown = false;
    for (std::unique_lock lock{mutex};
         !waiting.wait_for(lock, stop, std::chrono::milliseconds{shown ? 200 : 500}, [] { return false; }) &&
         !stop.stop_requested();) {
        const auto [done, total] = file_.progress();
        const auto seconds = std::chrono::duration<double>(Clock::now() - begun).count();
        auto line = cat("\r\x1b[K", name_, "  ");
        if (total != 0) {
            const auto share = static_cast<double>(done) / static_cast<double>(total);
            const auto full = static_cast<std::size_t>(share * width);
            line += cat("[", std::string(full, '='), std::string(width - full, ' '), "] ",
                        static_cast<unsigned>(share * 100), " %");
            if (share > 0.02) line += cat("  ", std::llround(seconds * (1 - share) / share), " s left");
        } else {
            line += cat(done / 1'000'000, " MB read");
        }
        std::cerr << line << std::flush;
        shown = true;
    }
    if (shown) std::cerr << "\r\x1b[K" << std::flush;
}

} // namespace yagura::run
