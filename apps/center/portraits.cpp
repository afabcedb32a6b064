#include "apps/center/portraits.h"

#include <algorithm>

#include "see/approval.h"
#include "spine/base/hash.h"
#include "spine/base/text.h"
#include "spine/observe/subnet.h"
#include "spine/observe/text.h"

namespace yagura::center {
namespace {

constexpr std::size_t acts_most = 1'000'000;
constexpr auto fresh_enough = std::chrono::minutes{10}; ///< of plant time

std::string attribute(observe::Attribute which) {
    if (which == observe::Attribute::role_hint) return "role";
    std::string out{observe::word(which)};
    std::replace(out.begin(), out.end(), ' ', '_');
    return out;
}

std::uint64_t looks(const store::ShownRow& row) {
    // Not a table's key: only ever compared with the same device's own.
    std::uint64_t hash = 0xcbf29ce484222325u;
    const auto add = [&](std::string_view text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
        hash = (hash ^ 0xffu) * 0x100000001b3u;
    };
    for (const auto* text :
         {&row.name, &row.address, &row.mac, &row.role, &row.level, &row.vendor, &row.product, &row.firmware,
          &row.serial, &row.os, &row.protocols, &row.run_state, &row.switch_port, &row.approval.who,
          &row.approval.reason, &row.approval.why, &row.approval.from, &row.approval.to})
        add(*text);
    add(cat(static_cast<int>(row.approval.state), " ", row.approval.until.time_since_epoch().count(), " ",
            row.approval.at.time_since_epoch().count()));
    add(cat(row.first.time_since_epoch().count(), " ", row.line.value_or(0), " ", row.line_rule, " ",
            static_cast<int>(row.vlan.value_or(0xffff)), " ", static_cast<int>(row.state),
            row.corrected ? "c" : ""));
    for (const auto& fact : row.facts)
        add(fact.attribute), add(fact.value), add(fact.protocol), add(fact.part),
            add(fact.by == "rule" ? fact.rule : "");
    for (const auto& part : row.parts)
        add(part.path), add(part.product), add(part.firmware), add(part.serial);
    return hash;
}

std::uint64_t act_key(const model::PairRow& pair) {
    return Hasher{}
        .add(pair.peer.value)
        .add(pair.node.value)
        .add(static_cast<std::uint64_t>(pair.act))
        .finish();
}

} // namespace

std::optional<std::int64_t> People::line_of(std::span<const observe::Ip> addresses) const {
    std::optional<std::int64_t> best;
    int bits = -1;
    for (const auto& [id, line] : lines)
        for (const auto& subnet : line.subnets)
            for (const auto& address : addresses)
                if (subnet.bits > bits && observe::contains(subnet, address)) {
                    best = id;
                    bits = subnet.bits;
                }
    return best;
}

void Portraits::load(const store::Stored& stored) {
    waiting_.clear();
    drawn_.clear();
    acts_told_.clear();
    for (const auto& row : stored.shown)
        drawn_[row.device.value] = {row.name, row.address, row.firmware, row.role,
                                    0,        true,        {},           row.approval.state};
    for (const auto& pair : stored.rows.pairs)
        if (acts_told_.size() < acts_most) acts_told_.insert(act_key(pair));
    changed_all();
}

void Portraits::known(model::DeviceId device) {
    auto& drawn = drawn_[device.value] = {};
    drawn.told = true;
    waiting_.insert(device.value);
}

void Portraits::changed_all() {
    for (const auto id : plant_.devices()) waiting_.insert(id.value);
}

void Portraits::changed(const model::Changes& rows, store::Batch& batch) {
    const auto touch = [&](model::NodeId node) {
        if (const auto device = plant_.device_of(node)) waiting_.insert(device->value);
    };
    for (const auto& row : rows.devices) waiting_.insert(row.id.value);
    for (const auto& row : rows.links) waiting_.insert(row.device.value);
    for (const auto& row : rows.facts) touch(row.node);
    for (const auto& row : rows.services) touch(row.node);
    for (const auto& row : rows.neighbours) touch(row.node);
    for (const auto& row : rows.pairs) {
        touch(row.node);
        if (observe::usual_effect(row.act) <= observe::Effect::observes || acts_told_.size() >= acts_most)
            continue;
        if (!acts_told_.insert(act_key(row)).second) continue;
        const auto device = plant_.device_of(row.node), peer = plant_.device_of(row.peer);
        if (!device) continue;
        auto& change = batch.changes.emplace_back();
        change.at = row.first;
        change.kind = "first_act";
        change.device = *device;
        change.peer = peer;
        change.act = row.act;
        change.protocol = row.protocol;
        change.source = row.source;
        change.frame = row.frame;
    }
}

store::Standing Portraits::standing(const see::Portrait& portrait) const {
    std::vector<see::Decided> marks;
    for (const auto node : plant_.nodes_of(portrait.id)) {
        const auto& row = *plant_.node(node);
        const bool mac = row.node.kind == model::Node::Kind::mac;
        if (!mac && row.node.kind != model::Node::Kind::ip) continue;
        auto& mark = marks.emplace_back();
        mark.kind = row.node.kind;
        mark.address = see::address_text(row.node);
        const auto said = people_.approvals.find(node.value);
        if (said == people_.approvals.end()) continue;
        mark.said = &said->second;
        const auto* of = plant_.device(said->second.device);
        mark.elsewhere = said->second.device != portrait.id && of && !of->gone;
    }
    return see::standing(portrait, marks);
}

void Portraits::line_by_rule(store::ShownRow& row, std::vector<observe::Ip> addresses) const {
    see::ledger::Placed placed{.ips = std::move(addresses), .vlan = row.vlan, .port = row.switch_port};
    // The address stands for a name where there is none.
    if (row.name != row.address) placed.names.push_back(row.name);
    for (const auto& fact : row.facts)
        if (fact.attribute == "hostname" || fact.attribute == "name") placed.names.push_back(fact.value);
    for (const auto* rule : people_.rules.fitting(placed)) {
        const auto line = people_.lines.find(rule->line);
        if (line == people_.lines.end()) continue;
        row.line = rule->line;
        row.line_rule = rule->id;
        store::ShownFact fact;
        fact.attribute = "line";
        fact.value = line->second.name;
        fact.by = "rule";
        fact.rule = see::ledger::because(*rule);
        fact.confidence = 100;
        fact.chosen = true;
        fact.first = row.first;
        fact.last = row.last;
        row.facts.insert(row.facts.begin(), std::move(fact));
        return;
    }
}

store::ShownRow Portraits::shown(const see::Portrait& portrait) const {
    store::ShownRow out;
    out.device = portrait.id;
    out.name = portrait.name;
    out.role = portrait.role;
    out.level = portrait.purdue_level;
    out.vendor = portrait.vendor;
    out.product = portrait.product;
    out.firmware = portrait.firmware;
    out.serial = portrait.serial;
    out.os = portrait.os;
    out.state = portrait.state;
    out.first = portrait.first_seen;
    out.last = portrait.last_seen;
    if (!portrait.macs.empty()) out.mac = portrait.macs.front();
    out.address = !portrait.ips.empty() ? portrait.ips.front() : out.mac;
    if (!portrait.vlans.empty()) out.vlan = portrait.vlans.front();

    std::vector<observe::Ip> addresses;
    for (const auto& text : portrait.ips)
        if (const auto address = observe::ip_of(text)) addresses.push_back(*address);
    if (!addresses.empty()) {
        const auto bytes = std::as_bytes(std::span{addresses.front()});
        out.address_key.assign(bytes.begin(), bytes.end());
    } else {
        for (const char c : out.mac) out.address_key.push_back(static_cast<std::byte>(c));
    }
    out.line = people_.line_of(addresses);
    out.protocols = " ";
    for (const auto& protocol : portrait.protocols) out.protocols += protocol + ' ';

    const observe::Attribute* before = nullptr;
    for (const auto& evidence : portrait.evidence) {
        const bool chosen = evidence.part.empty() && (!before || *before != evidence.attribute);
        if (evidence.part.empty()) before = &evidence.attribute;
        if (chosen && evidence.attribute == observe::Attribute::state) out.run_state = evidence.value;
        // Its own name for its port is something else than the port that it is plugged into.
        if (evidence.attribute == observe::Attribute::port_name && evidence.protocol == "switch_table" &&
            out.switch_port.empty())
            out.switch_port = evidence.value;
        if (out.facts.size() == 900) continue;
        store::ShownFact fact;
        fact.attribute = attribute(evidence.attribute);
        fact.value = evidence.value;
        fact.by = evidence.protocol == "oui" ? "catalog" : "protocol";
        fact.protocol = evidence.protocol;
        fact.part = evidence.part;
        fact.confidence = evidence.confidence;
        fact.chosen = chosen;
        fact.first = evidence.first;
        fact.last = evidence.last;
        fact.source = evidence.source;
        fact.frame = evidence.frame;
        fact.offset = evidence.offset;
        out.facts.push_back(std::move(fact));
    }
    bool first_reason = true;
    for (const auto& reason : portrait.reasons) {
        store::ShownFact fact;
        fact.attribute = "role";
        fact.value = reason.role;
        fact.by = "behaviour";
        fact.rule = see::rule_text(reason.identifier, reason.grounds);
        fact.confidence = reason.confidence;
        fact.chosen = std::exchange(first_reason, false);
        out.facts.push_back(std::move(fact));
    }
    for (const auto& part : portrait.parts) {
        store::ShownPart row{part.name,   part.vendor, part.product, part.firmware,
                             part.serial, " ",         part.first,   part.last};
        for (const auto& protocol : part.protocols) row.protocols += protocol + ' ';
        out.parts.push_back(std::move(row));
        if (out.parts.size() == 1000) break;
    }

    // A person's word comes last and wins; the latest, where two things that were corrected became one.
    for (const auto node : plant_.nodes_of(portrait.id)) {
        const auto said = people_.corrections.find(node.value);
        if (said == people_.corrections.end()) continue;
        for (const auto& [which, correction] : said->second) {
            auto value = correction.value;
            if (which == "name") out.name = value;
            if (which == "role") out.role = value;
            if (which == "line") {
                out.line = static_cast<std::int64_t>(number<std::uint32_t>(value).value_or(0));
                const auto line = people_.lines.find(*out.line);
                if (line == people_.lines.end()) {
                    out.line.reset();
                    continue;
                }
                value = line->second.name;
            }
            out.corrected = true;
            for (auto& fact : out.facts)
                if (fact.attribute == which && fact.part.empty()) fact.chosen = false;
            store::ShownFact fact;
            fact.attribute = which;
            fact.value = value;
            fact.by = "person";
            fact.rule = correction.who;
            fact.confidence = 100;
            fact.chosen = true;
            fact.first = fact.last = correction.at;
            out.facts.insert(out.facts.begin(), std::move(fact));
        }
    }

    if (!out.line) line_by_rule(out, std::move(addresses));
    out.approval = standing(portrait);

    const auto search = [&](std::string_view word) {
        if (!word.empty() && out.words.size() < 4096) out.words += cat(word, " ");
    };
    for (const auto* word :
         {&out.name, &out.role, &out.vendor, &out.product, &out.firmware, &out.serial, &out.os})
        search(*word);
    for (const auto* list : {&portrait.ips, &portrait.macs, &portrait.hostnames, &portrait.protocols})
        for (const auto& word : *list) search(word);
    for (const auto& part : out.parts) search(part.product), search(part.serial);
    out.words = lower(out.words);
    return out;
}

void Portraits::draw(std::size_t most, store::Batch& batch) {
    for (std::size_t count = 0; count < most && !waiting_.empty(); ++count) {
        const model::DeviceId id{*waiting_.begin()};
        waiting_.erase(waiting_.begin());
        const auto* device = plant_.device(id);
        if (!device || device->gone) {
            store::ShownRow gone;
            gone.device = id;
            gone.gone = true;
            if (drawn_.erase(id.value) != 0) batch.shown.push_back(std::move(gone));
            continue;
        }
        auto row = shown(see::portray(plant_, id));
        auto& drawn = drawn_[id.value];
        const auto now = looks(row);
        // What is under it, parts and when each fact was last told, follows now and then.
        if (drawn.looks == now && row.last - drawn.last < fresh_enough) {
            batch.seen.emplace_back(id, row.last);
            continue;
        }
        const auto change = [&](std::string_view kind, observe::Time at, std::string_view from,
                                std::string_view to) {
            auto& told = batch.changes.emplace_back();
            told.at = at;
            told.kind = kind;
            told.device = id;
            told.attribute = kind == "new_device" ? "" : kind;
            told.old_value = from;
            told.new_value = to;
        };
        if (!std::exchange(drawn.told, true)) {
            change("new_device", row.first, "", row.name);
        } else {
            if (drawn.firmware != row.firmware && !drawn.firmware.empty() && !row.firmware.empty())
                change("firmware", row.last, drawn.firmware, row.firmware);
            if (drawn.address != row.address && !drawn.address.empty() && !row.address.empty())
                change("address", row.last, drawn.address, row.address);
            if (drawn.name != row.name && !row.corrected && !drawn.name.empty() &&
                drawn.name != drawn.address)
                change("name", row.last, drawn.name, row.name);
            // A person who takes it back says so by themselves; this is what nobody said.
            const auto& now_is = row.approval;
            const bool was_in = drawn.approval == store::Approval::approved ||
                                drawn.approval == store::Approval::temporary;
            if (was_in && now_is.state == store::Approval::pending && now_is.why != "new") {
                change("approval", row.last, now_is.from, now_is.to);
                batch.changes.back().attribute = now_is.why;
            }
        }
        drawn = {row.name, row.address, row.firmware, row.role, now, true, row.last, row.approval.state};
        batch.shown.push_back(std::move(row));
    }
}

} // namespace yagura::center
