#include "see/api/report_page.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <initializer_list>

#include "spine/api/http.h"
#include "spine/base/text.h"

namespace yagura::see {
namespace {

using namespace std::chrono;

std::string escaped(std::string_view raw, std::size_t most = 160) {
    std::string out;
    for (const char c : api::clipped(raw, most)) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out;
}

/// 1,386
std::string grouped(std::uint64_t number) {
    auto out = std::to_string(number);
    for (auto at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
    return out;
}

std::string decimal(double value) {
    char room[32];
    std::snprintf(room, sizeof room, "%.1f", value);
    return room;
}

constexpr std::string_view style = R"(
:root{--t1:#1b232b;--t2:#46525e;--t3:#5b6b7a;--line:#d5dade;--sunk:#f5f7f8;--e1:#b4c0cc;--e2:#7390ad;--e3:#3f6690;--e4:#1f4068;--crit:#a3002b;--high:#d9600f;--med:#f2c230;--low:#5b6b7a}
*{box-sizing:border-box}
body{margin:0 auto;padding:28px 32px 48px;max-width:960px;color:var(--t1);background:#fff;font:14px/1.6 "Segoe UI","BIZ UDPGothic","Hiragino Sans","Yu Gothic UI",Meiryo,"Noto Sans CJK JP","Noto Sans JP",system-ui,sans-serif}
h1{font-size:22px;margin:0}h2{font-size:16px;margin:32px 0 8px;padding-bottom:4px;border-bottom:2px solid var(--t1)}h3{font-size:14px;margin:18px 0 4px}
p{margin:4px 0}.sub{color:var(--t2)}.small{font-size:12px;color:var(--t3)}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin:14px 0}.tile{border:1px solid var(--line);border-radius:6px;padding:8px 12px}.tile b{display:block;font-size:22px;line-height:1.35}.tile span{color:var(--t2);font-size:12px}
table{border-collapse:collapse;width:100%;margin:6px 0;font-size:13px}th,td{text-align:left;vertical-align:top;padding:4px 8px;border-bottom:1px solid var(--line)}th{background:var(--sunk);font-weight:600}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.m{font-family:"Cascadia Mono",Consolas,"DejaVu Sans Mono",monospace;font-size:12px}td{overflow-wrap:anywhere}
svg{display:block;width:100%;height:auto;margin:8px 0}svg text{font-size:12px;fill:var(--t2);font-family:inherit}
ol{margin:6px 0;padding-left:22px}li{margin:3px 0}
@page{size:A4;margin:14mm}
@media print{body{padding:0;max-width:none;font-size:11px}h2{break-after:avoid}tr,svg,.tile,li{break-inside:avoid}thead{display:table-header-group}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
@media (max-width:700px){.tiles{grid-template-columns:repeat(2,1fr)}body{padding:16px}}
)";

class Page {
public:
    Page(const ReportFacts& facts, Language language) : in_{facts}, language_{language} {}

    std::string run() {
        const auto title = cat(say("title"), " ", month_text(), in_.site.empty() ? "" : " – ", in_.site);
        out_ = cat("<!doctype html>\n<html lang=\"", language_ == Language::ja ? "ja" : "en",
                   "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                   "content=\"width=device-width\">\n<title>",
                   escaped(title), "</title>\n<style>", style, "</style>\n</head>\n<body>\n<h1>",
                   escaped(title), "</h1>\n");
        out_ += cat("<p class=\"sub\">",
                    text("span", {{"from", moment(in_.begin)}, {"to", moment(in_.end)}, {"zone", in_.zone}}),
                    in_.running ? cat(" ", text("running", {{"at", moment(in_.now)}})) : "", "</p>\n");
        tiles({{grouped(in_.seen), "tile.seen"},
               {grouped(in_.added), "tile.new"},
               {grouped(in_.affected), "tile.affected"},
               {grouped(in_.open), "tile.open"}});
        if (!in_.covered) out_ += cat("<p class=\"small\">", text("notCovered"), "</p>\n");
        tasks();
        devices();
        ledger();
        weaknesses();
        risk();
        health();
        coverage();
        out_ += cat("<p class=\"small\">", text("asOf", {{"at", moment(in_.now)}}),
                    "</p>\n</body>\n</html>\n");
        return std::move(out_);
    }

private:
    using With = std::initializer_list<std::pair<std::string_view, std::string>>;

    /// A sentence of the console's words, unescaped.
    std::string say(std::string_view key, With with = {}) const {
        std::string out{word(language_, "report", key)};
        for (const auto& [name, value] : with) {
            const auto mark = cat("{", name, "}");
            for (auto at = out.find(mark); at != out.npos; at = out.find(mark, at + value.size()))
                out.replace(at, mark.size(), value);
        }
        return out;
    }
    std::string text(std::string_view key, With with = {}) const { return escaped(say(key, with), 600); }

    std::string month_text() const {
        const auto year = static_cast<int>(in_.month.year());
        const auto month = static_cast<unsigned>(in_.month.month());
        constexpr std::array names{"January", "February", "March",     "April",   "May",      "June",
                                   "July",    "August",   "September", "October", "November", "December"};
        return language_ == Language::ja ? cat(year, "年", month, "月") : cat(names[month - 1], " ", year);
    }
    std::string moment(store::Time when) const {
        if (when == store::Time{}) return "–";
        const auto utc = floor<seconds>(sys_time<nanoseconds>{when.time_since_epoch()});
        const auto there = utc + seconds{in_.offsets.at(utc.time_since_epoch().count())};
        const auto day = year_month_day{floor<std::chrono::days>(there)};
        const auto minute = duration_cast<minutes>(there - floor<std::chrono::days>(there)).count();
        char room[64];
        constexpr std::array names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        const auto month = static_cast<unsigned>(day.month()), date = static_cast<unsigned>(day.day());
        if (language_ == Language::ja)
            std::snprintf(room, sizeof room, "%d/%02u/%02u %02d:%02d", static_cast<int>(day.year()), month,
                          date, static_cast<int>(minute / 60), static_cast<int>(minute % 60));
        else
            std::snprintf(room, sizeof room, "%s %u, %d, %02d:%02d", names[month - 1], date,
                          static_cast<int>(day.year()), static_cast<int>(minute / 60),
                          static_cast<int>(minute % 60));
        return room;
    }

    void head(std::string_view key) { out_ += cat("<h2>", text(key), "</h2>\n"); }
    void say_line(std::string_view key, With with = {}) { out_ += cat("<p>", text(key, with), "</p>\n"); }
    void tiles(std::initializer_list<std::pair<std::string, std::string_view>> all) {
        out_ += "<div class=\"tiles\">";
        for (const auto& [number, key] : all)
            out_ += cat("<div class=\"tile\"><b>", number, "</b><span>", text(key), "</span></div>");
        out_ += "</div>\n";
    }
    /// `numbers`: which columns are, by bits.
    void table(std::initializer_list<std::string_view> heads,
               const std::vector<std::vector<std::string>>& rows, unsigned numbers = 0, unsigned mono = 0) {
        out_ += "<table><thead><tr>";
        unsigned column = 0;
        for (const auto key : heads)
            out_ += cat("<th", numbers >> column++ & 1u ? " class=\"n\"" : "", ">", text(key), "</th>");
        out_ += "</tr></thead><tbody>\n";
        for (const auto& row : rows) {
            out_ += "<tr>";
            for (std::size_t i = 0; i < row.size(); ++i)
                out_ += cat("<td",
                            numbers >> i & 1u ? " class=\"n\""
                            : mono >> i & 1u  ? " class=\"m\""
                                              : "",
                            ">", escaped(row[i]), "</td>");
            out_ += "</tr>\n";
        }
        out_ += "</tbody></table>\n";
    }
    void more(std::size_t all, std::size_t shown) {
        if (all > shown)
            out_ += cat("<p class=\"small\">", text("more", {{"n", grouped(all - shown)}}), "</p>\n");
    }

    struct Bar {
        std::string label{};
        std::size_t value = 0;
    };
    /// Columns side by side, the value above each that has one. `every`: of how many labels one is written.
    void columns(std::string_view label, const std::vector<Bar>& bars, std::size_t every) {
        constexpr double width = 880, height = 150, foot = 20, top = 18;
        std::size_t most = 1;
        for (const auto& bar : bars) most = std::max(most, bar.value);
        const double step = width / static_cast<double>(std::max<std::size_t>(bars.size(), 1));
        out_ += cat("<svg viewBox=\"0 0 880 170\" role=\"img\" aria-label=\"", text(label), "\">");
        out_ += cat("<line x1=\"0\" y1=\"", decimal(height), "\" x2=\"880\" y2=\"", decimal(height),
                    "\" stroke=\"#5b6b7a\"/>");
        for (std::size_t i = 0; i < bars.size(); ++i) {
            const double x = step * static_cast<double>(i);
            const double tall = (height - top) * static_cast<double>(bars[i].value) /
                                static_cast<double>(most);
            if (bars[i].value > 0)
                out_ += cat("<rect x=\"", decimal(x + step * 0.12), "\" y=\"", decimal(height - tall),
                            "\" width=\"", decimal(step * 0.76), "\" height=\"", decimal(tall),
                            "\" fill=\"#3f6690\"/><text x=\"", decimal(x + step / 2), "\" y=\"",
                            decimal(height - tall - 4), "\" text-anchor=\"middle\">", grouped(bars[i].value),
                            "</text>");
            if (i % every == 0)
                out_ += cat("<text x=\"", decimal(x + step / 2), "\" y=\"", decimal(height + foot - 4),
                            "\" text-anchor=\"middle\">", escaped(bars[i].label, 24), "</text>");
        }
        out_ += "</svg>\n";
    }
    struct Piece {
        std::string label{};
        std::uint64_t value = 0;
        std::string_view colour{};
    };
    /// One bar in pieces, and what they are below it: it is read in grey, too.
    void pieces(std::string_view label, const std::vector<Piece>& all) {
        std::uint64_t sum = 0;
        for (const auto& one : all) sum += one.value;
        if (sum == 0) return;
        out_ += cat("<svg viewBox=\"0 0 880 58\" role=\"img\" aria-label=\"", text(label), "\">");
        double x = 0, legend = 0;
        for (const auto& one : all) {
            const double wide = 880.0 * static_cast<double>(one.value) / static_cast<double>(sum);
            if (one.value > 0)
                out_ += cat("<rect x=\"", decimal(x), "\" y=\"0\" width=\"", decimal(wide),
                            "\" height=\"26\" fill=\"", one.colour, "\" stroke=\"#fff\"/>");
            x += wide;
            out_ += cat("<rect x=\"", decimal(legend), "\" y=\"38\" width=\"12\" height=\"12\" fill=\"",
                        one.colour, "\"/><text x=\"", decimal(legend + 18), "\" y=\"48.5\">",
                        escaped(one.label, 40), " ", grouped(one.value), "</text>");
            legend += 880.0 / static_cast<double>(all.size());
        }
        out_ += "</svg>\n";
    }

    void tasks() {
        head("tasks");
        if (in_.tasks.empty()) return say_line("tasks.none");
        std::vector<std::vector<std::string>> rows;
        for (const auto& one : in_.tasks) {
            std::vector<std::string> row{
                one.owner.empty() ? one.department.empty() ? say("nobody") : one.department : one.owner,
                one.owner.empty() ? "" : one.department, one.contact};
            for (const auto value : {one.waiting, one.differing, one.affected, one.asked, one.findings})
                row.push_back(value == 0 ? "–" : grouped(value));
            rows.push_back(std::move(row));
        }
        table({"owner", "department", "contact", "tasks.waiting", "tasks.differing", "tasks.affected",
               "tasks.asked", "tasks.findings"},
              rows, 0b11111000);
        out_ += cat("<p class=\"small\">", text("tasks.what"), "</p>\n");
    }

    void device_table(std::string_view key, std::string_view when, const std::vector<ReportDevice>& rows,
                      std::size_t all) {
        if (rows.empty()) return;
        out_ += cat("<h3>", text(key), "</h3>\n");
        std::vector<std::vector<std::string>> cells;
        for (const auto& one : rows)
            cells.push_back(
                {one.name, one.address == one.name ? "" : one.address, one.line, one.what, moment(one.at)});
        table({"device", "address", "line", "product", when}, cells, 0, 0b10);
        more(all, rows.size());
    }
    void devices() {
        head("devices");
        say_line("devices.says", {{"seen", grouped(in_.seen)},
                                  {"new", grouped(in_.added)},
                                  {"gone", grouped(in_.gone)},
                                  {"waiting", grouped(in_.waiting)}});
        std::vector<Bar> bars;
        for (std::size_t i = 0; i < in_.new_by_day.size(); ++i)
            bars.push_back({std::to_string(i + 1), in_.new_by_day[i]});
        if (in_.added > 0) {
            out_ += cat("<h3>", text("devices.byDay"), "</h3>\n");
            columns("devices.byDay", bars, 1);
        }
        device_table("devices.new", "first", in_.new_ones, in_.added);
        device_table("devices.gone", "last", in_.gone_ones, in_.gone);
        out_ += cat("<h3>", text("decided"), "</h3>\n");
        say_line("decided.says", {{"approved", grouped(in_.approved)},
                                  {"temporary", grouped(in_.temporary)},
                                  {"rejected", grouped(in_.rejected)}});
        if (in_.decided.empty()) return;
        std::vector<std::vector<std::string>> rows;
        for (const auto& one : in_.decided)
            rows.push_back({one.name, one.address, std::string{word(language_, "approval", one.what)},
                            one.who, moment(one.at)});
        table({"device", "address", "decision", "who", "at"}, rows, 0, 0b10);
        more(in_.approved + in_.temporary + in_.rejected, in_.decided.size());
    }

    void ledger() {
        head("ledger");
        if (!in_.has_ledger) return say_line("noLedger");
        say_line("ledgerSays", {{"entries", grouped(in_.entries)}, {"rules", grouped(in_.by_rule)}});
        constexpr std::array<std::string_view, 4> names{"same", "different", "unseen", "not_in_ledger"},
            colours{"#b4c0cc", "#1f4068", "#7390ad", "#3f6690"};
        std::vector<Piece> all;
        for (std::size_t i = 0; i < names.size(); ++i)
            all.push_back({std::string{word(language_, "ledgerlist", names[i])}, in_.lists[i], colours[i]});
        pieces("ledger", all);
    }

    void weaknesses() {
        head("weaknesses");
        if (in_.advisories == 0) return say_line("weaknesses.none");
        say_line("weaknesses.says", {{"affected", grouped(in_.affected)},
                                     {"exploited", grouped(in_.exploited)},
                                     {"asked", grouped(in_.asked)}});
        constexpr std::array<std::string_view, 5> names{"critical", "high", "medium", "low", "unknown"},
            colours{"#a3002b", "#d9600f", "#f2c230", "#5b6b7a", "#d5dade"};
        std::vector<Piece> all;
        for (std::size_t i = 0; i < names.size(); ++i)
            all.push_back(
                {std::string{word(language_, "weakness.severity", names[i])}, in_.severities[i], colours[i]});
        pieces("weaknesses.bySeverity", all);
        say_line("weaknesses.decided", {{"accepted", grouped(in_.decisions[0])},
                                        {"mitigated", grouped(in_.decisions[1])},
                                        {"patched", grouped(in_.decisions[2])},
                                        {"overdue", grouped(in_.overdue)}});
        say_line("weaknesses.support", {{"n", grouped(in_.unsupported)}});
    }

    void risk() {
        head("risk");
        say_line("risk.says", {{"highest", grouped(in_.risk.highest)},
                               {"high", grouped(in_.risk.high)},
                               {"medium", grouped(in_.risk.medium)},
                               {"low", grouped(in_.risk.low)}});
        std::vector<Bar> bars;
        for (std::size_t i = 0; i < in_.bins.size(); ++i)
            bars.push_back({cat(i * 10, "–", i == 9 ? 100 : i * 10 + 9), in_.bins[i]});
        columns("risk.bins", bars, 1);
        if (in_.actions.empty()) return;
        out_ += cat("<h3>", text("risk.actions"), "</h3>\n<ol>");
        for (const auto& one : in_.actions)
            out_ += cat(
                "<li><b>", escaped(word(language_, "risk.action", one.kind)), one.name.empty() ? "" : ": ",
                escaped(one.name), "</b> ",
                text("risk.lowers", {{"points", decimal(one.lowers)}, {"devices", grouped(one.devices)}}),
                "</li>\n");
        out_ += "</ol>\n";
    }

    void health() {
        head("health");
        say_line("health.says", {{"found", grouped(in_.found)}, {"open", grouped(in_.open)}});
        if (in_.findings.empty()) return;
        std::vector<std::vector<std::string>> rows;
        for (const auto& one : in_.findings)
            rows.push_back({std::string{word(language_, "healthseverity", one.severity)},
                            std::string{word(language_, "healthkind", one.kind)}, one.subject,
                            one.open ? say("health.open") : say("health.ended"), moment(one.first),
                            moment(one.last)});
        table({"health.severity", "health.kind", "health.subject", "health.state", "first", "last"}, rows);
        more(in_.found, in_.findings.size());
    }

    void coverage() {
        head("coverage");
        say_line("coverage.says",
                 {{"seen", grouped(in_.sight[0])},
                  {"hidden", grouped(in_.sight[1] + in_.sight[2] + in_.sight[3] + in_.sight[4])}});
        constexpr std::array<std::string_view, sight_count> names{"seen", "one_sided", "heard", "named",
                                                                  "missing"},
            colours{"#1f4068", "#3f6690", "#7390ad", "#b4c0cc", "#d5dade"};
        std::vector<Piece> all;
        for (std::size_t i = 0; i < names.size(); ++i)
            all.push_back({say(cat("coverage.", names[i])), in_.sight[i], colours[i]});
        pieces("coverage", all);
        std::vector<std::vector<std::string>> rows;
        for (const auto& one : in_.networks) {
            std::vector<std::string> row{one.network.empty() ? say("coverage.noNetwork") : one.network};
            for (const auto value : one.counts) row.push_back(value == 0 ? "–" : grouped(value));
            rows.push_back(std::move(row));
        }
        if (!rows.empty())
            table({"coverage.network", "coverage.seen", "coverage.one_sided", "coverage.heard",
                   "coverage.named", "coverage.missing"},
                  rows, 0b111110, 1);
    }

    const ReportFacts& in_;
    Language language_;
    std::string out_;
};

} // namespace

std::string report_page(const ReportFacts& facts, Language language) {
    return Page{facts, language == Language::none ? Language::en : language}.run();
}

} // namespace yagura::see
