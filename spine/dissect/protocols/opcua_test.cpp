// What .cases cannot show of OPC UA: messages that a capture cut, and those that are too large.
#include <gtest/gtest.h>

#include "spine/dissect/protocols/opcua/values.h"
#include "spine/observe/lines.h"
#include "tests/support/cut.h"
#include "tests/support/no_allocation.h"

using namespace yagura;

namespace {

/// Of a message that opens a channel: up to the type, or where it is encrypted to the end of its own head.
std::size_t readable_open(Bytes whole) {
    dissect::opcua::In in{whole.subspan(12)};
    const auto policy = in.text();
    (void)in.string();
    (void)in.string();
    return 12 + in.position() + (policy.ends_with("#None") ? 12 : 0);
}

TEST(OpcUa, OneOperationForEveryMessageThatIsReadableHoweverTheRestIsCut) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "opcua", [](Bytes whole) -> std::size_t {
        const auto type = as_text(whole.first(4));
        if (type == "OPNF") return readable_open(whole);
        if (type == "MSGC") return 0;
        if (!type.starts_with("MSG") && !type.starts_with("CLO")) return 8;
        Reader in{whole.subspan(20)};
        const auto request = in.u32le();
        return request >= 5000 && request < 6000 ? 0 : 28; // Those that have lost their beginning.
    });
}

class Stream {
public:
    explicit Stream() : exchange_{*dissect::find("opcua"), seen_} {}
    void chunk(const char* type, std::uint32_t size, std::uint32_t request,
               const std::vector<std::byte>& body) {
        std::vector<std::byte> bytes;
        for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<std::byte>(type[i]));
        for (const auto number : {size, 5u, 1u, ++sequence_, request})
            for (int shift = 0; shift < 32; shift += 8)
                bytes.push_back(static_cast<std::byte>(number >> shift & 0xff));
        bytes.insert(bytes.end(), body.begin(), body.end());
        exchange_.feed(observe::Speaker::client, bytes);
    }
    std::vector<std::string> told() { return seen_.take(); }

private:
    observe::Lines seen_{dissect::name_of};
    dissect::Exchange exchange_;
    std::uint32_t sequence_ = 1;
};

/// A read request of one node, up to where its list would go on.
const auto read_request = test::hex("01007702" // 631
                                    "0000"
                                    "0000000000000000"
                                    "00000000"
                                    "00000000" // token, time, handle
                                    "ffffffff"
                                    "00000000"
                                    "000000" // audit, hint, more
                                    "0000000000000000"
                                    "02000000" // age, stamps
                                    "10270000" // 10,000 nodes
                                    "0002"
                                    "0d000000"
                                    "ffffffff"
                                    "0000"
                                    "ffffffff"); // i=2

TEST(OpcUa, SaysWhatAMessageIsThatIsTooLargeToBePutTogether) {
    Stream stream;
    stream.chunk("MSGC", 24 + static_cast<std::uint32_t>(read_request.size()), 7, read_request);
    const std::vector<std::byte> more(60'000);
    for (int i = 0; i < 40; ++i) stream.chunk("MSGC", 24 + 60'000, 7, more);
    EXPECT_EQ(stream.told(), std::vector<std::string>{});
    stream.chunk("MSGF", 24 + 60'000, 7, more);
    EXPECT_EQ(stream.told(),
              (std::vector<std::string>{
                  R"(opcua read request pending "read" code=631 pair=7 object="i=2" count=10000)",
                  "opcua anomaly at 4: a message is too large: only the beginning of it was read"}));
    stream.chunk("MSGF", 24 + static_cast<std::uint32_t>(read_request.size()), 8, read_request);
    EXPECT_EQ(stream.told().size(), 2u) << "the next one is read again";
}

TEST(OpcUa, ReadsTheBeginningOfAChunkThatIsTooLargeAndWhatFollowsIt) {
    Stream stream;
    constexpr std::uint32_t large = 300'000;
    auto body = read_request;
    body.resize(large - 24);
    stream.chunk("MSGF", large, 7, body);
    stream.chunk("MSGA", 24 + 8, 8, std::vector<std::byte>(8));
    const auto told = stream.told();
    ASSERT_EQ(told.size(), 3u);
    EXPECT_EQ(told[0], R"(opcua read request pending "read" code=631 pair=7 object="i=2" count=10000)");
    EXPECT_EQ(told[1], "opcua anomaly at 4: a chunk is too large: behind its first 128 kB nobody read");
}

TEST(OpcUa, LosesAStreamThatPromisesAGigabyte) {
    Stream stream;
    stream.chunk("MSGF", 1u << 30, 7, {});
    EXPECT_EQ(stream.told(), std::vector<std::string>{"opcua anomaly at 4: size is above 64 MB"});
}

/// Every byte of a message is looked at a bounded number of times, whatever its lengths promise.
TEST(OpcUa, NestedArraysCostNoMoreThanTheirBytes) {
    std::vector<std::byte> bytes;
    for (int i = 0; i < 20'000; ++i)
        for (const auto byte : {0x98, 0x01, 0x00, 0x00, 0x00}) bytes.push_back(static_cast<std::byte>(byte));
    dissect::opcua::In in{bytes};
    dissect::opcua::Room room;
    EXPECT_EQ(dissect::opcua::read_variant(in, room).index(), 0u);
    EXPECT_FALSE(in.ok());
    bytes.clear();
    for (int i = 0; i < 20'000; ++i)
        for (const auto byte : {0x80, 0xff, 0xff, 0x00, 0x00}) bytes.push_back(static_cast<std::byte>(byte));
    dissect::opcua::In nulls{bytes};
    (void)dissect::opcua::read_variant(nulls, room);
    EXPECT_FALSE(nulls.ok()) << "an array of nothing";
}

TEST(OpcUa, TakesNoHeapOnceItHasSeenTheLike) {
    const auto messages = test::case_messages(YAGURA_SOURCE, "opcua");
    observe::Listener quiet;
    dissect::Exchange exchange{*dissect::find("opcua"), quiet};
    const auto say_all = [&] {
        for (const auto& message : messages)
            exchange.message(message.from_client ? observe::Speaker::client : observe::Speaker::server,
                             message.bytes);
    };
    for (int i = 0; i < 3; ++i) say_all();
    const auto before = test::allocations();
    say_all();
    EXPECT_EQ(test::allocations(), before);
}

} // namespace
