// Who talks to whom, serves what, does what and stands beside whom: what traffic adds up to.
#include <algorithm>
#include <optional>

#include "spine/model/inside.h"
#include "spine/observe/text.h"

namespace yagura::model {

using observe::Speaker;

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

} // namespace yagura::model
