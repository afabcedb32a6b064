#include "see/weakness/lists.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "see/tables/csv.h"

namespace yagura::see::weakness {
namespace {

using Failed = std::unexpected<Complaint>;

std::string_view next_line(std::string_view& rest) {
    const auto end = std::min(rest.find('\n'), rest.size());
    auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

bool is_cve(std::string_view text) {
    if (!text.starts_with("CVE-") || text.size() < 10 || text.size() > 24 || text[8] != '-') return false;
    return std::ranges::all_of(text.substr(4), [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
}

bool is_share(std::string_view text, double& into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    return error == std::errc{} && end == text.data() + text.size() && into >= 0 && into <= 1;
}

bool date_or_word(std::string_view text) {
    if (text.empty() || text == "true" || text == "false") return true;
    return text.size() == 10 && text[4] == '-' && text[7] == '-' &&
           std::ranges::all_of(text, [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
}

} // namespace

Result<ExploitedRead> read_exploited(Bytes text, std::string_view file, std::size_t most) {
    YAGURA_TRY(const auto document, read_json(text, file));
    const auto all = document.is_object() ? document.find("vulnerabilities") : document.end();
    if (!document.is_object() || all == document.end() || !all->is_array())
        return Failed{misfit(file, "/vulnerabilities", "the catalogue has no list of vulnerabilities")};
    if (all->size() > most) return Failed{too_large(file, cat("it has more than ", most, " rows"))};
    ExploitedRead out{.dated = text_in(document, "dateReleased", 40)};
    if (out.dated.empty()) out.dated = text_in(document, "catalogVersion", 40);
    std::set<std::string> known;
    for (std::size_t i = 0; i < all->size(); ++i) {
        const auto& in = (*all)[i];
        Exploited one{.cve = text_in(in, "cveID", 32),
                      .name = text_in(in, "vulnerabilityName", 300),
                      .added = text_in(in, "dateAdded", 16),
                      .due = text_in(in, "dueDate", 16),
                      .ransomware = text_in(in, "knownRansomwareCampaignUse", 16) == "Known"};
        if (!is_cve(one.cve))
            return Failed{misfit(file, cat("/vulnerabilities/", i, "/cveID"), "a row has no CVE number")};
        if (known.insert(one.cve).second) out.rows.push_back(std::move(one));
    }
    return out;
}

Result<LikelihoodRead> read_likelihood(Bytes bytes, std::string_view file, std::size_t most) {
    auto rest = as_text(bytes);
    if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
    LikelihoodRead out;
    std::size_t row = 0;
    bool headed = false;
    while (!rest.empty()) {
        const auto line = next_line(rest);
        ++row;
        if (line.empty()) continue;
        if (line.starts_with('#')) {
            if (const auto at = line.find("score_date:"); at != line.npos)
                out.dated = clipped(line.substr(at + 11, line.find(',', at) - at - 11), 40);
            continue;
        }
        const auto first = line.find(','), second = first == line.npos ? first : line.find(',', first + 1);
        if (!headed) {
            if (!line.starts_with("cve,epss,percentile"))
                return Failed{misfit(file, cat("row ", row), "the heading is not \"cve,epss,percentile\"")};
            headed = true;
            continue;
        }
        Likelihood one;
        if (second == line.npos || !is_cve(line.substr(0, first)) ||
            !is_share(line.substr(first + 1, second - first - 1), one.score) ||
            !is_share(line.substr(second + 1), one.percentile))
            return Failed{
                misfit(file, cat("row ", row), "a row is no CVE number with two shares between 0 and 1")};
        if (out.rows.size() >= most) return Failed{too_large(file, cat("it has more than ", most, " rows"))};
        one.cve = line.substr(0, first);
        out.rows.push_back(std::move(one));
    }
    if (!headed) return Failed{misfit(file, "row 1", "it has no heading")};
    return out;
}

Result<std::vector<Support>> read_support(Bytes text, std::string_view file, std::size_t most) {
    tables::TableLimits limits;
    limits.rows = most + 1;
    limits.columns = 64;
    limits.cell = 512;
    auto table = tables::read_csv(text, limits);
    if (!table) return Failed{misfit(file, table.error().where, table.error().what)};
    std::vector<Support> out;
    if (table->sheets.empty() || table->sheets[0].rows.empty())
        return Failed{misfit(file, "row 1", "the table is empty")};
    const auto& rows = table->sheets[0].rows;
    const auto column = [&](std::string_view name) {
        return static_cast<std::size_t>(std::ranges::find(rows[0], name) - rows[0].begin());
    };
    struct Wanted {
        std::string_view name;
        std::string Support::* field;
        std::size_t at = 0;
    };
    std::array wanted{Wanted{"product", &Support::product},
                      Wanted{"title", &Support::title},
                      Wanted{"category", &Support::category},
                      Wanted{"cycle", &Support::cycle},
                      Wanted{"label", &Support::label},
                      Wanted{"latest", &Support::latest},
                      Wanted{"end_active_support", &Support::active_end},
                      Wanted{"end_of_life", &Support::end},
                      Wanted{"end_extended_security", &Support::extended_end}};
    for (auto& one : wanted) one.at = column(one.name);
    for (const auto* const needed : {"product", "cycle", "end_of_life"})
        if (column(needed) == rows[0].size())
            return Failed{misfit(file, "row 1", cat("there is no column ", yagura::quoted(needed)))};
    for (std::size_t i = 1; i < rows.size(); ++i) {
        Support one;
        for (const auto& each : wanted)
            if (each.at < rows[i].size()) one.*each.field = rows[i][each.at];
        if (one.product.empty() && one.cycle.empty()) continue;
        for (const auto* const date : {&one.active_end, &one.end, &one.extended_end})
            if (!date_or_word(*date))
                return Failed{
                    misfit(file, cat("row ", i + 1), cat("this is no date: ", yagura::quoted(*date)))};
        out.push_back(std::move(one));
    }
    return out;
}

} // namespace yagura::see::weakness
