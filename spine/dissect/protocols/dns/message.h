// What DNS, mDNS and LLMNR have in common: one operation a message, and the names that it tells.
#pragma once

#include "spine/dissect/dissector.h"
#include "spine/wire/dns.h"

namespace yagura::dissect::protocols::dns_family {

/// Answers of one message that are told as names: a zone transfer has thousands.
inline constexpr unsigned names_most = 32;

enum class Flavour : std::uint8_t { unicast, multicast, link_local };

Recognition looks_like(const Opening&, Flavour) noexcept;

/// Says the operation, the names of an answer, and what is wrong. False if there is not even a header.
bool say(const Pdu&, Ways&, Flavour) noexcept;

} // namespace yagura::dissect::protocols::dns_family
