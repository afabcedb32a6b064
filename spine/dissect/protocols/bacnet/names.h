// Services, objects and properties of BACnet by name. ANSI/ASHRAE 135-2016, clauses 12, 13 to 17, 21.
#pragma once

#include <array>

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
                                                 "lift"};

struct Property {
    std::uint32_t number;
    std::string_view name;
};
/// Those that are asked for in plants; others are told by their number.
inline constexpr std::array properties{
    Property{0, "acked-transitions"},
    Property{4, "active-text"},
    Property{8, "all"},
    Property{11, "apdu-timeout"},
    Property{12, "application-software-version"},
    Property{17, "notification-class"},
    Property{22, "cov-increment"},
    Property{24, "daylight-savings-status"},
    Property{25, "deadband"},
    Property{28, "description"},
    Property{30, "device-address-binding"},
    Property{31, "device-type"},
    Property{33, "elapsed-active-time"},
    Property{35, "event-enable"},
    Property{36, "event-state"},
    Property{37, "event-type"},
    Property{41, "file-access-method"},
    Property{42, "file-size"},
    Property{43, "file-type"},
    Property{44, "firmware-revision"},
    Property{45, "high-limit"},
    Property{46, "inactive-text"},
    Property{52, "limit-enable"},
    Property{56, "local-date"},
    Property{57, "local-time"},
    Property{58, "location"},
    Property{59, "low-limit"},
    Property{62, "max-apdu-length-accepted"},
    Property{65, "max-pres-value"},
    Property{69, "min-pres-value"},
    Property{70, "model-name"},
    Property{72, "notify-type"},
    Property{73, "number-of-apdu-retries"},
    Property{74, "number-of-states"},
    Property{75, "object-identifier"},
    Property{76, "object-list"},
    Property{77, "object-name"},
    Property{79, "object-type"},
    Property{80, "optional"},
    Property{81, "out-of-service"},
    Property{83, "event-parameters"},
    Property{84, "polarity"},
    Property{85, "present-value"},
    Property{87, "priority-array"},
    Property{92, "program-state"},
    Property{96, "protocol-object-types-supported"},
    Property{97, "protocol-services-supported"},
    Property{98, "protocol-version"},
    Property{103, "reliability"},
    Property{104, "relinquish-default"},
    Property{105, "required"},
    Property{106, "resolution"},
    Property{107, "segmentation-supported"},
    Property{108, "setpoint"},
    Property{110, "state-text"},
    Property{111, "status-flags"},
    Property{112, "system-status"},
    Property{113, "time-delay"},
    Property{116, "time-synchronization-recipients"},
    Property{117, "units"},
    Property{118, "update-interval"},
    Property{119, "utc-offset"},
    Property{120, "vendor-identifier"},
    Property{121, "vendor-name"},
    Property{123, "weekly-schedule"},
    Property{125, "attempted-samples"},
    Property{130, "event-time-stamps"},
    Property{131, "log-buffer"},
    Property{133, "log-enable"},
    Property{139, "protocol-revision"},
    Property{141, "record-count"},
    Property{145, "total-record-count"},
    Property{152, "active-cov-subscriptions"},
    Property{155, "database-revision"},
    Property{167, "max-segments-accepted"},
    Property{168, "profile-name"},
    Property{196, "last-restart-reason"},
    Property{371, "property-list"},
    Property{372, "serial-number"},
};
constexpr std::string_view property_name(std::uint32_t number) noexcept {
    for (const auto& known : properties)
        if (known.number == number) return known.name;
    return {};
}

/// "analog-input 3 present-value". An identifier is 10 bits of type and 22 of instance (20.2.14).
constexpr observe::Object object_of(std::uint32_t identifier, std::uint32_t property,
                                    bool has_property) noexcept {
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
