// Makers' order numbers and product names say what a thing is; who made its network card says it less surely.
#include "see/identifier.h"

namespace yagura::see::identifiers {
namespace {

using observe::Attribute;

/// Where a word begins in a product, module or description: small letters.
struct Product {
    std::string_view word, role;
    std::uint8_t confidence;
    std::string_view vendor{};
};
constexpr Product catalogue[]{
    // Siemens: MLFB
    {"6es7 21", "plc", 90, "Siemens"},
    {"6es7 22", "remote_io", 70, "Siemens"},
    {"6es7 31", "plc", 90, "Siemens"},
    {"6es7 41", "plc", 90, "Siemens"},
    {"6es7 51", "plc", 90, "Siemens"},
    {"6es7 155", "remote_io", 90, "Siemens"},
    {"6es7 153", "remote_io", 90, "Siemens"},
    {"6es7 151-8", "plc", 90, "Siemens"},
    {"6es7 151", "remote_io", 85, "Siemens"},
    {"6es7 14", "remote_io", 90, "Siemens"},
    {"6es7 6", "plc", 80, "Siemens"},
    {"6av2 1", "operator_panel", 92, "Siemens"},
    {"6av6", "operator_panel", 92, "Siemens"},
    {"6av7", "hmi", 90, "Siemens"},
    {"6gk5", "switch", 92, "Siemens"},
    {"6gk7", "plc", 80, "Siemens"},
    {"6gk57", "access_point", 93, "Siemens"},
    {"6sl3", "drive", 92, "Siemens"},
    {"3rw", "drive", 80, "Siemens"},
    {"7sj", "protection_relay", 90, "Siemens"},
    {"7sa", "protection_relay", 90, "Siemens"},
    {"7ut", "protection_relay", 90, "Siemens"},
    {"7km", "meter", 90, "Siemens"},
    {"scalance x", "switch", 90, "Siemens"},
    {"scalance w", "access_point", 90, "Siemens"},
    {"scalance s", "firewall", 90, "Siemens"},
    {"scalance m", "router", 85, "Siemens"},
    {"s7-1200", "plc", 88, "Siemens"},
    {"s7-1500", "plc", 88, "Siemens"},
    {"s7-300", "plc", 88, "Siemens"},
    {"s7-400", "plc", 88, "Siemens"},
    {"et200", "remote_io", 80, "Siemens"},
    {"et 200", "remote_io", 80, "Siemens"},
    {"sinamics", "drive", 90, "Siemens"},
    {"cpu 3", "plc", 80},
    {"cpu3", "plc", 80},
    {"cpu 4", "plc", 80},
    {"cpu 12", "plc", 80},
    {"cpu 15", "plc", 80},
    {"simatic hmi", "operator_panel", 88, "Siemens"},
    {"sinumerik", "cnc", 90, "Siemens"},
    {"siprotec", "protection_relay", 92, "Siemens"},
    // Rockwell: catalogue numbers
    {"1756-l", "plc", 92, "Rockwell Automation"},
    {"1769-l", "plc", 92, "Rockwell Automation"},
    {"5069-l", "plc", 92, "Rockwell Automation"},
    {"1768-l", "plc", 92, "Rockwell Automation"},
    {"1756-e", "plc", 85, "Rockwell Automation"},
    {"1761-", "plc", 80, "Rockwell Automation"},
    {"1762-", "plc", 85, "Rockwell Automation"},
    {"1763-", "plc", 85, "Rockwell Automation"},
    {"1766-", "plc", 85, "Rockwell Automation"},
    {"micrologix", "plc", 88, "Rockwell Automation"},
    {"compactlogix", "plc", 88, "Rockwell Automation"},
    {"controllogix", "plc", 88, "Rockwell Automation"},
    {"logix5", "plc", 90, "Rockwell Automation"},
    {"guardlogix", "safety_controller", 92, "Rockwell Automation"},
    {"1734-", "remote_io", 90, "Rockwell Automation"},
    {"1794-", "remote_io", 90, "Rockwell Automation"},
    {"1738-", "remote_io", 90, "Rockwell Automation"},
    {"1732", "remote_io", 90, "Rockwell Automation"},
    {"2711", "operator_panel", 92, "Rockwell Automation"},
    {"panelview", "operator_panel", 92, "Rockwell Automation"},
    {"1783-", "switch", 92, "Rockwell Automation"},
    {"stratix", "switch", 90, "Rockwell Automation"},
    {"powerflex", "drive", 92, "Rockwell Automation"},
    {"kinetix", "drive", 92, "Rockwell Automation"},
    {"powermonitor", "meter", 90, "Rockwell Automation"},
    {"1408-", "meter", 90, "Rockwell Automation"},
    // Schneider
    {"bmx p", "plc", 92, "Schneider Electric"},
    {"bmxp", "plc", 92, "Schneider Electric"},
    {"bme p", "plc", 92, "Schneider Electric"},
    {"bmep", "plc", 92, "Schneider Electric"},
    {"140 cpu", "plc", 92, "Schneider Electric"},
    {"140cpu", "plc", 92, "Schneider Electric"},
    {"tsxp", "plc", 92, "Schneider Electric"},
    {"tsx p", "plc", 92, "Schneider Electric"},
    {"tm2", "plc", 80, "Schneider Electric"},
    {"modicon", "plc", 75, "Schneider Electric"},
    {"bmx cra", "remote_io", 90, "Schneider Electric"},
    {"stb n", "remote_io", 88, "Schneider Electric"},
    {"otb1", "remote_io", 88, "Schneider Electric"},
    {"atv", "drive", 85, "Schneider Electric"},
    {"altivar", "drive", 90, "Schneider Electric"},
    {"hmist", "operator_panel", 88, "Schneider Electric"},
    {"hmig", "operator_panel", 88, "Schneider Electric"},
    {"magelis", "operator_panel", 90, "Schneider Electric"},
    {"powerlogic", "meter", 88, "Schneider Electric"},
    {"pm5", "meter", 70},
    {"pm8", "meter", 70},
    {"sepam", "protection_relay", 92, "Schneider Electric"},
    {"connexium", "switch", 85, "Schneider Electric"},
    {"tricon", "safety_controller", 92},
    {"triconex", "safety_controller", 92},
    // Others
    {"750-8", "plc", 88, "WAGO"},
    {"750-3", "remote_io", 88, "WAGO"},
    {"750-4", "remote_io", 70, "WAGO"},
    {"pfc200", "plc", 90, "WAGO"},
    {"pfc100", "plc", 90, "WAGO"},
    {"bk9", "remote_io", 80, "Beckhoff"},
    {"ek1", "remote_io", 75, "Beckhoff"},
    {"cx5", "plc", 80, "Beckhoff"},
    {"cx9", "plc", 80, "Beckhoff"},
    {"cx2", "plc", 80, "Beckhoff"},
    {"mgate", "gateway", 92, "Moxa"},
    {"nport", "serial_server", 92, "Moxa"},
    {"eds-", "switch", 90, "Moxa"},
    {"edr-", "firewall", 85, "Moxa"},
    {"awk-", "wireless_bridge", 85, "Moxa"},
    {"iologik", "remote_io", 92, "Moxa"},
    {"series 30i", "cnc", 90, "FANUC"},
    {"series 31i", "cnc", 90, "FANUC"},
    {"series 32i", "cnc", 90, "FANUC"},
    {"series 0i", "cnc", 85, "FANUC"},
    {"r-30i", "robot", 92, "FANUC"},
    {"r-j3i", "robot", 92, "FANUC"},
    {"irc5", "robot", 90, "ABB"},
    {"krc4", "robot", 90, "KUKA"},
    {"kr c", "robot", 88, "KUKA"},
    {"yrc1000", "robot", 92, "Yaskawa"},
    {"dx200", "robot", 85, "Yaskawa"},
    {"universal robots", "robot", 92},
    {"melfa", "robot", 90, "Mitsubishi Electric"},
    {"melsec", "plc", 88, "Mitsubishi Electric"},
    {"fx5", "plc", 75, "Mitsubishi Electric"},
    {"got1000", "operator_panel", 90, "Mitsubishi Electric"},
    {"got2000", "operator_panel", 92, "Mitsubishi Electric"},
    {"cj2m", "plc", 90, "Omron"},
    {"cj2h", "plc", 90, "Omron"},
    {"cp1l", "plc", 90, "Omron"},
    {"nj501", "plc", 92, "Omron"},
    {"nj301", "plc", 92, "Omron"},
    {"nx102", "plc", 92, "Omron"},
    {"nx1p2", "plc", 92, "Omron"},
    {"nx-eic", "remote_io", 90, "Omron"},
    {"axc f", "plc", 88, "Phoenix Contact"},
    {"ilc 1", "plc", 88, "Phoenix Contact"},
    {"fl switch", "switch", 92, "Phoenix Contact"},
    {"fl mguard", "firewall", 92, "Phoenix Contact"},
    {"mguard", "firewall", 85},
    {"railswitch", "switch", 92, "Hirschmann"},
    {"mach10", "switch", 88, "Hirschmann"},
    {"mach4", "switch", 88, "Hirschmann"},
    {"hirschmann rs", "switch", 85, "Hirschmann"},
    {"hirschmann eagle", "firewall", 90, "Hirschmann"},
    {"hios", "switch", 75, "Hirschmann"},
    {"catalyst", "switch", 88, "Cisco"},
    {"c2960", "switch", 88, "Cisco"},
    {"ie-3000", "switch", 88, "Cisco"},
    {"ie-2000", "switch", 88, "Cisco"},
    {"procurve", "switch", 88},
    {"fortigate", "firewall", 92, "Fortinet"},
    {"adaptive security appliance", "firewall", 92, "Cisco"},
    {"pan-os", "firewall", 92},
    {"dataman", "barcode_reader", 92, "Cognex"},
    {"in-sight", "camera", 88, "Cognex"},
    {"sr-1000", "barcode_reader", 85, "Keyence"},
    {"axis m", "camera", 80, "Axis"},
    {"axis p", "camera", 80, "Axis"},
    {"axis q", "camera", 80, "Axis"},
    {"network camera", "camera", 88},
    {"ip camera", "camera", 85},
    {"laserjet", "printer", 90},
    {"officejet", "printer", 90},
    {"brother ql", "printer", 92, "Brother"},
    {"brother hl", "printer", 92, "Brother"},
    {"brother mfc", "printer", 92, "Brother"},
    {"imagerunner", "printer", 90, "Canon"},
    {"zebra", "printer", 70},
    {"linkstation", "server", 80},
    {"diskstation", "server", 85},
    {"readynas", "server", 85},
    {"esxi", "virtual_host", 88, "VMware"},
    {"proxmox", "virtual_host", 88},
    {"hyper-v", "virtual_host", 70},
    {"wincc", "scada_server", 80},
    {"factorytalk", "scada_server", 75},
    {"ignition", "scada_server", 80},
    {"kepserver", "opc_server", 88},
    {"pi server", "historian", 75},
    {"controlwave", "rtu", 85},
    {"roc800", "rtu", 90},
    {"sel-", "protection_relay", 80},
    {"meinberg", "time_server", 90},
    {"lantime", "time_server", 92},
    {"desigo", "building_controller", 88},
    {"sinema", "server", 60},
    {"turck bl", "remote_io", 85, "Turck"},
    {"aventics", "remote_io", 70},
    {"cpx", "remote_io", 75, "Festo"},
    {"ilb", "remote_io", 75, "Phoenix Contact"},
};

/// Makers of one kind of thing: a hint, no more.
struct Maker {
    std::string_view word, role;
    std::uint8_t confidence;
};
constexpr Maker makers[]{
    {"axis communications", "camera", 60},
    {"hikvision", "camera", 65},
    {"dahua", "camera", 60},
    {"hanwha", "camera", 50},
    {"brother industries", "printer", 60},
    {"kyocera", "printer", 50},
    {"lexmark", "printer", 60},
    {"zebra", "printer", 45},
    {"cognex", "camera", 50},
    {"hirschmann", "switch", 55},
    {"ubiquiti", "access_point", 50},
    {"aruba", "access_point", 45},
    {"ruckus", "access_point", 55},
    {"fortinet", "firewall", 60},
    {"palo alto", "firewall", 60},
    {"meinberg", "time_server", 65},
    {"fanuc robot", "robot", 55},
    {"kuka", "robot", 55},
    {"yaskawa", "drive", 40},
    {"schweitzer", "protection_relay", 60},
    {"cisco", "switch", 35},
    {"juniper", "router", 40},
    {"moxa", "switch", 35},
    {"apple", "workstation", 35},
    {"proface", "operator_panel", 55},
    {"pro-face", "operator_panel", 55},
    {"digi international", "serial_server", 50},
    {"lantronix", "serial_server", 55},
    {"samsung", "mobile", 30},
    {"honeywell", "building_controller", 25},
};

/// Begins there, or behind something that is no letter or digit: "atv" is not in "creativity".
bool has_product(std::string_view text, std::string_view word) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    for (std::size_t i = 0; i + word.size() <= text.size(); ++i)
        if ((i == 0 || !is_letter(text[i - 1])) && has_word(text.substr(i, word.size()), word)) return true;
    return false;
}

void look(const View& view, Opinions& opinions) {
    for (const auto attribute :
         {Attribute::product, Attribute::module, Attribute::description, Attribute::name})
        for (const auto* fact : view.values(attribute))
            for (const auto& product : catalogue) {
                if (!has_product(fact->value, product.word)) continue;
                // A name is what people wrote; a description often lists more than the thing itself.
                const bool loose = attribute == Attribute::name;
                if (loose && fact->protocol != "mdns") continue;
                opinions.role(product.role, static_cast<std::uint8_t>(product.confidence - (loose ? 10 : 0)),
                              because(Why::is_product, fact->value.substr(0, 60)));
                if (!product.vendor.empty() && product.confidence >= 85)
                    opinions.fact(Attribute::vendor, std::string{product.vendor}, 75, *fact);
            }
    for (const auto maker : view.makers)
        for (const auto& known : makers)
            if (has_word(maker, known.word))
                opinions.role(known.role, known.confidence, because(Why::card_of, maker));
}

} // namespace

extern constinit const Identifier products{"products", look};

} // namespace yagura::see::identifiers
