#include "spine/store/weaknesses.h"

#include <unordered_map>

#include "spine/model/rows.h"
#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using namespace reading;

constexpr char separator = '\x1f';
constexpr std::string_view head = "feed 1 ";
constexpr std::size_t lines_most = 2'000'000;

void put(std::string& into, std::string_view value) {
    for (const char one : value) into += one == separator || one == '\n' ? ' ' : one;
}

std::vector<std::string_view> cut(std::string_view line) {
    std::vector<std::string_view> out;
    while (out.size() < 16) {
        const auto end = line.find(separator);
        out.push_back(line.substr(0, end));
        if (end == line.npos) break;
        line.remove_prefix(end + 1);
    }
    return out;
}

} // namespace

std::string feed_folder(const std::string& data) { return data + "/feeds"; }

void FeedText::add(std::string_view kind, std::initializer_list<std::string_view> fields) {
    put(text_, kind);
    for (const auto field : fields) {
        text_ += separator;
        put(text_, field);
    }
    text_ += '\n';
    ++lines_;
}

std::string FeedText::take() && { return cat(head, lines_, "\n") + std::move(text_); }

std::optional<std::vector<std::vector<std::string_view>>> feed_lines(std::string_view text) {
    if (!text.starts_with(head)) return std::nullopt;
    text.remove_prefix(head.size());
    auto end = text.find('\n');
    const auto lines = number<std::uint32_t>(text.substr(0, end));
    if (end == text.npos || !lines || *lines > lines_most) return std::nullopt;
    std::vector<std::vector<std::string_view>> out;
    for (text.remove_prefix(end + 1); !text.empty(); text.remove_prefix(end + 1)) {
        end = text.find('\n');
        if (end == text.npos || end > feed_line_most || out.size() == *lines) return std::nullopt;
        out.push_back(cut(text.substr(0, end)));
    }
    return out.size() == *lines ? std::optional{std::move(out)} : std::nullopt;
}

std::string text_of(const WeaknessState& state) {
    std::string out;
    for (const auto* const field :
         {&state.part, &state.advisory, &state.state, &state.reason, &state.until}) {
        put(out, *field);
        out += separator;
    }
    out.pop_back();
    return out;
}

std::optional<WeaknessState> weakness_state(std::string_view text) {
    const auto fields = cut(text);
    if (fields.size() != 5 || text.size() > 4'096 || fields[1].empty()) return std::nullopt;
    WeaknessState out;
    out.part = fields[0];
    out.advisory = fields[1];
    out.state = fields[2];
    out.reason = fields[3];
    out.until = fields[4];
    if (out.state != "open" && out.state != "accepted" && out.state != "mitigated" && out.state != "patched")
        return std::nullopt;
    return out;
}

Result<std::vector<FeedRow>> WeaknessReader::feeds() {
    YAGURA_TRY(auto loan, state_.borrow());
    std::vector<FeedRow> out;
    YAGURA_STORE_DO(Query{"SELECT kind, name, dated, who, version, at, CASE kind WHEN 'kev' THEN (SELECT "
                          "count(*) FROM exploited) "
                          "WHEN 'epss' THEN (SELECT count(*) FROM likelihood) WHEN 'support' THEN (SELECT "
                          "count(*) FROM support) ELSE "
                          "(SELECT count(*) FROM advisory a WHERE a.kind = feed.kind) END FROM feed WHERE "
                          "site = 0 AND kind <> 'states' "
                          "ORDER BY kind"}
                        .each_again(*loan, [&](const Row& row) {
                            out.push_back({.kind = row.string(0),
                                           .name = row.string(1),
                                           .dated = row.string(2),
                                           .who = row.string(3),
                                           .version = row.as<std::uint64_t>(4),
                                           .entries = row.as<std::uint64_t>(6),
                                           .at = from_ns(row.integer(5))});
                        }));
    return out;
}

Result<std::uint64_t> WeaknessReader::version() {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto found, Query{"SELECT coalesce(sum(version), 0) FROM feed"}.number_again(*loan));
    return static_cast<std::uint64_t>(found);
}

Result<std::vector<AdvisoryHead>> WeaknessReader::heads() {
    YAGURA_TRY(auto loan, state_.borrow());
    std::vector<AdvisoryHead> out;
    YAGURA_STORE_DO(Query{"SELECT name, kind, digest FROM advisory WHERE site = 0 ORDER BY name"}.each_again(
        *loan, [&](const Row& row) { out.push_back({row.string(0), row.string(1), row.string(2)}); }));
    return out;
}

Result<std::vector<std::pair<std::string, std::string>>>
WeaknessReader::bodies(const std::vector<std::string>& names) {
    YAGURA_TRY(auto loan, state_.borrow());
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& name : names)
        YAGURA_STORE_DO(
            Query{"SELECT body FROM advisory WHERE site = 0 AND "}
                .add("name = ?", name)
                .each_again(*loan, [&](const Row& row) { out.emplace_back(name, row.string(0)); }));
    return out;
}

Result<std::vector<ExploitedRow>> WeaknessReader::exploited() {
    YAGURA_TRY(auto loan, state_.borrow());
    std::vector<ExploitedRow> out;
    YAGURA_STORE_DO(
        Query{"SELECT cve, name, added, due, ransomware FROM exploited WHERE site = 0"}.each_again(
            *loan, [&](const Row& row) {
                out.push_back(
                    {row.string(0), row.string(1), row.string(2), row.string(3), row.integer(4) != 0});
            }));
    return out;
}

Result<std::vector<std::pair<std::string, std::uint32_t>>>
WeaknessReader::likelihoods(const std::vector<std::string>& cves) {
    YAGURA_TRY(auto loan, state_.borrow());
    std::vector<std::pair<std::string, std::uint32_t>> out;
    for (const auto& cve : cves)
        YAGURA_STORE_DO(
            Query{"SELECT score FROM likelihood WHERE site = 0 AND "}
                .add("cve = ?", cve)
                .each_again(*loan, [&](const Row& row) { out.emplace_back(cve, row.as<std::uint32_t>(0)); }));
    return out;
}

Result<std::vector<SupportRow>> WeaknessReader::supports() {
    YAGURA_TRY(auto loan, state_.borrow());
    std::vector<SupportRow> out;
    YAGURA_STORE_DO(Query{"SELECT product, cycle, title, category, label, latest, active_end, end, "
                          "extended_end FROM support WHERE "
                          "site = 0 ORDER BY product, cycle"}
                        .each_again(*loan, [&](const Row& row) {
                            out.push_back({row.string(0), row.string(1), row.string(2), row.string(3),
                                           row.string(4), row.string(5), row.string(6), row.string(7),
                                           row.string(8)});
                        }));
    return out;
}

Result<std::vector<WeaknessState>> WeaknessReader::states() {
    YAGURA_TRY(auto loan, state_.borrow());
    std::vector<WeaknessState> out;
    YAGURA_STORE_DO(Query{"SELECT link.device, s.part, s.advisory, s.state, s.reason, s.until, s.who, s.at "
                          "FROM weakness_state s JOIN "
                          "link ON link.node = s.node AND link.ends IS NULL ORDER BY s.at"}
                        .each_again(*loan, [&](const Row& row) {
                            WeaknessState one;
                            one.device = row.integer(0);
                            one.part = row.string(1);
                            one.advisory = row.string(2);
                            one.state = row.string(3);
                            one.reason = row.string(4);
                            one.until = row.string(5);
                            one.who = row.string(6);
                            one.at = from_ns(row.integer(7));
                            out.push_back(std::move(one));
                        }));
    return out;
}

Result<std::uint64_t> WeaknessReader::state_count() {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto found, Query{"SELECT count(*) FROM weakness_state"}.number_again(*loan));
    return static_cast<std::uint64_t>(found);
}

Result<std::vector<EvidenceRef>> WeaknessReader::evidence(const std::vector<Seen>& of) {
    YAGURA_TRY(auto loan, state_.borrow());
    Who who{*loan};
    std::vector<EvidenceRef> out;
    for (const auto& one : of)
        out.push_back(who.evidence(one.source, one.frame, one.offset, Time{}, one.protocol));
    return out;
}

Result<std::vector<WeakDevice>> WeaknessReader::devices() {
    YAGURA_TRY(auto loan, state_.borrow());
    std::vector<WeakDevice> out;
    std::unordered_map<std::int64_t, std::size_t> places;
    YAGURA_STORE_DO(Query{cat("SELECT s.device, s.name, s.address, s.role, s.vendor, s.product, s.line, "
                              "l.name, s.last FROM shown s "
                              "LEFT JOIN line l ON l.id = s.line WHERE s.state = ",
                              static_cast<int>(model::State::confirmed), " ORDER BY s.device")}
                        .each_again(*loan, [&](const Row& row) {
                            places.emplace(row.integer(0), out.size());
                            auto& one = out.emplace_back();
                            one.number = row.integer(0);
                            one.ref.id = device_text(row.integer(0));
                            one.ref.name = row.string(1);
                            one.address = row.string(2);
                            one.role = row.string(3);
                            one.vendor = row.string(4);
                            one.product = row.string(5);
                            if (!row.null(6)) one.line = {line_text(row.integer(6)), row.string(7)};
                            one.last = from_ns(row.integer(8));
                        }));
    YAGURA_STORE_DO(Query{
        "SELECT device, attribute, value, protocol, part, confidence, source, frame, offset FROM shown_fact "
        "WHERE "
        "attribute IN ('vendor', 'product', 'module', 'firmware', 'serial', 'hardware', 'description', 'os', "
        "'application') ORDER BY device, place"}
                        .each_again(*loan, [&](const Row& row) {
                            const auto found = places.find(row.integer(0));
                            if (found == places.end() || out[found->second].facts.size() >= 512) return;
                            WeakFact fact;
                            fact.attribute = row.string(1);
                            fact.value = row.string(2);
                            fact.protocol = row.string(3);
                            fact.part = row.string(4);
                            fact.confidence = static_cast<std::uint8_t>(row.integer(5));
                            fact.source = row.as<std::uint32_t>(6);
                            fact.frame = row.as<std::uint64_t>(7);
                            fact.offset = row.as<std::uint32_t>(8);
                            out[found->second].facts.push_back(std::move(fact));
                        }));
    return out;
}

} // namespace yagura::store
