// A file in memory, and what happens when somebody shortens it meanwhile.
#pragma once

#include <cstddef>
#include <memory>

#include "spine/base/bytes.h"

namespace yagura::capture {

/// Reading a mapped page that the file no longer has raises SIGBUS. While a Mapping lives, such a page is
/// replaced by zeros and shortened() becomes true, from any thread; faults elsewhere take their old course.
/// At most 64 files at once are guarded so; the next is not mapped.
class Mapping {
public:
    /// Nothing if the file cannot be mapped: read it then. The descriptor may be closed afterwards.
    static std::unique_ptr<Mapping> of(int descriptor, std::size_t size);
    ~Mapping();
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;

    Bytes bytes() const noexcept { return bytes_; }
    bool shortened() const noexcept;

private:
    Mapping(Bytes bytes, std::size_t slot) noexcept : bytes_{bytes}, slot_{slot} {}
    Bytes bytes_;
    std::size_t slot_;
};

} // namespace yagura::capture
