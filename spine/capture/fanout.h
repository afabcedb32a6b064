// The program that tells the kernel which worker gets a frame.
#pragma once

#include <cstdint>
#include <linux/filter.h>
#include <vector>

namespace yagura::capture {

/// Classic BPF. The number that it returns is the same for both directions between two hosts: of the
/// addresses of IPv4 or IPv6, behind one VLAN tag in the frame besides the one that the kernel takes off;
/// of the MACs for all else. `key` is drawn at start: who sends cannot choose the worker.
std::vector<sock_filter> fanout_program(std::uint64_t key);

} // namespace yagura::capture
