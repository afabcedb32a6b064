// Names of what S7 controllers are asked for. There is no public specification; the numbers are those that
// docs/protocols/s7comm.md names its sources for.
#pragma once

#include <array>
#include <optional>

#include "spine/observe/observation.h"

namespace yagura::dissect::s7 {

using observe::Act;

enum Rosctr : std::uint8_t { job = 1, acknowledge = 2, answer = 3, userdata = 7 };

enum Function : std::uint8_t {
    cpu_services = 0x00,
    read_variable = 0x04,
    write_variable = 0x05,
    request_download = 0x1a,
    download_block = 0x1b,
    download_ended = 0x1c,
    start_upload = 0x1d,
    upload = 0x1e,
    end_upload = 0x1f,
    program_invocation = 0x28,
    plc_stop = 0x29,
    setup = 0xf0,
};

struct Known {
    std::uint32_t code = 0;
    std::string_view name = "unknown function";
    Act act = Act::unknown;
};

inline constexpr std::array functions{
    Known{cpu_services, "cpu services", Act::diagnose},
    Known{read_variable, "read variable", Act::read},
    Known{write_variable, "write variable", Act::write},
    Known{request_download, "request download", Act::program_download},
    Known{download_block, "download block", Act::program_download},
    Known{download_ended, "download ended", Act::program_download},
    Known{start_upload, "start upload", Act::program_upload},
    Known{upload, "upload", Act::program_upload},
    Known{end_upload, "end upload", Act::program_upload},
    Known{program_invocation, "program invocation service", Act::call},
    Known{plc_stop, "plc stop", Act::stop},
    Known{setup, "setup communication", Act::connect},
};

/// Composite codes: 0x10000 | group << 8 | subfunction for user data, 0x20000 | ROSCTR for what has no
/// function at all.
constexpr std::uint32_t composite(std::uint8_t group, std::uint8_t subfunction) noexcept {
    return 0x10000u | std::uint32_t{group} << 8 | subfunction;
}
inline constexpr std::uint32_t without_function = 0x20000;

enum Group : std::uint8_t {
    mode_transition = 0,
    programmer = 1,
    cyclic = 2,
    blocks = 3,
    cpu = 4,
    security = 5,
    pbc = 6,
    clock = 7,
    nc_programming = 15,
};

inline constexpr std::array userdata_functions{
    Known{composite(mode_transition, 0), "mode transition: stop", Act::report},
    Known{composite(mode_transition, 1), "mode transition: warm restart", Act::report},
    Known{composite(mode_transition, 2), "mode transition: run", Act::report},
    Known{composite(mode_transition, 3), "mode transition: hot restart", Act::report},
    Known{composite(mode_transition, 4), "mode transition: hold", Act::report},
    Known{composite(mode_transition, 6), "mode transition: cold restart", Act::report},
    Known{composite(mode_transition, 9), "mode transition: run redundant", Act::report},
    Known{composite(mode_transition, 11), "mode transition: link-up", Act::report},
    Known{composite(mode_transition, 12), "mode transition: update", Act::report},
    Known{composite(programmer, 0x01), "block status", Act::diagnose},
    Known{composite(programmer, 0x02), "variable status", Act::read},
    Known{composite(programmer, 0x03), "output istack", Act::diagnose},
    Known{composite(programmer, 0x04), "output bstack", Act::diagnose},
    Known{composite(programmer, 0x05), "output lstack", Act::diagnose},
    Known{composite(programmer, 0x06), "time measurement", Act::diagnose},
    Known{composite(programmer, 0x07), "force selection", Act::force},
    Known{composite(programmer, 0x08), "modify variable", Act::write},
    Known{composite(programmer, 0x09), "force", Act::force},
    Known{composite(programmer, 0x0a), "breakpoint", Act::diagnose},
    Known{composite(programmer, 0x0b), "exit hold", Act::start},
    Known{composite(programmer, 0x0c), "memory reset", Act::clear},
    Known{composite(programmer, 0x0d), "disable job", Act::diagnose},
    Known{composite(programmer, 0x0e), "enable job", Act::diagnose},
    Known{composite(programmer, 0x0f), "delete job", Act::diagnose},
    Known{composite(programmer, 0x10), "read job list", Act::diagnose},
    Known{composite(programmer, 0x11), "read job", Act::diagnose},
    Known{composite(programmer, 0x12), "replace job", Act::diagnose},
    Known{composite(programmer, 0x13), "block status 2", Act::diagnose},
    Known{composite(programmer, 0x16), "flash led", Act::call},
    Known{composite(cyclic, 0x01), "cyclic read", Act::subscribe},
    Known{composite(cyclic, 0x04), "end cyclic read", Act::subscribe},
    Known{composite(cyclic, 0x05), "change-driven read", Act::subscribe},
    Known{composite(cyclic, 0x07), "change-driven modify", Act::subscribe},
    Known{composite(blocks, 0x01), "list blocks", Act::browse},
    Known{composite(blocks, 0x02), "list blocks of type", Act::browse},
    Known{composite(blocks, 0x03), "block info", Act::browse},
    Known{composite(cpu, 0x01), "read szl", Act::diagnose},
    Known{composite(cpu, 0x02), "message service", Act::subscribe},
    Known{composite(cpu, 0x03), "diagnostic message", Act::report},
    Known{composite(cpu, 0x05), "alarm_8 indication", Act::alarm},
    Known{composite(cpu, 0x06), "notify indication", Act::alarm},
    Known{composite(cpu, 0x07), "alarm_8 lock", Act::configure},
    Known{composite(cpu, 0x08), "alarm_8 unlock", Act::configure},
    Known{composite(cpu, 0x09), "scan indication", Act::alarm},
    Known{composite(cpu, 0x0b), "alarm acknowledgement", Act::alarm_ack},
    Known{composite(cpu, 0x0c), "alarm acknowledgement indication", Act::report},
    Known{composite(cpu, 0x0d), "alarm lock indication", Act::report},
    Known{composite(cpu, 0x0e), "alarm unlock indication", Act::report},
    Known{composite(cpu, 0x11), "alarm_sq indication", Act::alarm},
    Known{composite(cpu, 0x12), "alarm_s indication", Act::alarm},
    Known{composite(cpu, 0x13), "alarm query", Act::read},
    Known{composite(cpu, 0x16), "notify_8 indication", Act::alarm},
    Known{composite(security, 0x01), "password", Act::authenticate},
    Known{composite(security, 0x02), "end of password", Act::authenticate},
    Known{composite(clock, 0x01), "read clock", Act::read},
    Known{composite(clock, 0x02), "set clock", Act::time_set},
    Known{composite(clock, 0x03), "read clock (following)", Act::read},
    Known{composite(clock, 0x04), "set clock (following)", Act::time_set},
    Known{composite(nc_programming, 0x01), "nc request download", Act::program_download},
    Known{composite(nc_programming, 0x02), "nc download block", Act::program_download},
    Known{composite(nc_programming, 0x03), "nc continue download", Act::program_download},
    Known{composite(nc_programming, 0x04), "nc download ended", Act::program_download},
    Known{composite(nc_programming, 0x06), "nc start upload", Act::program_upload},
    Known{composite(nc_programming, 0x07), "nc upload", Act::program_upload},
    Known{composite(nc_programming, 0x08), "nc continue upload", Act::program_upload},
};

/// Never nothing: what nobody knows is an operation all the same.
constexpr Known find_function(std::uint8_t code) noexcept {
    for (const auto& known : functions)
        if (known.code == code) return known;
    return {.code = code};
}
constexpr Known find_userdata(std::uint8_t group, std::uint8_t subfunction) noexcept {
    const auto code = composite(group, subfunction);
    for (const auto& known : userdata_functions)
        if (known.code == code) return known;
    Known unknown{.code = code};
    switch (group) {
    case mode_transition:
        unknown.name = "mode transition";
        break;
    case programmer:
        unknown.name = "programmer command";
        break;
    case cyclic:
        unknown.name = "cyclic data";
        break;
    case blocks:
        unknown.name = "block function";
        break;
    case cpu:
        unknown.name = "cpu function";
        break;
    case security:
        unknown.name = "security";
        break;
    case pbc:
        unknown.name = "block send or receive";
        unknown.act = Act::write;
        break;
    case clock:
        unknown.name = "clock";
        break;
    case nc_programming:
        unknown.name = "nc programming";
        break;
    default:
        break;
    }
    return unknown;
}

/// Program invocation services by their names.
struct Service {
    std::string_view name;
    Act act;
};
inline constexpr std::array services{
    Service{"P_PROGRAM", Act::start},        Service{"_INSE", Act::program_download},
    Service{"_INS2", Act::program_download}, Service{"_DELE", Act::program_delete},
    Service{"_MODU", Act::configure},        Service{"_GARB", Act::configure},
    Service{"_N_F_DELE", Act::file_delete},  Service{"_N_F_COPY", Act::file_write},
    Service{"_N_F_RENA", Act::file_write},   Service{"_N_F_OPEN", Act::file_read},
    Service{"_N_SELECT", Act::select},       Service{"_N_LOGIN_", Act::authenticate},
    Service{"_N_LOGOUT", Act::authenticate}, Service{"_N_SETUFR", Act::configure},
    Service{"_N_CONFIG", Act::configure},    Service{"_N_NCKRES", Act::reset},
};

/// Which errors an item or a message can have, where all sources agree.
constexpr std::string_view status_name(std::uint32_t status) noexcept {
    switch (status) {
    case 0x01:
        return "hardware error";
    case 0x03:
        return "access to the object is not allowed";
    case 0x05:
        return "address out of range";
    case 0x06:
        return "data type not supported";
    case 0x07:
        return "data type inconsistent";
    case 0x0a:
        return "object does not exist";
    case 0x8104:
        return "function not implemented or not permitted";
    case 0xd241:
        return "protection level does not allow it";
    case 0xd402:
        return "information function not available";
    case 0xd602:
        return "password wrong";
    default:
        return {};
    }
}

} // namespace yagura::dissect::s7
