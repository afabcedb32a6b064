// What .cases cannot show of PROFINET's connection manager: datagrams that a capture cut.
#include <gtest/gtest.h>

#include "spine/dissect/protocols/dce_rpc/connectionless.h"
#include "tests/support/cut.h"

using namespace yagura;

namespace {

TEST(ProfinetCm, OneOperationForEveryCallWhoseHeadIsThereHoweverTheRestIsCut) {
    test::expect_one_operation_for_every_cut(YAGURA_SOURCE, "profinet_cm", [](Bytes whole) -> std::size_t {
        const auto head = dissect::dce_rpc::read_head(whole);
        if (!head) return 0;
        // Of fragments the last one tells, if none is missing: one is in the second call.
        if (head->fragment && (!head->last || head->sequence == 2)) return 0;
        return dissect::dce_rpc::head_size;
    });
}

} // namespace
