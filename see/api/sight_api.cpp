#include "see/api/sight_api.h"

#include <algorithm>

#include "see/api/answers.h"
#include "see/api/sight.h"

namespace yagura::see {
namespace {

constexpr std::size_t networks_most = 500, hidden_shown = 24, missing_shown = 24, switches_shown = 5;
constexpr unsigned unseen_days = 30;
/// What is read is the whole plant: whoever else asks within so long gets the same.
constexpr std::chrono::seconds fresh{10};

struct Made {
    store::SightList list{};
    std::vector<MissingEntry> missing{};
    std::vector<SeenNetwork> networks{};
};

class Sights {
public:
    explicit Sights(const SightParts& parts) : parts_{parts} {}
    Result<std::shared_ptr<const Made>> look() {
        const std::scoped_lock lock{mutex_};
        const auto now = std::chrono::steady_clock::now();
        if (last_ && now - made_ < fresh) return last_;
        auto made = std::make_shared<Made>();
        YAGURA_TRY(made->list, parts_.reader.all());
        YAGURA_TRY(const auto ledger, parts_.reconciler.look(unseen_days));
        for (const auto& pair : ledger->pairs) {
            if (pair.list != ledger::List::unseen || !pair.entry || pair.device) continue;
            const auto& entry = ledger->entries[*pair.entry].entry;
            const auto& ips = entry[ledger::Field::ip];
            made->missing.push_back({store::ledger_entry_text(entry.id), entry[ledger::Field::name],
                                     ips.substr(0, ips.find(' '))});
        }
        made->networks = seen_networks(made->list, made->missing);
        last_ = std::move(made);
        made_ = now;
        return last_;
    }

private:
    SightParts parts_;
    std::mutex mutex_;
    std::shared_ptr<const Made> last_;
    std::chrono::steady_clock::time_point made_{};
};

json counts_json(const std::array<std::uint64_t, sight_count>& counts) {
    json out = json::object();
    for (std::size_t i = 0; i < sight_count; ++i)
        out[std::string{key(static_cast<Sight>(i))}] = count(counts[i]);
    return out;
}

json network_json(const Made& made, const SeenNetwork& one, bool is_next) {
    json out{{"lines", json::array()},
             {"counts", counts_json(one.counts)},
             {"hidden", count(one.hidden)},
             {"controllers", count(one.controllers)},
             {"next", is_next},
             {"switches", json::array()},
             {"devices", json::array()},
             {"missing", json::array()}};
    put_text(out, "network", one.network, 64);
    for (const auto& line : one.lines) out["lines"].push_back(json_of(line));
    for (const auto at : one.switches)
        if (out["switches"].size() < switches_shown)
            out["switches"].push_back(json_of(made.list.devices[at].device));
    for (const auto at : one.devices) {
        const auto& row = made.list.devices[at];
        if (const auto sight = sight_of(row); sight != Sight::seen && out["devices"].size() < hidden_shown)
            out["devices"].push_back(
                {{"device", json_of(row.device)}, {"sight", key(sight)}, {"last_seen", time_text(row.last)}});
    }
    for (const auto at : one.missing) {
        if (out["missing"].size() == missing_shown) break;
        const auto& entry = made.missing[at];
        json row{{"id", entry.id}};
        put_text(row, "name", entry.name);
        put_text(row, "address", entry.address, 64);
        out["missing"].push_back(std::move(row));
    }
    return out;
}

api::Response sight(Sights& sights) {
    const auto made = sights.look();
    if (!made) return failed(made.error());
    const auto& all = **made;
    std::array<std::uint64_t, sight_count> sums{};
    for (const auto& one : all.networks)
        for (std::size_t i = 0; i < sight_count; ++i) sums[i] += one.counts[i];
    json out{{"counts", counts_json(sums)},
             {"networks", json::array()},
             {"networks_total", all.networks.size()},
             {"cut", all.list.cut}};
    put_time(out, "at", all.list.now);
    for (const auto& one : all.networks) {
        if (out["networks"].size() == networks_most) break;
        out["networks"].push_back(
            network_json(all, one, out["networks"].empty() && one.hidden != 0 && !one.network.empty()));
    }
    return api::answer(out);
}

} // namespace

void add_sight_handlers(api::Service& service, const SightParts& parts) {
    service.on("getSight",
               [sights = std::make_shared<Sights>(parts)](const api::Request&) { return sight(*sights); });
}

} // namespace yagura::see
