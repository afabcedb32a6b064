#include "see/assets.h"

#include "spine/base/rfc3339.h"

namespace yagura::see {
namespace {

std::string text(observe::Time time) { return rfc3339(time.time_since_epoch().count()); }

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    json.key(name).begin_array();
    for (const auto& value : values) json.value(std::string_view{value});
    json.end_array();
}

} // namespace

void write(JsonWriter& json, const Portrait& device, const FileOf& file_of) {
    json.begin_object();
    json.member("id", std::string_view{model::text(device.id)});
    write_texts(json, "macs", device.macs);
    write_texts(json, "ips", device.ips);
    write_texts(json, "hostnames", device.hostnames);
    json.member_if_known("vendor", device.vendor)
        .member_if_known("product", device.product)
        .member_if_known("firmware", device.firmware)
        .member_if_known("hardware", device.hardware)
        .member_if_known("serial", device.serial)
        .member_if_known("os", device.os)
        .member("role", std::string_view{device.role})
        .member_if_known("purdue_level", device.purdue_level)
        .member("state", word(device.state));
    if (!device.services.empty()) {
        json.key("services").begin_array();
        for (const auto& service : device.services) {
            json.begin_object().member_if_known("protocol", service.protocol);
            if (service.carrier == 6 || service.carrier == 17)
                json.member("carrier", service.carrier == 6 ? "tcp" : "udp");
            if (service.port) json.member("port", service.port);
            json.member("last_used", std::string_view{text(service.last_used)}).end_object();
        }
        json.end_array();
    }
    write_texts(json, "protocols", device.protocols);
    json.member("first_seen", std::string_view{text(device.first_seen)});
    json.member("last_seen", std::string_view{text(device.last_seen)});
    if (!device.parts.empty()) {
        json.key("parts").begin_array();
        for (const auto& part : device.parts) {
            json.begin_object()
                .member("name", std::string_view{part.name})
                .member_if_known("address", part.address)
                .member_if_known("vendor", part.vendor)
                .member_if_known("product", part.product)
                .member_if_known("firmware", part.firmware)
                .member_if_known("serial", part.serial);
            write_texts(json, "protocols", part.protocols);
            json.member("first_seen", std::string_view{text(part.first)});
            json.member("last_seen", std::string_view{text(part.last)}).end_object();
        }
        json.end_array();
    }
    if (!device.evidence.empty()) {
        json.key("evidence").begin_array();
        for (const auto& one : device.evidence) {
            json.begin_object()
                .member("attribute", std::string_view{attribute_name(one.attribute)})
                .member("value", std::string_view{one.value})
                .member_if_known("protocol", one.protocol);
            if (one.frame) {
                json.member("frame", one.frame);
                if (file_of) json.member_if_known("file", file_of(one.source));
            }
            json.member("confidence", one.confidence).member_if_known("part", one.part).end_object();
        }
        json.end_array();
    }
    if (!device.reasons.empty()) {
        json.key("role_reasons").begin_array();
        for (const auto& reason : device.reasons)
            json.begin_object()
                .member("role", std::string_view{reason.role})
                .member("grounds", std::string_view{english(reason.grounds)})
                .member("identifier", std::string_view{reason.identifier})
                .member("confidence", reason.confidence)
                .end_object();
        json.end_array();
    }
    json.end_object();
}

std::vector<Portrait> assets(model::Plant& plant, const Makers& makers) {
    plant.settle();
    std::vector<Portrait> out;
    for (const auto id : plant.devices()) out.push_back(portray(plant, id, makers));
    return out;
}

std::string assets_json(model::Plant& plant, const Makers& makers, const FileOf& file_of) {
    std::string out;
    JsonWriter json{out};
    json.begin_array();
    for (const auto& device : assets(plant, makers)) write(json, device, file_of);
    json.end_array();
    return out;
}

} // namespace yagura::see
