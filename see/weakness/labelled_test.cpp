// The matcher against what a person says who reads the advisories: tests/weakness/labelled.tsv beside the
// public advisories, where those are there.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>

#include "see/weakness/csaf.h"
#include "see/weakness/match.h"

namespace yagura::see::weakness {
namespace {

/// Beside the sources, or where YAGURA_SHARED says.
const std::string folder = [] {
    if (const char* const elsewhere = std::getenv("YAGURA_SHARED"))
        return std::string{elsewhere} + "/refdata/csaf/";
    return std::string{YAGURA_SOURCE "/../shared/refdata/csaf/"};
}();

std::string content(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

struct Label {
    std::string advisory{}, vendor{}, product{}, firmware{}, serial{}, verdict{}, why{}, line{};
};

std::vector<Label> labels() {
    std::vector<Label> out;
    std::ifstream file{YAGURA_SOURCE "/tests/weakness/labelled.tsv"};
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#') || line.empty()) continue;
        Label one{.line = line};
        std::string* const fields[]{&one.advisory, &one.vendor,  &one.product, &one.firmware,
                                    &one.serial,   &one.verdict, &one.why};
        std::size_t at = 0;
        for (auto* field : fields) {
            const auto end = line.find('\t', at);
            *field = line.substr(at, end == line.npos ? end : end - at);
            if (*field == "-") field->clear();
            if (end == line.npos) break;
            at = end + 1;
        }
        out.push_back(std::move(one));
    }
    return out;
}

Thing thing_of(const Label& label) {
    Thing out;
    const auto add = [&](const char* attribute, const std::string& value) {
        if (!value.empty())
            out.facts.push_back(
                {.attribute = attribute, .value = value, .protocol = "test", .frame = 7, .confidence = 90});
    };
    add("vendor", label.vendor);
    add("product", label.product);
    add("firmware", label.firmware);
    add("serial", label.serial);
    return out;
}

TEST(labelled, nobody_is_called_affected_who_is_not_and_few_are_missed) {
    const auto all = labels();
    ASSERT_GE(all.size(), 150u);
    if (!std::ifstream{folder + "index.csv"}) GTEST_SKIP() << "SKIPPED: no advisories at " << folder;
    std::map<std::string, std::unique_ptr<Prepared>> advisories;
    std::set<std::string> makers;
    std::size_t affected = 0, missed = 0, decided_not = 0, needed = 0, other = 0;
    for (const auto& label : all) {
        auto& advisory = advisories[label.advisory];
        if (!advisory) {
            const auto text = content(folder + label.advisory + ".json");
            auto read = read_csaf(std::as_bytes(std::span{text}), label.advisory);
            ASSERT_TRUE(read) << label.advisory << "\n" << read.error().text();
            advisory = std::make_unique<Prepared>(std::make_shared<const Advisory>(*std::move(read)));
        }
        makers.insert(label.vendor);
        const auto thing = thing_of(label);
        const auto said = match(Known{thing}, *advisory);
        const auto told = said ? std::string{word(said->verdict)} + " " + std::string{said->missing} + " " +
                                     said->detail
                               : "nothing";
        if (label.verdict == "affected") {
            ++affected;
            if (!said || said->verdict != Verdict::affected) {
                ++missed;
                std::cout << "missed: " << label.line << " -> " << told << "\n";
            }
            // Better unsure than wrong: whoever is affected is never told that they are not.
            EXPECT_TRUE(!said || said->verdict != Verdict::not_affected) << label.line << " -> " << told;
        } else if (label.verdict == "needs") {
            ++needed;
            EXPECT_TRUE(said && said->verdict == Verdict::needs) << label.line << " -> " << told;
        } else {
            ASSERT_EQ(label.verdict, "not") << label.line;
            ++decided_not;
            EXPECT_FALSE(said && said->verdict == Verdict::affected) << label.line << " -> " << told;
            if (said && said->verdict == Verdict::needs) {
                ++other;
                std::cout << "not decided: " << label.line << " -> " << told << "\n";
            }
        }
    }
    std::cout << all.size() << " labels of " << makers.size() << " makers: " << affected << " affected, "
              << missed << " of them missed; " << decided_not << " not, " << other << " of them not decided; "
              << needed << " need a fact\n";
    EXPECT_GE(makers.size(), 10u);
    EXPECT_LE(missed * 20, affected); // 5 %
    EXPECT_LE(other * 20, decided_not);
}

TEST(labelled, every_advisory_is_read) {
    if (!std::ifstream{folder + "index.csv"}) GTEST_SKIP() << "SKIPPED: no advisories at " << folder;
    std::ifstream index{folder + "index.csv"};
    std::size_t files = 0, products = 0, without_rule = 0;
    for (std::string line; std::getline(index, line);) {
        const auto name = line.substr(0, line.find(','));
        if (!name.ends_with(".json")) continue;
        const auto text = content(folder + name);
        auto read = read_csaf(std::as_bytes(std::span{text}), name);
        ASSERT_TRUE(read) << name << "\n" << read.error().text();
        EXPECT_FALSE(read->products.empty()) << name;
        EXPECT_FALSE(read->vulnerabilities.empty()) << name;
        EXPECT_EQ(advisory_of(text_of(*read)), *read) << name;
        const Prepared made{std::make_shared<const Advisory>(*std::move(read))};
        for (const auto& entry : made.entries()) {
            ++products;
            without_rule += !entry.range.all && entry.range.intervals.empty() && entry.range.points.empty() &&
                            entry.range.fixed_in.empty() && !entry.range.serial && entry.range.models.empty();
        }
        ++files;
    }
    std::cout << files << " advisories, " << products << " products, " << without_rule
              << " whose versions no rule reads\n";
    EXPECT_EQ(files, 213u);
    EXPECT_LE(without_rule * 50, products);
}

} // namespace
} // namespace yagura::see::weakness
