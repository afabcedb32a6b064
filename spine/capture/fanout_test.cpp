#include "spine/capture/fanout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

namespace yagura::capture {
namespace {

using Frame = std::vector<std::uint8_t>;

/// What the kernel does with the program, as far as it uses classic BPF
/// (Documentation/networking/filter.rst).
std::uint32_t run(const std::vector<sock_filter>& program, const Frame& frame) {
    std::uint32_t a = 0, x = 0;
    std::array<std::uint32_t, BPF_MEMWORDS> cells{};
    const auto load = [&](std::uint32_t at, unsigned size) {
        constexpr auto network = static_cast<std::uint32_t>(SKF_NET_OFF),
                       link = static_cast<std::uint32_t>(SKF_LL_OFF);
        if (at == static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL))
            at = 12;
        else if (at >= network)
            at = at - network + 14;
        else if (at >= link)
            at -= link;
        std::uint32_t value = 0;
        for (unsigned i = 0; i < size; ++i) value = value << 8 | frame.at(at + i);
        return value;
    };
    for (std::size_t at = 0;; ++at) {
        const auto& step = program.at(at);
        const auto operand = BPF_SRC(step.code) == BPF_X ? x : step.k;
        switch (BPF_CLASS(step.code)) {
        case BPF_LD:
            if (BPF_MODE(step.code) == BPF_IMM)
                a = step.k;
            else if (BPF_MODE(step.code) == BPF_MEM)
                a = cells.at(step.k);
            else
                a = load(step.k + (BPF_MODE(step.code) == BPF_IND ? x : 0),
                         BPF_SIZE(step.code) == BPF_W ? 4 : 2);
            break;
        case BPF_LDX:
            x = cells.at(step.k);
            break;
        case BPF_ST:
            cells.at(step.k) = a;
            break;
        case BPF_ALU:
            switch (BPF_OP(step.code)) {
            case BPF_ADD:
                a += operand;
                break;
            case BPF_MUL:
                a *= operand;
                break;
            case BPF_XOR:
                a ^= operand;
                break;
            case BPF_RSH:
                a >>= operand;
                break;
            default:
                ADD_FAILURE() << "an operation that this test does not know";
            }
            break;
        case BPF_JMP:
            at += BPF_OP(step.code) == BPF_JA ? step.k : a == step.k ? step.jt : step.jf;
            break;
        case BPF_RET:
            return a;
        default:
            x = a; // BPF_TAX
        }
    }
}

Frame ipv4(std::uint32_t from, std::uint32_t to) {
    Frame out(64);
    out[12] = 0x08;
    out[14] = 0x45;
    for (unsigned i = 0; i < 4; ++i) {
        out[26 + i] = static_cast<std::uint8_t>(from >> (24 - 8 * i));
        out[30 + i] = static_cast<std::uint8_t>(to >> (24 - 8 * i));
    }
    return out;
}

Frame layer2(std::uint8_t from, std::uint8_t to) {
    Frame out(60);
    out[0] = out[6] = 2;
    out[5] = to;
    out[11] = from;
    out[12] = 0x88;
    out[13] = 0x92;
    return out;
}

TEST(fanout, spreads_neighbours_of_one_subnet_whatever_the_key) {
    std::mt19937_64 random{11};
    constexpr unsigned workers = 4, hosts = 64;
    for (int i = 0; i < 500; ++i) {
        const auto program = fanout_program(random());
        std::array<unsigned, workers> by_address{}, by_mac{};
        for (std::uint32_t host = 0; host < hosts; ++host) {
            const auto worker = run(program, ipv4(0x0a000001, 0x0a000100 + host)) % workers;
            ASSERT_EQ(worker, run(program, ipv4(0x0a000100 + host, 0x0a000001)) % workers)
                << "both directions";
            ++by_address[worker];
            const auto station = static_cast<std::uint8_t>(host);
            ++by_mac[run(program, layer2(200, station)) % workers];
        }
        // Sixteen each on average; three are nearly four standard deviations away.
        ASSERT_GE(*std::ranges::min_element(by_address), 3u) << "key " << i;
        ASSERT_GE(*std::ranges::min_element(by_mac), 3u) << "key " << i;
    }
}

} // namespace
} // namespace yagura::capture
