#include "spine/model/plant.h"

#include <algorithm>

#include "spine/base/text.h"
#include "spine/base/utf8.h"
#include "spine/model/inside.h"
#include "spine/observe/subnet.h"
#include "spine/observe/text.h"

namespace yagura::model {
/// Valid UTF-8 without NULs, at most `value_most` bytes: whatever it is shown in, it stays text.
std::string clean(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto length = utf8_length(text);
        const std::string_view piece = length == 0 ? "\xef\xbf\xbd" : text.substr(0, length);
        if (out.size() + piece.size() > value_most) break;
        if (piece[0] != '\0') out += piece;
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

namespace {

using observe::Attribute;
using observe::Speaker;
using observe::Subject;

std::string as_value(const observe::Value& value) {
    if (const auto* words = std::get_if<std::string_view>(&value)) return clean(*words);
    if (const auto* bytes = std::get_if<Bytes>(&value)) {
        const bool printable = std::ranges::all_of(*bytes, [](auto byte) {
            return std::to_integer<unsigned>(byte) >= 0x20 && std::to_integer<unsigned>(byte) < 0x7f;
        });
        if (printable) return clean(as_text(*bytes));
        constexpr std::string_view digits = "0123456789abcdef";
        std::string out;
        for (const auto byte : bytes->first(std::min<std::size_t>(bytes->size(), value_most / 2)))
            out += cat(digits.substr(std::to_integer<unsigned>(byte) >> 4, 1),
                       digits.substr(std::to_integer<unsigned>(byte) & 15u, 1));
        return out;
    }
    return clean(observe::text(value));
}

std::optional<observe::Mac> mac_of_text(std::string_view text) {
    if (text.size() != 17) return std::nullopt;
    observe::Mac mac{};
    for (std::size_t i = 0; i < mac.size(); ++i) {
        const auto* begin = text.data() + i * 3;
        const auto [end, error] = std::from_chars(begin, begin + 2, mac[i], 16);
        if (error != std::errc{} || end != begin + 2 || (i < 5 && begin[2] != ':' && begin[2] != '-'))
            return std::nullopt;
    }
    return mac;
}

/// A serial that tells one thing from another: not "0", "N/A", "00000000" or "unknown".
bool tells_apart(std::string_view serial) {
    std::array<bool, 256> seen{};
    std::size_t different = 0, digits = 0;
    for (const char c : serial) {
        if (!std::exchange(seen[static_cast<unsigned char>(c)], true)) ++different;
        if (c >= '0' && c <= '9') ++digits;
    }
    return serial.size() >= 4 && different >= 3 && digits >= 2;
}

std::string mark_of(const observe::Ip& ip) { return {reinterpret_cast<const char*>(ip.data()), ip.size()}; }
std::string mark_of(const observe::Mac& mac) {
    return {reinterpret_cast<const char*>(mac.data()), mac.size()};
}

} // namespace

// ---- nodes ---------------------------------------------------------------------------------------------

NodeIndex Plant::Inside::add(Node::Kind kind, observe::Realm realm, NodeId parent, std::string mark,
                             observe::Time at) {
    NodeIndex index = nobody;
    if (free_marks.empty()) {
        if (marks.size() >= limits.nodes) {
            ++counters.nodes_forgotten;
            return nobody;
        }
        index = static_cast<NodeIndex>(marks.size());
        marks.emplace_back();
    } else {
        index = free_marks.back();
        free_marks.pop_back();
        marks[index] = {};
    }
    auto& fresh = marks[index];
    fresh.live = true;
    fresh.row.id = {std::uint64_t{site} << 47 | ++last_node};
    fresh.row.node = {.kind = kind, .site = site, .realm = realm, .mark = std::move(mark), .parent = parent};
    fresh.row.first = fresh.row.last = at;
    by_id.emplace(fresh.row.id.value, index);
    changed(index);
    return index;
}

void Plant::Inside::changed(NodeIndex index) {
    if (!std::exchange(marks[index].dirty, true)) changed_marks.push_back(index);
}

void Plant::Inside::changed(const Binding& binding) {
    for (const auto index : marks[binding.other].bindings)
        if (&bindings[index] == &binding && !std::exchange(bindings[index].dirty, true))
            changed_bindings.push_back(index);
}

void Plant::Inside::touch(NodeIndex index, observe::Time at) {
    auto& row = marks[index].row;
    if (at >= row.first && at <= row.last) return;
    if (at < row.first) moved = true; // And so may be the device's.
    row.first = std::min(row.first, at);
    row.last = std::max(row.last, at);
    changed(index);
}

/// A scan's targets fill no more than their share: the oldest that said nothing goes.
void Plant::Inside::forget_mentioned() {
    while (mentioned_now > limits.nodes / 4 && !mentioned.empty()) {
        const auto id = mentioned.front();
        mentioned.pop_front();
        const auto found = by_id.find(id);
        if (found == by_id.end()) continue;
        auto& mark = marks[found->second];
        if (mark.spoke || mark.vouched || mark.group) continue;
        --mentioned_now;
        ++counters.nodes_forgotten;
        observe::Ip bytes = mark.ip;
        if (mark.row.node.kind == Node::Kind::mac) std::ranges::copy(mark.mac, bytes.begin());
        by_address.erase({mark.row.node.kind, mark.row.node.realm, bytes});
        free_marks.push_back(found->second);
        mark.live = false;
        by_id.erase(found);
    }
}

NodeIndex Plant::Inside::address(const observe::Ip& ip, observe::Realm realm, observe::Time at) {
    if (!is_usable(ip)) return nobody;
    const AddressKey key{Node::Kind::ip, realm, ip};
    if (const auto known = by_address.find(key); known != by_address.end()) return known->second;
    const auto index = add(Node::Kind::ip, realm, {}, mark_of(ip), at);
    if (index == nobody) return nobody;
    marks[index].ip = ip;
    marks[index].group = is_group(ip);
    by_address.emplace(key, index);
    if (!marks[index].group) {
        mentioned.push_back(marks[index].row.id.value);
        ++mentioned_now;
        forget_mentioned();
    }
    return index;
}

NodeIndex Plant::Inside::address(const observe::Mac& mac, observe::Realm realm, observe::Time at) {
    if (mac == observe::Mac{}) return nobody;
    AddressKey key{Node::Kind::mac, realm, {}};
    std::ranges::copy(mac, key.bytes.begin());
    if (const auto known = by_address.find(key); known != by_address.end()) return known->second;
    const auto index = add(Node::Kind::mac, realm, {}, mark_of(mac), at);
    if (index == nobody) return nobody;
    marks[index].mac = mac;
    marks[index].group = is_group(mac);
    by_address.emplace(key, index);
    if (!marks[index].group) {
        mentioned.push_back(marks[index].row.id.value);
        ++mentioned_now;
        forget_mentioned();
    }
    return index;
}

NodeIndex Plant::Inside::known_address(const observe::Station& station, observe::Realm realm) const {
    AddressKey key{Node::Kind::ip, realm, station.ip};
    if (!station.has_ip() || !is_usable(station.ip)) {
        key = {Node::Kind::mac, realm, {}};
        std::ranges::copy(station.mac, key.bytes.begin());
    }
    const auto known = by_address.find(key);
    return known == by_address.end() ? nobody : known->second;
}

NodeIndex Plant::Inside::other_mark(Node::Kind kind, observe::Realm realm, NodeIndex parent,
                                    std::string_view mark, observe::Time at) {
    const auto id = parent == nobody ? NodeId{} : marks[parent].row.id;
    NodeKey key{kind, realm, id.value, std::string{mark}};
    if (const auto known = by_mark.find(key); known != by_mark.end()) {
        touch(known->second, at);
        return known->second;
    }
    const auto index = add(kind, realm, id, key.mark, at);
    if (index != nobody) by_mark.emplace(std::move(key), index);
    return index;
}

/// The node that acts of this station are kept under: its address where it has one, else its MAC.
NodeIndex Plant::Inside::main_of(const observe::Station& station, observe::Realm realm, observe::Time at) {
    const bool has_ip = station.has_ip() && is_usable(station.ip);
    const auto index = has_ip ? address(station.ip, realm, at) : address(station.mac, realm, at);
    // A directed broadcast is known by the MAC that it goes to.
    if (index != nobody && has_ip && station.has_mac() && is_group(station.mac) && !marks[index].spoke &&
        !marks[index].group && !is_group(station.ip)) {
        if (!marks[index].vouched) --mentioned_now;
        marks[index].group = true;
        changed(index);
    }
    return index;
}

void Plant::Inside::vouch(NodeIndex index, std::uint8_t confidence) {
    if (index == nobody || marks[index].group || marks[index].vouched >= confidence) return;
    auto& mark = marks[index];
    if (!mark.spoke && !mark.vouched) --mentioned_now;
    mark.vouched = confidence;
    moved = true;
    changed(index);
}

/// The binding, made if there is room. A MAC that has none left is no station's: then only what a table
/// vouches for takes the place of what frames merely passed on.
Binding* Plant::Inside::bind(NodeIndex mac, NodeIndex other, observe::Time at) {
    if (mac == nobody || other == nobody || mac == other || marks[mac].group || marks[other].group)
        return nullptr;
    auto& own = marks[mac].bindings;
    const auto note = [&](std::uint32_t index) {
        auto& binding = bindings[index];
        if (at >= binding.row.first && at <= binding.row.last) return &binding;
        // Whose times overlap decides who shares a MAC or an address.
        if (own.size() > 1 || marks[other].bindings.size() > 1) moved = true;
        binding.row.first = std::min(binding.row.first, at);
        binding.row.last = std::max(binding.row.last, at);
        if (!std::exchange(binding.dirty, true)) changed_bindings.push_back(index);
        return &binding;
    };
    for (const auto index : marks[other].bindings)
        if (bindings[index].mac == mac) return note(index);
    if (own.size() >= limits.bindings_of_mac) {
        ++counters.bindings_refused;
        marks[mac].crowded = marks[other].behind = true;
        changed(mac);
        changed(other);
        moved = true;
        return nullptr;
    }
    const auto index = static_cast<std::uint32_t>(bindings.size());
    bindings.push_back(
        {.row = {.mac = marks[mac].row.id, .other = marks[other].row.id, .first = at, .last = at},
         .mac = mac,
         .other = other});
    own.push_back(index);
    marks[other].bindings.push_back(index);
    bindings[index].dirty = true;
    changed_bindings.push_back(index);
    moved = true;
    return &bindings[index];
}

/// Somebody spoke. `both`: in a conversation in which the other spoke too.
void Plant::Inside::heard(const observe::Station& station, const observe::Station& other,
                          const observe::Lane& lane, observe::Time at, std::uint64_t frames, bool both) {
    const auto speaks = [&](NodeIndex index) {
        auto& mark = marks[index];
        touch(index, at);
        mark.frames += frames;
        if (!mark.spoke || (both && !mark.answered)) {
            if (!mark.spoke && !mark.vouched && !mark.group) --mentioned_now;
            mark.spoke = true;
            mark.group = false;
            mark.answered = mark.answered || both;
            moved = true;
            changed(index);
        }
    };
    const bool group_mac = is_group(station.mac);
    const auto mac = group_mac ? nobody : address(station.mac, lane.realm, at);
    if (mac != nobody) speaks(mac);
    if (!station.has_ip() || is_group(station.ip)) return;
    const auto ip = address(station.ip, lane.realm, at);
    if (ip == nobody) return;
    speaks(ip);
    auto& mark = marks[ip];
    const auto flag = [&](bool& which) {
        if (std::exchange(which, true)) return;
        moved = true;
        changed(ip);
    };
    const bool to_all = (other.has_mac() && other.mac == observe::Mac{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}) ||
                        (other.has_ip() && is_group(other.ip) &&
                         (is_v4(other.ip) ? other.ip[12] == 224 && other.ip[13] == 0 && other.ip[14] == 0
                                          : (other.ip[1] & 15) <= 2));
    const bool near = to_all || is_link_local(station.ip) ||
                      (other.has_ip() && !is_group(other.ip) && is_near(station.ip, other.ip));
    if (near) flag(mark.near);
    if (other.has_ip() && is_usable(other.ip) && !is_group(other.ip))
        flag(is_private(other.ip) ? mark.by_private : mark.by_public);
    if (auto* binding = bind(mac, ip, at)) {
        const bool frames_new = !std::exchange(binding->row.frames, true);
        const bool near_new = near && !std::exchange(binding->row.near, true);
        if (frames_new || near_new) {
            moved = true;
            changed(*binding);
        }
    }
}

/// Of an origin that says only who spoke.
void Plant::Inside::presence(const observe::Origin& origin) {
    now = std::max(now, origin.at);
    const bool client = origin.speaker == Speaker::client;
    const auto& listener = side(origin.parties, !client);
    heard(side(origin.parties, client), listener, origin.parties.lane, origin.at, 1, false);
    if (listener.has_ip() || listener.has_mac())
        (void)main_of(listener, origin.parties.lane.realm, origin.at);
}

// ---- facts ---------------------------------------------------------------------------------------------

void Plant::Inside::fact(NodeIndex index, Attribute attribute, std::string_view protocol,
                         std::string_view value, std::uint8_t confidence, const observe::Origin& origin) {
    if (index == nobody || value.empty()) return;
    auto& mark = marks[index];
    const auto at = origin.at;
    std::size_t values = 0, weakest = SIZE_MAX;
    for (std::size_t i = 0; i < mark.facts.size(); ++i) {
        auto& known = mark.facts[i];
        if (known.attribute != attribute) continue;
        if (known.protocol == protocol && known.value == value) {
            ++known.seen;
            known.last = std::max(known.last, at);
            known.confidence = std::max(known.confidence, confidence);
            // The earliest stands for all; among equals the smallest frame, so that order does not matter.
            if (std::pair{at, origin.evidence.frame} < std::pair{known.first, known.frame}) {
                known.first = at;
                known.source = origin.evidence.source;
                known.frame = origin.evidence.frame;
                known.offset = origin.evidence.offset;
            }
            mark.facts_dirty[i] = true;
            return changed(index);
        }
        ++values;
        if (weakest == SIZE_MAX || std::pair{known.confidence, known.last} <
                                       std::pair{mark.facts[weakest].confidence, mark.facts[weakest].last})
            weakest = i;
    }
    FactRow fresh{.node = mark.row.id,
                  .attribute = attribute,
                  .protocol = std::string{protocol},
                  .value = std::string{value},
                  .confidence = confidence,
                  .seen = 1,
                  .first = at,
                  .last = at,
                  .source = origin.evidence.source,
                  .frame = origin.evidence.frame,
                  .offset = origin.evidence.offset};
    changed(index);
    if (values >= limits.values_of_attribute || mark.facts.size() >= limits.facts_of_node) {
        // Somebody who changes his name with every message keeps the last few of them.
        ++counters.facts_refused;
        if (weakest == SIZE_MAX || mark.facts[weakest].confidence > confidence) return;
        mark.facts[weakest] = std::move(fresh);
        mark.facts_dirty[weakest] = true;
        return;
    }
    mark.facts.push_back(std::move(fresh));
    mark.facts_dirty.push_back(true);
}

/// A serial or a host name is a mark of its own: two that have the same one may be one device.
void Plant::Inside::tell_mark(NodeIndex of, Node::Kind kind, std::string_view value, observe::Time at) {
    if (of == nobody || marks[of].marks.size() >= limits.values_of_attribute) return;
    const auto index = other_mark(kind, marks[of].row.node.realm, nobody, value, at);
    if (index == nobody || std::ranges::find(marks[of].marks, index) != marks[of].marks.end()) return;
    marks[of].marks.push_back(index);
    moved = true;
}

NodeIndex Plant::Inside::part(NodeIndex of, const observe::Part& which, observe::Time at) {
    if (of == nobody || which.size == 0) return of;
    // Modbus/TCP's units 0 and 255 are the station itself (implementation guide, clause 4.4.2.3).
    if (which.size == 1 && which.steps[0].hop == observe::Part::Hop::unit &&
        (which.steps[0].number == 0 || which.steps[0].number == 255))
        return of;
    const auto mark = observe::text(which);
    const NodeKey key{Node::Kind::part, marks[of].row.node.realm, marks[of].row.id.value, mark};
    if (const auto known = by_mark.find(key); known != by_mark.end()) {
        touch(known->second, at);
        return known->second;
    }
    if (marks[of].parts.size() >= limits.parts_of_node) {
        ++counters.parts_refused;
        return nobody;
    }
    const auto index = other_mark(Node::Kind::part, marks[of].row.node.realm, of, mark, at);
    if (index != nobody) marks[of].parts.push_back(index);
    return index;
}

// ---- what is observed ----------------------------------------------------------------------------------

Plant::Plant(NameOf name_of, SiteId site, PlantLimits limits)
    : in_{std::make_unique<Inside>(std::move(name_of), site, limits)} {}
Plant::~Plant() = default;
Plant::Plant(Plant&&) noexcept = default;
Plant& Plant::operator=(Plant&&) noexcept = default;

void Plant::on(const observe::Origin& origin, const observe::Presence& said) {
    if (said.subject == Subject::third) {
        in_->now = std::max(in_->now, origin.at);
        const auto index = in_->main_of(said.third, origin.parties.lane.realm, origin.at);
        if (index != nobody) in_->touch(index, origin.at);
        return;
    }
    auto as_speaker = origin;
    if (said.subject == Subject::listener) as_speaker.speaker = other(origin.speaker);
    in_->presence(as_speaker);
    if (said.part.size) {
        const auto& speaker = side(origin.parties, as_speaker.speaker == Speaker::client);
        (void)in_->part(in_->main_of(speaker, origin.parties.lane.realm, origin.at), said.part, origin.at);
    }
}

void Plant::on(const observe::Origin& origin, const observe::Identity& said) {
    auto& in = *in_;
    in.presence(origin);
    const auto realm = origin.parties.lane.realm;
    const auto protocol = in.name_of(said.protocol);
    const auto value = as_value(said.value);
    NodeIndex about = nobody;
    if (said.subject == Subject::third) {
        const auto mac = is_group(said.third.mac) ? nobody : in.address(said.third.mac, realm, origin.at);
        const auto ip = !said.third.has_ip() || is_group(said.third.ip)
                            ? nobody
                            : in.address(said.third.ip, realm, origin.at);
        // Said of somebody else, so it counts only from a table that has to know.
        const bool knows = (said.attribute == Attribute::ip || said.attribute == Attribute::role_hint ||
                            mac != nobody) &&
                           said.confidence >= believed;
        if (knows) {
            in.vouch(mac, said.confidence);
            in.vouch(ip, said.confidence);
            for (const auto index : {mac, ip})
                if (index != nobody) in.touch(index, origin.at);
        }
        if (mac != nobody && ip != nobody)
            if (auto* binding = in.bind(mac, ip, origin.at);
                binding && binding->row.vouched < said.confidence) {
                binding->row.vouched = said.confidence;
                in.changed(*binding);
                in.moved = true;
            }
        // A table's row is about the station, and that is the MAC: addresses come and go.
        about = mac != nobody ? mac : ip;
    } else {
        const bool client = (origin.speaker == Speaker::client) == (said.subject == Subject::speaker);
        about = in.main_of(side(origin.parties, client), realm, origin.at);
        // What a web site in the world says of itself makes it no device of the plant.
        const bool of_the_world = about != nobody && in.marks[about].row.node.kind == Node::Kind::ip &&
                                  !is_private(in.marks[about].ip);
        if (about != nobody && said.subject == Subject::speaker && said.confidence >= believed &&
            !of_the_world)
            in.vouch(about, said.confidence);
        if (said.attribute == Attribute::mac && said.subject == Subject::speaker)
            if (const auto told = mac_of_text(value); told && !is_group(*told)) {
                const auto own = in.address(side(origin.parties, client).mac, realm, origin.at);
                const auto chassis = in.address(*told, realm, origin.at);
                if (auto* binding = in.bind(chassis, own, origin.at);
                    binding && binding->row.vouched < said.confidence) {
                    binding->row.vouched = said.confidence;
                    in.changed(*binding);
                    in.vouch(chassis, said.confidence);
                    in.moved = true;
                }
            }
    }
    if (about == nobody) return;
    const auto whole = about;
    about = in.part(about, said.part, origin.at);
    in.fact(about, said.attribute, protocol, value, said.confidence, origin);
    if (about != whole) return; // What a part is called tells no stations apart.
    if (said.attribute == Attribute::serial && said.confidence >= believed && tells_apart(value))
        in.tell_mark(about, Node::Kind::serial, value, origin.at);
    if (said.attribute == Attribute::name && said.confidence >= believed && value.size() >= 2)
        in.tell_mark(about, Node::Kind::host_name, lower(value), origin.at);
}

void Plant::on(const observe::Origin& origin, const observe::Variable&) { in_->presence(origin); }
void Plant::on(const observe::Origin& origin, const observe::Login&) { in_->presence(origin); }
void Plant::on(const observe::Origin& origin, const observe::Transfer&) { in_->presence(origin); }
void Plant::on(const observe::Origin& origin, const observe::Anomaly&) { in_->presence(origin); }

/// What others call an address. Names of the world outside are no facts about the plant.
void Plant::on(const observe::Origin& origin, const observe::Name& said) {
    auto& in = *in_;
    in.presence(origin);
    constexpr std::uint16_t a = 1, aaaa = 28;
    if (said.code || (said.kind != a && said.kind != aaaa)) return;
    const auto ip = observe::ip_of(said.answer);
    if (!ip || !is_usable(*ip) || is_group(*ip) || !is_private(*ip)) return;
    in.fact(in.address(*ip, origin.parties.lane.realm, origin.at), Attribute::name, "dns", clean(said.asked),
            50, origin);
}

} // namespace yagura::model
