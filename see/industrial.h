// Which protocols are the floor's own, by the names that the registry gives them.
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

namespace yagura::see {

/// In these controllers are read, written and programmed: who asks in them operates or programs something.
inline constexpr std::string_view controller_protocols[]{
    "modbus",  "s7comm",  "s7comm_plus", "cip",      "fins",       "slmp",       "mc_1e",
    "melsoft", "opcua",   "dnp3",        "iec104",   "bacnet",     "keyence_kv", "mewtocol",
    "toyopuc", "memobus", "focas",       "fuji_sph", "modbus_rtu", "ads",        "mms",
    "hart_ip", "hsms",    "niagara_fox", "c37_118",  "knxnet_ip",  "ge_srtp"};

/// The same, and those that find devices, open their connections or carry their I/O.
constexpr bool is_industrial(std::string_view protocol) noexcept {
    constexpr std::string_view beside[]{
        "enip",      "cip_io", "profinet_dcp", "profinet_cm", "profinet_rt", "cclink_ief_basic",
        "cclink_ie", "fl_net", "ethercat",     "goose",       "iec61850_sv", "powerlink",
        "egd",       "rtps",   "mrp",          "dlr",         "sercos3"};
    return std::ranges::find(controller_protocols, protocol) != std::end(controller_protocols) ||
           std::ranges::find(beside, protocol) != std::end(beside);
}

} // namespace yagura::see
