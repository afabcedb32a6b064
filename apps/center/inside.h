// What the center's two threads hold, and what they do with it, by file.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <set>

#include "apps/center/center.h"
#include "apps/center/decisions.h"
#include "apps/center/health.h"
#include "apps/center/permit.h"
#include "apps/center/portraits.h"
#include "apps/center/projector.h"
#include "apps/center/queue.h"
#include "apps/center/uploads.h"
#include "spine/base/folder_lock.h"
#include "spine/journal/pipe.h"
#include "spine/store/comments.h"
#include "spine/store/ledger.h"
#include "spine/store/weaknesses.h"

namespace yagura::center {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

inline constexpr std::size_t batch_rows_most = 20'000, batches_waiting = 4, commands_waiting = 256;
/// Whoever sends under these two is us: decisions, and captures that are read here.
inline constexpr std::array<std::uint8_t, 16> ourselves{}, uploaded{'u', 'p', 'l', 'o', 'a', 'd'};
inline constexpr journal::Stream decisions{ourselves, 0};

inline observe::Time wall_clock() {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}
inline journal::Journal::Seconds seconds(observe::Time at) {
    return std::chrono::floor<std::chrono::seconds>(at);
}
inline void complain(const Complaint& complaint) { std::fputs(complaint.text().c_str(), stderr); }

struct Center::Inside {
    struct Inlet {
        explicit Inlet(int descriptor) : reader{descriptor} {}
        journal::PipeReader reader;
        std::optional<journal::Stream> stream;
        std::int64_t upload = 0;
        std::uint64_t last_sequence = 0, skipped = 0;
        std::size_t switches = 0;
        bool ended = false;
    };
    struct Context {
        explicit Context(journal::Protocols& protocols) : replay{protocols} {}
        journal::Replay replay;
        std::uint32_t first_source = 0;
    };
    struct Answered {
        model::Done done;
        std::uint64_t arrival = 0; ///< of the decision
    };
    struct Asked {
        model::Command command;
        std::string who;
        std::promise<Result<Answered>> answer;
    };
    struct Reading {
        FileSensor sensor;
        std::unique_ptr<Inlet> inlet;
        std::optional<FileSensor::Ended> ended;
    };
    static constexpr int reader_falls_most = 3;

    Inside(FolderLock its_folder, Settings given, journal::Journal opened, store::Writer store)
        : folder{std::move(its_folder)},
          settings{std::move(given)},
          journal{std::move(opened)},
          writer{std::move(store)},
          wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}
    ~Inside() {
        if (recorder.joinable()) {
            recorder.request_stop();
            signal();
            recorder.join();
        }
        if (storing.joinable()) {
            batches.wait_idle(20s); // A store that cannot be written keeps nobody: the journal has it.
            storing.request_stop();
            storing.join();
        }
        ::close(wake);
    }

    FolderLock folder;
    Settings settings;
    Counters counters;
    journal::Journal journal;
    store::Writer writer; ///< the writer's thread; ours while that is idle
    int wake;
    std::optional<Permit> permit; ///< where plans come from the console
    Queue<std::unique_ptr<Asked>> commands{commands_waiting};
    Queue<std::unique_ptr<store::Batch>> batches{batches_waiting};
    std::mutex news_mutex;
    std::function<void(const News&)> tell_news;
    std::condition_variable written;                  ///< with news_mutex: the mark has moved
    std::vector<see::health::Watch::Use> health_uses; ///< with news_mutex

    // From here on the recorder thread's alone.
    journal::Protocols protocols;
    People people;
    store::Batch batch;
    std::unique_ptr<model::Plant> plant;
    std::unique_ptr<see::health::Watch> watch;
    std::unique_ptr<Projector> projector;
    std::unique_ptr<Portraits> portraits;
    std::map<journal::Stream, std::unique_ptr<Context>> contexts;
    std::map<std::tuple<std::string, std::uint64_t, std::uint32_t>, std::uint32_t> source_ids;
    std::map<std::uint32_t, store::SourceRow> sources;
    std::set<std::uint32_t> sources_changed;
    std::map<std::int64_t, store::UploadRow> uploads;
    std::set<std::int64_t> uploads_changed;
    std::vector<std::unique_ptr<Inlet>> inlets;
    std::map<std::int64_t, Reading> reading;
    std::map<std::int64_t, int> reader_falls; ///< of uploads that are being read
    std::uint64_t consumed = 0, batched = 0, decided = 0;
    bool rebuild = false;
    std::int64_t last_line = 0, last_upload = 0;
    std::uint32_t last_source = 0;

    std::jthread storing, recorder; ///< last: they use everything above

    void signal() const {
        const std::uint64_t one = 1;
        (void)!::write(wake, &one, sizeof one);
    }

    // center.cpp: the recorder's life
    void record(const std::stop_token& stop);

    // batches.cpp
    void fill(const store::Stored& stored);
    void flush(bool wait);
    void store_batches(const std::stop_token& stop);

    // records.cpp
    Result<void> play(std::uint64_t after);
    /// What a pipe's records belong to until the sensor says it again: a new sensor says it first of all.
    void recall_inlets();
    Context& context(const journal::Stream& stream);
    /// The sensor's words for where its records come from. Those of a capture are ours.
    std::uint32_t source_id(const journal::Stream& stream, const journal::Source& told);
    /// One record of the journal, live or played. `again`: from before the mark, it only explains.
    void consume(const journal::Stream& stream, const journal::Envelope& envelope, bool again = false);
    void count(const journal::Envelope& envelope);
    void attach(Inlet& inlet, const journal::Stream& stream);
    /// A record as it came. Gives it to the journal; `taken` is what the model is told after it is written.
    Result<void> take(Inlet& inlet, Bytes record, observe::Time now,
                      std::vector<std::pair<journal::Stream, journal::Envelope>>& taken);
    static bool switches(const Inlet& inlet, Bytes record);
    enum class Came : std::uint8_t { something, nothing, ended };
    /// Everything that one look into the pipe gives. Ended: nobody writes any more.
    Came read(Inlet& inlet, observe::Time now);
    /// What was sent before we are told to stop is written before we do.
    void drain();

    // persons.cpp
    void decide(const Decision& told, std::uint64_t arrival);
    void decide_ledger(const Decision& told);
    void decide_rules(const Decision& told); // rules.cpp
    void decide_weakness(const Decision& told);
    void decide_approval(const Decision& told); // approvals.cpp
    // asking.cpp
    void decide_asking(const Decision& told, std::uint64_t arrival);
    Result<Decision> judge_draft(const model::DraftAsking& asked) const;
    Result<Decision> judge_asking(const model::ApproveAsking& asked) const;
    /// yagura-ask is told what persons decided.
    void tell_permit();
    // regroupings.cpp
    void decide_merge(const Decision& told, std::uint64_t arrival);
    void decide_split(const Decision& told, std::uint64_t arrival);
    void decide_undone(const Decision& told);
    void regrouped(store::RegroupingRow row, const model::Regrouping& what);
    Result<Decision> judge_merge(const model::MergeDevices& asked);
    Result<Decision> judge_split(const model::SplitDevice& asked);
    Result<Decision> judge_undo(const model::UndoRegrouping& asked);
    void decide_comments(const Decision& told);
    Result<model::DeviceId> device(std::string_view text);
    Result<std::int64_t> line(std::string_view text);
    Result<std::vector<store::Subnet>> subnets(const std::vector<std::string>& texts);
    Result<std::string> name(std::string_view text, std::int64_t but = 0);
    /// The mark of a device that what persons say of it hangs on.
    Result<std::uint64_t> mark(std::string_view device);
    /// The decisions that a command comes to, and the id of what it makes.
    struct Judged {
        std::vector<Decision> told;
        std::string id;
        Judged(std::pair<Decision, std::string> one)
            : told{std::move(one.first)}, id{std::move(one.second)} {}
        explicit Judged(std::vector<Decision> all) : told{std::move(all)} {}
    };
    Result<Judged> judge(const model::Command& command);
    Result<Judged> judge_approvals(const model::DecideDevices& asked); // approvals.cpp
    // rules.cpp
    Result<Judged> judge_rule(const model::PutLedgerRule& asked);
    Result<Judged> judge_rule(const model::DropLedgerRule& asked);
    Result<Judged> judge_rule(const model::OrderLedgerRules& asked);
    /// Into the journal, and then what follows from it.
    Result<std::uint64_t> decided_now(const Decision& told);
    void answer_commands();

    // captures.cpp
    std::string upload_path(const store::UploadRow& row) const;
    /// Files that belong to no capture that is still to be read: a fall came before their record, or after
    /// their end.
    void remove_strays() const;
    void begin_uploads();
    void look_after_uploads();
    void finish(store::UploadRow& row, const FileSensor::Ended& ended);
    /// A sensor that reads a capture says where it breaks off.
    void damage_told(const journal::Stream& stream, const journal::Envelope& envelope);
    /// Takes out what came from captures that are to go: everything that the model made is made again from
    /// the journal without them.
    void make_again();
};

using Inside = Center::Inside;

} // namespace yagura::center
