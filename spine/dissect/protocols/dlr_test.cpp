// What .cases cannot show of DLR: messages that a capture cut.
#include <gtest/gtest.h>

#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(Dlr, AMessageThatIsCutLosesItsEndAloneAndIsComplainedAboutOnce) {
    const auto* row = dissect::find("dlr");
    ASSERT_NE(row, nullptr);
    for (const auto& message : test::case_messages(YAGURA_SOURCE, "dlr")) {
        std::size_t before = 0;
        for (std::size_t length = 0; length <= message.bytes.size(); ++length) {
            test::Counted told;
            dissect::Exchange exchange{*row, told};
            const std::vector<std::byte> cut{message.bytes.begin(),
                                             message.bytes.begin() + static_cast<std::ptrdiff_t>(length)};
            exchange.message(observe::Speaker::client, cut);
            EXPECT_LE(told.anomalies, 1u) << message.in << " cut to " << length;
            EXPECT_EQ(told.anomalies + told.operations == 0, false) << message.in << " cut to " << length;
            EXPECT_GE(told.operations, before) << message.in << " cut to " << length;
            before = told.operations;
        }
    }
}

} // namespace
