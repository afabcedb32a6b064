#include "apps/yagura/conversation_rows.h"

#include "spine/base/rfc3339.h"
#include "spine/dissect/dissector.h"
#include "spine/observe/json.h"

namespace yagura::run {
namespace {

std::string_view word(observe::Conversation::State state) {
    constexpr std::string_view words[]{"opened", "goes_on", "closed", "refused", "one_sided"};
    return words[static_cast<std::size_t>(state)];
}

std::string carrier(std::uint16_t number) {
    if (number == 6) return "tcp";
    if (number == 17) return "udp";
    if (number == 1 || number == 58) return "icmp";
    if (number < 256) return cat("ip ", number);
    return observe::detail::hexadecimal(number);
}

template <class Number>
void pair(JsonWriter& json, std::string_view name, const Number (&of)[2]) {
    json.key(name).begin_array().value(of[0]).value(of[1]).end_array();
}

std::string place(const observe::Station& station) {
    const auto name = observe::text(station);
    return station.port == 0 ? name : cat(name, " port ", station.port);
}

} // namespace

void ConversationRows::on(const observe::Origin& origin, const observe::Conversation& said) {
    const auto known = places_.find(origin.conversation);
    if (known == places_.end()) {
        if (rows_.size() == most) {
            ++left_out_;
            return;
        }
        places_.emplace(origin.conversation, rows_.size());
        rows_.push_back({origin.parties, said, origin.at, origin.at});
        return;
    }
    // Each one tells the whole so far; the sides may have changed places when the bytes told who asks.
    auto& row = rows_[known->second];
    row.parties = origin.parties;
    row.sum = said;
    row.last = origin.at;
}

void ConversationRows::show(std::ostream& out, Format format) const {
    if (format == Format::table) {
        using Align = TextTable::Align;
        TextTable table{{{"client"},
                         {"server"},
                         {"carrier"},
                         {"protocol"},
                         {"state"},
                         {"packets", Align::right},
                         {"bytes", Align::right},
                         {"first seen"}}};
        for (const auto& row : rows_)
            table.add({place(row.parties.client), place(row.parties.server),
                       carrier(row.parties.lane.carrier),
                       row.sum.protocol ? std::string{dissect::name_of(row.sum.protocol)} : "",
                       std::string{word(row.sum.state)}, grouped(row.sum.packets[0] + row.sum.packets[1]),
                       grouped(row.sum.bytes[0] + row.sum.bytes[1]),
                       rfc3339(row.first.time_since_epoch().count())});
        table.print(out);
        return;
    }
    JsonRows rows{out, format};
    std::string text;
    for (const auto& row : rows_) {
        text.clear();
        JsonWriter json{text};
        json.begin_object().key("client");
        append_json(json, row.parties.client, row.parties.lane);
        json.key("server");
        append_json(json, row.parties.server, row.parties.lane);
        if (row.sum.protocol) json.member("protocol", dissect::name_of(row.sum.protocol));
        json.member("carrier", std::string_view{carrier(row.parties.lane.carrier)});
        if (row.sum.confidence) json.member("confidence", row.sum.confidence);
        pair(json, "packets", row.sum.packets);
        pair(json, "bytes", row.sum.bytes);
        pair(json, "retransmitted", row.sum.retransmitted);
        pair(json, "lost", row.sum.lost);
        if (row.sum.answer_time_us) json.member("answer_time_us", row.sum.answer_time_us);
        json.member("state", word(row.sum.state));
        json.member("first_seen", std::string_view{rfc3339(row.first.time_since_epoch().count())});
        json.member("last_seen", std::string_view{rfc3339(row.last.time_since_epoch().count())}).end_object();
        rows.add(text);
    }
    rows.end();
}

} // namespace yagura::run
