// What nDPI calls a conversation that none of our dissectors claims: a name for the network's everyday
// traffic (mail, data bases, file sharing) until a dissector of our own reads it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "spine/base/bytes.h"
#include "spine/base/limits.h"
#include "spine/observe/endpoint.h"
#include "spine/observe/observation.h"

namespace yagura::dissect {

/// Names that are taken over from nDPI, in the order of their numbers. Only what its payload confirms counts
/// (never a port, an address or another conversation), and only protocols whose signature a stranger's bytes
/// do not meet by chance: nDPI 4.2 takes MELSOFT for "TargusDataspeed", FINS for RTP, an adapter's I/O for
/// NetFlow and PC WORX for TDS, so none of those is here.
std::span<const std::string_view> labels() noexcept;

/// Of one worker. Looks at the first packets of some conversations at a time; whose place is taken by
/// another's before it has a name, stays without one, and is counted as refused.
class Labels {
public:
    static constexpr std::uint8_t packets_most = 10; ///< with payload, of both sides together

    /// At most `conversations` are looked at at once. 0: nDPI is not started.
    Labels(std::uint16_t conversations, Limits&);
    ~Labels();
    Labels(const Labels&) = delete;
    Labels& operator=(const Labels&) = delete;

    bool on() const noexcept { return in_ != nullptr; }

    struct Packet {
        const observe::Parties& parties;
        observe::Speaker speaker{};
        bool tcp = false; ///< else UDP
        std::uint32_t sequence = 0, acknowledged = 0;
        std::uint8_t flags = 0; ///< TCP's
        Bytes payload{};
        observe::Time at{};
    };
    /// `place` belongs to the conversation: 0 before its first packet; kept by the caller between packets.
    struct Answer {
        std::uint16_t protocol = 0; ///< a number of name_of(); 0: not known
        bool more = false;          ///< it may be known after another packet
    };
    Answer look(std::uint16_t& place, std::uint64_t conversation, const Packet&) noexcept;
    /// The conversation is over or somebody's own.
    void leave(std::uint16_t& place, std::uint64_t conversation) noexcept;
    void publish() noexcept;
    const Limit* limit() const noexcept;

    /// Bytes, nDPI's own tables and what it keeps of a conversation included.
    static std::size_t memory_most(std::uint16_t conversations) noexcept;

private:
    struct Inside;
    std::unique_ptr<Inside> in_;
};

} // namespace yagura::dissect
