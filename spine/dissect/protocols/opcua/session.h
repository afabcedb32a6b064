// What an OPC UA connection has to remember: requests that wait, chunks that are not yet a message, and the
// nodes behind the numbers of monitored items.
//
// From OPC 10000-6 (1.05), 6.7.2 (chunks, request ids), OPC 10000-4, 7.25 (monitored item notifications).
#pragma once

#include <algorithm>
#include <cstring>

#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/opcua/items.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::opcua {

enum class Policy : std::uint8_t { unknown, none, sha1, sha256, other };

struct Asked {
    std::uint32_t request; ///< the id that the channel gives it
    std::uint16_t code, digest;
    std::uint8_t place; ///< where its parameters lie
    bool alike(const Asked& other) const noexcept { return request == other.request; }
    friend bool operator==(const Asked& a, const Asked& b) noexcept {
        return a.request == b.request && a.code == b.code && a.digest == b.digest;
    }
};

/// A message of which some chunks came.
struct Open {
    std::uint32_t request, bytes; ///< id; how many are kept
    std::uint16_t code;           ///< zero: this place is free
    std::uint8_t side;
    bool too_large; ///< more came than is kept
};

struct State {
    static constexpr std::size_t waiting_most = 8;
    Waiting<Asked, waiting_most> asked;
    std::array<Open, 4> open;
    std::array<std::uint32_t, 2> sequence; ///< of the last chunk, by side
    Policy policy;
    std::uint8_t next_place, next_open;
    bool items_known; ///< of any subscription
};

/// Requests are answered within minutes (Publish waits for something to happen) or not at all.
inline constexpr std::uint8_t patience = 240;
/// Of a request's parameters; what lies behind is asked for without a name.
inline constexpr std::size_t parameters_most = 64u << 10;
inline constexpr std::uint64_t request_channel = 0x55415251'00000000, chunk_channel = 0x55414348'00000000,
                               item_key = 0x55414d49'00000000;

/// Keeps what the answer will be about. `parameters`: behind the request's header.
inline void remember_request(std::uint32_t request, std::uint16_t code, Bytes parameters, const Pdu& pdu,
                             State& state, Ways& ways) noexcept {
    parameters = parameters.first(std::min(parameters.size(), parameters_most));
    std::uint32_t digest = 2166136261u;
    for (const auto byte : parameters.first(std::min<std::size_t>(parameters.size(), 256)))
        digest = (digest ^ std::to_integer<std::uint32_t>(byte)) * 16777619u;
    const auto place = state.next_place;
    state.next_place = static_cast<std::uint8_t>((place + 1u) % State::waiting_most);
    (void)state.asked.ask({.request = request,
                           .code = code,
                           .digest = static_cast<std::uint16_t>(digest ^ digest >> 16),
                           .place = place},
                          pdu.origin.at, patience);
    (void)ways.gather(request_channel + place, {}, Last::yes); // What nobody asked for any more.
    if (code != publish && !parameters.empty())
        (void)ways.gather(request_channel + place, parameters, Last::no);
}

struct Found {
    std::uint16_t code = 0; ///< zero: unknown
    Bytes parameters{};     ///< until the next message
};
inline Found find_request(std::uint32_t request, const Pdu& pdu, State& state, Ways& ways) noexcept {
    const auto found = state.asked.answer({.request = request, .code = 0, .digest = 0, .place = 0},
                                          pdu.origin.at, patience);
    if (!found) return {};
    return {found->request.code, ways.gather(request_channel + found->request.place, {}, Last::yes)};
}

/// Two records of a length and up to 63 bytes of a name. Longer ones are not kept: half a name is another
/// node's.
inline void remember_item(std::uint32_t subscription, std::uint32_t handle, std::string_view name,
                          Ways& ways) noexcept {
    constexpr std::size_t each = 63;
    if (name.size() > 2 * each) name = {};
    for (std::uint64_t part = 0; part < 2; ++part) {
        const auto piece = name.substr(std::min<std::size_t>(name.size(), part * each), each);
        if (part != 0 && piece.empty()) return;
        auto* record = ways.remember(item_key ^ part << 32 ^ std::uint64_t{subscription} << 34 ^ handle);
        if (!record) return;
        (*record)[0] = static_cast<std::byte>(part == 0 ? name.size() : piece.size());
        std::memcpy(record->data() + 1, piece.data(), piece.size());
    }
}
/// Empty if nobody knows.
template <std::size_t N>
std::string_view find_item(std::uint32_t subscription, std::uint32_t handle, Ways& ways,
                           TextRoom<N>& room) noexcept {
    constexpr std::size_t each = 63;
    room.clear();
    const auto key = item_key ^ std::uint64_t{subscription} << 34 ^ handle;
    const auto* first = ways.remember(key);
    if (!first) return {};
    const auto size = std::to_integer<std::size_t>((*first)[0]);
    room.add(as_text(Bytes{*first}.subspan(1, std::min(size, each))));
    if (size <= each) return room.view();
    const auto* second = ways.remember(key ^ std::uint64_t{1} << 32);
    if (!second || std::to_integer<std::size_t>((*second)[0]) != size - each) return {};
    room.add(as_text(Bytes{*second}.subspan(1, size - each)));
    return room.view();
}

} // namespace yagura::dissect::opcua
