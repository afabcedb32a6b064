// Nanoseconds per packet for what decode does to each: one plain Ethernet, IPv4, TCP frame.
#include <benchmark/benchmark.h>

#include "spine/decode/decoder.h"
#include "tests/support/frames.h"

namespace {

using namespace yagura;
using namespace yagura::decode;

void decode_plain(benchmark::State& state) {
    const auto raw = test::frames::plain();
    Frame frame;
    frame.bytes = test::frames::bytes(raw);
    frame.wire_length = static_cast<std::uint32_t>(raw.size());
    Decoder decoder;
    Packet packet;
    for (auto _ : state) benchmark::DoNotOptimize(decoder.decode(frame, packet));
}
BENCHMARK(decode_plain);

void host_pair_plain(benchmark::State& state) {
    const auto raw = test::frames::plain();
    for (auto _ : state) benchmark::DoNotOptimize(host_pair(test::frames::bytes(raw), 1));
}
BENCHMARK(host_pair_plain);

} // namespace
