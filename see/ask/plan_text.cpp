#include "see/ask/plan_text.h"

#include <algorithm>

#include "spine/base/rfc3339.h"
#include "spine/base/text.h"

namespace yagura::see::ask {
namespace {

template <class List, class Text>
std::string list_of(const List& list, const Text& text) {
    std::string out = "[";
    for (const auto& one : list) out += cat(out.size() == 1 ? "" : ", ", toml_text(text(one)));
    return out + "]";
}
void put(std::string& out, std::string_view name, std::string_view value) {
    out += cat(name, " = ", value, "\n");
}

} // namespace

std::string toml_text(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out += cat("\\", std::string_view{&c, 1});
        else if (octet < 0x20 || octet == 0x7f)
            out += cat("\\u00", digits.substr(octet >> 4, 1), digits.substr(octet & 15, 1));
        else
            out += c;
    }
    return out + "\"";
}

std::string toml_of(const Group& group, bool approval) {
    std::string out = "[[subnet]]\n";
    const bool v4 = observe::is_v4(group.network.network);
    put(out, "name", toml_text(group.name));
    put(out, "network",
        toml_text(cat(text_of(group.network.network), "/", group.network.bits - (v4 ? 96u : 0u))));
    put(out, "addresses", list_of(group.addresses, [](const observe::Ip& ip) { return text_of(ip); }));
    put(out, "services", list_of(group.queries, [](const Query* query) { return query->name; }));
    put(out, "windows", list_of(group.hours, [](const std::string& text) { return text; }));
    put(out, "every-ms", cat(group.every.count()));
    put(out, "again-hours", cat(group.again.count()));
    const Choices usual{};
    const auto& choices = group.choices;
    if (choices.s7_slot != usual.s7_slot) put(out, "s7-slot", cat(std::uint32_t{choices.s7_slot}));
    if (choices.modbus_unit != usual.modbus_unit)
        put(out, "modbus-unit", cat(std::uint32_t{choices.modbus_unit}));
    if (choices.slmp_port != usual.slmp_port) put(out, "slmp-port", cat(choices.slmp_port));
    if (!group.credential.empty()) put(out, "snmp-credential", toml_text(group.credential));
    if (approval) {
        put(out, "approved", toml_text(rfc3339(group.approved.time_since_epoch().count())));
        put(out, "approved-by", toml_text(group.approved_by));
    }
    return out;
}

std::string toml_of(const Plan& plan, bool approval) {
    std::string out;
    for (const auto& group : plan.groups) out += cat(out.empty() ? "" : "\n", toml_of(group, approval));
    return out;
}

Plan approved(Plan draft, const Plan& before, const std::string& by, observe::Time at, bool again) {
    for (auto& group : draft.groups) {
        const auto text = toml_of(group, false);
        const auto same = std::ranges::find_if(before.groups,
                                               [&](const Group& one) { return toml_of(one, false) == text; });
        const bool kept = !again && same != before.groups.end();
        group.approved = kept ? same->approved : at;
        group.approved_by = kept ? same->approved_by : by;
    }
    return draft;
}

} // namespace yagura::see::ask
