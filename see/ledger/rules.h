// What a person says of whole groups of devices: who owns what is in a subnet or VLAN, at a switch's port, or
// called so.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "see/ledger/entry.h"
#include "spine/observe/subnet.h"

namespace yagura::see::ledger {

/// What a rule may say: nothing that tells one device from another.
inline constexpr std::array ruled_fields{Field::line,        Field::place,    Field::department,
                                         Field::owner,       Field::contact,  Field::criticality,
                                         Field::maintenance, Field::supplier, Field::note};
inline constexpr std::size_t rules_most = 200;
inline constexpr std::size_t pattern_most = 128; ///< bytes

/// Every condition that is there has to hold.
struct Rule {
    std::uint64_t id = 0;
    std::string subnet{};       ///< "192.168.10.0/24"; empty: any
    std::uint16_t vlan = 0;     ///< 0: any
    std::string port{}, name{}; ///< patterns: * for any text, ? for one letter; empty: any
    std::int64_t line = 0;      ///< of the plant's lines; 0: it does not say
    /// Of ruled_fields, without the line.
    std::array<std::string, field_count> values{};
    bool operator==(const Rule&) const = default;
};
/// Without its id: the value of a decision and of a row. Nothing, if it is none.
std::string text_of(const Rule&);
std::optional<Rule> rule_of(std::string_view text);
/// Its conditions, as addresses and patterns: "192.168.10.0/24 · VLAN 20 · SW-A3 *".
std::string because(const Rule&);

/// A pattern without regard for case and width of letters.
bool fits_pattern(std::string_view pattern, std::string_view text);

/// Where a device is, for conditions.
struct Placed {
    std::vector<observe::Ip> ips{};
    std::optional<std::uint16_t> vlan{};
    std::string_view port{};
    std::vector<std::string_view> names{};
};
struct Filled {
    Field field{};
    std::string value{};
    std::uint64_t rule = 0;
    bool operator==(const Filled&) const = default;
};

class Rules {
public:
    Rules() = default;
    /// In the order in which they are asked.
    explicit Rules(std::vector<Rule> rules);
    std::span<const Rule> all() const noexcept { return rules_; }
    const Rule* find(std::uint64_t id) const noexcept;

    /// Those whose conditions hold, in their order.
    std::vector<const Rule*> fitting(const Placed&) const;
    /// What the rules say where `said` says nothing: for each field the first that says it. The line is not
    /// among it: whose line a device is on has its own order (a person's word, the lines' subnets, rules).
    static std::vector<Filled> fill(std::span<const Rule* const> fitting, const Entry& said);

private:
    struct Ready {
        std::optional<observe::Subnet> subnet{};
        std::string port{}, name{}; ///< patterns in the form that is compared
    };
    std::vector<Rule> rules_{};
    std::vector<Ready> ready_{};
    bool names_ = false, ports_ = false;
};

} // namespace yagura::see::ledger
