// What is played. Each scene knows how much it sent, and says which of it was neither read nor counted.
#include <algorithm>
#include <functional>
#include <random>

#include "spine/base/text.h"
#include "spine/dissect/dissector.h"
#include "tests/hostile/traffic.h"
#include "tests/support/cases.h"

namespace yagura::hostile {

namespace {

using observe::Speaker;
using Complaints = std::vector<std::string>;
using Raw = std::vector<std::byte>;
using test::hex;

void equal(Complaints& out, std::string_view what, std::uint64_t have, std::uint64_t want) {
    if (have != want) out.push_back(cat(what, ": ", have, ", not ", want));
}
void at_least(Complaints& out, std::string_view what, std::uint64_t have, std::uint64_t want) {
    if (have < want) out.push_back(cat(what, ": ", have, ", less than ", want));
}

Raw filler(std::size_t size) {
    Raw made(size);
    for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<std::byte>(i * 7 + i / 251);
    return made;
}

/// Modbus: coils, so that nobody takes it for the well-behaved conversation.
Raw question(std::uint16_t number) {
    auto made = hex("0000 0000 0006 01 01 0013 0008");
    made[0] = static_cast<std::byte>(number >> 8), made[1] = static_cast<std::byte>(number);
    return made;
}
Raw reply(std::uint16_t number) {
    auto made = hex("0000 0000 0004 01 01 01 55");
    made[0] = static_cast<std::byte>(number >> 8), made[1] = static_cast<std::byte>(number);
    return made;
}

/// Messages in segments of one byte; every second pair of segments changes places.
Complaints a_byte_a_segment(Bench& bench, std::uint32_t messages) {
    auto flow = bench.fresh(502);
    bench.open(flow);
    const auto before = bench.told().operations;
    const auto good = bench.good_asked();
    for (std::uint32_t i = 0; i < messages; ++i) {
        bench.say(flow, Speaker::client, question(static_cast<std::uint16_t>(i)), 1);
        const auto answer = reply(static_cast<std::uint16_t>(i));
        for (std::size_t at = 0; at < answer.size(); ++at) {
            const auto place = (at ^ 1) < answer.size() && i % 2 ? at ^ 1 : at;
            bench.tcp(flow.server, flow.client, flow.told + static_cast<std::uint32_t>(place), flow.asked,
                      push | ack, Bytes{answer}.subspan(place, 1));
        }
        flow.told += static_cast<std::uint32_t>(answer.size());
        bench.pass(std::chrono::milliseconds{1});
    }
    Complaints out;
    equal(out, "messages read", bench.told().operations - before - 2 * (bench.good_asked() - good),
          2 * std::uint64_t{messages});
    equal(out, "complaints", bench.told().anomalies, 0);
    return out;
}

/// Every message comes three times: its first half, a segment that says other things about that half, and all
/// of it again with other bytes. What came first stands.
Complaints overlaps(Bench& bench, std::uint32_t messages) {
    auto flow = bench.fresh(502);
    bench.open(flow);
    const auto before = bench.told().operations;
    const auto good = bench.good_asked();
    for (std::uint32_t i = 0; i < messages; ++i) {
        const auto whole = question(static_cast<std::uint16_t>(i));
        auto lying = whole;
        for (std::size_t at = 0; at < 6; ++at) lying[at] ^= std::byte{0xff};
        const auto send = [&](Bytes bytes) {
            bench.tcp(flow.client, flow.server, flow.asked, flow.told, push | ack, bytes);
        };
        send(Bytes{whole}.first(6));
        send(lying);
        lying[7] = std::byte{0x5a};
        send(lying);
        flow.asked += static_cast<std::uint32_t>(whole.size());
        bench.say(flow, Speaker::server, reply(static_cast<std::uint16_t>(i)));
        bench.pass(std::chrono::milliseconds{1});
    }
    Complaints out;
    equal(out, "messages read", bench.told().operations - before - 2 * (bench.good_asked() - good),
          2 * std::uint64_t{messages});
    equal(out, "complaints", bench.told().anomalies, 0);
    return out;
}

/// SYNs that nobody answers. The oldest make room, and each is told as it goes.
Complaints half_open(Bench& bench, std::uint32_t flows) {
    for (std::uint32_t i = 0; i < flows; ++i) {
        const auto flow = bench.fresh(static_cast<std::uint16_t>(i));
        bench.tcp(flow.client, flow.server, i, 0, syn);
    }
    bench.finish();
    Complaints out;
    const auto forgotten = bench.refused("worker.conversations");
    equal(out, "conversations told, and the well-behaved one", bench.told().opened, std::uint64_t{flows} + 1);
    equal(out, "those that are there and those forgotten", bench.used("worker.conversations") + forgotten,
          bench.told().opened);
    equal(out, "ends that were told", bench.told().ended, forgotten);
    return out;
}

/// Each flow has a hole that is never filled, and more behind it than anybody keeps.
Complaints holes(Bench& bench, std::uint32_t flows) {
    const auto bytes = filler(1400);
    for (std::uint32_t i = 0; i < flows; ++i) {
        auto flow = bench.fresh(502);
        bench.open(flow);
        bench.say(flow, Speaker::client, question(1));
        flow.asked += 700;
        bench.say(flow, Speaker::client, bytes);
        bench.say(flow, Speaker::client, bytes);
        bench.tcp(flow.client, flow.server, flow.asked, flow.told, rst | ack);
    }
    bench.pass(std::chrono::seconds{200}); // Longer than what was closed is remembered.
    bench.say_something();
    Complaints out;
    equal(out, "flows that told a loss", bench.told().flows_with_loss, flows);
    return out;
}

/// The beginnings of all protocols in one flow, in both directions.
Complaints every_protocol(const std::string& source, Bench& bench, std::uint32_t rounds) {
    auto stream = bench.fresh(4711), datagrams = bench.fresh(4711);
    bench.open(stream);
    std::vector<test::CaseMessage> messages;
    for (const auto* row : dissect::all())
        std::ranges::move(test::case_messages(source, std::string{row->facts.name}),
                          std::back_inserter(messages));
    std::mt19937 random{7}; // The same every time: a failure can be looked at again.
    std::uint64_t sent = 0;
    for (std::uint32_t round = 0; round < rounds; ++round) {
        std::ranges::shuffle(messages, random);
        for (const auto& [from_client, bytes, first, in] : messages) {
            bench.say(stream, from_client ? Speaker::client : Speaker::server, bytes);
            bench.udp(from_client ? datagrams.client : datagrams.server,
                      from_client ? datagrams.server : datagrams.client, bytes);
            bench.pass(std::chrono::milliseconds{2});
            ++sent;
        }
    }
    bench.finish();
    Complaints out;
    // Whoever it was taken for complained a few times; then it was nobody's, or one protocol's with most of
    // it complained about. Behind the fold at most one complaint of a kind is told in ten seconds.
    if (bench.told().anomalies > 4 * sent) out.push_back(cat(bench.told().anomalies, " complaints"));
    equal(out, "conversations", bench.told().opened, 3);
    return out;
}

/// Wherever a message may have its length: a gigabyte, lowest byte first and last, and 65,535.
constexpr std::string_view lengths[]{"40000000", "00000040", "ffff"};

/// Each message of each protocol, with a length written into it at each place, and then bytes that are none.
Complaints any_length(const std::string& source, Bench& bench, std::uint32_t step) {
    const auto more = filler(step == 1 ? 16'000 : 3'000);
    std::uint32_t number = 0, flows = 0;
    for (const auto* row : dissect::all()) {
        const auto over = std::ranges::find_if(
            row->facts.over, [](const auto& one) { return one.carrier == "tcp" || one.carrier == "udp"; });
        if (over == row->facts.over.end()) continue;
        const auto messages = test::case_messages(source, std::string{row->facts.name});
        std::size_t begin = 0;
        for (std::size_t at = 0; at < messages.size(); ++at) {
            if (messages[at].first) begin = at;
            for (std::size_t place = 0; place < std::min<std::size_t>(messages[at].bytes.size(), 32); ++place)
                for (const auto length : lengths) {
                    if (++number % step != 0) continue;
                    ++flows;
                    auto lying = messages[at].bytes;
                    const auto wrong = hex(length);
                    for (std::size_t i = 0; i < wrong.size() && place + i < lying.size(); ++i)
                        lying[place + i] = wrong[i];
                    auto flow = bench.fresh(static_cast<std::uint16_t>(over->hint ? over->hint : 4711));
                    const auto send = [&](bool from_client, Bytes bytes) {
                        if (over->carrier == "tcp")
                            bench.say(flow, from_client ? Speaker::client : Speaker::server, bytes);
                        else
                            bench.udp(from_client ? flow.client : flow.server,
                                      from_client ? flow.server : flow.client,
                                      bytes.first(std::min<std::size_t>(bytes.size(), 1400)));
                    };
                    if (over->carrier == "tcp") bench.open(flow);
                    for (auto before = begin; before < at; ++before)
                        send(messages[before].from_client, messages[before].bytes);
                    send(messages[at].from_client, lying);
                    send(messages[at].from_client, more);
                }
        }
    }
    bench.finish();
    Complaints out;
    at_least(out, "flows with a wrong length", flows, 100);
    equal(out, "conversations told", bench.told().opened, std::uint64_t{flows} + 1);
    return out;
}

/// What a carrier promises and never sends. It begins as its cases do, up to `opening` messages.
struct Promise {
    std::string_view protocol;
    std::size_t opening;
    Speaker speaker;
    std::string_view bytes; ///< once
    std::string_view again; ///< and then these, with a kilobyte each
    enum class Ends : std::uint8_t {
        refused, ///< a message longer than its protocol's longest: a complaint, or something refused
        passed,  ///< bulk that nobody wants: no loss
    } ends = Ends::refused;
};
constexpr Promise promises[]{
    // A TPKT of 65,535 bytes, and pieces of a message that never end (X.224 13.7: no end of TSDU).
    {"cotp", 2, Speaker::client, "0300 ffff 02f080", ""},
    {"cotp", 2, Speaker::client, "", "0300 0407 02f000"},
    {"enip", 2, Speaker::client, "6f00 ffff 01000000 00000000 0000000000000000 00000000", ""},
    {"tls", 0, Speaker::client, "16 0301 4000 01 ffffff 0303", ""},
    {"slmp", 2, Speaker::client, "5000 00 ff ff03 00 ffff", ""},
    {"opcua", 4, Speaker::client, "4d534746 00000040 05000000", ""},
    {"opcua", 4, Speaker::client, "", "4d534743 18040000 05000000 01000000 02000000 02000000"},
    {"fins", 2, Speaker::client, "46494e53 40000000 00000002 00000000", ""},
    {"smb", 2, Speaker::client, "00ffffff fe534d42 4000", "", Promise::Ends::passed}, // 16 MB are one write.
    {"ssh", 2, Speaker::server, "40000000 06 14", ""},
    {"modbus", 2, Speaker::client, "0001 0000 ffff 11 03", ""},
    {"dns_stream", 2, Speaker::client, "ffff 0001 0100 0001 0000 0000 0000", ""},
    {"melsoft", 2, Speaker::client, "57000000001111070000ffff030000fe030000 ffff 1c 0a1614", ""},
    {"toyopuc", 2, Speaker::client, "0000 ffff 1d", ""},
    {"memobus", 2, Speaker::client, "1163 0000 0000 ffff 00000000", ""},
    {"focas", 2, Speaker::client, "a0a0a0a0 0001 2101 ffff", ""},
    {"fuji_sph", 2, Speaker::client, "fb808000 ff7b fe00 11 0000000000 0000 0001 ffff", ""},
    {"http", 0, Speaker::client,
     "504f5354202f20485454502f312e310d0a486f73743a20610d0a436f6e74656e742d4c656e6774683a203130373337343138323"
     "40d0a"
     "0d0a",
     "", Promise::Ends::passed},
};

std::uint64_t all_refused(const Bench& bench) {
    std::uint64_t sum = 0;
    for (const auto& limit : bench.limits()) sum += limit.refused();
    return sum;
}

Complaints promised(const std::string& source, Bench& bench, std::uint32_t flows) {
    Complaints out;
    const auto more = filler(1024);
    for (const auto& promise : promises) {
        const auto messages = test::case_messages(source, std::string{promise.protocol});
        const auto* row = dissect::find(promise.protocol);
        const auto port = row->facts.over.front().hint;
        const auto complaints = bench.told().anomalies, refused = all_refused(bench);
        const auto once = hex(promise.bytes), again = hex(promise.again);
        for (std::uint32_t i = 0; i < flows; ++i) {
            auto flow = bench.fresh(static_cast<std::uint16_t>(port));
            bench.open(flow);
            for (std::size_t at = 0; at < promise.opening; ++at)
                bench.say(flow, messages[at].from_client ? Speaker::client : Speaker::server,
                          messages[at].bytes);
            bench.say(flow, promise.speaker, once);
            // More than any protocol's longest message; the first flow goes on for megabytes.
            const auto pieces = row->facts.message_most / 1024 + 70 + (i == 0 ? 4'000u : 0u);
            for (std::uint32_t piece = 0; piece < pieces; ++piece) {
                bench.say(flow, promise.speaker, again);
                bench.say(flow, promise.speaker, more);
            }
        }
        bench.pass(std::chrono::seconds{1});
        bench.say_something(); // A second later, limits are told.
        const auto counted = bench.told().anomalies - complaints + all_refused(bench) - refused;
        const auto what = cat(promise.protocol, promise.again.empty() ? ", one length" : ", endless pieces",
                              ": losses counted");
        if (promise.ends == Promise::Ends::passed)
            equal(out, what, counted, 0);
        else
            at_least(out, what, counted, flows);
    }
    return out;
}

/// One piece after the other of a message that never ends: number n.
struct Endless {
    std::string_view protocol;
    bool datagrams;
    std::uint32_t pieces; ///< more than its longest message has
    std::function<Raw(std::uint32_t n)> piece;
};

/// IEEE 1815 9.2.5.
void add_dnp3_sum(Raw& to, Bytes over) {
    unsigned sum = 0;
    for (const auto byte : over) {
        sum ^= std::to_integer<unsigned>(byte);
        for (int bit = 0; bit < 8; ++bit) sum = sum & 1 ? sum >> 1 ^ 0xa6bc : sum >> 1;
    }
    to.push_back(static_cast<std::byte>(~sum & 0xff));
    to.push_back(static_cast<std::byte>(~sum >> 8 & 0xff));
}
/// A link frame with a segment: FIR on the first, FIN on none.
Raw dnp3_segment(std::uint32_t n) {
    Raw user(250, std::byte{0x55});
    user[0] = static_cast<std::byte>((n == 0 ? 0x40 : 0) | (n & 0x3f));
    Raw out = hex("0564 ff 44 0100 0004");
    add_dnp3_sum(out, Bytes{out}.first(8));
    for (std::size_t at = 0; at < user.size(); at += 16) {
        const auto block = Bytes{user}.subspan(at, std::min<std::size_t>(16, user.size() - at));
        out.insert(out.end(), block.begin(), block.end());
        add_dnp3_sum(out, block);
    }
    return out;
}
/// A confirmed request in segments, more to follow (135-2016 20.1.2).
Raw bacnet_segment(std::uint32_t n) {
    auto out = hex("810a 0000 0104 0c 75 07 00 10 0f");
    out[9] = static_cast<std::byte>(n);
    out.resize(1'200, std::byte{0x21});
    out[2] = static_cast<std::byte>(out.size() >> 8), out[3] = static_cast<std::byte>(out.size());
    return out;
}
/// The first fragment of the cases, numbered anew, with a body of 1,300 bytes (C706 12.5).
Raw dce_rpc_fragment(const std::string& source, std::uint32_t n) {
    constexpr std::size_t fragment = 2, order = 4, length = 74, number = 76, head = 80, body = 1'300;
    for (const auto& message : test::case_messages(source, "profinet_cm")) {
        auto out = message.bytes;
        if (out.size() < head || (std::to_integer<unsigned>(out[fragment]) & 0x06) != 0x04) continue;
        out.resize(head + body, std::byte{0});
        const bool little = (std::to_integer<unsigned>(out[order]) & 0x10) != 0;
        const auto put = [&](std::size_t place, std::size_t value) {
            out[place] = static_cast<std::byte>(little ? value : value >> 8);
            out[place + 1] = static_cast<std::byte>(little ? value >> 8 : value);
        };
        put(length, body), put(number, n);
        return out;
    }
    return {};
}

Complaints endless(const std::string& source, Bench& bench, std::uint32_t flows) {
    const Endless all[]{{"dnp3", false, 40, dnp3_segment},
                        {"bacnet", true, 60, bacnet_segment},
                        {"profinet_cm", true, 120, std::bind_front(dce_rpc_fragment, source)}};
    Complaints out;
    for (const auto& one : all) {
        const auto before = bench.told().anomalies + all_refused(bench);
        std::vector<Raw> pieces;
        for (std::uint32_t n = 0; n < one.pieces; ++n) pieces.push_back(one.piece(n));
        for (std::uint32_t i = 0; i < flows; ++i) {
            const auto port = dissect::find(one.protocol)->facts.over.front().hint;
            auto flow = bench.fresh(static_cast<std::uint16_t>(one.datagrams ? port : 20'000));
            if (!one.datagrams) bench.open(flow);
            for (const auto& piece : pieces)
                if (one.datagrams)
                    bench.udp(flow.client, flow.server, piece);
                else
                    bench.say(flow, Speaker::server, piece);
        }
        bench.pass(std::chrono::seconds{1});
        bench.say_something();
        at_least(out, cat(one.protocol, ": losses counted"),
                 bench.told().anomalies + all_refused(bench) - before, flows);
    }
    return out;
}

/// Pieces that never become whole, in more conversations than may wait: COTP without the end of its message.
Complaints pieces(const std::string& source, Bench& bench, std::uint32_t flows) {
    const auto cotp = test::case_messages(source, "cotp");
    const auto piece = hex("0300 0010 02f000 32010000 0001000e00");
    for (std::uint32_t i = 0; i < flows; ++i) {
        auto flow = bench.fresh(102);
        bench.open(flow);
        for (std::size_t at = 0; at < 2; ++at)
            bench.say(flow, cotp[at].from_client ? Speaker::client : Speaker::server, cotp[at].bytes);
        bench.say(flow, Speaker::client, piece);
    }
    bench.pass(std::chrono::seconds{1});
    bench.say_something();
    Complaints out;
    equal(out, "gatherings that wait and those that made room",
          bench.used("worker.gatherings") + bench.refused("worker.gatherings"), flows);
    return out;
}

/// Datagrams of which the last fragment never comes.
Complaints fragments(Bench& bench, std::uint32_t datagrams) {
    const auto bytes = filler(1480);
    for (std::uint32_t i = 0; i < datagrams; ++i) {
        const auto flow = bench.fresh(4711);
        bench.fragment(flow.client, flow.server, static_cast<std::uint16_t>(i), bytes);
    }
    bench.pass(std::chrono::seconds{1});
    bench.say_something();
    Complaints out;
    equal(out, "datagrams that wait and those that made room",
          bench.used("worker.fragments") + bench.refused("worker.fragments"), datagrams);
    return out;
}

} // namespace

std::vector<Scene> scenes(const std::string& source) {
    using namespace std::placeholders;
    worker::PipelineSettings few; // Tables that a test under the sanitizers fills, too.
    few.table.conversations_most = 2'000;
    few.out_of_order_bytes = 1u << 20;
    few.ways.gatherings_most = 500;
    few.decode.fragment_datagrams = 100;
    return {
        {"a byte a segment", a_byte_a_segment, 200, 50'000},
        {"overlaps", overlaps, 200, 100'000},
        {"half open", half_open, 5'000, 1'000'000, few},
        {"holes", holes, 1'000, 100'000, few},
        {"every protocol", std::bind_front(every_protocol, source), 1, 100},
        {"any length", std::bind_front(any_length, source), 97, 1},
        {"promised", std::bind_front(promised, source), 2, 100},
        {"endless", std::bind_front(endless, source), 3, 500},
        {"pieces", std::bind_front(pieces, source), 1'200, 60'000, few},
        {"fragments", fragments, 1'000, 50'000, few},
    };
}

} // namespace yagura::hostile
