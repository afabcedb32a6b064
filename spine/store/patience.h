// How long an answer reads rows that no sum and no index tells, while somebody waits for it. For this folder.
#pragma once

#include <chrono>

namespace yagura::store::reading {

class Patience {
public:
    /// Beside it there is the way to the rows and the way of the answer: a tenth of a second for all of it.
    static constexpr std::chrono::duration<double> most{0.06};
    std::chrono::duration<double> gone() const noexcept { return std::chrono::steady_clock::now() - begun_; }
    bool over() const noexcept { return gone() >= most; }

private:
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

} // namespace yagura::store::reading
