// What the center allows at this moment: one open file that is read and never written (see/ask/permit.h).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "see/ask/permit.h"
#include "spine/base/result.h"

namespace yagura::ask {

class Permit {
public:
    /// A center whose pulse stands still as long as this has fallen, or hangs: nobody could stop us through
    /// it.
    static constexpr std::chrono::seconds pulse_within{10};

    static Result<Permit> open(const std::string& path);
    Permit(Permit&&) noexcept;
    Permit& operator=(Permit&&) noexcept;
    ~Permit();

    /// The plan that may be asked now; from then on `allows` is of this one. Nothing: none may.
    std::optional<std::string> take();
    /// May a byte of the plan that was taken leave now? False as soon as it is stopped, another plan was
    /// approved, or the file cannot be read.
    bool allows();
    int descriptor() const noexcept { return file_; }

private:
    explicit Permit(int file) : file_{file} {}
    std::optional<see::ask::PermitHead> look();
    int file_;
    std::optional<see::ask::PermitHead> taken_;
    std::optional<std::uint64_t> pulse_;
    std::optional<std::chrono::steady_clock::time_point> beat_; ///< when it moved, with our own eyes
};

} // namespace yagura::ask
