// What programs say of themselves in SSH and HTTP tells the system they run on, and often the maker and the
// kind of thing: a web server called Hikvision-Webs is in a camera.
#include <array>

#include "see/identifier.h"

namespace yagura::see::identifiers {
namespace {

using observe::Attribute;

struct Program {
    std::string_view word; ///< in small letters, anywhere
    std::string_view os, vendor, role;
    std::uint8_t confidence; ///< of the role
};
/// Of whoever is asked. The more telling come first: each value is taken for one thing.
constexpr Program servers[]{
    {"hikvision", {}, "Hikvision", "camera", 80},
    {"dvrdvs-webs", {}, "Hikvision", "camera", 80},
    {"dnvrs-webs", {}, "Hikvision", "camera", 80},
    {"app-webs/", {}, "Hikvision", "camera", 75},
    {"uc-httpd", {}, {}, "camera", 70},
    {"netwave ip camera", {}, {}, "camera", 85},
    {"ip camera", {}, {}, "camera", 80},
    {"network camera", {}, {}, "camera", 80},
    {"hp http server", {}, "Hewlett-Packard", "printer", 85},
    {"hp-chaisoe", {}, "Hewlett-Packard", "printer", 85},
    {"epson", {}, "Seiko Epson", "printer", 85},
    {"canon http server", {}, "Canon", "printer", 85},
    {"km-mfp-http", {}, "Kyocera", "printer", 85},
    {"debut/", {}, "Brother", "printer", 80},
    {"lexmark", {}, "Lexmark", "printer", 85},
    {"ricoh", {}, "Ricoh", "printer", 80},
    {"fuji xerox", {}, "FUJIFILM", "printer", 80},
    {"cups/", {}, {}, "server", 45},
    {"a-b www/", {}, "Rockwell Automation", "plc", 75},
    {"schneider-web", {}, "Schneider Electric", "plc", 70},
    {"wago", {}, "WAGO", "plc", 65},
    {"moxahttp", {}, "Moxa", {}, 0},
    {"niagara web server", {}, "Tridium", "building_controller", 80},
    {"niagara", {}, "Tridium", "building_controller", 65},
    {"lantronix", {}, "Lantronix", "serial_server", 75},
    {"routeros", "RouterOS", "MikroTik", "router", 75},
    {"rosssh", "RouterOS", "MikroTik", "router", 75},
    {"cisco-ios", "Cisco IOS", "Cisco", "switch", 50},
    {"cisco-", "Cisco IOS", "Cisco", "switch", 50},
    {"huawei-", {}, "Huawei", "switch", 45},
    {"comware", {}, "H3C", "switch", 50},
    {"netscreen", {}, "Juniper", "firewall", 75},
    {"forti", {}, "Fortinet", "firewall", 75},
    {"mpssh", {}, "Hewlett-Packard", "server", 50}, // iLO
    {"ilo", {}, "Hewlett-Packard", "server", 45},
    {"diskstation", {}, "Synology", "server", 70},
    {"qnap", {}, "QNAP", "server", 65},
    {"microsoft-iis/10", "Windows", {}, "server", 50},
    {"microsoft-iis/8.5", "Windows Server 2012 R2", {}, "server", 55},
    {"microsoft-iis/8.0", "Windows Server 2012", {}, "server", 55},
    {"microsoft-iis/7.5", "Windows Server 2008 R2", {}, "server", 50},
    {"microsoft-iis/7.0", "Windows Server 2008", {}, "server", 50},
    {"microsoft-iis/6.0", "Windows Server 2003", {}, "server", 55},
    {"microsoft-iis", "Windows", {}, "server", 45},
    {"microsoft-windows/10", "Windows 10 or later", {}, {}, 0},
    {"microsoft-windows/6.3", "Windows 8.1", {}, {}, 0},
    {"microsoft-windows/6.1", "Windows 7", {}, {}, 0},
    {"microsoft-windows", "Windows", {}, {}, 0},
    {"microsoft-httpapi", "Windows", {}, {}, 0},
    {"openssh_for_windows", "Windows", {}, {}, 0},
    {"windows ce", "Windows CE", {}, {}, 0},
    {"(win32)", "Windows", {}, "server", 40},
    {"(win64)", "Windows", {}, "server", 40},
    {"raspbian", "Raspberry Pi OS", {}, {}, 0},
    {"freebsd", "FreeBSD", {}, "server", 35},
    {"(debian)", "Debian GNU/Linux", {}, "server", 40},
    {"(ubuntu)", "Ubuntu", {}, "server", 40},
    {"(fedora)", "Fedora", {}, "server", 40},
    {"(centos)", "CentOS", {}, "server", 45},
    {"(red hat", "Red Hat Enterprise Linux", {}, "server", 45},
    {"dropbear", "Linux", {}, {}, 0},
    {"vxworks", "VxWorks", {}, {}, 0},
    {"windriver", "VxWorks", {}, {}, 0},
};
/// Of whoever asks.
constexpr Program clients[]{
    {"windows nt 10.0", "Windows 10 or later", {}, "workstation", 40},
    {"windows nt 6.3", "Windows 8.1", {}, "workstation", 40},
    {"windows nt 6.2", "Windows 8", {}, "workstation", 40},
    {"windows nt 6.1", "Windows 7", {}, "workstation", 40},
    {"windows nt 6.0", "Windows Vista", {}, "workstation", 40},
    {"windows nt 5.2", "Windows Server 2003", {}, "workstation", 35},
    {"windows nt 5.1", "Windows XP", {}, "workstation", 40},
    {"windows ce", "Windows CE", {}, {}, 0},
    {"microsoft-cryptoapi", "Windows", {}, {}, 0},
    {"microsoft ncsi", "Windows", {}, {}, 0},
    {"windows-update-agent", "Windows", {}, {}, 0},
    {"iphone", "iOS", "Apple", "mobile", 60},
    {"ipad", "iPadOS", "Apple", "mobile", 60},
    {"mac os x", "macOS", "Apple", "workstation", 45},
    {"android", "Android", {}, "mobile", 55},
    {"dalvik", "Android", {}, "mobile", 50},
    {"ubuntu", "Ubuntu", {}, "workstation", 35},
    {"x11; linux", "Linux", {}, "workstation", 30},
    {"playstation", {}, "Sony", {}, 0},
};

/// Debian writes its release into the version: "OpenSSH_8.4p1 Debian-5+deb11u1".
std::string debian(std::string_view text) {
    const auto at = text.find("+deb");
    if (at == text.npos) return "Debian GNU/Linux";
    auto digits = text.substr(at + 4);
    digits = digits.substr(0, std::min(digits.size(), digits.find_first_not_of("0123456789")));
    return digits.empty() ? "Debian GNU/Linux" : cat("Debian GNU/Linux ", digits);
}
/// Ubuntu does not, but each release has one version of OpenSSH.
std::string ubuntu(std::string_view text) {
    constexpr std::pair<std::string_view, std::string_view> releases[]{
        {"OpenSSH_9.6p1", " 24.04"}, {"OpenSSH_8.9p1", " 22.04"}, {"OpenSSH_8.2p1", " 20.04"},
        {"OpenSSH_7.6p1", " 18.04"}, {"OpenSSH_7.2p2", " 16.04"}, {"OpenSSH_6.6.1p1", " 14.04"}};
    for (const auto& [version, release] : releases)
        if (text.starts_with(version)) return cat("Ubuntu", release);
    return "Ubuntu";
}

template <std::size_t N>
void look_up(const Program (&programs)[N], const model::FactRow& fact, Opinions& opinions) {
    for (const auto& one : programs) {
        if (!has_word(fact.value, one.word)) continue;
        if (!one.os.empty()) opinions.fact(Attribute::os, std::string{one.os}, 70, fact);
        if (!one.vendor.empty()) opinions.fact(Attribute::vendor, std::string{one.vendor}, 75, fact);
        if (!one.role.empty())
            opinions.role(one.role, one.confidence, because(Why::runs, fact.value.substr(0, 60)));
        return;
    }
}

void look(const View& view, Opinions& opinions) {
    for (const auto* fact : view.values(Attribute::application)) {
        const std::string_view text{fact->value};
        if (fact->protocol == "ssh" && has_word(text, "debian"))
            opinions.fact(Attribute::os, debian(text), 80, *fact);
        else if (fact->protocol == "ssh" && has_word(text, "ubuntu"))
            opinions.fact(Attribute::os, ubuntu(text), 80, *fact);
        else if (fact->protocol == "ssh" || fact->protocol == "ssdp" || fact->protocol == "ftp" ||
                 (fact->protocol == "http" && fact->confidence >= 70))
            look_up(servers, *fact, opinions);
        else if (fact->protocol == "http")
            look_up(clients, *fact, opinions);
    }
    for (const auto* fact : view.values(Attribute::description))
        if (fact->protocol == "http") look_up(servers, *fact, opinions); // A page's title, a realm.
}

} // namespace

extern constinit const Identifier software{"software", look};

} // namespace yagura::see::identifiers
