// What a protocol has to offer, on top of whichever carrier it is spoken, and how a file in protocols/
// offers it.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "spine/base/bytes.h"
#include "spine/dissect/gather.h"
#include "spine/observe/observation.h"

namespace yagura::dissect {

/// What can carry a protocol. "ethernet", "ip", "tcp" and "udp" are decode's; the others are protocols
/// that carry protocols: the contract test fails if `over` names one that no row provides.
struct Over {
    std::string_view carrier;
    /// Ethertype, IP protocol, port; for a named carrier its own selector (COTP: 0, CIP: class or
    /// service << 16, DCE/RPC: first 32 bits of the interface UUID, SMB: 0 for pipes). Plants move
    /// ports, so it breaks ties and proves nothing.
    std::uint32_t hint = 0;
};

/// Constant bytes at a constant place: what the decision table is built from, so that the cost of
/// recognition does not grow with the number of rows. Of several marks any one is enough; the first byte
/// of mask and value is the one at `offset`. No mark: asked only where a hint fits.
struct Mark {
    std::uint8_t offset;
    std::uint32_t mask;
    std::uint32_t value;
};

/// Does the start of a conversation look like this protocol? `more`: ask again with more bytes, or
/// with the other side's.
enum class Likeness : std::uint8_t { no, more, maybe, yes };

struct Recognition {
    Likeness likeness = Likeness::no;
    std::optional<observe::Speaker> speaker{}; ///< who sent the latest bytes, if they tell (mid-stream, UDP)
};

/// The first bytes of both sides; either may be empty.
struct Opening {
    Bytes client, server;
    observe::Speaker latest;
};

/// Where the next message of a byte stream ends. `length` counts from the start of the stream; zero
/// means "ask again when there is more". `lost` means the stream is not, or no longer, this protocol,
/// and says why.
struct Framing {
    std::size_t length = 0;
    std::optional<Malformed> lost{};
};

/// One message. `protocol` is the number that the row has in this run: what is said carries it, and
/// every segment of the journal tells which name it stands for.
struct Pdu {
    Bytes bytes;
    const observe::Origin& origin;
    std::uint16_t protocol = 0;
};

/// How far a dissector can be trusted with hostile bytes. It is `fresh` until docs/protocols says
/// which fuzzing, which captures and whose review made it `hardened`; the console shows it.
enum class Posture : std::uint8_t { fresh, hardened };

/// How much of a protocol is read. `deep`: functions, objects, values, identity, pairing; `acts`:
/// functions named and mapped, identity; `recognised`: both sides' structure checked.
enum class Depth : std::uint8_t { recognised, acts, deep };

struct Facts {
    std::string_view name, title;
    std::string_view specification; ///< document and edition the code was written from
    std::span<const Over> over;
    std::span<const Mark> marks{};
    std::string_view carries{};     ///< its name as a carrier, if it carries others
    std::uint32_t message_most = 0; ///< largest message that a correct peer sends: the gathering limit
    Depth depth = Depth::deep;
    Posture posture = Posture::fresh;
    /// The protocol's own word for an Operation's status, empty if it has none.
    std::string_view (*status_name)(std::uint32_t status) noexcept = nullptr;
    /// Of an Operation whose act is unknown: does it only take another protocol's message along? It is
    /// counted, and what was done is told by that other one alone. nullptr: none does.
    bool (*only_carries)(const observe::Operation&) noexcept = nullptr;
    /// By this plant (described.h), not by us: asked behind all others.
    bool described = false;
};

/// State of one protocol in one conversation, or in one channel of its carrier: a plant has 100 000
/// flows on a bad day. Small and flat; whatever grows (CIP connections, OPC UA channels, files) goes
/// through Ways, which has budgets.
inline constexpr std::size_t state_limit = 256;

/// What the packet path does for a dissector. Implemented by the worker and by Exchange.
class Ways {
public:
    virtual observe::Sink& say() noexcept = 0;

    /// These bytes belong to whatever `carrier` carries. `channel` tells conversations inside this one
    /// apart (CIP connection, SMB file id, DCE/RPC association); `selector` is matched with Over::hint.
    /// The child has its own state; depth and channels are bounded and counted.
    virtual void carry(std::string_view carrier, std::uint32_t selector, std::uint64_t channel, Bytes,
                       const observe::Origin&) noexcept = 0;

    /// Pieces of a message of one channel; the whole once `last` came, otherwise empty.
    virtual Bytes gather(std::uint64_t channel, Bytes piece, Last) noexcept = 0;

    /// A conversation that will come: FTP data, TFTP's second port, class 1 I/O after a Forward Open,
    /// an RPC port from the endpoint mapper. Found before recognition is asked; expires.
    struct Expected {
        observe::Station from{}, to{};
        std::uint8_t ip_protocol = 0;
        std::string_view protocol{};
        std::uint64_t token = 0;
    };
    virtual void expect(const Expected&) noexcept = 0;

    /// A file or program on its way. Hashed as it comes; bytes are kept only if a rule asks and the
    /// budget allows. The end makes a Transfer observation.
    virtual void transfer(std::uint64_t channel, observe::Transfer::Content, std::string_view name,
                          std::uint64_t offset, Bytes piece, Last, const observe::Origin&) noexcept = 0;

    /// The next `bytes` of the stream of whoever speaks are nobody's: bulk behind what is worth reading, or
    /// all that is encrypted. They pass unread and unkept, and a loss among them loses nothing. Counted from
    /// the end of this message; only of a conversation's own protocol, and only of streams.
    virtual void pass_over(std::uint64_t bytes) noexcept = 0;
    static constexpr std::uint64_t everything = UINT64_MAX; ///< that this side will ever send

    /// A small record by key (CIP connection id -> path) for the life of the conversation, zero when
    /// new. nullptr when there is no room: then say less.
    using Record = std::array<std::byte, 64>;
    virtual Record* remember(std::uint64_t key) noexcept = 0;

protected:
    ~Ways() = default;
};

// clang-format off: some versions take the noexcept of a requirement for an expression.
template <class P>
concept Protocol = requires(const Opening& opening, Bytes bytes, const Pdu& pdu,
                            typename P::State& state, Ways& ways) {
    { P::facts } -> std::convertible_to<Facts>;
    { P::looks_like(opening) } noexcept -> std::same_as<Recognition>;
    { P::frame(bytes) } noexcept -> std::same_as<Framing>;
    { P::dissect(pdu, state, ways) } noexcept -> std::same_as<void>;
    requires sizeof(typename P::State) <= state_limit;
    requires alignof(typename P::State) <= alignof(std::max_align_t);
    requires std::is_trivially_destructible_v<typename P::State>;
};
// clang-format on

/// Protocols whose answers do not say how long they are, but are as long as was asked for, offer this too: in
/// a conversation that is theirs it takes the place of frame().
template <class P>
concept FramesAfter = requires(Bytes bytes, const typename P::State& state, observe::Speaker speaker) {
    { P::frame_after(bytes, state, speaker) } noexcept -> std::same_as<Framing>;
};

/// One row of the table of protocols: plain data, so that it needs no start-up code.
struct Dissector {
    Facts facts;
    std::uint16_t state_size;
    Recognition (*looks_like)(const Opening&) noexcept;
    Framing (*frame)(Bytes) noexcept;
    void (*start)(void* state) noexcept;
    void (*dissect)(const Pdu&, void* state, Ways&) noexcept;
    Framing (*frame_after)(Bytes, const void* state, observe::Speaker) noexcept = nullptr;

    /// Where the next message ends in the stream of one side.
    Framing cut(Bytes stream, const void* state, observe::Speaker speaker) const noexcept {
        return frame_after ? frame_after(stream, state, speaker) : frame(stream);
    }
};

template <Protocol P>
consteval Dissector row() {
    Dissector row{
        .facts = P::facts,
        .state_size = sizeof(typename P::State),
        .looks_like = P::looks_like,
        .frame = P::frame,
        .start = [](void* memory) noexcept { new (memory) typename P::State{}; },
        .dissect =
            [](const Pdu& pdu, void* state, Ways& ways) noexcept {
                P::dissect(pdu, *static_cast<typename P::State*>(state), ways);
            },
    };
    if constexpr (FramesAfter<P>)
        row.frame_after = [](Bytes stream, const void* state, observe::Speaker speaker) noexcept {
            return P::frame_after(stream, *static_cast<const typename P::State*>(state), speaker);
        };
    return row;
}

/// Every protocol, in alphabetical order, generated from the files in protocols/; behind them those that are
/// described (described.h).
std::span<const Dissector* const> all() noexcept;

/// nullptr if there is no such protocol.
const Dissector* find(std::string_view name) noexcept;

/// Numbers count from 1 in this run; nothing that is kept holds one without its name.
std::uint16_t number_of(const Dissector&) noexcept;
/// Of a dissector or, behind those, of a label (labels.h).
std::string_view name_of(std::uint16_t protocol) noexcept;

} // namespace yagura::dissect
