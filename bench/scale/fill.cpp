#include "bench/scale/fill.h"

#include <cstdio>

#include "apps/center/portraits.h"
#include "apps/center/projector.h"
#include "bench/scale/tell.h"
#include "see/health/watch.h"

namespace yagura::bench {
namespace {

using namespace std::chrono_literals;
using observe::Time;

constexpr std::size_t batch_rows = 200'000;
constexpr std::int64_t minutes_of_day = 1440;

Time time_of(std::int64_t minute) { return Time{std::chrono::minutes{minute}}; }

/// What the center's recorder does with each record, without the pipe and the journal: observation, model,
/// portraits, batch, writer.
class Store {
public:
    explicit Store(store::Writer& writer) : writer_{writer} {}

    std::uint16_t number(std::string_view name) { return protocols_.number(name); }
    observe::Sink& sink() noexcept { return projector_; }
    store::Batch& batch() noexcept { return batch_; }
    center::People& people() noexcept { return people_; }
    /// Before each observation: the arrival of its record.
    void record() { projector_.arrival(++arrival_); }
    std::size_t waiting() const noexcept { return batch_.history_rows(); }

    Result<void> flush(bool draw) {
        batch_.rows = plant_.take_changes();
        portraits_.changed(batch_.rows, batch_);
        if (draw)
            while (!portraits_.idle()) portraits_.draw(1000, batch_);
        for (const auto& seen : projector_.seen()) {
            source_.packets += seen.coverage.packets;
            source_.bytes += seen.coverage.bytes;
            if (source_.first == Time{}) source_.first = seen.at;
            source_.last = source_.heard = std::max(source_.last, seen.at);
        }
        projector_.seen().clear();
        batch_.sources.push_back(source_);
        batch_.arrival = arrival_;
        return writer_.apply(std::exchange(batch_, {}));
    }

private:
    store::Writer& writer_;
    journal::Protocols protocols_;
    store::Batch batch_;
    center::People people_;
    model::Plant plant_{[this](std::uint16_t number) { return protocols_.name(number); }};
    see::health::Watch watch_{[this](std::uint16_t number) { return protocols_.name(number); }};
    center::Projector projector_{plant_, watch_, protocols_, batch_};
    center::Portraits portraits_{plant_, people_};
    store::SourceRow source_{.id = 1,
                             .sensor = "07000000-0000-0000-0000-000000000000",
                             .boot = 1,
                             .number = 1,
                             .interface = "eth1",
                             .sensor_name = "core switch",
                             .link_type = 1,
                             .live = true};
    std::uint64_t arrival_ = 0;
};

/// Each observation is a record of its own.
class Numbered final : public observe::Sink {
public:
    explicit Numbered(Store& store) : store_{store} {}
    void on(const observe::Origin& o, const observe::Presence& w) override { say(o, w); }
    void on(const observe::Origin& o, const observe::Identity& w) override { say(o, w); }
    void on(const observe::Origin& o, const observe::Neighbour& w) override { say(o, w); }
    void on(const observe::Origin& o, const observe::Conversation& w) override { say(o, w); }
    void on(const observe::Origin& o, const observe::Operation& w) override { say(o, w); }
    void on(const observe::Origin& o, const observe::Repeats& w) override { say(o, w); }
    void on(const observe::Origin& o, const observe::Variable& w) override { say(o, w); }
    void on(const observe::Origin& o, const observe::Name& w) override { say(o, w); }
    void on(const observe::Origin& o, const observe::Login& w) override { say(o, w); }
    void on(const observe::Origin& o, const observe::Transfer& w) override { say(o, w); }
    void on(const observe::Origin& o, const observe::Log& w) override { say(o, w); }
    void on(const observe::Origin& o, const observe::Match& w) override { say(o, w); }
    void on(const observe::Origin& o, const observe::Anomaly& w) override { say(o, w); }
    void on(const observe::Origin& o, const observe::Coverage& w) override { say(o, w); }

private:
    template <class K>
    void say(const observe::Origin& origin, const K& what) {
        store_.record();
        store_.sink().on(origin, what);
    }
    Store& store_;
};

/// Lines as a person would have named them: one subnet each.
void name_lines(const ScalePlant& plant, Store& store) {
    for (std::size_t line = 0; line <= plant.lines(); ++line) {
        store::LineRow row{.id = static_cast<std::int64_t>(line + 1), .name = plant.line_name(line)};
        for (const auto& thing : plant.things()) {
            if (thing.line != line) continue;
            store::Subnet subnet{thing.station.ip, 120};
            subnet.network[15] = 0;
            if (std::ranges::find(row.subnets, subnet) == row.subnets.end()) row.subnets.push_back(subnet);
        }
        store.people().lines[row.id] = row;
        store.batch().lines.push_back(std::move(row));
    }
}

/// Controllers with many registers each: every one is read or written once, some by several, some again.
Result<void> fill_registers(ScalePlant& plant, Store& store, Teller& teller, Dice& dice,
                            const Wanted& wanted) {
    std::vector<Stream> servers;
    for (const auto& stream : plant.streams()) // Tags have few names; of the others each has one stream.
        if (stream.protocol < 4 &&
            (servers.empty() ||
             std::ranges::none_of(
                 servers.end() - std::min<std::ptrdiff_t>(std::ssize(servers), 64), servers.end(),
                 [&](const Stream& one) { return one.parties.server.ip == stream.parties.server.ip; })))
            servers.push_back(stream);
    const auto each = wanted.registers / servers.size() + 1;
    const auto begin = time_of(wanted.until_minute - 600);
    std::uint64_t told = 0;
    for (std::uint64_t number = 0; number < each; ++number)
        for (auto& server : servers) {
            if (told >= wanted.registers) break;
            auto one = server;
            one.number = 20'000 + number * 4;
            one.value = dice.below(4'000);
            one.act = dice.one_in(5) ? observe::Act::write : observe::Act::read;
            const auto at = begin + std::chrono::milliseconds{told++ * 30'000'000 / wanted.registers};
            teller.one(one, at);
            if (dice.one_in(4)) teller.one(one, at + 7s);
            if (dice.one_in(12)) { // Another one does, too.
                const auto& other = servers[dice.below(servers.size())].parties.client;
                one.parties.client = other;
                one.conversation ^= 0x5555'0000'0000'0000;
                one.act = dice.one_in(3) ? observe::Act::write : observe::Act::read;
                teller.one(one, at + 9s);
            }
            if (store.waiting() < 20'000) continue;
            if (auto done = store.flush(false); !done) return done;
            if (told % 50 < 3) std::printf("%llu registers\n", static_cast<unsigned long long>(told));
            std::fflush(stdout);
        }
    return store.flush(true);
}

bool comes_late(std::size_t thing) noexcept { return thing % 101 == 7; } ///< in the last day

} // namespace

double minutes_of_production(std::size_t lines, std::int64_t from, std::int64_t until) {
    double sum = 0;
    for (auto minute = from; minute < until; minute += 10)
        for (std::size_t line = 1; line <= lines; ++line) sum += 10 * ScalePlant::busy(line, minute);
    return sum / static_cast<double>(lines);
}

ScalePlant plant_of(const Wanted& wanted) {
    const auto from = wanted.until_minute - wanted.days * minutes_of_day;
    const auto lines = std::max<std::size_t>(1, (wanted.devices - wanted.devices / 25 + 79) / 80);
    const auto minutes = minutes_of_production(lines, from, wanted.until_minute);
    return ScalePlant{wanted.seed, wanted.devices, static_cast<double>(wanted.operations) * 1.03 / minutes};
}

Result<std::uint64_t> fill(const Wanted& wanted, store::Writer& writer) {
    auto plant = plant_of(wanted);
    Store store{writer};
    Numbered sink{store};
    Teller teller{sink, wanted.seed + 1,
                  [](void* to, std::string_view name) { return static_cast<Store*>(to)->number(name); },
                  &store};
    Dice dice{wanted.seed + 2};
    const auto from = wanted.until_minute - wanted.days * minutes_of_day, end = wanted.until_minute;
    name_lines(plant, store);
    const auto appear = [&](bool late, std::int64_t minute) {
        for (std::size_t n = 0; n < plant.things().size(); ++n)
            if (comes_late(n) == late)
                teller.who(plant.things()[n], time_of(minute) + std::chrono::milliseconds{n});
    };
    appear(false, from);
    std::uint64_t rows = 0;
    for (auto minute = from; minute < end && rows < wanted.operations; ++minute) {
        const auto at = time_of(minute);
        if (minute == end - minutes_of_day + 60) appear(true, minute);
        if ((minute - from) % 720 == 0) {
            const bool last_days = minute > end - 2 * minutes_of_day;
            for (const auto& talk : plant.talks())
                if (!last_days || talk.conversation % 53 != 11)
                    teller.talk(talk, at, static_cast<std::uint64_t>(minute - from), minute == from);
        }
        for (auto& stream : plant.streams())
            if (dice.share() < ScalePlant::busy(stream.line, minute) && rows < wanted.operations)
                rows += teller.minute(stream, at);
        for (int n = 0; n < 4 && rows < wanted.operations; ++n, ++rows)
            teller.rare(plant.streams()[dice.below(plant.streams().size())], at + 59s);
        if (minute % 7 == 0) teller.anomaly(plant.streams()[dice.below(plant.streams().size())], at + 58s);
        for (int n = 0; n < 6; ++n) teller.coverage(at + std::chrono::seconds{n * 10}, 40'000);
        const bool day_ends = (minute + 1) % minutes_of_day == 0;
        if (store.waiting() >= batch_rows || day_ends) {
            if (auto done = store.flush(day_ends); !done) return std::unexpected{std::move(done).error()};
            if (day_ends)
                std::printf("%s: %llu operations\n", store::day_of(at).c_str(),
                            static_cast<unsigned long long>(rows));
            std::fflush(stdout);
        }
    }
    if (auto done = store.flush(true); !done) return std::unexpected{std::move(done).error()};
    if (wanted.registers != 0)
        if (auto done = fill_registers(plant, store, teller, dice, wanted); !done)
            return std::unexpected{std::move(done).error()};
    return rows;
}

} // namespace yagura::bench
