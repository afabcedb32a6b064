// May this device be on the network? What persons decided about its marks, held against what it is now.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "see/portrait.h"
#include "spine/store/approval.h"

namespace yagura::see {

/// What a device says of itself, as a decision about it keeps it: its name, whether it has a MAC, and each
/// maker, product and serial number with the protocol that told it.
std::string identity_of(const Portrait&);

/// A MAC or an address of the device, with what was decided about it.
struct Decided {
    model::Node::Kind kind{};
    std::string address{};
    const store::ApprovalRow* said = nullptr;
    bool elsewhere = false; ///< it was said of a device that there still is, and that is another one
};

/// The strictest word about any of its cards holds: rejected, then not decided, then until a date. Where its
/// cards are not known (behind a router) its addresses stand for them. Whoever says something else of itself
/// than when it was let in waits again.
store::Standing standing(const Portrait&, std::span<const Decided>);

} // namespace yagura::see
