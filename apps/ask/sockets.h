// Addresses as the kernel has them, and what its errors say: of the device, or of this box.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/socket.h>

#include "see/ask/plan.h"

namespace yagura::ask {

struct Address {
    sockaddr_storage room{};
    socklen_t size = 0;
    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&room); }
};
Address address_of(const observe::Ip&, std::uint16_t port) noexcept;
/// Of a connected socket: who it is on this side.
observe::Station own_station(int socket) noexcept;

/// Does this error of connect(), send() or recv() tell of the device, or the way to it? Else it is this
/// box's: no route, a filter, no descriptors.
bool is_of_device(int error) noexcept;
std::string error_name(int error);

/// Somebody of the plan who is this box itself, or everybody on one of its networks, as its own routes have
/// it. Sends nothing.
Result<void> refuse_ourselves(const see::ask::Plan&, const std::string& path);

} // namespace yagura::ask
