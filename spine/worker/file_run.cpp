#include "spine/worker/file_run.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "spine/decode/shares.h"
#include "spine/worker/copied.h"

namespace yagura::worker {
namespace {

namespace ob = observe;

/// What a worker said while it walked to `up_to`.
struct Batch {
    std::vector<Copied> said;
    Arena arena;
    std::uint64_t up_to = 0;
    bool last = false;
    void clear() noexcept {
        said.clear();
        arena.clear();
        last = false;
    }
};

/// From one worker to the one who merges. A lock a batch, not a lock an observation.
class Batches {
public:
    explicit Batches(std::size_t workers) : batches_(std::max<std::size_t>(all_most / workers, 4)) {
        for (auto& batch : batches_) free_.push_back(&batch);
    }
    /// Waits until there is one.
    Batch* empty() {
        std::unique_lock lock{mutex_};
        moved_.wait(lock, [&] { return !free_.empty(); });
        auto* batch = free_.front();
        free_.pop_front();
        return batch;
    }
    void push(Batch* batch) {
        {
            const std::lock_guard lock{mutex_};
            full_.push_back(batch);
        }
        moved_.notify_all();
    }
    Batch* pop() {
        std::unique_lock lock{mutex_};
        moved_.wait(lock, [&] { return !full_.empty(); });
        auto* batch = full_.front();
        full_.pop_front();
        return batch;
    }
    void recycle(Batch* batch) {
        batch->clear();
        {
            const std::lock_guard lock{mutex_};
            free_.push_back(batch);
        }
        moved_.notify_all();
    }

private:
    static constexpr std::size_t all_most = 32; ///< of all workers together
    std::mutex mutex_;
    std::condition_variable moved_;
    std::deque<Batch> batches_;
    std::deque<Batch*> free_, full_;
};

/// A worker's sink: copies, and sends on what is enough. A worker whose share says nothing still tells how
/// far it is, at least every `walk_most` bytes: others wait for it, and over a stream it may have to wait for
/// them.
class Recorder final : public ob::Sink {
public:
    Recorder(Batches& to, bool before_fold) : to_{to}, before_fold_{before_fold} {}

    void on(const ob::Origin& o, const ob::Presence& what) override { copy(o, what); }
    void on(const ob::Origin& o, const ob::Identity& what) override { copy(o, what); }
    void on(const ob::Origin& o, const ob::Neighbour& what) override { copy(o, what); }
    void on(const ob::Origin& o, const ob::Conversation& what) override { copy(o, what); }
    void on(const ob::Origin& o, const ob::Operation& what) override { copy(o, what); }
    void on(const ob::Origin& o, const ob::Repeats& what) override { copy(o, what); }
    void on(const ob::Origin& o, const ob::Variable& what) override { copy(o, what); }
    void on(const ob::Origin& o, const ob::Name& what) override { copy(o, what); }
    void on(const ob::Origin& o, const ob::Login& what) override { copy(o, what); }
    void on(const ob::Origin& o, const ob::Transfer& what) override { copy(o, what); }
    void on(const ob::Origin& o, const ob::Log& what) override { copy(o, what); }
    void on(const ob::Origin& o, const ob::Match& what) override { copy(o, what); }
    void on(const ob::Origin& o, const ob::Anomaly& what) override { copy(o, what); }
    void on(const ob::Origin& o, const ob::Coverage& what) override { copy(o, what); }

    struct Open {
        Batch* batch = nullptr;
        std::uint64_t position = 0;
    };
    static constexpr std::size_t said_most = 512, bytes_most = 1u << 17, walk_most = 1u << 20;
    Open* open = nullptr; ///< shared by the worker's two sinks

private:
    template <class Kind>
    void copy(const ob::Origin& origin, const Kind& what) {
        if (!open->batch) open->batch = to_.empty();
        open->batch->said.emplace_back(open->position, before_fold_, origin, what, open->batch->arena);
        if (open->batch->said.size() < said_most && open->batch->arena.held() < bytes_most) return;
        // All before this frame is said; of this frame there may be more.
        open->batch->up_to = open->position == 0 ? 0 : open->position - 1;
        to_.push(std::exchange(open->batch, nullptr));
    }
    Batches& to_;
    bool before_fold_;
};

template <class Each>
bool walk(capture::Cursor& cursor, const std::stop_token& stop, Each&& each) {
    capture::Frame frame;
    for (std::uint64_t count = 0; cursor.next(frame); ++count) {
        if (count % 1024 == 0 && stop.stop_requested()) {
            cursor.leave();
            return false;
        }
        each(frame);
    }
    return true;
}

decode::Frame frame_of(const capture::Frame& frame) noexcept {
    return {.bytes = frame.bytes,
            .wire_length = frame.wire_length,
            .link_type = frame.link_type,
            .number = frame.number,
            .at = ob::Time{std::chrono::nanoseconds{frame.at}}};
}

void add_limits(FileRun& run, const Limits& limits) {
    for (const auto& limit : limits.all()) {
        auto known = std::ranges::find(run.limits, limit.name, &FileRun::Reading::name);
        if (known == run.limits.end())
            known = run.limits.insert(known, {.name = limit.name, .unit = limit.unit});
        known->bound += limit.bound;
        known->used += limit.used();
        known->refused += limit.refused();
    }
}

/// Over all workers, in the order of frames; coverage of one second comes from each and is told once.
class Merge {
public:
    Merge(std::size_t workers, ob::Sink* unfolded, ob::Sink* folded)
        : workers_{workers}, unfolded_{unfolded}, folded_{folded} {}

    void run(std::deque<Batches>& queues) {
        struct Head {
            Batch* batch = nullptr;
            std::size_t next = 0;
            std::uint64_t up_to = 0;
            bool ended = false;
        };
        std::vector<Head> heads(workers_);
        for (;;) {
            // Whoever is first, among those that have something; and how far everybody else is for certain.
            std::size_t first = workers_, behind = workers_;
            for (std::size_t i = 0; i < workers_; ++i) {
                auto& head = heads[i];
                if (head.batch && head.next < head.batch->said.size()) {
                    if (first == workers_ || position(head) < position(heads[first])) first = i;
                } else if (!head.ended && (behind == workers_ || head.up_to < heads[behind].up_to)) {
                    behind = i;
                }
            }
            if (behind != workers_ && (first == workers_ || heads[behind].up_to < position(heads[first]))) {
                auto& head = heads[behind];
                if (head.batch) queues[behind].recycle(head.batch);
                head = {queues[behind].pop(), 0, 0, false};
                head.up_to = head.batch->up_to;
                head.ended = head.batch->last;
                continue;
            }
            if (first == workers_) break;
            auto& head = heads[first];
            say(head.batch->said[head.next++]);
        }
    }

private:
    static std::uint64_t position(const auto& head) { return head.batch->said[head.next].position; }

    void say(const Copied& one) {
        if (auto* sink = one.unfolded ? unfolded_ : folded_) {
            if (const auto* coverage = std::get_if<ob::Coverage>(&one.what))
                add(one, *coverage, *sink);
            else
                one.say(*sink);
        }
    }
    void add(const Copied& one, const ob::Coverage& coverage, ob::Sink& sink) {
        auto known = std::ranges::find_if(
            pending_, [&](const Pending& p) { return p.at == one.at && p.unfolded == one.unfolded; });
        if (known == pending_.end()) known = pending_.insert(known, {.at = one.at, .unfolded = one.unfolded});
        auto& sum = known->sum;
        sum.packets += coverage.packets;
        sum.bytes += coverage.bytes;
        sum.dropped += coverage.dropped;
        sum.refused += coverage.refused;
        sum.forgotten += coverage.forgotten;
        if (++known->workers < workers_) return;
        auto whole = one;
        whole.what = sum;
        whole.say(sink);
        pending_.erase(known);
    }

    struct Pending {
        ob::Time at{};
        bool unfolded = false;
        std::size_t workers = 0;
        ob::Coverage sum{};
    };
    std::size_t workers_;
    ob::Sink* unfolded_;
    ob::Sink* folded_;
    std::vector<Pending> pending_;
};

} // namespace

FileRun run_file(capture::File& file, std::uint32_t source, const PipelineSettings& settings,
                 ob::Sink* unfolded, ob::Sink* folded, std::stop_token stop) {
    FileRun run;
    ob::Listener nobody;
    if (file.readers() == 1) {
        Pipeline pipeline{settings, unfolded, folded ? *folded : nobody};
        auto& cursor = file.cursor(0);
        std::uint64_t dropped = 0;
        run.stopped = !walk(cursor, stop, [&](const capture::Frame& frame) {
            pipeline.frame(frame_of(frame), source);
            if (const auto all = cursor.dropped(); all != dropped) [[unlikely]]
                pipeline.dropped(all - std::exchange(dropped, all));
        });
        pipeline.finish();
        run.counts.add(pipeline.counts());
        run.shapes = pipeline.take_shapes();
        run.shapes_left_out = pipeline.shapes_left_out();
        add_limits(run, pipeline.limits());
        run.damage = file.damage();
        return run;
    }

    const std::size_t workers = file.readers();
    const auto shared = settings.shared_by(file.readers());
    std::deque<Batches> queues; // A deque: they do not move.
    for (std::size_t i = 0; i < workers; ++i) queues.emplace_back(workers);
    std::mutex mutex; // For `run`, once at the end of each worker.
    {
        std::vector<std::jthread> threads;
        for (std::size_t me = 0; me < workers; ++me)
            threads.emplace_back([&, me] {
                auto& cursor = file.cursor(static_cast<unsigned>(me));
                auto& queue = queues[me];
                Recorder::Open open;
                Recorder before{queue, true}, after{queue, false};
                before.open = after.open = &open;
                ob::Listener quiet;
                Pipeline pipeline{shared, unfolded ? &before : nullptr,
                                  folded ? static_cast<ob::Sink&>(after) : quiet};
                std::uint64_t dropped = 0, walked = 0;
                decode::Shares shares{file.readers()};
                const bool whole = walk(cursor, stop, [&](const capture::Frame& frame) {
                    ++open.position;
                    if (shares.next(decode::host_pair(frame.bytes, frame.link_type)) == me)
                        pipeline.frame(frame_of(frame), source);
                    else
                        pipeline.advance(ob::Time{std::chrono::nanoseconds{frame.at}});
                    if (me == 0)
                        if (const auto all = cursor.dropped(); all != dropped) [[unlikely]]
                            pipeline.dropped(all - std::exchange(dropped, all));
                    walked += frame.bytes.size() + 64;
                    if (walked < Recorder::walk_most) return;
                    walked = 0;
                    if (!open.batch) open.batch = queue.empty();
                    open.batch->up_to = open.position;
                    queue.push(std::exchange(open.batch, nullptr));
                });
                ++open.position;
                pipeline.finish();
                if (!open.batch) open.batch = queue.empty();
                open.batch->up_to = open.position;
                open.batch->last = true;
                queue.push(open.batch);
                const std::lock_guard lock{mutex};
                run.counts.add(pipeline.counts());
                std::ranges::move(pipeline.take_shapes(), std::back_inserter(run.shapes));
                run.shapes_left_out += pipeline.shapes_left_out();
                add_limits(run, pipeline.limits());
                run.stopped = run.stopped || !whole;
            });
        Merge{workers, unfolded, folded}.run(queues);
    }
    run.damage = file.damage();
    return run;
}

} // namespace yagura::worker
