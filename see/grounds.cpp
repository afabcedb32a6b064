#include "see/grounds.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace yagura::see {
namespace {

constexpr std::string_view separator = "\x1f";

struct Sentence {
    std::string_view word, english;
};
// In the order of Why.
constexpr std::array sentences{
    Sentence{"programs", "loads, starts or stops programs in {}"},
    Sentence{"inspects", "lists what is in controllers and diagnoses them in {}"},
    Sentence{"answers_and_asks", "answers, and itself asks others: {}"},
    Sentence{"reads_many", "reads from {} controllers in {} protocols"},
    Sentence{"reads_and_writes", "reads and writes values of controllers: {}"},
    Sentence{"reads", "reads values of controllers: {}"},
    Sentence{"certificate", "shows a certificate of {}"},
    Sentence{"answers_in", "answers in {}"},
    Sentence{"is_programmed", "lets itself be programmed or stopped in {}"},
    Sentence{"units", "{} units answer behind its address"},
    Sentence{"says_kind", "says that it is a {}"},
    Sentence{"says_of_itself", "says of itself: {}"},
    Sentence{"general_os", "runs a general operating system"},
    Sentence{"windows", "runs Windows"},
    Sentence{"is_called", "is called {}"},
    Sentence{"is_server_called", "is a server that is called {}"},
    Sentence{"says_access_point", "says that it is an access point"},
    Sentence{"says_routes", "says that it routes"},
    Sentence{"says_bridges", "says that it bridges"},
    Sentence{"routes_between", "has addresses in {} subnets and passes on frames between them"},
    Sentence{"passes_on", "passes on frames of addresses that are not its own"},
    Sentence{"gives_addresses", "gives addresses (DHCP)"},
    Sentence{"tells_time", "tells the time ({})"},
    Sentence{"passes_on_time", "passes on the time (PTP)"},
    Sentence{"domain_controller", "is a domain's controller"},
    Sentence{"own_clock", "tells the time of a clock of its own (NTP)"},
    Sentence{"connects_others", "says that it connects others (LLDP-MED)"},
    Sentence{"answers_names", "answers for names (DNS)"},
    Sentence{"watches", "watches devices (SNMP): {}"},
    Sentence{"offers", "offers {}"},
    Sentence{"asks_address_as", "asks for an address as {} does"},
    Sentence{"asks_address_like", "asks for an address as a {} does"},
    Sentence{"says_runs", "says that it runs {}"},
    Sentence{"is_product", "is a product: {}"},
    Sentence{"printer_port", "answers on a printer's port"},
    Sentence{"rtsp_port", "answers on RTSP's port"},
    Sentence{"operated_remotely", "lets itself be operated remotely (RDP)"},
    Sentence{"answers_as_servers", "answers as servers do"},
    Sentence{"card_of", "its network card is of {}"},
    Sentence{"runs", "runs {}"},
};
static_assert(sentences.size() == static_cast<std::size_t>(Why::runs) + 1);

constexpr auto words = [] {
    std::array<std::string_view, sentences.size()> out{};
    std::ranges::transform(sentences, out.begin(), &Sentence::word);
    return out;
}();

} // namespace

std::string_view why_word(Why why) noexcept { return words[static_cast<std::size_t>(why)]; }

std::span<const std::string_view> why_words() noexcept { return words; }

std::string english(const Grounds& grounds) {
    std::string out;
    std::string_view rest = sentences[static_cast<std::size_t>(grounds.why)].english;
    for (const auto& of : grounds.of) {
        const auto hole = rest.find("{}");
        if (hole == rest.npos) break;
        out += rest.substr(0, hole);
        out += of;
        rest.remove_prefix(hole + 2);
    }
    return out += rest;
}

std::string rule_text(std::string_view identifier, const Grounds& grounds) {
    auto out = cat(identifier, separator, why_word(grounds.why));
    for (const auto& of : grounds.of) {
        out += separator;
        // What a device calls itself may hold anything.
        std::ranges::copy_if(of, std::back_inserter(out), [](char c) { return c != separator[0]; });
    }
    return out;
}

Rule rule_of(std::string_view text) {
    const auto next = [&text] {
        const auto end = text.find(separator);
        const auto part = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        return part;
    };
    Rule out{.identifier = next()};
    out.why = next();
    while (!text.empty()) out.of.push_back(next());
    return out;
}

} // namespace yagura::see
