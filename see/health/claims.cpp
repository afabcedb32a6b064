#include "see/health/claims.h"

#include <vector>

#include "see/health/places.h"

namespace yagura::see::health {
namespace {

using namespace std::chrono_literals;
using observe::Time;

/// Between two claims in alternation. What stations say again is told every ten minutes at the latest.
constexpr auto window = 12min;
/// Who defends its address answers at once (RFC 5227 clause 2.4).
constexpr auto defence = 10s;
/// Nothing for so long, and a conflict is over.
constexpr auto holds = 30min;
/// Takeovers that belong together.
constexpr auto spoofing_window = 15min;
/// So soon nobody else says the same to everybody by chance.
constexpr auto echo_within = 200us;
/// More than the telling granularity of spoke(): an owner is heard after it was taken over.
constexpr auto spoke_every = 20s;

std::uint32_t short_hash(const observe::Mac& mac) {
    if (is_group(mac) || mac == observe::Mac{}) return 0;
    // Of no use to whoever would make two alike: he would only hide that he himself heard both.
    std::uint32_t out = 2166136261;
    for (const auto byte : mac) out = (out ^ byte) * 16777619;
    return out | 1;
}

} // namespace

Claims::Claims(Board& board, const Most& most)
    : board_{board}, addresses_{1, most.addresses}, stations_{2, most.stations} {}

void Claims::claimed(const observe::Origin& origin, const Claim& claim) {
    if (!is_unicast(claim.ip) || is_group(claim.mac) || claim.mac == observe::Mac{}) return;
    if (is_virtual_router(claim.mac)) return;
    const auto key = with(scope(origin), claim.ip);
    auto* address = addresses_.find(key);
    const bool vouches = claim.how == How::said;
    if (!address && !vouches) return;
    if (!address) address = &addresses_.at(key);

    Claimant* one = nullptr;
    for (std::size_t i = 0; i < address->size; ++i)
        if (address->claimants[i].mac == claim.mac) one = &address->claimants[i];
    if (!one) {
        // The frame's sender may speak for another (a bridge, a bond): only who said "this is mine" counts.
        if (!vouches) return;
        if (address->size < Address::claimants_most) {
            one = &address->claimants[address->size++];
        } else {
            one = &*std::ranges::min_element(address->claimants, {}, &Claimant::last);
        }
        *one = {};
        one->mac = claim.mac;
        one->first = claim.at;
    }
    if (claim.how == How::answered) one->answers += claim.messages;
    if (claim.how == How::announced) one->announcements += claim.messages;
    one->first = std::min(one->first, claim.at);
    if (claim.at >= one->last) {
        one->last = claim.at;
        one->evidence = claim.evidence;
    }
    const Instant fresh{claim.at, claim.how == How::announced ? 0 : short_hash(listener(origin).mac)};
    auto begin = one->instants.begin(), end = begin + one->size;
    auto place = std::ranges::upper_bound(begin, end, fresh.at, {}, &Instant::at);
    if (one->size < Claimant::kept) {
        std::move_backward(place, end, end + 1);
        *place = fresh;
        ++one->size;
    } else if (place != begin) {
        std::move(begin + 1, place, begin);
        *(place - 1) = fresh;
    }
    addresses_.touch(key);

    const auto station_key = with(scope(origin), claim.mac);
    auto& station = stations_.at(station_key);
    if (address->size == 1 && std::ranges::find(station.own, claim.ip) == station.own.end()) {
        std::ranges::move(station.own.begin() + 1, station.own.end(), station.own.begin());
        station.own.back() = claim.ip;
        stations_.touch(station_key);
    }
    if (address->size > 1) judge(origin, claim.ip, *address);
}

void Claims::asked(const observe::Origin& origin, const observe::Ip& ip, std::uint64_t messages) {
    const auto key = with(scope(origin), ip);
    if (auto* const address = addresses_.find(key)) {
        address->requests += messages;
        addresses_.touch(key);
    }
}

void Claims::declined(const observe::Origin& origin, const observe::Ip& ip) {
    if (!is_unicast(ip)) return;
    const auto lane = origin.parties.lane;
    Finding out;
    out.key = cat("address_refused|", where(lane), "|", observe::text(ip));
    out.kind = Kind::address_refused;
    out.severity = Severity::medium;
    out.realm = lane.realm;
    out.vlan = lane.vlan;
    out.address = ip;
    out.first = out.last = origin.at;
    out.until = origin.at + holds;
    out.evidence = origin.evidence;
    out.parties.push_back({Party::Role::gave_back,
                           {.ip = {}, .mac = speaker(origin).mac},
                           origin.at,
                           origin.at,
                           origin.evidence});
    if (const auto* const address = addresses_.find(with(scope(origin), ip)))
        for (std::size_t i = 0; i < address->size; ++i) {
            const auto& one = address->claimants[i];
            if (one.mac != speaker(origin).mac)
                out.parties.push_back({Party::Role::owner, {ip, one.mac}, one.first, one.last, one.evidence});
        }
    board_.raise(std::move(out));
}

void Claims::spoke(const observe::Origin& origin, Time at) {
    const auto& mac = speaker(origin).mac;
    if (mac == observe::Mac{}) return;
    const auto key = with(scope(origin), mac);
    auto* const known = stations_.find(key);
    if (!known || at < known->spoke + spoke_every) return; // Only who claims something is of interest.
    known->spoke = at;
    stations_.touch(key);
}

Claims::Alternation Claims::alternation(const Claimant& one, const Claimant& other) {
    struct Said {
        Time at;
        std::uint32_t to;
        bool second;
    };
    std::vector<Said> all;
    for (std::size_t i = 0; i < one.size; ++i) all.push_back({one.instants[i].at, one.instants[i].to, false});
    for (std::size_t i = 0; i < other.size; ++i)
        all.push_back({other.instants[i].at, other.instants[i].to, true});
    std::ranges::stable_sort(all, {}, &Said::at);
    Alternation out;
    std::size_t run = 0;
    for (std::size_t i = 1; i < all.size(); ++i) {
        if (all[i].second == all[i - 1].second) continue;
        const auto gap = all[i].at - all[i - 1].at;
        run = gap <= window ? run + 1 : 0;
        if (run < 2) continue;
        out.changes = std::max(out.changes, run);
        out.last = all[i].at;
        out.quick |= gap <= defence;
    }
    for (const auto& a : all)
        for (const auto& b : all) {
            if (a.second == b.second || a.to != b.to) continue;
            out.common_listener = true;
            out.echo |= a.to == 0 && a.at <= b.at && b.at - a.at <= echo_within;
        }
    return out;
}

bool Claims::has_another(const std::string& scope, const observe::Mac& mac, const observe::Ip& but) {
    const auto* const station = stations_.find(with(scope, mac));
    return station && std::ranges::any_of(station->own, [&](const observe::Ip& one) {
               return one != observe::Ip{} && one != but && is_v4(one) == is_v4(but);
           });
}

void Claims::judge(const observe::Origin& origin, const observe::Ip& ip, Address& address) {
    const auto lane = origin.parties.lane;
    const auto here = scope(origin);
    for (std::size_t i = 0; i < address.size; ++i)
        for (std::size_t j = i + 1; j < address.size; ++j) {
            const auto* one = &address.claimants[i];
            const auto* other = &address.claimants[j];
            if (std::tie(other->first, other->mac) < std::tie(one->first, one->mac)) std::swap(one, other);
            const auto found = alternation(*one, *other);
            const auto unasked = [&](const Claimant& who) {
                return who.announcements + who.answers > 2 * address.requests + 2;
            };
            // Who came later took over; the one before it may still be there and be mute about it.
            const bool owner_speaks = [&] {
                const auto* const owner = stations_.find(with(here, one->mac));
                return owner && owner->spoke > other->first + 1s &&
                       owner->spoke < other->last + spoofing_window;
            }();
            const bool neighbours = are_neighbours(one->mac, other->mac);
            // A thief may echo, too; but he has to say it again and again.
            if (found.echo && !unasked(*one) && !unasked(*other)) continue;
            bool conflict = found.changes >= 2;
            // A bond that balances tells each asker one of its ports; two devices both answer him.
            if (neighbours && !found.common_listener) conflict = false;
            // A shared address that moves between the members of a pair, each with an address of its own,
            // goes there and back; it does not do so again and again.
            const bool pair = has_another(here, one->mac, ip) && has_another(here, other->mac, ip);
            if (pair && !found.quick && found.changes < 4) conflict = false;
            if (conflict || (unasked(*other) && owner_speaks)) {
                contend(origin, here, *other,
                        {ip, one->mac, std::max(one->last, other->last), conflict, unasked(*other),
                         other->evidence});
                if (conflict)
                    contend(origin, here, *one,
                            {ip, other->mac, std::max(one->last, other->last), conflict, unasked(*one),
                             one->evidence});
            }
            if (!conflict) continue;
            Finding out;
            out.key = cat("duplicate_address|", where(lane), "|", observe::text(ip), "|",
                          observe::text(std::min(one->mac, other->mac)), "|",
                          observe::text(std::max(one->mac, other->mac)));
            // Part of something larger that is told already.
            const auto taken_by = [&](const observe::Mac& mac, Kind kind) {
                return board_.open(cat(word(kind), "|", where(lane), "|", observe::text(mac)), found.last);
            };
            if (taken_by(one->mac, Kind::arp_spoofing) || taken_by(other->mac, Kind::arp_spoofing) ||
                taken_by(one->mac, Kind::proxy_arp) || taken_by(other->mac, Kind::proxy_arp)) {
                board_.drop(out.key);
                continue;
            }
            out.kind = Kind::duplicate_address;
            out.severity = Severity::high;
            out.realm = lane.realm;
            out.vlan = lane.vlan;
            out.address = ip;
            out.first = std::max(one->first, other->first);
            out.last = found.last;
            out.until = found.last + holds;
            out.evidence = one->last > other->last ? one->evidence : other->evidence;
            for (const auto* who : {one, other})
                out.parties.push_back(
                    {Party::Role::claims, {ip, who->mac}, who->first, who->last, who->evidence});
            if (pair) out.facts.emplace_back("own_addresses", "both");
            if (neighbours) out.facts.emplace_back("neighbour_macs", "yes");
            board_.raise(std::move(out));
        }
}

void Claims::contend(const observe::Origin& origin, const std::string& where, const Claimant& one,
                     const Contended& contended) {
    const auto key = with(where, one.mac);
    auto& station = stations_.at(key);
    Contended* place = nullptr;
    for (std::size_t i = 0; i < station.size; ++i)
        if (station.contended[i].ip == contended.ip && station.contended[i].other == contended.other)
            place = &station.contended[i];
    if (place) {
        const auto before = *place;
        *place = contended;
        place->at = std::max(before.at, contended.at);
        place->alternating |= before.alternating;
        place->unasked |= before.unasked;
    } else {
        place = station.size < Station::contended_most
                    ? &station.contended[station.size++]
                    : &*std::ranges::min_element(station.contended, {}, &Contended::at);
        *place = contended;
    }
    stations_.touch(key);
    judge_station(origin, one.mac, station);
}

void Claims::judge_station(const observe::Origin& origin, const observe::Mac& mac, const Station& station) {
    const auto lane = origin.parties.lane;
    Time latest{};
    for (std::size_t i = 0; i < station.size; ++i) latest = std::max(latest, station.contended[i].at);
    std::vector<const Contended*> lately;
    bool unasked = false;
    std::size_t owners = 0, alternating = 0;
    for (std::size_t i = 0; i < station.size; ++i) {
        const auto& one = station.contended[i];
        if (one.at < latest - spoofing_window) continue;
        owners += std::ranges::none_of(lately, [&](const auto* known) { return known->other == one.other; });
        lately.push_back(&one);
        unasked |= one.unasked;
        alternating += one.alternating;
    }
    // Each of a crowd quarrels with its neighbour: only who quarrels with two others stands out. Owners who
    // all have moved to one address more are nobody's doing.
    if (owners < 2 || lately.size() < 2) return;
    const auto kind = unasked ? Kind::arp_spoofing : Kind::proxy_arp;
    if (kind == Kind::proxy_arp && alternating < 2) return;
    std::ranges::sort(lately, {}, &Contended::ip);
    Finding out;
    out.key = cat(word(kind), "|", where(lane), "|", observe::text(mac));
    out.kind = kind;
    out.severity = kind == Kind::arp_spoofing ? Severity::high : Severity::medium;
    out.realm = lane.realm;
    out.vlan = lane.vlan;
    out.last = latest;
    out.first = latest;
    out.until = latest + holds;
    out.parties.push_back({Party::Role::takes, {.ip = station.own.back(), .mac = mac}, latest, latest, {}});
    for (const auto* one : lately) {
        out.first = std::min(out.first, one->at);
        if (one->at == latest) {
            out.evidence = one->evidence;
            out.parties.front().evidence = one->evidence;
        }
        out.parties.push_back({Party::Role::owner, {one->ip, one->other}, one->at, one->at, one->evidence});
        board_.drop(cat("duplicate_address|", where(lane), "|", observe::text(one->ip), "|",
                        observe::text(std::min(mac, one->other)), "|",
                        observe::text(std::max(mac, one->other))));
    }
    if (kind == Kind::arp_spoofing) board_.drop(cat("proxy_arp|", where(lane), "|", observe::text(mac)));
    out.facts.emplace_back("addresses", cat(lately.size()));
    board_.raise(std::move(out));
}

void Claims::Address::pack(Packer& out) const {
    out.u64(requests).u8(size);
    for (std::size_t i = 0; i < size; ++i) {
        const auto& one = claimants[i];
        out.mac(one.mac).time(one.first).time(one.last).evidence(one.evidence).u64(one.answers);
        out.u64(one.announcements).u8(one.size);
        for (std::size_t k = 0; k < one.size; ++k) out.time(one.instants[k].at).u32(one.instants[k].to);
    }
}
void Claims::Address::unpack(Unpacker& in) {
    requests = in.u64();
    size = std::min<std::uint8_t>(in.u8(), claimants_most);
    for (std::size_t i = 0; i < size; ++i) {
        auto& one = claimants[i];
        one.mac = in.mac();
        one.first = in.time();
        one.last = in.time();
        one.evidence = in.evidence();
        one.answers = in.u64();
        one.announcements = in.u64();
        one.size = std::min<std::uint8_t>(in.u8(), Claimant::kept);
        for (std::size_t k = 0; k < one.size; ++k) {
            one.instants[k].at = in.time();
            one.instants[k].to = in.u32();
        }
    }
}
void Claims::Station::pack(Packer& out) const {
    out.time(spoke);
    for (const auto& ip : own) out.ip(ip);
    out.u8(size);
    for (std::size_t i = 0; i < size; ++i) {
        const auto& one = contended[i];
        out.ip(one.ip).mac(one.other).time(one.at).u8(
            static_cast<std::uint8_t>(one.alternating | one.unasked << 1));
        out.evidence(one.evidence);
    }
}
void Claims::Station::unpack(Unpacker& in) {
    spoke = in.time();
    for (auto& ip : own) ip = in.ip();
    size = std::min<std::uint8_t>(in.u8(), contended_most);
    for (std::size_t i = 0; i < size; ++i) {
        auto& one = contended[i];
        one.ip = in.ip();
        one.other = in.mac();
        one.at = in.time();
        const auto flags = in.u8();
        one.alternating = flags & 1;
        one.unasked = flags & 2;
        one.evidence = in.evidence();
    }
}

} // namespace yagura::see::health
