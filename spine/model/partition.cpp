// Which marks make one device. Everything here follows from what was observed (bindings, vouching, who
// spoke), so the same observations in any order give the same devices.
#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "spine/model/inside.h"

namespace yagura::model {
namespace {

/// A MAC that is vouched for with more IPv4 addresses than this stands for others: proxy ARP, NAT, a liar.
constexpr std::size_t few = 8;
constexpr std::uint8_t guess = 70; ///< strength up to which a holding was neither seen nearby nor told
constexpr std::uint64_t heard_often = 10;
/// Two interfaces of one box have MACs that were given together.
constexpr std::uint32_t neighbouring_macs = 64;

/// What joins two marks, strongest first.
struct Why {
    std::string_view rule = "alone";
    std::uint8_t strength = 50;
};

class Groups {
public:
    explicit Groups(std::size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), 0u); }
    NodeIndex find(NodeIndex a) {
        while (parent_[a] != a) a = parent_[a] = parent_[parent_[a]];
        return a;
    }
    void join(NodeIndex a, NodeIndex b) { parent_[find(a)] = find(b); }

private:
    std::vector<NodeIndex> parent_;
};

/// An address as one MAC's: since when, and how well that stands.
struct Holding {
    NodeIndex mac = nobody;
    observe::Time first{}, last{};
    Why why;
    bool spoken = false; ///< frames of the MAC carried it, it was not only told
};

bool stronger(const Holding& a, const Holding& b, const std::deque<Mark>& marks) {
    // A guess gives way to what was seen or told. Beyond that, who was there first has it: a later claim
    // while the first goes on is a conflict or a lie.
    const auto order = [&](const Holding& one) {
        return std::tuple{!one.spoken, one.why.strength <= guess, one.first,
                          std::string_view{marks[one.mac].row.node.mark}};
    };
    return order(a) < order(b);
}

std::uint32_t low(const observe::Mac& mac) {
    return static_cast<std::uint32_t>(mac[3]) << 16 | static_cast<std::uint32_t>(mac[4]) << 8 | mac[5];
}

/// A chassis and its ports have MACs of one maker; a guest that tells its host's has not.
bool same_block(const observe::Mac& a, const observe::Mac& b) {
    return std::equal(a.begin(), a.begin() + 3, b.begin());
}

} // namespace

bool Plant::Inside::outside(const Mark& mark) const noexcept {
    return mark.row.node.kind == Node::Kind::ip && !is_private(mark.ip) && !mark.near &&
           mark.vouched < believed && mark.by_private && !mark.by_public;
}

State Plant::Inside::state_of(const Mark& mark) const noexcept {
    if (mark.group) return State::mentioned;
    if (!mark.spoke) return mark.vouched >= believed ? State::claimed : State::mentioned;
    if (outside(mark)) return State::outside;
    const bool sure = mark.answered || mark.vouched >= believed ||
                      (mark.frames >= heard_often && (mark.row.node.kind == Node::Kind::mac || mark.near));
    return sure ? State::confirmed : State::unconfirmed;
}

DeviceRow& Plant::Inside::device_row(DeviceId id) {
    auto& row = devices[id.value];
    row.id = id;
    changed_devices.push_back(id.value);
    return row;
}

void Plant::Inside::end_link(Mark& mark, observe::Time until) {
    for (auto& link : mark.links)
        if (!link.until) {
            link.until = std::max(until, link.from);
            mark.links_dirty = true;
        }
    mark.device = {};
}

void Plant::Inside::begin_link(Mark& mark, DeviceId device, observe::Time from, Link::By by,
                               std::string_view rule, std::uint8_t strength) {
    const auto replaces = mark.links.empty() ? LinkId{} : mark.links.back().id;
    mark.links.push_back({.by = by,
                          .id = {std::uint64_t{site} << 47 | ++last_link},
                          .node = mark.row.id,
                          .device = device,
                          .from = from,
                          .until = std::nullopt,
                          .rule = std::string{rule},
                          .strength = strength,
                          .replaces = replaces});
    mark.device = device;
    mark.links_dirty = true;
}

namespace {

/// One run over everything; its members are what the steps hand on.
struct Partition {
    std::deque<Mark>& marks;
    std::deque<Binding>& bindings;
    const Plant::Inside& in;
    Groups groups;
    std::vector<std::vector<Holding>> holdings; ///< of each IP, oldest first; the last has it now
    std::vector<Why> why;
    std::vector<NodeIndex> follows;    ///< an IP whose MAC a person put somewhere
    std::vector<std::uint8_t> carried; ///< an IP that was seen through somebody else's MAC

    void join(NodeIndex a, NodeIndex b, Why reason) {
        if (marks[a].pinned || marks[b].pinned) return;
        groups.join(a, b);
        for (const auto index : {a, b})
            if (why[index].strength < reason.strength || why[index].rule == "alone") why[index] = reason;
    }

    /// Step 1: of each MAC, which addresses are its own.
    void own_addresses(NodeIndex index) {
        auto& mac = marks[index];
        std::vector<const Binding*> own, rest;
        bool passes_on = mac.crowded;
        for (const auto at : mac.bindings) {
            const auto& binding = bindings[at];
            const auto& ip = marks[binding.other];
            if (binding.mac != index || ip.row.node.kind != Node::Kind::ip || ip.group) continue;
            if (binding.row.vouched >= believed || binding.row.near || is_link_local(ip.ip)) {
                own.push_back(&binding);
            } else if (binding.row.frames) {
                if (in.outside(ip)) {
                    passes_on = passes_on || ip.answered;
                    carried[binding.other] = 1;
                } else {
                    rest.push_back(&binding);
                }
            }
        }
        const auto hold = [&](const Binding& binding, Why reason) {
            holdings[binding.other].push_back(
                {index, binding.row.first, binding.row.last, reason, binding.row.frames});
        };
        // Of the rest: a second address of the same subnet is the station's, one of another came through it.
        std::vector<const Binding*> far;
        for (const auto* binding : rest) {
            const auto& ip = marks[binding->other].ip;
            const bool kin = std::ranges::any_of(
                own, [&](const Binding* of) { return is_near(marks[of->other].ip, ip); });
            if (kin)
                hold(*binding, {"same subnet", guess});
            else
                far.push_back(binding);
        }
        std::size_t far_v4 = 0, own_v4 = 0, far_v6 = 0;
        for (const auto* binding : far) ++(is_v4(marks[binding->other].ip) ? far_v4 : far_v6);
        for (const auto* binding : own)
            if (is_v4(marks[binding->other].ip) && !is_link_local(marks[binding->other].ip)) ++own_v4;
        const bool alone_v4 = far_v4 == 1 && own_v4 == 0 && !passes_on;
        for (const auto* binding : far) {
            const auto& ip = marks[binding->other];
            if (is_v4(ip.ip) ? alone_v4 : far_v4 <= (alone_v4 ? 1u : 0u) && far_v6 <= few && !passes_on) {
                hold(*binding, {"only address", 60});
                continue;
            }
            carried[binding->other] = 1;
            passes_on = passes_on || ip.answered;
        }
        for (const auto* binding : own)
            hold(*binding, binding->row.vouched >= believed ? Why{"told", 90} : Why{"own subnet", 80});
        mac.router = passes_on;
    }

    /// Step 2: of each address, who has it now and who had it before.
    void holders(NodeIndex index) {
        auto& all = holdings[index];
        if (all.size() < 2) return;
        // A guess is no move: a router carries the frames of whom it told of in ARP, or saw, at its own leg.
        const auto guessed = [](const Holding& one) { return one.why.strength <= guess; };
        if (!std::ranges::all_of(all, guessed)) std::erase_if(all, guessed);
        std::ranges::sort(all, [&](const Holding& a, const Holding& b) {
            return std::tie(a.first, marks[a.mac].row.node.mark) <
                   std::tie(b.first, marks[b.mac].row.node.mark);
        });
        std::vector<Holding> chain;
        for (const auto& next : all) {
            if (chain.empty() || next.first > chain.back().last)
                chain.push_back(next);
            else if (stronger(next, chain.back(), marks))
                chain.back() = next;
        }
        all = std::move(chain);
    }

    /// A MAC that carries addresses which others turn out to have passes frames on.
    void carriers() {
        for (NodeIndex i = 0; i < marks.size(); ++i)
            for (const auto at : marks[i].bindings) {
                const auto& binding = bindings[at];
                if (binding.other != i || holdings[i].empty() || !binding.row.frames || !marks[i].answered)
                    continue;
                const bool own = binding.row.vouched >= believed || binding.row.near ||
                                 is_link_local(marks[i].ip);
                if (!own && std::ranges::none_of(holdings[i],
                                                 [&](const Holding& one) { return one.mac == binding.mac; }))
                    marks[binding.mac].router = true;
            }
    }

    /// Step 3: a MAC that ends up with too many addresses has none.
    void crowds() {
        std::vector<std::uint32_t> count(marks.size());
        for (NodeIndex i = 0; i < marks.size(); ++i)
            if (!holdings[i].empty() && is_v4(marks[i].ip)) ++count[holdings[i].back().mac];
        for (NodeIndex i = 0; i < marks.size(); ++i) {
            if (holdings[i].empty() || count[holdings[i].back().mac] <= few) continue;
            marks[holdings[i].back().mac].router = true;
            carried[i] = 1;
            holdings[i].clear();
        }
    }

    /// Step 4: one chassis, one serial, one name.
    void join_all() {
        for (NodeIndex i = 0; i < marks.size(); ++i) {
            if (holdings[i].empty() || is_virtual(marks[holdings[i].back().mac].mac)) continue;
            const auto& now = holdings[i].back();
            if (marks[now.mac].pinned && !marks[i].pinned)
                why[i] = now.why, follows[i] = now.mac; // An address goes where a person put its MAC.
            else
                join(i, now.mac, now.why);
        }
        for (const auto& binding : bindings)
            if (marks[binding.other].row.node.kind == Node::Kind::mac && binding.row.vouched >= believed &&
                same_block(marks[binding.mac].mac, marks[binding.other].mac))
                join(binding.mac, binding.other, {"chassis", 95});
        std::vector<std::vector<NodeIndex>> tellers(marks.size());
        for (NodeIndex i = 0; i < marks.size(); ++i)
            if (marks[i].live)
                for (const auto mark : marks[i].marks) tellers[mark].push_back(i);
        for (NodeIndex i = 0; i < marks.size(); ++i) {
            if (tellers[i].size() < 2) continue;
            const bool serial = marks[i].row.node.kind == Node::Kind::serial;
            for (std::size_t a = 1; a < tellers[i].size(); ++a)
                for (std::size_t b = 0; b < std::min<std::size_t>(a, few); ++b) {
                    const auto one = tellers[i][a], two = tellers[i][b];
                    if (serial ? same_maker(one, two) : neighbours(one, two) && !names_differ(one, two))
                        join(one, two, serial ? Why{"serial", 85} : Why{"name", 60});
                }
        }
        for (NodeIndex i = 0; i < marks.size(); ++i) {
            if (!marks[i].live || tellers[i].empty()) continue;
            const auto group = groups.find(tellers[i].front());
            if (std::ranges::all_of(tellers[i],
                                    [&](NodeIndex teller) { return groups.find(teller) == group; }))
                join(i, tellers[i].front(), {"told by it", 80});
        }
    }

    /// Serials are numbered by maker: two that name different ones are two things.
    bool same_maker(NodeIndex a, NodeIndex b) const {
        const auto vendors = [&](NodeIndex of) {
            std::set<std::string_view> out;
            for (const auto& fact : marks[of].facts)
                if (fact.attribute == observe::Attribute::vendor) out.insert(fact.value);
            return out;
        };
        const auto one = vendors(a), two = vendors(b);
        if (one.empty() || two.empty()) return true;
        return std::ranges::any_of(one, [&](auto vendor) { return two.contains(vendor); });
    }

    /// Names by protocol, of the address and of its MAC: DHCP tells a MAC's, SMB an address's.
    std::map<std::string_view, std::set<std::string_view>> names_of(NodeIndex of) const {
        std::map<std::string_view, std::set<std::string_view>> out;
        for (const auto index : {of, mac_of(of)})
            if (index != nobody)
                for (const auto& fact : marks[index].facts)
                    if (fact.attribute == observe::Attribute::name) out[fact.protocol].insert(fact.value);
        return out;
    }
    /// Where one and the same protocol has a name for either and none in common, what else they share is only
    /// what nobody changed: two PCs that were bought together and are both "localhost" in DNS.
    bool names_differ(NodeIndex a, NodeIndex b) const {
        const auto one = names_of(a), two = names_of(b);
        return std::ranges::any_of(one, [&](const auto& told) {
            const auto& [protocol, names] = told;
            const auto other = two.find(protocol);
            return other != two.end() &&
                   std::ranges::none_of(names, [&](auto name) { return other->second.contains(name); });
        });
    }

    NodeIndex mac_of(NodeIndex of) const {
        if (marks[of].row.node.kind == Node::Kind::mac) return of;
        return holdings[of].empty() ? nobody : holdings[of].back().mac;
    }
    /// A name alone joins nothing ("plc_1" is in every second plant): their MACs must have been given
    /// together.
    bool neighbours(NodeIndex a, NodeIndex b) const {
        const auto one = mac_of(a), two = mac_of(b);
        if (one == nobody || two == nobody || one == two) return false;
        const auto &x = marks[one].mac, &y = marks[two].mac;
        if (is_local(x) || !std::equal(x.begin(), x.begin() + 3, y.begin())) return false;
        return std::max(low(x), low(y)) - std::min(low(x), low(y)) <= neighbouring_macs;
    }

    /// May this mark be a device on its own, or only follow another?
    bool stands(NodeIndex index) const {
        const auto& mark = marks[index];
        if (!mark.live || mark.group) return false;
        if (mark.pinned) return mark.device != DeviceId{};
        if (mark.row.node.kind == Node::Kind::mac)
            return !is_virtual(mark.mac) && (mark.spoke || mark.vouched >= believed);
        if (mark.row.node.kind != Node::Kind::ip) return false;
        // Of a virtual router's address nobody knows which box it is; who speaks from its MAC is one of them.
        if (!holdings[index].empty())
            return !is_virtual(marks[holdings[index].back().mac].mac) || holdings[index].back().spoken;
        if (in.outside(mark)) return false;
        if (mark.vouched >= believed) return true;
        // Through somebody else's MAC anybody can be forged: only who was answered is there.
        const bool through = carried[index] || mark.behind;
        return mark.spoke && (!through || (mark.answered && (is_v4(mark.ip) || is_private(mark.ip))));
    }
};

} // namespace

void Plant::Inside::settle() {
    if (!std::exchange(moved, false)) return;
    const auto size = marks.size();
    Partition step{.marks = marks,
                   .bindings = bindings,
                   .in = *this,
                   .groups = Groups{size},
                   .holdings = std::vector<std::vector<Holding>>(size),
                   .why = std::vector<Why>(size),
                   .follows = std::vector<NodeIndex>(size, nobody),
                   .carried = std::vector<std::uint8_t>(size)};
    for (NodeIndex i = 0; i < marks.size(); ++i)
        if (marks[i].live && !marks[i].group && marks[i].row.node.kind == Node::Kind::mac)
            step.own_addresses(i);
    for (NodeIndex i = 0; i < marks.size(); ++i) step.holders(i);
    step.carriers();
    step.crowds();
    step.join_all();

    struct Group {
        std::vector<NodeIndex> all;
        bool stands = false, has_mac = false;
        observe::Time first = observe::Time::max();
        std::tuple<Node::Kind, std::string_view> least{Node::Kind::certificate, {}};
        DeviceId device{};
    };
    std::unordered_map<NodeIndex, Group> by_root;
    std::vector<NodeIndex> roots;
    for (NodeIndex i = 0; i < marks.size(); ++i) {
        const auto kind = marks[i].row.node.kind;
        if (!marks[i].live || marks[i].group || kind == Node::Kind::part) continue;
        const auto root = step.groups.find(i);
        auto& group = by_root[root];
        if (group.all.empty()) roots.push_back(root);
        group.all.push_back(i);
        group.stands = group.stands || step.stands(i);
        group.has_mac = group.has_mac || kind == Node::Kind::mac;
    }
    for (auto& [root, group] : by_root)
        for (const auto i : group.all) {
            const auto kind = marks[i].row.node.kind;
            if (kind != Node::Kind::mac && (kind != Node::Kind::ip || group.has_mac)) continue;
            group.first = std::min(group.first, marks[i].row.first);
            const std::tuple<Node::Kind, std::string_view> name{kind, marks[i].row.node.mark};
            group.least = std::min(group.least, name);
        }
    std::erase_if(roots, [&](NodeIndex root) { return !by_root[root].stands; });
    std::ranges::sort(roots, [&](NodeIndex a, NodeIndex b) {
        return std::tie(by_root[a].first, by_root[a].least) < std::tie(by_root[b].first, by_root[b].least);
    });

    // A group keeps the device that its MACs had; of several the oldest. A device stays with one group only.
    std::map<std::uint64_t, std::pair<int, NodeIndex>> claims;
    for (const auto root : roots)
        for (const auto i : by_root[root].all) {
            if (marks[i].device == DeviceId{} || marks[i].pinned || step.follows[i] != nobody) continue;
            const int weight = marks[i].row.node.kind == Node::Kind::mac ? 2 : 1;
            auto& claim = claims.try_emplace(marks[i].device.value, 0, nobody).first->second;
            if (weight > claim.first) claim = {weight, root};
        }
    for (const auto& [device, claim] : claims) // In the order of ids: the oldest device wins.
        if (auto& group = by_root[claim.second]; group.device == DeviceId{}) group.device = {device};
    for (const auto root : roots) {
        auto& group = by_root[root];
        // A person's word: the mark goes where it was put, whoever else is there. Joined to nothing, it is a
        // group of its own.
        if (const auto& only = marks[group.all[0]]; group.all.size() == 1) {
            if (only.pinned) group.device = only.device;
            if (const auto mac = step.follows[group.all[0]]; mac != nobody) group.device = marks[mac].device;
        }
        if (group.device == DeviceId{}) group.device = {std::uint64_t{site} << 47 | ++last_device};
    }

    members.clear();
    std::unordered_map<std::uint64_t, DeviceRow> fresh;
    std::vector<DeviceId> device_of(marks.size());
    for (const auto root : roots)
        for (const auto i : by_root[root].all) device_of[i] = by_root[root].device;
    for (NodeIndex i = 0; i < marks.size(); ++i) {
        auto& mark = marks[i];
        if (!mark.live) continue;
        if (const auto state = state_of(mark); state != mark.row.state) {
            mark.row.state = state;
            changed(i);
        }
        const auto device = device_of[i];
        const auto& held = step.holdings[i];
        if (device != mark.device && !mark.pinned) {
            const bool had = mark.device != DeviceId{};
            // Since the new holder has it; a mark that was nobody's since it was first seen.
            auto from = mark.links.empty() ? mark.row.first : now;
            if (held.size() > 1 || (had && !held.empty())) from = held.empty() ? now : held.back().first;
            end_link(mark, from);
            // Who had the address before, if nobody has written that down yet.
            if (!had && device != DeviceId{})
                for (std::size_t k = 0; k + 1 < held.size(); ++k)
                    if (const auto before = device_of[held[k].mac]; before != DeviceId{}) {
                        begin_link(mark, before, held[k].first, Link::By::rule, held[k].why.rule,
                                   held[k].why.strength);
                        end_link(mark, held[k + 1].first);
                    }
            if (device != DeviceId{})
                begin_link(mark, device, from, Link::By::rule, step.why[i].rule, step.why[i].strength);
            changed(i);
        }
        if (mark.device == DeviceId{}) continue;
        members[mark.device.value].push_back(i);
        auto& row = fresh[mark.device.value];
        const auto kind = mark.row.node.kind;
        if (kind != Node::Kind::mac && kind != Node::Kind::ip) continue;
        const auto since = held.empty() ? mark.row.first : held.back().first;
        const bool first_one = row.id == DeviceId{};
        row.id = mark.device;
        row.first = first_one ? since : std::min(row.first, since);
        row.last = first_one ? mark.row.last : std::max(row.last, mark.row.last);
        row.state = first_one ? mark.row.state : std::max(row.state, mark.row.state);
    }
    for (const auto& [id, row] : fresh) {
        auto& known = devices[id];
        if (known.id == row.id && known.first == row.first && known.last == row.last &&
            known.state == row.state && !known.gone)
            continue;
        const bool created = known.id == DeviceId{};
        const auto first = created ? row.first : std::min(known.first, row.first);
        known = row;
        known.first = first;
        changed_devices.push_back(id);
    }
    for (auto& [id, row] : devices)
        if (!row.gone && !fresh.contains(id)) {
            row.gone = true;
            changed_devices.push_back(id);
        }
}

void Plant::settle() { in_->settle(); }

} // namespace yagura::model
