// Free text that devices give about themselves (LLDP, SNMP, CDP), taken apart where its maker has a form.
#include <array>

#include "see/identifier.h"

namespace yagura::see::identifiers {
namespace {

using observe::Attribute;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    return first == text.npos ? std::string_view{}
                              : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// What stands behind `key` up to a comma or the end; empty if it is not there.
std::string_view behind(std::string_view text, std::string_view key) {
    const auto at = text.find(key);
    if (at == text.npos) return {};
    const auto rest = text.substr(at + key.size());
    return trimmed(rest.substr(0, rest.find_first_of(",;\r\n")));
}

/// "Siemens, SIMATIC NET, SCALANCE X204-2, 6GK5 204-2BB10-2AA3, HW: Version 7, FW: Version V4.3.1, SVPL123"
void siemens(std::string_view text, const model::FactRow& fact, Opinions& opinions) {
    opinions.fact(Attribute::vendor, "Siemens", 88, fact);
    std::array<std::string_view, 5> parts{};
    std::size_t count = 0;
    for (auto rest = text; count < parts.size() && !rest.empty();) {
        const auto comma = rest.find(',');
        parts[count++] = trimmed(rest.substr(0, comma));
        rest = comma == rest.npos ? std::string_view{} : rest.substr(comma + 1);
    }
    if (count >= 3 && !parts[2].starts_with("6") && !parts[2].starts_with("HW"))
        opinions.fact(Attribute::product, std::string{parts[2]}, 88, fact);
    for (const auto part : parts)
        if (part.size() >= 10 && (part.starts_with("6") || part.starts_with("7") || part.starts_with("3")) &&
            part.find('-') != part.npos)
            opinions.fact(Attribute::module, std::string{part}, 88, fact);
    if (auto version = behind(text, "FW: Version "); !version.empty())
        opinions.fact(Attribute::firmware, std::string{version}, 88, fact);
    if (auto version = behind(text, "HW: Version "); !version.empty())
        opinions.fact(Attribute::hardware, std::string{version}, 88, fact);
}

struct Kind {
    std::string_view word; ///< in small letters, anywhere
    std::string_view vendor, os, role;
    std::uint8_t confidence; ///< of the role
};
/// What stands in the system descriptions of gear that is no controller. Products by their names:
/// products.cpp.
constexpr Kind kinds[]{
    {"cisco nexus operating", "Cisco", "NX-OS", "switch", 70},
    {"cisco adaptive security", "Cisco", {}, "firewall", 90},
    {"cisco ios xr", "Cisco", "Cisco IOS XR", "router", 75},
    {"juniper networks", "Juniper", "Junos", "router", 45},
    {"routeros", "MikroTik", "RouterOS", "router", 75},
    {"procurve", "Hewlett-Packard", {}, "switch", 85},
    {"arubaos", "Aruba", "ArubaOS", {}, 0},
    {"allied telesis", "Allied Telesis", {}, "switch", 65},
    {"apresia", "APRESIA", {}, "switch", 75},
    {"netgear", "Netgear", {}, "switch", 55},
    {"moxa", "Moxa", {}, {}, 0},
    {"yamaha rtx", "Yamaha", {}, "router", 85},
    {"jetdirect", "Hewlett-Packard", {}, "printer", 88},
    {"brother nc-", "Brother", {}, "printer", 90},
    {"kyocera", "Kyocera", {}, "printer", 75},
    {"ricoh", "Ricoh", {}, "printer", 75},
    {"epson", "Seiko Epson", {}, "printer", 70},
    {"xerox", "Xerox", {}, "printer", 75},
    {"lexmark", "Lexmark", {}, "printer", 80},
    {"konica minolta", "Konica Minolta", {}, "printer", 80},
    {"apc web/snmp", "APC", {}, "ups", 85},
    {"vmware esx", "VMware", "VMware ESXi", "virtual_host", 88},
    {"darwin kernel", "Apple", "macOS", "workstation", 50},
    {"freebsd", {}, "FreeBSD", {}, 0},
};

void look(const View& view, Opinions& opinions) {
    for (const auto* fact : view.values(Attribute::description)) {
        const std::string_view text{fact->value};
        for (const auto& kind : kinds) {
            if (!has_word(text, kind.word)) continue;
            if (!kind.vendor.empty()) opinions.fact(Attribute::vendor, std::string{kind.vendor}, 86, *fact);
            if (!kind.os.empty()) opinions.fact(Attribute::os, std::string{kind.os}, 86, *fact);
            if (!kind.role.empty())
                opinions.role(kind.role, kind.confidence, because(Why::says_of_itself, text.substr(0, 60)));
        }
        if (text.starts_with("Siemens, SIMATIC") || text.starts_with("Siemens, SINAMICS"))
            siemens(text, *fact, opinions);
        if (has_word(text, "cisco ios") || has_word(text, "cisco internetwork operating system")) {
            opinions.fact(Attribute::vendor, "Cisco", 88, *fact);
            opinions.fact(Attribute::os, "Cisco IOS", 88, *fact);
            if (auto version = behind(text, "Version "); !version.empty())
                opinions.fact(Attribute::firmware, std::string{version}, 85, *fact);
        }
        if (has_word(text, "hirschmann")) opinions.fact(Attribute::vendor, "Hirschmann", 85, *fact);
        if (auto version = behind(text, "SW: "); !version.empty())
            opinions.fact(Attribute::firmware, std::string{version}, 85, *fact);
        if (const auto at = text.find("Linux"); at != text.npos) {
            const bool debian = text.starts_with("Debian"), ubuntu = text.starts_with("Ubuntu");
            opinions.fact(Attribute::os,
                          debian   ? "Debian GNU/Linux"
                          : ubuntu ? "Ubuntu"
                                   : "Linux",
                          80, *fact);
            if (has_word(text, "bookworm") || has_word(text, "ubuntu") || debian)
                opinions.role("server", 40, because(Why::general_os));
        }
        if (has_word(text, "windows")) {
            opinions.fact(Attribute::os, "Windows", 75, *fact);
            opinions.role(has_word(text, "server") ? "server" : "workstation", 45, because(Why::windows));
        }
    }
    // A station that others could be plugged into or call.
    for (const auto* fact : view.values(Attribute::capability))
        if (fact->value == "telephone") opinions.role("mobile", 30, because(Why::says_kind, fact->value));
}

} // namespace

extern constinit const Identifier descriptions{"descriptions", look};

} // namespace yagura::see::identifiers
