#include "apps/yagura/read.h"

#include <algorithm>
#include <optional>

#include "apps/yagura/asset_rows.h"
#include "apps/yagura/conversation_rows.h"
#include "apps/yagura/health_rows.h"
#include "apps/yagura/operation_rows.h"
#include "apps/yagura/progress.h"
#include "apps/yagura/unknown_rows.h"
#include "spine/capture/file.h"
#include "spine/descriptions/file.h"
#include "spine/dissect/dissector.h"
#include "spine/model/plant.h"
#include "spine/worker/file_run.h"

namespace yagura::run {
namespace {

/// What the chosen view has to hear, and from which side of the fold.
struct View {
    std::optional<model::Plant> plant;
    std::optional<ConversationRows> conversations;
    std::optional<OperationRows> operations;
    std::optional<see::health::Watch> health;
    // For --what protocols and stats nobody: everything is said and counted, and several workers need not
    // wait for each other to say it in order.
    observe::Sink* unfolded = nullptr;
    observe::Sink* folded = nullptr;
};

/// Conversations of a file that nobody claims of which the shape is kept.
constexpr std::uint32_t shapes_most = 8'192;
static_assert(sizeof(worker::Shape) <= 8'192, "64 MiB in all");

} // namespace

int read_captures(const ReadOptions& options, std::ostream& out, std::ostream& error) {
    if (!options.protocols.empty())
        if (const auto done = descriptions::load(options.protocols); !done) {
            error << done.error().text();
            return 1;
        }
    View view;
    if (options.what == What::assets) view.folded = &view.plant.emplace(dissect::name_of);
    if (options.what == What::conversations) view.folded = &view.conversations.emplace();
    if (options.what == What::operations) view.unfolded = &view.operations.emplace(out, options.format);

    if (options.what == What::health) view.folded = &view.health.emplace(dissect::name_of);

    worker::PipelineSettings settings;
    settings.copies = options.copies;
    // Neither operations nor numbers have a place for a name that nDPI gives.
    if (options.labels.value_or(options.what != What::operations && options.what != What::stats))
        settings.labels = worker::PipelineSettings::labels_usual;
    if (options.what == What::unknown) settings.shapes = shapes_most;
    std::vector<std::unique_ptr<worker::Shape>> shapes;
    std::uint64_t shapes_left_out = 0;
    worker::Counts counts;
    int code = 0;
    std::uint32_t source = 0;
    for (const auto& name : options.files) {
        ++source;
        auto file = capture::File::open(name, std::max(1u, options.workers));
        if (!file) {
            error << file.error().text();
            code = 1;
            continue;
        }
        if (view.operations && options.files.size() > 1) view.operations->file(name);
        std::optional<ProgressBar> bar;
        if (options.progress) bar.emplace(**file, name);
        auto run = worker::run_file(**file, source, settings, view.unfolded, view.folded);
        bar.reset();
        counts.add(run.counts);
        std::ranges::move(run.shapes, std::back_inserter(shapes));
        shapes_left_out += run.shapes_left_out;
        if (run.damage)
            error << "damaged: " << name << ": " << run.damage->what << " behind frame " << run.damage->frames
                  << ", at byte " << run.damage->offset << "; everything before it was read\n";
    }
    switch (options.what) {
    case What::assets:
        show_assets(out, options.format, *view.plant, options.files);
        break;
    case What::protocols:
        show_protocols(out, options.format, counts);
        break;
    case What::stats:
        show_stats(out, options.format, counts, options.workers);
        break;
    case What::health:
        show_health(out, options.format, *view.health);
        break;
    case What::operations:
        view.operations->end();
        break;
    case What::unknown:
        show_unknown(out, options.format, worker::grouped_by_shape(shapes), options.draft);
        if (shapes_left_out)
            error << "note: " << grouped(shapes_left_out)
                  << " conversations were not looked at: only the first " << grouped(shapes_most)
                  << " of each file are\n";
        break;
    case What::conversations:
        view.conversations->show(out, options.format);
        if (view.conversations->left_out())
            error << "note: only the first " << grouped(ConversationRows::most)
                  << " conversations are shown; " << grouped(view.conversations->left_out())
                  << " changes of others were left out\n";
        break;
    }
    out.flush();
    return code;
}

} // namespace yagura::run
