#include "see/api/weaknesses.h"

#include <algorithm>
#include <set>

#include "spine/store/writer.h"

namespace yagura::see {
namespace {

using namespace std::chrono_literals;

weakness::Fact fact_of(const store::WeakFact& from) {
    return {.attribute = from.attribute,
            .value = from.value,
            .protocol = from.protocol,
            .source = from.source,
            .frame = from.frame,
            .offset = from.offset,
            .confidence = from.confidence};
}

bool has(const weakness::Thing& thing, std::string_view attribute) {
    return std::ranges::any_of(thing.facts, [&](const weakness::Fact& fact) {
        return fact.attribute == attribute && fact.protocol != "mac";
    });
}

/// The device, and each of its parts that tells what it is. A part's maker is its device's where it tells
/// none.
std::map<std::string, weakness::Thing> things_of(const store::WeakDevice& device) {
    std::map<std::string, weakness::Thing> out;
    for (const auto& fact : device.facts) out[fact.part].facts.push_back(fact_of(fact));
    const auto whole = out.find("");
    for (auto& [part, thing] : out) {
        if (part.empty() || whole == out.end() || has(thing, "vendor")) continue;
        for (const auto& fact : whole->second.facts)
            if (fact.attribute == "vendor") thing.facts.push_back(fact);
    }
    // What a part repeats of its device is one thing: a controller that answers as unit 1.
    if (whole != out.end())
        std::erase_if(out, [&](const auto& one) {
            if (one.first.empty()) return false;
            return std::ranges::all_of(one.second.facts, [&](const weakness::Fact& fact) {
                return std::ranges::any_of(whole->second.facts, [&](const weakness::Fact& known) {
                    return known.attribute == fact.attribute && known.value == fact.value;
                });
            });
        });
    return out;
}

/// What the ledger says fills in where the device tells nothing: a person read it off the label.
void add_ledger(weakness::Thing& thing, const store::LedgerRow& entry) {
    for (const auto* const attribute : {"vendor", "product", "firmware", "serial"}) {
        const auto place = static_cast<std::size_t>(
            std::ranges::find(store::ledger_columns, std::string_view{attribute}) -
            store::ledger_columns.begin());
        const auto& value = entry.values[place];
        if (value.empty() || has(thing, attribute)) continue;
        if (std::string_view{attribute} == "product" && has(thing, "module")) continue;
        thing.facts.push_back(
            {.attribute = attribute, .value = value, .protocol = "ledger", .confidence = 60});
    }
}

Owner owner_of(const ledger::Entry& entry) {
    return {.name = entry[ledger::Field::owner],
            .department = entry[ledger::Field::department],
            .contact = entry[ledger::Field::contact]};
}

} // namespace

std::string day_text(std::int64_t at) { return store::day_of(observe::Time{std::chrono::nanoseconds{at}}); }

Result<void> Weaknesses::take_advisories() {
    YAGURA_TRY(const auto heads, reader_.heads());
    std::set<std::string> there;
    std::vector<std::string> wanted;
    std::map<std::string, std::string> digests;
    for (const auto& head : heads) {
        there.insert(head.name);
        const auto known = advisories_.find(head.name);
        if (known != advisories_.end() && known->second.digest == head.digest) continue;
        wanted.push_back(head.name);
        digests[head.name] = head.digest;
    }
    std::erase_if(advisories_, [&](const auto& one) { return !there.contains(one.first); });
    constexpr std::size_t at_once = 500; // Of bodies in memory.
    for (std::size_t at = 0; at < wanted.size(); at += at_once) {
        const auto first = wanted.begin() + static_cast<std::ptrdiff_t>(at);
        const std::vector<std::string> some{
            first, wanted.begin() + static_cast<std::ptrdiff_t>(std::min(at + at_once, wanted.size()))};
        YAGURA_TRY(const auto bodies, reader_.bodies(some));
        for (const auto& [name, body] : bodies) {
            auto advisory = weakness::advisory_of(body);
            if (!advisory) continue;
            advisories_[name] = {digests[name],
                                 std::make_shared<const weakness::Prepared>(
                                     std::make_shared<const weakness::Advisory>(*std::move(advisory))),
                                 round_};
        }
    }
    by_vendor_.clear();
    for (const auto& [name, one] : advisories_)
        for (const auto& vendor : one.prepared->vendors()) by_vendor_[vendor].push_back(name);
    return {};
}

Result<void> Weaknesses::take_lists() {
    YAGURA_TRY(auto exploited, reader_.exploited());
    exploited_.clear();
    for (auto& row : exploited) exploited_.emplace(row.cve, row);
    YAGURA_TRY(supports_, reader_.supports());
    std::set<std::string> cves;
    for (const auto& [name, one] : advisories_)
        for (const auto& each : one.prepared->advisory().vulnerabilities)
            if (!each.cve.empty()) cves.insert(each.cve);
    YAGURA_TRY(auto likelihoods, reader_.likelihoods({cves.begin(), cves.end()}));
    likelihoods_.clear();
    for (auto& [cve, score] : likelihoods) likelihoods_.emplace(std::move(cve), score);
    return {};
}

void Weaknesses::match_one(Found& found, bool anew) {
    const weakness::Known known{*found.thing};
    if (anew) {
        found.matches.clear();
    } else {
        std::erase_if(found.matches, [&](const auto& one) {
            const auto still = advisories_.find(one.first);
            return still == advisories_.end() || still->second.since > found.round;
        });
    }
    const auto hold = [&](const std::string& name, const Advisory& one) {
        if (!anew && one.since <= found.round) return;
        if (auto said = weakness::match(known, *one.prepared))
            found.matches.emplace_back(name, *std::move(said));
    };
    if (known.vendors().empty()) {
        // An order number alone says whose it is.
        if (known.has_product())
            for (const auto& [name, one] : advisories_) hold(name, one);
    } else {
        std::set<std::string> names;
        for (const auto& vendor : known.vendors())
            if (const auto some = by_vendor_.find(vendor); some != by_vendor_.end())
                names.insert(some->second.begin(), some->second.end());
        for (const auto& name : names) hold(name, advisories_.at(name));
    }
    found.round = round_;
}

Result<std::shared_ptr<const WeaknessView>> Weaknesses::look() {
    const std::lock_guard lock{mutex_};
    YAGURA_TRY(const auto version, reader_.version());
    if (last_ && version == version_ && Steady::now() - made_ < 2s) return last_;
    const bool feeds_changed = version != version_;
    ++round_;
    if (feeds_changed) {
        if (auto done = take_advisories(); !done) return std::unexpected{std::move(done).error()};
        if (auto done = take_lists(); !done) return std::unexpected{std::move(done).error()};
    }
    auto made = std::make_shared<WeaknessView>();
    YAGURA_TRY(made->devices, reader_.devices());
    made->owners.resize(made->devices.size());
    std::unordered_map<std::string, const store::LedgerRow*> entries;
    YAGURA_TRY(const auto ledger, ledger_.look(30));
    for (const auto& pair : ledger->pairs)
        if (pair.device && pair.entry)
            entries.emplace(ledger->devices[*pair.device].id, &ledger->compared.entries[*pair.entry]);
    YAGURA_TRY(const auto states, reader_.states());
    std::map<std::tuple<std::int64_t, std::string_view, std::string_view>, const store::WeaknessState*>
        decided;
    for (const auto& one : states) decided[{one.device, one.part, one.advisory}] = &one;
    const auto today = day_text(clock_.now());
    std::set<std::pair<std::string, std::string>> there;
    for (std::uint32_t place = 0; place < made->devices.size(); ++place) {
        const auto& device = made->devices[place];
        auto things = things_of(device);
        if (const auto* said = ledger->said_of(device.ref.id)) made->owners[place] = owner_of(*said);
        if (const auto entry = entries.find(device.ref.id); entry != entries.end())
            add_ledger(things[""], *entry->second);
        bool product = false;
        for (auto& [part, thing] : things) {
            product |= has(thing, "product") || has(thing, "module");
            const std::pair key{device.ref.id, part};
            there.insert(key);
            auto& found = found_[key];
            const bool anew = !found.thing || found.thing->facts != thing.facts;
            if (anew) found.thing = std::make_shared<const weakness::Thing>(std::move(thing));
            if (anew || (feeds_changed && found.round < round_)) match_one(found, anew);
            for (const auto& [name, match] : found.matches) {
                if (made->all.size() >= most) {
                    ++made->left_out;
                    continue;
                }
                Weakness one{.device = place,
                             .part = part,
                             .advisory = advisories_.at(name).prepared,
                             .thing = found.thing,
                             .match = match};
                one.state.state = "open";
                if (const auto said = decided.find({device.number, part, name}); said != decided.end()) {
                    one.state = *said->second;
                    one.overdue = !one.state.until.empty() && one.state.until < today;
                }
                for (const auto cve : match.cves) {
                    const auto& each = one.advisory->advisory().vulnerabilities[cve];
                    one.score = std::max(one.score, each.score);
                    one.exploited |= exploited_.contains(each.cve);
                    if (const auto likely = likelihoods_.find(each.cve); likely != likelihoods_.end())
                        one.likelihood = std::max(one.likelihood, likely->second);
                }
                made->all.push_back(std::move(one));
            }
        }
        made->without_product += !product;
        for (auto& one : out_of_support(device, place, supports_, today))
            made->unsupported.push_back(std::move(one));
    }
    std::erase_if(found_, [&](const auto& one) { return !there.contains(one.first); });
    made->exploited = exploited_;
    made->advisories = advisories_.size();
    version_ = version;
    last_ = made;
    made_ = Steady::now();
    return last_;
}

std::size_t Weaknesses::used() {
    const std::lock_guard lock{mutex_};
    return last_ ? last_->all.size() : 0;
}
std::uint64_t Weaknesses::refused() {
    const std::lock_guard lock{mutex_};
    return last_ ? last_->left_out : 0;
}

} // namespace yagura::see
