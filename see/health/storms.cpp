#include "see/health/storms.h"

#include "see/health/places.h"

namespace yagura::see::health {
namespace {

using namespace std::chrono_literals;

constexpr auto holds = 5min;
constexpr observe::Mac everybody{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/// In a minute. 200 broadcasts a second are more than any segment of a plant has that works, and each of them
/// interrupts every device; a thousand are a storm whatever was usual before.
constexpr std::uint64_t broadcasts_many = 200 * 60, broadcasts_storm = 1'000 * 60,
                        multicasts_many = 2'000 * 60;
constexpr std::uint64_t times_usual = 10;
constexpr std::uint8_t minutes_before_judging = 8;
/// So many minutes of it, and that is what is usual now.
constexpr std::uint64_t becomes_usual = 120;

} // namespace

std::uint64_t Storms::usual_of(const Segment& segment) {
    std::array<std::uint32_t, Segment::kept> sorted = segment.usual;
    const auto middle = sorted.begin() + segment.size / 2;
    std::nth_element(sorted.begin(), middle, sorted.begin() + segment.size);
    return segment.size == 0 ? 0 : *middle;
}

bool Storms::is_storm(const Segment& segment, bool broadcast) {
    if (broadcast && segment.packets >= broadcasts_storm) return true;
    return segment.size >= minutes_before_judging &&
           segment.packets >= (broadcast ? broadcasts_many : multicasts_many) &&
           segment.packets >= times_usual * usual_of(segment);
}

void Storms::close(Segment& segment, std::uint64_t minute, bool broadcast) {
    if (segment.minute != 0 && is_storm(segment, broadcast)) {
        if (++segment.stormy >= becomes_usual) {
            segment.size = segment.next = 0;
            segment.stormy = 0;
        }
    } else if (segment.minute != 0) {
        segment.stormy = 0;
        segment.usual[segment.next] = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(segment.packets, UINT32_MAX));
        segment.next = static_cast<std::uint8_t>((segment.next + 1u) % Segment::kept);
        segment.size = std::min<std::uint8_t>(static_cast<std::uint8_t>(segment.size + 1), Segment::kept);
    }
    segment.minute = minute;
    segment.packets = 0;
    segment.louds = 0;
}

void Storms::said(const observe::Origin& origin, const observe::Conversation& what) {
    const auto& parties = origin.parties;
    const bool to_server = is_group(parties.server.mac);
    if (to_server == is_group(parties.client.mac)) return;
    const auto& from = to_server ? parties.client : parties.server;
    const bool broadcast = (to_server ? parties.server : parties.client).mac == everybody;
    const auto total = what.packets[to_server ? 0 : 1];

    const auto talk_key = Packer{}.u32(origin.evidence.source).u64(origin.conversation).take();
    const auto* const known = talks_.find(talk_key);
    // Of one whose count so far was forgotten, or began again with its sensor, nobody knows what is new.
    const bool fresh = what.state == observe::Conversation::State::opened;
    const auto more = known && total >= known->packets ? total - known->packets : fresh ? total : 0;
    talks_.at(talk_key).packets = total;
    talks_.touch(talk_key);
    if (more == 0) return;

    // What is told at the end of a minute was in it.
    const auto seconds = std::chrono::floor<std::chrono::seconds>(origin.at - 1ns).time_since_epoch().count();
    const auto minute = static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0)) / 60 + 1;
    const auto key = scope(origin) + (broadcast ? 'b' : 'm');
    auto& segment = segments_.at(key);
    if (minute > segment.minute) close(segment, minute, broadcast);
    segment.packets += more;
    segments_.touch(key);

    auto* loud = std::find_if(segment.loud.data(), segment.loud.data() + segment.louds,
                              [&](const Loud& one) { return one.mac == from.mac; });
    if (loud == segment.loud.data() + segment.louds) {
        if (segment.louds < Segment::loud_most)
            ++segment.louds;
        else
            loud = std::ranges::min_element(segment.loud, {}, &Loud::packets);
        *loud = {from.mac, 0, origin.at, origin.evidence};
    }
    loud->packets += more;
    loud->at = std::max(loud->at, origin.at);
    if (is_storm(segment, broadcast)) tell(origin, segment, broadcast);
}

void Storms::tell(const observe::Origin& origin, const Segment& segment, bool broadcast) {
    const auto lane = origin.parties.lane;
    Finding out;
    out.kind = Kind::storm;
    out.key = cat("storm|", where(lane), "|", broadcast ? "broadcast" : "multicast");
    out.severity = broadcast && segment.packets >= broadcasts_storm ? Severity::high : Severity::medium;
    out.realm = lane.realm;
    out.vlan = lane.vlan;
    // All of a minute's words are about that minute, which is one time.
    out.first = observe::Time{std::chrono::minutes{segment.minute - 1}};
    out.last = observe::Time{std::chrono::minutes{segment.minute}};
    out.until = out.last + holds;
    std::vector<Loud> loudest(segment.loud.begin(), segment.loud.begin() + segment.louds);
    std::ranges::sort(loudest, [](const Loud& a, const Loud& b) {
        return std::tie(b.packets, a.mac) < std::tie(a.packets, b.mac);
    });
    loudest.resize(std::min<std::size_t>(loudest.size(), 3));
    for (const auto& one : loudest)
        out.parties.push_back(
            {Party::Role::sends, {.ip = {}, .mac = one.mac}, out.first, one.at, one.evidence});
    out.evidence = loudest.front().evidence;
    out.facts = {{"frames", broadcast ? "broadcast" : "multicast"},
                 {"per_second", cat(segment.packets / 60)}};
    if (segment.size >= minutes_before_judging)
        out.facts.emplace_back("usual_per_second", cat(usual_of(segment) / 60));
    out.facts.emplace_back("loudest_percent", cat(100 * loudest.front().packets / segment.packets));
    board_.raise(std::move(out));
}

void Storms::Segment::pack(Packer& out) const {
    out.u64(minute).u64(packets).u64(stormy).u8(louds);
    for (std::size_t i = 0; i < louds; ++i)
        out.mac(loud[i].mac).u64(loud[i].packets).time(loud[i].at).evidence(loud[i].evidence);
    out.u8(size).u8(next);
    for (std::size_t i = 0; i < size; ++i) out.u32(usual[i]);
}

void Storms::Segment::unpack(Unpacker& in) {
    minute = in.u64();
    packets = in.u64();
    stormy = in.u64();
    louds = std::min<std::uint8_t>(in.u8(), loud_most);
    for (std::size_t i = 0; i < louds; ++i) {
        loud[i].mac = in.mac();
        loud[i].packets = in.u64();
        loud[i].at = in.time();
        loud[i].evidence = in.evidence();
    }
    size = std::min<std::uint8_t>(in.u8(), kept);
    next = static_cast<std::uint8_t>(in.u8() % kept);
    for (std::size_t i = 0; i < size; ++i) usual[i] = in.u32();
}

} // namespace yagura::see::health
