// JSON that is written straight into a string (RFC 8259), for lines by the million. Reading it, and the
// API's bodies, are nlohmann's.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "spine/base/utf8.h"

namespace yagura {

/// Text as a JSON string, quotes included. It comes from the network: control characters and '<' are
/// escaped, so that it stays text wherever it ends up, and what is not UTF-8 becomes U+FFFD.
inline void append_json(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    while (!text.empty()) {
        const auto length = utf8_length(text);
        const auto byte = static_cast<unsigned char>(text[0]);
        if (length == 0) {
            out += "\\ufffd";
        } else if (length > 1) {
            out.append(text.substr(0, length));
        } else if (byte == '"' || byte == '\\') {
            out += '\\';
            out += text[0];
        } else if (byte < 0x20 || byte == '<' || byte == 0x7f) {
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15u];
        } else {
            out += text[0];
        }
        text.remove_prefix(length ? length : 1);
    }
    out += '"';
}

/// One value after the other, commas and colons put where they belong. It does not check that what is
/// opened is closed: the tests of whoever uses it parse what comes out.
class JsonWriter {
public:
    explicit JsonWriter(std::string& out) noexcept : out_{out} {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name) {
        comma();
        append_json(out_, name);
        out_ += ':';
        fresh_ = true;
        return *this;
    }

    JsonWriter& value(std::string_view text) {
        comma();
        append_json(out_, text);
        return *this;
    }
    JsonWriter& value(const char* text) { return value(std::string_view{text}); }
    JsonWriter& value(bool on) {
        comma();
        out_ += on ? "true" : "false";
        return *this;
    }
    template <std::integral T>
        requires(!std::same_as<T, bool> && !std::same_as<T, char>)
    JsonWriter& value(T number) {
        comma();
        char digits[24];
        out_.append(digits, std::to_chars(std::begin(digits), std::end(digits), number).ptr);
        return *this;
    }
    /// JSON has no infinity and no NaN: null says that there is no number.
    JsonWriter& value(double number) {
        if (!std::isfinite(number)) return null();
        comma();
        char digits[32];
        out_.append(digits, std::to_chars(std::begin(digits), std::end(digits), number).ptr);
        return *this;
    }
    JsonWriter& null() {
        comma();
        out_ += "null";
        return *this;
    }
    template <class T>
    JsonWriter& member(std::string_view name, const T& content) {
        key(name);
        return value(content);
    }
    /// What is unknown is left out, never shown as "".
    JsonWriter& member_if_known(std::string_view name, std::string_view text) {
        return text.empty() ? *this : member(name, text);
    }

private:
    JsonWriter& open(char bracket) {
        comma();
        out_ += bracket;
        fresh_ = true;
        return *this;
    }
    JsonWriter& close(char bracket) {
        out_ += bracket;
        fresh_ = false;
        return *this;
    }
    void comma() {
        if (!fresh_) out_ += ',';
        fresh_ = false;
    }

    std::string& out_;
    bool fresh_ = true; ///< nothing stands before the next value in its object or array
};

} // namespace yagura
