// Every conversation that a worker follows: who, how much, until when, and the worker's own state of it.
//
// Key: realm, carrier, both addresses and ports in either order; without IP both MACs and the channel. VLANs
// are told and not keyed, since a SPAN may show both sides of a router.
//
// A conversation ends when it was silent for longer than its patience, when its ports are opened again by
// another SYN, when the table is full and it is among the oldest, or with the worker. Whether it was silent
// too long is judged by its own packets' time, when its next packet comes or when the wheel passes, so that
// the answer does not depend on who else shares the worker.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "spine/decode/mix.h"
#include "spine/decode/tcp_stream.h"

namespace yagura::decode {

struct Patience {
    std::chrono::seconds tcp{3600};       ///< since the last packet, while it is open
    std::chrono::seconds tcp_opening{75}; ///< SYN without an answer; a repetition comes after 64 s at most
    std::chrono::seconds tcp_closed{120}; ///< FIN from both, or RST: what is repeated late finds it still
    std::chrono::seconds tcp_refused{10}; ///< RST before both spoke: what a port scan leaves
    std::chrono::seconds other{600};
};

struct TableOptions {
    std::uint32_t conversations_most = 1'000'000;
    Patience patience{};
};

enum class Ending : std::uint8_t { closed, silent, reopened, evicted, stopped };

/// What the table knows of each. `parties` are in the order of roles: client first.
struct Flow {
    observe::Parties parties;
    Form form = Form::opaque;             ///< of its first packet
    bool told = false;                    ///< the worker's, to remember that it said "opened"
    std::uint16_t channel = 0;            ///< Packet::channel
    std::uint32_t next = 0, previous = 0; ///< in the wheel's slot; next also in the list of free ones
    std::uint32_t hash = 0;
    std::uint32_t slot = 0;
    observe::Time last{};
    std::array<std::uint64_t, 2> packets{}; ///< by Speaker; a reassembled datagram counts its frames
    std::array<std::uint64_t, 2> bytes{};   ///< on the wire
    TcpStream tcp;
    observe::Time first{};
    std::uint64_t first_frame = 0;
    /// Made of key and beginning without a secret: equal in every run and with any number of workers.
    std::uint64_t number = 0;

    /// The recogniser knows better who is the client.
    void turn_round() noexcept {
        std::swap(parties.client, parties.server);
        std::swap(packets[0], packets[1]);
        std::swap(bytes[0], bytes[1]);
        tcp.turn_round();
    }
};
static_assert(sizeof(Flow) <= 232, "what is left of 1,024 bytes is the worker's");

template <class State>
struct alignas(64) Conversation : Flow {
    State state{};
};

/// One per worker. State is made and destroyed in place and never moves.
template <class State>
class ConversationTable {
public:
    using Entry = Conversation<State>;
    struct Found {
        Entry* conversation; ///< valid until it ends
        observe::Speaker speaker;
        bool fresh;
    };
    struct Counters {
        std::uint64_t made = 0, ended = 0, evicted = 0, rekeyed = 0;
    };

    ConversationTable(const TableOptions& options, TcpStore& store)
        : options_{options}, store_{store}, secret_{draw_secret()}, index_(places_least) {
        wheel_.fill(nobody);
    }
    ~ConversationTable() {
        finish([](Entry&, Ending) {});
    }
    ConversationTable(const ConversationTable&) = delete;
    ConversationTable& operator=(const ConversationTable&) = delete;

    /// The packet's place. In a batch: hash() all, prefetch() all, prefetch_conversation() all, and then
    /// find() one after the other. A hash stays right until find() makes the table draw a new secret;
    /// find() notices that by itself.
    std::uint64_t hash(const Packet& packet) const noexcept { return hash(packet.parties, packet.channel); }
    void prefetch(std::uint64_t hash) const noexcept {
        __builtin_prefetch(&index_[position(static_cast<std::uint32_t>(hash))]);
    }
    void prefetch_conversation(std::uint64_t hash) const noexcept {
        const auto tag = static_cast<std::uint32_t>(hash);
        const auto& place = index_[position(tag)];
        if (place.who == nobody || place.tag != tag) return;
        const auto* at = memory(place.who);
        for (int line = 0; line < 5; ++line) __builtin_prefetch(at + line * 64, 1);
    }

    /// The packet's conversation, counted; a new one if there is none yet. Conversations that end because
    /// of it are told first: `ended(Entry&, Ending)`, after which they are gone.
    template <class Ended>
    Found find(std::uint64_t hash, const Packet& packet, Ended&& ended) {
        if (hash >> generation_shift != generation_) [[unlikely]]
            hash = this->hash(packet);
        const auto tag = static_cast<std::uint32_t>(hash);
        std::uint32_t probes = 0;
        for (auto at = position(tag); index_[at].who != nobody; at = (at + 1) & (index_.size() - 1)) {
            if (index_[at].tag == tag) {
                auto& found = entry(index_[at].who);
                auto speaker = observe::Speaker::client;
                if (found.channel == packet.channel && same(found.parties, packet.parties, speaker)) {
                    const bool silent = packet.at - found.last > patience(found);
                    const bool reopened = packet.form == Form::tcp && found.tcp.reopened_by(packet, speaker);
                    if (silent || reopened) [[unlikely]] {
                        end(index_[at].who, silent ? silent_ending(found) : Ending::reopened, ended);
                        return make(hash, packet, ended);
                    }
                    count(found, packet, speaker);
                    return {&found, speaker, false};
                }
            }
            if (++probes == probes_most) [[unlikely]] {
                rekey();
                return find(this->hash(packet), packet, ended);
            }
        }
        return make(hash, packet, ended);
    }

    /// Packet time has come so far. Tells what has ended since, `most` of them at once so that a jump of
    /// the clock does not stop the packets; true if there is more to do. Costs nothing within a second.
    template <class Ended>
    bool advance(observe::Time now, Ended&& ended, std::uint32_t most = 256) {
        const auto target = tick_of(now);
        if (!started_ || target < tick_) return false;
        // Nothing lies further ahead than one turn of the wheel.
        tick_ = std::max(tick_, target - static_cast<std::int64_t>(wheel_.size()) + 1);
        for (; tick_ <= target; ++tick_) {
            for (auto who = wheel_[slot_of(tick_)]; who != nobody;) {
                auto& one = flow(who);
                const auto next = one.next;
                if (due(one) > tick_) {
                    unhook(one);
                    hook(one, who);
                } else {
                    if (most-- == 0) return true;
                    end(who, silent_ending(one), ended);
                }
                who = next;
            }
        }
        return false;
    }

    /// Ends them all.
    template <class Ended>
    void finish(Ended&& ended) {
        for (std::uint32_t who = 0; who < made_; ++who)
            if (alive(who)) end(who, Ending::stopped, ended);
    }

    template <class Use>
    void each(Use&& use) {
        for (std::uint32_t who = 0; who < made_; ++who)
            if (alive(who)) use(entry(who));
    }

    /// Its patience became shorter (FIN, RST): the wheel has to come to it earlier.
    void hasten(Entry& closing) noexcept {
        for (auto at = position(closing.hash); index_[at].who != nobody; at = (at + 1) & (index_.size() - 1))
            if (const auto who = index_[at].who; &entry(who) == &closing) {
                unhook(closing);
                hook(closing, who);
                return;
            }
    }

    /// Silent until then, it ends.
    observe::Time patient_until(const Flow& flow) const noexcept { return flow.last + patience(flow); }

    std::size_t size() const noexcept { return size_; }
    const Counters& counters() const noexcept { return counters_; }
    /// What a table takes at most, the moment of its last growing included.
    static constexpr std::size_t memory_most(const TableOptions& options) noexcept {
        const std::size_t most = options.conversations_most;
        std::size_t places = places_least;
        while (places < 2 * most) places *= 2;
        return (most + chunk_entries - 1) / chunk_entries * (sizeof(Chunk) + 64 + 2 * sizeof(void*)) +
               places * sizeof(Place) * 3 / 2;
    }
    /// All of it: entries, index, wheel.
    std::size_t bytes_taken() const noexcept {
        return chunks_.size() * (sizeof(Chunk)) + index_.capacity() * sizeof(Place) + sizeof *this;
    }

private:
    static constexpr std::uint32_t nobody = 0xffffffff;
    /// By chance alone, at half full, a run of that many is seen once in e^49 (Knuth 6.4, linear probing).
    static constexpr std::uint32_t probes_most = 256;
    static constexpr std::size_t places_least = 1024;
    static constexpr std::size_t chunk_entries = 1024; ///< pages that nobody used yet cost nothing
    static constexpr unsigned generation_shift = 56;

    struct Place {
        std::uint32_t tag = 0;
        std::uint32_t who = nobody;
    };
    struct Chunk {
        alignas(64) std::byte memory[chunk_entries * sizeof(Entry)];
    };

    std::uint64_t hash(const observe::Parties& parties, std::uint16_t channel) const noexcept {
        const auto words = [](const auto& array) {
            std::array<std::uint64_t, 2> out{};
            std::memcpy(out.data(), array.data(), sizeof array);
            return out;
        };
        const auto& lane = parties.lane;
        const bool ip = parties.client.has_ip() || parties.server.has_ip();
        auto one = ip ? words(parties.client.ip) : words(parties.client.mac);
        auto other = ip ? words(parties.server.ip) : words(parties.server.mac);
        one[0] ^= parties.client.port * 0x9e3779b97f4a7c15u;
        other[0] ^= parties.server.port * 0x9e3779b97f4a7c15u;
        // In either order: each end by itself, then their sum.
        const auto mine = fold(one[0] ^ secret_[0], one[1] ^ secret_[1]);
        const auto yours = fold(other[0] ^ secret_[0], other[1] ^ secret_[1]);
        const auto how = std::uint64_t{channel} << 32 |
                         std::uint64_t{static_cast<std::uint16_t>(lane.realm)} << 16 | lane.carrier;
        const auto all = fold((mine + yours) ^ secret_[2], how ^ secret_[3]) ^ (mine ^ yours) * secret_[4];
        return generation_ << generation_shift | all >> (64 - generation_shift);
    }

    static bool same(const observe::Parties& flow, const observe::Parties& packet,
                     observe::Speaker& speaker) noexcept {
        if (flow.lane.carrier != packet.lane.carrier || flow.lane.realm != packet.lane.realm) return false;
        const auto equal = [](const observe::Station& a, const observe::Station& b) {
            return a.port == b.port && observe::equal(a.ip, b.ip);
        };
        const bool ip = flow.client.has_ip() || flow.server.has_ip();
        const auto equal_mac = [ip](const observe::Station& a, const observe::Station& b) {
            return ip || a.mac == b.mac;
        };
        if (equal(flow.client, packet.client) && equal(flow.server, packet.server) &&
            equal_mac(flow.client, packet.client) && equal_mac(flow.server, packet.server)) {
            speaker = observe::Speaker::client;
            return true;
        }
        if (equal(flow.client, packet.server) && equal(flow.server, packet.client) &&
            equal_mac(flow.client, packet.server) && equal_mac(flow.server, packet.client)) {
            speaker = observe::Speaker::server;
            return true;
        }
        return false;
    }

    static void count(Flow& flow, const Packet& packet, observe::Speaker speaker) noexcept {
        const auto side = static_cast<std::size_t>(speaker);
        flow.packets[side] += packet.frames;
        flow.bytes[side] += packet.wire_bytes;
        if (flow.last < packet.at) flow.last = packet.at;
    }

    template <class Ended>
    Found make(std::uint64_t hash, const Packet& packet, Ended& ended) {
        if (size_ >= options_.conversations_most) evict(ended);
        if ((size_ + 1) * 2 > index_.size()) resize(index_.size() * 2);
        std::uint32_t who = free_;
        if (who != nobody) {
            free_ = flow(who).next;
        } else {
            if (made_ == chunks_.size() * chunk_entries)
                chunks_.push_back(std::make_unique_for_overwrite<Chunk>());
            who = made_++;
        }
        auto& fresh = *new (memory(who)) Entry;
        ++size_;
        ++counters_.made;
        fresh.parties = packet.parties;
        fresh.form = packet.form;
        fresh.channel = packet.channel;
        fresh.first = fresh.last = packet.at;
        fresh.first_frame = packet.frame;
        fresh.hash = static_cast<std::uint32_t>(hash);
        fresh.number = number(packet);
        auto speaker = observe::Speaker::client;
        if (packet.form == Form::tcp && packet.tcp.has(Tcp::syn)) {
            fresh.parties.certain = true;
            if (packet.tcp.has(Tcp::ack)) { // An answer: who sends it was asked.
                std::swap(fresh.parties.client, fresh.parties.server);
                speaker = observe::Speaker::server;
            }
        }
        count(fresh, packet, speaker);
        insert(fresh.hash, who);
        if (!started_) {
            started_ = true;
            tick_ = tick_of(packet.at);
        }
        hook(fresh, who);
        return {&fresh, speaker, true};
    }

    template <class Ended>
    void end(std::uint32_t who, Ending why, Ended& ended) {
        auto& gone = entry(who);
        ended(gone, why);
        gone.tcp.release(store_);
        unhook(gone);
        remove(gone.hash, who);
        gone.~Entry();
        // What is left is a link in the list of free places.
        auto* rest = new (memory(who)) Flow;
        rest->slot = dead;
        rest->next = free_;
        free_ = who;
        --size_;
        ++counters_.ended;
        if (why == Ending::evicted) ++counters_.evicted;
    }

    /// Whoever would end next: SYNs without an answer before long connections. The wheel knows it as of
    /// when it last looked; who has spoken since goes to where he belongs.
    template <class Ended>
    void evict(Ended& ended) {
        std::uint32_t oldest = nobody;
        int looked = 0;
        for (std::size_t i = 0; i < wheel_.size() && looked < 16; ++i) {
            const auto tick = tick_ + static_cast<std::int64_t>(i);
            for (auto who = wheel_[slot_of(tick)]; who != nobody && looked < 16; ++looked) {
                auto& one = flow(who);
                const auto next = one.next;
                if (oldest == nobody || one.last < flow(oldest).last) oldest = who;
                if (due(one) <= tick) {
                    end(who, Ending::evicted, ended);
                    return;
                }
                unhook(one);
                hook(one, who);
                who = next;
            }
        }
        if (oldest != nobody) end(oldest, Ending::evicted, ended);
    }

    std::chrono::nanoseconds patience(const Flow& flow) const noexcept {
        if (flow.form != Form::tcp) return options_.patience.other;
        if (flow.tcp.closed())
            return flow.tcp.refused() ? options_.patience.tcp_refused : options_.patience.tcp_closed;
        if (flow.packets[1] == 0 && flow.parties.certain) return options_.patience.tcp_opening;
        return options_.patience.tcp;
    }
    static Ending silent_ending(const Flow& flow) noexcept {
        return flow.form == Form::tcp && flow.tcp.closed() ? Ending::closed : Ending::silent;
    }

    // The wheel: a slot a second, one turn as long as the longest patience can be.
    static std::int64_t tick_of(observe::Time at) noexcept {
        return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    }
    std::size_t slot_of(std::int64_t tick) const noexcept {
        return static_cast<std::uint64_t>(tick) & (wheel_.size() - 1);
    }
    std::int64_t due(const Flow& one) const noexcept { return tick_of(one.last + patience(one)) + 1; }
    void hook(Flow& one, std::uint32_t who) noexcept {
        const auto when = std::clamp(due(one), tick_, tick_ + static_cast<std::int64_t>(wheel_.size()) - 1);
        one.slot = static_cast<std::uint32_t>(slot_of(when));
        one.previous = nobody;
        one.next = wheel_[one.slot];
        if (one.next != nobody) flow(one.next).previous = who;
        wheel_[one.slot] = who;
    }
    void unhook(const Flow& one) noexcept {
        (one.previous == nobody ? wheel_[one.slot] : flow(one.previous).next) = one.next;
        if (one.next != nobody) flow(one.next).previous = one.previous;
    }

    // The index: linear probing, at most half full, and places are closed up when one leaves.
    std::size_t position(std::uint32_t tag) const noexcept { return tag & (index_.size() - 1); }
    void insert(std::uint32_t tag, std::uint32_t who) noexcept {
        auto at = position(tag);
        while (index_[at].who != nobody) at = (at + 1) & (index_.size() - 1);
        index_[at] = {tag, who};
    }
    void remove(std::uint32_t tag, std::uint32_t who) noexcept {
        const auto mask = index_.size() - 1;
        auto hole = position(tag);
        while (index_[hole].who != who) hole = (hole + 1) & mask;
        for (auto at = (hole + 1) & mask; index_[at].who != nobody; at = (at + 1) & mask) {
            const auto home = position(index_[at].tag);
            if (((at - home) & mask) >= ((at - hole) & mask)) {
                index_[hole] = index_[at];
                hole = at;
            }
        }
        index_[hole] = {};
    }
    void resize(std::size_t places) {
        auto old = std::exchange(index_, std::vector<Place>(places));
        for (const auto& place : old)
            if (place.who != nobody) insert(place.tag, place.who);
    }
    void rekey() {
        secret_ = draw_secret();
        generation_ = (generation_ + 1) & 0xff;
        ++counters_.rekeyed;
        std::fill(index_.begin(), index_.end(), Place{});
        each([this](Entry& one) { one.hash = static_cast<std::uint32_t>(hash(one.parties, one.channel)); });
        for (std::uint32_t who = 0; who < made_; ++who)
            if (alive(who)) insert(entry(who).hash, who);
    }

    static std::uint64_t number(const Packet& packet) noexcept {
        Secret fixed{0x9e3779b97f4a7c15u, 0xd6e8feb86659fd93u, 0xa0761d6478bd642fu,
                     0xe7037ed1a0b428dbu, 0x8ebc6af09c88c6e3u, 0x589965cc75374cc3u};
        std::array<std::uint64_t, 8> words{};
        const auto& parties = packet.parties;
        std::memcpy(&words[0], parties.client.ip.data(), 16);
        std::memcpy(&words[2], parties.server.ip.data(), 16);
        words[4] = std::uint64_t{parties.client.port} << 32 | std::uint64_t{parties.server.port} << 16 |
                   parties.lane.carrier;
        std::memcpy(&words[5], parties.client.mac.data(), 6);
        std::memcpy(&words[6], parties.server.mac.data(), 6);
        words[7] = static_cast<std::uint64_t>(packet.at.time_since_epoch().count()) ^ packet.frame << 40;
        return mix(std::as_bytes(std::span{words}), fixed);
    }

    static constexpr std::uint32_t dead = 0xfffffffe;
    bool alive(std::uint32_t who) noexcept { return flow(who).slot != dead; }
    std::byte* memory(std::uint32_t who) const noexcept {
        return chunks_[who / chunk_entries]->memory + who % chunk_entries * sizeof(Entry);
    }
    /// Of a place that is in use or free: an Entry begins with its Flow.
    Flow& flow(std::uint32_t who) noexcept { return *std::launder(reinterpret_cast<Flow*>(memory(who))); }
    Entry& entry(std::uint32_t who) noexcept { return *std::launder(reinterpret_cast<Entry*>(memory(who))); }

    TableOptions options_;
    TcpStore& store_;
    Secret secret_;
    std::uint64_t generation_ = 0; ///< of the secret; stands on top of each hash
    std::vector<Place> index_;
    std::vector<std::unique_ptr<Chunk>> chunks_;
    std::array<std::uint32_t, 4096> wheel_;
    std::int64_t tick_ = 0;
    bool started_ = false;
    std::uint32_t made_ = 0, free_ = nobody;
    std::size_t size_ = 0;
    Counters counters_;
};

} // namespace yagura::decode
