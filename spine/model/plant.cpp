#include "spine/model/plant.h"

#include <algorithm>

#include "spine/base/utf8.h"
#include "spine/model/inside.h"
#include "spine/observe/text.h"

namespace yagura::model {
namespace {

using observe::Attribute;
using observe::Speaker;
using observe::Subject;

constexpr std::size_t value_most = 256;
/// From here on a table's word counts: below it somebody told what he heard of others.
constexpr std::uint8_t believed = 60;

const observe::Station& side(const observe::Parties& parties, bool client) {
    return client ? parties.client : parties.server;
}

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

std::optional<observe::Ip> ip_of_text(std::string_view text) {
    observe::Ip ip{};
    char room[INET6_ADDRSTRLEN]{};
    if (text.empty() || text.size() >= sizeof room) return std::nullopt;
    std::ranges::copy(text, room);
    if (inet_pton(AF_INET, room, ip.data() + 12) == 1) {
        ip[10] = ip[11] = 0xff;
        return ip;
    }
    if (inet_pton(AF_INET6, room, ip.data()) == 1) return ip;
    return std::nullopt;
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

std::string lower(std::string_view text) {
    std::string out{text};
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
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

// ---- traffic -------------------------------------------------------------------------------------------

template <class Rows>
void Plant::Inside::hang(Mark::Refs& refs, RowRef ref, const Rows& rows) {
    if (refs.all.size() >= refs.prune_at) {
        std::erase_if(refs.all, [&](RowRef old) { return rows.at(old) == nullptr; });
        refs.prune_at = std::max<std::size_t>(64, refs.all.size() * 2);
    }
    refs.all.push_back(ref);
}

void Plant::Inside::serves(NodeIndex node, const observe::Parties& parties, std::string_view protocol,
                           observe::Time at) {
    if (node == nobody || marks[node].group) return;
    const FlowKey key{marks[node].row.id.value, 0, texts.number(protocol), 0, parties.lane.carrier,
                      parties.server.port};
    auto& row = services.touch(key, [&](ServiceRow& fresh, RowRef ref) {
        fresh = {.node = marks[node].row.id,
                 .protocol = std::string{protocol},
                 .carrier = parties.lane.carrier,
                 .port = parties.server.port,
                 .first = at,
                 .last_used = at};
        hang(marks[node].services, ref, services);
    });
    row.first = std::min(row.first, at);
    row.last_used = std::max(row.last_used, at);
}

void Plant::Inside::act(const observe::Origin& origin, const observe::Operation& op, std::uint64_t messages,
                        std::uint64_t answers, std::uint64_t refusals, observe::Time first,
                        observe::Time last) {
    const auto& parties = origin.parties;
    const bool answer = op.phase == observe::Phase::response;
    // Who asked: of an answer the listener, of everything else the speaker.
    bool client = (origin.speaker == Speaker::client) != answer;
    // A controller fetches the blocks of a program that somebody loads into it: the act is the client's.
    const bool fetches = parties.certain &&
                         (op.act == observe::Act::program_download || op.act == observe::Act::program_upload);
    if (fetches) client = true;
    const auto peer = main_of(side(parties, client), parties.lane.realm, first);
    const auto node = main_of(side(parties, !client), parties.lane.realm, first);
    if (peer == nobody || node == nobody) return;
    const auto protocol = name_of(op.protocol);
    // Only a part that answered is one: a scan of 247 units asks for all of them.
    const bool there = answers > refusals || (answer && op.outcome == observe::Outcome::done);
    std::string part_name;
    if (op.part.size) {
        part_name = observe::text(op.part);
        // Parts are the server's, where one knows who that is: controllers also ask their clients.
        const auto owner = parties.certain && !client ? peer : node;
        if (there && !marks[owner].group) (void)part(owner, op.part, last);
    }
    const PairKey key{marks[peer].row.id.value, marks[node].row.id.value, texts.number(protocol),
                      op.function.code,         texts.number(part_name),  op.act};
    auto& row = pairs.touch(key, [&](PairRow& fresh, RowRef ref) {
        fresh = {.peer = marks[peer].row.id,
                 .node = marks[node].row.id,
                 .protocol = std::string{protocol},
                 .act = op.act,
                 .code = op.function.code,
                 .function = clean(op.function.name),
                 .part = std::move(part_name),
                 .first = first,
                 .last = last,
                 .source = origin.evidence.source,
                 .frame = origin.evidence.frame};
        hang(marks[peer].pairs, ref, pairs);
        hang(marks[node].pairs, ref, pairs);
    });
    row.messages += messages;
    row.answers += answers;
    row.refusals += refusals;
    if (std::pair{first, origin.evidence.frame} < std::pair{row.first, row.frame}) {
        row.source = origin.evidence.source;
        row.frame = origin.evidence.frame;
    }
    row.first = std::min(row.first, first);
    row.last = std::max(row.last, last);
    // Who answers a request serves; a discovery that everybody answers (mDNS, DCP) is no service.
    if (client && (answer || answers) && parties.server.port && !is_group(parties.server.mac))
        serves(node, parties, protocol, last);
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
    if (said.subject == Subject::listener)
        as_speaker.speaker = origin.speaker == Speaker::client ? Speaker::server : Speaker::client;
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
        if (about != nobody && said.subject == Subject::speaker && said.confidence >= believed)
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

void Plant::on(const observe::Origin& origin, const observe::Neighbour& said) {
    auto& in = *in_;
    in.presence(origin);
    const auto& speaker = side(origin.parties, origin.speaker == Speaker::client);
    const auto node = in.main_of(speaker, origin.parties.lane.realm, origin.at);
    if (node == nobody) return;
    const auto protocol = in.name_of(said.protocol);
    const auto port = clean(said.port), far_port = clean(said.far_port), far_name = clean(said.far_name);
    const FlowKey key{in.marks[node].row.id.value,
                      0,
                      in.texts.number(protocol),
                      in.texts.number(cat(port, "\n", far_port, "\n", far_name)),
                      0,
                      0};
    auto& row = in.neighbours.touch(key, [&](NeighbourRow& fresh, RowRef ref) {
        fresh = {.node = in.marks[node].row.id,
                 .protocol = std::string{protocol},
                 .port = port,
                 .far_port = far_port,
                 .far_name = far_name,
                 .first = origin.at,
                 .last = origin.at};
        in.hang(in.marks[node].neighbours, ref, in.neighbours);
    });
    row.first = std::min(row.first, origin.at);
    row.last = std::max(row.last, origin.at);
}

namespace {
/// What a conversation had counted leaves the row that it stood in: it belongs to another, whose protocol,
/// port or sides were not known then. Gives back since when it had been counted there, if nothing of others
/// is left in it.
std::optional<observe::Time> move_out(ConversationRow& old, CountedRow& known) {
    const auto less = [](std::uint64_t& sum, std::uint64_t& part) {
        sum -= std::min(sum, part);
        part = 0;
    };
    for (std::size_t i = 0; i < 2; ++i) {
        less(old.packets[i], known.packets[i]);
        less(old.bytes[i], known.bytes[i]);
        less(old.retransmitted[i], known.retransmitted[i]);
        less(old.lost[i], known.lost[i]);
    }
    if (old.connections) --old.connections;
    return old.connections ? std::nullopt : std::optional{old.first};
}
} // namespace

void Plant::on(const observe::Origin& origin, const observe::Conversation& said) {
    auto& in = *in_;
    in.now = std::max(in.now, origin.at);
    const auto& parties = origin.parties;
    // Told again and again with what it has counted since it began; what is new is the difference.
    const FlowKey which{origin.conversation, origin.evidence.source, 0, 0, 0, 0};
    auto& known = in.totals.touch(which, [&](CountedRow& fresh, RowRef) {
        fresh.conversation = origin.conversation;
        fresh.source = origin.evidence.source;
    });
    known.ended = said.state == observe::Conversation::State::closed ||
                  said.state == observe::Conversation::State::refused;
    const bool both = said.packets[0] && said.packets[1];
    const auto more = [](std::uint64_t before, std::uint64_t total) {
        return total >= before ? total - before : total; // The sides changed places.
    };
    if (said.packets[0])
        in.heard(parties.client, parties.server, parties.lane, origin.at,
                 more(known.packets[0], said.packets[0]), both);
    if (said.packets[1])
        in.heard(parties.server, parties.client, parties.lane, origin.at,
                 more(known.packets[1], said.packets[1]), both);
    const auto realm = parties.lane.realm;
    const auto client = in.main_of(parties.client, realm, origin.at);
    const auto server = in.main_of(parties.server, realm, origin.at);
    if (client == nobody || server == nobody) {
        std::ranges::copy(said.packets, known.packets);
        return;
    }
    const auto protocol = said.protocol ? in.name_of(said.protocol) : std::string_view{};
    // Without a protocol or a SYN nobody knows who serves, and both ports may be passing ones.
    const bool serving = parties.certain || said.protocol;
    const auto port = serving ? parties.server.port : std::uint16_t{0};
    const auto key_of = [&](const CountedRow& row) {
        return FlowKey{row.client.value, row.server.value, in.texts.number(row.protocol), 0,
                       row.carrier,      row.port};
    };
    const bool counted = known.client.value != 0;
    const CountedRow now{.client = in.marks[client].row.id,
                         .server = in.marks[server].row.id,
                         .protocol = std::string{protocol},
                         .carrier = parties.lane.carrier,
                         .port = port};
    const auto key = key_of(now);
    std::optional<observe::Time> since{};
    if (counted && key_of(known) != key)
        if (auto* old = in.conversations.change(key_of(known))) since = move_out(*old, known);
    auto& row = in.conversations.touch(key, [&](ConversationRow& fresh, RowRef ref) {
        fresh = {.client = now.client,
                 .server = now.server,
                 .protocol = now.protocol,
                 .carrier = now.carrier,
                 .port = port,
                 .first = origin.at,
                 .last = origin.at,
                 .source = origin.evidence.source,
                 .frame = origin.evidence.frame};
        in.hang(in.marks[client].conversations, ref, in.conversations);
        in.hang(in.marks[server].conversations, ref, in.conversations);
    });
    if (!counted || key_of(known) != key) {
        ++row.connections;
        known.client = now.client;
        known.server = now.server;
        known.protocol = now.protocol;
        known.carrier = now.carrier;
        known.port = port;
    }
    const auto count = [&more](std::uint64_t& sum, std::uint64_t& before, std::uint64_t total) {
        sum += more(before, total);
        before = total;
    };
    for (std::size_t i = 0; i < 2; ++i) {
        count(row.packets[i], known.packets[i], said.packets[i]);
        count(row.bytes[i], known.bytes[i], said.bytes[i]);
        count(row.retransmitted[i], known.retransmitted[i], said.retransmitted[i]);
        count(row.lost[i], known.lost[i], said.lost[i]);
    }
    if (parties.lane.vlan) row.vlan = parties.lane.vlan;
    if (std::pair{origin.at, origin.evidence.frame} < std::pair{row.first, row.frame}) {
        row.source = origin.evidence.source;
        row.frame = origin.evidence.frame;
    }
    row.first = std::min({row.first, origin.at, since.value_or(origin.at)});
    row.last = std::max(row.last, origin.at);
    const bool refused = said.state == observe::Conversation::State::refused;
    // One packet back may be a refusal; without a protocol it takes more to say that something serves there.
    const bool open = said.protocol || (parties.lane.carrier == 6 && said.packets[1] >= 2);
    if (serving && both && port && !refused && open) in.serves(server, parties, protocol, origin.at);
}

void Plant::on(const observe::Origin& origin, const observe::Operation& said) {
    auto& in = *in_;
    in.presence(origin);
    const bool answer = said.phase == observe::Phase::response;
    const auto& speaker = side(origin.parties, origin.speaker == Speaker::client);
    const auto& listener = side(origin.parties, origin.speaker != Speaker::client);
    if (answer && !is_group(listener.mac) && (!listener.has_ip() || !is_group(listener.ip))) {
        // Who is answered has asked.
        in.heard(speaker, listener, origin.parties.lane, origin.at, 0, true);
        in.heard(listener, speaker, origin.parties.lane, origin.at, 0, true);
    }
    const bool refused = said.outcome == observe::Outcome::refused;
    in.act(origin, said, 1, answer && !refused, refused, origin.at, origin.at);
}

void Plant::on(const observe::Origin& origin, const observe::Repeats& said) {
    auto& in = *in_;
    in.now = std::max(in.now, origin.at);
    const bool client = origin.speaker == Speaker::client; // Who asks.
    const auto& asks = side(origin.parties, client);
    const auto& answers = side(origin.parties, !client);
    const auto spoken = said.answers + said.refusals;
    const bool both = spoken && said.messages > spoken;
    if (said.messages > spoken)
        in.heard(asks, answers, origin.parties.lane, said.last, said.messages - spoken, both);
    if (spoken) in.heard(answers, asks, origin.parties.lane, said.last, spoken, both);
    auto like = said.like;
    like.phase = observe::Phase::request; // The origin's speaker is the one who asks.
    in.act(origin, like, said.messages, said.answers, said.refusals, said.first, said.last);
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
    const auto ip = ip_of_text(said.answer);
    if (!ip || !is_usable(*ip) || is_group(*ip) || !is_private(*ip)) return;
    in.fact(in.address(*ip, origin.parties.lane.realm, origin.at), Attribute::name, "dns", clean(said.asked),
            50, origin);
}

// ---- reading -------------------------------------------------------------------------------------------

namespace {
template <class Rows, class Row>
std::vector<const Row*> rows_of(const Rows& rows, const std::vector<RowRef>& refs) {
    std::vector<const Row*> out;
    out.reserve(refs.size());
    for (const auto ref : refs)
        if (const auto* row = rows.at(ref)) out.push_back(row);
    return out;
}
} // namespace

std::vector<DeviceId> Plant::devices() const {
    std::vector<DeviceId> out;
    for (const auto& [id, row] : in_->devices)
        if (!row.gone) out.push_back(row.id);
    std::ranges::sort(out);
    return out;
}
const DeviceRow* Plant::device(DeviceId id) const {
    const auto found = in_->devices.find(id.value);
    return found == in_->devices.end() ? nullptr : &found->second;
}
std::vector<NodeId> Plant::nodes_of(DeviceId id) const {
    std::vector<const Mark*> found;
    const auto rows = in_->members.find(id.value);
    if (rows == in_->members.end()) return {};
    for (const auto index : rows->second)
        if (in_->marks[index].live && in_->marks[index].device == id) found.push_back(&in_->marks[index]);
    std::ranges::sort(found, [](const Mark* a, const Mark* b) {
        return std::tie(a->row.node.kind, a->row.first, a->row.node.mark) <
               std::tie(b->row.node.kind, b->row.first, b->row.node.mark);
    });
    std::vector<NodeId> out;
    for (const auto* mark : found) out.push_back(mark->row.id);
    return out;
}

#define YAGURA_MARK_OR(id, nothing)                                                                          \
    const auto found_mark = in_->by_id.find((id).value);                                                     \
    if (found_mark == in_->by_id.end()) return nothing;                                                      \
    const auto& mark = in_->marks[found_mark->second]

const NodeRow* Plant::node(NodeId id) const {
    YAGURA_MARK_OR(id, nullptr);
    return &mark.row;
}
std::span<const FactRow> Plant::facts_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    return mark.facts;
}
std::vector<NodeId> Plant::parts_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    std::vector<NodeId> out;
    for (const auto part : mark.parts) out.push_back(in_->marks[part].row.id);
    return out;
}
std::vector<const ServiceRow*> Plant::services_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    return rows_of<decltype(in_->services), ServiceRow>(in_->services, mark.services.all);
}
std::vector<const PairRow*> Plant::pairs_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    return rows_of<decltype(in_->pairs), PairRow>(in_->pairs, mark.pairs.all);
}
std::vector<const ConversationRow*> Plant::conversations_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    return rows_of<decltype(in_->conversations), ConversationRow>(in_->conversations, mark.conversations.all);
}
std::vector<const NeighbourRow*> Plant::neighbours_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    return rows_of<decltype(in_->neighbours), NeighbourRow>(in_->neighbours, mark.neighbours.all);
}
std::optional<DeviceId> Plant::device_of(NodeId id) const {
    YAGURA_MARK_OR(id, std::nullopt);
    return mark.device == DeviceId{} ? std::nullopt : std::optional{mark.device};
}
bool Plant::is_router(NodeId id) const {
    YAGURA_MARK_OR(id, false);
    return mark.router;
}
std::vector<Link> Plant::links_of(NodeId id) const {
    YAGURA_MARK_OR(id, {});
    return mark.links;
}
#undef YAGURA_MARK_OR

std::optional<NodeId> Plant::node_of(const observe::Station& station, observe::Realm realm) const {
    const auto index = in_->known_address(station, realm);
    return index == nobody ? std::nullopt : std::optional{in_->marks[index].row.id};
}
std::optional<DeviceId> Plant::device_of(const observe::Station& station, observe::Realm realm) const {
    const auto id = node_of(station, realm);
    return id ? device_of(*id) : std::nullopt;
}
observe::Time Plant::now() const { return in_->now; }
SiteId Plant::site() const { return in_->site; }
const PlantCounters& Plant::counters() const {
    in_->counters.pairs_forgotten = in_->pairs.forgotten();
    in_->counters.conversations_forgotten = in_->conversations.forgotten();
    in_->counters.services_forgotten = in_->services.forgotten();
    in_->counters.neighbours_forgotten = in_->neighbours.forgotten();
    return in_->counters;
}

} // namespace yagura::model
