// Names of what is observed, as text: for lines, logs and tests. What people read in the console comes
// from words/, in their language.
#pragma once

#include <arpa/inet.h>

#include <bit>
#include <string>
#include <string_view>
#include <variant>

#include "spine/base/text.h"
#include "spine/observe/observation.h"

namespace yagura::observe {

inline std::string_view word(Act act) {
    constexpr std::string_view words[]{"unknown",
                                       "identify",
                                       "browse",
                                       "read",
                                       "write",
                                       "start",
                                       "stop",
                                       "reset",
                                       "mode change",
                                       "program upload",
                                       "program download",
                                       "program delete",
                                       "firmware update",
                                       "file read",
                                       "file write",
                                       "file delete",
                                       "time set",
                                       "alarm",
                                       "alarm ack",
                                       "force",
                                       "authenticate",
                                       "diagnose",
                                       "cyclic io",
                                       "report",
                                       "connect",
                                       "disconnect",
                                       "subscribe",
                                       "call",
                                       "select",
                                       "configure",
                                       "protect",
                                       "clear"};
    const auto number = static_cast<std::size_t>(act);
    return number < std::size(words) ? words[number] : words[0]; // A newer peer knows more acts than we do.
}

inline std::string_view word(Phase phase) {
    constexpr std::string_view words[]{"request", "response", "event"};
    return words[static_cast<std::size_t>(phase)];
}

inline std::string_view word(Outcome outcome) {
    constexpr std::string_view words[]{"pending", "done", "refused", "unanswered"};
    return words[static_cast<std::size_t>(outcome)];
}

inline std::string_view word(Attribute attribute) {
    constexpr std::string_view words[]{"unknown",     "vendor",      "product",     "firmware",
                                       "hardware",    "serial",      "name",        "os",
                                       "application", "mac",         "ip",          "role hint",
                                       "state",       "location",    "certificate", "user",
                                       "netmask",     "gateway",     "port name",   "engineering station",
                                       "module",      "description", "capability",  "service",
                                       "fingerprint", "name server", "domain"};
    const auto number = static_cast<std::size_t>(attribute);
    return number < std::size(words) ? words[number] : words[0];
}

inline std::string_view word(Subject subject) {
    constexpr std::string_view words[]{"speaker", "listener", "third"};
    return words[static_cast<std::size_t>(subject)];
}

inline std::string_view word(Part::Hop hop) {
    constexpr std::string_view words[]{"unit", "network", "node", "station", "module",
                                       "port", "link",    "rack", "slot",    "subslot"};
    return words[static_cast<std::size_t>(hop)];
}

/// A word as data has it: "program download" in a line for people is "program_download" in JSON.
inline std::string identifier(std::string_view word) {
    std::string out{word};
    for (auto& c : out)
        if (c == ' ') c = '_';
    return out;
}

inline std::string text(const Ip& ip) {
    constexpr std::uint8_t four[12]{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    char room[INET6_ADDRSTRLEN];
    const bool v4 = std::equal(std::begin(four), std::end(four), ip.begin());
    return inet_ntop(v4 ? AF_INET : AF_INET6, ip.data() + (v4 ? 12 : 0), room, sizeof room);
}

inline std::string text(const Mac& mac) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const auto byte : mac)
        out += cat(out.empty() ? "" : ":", digits.substr(byte >> 4, 1), digits.substr(byte & 15u, 1));
    return out;
}

/// The address that people know it by: IP if it has one, else MAC.
inline std::string text(const Station& station) {
    return station.has_ip() ? text(station.ip) : station.has_mac() ? text(station.mac) : "an unknown station";
}

inline std::string text(const Part& part) {
    std::string out = part.cut ? "..." : "";
    for (std::size_t i = 0; i < part.size && i < part.steps.size(); ++i)
        out += cat(out.empty() ? "" : " ", word(part.steps[i].hop), " ", part.steps[i].number);
    return out;
}

namespace detail {
/// IEC 61131 as Siemens writes it: area, width, byte, bit.
inline std::string s7_text(const Object& object) {
    std::string out;
    if (object.space == "DB" || object.space == "DI") {
        out = cat(object.space, object.group, ".DB");
    } else {
        out = std::string{object.space};
        if (object.element == 'X') return cat(out, object.number, ".", object.bit == 0xff ? 0u : object.bit);
    }
    if (object.element != 0) out += static_cast<char>(object.element);
    out += cat(object.number);
    if (object.element == 'X') out += cat(".", object.bit == 0xff ? 0u : object.bit);
    return out;
}
inline std::string hexadecimal(std::uint64_t number) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    do out.insert(out.begin(), digits[number & 15u]);
    while (number >>= 4);
    return out.size() % 2 ? cat("0x0", out) : cat("0x", out);
}
inline std::string cip_text(const Object& object) {
    if (!object.text.empty()) return std::string{object.text};
    auto out = cat("class ", hexadecimal(object.group));
    out += cat(" instance ", object.number);
    if (object.element) out += cat(" attribute ", object.element);
    return out;
}
/// As controllers' makers write a device: its letters and its number in one word.
inline std::string device_text(const Object& object) {
    const auto digits = [](std::uint64_t number, unsigned base) {
        std::string out;
        do out.insert(out.begin(), "0123456789ABCDEF"[number % base]);
        while (number /= base);
        return out;
    };
    std::string out;
    if (object.group) out = cat("U", digits(object.group, 16), "\\");
    out += cat(object.space, digits(object.number, object.element == 16 ? 16 : 10));
    if (object.bit != 0xff) out += cat(object.bit < 10 ? ".0" : ".", object.bit);
    return out;
}
inline std::string bacnet_text(const Object& object) {
    auto out = cat(object.space, object.group ? cat(" ", object.group, "/") : std::string{" "},
                   object.number);
    if (!object.text.empty()) return cat(out, " ", object.text);
    return object.element ? cat(out, " property ", object.element) : out;
}
} // namespace detail

/// The canonical form of docs/protocols.
inline std::string text(const Object& object) {
    if (object.form == Object::Form::s7) return detail::s7_text(object);
    if (object.form == Object::Form::cip) return detail::cip_text(object);
    if (object.form == Object::Form::device) return detail::device_text(object);
    if (object.form == Object::Form::bacnet) return detail::bacnet_text(object);
    std::string out{object.space};
    if (!object.text.empty()) return cat(out, out.empty() ? "" : " ", object.text);
    if (object.group)
        out += cat(" ", object.group, "/");
    else if (!out.empty())
        out += ' ';
    out += cat(object.number);
    if (object.element) out += cat("/", object.element);
    if (object.bit != 0xff) out += cat(".", object.bit);
    return out;
}

using Element = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double>;

/// One scalar of an array; nothing past its bytes, whatever `count` says.
inline Element element(const Array& array, std::size_t at) noexcept {
    using Of = Array::Of;
    if (array.of == Of::bit) {
        if (at / 8 >= array.bytes.size()) return {};
        return (std::to_integer<unsigned>(array.bytes[at / 8]) >> (at % 8) & 1u) != 0;
    }
    constexpr std::uint8_t widths[]{0, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8};
    const std::size_t width = widths[static_cast<std::size_t>(array.of)];
    if (at >= array.bytes.size() / width) return {};
    std::uint64_t raw = 0;
    for (std::size_t i = 0; i < width; ++i)
        raw = raw << 8 |
              std::to_integer<std::uint64_t>(array.bytes[at * width + (array.little ? width - 1 - i : i)]);
    const auto negative = [&](unsigned bits) { // Sign-extended.
        return static_cast<std::int64_t>(raw << (64 - bits)) >> (64 - bits);
    };
    switch (array.of) {
    case Of::i8:
        return negative(8);
    case Of::i16:
        return negative(16);
    case Of::i32:
        return negative(32);
    case Of::i64:
        return static_cast<std::int64_t>(raw);
    case Of::f32:
        return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(raw)));
    case Of::f64:
        return std::bit_cast<double>(raw);
    default:
        return raw;
    }
}

inline std::string text(const Value& value) {
    struct Visitor {
        std::string operator()(std::monostate) const { return {}; }
        std::string operator()(bool on) const { return on ? "true" : "false"; }
        std::string operator()(std::int64_t number) const { return cat(number); }
        std::string operator()(std::uint64_t number) const { return cat(number); }
        std::string operator()(double number) const {
            char digits[32];
            return {digits, std::to_chars(std::begin(digits), std::end(digits), number).ptr};
        }
        std::string operator()(std::string_view words) const { return quoted(words); }
        std::string operator()(Bytes bytes) const { return quoted(as_text(bytes)); }
        std::string operator()(const Array& array) const {
            std::string out = "[";
            for (std::size_t i = 0; i < array.count; ++i)
                out += cat(out.size() == 1 ? "" : ",", std::visit(*this, scalar(element(array, i))));
            return out += ']';
        }
        static Value scalar(const Element& one) {
            return std::visit([](auto number) -> Value { return number; }, one);
        }
    };
    return std::visit(Visitor{}, value);
}

} // namespace yagura::observe
