// A device's answers to our questions. The first byte chooses the question, the second the step; what follows
// are messages of up to 16 bits of length, as one dialogue.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "see/ask/memory.h"
#include "see/ask/permit.h"
#include "see/ask/planner.h"
#include "see/ask/usm.h"

namespace yagura::fuzz {

namespace {

/// A hash that everybody can make, so that bytes of chance are authentic and what is behind that is read,
/// too.
class Guessed final : public see::ask::Crypto {
public:
    std::vector<std::byte> digest(see::ask::Auth, Bytes) override { return std::vector<std::byte>(64); }
    bool cfb128(bool, Bytes, Bytes, std::span<std::byte>) override { return true; }
    void random(std::span<std::byte> into) override { std::ranges::fill(into, std::byte{0}); }
};

/// Messages of SNMP version 3, as one dialogue; the first byte chooses whether they are encrypted.
void sealed(Reader& in) {
    namespace ask = see::ask;
    Guessed crypto;
    const ask::SnmpUser user{"u", ask::Auth::sha1, "12345678",
                             in.u8() % 2 ? ask::Privacy::aes128 : ask::Privacy::none, "12345678"};
    ask::Usm usm{user, crypto};
    (void)usm.discovery();
    ask::Asked asked;
    std::array<std::byte, ask::request_most> room;
    const auto& query = *ask::find_query("snmp");
    const auto size = query.request(asked, 0, room).size;
    while (in.ok() && in.remaining() != 0) {
        const auto message = in.take(std::min<std::size_t>(in.u16(), in.remaining()));
        std::vector<std::byte> shown{message.begin(), message.end()};
        ask::Usm::blank(shown);
        if (shown.size() != message.size()) std::abort();
        const auto opened = usm.open(message, std::chrono::seconds{1});
        ask::Facts facts;
        if (opened.was == ask::Usm::Opened::Was::answer) (void)query.read(asked, 0, opened.message, facts);
        if (usm.knows_engine() && usm.seal(Bytes{room}.first(size), std::chrono::seconds{2}).empty())
            std::abort();
    }
}

} // namespace

void ask(Bytes input) {
    namespace ask = see::ask;
    Reader in{input};
    const auto all = ask::all_queries();
    const auto which = in.u8();
    if (which ==
        0xff) { // The file of what is remembered: disks write it, too. (A plan is a person's, like settings.)
        const auto rest = in.rest();
        const auto memory = ask::Memory::read(rest);
        if (memory.size() > rest.size() / ask::row_bytes) std::abort();
        return;
    }
    if (which == 0xfe) { // What the center allows, as a fall may leave it.
        const auto rest = in.rest();
        const auto head = ask::permit_head(rest);
        if (head && (rest.size() != ask::permit_head_bytes || ask::permit_head(ask::encode(*head)) != head))
            std::abort();
        return;
    }
    if (which == 0xfd) return sealed(in);
    const auto& query = *all[which % all.size()];
    ask::Asked asked;
    asked.number = 7;
    asked.target = asked.own = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 2, 3, 40};
    ask::Facts facts;
    std::array<std::byte, ask::request_most> room;
    auto step = static_cast<unsigned>(in.u8() % query.requests_most);
    while (in.ok() && in.remaining() != 0) {
        const auto message = in.take(std::min<std::size_t>(in.u16(), in.remaining()));
        if (query.frame)
            if (const auto framing = query.frame(message); framing.length > ask::answer_most) std::abort();
        if (query.blank) {
            std::vector<std::byte> shown{message.begin(), message.end()};
            query.blank(shown, asked.choices);
            if (shown.size() != message.size()) std::abort();
        }
        const auto heard = query.read(asked, step, message, facts);
        if (heard.why && heard.why->offset > message.size() + 64) std::abort();
        if (facts.all().size() > ask::Facts::most) std::abort();
        for (const auto& one : facts.all())
            if (one.value.empty() || one.value.size() > ask::Facts::text_most) std::abort();
        // Whatever it answered: what we ask next is one of the questions that may be asked.
        for (unsigned next = 0; next <= query.requests_most; ++next) {
            const auto request = query.request(asked, next, room);
            if (request.size != 0 && !query.only_reads(Bytes{room}.first(request.size))) std::abort();
        }
        if (heard.was == ask::Heard::Was::answer && step + 1 < query.requests_most) ++step;
    }
}

} // namespace yagura::fuzz
