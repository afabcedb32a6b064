#include "spine/dissect/protocols/opcua/identity.h"

#include <algorithm>

#include "spine/dissect/certificate.h"

namespace yagura::dissect::opcua {
namespace {

using observe::Attribute;

/// Of the encodings in an extension object (OPC 10000-6, annex A).
constexpr std::uint32_t build_info = 340, server_status = 864;

/// Of the server, not of the controller that it may run in: that one can stand still meanwhile.
constexpr std::string_view state_name(std::uint64_t state) noexcept {
    constexpr std::string_view names[]{
        "ua server running",   "ua server failed",  "ua server without configuration", "ua server suspended",
        "ua server shut down", "ua server in test", "ua server without communication"};
    return state < std::size(names) ? names[state] : std::string_view{};
}

void say_state(std::uint64_t state, const Telling& tell) noexcept {
    tell.say(Attribute::state, state_name(state), 50);
}

void say_build(In& in, const Telling& tell) noexcept {
    (void)in.text(); // The product's URI: an address in the web more often than a name.
    const auto maker = in.text(), product = in.text(), version = in.text(), build = in.text();
    (void)in.u64();
    if (!in.ok()) return;
    tell.say(Attribute::vendor, maker, 85);
    tell.say(Attribute::product, product, 85);
    TextRoom<160> firmware;
    firmware.add(version);
    if (!build.empty() && build != version) firmware.add(version.empty() ? "build " : " build ").add(build);
    tell.say(Attribute::firmware, firmware.view(), 80);
}

void say_status(In& in, const Telling& tell) noexcept {
    (void)in.u64();
    (void)in.u64();
    const auto state = in.u32();
    if (!in.ok()) return;
    say_state(state, tell);
    say_build(in, tell);
}

std::string_view text_of(const observe::Value& value) noexcept {
    const auto* text = std::get_if<std::string_view>(&value);
    return text ? *text : std::string_view{};
}

} // namespace

void Telling::host(std::string_view url) const noexcept {
    const auto scheme = url.find("://");
    if (scheme == url.npos) return;
    url.remove_prefix(scheme + 3);
    const auto host = url.substr(0, url.find_first_of(":/?"));
    const bool address = host.starts_with('[') || host.find_first_not_of("0123456789.") == host.npos;
    if (!address && host != "localhost") say(Attribute::name, host, 70);
}

void Telling::certificate(Bytes bytes) const noexcept {
    if (bytes.empty()) return;
    const auto read = read_certificate(bytes);
    if (!read) return;
    CertificateText text;
    describe(*read, text);
    say(Attribute::certificate, text.view(), 90);
}

Application read_application(In& in) noexcept {
    Application out;
    out.uri = in.text();
    out.product = in.text();
    out.name = in.localized();
    out.kind = in.u32();
    (void)in.string();
    (void)in.string();
    in.strings();
    return in.ok() ? out : Application{};
}

void say(const Application& application, const Telling& tell) noexcept {
    constexpr std::string_view kinds[]{"opc ua server", "opc ua client", "opc ua server",
                                       "opc ua discovery server"};
    if (application.uri.empty() && application.name.empty()) return;
    tell.say(Attribute::application, application.name, 85);
    tell.say(Attribute::application, application.uri, 60);
    tell.say(Attribute::product, application.product, 40);
    if (application.kind < std::size(kinds)) tell.say(Attribute::role_hint, kinds[application.kind], 80);
}

Endpoint read_endpoint(In& in) noexcept {
    Endpoint out;
    out.url = in.text();
    out.server = read_application(in);
    out.certificate = in.string();
    out.mode = in.u32();
    out.policy = in.text();
    for (auto left = in.count(); left != 0 && in.ok(); --left) { // How users may prove who they are.
        (void)in.string();
        (void)in.u32();
        (void)in.string();
        (void)in.string();
        (void)in.string();
    }
    (void)in.string();
    (void)in.u8();
    return in.ok() ? out : Endpoint{};
}

void say_server_value(std::string_view node, const DataValue& value, const Telling& tell) noexcept {
    if (node.size() != 6 || !node.starts_with("i=22")) return;
    if (node == "i=2256" && value.structure.type == server_status) {
        In in{value.structure.body};
        say_status(in, tell);
    } else if (node == "i=2260" && value.structure.type == build_info) {
        In in{value.structure.body};
        say_build(in, tell);
    } else if (node == "i=2259") {
        if (const auto* state = std::get_if<std::int64_t>(&value.value); state && *state >= 0)
            say_state(static_cast<std::uint64_t>(*state), tell);
    } else if (node == "i=2261") {
        tell.say(Attribute::product, text_of(value.value), 85);
    } else if (node == "i=2263") {
        tell.say(Attribute::vendor, text_of(value.value), 85);
    } else if (node == "i=2264") {
        tell.say(Attribute::firmware, text_of(value.value), 80);
    }
}

} // namespace yagura::dissect::opcua
