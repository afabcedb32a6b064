// What each term of a risk weighs, in one table: whoever doubts a score finds the number here, and why it is
// that.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace yagura::see::risk {

/// A score is the product of these three, each of 0 to 100 points.
enum class Factor : std::uint8_t {
    exposure,    ///< who can reach it
    weakness,    ///< what they find there
    consequence, ///< what it costs
};
inline constexpr std::size_t factor_count = 3;
std::string_view key(Factor) noexcept;

enum class Term : std::uint8_t {
    own_network,
    outsiders,
    operated_from_outside,
    from_internet,
    to_internet,
    remote_access,
    clear_text,
    file_shares,
    programmed,
    undecided_peers,
    refused_peers,
    radio,
    never_heard,

    not_known_yet,
    untold_product,
    no_advisories,
    worst_vulnerability,
    further_vulnerabilities,
    system_over,
    software_over,
    paid_support,
    no_login,
    readable_login,

    critical_high,
    critical_medium,
    critical_low,
    critical_unknown,
    role_safety,
    role_controller,
    role_network,
    role_field,
    role_operates,
    role_server,
    role_other,
    role_unknown,
    level_floor,
    level_operations,
    level_unknown,
    stands,
    waits,
    other_lines,
};
inline constexpr std::size_t term_count = 41;
std::string_view key(Term) noexcept;

/// `first` points for the first thing that is counted, `further` for each more, `most` at most.
struct Weight {
    Term term{};
    Factor factor{};
    std::string_view key{};
    unsigned first = 0, further = 0, most = 0;
    bool unknown = false; ///< it stands for what nobody knows, and counts about the middle of what could be
};

// Points are chosen so that three factors that each look bad to an engineer (80 of 100) come out as high, and
// three that look half bad (60) as medium; see bands below. Within a factor the order of the numbers is the
// order in which CISA's and the makers' advisories for controllers tell people to act: the internet first,
// then remote access, then other networks.
inline constexpr std::array<Weight, term_count> weights{{
    // Whoever stands in its own network reaches it; nobody's exposure is nothing.
    {Term::own_network, Factor::exposure, "own_network", 20, 0, 20},
    // Each is one more machine from which somebody could come; after five it is "everybody".
    {Term::outsiders, Factor::exposure, "outsiders", 20, 5, 40},
    // The way is not only there but used to change something: nobody would notice one more who does.
    {Term::operated_from_outside, Factor::exposure, "operated_from_outside", 10, 0, 10},
    // The whole world can try.
    {Term::from_internet, Factor::exposure, "from_internet", 40, 0, 40},
    // Half of that: the device begins it, what comes back comes in all the same.
    {Term::to_internet, Factor::exposure, "to_internet", 20, 0, 20},
    // Screens and shells: who gets in can do all.
    {Term::remote_access, Factor::exposure, "remote_access", 15, 5, 25},
    // Whoever listens reads, and can answer in its place.
    {Term::clear_text, Factor::exposure, "clear_text", 10, 5, 20},
    // The way in which ransomware goes from one computer to the next.
    {Term::file_shares, Factor::exposure, "file_shares", 10, 0, 10},
    // Its program is loaded over the network: who is in the network can load another.
    {Term::programmed, Factor::exposure, "programmed", 10, 0, 10},
    // Nobody knows yet whether they may be here; most may.
    {Term::undecided_peers, Factor::exposure, "undecided_peers", 5, 1, 10},
    // Somebody said that they may not be here, or not any more, and they are.
    {Term::refused_peers, Factor::exposure, "refused_peers", 15, 5, 25},
    // A fence does not end a radio's reach.
    {Term::radio, Factor::exposure, "radio", 20, 0, 20},
    // Only its presence was seen. Not nothing: about what one outsider and one open service would be.
    {Term::never_heard, Factor::exposure, "never_heard", 20, 0, 20, true},

    // What is not found yet: no product is without.
    {Term::not_known_yet, Factor::weakness, "not_known_yet", 10, 0, 10},
    // No advisory can be held against it. About half of what one serious vulnerability counts.
    {Term::untold_product, Factor::weakness, "untold_product", 25, 0, 25, true},
    // The same for all devices: nobody brought advisories.
    {Term::no_advisories, Factor::weakness, "no_advisories", 25, 0, 25, true},
    // See points_of(Vulnerability): up to 50 by CVSS, 20 for being exploited, 10 by EPSS.
    {Term::worst_vulnerability, Factor::weakness, "worst_vulnerability", 80, 0, 80},
    // One way in is enough: more of them make it easier, not twice as bad.
    {Term::further_vulnerabilities, Factor::weakness, "further_vulnerabilities", 2, 2, 10},
    // What is found in it from now on stays.
    {Term::system_over, Factor::weakness, "system_over", 30, 5, 35},
    {Term::software_over, Factor::weakness, "software_over", 15, 5, 25},
    // Mended only for who pays; nobody sees in the traffic who does.
    {Term::paid_support, Factor::weakness, "paid_support", 10, 0, 10, true},
    // Whoever reaches it is obeyed: no vulnerability is needed.
    {Term::no_login, Factor::weakness, "no_login", 20, 5, 30},
    // Somebody logged in, and the password went over the wire as text.
    {Term::readable_login, Factor::weakness, "readable_login", 15, 5, 20},

    // Half of the factor is the plant's own word.
    {Term::critical_high, Factor::consequence, "critical_high", 50, 0, 50},
    {Term::critical_medium, Factor::consequence, "critical_medium", 30, 0, 30},
    {Term::critical_low, Factor::consequence, "critical_low", 10, 0, 10},
    {Term::critical_unknown, Factor::consequence, "critical_unknown", 30, 0, 30, true},
    // People.
    {Term::role_safety, Factor::consequence, "role_safety", 35, 0, 35},
    // It moves something.
    {Term::role_controller, Factor::consequence, "role_controller", 20, 0, 20},
    // Everybody behind it stands; who that is, often nobody can see.
    {Term::role_network, Factor::consequence, "role_network", 20, 0, 20},
    {Term::role_field, Factor::consequence, "role_field", 15, 0, 15},
    {Term::role_operates, Factor::consequence, "role_operates", 15, 0, 15},
    {Term::role_server, Factor::consequence, "role_server", 15, 0, 15},
    {Term::role_other, Factor::consequence, "role_other", 5, 0, 5},
    {Term::role_unknown, Factor::consequence, "role_unknown", 15, 0, 15, true},
    // The nearer to the machine.
    {Term::level_floor, Factor::consequence, "level_floor", 10, 0, 10},
    {Term::level_operations, Factor::consequence, "level_operations", 5, 0, 5},
    {Term::level_unknown, Factor::consequence, "level_unknown", 5, 0, 5, true},
    // As see/needs says it: cannot go on; goes on without an answer; whole lines beside its own.
    {Term::stands, Factor::consequence, "stands", 10, 2, 20},
    {Term::waits, Factor::consequence, "waits", 1, 1, 10},
    {Term::other_lines, Factor::consequence, "other_lines", 5, 5, 15},
}};

constexpr const Weight& weight(Term term) noexcept { return weights[static_cast<std::size_t>(term)]; }

constexpr unsigned points_of(Term term, std::size_t count) noexcept {
    const auto& one = weight(term);
    if (count == 0) return 0;
    // Few steps reach `most`: a count beyond them must not overflow.
    const auto more = static_cast<unsigned>(std::min<std::size_t>(count - 1, 1'000));
    return std::min(one.most, one.first + more * one.further);
}

/// Of a vulnerability: half a point for each tenth of CVSS, so 50 for 10.0; these for being in KEV; EPSS
/// times this.
inline constexpr unsigned cvss_points = 5, exploited_points = 20, likelihood_points = 10;
/// CVSS where an advisory gives none: the middle.
inline constexpr unsigned unscored_tenths = 50;
/// How much of that counts, percent. Accepted: it is as open as before, but somebody looked and set a day.
/// Mitigated: somebody says by what; what that holds nobody here can see. Patched: nothing. Where a fact is
/// missing it is one or the other.
inline constexpr unsigned open_share = 100, accepted_share = 50, mitigated_share = 25, patched_share = 0;
inline constexpr unsigned affected_share = 100, needs_fact_share = 50;

/// 0.8³ is 51 %, 0.6³ is 22 %.
inline constexpr unsigned high_from = 50, medium_from = 20;
enum class Band : std::uint8_t { low, medium, high };
constexpr Band band_of(unsigned score) noexcept {
    return score >= high_from ? Band::high : score >= medium_from ? Band::medium : Band::low;
}
std::string_view key(Band) noexcept;

} // namespace yagura::see::risk
