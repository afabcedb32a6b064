#include "apps/center/console.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "see/api/approvals_api.h"
#include "see/api/asking_api.h"
#include "see/api/captures_api.h"
#include "see/api/comments_api.h"
#include "see/api/devices_api.h"
#include "see/api/health_api.h"
#include "see/api/ledger_api.h"
#include "see/api/needs_api.h"
#include "see/api/operations_api.h"
#include "see/api/overview_api.h"
#include "see/api/registers_api.h"
#include "see/api/report_api.h"
#include "see/api/risk_api.h"
#include "see/api/sight_api.h"
#include "see/api/states_api.h"
#include "see/api/traffic_api.h"
#include "see/api/weaknesses_api.h"
#include "see/comments/list.h"
#include "spine/api/account_api.h"
#include "spine/api/server.h"
#include "spine/api/server_api.h"
#include "spine/link/certificate.h"
#include "spine/store/accounts.h"
#include "spine/store/writer.h"

namespace yagura::center {
namespace {

namespace fs = std::filesystem;

/// What health and the first steps show.
class Health final : public api::Status {
public:
    Health(const Center& center, store::Readers& state, see::TableFiles& ledgers, see::TableFiles& comments,
           see::Weaknesses& weaknesses, see::Risks& risks)
        : center_{center},
          counters_{center.counters()},
          state_{state},
          ledgers_{ledgers},
          comments_{comments},
          weaknesses_{weaknesses},
          risks_{risks} {}
    std::vector<Part> parts() override {
        return {{"journal", counters_.journal_failures == 0 ? State::ok : State::degraded, 0},
                {"store", counters_.store_failures == 0 ? State::ok : State::degraded, 0}};
    }
    std::vector<LimitRow> limits() override {
        std::vector<LimitRow> out{
            {"center.records_missing", 0, counters_.records, counters_.missing, "records"},
            {"center.pipe_skipped", 0, 0, counters_.skipped_bytes, "bytes"},
            {"center.unattributed", 0, 0, counters_.unattributed, "records"},
            {"store.objects_of_day", most(sums_.objects), counters_.objects_summed,
             counters_.objects_left_out, "objects"},
            {"store.pairs_of_day", most(sums_.pairs), counters_.pairs_summed, counters_.pairs_left_out,
             "sums"},
            {"store.registers", most(registers_.registers), counters_.registers,
             counters_.registers_forgotten, "registers"},
            {"store.registers_of_device", most(registers_.of_node), 0, counters_.registers_left_out, "acts"},
            {"store.values_of_day", most(registers_.changes_of_day), counters_.values_kept,
             counters_.values_left_out, "values"},
            {"store.lost_ledgers", 0, 0, counters_.ledgers_passed_over, "ledgers"},
            {"store.lost_comments", 0, 0, counters_.comments_passed_over, "lists"},
            {"see.ledger_files", see::TableFiles::most, ledgers_.used(), ledgers_.refused(), "files"},
            {"see.comment_files", see::TableFiles::most, comments_.used(), comments_.refused(), "files"},
            {"store.lost_feeds", 0, 0, counters_.feeds_passed_over, "feeds"},
            {"see.weaknesses", see::Weaknesses::most, weaknesses_.used(), weaknesses_.refused(), "matches"},
            {"see.risk", see::Risks::most, risks_.used(), risks_.refused(), "devices"}};
        for (const auto& use : center_.health_uses())
            out.push_back({std::string{use.name}, use.bound, use.used, use.forgotten, std::string{use.unit}});
        return out;
    }
    FirstRun first_run() override {
        FirstRun out;
        if (auto loan = state_.borrow()) {
            const auto count = [&](std::string_view sql) {
                auto statement = (*loan)->cached(sql);
                if (!statement) return std::uint64_t{0};
                return (*statement)
                    ->one([](const store::Row& row) { return row.as<std::uint64_t>(0); })
                    .value_or(std::nullopt)
                    .value_or(0);
            };
            out.packets = count("SELECT EXISTS (SELECT 1 FROM source WHERE packets > 0)") != 0;
            out.devices = count("SELECT count(*) FROM shown");
            out.lines = count("SELECT count(*) FROM line");
        }
        return out;
    }

private:
    static std::uint64_t most(std::int64_t limit) noexcept { return static_cast<std::uint64_t>(limit); }
    const Center& center_;
    const Counters& counters_;
    store::Readers& state_;
    see::TableFiles &ledgers_, &comments_;
    see::Weaknesses& weaknesses_;
    see::Risks& risks_;
    const store::Sums::Limits sums_{store::Writer::Limits{}.sums}; ///< As the center opens its store.
    const store::RegisterLimits registers_{};
};

constexpr std::string_view first_name = "admin"; // As Gate::first_account() calls it.

/// The first account's password, in the data folder until its owner has another one: mode 0600, whole or not
/// at all.
class FirstPassword {
public:
    explicit FirstPassword(const std::string& data) : path_{data + "/first-password"} {}
    bool kept() const {
        std::error_code ignored;
        return fs::exists(path_, ignored);
    }
    void keep(const std::string& password) const {
        const auto half = path_ + ".half";
        const int file = ::open(half.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (file < 0) return;
        const auto line = password + "\n";
        const bool whole = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                           ::fsync(file) == 0;
        ::close(file);
        if (!whole || ::rename(half.c_str(), path_.c_str()) != 0) ::unlink(half.c_str());
    }
    void remove() const { ::unlink(path_.c_str()); }

private:
    std::string path_;
};

/// Makes the first account at the first start; after a fall in the middle of that, one whose password nobody
/// was told gets another.
Result<void> first_account(api::Gate& gate, model::AccountBook& book, const FirstPassword& file) {
    YAGURA_TRY(auto password, gate.first_account());
    const auto account = book.account_named(first_name);
    const bool untouched = account && account->must_change_password && account->last_login == 0;
    if (password.empty() && untouched && !file.kept()) {
        password = api::first_password();
        if (auto done = gate.set_password(*account, password, true); !done) return done;
    }
    if (!password.empty())
        file.keep(password);
    else if (!account || !account->must_change_password)
        file.remove();
    return {};
}

std::vector<std::string> samples() {
    std::error_code ignored;
    const auto self = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    for (const auto& folder :
         {fs::path{"/usr/share/yagura/sample"}, self.parent_path().parent_path() / "tests/captures/plant"}) {
        std::vector<std::string> found;
        for (const auto& file : fs::directory_iterator{folder, ignored})
            if (file.path().extension() == ".zst") found.push_back(file.path());
        std::sort(found.begin(), found.end());
        if (!found.empty()) return found;
    }
    return {};
}

} // namespace

struct Console::Inside {
    WallClock clock;
    std::unique_ptr<store::Accounts> accounts;
    std::unique_ptr<api::Gate> gate;
    std::unique_ptr<api::Service> service;
    store::Readers state;
    store::History history;
    store::DeviceReader devices{state, clock};
    store::ApprovalReader approvals{state};
    store::TrafficReader traffic{state};
    store::OverviewReader overview{state, history};
    store::CaptureReader captures{state, history};
    store::LedgerReader ledger{state};
    store::HealthReader network{state};
    store::RegisterReader registers{state, history};
    see::Reconciler reconciler{ledger};
    see::TableFiles ledger_files{clock};
    store::CommentReader comments{state};
    store::AskingReader asking{state};
    store::NeedReader needs{state};
    store::SightReader sight{state};
    see::TableFiles comment_files{clock, [](Bytes file) { return see::comments::read_list(file); }};
    store::WeaknessReader weakness_reader{state};
    see::Weaknesses weaknesses{weakness_reader, reconciler, clock};
    store::StandingReader standings{state, clock};
    see::Risks risks{weaknesses, weakness_reader, needs, standings, ledger, reconciler};
    see::Uploads uploads;
    Health health;
    api::EventHub events;
    api::StaticFiles files = api::StaticFiles::none();
    Center& center;
    std::optional<api::Server> server;

    Inside(const Options& options, Center& center_)
        : state{store::state_file(options.data)},
          history{store::history_folder(options.data), state},
          uploads{options.data + "/uploads", static_cast<std::uint64_t>(options.upload_gib) << 30},
          health{center_, state, ledger_files, comment_files, weaknesses, risks},
          center{center_} {}
    ~Inside() {
        center.on_news({});
        if (server) server->stop();
    }
};

Console::Console(std::unique_ptr<Inside> in) : in_{std::move(in)} {}
Console::~Console() = default;

Result<std::unique_ptr<Console>> Console::open(const Options& options, Center& center) {
    auto in = std::make_unique<Inside>(options, center);
    YAGURA_TRY(in->accounts, store::Accounts::open(options.data + "/accounts.sqlite"));
    auto& accounts = *in->accounts;
    if (auto site = accounts.site(); site.name.empty()) {
        site.name = options.plant_name;
        site.time_zone = options.time_zone;
        if (auto done = accounts.set_site(site); !done) return std::unexpected{std::move(done).error()};
    }
    const FirstPassword password{options.data};
    in->gate = std::make_unique<api::Gate>(
        accounts, in->clock, api::Gate::Settings{.password_changed = [password](std::string_view name) {
            if (name == first_name) password.remove();
        }});
    if (auto done = first_account(*in->gate, accounts, password); !done)
        return std::unexpected{std::move(done).error()};

    YAGURA_TRY(auto contract, api::Contract::open());
    in->service = std::make_unique<api::Service>(std::move(contract), *in->gate, accounts.audit(), in->clock);
    auto& service = *in->service;
    api::add_account_handlers(service, *in->gate, accounts, accounts.audit(), in->clock);
    api::add_server_handlers(service, accounts, accounts, in->health);
    see::add_device_handlers(service, in->devices, center, in->reconciler);
    see::add_approval_handlers(service, in->approvals, in->reconciler, center, in->clock);
    see::add_ledger_handlers(service, {.reader = in->ledger,
                                       .devices = in->devices,
                                       .reconciler = in->reconciler,
                                       .files = in->ledger_files,
                                       .commands = center,
                                       .clock = in->clock,
                                       .folder = store::ledger_folder(options.data)});
    see::add_weakness_handlers(service, {.reader = in->weakness_reader,
                                         .devices = in->devices,
                                         .weaknesses = in->weaknesses,
                                         .commands = center,
                                         .clock = in->clock,
                                         .folder = store::feed_folder(options.data)});
    see::add_comment_handlers(service, {.reader = in->comments,
                                        .devices = in->devices,
                                        .history = in->history,
                                        .files = in->comment_files,
                                        .commands = center,
                                        .folder = store::comment_folder(options.data)});
    see::add_asking_handlers(service, {.reader = in->asking,
                                       .commands = center,
                                       .clock = in->clock,
                                       .folder = options.ask_folder(),
                                       .from = options.asking,
                                       .time_zone = options.time_zone});
    see::add_need_handlers(
        service,
        {.reader = in->needs, .devices = in->devices, .history = in->history, .reconciler = in->reconciler});
    see::add_risk_handlers(service, {.risks = in->risks, .devices = in->devices});
    see::add_report_handlers(service, {.reconciler = in->reconciler,
                                       .approvals = in->approvals,
                                       .weaknesses = in->weaknesses,
                                       .risks = in->risks,
                                       .health = in->network,
                                       .sight = in->sight,
                                       .site =
                                           [raw = in.get()] {
                                               const auto site = raw->accounts->site();
                                               return std::pair{site.name, site.time_zone};
                                           },
                                       .clock = in->clock});
    see::add_sight_handlers(service, {.reader = in->sight, .reconciler = in->reconciler});
    see::add_overview_handlers(service, in->overview, in->captures, center, in->clock);
    see::add_traffic_handlers(service, in->traffic);
    see::add_register_handlers(service, in->registers);
    see::add_health_handlers(service, in->network, in->reconciler);
    see::add_operation_handlers(service, in->devices, in->history, in->clock);
    see::add_state_handlers(service, in->devices, in->history);
    see::add_capture_handlers(service, in->captures, in->uploads, center, in->clock, in->events, samples());
    if (auto done = service.complete(); !done) return std::unexpected{std::move(done).error()};

    std::error_code ignored;
    if (!options.console.empty() && fs::exists(options.console + "/index.html", ignored)) {
        YAGURA_TRY(in->files, api::StaticFiles::load(options.console));
    }
    api::ServerSettings settings;
    const auto colon = options.listen.rfind(':');
    const auto port = colon == std::string::npos
                          ? std::nullopt
                          : number<std::uint16_t>(std::string_view{options.listen}.substr(colon + 1));
    if (!port)
        return std::unexpected{
            Complaint{.code = "center.bad-address",
                      .what = cat("this is no address and port: ", yagura::quoted(options.listen)),
                      .next = "write --listen 127.0.0.1:8443"}};
    settings.address = options.listen.substr(0, colon);
    if (settings.address.starts_with('[') && settings.address.ends_with(']'))
        settings.address = settings.address.substr(1, settings.address.size() - 2);
    settings.port = *port;
    YAGURA_TRY(const auto pair, options.certificate.empty()
                                    ? link::own_certificate(options.data + "/tls",
                                                            {"localhost", "127.0.0.1", settings.address})
                                    : link::certificate_at(options.certificate, options.key));
    settings.certificate = pair.certificate;
    settings.key = pair.key;
    YAGURA_TRY(auto server, api::Server::open(settings, service, in->files, in->events));
    in->server.emplace(std::move(server));
    center.on_news([raw = in.get()](const Center::News& news) {
        const auto tell = [&](bool changed, std::string_view kind, std::string_view right) {
            if (changed) raw->events.publish(kind, "", right, cat(R"({"kind":")", kind, R"("})"));
        };
        tell(news.devices, "devices", "device.look");
        tell(news.changes || news.operations, "overview", "device.look");
        tell(news.captures, "captures", "sensor.look");
        if (news.captures) see::tell_reading(raw->captures, raw->events);
        tell(news.sensors, "sensors", "sensor.look");
        tell(news.ledger, "ledger", "device.look");
        tell(news.health, "health", "device.look");
    });
    in->server->start();
    std::cerr << "the console is at https://" << options.listen << "/, certificate " << pair.fingerprint
              << std::endl;
    return std::unique_ptr<Console>{new Console{std::move(in)}};
}

void import(const Options& options, Center& center) {
    store::Readers state{store::state_file(options.data)};
    for (const auto& path : options.imports) {
        std::error_code error;
        const auto bytes = fs::file_size(path, error);
        const auto name = fs::path{path}.filename().string();
        // The supervisor starts us again with the same arguments: once is enough.
        if (auto loan = state.borrow(); loan && !error) {
            auto known = (*loan)->prepare(
                "SELECT 1 FROM upload WHERE who = 'command line' AND name = ?1 AND bytes = ?2");
            if (known &&
                known->one([](const store::Row&) { return true; }, name, bytes).value_or(std::nullopt))
                continue;
        }
        const auto file = cat("import-", ::getpid(), "-", name);
        if (!error)
            fs::copy_file(path, options.data + "/uploads/" + file, fs::copy_options::overwrite_existing,
                          error);
        auto done = error ? Result<model::Done>{std::unexpected{
                                Complaint{.code = "center.no-import",
                                          .what = "a capture cannot be read",
                                          .why = error.message(),
                                          .where = path,
                                          .next = "look at its name and who may read it"}}}
                          : center.run(model::AddUpload{name, file, bytes}, "command line");
        if (!done) std::cerr << done.error().text();
    }
}

} // namespace yagura::center
