// What persons decided, as records: they stand in the journal beside what was observed, so that a model made
// again from it hears them at the same moments. Written as messages/kinds of docs/journal.proto.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spine/journal/replay.h"
#include "spine/model/commands.h"
#include "spine/store/writer.h"

namespace yagura::center {

enum class What : std::uint8_t {
    unknown = 0,
    correct = 1,      ///< subject: node; text: attribute; value or none
    merge = 2,        ///< subject: device that goes; other: device that stays; value: a node of each
    line = 3,         ///< subject: line; text: its name; subnets; made or changed
    line_gone = 4,    ///< subject: line
    upload = 5,       ///< subject: upload; text: its name; value: the file; other: bytes
    upload_gone = 6,  ///< subject: upload
    setting = 7,      ///< text: name; value
    ledger = 8,       ///< subject: the highest entry; text: its name; value: the file; other: its version
    ledger_entry = 9, ///< subject: entry; other: 1 for a new one; value: the entry
    ledger_entry_gone = 10, ///< subject: entry
    approve = 11,          ///< subject: device; other: store::Approval; text: reason; value: what it hangs on
    split = 12,            ///< subject: device; other: the one that is made; value: nodes that it gets
    undone = 13,           ///< subject: the record of a merge or split
    feed = 16,             ///< text: its name; value: the file
    feed_gone = 17,        ///< text: its kind
    weakness_state = 18,   ///< subject: node; value: part, advisory, state, reason, date
    comments = 21,         ///< subject: list; text: its name; value: the file
    comments_of = 22,      ///< subject: list; value: the controllers that it is of
    comments_gone = 23,    ///< subject: list
    ask_draft = 26,        ///< subject: its version; value: what may be asked, as see/ask writes it
    ask_approve = 27,      ///< subject: version; other: 1 forgives all; text: reason; value: the draft
    ask_stop = 28,         ///< text: reason
    ledger_rule = 29,      ///< subject: rule; other: 1 for a new one; value: the rule
    ledger_rule_gone = 30, ///< subject: rule
    ledger_rule_order = 31, ///< value: all rules in their order, a blank between two
    ledger_layout = 32,     ///< text: its name; value: the file
};

/// Everything that a decision needs is in it, ids of what it makes too: played again, it makes the same.
struct Decision {
    What what{};
    observe::Time at{}; ///< our clock
    std::string who;
    std::uint64_t subject = 0, other = 0;
    std::string text;
    std::optional<std::string> value;
    std::vector<store::Subnet> subnets;
};

journal::Kind kind_of(What what) noexcept;
/// Empty if it does not fit: names and subnets have bounds, so that it does.
std::vector<std::byte> encode(const Decision& decision);
std::optional<Decision> decision(const journal::Envelope& envelope);

/// "10.2.3.0/24" or "fd00::/8"; the host's part of it is cut off.

} // namespace yagura::center
