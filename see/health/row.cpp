#include "see/health/row.h"

#include "see/health/places.h"
#include "spine/base/rfc3339.h"

namespace yagura::see::health {
namespace {

std::string text(observe::Time at) { return rfc3339(at.time_since_epoch().count()); }

} // namespace

std::string_view word(Severity severity) {
    return severity == Severity::high ? "high" : severity == Severity::medium ? "medium" : "low";
}

std::string_view word(Party::Role role) {
    constexpr std::string_view words[]{"claims", "owner",    "takes", "server", "differs",
                                       "asks",   "answers",  "root",  "former", "gave_back",
                                       "sends",  "connects", "hangs"};
    const auto at = static_cast<std::size_t>(role) - 1;
    return at < std::size(words) ? words[at] : words[0];
}

std::string subject(const Finding& finding) {
    if (finding.address == observe::Ip{}) return {};
    auto out = observe::text(finding.address);
    if (finding.bits == 128) return out;
    const bool four = is_v4(finding.address) && finding.bits >= 96;
    return cat(out, "/", static_cast<unsigned>(finding.bits) - (four ? 96u : 0u));
}

void write(JsonWriter& json, const Finding& finding, observe::Time latest) {
    json.begin_object();
    json.key("kind").value(word(finding.kind)).key("severity").value(word(finding.severity));
    json.key("subject").value(subject(finding)).key("vlan").value(finding.vlan);
    json.key("open").value(finding.until > latest);
    json.key("first").value(text(finding.first)).key("last").value(text(finding.last));
    json.key("times").value(finding.times);
    json.key("source").value(finding.evidence.source).key("frame").value(finding.evidence.frame);
    json.key("parties").begin_array();
    for (const auto& party : finding.parties) {
        json.begin_object().key("role").value(word(party.role));
        if (party.who.has_ip()) json.key("ip").value(observe::text(party.who.ip));
        if (party.who.has_mac()) json.key("mac").value(observe::text(party.who.mac));
        json.key("frame").value(party.evidence.frame).end_object();
    }
    json.end_array().key("facts").begin_object();
    for (const auto& [name, value] : finding.facts) json.key(name).value(std::string_view{value});
    json.end_object().end_object();
}

} // namespace yagura::see::health
