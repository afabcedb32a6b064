#include "see/health/cycles.h"

#include <cmath>

#include "see/health/places.h"

namespace yagura::see::health {
namespace {

using namespace std::chrono_literals;
using observe::Act;
using observe::Phase;
using observe::Time;

constexpr std::size_t windows_before_judging = 8;
/// Fewer in a minute are no cycle that a minute can tell anything about.
constexpr std::uint64_t acts_least = 5;
/// So many windows the other way, and that is what is usual now.
constexpr std::uint16_t becomes_usual = 120;
constexpr auto holds = 10min;
constexpr auto stopped_holds = 24h;
constexpr auto spoke_every = 20s, look_every = 10s;
constexpr std::size_t clocks_most = 256;
constexpr std::array bad_kinds{Kind::cycle_slower, Kind::cycle_jitter, Kind::cycle_unanswered,
                               Kind::cycle_refused};

/// Acts that a program does again and again; a person's are no rhythm.
bool cyclic(Act act) {
    return act == Act::read || act == Act::cyclic_io || act == Act::write || act == Act::diagnose;
}
std::string station_key(std::uint32_t source, const observe::Station& who) {
    auto key = Packer{}.u32(source).take();
    return who.has_ip() ? with(std::move(key), who.ip) : with(std::move(key), who.mac);
}
std::string cycle_key(const observe::Origin& origin, const observe::Operation& op, std::string_view protocol,
                      bool answer) {
    const auto asker = answer ? other(origin.speaker) : origin.speaker;
    const auto& asks = asker == observe::Speaker::client ? origin.parties.client : origin.parties.server;
    const auto& answers = asker == observe::Speaker::client ? origin.parties.server : origin.parties.client;
    auto who = [](const observe::Station& one) {
        return one.has_ip() ? Packer{}.ip(one.ip).take() : Packer{}.mac(one.mac).take();
    };
    // Not by text of strangers' length: two numbers that are the same in every run.
    Hasher what{0x6379636c, 0x65730000};
    what.add(protocol)
        .add(observe::text(op.object))
        .add(observe::text(op.part))
        .add(std::uint64_t{op.function.code});
    return Packer{}.u32(origin.evidence.source).take() + who(asks) + who(answers) +
           Packer{}.u64(what.finish()).take();
}
std::uint32_t whole(float value) {
    return value <= 0 ? 0 : value >= 4e9f ? 4'000'000'000u : static_cast<std::uint32_t>(value);
}

} // namespace

Cycles::Cycles(Board& board, const Most& most)
    : board_{board}, cycles_{6, most.cycles}, stations_{7, most.stations} {}

void Cycles::spoke(const observe::Origin& origin, Time at) {
    const auto& who = speaker(origin);
    if (!who.has_ip() && !who.has_mac()) return;
    const auto key = station_key(origin.evidence.source, who);
    auto* known = stations_.find(key);
    if (known && at < known->at + spoke_every) return;
    if (!known) known = &stations_.at(key);
    known->at = at;
    stations_.touch(key);
}

void Cycles::acted(const observe::Origin& origin, const observe::Operation& op, std::string_view protocol) {
    if (!cyclic(op.act)) return;
    const bool answer = op.phase == Phase::response;
    const auto key = cycle_key(origin, op, protocol, answer);
    auto* const cycle = cycles_.find(key);
    if (!cycle) return;
    if (!answer)
        ++cycle->told_asked;
    else if (op.outcome == observe::Outcome::refused)
        ++cycle->told_refused;
    else
        ++cycle->told_answered;
    cycle->last = std::max(cycle->last, origin.at);
    cycles_.touch(key);
}

void Cycles::repeated(const observe::Origin& origin, const observe::Repeats& what,
                      std::string_view protocol) {
    if (!cyclic(what.like.act)) return;
    const bool answers_alone = what.like.phase == Phase::response;
    // The speaker of Repeats is who asks.
    const auto key = cycle_key(origin, what.like, protocol, false);
    auto* cycle = cycles_.find(key);
    const auto asked = what.messages - std::min(what.messages, what.answers + what.refusals);
    if (!cycle) {
        if (answers_alone || asked < acts_least || what.interval_mean_us == 0) return;
        cycle = &cycles_.at(key);
        cycle->first = what.first;
        cycle->asks = speaker(origin);
        cycle->answers = listener(origin);
        cycle->realm = origin.parties.lane.realm;
        cycle->vlan = origin.parties.lane.vlan;
        cycle->protocol = protocol.substr(0, 48);
        cycle->function = what.like.function.name.substr(0, 64);
        if (!what.like.object.space.empty() || !what.like.object.text.empty() ||
            what.like.object.form == observe::Object::Form::cip)
            cycle->object = observe::text(what.like.object).substr(0, 96);
    }
    cycle->event = what.like.phase == Phase::event;
    // Both hands of what was seen: the window's sum, and what the fold told by itself.
    cycle->asked = static_cast<std::uint32_t>(std::min<std::uint64_t>(asked + cycle->told_asked, UINT32_MAX));
    cycle->answered = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(what.answers + cycle->told_answered, UINT32_MAX));
    cycle->refused = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(what.refusals + cycle->told_refused, UINT32_MAX));
    cycle->told_asked = cycle->told_answered = cycle->told_refused = 0;
    cycle->last = std::max(cycle->last, std::max(what.last, origin.at - 60s));
    cycle->evidence = what.last_seen;
    if (cycle->evidence.frame == 0) cycle->evidence = origin.evidence;
    cycle->evidence.source = origin.evidence.source;
    ++cycle->windows;
    for (const auto& clock : clocks_)
        if (clock.source == origin.evidence.source) cycle->lossy = clock.lossy;
    if (cycle->stopped) {
        cycle->stopped = false;
        board_.end(finding(Kind::cycle_stopped, key, *cycle).key, what.first);
    }
    if (what.interval_mean_us != 0 && cycle->asked >= acts_least) {
        const auto all = static_cast<float>(cycle->asked);
        const auto said = static_cast<float>(cycle->answered + cycle->refused);
        cycle->now = {.mean = static_cast<float>(what.interval_mean_us),
                      .most = static_cast<float>(what.interval_most_us),
                      .unanswered = cycle->event ? 0 : std::max(0.f, 1 - said / all),
                      .refused = said > 0 ? static_cast<float>(cycle->refused) / said : 0};
        judge(key, *cycle);
    }
    shown_.push_back(key);
    cycles_.touch(key);
}

Cycles::Window Cycles::median(const Cycle& cycle) const {
    Window out;
    const auto of = [&](float Window::* member) {
        std::array<float, Cycle::kept> all{};
        for (std::size_t i = 0; i < cycle.size; ++i) all[i] = cycle.usual[i].*member;
        const auto middle = all.begin() + cycle.size / 2;
        std::nth_element(all.begin(), middle, all.begin() + cycle.size);
        return *middle;
    };
    out.mean = of(&Window::mean);
    out.most = of(&Window::most);
    out.unanswered = of(&Window::unanswered);
    out.refused = of(&Window::refused);
    return out;
}

void Cycles::judge(const std::string& key, Cycle& cycle) {
    const auto keep = [&] {
        cycle.usual[cycle.next] = cycle.now;
        cycle.next = static_cast<std::uint8_t>((cycle.next + 1u) % Cycle::kept);
        if (cycle.size < Cycle::kept) ++cycle.size;
    };
    if (cycle.size < windows_before_judging) return keep();
    const auto usual = median(cycle);
    const auto& now = cycle.now;
    // How far windows that were as usual lie from their median.
    float spread = 0;
    for (std::size_t i = 0; i < cycle.size; ++i) spread += std::abs(cycle.usual[i].mean - usual.mean);
    spread /= static_cast<float>(cycle.size);
    float most_spread = 0;
    for (std::size_t i = 0; i < cycle.size; ++i) most_spread = std::max(most_spread, cycle.usual[i].most);
    // A sensor that lost packets sees gaps that are its own.
    const bool blind = cycle.lossy + 90s > cycle.last && cycle.lossy != Time{};
    const bool is_bad[]{
        now.mean > usual.mean * 1.3f && now.mean - usual.mean > 4 * spread && now.mean - usual.mean > 1'000,
        now.most > 4 * most_spread && now.most > 3 * now.mean && now.most - most_spread > 5'000,
        now.unanswered > 0.2f && now.unanswered > usual.unanswered + 0.15f,
        now.refused > 0.1f && now.refused > usual.refused + 0.1f && cycle.refused >= 3,
    };
    bool any = false;
    for (std::size_t i = 0; i < cycle.bad.size(); ++i) {
        auto finding = this->finding(bad_kinds[i], key, cycle);
        if (!is_bad[i] || blind) {
            if (std::exchange(cycle.bad[i], std::uint16_t{0}) >= 2) board_.end(finding.key, cycle.last);
            continue;
        }
        any = true;
        if (cycle.bad[i] < UINT16_MAX) ++cycle.bad[i];
        if (cycle.bad[i] < 2) continue; // One window alone may be a change of shift.
        finding.severity = i == 1 ? Severity::medium : i == 0 ? Severity::medium : Severity::high;
        finding.first = cycle.last;
        finding.last = cycle.last;
        finding.until = cycle.last + holds;
        const auto percent = [](float share) { return cat(static_cast<unsigned>(std::lround(share * 100))); };
        finding.facts.emplace_back("usual_us", cat(whole(usual.mean)));
        finding.facts.emplace_back("now_us", cat(whole(now.mean)));
        finding.facts.emplace_back("usual_most_us", cat(whole(most_spread)));
        finding.facts.emplace_back("now_most_us", cat(whole(now.most)));
        if (i == 2) finding.facts.emplace_back("unanswered_percent", percent(now.unanswered));
        if (i == 3) finding.facts.emplace_back("refused_percent", percent(now.refused));
        board_.raise(std::move(finding));
    }
    if (!any) return keep();
    if (std::ranges::max(cycle.bad) < becomes_usual) return;
    cycle.size = cycle.next = 0;
    for (std::size_t i = 0; i < cycle.bad.size(); ++i)
        if (std::exchange(cycle.bad[i], std::uint16_t{0}) >= 2)
            board_.end(finding(bad_kinds[i], key, cycle).key, cycle.last);
    keep();
}

void Cycles::time(std::uint32_t source, Time now, bool lossy) {
    auto clock = std::ranges::find(clocks_, source, &Clock::source);
    if (clock == clocks_.end()) {
        if (clocks_.size() >= clocks_most) clocks_.erase(clocks_.begin());
        clock = clocks_.insert(clocks_.end(), Clock{source, now, now, {}});
    }
    clock->now = std::max(clock->now, now);
    if (lossy) clock->lossy = std::max(clock->lossy, now);
    if (clock->now < clock->looked + look_every) return;
    clock->looked = clock->now;
    const auto until = clock->now;
    cycles_.each([&](const std::string& key, Cycle& cycle) {
        if (cycle.evidence.source == source && !cycle.stopped && cycle.size >= windows_before_judging)
            judge_stopped(key, cycle, until);
    });
}

void Cycles::judge_stopped(const std::string& key, Cycle& cycle, Time now) {
    // Its window is told at its end: a minute may pass before the fold says that it goes on.
    const auto usual = median(cycle);
    const auto patience = std::max<std::chrono::nanoseconds>(
        150s, std::chrono::microseconds{static_cast<std::int64_t>(usual.most) * 3});
    if (now < cycle.last + patience || now > cycle.last + 24h) return;
    const auto seen_since = [&](const observe::Station& who) {
        const auto* const known = stations_.find(station_key(cycle.evidence.source, who));
        return known && known->at > cycle.last + 60s;
    };
    if (!seen_since(cycle.asks) || !seen_since(cycle.answers)) return;
    cycle.stopped = true;
    cycles_.touch(key);
    auto out = finding(Kind::cycle_stopped, key, cycle);
    out.severity = Severity::high;
    out.first = out.last = cycle.last;
    out.until = cycle.last + stopped_holds;
    out.facts.emplace_back("usual_us", cat(whole(usual.mean)));
    board_.raise(std::move(out));
}

Finding Cycles::finding(Kind kind, const std::string& key, const Cycle& cycle) const {
    Finding out;
    out.kind = kind;
    std::string hex;
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char one : key) {
        hex += digits[static_cast<unsigned char>(one) >> 4];
        hex += digits[static_cast<unsigned char>(one) & 15];
    }
    out.key = cat(word(kind), "|", hex);
    out.realm = cycle.realm;
    out.vlan = cycle.vlan;
    out.evidence = cycle.evidence;
    out.parties.push_back({Party::Role::asks, cycle.asks, cycle.first, cycle.last, cycle.evidence});
    out.parties.push_back({Party::Role::answers, cycle.answers, cycle.first, cycle.last, cycle.evidence});
    out.facts.emplace_back("protocol", cycle.protocol);
    out.facts.emplace_back("function", cycle.function);
    if (!cycle.object.empty()) out.facts.emplace_back("object", cycle.object);
    return out;
}

void Cycles::take(std::vector<Row>& into) {
    std::ranges::sort(shown_);
    shown_.erase(std::ranges::unique(shown_).begin(), shown_.end());
    for (const auto& key : shown_) {
        const auto* const found = cycles_.find(key);
        if (!found || found->size == 0) continue;
        const auto usual = median(*found);
        into.push_back({.key = key,
                        .asks = found->asks,
                        .answers = found->answers,
                        .realm = found->realm,
                        .vlan = found->vlan,
                        .protocol = found->protocol,
                        .function = found->function,
                        .object = found->object,
                        .first = found->first,
                        .last = found->last,
                        .usual_us = whole(usual.mean),
                        .usual_most_us = whole(usual.most),
                        .now_us = whole(found->now.mean),
                        .now_most_us = whole(found->now.most),
                        .asked = found->asked,
                        .answered = found->answered,
                        .refused = found->refused,
                        .windows = found->windows,
                        .evidence = found->evidence,
                        .event = found->event,
                        .gone = false});
    }
    shown_.clear();
}

void Cycles::Cycle::pack(Packer& out) const {
    out.station(asks).station(answers).u32(static_cast<std::uint32_t>(realm)).u32(vlan);
    out.text(protocol).text(function).text(object).time(first).time(last).time(lossy).u8(size).u8(next);
    const auto window = [&](const Window& one) {
        out.real(one.mean).real(one.most).real(one.unanswered).real(one.refused);
    };
    for (std::size_t i = 0; i < size; ++i) window(usual[i]);
    window(now);
    out.u32(told_asked)
        .u32(told_answered)
        .u32(told_refused)
        .u32(asked)
        .u32(answered)
        .u32(refused)
        .u32(windows);
    for (const auto one : bad) out.u32(one);
    out.u8(static_cast<std::uint8_t>(event | stopped << 1)).evidence(evidence);
}
void Cycles::Cycle::unpack(Unpacker& in) {
    asks = in.station();
    answers = in.station();
    realm = static_cast<observe::Realm>(in.u32());
    vlan = static_cast<std::uint16_t>(in.u32());
    protocol = in.text();
    function = in.text();
    object = in.text();
    first = in.time();
    last = in.time();
    lossy = in.time();
    size = std::min<std::uint8_t>(in.u8(), kept);
    next = in.u8() % kept;
    const auto window = [&] {
        Window one;
        one.mean = in.real();
        one.most = in.real();
        one.unanswered = in.real();
        one.refused = in.real();
        return one;
    };
    for (std::size_t i = 0; i < size; ++i) usual[i] = window();
    now = window();
    for (auto* const number :
         {&told_asked, &told_answered, &told_refused, &asked, &answered, &refused, &windows})
        *number = in.u32();
    for (auto& one : bad) one = static_cast<std::uint16_t>(in.u32());
    const auto flags = in.u8();
    event = flags & 1;
    stopped = flags & 2;
    evidence = in.evidence();
}
void Cycles::Spoke::pack(Packer& out) const { out.time(at); }
void Cycles::Spoke::unpack(Unpacker& in) { at = in.time(); }

} // namespace yagura::see::health
