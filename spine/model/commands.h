// What a person may ask of the model: from the API into the center's queue. A command is in the journal, on
// disk, before it is answered; the model executes it in its turn, and lists show it within a second.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "spine/base/result.h"
#include "spine/observe/endpoint.h"

namespace yagura::model {

/// Name, role or line of a device; nothing gives it back to the identifiers.
struct CorrectDevice {
    std::string device;    ///< id as text
    std::string attribute; ///< "name", "role", "line" (value: the line's id)
    std::optional<std::string> value;
};
struct MergeDevices {
    std::string from, into;
};
/// These addresses (MAC or IP as text) of the device become one of their own. Done::id: the new device.
struct SplitDevice {
    std::string device;
    std::vector<std::string> addresses;
};
/// A merge or split is taken back, as if it had never been said.
struct UndoRegrouping {
    std::uint64_t regrouping = 0; ///< Done::record of it
};
/// May these devices be on the network? All of them are decided, or none. Who rejects or sets a date says
/// why.
struct DecideDevices {
    enum class What : std::uint8_t { undecided, approved, rejected, temporary };
    std::vector<std::string> devices;
    What what{};
    std::optional<observe::Time> until; ///< of temporary; by our clock
    std::string reason;
};
struct CreateLine {
    std::string name;
    std::vector<std::string> subnets; ///< "10.2.3.0/24"
};
struct EditLine {
    std::string line;
    std::optional<std::string> name;
    std::optional<std::vector<std::string>> subnets;
};
struct DeleteLine {
    std::string line;
};
/// `file`: whole and closed, in the folder uploads/ of the data. Reading begins by itself.
struct AddUpload {
    std::string name;
    std::string file;
    std::uint64_t bytes = 0;
};
/// One that waits or is read is stopped; what came from it is taken out again, whole.
struct RemoveUpload {
    std::string upload;
};
struct ChangeSetting {
    std::string name, value;
};

/// The plant's ledger anew, as somebody imported it.
struct ReplaceLedger {
    std::string name;             ///< of the file that was brought
    std::string file;             ///< whole and closed, in the folder ledger/ of the data
    std::uint64_t version = 0;    ///< of the ledger that it was made from
    std::uint64_t last_entry = 0; ///< the highest id that is or was in it
};
/// `text`: the entry as store::text_of() says; its id is 0 where it is a new one.
struct PutLedgerEntry {
    std::optional<std::uint64_t> entry; ///< nothing: a new one
    std::string text;
};
/// Several at once: all of them, or none.
struct PutLedgerEntries {
    std::vector<PutLedgerEntry> entries;
};
struct DropLedgerEntry {
    std::uint64_t entry = 0;
};

/// The plant's own table, which the ledger is given out in.
struct KeepLedgerLayout {
    std::string name; ///< of the file that was brought
    std::string file; ///< whole and closed, in the folder ledger/ of the data
};
/// Whose devices of a subnet, VLAN, port or name are. `text`: the rule as see::ledger::text_of() says.
struct PutLedgerRule {
    std::optional<std::uint64_t> rule; ///< nothing: a new one, asked last
    std::string text;
};
/// What came of it alone goes with it.
struct DropLedgerRule {
    std::uint64_t rule = 0;
};
/// All of them, in the order in which they are asked.
struct OrderLedgerRules {
    std::vector<std::uint64_t> rules;
};

/// Advisories or a list beside them, as somebody brought them.
struct TakeFeed {
    std::string name; ///< of the file that was brought
    std::string file; ///< whole and closed, in the folder feeds/ of the data
};
struct DropFeed {
    std::string kind; ///< csaf, nvd, kev, epss, support
};
/// `text`: part, advisory, state, reason and date as store::text_of() says.
struct DecideWeakness {
    std::string device;
    std::string text;
};

/// A list of device comments, as somebody imported it.
struct PutComments {
    std::optional<std::uint64_t> list; ///< nothing: a new one
    std::string name;                  ///< of the file that was brought
    std::string file;                  ///< whole and closed, in the folder comments/ of the data
};
/// Which controllers a list is of, all of them.
struct UseComments {
    std::uint64_t list = 0;
    struct Use {
        std::string device; ///< id
        std::string part;   ///< a unit or module of it; empty: all of it
    };
    std::vector<Use> uses;
};
struct DropComments {
    std::uint64_t list = 0;
};

/// What may be asked of devices, drawn up: the text is see/ask's.
struct DraftAsking {
    std::uint64_t version = 0; ///< of the draft that it was made from
    std::string plan;
};
/// This draft and no other may be asked from now on. `again`: also those who are left alone since their
/// subnet was approved.
struct ApproveAsking {
    std::uint64_t version = 0;
    std::string reason;
    bool again = false;
};
/// In effect before it is recorded.
struct StopAsking {
    std::string reason;
};

using Command = std::variant<
    CorrectDevice, MergeDevices, SplitDevice, UndoRegrouping, DecideDevices, CreateLine, EditLine, DeleteLine,
    AddUpload, RemoveUpload, ChangeSetting, ReplaceLedger, PutLedgerEntry, PutLedgerEntries, DropLedgerEntry,
    KeepLedgerLayout, PutLedgerRule, DropLedgerRule, OrderLedgerRules, TakeFeed, DropFeed, DecideWeakness,
    PutComments, UseComments, DropComments, DraftAsking, ApproveAsking, StopAsking>;

struct Done {
    observe::Time at{};       ///< our clock
    std::string id;           ///< of what was made: a line, an upload
    std::uint64_t record = 0; ///< of the journal, in which it stands
};

/// Any thread; blocks until the command is on disk (milliseconds). Complaints: model.no-such-device,
/// model.no-such-regrouping, model.not-latest, model.no-such-line, model.no-such-upload, model.name-taken,
/// model.bad-subnet, model.bad-value, model.no-reason, model.bad-date, model.ledger-changed,
/// model.no-such-list, model.no-such-rule, model.rules-changed, model.asking-changed, model.nothing-drafted,
/// model.too-busy, model.stopping.
class Commands {
public:
    virtual Result<Done> run(Command command, std::string_view who) = 0;

protected:
    ~Commands() = default;
};

} // namespace yagura::model
