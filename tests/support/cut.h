// Every message of a protocol's cases, cut to every length: what a dissector owes to a truncated capture.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "spine/dissect/exchange.h"
#include "tests/support/cases.h"

namespace yagura::test {

struct Counted final : observe::Listener {
    using observe::Listener::on;
    void on(const observe::Origin&, const observe::Operation&) override { ++operations; }
    void on(const observe::Origin&, const observe::Anomaly&) override { ++anomalies; }
    std::size_t operations = 0, anomalies = 0;
};

/// `readable` says how many bytes a message needs until its function can be read: from there on there is one
/// operation, before it none, and a message that is cut is complained about once. Zero: it says nothing.
/// The conversation before the message is told whole, so that answers are matched. `endless` names the cases
/// in which nobody can tell where a message ends, and a cut need not be seen.
template <class Readable>
void expect_one_operation_for_every_cut(const std::string& source, const std::string& protocol,
                                        Readable&& readable,
                                        std::initializer_list<std::string_view> endless = {}) {
    const auto* row = dissect::find(protocol);
    ASSERT_NE(row, nullptr);
    const auto messages = case_messages(source, protocol);
    std::size_t begin = 0;
    for (std::size_t at = 0; at < messages.size(); ++at) {
        if (messages[at].first) begin = at;
        const auto& whole = messages[at].bytes;
        const std::size_t least = readable(Bytes{whole});
        for (std::size_t length = 0; length < whole.size(); ++length) {
            Counted told;
            dissect::Exchange exchange{*row, told};
            const auto say = [&](const CaseMessage& message, Bytes bytes) {
                exchange.message(message.from_client ? observe::Speaker::client : observe::Speaker::server,
                                 bytes);
            };
            for (auto before = begin; before < at; ++before) say(messages[before], messages[before].bytes);
            told = {};
            // Storage of exactly this size, so that the address sanitizer sees one byte too many.
            const std::vector<std::byte> cut{whole.begin(),
                                             whole.begin() + static_cast<std::ptrdiff_t>(length)};
            say(messages[at], cut);
            const auto expected = least != 0 && length >= least ? 1u : 0u;
            EXPECT_EQ(told.operations, expected) << protocol << " message " << at << " cut to " << length;
            const bool open = std::ranges::find(endless, messages[at].in) != endless.end();
            EXPECT_EQ(told.anomalies, open ? std::min<std::size_t>(told.anomalies, 1) : 1u)
                << protocol << " message " << at << " cut to " << length;
        }
    }
}

} // namespace yagura::test
