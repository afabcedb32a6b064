// Who answers the way controllers do, and what the protocols themselves call it.
#include "see/identifier.h"

namespace yagura::see::identifiers {
namespace {

struct Answering {
    std::string_view protocol, role;
    std::uint8_t confidence;
};
/// Modbus is spoken by anything; the others by few.
constexpr Answering answering[]{
    {"s7comm", "plc", 75},
    {"s7comm_plus", "plc", 80},
    {"modbus", "plc", 50},
    {"modbus_rtu", "serial_server", 55}, // Its frames are a serial line's.
    {"umas", "plc", 85},
    {"fins", "plc", 75},
    {"slmp", "plc", 75},
    {"mc_1e", "plc", 75},
    {"melsoft", "plc", 80},
    {"keyence_kv", "plc", 80},
    {"mewtocol", "plc", 75},
    {"toyopuc", "plc", 80},
    {"memobus", "plc", 70},
    {"fuji_sph", "plc", 80},
    {"focas", "cnc", 85},
    {"cip", "plc", 45},
    {"ads", "plc", 70},
    {"ge_srtp", "plc", 80},
    {"tristation", "safety_controller", 90},
    {"dnp3", "rtu", 65},
    {"iec104", "rtu", 65},
    {"goose", "protection_relay", 70},
    {"mms", "protection_relay", 50},
    {"bacnet", "building_controller", 65},
    {"knxnet_ip", "gateway", 55},
    {"opcua", "opc_server", 50},
    {"iec61850_sv", "sensor", 50},
};
struct Hint {
    std::string_view hint, role;
    std::uint8_t confidence;
};
constexpr Hint hints[]{
    {"profinet io controller", "plc", 85},
    {"profinet io device", "remote_io", 55},
    {"profinet io supervisor", "engineering_station", 70},
    {"profinet io multidevice", "remote_io", 55},
    {"cc-link ie master", "plc", 85},
    {"cc-link ie slave", "remote_io", 55},
    {"fl-net node", "plc", 70},
    {"powerlink managing node", "plc", 85},
    {"powerlink controlled node", "remote_io", 50},
    {"sercos master", "plc", 75},
    {"secs host", "mes", 70},
    {"secs equipment", "plc", 50},
    {"egd producer", "plc", 60},
    {"knx interface", "gateway", 78},
    {"phasor measurement unit", "meter", 80},
    {"phasor data concentrator", "gateway", 75},
    {"niagara station", "building_controller", 85},
    {"niagara workbench", "engineering_station", 85},
    {"serial device server", "serial_server", 88},
    // CIP's device types by name (ODVA volume 1, chapter 6).
    {"AC drive", "drive", 90},
    {"DC drive", "drive", 90},
    {"motion drive", "drive", 90},
    {"safety drive", "drive", 90},
    {"safety motion drive", "drive", 90},
    {"soft starter", "drive", 80},
    {"motor starter", "drive", 75},
    {"contactor", "drive", 60},
    {"motor overload", "drive", 60},
    {"position controller", "drive", 80},
    {"limit switch", "sensor", 90},
    {"proximity switch", "sensor", 90},
    {"photoelectric sensor", "sensor", 90},
    {"resolver", "sensor", 85},
    {"encoder", "sensor", 85},
    {"motion encoder", "sensor", 80},
    {"vacuum pressure gauge", "sensor", 85},
    {"discrete i/o", "remote_io", 90},
    {"safety discrete i/o", "remote_io", 88},
    {"safety analog i/o", "remote_io", 88},
    {"communications adapter", "remote_io", 55},
    {"programmable logic controller", "plc", 90},
    {"human-machine interface", "hmi", 90},
    {"managed switch", "switch", 90},
    {"bacnet device", "building_controller", 60},
    {"goose publisher", "protection_relay", 65},
    {"sampled values publisher", "sensor", 60},
};
void look(const View& view, Opinions& opinions) {
    for (const auto& one : answering)
        if (view.serves.contains(one.protocol))
            opinions.role(one.role, one.confidence, because(Why::answers_in, one.protocol));
    for (const auto protocol : {"s7comm", "modbus", "cip"})
        if (const auto acts = view.done_to_it.find(protocol); acts != view.done_to_it.end())
            for (const auto act : {observe::Act::program_download, observe::Act::program_upload,
                                   observe::Act::start, observe::Act::stop})
                if (acts->second.contains(act)) {
                    opinions.role("plc", 80, because(Why::is_programmed, protocol));
                    break;
                }
    if (view.units >= 2) opinions.role("gateway", 75, because(Why::units, view.units));
    for (const auto* fact : view.values(observe::Attribute::role_hint)) {
        for (const auto& hint : hints)
            if (fact->value == hint.hint)
                opinions.role(hint.role, hint.confidence, because(Why::says_kind, hint.hint));
    }
}

} // namespace

extern constinit const Identifier controllers{"controllers", look};

} // namespace yagura::see::identifiers
