#include "apps/yagura/health_rows.h"

#include <algorithm>

#include "see/health/row.h"
#include "spine/observe/text.h"

namespace yagura::run {

void show_health(std::ostream& out, Format format, see::health::Watch& watch) {
    auto findings = watch.take_changes().findings;
    std::erase_if(findings, &see::health::Finding::gone);
    std::ranges::sort(findings, [](const auto& one, const auto& other) {
        return std::tie(other.severity, one.first, one.key) < std::tie(one.severity, other.first, other.key);
    });
    if (format != Format::table) {
        JsonRows rows{out, format};
        std::string text;
        for (const auto& one : findings) {
            text.clear();
            JsonWriter json{text};
            see::health::write(json, one, watch.latest());
            rows.add(text);
        }
        return rows.end();
    }
    if (findings.empty()) {
        out << "Nothing that stops lines was seen in here.\n";
        return;
    }
    TextTable table{{{"what"}, {"severity"}, {"subject"}, {"who"}, {"times"}, {"frame"}}};
    for (const auto& one : findings) {
        std::string who;
        for (const auto& party : one.parties) {
            if (who.size() > 60) {
                who += " …";
                break;
            }
            who += cat(who.empty() ? "" : " ", see::health::word(party.role), " ",
                       party.who.has_mac() ? observe::text(party.who.mac) : observe::text(party.who.ip));
        }
        table.add({std::string{see::health::word(one.kind)}, std::string{see::health::word(one.severity)},
                   see::health::subject(one), who, cat(one.times), cat(one.evidence.frame)});
    }
    table.print(out);
    out << findings.size() << (findings.size() == 1 ? " finding\n" : " findings\n");
}

} // namespace yagura::run
