// The plant's IPv4 addresses by subnet: what is declared, what stations were told, what is used and free.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "spine/store/health.h"

namespace yagura::see {

struct PlannedSubnet {
    std::uint32_t network = 0;
    unsigned bits = 24;
    enum class How : std::uint8_t {
        declared, ///< a person gave it to a line
        told,     ///< stations say it, or are told it
        assumed,  ///< addresses that nobody tells a mask of: by 256
    } how{};
    std::vector<store::LineRef> lines{};
    /// Places in PlanFacts::addresses, in their order; without those of a narrower subnet inside.
    std::vector<std::size_t> used{};
    std::uint64_t addresses = 0;        ///< that are used: one may be several devices'
    std::vector<std::uint32_t> cells{}; ///< used addresses of each equal part, 256 parts at most
    std::uint64_t cell_size = 1;        ///< addresses in one
    /// First and last, largest first: nobody has them, and no station has them for a gateway.
    std::vector<std::pair<std::uint32_t, std::uint32_t>> free{};
    bool free_cut = false;                                                  ///< there are more
    std::vector<std::pair<std::string, std::uint64_t>> masks{}, gateways{}; ///< most frequent first
    std::vector<std::uint64_t> weeks{}; ///< addresses that came, oldest week first
    std::uint64_t silent = 0;           ///< used, and not seen for thirty days
    /// Addresses that a station can have: without the network's own and the broadcast.
    std::uint64_t size() const noexcept {
        const auto all = std::uint64_t{1} << (32 - bits);
        return bits >= 31 ? all : all - 2;
    }
};

inline constexpr std::size_t plan_subnets_most = 500, plan_free_most = 64, plan_weeks = 12;

/// In the order of their networks. IPv6 is left out: its subnets have no end that somebody could plan with.
std::vector<PlannedSubnet> address_plan(const store::PlanFacts& facts);
/// "10.2.3.0/24"
std::string text(const PlannedSubnet& subnet);
std::string address_text(std::uint32_t address);

} // namespace yagura::see
