#include "spine/descriptions/file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>

#include "spine/base/toml.h"
#include "spine/observe/text.h"

namespace yagura::descriptions {
namespace {

using dissect::DescribedField;
using dissect::DescribedFunction;
using dissect::DescribedMark;
using dissect::Description;
using observe::Act;

constexpr auto acts = [] {
    std::array<Act, 32> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Act>(i);
    return all;
}();
static_assert(static_cast<int>(acts.back()) == static_cast<int>(Act::clear));

/// 12, 0x0C.
std::optional<std::uint64_t> number_of(std::string_view text) {
    const bool hex = text.starts_with("0x");
    if (hex) text.remove_prefix(2);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hex ? 16 : 10);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

/// "AC": all of it. "8?": half of it. "??": none. "80/C0": the bits of C0.
std::optional<std::pair<std::uint8_t, std::uint8_t>> byte_of(std::string_view text) {
    const auto digit = [](char c) -> std::optional<std::uint8_t> {
        const auto at = std::string_view{"0123456789abcdefABCDEF"}.find(c);
        if (at == std::string_view::npos) return std::nullopt;
        return static_cast<std::uint8_t>(at < 16 ? at : at - 6);
    };
    std::uint8_t mask = 0, value = 0;
    const auto slash = text.find('/');
    const auto first = text.substr(0, slash);
    if (first.size() != 2) return std::nullopt;
    for (const char c : first) {
        mask = static_cast<std::uint8_t>(mask << 4);
        value = static_cast<std::uint8_t>(value << 4);
        if (c == '?') continue;
        const auto read = digit(c);
        if (!read) return std::nullopt;
        mask |= 0xf;
        value |= *read;
    }
    if (slash != std::string_view::npos) {
        const auto bits = text.substr(slash + 1);
        const auto high = bits.size() == 2 ? digit(bits[0]) : std::nullopt,
                   low = bits.size() == 2 ? digit(bits[1]) : std::nullopt;
        if (!high || !low || mask != 0xff) return std::nullopt;
        mask = static_cast<std::uint8_t>(*high << 4 | *low);
        value &= mask;
    }
    return std::pair{mask, value};
}

class Reading {
public:
    Reading(std::string_view path, std::string protocol) : path_{path}, protocol_{std::move(protocol)} {}

    std::unexpected<Complaint> bad(const toml::source_region& at, std::string what, std::string next) const {
        return std::unexpected{
            Complaint{.code = "protocols.bad-description",
                      .what = protocol_.empty() ? std::move(what)
                                                : cat("the protocol ", yagura::quoted(protocol_), ": ", what),
                      .where = cat(path_, ", line ", std::uint32_t{at.begin.line}, ", column ",
                                   std::uint32_t{at.begin.column}),
                      .next = std::move(next)}};
    }
    std::unexpected<Complaint> bad(const toml::node& node, std::string what, std::string next) const {
        return bad(node.source(), std::move(what), std::move(next));
    }
    Result<std::string> text(const toml::node& node, std::string_view name, std::size_t most) const {
        const auto value = node.value_exact<std::string>();
        if (!value || value->empty() || value->size() > most)
            return bad(node, cat("\"", name, "\" is no text of 1 to ", most, " characters"),
                       "write it in quotes");
        if (std::ranges::any_of(*value, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
            return bad(node, cat("\"", name, "\" has a control character"), "leave it out");
        return *value;
    }
    Result<std::uint64_t> number(const toml::node& node, std::string_view name, std::int64_t least,
                                 std::int64_t most) const {
        const auto value = node.value_exact<std::int64_t>();
        if (!value || *value < least || *value > most)
            return bad(node, cat("\"", name, "\" is no whole number from ", least, " to ", most),
                       "write a number in that range");
        return static_cast<std::uint64_t>(*value);
    }
    Result<const toml::table*> table(const toml::node& node, std::string_view name,
                                     std::string_view example) const {
        const auto* value = node.as_table();
        if (!value) return bad(node, cat("\"", name, "\" has no parts"), cat("write e.g. ", example));
        return value;
    }
    std::unexpected<Complaint> nobody_knows(const toml::key& key, std::string_view names) const {
        return bad(key.source(), cat("nobody knows ", yagura::quoted(key.str())), cat("use one of: ", names));
    }

private:
    std::string_view path_;
    std::string protocol_;
};

/// "0: AC 3E ?? 01": from byte 0 on.
Result<DescribedMark> mark_of(const Reading& in, const toml::node& node, std::string_view name) {
    YAGURA_TRY(const auto text, in.text(node, name, 128));
    const auto wrong = [&] {
        return in.bad(
            node, cat("\"", name, "\" is no place and bytes: ", yagura::quoted(text)),
            cat("write e.g. \"0: AC 3E ?? 01\": the place of the first byte (0 to 200), then one to ",
                DescribedMark::bytes_most,
                " bytes; ? stands for half a byte that differs, 80/C0 for the bits of C0"));
    };
    const auto colon = text.find(':');
    if (colon == std::string::npos) return wrong();
    const auto at = yagura::number<std::uint8_t>(trimmed(std::string_view{text}.substr(0, colon)));
    if (!at || *at > 200) return wrong();
    DescribedMark mark{.at = *at};
    for (auto rest = trimmed(std::string_view{text}.substr(colon + 1)); !rest.empty();) {
        const auto space = std::min(rest.find(' '), rest.size());
        const auto byte = byte_of(rest.substr(0, space));
        if (!byte || mark.size == DescribedMark::bytes_most) return wrong();
        mark.mask[mark.size] = byte->first;
        mark.value[mark.size++] = byte->second;
        rest = trimmed(rest.substr(space));
    }
    if (mark.fixed_bits() == 0) return wrong();
    return mark;
}

constexpr std::string_view field_example = "{ at = 4, bytes = 2, order = \"little\" }";

/// A field's own parts; whatever else it has goes to `more`, which says whether it knows it.
template <class More>
Result<DescribedField> field_of(const Reading& in, const toml::node& node, std::string_view name,
                                std::string_view names, More more) {
    YAGURA_TRY(const auto* parts, in.table(node, name, field_example));
    DescribedField field;
    bool placed = false;
    for (const auto& [key, value] : *parts) {
        if (key == "at") {
            YAGURA_TRY(const auto at, in.number(value, cat(name, ".at"), 0, 1'024));
            field.at = static_cast<std::uint16_t>(at);
            placed = true;
        } else if (key == "bytes") {
            YAGURA_TRY(const auto bytes, in.number(value, cat(name, ".bytes"), 1, 8));
            field.size = static_cast<std::uint8_t>(bytes);
        } else if (key == "order") {
            YAGURA_TRY(const auto order, in.text(value, cat(name, ".order"), 8));
            if (order != "big" && order != "little")
                return in.bad(value, cat("\"", name, ".order\" is ", yagura::quoted(order)),
                              "write \"big\" (the high byte first) or \"little\"");
            field.little = order == "little";
        } else if (key == "mask") {
            YAGURA_TRY(field.mask, in.number(value, cat(name, ".mask"), 1, INT64_MAX));
        } else {
            YAGURA_TRY(const bool known, more(key.str(), value, field));
            if (!known) return in.nobody_knows(key, cat("at, bytes, order, mask", names));
        }
    }
    if (!placed || field.size == 0)
        return in.bad(node, cat("\"", name, "\" does not say where it is"),
                      cat("write e.g. ", field_example));
    return field;
}
Result<DescribedField> plain_field(const Reading& in, const toml::node& node, std::string_view name) {
    return field_of(in, node, name, "", [](auto, const auto&, auto&) -> Result<bool> { return false; });
}

Result<DescribedFunction> function_of(const Reading& in, const toml::key& key, const toml::node& node,
                                      std::size_t characters) {
    DescribedFunction out;
    if (characters != 0) {
        if (key.str().size() != characters)
            return in.bad(
                key.source(),
                cat("the function ", yagura::quoted(key.str()), " has not ", characters, " characters"),
                "write it as it stands in the message");
        for (const char c : key.str()) out.code = out.code << 8 | static_cast<unsigned char>(c);
    } else {
        const auto code = number_of(key.str());
        if (!code || *code > UINT32_MAX)
            return in.bad(key.source(), cat(yagura::quoted(key.str()), " is no function's number"),
                          "write e.g. 3 or 0x10 in front of the =");
        out.code = static_cast<std::uint32_t>(*code);
    }
    YAGURA_TRY(const auto* parts, in.table(node, key.str(), "{ name = \"Read\", act = \"read\" }"));
    bool object_said = false;
    for (const auto& [part, value] : *parts) {
        if (part == "name") {
            YAGURA_TRY(out.name, in.text(value, "name", 80));
        } else if (part == "act") {
            YAGURA_TRY(auto act, in.text(value, "act", 32));
            std::ranges::replace(act, '-', ' ');
            const auto found = std::ranges::find(acts, std::string_view{act},
                                                 [](Act one) { return observe::word(one); });
            if (found == acts.end()) {
                std::string names;
                for (const auto one : acts) names += cat(names.empty() ? "" : ", ", observe::word(one));
                return in.bad(value, cat("there is no act ", yagura::quoted(act)),
                              cat("choose from: ", names));
            }
            out.act = *found;
        } else if (part == "event" || part == "object") {
            const auto yes = value.value_exact<bool>();
            if (!yes)
                return in.bad(value, cat("\"", part.str(), "\" is not true or false"), "write true or false");
            (part == "event" ? out.event : out.object) = *yes;
            object_said |= part == "object";
        } else {
            return in.nobody_knows(part, "name, act, object, event");
        }
    }
    if (out.name.empty())
        return in.bad(node, cat("the function ", yagura::quoted(key.str()), " has no name"),
                      "add name = \"...\"");
    if (!object_said) out.object = out.act == Act::read || out.act == Act::write || out.act == Act::force;
    return out;
}

/// "tcp:5000", "udp:5000", "ethernet:0x88b5", "ip:253", "tcp".
Result<std::pair<std::string, std::uint32_t>> over_of(const Reading& in, const toml::node& node) {
    YAGURA_TRY(const auto text, in.text(node, "over", 32));
    const auto colon = text.find(':');
    auto carrier = text.substr(0, colon);
    const auto hint = colon == std::string::npos ? std::optional<std::uint64_t>{0}
                                                 : number_of(std::string_view{text}.substr(colon + 1));
    const bool ports = carrier == "tcp" || carrier == "udp";
    const bool known = ports || carrier == "ethernet" || carrier == "ip";
    const std::uint64_t most = carrier == "ip" ? 255 : 65'535;
    // An ethertype is told from a length by being this large.
    const std::uint64_t least = carrier == "ethernet" ? 0x600 : ports ? 0 : 1;
    if (!known || !hint || *hint > most || *hint < least || (colon != std::string::npos && *hint == 0))
        return in.bad(node, cat(yagura::quoted(text), " carries nothing"),
                      "write tcp:PORT, udp:PORT, tcp, udp, ethernet:0xTYPE or ip:PROTOCOL");
    return std::pair{std::move(carrier), static_cast<std::uint32_t>(*hint)};
}

template <class Into, class Read>
Result<void> each_of(const Reading& in, const toml::node& node, std::string_view name, std::size_t most,
                     std::vector<Into>& into, Read read) {
    const auto* list = node.as_array();
    if (!list || list->empty() || list->size() > most)
        return in.bad(node, cat("\"", name, "\" is no list of 1 to ", most), "write e.g. [\"...\", \"...\"]");
    for (const auto& one : *list) {
        YAGURA_TRY(auto value, read(in, one));
        into.push_back(std::move(value));
    }
    return {};
}

Result<void> read_part(const Reading& in, const toml::key& key, const toml::node& node, Description& out,
                       std::size_t& characters, const toml::table*& functions) {
    const auto name = key.str();
    if (name == "name") return {}; // Read before all others: complaints say it.
    if (name == "title") {
        YAGURA_TRY(out.title, in.text(node, name, 80));
    } else if (name == "over") {
        return each_of(in, node, name, Description::over_most, out.over, over_of);
    } else if (name == "marks") {
        return each_of(in, node, name, Description::marks_most, out.marks,
                       [](const Reading& how, const toml::node& one) { return mark_of(how, one, "marks"); });
    } else if (name == "answer") {
        YAGURA_TRY(out.answer, mark_of(in, node, name));
    } else if (name == "length") {
        YAGURA_TRY(out.length,
                   field_of(in, node, name, ", plus, times",
                            [&](std::string_view part, const toml::node& value, auto&) -> Result<bool> {
                                if (part == "plus") {
                                    YAGURA_TRY(const auto plus,
                                               in.number(value, "length.plus", -1'024, 65'535));
                                    out.plus = static_cast<std::int32_t>(plus);
                                } else if (part == "times") {
                                    YAGURA_TRY(const auto times, in.number(value, "length.times", 1, 1'024));
                                    out.times = static_cast<std::uint32_t>(times);
                                } else {
                                    return false;
                                }
                                return true;
                            }));
    } else if (name == "ends-with") {
        YAGURA_TRY(const auto mark, [&]() -> Result<DescribedMark> {
            YAGURA_TRY(const auto text, in.text(node, name, 64));
            const toml::value<std::string> placed{cat("0: ", text)};
            auto read = mark_of(in, placed, name);
            const bool whole = read && read->fixed_bits() == 8 * read->size;
            if (!whole) return in.bad(node, "\"ends-with\" is no bytes", "write e.g. \"0D 0A\"");
            return *read;
        }());
        for (std::size_t i = 0; i < mark.size; ++i) out.ends_with.push_back(std::byte{mark.value[i]});
    } else if (name == "fixed") {
        YAGURA_TRY(const auto bytes, in.number(node, name, 1, Description::message_usual));
        out.fixed = static_cast<std::uint32_t>(bytes);
    } else if (name == "message-most") {
        YAGURA_TRY(const auto bytes, in.number(node, name, 1, 1 << 20));
        out.message_most = static_cast<std::uint32_t>(bytes);
    } else if (name == "function") {
        YAGURA_TRY(out.function, field_of(in, node, name, ", characters",
                                          [&](std::string_view part, const toml::node& value,
                                              DescribedField& field) -> Result<bool> {
                                              if (part != "characters") return false;
                                              YAGURA_TRY(characters,
                                                         in.number(value, "function.characters", 1, 4));
                                              field.size = static_cast<std::uint8_t>(characters);
                                              return true;
                                          }));
        if (out.function.size > 4)
            return in.bad(node, "\"function\" is longer than four bytes",
                          "name the four that tell functions apart");
    } else if (name == "functions") {
        YAGURA_TRY(functions, in.table(node, name, "[protocol.functions] and a line for each"));
    } else if (name == "pair") {
        YAGURA_TRY(out.pair, plain_field(in, node, name));
    } else if (name == "unit") {
        YAGURA_TRY(out.unit, plain_field(in, node, name));
    } else if (name == "count") {
        YAGURA_TRY(out.count, plain_field(in, node, name));
    } else if (name == "status") {
        YAGURA_TRY(out.status,
                   field_of(in, node, name, ", fine",
                            [&](std::string_view part, const toml::node& value, auto&) -> Result<bool> {
                                if (part != "fine") return false;
                                YAGURA_TRY(out.fine, in.number(value, "status.fine", 0, INT64_MAX));
                                return true;
                            }));
    } else if (name == "object") {
        YAGURA_TRY(out.object,
                   field_of(in, node, name, ", space",
                            [&](std::string_view part, const toml::node& value, auto&) -> Result<bool> {
                                if (part != "space") return false;
                                YAGURA_TRY(out.space, in.text(value, "object.space", 40));
                                return true;
                            }));
        if (out.space.empty()) out.space = "register";
    } else {
        return in.nobody_knows(key,
                               "name, title, over, marks, answer, length, ends-with, fixed, message-most, "
                               "function, functions, pair, status, unit, object, count");
    }
    return {};
}

Result<Description> description_of(std::string_view path, const toml::table& from) {
    Description out;
    const Reading nameless{path, {}};
    const auto* name = from.get("name");
    if (!name) return nameless.bad(from, "a protocol has no name", "write name = \"acme_press\" in it");
    YAGURA_TRY(out.name, nameless.text(*name, "name", 32));
    const bool plain = std::ranges::all_of(
        out.name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    if (!plain)
        return nameless.bad(
            *name, cat("the name ", yagura::quoted(out.name), " has something other than a-z, 0-9 and _"),
            "write e.g. \"acme_press\"; title is for people");
    const Reading in{path, out.name};
    std::size_t characters = 0;
    const toml::table* functions = nullptr;
    for (const auto& [key, value] : from)
        if (auto done = read_part(in, key, value, out, characters, functions); !done)
            return std::unexpected{std::move(done).error()};
    if (out.title.empty()) out.title = out.name;
    const int ends = (out.length ? 1 : 0) + (out.ends_with.empty() ? 0 : 1) + (out.fixed != 0 ? 1 : 0);
    if (ends > 1)
        return in.bad(from, "its messages end in more than one way",
                      "keep one of length, ends-with and fixed");
    if (!functions) return out;
    if (!out.function)
        return in.bad(*functions, "has functions and does not say where in a message they stand",
                      cat("add function = ", field_example));
    if (functions->size() > Description::functions_most)
        return in.bad(*functions, cat("has ", functions->size(), " functions"),
                      cat("name at most ", Description::functions_most));
    for (const auto& [key, value] : *functions) {
        YAGURA_TRY(auto function, function_of(in, key, value, characters));
        if (std::ranges::find(out.functions, function.code, &DescribedFunction::code) != out.functions.end())
            return in.bad(key.source(),
                          cat("the function ", yagura::quoted(key.str()), " stands there twice"),
                          "keep one of them");
        out.functions.push_back(std::move(function));
    }
    return out;
}

} // namespace

Result<std::vector<Description>> parse(std::string_view text, std::string_view path) {
    if (text.size() > file_most)
        return std::unexpected{
            Complaint{.code = "protocols.bad-description",
                      .what = cat("the descriptions of protocols have ", text.size(), " bytes"),
                      .where = std::string{path},
                      .next = cat("at most ", file_most, " are read")}};
    toml::table document;
    try {
        document = toml::parse(text, path);
    } catch (const toml::parse_error& error) {
        const auto& at = error.source();
        return std::unexpected{Complaint{.code = "protocols.not-toml",
                                         .what = "the descriptions of protocols cannot be read",
                                         .why = std::string{error.description()},
                                         .where = cat(path, ", line ", std::uint32_t{at.begin.line},
                                                      ", column ", std::uint32_t{at.begin.column}),
                                         .next = "mend that place"}};
    }
    const Reading in{path, {}};
    std::vector<Description> out;
    for (const auto& [key, value] : document) {
        if (key != "protocol") return in.nobody_knows(key, "[[protocol]]");
        const auto* list = value.as_array();
        if (!list)
            return in.bad(value, "\"protocol\" is one, not a list",
                          "write [[protocol]] on a line of its own");
        for (const auto& one : *list) {
            const auto* table = one.as_table();
            if (!table)
                return in.bad(one, "a protocol has no parts", "write [[protocol]] and its parts below");
            YAGURA_TRY(auto description, description_of(path, *table));
            out.push_back(std::move(description));
        }
    }
    return out;
}

Result<void> load(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::string text(file_most + 1, '\0');
    if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.is_open() || file.bad())
        return std::unexpected{
            Complaint{.code = "protocols.no-file",
                      .what = cat("the descriptions of protocols ", yagura::quoted(path), " cannot be read"),
                      .where = path,
                      .next = "name a file that is there and may be read"}};
    text.resize(static_cast<std::size_t>(file.gcount()));
    YAGURA_TRY(auto all, parse(text, path));
    auto done = dissect::describe(std::move(all));
    if (!done && done.error().where.empty()) done.error().where = path;
    return done;
}

} // namespace yagura::descriptions
