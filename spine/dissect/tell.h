// What protocols that tell who somebody is say again and again, in one line each.
#pragma once

#include <string_view>

#include "spine/dissect/dissector.h"

namespace yagura::dissect {

/// One message's voice. Empty values are no facts and are not told.
struct Tell {
    const Pdu& pdu;
    Ways& ways;

    void of_speaker(observe::Attribute attribute, std::string_view value,
                    std::uint8_t confidence) const noexcept {
        identity(observe::Subject::speaker, {}, attribute, value, confidence);
    }
    void of_listener(observe::Attribute attribute, std::string_view value,
                     std::uint8_t confidence) const noexcept {
        identity(observe::Subject::listener, {}, attribute, value, confidence);
    }
    void of(const observe::Station& third, observe::Attribute attribute, std::string_view value,
            std::uint8_t confidence) const noexcept {
        if (third.has_ip() || third.has_mac())
            identity(observe::Subject::third, third, attribute, value, confidence);
    }
    void operation(observe::Operation operation) const noexcept {
        operation.protocol = pdu.protocol;
        ways.say().on(pdu.origin, operation);
    }
    void login(std::string_view user, std::string_view method, observe::Outcome outcome) const noexcept {
        if (user.empty()) return;
        ways.say().on(
            pdu.origin,
            observe::Login{.protocol = pdu.protocol, .user = user, .method = method, .outcome = outcome});
    }
    void report(Malformed detail) const noexcept {
        ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
    }

    bool from_client() const noexcept { return pdu.origin.speaker == observe::Speaker::client; }
    const observe::Station& speaker() const noexcept {
        return from_client() ? pdu.origin.parties.client : pdu.origin.parties.server;
    }

private:
    void identity(observe::Subject subject, const observe::Station& third, observe::Attribute attribute,
                  std::string_view value, std::uint8_t confidence) const noexcept {
        if (value.empty()) return;
        ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                    .subject = subject,
                                                    .third = third,
                                                    .attribute = attribute,
                                                    .value = value,
                                                    .confidence = confidence});
    }
};

/// The bytes of whoever spoke last.
inline Bytes latest(const Opening& opening) noexcept {
    return opening.latest == observe::Speaker::client ? opening.client : opening.server;
}

constexpr char small(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
/// The same but for the case of letters; `words` in small ones.
constexpr bool same_words(std::string_view text, std::string_view words) noexcept {
    if (text.size() != words.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (small(text[i]) != words[i]) return false;
    return true;
}
constexpr std::string_view trimmed(std::string_view text) noexcept {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}
/// Could this be a name of DNS or NetBIOS, and not an address? Nothing is called 10.0.0.5.
constexpr bool is_host_name(std::string_view name) noexcept {
    bool letter = false;
    for (const char c : name) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        letter = letter || is_letter;
        if (!is_letter && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_') return false;
    }
    return letter && name.size() <= 253;
}

} // namespace yagura::dissect
