// A file of described protocols, up to the first zero byte, and what is said behind it, in pieces, to each of
// them.
#include "spine/descriptions/file.h"

#include <algorithm>

#include "fuzz/targets.h"
#include "spine/dissect/described.h"
#include "spine/dissect/exchange.h"

namespace yagura::fuzz {

void descriptions(Bytes input) {
    const auto end = std::ranges::find(input, std::byte{0});
    const auto text = as_text({input.begin(), end});
    auto read = yagura::descriptions::parse(text, "fuzz");
    if (!read || !dissect::describe(*std::move(read))) return;
    const Bytes said{end == input.end() ? end : end + 1, input.end()};
    observe::Listener nobody;
    for (const auto* row : dissect::all()) {
        if (!row->facts.described) continue;
        (void)row->looks_like({.client = said, .latest = observe::Speaker::client});
        dissect::Exchange whole{*row, nobody}, pieces{*row, nobody};
        whole.message(observe::Speaker::client, said);
        whole.message(observe::Speaker::server, said);
        auto speaker = observe::Speaker::client;
        for (auto rest = said; !rest.empty(); speaker = observe::other(speaker)) {
            const auto size = std::min<std::size_t>(rest.size(),
                                                    1 + std::to_integer<std::size_t>(rest[0]) % 16);
            pieces.feed(speaker, rest.first(size));
            rest = rest.subspan(size);
        }
    }
    (void)dissect::describe({});
}

} // namespace yagura::fuzz
