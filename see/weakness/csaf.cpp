#include "see/weakness/csaf.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace yagura::see::weakness {
namespace {

constexpr std::size_t name_most = 512, text_most = 2'000, list_most = 64;

using Failed = std::unexpected<Complaint>;

/// What the branches above a product say of it.
struct Above {
    std::string vendor{}, family{}, name{}, version{}, condition{};
    Versions versions = Versions::none;
};

void add(std::string& to, std::string_view what, std::string_view between) {
    if (what.empty()) return;
    if (!to.empty()) to += between;
    to += what;
}

std::vector<std::string> texts(const json& object, const char* key) {
    std::vector<std::string> out;
    const auto found = object.find(key);
    if (found == object.end()) return out;
    if (found->is_string()) out.push_back(clipped(found->get_ref<const std::string&>(), name_most));
    if (found->is_array())
        for (const auto& one : *found)
            if (one.is_string() && out.size() < list_most)
                out.push_back(clipped(one.get_ref<const std::string&>(), name_most));
    return out;
}

class CsafReader {
public:
    CsafReader(std::string_view file, const CsafLimits& limits) : file_{file}, limits_{limits} {}

    Result<Advisory> read(const json& document) {
        if (auto done = head(document); !done) return Failed{std::move(done).error()};
        if (const auto tree = document.find("product_tree"); tree != document.end())
            if (auto done = products(*tree); !done) return Failed{std::move(done).error()};
        const auto all = document.find("vulnerabilities");
        if (all == document.end()) return std::move(out_);
        if (!all->is_array()) return wrong("/vulnerabilities", "the vulnerabilities are no list");
        if (all->size() > limits_.vulnerabilities)
            return Failed{too_large(file_, cat("it has ", all->size(), " vulnerabilities"))};
        for (std::size_t i = 0; i < all->size(); ++i)
            if (auto done = vulnerability((*all)[i], cat("/vulnerabilities/", i)); !done)
                return Failed{std::move(done).error()};
        return std::move(out_);
    }

private:
    Failed wrong(std::string_view pointer, std::string what) const {
        return Failed{misfit(file_, pointer, std::move(what))};
    }

    Result<void> head(const json& document) {
        const auto& head = document["document"];
        out_.source = "csaf";
        out_.title = text_in(head, "title");
        if (const auto publisher = head.find("publisher"); publisher != head.end())
            out_.publisher = text_in(*publisher, "name", 200);
        const auto tracking = head.find("tracking");
        if (tracking == head.end() || !tracking->is_object())
            return wrong("/document/tracking", "the advisory has no tracking, so nobody can name it");
        out_.id = text_in(*tracking, "id", 128);
        if (out_.id.empty() || out_.id.find_first_of("\n\x1f") != out_.id.npos)
            return wrong("/document/tracking/id", "the advisory has no id");
        out_.revision = text_in(*tracking, "version", 64);
        out_.first = text_in(*tracking, "initial_release_date", 40);
        out_.current = text_in(*tracking, "current_release_date", 40);
        if (const auto references = head.find("references");
            references != head.end() && references->is_array())
            for (const auto& one : *references)
                if (const auto url = text_in(one, "url", 1'000); url.starts_with("https://")) {
                    // Its page for people before the file itself.
                    if (out_.url.empty() || !url.ends_with(".json")) out_.url = url;
                    if (!url.ends_with(".json")) break;
                }
        return {};
    }

    Result<void> keep(const json& full, const Above& above, const std::string& pointer) {
        if (!full.is_object()) return wrong(pointer, "a product is no object");
        Product one;
        one.id = text_in(full, "product_id", 1'000);
        if (one.id.empty()) return wrong(pointer + "/product_id", "a product has no id");
        if (out_.products.size() >= limits_.products)
            return Failed{too_large(file_, cat("it has more than ", limits_.products, " products"))};
        one.vendor = above.vendor;
        one.name = above.name.empty() ? above.family : above.name;
        if (one.name.empty()) one.name = text_in(full, "name");
        one.version = above.version;
        one.versions = above.versions;
        one.condition = above.condition;
        if (const auto helper = full.find("product_identification_helper");
            helper != full.end() && helper->is_object()) {
            one.models = texts(*helper, "model_numbers");
            if (one.models.empty()) one.models = texts(*helper, "skus");
            one.serials = texts(*helper, "serial_numbers");
            one.cpes = texts(*helper, "cpe");
            one.purls = texts(*helper, "purl");
            if (const auto several = texts(*helper, "purls"); one.purls.empty()) one.purls = several;
        }
        if (!places_.emplace(one.id, static_cast<std::uint32_t>(out_.products.size())).second)
            return wrong(pointer + "/product_id",
                         cat("two products are ", yagura::quoted(one.id.substr(0, 100))));
        out_.products.push_back(std::move(one));
        return {};
    }

    // As deep as read_json() lets a tree be.
    // NOLINTNEXTLINE(misc-no-recursion)
    Result<void> branches(const json& all, const Above& above, const std::string& pointer) {
        if (!all.is_array()) return wrong(pointer, "branches are no list");
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto here = cat(pointer, "/", i);
            const auto& branch = all[i];
            if (!branch.is_object()) return wrong(here, "a branch is no object");
            const auto category = text_in(branch, "category", 64), name = text_in(branch, "name");
            if (category.empty()) return wrong(here + "/category", "a branch has no category");
            auto now = above;
            if (category == "vendor") {
                now.vendor = name;
            } else if (category == "product_family") {
                add(now.family, name, " ");
            } else if (category == "product_name") {
                add(now.name, name, " ");
            } else if (category == "product_version" || category == "product_version_range") {
                now.versions = category == "product_version" ? Versions::exact : Versions::range;
                now.version = name;
            } else if (category == "patch_level" || category == "service_pack") {
                add(now.version, name, " ");
            } else if (category != "language" && category != "legacy") {
                add(now.condition, name, ", "); // architecture, host_name, specification
            }
            if (const auto full = branch.find("product"); full != branch.end())
                if (auto done = keep(*full, now, here + "/product"); !done) return done;
            if (const auto inner = branch.find("branches"); inner != branch.end())
                if (auto done = branches(*inner, now, here + "/branches"); !done) return done;
        }
        return {};
    }

    Result<void> products(const json& tree) {
        if (!tree.is_object()) return wrong("/product_tree", "the product tree is no object");
        if (const auto all = tree.find("branches"); all != tree.end())
            if (auto done = branches(*all, {}, "/product_tree/branches"); !done) return done;
        if (const auto all = tree.find("full_product_names"); all != tree.end() && all->is_array())
            for (std::size_t i = 0; i < all->size(); ++i)
                if (auto done = keep((*all)[i], {}, cat("/product_tree/full_product_names/", i)); !done)
                    return done;
        if (const auto all = tree.find("relationships"); all != tree.end() && all->is_array())
            for (std::size_t i = 0; i < all->size(); ++i)
                if (auto done = related((*all)[i], cat("/product_tree/relationships/", i)); !done)
                    return done;
        if (const auto all = tree.find("product_groups"); all != tree.end() && all->is_array())
            for (const auto& one : *all) {
                auto& group = groups_[text_in(one, "group_id", 1'000)];
                for (const auto& id : texts_of(one, "product_ids"))
                    if (const auto found = places_.find(id); found != places_.end())
                        group.push_back(found->second);
            }
        return {};
    }

    static std::vector<std::string> texts_of(const json& object, const char* key) {
        std::vector<std::string> out;
        if (!object.is_object()) return out;
        const auto found = object.find(key);
        if (found == object.end() || !found->is_array()) return out;
        for (const auto& one : *found)
            if (one.is_string()) out.push_back(clipped(one.get_ref<const std::string&>(), 1'000));
        return out;
    }

    Result<void> related(const json& one, const std::string& pointer) {
        if (!one.is_object()) return wrong(pointer, "a relationship is no object");
        const auto full = one.find("full_product_name");
        if (full == one.end()) return wrong(pointer, "a relationship makes no product");
        const auto what = places_.find(text_in(one, "product_reference", 1'000));
        const auto on = places_.find(text_in(one, "relates_to_product_reference", 1'000));
        if (what == places_.end() || on == places_.end())
            return wrong(pointer, "a relationship is of a product that is not there");
        const auto part = out_.products[what->second], whole = out_.products[on->second];
        if (auto done = keep(*full, {}, pointer + "/full_product_name"); !done) return done;
        auto& made = out_.products.back();
        const auto own = made;
        made = whole;
        made.id = own.id;
        for (const auto& more : own.models) made.models.push_back(more);
        if (!own.serials.empty()) made.serials = own.serials;
        std::string lower = part.name;
        std::ranges::transform(lower, lower.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        const bool firmware = lower.contains("firmware") || part.name == whole.name;
        if (firmware && part.versions != Versions::none) {
            made.version = part.version;
            made.versions = part.versions;
        } else {
            add(made.condition, cat(part.name, part.version.empty() ? "" : " ", part.version), ", ");
        }
        return {};
    }

    /// Places of ids and of groups.
    Result<std::vector<std::uint32_t>> places(const json& from, const char* ids, const char* group_ids,
                                              const std::string& pointer) {
        std::vector<std::uint32_t> out;
        for (const auto& id : texts_of(from, ids)) {
            const auto found = places_.find(id);
            if (found == places_.end())
                return wrong(cat(pointer, "/", ids),
                             cat("there is no product ", yagura::quoted(id.substr(0, 100))));
            out.push_back(found->second);
        }
        if (group_ids)
            for (const auto& id : texts_of(from, group_ids))
                if (const auto found = groups_.find(id); found != groups_.end())
                    out.insert(out.end(), found->second.begin(), found->second.end());
        std::ranges::sort(out);
        out.erase(std::ranges::unique(out).begin(), out.end());
        references_ += out.size();
        if (references_ > limits_.references)
            return Failed{
                too_large(file_, cat("it refers to products more than ", limits_.references, " times"))};
        return out;
    }

    Result<void> vulnerability(const json& in, const std::string& pointer) {
        if (!in.is_object()) return wrong(pointer, "a vulnerability is no object");
        Vulnerability one;
        one.cve = text_in(in, "cve", 32);
        one.title = text_in(in, "title");
        if (const auto cwe = in.find("cwe"); cwe != in.end()) one.cwe = text_in(*cwe, "id", 32);
        if (const auto notes = in.find("notes"); notes != in.end() && notes->is_array())
            for (const auto& note : *notes) {
                const auto category = text_in(note, "category", 32);
                if (category == "summary" || (category == "description" && one.text.empty()))
                    one.text = text_in(note, "text", text_most);
            }
        scores(in, one);
        constexpr std::pair<const char*, Status> words[]{{"known_affected", Status::affected},
                                                         {"first_affected", Status::affected},
                                                         {"last_affected", Status::affected},
                                                         {"known_not_affected", Status::not_affected},
                                                         {"fixed", Status::fixed},
                                                         {"first_fixed", Status::fixed},
                                                         {"under_investigation", Status::investigated}};
        if (const auto status = in.find("product_status"); status != in.end()) {
            if (!status->is_object())
                return wrong(pointer + "/product_status", "the product status is no object");
            for (const auto& [word, which] : words) {
                YAGURA_TRY(const auto some, places(*status, word, nullptr, pointer + "/product_status"));
                auto& into = one.products[static_cast<std::size_t>(which)];
                into.insert(into.end(), some.begin(), some.end());
            }
            for (auto& some : one.products) {
                std::ranges::sort(some);
                some.erase(std::ranges::unique(some).begin(), some.end());
            }
        }
        if (const auto all = in.find("remediations"); all != in.end() && all->is_array())
            for (std::size_t i = 0; i < all->size(); ++i) {
                const auto& each = (*all)[i];
                const auto known = remedy_of(text_in(each, "category", 32));
                if (!known) continue;
                Remediation made{.category = *known,
                                 .details = text_in(each, "details", text_most),
                                 .url = text_in(each, "url", 1'000)};
                if (!made.url.starts_with("https://") && !made.url.starts_with("http://")) made.url.clear();
                YAGURA_TRY(made.products,
                           places(each, "product_ids", "group_ids", cat(pointer, "/remediations/", i)));
                one.remediations.push_back(std::move(made));
            }
        out_.vulnerabilities.push_back(std::move(one));
        return {};
    }

    static void scores(const json& in, Vulnerability& into) {
        const auto all = in.find("scores");
        if (all == in.end() || !all->is_array()) return;
        for (const auto& one : *all)
            for (const auto* const kind : {"cvss_v3", "cvss_v2"}) {
                if (!one.is_object()) continue;
                const auto cvss = one.find(kind);
                if (cvss == one.end() || !cvss->is_object()) continue;
                const auto base = cvss->find("baseScore");
                if (base == cvss->end() || !base->is_number()) continue;
                const auto value = base->get<double>();
                if (value <= into.score || value > 10) continue;
                into.score = value;
                into.vector = text_in(*cvss, "vectorString", 128);
            }
    }

    std::string_view file_;
    const CsafLimits& limits_;
    Advisory out_;
    std::unordered_map<std::string, std::uint32_t> places_;
    std::map<std::string, std::vector<std::uint32_t>> groups_;
    std::size_t references_ = 0;
};

} // namespace

bool looks_like_csaf(const json& document) {
    if (!document.is_object()) return false;
    const auto head = document.find("document");
    return head != document.end() && head->is_object() && head->contains("csaf_version");
}

Result<Advisory> csaf_of(const json& document, std::string_view file, const CsafLimits& limits) {
    if (!looks_like_csaf(document))
        return Failed{Complaint{.code = "feed.not-csaf",
                                .what = "the file was not read: it is no CSAF advisory",
                                .why = "it has no document/csaf_version",
                                .where = yagura::quoted(file.substr(0, 200)),
                                .next = "bring the advisory's JSON file, not its page"}};
    if (const auto version = text_in(document["document"], "csaf_version", 16); version != "2.0")
        return Failed{misfit(file, "/document/csaf_version",
                             cat("it is CSAF ", yagura::quoted(version), ", and 2.0 is read"))};
    return CsafReader{file, limits}.read(document);
}

Result<Advisory> read_csaf(Bytes text, std::string_view file, const CsafLimits& limits) {
    YAGURA_TRY(const auto document, read_json(text, file, limits.json));
    return csaf_of(document, file, limits);
}

} // namespace yagura::see::weakness
