// Frames through one worker's whole pipeline: decode, recognition, every dissector it finds, the fold.
//
// Input: frames one after the other, each as a byte of time (units of 20 ms; the highest bit: time goes
// back), a byte of link type (an index), two bytes of length, big-endian, and its bytes.
#include "spine/worker/pipeline.h"
#include "fuzz/targets.h"

namespace yagura::fuzz {

void pipeline(Bytes input);

void pipeline(Bytes input) {
    constexpr std::uint16_t link_types[]{1, 113, 276, 101, 0, 50, 9, 105};
    observe::Listener quiet;
    worker::PipelineSettings settings{.table = {.conversations_most = 64},
                                      .ways = {.children_most = 32,
                                               .records_most = 32,
                                               .gatherings_most = 32,
                                               .expected_most = 32,
                                               .transfers_most = 8},
                                      .waiting_bytes = 6u << 20};
    settings.fold.keys_most = 64;
    settings.fold.known_most = 64;
    settings.decode.fragment_bytes = 1u << 20;
    worker::Pipeline one{settings, &quiet, quiet};
    Reader in{input};
    observe::Time now{std::chrono::seconds{1'000'000}};
    for (std::uint64_t number = 1; in.remaining() >= 4; ++number) {
        const auto time = in.u8(), link = in.u8();
        const auto length = in.u16();
        const auto bytes = in.take(std::min<std::size_t>(length, in.remaining()));
        const auto step = std::chrono::milliseconds{20 * (time & 0x7f)};
        now = time & 0x80 ? now - step : now + step;
        one.frame({.bytes = bytes,
                   .wire_length = static_cast<std::uint32_t>(bytes.size()) + (link & 0x80u),
                   .link_type = link_types[link % std::size(link_types)],
                   .number = number,
                   .at = now},
                  1);
    }
    one.finish();
}

} // namespace yagura::fuzz
