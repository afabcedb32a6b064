// The encapsulation of EtherNet/IP, as enip and cip both read it. CIP Networks Library volume 2
// (EtherNet/IP Adaptation of CIP), chapter 2: 2-3 header, 2-4 commands, 2-6 common packet format.
#pragma once

#include <algorithm>
#include <array>

#include "spine/base/bytes.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::enip {

inline constexpr std::size_t header_size = 24;

enum Command : std::uint16_t {
    nop = 0x0000,
    list_services = 0x0004,
    list_identity = 0x0063,
    list_interfaces = 0x0064,
    register_session = 0x0065,
    unregister_session = 0x0066,
    send_rr_data = 0x006f,
    send_unit_data = 0x0070,
    indicate_status = 0x0072,
    cancel = 0x0073,
};

enum ItemType : std::uint16_t {
    null_address = 0x0000,
    identity_item = 0x000c,
    connected_address = 0x00a1,
    connected_data = 0x00b1,
    unconnected_data = 0x00b2,
    services_item = 0x0100,
    socket_to_target = 0x8000,
    socket_to_originator = 0x8001,
    sequenced_address = 0x8002,
};

struct Header {
    std::uint16_t command = 0, length = 0;
    std::uint32_t session = 0, status = 0;
    std::uint64_t context = 0;
    std::uint32_t options = 0;
};
constexpr Header read_header(Reader& in) noexcept {
    return Header{in.u16le(), in.u16le(), in.u32le(), in.u32le(), in.u64(), in.u32le()};
}

struct Item {
    std::uint16_t type = 0;
    Bytes bytes{};
};
/// The next item of a common packet, as far as it is there: `in` is poisoned where one is cut.
constexpr Item read_item(Reader& in) noexcept {
    Item item;
    item.type = in.u16le();
    const auto length = in.u16le();
    if (!in.ok()) return item;
    if (length <= in.remaining()) {
        item.bytes = in.take(length);
    } else {
        item.bytes = in.rest();
        in.take(1);
    }
    return item;
}

/// What a SendRRData or SendUnitData carries: one message to the message router.
struct Carried {
    Bytes cip{};
    std::uint64_t context = 0;
    std::uint32_t connection = 0; ///< identifier of a connected message
    std::uint16_t sequence = 0;
    bool connected = false, found = false, cut = false;
    std::array<Bytes, 2> sockets{}; ///< to the target, to the originator
};
constexpr Carried read_carried(Bytes message) noexcept {
    Reader in{message};
    Carried carried;
    const auto header = read_header(in);
    carried.context = header.context;
    in.take(6); // interface handle, timeout
    const auto items = in.u16le();
    unsigned seen = 0;
    for (; seen < items && in.ok() && in.remaining() > 0; ++seen) {
        const auto item = read_item(in);
        Reader data{item.bytes};
        switch (item.type) {
        case connected_address:
            carried.connection = data.u32le();
            break;
        case connected_data:
            carried.sequence = data.u16le();
            carried.connected = true;
            carried.found = data.ok();
            carried.cip = data.rest();
            break;
        case unconnected_data:
            carried.found = in.ok() || !item.bytes.empty();
            carried.cip = item.bytes;
            break;
        case socket_to_target:
            carried.sockets[0] = item.bytes;
            break;
        case socket_to_originator:
            carried.sockets[1] = item.bytes;
            break;
        default:
            break;
        }
    }
    carried.cut = header.length != 0 && (!in.ok() || seen < items); // A refusal may carry nothing.
    return carried;
}

} // namespace yagura::dissect::enip
