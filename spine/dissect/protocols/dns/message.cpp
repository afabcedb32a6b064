#include "spine/dissect/protocols/dns/message.h"

namespace yagura::dissect::protocols::dns_family {
namespace {

using observe::Act;
using observe::Outcome;
using observe::Phase;
namespace wire = yagura::wire::dns;

struct Known {
    std::string_view name;
    Act act;
};
/// RFC 6895 clause 2.2.
constexpr std::array<Known, 7> opcodes{{{"query", Act::browse},
                                        {"inverse query", Act::browse},
                                        {"status", Act::diagnose},
                                        {"unassigned", Act::unknown},
                                        {"notify", Act::report},
                                        {"update", Act::configure},
                                        {"stateful operation", Act::connect}}};

void report(const Pdu& pdu, Ways& ways, Malformed detail) noexcept {
    ways.say().on(pdu.origin, observe::Anomaly{pdu.protocol, detail});
}

/// Authoritative servers put the whole name of what they know no more than once: an answer is told with
/// the name that its record has, which is not always the one that was asked for.
unsigned names(const Pdu& pdu, Ways& ways, wire::Walk& walk) noexcept {
    unsigned told = 0;
    wire::Record record;
    wire::NameText text;
    while (walk.next(record)) {
        if (record.section != wire::Section::answer || told == names_most) continue;
        const auto answer = wire::data_text(pdu.bytes, record, text);
        if (answer.empty()) continue;
        ++told;
        ways.say().on(pdu.origin, observe::Name{.asked = record.name.view(),
                                                .answer = answer,
                                                .kind = record.type,
                                                .code = walk.header().code()});
    }
    return told;
}

} // namespace

Recognition looks_like(const Opening& opening, Flavour flavour) noexcept {
    const auto bytes = opening.latest == observe::Speaker::client ? opening.client : opening.server;
    wire::Walk walk{bytes};
    if (!walk.ok()) return {Likeness::no};
    const auto& header = walk.header();
    if (header.opcode() >= opcodes.size() || header.opcode() == 3) return {Likeness::no};
    const bool asks_once = header.questions == 1 ||
                           (flavour == Flavour::multicast && header.questions < 64) ||
                           (header.response() && header.questions == 0);
    if (!asks_once || header.records() > bytes.size() / 11) return {Likeness::no};
    wire::Question question;
    while (walk.question(question)) {
    }
    if (!walk.ok()) return {Likeness::no};
    return {Likeness::yes,
            flavour == Flavour::multicast
                ? std::nullopt
                : std::optional{header.response() ? observe::Speaker::server : observe::Speaker::client}};
}

bool say(const Pdu& pdu, Ways& ways, Flavour flavour) noexcept {
    wire::Walk walk{pdu.bytes};
    // Flags are the first thing worth knowing, so a message is counted when these are there.
    Reader in{pdu.bytes};
    const auto id = in.u16(), flags = in.u16();
    if (!in.ok()) {
        report(pdu, ways, {0, "message ends before its flags"});
        return false;
    }
    const wire::Header told{.id = id, .flags = flags};
    static constexpr Known unassigned{"unassigned", Act::unknown};
    const auto& known = told.opcode() < opcodes.size() ? opcodes[told.opcode()] : unassigned;
    observe::Operation operation{
        .protocol = pdu.protocol,
        .function = {told.opcode(), known.name},
        .act = known.act,
        .phase = told.response() ? Phase::response : Phase::request,
        .outcome = !told.response() ? Outcome::pending
                   : told.code()    ? Outcome::refused
                                    : Outcome::done,
        .status = told.response() ? told.code() : 0u,
        .pair = flavour == Flavour::multicast ? 0u : 0x10000u | id,
    };
    wire::Question question;
    TextRoom<16> type_room;
    const bool asked = walk.ok() && walk.question(question);
    if (asked)
        operation.object = {.space = wire::type_name(question.type), .text = question.name.view()};
    else if (wire::Record record; walk.ok() && walk.next(record)) // mDNS answers repeat no question.
        question.name = record.name, question.type = record.type,
        operation.object = {.space = wire::type_name(record.type), .text = question.name.view()};
    if (!operation.object.text.empty() && operation.object.space.empty())
        operation.object.element = question.type;
    operation.count = walk.ok() ? walk.header().answers : 0u;
    ways.say().on(pdu.origin, operation);

    unsigned answers = 0;
    wire::Walk again{pdu.bytes};
    if (told.response()) {
        answers = names(pdu, ways, again);
    } else {
        wire::Record record;
        while (again.next(record)) {
        }
    }
    if (told.response() && answers == 0 && asked && flavour != Flavour::multicast)
        ways.say().on(
            pdu.origin,
            observe::Name{.asked = question.name.view(), .kind = question.type, .code = told.code()});
    if (pdu.bytes.size() < wire::header_size) {
        report(pdu, ways, {4, "message ends inside its header"});
        return false;
    }
    if (!again.ok())
        report(pdu, ways,
               Malformed{0, "a name or record leaves the message, or points forwards"}.shifted(
                   again.position()));
    return true;
}

} // namespace yagura::dissect::protocols::dns_family
