// The target that every dissector gets for nothing.
//
// The input is a conversation: a byte for the side that speaks, two for a length, that many bytes of its
// stream, and so on. A dissector keeps state between messages, and messages arrive in pieces: single
// messages would find half the bugs, and a one-byte length would never try a long one.
#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "fuzz/targets.h"
#include "spine/dissect/exchange.h"
#include "spine/observe/lines.h"

namespace yagura::fuzz {

bool dissector(std::string_view protocol, Bytes input) {
    const auto* row = dissect::find(protocol);
    if (!row) return false;
    // As text, everything that an observation borrows is read: a view past the packet is noticed.
    observe::Lines seen{dissect::name_of};
    dissect::Exchange exchange{*row, seen};

    Reader in{input};
    while (in.remaining() >= 3) {
        const auto control = in.u8();
        const auto speaker = control & 1 ? observe::Speaker::server : observe::Speaker::client;
        const std::size_t wanted = in.u16(); // On a line of its own: remaining() has to come after it.
        const auto piece = in.take(std::min(wanted, in.remaining()));
        (void)row->looks_like({.client = piece, .server = {}, .latest = observe::Speaker::client});
        (void)row->looks_like({.client = {}, .server = piece, .latest = observe::Speaker::server});
        if (row->frame(piece).length > piece.size()) std::abort(); // Would read past the stream.
        if (control & 2)
            exchange.message(speaker, piece);
        else
            exchange.feed(speaker, piece);
        exchange.now += std::chrono::milliseconds{control};
        seen.all.clear();
    }
    return true;
}

} // namespace yagura::fuzz
