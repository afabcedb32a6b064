#include "apps/center/center.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <filesystem>

#include "apps/center/inside.h"

namespace yagura::center {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds batch_every = 200ms, sync_every = 400ms, tidy_every = 30s;

} // namespace

void Inside::record(const std::stop_token& stop) {
    auto flushed = Steady::now(), synced = flushed, tidied = flushed, looked = flushed;
    while (!stop.stop_requested()) {
        std::vector<pollfd> waiting{{wake, POLLIN, 0}};
        std::vector<Inlet*> whose{nullptr};
        const auto wait_for = [&](Inlet& inlet) {
            if (inlet.ended) return;
            waiting.push_back({inlet.reader.descriptor(), POLLIN, 0});
            whose.push_back(&inlet);
        };
        for (auto& inlet : inlets) wait_for(*inlet);
        for (auto& [id, one] : reading) wait_for(*one.inlet);
        (void)::poll(waiting.data(), waiting.size(), 50);
        const auto now = wall_clock();
        if ((waiting[0].revents & POLLIN) != 0) {
            std::uint64_t ignored = 0;
            (void)!::read(wake, &ignored, sizeof ignored);
        }
        for (std::size_t i = 1; i < waiting.size(); ++i) {
            if (waiting[i].revents == 0) continue;
            // No writer: of a capture that is its end; a sensor's pipe will get another one.
            if (read(*whose[i], now) == Came::ended) {
                whose[i]->ended = whose[i]->upload != 0;
                if (!whose[i]->ended) std::this_thread::sleep_for(20ms);
            }
        }
        answer_commands();
        if (permit) permit->beat();
        if (rebuild) make_again();
        const auto tick = Steady::now();
        if (tick - looked >= 100ms) {
            looked = tick;
            look_after_uploads();
        }
        if (tick - flushed >= batch_every || batch.history_rows() >= batch_rows_most) {
            flush(batch.history_rows() >= batch_rows_most * 4);
            if (batch.history_rows() == 0) flushed = tick;
        }
        if (tick - synced >= sync_every && journal.dirty()) {
            synced = tick;
            if (auto done = journal.sync(); !done) {
                counters.journal_failures.fetch_add(1, std::memory_order_relaxed);
                complain(done.error());
            }
        }
        if (tick - tidied >= tidy_every) {
            tidied = tick;
            if (auto done = journal.tidy(seconds(now)); !done) complain(done.error());
            counters.journal_bytes.store(journal.bytes(), std::memory_order_relaxed);
        }
    }
    drain();
    answer_commands();
    while (!portraits->idle()) flush(true);
    flush(true);
    if (auto done = journal.sync(); !done) complain(done.error());
}

void Inside::drain() {
    const auto begun = Steady::now();
    // When everything ends together, a sensor's last words are still on their way.
    for (auto came = begun; Steady::now() - came < 300ms && Steady::now() - begun < 5s;) {
        bool open = false;
        for (auto& inlet : inlets) {
            const auto what = read(*inlet, wall_clock());
            if (what == Came::something) came = Steady::now();
            open |= what != Came::ended;
        }
        if (!open) break;
        if (batch.history_rows() >= batch_rows_most) flush(true);
        if (Steady::now() != came) std::this_thread::sleep_for(5ms);
    }
}

Center::Center(std::unique_ptr<Inside> in) : in_{std::move(in)} {}
Center::~Center() = default;

Result<std::unique_ptr<Center>> Center::start(Settings settings) {
    std::error_code error;
    fs::create_directories(settings.data + "/uploads", error);
    if (error)
        return std::unexpected{Complaint{.code = "center.no-data-folder",
                                         .what = "the data folder cannot be used",
                                         .why = error.message(),
                                         .where = settings.data,
                                         .next = "let the user of yagura-center own it"}};
    // After a fall of the supervisor the center before this one may still be writing.
    YAGURA_TRY(auto folder, FolderLock::take(settings.data, 20s));
    if (fs::exists(settings.data + "/.restoring", error))
        return std::unexpected{Complaint{.code = "center.half-restored",
                                         .what = "the data folder is half restored",
                                         .why = "yagura restore was ended in the middle",
                                         .where = settings.data,
                                         .next = "run yagura restore again"}};
    YAGURA_TRY(auto writer, store::Writer::open(settings.data, {.history_days = settings.keep_days}));
    YAGURA_TRY(auto journal, journal::Journal::open(settings.data + "/journal",
                                                    {.keep = std::chrono::hours{24 * settings.keep_days},
                                                     .keep_bytes = settings.journal_bytes}));
    YAGURA_TRY(const auto stored, writer.load());
    auto in = std::make_unique<Inside>(std::move(folder), std::move(settings), std::move(journal),
                                       std::move(writer));
    in->fill(stored);
    in->storing = std::jthread{[raw = in.get()](const std::stop_token& stop) { raw->store_batches(stop); }};
    if (auto played = in->play(stored.arrival); !played) return std::unexpected{std::move(played).error()};
    in->recall_inlets();
    for (const auto& [id, row] : in->uploads) in->rebuild |= row.state == "removing";
    in->remove_strays();
    if (!in->settings.permit.empty()) {
        YAGURA_TRY(auto opened, Permit::open(in->settings.permit));
        in->permit.emplace(std::move(opened));
        in->tell_permit();
    }
    // Whoever asks now is answered from a store that knows all that was answered before.
    do in->flush(true);
    while (!in->portraits->idle());
    in->batches.wait_idle(20s);
    in->recorder = std::jthread{[raw = in.get()](const std::stop_token& stop) { raw->record(stop); }};
    return std::unique_ptr<Center>{new Center{std::move(in)}};
}

Result<model::Done> Center::run(model::Command command, std::string_view who) {
    // At once, whatever the recorder is busy with, and whether or not it can be written down.
    if (in_->permit && std::holds_alternative<model::StopAsking>(command)) in_->permit->stop();
    auto asked = std::make_unique<Inside::Asked>(std::move(command), std::string{who});
    auto answer = asked->answer.get_future();
    if (!in_->commands.try_push(std::move(asked)))
        return std::unexpected{Complaint{.code = "model.too-busy",
                                         .what = "too much is being decided at once",
                                         .next = "try again in a moment"}};
    in_->signal();
    try {
        auto answered = answer.get();
        if (!answered) return std::unexpected{std::move(answered).error()};
        // It is safe, and so is the answer; but who asks and then looks should see it. A store that is busy
        // or broken does not make it untrue.
        std::unique_lock lock{in_->news_mutex};
        (void)in_->written.wait_for(lock, 1s, [&] {
            return in_->counters.written_mark >= static_cast<std::int64_t>(answered->arrival);
        });
        return std::move(answered->done);
    } catch (const std::future_error&) { // The recorder has ended.
        return std::unexpected{Complaint{
            .code = "model.stopping", .what = "the center is stopping", .next = "try again when it is back"}};
    }
}

const Counters& Center::counters() const noexcept { return in_->counters; }
std::vector<see::health::Watch::Use> Center::health_uses() const {
    const std::scoped_lock lock{in_->news_mutex};
    return in_->health_uses;
}
void Center::on_news(std::function<void(const News&)> tell) {
    const std::scoped_lock lock{in_->news_mutex};
    in_->tell_news = std::move(tell);
}

} // namespace yagura::center
