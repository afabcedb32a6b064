#include "see/api/asking_json.h"

#include "see/ask/plan_text.h"

namespace yagura::see {
namespace {

void put_list(std::string& out, std::string_view name, const json& list) {
    out += cat(name, " = [");
    bool first = true;
    for (const auto& one : list) {
        out += cat(first ? "" : ", ", ask::toml_text(one.get<std::string>()));
        first = false;
    }
    out += "]\n";
}
void put_number(std::string& out, std::string_view name, const json& subnet, const char* key) {
    if (subnet.contains(key)) out += cat(name, " = ", subnet[key].get<std::int64_t>(), "\n");
}

std::string subnet_text(const json& subnet) {
    std::string out = "[[subnet]]\n";
    out += cat("name = ", ask::toml_text(subnet["name"].get<std::string>()), "\n");
    out += cat("network = ", ask::toml_text(subnet["network"].get<std::string>()), "\n");
    put_list(out, "addresses", subnet["addresses"]);
    put_list(out, "services", subnet["services"]);
    put_list(out, "windows", subnet["windows"]);
    put_number(out, "every-ms", subnet, "every_ms");
    put_number(out, "again-hours", subnet, "again_hours");
    put_number(out, "s7-slot", subnet, "s7_slot");
    put_number(out, "modbus-unit", subnet, "modbus_unit");
    put_number(out, "slmp-port", subnet, "slmp_port");
    if (subnet.contains("credential"))
        out += cat("snmp-credential = ", ask::toml_text(subnet["credential"].get<std::string>()), "\n");
    return out;
}

} // namespace

json subnet_json(const ask::Group& group, bool approval) {
    const bool v4 = observe::is_v4(group.network.network);
    json out{{"name", api::clipped(group.name, 80)},
             {"network", cat(ask::text_of(group.network.network), "/", group.network.bits - (v4 ? 96u : 0u))},
             {"addresses", json::array()},
             {"services", json::array()},
             {"windows", group.hours},
             {"every_ms", group.every.count()},
             {"again_hours", group.again.count()},
             {"s7_slot", group.choices.s7_slot},
             {"modbus_unit", group.choices.modbus_unit},
             {"slmp_port", group.choices.slmp_port}};
    for (const auto& ip : group.addresses) out["addresses"].push_back(ask::text_of(ip));
    for (const auto* query : group.queries) out["services"].push_back(query->name);
    put_text(out, "credential", group.credential, 40);
    if (approval) {
        put_time(out, "approved_at", group.approved);
        put_text(out, "approved_by", group.approved_by, 96);
    }
    return out;
}

Result<std::string> draft_text(const json& subnets) {
    std::string out;
    std::size_t place = 0;
    for (const auto& one : subnets) {
        const auto text = subnet_text(one);
        if (auto read = ask::parse_plan(text, "", ask::PlanOf::draft); !read) {
            read.error().where = cat("subnets[", place, "]: ", one["name"].get<std::string>());
            return std::unexpected{std::move(read).error()};
        }
        out += text;
        ++place;
    }
    YAGURA_TRY(const auto whole, ask::parse_plan(out, "subnets", ask::PlanOf::draft));
    return ask::toml_of(whole, false);
}

json services_json() {
    json out = json::array();
    for (const auto* query : ask::all_queries())
        out.push_back({{"service", query->name},
                       {"protocol", query->protocol},
                       {"document", query->document},
                       {"over", query->carrier == ask::Carrier::tcp ? "tcp" : "udp"},
                       {"port", ask::port_of(*query, {})},
                       {"requests", query->requests_most}});
    return out;
}

std::string_view key(ask::Why why) noexcept {
    constexpr std::string_view keys[]{"due",     "outside",  "pace",      "recently", "waits",
                                      "fragile", "declined", "forgetful", "early",    "failed"};
    return keys[static_cast<std::size_t>(why)];
}
std::string_view key(ask::End end) noexcept {
    constexpr std::string_view keys[]{"never",   "begun",  "answered",    "silent", "closed",
                                      "refused", "broken", "fell_silent", "stopped"};
    return keys[static_cast<std::size_t>(end)];
}

json question_json(const ask::Planner::Standing& one, const NamesByAddress& names) {
    const auto address = ask::text_of(one.task.ip);
    json out{{"address", address}, {"service", one.task.query->name}, {"state", key(one.why)}};
    if (const auto found = names.find(address); found != names.end()) out["device"] = json_of(found->second);
    put_time(out, "not_before", one.not_before);
    if (one.row && one.row->end != ask::End::never) {
        out["last_end"] = key(one.row->end);
        put_time(out, "last_at", one.row->begun);
    }
    return out;
}

} // namespace yagura::see
