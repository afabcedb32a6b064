// What KEYENCE's host link asks a controller for, its devices, and the models that it names by number. "KV
// Series Ethernet unit user's manual" and "EtherNet/IP unit user's manual", chapter 8, command list; the
// numbers of models as plc-comm-kv-hostlink 4.2.0 knows them.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::keyence_kv {

enum class Shape : std::uint8_t {
    none,  ///< nothing follows
    one,   ///< a device
    range, ///< a device and how many
    put,   ///< a device and its value
    puts,  ///< a device, how many, their values
    list,  ///< devices here and there
    unit,  ///< an expansion unit, an address in its buffer, how many
    unit_puts,
    text, ///< anything
};

struct Known {
    std::string_view word;
    std::string_view name;
    observe::Act act = observe::Act::unknown;
    Shape shape = Shape::none;
};

/// Its place is its code: docs/protocols/keyence_kv.md.
inline constexpr std::array commands{
    Known{"", "unknown command"},
    Known{"RD", "read", observe::Act::read, Shape::one},
    Known{"RDS", "read consecutive", observe::Act::read, Shape::range},
    Known{"RDE", "read consecutive", observe::Act::read, Shape::range},
    Known{"WR", "write", observe::Act::write, Shape::put},
    Known{"WRS", "write consecutive", observe::Act::write, Shape::puts},
    Known{"WRE", "write consecutive", observe::Act::write, Shape::puts},
    Known{"ST", "forced set", observe::Act::force, Shape::one},
    Known{"RS", "forced reset", observe::Act::force, Shape::one},
    Known{"STS", "forced set consecutive", observe::Act::force, Shape::range},
    Known{"RSS", "forced reset consecutive", observe::Act::force, Shape::range},
    Known{"WS", "write set value", observe::Act::write, Shape::put},
    Known{"WSS", "write set values", observe::Act::write, Shape::puts},
    Known{"MBS", "register bits to monitor", observe::Act::subscribe, Shape::list},
    Known{"MWS", "register words to monitor", observe::Act::subscribe, Shape::list},
    Known{"MBR", "read monitored bits", observe::Act::read},
    Known{"MWR", "read monitored words", observe::Act::read},
    Known{"RDC", "read comment", observe::Act::read, Shape::one},
    Known{"URD", "read unit buffer", observe::Act::read, Shape::unit},
    Known{"UWR", "write unit buffer", observe::Act::write, Shape::unit_puts},
    Known{"BE", "switch file register bank", observe::Act::configure, Shape::text},
    Known{"WRT", "set clock", observe::Act::time_set, Shape::text},
    Known{"M0", "change to program mode", observe::Act::stop},
    Known{"M1", "change to run mode", observe::Act::start},
    Known{"ER", "clear error", observe::Act::alarm_ack},
    Known{"?E", "read error number", observe::Act::diagnose},
    Known{"?K", "read model", observe::Act::identify},
    Known{"?M", "read mode", observe::Act::diagnose},
    Known{"CR", "open communication", observe::Act::connect},
    Known{"CQ", "close communication", observe::Act::disconnect},
};
inline constexpr std::uint8_t set = 7, reset = 8, set_many = 9, reset_many = 10, program_mode = 22,
                              run_mode = 23, error_number = 25, model = 26, mode = 27, open_line = 28,
                              close_line = 29, comment = 17, monitored_bits = 15, monitored_words = 16;
static_assert(commands[set].word == "ST" && commands[reset_many].word == "RSS" &&
              commands[program_mode].word == "M0" && commands[run_mode].word == "M1" &&
              commands[error_number].word == "?E" && commands[model].word == "?K" &&
              commands[mode].word == "?M" && commands[open_line].word == "CR" &&
              commands[close_line].word == "CQ" && commands[comment].word == "RDC" &&
              commands[monitored_bits].word == "MBR" && commands[monitored_words].word == "MWR");

constexpr char large(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
constexpr bool same(std::string_view text, std::string_view large_words) noexcept {
    if (text.size() != large_words.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (large(text[i]) != large_words[i]) return false;
    return true;
}

/// Zero: none that anybody knows.
constexpr std::uint8_t command_of(std::string_view word) noexcept {
    if (word.empty() || word.size() > 3) return 0;
    for (std::size_t i = 1; i < commands.size(); ++i)
        if (same(word, commands[i].word)) return static_cast<std::uint8_t>(i);
    return 0;
}

/// How a value is written and what it is: ".U" and so on behind a device, or what the device is by itself.
enum class Format : std::uint8_t { bit, u16, i16, u32, i32, hex, any };

struct Kind {
    std::string_view name;
    std::uint8_t base = 10; ///< of its numbers, as they are written
    Format format = Format::u16;
};
inline constexpr std::array kinds{
    Kind{"R", 10, Format::bit},
    Kind{"B", 16, Format::bit},
    Kind{"MR", 10, Format::bit},
    Kind{"LR", 10, Format::bit},
    Kind{"CR", 10, Format::bit},
    Kind{"VB", 16, Format::bit},
    Kind{"X", 16, Format::bit},
    Kind{"Y", 16, Format::bit},
    Kind{"M", 10, Format::bit},
    Kind{"L", 10, Format::bit},
    Kind{"DM"},
    Kind{"EM"},
    Kind{"FM"},
    Kind{"ZF"},
    Kind{"W", 16},
    Kind{"TM"},
    Kind{"Z"},
    Kind{"CM"},
    Kind{"VM"},
    Kind{"D"},
    Kind{"E"},
    Kind{"F"},
    Kind{"T", 10, Format::u32},
    Kind{"TC", 10, Format::u32},
    Kind{"TS", 10, Format::u32},
    Kind{"C", 10, Format::u32},
    Kind{"CC", 10, Format::u32},
    Kind{"CS", 10, Format::u32},
    Kind{"AT", 10, Format::u32},
    Kind{"CTH", 10, Format::u32},
    Kind{"CTC", 10, Format::u32},
};

constexpr std::string_view model_name(std::uint32_t code) noexcept {
    struct Model {
        std::uint32_t code;
        std::string_view name;
    };
    constexpr std::array models{
        Model{48, "KV-700"},    Model{49, "KV-700"},    Model{50, "KV-1000"},   Model{51, "KV-3000"},
        Model{52, "KV-5000"},   Model{53, "KV-5500"},   Model{54, "KV-7300"},   Model{55, "KV-7500"},
        Model{57, "KV-8000"},   Model{58, "KV-8000A"},  Model{59, "KV-X310"},   Model{60, "KV-X520"},
        Model{61, "KV-X530"},   Model{62, "KV-X500"},   Model{63, "KV-X550"},   Model{128, "KV-NC32T"},
        Model{132, "KV-N60nn"}, Model{133, "KV-N40nn"}, Model{134, "KV-N24nn"},
    };
    for (const auto& one : models)
        if (one.code == code) return one.name;
    return {};
}

/// `status` is what stands there, E0 as 0xE0.
inline constexpr std::uint32_t refusal = 0xe0;
constexpr std::string_view error_name(std::uint32_t code) noexcept {
    constexpr std::array<std::string_view, 7> words{
        "wrong device number",  "wrong command",     "no program", "",
        "writing is forbidden", "error of the unit", "no comment"};
    return code >= refusal && code < refusal + words.size() ? words[code - refusal] : std::string_view{};
}

} // namespace yagura::dissect::keyence_kv
