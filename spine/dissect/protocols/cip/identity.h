// What a device says about itself in CIP's Identity object, wherever it stands. CIP Networks Library volume
// 1, chapter 5A.
#pragma once

#include "spine/dissect/dissector.h"

namespace yagura::dissect::cip {

struct IdentityWords {
    std::uint16_t vendor = 0, profile = 0, product = 0;
    std::uint8_t major = 0, minor = 0;
    std::uint16_t status = 0;
    std::uint32_t serial = 0;
    Bytes name{};
    std::optional<std::uint8_t> state{};
    /// Which attributes 1 to 7 were there, as bits.
    std::uint8_t known = 0;
};
/// Attributes 1 to 7 in order, as get attributes all and ListIdentity have them. False when they are cut:
/// what came before is kept.
bool read_identity(Reader&, IdentityWords&) noexcept;
/// One attribute.
void read_identity_attribute(std::uint16_t attribute, Reader&, IdentityWords&) noexcept;
void say_identity(const Pdu&, const observe::Part&, const IdentityWords&, Ways&) noexcept;

} // namespace yagura::dissect::cip
