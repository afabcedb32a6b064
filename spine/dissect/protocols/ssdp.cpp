// SSDP: what UPnP devices announce and are searched for.
//
// From the UPnP Device Architecture 2.0 (2020), clause 1: NOTIFY, M-SEARCH and its responses.
#include "spine/dissect/protocols/http/fields.h"
#include "spine/dissect/tell.h"

namespace yagura::dissect::protocols {
namespace {

using observe::Act;
using observe::Attribute;
using observe::Outcome;
using observe::Phase;

enum Code : std::uint32_t { other = 0, search = 1, notify = 2, answer = 3 };

struct Kept {
    std::string_view target{}, kind{}, name{}, server{}, agent{}, location{};
};

Kept read(std::string_view text) noexcept {
    Kept out;
    auto rest = text.substr(std::min(text.size(), text.find('\n')));
    for (int count = 0; count < 40 && rest.size() > 1; ++count) {
        rest.remove_prefix(1);
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size());
        const auto colon = line.find(':');
        if (colon == line.npos) continue;
        const auto key = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
        if (same_words(key, "st") || same_words(key, "nt"))
            out.target = value;
        else if (same_words(key, "nts"))
            out.kind = value;
        else if (same_words(key, "usn"))
            out.name = value;
        else if (same_words(key, "server"))
            out.server = value;
        else if (same_words(key, "user-agent"))
            out.agent = value;
        else if (same_words(key, "location"))
            out.location = value;
    }
    return out;
}

struct Ssdp {
    static constexpr Over over[]{{"udp", 1900}};
    static constexpr Mark marks[]{
        {0, 0xffffffff, 0x4d2d5345}, {0, 0xffffffff, 0x4e4f5449}, {0, 0xffffffff, 0x48545450}};
    static constexpr Facts facts{
        .name = "ssdp",
        .title = "Simple Service Discovery Protocol",
        .specification = "UPnP Device Architecture 2.0, clause 1",
        .over = over,
        .marks = marks,
        .message_most = 1'500,
        .depth = Depth::acts,
    };
    struct State {};

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto text = as_text(latest(opening));
        if (text.starts_with("M-SEARCH * HTTP/1.") || text.starts_with("NOTIFY * HTTP/1."))
            return {Likeness::yes, observe::Speaker::client};
        const bool told = text.starts_with("HTTP/1.1 200 OK") && !read(text).name.empty();
        return {told ? Likeness::yes : Likeness::no, observe::Speaker::server};
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State&, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto text = as_text(pdu.bytes);
        const auto line = text.substr(0, text.find('\n'));
        const auto kept = read(text);
        const auto code = line.starts_with("M-SEARCH")  ? search
                          : line.starts_with("NOTIFY")  ? notify
                          : line.starts_with("HTTP/1.") ? answer
                                                        : other;
        if (code == other) return tell.report({0, "neither a search, a notification nor an answer"});
        const bool leaves = code == notify && same_words(kept.kind, "ssdp:byebye");
        observe::Operation said{.function = {code, code == search   ? "search"
                                                   : code == notify ? "notify"
                                                                    : "search answer"},
                                .act = leaves           ? Act::disconnect
                                       : code == notify ? Act::report
                                                        : Act::browse,
                                .phase = code == search   ? Phase::request
                                         : code == notify ? Phase::event
                                                          : Phase::response,
                                .outcome = code == search ? Outcome::pending : Outcome::done};
        const auto target = kept.target.substr(0, 96);
        if (!target.empty()) said.object = {.space = "target", .text = target};
        if (!kept.location.empty()) said.value = kept.location.substr(0, 120);
        tell.operation(said);
        tell.of_speaker(Attribute::application, kept.server.substr(0, 160), 80);
        tell.of_speaker(Attribute::application, kept.agent.substr(0, 160), 60);
        // What it announces it has; what somebody searches for, it has not.
        if (code == search || leaves) return;
        constexpr std::string_view types[]{"urn:", "upnp:rootdevice"};
        for (const auto type : types)
            if (target.starts_with(type)) tell.of_speaker(Attribute::service, target, 75);
    }
};

} // namespace

extern constinit const Dissector ssdp = row<Ssdp>();

} // namespace yagura::dissect::protocols
