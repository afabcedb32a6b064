// How the center lets yagura-ask ask, and stops it: one file, written in place (see/ask/permit.h). The other
// side has it open and looks at it before every byte, so nobody has to be reached for a stop.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "spine/base/result.h"

namespace yagura::center {

class Permit {
public:
    static constexpr std::chrono::seconds beat_every{2}; ///< a fifth of what yagura-ask bears

    /// Made where it is not there; says stop, until something else is said.
    static Result<Permit> open(const std::string& path);
    Permit(Permit&&) noexcept;
    Permit& operator=(Permit&&) = delete;
    ~Permit();

    /// Any thread. What cannot be written is stop.
    void say(bool go, const std::string& plan);
    void stop();
    /// The recorder's: while it lives, who obeys can be stopped.
    void beat();

private:
    struct Inside;
    explicit Permit(std::unique_ptr<Inside> in);
    std::unique_ptr<Inside> in_;
};

} // namespace yagura::center
