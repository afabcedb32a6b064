// What follows from the records, in batches from the recorder to the thread that writes the store.
#include <filesystem>

#include "apps/center/inside.h"

namespace yagura::center {
namespace {

constexpr std::chrono::milliseconds store_tidy_every = 10min;
constexpr std::size_t drawn_at_once = 400;

} // namespace

void Inside::fill(const store::Stored& stored) {
    plant = std::make_unique<model::Plant>([this](std::uint16_t number) { return protocols.name(number); });
    watch = std::make_unique<see::health::Watch>(
        [this](std::uint16_t number) { return protocols.name(number); });
    load_health(*watch, stored.health);
    projector = std::make_unique<Projector>(*plant, *watch, protocols, batch);
    portraits = std::make_unique<Portraits>(*plant, people);
    contexts.clear();
    source_ids.clear();
    sources.clear();
    sources_changed.clear();
    people = {};
    batch = {};
    plant->load(stored.rows);
    for (const auto& line : stored.lines) {
        people.lines[line.id] = line;
        last_line = std::max(last_line, line.id);
    }
    for (const auto& correction : stored.corrections)
        people.corrections[correction.node.value][correction.attribute] = correction;
    for (const auto& approval : stored.approvals) people.approvals[approval.node.value] = approval;
    for (const auto& row : stored.regroupings) people.regroupings[row.record] = row;
    for (const auto& setting : stored.settings) people.settings[setting.name] = setting;
    people.ledger_version = stored.ledger_version;
    people.ledger_last_entry = stored.ledger_last_entry;
    std::vector<see::ledger::Rule> rules;
    for (const auto& row : stored.ledger_rules)
        if (auto rule = see::ledger::rule_of(row.text)) {
            rule->id = row.id;
            rules.push_back(*std::move(rule));
        }
    people.rules = see::ledger::Rules{std::move(rules)};
    people.comment_lists = {stored.comment_lists.begin(), stored.comment_lists.end()};
    people.last_comment_list = stored.last_comment_list;
    people.asking = stored.asking;
    for (const auto& row : stored.sources) {
        sources[row.id] = row;
        source_ids[{row.sensor, row.boot, row.number}] = row.id;
        last_source = std::max(last_source, row.id);
    }
    for (const auto& upload : stored.uploads) {
        if (!uploads.contains(upload.id)) uploads[upload.id] = upload;
        last_upload = std::max(last_upload, upload.id);
    }
    portraits->load(stored);
    consumed = batched = stored.arrival;
    decided = std::max(decided, stored.decided);
    counters.written_mark = static_cast<std::int64_t>(stored.arrival);
}

void Inside::flush(bool wait) {
    if (!wait && !batches.has_room()) return;
    batch.rows = plant->take_changes();
    add_health(batch.health, *watch, *plant);
    portraits->changed(batch.rows, batch);
    portraits->draw(drawn_at_once, batch);
    for (const auto id : sources_changed) batch.sources.push_back(sources[id]);
    sources_changed.clear();
    for (const auto id : uploads_changed) batch.uploads.push_back(uploads[id]);
    uploads_changed.clear();
    batch.arrival = consumed;
    const bool nothing = consumed == batched && batch.shown.empty() && batch.seen.empty() &&
                         batch.uploads.empty() && batch.uploads_gone.empty() && batch.sources.empty() &&
                         batch.settings.empty();
    if (nothing) return;
    batched = consumed;
    {
        const std::scoped_lock lock{news_mutex};
        health_uses = watch->uses();
    }
    (void)batches.push(std::make_unique<store::Batch>(std::exchange(batch, {})));
}

void Inside::store_batches(const std::stop_token& stop) {
    auto tidied = Steady::now() - store_tidy_every;
    while (auto next = batches.pop(stop)) {
        const auto& what = **next;
        for (auto pause = 100ms;; pause = std::min<std::chrono::milliseconds>(pause * 2, 5s)) {
            auto done = writer.apply(what);
            if (done) break;
            counters.store_failures.fetch_add(1, std::memory_order_relaxed);
            complain(done.error());
            if (stop.stop_requested()) return; // The journal has it.
            std::this_thread::sleep_for(pause);
        }
        // Not before the store knows that it was read: a fall in between would look for it in vain.
        for (const auto& row : what.uploads)
            if (row.state == "read" || row.state == "damaged" || row.state == "failed") {
                std::error_code ignored;
                std::filesystem::remove(upload_path(row), ignored);
            }
        counters.batches.fetch_add(1, std::memory_order_relaxed);
        if (const auto passed = writer.ledgers_passed_over();
            counters.ledgers_passed_over.exchange(passed, std::memory_order_relaxed) != passed)
            complain({.code = "store.no-ledger",
                      .what = "an imported ledger is not there any more, and the one before it stays",
                      .where = "ledger/ in the data folder",
                      .next = "import the ledger again"});
        if (const auto passed = writer.feeds_passed_over();
            counters.feeds_passed_over.exchange(passed, std::memory_order_relaxed) != passed)
            complain({.code = "store.no-feed",
                      .what = "an imported feed is not there any more, and what was known before it stays",
                      .where = "feeds/ in the data folder",
                      .next = "import the feed again"});
        if (const auto passed = writer.comments_passed_over();
            counters.comments_passed_over.exchange(passed, std::memory_order_relaxed) != passed)
            complain({.code = "store.no-comments",
                      .what = "an imported list of device comments is not there any more, and what was there "
                              "before it stays",
                      .where = "comments/ in the data folder",
                      .next = "import the list again"});
        const auto sums = writer.sums();
        counters.objects_summed = static_cast<std::uint64_t>(sums.objects);
        counters.objects_left_out = static_cast<std::uint64_t>(sums.objects_left_out);
        counters.pairs_summed = static_cast<std::uint64_t>(sums.pairs);
        counters.pairs_left_out = static_cast<std::uint64_t>(sums.pairs_left_out);
        const auto registers = writer.registers();
        counters.registers = static_cast<std::uint64_t>(registers.registers);
        counters.registers_forgotten = static_cast<std::uint64_t>(registers.forgotten);
        counters.registers_left_out = static_cast<std::uint64_t>(registers.left_out);
        const auto values = writer.register_values();
        counters.values_kept = static_cast<std::uint64_t>(values.changes);
        counters.values_left_out = static_cast<std::uint64_t>(values.left_out);
        {
            const std::scoped_lock lock{news_mutex};
            counters.written_mark.store(static_cast<std::int64_t>(what.arrival), std::memory_order_relaxed);
            written.notify_all();
            if (tell_news)
                tell_news({.devices = !what.shown.empty() || !what.seen.empty(),
                           .operations = !what.operations.empty(),
                           .captures = !what.uploads.empty() || !what.uploads_gone.empty(),
                           .sensors = !what.sources.empty(),
                           .changes = !what.changes.empty(),
                           .ledger = !what.ledger.empty(),
                           .health = !what.health.findings.empty() || !what.health.cycles.empty()});
        }
        if (Steady::now() - tidied > store_tidy_every) {
            tidied = Steady::now();
            if (auto done = writer.tidy(std::chrono::floor<std::chrono::days>(wall_clock())); !done)
                complain(done.error());
        }
        batches.done();
    }
}

} // namespace yagura::center
