// The blocks that PROFINET's connection manager sends, one after the other.
//
// From IEC 61158-6-10, clause 5.2: big-endian whatever the packet around them is.
#pragma once

#include <optional>

#include "spine/base/bytes.h"

namespace yagura::dissect::profinet {

enum BlockType : std::uint16_t {
    write_request = 0x0008,
    read_request = 0x0009,
    real_identification = 0x0013,
    im0 = 0x0020,
    im1 = 0x0021,
    im3 = 0x0023,
    relation_request = 0x0101,
    data_relation_request = 0x0102,
    alarm_relation_request = 0x0103,
    expected_submodule = 0x0104,
    control_first = 0x0110,
    control_last = 0x0118,
    answer_bit = 0x8000,
};

struct Block {
    std::uint16_t type = 0;
    std::uint8_t minor = 0; ///< of its version
    Bytes body{};           ///< behind the version
};
/// Nothing at the end, or where a block is longer than what is left: then `in` is poisoned.
inline std::optional<Block> next_block(Reader& in) noexcept {
    if (in.remaining() == 0) return std::nullopt;
    Block out;
    out.type = in.u16();
    const auto length = in.u16();
    in.u8();
    out.minor = in.u8();
    if (length < 2) in.take(in.remaining() + 1);
    out.body = in.take(length - std::size_t{2});
    return in.ok() ? std::optional{out} : std::nullopt;
}

/// 5.2.4: of a record that is read or written. The same in request and answer.
struct RecordHead {
    std::uint16_t slot = 0, subslot = 0, index = 0;
    std::uint32_t length = 0;
    std::uint32_t status = 0; ///< of an answer to a write
};
inline RecordHead read_record_head(const Block& block) noexcept {
    Reader in{block.body};
    RecordHead out;
    in.u16();
    in.take(16); // The relation.
    in.u32();    // The profile.
    out.slot = in.u16();
    out.subslot = in.u16();
    in.u16();
    out.index = in.u16();
    out.length = in.u32();
    if (block.type == (write_request | answer_bit)) {
        in.u32();
        out.status = in.u32();
    }
    return in.ok() ? out : RecordHead{};
}

} // namespace yagura::dissect::profinet
