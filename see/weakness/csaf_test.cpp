#include "see/weakness/csaf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "see/weakness/match.h"

namespace yagura::see::weakness {
namespace {

constexpr std::string_view advisory = R"json({
 "document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Two weaknesses in Press Controllers",
  "publisher": {"category": "vendor", "name": "Example", "namespace": "https://example.com"},
  "references": [{"url": "https://example.com/a.json", "summary": "self"}, {"url": "https://example.com/a.html", "summary": "page"}],
  "tracking": {"id": "EX-1", "version": "2", "status": "final", "initial_release_date": "2024-01-02T00:00:00Z",
   "current_release_date": "2024-02-03T00:00:00Z", "revision_history": []}},
 "product_tree": {
  "branches": [{"category": "vendor", "name": "Siemens", "branches": [
   {"category": "product_family", "name": "S7-1500", "branches": [
    {"category": "product_name", "name": "SIMATIC S7-1500 CPU 1515-2 PN", "branches": [
     {"category": "product_version_range", "name": "vers:intdot/<2.9.2", "product": {"product_id": "P1", "name": "CPU 1515-2 PN before 2.9.2",
      "product_identification_helper": {"model_numbers": ["6ES7515-2AM0?-0AB0"], "cpe": "cpe:2.3:h:siemens:x:*:*:*:*:*:*:*:*"}}},
     {"category": "product_version", "name": "V2.9.2", "product": {"product_id": "P2", "name": "CPU 1515-2 PN V2.9.2",
      "product_identification_helper": {"model_numbers": ["6ES7515-2AM0?-0AB0"]}}}]}]},
   {"category": "product_name", "name": "Firmware", "branches": [
    {"category": "product_version_range", "name": "<=3.1", "product": {"product_id": "F1", "name": "Firmware up to 3.1"}}]}]}],
  "full_product_names": [{"product_id": "H1", "name": "Box", "product_identification_helper": {"model_numbers": ["BOX-1000"]}}],
  "relationships": [{"category": "installed_on", "product_reference": "F1", "relates_to_product_reference": "H1",
   "full_product_name": {"product_id": "R1", "name": "Firmware up to 3.1 installed on Box"}}],
  "product_groups": [{"group_id": "G1", "product_ids": ["P1", "R1"]}]},
 "vulnerabilities": [{"cve": "CVE-2024-0001", "title": "One", "cwe": {"id": "CWE-20", "name": "x"},
  "notes": [{"category": "summary", "text": "It stops."}],
  "product_status": {"known_affected": ["P1", "R1"], "fixed": ["P2"]},
  "scores": [{"products": ["P1"], "cvss_v3": {"baseScore": 7.5, "vectorString": "CVSS:3.1/AV:N", "baseSeverity": "HIGH", "version": "3.1"}}],
  "remediations": [{"category": "vendor_fix", "details": "Update to V2.9.2 or later", "group_ids": ["G1"], "url": "javascript:alert(1)"}]}]
})json";

Result<Advisory> read(std::string_view text) { return read_csaf(std::as_bytes(std::span{text}), "ex.json"); }

std::string changed(std::string_view what, std::string_view by) {
    std::string out{advisory};
    const auto at = out.find(what);
    EXPECT_NE(at, out.npos) << what;
    return out.replace(at, what.size(), by);
}

TEST(csaf, reads_the_product_tree_with_groups_and_relationships) {
    const auto got = read(advisory);
    ASSERT_TRUE(got) << got.error().text();
    EXPECT_EQ(got->id, "EX-1");
    EXPECT_EQ(got->url, "https://example.com/a.html");
    ASSERT_EQ(got->products.size(), 5u);
    EXPECT_EQ(got->products[0].vendor, "Siemens");
    EXPECT_EQ(got->products[0].models, std::vector<std::string>{"6ES7515-2AM0?-0AB0"});
    EXPECT_EQ(got->products[4].id, "R1");
    EXPECT_EQ(got->products[4].models, std::vector<std::string>{"BOX-1000"});
    EXPECT_EQ(got->products[4].version, "<=3.1");
    ASSERT_EQ(got->vulnerabilities.size(), 1u);
    const auto& one = got->vulnerabilities[0];
    EXPECT_EQ(one.score, 7.5);
    EXPECT_EQ(one.products[static_cast<std::size_t>(Status::affected)], (std::vector<std::uint32_t>{0, 4}));
    ASSERT_EQ(one.remediations.size(), 1u);
    EXPECT_EQ(one.remediations[0].products, (std::vector<std::uint32_t>{0, 4}));
    EXPECT_EQ(one.remediations[0].url, "") << "a link that is no link to a page";
    EXPECT_EQ(advisory_of(text_of(*got)), *got);
}

TEST(csaf, names_the_file_and_the_place_of_what_is_wrong) {
    struct {
        std::string_view what, by, code, where;
    } constexpr cases[]{
        {"\"csaf_version\": \"2.0\"", "\"csaf_version\": \"3.0\"", "feed.misfit", "/document/csaf_version"},
        {"\"csaf_version\": \"2.0\", ", "", "feed.not-csaf", "ex.json"},
        {"\"id\": \"EX-1\", ", "", "feed.misfit", "/document/tracking/id"},
        {"\"product_id\": \"P2\"", "\"product_id\": \"P1\"", "feed.misfit",
         "/product_tree/branches/0/branches/0/branches/0/branches/1/product/product_id"},
        {"\"product_id\": \"P2\", ", "", "feed.misfit", "/branches/1/product/product_id"},
        {"\"fixed\": [\"P2\"]", "\"fixed\": [\"P9\"]", "feed.misfit",
         "/vulnerabilities/0/product_status/fixed"},
        {"\"relates_to_product_reference\": \"H1\"", "\"relates_to_product_reference\": \"H9\"",
         "feed.misfit", "/product_tree/relationships/0"},
        {"\"category\": \"product_family\", ", "", "feed.misfit",
         "/product_tree/branches/0/branches/0/category"},
    };
    for (const auto& one : cases) {
        const auto got = read(changed(one.what, one.by));
        ASSERT_FALSE(got) << one.what;
        EXPECT_EQ(got.error().code, one.code) << got.error().text();
        EXPECT_THAT(got.error().where, testing::HasSubstr(one.where));
        EXPECT_FALSE(got.error().next.empty());
    }
}

TEST(csaf, refuses_every_text_that_was_cut) {
    for (std::size_t length = 0; length + 2 < advisory.size(); ++length) {
        const auto got = read(advisory.substr(0, length));
        ASSERT_FALSE(got) << length;
        ASSERT_EQ(got.error().code, "feed.not-json") << length;
    }
}

TEST(csaf, refuses_what_is_too_deep_or_too_much) {
    const auto deep = std::string(100'000, '[');
    EXPECT_EQ(read(deep).error().code, "feed.too-large");
    EXPECT_EQ(
        read_json(std::as_bytes(std::span{std::string_view{"[1,2,3,4]"}}), "f", {.values = 3}).error().code,
        "feed.too-large");
    EXPECT_EQ(
        read_json(std::as_bytes(std::span{std::string_view{"[1,2,3,4]"}}), "f", {.bytes = 3}).error().code,
        "feed.too-large");
    CsafLimits few;
    few.products = 2;
    EXPECT_EQ(read_csaf(std::as_bytes(std::span{advisory}), "f", few).error().code, "feed.too-large");
    few = {};
    few.references = 3;
    EXPECT_EQ(read_csaf(std::as_bytes(std::span{advisory}), "f", few).error().code, "feed.too-large");
}

Match said_of(const std::vector<Fact>& facts) {
    const Prepared made{std::make_shared<const Advisory>(*read(advisory))};
    const Thing thing{facts};
    const auto out = match(Known{thing}, made);
    EXPECT_TRUE(out);
    return out.value_or(Match{});
}
Fact fact(const char* attribute, const char* value, const char* protocol = "s7comm") {
    return {.attribute = attribute, .value = value, .protocol = protocol, .frame = 12, .confidence = 90};
}

TEST(match, tells_which_facts_which_entry_and_which_rule) {
    const auto yes = said_of(
        {fact("vendor", "Siemens AG"), fact("module", "6ES7 515-2AM01-0AB0"), fact("firmware", "V2.8.1")});
    EXPECT_EQ(yes.verdict, Verdict::affected);
    EXPECT_EQ(yes.product, 0u);
    EXPECT_EQ(yes.product_rule, ProductRule::order_number);
    EXPECT_EQ(yes.version_rule, VersionRule::in_range);
    EXPECT_EQ(yes.facts, (std::vector<std::uint32_t>{1, 0, 2}));
    const auto no = said_of(
        {fact("vendor", "Siemens AG"), fact("module", "6ES7 515-2AM01-0AB0"), fact("firmware", "V2.9.2")});
    EXPECT_EQ(no.verdict, Verdict::not_affected);
    const auto which = said_of({fact("vendor", "Siemens AG"), fact("module", "6ES7 515-2AM01-0AB0")});
    EXPECT_EQ(which.verdict, Verdict::needs);
    EXPECT_EQ(which.missing, "firmware");
    const auto two = said_of(
        {fact("module", "6ES7 515-2AM01-0AB0"), fact("firmware", "V2.8.1"), fact("firmware", "3.0", "snmp")});
    EXPECT_EQ(two.missing, "disagree");
    const auto installed = said_of({fact("product", "BOX-1000"), fact("firmware", "3.0")});
    EXPECT_EQ(installed.verdict, Verdict::affected);
    EXPECT_EQ(installed.product, 4u);
}

TEST(match, reads_two_whole_numbers_of_cip_as_its_maker_counts) {
    const auto made = [](const char* range) {
        Advisory out{.id = "O", .source = "csaf"};
        out.products.push_back({.id = "P",
                                .vendor = "Omron",
                                .name = "CJ2M-CPU**",
                                .version = range,
                                .versions = Versions::range});
        out.vulnerabilities.push_back({.cve = "CVE-1", .products = {{{0}}}});
        return Prepared{std::make_shared<const Advisory>(std::move(out))};
    };
    const auto said = [&](const char* firmware, const char* range) {
        const Thing thing{{fact("vendor", "Omron", "cip"), fact("product", "CJ2M-CPU31", "cip"),
                           fact("firmware", firmware, "cip")}};
        return match(Known{thing}, made(range))->verdict;
    };
    EXPECT_EQ(said("1.040", "<= 1.28"), Verdict::not_affected);
    EXPECT_EQ(said("1.040", "<= 1.48"), Verdict::affected);
    EXPECT_EQ(said("2.001", "< 2.1"), Verdict::needs) << "2.1 or 2.01";
    EXPECT_EQ(said("2.001", "<= 1.9"), Verdict::not_affected);
}

TEST(match, believes_no_network_card_about_the_maker) {
    const Prepared made{std::make_shared<const Advisory>(*read(advisory))};
    // The card's maker does not contradict an order number; the device's own word does.
    const Thing card{
        {fact("vendor", "Moxa", "mac"), fact("module", "6ES7515-2AM01-0AB0"), fact("firmware", "2.0")}};
    EXPECT_TRUE(match(Known{card}, made));
    const Thing word{{fact("vendor", "Moxa"), fact("module", "6ES7515-2AM01-0AB0"), fact("firmware", "2.0")}};
    EXPECT_FALSE(match(Known{word}, made));
    const Thing nothing{{fact("vendor", "Siemens")}};
    EXPECT_FALSE(match(Known{nothing}, made));
}

} // namespace
} // namespace yagura::see::weakness
