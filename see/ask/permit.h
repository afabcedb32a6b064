// The permit: the one file through which the center lets yagura-ask ask, and stops it. The center writes it
// in place; yagura-ask has it open and looks at its head before every byte that leaves. A fixed head (may it
// ask, a pulse, which plan), then the approved plan. What is torn, stale or of another plan allows nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "spine/base/bytes.h"
#include "spine/base/sha256.h"

namespace yagura::see::ask {

inline constexpr std::size_t permit_head_bytes = 128, permit_plan_most = 256 * 1024;

struct PermitHead {
    bool go = false;
    std::uint64_t pulse = 0; ///< grows while the center lives: one that stands still allows nothing
    std::uint32_t plan_bytes = 0;
    Sha256::Digest plan{}; ///< of its bytes
    friend bool operator==(const PermitHead&, const PermitHead&) = default;
};

PermitHead permit_for(bool go, std::uint64_t pulse, std::string_view plan);
std::array<std::byte, permit_head_bytes> encode(const PermitHead&);
/// Nothing of bytes that were torn or are not ours.
std::optional<PermitHead> permit_head(Bytes) noexcept;
/// Is this the plan that the head means?
bool is_plan_of(const PermitHead&, Bytes plan);

} // namespace yagura::see::ask
