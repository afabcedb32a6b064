// Variants and data values as observe::Value.
//
// From OPC 10000-6 (1.05), 5.2.2.16 (Variant), 5.2.2.17 (DataValue).
#pragma once

#include <array>

#include "spine/dissect/protocols/opcua/reader.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::opcua {

/// What a value may have to be written into: it lives as long as this.
struct Room {
    TextRoom<256> text;
    std::array<std::byte, 256> bits; ///< Only what was written is read.
};

/// Scalars and arrays of them; texts and names as text, times as text, identifiers as people write them, an
/// array of texts with commas between, a structure's bytes. Nothing where nobody can read it. Variants and
/// data values inside each other are read up to 32 deep: what is deeper poisons `in`.
observe::Value read_variant(In& in, Room& room, int depth = 0) noexcept;

struct DataValue {
    observe::Value value{};
    std::uint32_t status = 0;
    ExtensionObject structure{}; ///< where the value is one
};
DataValue read_data_value(In& in, Room& room, int depth = 0) noexcept;

} // namespace yagura::dissect::opcua
