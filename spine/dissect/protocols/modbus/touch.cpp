#include "spine/dissect/protocols/modbus/touch.h"

#include <algorithm>

#include "spine/dissect/protocols/modbus/umas.h"

namespace yagura::dissect::modbus {
namespace {

using observe::Array;
using observe::Object;
using observe::Operation;
using observe::Value;

constexpr std::uint8_t canopen = 13, device_identification = 14;

Value words(Bytes bytes) noexcept {
    if (bytes.size() < 2) return {};
    if (bytes.size() < 4) return std::uint64_t{Reader{bytes}.u16()};
    return Array{Array::Of::u16, false, static_cast<std::uint16_t>(bytes.size() / 2), bytes};
}
/// `count` of zero: nobody knows how many of the last byte's bits mean something.
Value bits(Bytes bytes, std::size_t count) noexcept {
    if (bytes.empty()) return {};
    if (count == 1) return (std::to_integer<unsigned>(bytes[0]) & 1u) != 0;
    const auto all = bytes.size() * 8;
    return Array{Array::Of::bit, true, static_cast<std::uint16_t>(count == 0 ? all : std::min(all, count)),
                 bytes};
}

Object subfunction(std::uint16_t code) noexcept {
    const auto* known = find_subfunction(code);
    return {.space = "subfunction", .number = code, .text = known ? known->name : std::string_view{}};
}
Object interface(std::uint16_t code) noexcept {
    return {.space = "interface",
            .number = code,
            .text = code == device_identification ? std::string_view{"device identification"}
                    : code == canopen             ? std::string_view{"canopen"}
                                                  : std::string_view{}};
}
Object umas(std::uint16_t code) noexcept {
    const auto* known = find_umas(code);
    return {.space = "umas", .number = code, .text = known ? known->name : std::string_view{}};
}
Object record(const Touch& touch) noexcept {
    return {.space = "file", .group = touch.count, .number = touch.address};
}

/// A record of a request to write files, or of its answer, which repeats it.
void file_record(Reader& in, Touch& touch, Operation& operation) noexcept {
    in.take(2); // byte count, reference type
    touch.count = in.u16();
    touch.address = in.u16();
    const auto length = in.u16();
    const auto data = in.take(std::size_t{length} * 2);
    if (!in.ok()) return;
    operation.object = record(touch);
    operation.count = length;
    operation.value = words(data);
}

} // namespace

void remake(const Known& known, const Touch& touch, Operation& operation) noexcept {
    using observe::Act;
    switch (known.shape) {
    case Shape::read_bits:
    case Shape::read_words:
    case Shape::write_one:
    case Shape::write_many:
    case Shape::exchange:
    case Shape::mask:
        operation.object = {.space = known.space, .number = touch.address};
        operation.count = touch.count;
        break;
    case Shape::fifo:
        operation.object = {.space = known.space, .number = touch.address};
        break;
    case Shape::read_file:
    case Shape::write_file:
        operation.object = record(touch);
        break;
    case Shape::diagnostics:
        operation.object = subfunction(touch.address);
        if (const auto* sub = find_subfunction(touch.address)) operation.act = sub->act;
        break;
    case Shape::interface:
        operation.object = interface(touch.address);
        operation.act = touch.address == device_identification ? Act::identify : Act::call;
        break;
    case Shape::umas: {
        operation.object = umas(touch.address);
        const auto* function = find_umas(touch.address);
        operation.act = function ? function->act : Act::unknown;
        break;
    }
    case Shape::exception_status:
    case Shape::event_counter:
    case Shape::event_log:
    case Shape::server_id:
    case Shape::opaque:
        break;
    }
}

Touch read_request(const Known& known, Reader& in, Operation& operation) noexcept {
    Touch touch;
    const auto done = [&] {
        if (in.ok()) remake(known, touch, operation);
        return in.ok();
    };
    switch (known.shape) {
    case Shape::read_bits:
    case Shape::read_words:
        touch.address = in.u16();
        touch.count = in.u16();
        done();
        break;
    case Shape::write_one: {
        touch.address = in.u16();
        touch.count = 1;
        const auto value = in.u16();
        if (!done()) break;
        if (known.code == 5)
            operation.value = value != 0;
        else
            operation.value = std::uint64_t{value};
        break;
    }
    case Shape::write_many: {
        touch.address = in.u16();
        touch.count = in.u16();
        if (!done()) break;
        const auto data = in.take(in.u8());
        if (in.ok()) operation.value = known.code == 15 ? bits(data, touch.count) : words(data);
        break;
    }
    case Shape::mask: // What is written depends on what was there before: no value.
        touch.address = in.u16();
        touch.count = 1;
        done();
        in.take(4);
        break;
    case Shape::exchange: {
        touch.read_address = in.u16();
        touch.read_count = in.u16();
        touch.address = in.u16();
        touch.count = in.u16();
        if (!done()) break;
        const auto data = in.take(in.u8());
        if (in.ok()) operation.value = words(data);
        break;
    }
    case Shape::diagnostics: {
        touch.address = in.u16();
        if (done()) operation.value = words(in.rest());
        break;
    }
    case Shape::read_file: {
        in.take(2);
        touch.count = in.u16();
        touch.address = in.u16();
        const auto length = in.u16();
        if (done()) operation.count = length;
        break;
    }
    case Shape::write_file:
        file_record(in, touch, operation);
        break;
    case Shape::fifo:
        touch.address = in.u16();
        done();
        break;
    case Shape::interface:
        touch.address = in.u8();
        done();
        break;
    case Shape::umas:
        in.u8(); // session
        touch.address = in.u8();
        done();
        break;
    case Shape::exception_status:
    case Shape::event_counter:
    case Shape::event_log:
    case Shape::server_id:
    case Shape::opaque:
        break;
    }
    return touch;
}

void read_answer(const Known& known, Reader& in, const Touch* asked, Operation& operation,
                 observe::Variable& read) noexcept {
    switch (known.shape) {
    case Shape::read_bits: {
        const auto data = in.take(in.u8());
        if (in.ok()) operation.value = bits(data, asked ? asked->count : 0);
        break;
    }
    case Shape::read_words: {
        const auto data = in.take(in.u8());
        if (in.ok()) operation.value = words(data);
        break;
    }
    case Shape::write_one:
    case Shape::mask:
    case Shape::diagnostics:
    case Shape::write_file:
    case Shape::interface:
        (void)read_request(known, in, operation); // It repeats the request, or begins as it does.
        break;
    case Shape::write_many: {
        Touch touch{in.u16(), in.u16()};
        if (in.ok()) remake(known, touch, operation);
        break;
    }
    case Shape::exchange: {
        const auto data = in.take(in.u8());
        if (!in.ok()) break;
        read.value = words(data);
        if (asked) {
            read.object = {.space = known.space, .number = asked->read_address};
            read.count = asked->read_count;
        }
        break;
    }
    case Shape::exception_status: {
        const auto outputs = in.u8();
        if (in.ok()) operation.value = std::uint64_t{outputs};
        break;
    }
    case Shape::event_counter: {
        in.u16(); // 0xFFFF: a program is still being run
        const auto events = in.u16();
        if (in.ok()) operation.value = std::uint64_t{events};
        break;
    }
    case Shape::event_log: {
        const auto log = in.take(in.u8());
        if (in.ok()) operation.value = log;
        break;
    }
    case Shape::read_file: {
        in.u8(); // length of all
        const auto length = in.u8();
        in.u8(); // reference type
        const auto data = in.take(length == 0 ? 0u : length - 1u);
        if (in.ok()) operation.value = words(data);
        break;
    }
    case Shape::fifo: {
        in.u16();
        const auto count = in.u16();
        const auto data = in.take(std::size_t{count} * 2);
        if (!in.ok()) break;
        operation.count = count;
        operation.value = words(data);
        break;
    }
    case Shape::umas: {
        in.u8();
        const auto answer = in.u8();
        if (!in.ok()) break;
        operation.outcome = answer == umas_refused ? observe::Outcome::refused : observe::Outcome::done;
        if (answer == umas_refused) operation.status = umas_refused;
        break;
    }
    case Shape::server_id:
    case Shape::opaque:
        break;
    }
}

std::optional<Malformed> doubt(const Known& known, const Touch& touch) noexcept {
    const auto outside = [](unsigned count, unsigned most) { return count == 0 || count > most; };
    const bool wrong = (known.shape == Shape::read_bits && outside(touch.count, 2000)) ||
                       (known.shape == Shape::read_words && outside(touch.count, 125)) ||
                       (known.shape == Shape::write_many &&
                        outside(touch.count, known.code == 15 ? 1968 : 123)) ||
                       (known.shape == Shape::exchange &&
                        (outside(touch.count, 121) || outside(touch.read_count, 125)));
    if (!wrong) return std::nullopt;
    return Malformed{10, "quantity is not one that a server may accept"};
}

} // namespace yagura::dissect::modbus
