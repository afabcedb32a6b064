// The plant's ledger beside what is seen on its network: which entry is which device, and where they
// disagree.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "see/ledger/entry.h"
#include "spine/observe/observation.h"

namespace yagura::see::ledger {

/// What is known of one device; empty where it has not told.
struct Seen {
    std::string id{}, role{}, vendor{}, product{}, firmware{}, serial{}, line{};
    std::vector<std::string> ips{}, macs{}; ///< in the normal form of ip() and mac()
    std::vector<std::string> names{};       ///< what a person or it itself calls it
    observe::Time last{};
};

/// A difference that a person knows of and leaves as it is, while this is what is seen.
struct Accepted {
    std::optional<Field> field{}; ///< nothing: it is right that nobody sees it
    std::string seen{};
};
struct Asked {
    Entry entry{};
    std::vector<Accepted> accepted{};
};

struct Difference {
    Field field{};
    std::string ledger{}, seen{}; ///< of `kind`, the role that is seen
    bool operator==(const Difference&) const = default;
};

enum class List : std::uint8_t {
    same,          ///< seen, and what the ledger says agrees, or is known to differ
    different,     ///< seen, and something does not agree
    unseen,        ///< in the ledger; not seen for so long, or never
    not_in_ledger, ///< seen, and no entry is its
};
/// The strongest first: a card's address stays when a device moves, a name is given twice.
enum class By : std::uint8_t { none, mac, ip, serial, name };

struct Pair {
    List list{};
    std::optional<std::size_t> entry{}, device{}; ///< places in what was given
    By by{};
    std::vector<Difference> differences{};
};

/// Entries in their order, then the devices that no entry is of. Time and memory grow with their sum.
///
/// An entry is the device that has its MAC; else its IP address, unless that device is another entry's by its
/// MAC; else the only one with its serial number or its name. Several entries may be one device by one
/// address: a controller's modules stand behind it. `unseen_after` counts back from `now`, the latest packet.
std::vector<Pair> reconcile(std::span<const Asked> entries, std::span<const Seen> devices, observe::Time now,
                            std::chrono::days unseen_after);

/// What an entry would say of a device, as "add to the ledger" and "take what is seen" write it.
Entry entry_of(const Seen& device);

} // namespace yagura::see::ledger
