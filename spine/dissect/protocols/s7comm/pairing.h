// Which request an answer belongs to, and what that request was about.
#pragma once

#include <algorithm>
#include <array>

#include "spine/dissect/dissector.h"

namespace yagura::dissect::s7 {

/// References count up, but some clients always use the same: where two different requests could be
/// meant, an answer is told without what it is about. Short requests are kept here, longer ones gathered.
class Pairing {
public:
    static constexpr std::size_t head = 16;
    struct Asked {
        std::uint32_t code;
        std::uint16_t reference, pair;
        std::uint16_t digest; ///< tells different requests apart
        std::uint8_t second, size;
        std::uint8_t waiting : 6;
        std::uint8_t doubtful : 1;
        std::uint8_t from_server : 1;
        std::array<std::byte, head> bytes;
    };
    struct Found {
        std::uint16_t pair = 0;
        std::uint32_t code = 0;
        Bytes request{};
    };
    /// An acknowledgement does not say which function it acknowledges.
    static constexpr std::uint32_t any_code = 0xffffffff;

    std::uint16_t ask(std::uint32_t code, std::uint16_t reference, const Pdu& pdu, Bytes request,
                      Ways& ways) noexcept {
        if (++pairs_ == 0) pairs_ = 1; // Zero means "not paired".
        Asked fresh{.code = code,
                    .reference = reference,
                    .pair = pairs_,
                    .digest = digest(request),
                    .second = second(pdu),
                    .size = 0,
                    .waiting = 1,
                    .doubtful = 0,
                    .from_server = pdu.origin.speaker == observe::Speaker::server,
                    .bytes = {}};
        if (auto* older = waiting(code, reference, fresh.from_server, fresh.second)) {
            fresh.doubtful = older->doubtful || older->digest != fresh.digest;
            if (older->waiting < 0x3f) fresh.waiting = (older->waiting + 1u) & 0x3fu;
            older->waiting = 0; // The new one stands for both.
        }
        const auto place = next_;
        next_ = static_cast<std::uint8_t>((next_ + 1u) % asked_.size());
        if (request.size() <= head) {
            fresh.size = static_cast<std::uint8_t>(request.size());
            std::ranges::copy(request, fresh.bytes.begin());
        } else {
            fresh.size = elsewhere;
            (void)ways.gather(channel + place, {}, Last::yes); // What nobody asked for any more.
            (void)ways.gather(channel + place, request, Last::no);
        }
        asked_[place] = fresh;
        return fresh.pair;
    }

    /// The bytes live until the next message.
    Found answer(std::uint32_t code, std::uint16_t reference, const Pdu& pdu, Ways& ways) noexcept {
        auto* asked = waiting(code, reference, pdu.origin.speaker == observe::Speaker::client, second(pdu));
        if (!asked) return {};
        asked->waiting = (asked->waiting - 1u) & 0x3fu;
        if (asked->doubtful) return {};
        Found found{asked->pair, asked->code,
                    Bytes{asked->bytes}.first(asked->size == elsewhere ? 0 : asked->size)};
        if (asked->size == elsewhere)
            found.request = ways.gather(channel + static_cast<std::uint64_t>(asked - asked_.data()), {},
                                        Last::yes);
        return found;
    }

private:
    static constexpr std::uint64_t channel = 0x5337434f'00000000;
    static constexpr std::uint8_t elsewhere = 0xff;
    static constexpr std::uint8_t patience = 10; ///< seconds; loading and compressing take their time

    static std::uint8_t second(const Pdu& pdu) noexcept {
        return static_cast<std::uint8_t>(
            std::chrono::floor<std::chrono::seconds>(pdu.origin.at).time_since_epoch().count());
    }
    static std::uint16_t digest(Bytes bytes) noexcept {
        std::uint32_t sum = 2166136261u;
        for (const auto byte : bytes) sum = (sum ^ std::to_integer<std::uint32_t>(byte)) * 16777619u;
        return static_cast<std::uint16_t>(sum ^ sum >> 16);
    }
    /// Newest first: a request that never got its answer must not take the answer of a later one.
    Asked* waiting(std::uint32_t code, std::uint16_t reference, bool from_server, std::uint8_t now) noexcept {
        for (std::size_t back = 1; back <= asked_.size(); ++back) {
            auto& asked = asked_[(next_ + asked_.size() - back) % asked_.size()];
            if (asked.waiting && (asked.code == code || code == any_code) && asked.reference == reference &&
                asked.from_server == from_server)
                return static_cast<std::uint8_t>(now - asked.second) > patience ? nullptr : &asked;
        }
        return nullptr;
    }

    std::array<Asked, 6> asked_{};
    std::uint16_t pairs_ = 0;
    std::uint8_t next_ = 0;
};

} // namespace yagura::dissect::s7
