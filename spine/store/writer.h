// The one writer of state and history: takes what the model thread says in batches, each of which moves the
// mark. After any death the files are what the journal says up to their mark, neither less nor more.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "spine/journal/encode.h"
#include "spine/model/rows.h"
#include "spine/observe/subnet.h"
#include "spine/store/approval.h"
#include "spine/store/asking.h"
#include "spine/store/database.h"
#include "spine/store/health.h"
#include "spine/store/ledger_rule.h"
#include "spine/store/registers_writing.h"
#include "spine/store/sums.h"

namespace yagura::store {

using observe::Time;

struct SourceRow {
    std::uint32_t id = 0; ///< given by the model thread, from 1
    std::string sensor{}; ///< UUID as text
    std::uint64_t boot = 0;
    std::uint32_t number = 0;
    std::string interface{}, sensor_name{};
    std::uint16_t link_type = 0;
    observe::Realm realm{};
    bool live = false;
    std::string build{};
    std::int64_t clock_offset = 0;
    std::int64_t upload = 0;
    Time first{}, last{}, heard{};
    std::uint64_t packets = 0, bytes = 0, dropped = 0, refused = 0, forgotten = 0, lost = 0;
    bool one_sided = false;
};
struct LostRow {
    std::uint32_t source = 0;
    journal::Lost lost;
};
struct UploadRow {
    std::int64_t id = 0;
    std::string name{}, file{}, state{};
    std::uint64_t bytes = 0, bytes_read = 0, boot = 0, packets = 0, records = 0;
    Time at{}, finished{};
    std::string who{}, damage{};
    std::uint64_t damage_packet = 0;
};
using observe::Subnet;
struct LineRow {
    std::int64_t id = 0;
    std::string name{};
    std::vector<Subnet> subnets{};
    bool gone = false;
};
struct CorrectionRow {
    model::NodeId node{};
    std::string attribute{}, value{};
    Time at{};
    std::string who{};
    bool gone = false;
};
/// A merge or split that a person said, so that it can be taken back.
struct RegroupingRow {
    std::uint64_t record = 0; ///< of the journal
    bool split = false;
    model::DeviceId device{}, other{}; ///< merge: goes, stays; split: of which, made
    std::string nodes{};               ///< ids, a blank between two
    std::string first_seen{};          ///< of the devices then: "12:1700000000000000000 13:…"
    Time at{};
    std::string who{};
    Time undone_at{}; ///< Time{}: it stands
    std::string undone_who{};
};
struct SettingRow {
    std::string name{}, value{};
    Time at{};
    std::string who{};
};

struct ShownFact {
    std::string attribute{}, value{}, by{}, protocol{}, rule{}, part{};
    std::uint8_t confidence = 0;
    bool chosen = false;
    Time first{}, last{};
    std::uint32_t source = 0;
    std::uint64_t frame = 0;
    std::uint32_t offset = 0;
};
struct ShownPart {
    std::string path{}, vendor{}, product{}, firmware{}, serial{}, protocols{};
    Time first{}, last{};
};
struct ShownRow {
    model::DeviceId device{};
    std::string name{}, address{};
    std::vector<std::byte> address_key{};
    std::string mac{}, role{}, level{}, vendor{}, product{}, firmware{}, serial{}, os{};
    std::string protocols{}; ///< " modbus s7comm "
    std::optional<std::int64_t> line{};
    std::uint64_t line_rule = 0; ///< by which it is on it; 0: none
    std::optional<std::uint16_t> vlan{};
    std::string switch_port{}, run_state{};
    bool corrected = false;
    model::State state{};
    std::string words{};
    Time first{}, last{};
    Standing approval{};
    std::vector<ShownFact> facts{};
    std::vector<ShownPart> parts{};
    bool gone = false;
};
struct ChangeRow {
    Time at{};
    std::string kind{};
    model::DeviceId device{};
    std::optional<model::DeviceId> peer{};
    std::optional<observe::Act> act{};
    std::string protocol{}, attribute{}, old_value{}, new_value{}, who{};
    std::uint32_t source = 0;
    std::uint64_t frame = 0;
};
struct EvidenceRow {
    std::uint32_t source = 0;
    std::uint64_t frame = 0;
    std::uint32_t offset = 0;
    std::vector<std::byte> message{};
};

// History: each with the arrival of its record.
struct OperationItem {
    std::uint64_t arrival = 0;
    std::uint32_t source = 0;
    Time at{}, last{};
    model::NodeId who{}, whom{};
    observe::Act act{};
    std::string protocol{};
    std::uint32_t code = 0;
    std::string function{}, part{}, object{}, value{};
    observe::Outcome outcome{};
    std::uint32_t status = 0;
    bool many = false, answer = false; ///< answer: of one that was told as pending, if there is one
    std::uint64_t messages = 0, answers = 0, refusals = 0;
    std::uint32_t changes = 0;
    double least = 0, most = 0; ///< many: of single numbers, where they were any
    std::uint64_t talk = 0;
    std::uint32_t pair = 0;
    std::uint64_t frame = 0;
    std::uint32_t offset = 0;
    std::vector<std::byte> message{};
};
struct ToldItem {
    std::uint64_t arrival = 0;
    std::uint32_t source = 0;
    Time at{};
    journal::Kind kind{};
    model::NodeId who{}, whom{};
    std::string protocol{}, what{}, value{};
    std::string part{};  ///< of a variable
    bool writes = false; ///< who asked for it says it: `who` gives it this value
    std::int64_t number = 0;
    std::uint64_t frame = 0;
    std::uint32_t offset = 0;
    std::vector<std::byte> message{};
};
struct CoverageItem {
    std::uint64_t arrival = 0;
    std::uint32_t source = 0;
    Time at{};
    observe::Coverage coverage;
};

/// What a person did to the ledger, in the order in which it was done.
struct LedgerChange {
    enum class What : std::uint8_t { whole, put, gone, rule, rule_gone, rule_order, layout };
    What what{};
    std::uint64_t id = 0; ///< of the entry or the rule; of a whole ledger the highest that was ever given
    bool made = false;    ///< put: there was none of this id
    std::string file{};   ///< whole: of the folder ledger/, as text_of() wrote it; layout: of the same folder
    std::string name{};   ///< whole, layout: of the file that a person brought
    std::string text{};   ///< put: as text_of(LedgerRow) says; rule: as see/ledger/rules.h does
    std::vector<std::uint64_t> order{}; ///< rule, rule_order: all that there are, in their order
    Time at{};
    std::string who{};
};

/// What a person brought or decided about weaknesses, in the order in which it was done.
struct WeaknessChange {
    enum class What : std::uint8_t { feed, feed_gone, state };
    What what{};
    model::NodeId node{}; ///< state: whose
    std::string file{};   ///< feed: of the folder feeds/, as FeedText wrote it
    std::string name{};   ///< feed: of the file that a person brought
    std::string text{};   ///< feed_gone: its kind; state: as text_of(WeaknessState) says
    Time at{};
    std::string who{};
};

/// What a person did to the lists of device comments, in the order in which it was done.
struct CommentChange {
    enum class What : std::uint8_t { whole, uses, gone };
    What what{};
    std::uint64_t list = 0;
    std::string file{}; ///< whole: of the folder comments/, as text_of(CommentFile) wrote it
    std::string name{}; ///< whole: of the file that a person brought
    std::string uses{}; ///< uses: as text_of(std::vector<CommentUse>) says
    Time at{};
    std::string who{};
};

/// Everything that follows from the records up to `arrival` and was not in a batch before.
struct Batch {
    std::uint64_t arrival = 0;
    Time latest{}; ///< packet time
    model::Changes rows{};
    std::vector<SourceRow> sources{};
    std::vector<LostRow> lost{};
    std::vector<UploadRow> uploads{};
    std::vector<std::int64_t> uploads_gone{};
    std::vector<LineRow> lines{};
    std::vector<CorrectionRow> corrections{};
    std::vector<ApprovalRow> approvals{};
    std::vector<RegroupingRow> regroupings{};
    std::vector<SettingRow> settings{};
    std::vector<LedgerChange> ledger{};
    std::vector<WeaknessChange> weaknesses{};
    std::vector<CommentChange> comments{};
    AskingChange asking{};
    std::vector<ShownRow> shown{};
    std::vector<std::pair<model::DeviceId, Time>> seen{}; ///< nothing but the time changed
    std::vector<ChangeRow> changes{};
    std::vector<EvidenceRow> evidence{};
    std::vector<OperationItem> operations{};
    std::vector<ToldItem> told{};
    std::vector<CoverageItem> coverage{};
    HealthChanges health{};

    std::size_t history_rows() const noexcept { return operations.size() + told.size() + coverage.size(); }
};

/// What the model thread is filled with at start.
struct Stored {
    std::uint64_t arrival = 0;
    std::uint64_t decided = 0; ///< decisions about uploads up to here are in `uploads`
    Time latest{};
    model::Changes rows{};
    std::vector<SourceRow> sources{};
    std::vector<UploadRow> uploads{};
    std::vector<LineRow> lines{};
    std::vector<CorrectionRow> corrections{};
    std::vector<ApprovalRow> approvals{};
    std::vector<RegroupingRow> regroupings{};
    std::vector<SettingRow> settings{};
    std::uint64_t ledger_version = 0, ledger_last_entry = 0;
    std::vector<LedgerRuleRow> ledger_rules{};  ///< in their order
    std::vector<std::uint64_t> comment_lists{}; ///< that there are
    std::uint64_t last_comment_list = 0;
    AskingRow asking{};
    std::vector<ShownRow> shown{}; ///< without facts and parts
    HealthStored health{};
};

class Writer {
public:
    struct Limits {
        std::size_t evidence = 200'000, changes = 200'000, lost = 10'000, counted = 200'000;
        std::size_t regroupings = 2'000; ///< older ones stand and cannot be taken back
        std::size_t findings = HealthReader::findings_most, cycles = HealthReader::cycles_most;
        std::size_t switch_ports = HealthReader::ports_most;
        std::int64_t history_days = 30;
        std::size_t history_files = 2'000;
        std::size_t day_cache_kib = 32'000; ///< of each day that is open; what a batch changes should fit in
        Sums::Limits sums{};                ///< of one day
        RegisterLimits registers{};
    };
    /// `folder`: the data folder; makes state.sqlite and history/ in it.
    static Result<Writer> open(const std::string& folder, const Limits& limits);
    Writer(Writer&&) noexcept;
    Writer& operator=(Writer&&) noexcept;
    ~Writer();

    Result<Stored> load();
    Result<void> apply(const Batch& batch);
    /// Takes out what came from these sources, and everything that the model made; the mark goes back to the
    /// beginning, so that the journal, played again without them, makes it anew. What persons said stays.
    Result<void> forget(const std::vector<std::uint32_t>& sources);
    /// Drops days that are too old and what is above the limits. `today` by our clock.
    Result<void> tidy(std::chrono::sys_days today);
    std::uint64_t refused() const noexcept; ///< rows of days beyond history_files
    /// Imports whose file is gone or damaged: the ledger before them stays.
    std::uint64_t ledgers_passed_over() const noexcept;
    std::uint64_t feeds_passed_over() const noexcept; ///< the same of feeds
    /// The same of lists of device comments.
    std::uint64_t comments_passed_over() const noexcept;
    /// Of the day that was written last.
    Sums::Use sums() const noexcept;
    RegisterDay::Use register_values() const noexcept; ///< the same
    RegisterUse registers() const noexcept;

private:
    struct Inside;
    explicit Writer(std::unique_ptr<Inside> in);
    std::unique_ptr<Inside> in_;
};

/// The files of a data folder.
std::string state_file(const std::string& folder);
std::string history_folder(const std::string& folder);
/// "2026-11-24"
std::string day_of(Time at);

} // namespace yagura::store
