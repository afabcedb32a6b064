// Variables of S7 as they stand in requests (addresses) and answers (values).
#pragma once

#include "spine/base/text_room.h"
#include "spine/dissect/protocols/s7comm/functions.h"

namespace yagura::dissect::s7 {

inline constexpr std::uint8_t item_done = 0xff;

/// One address. Its object borrows `room`, so it has to live until the object was said.
struct Item {
    observe::Object object{};
    std::uint8_t transport = 0; ///< what the elements are, S7ANY only
    std::uint16_t count = 0;
    bool known = false;
    Bytes parts{}; ///< one address may name many stretches of data blocks; object and count are the first
    TextRoom<64> room{};
};

/// Reads the address that comes next; false when the bytes end or it is of no known form. Every address
/// tells its length, so the reader stands behind it in any case that can go on.
bool read_item(Reader&, Item&) noexcept;
/// The ten bytes of an S7ANY address behind its syntax identifier, as requests for cyclic data have them.
bool read_any(Reader&, Item&) noexcept;

/// What stands in the data part for one address.
struct Data {
    std::uint8_t code = 0, transport = 0;
    Bytes bytes{};
};
/// `last`: the fill byte of an odd length is missing behind the last one.
Data read_data(Reader&, bool last) noexcept;

/// The value as the address says what it is, else as the data part says.
observe::Value value_of(const Item*, const Data&) noexcept;

/// One stretch of such an address.
struct Part {
    std::uint8_t bytes = 0;
    std::uint16_t block = 0, start = 0;
    observe::Object object() const noexcept {
        return {.form = observe::Object::Form::s7,
                .space = "DB",
                .group = block,
                .number = start,
                .element = 'B'};
    }
};
Part read_part(Reader&) noexcept;
observe::Value octets(Bytes) noexcept;

/// "OB 1" of a block's file name ("_0800001P"): nothing if it is none.
bool block_name(Bytes file, TextRoom<32>&) noexcept;
std::string_view block_type(std::byte digit) noexcept;

} // namespace yagura::dissect::s7
