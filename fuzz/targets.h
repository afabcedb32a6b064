// What can be fuzzed: the files of this folder, and every dissector by its own name.
#pragma once

#include <span>
#include <string_view>

#include "spine/base/bytes.h"

namespace yagura::fuzz {

struct Target {
    std::string_view name;
    void (*run)(Bytes input);
};

/// Made by CMake from the files of this folder.
std::span<const Target> targets() noexcept;

/// A conversation of one protocol, fed in pieces (see dissector.cpp for the form of `input`).
/// False if there is no such protocol.
bool dissector(std::string_view protocol, Bytes input);

} // namespace yagura::fuzz
