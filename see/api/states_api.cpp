#include "see/api/states_api.h"

#include <chrono>
#include <map>

#include "see/api/answers.h"

namespace yagura::see {
namespace {

constexpr std::size_t told_most = 1'000;
/// Who polls a state hears it again; what was last said before the range holds into it for so long.
constexpr auto looked_back = std::chrono::hours{24};
constexpr std::string_view key_switch = "key switch ";

/// One thing that says where it stands: a unit's mode over one protocol, or its key switch.
struct Tell {
    std::string protocol{}, part{};
    bool key = false;
    auto operator<=>(const Tell&) const = default;
};

struct Span {
    std::string state{};
    observe::Time since{}, said{}; ///< when it was first and last said so
    observe::Time until{};         ///< when it was first said otherwise; 0: not yet
    store::EvidenceRef evidence{};
};

/// `newest_first` as the history tells them.
std::map<Tell, std::vector<Span>> spans_of(const std::vector<store::Told>& newest_first) {
    std::map<Tell, std::vector<Span>> out;
    for (auto one = newest_first.rbegin(); one != newest_first.rend(); ++one) {
        std::string_view state = one->value;
        const bool key = state.starts_with(key_switch);
        if (key) state.remove_prefix(key_switch.size());
        auto& spans = out[{one->protocol, one->what, key}];
        if (!spans.empty() && spans.back().state == state) {
            spans.back().said = one->at;
            continue;
        }
        if (!spans.empty()) spans.back().until = one->at;
        spans.push_back({std::string{state}, one->at, one->at, {}, one->evidence});
    }
    return out;
}

api::Response states(const api::Request& request, store::DeviceReader& devices, store::History& history) {
    const auto id = request.in_path("device_id");
    const auto known = devices.device(id);
    if (!known) return failed(known.error());
    if (!*known) return nothing("device");
    const auto range = range_of(request);
    auto asked = range;
    if (asked.from != observe::Time{}) asked.from -= looked_back;
    const auto told = history.told("state", id, asked, told_most);
    if (!told) return failed(told.error());
    json out{{"states", json::array()}};
    if (told->size() == told_most) out["from"] = time_text(told->back().at);
    for (const auto& [tell, spans] : spans_of(*told))
        for (const auto& span : spans) {
            if (range.from != observe::Time{} && span.until != observe::Time{} && span.until <= range.from)
                continue;
            json row{{"kind", tell.key ? "key_switch" : "mode"},
                     {"state", api::clipped(span.state)},
                     {"since", time_text(span.since)},
                     {"said", time_text(span.said)},
                     {"evidence", json_of(span.evidence)}};
            put_protocol(row, tell.protocol);
            put_text(row, "unit", tell.part, 128);
            put_time(row, "until", span.until);
            out["states"].push_back(std::move(row));
        }
    return api::answer(out);
}

} // namespace

void add_state_handlers(api::Service& service, store::DeviceReader& devices, store::History& history) {
    service.on("deviceStates", [&devices, &history](const api::Request& request) {
        return states(request, devices, history);
    });
}

} // namespace yagura::see
