// What streams and functions of SECS-II do, and what their first items are about.
//
// From SEMI E5-0813 clause 10 (messages) and SEMI E30 (what equipment answers to); names are shortened.
#pragma once

#include <cstdint>
#include <string_view>

#include "spine/observe/observation.h"

namespace yagura::dissect::hsms {

/// What a primary message begins with, below its lists.
enum class About : std::uint8_t {
    nothing,
    numbers,   ///< a list of numbers of one kind: the first is told, and how many there are
    pairs,     ///< a list of numbers with values
    number_1,  ///< the second item is the number (after a code or an id)
    command,   ///< a name, or a number, of a command
    command_2, ///< the same as the third item
    recipe,    ///< a name
    clock,     ///< a text of digits
};

struct Message {
    std::uint8_t stream, function; ///< of the primary one; the secondary's is one more
    std::string_view name;
    observe::Act act;
    About about = About::nothing;
    std::string_view space{};
};

inline constexpr Message messages[]{
    {1, 1, "are you there", observe::Act::identify},
    {1, 3, "selected status", observe::Act::read, About::numbers, "status variable"},
    {1, 5, "formatted status", observe::Act::read},
    {1, 11, "status variable names", observe::Act::browse, About::numbers, "status variable"},
    {1, 13, "establish communications", observe::Act::connect},
    {1, 15, "request off-line", observe::Act::mode_change},
    {1, 17, "request on-line", observe::Act::mode_change},
    {1, 19, "get attribute", observe::Act::read},
    {1, 21, "data variable names", observe::Act::browse},
    {1, 23, "collection event names", observe::Act::browse},
    {2, 13, "equipment constants", observe::Act::read, About::numbers, "equipment constant"},
    {2, 15, "set equipment constants", observe::Act::write, About::pairs, "equipment constant"},
    {2, 17, "read time", observe::Act::read},
    {2, 21, "remote command", observe::Act::call, About::command, "command"},
    {2, 23, "trace initialise", observe::Act::subscribe},
    {2, 25, "loopback", observe::Act::diagnose},
    {2, 29, "equipment constant names", observe::Act::browse, About::numbers, "equipment constant"},
    {2, 31, "set time", observe::Act::time_set, About::clock},
    {2, 33, "define report", observe::Act::subscribe},
    {2, 35, "link event report", observe::Act::subscribe},
    {2, 37, "enable event report", observe::Act::subscribe},
    {2, 39, "multi-block inquire", observe::Act::unknown},
    {2, 41, "host command", observe::Act::call, About::command, "command"},
    {2, 43, "reset spooling", observe::Act::configure},
    {2, 45, "define limits", observe::Act::configure},
    {2, 47, "read limits", observe::Act::read},
    {2, 49, "enhanced remote command", observe::Act::call, About::command_2, "command"},
    {3, 17, "carrier action", observe::Act::call},
    {3, 25, "port action", observe::Act::call},
    {3, 27, "change access", observe::Act::mode_change},
    {5, 1, "alarm report", observe::Act::alarm, About::number_1, "alarm"},
    {5, 3, "enable alarm", observe::Act::configure, About::number_1, "alarm"},
    {5, 5, "list alarms", observe::Act::read},
    {5, 7, "list enabled alarms", observe::Act::read},
    {6, 1, "trace data", observe::Act::report},
    {6, 3, "discrete variable data", observe::Act::report},
    {6, 5, "multi-block inquire", observe::Act::unknown},
    {6, 9, "formatted variable", observe::Act::report},
    {6, 11, "event report", observe::Act::report, About::number_1, "event"},
    {6, 13, "annotated event report", observe::Act::report, About::number_1, "event"},
    {6, 15, "request event report", observe::Act::read},
    {6, 19, "request report", observe::Act::read},
    {6, 23, "request or purge spooled data", observe::Act::read},
    {7, 1, "recipe load inquire", observe::Act::unknown, About::recipe, "recipe"},
    {7, 3, "send recipe", observe::Act::program_download, About::recipe, "recipe"},
    {7, 5, "request recipe", observe::Act::program_upload, About::recipe, "recipe"},
    {7, 17, "delete recipe", observe::Act::program_delete, About::recipe, "recipe"},
    {7, 19, "recipe names", observe::Act::browse},
    {7, 23, "send formatted recipe", observe::Act::program_download, About::recipe, "recipe"},
    {7, 25, "request formatted recipe", observe::Act::program_upload, About::recipe, "recipe"},
    {7, 27, "recipe verification", observe::Act::report},
    {7, 29, "recipe verification inquire", observe::Act::unknown},
    {9, 1, "unknown device", observe::Act::report},
    {9, 3, "unknown stream", observe::Act::report},
    {9, 5, "unknown function", observe::Act::report},
    {9, 7, "illegal data", observe::Act::report},
    {9, 9, "transaction timed out", observe::Act::report},
    {9, 11, "data too long", observe::Act::report},
    {9, 13, "conversation timed out", observe::Act::report},
    {10, 1, "terminal request", observe::Act::report},
    {10, 3, "terminal display", observe::Act::report},
    {10, 5, "terminal display, several lines", observe::Act::report},
    {12, 1, "wafer map set-up", observe::Act::configure},
    {12, 3, "wafer map request", observe::Act::read},
    {12, 9, "wafer map send", observe::Act::write},
    {12, 15, "wafer map request, array", observe::Act::read},
    {13, 1, "send data set", observe::Act::file_write},
    {13, 3, "open data set", observe::Act::file_read},
    {13, 5, "read data set", observe::Act::file_read},
    {14, 1, "get attributes", observe::Act::read},
    {14, 3, "set attributes", observe::Act::write},
    {14, 9, "create object", observe::Act::call},
    {14, 11, "delete object", observe::Act::call},
    {16, 5, "process job command", observe::Act::call},
    {16, 11, "create process job", observe::Act::call},
    {16, 15, "create process jobs", observe::Act::call},
    {16, 17, "remove process jobs", observe::Act::call},
    {16, 27, "control job command", observe::Act::call},
    {17, 1, "create data report", observe::Act::subscribe},
    {17, 5, "create trace", observe::Act::subscribe},
};
/// The primary message of a function, odd or even.
constexpr const Message* find(std::uint8_t stream, std::uint8_t function) noexcept {
    const auto primary = static_cast<std::uint8_t>(function % 2 != 0 ? function : function - 1);
    for (const auto& one : messages)
        if (one.stream == stream && one.function == primary) return &one;
    return nullptr;
}

enum Session : std::uint8_t {
    data = 0,
    select_request = 1,
    select_response = 2,
    deselect_request = 3,
    deselect_response = 4,
    link_test_request = 5,
    link_test_response = 6,
    reject = 7,
    separate = 9,
};
struct Control {
    std::string_view name;
    observe::Act act;
    observe::Phase phase;
};
/// SEMI E37 clause 8.3: empty where there is no such type.
constexpr Control control(std::uint8_t type) noexcept {
    using observe::Act;
    using observe::Phase;
    switch (type) {
    case select_request:
        return {"select", Act::connect, Phase::request};
    case select_response:
        return {"select", Act::connect, Phase::response};
    case deselect_request:
        return {"deselect", Act::disconnect, Phase::request};
    case deselect_response:
        return {"deselect", Act::disconnect, Phase::response};
    case link_test_request:
        return {"link test", Act::diagnose, Phase::request};
    case link_test_response:
        return {"link test", Act::diagnose, Phase::response};
    case reject:
        return {"reject", Act::report, Phase::event};
    case separate:
        return {"separate", Act::disconnect, Phase::event};
    default:
        return {};
    }
}

/// What an operator's commands that SEMI E30 names, and those that many makers add, do.
constexpr observe::Act act_of(std::string_view command) noexcept {
    using observe::Act;
    struct Word {
        std::string_view word;
        Act act;
    };
    constexpr Word words[]{
        {"start", Act::start},
        {"resume", Act::start},
        {"stop", Act::stop},
        {"abort", Act::stop},
        {"pause", Act::stop},
        {"cancel", Act::stop},
        {"local", Act::mode_change},
        {"remote", Act::mode_change},
        {"pp-select", Act::mode_change},
        {"pp_select", Act::mode_change},
        {"ppselect", Act::mode_change},
        {"reset", Act::reset},
        {"init", Act::reset},
    };
    for (const auto& one : words) {
        if (command.size() != one.word.size()) continue;
        bool same = true;
        for (std::size_t i = 0; i < command.size() && same; ++i) {
            const char c = command[i];
            same = (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) == one.word[i];
        }
        if (same) return one.act;
    }
    return Act::call;
}

} // namespace yagura::dissect::hsms
