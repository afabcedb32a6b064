// What the function codes of Modbus mean, and which bytes may follow them. "MODBUS Application Protocol
// Specification V1.1b3", clauses 5 (codes), 6 (functions) and 7 (exceptions), annex A (reserved codes).
#pragma once

#include <array>
#include <optional>

#include "spine/base/bytes.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::modbus {

inline constexpr std::uint8_t refusal = 0x80;

/// What stands in the bytes of a function: which request looks like which answer depends on it.
enum class Shape : std::uint8_t {
    opaque,
    read_bits,
    read_words,
    write_one,
    write_many,
    exchange,
    mask,
    exception_status,
    diagnostics,
    event_counter,
    event_log,
    server_id,
    read_file,
    write_file,
    fifo,
    interface,
    umas,
};

struct Known {
    std::uint8_t code = 0;
    std::string_view name = "unknown function";
    observe::Act act = observe::Act::unknown;
    Shape shape = Shape::opaque;
    std::string_view space{};
};

inline constexpr std::array functions{
    Known{1, "read coils", observe::Act::read, Shape::read_bits, "coil"},
    Known{2, "read discrete inputs", observe::Act::read, Shape::read_bits, "discrete input"},
    Known{3, "read holding registers", observe::Act::read, Shape::read_words, "holding register"},
    Known{4, "read input registers", observe::Act::read, Shape::read_words, "input register"},
    Known{5, "write single coil", observe::Act::write, Shape::write_one, "coil"},
    Known{6, "write single register", observe::Act::write, Shape::write_one, "holding register"},
    Known{7, "read exception status", observe::Act::diagnose, Shape::exception_status},
    Known{8, "diagnostics", observe::Act::diagnose, Shape::diagnostics, "subfunction"},
    Known{11, "get comm event counter", observe::Act::diagnose, Shape::event_counter},
    Known{12, "get comm event log", observe::Act::diagnose, Shape::event_log},
    Known{15, "write multiple coils", observe::Act::write, Shape::write_many, "coil"},
    Known{16, "write multiple registers", observe::Act::write, Shape::write_many, "holding register"},
    Known{17, "report server id", observe::Act::identify, Shape::server_id},
    Known{20, "read file record", observe::Act::file_read, Shape::read_file, "file"},
    Known{21, "write file record", observe::Act::file_write, Shape::write_file, "file"},
    Known{22, "mask write register", observe::Act::write, Shape::mask, "holding register"},
    Known{23, "read/write multiple registers", observe::Act::write, Shape::exchange, "holding register"},
    Known{24, "read fifo queue", observe::Act::read, Shape::fifo, "fifo queue"},
    Known{43, "encapsulated interface transport", observe::Act::identify, Shape::interface, "interface"},
    Known{90, "unity programming", observe::Act::unknown, Shape::umas, "umas"},
    // Annex A reserves these for what older devices do with them; their bytes are nowhere described.
    Known{9, "program (484)"},
    Known{10, "poll (484)"},
    Known{13, "program (184/384)"},
    Known{14, "poll (184/384)"},
    Known{18, "program (584/984)"},
    Known{19, "reset communications link"},
    Known{40, "program (concept)"},
    Known{91, "reserved function"},
    Known{125, "firmware replacement", observe::Act::firmware_update},
    Known{126, "program (584/984)"},
    Known{127, "report local address"},
};

/// Never nothing: what nobody knows is an operation all the same. Clause 5.1 leaves 65..72 and 100..110
/// to the maker of the device.
constexpr Known find_function(std::uint8_t code) noexcept {
    for (const auto& known : functions)
        if (known.code == code) return known;
    const bool makers_own = (code >= 65 && code <= 72) || (code >= 100 && code <= 110);
    return {.code = code, .name = makers_own ? "user-defined function" : "unknown function"};
}
/// The public ones, whose bytes are described: what recognition may rest on.
constexpr bool described(std::uint8_t code) noexcept { return find_function(code).shape != Shape::opaque; }

/// Clause 6.8.1.
struct Subfunction {
    std::uint16_t code;
    std::string_view name;
    observe::Act act = observe::Act::diagnose;
};
inline constexpr std::array subfunctions{
    Subfunction{0, "return query data"},
    Subfunction{1, "restart communications option", observe::Act::reset},
    Subfunction{2, "return diagnostic register"},
    Subfunction{3, "change ascii input delimiter", observe::Act::configure},
    Subfunction{4, "force listen only mode", observe::Act::stop},
    Subfunction{10, "clear counters and diagnostic register", observe::Act::clear},
    Subfunction{11, "return bus message count"},
    Subfunction{12, "return bus communication error count"},
    Subfunction{13, "return bus exception error count"},
    Subfunction{14, "return server message count"},
    Subfunction{15, "return server no response count"},
    Subfunction{16, "return server nak count"},
    Subfunction{17, "return server busy count"},
    Subfunction{18, "return bus character overrun count"},
    Subfunction{19, "return iop overrun count"},
    Subfunction{20, "clear overrun counter and flag", observe::Act::clear},
    Subfunction{21, "get/clear modbus plus statistics"},
};
constexpr const Subfunction* find_subfunction(std::uint16_t code) noexcept {
    for (const auto& known : subfunctions)
        if (known.code == code) return &known;
    return nullptr;
}

/// Clause 7.
constexpr std::string_view exception_name(std::uint32_t code) noexcept {
    constexpr std::string_view names[]{"",
                                       "illegal function",
                                       "illegal data address",
                                       "illegal data value",
                                       "server device failure",
                                       "acknowledge",
                                       "server device busy",
                                       "negative acknowledge",
                                       "memory parity error",
                                       "",
                                       "gateway path unavailable",
                                       "gateway target device failed to respond"};
    return code < std::size(names) ? names[code] : std::string_view{};
}

/// Could the bytes behind this function code be a request, an answer, or both (an answer to "write
/// single register" repeats its request)?
struct Fit {
    bool request = false, response = false;
};
constexpr Fit fit(std::uint8_t function, Bytes body) noexcept {
    const auto size = body.size();
    if (function & refusal) return {false, size == 1};
    const auto byte = [&](std::size_t at) {
        return at < size ? std::to_integer<std::size_t>(body[at]) : SIZE_MAX;
    };
    const auto word = [&](std::size_t at) { return at + 1 < size ? byte(at) << 8 | byte(at + 1) : SIZE_MAX; };
    switch (find_function(function).shape) {
    case Shape::read_bits:
        return {size == 4, size > 1 && byte(0) == size - 1};
    case Shape::read_words:
        return {size == 4, size > 1 && byte(0) == size - 1 && byte(0) % 2 == 0};
    case Shape::write_one: {
        const bool one = size == 4 && (function == 6 || byte(2) == 0 || byte(2) == 0xff);
        return {one, one};
    }
    case Shape::write_many:
        return {size > 5 && byte(4) == size - 5, size == 4};
    case Shape::exchange:
        return {size > 9 && byte(8) == size - 9, size > 1 && byte(0) == size - 1 && byte(0) % 2 == 0};
    case Shape::mask:
        return {size == 6, size == 6};
    case Shape::exception_status:
        return {size == 0, size == 1};
    case Shape::diagnostics:
        return {size >= 2, size >= 2};
    case Shape::event_counter:
        return {size == 0, size == 4};
    case Shape::event_log:
        return {size == 0, size > 6 && byte(0) == size - 1};
    case Shape::server_id:
        return {size == 0, size > 1};
    case Shape::read_file:
        return {size > 7 && byte(0) == size - 1 && byte(0) % 7 == 0 && byte(1) == 6,
                size > 3 && byte(0) == size - 1 && byte(2) == 6};
    case Shape::write_file: {
        const bool both = size > 8 && byte(0) == size - 1 && byte(1) == 6;
        return {both, both};
    }
    case Shape::fifo:
        return {size == 2, size >= 4 && word(0) == size - 2};
    case Shape::interface:
        return {(byte(0) == 14 && size == 3) || (byte(0) == 13 && size > 1),
                (byte(0) == 14 && size > 5) || (byte(0) == 13 && size > 1)};
    case Shape::umas: {
        const bool answer = size >= 2 && (byte(1) == 0xfe || byte(1) == 0xfd);
        return {size >= 2 && !answer, answer};
    }
    case Shape::opaque:
        break;
    }
    return {};
}
/// Request or answer, if it can be only one of the two.
constexpr std::optional<observe::Phase> nature(std::uint8_t function, Bytes body) noexcept {
    if (function & refusal) return observe::Phase::response;
    const auto fits = fit(function, body);
    if (fits.request == fits.response) return std::nullopt;
    return fits.request ? observe::Phase::request : observe::Phase::response;
}

} // namespace yagura::dissect::modbus
