// Numbers of ADS and what people call them: index groups, states, errors.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "spine/observe/observation.h"

namespace yagura::dissect::ads {

using observe::Act;

enum Command : std::uint16_t {
    device_info = 1,
    read = 2,
    write = 3,
    read_state = 4,
    write_control = 5,
    add_notification = 6,
    delete_notification = 7,
    notification = 8,
    read_write = 9,
};
struct NamedCommand {
    std::string_view name;
    Act act = Act::unknown;
    std::uint8_t asks = 0, answers = 0; ///< octets of the fixed part
};
/// "AMS/ADS", ADS commands. By number; 0 is none.
constexpr NamedCommand commands[]{
    {"invalid command"},
    {"read device info", Act::identify, 0, 24},
    {"read", Act::read, 12, 8},
    {"write", Act::write, 12, 4},
    {"read state", Act::read, 0, 8},
    {"write control", Act::mode_change, 8, 4},
    {"add device notification", Act::subscribe, 40, 8},
    {"delete device notification", Act::subscribe, 4, 4},
    {"device notification", Act::report, 8, 0},
    {"read write", Act::read, 16, 8},
};
constexpr std::uint16_t command_last = read_write;

enum Group : std::uint32_t {
    file_open = 120,
    file_close = 121,
    file_delete = 131,
    file_find = 133,
    registry = 200,
    start_process = 500,
    target = 700,
    memory_bits = 0x4021,
    name_of_handle = 0xf003,
    value_by_name = 0xf004,
    value_by_handle = 0xf005,
    release_handle = 0xf006,
    info_by_name = 0xf007,
    info_by_name_ex = 0xf009,
    input_bits = 0xf021,
    output_bits = 0xf031,
    sum_read = 0xf080,
    sum_write = 0xf081,
    sum_read_write = 0xf082,
    sum_read_ex = 0xf083,
    sum_read_ex2 = 0xf084,
};
/// `reads` and `writes`: what the plain commands on that group do, where it is not what their names say.
struct NamedGroup {
    std::uint32_t group;
    std::string_view name;
    Act reads = Act::read, writes = Act::write;
};
/// Index groups of the PLC, of every ADS device, and (below 1000) of TwinCAT's system service, AMS port
/// 10000.
constexpr std::uint16_t system_service = 10000;
constexpr NamedGroup system_groups[]{
    {100, "file handle", Act::file_read, Act::file_write},
    {101, "file to read", Act::file_read, Act::file_read},
    {102, "file to write", Act::file_write, Act::file_write},
    {110, "file", Act::file_write, Act::file_write},
    {111, "file handle", Act::file_read, Act::file_read},
    {file_open, "file", Act::file_read, Act::file_read},
    {file_close, "file handle", Act::file_read, Act::file_read},
    {122, "file handle", Act::file_read, Act::file_read},
    {123, "file handle", Act::file_write, Act::file_write},
    {124, "file handle", Act::file_read, Act::file_read},
    {125, "file handle", Act::file_read, Act::file_read},
    {126, "file handle", Act::file_read, Act::file_read},
    {127, "file handle", Act::file_write, Act::file_write},
    {130, "file handle", Act::file_read, Act::file_read},
    {file_delete, "file", Act::file_delete, Act::file_delete},
    {132, "file", Act::file_write, Act::file_write},
    {file_find, "file", Act::browse, Act::browse},
    {138, "folder", Act::file_write, Act::file_write},
    {139, "folder", Act::file_delete, Act::file_delete},
    {registry, "registry", Act::read, Act::configure},
    {400, "clock", Act::read, Act::time_set},
    {start_process, "process", Act::call, Act::call},
    {600, "net id", Act::read, Act::configure},
    {target, "target", Act::identify},
    {701, "network adapters"},
    {702, "host name", Act::read, Act::configure},
    {801, "route", Act::configure, Act::configure},
    {802, "route", Act::configure, Act::configure},
    {803, "route", Act::browse, Act::configure},
};
constexpr NamedGroup device_groups[]{
    {0x4020, "M"},
    {memory_bits, "MX"},
    {0x4025, "size of M"},
    {0x4030, "retain"},
    {0x4035, "size of retain"},
    {0x4040, "data"},
    {0x4045, "size of data"},
    {0xf000, "symbol table", Act::browse},
    {0xf001, "symbol name", Act::browse},
    {0xf002, "symbol value"},
    {name_of_handle, "symbol", Act::browse, Act::browse},
    {value_by_name, "symbol"},
    {value_by_handle, "handle"},
    {release_handle, "handle", Act::browse, Act::browse},
    {info_by_name, "symbol", Act::browse},
    {0xf008, "symbol version", Act::browse},
    {info_by_name_ex, "symbol", Act::browse},
    {0xf00a, "symbol download"},
    {0xf00b, "symbol upload", Act::browse},
    {0xf00c, "symbol upload size", Act::browse},
    {0xf010, "symbol notification"},
    {0xf020, "I"},
    {input_bits, "IX"},
    {0xf025, "size of I"},
    {0xf030, "Q"},
    {output_bits, "QX"},
    {0xf035, "size of Q"},
    {0xf040, "clear I", Act::read, Act::force},
    {0xf050, "clear Q", Act::read, Act::force},
    {0xf060, "I and Q"},
    {sum_read, "several"},
    {sum_write, "several"},
    {sum_read_write, "several"},
    {sum_read_ex, "several"},
    {sum_read_ex2, "several"},
    {0xf085, "several notifications", Act::subscribe, Act::subscribe},
    {0xf086, "several notifications", Act::subscribe, Act::subscribe},
    {0xf100, "device data"},
};
constexpr const NamedGroup* find_group(std::uint16_t port, std::uint32_t group) noexcept {
    if (port == system_service)
        for (const auto& known : system_groups)
            if (known.group == group) return &known;
    for (const auto& known : device_groups)
        if (known.group == group) return &known;
    return nullptr;
}
constexpr bool is_sum(std::uint32_t group) noexcept { return group >= sum_read && group <= sum_read_ex2; }
/// Is what the request writes the name of what it is about?
constexpr bool names_its_object(std::uint16_t port, std::uint32_t group) noexcept {
    if (port == system_service)
        return group == file_open || group == file_delete || group == file_find || group == registry ||
               group == 101 || group == 102;
    return group == name_of_handle || group == value_by_name || group == info_by_name ||
           group == info_by_name_ex;
}

/// ADS states. What write control does by setting one.
struct NamedState {
    std::string_view name;
    Act sets = Act::mode_change;
};
constexpr NamedState states[]{{"invalid"},
                              {"idle"},
                              {"reset", Act::reset},
                              {"init"},
                              {"start", Act::start},
                              {"run", Act::start},
                              {"stop", Act::stop},
                              {"save configuration", Act::configure},
                              {"load configuration", Act::configure},
                              {"power failure"},
                              {"power good"},
                              {"error"},
                              {"shutdown", Act::stop},
                              {"suspend", Act::stop},
                              {"resume", Act::start},
                              {"config"},
                              {"reconfig"},
                              {"stopping", Act::stop},
                              {"incompatible"},
                              {"exception"}};

/// "ADS return codes": of the router and of devices.
constexpr std::string_view error_name(std::uint32_t status) noexcept {
    struct Named {
        std::uint32_t status;
        std::string_view name;
    };
    constexpr Named named[]{{0x01, "internal error"},
                            {0x02, "no real time"},
                            {0x05, "insert mailbox error"},
                            {0x06, "target port not found"},
                            {0x07, "target machine not found"},
                            {0x08, "unknown command"},
                            {0x09, "invalid task"},
                            {0x0a, "no io"},
                            {0x0b, "unknown AMS command"},
                            {0x0c, "Win32 error"},
                            {0x0d, "port not connected"},
                            {0x0e, "invalid AMS length"},
                            {0x0f, "invalid AMS net id"},
                            {0x11, "low installation level"},
                            {0x12, "no debugging available"},
                            {0x13, "port disabled"},
                            {0x14, "port already connected"},
                            {0x17, "invalid AMS fragment"},
                            {0x18, "TLS send error"},
                            {0x19, "access denied"},
                            {0x500, "no locked memory"},
                            {0x503, "router not initialized"},
                            {0x506, "router port not initialized"},
                            {0x508, "router port invalid"},
                            {0x700, "error class device error"},
                            {0x701, "service is not supported"},
                            {0x702, "invalid index group"},
                            {0x703, "invalid index offset"},
                            {0x704, "reading or writing not permitted"},
                            {0x705, "parameter size not correct"},
                            {0x706, "invalid parameter value"},
                            {0x707, "device is not ready"},
                            {0x708, "device is busy"},
                            {0x709, "invalid context"},
                            {0x70a, "out of memory"},
                            {0x70b, "invalid parameter value"},
                            {0x70c, "not found"},
                            {0x70d, "syntax error in command or file"},
                            {0x70e, "objects do not match"},
                            {0x70f, "object already exists"},
                            {0x710, "symbol not found"},
                            {0x711, "symbol version invalid"},
                            {0x712, "server is in invalid state"},
                            {0x713, "transmission mode not supported"},
                            {0x714, "notification handle is invalid"},
                            {0x715, "notification client not registered"},
                            {0x716, "no more notification handles"},
                            {0x717, "size for watch too big"},
                            {0x718, "device not initialized"},
                            {0x719, "device has a timeout"},
                            {0x71c, "license missing"},
                            {0x723, "access denied"},
                            {0x740, "error class client error"},
                            {0x745, "timeout elapsed"}};
    const auto* found = std::ranges::find(named, status, &Named::status);
    return found == std::end(named) ? std::string_view{} : found->name;
}

} // namespace yagura::dissect::ads
