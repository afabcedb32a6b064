#include "see/api/needs_found.h"

#include <algorithm>
#include <set>

#include "see/api/answers.h"

namespace yagura::see {
namespace {

constexpr std::string_view kinds[]{"rule", "link", "group", "silent", "network"};

/// Letters of ASCII in small ones.
std::string small(std::string_view text) {
    std::string out{text};
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
}

bool fits_text(const store::NeedRow& need, const std::vector<std::string>& words) {
    if (words.empty()) return true;
    std::string all;
    for (const auto* end : {&need.client, &need.server})
        for (const auto* text : {&end->device.name, &end->address, &end->line.name, &end->product})
            all += small(*text) + " ";
    all += cat(need.protocol, " ", need.carrier, " ", need.port);
    for (const auto& inside : need.inside) all += " " + inside;
    return std::ranges::all_of(words, [&](const std::string& word) { return all.contains(word); });
}

Way way_of(const store::NeedRow& need, std::string_view line) {
    const bool from = need.client.line.id == line, to = need.server.line.id == line;
    return line.empty() ? Way::none : from && to ? Way::within : from ? Way::outgoing : Way::incoming;
}

/// Over the days in which it was seen; one day at least: a minute's traffic says nothing of a day.
double per_day(const store::NeedRow& need) {
    const double days = std::chrono::duration<double, std::ratio<86'400>>(need.last - need.first).count();
    return static_cast<double>(need.bytes) / std::max(1.0, days);
}

} // namespace

std::string_view key(Way way) noexcept {
    constexpr std::array<std::string_view, 4> words{"", "within", "outgoing", "incoming"};
    return words[static_cast<std::size_t>(way)];
}

Result<std::map<std::string, Owner>> owners_of(Reconciler& reconciler) {
    std::map<std::string, Owner> out;
    YAGURA_TRY(const auto all, reconciler.look(30)); // Which entry it is does not depend on the days.
    for (const auto& device : all->devices)
        if (const auto* said = all->said_of(device.id))
            out.emplace(device.id, Owner{(*said)[ledger::Field::owner], (*said)[ledger::Field::department],
                                         (*said)[ledger::Field::contact]});
    return out;
}

Result<FoundNeeds> needs_of(const api::Request& request, const NeedParts& in) {
    FoundNeeds out;
    YAGURA_TRY(out.all, in.reader.all());
    YAGURA_TRY(out.owners, owners_of(in.reconciler));
    const auto line = request.in_query("line"), device = request.in_query("device");
    std::vector<std::string> words;
    const auto typed = small(request.in_query("q"));
    for (std::string_view rest{typed}; !rest.empty();) {
        const auto end = std::min(rest.find(' '), rest.size());
        if (end != 0) words.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    auto wanted = words_of(request, "kind");
    if (wanted.empty()) wanted = {"rule", "link", "group"};
    for (const auto& row : out.all.needs) {
        if (!line.empty() && row.client.line.id != line && row.server.line.id != line) continue;
        if (!device.empty() && row.client.device.id != device && row.server.device.id != device) continue;
        if (!fits_text(row, words)) continue;
        const auto kind = needs::kind_of(row);
        ++out.counts[static_cast<std::size_t>(kind)];
        if (std::ranges::find(wanted, kinds[static_cast<std::size_t>(kind)]) == wanted.end()) continue;
        out.needs.push_back({&row, kind, needs::purpose_of(row), way_of(row, line), per_day(row)});
    }
    std::ranges::stable_sort(out.needs, [](const FoundNeed& a, const FoundNeed& b) {
        const auto place = [](const FoundNeed& one) {
            return std::tuple{one.kind,
                              std::string_view{one.row->server.line.name},
                              std::string_view{one.row->server.device.name},
                              std::string_view{one.row->client.device.name},
                              std::string_view{one.row->protocol},
                              one.row->port};
        };
        return place(a) < place(b);
    });
    return out;
}

Result<HoursOf> hours_of(const std::vector<FoundNeed>& needs, store::History& history) {
    std::set<std::string> devices;
    for (const auto& one : needs)
        for (const auto* end : {&one.row->client, &one.row->server})
            if (!end->device.id.empty()) devices.insert(end->device.id);
    HoursOf out;
    if (devices.empty()) return out;
    YAGURA_TRY(auto found, history.hours({devices.begin(), devices.end()}));
    for (auto& one : found) {
        auto [a, b] = std::minmax(one.a, one.b);
        auto place = std::tuple{a, b, one.protocol};
        out.emplace(std::move(place), std::move(one));
    }
    return out;
}

const store::Hours* find(const HoursOf& hours, const store::NeedRow& need) {
    const auto [a, b] = std::minmax(need.client.device.id, need.server.device.id);
    const auto found = hours.find({a, b, need.protocol});
    return found == hours.end() ? nullptr : &found->second;
}

std::string hours_text(const store::Hours& hours, int offset) {
    constexpr int halves = 48, minutes = 30;
    const auto used = [&](int half) {
        // A half hour of the reader's clock is one of ours where the zones differ by whole ones.
        const int ours = ((half * minutes - offset) / minutes % halves + halves) % halves;
        return hours.days[static_cast<std::size_t>(ours)] > 0;
    };
    const auto clock = [](int half) {
        return cat(half / 2 < 10 ? "0" : "", half / 2, half % 2 == 0 ? ":00" : ":30");
    };
    std::string out;
    bool whole = true;
    for (int from = 0; from < halves;) {
        if (!used(from)) {
            whole = false;
            ++from;
            continue;
        }
        int until = from;
        while (until < halves && used(until)) ++until;
        out += cat(out.empty() ? "" : ", ", clock(from), "–", clock(until));
        from = until;
    }
    return whole ? std::string{} : out;
}

} // namespace yagura::see
