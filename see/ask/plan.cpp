#include "see/ask/plan.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>

#include "spine/base/rfc3339.h"
#include "spine/base/toml.h"

namespace yagura::see::ask {
namespace {

constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

std::optional<std::uint16_t> day_of(std::string_view text) {
    const auto found = std::ranges::find(days, text);
    if (found == days.end()) return std::nullopt;
    return static_cast<std::uint16_t>((found - days.begin()) * 24 * 60);
}
/// "06:30"; "24:00" ends a day.
std::optional<std::uint16_t> minute_of(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto hours = number<std::uint16_t>(text.substr(0, 2)),
               minutes = number<std::uint16_t>(text.substr(3));
    if (!hours || !minutes || *minutes > 59 || *hours * 60 + *minutes > 24 * 60) return std::nullopt;
    return static_cast<std::uint16_t>(*hours * 60 + *minutes);
}

/// What every complaint about a plan has in common.
class Reading {
public:
    Reading(std::string_view path, PlanOf of) : path_{path}, of_{of} {}
    PlanOf of() const noexcept { return of_; }
    std::unexpected<Complaint> bad(const toml::node& node, std::string what, std::string next) const {
        const auto place = node.source().begin;
        return std::unexpected{Complaint{.code = "ask.bad-plan",
                                         .what = std::move(what),
                                         .where = cat(path_, ", line ", std::uint32_t{place.line},
                                                      ", column ", std::uint32_t{place.column}),
                                         .next = std::move(next)}};
    }
    Result<std::string> text(const toml::node& node, std::string_view name, std::size_t most) const {
        const auto value = node.value_exact<std::string>();
        if (!value || value->empty() || value->size() > most)
            return bad(node, cat("\"", name, "\" is no text of 1 to ", most, " characters"),
                       "write it in quotes");
        return *value;
    }
    Result<std::int64_t> number(const toml::node& node, std::string_view name, std::int64_t least,
                                std::int64_t most) const {
        const auto value = node.value_exact<std::int64_t>();
        if (!value || *value < least || *value > most)
            return bad(node, cat("\"", name, "\" is no whole number from ", least, " to ", most),
                       "write a number in that range");
        return *value;
    }
    Result<std::vector<std::string>> list(const toml::node& node, std::string_view name) const {
        const auto* array = node.as_array();
        std::vector<std::string> out;
        if (array)
            for (const auto& one : *array) {
                const auto value = one.value_exact<std::string>();
                if (!value || value->size() > 64)
                    return bad(one, cat("\"", name, "\" has something that is no text"),
                               "write texts in quotes");
                out.push_back(*value);
            }
        if (out.empty())
            return bad(node, cat("\"", name, "\" is no list of texts, or an empty one"),
                       "write e.g. [\"a\", \"b\"]");
        return out;
    }

private:
    std::string_view path_;
    PlanOf of_;
};

/// Stations alone: never a whole network, a group or this box. Why it is none; empty: it is one.
std::string_view no_station(const observe::Ip& ip, const observe::Subnet& network) {
    const bool v4 = observe::is_v4(ip);
    if (!observe::contains(network, ip) || v4 != observe::is_v4(network.network))
        return "it is not in that network";
    if (ip == network.network && network.bits < 127) return "it names the network itself";
    if (!v4) {
        constexpr observe::Ip loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
        return ip[0] == 0xff                           ? "it is a group's"
               : ip == loopback || ip == observe::Ip{} ? "it is this box itself"
                                                       : std::string_view{};
    }
    const auto first = ip[12], last = ip[15];
    if (first == 0 || first == 127) return "it is this box itself";
    if (first >= 224) return "it is a group's";
    if (network.bits < 127 && ip == observe::last_of(network)) return "it is everybody's in that network";
    // Whatever this file says the network is: in most networks of plants everybody would hear it.
    if (last == 0 || last == 255) return "addresses that end in .0 or .255 mostly are a network's";
    return {};
}
/// The widest network in which stations are planned one by one.
constexpr std::uint8_t v4_bits_least = 96 + 20, v6_bits_least = 64;

Result<void> read_value(const Reading& in, std::string_view name, const toml::node& node, Group& group) {
    if (in.of() == PlanOf::draft && (name == "approved" || name == "approved-by"))
        return in.bad(node, "a draft has no approval", "leave it out: it is approved as a whole");
    if (name == "name") {
        YAGURA_TRY(group.name, in.text(node, name, 80));
    } else if (name == "network") {
        YAGURA_TRY(const auto text, in.text(node, name, 64));
        const auto subnet = observe::subnet_of(text);
        if (!subnet)
            return in.bad(node, cat("this is no network: ", yagura::quoted(text)),
                          "write e.g. \"10.2.3.0/24\"");
        const bool v4 = observe::is_v4(subnet->network);
        if (subnet->bits < (v4 ? v4_bits_least : v6_bits_least))
            return in.bad(node, cat("this network is too wide: ", yagura::quoted(text)),
                          "one pace is kept for one subnet: write it as its router has it, at most a /20 (of "
                          "IPv6 a /64)");
        group.network = *subnet;
    } else if (name == "addresses") {
        YAGURA_TRY(const auto list, in.list(node, name));
        for (const auto& text : list) {
            const auto ip = observe::ip_of(text);
            if (!ip)
                return in.bad(node, cat("this is no address: ", yagura::quoted(text)),
                              "write each address out: \"10.2.3.4\"");
            if (std::ranges::find(group.addresses, *ip) == group.addresses.end())
                group.addresses.push_back(*ip);
        }
    } else if (name == "services") {
        YAGURA_TRY(const auto list, in.list(node, name));
        for (const auto& text : list) {
            const auto* query = find_query(text);
            if (!query) {
                std::string names;
                for (const auto* one : all_queries()) names += cat(names.empty() ? "" : ", ", one->name);
                return in.bad(node, cat("there is no service ", yagura::quoted(text)),
                              cat("choose from: ", names));
            }
            if (std::ranges::find(group.queries, query) == group.queries.end())
                group.queries.push_back(query);
        }
    } else if (name == "windows") {
        YAGURA_TRY(const auto list, in.list(node, name));
        for (const auto& text : list) {
            const auto some = windows_of(text);
            if (!some || group.windows.size() + some->size() > windows_most)
                return in.bad(node, cat("these are no hours of the week: ", yagura::quoted(text)),
                              "write e.g. \"Sat 06:00-08:00\" or \"Mon-Fri 12:00-13:00\"");
            group.windows.insert(group.windows.end(), some->begin(), some->end());
            group.hours.push_back(text);
        }
    } else if (name == "every-ms") {
        YAGURA_TRY(const auto value, in.number(node, name, 500, 3'600'000));
        group.every = std::chrono::milliseconds{value};
    } else if (name == "again-hours") {
        YAGURA_TRY(const auto value, in.number(node, name, 1, 24 * 366));
        group.again = std::chrono::hours{value};
    } else if (name == "approved") {
        YAGURA_TRY(const auto text, in.text(node, name, 40));
        const auto at = from_rfc3339(text);
        if (!at)
            return in.bad(node, cat("this is no time: ", yagura::quoted(text)),
                          "write e.g. \"2026-11-30T10:00:00Z\"");
        group.approved = observe::Time{std::chrono::nanoseconds{*at}};
    } else if (name == "approved-by") {
        YAGURA_TRY(group.approved_by, in.text(node, name, 80));
    } else if (name == "s7-slot") {
        YAGURA_TRY(const auto value, in.number(node, name, 0, 31));
        group.choices.s7_slot = static_cast<std::uint8_t>(value);
    } else if (name == "modbus-unit") {
        YAGURA_TRY(const auto value, in.number(node, name, 0, 255));
        if (value == 0)
            return in.bad(node, "Modbus unit 0 is all units behind a gateway at once",
                          "write the unit's own number, or 255 for the station itself");
        group.choices.modbus_unit = static_cast<std::uint8_t>(value);
    } else if (name == "slmp-port") {
        YAGURA_TRY(const auto value, in.number(node, name, 1, 65'535));
        group.choices.slmp_port = static_cast<std::uint16_t>(value);
    } else if (name == "snmp-credential") {
        YAGURA_TRY(group.credential, in.text(node, name, 40));
    } else if (name == "snmp-community" && in.of() != PlanOf::file) {
        return in.bad(node, "a plan of the console holds no secrets",
                      "write the community into the file of credentials, and its name here");
    } else if (name == "snmp-community") {
        YAGURA_TRY(group.choices.snmp_community, in.text(node, name, 32));
    } else {
        return in.bad(node, cat("there is no setting ", yagura::quoted(name), " of a subnet"),
                      "see docs/operating/active-queries.md for all of them");
    }
    return {};
}

Result<Group> read_group(const Reading& in, const toml::node& node) {
    const auto* table = node.as_table();
    if (!table) return in.bad(node, "a subnet is no table", "write [[subnet]] on a line of its own");
    Group group;
    for (const auto& [name, value] : *table)
        if (auto done = read_value(in, name.str(), value, group); !done)
            return std::unexpected{std::move(done).error()};
    const bool wants_approval = in.of() != PlanOf::draft;
    const auto missing = group.network.bits == 0             ? "network"
                         : group.addresses.empty()           ? "addresses"
                         : group.queries.empty()             ? "services"
                         : group.windows.empty()             ? "windows"
                         : !wants_approval                   ? ""
                         : group.approved_by.empty()         ? "approved-by"
                         : group.approved == observe::Time{} ? "approved"
                                                             : "";
    if (*missing)
        return in.bad(node, cat("a subnet has no \"", missing, "\""),
                      "nothing is asked that is not written down: add it");
    if (group.name.empty()) group.name = text_of(group.network.network);
    const bool fins = std::ranges::find(group.queries, find_query("fins")) != group.queries.end();
    for (const auto& ip : group.addresses) {
        if (const auto why = no_station(ip, group.network); !why.empty())
            return in.bad(
                node, cat(text_of(ip), " cannot be asked: ", why),
                "only single devices are asked: write their addresses, and the network they are in");
        if (fins && (ip[15] == 0 || ip[15] == 255))
            return in.bad(node, cat(text_of(ip), " cannot be asked by fins: its node would be everybody"),
                          "leave fins out for this device");
    }
    return group;
}

} // namespace

std::string text_of(const observe::Ip& ip) {
    char room[INET6_ADDRSTRLEN]{};
    const bool v4 = observe::is_v4(ip);
    return ::inet_ntop(v4 ? AF_INET : AF_INET6, ip.data() + (v4 ? 12 : 0), room, sizeof room) ? room : "?";
}

std::optional<std::vector<Window>> windows_of(std::string_view text) {
    const auto space = text.find(' ');
    if (space == text.npos) return std::nullopt;
    const auto named = text.substr(0, space), hours = text.substr(space + 1);
    const auto dash = named.find('-');
    const auto first = day_of(named.substr(0, dash));
    const auto last = dash == named.npos ? first : day_of(named.substr(dash + 1));
    if (!first || !last || hours.size() != 11 || hours[5] != '-') return std::nullopt;
    const auto from = minute_of(hours.substr(0, 5)), to = minute_of(hours.substr(6));
    if (!from || !to || *from == *to || *from == 24 * 60) return std::nullopt;
    std::vector<Window> out;
    constexpr std::uint16_t day = 24 * 60;
    for (auto at = *first;; at = static_cast<std::uint16_t>((at + day) % Window::week)) {
        out.push_back({static_cast<std::uint16_t>(at + *from),
                       static_cast<std::uint16_t>(at + *to + (*to < *from ? day : 0))});
        if (at == *last) return out;
    }
}

Result<Plan> parse_plan(std::string_view toml, std::string_view path, PlanOf of) {
    toml::table document;
    try {
        document = toml::parse(toml, path);
    } catch (const toml::parse_error& error) {
        return std::unexpected{Complaint{.code = "ask.bad-plan",
                                         .what = "the plan of active queries cannot be read",
                                         .why = std::string{error.description()},
                                         .where = cat(path, ", line ", error.source().begin.line),
                                         .next = "mend that place; `yagura-ask --preview` reads it again"}};
    }
    const Reading in{path, of};
    Plan plan;
    std::size_t addresses = 0;
    for (const auto& [name, node] : document) {
        const auto* list = node.as_array();
        if (name.str() != "subnet" || !list)
            return in.bad(node, cat("there is no ", yagura::quoted(name.str()), " in a plan"),
                          "write [[subnet]]");
        if (list->size() > groups_most)
            return in.bad(node, cat("these are more than ", groups_most, " subnets"), "plan fewer at a time");
        for (const auto& one : *list) {
            YAGURA_TRY(auto group, read_group(in, one));
            addresses += group.addresses.size();
            for (const auto& before : plan.groups)
                if (observe::contains(before.network, group.network.network) ||
                    observe::contains(group.network, before.network.network))
                    return in.bad(one,
                                  cat("the networks of ", yagura::quoted(before.name), " and ",
                                      yagura::quoted(group.name), " overlap"),
                                  "a network is asked at one pace: write one [[subnet]] for it");
            plan.groups.push_back(std::move(group));
        }
    }
    if (addresses > addresses_most)
        return std::unexpected{Complaint{.code = "ask.bad-plan",
                                         .what = cat("the plan has more than ", addresses_most, " addresses"),
                                         .where = std::string{path},
                                         .next = "plan fewer at a time"}};
    return plan;
}

Result<void> lend(Plan& plan, const Credentials& credentials, std::string_view path) {
    for (auto& group : plan.groups) {
        if (group.credential.empty()) continue;
        const auto* found = find(credentials, group.credential);
        if (!found)
            return std::unexpected{Complaint{
                .code = "ask.bad-plan",
                .what = cat("there is no credential ", yagura::quoted(group.credential)),
                .where = cat(path, ", ", group.name),
                .next =
                    "write it into the file that ask.credentials of yagura.toml names, or choose another"}};
        group.user = found->user;
        group.choices.snmp_community = found->community;
    }
    return {};
}

} // namespace yagura::see::ask
