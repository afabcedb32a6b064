// What a CIP conversation has to remember: requests that wait, and connections with where they lead to.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "spine/dissect/dissector.h"

namespace yagura::dissect::cip {

/// A connected message is known by its sequence count and, where there are several connections, by the pair
/// of identifiers that the Forward Open's answer told; an unconnected one by the sender's context.
class Waiting {
public:
    static constexpr std::size_t head = 14;
    struct Key {
        std::uint32_t context = 0;    ///< or sequence count
        std::uint32_t connection = 0; ///< to the target
        bool connected = false;
    };
    struct Found {
        std::uint32_t connection = 0;
        std::uint16_t pair = 0;
        Bytes request{};
    };

    /// Reserves numbers for `more` embedded messages behind its own.
    std::uint16_t ask(const Key& key, std::uint8_t service, unsigned more, const Pdu& pdu, Bytes request,
                      Ways& ways) noexcept {
        const auto now = second(pdu);
        if (pairs_ + more + 1u > 0xffff) pairs_ = 0;
        const auto pair = static_cast<std::uint16_t>(pairs_ + 1u);
        pairs_ = static_cast<std::uint16_t>(pairs_ + 1u + more);
        bool doubtful = false;
        for (auto& older : asked_)
            if (older.waiting && older.service == service && older.context == key.context &&
                older.connected == key.connected && older.connection == key.connection) {
                if (static_cast<std::uint8_t>(now - older.second) <= patience)
                    doubtful = doubtful || older.doubtful || older.digest != digest(request);
                older.waiting = 0;
            }
        const auto place = next_;
        next_ = static_cast<std::uint8_t>((next_ + 1u) % asked_.size());
        auto& fresh = asked_[place];
        fresh = {.context = key.context,
                 .connection = key.connection,
                 .pair = pair,
                 .digest = digest(request),
                 .service = service,
                 .second = now,
                 .size = 0,
                 .waiting = 1,
                 .connected = key.connected,
                 .doubtful = doubtful,
                 .bytes = {}};
        if (request.size() <= head) {
            fresh.size = static_cast<std::uint8_t>(request.size());
            std::ranges::copy(request, fresh.bytes.begin());
        } else {
            fresh.size = elsewhere;
            (void)ways.gather(channel + place, {}, Last::yes); // What nobody asked for any more.
            (void)ways.gather(channel + place, request, Last::no);
        }
        return pair;
    }

    /// `connection` is the answer's: to the originator. The bytes live until the next message.
    template <class PartnerOf>
    Found answer(const Key& key, std::uint8_t service, const Pdu& pdu, Ways& ways,
                 PartnerOf&& partner_of) noexcept {
        const auto now = second(pdu);
        Asked* chosen = nullptr;
        unsigned candidates = 0;
        for (std::size_t back = 1; back <= asked_.size(); ++back) {
            auto& asked = asked_[(next_ + asked_.size() - back) % asked_.size()];
            if (!asked.waiting || asked.service != service || asked.context != key.context ||
                asked.connected != key.connected || static_cast<std::uint8_t>(now - asked.second) > patience)
                continue;
            ++candidates;
            if (key.connected && partner_of(asked.connection) == key.connection) {
                chosen = &asked;
                candidates = 1;
                break;
            }
            if (!chosen) chosen = &asked;
        }
        if (!chosen || candidates != 1) return {};
        chosen->waiting = 0;
        if (chosen->doubtful) return {};
        Found found{chosen->connection, chosen->pair,
                    Bytes{chosen->bytes}.first(chosen->size == elsewhere ? 0 : chosen->size)};
        if (chosen->size == elsewhere)
            found.request = ways.gather(channel + static_cast<std::uint64_t>(chosen - asked_.data()), {},
                                        Last::yes);
        return found;
    }

private:
    struct Asked {
        std::uint32_t context, connection;
        std::uint16_t pair, digest;
        std::uint8_t service, second, size;
        std::uint8_t waiting : 1;
        std::uint8_t connected : 1;
        std::uint8_t doubtful : 1;
        std::array<std::byte, head> bytes;
    };
    static constexpr std::uint64_t channel = 0x43495000'00000000;
    static constexpr std::uint8_t elsewhere = 0xff, patience = 10;

    static std::uint8_t second(const Pdu& pdu) noexcept {
        return static_cast<std::uint8_t>(
            std::chrono::floor<std::chrono::seconds>(pdu.origin.at).time_since_epoch().count());
    }
    static std::uint16_t digest(Bytes bytes) noexcept {
        std::uint32_t sum = 2166136261u;
        for (const auto byte : bytes) sum = (sum ^ std::to_integer<std::uint32_t>(byte)) * 16777619u;
        return static_cast<std::uint16_t>(sum ^ sum >> 16);
    }

    std::array<Asked, 7> asked_{};
    std::uint16_t pairs_ = 0;
    std::uint8_t next_ = 0;
};

/// Where a connection leads to, by its identifier to the target.
class Connections {
public:
    struct Record {
        std::uint32_t partner = 0;
        std::uint8_t size = 0, cut = 0;
        std::array<observe::Part::Step, 4> steps{};
    };
    static_assert(sizeof(Record) <= sizeof(Ways::Record));

    void open(std::uint32_t to_target, std::uint32_t to_originator, const observe::Part& part,
              Ways& ways) noexcept {
        auto* memory = ways.remember(key(to_target));
        if (!memory) return;
        any_ = true;
        const Record record{to_originator, part.size, part.cut, part.steps};
        std::memcpy(memory->data(), &record, sizeof record);
    }
    std::uint32_t partner(std::uint32_t to_target, Ways& ways) const noexcept {
        return find(to_target, ways).partner;
    }
    observe::Part part(std::uint32_t to_target, Ways& ways) const noexcept {
        const auto record = find(to_target, ways);
        return {record.steps, record.size, record.cut != 0};
    }

private:
    static constexpr std::uint64_t key(std::uint32_t connection) noexcept {
        return 0x43490000'00000000 | connection;
    }
    Record find(std::uint32_t to_target, Ways& ways) const noexcept {
        Record record;
        if (!any_ || to_target == 0) return record;
        if (const auto* memory = ways.remember(key(to_target)))
            std::memcpy(&record, memory->data(), sizeof record);
        return record;
    }
    bool any_ = false;
};

} // namespace yagura::dissect::cip
