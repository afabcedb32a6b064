#include "spine/api/sheet.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>
#include <map>

using namespace yagura;
using namespace yagura::api;

namespace {

std::uint32_t little(std::string_view text, std::size_t at, int bytes) {
    std::uint32_t out = 0;
    for (int i = 0; i < bytes; ++i)
        out |= std::uint32_t{static_cast<unsigned char>(text.at(at + static_cast<std::size_t>(i)))}
               << (8 * i);
    return out;
}

/// By its directory, as programs read it.
std::map<std::string, std::string> unzipped(std::string_view zip) {
    std::map<std::string, std::string> out;
    const auto end = zip.rfind("PK\x05\x06");
    if (end == zip.npos) return out;
    auto at = std::size_t{little(zip, end + 16, 4)};
    for (auto left = little(zip, end + 10, 2); left > 0; --left) {
        EXPECT_EQ(zip.substr(at, 4), "PK\x01\x02");
        const auto method = little(zip, at + 10, 2), crc = little(zip, at + 16, 4),
                   packed = little(zip, at + 20, 4), size = little(zip, at + 24, 4),
                   name_length = little(zip, at + 28, 2);
        const auto local = std::size_t{little(zip, at + 42, 4)};
        const std::string name{zip.substr(at + 46, name_length)};
        EXPECT_EQ(zip.substr(local, 4), "PK\x03\x04") << name;
        EXPECT_EQ(zip.substr(local + 30, name_length), name);
        const auto body = zip.substr(local + 30 + name_length + little(zip, local + 28, 2), packed);
        std::string data(size, '\0');
        if (method == 8) {
            z_stream stream{};
            EXPECT_EQ(inflateInit2(&stream, -15), Z_OK);
            stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
            stream.avail_in = static_cast<uInt>(body.size());
            stream.next_out = reinterpret_cast<Bytef*>(data.data());
            stream.avail_out = static_cast<uInt>(data.size());
            EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END) << name;
            inflateEnd(&stream);
        } else {
            data = body;
        }
        EXPECT_EQ(crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()), crc) << name;
        out[name] = data;
        at += 46 + name_length + little(zip, at + 30, 2) + little(zip, at + 32, 2);
    }
    return out;
}

std::string csv_of(std::string cell) {
    Sheet sheet{Sheet::Form::csv, "x", {"a"}};
    sheet.row({std::move(cell)});
    return std::move(sheet).response().body.substr(std::string_view{"\xef\xbb\xbf\"a\"\r\n"}.size());
}

TEST(Sheet, CsvIsQuotedAndNeverAFormula) {
    EXPECT_EQ(csv_of("plain"), "\"plain\"\r\n");
    EXPECT_EQ(csv_of("with \"quotes\", a comma\nand a line"),
              "\"with \"\"quotes\"\", a comma and a line\"\r\n");
    EXPECT_EQ(csv_of("=cmd|' /C calc'!A0"), "\"'=cmd|' /C calc'!A0\"\r\n");
    for (const auto* bad : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r\n@x", "|x", "%x"})
        EXPECT_EQ(csv_of(bad).substr(0, 2), "\"'") << bad;
    Sheet sheet{Sheet::Form::csv, "devices", {"name", "bytes", "none"}};
    sheet.row({std::string{"溶接2号"}, std::uint64_t{7}, {}});
    EXPECT_EQ(sheet.rows(), 1u);
    const auto response = std::move(sheet).response();
    EXPECT_EQ(response.body, "\xef\xbb\xbf\"name\",\"bytes\",\"none\"\r\n\"溶接2号\",7,\r\n");
    EXPECT_EQ(response.headers.at(0).second, "attachment; filename=\"devices.csv\"");
}

TEST(Sheet, AWorkbookHoldsTextAndNumbers) {
    Sheet sheet{Sheet::Form::xlsx, "devices", {"name", "bytes"}};
    sheet.row({std::string{"=HYPERLINK(\"http://x\")<script>&\x01\xff"}, std::uint64_t{7}});
    sheet.row({std::string{"溶接2号\xef\xbf\xbf"}, {}});
    sheet.about("filter", "protocol=modbus");
    sheet.cut();
    const auto response = std::move(sheet).response();
    EXPECT_EQ(response.headers.at(0).second, "attachment; filename=\"devices-first-2.xlsx\"");
    const auto files = unzipped(response.body);
    ASSERT_EQ(files.size(), 7u);
    const auto& table = files.at("xl/worksheets/sheet1.xml");
    EXPECT_EQ(table.find("<f>"), table.npos); // No formula, ever.
    EXPECT_NE(
        table.find("<c t=\"inlineStr\" s=\"2\"><is><t xml:space=\"preserve\">=HYPERLINK(&quot;http://x&quot;)"
                   "&lt;script&gt;&amp; \xef\xbf\xbd</t></is></c><c><v>7</v></c>"),
        table.npos)
        << table;
    EXPECT_NE(table.find("溶接2号?</t></is></c><c/>"), table.npos) << table;
    EXPECT_NE(table.find("<autoFilter ref=\"A1:B3\"/>"), table.npos) << table;
    const auto& about = files.at("xl/worksheets/sheet2.xml");
    EXPECT_NE(about.find("protocol=modbus"), about.npos);
    EXPECT_NE(about.find("2 (cut: more would fit)"), about.npos);
    EXPECT_NE(files.at("xl/styles.xml").find("quotePrefix=\"1\""), std::string::npos);
    for (const auto& [name, text] : files) EXPECT_TRUE(text.starts_with("<?xml")) << name;
}

TEST(Sheet, ColumnsBeyondZAndEmptyTables) {
    std::vector<std::string_view> columns(28, "c");
    Sheet wide{Sheet::Form::xlsx, "wide", columns};
    const auto table = unzipped(std::move(wide).response().body).at("xl/worksheets/sheet1.xml");
    EXPECT_NE(table.find("ref=\"A1:AB1\""), table.npos) << table;
}

} // namespace
