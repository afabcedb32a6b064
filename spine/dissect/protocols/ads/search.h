// The search for TwinCAT routers (UDP 48899): who is there, and who wants a route to it.
#pragma once

#include "spine/dissect/protocols/ads/names.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::ads {

inline constexpr std::uint32_t search_magic = 0x03661471; ///< as its octets stand

/// Text of a field while it is that; NUL ends it.
std::string_view name_in(Bytes) noexcept;
Recognition search_looks_like(Bytes) noexcept;
/// One datagram, whole or cut.
void search(const Tell&) noexcept;

} // namespace yagura::dissect::ads
