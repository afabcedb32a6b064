#include "spine/store/comments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "spine/store/devices.h"
#include "tests/support/plant_store.h"

namespace yagura::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

CommentFile file() {
    return {"gx_works",
            "melsec",
            {{"holding register 1", "40002", "", "", "ワーク有り", false},
             {"holding register 2", "40003", "Speed", "", "", false},
             {"Holding Register 3", "40004", "", "", "速度 MAX", false},
             {"holding register 4", "40004", "", "", "速度 MAX", true}}};
}

class CommentsOf : public ::testing::Test {
protected:
    CommentsOf() { std::filesystem::create_directory(comment_folder(store.folder)); }
    void apply(CommentChange change) {
        Batch batch;
        batch.arrival = ++arrival;
        batch.comments.push_back(std::move(change));
        ASSERT_TRUE(store.writer->apply(batch));
    }
    void import(const CommentFile& of, std::uint64_t list = 1) {
        std::ofstream{comment_folder(store.folder) + "/a"} << text_of(of);
        apply({.list = list, .file = "a", .name = "溶接2号.csv", .at = test::begin_time, .who = "tanaka"});
    }
    /// Of the second device, which the first one reads and writes.
    void use(std::vector<CommentUse> uses, std::uint64_t list = 1) {
        apply({.what = CommentChange::What::uses, .list = list, .uses = text_of(uses)});
    }
    std::vector<std::string> listed(std::string_view text) {
        std::vector<std::string> out;
        const auto found = store.history->operations({.text = std::string{text}}, {.most = 100}).value();
        for (const auto& one : found.operations) out.push_back(cat(one.object, " ", one.comment.shown()));
        std::ranges::sort(out);
        return out;
    }
    test::Store store{3};
    std::uint64_t arrival = 2'000;
};

TEST(CommentText, IsReadAsItWasWrittenAndNotInHalf) {
    auto one = file();
    one.words[0].comment = "two\nlines\x1f here";
    const auto whole = text_of(one);
    const auto again = comment_file(whole);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->tool, "gx_works");
    EXPECT_EQ(again->notation, "melsec");
    ASSERT_EQ(again->words.size(), 4u);
    EXPECT_EQ(again->words[0].comment, "two lines  here");
    EXPECT_TRUE(again->words[3].also);
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(comment_file(whole.substr(0, size))) << size;
    EXPECT_FALSE(comment_file(whole + whole));
    EXPECT_FALSE(comment_file("comments 1 4000000000 a b\n"));
}

TEST(CommentText, OfUsesHasItsBounds) {
    const std::vector<CommentUse> two{{7, ""}, {9, "unit 1"}};
    EXPECT_EQ(comment_uses(text_of(two)), two);
    EXPECT_EQ(comment_uses("")->size(), 0u);
    EXPECT_FALSE(comment_uses("7\n"));
    EXPECT_FALSE(comment_uses("7\x1f"));
    EXPECT_FALSE(comment_uses("x\x1f\n"));
    EXPECT_FALSE(comment_uses(text_of(std::vector<CommentUse>(comment_uses_most + 1, {1, ""}))));
    EXPECT_FALSE(comment_uses(text_of(std::vector<CommentUse>{{1, std::string(200, 'x')}})));
}

TEST(CommentText, AnObjectIsAPartOfWholes) {
    EXPECT_THAT(wholes_of("D100.05"), ElementsAre("D100.05", "D100"));
    EXPECT_THAT(wholes_of("DB1.DBW2"), ElementsAre("DB1.DBW2", "DB1"));
    EXPECT_THAT(wholes_of("Program:Main.Line[1,2].Speed"),
                ElementsAre("Program:Main.Line[1,2].Speed", "Program:Main.Line[1,2]", "Program:Main.Line",
                            "Program:Main"));
    EXPECT_THAT(wholes_of(""), IsEmpty());
    EXPECT_THAT(wholes_of(".x"), ElementsAre(".x"));
    EXPECT_EQ(wholes_of(std::string(1'000, '.')).size(), 6u);
}

TEST_F(CommentsOf, AreFoundWhereTheListIsOfTheController) {
    import(file());
    EXPECT_THAT(listed("ワーク"), IsEmpty()); // Nobody has said whose it is.
    use({{test::ip_node(1).value, ""}});
    EXPECT_THAT(listed("ワーク"), ElementsAre("holding register 1 ワーク有り"));
    EXPECT_THAT(listed("speed"), ElementsAre("holding register 2 Speed"));
    EXPECT_THAT(listed("max"), ElementsAre("holding register 3 速度 MAX", "holding register 4 速度 MAX"));
    EXPECT_EQ(listed("").size(), 20u);
    use({{test::mac_node(1).value, ""}}); // Another mark of the same device.
    EXPECT_EQ(listed("ワーク").size(), 1u);
    use({{test::ip_node(2).value, ""}});
    EXPECT_THAT(listed("ワーク"), IsEmpty());
    use({{test::ip_node(1).value, "unit 7"}}); // Those that were seen are of no unit.
    EXPECT_THAT(listed("ワーク"), IsEmpty());
}

TEST_F(CommentsOf, StandBesideRegistersAndInTheSearch) {
    import(file());
    use({{test::ip_node(1).value, ""}});
    const auto objects = store.history->objects({.device = "d0-2", .text = "ワーク"}, 100).value();
    ASSERT_EQ(objects.objects.size(), 1u);
    EXPECT_EQ(objects.objects[0].comment.text, "ワーク有り");
    const auto hits = DeviceReader{*store.state}.search("ワーク", 20).value();
    ASSERT_EQ(hits.size(), 1u);
    EXPECT_EQ(hits[0].kind, "object");
    EXPECT_EQ(hits[0].id, "d0-2");
    EXPECT_EQ(hits[0].object, "holding register 1");
    EXPECT_EQ(hits[0].title, "holding register 1 ワーク有り");
    const auto one = store.history->operation(
        store.history->operations({.text = "ワーク"}, {.most = 1}).value().operations.at(0).id);
    EXPECT_EQ(one.value()->comment.list, 1u);
    const auto seen = store.history->objects_seen(100).value();
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].device, "d0-2");
    EXPECT_EQ(seen[0].objects.size(), 20u);
}

TEST_F(CommentsOf, AreReplacedWithTheirControllersKeptAndTakenOut) {
    import(file());
    use({{test::ip_node(1).value, ""}});
    auto other = file();
    other.words[0].comment = "ワーク在席";
    import(other);
    EXPECT_THAT(listed("ワーク"), ElementsAre("holding register 1 ワーク在席"));
    CommentReader reader{*store.state};
    const auto lists = reader.lists().value();
    ASSERT_EQ(lists.size(), 1u);
    EXPECT_EQ(lists[0].words, 3u);
    EXPECT_EQ(lists[0].uses.at(0).device.id, "d0-2");
    EXPECT_EQ(reader.words(1, "速度", {.most = 10}).value().total, 1u);
    EXPECT_EQ(reader.words(1, "", {.most = 2}).value().next_cursor, "2");
    EXPECT_EQ(reader.words(1, "", {.cursor = "x"}).error().code, "store.bad-cursor");
    apply({.what = CommentChange::What::gone, .list = 1});
    EXPECT_THAT(listed("ワーク"), IsEmpty());
    EXPECT_TRUE(reader.lists().value().empty());
    use({{test::ip_node(1).value, ""}}); // Too late.
    EXPECT_TRUE(reader.lists().value().empty());
}

TEST_F(CommentsOf, OfALostFileStayAsTheyWere) {
    import(file());
    std::ofstream{comment_folder(store.folder) + "/b"} << "comments 1 2 gx_works melsec\n";
    apply({.list = 1, .file = "b"});
    apply({.list = 1, .file = "not there"});
    EXPECT_EQ(store.writer->comments_passed_over(), 2u);
    EXPECT_EQ(CommentReader{*store.state}.list("w0-1").value()->words, 3u);
}

} // namespace
} // namespace yagura::store
