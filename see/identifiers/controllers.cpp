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
    {"umas", "plc", 85},
    {"fins", "plc", 75},
    {"slmp", "plc", 75},
    {"melsec", "plc", 75},
    {"cip", "plc", 45},
    {"ads", "plc", 70},
    {"ge_srtp", "plc", 80},
    {"tristation", "safety_controller", 90},
    {"dnp3", "rtu", 65},
    {"iec104", "rtu", 65},
    {"goose", "protection_relay", 70},
    {"mms", "protection_relay", 50},
    {"bacnet", "building_controller", 65},
    {"knx", "building_controller", 65},
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
};
/// CIP's device types (ODVA volume 1, chapter 6).
struct Type {
    std::uint16_t number;
    std::string_view role;
    std::uint8_t confidence;
};
constexpr Type types[]{
    {2, "drive", 90},      {3, "drive", 60},      {4, "sensor", 90},           {5, "sensor", 90},
    {6, "sensor", 90},     {7, "remote_io", 90},  {8, "sensor", 85},           {9, "sensor", 85},
    {10, "remote_io", 90}, {12, "remote_io", 55}, {13, "barcode_reader", 90},  {14, "plc", 90},
    {16, "drive", 80},     {17, "sensor", 80},    {18, "operator_panel", 80},  {19, "drive", 90},
    {20, "drive", 90},     {22, "drive", 75},     {23, "drive", 80},           {24, "hmi", 90},
    {28, "sensor", 85},    {29, "sensor", 70},    {34, "sensor", 85},          {35, "remote_io", 85},
    {37, "drive", 90},     {40, "gateway", 60},   {41, "gateway", 90},         {42, "remote_io", 85},
    {44, "switch", 90},    {45, "drive", 90},     {46, "drive", 90},           {47, "sensor", 80},
    {48, "drive", 75},     {49, "remote_io", 80}, {773, "barcode_reader", 90}, {150, "drive", 90},
    {100, "camera", 70},
};

void look(const View& view, Opinions& opinions) {
    for (const auto& one : answering)
        if (view.serves.contains(one.protocol))
            opinions.role(one.role, one.confidence, cat("answers in ", one.protocol));
    for (const auto protocol : {"s7comm", "modbus", "cip"})
        if (const auto acts = view.done_to_it.find(protocol); acts != view.done_to_it.end())
            for (const auto act : {observe::Act::program_download, observe::Act::program_upload,
                                   observe::Act::start, observe::Act::stop})
                if (acts->second.contains(act)) {
                    opinions.role("plc", 80, cat("lets itself be programmed or stopped in ", protocol));
                    break;
                }
    if (view.units >= 2) opinions.role("gateway", 75, cat(view.units, " units answer behind its address"));
    for (const auto* fact : view.values(observe::Attribute::role_hint)) {
        for (const auto& hint : hints)
            if (fact->value == hint.hint)
                opinions.role(hint.role, hint.confidence, cat("says that it is a ", hint.hint));
        constexpr std::string_view prefix = "cip device type ";
        if (!has_word(fact->value, prefix)) continue;
        const auto digits = std::string_view{fact->value}.substr(prefix.size());
        if (const auto type = number<std::uint16_t>(digits.substr(0, digits.find(' '))))
            for (const auto& known : types)
                if (known.number == *type)
                    opinions.role(known.role, known.confidence, cat("says CIP device type ", *type));
    }
}

} // namespace

extern constinit const Identifier controllers{"controllers", look};

} // namespace yagura::see::identifiers
