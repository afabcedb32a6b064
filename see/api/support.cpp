// Systems and applications that their maker does not mend any more.
#include <algorithm>
#include <array>

#include "see/api/weaknesses.h"
#include "see/weakness/version.h"
#include "spine/base/text.h"

namespace yagura::see {
namespace {

/// What a device calls a product, and the products of tables that it may be; the version stands behind the
/// word.
struct Called {
    std::string_view word, product;
    bool build = false; ///< told by the build of the kernel, the end of the column "latest": 10.0.19045
};
constexpr Called called[]{{"windows", "windows", true},
                          {"ubuntu", "ubuntu"},
                          {"debian", "debian"},
                          {"centos", "centos"},
                          {"red hat enterprise linux", "rhel"},
                          {"freebsd", "freebsd"},
                          {"openwrt", "openwrt"},
                          {"vmware esxi", "vmware-esxi"},
                          {"fortios", "fortios"},
                          {"apache tomcat", "tomcat"},
                          {"apache/", "apache-http-server"},
                          {"nginx/", "nginx"},
                          {"php/", "php"},
                          {"openssl/", "openssl"},
                          {"python/", "python"},
                          {"mysql", "mysql"},
                          {"mariadb", "mariadb"},
                          {"postgresql", "postgresql"},
                          {"firefox/", "firefox"},
                          {"chrome/", "chrome"},
                          {"msie ", "internet-explorer"}};

/// The first version behind a word: "Apache/2.4.6 (CentOS)" is 2.4.6.
std::string version_behind(std::string_view text) {
    const auto begin = text.find_first_of("0123456789");
    if (begin == text.npos || begin > 16) return {};
    auto end = begin;
    while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || text[end] == '.')) ++end;
    auto out = std::string{text.substr(begin, end - begin)};
    while (out.ends_with('.')) out.pop_back();
    return out;
}

/// "19045" in "Windows 10 22H2 (build 19045)".
std::string build_of(std::string_view text) {
    const auto at = lower(text).find("build ");
    return at == std::string::npos ? std::string{} : version_behind(text.substr(at + 6));
}

bool is_date(std::string_view text) { return text.size() == 10 && text[4] == '-'; }

/// A release is over when all of its editions are; the one that lasts longest decides.
struct Release {
    const store::SupportRow* row = nullptr;
    std::string last{};
    bool extended = false;
};
void take(Release& into, const store::SupportRow& row, std::string_view today) {
    // "true": it is over, since an unknown day; "false" or nothing: no end is known.
    const std::string end = is_date(row.end) ? row.end : row.end == "true" ? "0001-01-01" : "9999-12-31";
    const bool extended = end < today && is_date(row.extended_end) &&
                          std::string_view{row.extended_end} >= today;
    if (!into.row || end > into.last) into = {&row, end, extended};
}

Release release_of(std::string_view product, std::string_view version, bool build,
                   const std::vector<store::SupportRow>& rows, std::string_view today) {
    Release out;
    const auto wanted = weakness::version_of(version);
    if (!wanted) return out;
    for (const auto& row : rows) {
        if (build) {
            // A build may be a desktop's or a server's: over is what is over for both.
            if (row.product.starts_with(product) && row.latest.ends_with(cat(".", version)))
                take(out, row, today);
            continue;
        }
        if (row.product != product) continue;
        const auto cycle = weakness::version_of(row.cycle);
        if (!cycle) continue;
        if (*cycle == *wanted || weakness::begins_with(*wanted, *cycle)) {
            // The longest cycle that fits: 2.4 rather than 2.
            const auto before = out.row ? weakness::version_of(out.row->cycle) : std::nullopt;
            if (before && before->tokens.size() > cycle->tokens.size()) continue;
            if (before && before->tokens.size() < cycle->tokens.size()) out = {};
            take(out, row, today);
        }
    }
    return out;
}

} // namespace

std::vector<OutOfSupport> out_of_support(const store::WeakDevice& device, std::uint32_t place,
                                         const std::vector<store::SupportRow>& rows, std::string_view today) {
    std::vector<OutOfSupport> out;
    for (const auto& fact : device.facts) {
        if (!fact.part.empty() ||
            (fact.attribute != "os" && fact.attribute != "application" && fact.attribute != "description"))
            continue;
        const auto small = lower(fact.value);
        for (const auto& one : called) {
            const auto at = small.find(one.word);
            if (at == small.npos) continue;
            const auto version = one.build ? build_of(fact.value)
                                           : version_behind(
                                                 std::string_view{fact.value}.substr(at + one.word.size()));
            if (version.empty()) continue;
            const auto found = release_of(one.product, version, one.build, rows, today);
            if (!found.row || found.last >= today) continue;
            const bool twice = std::ranges::any_of(out, [&](const OutOfSupport& known) {
                return known.row.product == found.row->product && known.row.cycle == found.row->cycle;
            });
            if (twice) continue;
            out.push_back(
                {.device = place,
                 .kind = fact.attribute == "os" || found.row->category == "os" ? "os" : "application",
                 .said = fact.value,
                 .protocol = fact.protocol,
                 .source = fact.source,
                 .frame = fact.frame,
                 .offset = fact.offset,
                 .row = *found.row,
                 .since = found.last == "0001-01-01" ? std::string{} : found.last,
                 .extended = found.extended});
        }
    }
    return out;
}

} // namespace yagura::see
