#include "spine/capture/fanout.h"

namespace yagura::capture {

namespace {

// Offsets from the link and network header: what the kernel took off before (a VLAN tag) does not move them.
constexpr std::uint32_t link = static_cast<std::uint32_t>(SKF_LL_OFF);
constexpr std::uint32_t network = static_cast<std::uint32_t>(SKF_NET_OFF);
constexpr std::uint32_t ethertype = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL);

sock_filter op(int code, std::uint32_t k = 0, std::uint8_t yes = 0, std::uint8_t no = 0) {
    return {static_cast<std::uint16_t>(code), yes, no, k};
}
using Program = std::vector<sock_filter>;
void append(Program& to, const Program& what) { to.insert(to.end(), what.begin(), what.end()); }

// Cells of scratch memory.
enum : std::uint32_t { one = 0, other = 1, partial = 2, offset = 3 };

/// Cell `into` becomes the exclusive or of four words of the IP header.
Program fold(std::uint32_t first, unsigned words, std::uint32_t into) {
    Program out{op(BPF_LD | BPF_IMM, 0), op(BPF_ST, into)};
    for (unsigned i = 0; i < words; ++i)
        append(out, {op(BPF_LDX | BPF_MEM, offset), op(BPF_LD | BPF_W | BPF_IND, network + first + 4 * i),
                     op(BPF_LDX | BPF_MEM, into), op(BPF_ALU | BPF_XOR | BPF_X), op(BPF_ST, into)});
    return out;
}

/// Cell `into` becomes a number made of the six bytes of a MAC.
Program mac(std::uint32_t at, std::uint32_t into, std::uint32_t factor) {
    return {op(BPF_LD | BPF_W | BPF_ABS, link + at + 2),
            op(BPF_ALU | BPF_MUL | BPF_K, factor),
            op(BPF_MISC | BPF_TAX),
            op(BPF_LD | BPF_W | BPF_ABS, link + at),
            op(BPF_ALU | BPF_ADD | BPF_X),
            op(BPF_ST, into)};
}

} // namespace

std::vector<sock_filter> fanout_program(std::uint64_t key) {
    // Odd factors lose nothing.
    const auto first = static_cast<std::uint32_t>(key) | 1u,
               second = static_cast<std::uint32_t>(key >> 32) | 1u;

    // (a ^ b) * k1 + (a + b) * k2 does not know which of the two comes first. It is linear, and addresses of
    // a plant follow each other: with three keys in a hundred one of four workers would get hardly any of a
    // subnet. Two rounds of shift and multiplication (as in MurmurHash3's finaliser) mix it; the upper half
    // is the best mixed.
    const Program mix{op(BPF_LDX | BPF_MEM, other),
                      op(BPF_LD | BPF_MEM, one),
                      op(BPF_ALU | BPF_XOR | BPF_X),
                      op(BPF_ALU | BPF_MUL | BPF_K, first),
                      op(BPF_ST, partial),
                      op(BPF_LD | BPF_MEM, one),
                      op(BPF_ALU | BPF_ADD | BPF_X),
                      op(BPF_ALU | BPF_MUL | BPF_K, second),
                      op(BPF_LDX | BPF_MEM, partial),
                      op(BPF_ALU | BPF_ADD | BPF_X),
                      op(BPF_MISC | BPF_TAX),
                      op(BPF_ALU | BPF_RSH | BPF_K, 16),
                      op(BPF_ALU | BPF_XOR | BPF_X),
                      op(BPF_ALU | BPF_MUL | BPF_K, 0x85ebca6b),
                      op(BPF_MISC | BPF_TAX),
                      op(BPF_ALU | BPF_RSH | BPF_K, 13),
                      op(BPF_ALU | BPF_XOR | BPF_X),
                      op(BPF_ALU | BPF_MUL | BPF_K, 0xc2b2ae35),
                      op(BPF_ALU | BPF_RSH | BPF_K, 16),
                      op(BPF_RET | BPF_A)};
    Program four = fold(12, 1, one), six = fold(8, 4, one), macs = mac(0, one, second);
    append(four, fold(16, 1, other));
    append(six, fold(24, 4, other));
    append(macs, mac(6, other, second));
    for (auto* const part : {&four, &six, &macs}) append(*part, mix);

    const auto length = [](const Program& part) { return static_cast<std::uint32_t>(part.size()); };
    Program out{
        op(BPF_LD | BPF_IMM, 0),
        op(BPF_ST, offset),
        op(BPF_LD | BPF_H | BPF_ABS, ethertype),
        op(BPF_JMP | BPF_JEQ | BPF_K, 0x8100, 1, 0),
        op(BPF_JMP | BPF_JEQ | BPF_K, 0x88a8, 0, 3),
        op(BPF_LD | BPF_IMM, 4), // A tag in the frame: four bytes, of which the last two are the ethertype.
        op(BPF_ST, offset),
        op(BPF_LD | BPF_H | BPF_ABS, network + 2),
        op(BPF_JMP | BPF_JEQ | BPF_K, 0x0800, 2, 0),
        op(BPF_JMP | BPF_JEQ | BPF_K, 0x86dd, 0, 2),
        op(BPF_JMP | BPF_JA, 2 + length(four)),
        op(BPF_JMP | BPF_JA, 1),
        op(BPF_JMP | BPF_JA, length(four) + length(six)),
    };
    append(out, four);
    append(out, six);
    append(out, macs);
    return out;
}

} // namespace yagura::capture
