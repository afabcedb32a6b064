#include "see/api/address_plan.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "spine/base/text.h"
#include "spine/observe/subnet.h"

namespace yagura::see {
namespace {

using namespace std::chrono_literals;

constexpr auto silent_after = 30 * 24h, week = 7 * 24h;
constexpr std::size_t cells_most = 256;

std::optional<std::uint32_t> four(const observe::Ip& ip) {
    return observe::is_v4(ip) ? std::optional{observe::v4(ip)} : std::nullopt;
}
std::optional<std::uint32_t> four(std::string_view text) {
    const auto ip = observe::ip_of(text);
    return ip ? four(*ip) : std::nullopt;
}
constexpr std::uint32_t network(std::uint32_t address, unsigned bits) {
    return bits == 0 ? 0 : address & ~std::uint32_t{0} << (32 - bits);
}
constexpr std::uint32_t end_of(std::uint32_t network, unsigned bits) {
    return bits == 0 ? ~std::uint32_t{0} : network | ~(~std::uint32_t{0} << (32 - bits));
}
bool overlap(const PlannedSubnet& one, std::uint32_t network_, unsigned bits) {
    const auto wide = std::min(one.bits, bits);
    return network(one.network, wide) == network(network_, wide);
}

struct Told {
    std::uint32_t address = 0;
    std::string value{};
    bool gateway = false;
    unsigned bits = 0;
};

std::vector<Told> told_of(const store::PlanFacts& facts) {
    std::vector<Told> out;
    for (const auto& one : facts.told) {
        const auto address = four(one.ip), value = four(one.value);
        if (!address || !value) continue;
        unsigned bits = 0;
        if (!one.gateway) {
            bits = static_cast<unsigned>(std::countl_one(*value));
            if (std::popcount(*value) != static_cast<int>(bits) || bits < 8 || bits > 30) continue;
        }
        out.push_back({*address, one.value, one.gateway, bits});
    }
    return out;
}

void count_free(PlannedSubnet& subnet, const std::vector<std::uint32_t>& used) {
    const bool whole = subnet.bits >= 31;
    const std::uint64_t first = std::uint64_t{subnet.network} + (whole ? 0 : 1),
                        last = std::uint64_t{end_of(subnet.network, subnet.bits)} - (whole ? 0 : 1);
    auto at = first;
    const auto add = [&](std::uint64_t until) {
        if (at < until)
            subnet.free.emplace_back(static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(until - 1));
    };
    for (const auto one : used) {
        if (one < first || one > last) continue;
        add(one);
        at = std::uint64_t{one} + 1;
    }
    add(last + 1);
    std::ranges::stable_sort(subnet.free, std::greater{},
                             [](const auto& range) { return range.second - range.first; });
    subnet.free_cut = subnet.free.size() > plan_free_most;
    if (subnet.free_cut) subnet.free.resize(plan_free_most);
}

} // namespace

std::string address_text(std::uint32_t address) {
    return cat(address >> 24, ".", address >> 16 & 255, ".", address >> 8 & 255, ".", address & 255);
}
std::string text(const PlannedSubnet& subnet) { return cat(address_text(subnet.network), "/", subnet.bits); }

std::vector<PlannedSubnet> address_plan(const store::PlanFacts& facts) {
    std::vector<PlannedSubnet> out;
    for (const auto& one : facts.declared) {
        const auto base = four(one.network);
        if (!base || one.bits < 96 + 8) continue;
        const auto bits = one.bits - 96u;
        const auto same = std::ranges::find_if(
            out, [&](const auto& known) { return known.network == *base && known.bits == bits; });
        if (same != out.end())
            same->lines.push_back(one.line);
        else
            out.push_back(
                {.network = *base, .bits = bits, .how = PlannedSubnet::How::declared, .lines = {one.line}});
    }
    // What most say stands; whoever says otherwise inside of it disagrees.
    const auto told = told_of(facts);
    std::map<std::pair<std::uint32_t, unsigned>, std::size_t> masks;
    for (const auto& one : told)
        if (!one.gateway) ++masks[{network(one.address, one.bits), one.bits}];
    std::vector<std::pair<std::size_t, std::pair<std::uint32_t, unsigned>>> by_support;
    for (const auto& [subnet, support] : masks) by_support.emplace_back(support, subnet);
    std::ranges::stable_sort(by_support, std::greater{}, [](const auto& one) { return one.first; });
    for (const auto& [support, subnet] : by_support) {
        if (out.size() >= plan_subnets_most) break;
        if (std::ranges::none_of(
                out, [&](const auto& known) { return overlap(known, subnet.first, subnet.second); }))
            out.push_back({.network = subnet.first, .bits = subnet.second, .how = PlannedSubnet::How::told});
    }
    const auto find = [&](std::uint32_t address) -> PlannedSubnet* {
        PlannedSubnet* best = nullptr;
        for (auto& one : out)
            if (network(address, one.bits) == one.network && (!best || one.bits > best->bits)) best = &one;
        return best;
    };
    // Whatever subnet shows it: an address that somebody has, or that stations have for a gateway, is not
    // free.
    std::set<std::uint32_t> taken;
    for (const auto& one : told)
        if (one.gateway)
            if (const auto address = four(one.value)) taken.insert(*address);
    for (std::size_t i = 0; i < facts.addresses.size(); ++i) {
        const auto address = four(facts.addresses[i].ip);
        if (!address || *address >> 24 == 0 || *address >> 24 == 127 || *address >> 16 == 0xa9fe) continue;
        taken.insert(*address);
        auto* subnet = find(*address);
        if (!subnet) {
            if (out.size() >= plan_subnets_most) continue;
            out.push_back({.network = network(*address, 24), .bits = 24, .how = PlannedSubnet::How::assumed});
            subnet = &out.back();
        }
        subnet->used.push_back(i);
    }
    for (const auto& one : told) {
        auto* const subnet = find(one.address);
        if (!subnet) continue;
        auto& list = one.gateway ? subnet->gateways : subnet->masks;
        const auto known = std::ranges::find(list, one.value, &std::pair<std::string, std::uint64_t>::first);
        if (known == list.end())
            list.emplace_back(one.value, 1);
        else
            ++known->second;
    }
    for (auto& subnet : out) {
        const auto all = std::uint64_t{1} << (32 - subnet.bits);
        subnet.cell_size = std::max<std::uint64_t>(1, all / cells_most);
        subnet.cells.assign(static_cast<std::size_t>(all / subnet.cell_size), 0);
        subnet.weeks.assign(plan_weeks, 0);
        // One address may stand there for several devices: they lie together.
        for (std::size_t at = 0; at < subnet.used.size();) {
            const auto address = *four(facts.addresses[subnet.used[at]].ip);
            auto first = facts.addresses[subnet.used[at]].first, last = facts.addresses[subnet.used[at]].last;
            for (; at < subnet.used.size() && *four(facts.addresses[subnet.used[at]].ip) == address; ++at) {
                first = std::min(first, facts.addresses[subnet.used[at]].first);
                last = std::max(last, facts.addresses[subnet.used[at]].last);
            }
            ++subnet.addresses;
            ++subnet.cells[static_cast<std::size_t>((address - subnet.network) / subnet.cell_size)];
            subnet.silent += last + silent_after < facts.now;
            const auto ago = (facts.now - first) / week;
            if (ago >= 0 && ago < static_cast<std::int64_t>(plan_weeks))
                ++subnet.weeks[plan_weeks - 1 - static_cast<std::size_t>(ago)];
        }
        count_free(subnet, {taken.lower_bound(subnet.network),
                            taken.upper_bound(end_of(subnet.network, subnet.bits))});
        for (auto* const list : {&subnet.masks, &subnet.gateways})
            std::ranges::stable_sort(*list, std::greater{}, [](const auto& one) { return one.second; });
    }
    std::ranges::sort(out, [](const auto& one, const auto& other) {
        return std::tie(one.network, one.bits) < std::tie(other.network, other.bits);
    });
    return out;
}

} // namespace yagura::see
