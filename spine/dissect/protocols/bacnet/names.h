// Services, objects and properties of BACnet by name. ANSI/ASHRAE 135-2016, clauses 12, 13 to 17, 21.
#pragma once

#include <array>

#include "spine/dissect/protocols/bacnet/properties.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::bacnet {

struct Service {
    std::uint16_t code = 0; ///< confirmed: its choice; unconfirmed: 256 and its choice
    std::string_view name = "unknown service";
    observe::Act act = observe::Act::unknown;
};

inline constexpr std::array services{
    Service{0, "acknowledge alarm", observe::Act::alarm_ack},
    Service{1, "confirmed cov notification", observe::Act::report},
    Service{2, "confirmed event notification", observe::Act::alarm},
    Service{3, "get alarm summary", observe::Act::diagnose},
    Service{4, "get enrollment summary", observe::Act::diagnose},
    Service{5, "subscribe cov", observe::Act::subscribe},
    Service{6, "atomic read file", observe::Act::file_read},
    Service{7, "atomic write file", observe::Act::file_write},
    Service{8, "add list element", observe::Act::write},
    Service{9, "remove list element", observe::Act::write},
    Service{10, "create object", observe::Act::configure},
    Service{11, "delete object", observe::Act::configure},
    Service{12, "read property", observe::Act::read},
    Service{13, "read property conditional", observe::Act::read},
    Service{14, "read property multiple", observe::Act::read},
    Service{15, "write property", observe::Act::write},
    Service{16, "write property multiple", observe::Act::write},
    Service{17, "device communication control", observe::Act::configure},
    Service{18, "confirmed private transfer", observe::Act::call},
    Service{19, "confirmed text message", observe::Act::report},
    Service{20, "reinitialize device", observe::Act::reset},
    Service{21, "vt open", observe::Act::connect},
    Service{22, "vt close", observe::Act::disconnect},
    Service{23, "vt data", observe::Act::call},
    Service{24, "authenticate", observe::Act::authenticate},
    Service{25, "request key", observe::Act::authenticate},
    Service{26, "read range", observe::Act::read},
    Service{27, "life safety operation", observe::Act::write},
    Service{28, "subscribe cov property", observe::Act::subscribe},
    Service{29, "get event information", observe::Act::diagnose},
    Service{30, "subscribe cov property multiple", observe::Act::subscribe},
    Service{31, "confirmed cov notification multiple", observe::Act::report},
    Service{32, "confirmed audit notification", observe::Act::report},
    Service{33, "audit log query", observe::Act::read},
    Service{256, "i-am", observe::Act::identify},
    Service{257, "i-have", observe::Act::identify},
    Service{258, "unconfirmed cov notification", observe::Act::report},
    Service{259, "unconfirmed event notification", observe::Act::alarm},
    Service{260, "unconfirmed private transfer", observe::Act::call},
    Service{261, "unconfirmed text message", observe::Act::report},
    Service{262, "time synchronization", observe::Act::time_set},
    Service{263, "who-has", observe::Act::browse},
    Service{264, "who-is", observe::Act::browse},
    Service{265, "utc time synchronization", observe::Act::time_set},
    Service{266, "write group", observe::Act::write},
    Service{267, "unconfirmed cov notification multiple", observe::Act::report},
    Service{268, "unconfirmed audit notification", observe::Act::report},
    Service{269, "who-am-i", observe::Act::identify},
    Service{270, "you-are", observe::Act::configure},
};
/// Never nothing: what nobody knows is an operation all the same.
constexpr Service find_service(std::uint16_t code) noexcept {
    for (const auto& known : services)
        if (known.code == code) return known;
    return {.code = code};
}

/// Object types by number (21, BACnetObjectType).
inline constexpr std::string_view object_types[]{"analog-input",
                                                 "analog-output",
                                                 "analog-value",
                                                 "binary-input",
                                                 "binary-output",
                                                 "binary-value",
                                                 "calendar",
                                                 "command",
                                                 "device",
                                                 "event-enrollment",
                                                 "file",
                                                 "group",
                                                 "loop",
                                                 "multi-state-input",
                                                 "multi-state-output",
                                                 "notification-class",
                                                 "program",
                                                 "schedule",
                                                 "averaging",
                                                 "multi-state-value",
                                                 "trend-log",
                                                 "life-safety-point",
                                                 "life-safety-zone",
                                                 "accumulator",
                                                 "pulse-converter",
                                                 "event-log",
                                                 "global-group",
                                                 "trend-log-multiple",
                                                 "load-control",
                                                 "structured-view",
                                                 "access-door",
                                                 "timer",
                                                 "access-credential",
                                                 "access-point",
                                                 "access-rights",
                                                 "access-user",
                                                 "access-zone",
                                                 "credential-data-input",
                                                 "network-security",
                                                 "bitstring-value",
                                                 "characterstring-value",
                                                 "date-pattern-value",
                                                 "date-value",
                                                 "datetime-pattern-value",
                                                 "datetime-value",
                                                 "integer-value",
                                                 "large-analog-value",
                                                 "octetstring-value",
                                                 "positive-integer-value",
                                                 "time-pattern-value",
                                                 "time-value",
                                                 "notification-forwarder",
                                                 "alert-enrollment",
                                                 "channel",
                                                 "lighting-output",
                                                 "binary-lighting-output",
                                                 "network-port",
                                                 "elevator-group",
                                                 "escalator",
                                                 "lift",
                                                 "staging",
                                                 "audit-log",
                                                 "audit-reporter",
                                                 "color",
                                                 "color-temperature"};

/// "analog-input 3 present-value". An identifier is 10 bits of type and 22 of instance (20.2.14).
constexpr observe::Object object_of(std::uint32_t identifier, std::uint32_t property,
                                    bool has_property) noexcept {
    // Of a maker's own properties, which may have 22 bits, those that do not fit are told as the object only.
    has_property = has_property && property <= 0xffff;
    const auto type = identifier >> 22, instance = identifier & 0x3fffff;
    return {.form = observe::Object::Form::bacnet,
            .space = type < std::size(object_types) ? object_types[type]
                     : type < 128                   ? std::string_view{"object"}
                                                    : std::string_view{"vendor object"},
            .group = type < std::size(object_types) ? 0 : type,
            .number = instance,
            .element = static_cast<std::uint16_t>(has_property ? property : 0),
            .text = has_property ? property_name(property) : std::string_view{}};
}

} // namespace yagura::dissect::bacnet
