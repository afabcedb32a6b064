#include "see/ask/permit.h"

#include <algorithm>

#include "spine/journal/crc32c.h"

namespace yagura::see::ask {
namespace {

constexpr std::uint32_t permit_mark = 0x59475031; // "YGP1"
constexpr std::size_t head_checked = permit_head_bytes - 4;

} // namespace

PermitHead permit_for(bool go, std::uint64_t pulse, std::string_view plan) {
    return {.go = go,
            .pulse = pulse,
            .plan_bytes = static_cast<std::uint32_t>(plan.size()),
            .plan = Sha256{}.add(std::as_bytes(std::span{plan})).finish()};
}

std::array<std::byte, permit_head_bytes> encode(const PermitHead& head) {
    std::array<std::byte, permit_head_bytes> out{};
    std::size_t used = 0;
    const auto put = [&](std::uint64_t value, std::size_t octets) {
        while (octets-- != 0) out[used++] = static_cast<std::byte>(value >> octets * 8);
    };
    put(permit_mark, 4);
    put(head.go ? 1 : 0, 1);
    put(head.pulse, 8);
    put(head.plan_bytes, 4);
    std::ranges::copy(head.plan, out.begin() + static_cast<std::ptrdiff_t>(used));
    used = head_checked;
    put(journal::crc32c(Bytes{out}.first(head_checked)), 4);
    return out;
}

std::optional<PermitHead> permit_head(Bytes bytes) noexcept {
    if (bytes.size() != permit_head_bytes) return std::nullopt;
    Reader in{bytes};
    PermitHead head;
    const auto found = in.u32();
    const auto go = in.u8();
    head.pulse = in.u64();
    head.plan_bytes = in.u32();
    const auto plan = in.take(head.plan.size());
    in.take(head_checked - in.position());
    const auto sum = in.u32();
    if (!in.ok() || found != permit_mark || go > 1 || head.plan_bytes > permit_plan_most ||
        sum != journal::crc32c(bytes.first(head_checked)))
        return std::nullopt;
    head.go = go == 1;
    std::ranges::copy(plan, head.plan.begin());
    return head;
}

bool is_plan_of(const PermitHead& head, Bytes plan) {
    return plan.size() == head.plan_bytes && Sha256{}.add(plan).finish() == head.plan;
}

} // namespace yagura::see::ask
