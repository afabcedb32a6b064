// A bar on standard error while a capture is read: how much is done, how long it will take.
#pragma once

#include <thread>

#include "spine/capture/file.h"

namespace yagura::run {

/// Shows itself after half a second, so that small files leave no trace; takes itself away at its end.
class ProgressBar {
public:
    ProgressBar(const capture::File& file, std::string name);

private:
    void show(const std::stop_token& stop) const;
    const capture::File& file_;
    std::string name_;
    std::jthread thread_; // Last: it uses the others, and ends first.
};

} // namespace yagura::run
