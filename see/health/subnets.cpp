#include "see/health/subnets.h"

#include <bit>
#include <map>

#include "see/health/places.h"

namespace yagura::see::health {
namespace {

using namespace std::chrono_literals;

/// What a station said of its settings is true until it says something else; not for ever.
constexpr auto holds = 7 * 24h;
constexpr std::size_t looked_at_most = 2'048;

constexpr std::uint32_t network(std::uint32_t address, unsigned bits) noexcept {
    return bits == 0 ? 0 : address & ~std::uint32_t{0} << (32 - bits);
}

/// Nothing, if its ones are not at its beginning.
std::optional<std::uint8_t> bits_of(std::string_view mask) {
    const auto ip = ip_of(mask);
    if (!ip || !is_v4(*ip)) return std::nullopt;
    const auto four = v4(*ip);
    const auto ones = std::countl_one(four);
    if (std::popcount(four) != ones || ones == 0) return std::nullopt;
    return static_cast<std::uint8_t>(ones);
}

std::string mask_text(unsigned bits) { return observe::text(mapped(network(~std::uint32_t{0}, bits))); }

} // namespace

Subnets::Subnets(Board& board, const Most& most) : board_{board}, stations_{5, most.stations} {}

void Subnets::index() {
    places_.clear();
    stations_.each(
        [&](const std::string& key, Told& one) { places_[{one.evidence.source, v4(one.who.ip)}] = key; });
}

Subnets::Told* Subnets::told(const observe::Origin& origin, const observe::Station& who,
                             std::string_view by) {
    if (!is_unicast(who.ip) || !is_v4(who.ip)) return nullptr;
    const auto key = with(Packer{}.u32(origin.evidence.source).take(), who.ip);
    auto& one = stations_.at(key);
    if (one.first == observe::Time{}) one.first = origin.at;
    one.who.ip = who.ip;
    if (who.has_mac()) one.who.mac = who.mac;
    one.by = by.substr(0, 64);
    one.realm = origin.parties.lane.realm;
    one.vlan = origin.parties.lane.vlan;
    one.last = std::max(one.last, origin.at);
    one.evidence = origin.evidence;
    stations_.touch(key);
    places_[{origin.evidence.source, v4(who.ip)}] = key;
    if (places_.size() > 2 * stations_.most()) index(); // Those of stations that are forgotten.
    return &one;
}

void Subnets::mask(const observe::Origin& origin, const observe::Station& who, std::string_view text,
                   std::string_view by) {
    const auto bits = bits_of(text);
    // /32 is what point-to-point links and some clouds give on purpose.
    if (!bits || *bits < 8 || *bits > 30) return;
    auto* const one = told(origin, who, by);
    if (!one) return;
    one->bits = *bits;
    judge(origin, *one);
}

void Subnets::gateway(const observe::Origin& origin, const observe::Station& who, std::string_view text,
                      std::string_view by) {
    const auto ip = ip_of(text);
    if (!ip || !is_v4(*ip) || !is_unicast(*ip)) return;
    auto* const one = told(origin, who, by);
    if (!one) return;
    one->gateway = v4(*ip);
    judge(origin, *one);
}

void Subnets::judge(const observe::Origin&, const Told& fresh) {
    const auto address = v4(fresh.who.ip);
    const auto source = fresh.evidence.source;
    const auto base = [&](Kind kind, unsigned bits) {
        Finding out;
        out.kind = kind;
        out.realm = fresh.realm;
        out.vlan = fresh.vlan;
        out.bits = static_cast<std::uint8_t>(96 + bits);
        out.address = mapped(network(address, bits));
        out.first = fresh.first;
        out.last = fresh.last;
        out.until = fresh.last + holds;
        out.evidence = fresh.evidence;
        return out;
    };
    if (fresh.bits != 0 && fresh.gateway != 0) {
        const auto key = cat("gateway_outside|", static_cast<unsigned>(fresh.realm), "|",
                             observe::text(fresh.who.ip));
        if (network(fresh.gateway, fresh.bits) != network(address, fresh.bits)) {
            auto out = base(Kind::gateway_outside, fresh.bits);
            out.key = key;
            out.severity = Severity::medium;
            out.parties.push_back({Party::Role::differs, fresh.who, fresh.first, fresh.last, fresh.evidence});
            out.facts = {{"mask", mask_text(fresh.bits)},
                         {"gateway", observe::text(mapped(fresh.gateway))},
                         {"by", fresh.by}};
            board_.raise(std::move(out));
        } else {
            board_.end(key, fresh.last);
        }
    }
    if (fresh.bits == 0) return;
    // Everybody whose own subnet this station is in, or who is in this one's. The widest says where to look.
    const auto widest = std::max(8u, std::min<unsigned>(fresh.bits, 16));
    std::vector<Told*> all;
    std::size_t looked = 0;
    for (auto at = places_.lower_bound({source, network(address, widest)});
         at != places_.end() && at->first.first == source &&
         network(at->first.second, widest) == network(address, widest) && looked < looked_at_most;
         ++at, ++looked) {
        auto* const one = stations_.find(at->second);
        if (!one || one->bits == 0 || one->vlan != fresh.vlan) continue;
        const auto theirs = v4(one->who.ip);
        // Both must be in both: a small subnet inside a large one elsewhere is routing, not disagreement,
        // unless either of them reaches for the other directly.
        const auto narrow = std::max(one->bits, fresh.bits);
        if (network(theirs, narrow) == network(address, narrow)) all.push_back(one);
    }
    std::map<std::uint8_t, std::size_t> masks;
    std::map<std::uint32_t, std::size_t> gateways;
    for (const auto* one : all) {
        ++masks[one->bits];
        if (one->gateway != 0) ++gateways[one->gateway];
    }
    const auto most = [](const auto& counts) {
        return std::ranges::max_element(counts, {}, [](const auto& one) { return one.second; })->first;
    };
    const auto usual_bits = most(masks);
    const auto mask_key = [&](unsigned bits) {
        return cat("mask_disagrees|", static_cast<unsigned>(fresh.realm), "|", fresh.vlan, "|",
                   observe::text(mapped(network(address, bits))));
    };
    const auto narrowest = masks.rbegin()->first;
    if (masks.size() > 1) {
        auto out = base(Kind::mask_disagrees, narrowest);
        out.key = mask_key(narrowest);
        out.severity = Severity::medium;
        for (const auto* one : all)
            if (one->bits != usual_bits && out.parties.size() < 32) {
                out.parties.push_back({Party::Role::differs, one->who, one->first, one->last, one->evidence});
                out.facts.emplace_back(cat("mask", out.parties.size()), mask_text(one->bits));
            }
        out.facts.emplace_back("usual_mask", mask_text(usual_bits));
        out.facts.emplace_back("stations", cat(all.size()));
        board_.raise(std::move(out));
    } else {
        for (unsigned bits = 8; bits <= 30; ++bits) board_.end(mask_key(bits), fresh.last);
    }
    const auto gateway_key = cat("gateway_disagrees|", static_cast<unsigned>(fresh.realm), "|", fresh.vlan,
                                 "|", observe::text(mapped(network(address, fresh.bits))));
    if (gateways.size() > 1) {
        const auto usual = most(gateways);
        auto out = base(Kind::gateway_disagrees, fresh.bits);
        out.key = gateway_key;
        // Two routers may be meant: a redundant pair, a line's own way out.
        out.severity = Severity::low;
        for (const auto* one : all)
            if (one->gateway != 0 && one->gateway != usual && out.parties.size() < 32) {
                out.parties.push_back({Party::Role::differs, one->who, one->first, one->last, one->evidence});
                out.facts.emplace_back(cat("gateway", out.parties.size()),
                                       observe::text(mapped(one->gateway)));
            }
        out.facts.emplace_back("usual_gateway", observe::text(mapped(usual)));
        out.facts.emplace_back("stations", cat(all.size()));
        board_.raise(std::move(out));
    } else {
        board_.end(gateway_key, fresh.last);
    }
}

void Subnets::Told::pack(Packer& out) const {
    out.station(who).u8(bits).u32(gateway).text(by).u32(static_cast<std::uint32_t>(realm)).u32(vlan);
    out.time(first).time(last).evidence(evidence);
}
void Subnets::Told::unpack(Unpacker& in) {
    who = in.station();
    bits = in.u8();
    gateway = in.u32();
    by = in.text();
    realm = static_cast<observe::Realm>(in.u32());
    vlan = static_cast<std::uint16_t>(in.u32());
    first = in.time();
    last = in.time();
    evidence = in.evidence();
}

} // namespace yagura::see::health
