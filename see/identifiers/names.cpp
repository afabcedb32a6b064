// What people called it: the weakest word, and often the only one.
#include <algorithm>

#include "see/identifier.h"

namespace yagura::see::identifiers {
namespace {

using observe::Attribute;

struct Named {
    std::string_view word, role;
};
/// As whole words of a name: between its ends, digits, dots, dashes and underscores.
constexpr Named named[]{
    {"plc", "plc"},
    {"hmi", "hmi"},
    {"scada", "scada_server"},
    {"historian", "historian"},
    {"hist", "historian"},
    {"eng", "engineering_station"},
    {"engineering", "engineering_station"},
    {"robot", "robot"},
    {"drive", "drive"},
    {"cam", "camera"},
    {"camera", "camera"},
    {"printer", "printer"},
    {"prn", "printer"},
    {"sw", "switch"},
    {"switch", "switch"},
    {"router", "router"},
    {"rt", "router"},
    {"gw", "router"},
    {"fw", "firewall"},
    {"firewall", "firewall"},
    {"ap", "access_point"},
    {"ntp", "time_server"},
    {"srv", "server"},
    {"server", "server"},
    {"nas", "server"},
    {"desktop", "workstation"},
    {"laptop", "workstation"},
    {"notebook", "workstation"},
    {"pc", "workstation"},
    {"ws", "workstation"},
    {"iphone", "mobile"},
    {"ipad", "mobile"},
    {"android", "mobile"},
    {"galaxy", "mobile"},
    {"rtu", "rtu"},
    {"mes", "mes"},
    {"erp", "erp"},
    {"opc", "opc_server"},
    {"io", "remote_io"},
    {"cnc", "cnc"},
};

/// Kinds of servers that nothing but their name tells apart.
constexpr std::string_view of_servers[]{"scada_server", "historian", "opc_server", "mes", "erp"};

/// It says that it runs a system for servers.
bool is_server(const View& view) {
    for (const auto attribute : {Attribute::description, Attribute::os})
        for (const auto* fact : view.values(attribute))
            if (fact->protocol != "http" && has_word(fact->value, "server")) return true;
    return false;
}

void look(const View& view, Opinions& opinions) {
    const bool server = is_server(view);
    for (const auto* fact : view.values(Attribute::name)) {
        std::string_view rest{fact->value};
        rest = rest.substr(0, rest.find('.')); // The domain says where it is, not what.
        const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
        while (!rest.empty()) {
            std::size_t size = 0;
            while (size < rest.size() && letter(rest[size])) ++size;
            const auto word = rest.substr(0, size);
            for (const auto& one : named)
                if (word.size() == one.word.size() && has_word(word, one.word)) {
                    const bool kind = server &&
                                      std::ranges::find(of_servers, one.role) != std::end(of_servers);
                    opinions.role(
                        one.role, kind ? 70 : 38,
                        because(kind ? Why::is_server_called : Why::is_called, fact->value.substr(0, 60)));
                }
            rest.remove_prefix(std::min(rest.size(), size + 1));
        }
    }
}

} // namespace

extern constinit const Identifier names{"names", look};

} // namespace yagura::see::identifiers
