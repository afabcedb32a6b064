// Addresses of each maker, read into the objects that they are. For this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yagura::see::comments {

/// In capitals and without spaces.
std::string close(std::string_view text);

/// Of `text` takes all digits of this base that it begins with; nothing: it begins with none, or they are
/// beyond 32 bits.
std::optional<std::uint32_t> take_number(std::string_view& text, unsigned base);
std::string digits(std::uint64_t number, unsigned base);
/// ".05": how bits of a word are told.
std::string bit_text(std::uint32_t bit);

std::vector<std::string> melsec_objects(std::string_view close, bool octal);
std::vector<std::string> keyence_objects(std::string_view close);
std::vector<std::string> omron_objects(std::string_view close);
std::vector<std::string> siemens_objects(std::string_view close);
std::vector<std::string> modbus_objects(std::string_view text);

} // namespace yagura::see::comments
