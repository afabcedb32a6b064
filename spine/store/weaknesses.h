// Advisories, the lists beside them, and what persons decided about weaknesses; the facts they are held
// against.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spine/store/answers.h"
#include "spine/store/database.h"

namespace yagura::store {

/// Kinds of feeds, and what a line of a feed's file is: its word, then its fields between unit separators
/// (U+001F), which none may hold.
///   csaf, nvd: name, digest, body · kev: cve, name, added, due, 0 or 1 · epss: cve, score, percentile
///   (millionths) support: product, cycle, title, category, label, latest, active end, end, extended end
///   dated: kind, what the file says of its own age; whole: kind, what was there before goes
inline constexpr std::size_t feed_line_most = 64u << 20;
inline constexpr std::size_t advisories_most = 150'000, likelihoods_most = 1'000'000, supports_most = 50'000,
                             weakness_states_most = 200'000;
std::string feed_folder(const std::string& data);

/// A feed's file, as an import writes it into the folder feeds/ of the data: a head with how many lines
/// follow, so that half a file is not taken for one.
class FeedText {
public:
    void add(std::string_view kind, std::initializer_list<std::string_view> fields);
    std::string take() &&;
    std::size_t lines() const noexcept { return lines_; }

private:
    std::string text_;
    std::size_t lines_ = 0;
};
/// Its lines as fields, the kind first. Nothing, if the file is none or was cut.
std::optional<std::vector<std::vector<std::string_view>>> feed_lines(std::string_view text);

struct FeedRow {
    std::string kind{}, name{}, dated{}, who{};
    std::uint64_t version = 0, entries = 0;
    Time at{};
};
struct AdvisoryHead {
    std::string name{}, kind{}, digest{};
};
struct ExploitedRow {
    std::string cve{}, name{}, added{}, due{};
    bool ransomware = false;
};
struct SupportRow {
    std::string product{}, cycle{}, title{}, category{}, label{}, latest{}, active_end{}, end{},
        extended_end{};
};
/// state: accepted, mitigated, patched; open takes the decision back.
struct WeaknessState {
    std::int64_t device = 0; ///< when it is read
    std::string part{}, advisory{}, state{}, reason{}, until{}, who{};
    Time at{};
};
/// The value of a decision, and back.
std::string text_of(const WeaknessState&);
std::optional<WeaknessState> weakness_state(std::string_view text);

/// What is known of a device that an advisory can mean.
struct WeakFact {
    std::string attribute{}, value{}, protocol{}, part{};
    std::uint8_t confidence = 0;
    std::uint32_t source = 0;
    std::uint64_t frame = 0;
    std::uint32_t offset = 0;
    bool operator==(const WeakFact&) const = default;
};
struct WeakDevice {
    std::int64_t number = 0;
    DeviceRef ref{};
    std::string address{}, role{}, vendor{}, product{};
    LineRef line{};
    Time last{};
    std::vector<WeakFact> facts{};
};

class WeaknessReader {
public:
    explicit WeaknessReader(Readers& state) : state_{state} {}
    Result<std::vector<FeedRow>> feeds();
    /// Changes whenever a feed or a decision does.
    Result<std::uint64_t> version();
    Result<std::vector<AdvisoryHead>> heads();
    /// Bodies of these advisories, as they were stored.
    Result<std::vector<std::pair<std::string, std::string>>> bodies(const std::vector<std::string>& names);
    Result<std::vector<ExploitedRow>> exploited();
    /// Of these CVEs, millionths.
    Result<std::vector<std::pair<std::string, std::uint32_t>>>
    likelihoods(const std::vector<std::string>& cves);
    Result<std::vector<SupportRow>> supports();
    Result<std::vector<WeaknessState>> states();
    Result<std::uint64_t> state_count();
    Result<std::vector<WeakDevice>> devices();
    /// Where facts were seen: source, frame and offset of each.
    struct Seen {
        std::uint32_t source = 0;
        std::uint64_t frame = 0;
        std::uint32_t offset = 0;
        std::string protocol{};
    };
    Result<std::vector<EvidenceRef>> evidence(const std::vector<Seen>& of);

private:
    Readers& state_;
};

} // namespace yagura::store
