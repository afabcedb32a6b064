// One message to or from a message router, taken apart. CIP Networks Library volume 1, 2-4 and 3-5.5; tags as
// 1756-PM020.
#pragma once

#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/cip/epath.h"

namespace yagura::dissect::cip {

enum Class : std::uint32_t {
    identity_class = 0x01,
    router = 0x02,
    connection_manager = 0x06,
    pccc_class = 0x67
};
enum Code : std::uint8_t {
    get_attributes_all = 0x01,
    get_attribute_list = 0x03,
    set_attribute_list = 0x04,
    multiple_service = 0x0a,
    get_attribute_single = 0x0e,
    set_attribute_single = 0x10,
    read_tag = 0x4c,
    write_tag = 0x4d,
    forward_close = 0x4e,
    fragmented_read = 0x52,
    fragmented_write = 0x53,
    unconnected_send = 0x52,
    forward_open = 0x54,
    large_forward_open = 0x5b,
};

struct Request {
    std::uint8_t service = 0;
    Path path{};
    Bytes data{};
    bool ok = false;
    bool to_manager() const noexcept { return path.has_class && path.object_class == connection_manager; }
    bool opens() const noexcept {
        return to_manager() && (service == forward_open || service == large_forward_open);
    }
    bool routes() const noexcept { return to_manager() && service == unconnected_send; }
};
Request read_request(Bytes) noexcept;

struct Answer {
    std::uint8_t service = 0;
    std::uint32_t status = 0; ///< general status, first additional word << 8
    Bytes data{};
    bool ok = false;
};
Answer read_answer(Bytes) noexcept;

/// Object, count, value and act of a request. What the operation borrows lies in `about` and the bytes.
struct About {
    Path connection{};
    TextRoom<64> text{};
};
void describe(const Request&, About&, observe::Operation&) noexcept;

/// The message inside an unconnected send.
Bytes embedded(const Request&) noexcept;
/// Message `index` of a multiple service packet, and how many there are (never more than fit).
unsigned packet_count(Bytes data) noexcept;
Bytes packet_message(Bytes data, unsigned index) noexcept;

/// Class of the transport that a forward open asks for, nothing if it cannot be read.
std::optional<std::uint8_t> transport_class(const Request&) noexcept;

} // namespace yagura::dissect::cip
