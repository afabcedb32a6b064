#include "apps/yagura/unknown_rows.h"

#include <cmath>

#include "spine/observe/json.h"
#include "spine/observe/text.h"

namespace yagura::run {
namespace {

using worker::SideShape;
using worker::UnknownProtocol;

constexpr std::size_t rows_most = 200;
constexpr double scrambled = 7.2; ///< bits a byte; of text 5, of most binary messages 3

std::string period(std::uint64_t us) {
    if (us == 0) return {};
    if (us < 10'000) return cat(us / 1'000, ".", us % 1'000 / 100, " ms");
    if (us < 10'000'000) return cat(us / 1'000, " ms");
    return cat(us / 1'000'000, " s");
}
std::string sizes(const SideShape& side) {
    if (side.messages == 0) return {};
    return side.least == side.most ? cat(side.most) : cat(side.least, "-", side.most);
}
std::string over(const UnknownProtocol& one) {
    if (one.selector == 0) return std::string{one.carrier};
    return one.carrier == "ethernet" ? cat("ethernet ", observe::detail::hexadecimal(one.selector))
                                     : cat(one.carrier, " ", one.selector);
}
std::string looks(const SideShape& side) {
    if (side.messages == 0) return {};
    if (side.entropy() > scrambled) return "packed or encrypted";
    return UnknownProtocol::mark(side);
}
void write(JsonWriter& json, const SideShape& side) {
    json.begin_object().member("messages", side.messages).member("bytes", side.bytes);
    json.member("least", side.least).member("most", side.most);
    json.member("entropy", std::round(side.entropy() * 100) / 100);
    if (const auto us = side.period_us()) json.member("period_us", us);
    json.member_if_known("mark", UnknownProtocol::mark(side));
    json.end_object();
}
/// "a", "b", ...: as a description's name may be.
std::string identifier_of(std::size_t number) {
    auto out = worker::letters(number);
    for (auto& c : out) c = static_cast<char>(c - 'A' + 'a');
    return out;
}
std::string json_of(const UnknownProtocol& one, std::size_t number) {
    std::string text;
    JsonWriter json{text};
    json.begin_object().member("name", cat("unknown ", worker::letters(number)));
    json.member("carrier", one.carrier);
    if (one.selector) json.member("selector", one.selector);
    json.member("conversations", one.conversations);
    json.key("stations").begin_array();
    for (const auto& station : one.stations) json.value(observe::text(station));
    json.end_array();
    for (std::size_t side = 0; side < 2; ++side)
        if (one.sides[side].messages) {
            json.key(side == 0 ? "client" : "server");
            write(json, one.sides[side]);
        }
    if (const auto length = one.length()) {
        json.key("length").begin_object().member("at", length->at).member("bytes", length->bytes);
        json.member("order", std::string_view{length->little ? "little" : "big"});
        json.member("plus", length->plus).end_object();
    }
    if (const auto counter = one.counter()) json.member("counter", *counter);
    if (const auto opcode = one.opcode()) {
        json.key("function").begin_object().member("at", opcode->at);
        if (opcode->answer_bit) json.member("answer_bit", unsigned{opcode->answer_bit});
        json.key("values").begin_array();
        for (const auto value : opcode->values) json.value(unsigned{value});
        json.end_array().end_object();
    }
    json.member("description", one.draft(cat("unknown_", identifier_of(number))));
    json.end_object();
    return text;
}

} // namespace

void show_unknown(std::ostream& out, Format format, const std::vector<UnknownProtocol>& all, bool draft) {
    if (draft) {
        out << "# Protocols that nobody knows here, described as far as their messages tell. Give them names "
               "and acts,\n"
               "# leave out what is none, and name the file in yagura.toml: [sensor] protocols = \"...\".\n";
        for (std::size_t i = 0; i < all.size() && i < rows_most; ++i)
            out << '\n' << all[i].draft(cat("unknown_", identifier_of(i)));
        return;
    }
    if (format != Format::table) {
        JsonRows rows{out, format};
        for (std::size_t i = 0; i < all.size(); ++i) rows.add(json_of(all[i], i));
        return rows.end();
    }
    if (all.empty()) {
        out << "Every conversation in here is one that Yagura knows or can name.\n";
        return;
    }
    using Align = TextTable::Align;
    TextTable table{{{"unknown"},
                     {"over"},
                     {"stations", Align::right},
                     {"conversations", Align::right},
                     {"messages", Align::right},
                     {"bytes"},
                     {"cycle", Align::right},
                     {"bytes that stay"},
                     {"function at"}}};
    for (std::size_t i = 0; i < all.size() && i < rows_most; ++i) {
        const auto& one = all[i];
        const auto opcode = one.opcode();
        for (std::size_t side = 0; side < 2; ++side) {
            const auto& it = one.sides[side];
            if (it.messages == 0) continue;
            const bool first = side == 0 || one.sides[0].messages == 0;
            table.add({first ? cat("unknown ", worker::letters(i)) : "", first ? over(one) : "",
                       first ? cat(one.stations.size(),
                                   one.stations.size() == UnknownProtocol::stations_most ? "+" : "")
                             : "",
                       first ? grouped(one.conversations) : "",
                       cat(side == 0 ? "> " : "< ", grouped(it.messages)), sizes(it), period(it.period_us()),
                       looks(it), first && opcode ? cat(opcode->at) : ""});
        }
    }
    table.print(out);
    if (all.size() > rows_most) out << grouped(all.size() - rows_most) << " more are not shown\n";
    out << "`--draft` writes descriptions to begin with: docs/operating/own-protocols.md\n";
}

} // namespace yagura::run
