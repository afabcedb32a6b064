#include "spine/worker/ways.h"

#include <algorithm>
#include <cstring>

namespace yagura::worker {

using dissect::Dissector;
using dissect::Last;
using dissect::Likeness;
namespace ob = observe;

namespace {
constexpr std::uint8_t tries_most = 8; ///< messages that a channel may send before nobody is asked any more
constexpr std::size_t name_most = 96;  ///< of a file; longer ones keep their end, which has the name
} // namespace

/// A protocol that another one carries, in one channel of it.
struct WorkerWays::Child {
    const Dissector* row = nullptr;
    std::byte* state = nullptr;
    Claim* owner = nullptr;
    std::uint64_t path = 0;
    Child* previous = nullptr;
    Child* next = nullptr;
    std::uint16_t protocol = 0;
    std::uint8_t tries = 0;
    std::uint8_t speaking = 0; ///< it is on the stack of calls: it must not make room
};

/// A record of one conversation, for as long as that lasts.
struct WorkerWays::Kept {
    Record record{};
    Claim* owner = nullptr;
    std::uint64_t key = 0;
    Kept* previous = nullptr;
    Kept* next = nullptr;
};

struct WorkerWays::Due {
    const Dissector* row = nullptr;
    std::uint16_t from_port = 0;
    ob::Time until{};
};

struct WorkerWays::Moving {
    Sha256 hash;
    std::uint64_t next = 0, bytes = 0, missing = 0, conversation = 0;
    ob::Parties parties;
    ob::Time at{};
    ob::Evidence evidence{};
    ob::Speaker speaker{};
    ob::Transfer::Content content{};
    std::uint8_t name_size = 0;
    std::array<char, name_most> name{};
};

WorkerWays::WorkerWays(const Settings& settings, const Recogniser& recogniser, ob::Sink& said,
                       BlockPool& blocks, StatePool& states, Limits& limits, Began began, void* whom)
    : settings_{settings},
      recogniser_{recogniser},
      said_{said},
      states_{states},
      blocks_{blocks},
      began_{began},
      whom_{whom},
      children_{std::make_unique<BoundedTable<std::uint64_t, Child>>(settings.children_most)},
      records_{std::make_unique<BoundedTable<std::uint64_t, Kept>>(settings.records_most)},
      expected_{std::make_unique<BoundedTable<std::uint64_t, Due>>(settings.expected_most)},
      transfers_{std::make_unique<BoundedTable<std::uint64_t, Moving>>(settings.transfers_most)},
      gatherer_{blocks, settings.gatherings_most},
      children_limit_{limits.add("worker.carried", settings.children_most, "channels")},
      records_limit_{limits.add("worker.remembered", settings.records_most, "records")},
      expected_limit_{limits.add("worker.expected", settings.expected_most, "conversations")},
      transfers_limit_{limits.add("worker.transfers", settings.transfers_most, "transfers")},
      gatherings_limit_{limits.add("worker.gatherings", settings.gatherings_most, "messages")},
      blocks_limit_{limits.add("worker.waiting", blocks.budget(), "bytes")},
      states_limit_{limits.add("worker.states", states.budget(), "bytes")} {}

WorkerWays::~WorkerWays() = default;

std::size_t WorkerWays::memory_most(const Settings& settings) noexcept {
    return BoundedTable<std::uint64_t, Child>::memory_most(settings.children_most) +
           BoundedTable<std::uint64_t, Kept>::memory_most(settings.records_most) +
           BoundedTable<std::uint64_t, Due>::memory_most(settings.expected_most) +
           BoundedTable<std::uint64_t, Moving>::memory_most(settings.transfers_most) +
           BoundedTable<std::uint64_t, BlockPool::Lease>::memory_most(settings.gatherings_most);
}

bool WorkerWays::claim(Claim& claim, const Dissector& row, std::uint16_t protocol,
                       std::uint64_t conversation) {
    auto* state = states_.take(row.state_size);
    if (!state) {
        states_limit_.refuse();
        return false;
    }
    row.start(state);
    claim = {.row = &row, .state = state, .conversation = conversation, .protocol = protocol};
    return true;
}

void WorkerWays::release(Claim& claim) noexcept {
    while (auto* child = claim.children) {
        unlink(*child);
        children_->erase(child->path, child->path);
    }
    while (auto* kept = claim.records) {
        unlink(*kept);
        records_->erase(kept->key, kept->key);
    }
    if (claim.transfers_count) {
        std::array<std::uint64_t, 16> ended;
        std::size_t count = 0;
        transfers_->each([&](std::uint64_t key, Moving& moving) {
            if (moving.conversation != claim.conversation) return;
            say_transfer(moving, false);
            if (count < ended.size()) ended[count++] = key;
        });
        for (std::size_t i = 0; i < count; ++i) transfers_->erase(ended[i], ended[i]);
    }
    if (claim.state) states_.give_back(claim.state, claim.row->state_size);
    claim = {};
}

void WorkerWays::message(Claim& claim, const dissect::Pdu& pdu) noexcept {
    current_ = &claim;
    level_ = {claim.row, claim.conversation};
    depth_ = 1;
    pass_ = 0;
    now_ = pdu.origin.at;
    claim.row->dissect(pdu, claim.state, *this);
    current_ = nullptr;
    depth_ = 0;
}

void WorkerWays::carry(std::string_view carrier, std::uint32_t selector, std::uint64_t channel, Bytes bytes,
                       const ob::Origin& origin) noexcept {
    if (!current_ || bytes.empty()) return;
    if (depth_ >= depth_most) {
        ++counters_.too_deep;
        return;
    }
    const auto number = recogniser_.carrier(carrier);
    if (!number) {
        ++counters_.unclaimed;
        return;
    }
    const auto path = Hasher{}.add(level_.path).add(std::uint64_t{*number} << 56 ^ channel).finish();
    auto* found = child(path, *number, selector, bytes, origin);
    if (!found) {
        ++counters_.unclaimed;
        return;
    }
    const auto below = std::exchange(level_, {found->row, path});
    ++depth_;
    ++found->speaking;
    cut(*found, bytes, origin);
    --found->speaking;
    --depth_;
    level_ = below;
}

void WorkerWays::cut(Child& child, Bytes stream, const ob::Origin& origin) noexcept {
    while (!stream.empty()) {
        const auto framing = child.row->cut(stream, child.state, origin.speaker);
        if (framing.lost) {
            said_.on(origin, ob::Anomaly{child.protocol, *framing.lost});
            ++counters_.lost;
            return;
        }
        if (framing.length == 0 || framing.length > stream.size()) return;
        child.row->dissect({stream.first(framing.length), origin, child.protocol}, child.state, *this);
        stream = stream.subspan(framing.length);
    }
}

WorkerWays::Child* WorkerWays::child(std::uint64_t path, Recogniser::Carrier carrier, std::uint32_t selector,
                                     Bytes bytes, const ob::Origin& origin) noexcept {
    auto* found = children_->find(path, path);
    if (!found) {
        if (current_->children_count >= settings_.children_each) {
            ++counters_.channels_refused;
            return nullptr;
        }
        found = &children_->insert(path, path, [this](std::uint64_t, Child& old) {
            if (old.speaking) return false;
            unlink(old);
            return true;
        });
        found->path = path;
        found->owner = current_;
        found->next = current_->children;
        if (found->next) found->next->previous = found;
        current_->children = found;
        ++current_->children_count;
    }
    if (found->row) return found;
    if (found->tries == tries_most) return nullptr;
    ++found->tries;
    const bool client = origin.speaker == ob::Speaker::client;
    const auto verdict = recogniser_.ask(
        carrier,
        {.client = client ? bytes : Bytes{}, .server = client ? Bytes{} : bytes, .latest = origin.speaker},
        {selector, 0}, Recogniser::Try::early);
    // Its carrier says what it carries: where the selector fits, `maybe` is enough.
    if (verdict.likeness != Likeness::yes && !(verdict.likeness == Likeness::maybe && verdict.hinted))
        return nullptr;
    auto* state = states_.take(verdict.row->state_size);
    if (!state) {
        states_limit_.refuse();
        return nullptr;
    }
    verdict.row->start(state);
    found->row = verdict.row;
    found->state = state;
    found->protocol = recogniser_.number_of(*verdict.row);
    began_(whom_, found->protocol);
    return found;
}

/// From its conversation, with its state given back; the table's entry stays to its caller.
void WorkerWays::unlink(Child& child) noexcept {
    (child.previous ? child.previous->next : child.owner->children) = child.next;
    if (child.next) child.next->previous = child.previous;
    --child.owner->children_count;
    if (child.state) states_.give_back(child.state, child.row->state_size);
    child.state = nullptr;
}

Bytes WorkerWays::gather(std::uint64_t channel, Bytes piece, Last last) noexcept {
    if (!current_) return {};
    const auto key = Hasher{}.add(level_.path).add(channel).add(3u).finish();
    return gatherer_.add(key, piece, last, level_.row->facts.message_most);
}

WorkerWays::Record* WorkerWays::remember(std::uint64_t key) noexcept {
    if (!current_) return nullptr;
    const auto hash = Hasher{}.add(current_->conversation).add(key).add(4u).finish();
    if (auto* known = records_->find(hash, hash)) return &known->record;
    if (current_->records_count >= settings_.records_each) {
        ++counters_.records_refused;
        return nullptr;
    }
    auto& fresh = records_->insert(hash, hash, [](std::uint64_t, Kept& old) { unlink(old); });
    fresh.key = hash;
    fresh.owner = current_;
    fresh.next = current_->records;
    if (fresh.next) fresh.next->previous = &fresh;
    current_->records = &fresh;
    ++current_->records_count;
    return &fresh.record;
}
void WorkerWays::unlink(Kept& kept) noexcept {
    (kept.previous ? kept.previous->next : kept.owner->records) = kept.next;
    if (kept.next) kept.next->previous = kept.previous;
    --kept.owner->records_count;
}

std::uint64_t WorkerWays::stations(const ob::Station& from, const ob::Station& to,
                                   std::uint8_t protocol) noexcept {
    const auto add = [](Hasher& hash, const ob::Station& station) {
        std::uint64_t words[2]{};
        if (station.has_ip())
            std::memcpy(words, station.ip.data(), sizeof words);
        else
            std::memcpy(words, station.mac.data(), station.mac.size());
        hash.add(words[0]).add(words[1]);
    };
    Hasher hash;
    add(hash, from);
    add(hash, to);
    return hash.add(std::uint64_t{protocol} << 16 | to.port).finish();
}

void WorkerWays::expect(const Expected& expected) noexcept {
    const auto* row = dissect::find(expected.protocol);
    if (!row) return;
    const auto key = stations(expected.from, expected.to, expected.ip_protocol);
    auto* due = expected_->find(key, key);
    if (!due)
        due = &expected_->insert(key, key, [this](std::uint64_t, Due& old) {
            if (old.until >= now_) ++counters_.unexpected;
        });
    *due = {row, expected.from.port, now_ + settings_.expected_patience};
}

const Dissector* WorkerWays::expected(const ob::Parties& parties, ob::Time now) noexcept {
    if (expected_->size() == 0) return nullptr;
    const auto protocol = static_cast<std::uint8_t>(parties.lane.carrier);
    const auto look = [&](const ob::Station& from, const ob::Station& to) -> const Dissector* {
        const auto key = stations(from, to, protocol);
        const auto* due = expected_->find(key, key);
        if (!due || (due->from_port != 0 && due->from_port != from.port)) return nullptr;
        if (due->until < now) {
            expected_->erase(key, key);
            return nullptr;
        }
        return due->row;
    };
    const auto* row = look(parties.client, parties.server);
    return row ? row : look(parties.server, parties.client);
}

void WorkerWays::transfer(std::uint64_t channel, ob::Transfer::Content content, std::string_view name,
                          std::uint64_t offset, Bytes piece, Last last, const ob::Origin& origin) noexcept {
    if (!current_) return;
    const auto key = Hasher{}.add(level_.path).add(channel).add(5u).finish();
    auto* moving = transfers_->find(key, key);
    if (!moving) {
        if (current_->transfers_count >= settings_.transfers_each) {
            ++counters_.transfers_refused;
            return;
        }
        ++current_->transfers_count;
        moving = &transfers_->insert(key, key,
                                     [this](std::uint64_t, Moving& old) { say_transfer(old, false); });
        moving->conversation = origin.conversation;
        moving->parties = origin.parties;
        moving->content = content;
        moving->speaker = origin.speaker;
        if (name.size() > name_most) name.remove_prefix(name.size() - name_most);
        moving->name_size = static_cast<std::uint8_t>(name.size());
        std::ranges::copy(name, moving->name.begin());
    }
    moving->at = origin.at;
    moving->evidence = origin.evidence;
    if (offset < moving->next) { // Sent again: what was hashed stays.
        const auto known = std::min<std::uint64_t>(moving->next - offset, piece.size());
        piece = piece.subspan(known);
        offset += known;
    }
    if (!piece.empty()) {
        moving->missing += offset - moving->next;
        moving->hash.add(piece);
        moving->bytes += piece.size();
        moving->next = offset + piece.size();
    }
    if (last == Last::no) return;
    say_transfer(*moving, true);
    transfers_->erase(key, key);
    if (current_->transfers_count) --current_->transfers_count;
}

/// One that did not end has at least one byte missing: its hash is not that of the file.
void WorkerWays::say_transfer(Moving& moving, bool whole) noexcept {
    said_.on({.at = moving.at,
              .parties = moving.parties,
              .conversation = moving.conversation,
              .speaker = moving.speaker,
              .evidence = moving.evidence},
             ob::Transfer{.content = moving.content,
                          .name = {moving.name.data(), moving.name_size},
                          .bytes = moving.bytes,
                          .missing = whole ? moving.missing : std::max<std::uint64_t>(moving.missing, 1),
                          .sha256 = moving.hash.finish()});
}

void WorkerWays::publish() noexcept {
    children_limit_.use(children_->size());
    children_limit_.refusals(children_->forgotten() + counters_.channels_refused + counters_.too_deep);
    records_limit_.use(records_->size());
    records_limit_.refusals(records_->forgotten() + counters_.records_refused);
    expected_limit_.use(expected_->size());
    expected_limit_.refusals(counters_.unexpected);
    transfers_limit_.use(transfers_->size());
    transfers_limit_.refusals(transfers_->forgotten() + counters_.transfers_refused);
    gatherings_limit_.use(gatherer_.open());
    gatherings_limit_.refusals(gatherer_.counters().refused + gatherer_.counters().evicted);
    blocks_limit_.use(blocks_.taken());
    blocks_limit_.refusals(blocks_.counters().refused + blocks_.counters().evicted);
    states_limit_.use(states_.used());
}

} // namespace yagura::worker
