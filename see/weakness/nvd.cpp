#include "see/weakness/nvd.h"

#include <algorithm>

namespace yagura::see::weakness {
namespace {

constexpr std::size_t matches_most = 20'000; ///< of one record
constexpr std::string_view firmware_tail = " firmware";

std::string words(std::string_view cpe_word) {
    std::string out{cpe_word};
    std::ranges::replace(out, '_', ' ');
    if (out.ends_with(firmware_tail)) out.resize(out.size() - firmware_tail.size());
    return out;
}

/// One cpeMatch as a product; nothing if it is none.
std::optional<Product> product_of(const json& in) {
    const auto criteria = text_in(in, "criteria", 400);
    const auto parts = cpe_parts(criteria);
    if (parts.size() < 6) return std::nullopt;
    Product out{.id = criteria, .vendor = words(parts[3]), .name = words(parts[4])};
    out.cpes.push_back(criteria);
    const auto add = [&](std::string_view op, const char* key) {
        if (const auto version = text_in(in, key, 64); !version.empty())
            out.version += cat(out.version.empty() ? "" : "|", op, version);
    };
    add(">=", "versionStartIncluding");
    add(">", "versionStartExcluding");
    add("<=", "versionEndIncluding");
    add("<", "versionEndExcluding");
    out.versions = Versions::range;
    if (out.version.empty()) {
        if (parts[5] == "*") {
            out.version = "vers:all/*";
        } else if (parts[5] == "-") {
            out.versions = Versions::none;
        } else {
            out.version = parts[5];
            if (parts.size() > 6 && parts[6] != "*" && parts[6] != "-") out.version += cat(" ", parts[6]);
            out.versions = Versions::exact;
        }
    }
    return out;
}

struct Node {
    std::vector<Product> vulnerable{};
    std::vector<std::string> others{}; ///< that have to be there, too
};

// As deep as read_json() lets a tree be; NVD has one level.
// NOLINTNEXTLINE(misc-no-recursion)
void collect(const json& node, Node& into, std::size_t& left) {
    if (!node.is_object()) return;
    if (const auto all = node.find("cpeMatch"); all != node.end() && all->is_array())
        for (const auto& one : *all) {
            if (left == 0) return;
            --left;
            auto product = product_of(one);
            if (!product) continue;
            const auto vulnerable = one.find("vulnerable");
            if (vulnerable != one.end() && vulnerable->is_boolean() && vulnerable->get<bool>())
                into.vulnerable.push_back(*std::move(product));
            else
                into.others.push_back(product->name);
        }
    for (const auto* const key : {"nodes", "children"})
        if (const auto all = node.find(key); all != node.end() && all->is_array())
            for (const auto& one : *all) collect(one, into, left);
}

void scores(const json& cve, Vulnerability& into) {
    const auto metrics = cve.find("metrics");
    if (metrics == cve.end() || !metrics->is_object()) return;
    for (const auto* const kind : {"cvssMetricV31", "cvssMetricV30", "cvssMetricV40", "cvssMetricV2"}) {
        const auto all = metrics->find(kind);
        if (all == metrics->end() || !all->is_array() || into.score >= 0) continue;
        for (const auto& one : *all) {
            if (!one.is_object() || !one.contains("cvssData") || !one["cvssData"].is_object()) continue;
            const auto& data = one["cvssData"];
            const auto base = data.find("baseScore");
            if (base == data.end() || !base->is_number()) continue;
            const auto value = base->get<double>();
            if (value <= into.score || value > 10) continue;
            into.score = value;
            into.vector = text_in(data, "vectorString", 128);
        }
    }
}

std::string english(const json& cve) {
    const auto all = cve.find("descriptions");
    if (all == cve.end() || !all->is_array()) return {};
    for (const auto& one : *all)
        if (text_in(one, "lang", 8) == "en") return text_in(one, "value", 2'000);
    return {};
}

} // namespace

std::vector<std::string> cpe_parts(std::string_view cpe) {
    std::vector<std::string> out;
    if (!cpe.starts_with("cpe:2.3:")) return out;
    out.emplace_back();
    for (std::size_t at = 0; at < cpe.size() && out.size() <= 13; ++at) {
        if (cpe[at] == '\\' && at + 1 < cpe.size())
            out.back() += cpe[++at];
        else if (cpe[at] == ':')
            out.emplace_back();
        else
            out.back() += cpe[at];
    }
    return out;
}

Result<NvdRead> read_nvd(Bytes text, std::string_view file, const NvdLimits& limits, const Catalog& catalog) {
    NvdRead out;
    // The head stands before the list.
    const auto head = as_text(text).substr(0, 4'096);
    if (const auto at = head.find("\"timestamp\""); at != head.npos) {
        const auto begin = head.find('"', at + 11);
        if (begin != head.npos)
            out.dated = clipped(head.substr(begin + 1, head.find('"', begin + 1) - begin - 1), 40);
    }
    const auto take = [&](const json& item, std::size_t place) -> Result<void> {
        const auto found = item.find("cve");
        if (found == item.end() || !found->is_object())
            return std::unexpected{
                misfit(file, cat("/vulnerabilities/", place, "/cve"), "a record has no CVE")};
        const auto& cve = *found;
        Advisory one{.id = text_in(cve, "id", 32), .source = "nvd"};
        if (!one.id.starts_with("CVE-"))
            return std::unexpected{
                misfit(file, cat("/vulnerabilities/", place, "/cve/id"), "a record has no CVE number")};
        Node all;
        std::size_t left = matches_most;
        if (const auto configurations = cve.find("configurations");
            configurations != cve.end() && configurations->is_array())
            for (const auto& each : *configurations) {
                Node node;
                collect(each, node, left);
                const bool both = text_in(each, "operator", 8) == "AND";
                for (auto& product : node.vulnerable) {
                    // A firmware and its own hardware are one thing; anything else has to be there as well.
                    if (both)
                        for (const auto& other : node.others)
                            if (!other.starts_with(product.name) && !product.name.starts_with(other)) {
                                const bool own = std::ranges::any_of(
                                    node.others, [&](const std::string& name) {
                                        return name.starts_with(product.name) ||
                                               product.name.starts_with(name);
                                    });
                                if (!own && product.condition.empty()) product.condition = cat("on ", other);
                            }
                    all.vulnerable.push_back(std::move(product));
                }
            }
        const bool ours = std::ranges::any_of(all.vulnerable, [&](const Product& product) {
            return std::ranges::any_of(catalog.vendors(product.vendor),
                                       [&](const std::string& vendor) { return catalog.known(vendor); });
        });
        if (!ours) {
            ++out.passed_over;
            return {};
        }
        if (out.advisories.size() >= limits.records || all.vulnerable.size() > limits.products)
            return std::unexpected{
                too_large(file, cat("it has more than ", limits.records, " records, or one with more than ",
                                    limits.products, " products"))};
        one.publisher = "NVD";
        one.first = text_in(cve, "published", 40);
        one.current = text_in(cve, "lastModified", 40);
        one.revision = one.current;
        one.url = "https://nvd.nist.gov/vuln/detail/" + one.id;
        Vulnerability made{.cve = one.id, .text = english(cve)};
        one.title = clipped(made.text, 160);
        scores(cve, made);
        for (std::uint32_t i = 0; i < all.vulnerable.size(); ++i) made.products[0].push_back(i);
        one.products = std::move(all.vulnerable);
        one.vulnerabilities.push_back(std::move(made));
        out.advisories.push_back(std::move(one));
        return {};
    };
    YAGURA_TRY(const auto count, each_object(text, file, "vulnerabilities", limits.one, take));
    (void)count;
    return out;
}

} // namespace yagura::see::weakness
