// Copies of a packet that a SPAN shows more than once.
//
// A mirror of two ports, or of both directions of one, shows a frame as it enters and as it leaves; a
// mirror on both sides of a router shows it with another TTL, other MACs and another VLAN. Such a copy
// has everything else in common with the first: addresses, ports, IP identification, length; of TCP
// sequence numbers, flags, window and checksum; of everything else each byte of the payload.
//
// A packet is a copy if its digest was seen within
//   20 ms    for TCP: what is wrongly taken for a copy is a retransmission, which brings nothing new
//   10 ms    for other IPv4 with an identification: two packets of one sender differ in it
//   1 ms     for IPv4 without one (RFC 6864 allows that) and IPv6
//   250 us   for frames without IP: cyclic ones repeat from 500 us up, and carry counters
// in either direction of time, since taps are merged, and at most three times.
//
// Mistakes that remain. A sender that repeats a UDP datagram within the window with a constant
// identification loses the second one; equal duplicate ACKs within 20 ms from a stack without
// identification count once. A copy that comes later than the window, or after 2,048 other packets
// pushed its digest out, counts as a packet: of TCP as a retransmission, of UDP as one more message.
// With translated addresses both sides are two conversations, and stay two.
#pragma once

#include <cstdint>

#include "spine/decode/mix.h"
#include "spine/decode/packet.h"
#include "spine/decode/recent.h"

namespace yagura::decode {

class Duplicates {
public:
    /// `conversation` is ConversationTable::hash() of the packet. True for the second and later copies.
    bool seen(std::uint64_t conversation, const Packet& packet) noexcept {
        if (!recent_.seen(fold(conversation ^ secret_[0], packet.digest ^ secret_[1]), packet.at,
                          window(packet)))
            return false;
        ++copies_;
        return true;
    }
    std::uint64_t copies() const noexcept { return copies_; }
    static constexpr std::size_t memory_most() noexcept { return places * Recent::place_bytes; }

    static constexpr std::chrono::nanoseconds window(const Packet& packet) noexcept {
        using namespace std::chrono_literals;
        switch (packet.form) {
        case Form::tcp:
            return 20ms;
        case Form::udp:
        case Form::icmp:
        case Form::ip:
            return packet.ip_id != 0 ? 10ms : 1ms;
        default:
            return 250us;
        }
    }

private:
    Secret secret_ = draw_secret();
    static constexpr std::size_t places = 4096;
    Recent recent_{places};
    std::uint64_t copies_ = 0;
};

} // namespace yagura::decode
