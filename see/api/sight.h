// What reaches a sensor and what does not, network by network, and where the next sensor shows most.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spine/store/sight.h"

namespace yagura::see {

enum class Sight : std::uint8_t {
    seen,      ///< its conversations reach a sensor
    one_sided, ///< of most of them one side's packets never come
    heard,     ///< only what it says to everybody: ARP, LLDP, DHCP
    named,     ///< only others speak of it
    missing,   ///< only the ledger knows it
};
inline constexpr std::size_t sight_count = 5;
std::string_view key(Sight) noexcept;

Sight sight_of(const store::SightRow&) noexcept;

/// Of the ledger, that nobody sees.
struct MissingEntry {
    std::string id{}, name{}, address{};
};

struct SeenNetwork {
    std::string network{}; ///< "10.2.3.0/24"; empty: devices without an address
    std::array<std::uint64_t, sight_count> counts{};
    std::uint64_t hidden = 0;      ///< whose conversations no sensor sees, switches and the like left out
    std::uint64_t controllers = 0; ///< of them: what moves something
    std::vector<std::size_t> devices{};  ///< places, those that are seen least first
    std::vector<std::size_t> missing{};  ///< places
    std::vector<std::size_t> switches{}; ///< places: where a mirror port may be had
    std::vector<store::LineRef> lines{};
    std::uint64_t all() const noexcept;
};

/// Most hidden controllers first, then most hidden devices, then in the order of their devices. The first one
/// is where the next sensor belongs, if anything is hidden there.
std::vector<SeenNetwork> seen_networks(const store::SightList&, const std::vector<MissingEntry>&);

} // namespace yagura::see
