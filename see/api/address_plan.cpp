#include "see/api/address_plan.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <map>
#include <optional>

#include "spine/base/text.h"

namespace yagura::see {
namespace {

using namespace std::chrono_literals;

constexpr auto silent_after = 30 * 24h, week = 7 * 24h;
constexpr std::size_t cells_most = 256;

std::optional<std::uint32_t> v4(const observe::Ip& ip) {
    for (std::size_t i = 0; i < 10; ++i)
        if (ip[i] != 0) return std::nullopt;
    if (ip[10] != 0xff || ip[11] != 0xff) return std::nullopt;
    return static_cast<std::uint32_t>(ip[12]) << 24 | static_cast<std::uint32_t>(ip[13]) << 16 |
           static_cast<std::uint32_t>(ip[14]) << 8 | ip[15];
}
std::optional<std::uint32_t> v4(std::string_view text) {
    std::uint32_t out = 0;
    for (int part = 0; part < 4; ++part) {
        const auto end = std::min(text.find('.'), text.size());
        const auto value = number<std::uint32_t>(text.substr(0, end));
        if (!value || *value > 255 || (part < 3) != (end < text.size())) return std::nullopt;
        out = out << 8 | *value;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
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
        const auto address = v4(one.ip), value = v4(one.value);
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
    if (subnet.free.size() > plan_free_most) subnet.free.resize(plan_free_most);
}

} // namespace

std::string address_text(std::uint32_t address) {
    return cat(address >> 24, ".", address >> 16 & 255, ".", address >> 8 & 255, ".", address & 255);
}
std::string text(const PlannedSubnet& subnet) { return cat(address_text(subnet.network), "/", subnet.bits); }

std::vector<PlannedSubnet> address_plan(const store::PlanFacts& facts) {
    std::vector<PlannedSubnet> out;
    for (const auto& one : facts.declared) {
        const auto base = v4(one.network);
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
    std::map<std::uint32_t, std::vector<std::size_t>> used;
    for (std::size_t i = 0; i < facts.addresses.size(); ++i) {
        const auto address = v4(facts.addresses[i].ip);
        if (!address || *address >> 24 == 0 || *address >> 24 == 127 || *address >> 16 == 0xa9fe) continue;
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
        std::vector<std::uint32_t> addresses;
        for (const auto place : subnet.used) {
            const auto& one = facts.addresses[place];
            const auto address = *v4(one.ip);
            if (addresses.empty() || addresses.back() != address) {
                addresses.push_back(address);
                ++subnet.cells[static_cast<std::size_t>((address - subnet.network) / subnet.cell_size)];
            }
            subnet.silent += one.last + silent_after < facts.now;
            const auto ago = (facts.now - one.first) / week;
            if (ago >= 0 && ago < static_cast<std::int64_t>(plan_weeks))
                ++subnet.weeks[plan_weeks - 1 - static_cast<std::size_t>(ago)];
        }
        count_free(subnet, addresses);
        for (auto* const list : {&subnet.masks, &subnet.gateways})
            std::ranges::stable_sort(*list, std::greater{}, [](const auto& one) { return one.second; });
    }
    std::ranges::sort(out, [](const auto& one, const auto& other) {
        return std::tie(one.network, one.bits) < std::tie(other.network, other.bits);
    });
    return out;
}

} // namespace yagura::see
