// What one Modbus message touches: its object, how many, and the values, read from the bytes behind the
// function code.
#pragma once

#include "spine/dissect/protocols/modbus/functions.h"

namespace yagura::dissect::modbus {

/// What has to be known of a request until its answer comes. Zero where a function has no such thing.
struct Touch {
    std::uint16_t address = 0; ///< also: subfunction, interface, UMAS function, record of a file
    std::uint16_t count = 0;   ///< also: file
    std::uint16_t read_address = 0, read_count = 0; ///< function 23 has two areas
    friend bool operator==(const Touch&, const Touch&) = default;
};

/// Fills object, count, value and, where a subfunction decides, the act. If the bytes end too early, the
/// reader is poisoned and the operation holds only what was whole.
Touch read_request(const Known&, Reader&, observe::Operation&) noexcept;

/// `asked` is the request if there can be only one: it gives the object of an answer and the number of
/// bits that mean something. `read` is what function 23 read besides what the operation is about.
void read_answer(const Known&, Reader&, const Touch* asked, observe::Operation&,
                 observe::Variable& read) noexcept;

/// The object of a request, made again for its answer.
void remake(const Known&, const Touch&, observe::Operation&) noexcept;

/// A quantity that no server may accept, if it is one (clauses 6.1 to 6.17).
std::optional<Malformed> doubt(const Known&, const Touch&) noexcept;

} // namespace yagura::dissect::modbus
