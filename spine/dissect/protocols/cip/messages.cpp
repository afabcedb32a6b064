#include "spine/dissect/protocols/cip/messages.h"

#include <algorithm>

#include "spine/dissect/protocols/cip/names.h"
#include "spine/dissect/protocols/cip/pccc.h"
#include "spine/dissect/protocols/cip/values.h"

namespace yagura::dissect::cip {

using observe::Operation;

Request read_request(Bytes bytes) noexcept {
    Reader in{bytes};
    Request request;
    request.service = in.u8();
    const auto words = in.u8();
    const auto path = in.take(std::size_t{words} * 2);
    request.ok = in.ok();
    if (!in.ok()) return request;
    read_path(path, request.path);
    request.data = in.rest();
    return request;
}

Answer read_answer(Bytes bytes) noexcept {
    Reader in{bytes};
    Answer answer;
    answer.service = in.u8() & 0x7f;
    in.u8();
    answer.status = in.u8();
    const auto words = in.u8();
    Reader more{in.take(std::size_t{words} * 2)};
    answer.ok = in.ok();
    if (!in.ok()) return answer;
    if (words > 0) answer.status |= std::uint32_t{more.u16le()} << 8;
    answer.data = in.rest();
    return answer;
}

namespace {

/// 3-5.5.2 and 3-5.5.3: the path stands behind 35 bytes, or 39 where the connection may be large.
Reader behind_parameters(const Request& request) noexcept {
    Reader in{request.data};
    in.take(request.service == large_forward_open ? 38 : 34);
    return in;
}

void describe_manager(const Request& request, About& about, Operation& operation) noexcept {
    Reader in{request.data};
    if (request.opens()) {
        in = behind_parameters(request);
        in.u8();
        read_path(in.take(in.u8() * std::size_t{2}), about.connection);
    } else if (request.service == forward_close) {
        in.take(10);
        const auto words = in.u8();
        in.u8();
        read_path(in.take(words * std::size_t{2}), about.connection);
    } else if (request.routes()) {
        in.take(2);
        const auto length = in.u16le();
        in.take(length);
        if (length % 2) in.u8();
        const auto words = in.u8();
        in.u8();
        read_path(in.take(words * std::size_t{2}), about.connection);
    } else {
        return;
    }
    if (!in.ok()) return;
    operation.part = about.connection.part;
    if (!request.routes()) operation.object = about.connection.object();
}

/// Type, for a structure its handle, how many; where it comes in pieces also where this one begins.
void describe_tag_write(const Request& request, Operation& operation) noexcept {
    Reader in{request.data};
    const auto type = in.u16le();
    if (in.ok() && type == 0x02a0) in.u16();
    const auto count = in.u16le();
    if (request.service == fragmented_write) in.u32();
    if (!in.ok()) return;
    operation.count = count;
    operation.value = value_of(type, in.rest());
}

observe::Value number_or_bytes(Bytes bytes) noexcept {
    switch (bytes.size()) {
    case 1:
        return value_of(0xc6, bytes);
    case 2:
        return value_of(0xc7, bytes);
    case 4:
        return value_of(0xc8, bytes);
    case 8:
        return value_of(0xc9, bytes);
    default:
        return bytes.empty() ? observe::Value{} : observe::Value{bytes};
    }
}

/// Attributes of an address are what people look for: told as an address.
observe::Value setting(const Request& request, Bytes bytes, TextRoom<64>& text) noexcept {
    if (request.path.object_class != 0xf5 || request.path.attribute != 5 || bytes.size() < 12)
        return number_or_bytes(bytes);
    Reader in{bytes};
    for (unsigned address = 0; address < 3; ++address) {
        const auto number = in.u32le();
        if (address) text.add(address == 1 ? "/" : " via ");
        for (int shift = 24; shift >= 0; shift -= 8) {
            text.number(number >> shift & 0xffu);
            if (shift) text.add('.');
        }
    }
    return text.view();
}

} // namespace

void describe(const Request& request, About& about, Operation& operation) noexcept {
    const auto& path = request.path;
    const auto service = find_service(request.service, path.object_class, path.tag);
    operation.function.name = service.name;
    operation.act = service.act;
    if (path.part.size) operation.part = path.part;
    operation.object = path.object();
    Reader in{request.data};
    if (request.to_manager()) return describe_manager(request, about, operation);
    if (path.object_class == pccc_class && request.service == 0x4b)
        return read_pccc(request.data, operation, about.text);
    const bool tag = path.tag || path.object_class == 0x6b || path.object_class == 0xb2;
    switch (request.service) {
    case get_attribute_list: {
        const auto count = in.u16le();
        const auto first = in.u16le();
        if (!in.ok()) break;
        operation.count = count;
        if (count == 1 && !path.tag) operation.object.element = first;
        break;
    }
    case set_attribute_list: {
        const auto count = in.u16le();
        const auto first = in.u16le();
        if (!in.ok()) break;
        operation.count = count;
        if (!path.tag) operation.object.element = first;
        if (count == 1) operation.value = number_or_bytes(in.rest());
        break;
    }
    case set_attribute_single:
        operation.value = setting(request, request.data, about.text);
        break;
    case read_tag:
    case fragmented_read:
        if (!tag) break;
        if (const auto count = in.u16le(); in.ok()) operation.count = count;
        break;
    case write_tag:
    case fragmented_write:
        if (tag) describe_tag_write(request, operation);
        break;
    default:
        break;
    }
}

Bytes embedded(const Request& request) noexcept {
    Reader in{request.data};
    in.take(2);
    const auto length = in.u16le();
    if (!in.ok()) return {};
    return in.take(std::min<std::size_t>(length, in.remaining()));
}

unsigned packet_count(Bytes data) noexcept {
    Reader in{data};
    const auto count = in.u16le();
    return in.ok() ? static_cast<unsigned>(std::min<std::size_t>(count, in.remaining() / 2)) : 0;
}

Bytes packet_message(Bytes data, unsigned index) noexcept {
    const auto offset = [&](unsigned at) {
        Reader in{data};
        in.take(2 + at * std::size_t{2});
        return in.u16le();
    };
    const auto count = packet_count(data);
    const std::size_t begin = offset(index);
    const std::size_t end = index + 1 < count ? offset(index + 1) : data.size();
    if (begin < 2 + count * std::size_t{2} || begin >= data.size() || end <= begin) return {};
    return data.subspan(begin, std::min(end, data.size()) - begin);
}

std::optional<std::uint8_t> transport_class(const Request& request) noexcept {
    auto in = behind_parameters(request);
    const auto transport = in.u8();
    if (!in.ok()) return std::nullopt;
    return static_cast<std::uint8_t>(transport & 15u);
}

} // namespace yagura::dissect::cip
