#include "spine/dissect/protocols/cip/names.h"

#include <array>

namespace yagura::dissect::cip {
namespace {

using observe::Act;

struct Common {
    std::uint8_t code;
    Service service;
};
constexpr std::array common{
    Common{0x01, {"get attributes all", Act::read}},
    Common{0x02, {"set attributes all", Act::write}},
    Common{0x03, {"get attribute list", Act::read}},
    Common{0x04, {"set attribute list", Act::write}},
    Common{0x05, {"reset", Act::reset}},
    Common{0x06, {"start", Act::start}},
    Common{0x07, {"stop", Act::stop}},
    Common{0x08, {"create", Act::configure}},
    Common{0x09, {"delete", Act::configure}},
    Common{0x0a, {"multiple service packet", Act::unknown}},
    Common{0x0d, {"apply attributes", Act::configure}},
    Common{0x0e, {"get attribute single", Act::read}},
    Common{0x10, {"set attribute single", Act::write}},
    Common{0x11, {"find next object instance", Act::browse}},
    Common{0x15, {"restore", Act::configure}},
    Common{0x16, {"save", Act::configure}},
    Common{0x17, {"no operation", Act::unknown}},
    Common{0x18, {"get member", Act::read}},
    Common{0x19, {"set member", Act::write}},
    Common{0x1a, {"insert member", Act::write}},
    Common{0x1b, {"remove member", Act::write}},
    Common{0x1c, {"group sync", Act::time_set}},
    Common{0x1d, {"get connection point member list", Act::browse}},
};

/// Services that mean something to one class only.
struct Own {
    std::uint32_t object_class;
    std::uint8_t code;
    Service service;
};
constexpr std::array own{
    Own{0x06, 0x4e, {"forward close", Act::disconnect}},
    Own{0x06, 0x52, {"unconnected send", Act::unknown}},
    Own{0x06, 0x54, {"forward open", Act::connect}},
    Own{0x06, 0x56, {"get connection data", Act::diagnose}},
    Own{0x06, 0x57, {"search connection data", Act::diagnose}},
    Own{0x06, 0x5a, {"get connection owner", Act::diagnose}},
    Own{0x06, 0x5b, {"large forward open", Act::connect}},
    Own{0x37, 0x4b, {"initiate upload", Act::file_read}},
    Own{0x37, 0x4c, {"initiate download", Act::file_write}},
    Own{0x37, 0x4d, {"initiate partial read", Act::file_read}},
    Own{0x37, 0x4e, {"initiate partial write", Act::file_write}},
    Own{0x37, 0x4f, {"upload transfer", Act::file_read}},
    Own{0x37, 0x50, {"download transfer", Act::file_write}},
    Own{0x37, 0x51, {"clear file", Act::file_delete}},
    Own{0x67, 0x4b, {"execute pccc", Act::unknown}},
    Own{0x67, 0x4c, {"execute dh+", Act::unknown}},
    Own{0x6a, 0x4f, {"read routine", Act::program_upload}},
    Own{0x6a, 0x50, {"write routine", Act::program_download}},
    Own{0x6b, 0x55, {"get instance attribute list", Act::browse}},
    Own{0x6c, 0x4c, {"read template", Act::browse}},
    Own{0x74, 0x4b, {"take lock", Act::protect}},
    Own{0x74, 0x4c, {"release lock", Act::protect}},
    Own{0x8b, 0x4b, {"read clock", Act::read}},
    Own{0xa1, 0x4b, {"firmware update", Act::firmware_update}},
    Own{0xa1, 0x4d, {"firmware transfer", Act::firmware_update}},
    Own{0xa1, 0x51, {"firmware update (secured)", Act::firmware_update}},
};

/// Asked several times for each message: where a service stands, not a search for it. 0: nowhere.
constexpr auto common_at = [] {
    std::array<std::uint8_t, 256> places{};
    for (std::uint8_t at = 0; at < common.size(); ++at)
        places[common[at].code] = static_cast<std::uint8_t>(at + 1);
    return places;
}();
/// Is there a class for which it means something of its own?
constexpr auto owned = [] {
    std::array<bool, 256> any{};
    for (const auto& one : own) any[one.code] = true;
    return any;
}();

constexpr bool sets(std::uint8_t service) noexcept {
    return service == 0x02 || service == 0x04 || service == 0x10 || service == 0x19;
}
/// What setting means there.
constexpr Act act_of_setting(std::uint32_t object_class) noexcept {
    switch (object_class) {
    case 0x8b: // Rockwell's clock
    case 0x43: // time synchronisation
        return Act::time_set;
    case 0x01:
    case 0x06:
    case 0x47:
    case 0x48:
    case 0x51:
    case 0x54:
    case 0x5e:
    case 0x5f:
    case 0xf4:
    case 0xf5: // TCP/IP: the address itself
    case 0xf6:
        return Act::configure;
    case 0x5d: // CIP Security
        return Act::protect;
    default:
        return Act::write;
    }
}
/// Objects of a Logix program: to make one is to load, to delete one is to delete program.
constexpr bool of_program(std::uint32_t object_class) noexcept {
    return object_class == 0x68 || (object_class >= 0x6a && object_class <= 0x6d) || object_class == 0x70;
}

} // namespace

Service find_service(std::uint8_t service, std::uint32_t object_class, bool tag) noexcept {
    if (const auto place = common_at[service]) {
        auto found = common[place - 1u].service;
        if (sets(service)) found.act = act_of_setting(object_class);
        if (object_class == 0x01 && !sets(service) && found.act == Act::read) found.act = Act::identify;
        if (of_program(object_class) && service == 0x08) found.act = Act::program_download;
        if (of_program(object_class) && service == 0x09) found.act = Act::program_delete;
        // Trends and counters are reset and started too; only devices and controllers stop by it.
        if (object_class == 0x72 && (service == 0x05 || service == 0x06 || service == 0x07))
            found.act = Act::configure;
        return found;
    }
    if (owned[service] && object_class != 0)
        for (const auto& one : own)
            if (one.code == service && one.object_class == object_class) return one.service;
    if (tag || object_class == 0x6b || object_class == 0x6c || object_class == 0xb2) switch (service) {
        case 0x4b:
            return {"get instance attribute list", Act::browse};
        case 0x4c:
            return {"read tag", Act::read};
        case 0x4d:
            return {"write tag", Act::write};
        case 0x4e:
            return {"read modify write tag", Act::write};
        case 0x52:
            return {"read tag fragmented", Act::read};
        case 0x53:
            return {"write tag fragmented", Act::write};
        case 0x55:
            return {"get instance attribute list", Act::browse};
        default:
            break;
        }
    return {service >= 0x4b && service <= 0x63 ? "object-specific service" : "unknown service", Act::unknown};
}

std::string_view profile_name(std::uint16_t number) noexcept {
    switch (number) {
    case 0x02:
        return "AC drive";
    case 0x03:
        return "motor overload";
    case 0x04:
        return "limit switch";
    case 0x05:
        return "proximity switch";
    case 0x06:
        return "photoelectric sensor";
    case 0x07:
        return "discrete i/o";
    case 0x09:
        return "resolver";
    case 0x0c:
        return "communications adapter";
    case 0x0e:
        return "programmable logic controller";
    case 0x10:
        return "position controller";
    case 0x13:
        return "DC drive";
    case 0x15:
        return "contactor";
    case 0x16:
        return "motor starter";
    case 0x17:
        return "soft starter";
    case 0x18:
        return "human-machine interface";
    case 0x1a:
        return "mass flow controller";
    case 0x1b:
        return "pneumatic valve";
    case 0x1c:
        return "vacuum pressure gauge";
    case 0x1d:
        return "process control valve";
    case 0x22:
        return "encoder";
    case 0x23:
        return "safety discrete i/o";
    case 0x24:
        return "fluid flow controller";
    case 0x25:
        return "motion drive";
    case 0x2a:
        return "safety analog i/o";
    case 0x2c:
        return "managed switch";
    case 0x2d:
        return "safety motion drive";
    case 0x2e:
        return "safety drive";
    case 0x2f:
        return "motion encoder";
    default:
        return {};
    }
}

std::string_view status_name(std::uint32_t status) noexcept {
    constexpr std::string_view names[]{"success",
                                       "connection failure",
                                       "resource unavailable",
                                       "invalid parameter value",
                                       "path segment error",
                                       "path destination unknown",
                                       "partial transfer",
                                       "connection lost",
                                       "service not supported",
                                       "invalid attribute value",
                                       "attribute list error",
                                       "already in requested mode",
                                       "object state conflict",
                                       "object already exists",
                                       "attribute not settable",
                                       "privilege violation",
                                       "device state conflict",
                                       "reply data too large",
                                       "fragmentation of a primitive value",
                                       "not enough data",
                                       "attribute not supported",
                                       "too much data",
                                       "object does not exist",
                                       "fragmentation sequence not in progress",
                                       "no stored attribute data",
                                       "store operation failure",
                                       "request too large to route",
                                       "response too large to route",
                                       "missing attribute list entry",
                                       "invalid attribute value list",
                                       "embedded service error",
                                       "vendor specific error",
                                       "invalid parameter",
                                       "write-once value already written",
                                       "invalid reply received",
                                       "buffer overflow",
                                       "invalid message format",
                                       "key failure in path",
                                       "path size invalid",
                                       "unexpected attribute in list",
                                       "invalid member",
                                       "member not settable",
                                       "group 2 only server failure",
                                       "unknown modbus error",
                                       "attribute not gettable"};
    return status != 0 && status < std::size(names) ? names[status] : std::string_view{};
}

} // namespace yagura::dissect::cip
