// Why a role is held, as data: the sentence is made where a person reads it, in the language of the reader.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spine/base/text.h"

namespace yagura::see {

/// `{}` in the sentences of grounds.cpp and of the console stands for the arguments, in their order.
enum class Why : std::uint8_t {
    programs,           ///< protocol
    inspects,           ///< protocol
    answers_and_asks,   ///< peers
    reads_many,         ///< peers, protocols
    reads_and_writes,   ///< peers
    reads,              ///< peers
    certificate,        ///< organisation
    answers_in,         ///< protocol
    is_programmed,      ///< protocol
    units,              ///< units
    says_kind,          ///< the word it used
    says_of_itself,     ///< its description
    general_os,         ///<
    windows,            ///<
    is_called,          ///< name
    is_server_called,   ///< name
    says_access_point,  ///<
    says_routes,        ///<
    says_bridges,       ///<
    routes_between,     ///< subnets
    passes_on,          ///<
    gives_addresses,    ///<
    tells_time,         ///< protocol
    passes_on_time,     ///<
    domain_controller,  ///<
    own_clock,          ///<
    connects_others,    ///<
    answers_names,      ///<
    watches,            ///< devices
    offers,             ///< service
    asks_address_as,    ///< operating system
    asks_address_like,  ///< role
    says_runs,          ///< operating system
    is_product,         ///< product
    printer_port,       ///<
    rtsp_port,          ///<
    operated_remotely,  ///<
    answers_as_servers, ///<
    card_of,            ///< maker
    runs,               ///< program
};

struct Grounds {
    Why why{};
    std::vector<std::string> of{};
    auto operator<=>(const Grounds&) const = default;
};

template <class... Of>
Grounds because(Why why, const Of&... of) {
    return {why, {cat(of)...}};
}

/// The word that the API sends ("answers_in"); the console has a sentence for each.
std::string_view why_word(Why) noexcept;
std::span<const std::string_view> why_words() noexcept;
/// "answers in modbus": for the command line, whose words are English.
std::string english(const Grounds&);

/// As the store keeps it in one column: identifier, word, arguments, with an ASCII unit separator between.
std::string rule_text(std::string_view identifier, const Grounds&);
struct Rule {
    std::string_view identifier{}, why{}; ///< `why` is empty where no grounds were kept
    std::vector<std::string_view> of{};
};
/// Borrows from the text. One without separators is an identifier alone.
Rule rule_of(std::string_view text);

} // namespace yagura::see
