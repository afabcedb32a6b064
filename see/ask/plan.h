// What somebody allowed to be asked: addresses one by one, questions by their names, hours of the week. What
// is not in here is not asked; there is no way to say "all".
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "see/ask/credentials.h"
#include "see/ask/query.h"
#include "spine/base/result.h"
#include "spine/observe/subnet.h"

namespace yagura::see::ask {

/// Hours of one week, in the plant's own time, from Monday 00:00. An end before its beginning is on the next
/// day.
struct Window {
    std::uint16_t from = 0, to = 0; ///< minutes of the week; `to` may lie behind its end
    static constexpr std::uint16_t week = 7 * 24 * 60;
};

struct Group { ///< [[subnet]] of the file
    std::string name;
    observe::Subnet network{};
    std::vector<observe::Ip> addresses;
    std::vector<const Query*> queries;
    std::vector<Window> windows;
    std::vector<std::string> hours;         ///< the windows as somebody wrote them
    std::chrono::milliseconds every{2'000}; ///< between two requests into this subnet
    std::chrono::hours again{24 * 7};       ///< the same question to the same address
    observe::Time approved{};               ///< what was left alone before that may be tried again
    std::string approved_by;
    Choices choices;
    std::string credential;         ///< of SNMP: its name in the file that yagura-ask alone reads
    std::optional<SnmpUser> user{}; ///< what stands under that name, where it is a user of version 3
};

struct Plan {
    std::vector<Group> groups;
};

inline constexpr std::size_t groups_most = 64, addresses_most = 4'096, windows_most = 28;

/// Whose plan it is. What passes through the console has no secrets in it, and a draft no approval.
enum class PlanOf : std::uint8_t { file, draft, approved };

/// The whole file (TOML). The first thing that is wrong is a Complaint with its line.
Result<Plan> parse_plan(std::string_view toml, std::string_view path, PlanOf of = PlanOf::file);

/// What its names of credentials stand for. Of a plan with a name that is not there nothing is asked.
Result<void> lend(Plan&, const Credentials&, std::string_view path);

/// "Sat 06:00-08:00", "Mon-Fri 12:00-13:00": one window for each day.
std::optional<std::vector<Window>> windows_of(std::string_view text);
std::string text_of(const observe::Ip&);

} // namespace yagura::see::ask
