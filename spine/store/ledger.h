// The plant's ledger as a person brought it, and the devices that it is compared with.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spine/store/answers.h"
#include "spine/store/database.h"
#include "spine/store/ledger_rule.h"

namespace yagura::store {

/// Columns of the ledger in their order; the words of the API.
inline constexpr std::array<std::string_view, 18> ledger_columns{
    "number", "name",  "ip",         "mac",   "vendor",  "product",     "serial",      "firmware", "kind",
    "line",   "place", "department", "owner", "contact", "criticality", "maintenance", "supplier", "note"};

struct LedgerRow {
    std::uint64_t id = 0;
    std::uint32_t row = 0; ///< in the file it came from, 1-based; 0: made by hand
    std::array<std::string, ledger_columns.size()> values{};
    std::string accepted{}; ///< JSON: differences that a person knows of
    Time at{};
    std::string who{};
};

/// One line of a ledger's file and the value of a decision: fields between unit separators (U+001F), which no
/// value may hold. Nothing, if it is none or holds more than `ledger_row_most` bytes.
std::string text_of(const LedgerRow&);
std::optional<LedgerRow> ledger_row(std::string_view text);
inline constexpr std::size_t ledger_row_most = 12'000; ///< fits a record of the journal
inline constexpr std::size_t ledger_rows_most = 100'000;

/// A whole ledger, as import writes it into the folder ledger/ of the data: a line a row, and how many there
/// are, so that half a file is not taken for one.
std::string text_of(const std::vector<LedgerRow>&);
std::optional<std::vector<LedgerRow>> ledger_rows(std::string_view text);
std::string ledger_folder(const std::string& data);

/// The plant's own table, which the ledger is given out in.
struct LedgerLayout {
    std::string file{}; ///< of the folder ledger/; empty: there is none
    std::string name{}; ///< of the file that a person brought
    Time at{};
    std::string who{};
};

struct Ledger {
    std::uint64_t version = 0; ///< how often it was changed; 0: there is none
    std::uint64_t last_entry = 0;
    std::string name{}; ///< of the file that it came from; empty: made by hand
    Time at{};          ///< of the latest import
    std::string who{};
    LedgerLayout layout{};
};

/// What is known of a device that an entry can be compared with.
struct SeenDevice {
    std::string id{}, name{}, address{}, role{}, vendor{}, product{}, firmware{}, serial{};
    LineRef line{};
    std::vector<std::string> ips{}, macs{};
    std::vector<std::string> names{}; ///< what it calls itself, besides `name`
    std::string state{};              ///< usual, new, quiet, unknown
    bool waits = false;               ///< for a decision whether it may be on the network
    bool never_decided = false;       ///< and there never was one
    std::optional<std::uint16_t> vlan{};
    std::string switch_port{};
    std::uint64_t line_rule = 0; ///< by which it is on its line; 0: a person or a subnet says so
    Time first{}, last{};
};
struct Compared {
    Ledger ledger{};
    std::vector<LedgerRow> entries{};
    std::vector<SeenDevice> devices{};  ///< confirmed ones: they spoke and were answered
    std::vector<LedgerRuleRow> rules{}; ///< in their order
    std::vector<LineRef> lines{};       ///< all that there are
    Time now{};                         ///< of the latest packet
};

class LedgerReader {
public:
    explicit LedgerReader(Readers& state) : state_{state} {}
    Result<Ledger> ledger();
    Result<std::optional<LedgerRow>> entry(std::string_view id);
    Result<std::vector<LedgerRow>> entries();
    Result<Compared> compared(); ///< one snapshot of both

private:
    Readers& state_;
};

std::string ledger_rule_text(std::uint64_t id);
std::optional<std::uint64_t> ledger_rule_number(std::string_view text);
std::string ledger_entry_text(std::uint64_t id);
std::optional<std::uint64_t> ledger_entry_number(std::string_view text);

} // namespace yagura::store
