// Frames, time, and what is said of conversations as such. What they say to each other: streams.cpp.
#include "spine/worker/pipeline.h"

#include <algorithm>
#include <bit>

namespace yagura::worker {

namespace ob = observe;
using decode::Ending;
using decode::Form;
using decode::Oddity;
using decode::Packet;
using ob::Speaker;
using State = ob::Conversation::State;
using namespace std::chrono_literals;

namespace {

/// Silence is told every second for so long, then once a minute, then once at its end: a file with a gap of
/// years, or a hostile clock, is not a million records.
constexpr auto quiet_seconds = 10s;
constexpr auto quiet_step = 60s;
constexpr auto quiet_most = 24h;

constexpr std::uint8_t labelled = 60; ///< confidence in another's word

constexpr std::size_t side(Speaker speaker) noexcept { return static_cast<std::size_t>(speaker); }

/// An address of many is a subject, never a device.
bool is_group(const ob::Station& station) noexcept {
    if (station.has_ip()) {
        const auto& ip = station.ip;
        const bool v4 = std::ranges::all_of(std::span{ip}.first(10), [](auto b) { return b == 0; }) &&
                        ip[10] == 0xff && ip[11] == 0xff;
        if (v4 ? ip[12] >= 224 : ip[0] == 0xff) return true;
    }
    return station.has_mac() && (station.mac[0] & 1) != 0;
}

decode::DecoderOptions decoder_options(const PipelineSettings& settings) {
    auto options = settings.decode;
    options.copies = settings.copies == Copies::once ? decode::Copies::once : decode::Copies::all;
    return options;
}
ob::Time whole_second_after(ob::Time at) noexcept {
    return std::chrono::floor<std::chrono::seconds>(at) + 1s;
}

ob::Time end_of_window(ob::Time at, std::chrono::seconds length) noexcept {
    return ob::Time{(at.time_since_epoch() / std::chrono::nanoseconds{length} + 1) *
                    std::chrono::nanoseconds{length}};
}
/// One side goes on as if the other answered, and we do not see it: the SPAN shows one direction.
bool one_sided(const auto& conversation) noexcept {
    return conversation.state.acknowledges && (conversation.packets[0] == 0 || conversation.packets[1] == 0);
}

} // namespace

Pipeline::Pipeline(const Settings& settings, ob::Sink* unfolded, ob::Sink& out)
    : settings_{settings},
      fold_{settings.fold, out, limits_},
      said_{counts_, unfolded, fold_},
      blocks_{settings.waiting_bytes},
      states_{settings.state_bytes},
      ways_{settings.ways,
            recogniser_,
            said_,
            blocks_,
            states_,
            limits_,
            [](void* whom, std::uint16_t protocol) {
                ++static_cast<Pipeline*>(whom)->counts_.protocols[protocol].flows;
            },
            this},
      labels_{settings.labels, limits_},
      shapes_{settings.shapes},
      decoder_{decoder_options(settings)},
      store_{settings.out_of_order_bytes},
      table_{settings.table, store_},
      flows_limit_{limits_.add("worker.conversations", settings.table.conversations_most, "conversations")},
      early_limit_{limits_.add("worker.early-segments", settings.out_of_order_bytes, "bytes")},
      fragments_limit_{limits_.add("worker.fragments", settings.decode.fragment_datagrams, "datagrams")} {
    counts_.protocols.resize(dissect::all().size() + 1 + (labels_.on() ? dissect::labels().size() : 0));
}

Pipeline::~Pipeline() = default;

ob::Evidence Pipeline::evidence(std::uint64_t frame, std::uint32_t offset) const noexcept {
    return {.frame = frame, .source = source_, .offset = offset};
}

void Pipeline::frame(const decode::Frame& frame, std::uint32_t source) {
    source_ = source;
    ++counts_.packets;
    counts_.bytes += frame.wire_length;
    ++coverage_.packets;
    coverage_.bytes += frame.wire_length;
    if (counts_.packets == 1) counts_.first = counts_.last = frame.at;
    if (frame.at < counts_.first) counts_.first = frame.at;
    if (frame.at > counts_.last) counts_.last = frame.at;

    Packet out;
    const bool whole = decoder_.decode(frame, out);
    // The decoder holds times between 1970 and 2116; windows need that.
    const bool backwards = out.at + 1s < previous_;
    advance(out.at);
    if (has(out.oddities, Oddity::cut_short)) ++counts_.truncated;
    out.parties.lane.realm = settings_.realm;
    if (backwards)
        said_.on({.at = now_, .parties = out.parties, .evidence = evidence(frame.number)},
                 ob::Anomaly{0, {0, "the clock of the capture ran backwards"}});
    if (!whole) {
        if (has(out.oddities, Oddity::duplicate)) ++counts_.duplicates;
        if (out.oddities != Oddity::none)
            odd(out, {.at = now_,
                      .parties = out.parties,
                      .evidence = evidence(frame.number),
                      .message = frame.bytes});
        return;
    }
    packet(out);
}

void Pipeline::packet(const Packet& packet) {
    const auto hash = table_.hash(packet);
    if (duplicates_.seen(hash, packet)) {
        ++counts_.duplicates;
        if (settings_.copies == Copies::once) return;
    }
    const auto [conversation, speaker, fresh] = table_.find(
        hash, packet, [this](Conversation& gone, Ending why) { ended(gone, why); });
    auto& track = conversation->state;
    touch(*conversation);
    if (fresh && conversation->parties.certain) open(*conversation, packet.at);
    if (packet.oddities != Oddity::none) [[unlikely]]
        odd(packet, {.at = packet.at,
                     .parties = conversation->parties,
                     .conversation = conversation->number,
                     .speaker = speaker,
                     .evidence = evidence(packet.frame),
                     .message = packet.payload});
    switch (packet.form) {
    case Form::tcp:
        tcp(*conversation, packet, speaker);
        break;
    case Form::udp:
        datagram(*conversation, packet, speaker, Recogniser::udp);
        break;
    case Form::ethernet:
        datagram(*conversation, packet, speaker, Recogniser::ethernet);
        break;
    case Form::ip:
    case Form::icmp:
        datagram(*conversation, packet, speaker, Recogniser::ip);
        break;
    case Form::opaque:
    case Form::fragment:
        break;
    }
    if (labels_.on() && track.label_sought && !packet.payload.empty())
        seek_label(*conversation, packet, turned_ ? other(speaker) : speaker);
    // Roles are known now, or as well as they will be.
    if (!track.opened_told && (track.claim.row || track.given_up || conversation->form != Form::tcp))
        open(*conversation, conversation->first);
    else if (track.claim.row && track.opened_told && !track.protocol_told)
        say_conversation(*conversation, State::goes_on, packet.at);
    // `speaker` is of before the parties changed places.
    const auto now = std::exchange(turned_, false) ? static_cast<Speaker>(1 - side(speaker)) : speaker;
    if (!std::exchange(track.present[side(now)], true)) {
        const auto& who = now == Speaker::client ? conversation->parties.client
                                                 : conversation->parties.server;
        if (!is_group(who) && (who.has_ip() || who.has_mac()))
            said_.on({.at = packet.at,
                      .parties = conversation->parties,
                      .conversation = conversation->number,
                      .speaker = now,
                      .evidence = evidence(packet.frame)},
                     ob::Presence{.subject = ob::Subject::speaker});
    }
}

void Pipeline::odd(const Packet& packet, const ob::Origin& origin) {
    const auto say = [&](Oddity oddity, Malformed what) {
        if (has(packet.oddities, oddity)) said_.on(origin, ob::Anomaly{0, what});
    };
    say(Oddity::truncated, {0, "a header promises more than the frame holds"});
    say(Oddity::bad_header, {0, "a header's length or version is not one that its specification allows"});
    say(Oddity::too_deep, {0, "more layers than any network has"});
    say(Oddity::fragment_overlap, {0, "fragments disagree about the same bytes"});
}

void Pipeline::say_conversation(Conversation& conversation, State state, ob::Time at) {
    auto& track = conversation.state;
    if (track.claim.row) track.protocol_told = true;
    if (state == State::one_sided) track.one_sided_told = true;
    said_.on({.at = at,
              .parties = conversation.parties,
              .conversation = conversation.number,
              .evidence = evidence(conversation.first_frame)},
             ob::Conversation{
                 .state = state,
                 .protocol = track.named() && !track.claim.row ? track.label : track.claim.protocol,
                 .confidence = track.named() && !track.claim.row ? labelled : track.confidence,
                 .packets = {conversation.packets[0], conversation.packets[1]},
                 .bytes = {conversation.bytes[0], conversation.bytes[1]},
                 .retransmitted = {conversation.tcp.retransmitted(Speaker::client),
                                   conversation.tcp.retransmitted(Speaker::server)},
                 .lost = {conversation.tcp.lost(Speaker::client), conversation.tcp.lost(Speaker::server)},
                 .answer_time_us = track.answer_time_us});
}

void Pipeline::open(Conversation& conversation, ob::Time at) {
    conversation.state.opened_told = true;
    say_conversation(conversation, State::opened, at);
}

void Pipeline::touch(Conversation& conversation) {
    auto& track = conversation.state;
    if (track.active_at != UINT32_MAX) return;
    // A scan ends as many conversations in a window as it likes: their places are taken back, in order.
    if (active_.size() >= 2 * std::size_t{settings_.table.conversations_most}) [[unlikely]] {
        std::erase(active_, nullptr);
        for (std::uint32_t i = 0; i < active_.size(); ++i) active_[i]->state.active_at = i;
    }
    track.active_at = static_cast<std::uint32_t>(active_.size());
    active_.push_back(&conversation);
}

void Pipeline::ended(Conversation& conversation, Ending why) {
    auto& track = conversation.state;
    const auto turned_before = std::exchange(turned_, false);
    conversation.tcp.finish(store_,
                            [&](const decode::Piece& last) { piece(conversation, last, last.speaker); });
    if (std::exchange(turned_, turned_before)) conversation.tcp.turn_round();
    if (!track.opened_told) open(conversation, conversation.first);
    if (track.any_payload && !track.claim.row && !track.named()) ++counts_.unclaimed_flows;
    if (track.label_sought) labels_.leave(track.label, conversation.number);
    if (track.shape && track.named()) track.shape->claimed = true;
    if (why != Ending::stopped) { // One that the capture's end cut off goes on, as far as anybody knows.
        auto at = now_;
        if (why == Ending::silent || why == Ending::closed)
            at = std::min(at, whole_second_after(table_.patient_until(conversation)));
        if (one_sided(conversation) && !track.one_sided_told)
            say_conversation(conversation, State::one_sided, at);
        say_conversation(conversation, conversation.tcp.refused() ? State::refused : State::closed, at);
    }
    ways_.release(track.claim);
    for (auto& lease : track.waiting) blocks_.release(lease);
    if (track.active_at != UINT32_MAX) active_[track.active_at] = nullptr;
}

void Pipeline::advance(ob::Time now) {
    // As the decoder holds the times of packets: windows must not overflow.
    now = std::clamp(now, ob::Time{}, ob::Time{std::chrono::nanoseconds{std::int64_t{1} << 62}});
    if (!started_) {
        started_ = true;
        now_ = now;
        next_second_ = whole_second_after(now);
        window_end_ = end_of_window(now, settings_.update_window);
    }
    previous_ = now;
    if (now > now_) now_ = now;
    if (now_ >= next_second_) [[unlikely]]
        seconds_ended();
    fold_.advance(now_);
}

/// Everything that belongs to a second or a window is said with its end as the time, and before anything of
/// what came after it.
void Pipeline::seconds_ended() {
    auto silent = 0s; // Of whichever worker's frames: all see the same clock.
    while (now_ >= next_second_) {
        const auto end = next_second_;
        const auto now = std::exchange(now_, end);
        while (table_.advance(end, [this](Conversation& gone, Ending why) { ended(gone, why); })) {
        }
        if (end >= window_end_) {
            close_window();
            window_end_ = end_of_window(end, settings_.update_window);
        }
        fold_.advance(end);
        cover(end);
        silent += 1s;
        now_ = now;
        next_second_ = end + 1s;
        if (silent <= quiet_seconds) continue;
        const auto latest = std::chrono::floor<std::chrono::seconds>(now_);
        if (latest <= end) continue;
        next_second_ = now_ - end > quiet_most ? ob::Time{latest}
                                               : std::min<ob::Time>(latest, end + quiet_step);
    }
}

void Pipeline::cover(ob::Time end) {
    flows_limit_.use(table_.size());
    flows_limit_.refusals(table_.counters().evicted);
    early_limit_.use(store_.bytes_used());
    early_limit_.refusals(store_.counters().refused + store_.counters().evicted);
    fragments_limit_.use(decoder_.waiting_datagrams());
    fragments_limit_.refusals(decoder_.counters().datagrams_evicted + decoder_.counters().fragments_refused);
    fold_.publish();
    ways_.publish();
    labels_.publish();
    std::uint64_t forgotten = 0;
    for (const auto& limit : limits_.all())
        if (&limit != labels_.limit())
            forgotten += limit.refused(); // A name not found loses nothing that was seen.
    coverage_.forgotten = forgotten - std::exchange(forgotten_before_, forgotten);
    static constexpr ob::Parties nobody{};
    said_.on({.at = end, .parties = nobody, .evidence = evidence(0)}, coverage_);
    coverage_ = {};
}

void Pipeline::close_window() {
    for (auto* conversation : active_) {
        if (!conversation) continue;
        conversation->state.active_at = UINT32_MAX;
        if (!conversation->state.opened_told) open(*conversation, conversation->first);
        say_conversation(*conversation, one_sided(*conversation) ? State::one_sided : State::goes_on,
                         window_end_);
    }
    active_.clear();
}

void Pipeline::finish() {
    if (std::exchange(finished_, true) || !started_) return;
    cover(next_second_);
    close_window();
    table_.finish([this](Conversation& gone, Ending why) { ended(gone, why); });
    fold_.finish();
}

const Counts& Pipeline::counts() {
    counts_.flows = table_.counters().made;
    counts_.operations = fold_.counters().operations;
    counts_.observations = fold_.counters().observations;
    counts_.link_types.clear();
    for (const auto& [type, frames] : decoder_.counters().link_types)
        if (frames) counts_.link(type, frames);
    return counts_;
}

std::size_t Pipeline::memory_most(const Settings& settings) noexcept {
    const auto active = std::bit_ceil(2 * std::size_t{settings.table.conversations_most});
    return Table::memory_most(settings.table) + active * sizeof(Conversation*) * 3 / 2 +
           Fold::memory_most(settings.fold) + BlockPool::memory_most(settings.waiting_bytes) +
           StatePool::memory_most(settings.state_bytes) +
           decode::TcpStore::memory_most(settings.out_of_order_bytes) +
           WorkerWays::memory_most(settings.ways) + decode::Decoder::memory_most(settings.decode) +
           decode::Duplicates::memory_most() +
           (dissect::all().size() + 1) * (ProtocolCount::memory_most() + sizeof(ProtocolCount)) +
           (settings.labels ? dissect::labels().size() * sizeof(ProtocolCount) : 0) +
           dissect::Labels::memory_most(settings.labels) +
           settings.shapes * (sizeof(Shape) + 2 * sizeof(void*)) + sizeof(Pipeline);
}

PipelineSettings PipelineSettings::shared_by(unsigned workers) const noexcept {
    auto one = *this;
    const auto share = [workers](auto& bound, std::size_t least) {
        using Bound = std::remove_reference_t<decltype(bound)>;
        if (workers > 1 && bound > least)
            bound = static_cast<Bound>(std::max<std::size_t>(bound / workers, least));
    };
    share(one.table.conversations_most, 1024);
    share(one.fold.keys_most, 1024);
    share(one.fold.known_most, 1024);
    share(one.decode.fragment_bytes, 256u << 10);
    share(one.decode.fragment_datagrams, 64);
    share(one.ways.children_most, 1024);
    share(one.ways.records_most, 1024);
    share(one.ways.gatherings_most, 256);
    share(one.ways.expected_most, 256);
    share(one.ways.transfers_most, 64);
    share(one.labels, 32);
    share(one.shapes, 64);
    share(one.waiting_bytes, 1u << 20);
    share(one.state_bytes, 1u << 20);
    share(one.out_of_order_bytes, 1u << 20);
    return one;
}

std::size_t Pipeline::bytes_taken() const noexcept {
    return table_.bytes_taken() + blocks_.taken() + states_.used() + store_.bytes_taken();
}

} // namespace yagura::worker
