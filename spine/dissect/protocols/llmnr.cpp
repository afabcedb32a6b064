// LLMNR: names asked of everybody on the link, where there is no server for them.
//
// From RFC 4795 clauses 2.1 (format) and 2.4 (group addresses).
#include "spine/dissect/protocols/dns/message.h"

namespace yagura::dissect::protocols {
namespace {

struct Llmnr {
    static constexpr Over over[]{{"udp", 5355}};
    static constexpr Facts facts{
        .name = "llmnr",
        .title = "Link-Local Multicast Name Resolution",
        .specification = "RFC 4795",
        .over = over,
        .message_most = 9'194,
    };
    struct State {};
    static Recognition looks_like(const Opening& opening) noexcept {
        return dns_family::looks_like(opening, dns_family::Flavour::link_local);
    }
    static Framing frame(Bytes message) noexcept { return {.length = message.size()}; }
    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        if (!dns_family::say(pdu, ways, dns_family::Flavour::link_local)) return;
        owner(pdu, ways);
    }

private:
    /// Whoever answers with the address that it speaks from has the name (clause 2.3: only its owner may).
    static void owner(const Pdu& pdu, Ways& ways) noexcept {
        wire::dns::Walk walk{pdu.bytes};
        if (!walk.ok() || !walk.header().response() || walk.header().code()) return;
        const auto& self = pdu.origin.speaker == observe::Speaker::client ? pdu.origin.parties.client
                                                                          : pdu.origin.parties.server;
        TextRoom<48> own;
        own.ip(self.ip);
        wire::dns::Record record;
        wire::dns::NameText text;
        while (walk.next(record)) {
            if (record.section != wire::dns::Section::answer) continue;
            if (wire::dns::data_text(pdu.bytes, record, text) != own.view()) continue;
            return ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                               .subject = observe::Subject::speaker,
                                                               .attribute = observe::Attribute::name,
                                                               .value = record.name.view(),
                                                               .confidence = 85});
        }
    }
};

} // namespace

extern constinit const Dissector llmnr = row<Llmnr>();

} // namespace yagura::dissect::protocols
