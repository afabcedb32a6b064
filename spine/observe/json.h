// Observations as JSON: the lines of `yagura read --what operations` (docs/command-line.md). What is unknown
// is left out, never "" or 0.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "spine/base/hex.h"
#include "spine/base/json.h"
#include "spine/base/rfc3339.h"
#include "spine/observe/text.h"

namespace yagura::observe {

namespace detail {
/// JavaScript's numbers end here; a larger integer is a string.
inline constexpr std::int64_t safe_integer = (std::int64_t{1} << 53) - 1;

struct JsonValue {
    JsonWriter& json;
    bool wide = false; ///< of 64 bits on the wire: a string, whatever it happens to be

    void operator()(std::monostate) const { json.null(); }
    void operator()(bool on) const { json.value(on); }
    void operator()(std::int64_t number) const {
        if (wide || number > safe_integer || number < -safe_integer)
            json.value(std::string_view{cat(number)});
        else
            json.value(number);
    }
    void operator()(std::uint64_t number) const {
        if (wide || number > static_cast<std::uint64_t>(safe_integer))
            json.value(std::string_view{cat(number)});
        else
            json.value(number);
    }
    void operator()(double number) const { json.value(number); }
    void operator()(std::string_view words) const { json.value(words); }
    /// Bytes that nobody can read more of: two hexadecimal digits each.
    void operator()(Bytes bytes) const { json.value(std::string_view{to_hex(bytes)}); }
    void operator()(const Array& array) const {
        json.begin_array();
        const JsonValue one{json, array.of == Array::Of::u64 || array.of == Array::Of::i64};
        for (std::size_t i = 0; i < array.count; ++i) {
            const auto number = element(array, i);
            if (number.index() == 0) break; // Fewer than it said.
            std::visit(one, number);
        }
        json.end_array();
    }
};
} // namespace detail

inline void append_json(JsonWriter& json, const Value& value) { std::visit(detail::JsonValue{json}, value); }

inline void append_json(JsonWriter& json, const Station& station, const Lane& lane) {
    json.begin_object();
    if (station.has_ip()) json.member("ip", std::string_view{text(station.ip)});
    if (station.has_mac()) json.member("mac", std::string_view{text(station.mac)});
    if (station.port != 0) json.member("port", station.port);
    if (lane.vlan != 0) json.member("vlan", lane.vlan);
    json.end_object();
}

/// One message. `file` is empty where there is only one.
inline void append_json(JsonWriter& json, const Origin& origin, const Operation& op,
                        std::string_view protocol, std::string_view file) {
    const bool client = origin.speaker == Speaker::client;
    const auto& from = client ? origin.parties.client : origin.parties.server;
    const auto& to = client ? origin.parties.server : origin.parties.client;
    json.begin_object();
    json.member("time", std::string_view{rfc3339(origin.at.time_since_epoch().count())});
    json.member_if_known("file", file);
    json.member("frame", origin.evidence.frame);
    json.key("src");
    append_json(json, from, origin.parties.lane);
    json.key("dst");
    append_json(json, to, origin.parties.lane);
    json.member("protocol", protocol);
    json.member("act", std::string_view{identifier(word(op.act))}).member("phase", word(op.phase));
    json.member("function", op.function.code);
    json.member_if_known("name", op.function.name);
    if (op.part.size != 0) json.member("unit", std::string_view{text(op.part)});
    if (!op.object.space.empty() || !op.object.text.empty() || op.object.form != Object::Form::plain)
        json.member("object", std::string_view{text(op.object)});
    if (op.count != 0) json.member("count", op.count);
    if (op.value.index() != 0) {
        json.key("value");
        append_json(json, op.value);
    }
    json.member("outcome", word(op.outcome));
    if (op.status != 0 || op.outcome == Outcome::refused) json.member("status", op.status);
    json.end_object();
}

} // namespace yagura::observe
