// Conversations that nobody claims, put together by what they look like: each group is most likely one
// protocol.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spine/worker/shapes.h"

namespace yagura::worker {

struct UnknownProtocol {
    static constexpr std::size_t stations_most = 64;

    std::string_view carrier; ///< ethernet, ip, tcp, udp
    std::uint32_t selector =
        0; ///< ethertype, IP protocol, port; 0: ports differ from conversation to conversation
    std::vector<observe::Station> stations; ///< without their ports; the first `stations_most`
    std::uint64_t conversations = 0;
    observe::Time first{}, last{};
    /// By Speaker: who has the port that all share speaks as the server.
    std::array<SideShape, 2> sides;

    /// A byte that tells functions apart, as far as one can see: of few values, which answers repeat.
    struct Opcode {
        std::size_t at = 0;
        std::uint8_t answer_bit = 0;      ///< set in answers alone; 0: none is
        std::vector<std::uint8_t> values; ///< without that bit
    };
    std::optional<Opcode> opcode() const;
    /// Of both sides, where both have one.
    std::optional<SideShape::Length> length() const;
    /// A byte that counts messages in both directions, or in the only one that there is.
    std::optional<std::size_t> counter() const;
    /// The bytes that stay, as a description has them: "0: AC 3E ?? 01". Empty where none does.
    static std::string mark(const SideShape&);
    std::uint64_t messages() const noexcept { return sides[0].messages + sides[1].messages; }

    /// A description to begin with (spine/descriptions), or a comment that says why there is none.
    std::string draft(std::string_view name) const;
};

/// Those with the most messages first. What stays the same in `marks_alike` bytes is one protocol on several
/// ports.
std::vector<UnknownProtocol> grouped_by_shape(const std::vector<std::unique_ptr<Shape>>&);

/// "A", "B", ..., "Z", "AA": as people are told of the n-th, from 0.
std::string letters(std::size_t number);

} // namespace yagura::worker
