#include "see/health/detours.h"

#include "see/health/places.h"

namespace yagura::see::health {
namespace {

using namespace std::chrono_literals;
using observe::Time;

/// Nothing for so long, and it is over: as in claims.
constexpr auto holds = 30min;
/// Whoever asked within this time may be answered: repetitions are told late, and answers come again.
constexpr auto answered_within = 1h;
/// Between the offer and the first conversation that goes the other way. Connections that are open keep
/// the cards that they began with.
constexpr auto followed_within = 10min;

} // namespace

void Detours::asked(const observe::Origin& origin, const observe::Ip& ip, Time at) {
    const auto& who = speaker(origin).mac;
    if (!is_unicast(ip) || is_group(who) || who == observe::Mac{}) return;
    const auto key = with(scope(origin), who);
    auto& station = stations_.at(key);
    const auto known = std::ranges::find(station.asked, ip, &Asked::ip);
    if (known == station.asked.end())
        station.asked.add({ip, at});
    else if (known->at < at) {
        known->at = at;
        station.asked.again(&*known);
    } else
        return;
    stations_.touch(key);
}

void Detours::offered(const observe::Origin& origin, const observe::Ip& ip, Time at,
                      const observe::Evidence& evidence) {
    const auto &by = speaker(origin).mac, &to = listener(origin).mac;
    if (!is_unicast(ip) || is_group(by) || is_group(to) || by == to || is_virtual_router(by)) return;
    if (by == observe::Mac{} || to == observe::Mac{}) return;
    const auto key = with(scope(origin), to);
    auto& station = stations_.at(key);
    for (const auto& one : station.asked)
        if (one.ip == ip && at < one.at + answered_within) return;
    for (auto& one : station.offers)
        if (one.ip == ip && one.by == by) {
            one.at = std::max(one.at, at);
            station.offers.again(&one);
            return stations_.touch(key);
        }
    station.offers.add({ip, by, at, evidence});
    stations_.touch(key);
}

void Detours::spoke(const observe::Origin& origin) {
    reached(origin, origin.parties.client, origin.parties.server);
    reached(origin, origin.parties.server, origin.parties.client);
}

void Detours::reached(const observe::Origin& origin, const observe::Station& who,
                      const observe::Station& far) {
    if (!far.has_ip() || !is_v4(far.ip) || !is_unicast(far.ip) || !who.has_mac() || !far.has_mac() ||
        is_group(who.mac) || is_group(far.mac))
        return;
    const auto key = with(scope(origin), who.mac);
    auto& station = stations_.at(key);
    const auto known = std::ranges::find(station.ways, far.ip, &Way::to);
    if (known == station.ways.end()) {
        station.ways.add({far.ip, far.mac, origin.at, origin.evidence});
        return stations_.touch(key);
    }
    if (known->through == far.mac || origin.at < known->at) return;
    const auto before = std::exchange(*known, Way{far.ip, far.mac, origin.at, origin.evidence});
    stations_.touch(key);
    // A router's ports have cards next to each other, and its standby takes over the card that they share.
    if (are_neighbours(before.through, far.mac)) return;
    for (const auto& offer : station.offers)
        if (offer.by == far.mac && offer.ip != far.ip && before.at <= offer.at && offer.at <= origin.at &&
            origin.at <= offer.at + followed_within)
            return tell(origin, offer, before);
}

void Detours::tell(const observe::Origin& origin, const Offer& offer, const Way& before) {
    const auto lane = origin.parties.lane;
    Finding out;
    // As claims call it: who takes over several addresses is one finding, and theirs says more.
    const auto claimed = cat(word(Kind::arp_spoofing), "|", where(lane), "|", observe::text(offer.by));
    if (board_.open(claimed, origin.at)) return;
    out.key = cat(claimed, "|detour");
    out.kind = Kind::arp_spoofing;
    out.severity = Severity::high;
    out.realm = lane.realm;
    out.vlan = lane.vlan;
    out.first = offer.at;
    out.last = origin.at;
    out.until = origin.at + holds;
    out.evidence = offer.evidence;
    out.parties.push_back(
        {Party::Role::takes, {.ip = {}, .mac = offer.by}, offer.at, origin.at, offer.evidence});
    out.parties.push_back(
        {Party::Role::owner, {.ip = offer.ip, .mac = before.through}, before.at, before.at, before.evidence});
    out.facts.emplace_back("addresses", "1");
    board_.raise(std::move(out));
}

void Detours::Station::pack(Packer& out) const {
    out.u8(asked.size);
    for (const auto& one : asked) out.ip(one.ip).time(one.at);
    out.u8(offers.size);
    for (const auto& one : offers) out.ip(one.ip).mac(one.by).time(one.at).evidence(one.evidence);
    out.u8(ways.size);
    for (const auto& one : ways) out.ip(one.to).mac(one.through).time(one.at).evidence(one.evidence);
}

void Detours::Station::unpack(Unpacker& in) {
    const auto bounded = [&in](auto& latest) {
        latest.size = std::min(in.u8(), static_cast<std::uint8_t>(latest.all.size()));
    };
    bounded(asked);
    for (auto& one : asked) {
        one.ip = in.ip();
        one.at = in.time();
    }
    bounded(offers);
    for (auto& one : offers) {
        one.ip = in.ip();
        one.by = in.mac();
        one.at = in.time();
        one.evidence = in.evidence();
    }
    bounded(ways);
    for (auto& one : ways) {
        one.to = in.ip();
        one.through = in.mac();
        one.at = in.time();
        one.evidence = in.evidence();
    }
}

} // namespace yagura::see::health
