#include "apps/center/decisions.h"

#include <algorithm>

namespace yagura::center {

journal::Kind kind_of(What what) noexcept {
    switch (what) {
    case What::setting:
    case What::upload:
    case What::upload_gone:
    case What::ledger:
    case What::ledger_entry:
    case What::ledger_entry_gone:
    case What::ledger_rule:
    case What::ledger_rule_gone:
    case What::ledger_rule_order:
    case What::ledger_layout:
    case What::feed:
    case What::feed_gone:
    case What::comments:
    case What::comments_of:
    case What::comments_gone:
    case What::ask_draft:
    case What::ask_approve:
    case What::ask_stop:
        return journal::Kind::settings;
    default:
        return journal::Kind::correction;
    }
}

std::vector<std::byte> encode(const Decision& decision) {
    std::vector<std::byte> room(journal::record_room * 4 + (decision.value ? decision.value->size() : 0));
    journal::Writer out{room};
    out.number(1, static_cast<std::uint64_t>(kind_of(decision.what)));
    journal::Put{out}(3, decision.at);
    const auto start = out.open(5);
    journal::Put put{out};
    put(1, decision.what)(2, std::string_view{decision.who})(3, decision.subject)(4, decision.other);
    put(5, std::string_view{decision.text})(6, decision.value.has_value());
    if (decision.value) put(7, std::string_view{*decision.value});
    for (const auto& subnet : decision.subnets) {
        std::array<std::byte, 17> bytes;
        std::ranges::copy(std::as_bytes(std::span{subnet.network}), bytes.begin());
        bytes[16] = std::byte{subnet.bits};
        out.bytes(8, bytes);
    }
    out.close(start);
    out.number(11, 2);
    const auto written = out.written();
    return {written.begin(), written.end()};
}

std::optional<Decision> decision(const journal::Envelope& envelope) {
    journal::Take in{envelope.body};
    if (!in.ok()) return std::nullopt;
    Decision out;
    out.at = envelope.at;
    std::string_view who, text, value;
    bool has_value = false;
    in.closed(1, out.what, What::ledger_layout, What::unknown)(2, who)(3, out.subject)(4, out.other)(5, text);
    in(6, has_value)(7, value);
    out.who = who;
    out.text = text;
    if (has_value) out.value = std::string{value};
    journal::Fields fields{envelope.body};
    journal::Fields::Field field;
    while (fields.next(field)) {
        if (field.number != 8 || field.bytes.size() != 17 || out.subnets.size() == 256) continue;
        auto& subnet = out.subnets.emplace_back();
        std::ranges::transform(field.bytes.first(16), subnet.network.begin(),
                               [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
        subnet.bits = std::min<std::uint8_t>(128, std::to_integer<std::uint8_t>(field.bytes[16]));
    }
    return out;
}

} // namespace yagura::center
