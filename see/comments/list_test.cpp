// Lists as each tool writes them: which it was, what its columns are, and the words in them.
#include "see/comments/list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "see/tables/encoding.h"
#include "spine/api/sheet.h"
#include "spine/base/text.h"

using namespace yagura;
using namespace yagura::see;
using namespace yagura::see::comments;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

tables::TableFile read(std::string_view text) {
    auto file = read_list(std::as_bytes(std::span{text}));
    EXPECT_TRUE(file) << file.error().text();
    return file ? *std::move(file) : tables::TableFile{.sheets = {{}}};
}

/// "D100 ワーク有り (bWork)" a word; "!3,1 comments.not-an-address" a problem.
std::vector<std::string> words(const tables::TableFile& file, const Mapping& mapping) {
    std::vector<std::string> out;
    const auto found = taken(file.sheets.at(mapping.sheet), mapping);
    for (const auto& one : found.words) {
        std::string objects;
        for (const auto& object : one.objects) objects += cat(objects.empty() ? "" : "|", object);
        out.push_back(cat(objects, one.comment.empty() ? "" : " ", one.comment,
                          one.name.empty() ? "" : cat(" (", one.name, ")")));
    }
    for (const auto& one : found.problems) out.push_back(cat("!", one.row, ",", one.column, " ", one.code));
    return out;
}
std::vector<std::string> words(std::string_view text) {
    const auto file = read(text);
    return words(file, guessed(file));
}
Mapping guess(std::string_view text) { return guessed(read(text)); }

std::string utf16(std::string_view text) {
    std::string out{"\xff\xfe"};
    for (std::size_t at = 0; at < text.size();) {
        const auto first = static_cast<unsigned char>(text[at]);
        const std::size_t bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : 3;
        std::uint32_t one = bytes == 1 ? first : first & (bytes == 2 ? 0x1f : 0xf);
        for (std::size_t i = 1; i < bytes; ++i)
            one = one << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3f);
        out += static_cast<char>(one & 0xff);
        out += static_cast<char>(one >> 8);
        at += bytes;
    }
    return out;
}

constexpr std::string_view gx_developer = "デバイス,ラベル,コメント\r\n"
                                          "D0100,,ﾜｰｸ有り\r\n"
                                          "X1F,bStart,起動押釦\r\n"
                                          "M0,,\r\n"
                                          "T5,,搬送タイマ\r\n";

TEST(CommentList, OfGxDeveloperInCp932) {
    const auto text = tables::in_cp932(gx_developer);
    const auto mapping = guess(text);
    EXPECT_EQ(mapping.tool, Tool::gx_works);
    EXPECT_EQ(mapping.notation, Notation::melsec);
    EXPECT_THAT(mapping.columns, ElementsAre(Column::address, Column::name, Column::comment));
    EXPECT_THAT(words(text),
                ElementsAre("D100 ワーク有り", "X1F 起動押釦 (bStart)", "TN5|TS5|TC5|T5 搬送タイマ"));
}

TEST(CommentList, OfGxWorksInUtf16WithItsTitle) {
    const auto text = utf16("\"共通デバイスコメント\"\r\n"
                            "\"デバイス名\"\t\"コメント\"\r\n"
                            "\"D100\"\t\"ワーク有り\"\r\n"
                            "\"D101\"\t\"サイクル, 秒\"\r\n");
    const auto mapping = guess(text);
    EXPECT_EQ(mapping.tool, Tool::gx_works);
    EXPECT_EQ(mapping.header_row, 1u);
    EXPECT_THAT(words(text), ElementsAre("D100 ワーク有り", "D101 サイクル, 秒"));
    EXPECT_THAT(words("Device Name,Comment\nSD2037,Log No.10\n"), ElementsAre("SD2037 Log No.10"));
}

TEST(CommentList, OfGxWorks3Labels) {
    constexpr std::string_view text = "クラス\tラベル名\tデータ型\t定数\tデバイス\tアドレス\tコメント\n"
                                      "VAR_GLOBAL\tbWork\tビット\t\tM100\t%MX0.100\tワーク有り\n"
                                      "VAR_GLOBAL\twInner\tワード\t\t\t\t内部だけ\n";
    EXPECT_EQ(guess(text).columns[4], Column::address);
    EXPECT_EQ(guess(text).columns[5], std::nullopt);
    EXPECT_THAT(words(text), ElementsAre("M100 ワーク有り (bWork)"));
}

TEST(CommentList, OfAnFxCountsInEights) {
    std::string text = "デバイス名,コメント\n";
    for (const auto* one : {"X0", "X1", "X2", "X3", "X4", "X5", "X6", "X7", "X10", "X11"})
        text += cat(one, ",入力 ", one, "\n");
    EXPECT_EQ(guess(text).notation, Notation::melsec_octal);
    EXPECT_THAT(words(text), testing::Contains("X8 入力 X10"));
    EXPECT_EQ(guess(text + "X1A,入力\n").notation, Notation::melsec);
}

TEST(CommentList, OfKvStudio) {
    constexpr std::string_view text = "デバイス,コメント1,コメント2\n"
                                      "DM100,,Work present\n"
                                      "MR1515,起動,Start\n"
                                      "R500,原点,\n";
    const auto mapping = guess(text);
    EXPECT_EQ(mapping.tool, Tool::kv_studio);
    EXPECT_EQ(mapping.notation, Notation::keyence);
    EXPECT_THAT(words(text), ElementsAre("D100|DM100 Work present", "M255|MR1515 起動", "X50|Y50 原点"));
}

TEST(CommentList, OfCxProgrammerWithAndWithoutHeads) {
    constexpr std::string_view with = "名称\tデータ型\tアドレス\tコメント\tラック位置\t使用\n"
                                      "Start_PB\tBOOL\t0.00\t起動押釦\t\t入力\n"
                                      "\tCHANNEL\tD100\tワーク有り\t\t\n";
    EXPECT_EQ(guess(with).tool, Tool::cx_programmer);
    EXPECT_THAT(words(with), ElementsAre("CIO0.00 起動押釦 (Start_PB)", "D100 ワーク有り"));
    constexpr std::string_view without = "Start_PB\tBOOL\t0.00\t起動押釦\n"
                                         "Stop_PB\tBOOL\t0.01\t停止押釦\n"
                                         "Speed\tCHANNEL\tDM00100\t速度\n";
    EXPECT_EQ(guess(without).tool, Tool::cx_programmer);
    EXPECT_EQ(guess(without).header_rows, 0u);
    EXPECT_THAT(words(without), ElementsAre("CIO0.00 起動押釦 (Start_PB)", "CIO0.01 停止押釦 (Stop_PB)",
                                            "D100 速度 (Speed)"));
}

TEST(CommentList, OfSysmacStudio) {
    constexpr std::string_view text = "HOST\tNAME\tDATATYPE\tADDRESS\tCOMMENT\tTAGLINK\tRW\tPOU\n"
                                      "\tLine.Work\tBOOL\t\tワーク有り\tTRUE\tRW\t\n"
                                      "\tSpeed\tINT\t%D100\t速度\tTRUE\tRW\t\n"
                                      "\tSilent\tINT\t\t\tTRUE\tRW\t\n";
    EXPECT_EQ(guess(text).tool, Tool::sysmac_studio);
    EXPECT_THAT(words(text), ElementsAre("Line.Work ワーク有り", "Speed|D100 速度 (Speed)"));
}

TEST(CommentList, OfTiaPortal) {
    const std::vector<std::pair<std::string, std::string>> parts{
        {"[Content_Types].xml", "<Types/>"},
        {"_rels/.rels",
         R"(<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>)"},
        {"xl/workbook.xml",
         R"(<workbook xmlns:r="x"><sheets><sheet name="TagTable Properties" r:id="b"/><sheet name="PLC Tags" r:id="a"/></sheets></workbook>)"},
        {"xl/_rels/workbook.xml.rels",
         R"(<Relationships><Relationship Id="a" Type="x/worksheet" Target="a.xml"/><Relationship Id="b" Type="x/worksheet" Target="b.xml"/></Relationships>)"},
        {"xl/a.xml",
         R"(<worksheet><sheetData><row><c t="inlineStr"><is><t>Name</t></is></c><c t="inlineStr"><is><t>Path</t></is></c>)"
         R"(<c t="inlineStr"><is><t>Data Type</t></is></c><c t="inlineStr"><is><t>Logical Address</t></is></c>)"
         R"(<c t="inlineStr"><is><t>Comment</t></is></c></row><row><c t="inlineStr"><is><t>Work</t></is></c>)"
         R"(<c t="inlineStr"><is><t>Default tag table</t></is></c><c t="inlineStr"><is><t>Word</t></is></c>)"
         R"(<c t="inlineStr"><is><t>%MW100</t></is></c><c t="inlineStr"><is><t>ワーク有り</t></is></c></row></sheetData></worksheet>)"},
        {"xl/b.xml",
         R"(<worksheet><sheetData><row><c t="inlineStr"><is><t>Path</t></is></c><c t="inlineStr"><is><t>BelongsToUnit</t></is></c></row></sheetData></worksheet>)"}};
    const auto file = read(api::zip(parts));
    const auto mapping = guessed(file);
    EXPECT_EQ(mapping.sheet, 1u);
    EXPECT_EQ(mapping.tool, Tool::tia_portal);
    EXPECT_THAT(words(file, mapping), ElementsAre("MW100|MB100 ワーク有り (Work)"));
    constexpr std::string_view sdf =
        "\"Start\",\"%I0.0\",\"Bool\",\"True\",\"True\",\"False\",\"起動\",\"\",\"True\"\n"
        "\"Stop\",\"%I0.1\",\"Bool\",\"True\",\"True\",\"False\",\"停止\",\"\",\"True\"\n";
    EXPECT_EQ(guess(sdf).tool, Tool::tia_portal);
    EXPECT_THAT(words(sdf), ElementsAre("I0.0 起動 (Start)", "I0.1 停止 (Stop)"));
}

TEST(CommentList, OfStep7InItsThreeForms) {
    constexpr std::string_view sdf =
        "\"Start_PB                \",\"I       0.0\",\"BOOL      \",\"起動押釦\"\n"
        "\"Recipe                  \",\"DB      1\",\"DB      1\",\"レシピ\"\n";
    EXPECT_EQ(guess(sdf).tool, Tool::step7);
    EXPECT_THAT(words(sdf), ElementsAre("I0.0 起動押釦 (Start_PB)", "DB1|block DB 1 レシピ (Recipe)"));
    constexpr std::string_view asc = "126,Start_PB                E     0.0    BOOL      起動, 右\r\n"
                                     "126,運転                    M     10.1   BOOL      \r\n";
    const auto text = tables::in_cp932(asc);
    EXPECT_THAT(words(text), ElementsAre("I0.0 起動, 右 (Start_PB)", "M10.1 (運転)"));
    constexpr std::string_view seq = "\tE 0.0\tStart_PB\t起動\n\tA 4.1\tMotor\tモータ\n";
    EXPECT_THAT(words(seq), ElementsAre("I0.0 起動 (Start_PB)", "Q4.1 モータ (Motor)"));
}

TEST(CommentList, OfStudio5000) {
    constexpr std::string_view text =
        "remark,\"CSV-Import-Export\"\nremark,\"Version = RSLogix 5000 v33.00\"\n0.3\n"
        "TYPE,SCOPE,NAME,DESCRIPTION,DATATYPE,SPECIFIER,ATTRIBUTES\n"
        "TAG,,Work,\"$30EF$30FC$30AF$6709$308A\",\"BOOL\",\"\",\"(RADIX := Decimal)\"\n"
        "TAG,MainProgram,Speed,\"Speed$Nof $Qline$Q\",\"REAL\",\"\",\"\"\n"
        "ALIAS,,Start,\"Start\",\"\",\"Local:1:I.Data.0\",\"\"\n"
        "COMMENT,,Rack0:I,\"Home\",\"\",\"Rack0:I.DATA[5].7\"\n"
        "RCOMMENT,MainProgram,MainRoutine,\"of a rung\",\"\",\"3\"\n";
    EXPECT_EQ(guess(text).tool, Tool::studio_5000);
    EXPECT_THAT(words(text),
                ElementsAre("Work ワーク有り", "Program:MainProgram.Speed Speed of \"line\" (Speed)",
                            "Start|Local:1:I.Data.0 Start", "Rack0:I.DATA[5].7 Home (Rack0:I)"));
}

TEST(CommentList, OfAnyTableWithAddresses) {
    constexpr std::string_view text = "レジスタ,内容\n40101,送り速度\n00004,起動\n";
    EXPECT_EQ(guess(text).tool, Tool::other);
    EXPECT_EQ(guess(text).notation, Notation::modbus);
    EXPECT_THAT(words(text), ElementsAre("holding register 100 送り速度", "coil 3 起動"));
    EXPECT_THAT(words("名称,説明\nns=2;s=A,x\n"), ElementsAre("ns=2;s=A x"));
}

TEST(CommentList, NamesEveryProblemByRowAndColumn) {
    const auto text = cat("デバイス名,コメント\nD100,ワーク\nXG,何か\nD0100,別のもの\nD100,ワーク\nD101,",
                          std::string(513, 'x'), "\nD102,速度\n,アドレスなし\n");
    const auto file = read(text);
    const auto found = taken(file.sheets[0], guessed(file));
    EXPECT_THAT(words(text), ElementsAre("D100 ワーク", "D102 速度", "!3,1 comments.not-an-address",
                                         "!4,1 comments.double-address", "!6,2 comments.too-long"));
    EXPECT_EQ(found.bad_rows, 3u);
    EXPECT_EQ(found.silent_rows, 2u); // The repetition, and the one without an address.
    EXPECT_EQ(std::get<std::string>(found.problems[1].args.at(0).second), "2");
    EXPECT_EQ(found.problems[0].value, "XG");
    EXPECT_EQ(found.problems[0].heading, "デバイス名");
}

TEST(CommentList, WhatIsNoListHasNoWords) {
    for (const std::string_view text : {"a,b\n1,2\n", "台帳\n", "126,\n", "D100\n"})
        EXPECT_THAT(words(text), IsEmpty());
}

TEST(CommentList, IsReadUpToWhereverItIsCut) {
    for (const auto& whole : {tables::in_cp932(gx_developer), std::string{gx_developer}, utf16(gx_developer)})
        for (std::size_t length = 0; length < whole.size(); ++length) {
            const auto text = std::string_view{whole}.substr(0, length);
            const auto file = read_list(std::as_bytes(std::span{text}));
            if (!file) {
                EXPECT_FALSE(file.error().next.empty());
                continue;
            }
            const auto mapping = guessed(*file);
            EXPECT_LE(taken(file->sheets[mapping.sheet], mapping).words.size(), 3u);
        }
}

} // namespace
