// The messages of a .cases file, for tests that do something else with them than to compare lines.
#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/hex.h"

namespace yagura::test {

struct CaseMessage {
    bool from_client = true;
    std::vector<std::byte> bytes;
    bool first = false; ///< of its case: the conversation begins anew
    std::string in{};   ///< its case's name
};

/// `protocol` names the file in spine/dissect/protocols.
inline std::vector<CaseMessage> case_messages(const std::string& source, const std::string& protocol) {
    std::ifstream file{std::filesystem::path{source} / "spine/dissect/protocols" / (protocol + ".cases")};
    if (!file) throw std::runtime_error{"there are no cases of " + protocol};
    std::vector<CaseMessage> messages;
    bool first = false;
    std::string name;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("case ")) first = true, name = line.substr(5);
        if (!line.starts_with("> ") && !line.starts_with("< ")) continue;
        messages.push_back({line[0] == '>', hex(line.substr(2)), first, name});
        first = false;
    }
    return messages;
}

} // namespace yagura::test
