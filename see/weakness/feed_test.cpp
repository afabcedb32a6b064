#include "see/weakness/feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "see/weakness/match.h"
#include "see/weakness/nvd.h"

namespace yagura::see::weakness {
namespace {

Bytes bytes(std::string_view text) { return std::as_bytes(std::span{text}); }

constexpr std::string_view nvd =
    R"json({"resultsPerPage":2,"startIndex":0,"totalResults":2,"format":"NVD_CVE","version":"2.0",
"timestamp":"2024-11-01T03:00:00.000","vulnerabilities":[
{"cve":{"id":"CVE-2022-0001","published":"2022-01-02T00:00:00.000","lastModified":"2024-01-02T00:00:00.000",
 "descriptions":[{"lang":"es","value":"no"},{"lang":"en","value":"It {stops} when [asked] \"nicely\"."}],
 "metrics":{"cvssMetricV31":[{"cvssData":{"baseScore":9.8,"vectorString":"CVSS:3.1/AV:N"}}]},
 "configurations":[{"operator":"AND","nodes":[
  {"operator":"OR","cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:o:mitsubishielectric:r08psfcpu_firmware:*:*:*:*:*:*:*:*","versionEndIncluding":"08"}]},
  {"operator":"OR","cpeMatch":[{"vulnerable":false,"criteria":"cpe:2.3:h:mitsubishielectric:r08psfcpu:-:*:*:*:*:*:*:*"}]}]}]}},
{"cve":{"id":"CVE-2022-0002","descriptions":[],"configurations":[{"nodes":[{"operator":"OR","cpeMatch":[
 {"vulnerable":true,"criteria":"cpe:2.3:a:wordpress:gallery:1.0:*:*:*:*:*:*:*"}]}]}]}}]})json";

TEST(nvd, keeps_records_of_makers_that_plants_have) {
    const auto got = read_feed(bytes(nvd), "nvdcve-2.0-2022.json");
    ASSERT_TRUE(got) << got.error().text();
    ASSERT_EQ(got->advisories.size(), 1u);
    EXPECT_EQ(got->passed_over, 1u);
    EXPECT_EQ(got->nvd_dated, "2024-11-01T03:00:00.000");
    const auto& one = got->advisories[0];
    EXPECT_EQ(one.vulnerabilities[0].score, 9.8);
    EXPECT_EQ(one.products[0].name, "r08psfcpu");
    EXPECT_EQ(one.products[0].condition, "") << "a firmware on its own hardware";
    const Prepared made{std::make_shared<const Advisory>(one)};
    for (const auto& [firmware, verdict] :
         {std::pair{"08", Verdict::affected}, std::pair{"09", Verdict::not_affected}}) {
        const Thing thing{{{.attribute = "vendor", .value = "Mitsubishi Electric", .confidence = 90},
                           {.attribute = "product", .value = "R08PSFCPU", .confidence = 90},
                           {.attribute = "firmware", .value = firmware, .confidence = 90}}};
        const auto said = match(Known{thing}, made);
        ASSERT_TRUE(said) << firmware;
        EXPECT_EQ(said->verdict, verdict) << firmware;
    }
    EXPECT_EQ(cpe_parts("cpe:2.3:o:a\\:b:c\\\\d:1.0"),
              (std::vector<std::string>{"cpe", "2.3", "o", "a:b", "c\\d", "1.0"}));
    EXPECT_TRUE(cpe_parts("cpe:/o:a:b").empty());
}

TEST(nvd, is_refused_wherever_it_was_cut) {
    const auto whole = nvd.rfind(']') + 1; // Behind its list nothing is read.
    for (std::size_t length = 150; length < whole; ++length)
        ASSERT_FALSE(read_nvd(bytes(nvd.substr(0, length)), "f")) << length;
}

TEST(lists, are_read_and_name_the_row_of_what_is_wrong) {
    const auto kev = read_feed(
        bytes(
            R"({"title":"x","catalogVersion":"2024.10.01","dateReleased":"2024-10-01T00:00:00Z","vulnerabilities":[
        {"cveID":"CVE-2020-1111","vulnerabilityName":"n","dateAdded":"2024-01-01","dueDate":"2024-02-01","knownRansomwareCampaignUse":"Known"},
        {"cveID":"CVE-2020-1111"},{"cveID":"CVE-2020-22222","knownRansomwareCampaignUse":"Unknown"}]})"),
        "kev.json");
    ASSERT_TRUE(kev) << kev.error().text();
    ASSERT_EQ(kev->exploited.size(), 2u);
    EXPECT_TRUE(kev->exploited[0].ransomware);
    EXPECT_EQ(kev->exploited_dated, "2024-10-01T00:00:00Z");
    const auto bad = read_feed(
        bytes(R"({"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-2020-1111"},{"cveID":"nonsense"}]})"),
        "kev.json");
    ASSERT_FALSE(bad);
    EXPECT_THAT(bad.error().where, testing::HasSubstr("/vulnerabilities/1/cveID"));

    const std::string_view epss = "#model_version:v2023.03.01,score_date:2024-10-01T00:00:00+0000\r\ncve,"
                                  "epss,percentile\r\nCVE-2020-1111,0.97,0.999\r\n";
    const auto scores = read_feed(bytes(epss), "epss.csv");
    ASSERT_TRUE(scores) << scores.error().text();
    EXPECT_EQ(scores->likelihoods, (std::vector<Likelihood>{{"CVE-2020-1111", 0.97, 0.999}}));
    EXPECT_EQ(scores->likelihood_dated, "2024-10-01T00:00:00+0000");
    for (const auto* const row : {"CVE-2020-1111,1.97,0.9", "CVE-2020-1111,0.9", "x,0.1,0.1",
                                  "CVE-2020-1111,nan,0.1", "CVE-2020-1111,0.1,0.1x"}) {
        const auto got = read_likelihood(bytes(std::string{epss} + row), "f");
        ASSERT_FALSE(got) << row;
        EXPECT_THAT(got.error().where, testing::HasSubstr("row 4")) << row;
    }

    const auto support = read_feed(bytes("product,title,category,cycle,label,end_of_life,latest\nwindows,"
                                         "\"Microsoft Windows\",os,7,7 SP1,2020-01-14,6.1.7601\n"),
                                   "eol.csv");
    ASSERT_TRUE(support) << support.error().text();
    ASSERT_EQ(support->supports.size(), 1u);
    EXPECT_EQ(support->supports[0].end, "2020-01-14");
    EXPECT_FALSE(read_support(bytes("product,cycle,end_of_life\na,1,soon\n"), "f"));
    EXPECT_FALSE(read_support(bytes("product,cycle\na,1\n"), "f"));
}

TEST(feed, is_unpacked_within_limits) {
    const std::string text = "cve,epss,percentile\nCVE-2020-1111,0.5,0.5\n";
    std::string packed(1'000, '\0');
    z_stream stream{};
    ASSERT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    EXPECT_EQ(read_feed(bytes(packed), "epss.csv.gz")->likelihoods.size(), 1u);
    EXPECT_EQ(read_feed(bytes(packed), "epss.csv.gz", {.one = 10}).error().code, "feed.too-large");
    for (std::size_t length = 2; length < packed.size(); ++length)
        ASSERT_EQ(read_feed(bytes(packed).first(length), "f").error().code, "feed.damaged") << length;
    EXPECT_EQ(read_feed(bytes("hello"), "f").error().code, "feed.unknown-kind");
    EXPECT_EQ(read_feed(bytes(""), "f").error().code, "feed.unknown-kind");
    EXPECT_EQ(read_feed(bytes("PK\x03\x04 nonsense"), "f").error().code, "feed.damaged");
}

TEST(feed, reads_the_public_lists_where_they_are) {
    const char* const elsewhere = std::getenv("YAGURA_SHARED");
    const std::string folder = std::string{elsewhere ? elsewhere : YAGURA_SOURCE "/../shared"} + "/refdata";
    std::ifstream kev{folder + "/cisa_kev.json", std::ios::binary},
        eol{folder + "/eol_products.csv", std::ios::binary};
    if (!kev || !eol) GTEST_SKIP() << "SKIPPED: no lists at " << folder;
    const std::string kev_text{std::istreambuf_iterator<char>{kev}, {}},
        eol_text{std::istreambuf_iterator<char>{eol}, {}};
    const auto exploited = read_feed(bytes(kev_text), "cisa_kev.json"),
               support = read_feed(bytes(eol_text), "eol_products.csv");
    ASSERT_TRUE(exploited) << exploited.error().text();
    ASSERT_TRUE(support) << support.error().text();
    EXPECT_EQ(exploited->exploited.size(), 1'404u);
    EXPECT_EQ(support->supports.size(), 930u);
}

} // namespace
} // namespace yagura::see::weakness
