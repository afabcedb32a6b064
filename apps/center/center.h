// The center's two threads: one takes records into the journal and then to the model, one writes what follows
// from them into the store. Whatever dies at whatever moment: what the journal has is not lost, and what the
// store has is what the journal says up to its mark.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "see/health/watch.h"
#include "spine/base/limits.h"
#include "spine/base/result.h"
#include "spine/journal/files.h"
#include "spine/model/commands.h"

namespace yagura::center {

struct Settings {
    std::string data;
    std::vector<int> pipes; ///< from sensors
    std::string sensor;     ///< the program that reads uploads; empty: beside our own
    std::string protocols;  ///< file of described protocols that it reads; empty: none
    std::int64_t keep_days = 30;
    std::uint64_t journal_bytes = std::uint64_t{20} << 30;
    std::size_t uploads_at_once = 1;
    std::string permit; ///< the file for yagura-ask; empty: plans do not come from the console
};

/// What health and /metrics show, read at any time.
struct Counters {
    std::atomic<std::uint64_t> records{0}, duplicates{0}, missing{0}, skipped_bytes{0}, unknown{0},
        unattributed{0};
    std::atomic<std::uint64_t> replayed{0}, batches{0}, journal_bytes{0}, store_failures{0},
        journal_failures{0};
    std::atomic<std::uint64_t> ledgers_passed_over{0}, feeds_passed_over{0}; ///< store::Writer
    std::atomic<std::uint64_t> comments_passed_over{0};
    /// Of the day that was written last (store::Sums).
    std::atomic<std::uint64_t> objects_summed{0}, objects_left_out{0}, pairs_summed{0}, pairs_left_out{0};
    std::atomic<std::uint64_t> registers{0}, registers_forgotten{0}, registers_left_out{0}, values_kept{0},
        values_left_out{0};
    std::atomic<std::int64_t> written_mark{0}, latest_packet{0};
};

class Center final : public model::Commands {
public:
    /// Opens journal and store, plays what the store has not seen, and starts the two threads.
    static Result<std::unique_ptr<Center>> start(Settings settings);
    ~Center(); ///< ends both, in order; what came is written

    Result<model::Done> run(model::Command command, std::string_view who) override;

    const Counters& counters() const noexcept;
    /// How full the tables of network health are.
    std::vector<see::health::Watch::Use> health_uses() const;
    /// After each batch that readers can see, from the writer's thread: what changed, for whoever listens.
    struct News {
        bool devices = false, operations = false, captures = false, sensors = false, changes = false,
             ledger = false, health = false;
    };
    void on_news(std::function<void(const News&)> tell);

    struct Inside;

private:
    explicit Center(std::unique_ptr<Inside> in);
    std::unique_ptr<Inside> in_;
};

} // namespace yagura::center
