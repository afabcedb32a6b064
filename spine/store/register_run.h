// Values of one register as they changed, one after the other, in few bytes: the first one whole, of each
// later one only what is another.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spine/base/bytes.h"

namespace yagura::store {

struct RegisterValue {
    std::int64_t at = 0; ///< when it had this value, or was given it
    std::int64_t id = 0; ///< row of `operation` that says so, or of `told`
    bool told = false;   ///< of `told`: one of several that one message told of
    bool writes = false; ///< it was given it
    std::string value{}; ///< as operations have it: "17", "[1,2,3]"
    friend bool operator==(const RegisterValue&, const RegisterValue&) = default;
};

/// A run of them. What is appended is told against the value before it.
class RegisterRun {
public:
    static constexpr std::size_t values_most = 128, bytes_most = 4'096;
    void append(const RegisterValue& next);
    /// No more of them should go into this one.
    bool full() const noexcept { return many_ >= values_most || bytes_.size() >= bytes_most; }
    std::size_t many() const noexcept { return many_; }
    Bytes bytes() const noexcept { return std::as_bytes(std::span{bytes_}); }
    const RegisterValue& last() const noexcept { return last_; }

    /// What stands in these bytes, up to where they are no run any more.
    static std::vector<RegisterValue> values(Bytes bytes);
    /// One that goes on where these bytes end.
    static RegisterRun of(Bytes bytes);

private:
    std::string bytes_{};
    std::size_t many_ = 0;
    RegisterValue last_{};
};

/// "[1,2,3]" is 1, 2, 3; anything else is itself. A text that was cut has no end, and is itself, too.
std::vector<std::string_view> elements_of(std::string_view value);

} // namespace yagura::store
