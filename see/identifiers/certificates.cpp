// A certificate that a device made for itself, or that its maker gave it, names the maker.
#include "see/identifier.h"

namespace yagura::see::identifiers {
namespace {

using observe::Attribute;

struct Organisation {
    std::string_view word, vendor, role; ///< word in small letters, anywhere in the organisation
    std::uint8_t confidence;             ///< of the role
};
constexpr Organisation organisations[]{
    {"siemens", "Siemens", {}, 0},
    {"rockwell automation", "Rockwell Automation", {}, 0},
    {"schneider electric", "Schneider Electric", {}, 0},
    {"omron", "Omron", {}, 0},
    {"mitsubishi electric", "Mitsubishi Electric", {}, 0},
    {"beckhoff", "Beckhoff", {}, 0},
    {"phoenix contact", "Phoenix Contact", {}, 0},
    {"wago", "WAGO", {}, 0},
    {"moxa", "Moxa", {}, 0},
    {"hikvision", "Hikvision", "camera", 70},
    {"dahua", "Dahua", "camera", 70},
    {"axis communications", "Axis", "camera", 70},
    {"synology", "Synology", "server", 65},
    {"qnap", "QNAP", "server", 65},
    {"vmware", "VMware", "virtual_host", 65},
    {"fortinet", "Fortinet", "firewall", 75},
    {"palo alto", "Palo Alto Networks", "firewall", 75},
    {"sonicwall", "SonicWall", "firewall", 75},
    {"cisco", "Cisco", {}, 0},
    {"ubiquiti", "Ubiquiti", "access_point", 45},
    {"mikrotik", "MikroTik", "router", 60},
    {"supermicro", "Supermicro", "server", 55},
    {"super micro", "Supermicro", "server", 55},
    {"american megatrends", "American Megatrends", "server", 45},
    {"brother", "Brother", "printer", 70},
    {"canon", "Canon", "printer", 60},
    {"ricoh", "Ricoh", "printer", 65},
    {"lexmark", "Lexmark", "printer", 75},
    {"konica minolta", "Konica Minolta", "printer", 75},
    {"kyocera", "Kyocera", "printer", 65},
    {"xerox", "Xerox", "printer", 70},
};

std::string_view behind(std::string_view text, std::string_view key) {
    const auto at = text.find(key);
    if (at == text.npos) return {};
    const auto rest = text.substr(at + key.size());
    return rest.substr(0, std::min(rest.find(", "), rest.find(';')));
}

void look(const View& view, Opinions& opinions) {
    for (const auto* fact : view.values(Attribute::certificate)) {
        const std::string_view text{fact->value};
        const auto subject = text.substr(0, text.find("; "));
        const bool own = text.find("; self-signed") != text.npos;
        const auto organisation = behind(subject, "O=");
        for (const auto& known : organisations) {
            if (!has_word(organisation, known.word)) continue;
            // The maker's web site has one, too, from somebody whom everybody trusts.
            if (!own && !has_word(text.substr(subject.size()), known.word)) continue;
            opinions.fact(Attribute::vendor, std::string{known.vendor}, 65, *fact);
            if (!known.role.empty())
                opinions.role(known.role, known.confidence, because(Why::certificate, organisation));
        }
    }
}

} // namespace

extern constinit const Identifier certificates{"certificates", look};

} // namespace yagura::see::identifiers
