#include "see/weakness/advisory.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace yagura::see::weakness {
namespace {

using json = nlohmann::json;

constexpr std::array remedies{std::pair{std::string_view{"mitigation"}, Remedy::mitigation},
                              std::pair{std::string_view{"no_fix_planned"}, Remedy::no_fix_planned},
                              std::pair{std::string_view{"none_available"}, Remedy::none_available},
                              std::pair{std::string_view{"vendor_fix"}, Remedy::vendor_fix},
                              std::pair{std::string_view{"workaround"}, Remedy::workaround}};

void put(json& into, const char* key, const std::string& text) {
    if (!text.empty()) into[key] = text;
}
void put(json& into, const char* key, const std::vector<std::string>& all) {
    if (!all.empty()) into[key] = all;
}
void take(const json& from, const char* key, std::string& into) {
    if (const auto found = from.find(key); found != from.end() && found->is_string())
        into = found->get<std::string>();
}
void take(const json& from, const char* key, std::vector<std::string>& into) {
    const auto found = from.find(key);
    if (found == from.end() || !found->is_array()) return;
    for (const auto& one : *found)
        if (one.is_string()) into.push_back(one.get<std::string>());
}
std::vector<std::uint32_t> places(const json& from, const char* key, std::size_t most) {
    std::vector<std::uint32_t> out;
    const auto found = from.find(key);
    if (found == from.end() || !found->is_array()) return out;
    for (const auto& one : *found)
        if (one.is_number_unsigned() && one.get<std::uint64_t>() < most)
            out.push_back(one.get<std::uint32_t>());
    return out;
}

json json_of(const Product& one) {
    json out{{"id", one.id}, {"versions", static_cast<int>(one.versions)}};
    put(out, "vendor", one.vendor);
    put(out, "name", one.name);
    put(out, "version", one.version);
    put(out, "condition", one.condition);
    put(out, "models", one.models);
    put(out, "serials", one.serials);
    put(out, "cpes", one.cpes);
    put(out, "purls", one.purls);
    return out;
}

Product product_of(const json& from) {
    Product out;
    take(from, "id", out.id);
    take(from, "vendor", out.vendor);
    take(from, "name", out.name);
    take(from, "version", out.version);
    take(from, "condition", out.condition);
    take(from, "models", out.models);
    take(from, "serials", out.serials);
    take(from, "cpes", out.cpes);
    take(from, "purls", out.purls);
    const auto versions = from.find("versions");
    if (versions != from.end() && versions->is_number_integer())
        out.versions = static_cast<Versions>(std::clamp(versions->get<int>(), 0, 2));
    return out;
}

json json_of(const Vulnerability& one) {
    json out{{"score", one.score}, {"products", one.products}};
    put(out, "cve", one.cve);
    put(out, "title", one.title);
    put(out, "cwe", one.cwe);
    put(out, "text", one.text);
    put(out, "vector", one.vector);
    json remediations = json::array();
    for (const auto& each : one.remediations) {
        json made{{"category", word(each.category)}, {"products", each.products}};
        put(made, "details", each.details);
        put(made, "url", each.url);
        remediations.push_back(std::move(made));
    }
    if (!remediations.empty()) out["remediations"] = std::move(remediations);
    return out;
}

Vulnerability vulnerability_of(const json& from, std::size_t products) {
    Vulnerability out;
    take(from, "cve", out.cve);
    take(from, "title", out.title);
    take(from, "cwe", out.cwe);
    take(from, "text", out.text);
    take(from, "vector", out.vector);
    if (const auto score = from.find("score"); score != from.end() && score->is_number())
        out.score = score->get<double>();
    if (const auto all = from.find("products"); all != from.end() && all->is_array())
        for (std::size_t i = 0; i < std::min(all->size(), status_count); ++i) {
            const json wrapped{{"of", (*all)[i]}};
            out.products[i] = places(wrapped, "of", products);
        }
    const auto remediations = from.find("remediations");
    if (remediations == from.end() || !remediations->is_array()) return out;
    for (const auto& each : *remediations) {
        if (!each.is_object()) continue;
        Remediation one;
        std::string category;
        take(each, "category", category);
        const auto known = remedy_of(category);
        if (!known) continue;
        one.category = *known;
        take(each, "details", one.details);
        take(each, "url", one.url);
        one.products = places(each, "products", products);
        out.remediations.push_back(std::move(one));
    }
    return out;
}

} // namespace

std::string_view word(Remedy remedy) noexcept {
    for (const auto& [word, one] : remedies)
        if (one == remedy) return word;
    return "mitigation";
}

std::optional<Remedy> remedy_of(std::string_view word) noexcept {
    for (const auto& [name, one] : remedies)
        if (name == word) return one;
    return std::nullopt;
}

double Advisory::score() const noexcept {
    double out = -1;
    for (const auto& one : vulnerabilities) out = std::max(out, one.score);
    return out;
}

std::string_view severity(double score) noexcept {
    if (score < 0) return "unknown";
    if (score >= 9) return "critical";
    if (score >= 7) return "high";
    return score >= 4 ? "medium" : "low";
}

std::string text_of(const Advisory& advisory) {
    json out{{"id", advisory.id}, {"source", advisory.source}};
    put(out, "title", advisory.title);
    put(out, "publisher", advisory.publisher);
    put(out, "revision", advisory.revision);
    put(out, "url", advisory.url);
    put(out, "first", advisory.first);
    put(out, "current", advisory.current);
    out["products"] = json::array();
    for (const auto& one : advisory.products) out["products"].push_back(json_of(one));
    out["vulnerabilities"] = json::array();
    for (const auto& one : advisory.vulnerabilities) out["vulnerabilities"].push_back(json_of(one));
    return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Advisory> advisory_of(std::string_view text) {
    const auto in = json::parse(text, nullptr, false);
    if (!in.is_object()) return std::nullopt;
    Advisory out;
    take(in, "id", out.id);
    take(in, "source", out.source);
    if (out.id.empty()) return std::nullopt;
    take(in, "title", out.title);
    take(in, "publisher", out.publisher);
    take(in, "revision", out.revision);
    take(in, "url", out.url);
    take(in, "first", out.first);
    take(in, "current", out.current);
    if (const auto all = in.find("products"); all != in.end() && all->is_array())
        for (const auto& one : *all)
            if (one.is_object()) out.products.push_back(product_of(one));
    if (const auto all = in.find("vulnerabilities"); all != in.end() && all->is_array())
        for (const auto& one : *all)
            if (one.is_object()) out.vulnerabilities.push_back(vulnerability_of(one, out.products.size()));
    return out;
}

} // namespace yagura::see::weakness
