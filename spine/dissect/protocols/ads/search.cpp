// TwinCAT routers are searched for over UDP, and told of new routes.
#include "spine/dissect/protocols/ads/search.h"

#include "spine/base/text_room.h"

namespace yagura::dissect::ads {
namespace {

using observe::Attribute;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;

constexpr std::uint32_t of_search = 0x10000; ///< codes of the search
constexpr std::size_t search_head = 24;

void found(std::string_view host, Bytes release, Bytes system, const Tell& tell) noexcept {
    tell.of_speaker(Attribute::vendor, "Beckhoff", 75);
    tell.of_speaker(Attribute::product, "TwinCAT", 60);
    if (is_host_name(host)) tell.of_speaker(Attribute::name, host, 90);
    TextRoom<48> text;
    if (Reader in{release}; release.size() >= 4) {
        const auto major = in.u8(), minor = in.u8();
        text.number(major).add('.').number(minor).add('.').number(in.u16le());
        tell.of_speaker(Attribute::firmware, text.view(), 80);
    }
    // As Windows tells its own version: size, major, minor, build, platform (3: Windows CE).
    Reader in{system};
    in.u32le();
    const auto major = in.u32le(), minor = in.u32le(), build = in.u32le(), platform = in.u32le();
    if (!in.ok() || (platform != 2 && platform != 3)) return;
    text.clear();
    text.add(platform == 3 ? "Windows CE " : "Windows NT ").number(major).add('.').number(minor);
    if (build != 0) text.add('.').number(build);
    tell.of_speaker(Attribute::os, text.view(), 85);
}

} // namespace

std::string_view name_in(Bytes data) noexcept {
    const auto name = label(data);
    for (const char c : name)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return {};
    return name;
}
Recognition search_looks_like(Bytes bytes) noexcept {
    Reader in{bytes};
    in.take(8);
    const auto service = in.u32le();
    in.take(8);
    const auto count = in.u32le();
    if (!in.ok() || (service & 0x7fffffff) == 0 || (service & 0x7fffffff) > 0xff || count > 64) return {};
    return {Likeness::yes, service >> 31 ? Speaker::server : Speaker::client};
}

/// Magic, number, service, who speaks (net id and port), how many items; items of kind, length, content.
void search(const Tell& tell) noexcept {
    enum Service : std::uint32_t { who = 1, restart = 2, add_route = 6 };
    enum Item : std::uint16_t {
        status = 1,
        password = 2,
        version = 3,
        system = 4,
        host = 5,
        route = 12,
        user = 13,
    };
    Reader in{tell.pdu.bytes};
    in.take(4);
    const auto invoke = in.u32le(), service = in.u32le();
    in.take(8);
    const auto count = in.u32le();
    if (!in.ok()) return tell.report({0, "message ends inside its head"});
    const bool answers = service >> 31 != 0;
    const auto kind = service & 0x7fffffff;
    Operation said{.function = {of_search | (kind & 0xffff), kind == who         ? "search"
                                                             : kind == add_route ? "add route"
                                                             : kind == restart   ? "restart"
                                                                                 : "unknown service"},
                   .act = kind == who         ? Act::identify
                          : kind == add_route ? Act::configure
                          : kind == restart   ? Act::reset
                                              : Act::unknown,
                   .phase = answers ? Phase::response : Phase::request,
                   .outcome = answers ? Outcome::done : Outcome::pending,
                   .pair = invoke};
    std::string_view name, person, where;
    Bytes release, of_system;
    for (std::uint32_t i = 0; in.ok() && i < count; ++i) {
        const auto item = in.u16le();
        const auto content = in.take(in.u16le());
        if (!in.ok()) break;
        Reader one{content};
        if (item == status && content.size() == 4 && answers) said.status = one.u32le();
        if (item == version) release = content;
        if (item == system) of_system = content;
        if (item == host) where = name_in(content);
        if (item == route) name = name_in(content);
        if (item == user) person = name_in(content);
    }
    if (said.status != 0) said.outcome = Outcome::refused;
    if (!name.empty()) said.object = {.space = "route", .text = name};
    if (!where.empty()) said.value = where;
    tell.operation(said);
    if (kind == add_route && !answers) tell.login(person, "ADS route", Outcome::pending);
    if (kind == who && answers) found(where, release, of_system, tell);
    if (!in.ok()) tell.report(Malformed{0, "items are longer than their message"}.shifted(search_head));
}

} // namespace yagura::dissect::ads
