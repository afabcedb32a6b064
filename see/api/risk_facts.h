// Everything that is known of every device, as see/risk wants it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "see/api/weaknesses.h"
#include "see/risk/facts.h"
#include "spine/store/needs.h"
#include "spine/store/standings.h"

namespace yagura::see {

struct RiskyDevice {
    store::DeviceRef ref{}; ///< with address and role
    store::LineRef line{};  ///< id empty: none
    std::string level{}, network{}, vendor{}, product{};
    risk::Facts facts{};
};

/// What the network says of one another: neither in one line nor in one network.
bool apart(const store::NeedEnd& a, const store::NeedEnd& b);
/// "10.1.2.0/24", "fd00:0:0:1::/64"; empty: it has no address. As model/address.h takes neighbours.
std::string network_of(std::string_view address);
/// A public one that somebody can have.
bool is_public(std::string_view address);

/// The first `most` devices; each with a place in the same order as in the view.
std::vector<RiskyDevice> risky_devices(const WeaknessView&, const store::Needs&,
                                       const std::vector<store::DeviceStanding>&, const Reconciled&,
                                       std::size_t most);

} // namespace yagura::see
