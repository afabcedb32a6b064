// What a device offers (DNS-SD) or asks for (DHCP) is typical of its kind and system.
#include "see/identifier.h"

namespace yagura::see::identifiers {
namespace {

using observe::Attribute;

struct Offer {
    std::string_view service, role;
    std::uint8_t confidence;
};
constexpr Offer services[]{
    {"_ipp._tcp", "printer", 85},
    {"_ipps._tcp", "printer", 85},
    {"_printer._tcp", "printer", 85},
    {"_pdl-datastream._tcp", "printer", 85},
    {"_scanner._tcp", "printer", 60},
    {"_uscan._tcp", "printer", 70},
    {"_axis-video._tcp", "camera", 90},
    {"_rtsp._tcp", "camera", 65},
    {"_onvif._tcp", "camera", 80},
    {"_psia._tcp", "camera", 75},
    {"_workstation._tcp", "workstation", 50},
    {"_companion-link._tcp", "workstation", 40},
    {"_apple-mobdev2._tcp", "mobile", 75},
    {"_hap._tcp", "sensor", 35},
    {"_afpovertcp._tcp", "workstation", 50},
    {"_smb._tcp", "server", 40},
    {"_opcua-tcp._tcp", "opc_server", 55},
    {"_http._tcp", "unknown", 0},
    // UPnP's device types, as SSDP announces them.
    {"urn:schemas-upnp-org:device:InternetGatewayDevice:1", "router", 80},
    {"urn:schemas-upnp-org:device:InternetGatewayDevice:2", "router", 80},
    {"urn:schemas-upnp-org:device:WLANAccessPointDevice:1", "access_point", 75},
    {"urn:schemas-upnp-org:device:Printer:1", "printer", 88},
    {"urn:schemas-upnp-org:device:Scanner:1", "printer", 60},
    {"urn:schemas-upnp-org:device:DigitalSecurityCamera:1", "camera", 88},
    {"urn:schemas-upnp-org:device:MediaServer:1", "server", 35},
    // Types of WS-Discovery: ONVIF's, and those of DPWS that printers and Windows have.
    {"NetworkVideoTransmitter", "camera", 90},
    {"PrintDeviceType", "printer", 88},
    {"ScanDeviceType", "printer", 60},
    {"Computer", "workstation", 50},
};

struct Asking {
    std::string_view begins, os, role;
    std::uint8_t confidence;
};
/// Option 60, and for some systems the list of option 55.
constexpr Asking asking[]{
    {"dhcp-class MSFT 5.0", "Windows", "workstation", 50},
    {"dhcp-class MSFT 98", "Windows", "workstation", 45},
    {"dhcp-class android-dhcp", "Android", "mobile", 75},
    {"dhcp-class udhcp", "Linux", {}, 0},
    {"dhcp-class dhcpcd", "Linux", {}, 0},
    {"dhcp-class Linux", "Linux", {}, 0},
    {"dhcp-class Hewlett-Packard JetDirect", {}, "printer", 85},
    {"dhcp-class Hewlett-Packard LaserJet", {}, "printer", 85},
    {"dhcp-class Mfg=Hewlett Packard;Typ=Printer", {}, "printer", 90},
    {"dhcp-class AXIS,", {}, "camera", 85},
    {"dhcp-class Cisco AP", {}, "access_point", 85},
    {"dhcp-class ArubaAP", {}, "access_point", 85},
    {"dhcp-class ubnt", {}, "access_point", 60},
    {"dhcp-class PXEClient", {}, "workstation", 30},
    {"dhcp 1,121,3,6,15,119,252", "Apple", {}, 0},
    {"dhcp 1,3,6,15,31,33,43,44,46,47,119,121,249,252", "Windows", "workstation", 45},
    {"dhcp 1,15,3,6,44,46,47,31,33,121,249", "Windows", "workstation", 45},
};

void look(const View& view, Opinions& opinions) {
    for (const auto* fact : view.values(Attribute::service))
        for (const auto& offer : services)
            if (fact->value == offer.service && offer.confidence)
                opinions.role(offer.role, offer.confidence, because(Why::offers, offer.service));
    for (const auto* fact : view.values(Attribute::fingerprint))
        for (const auto& known : asking) {
            if (!std::string_view{fact->value}.starts_with(known.begins)) continue;
            if (!known.os.empty() && known.os != "Apple")
                opinions.fact(Attribute::os, std::string{known.os}, 60, *fact);
            if (!known.role.empty())
                opinions.role(known.role, known.confidence,
                              known.os.empty() ? because(Why::asks_address_like, known.role)
                                               : because(Why::asks_address_as, known.os));
        }
    for (const auto* fact : view.values(Attribute::os)) {
        if (fact->protocol != "mdns") continue;
        opinions.role("workstation", 35, because(Why::says_runs, fact->value));
    }
    for (const auto* fact : view.values(Attribute::product)) {
        if (fact->protocol != "mdns") continue;
        const std::string_view product{fact->value};
        for (const auto word : {"macbook", "imac", "macmini", "macpro"})
            if (has_word(product, word))
                opinions.role("workstation", 75, because(Why::is_product, product)),
                    opinions.fact(Attribute::os, "macOS", 75, *fact);
        for (const auto word : {"iphone", "ipad"})
            if (has_word(product, word))
                opinions.role("mobile", 85, because(Why::is_product, product)),
                    opinions.fact(Attribute::os, "iOS", 75, *fact);
    }
    if (view.ports.contains(9100) || view.ports.contains(515) || view.ports.contains(631))
        opinions.role("printer", 50, because(Why::printer_port));
    if (view.ports.contains(554) || view.serves.contains("rtsp"))
        opinions.role("camera", 45, because(Why::rtsp_port));
    if (view.serves.contains("rdp") || view.ports.contains(3389))
        opinions.role("workstation", 40, because(Why::operated_remotely));
    if (view.serves.contains("ssh") || view.serves.contains("smb") || view.ports.contains(22) ||
        view.ports.contains(445))
        opinions.role("server", 30, because(Why::answers_as_servers));
}

} // namespace

extern constinit const Identifier offers{"offers", look};

} // namespace yagura::see::identifiers
