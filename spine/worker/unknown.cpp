#include "spine/worker/unknown.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "spine/base/text.h"

namespace yagura::worker {
namespace {

constexpr std::size_t places_of_marks = 16, places_of_functions = 16, marks_alike = 3;
constexpr std::uint32_t functions_least = 2, functions_most = 24;

std::string hex_byte(std::uint8_t byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    return {digits[byte >> 4], digits[byte & 15u]};
}

bool is_ip_form(const observe::Parties& parties) {
    return parties.client.has_ip() || parties.server.has_ip();
}

std::string_view carrier_of(const observe::Parties& parties) {
    if (!is_ip_form(parties) || parties.lane.carrier >= 0x600) return "ethernet";
    return parties.lane.carrier == 6 ? "tcp" : parties.lane.carrier == 17 ? "udp" : "ip";
}

/// Of the first eight bytes, those that stay the same in both and are not zero; none where they disagree.
std::optional<std::size_t> same_bytes(const SideShape& one, const SideShape& other) {
    if ((one.messages == 0) != (other.messages == 0)) return std::nullopt;
    std::size_t same = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        const bool here = one.constant(i), there = other.constant(i);
        if (here != there || (here && one.first(i) != other.first(i))) return std::nullopt;
        same += here && one.first(i) != 0;
    }
    return same;
}
bool alike(const UnknownProtocol& one, const UnknownProtocol& other) {
    const auto client = same_bytes(one.sides[0], other.sides[0]),
               server = same_bytes(one.sides[1], other.sides[1]);
    return client && server && *client + *server >= marks_alike;
}

void add_station(UnknownProtocol& to, observe::Station station) {
    station.port = 0;
    const auto same = [&](const observe::Station& one) {
        return station.has_ip() ? one.ip == station.ip : one.mac == station.mac;
    };
    if (to.stations.size() < UnknownProtocol::stations_most && std::ranges::none_of(to.stations, same))
        to.stations.push_back(station);
}

void add(UnknownProtocol& to, const Shape& shape, bool turned) {
    ++to.conversations;
    to.first = to.conversations == 1 ? shape.first : std::min(to.first, shape.first);
    to.last = std::max(to.last, shape.last);
    add_station(to, shape.parties.client);
    add_station(to, shape.parties.server);
    to.sides[0].merge(shape.sides[turned ? 1 : 0]);
    to.sides[1].merge(shape.sides[turned ? 0 : 1]);
}

void add(UnknownProtocol& to, const UnknownProtocol& more) {
    to.conversations += more.conversations;
    to.first = std::min(to.first, more.first);
    to.last = std::max(to.last, more.last);
    for (const auto& one : more.stations) add_station(to, one);
    for (std::size_t side = 0; side < 2; ++side) to.sides[side].merge(more.sides[side]);
    if (to.selector != more.selector) to.selector = 0;
}

std::vector<std::uint8_t> values_of(const SideShape& side, std::size_t place) {
    std::vector<std::uint8_t> out;
    for (std::size_t value = 0; value < 256; ++value)
        if (side.values(place).test(value)) out.push_back(static_cast<std::uint8_t>(value));
    return out;
}

} // namespace

std::optional<SideShape::Length> UnknownProtocol::length() const {
    const auto one = sides[0].length(), other = sides[1].length();
    if (sides[0].messages == 0) return other;
    if (sides[1].messages == 0) return one;
    // Where one side's messages are all of one length, the other's word is enough if it fits.
    const auto fits = [](const SideShape::Length& length, const SideShape& side) {
        if (side.least != side.most || length.at + length.bytes > side.common()) return false;
        std::uint32_t number = 0;
        for (std::size_t i = 0; i < length.bytes; ++i) {
            const auto place = length.little ? length.at + length.bytes - 1 - i : length.at + i;
            if (!side.constant(place)) return false;
            number = number << 8 | side.first(place);
        }
        return static_cast<std::int64_t>(number) + length.plus == side.least;
    };
    if (one && other)
        return one->at == other->at && one->bytes == other->bytes && one->plus == other->plus ? one
                                                                                              : std::nullopt;
    if (one && fits(*one, sides[1])) return one;
    if (other && fits(*other, sides[0])) return other;
    return std::nullopt;
}

std::optional<std::size_t> UnknownProtocol::counter() const {
    for (std::size_t i = 0; i < SideShape::places_most; ++i) {
        const bool one = sides[0].messages == 0 || sides[0].counts(i);
        const bool other = sides[1].messages == 0 || sides[1].counts(i);
        if (one && other && (sides[0].counts(i) || sides[1].counts(i))) return i;
    }
    return std::nullopt;
}

std::optional<UnknownProtocol::Opcode> UnknownProtocol::opcode() const {
    const auto size = length();
    const auto counting = counter();
    for (std::size_t at = 0; at < places_of_functions; ++at) {
        if (counting == at || (size && at >= size->at && at < size->at + size->bytes)) continue;
        const auto& asks = sides[0].messages ? sides[0] : sides[1];
        if (at >= asks.common() || asks.counts(at)) continue;
        const auto asked = values_of(asks, at);
        if (asked.size() < functions_least || asked.size() > functions_most ||
            asks.messages < 2 * asked.size())
            continue;
        if (&asks == &sides[1] || sides[1].messages == 0) return Opcode{at, 0, asked};
        if (at >= sides[1].common()) continue;
        const auto told = values_of(sides[1], at);
        if (told.size() > 2 * functions_most) continue;
        const auto repeated = [&](std::uint8_t bit) {
            return std::ranges::count_if(asked, [&](std::uint8_t value) {
                return std::ranges::find(told, static_cast<std::uint8_t>(value | bit)) != told.end();
            });
        };
        const auto most = static_cast<std::ptrdiff_t>(asked.size());
        if (2 * repeated(0) >= most && repeated(0) > 0) return Opcode{at, 0, asked};
        const bool low = std::ranges::all_of(asked, [](std::uint8_t value) { return value < 0x80; });
        if (low && 2 * repeated(0x80) >= most && repeated(0x80) > 0) return Opcode{at, 0x80, asked};
    }
    return std::nullopt;
}

std::string UnknownProtocol::mark(const SideShape& side) {
    const auto end = std::min(side.common(), places_of_marks);
    std::size_t begin = end, behind = 0;
    // Zeros say little; a mark of them alone says nothing.
    bool says = false;
    for (std::size_t i = 0; i < end; ++i) {
        if (!side.constant(i)) continue;
        begin = std::min(begin, i);
        behind = i + 1;
        says |= side.first(i) != 0;
    }
    if (!says || side.messages < 4) return {};
    auto out = cat(begin, ":");
    for (auto i = begin; i < behind; ++i) out += cat(" ", side.constant(i) ? hex_byte(side.first(i)) : "??");
    return out;
}

std::string UnknownProtocol::draft(std::string_view name) const {
    const auto size = length();
    std::vector<std::string> marks;
    for (const auto& side : sides)
        if (const auto one = mark(side); !one.empty() && std::ranges::find(marks, one) == marks.end())
            marks.push_back(one);
    // Both sides have to be told: a side without a mark is nobody's then.
    const bool both = std::ranges::all_of(
        sides, [](const SideShape& s) { return s.messages == 0 || !mark(s).empty(); });
    if (!both) marks.clear();
    if (marks.empty() && !size)
        return cat(
            "# ", name,
            ": no byte of it stays and no length is to be seen, so that it cannot be told from others.\n");
    if (carrier == "tcp" && !size &&
        (sides[0].least != sides[0].most || sides[1].least != sides[1].most ||
         sides[0].most != sides[1].most))
        return cat("# ", name, ": where its messages end is not to be seen, and TCP is a stream.\n");
    std::string over{carrier};
    if (selector != 0)
        over += carrier == "ethernet" ? cat(":0x", hex_byte(static_cast<std::uint8_t>(selector >> 8)),
                                            hex_byte(static_cast<std::uint8_t>(selector)))
                                      : cat(":", selector);
    auto out = cat("[[protocol]]\nname = \"", name, "\"\ntitle = \"", name, "\"\nover = [\"", over, "\"]\n");
    if (!marks.empty()) {
        out += "marks = [";
        for (std::size_t i = 0; i < marks.size(); ++i) out += cat(i ? ", \"" : "\"", marks[i], "\"");
        out += "]\n";
    }
    const auto field = [](std::size_t at, std::size_t bytes, bool little) {
        return cat("at = ", at, ", bytes = ", bytes, little ? ", order = \"little\"" : "");
    };
    if (size)
        out += cat("length = { ", field(size->at, size->bytes, size->little), ", plus = ", size->plus,
                   " }\n");
    else if (carrier == "tcp")
        out += cat("fixed = ", sides[0].most, "\n");
    if (const auto at = counter()) out += cat("pair = { ", field(*at, 1, false), " }\n");
    const auto functions = opcode();
    if (!functions) return out;
    if (functions->answer_bit)
        out += cat("answer = \"", functions->at, ": ", hex_byte(functions->answer_bit), "/",
                   hex_byte(functions->answer_bit), "\"\n");
    out += cat("function = { ", field(functions->at, 1, false),
               functions->answer_bit ? cat(", mask = ", 0xff & ~functions->answer_bit) : std::string{},
               " }\n[protocol.functions]\n");
    for (const auto value : functions->values)
        out += cat("0x", hex_byte(value), " = { name = \"function 0x", hex_byte(value),
                   "\", act = \"unknown\" }\n");
    return out;
}

std::vector<UnknownProtocol> grouped_by_shape(const std::vector<std::unique_ptr<Shape>>& shapes) {
    // One worker or four: the same groups, with their stations in the same order.
    std::vector<const Shape*> all;
    for (const auto& one : shapes)
        if (!one->claimed) all.push_back(one.get());
    std::ranges::sort(all, [](const Shape* a, const Shape* b) {
        return std::tie(a->first, a->parties) < std::tie(b->first, b->parties);
    });
    // The port that more conversations have is the service's.
    std::map<std::pair<std::string_view, std::uint32_t>, std::uint64_t> used;
    for (const auto* one : all) {
        const auto carrier = carrier_of(one->parties);
        ++used[{carrier, one->parties.client.port}];
        if (one->parties.server.port != one->parties.client.port) ++used[{carrier, one->parties.server.port}];
    }
    std::map<std::pair<std::string_view, std::uint32_t>, UnknownProtocol> by_service;
    for (const auto* one : all) {
        const auto& parties = one->parties;
        const auto carrier = carrier_of(parties);
        std::uint32_t selector = parties.lane.carrier;
        bool turned = false;
        if (carrier == "tcp" || carrier == "udp") {
            const auto client = used[{carrier, parties.client.port}],
                       server = used[{carrier, parties.server.port}];
            turned = client != server ? client > server : parties.client.port < parties.server.port;
            if (parties.certain && client == server) turned = false;
            selector = turned ? parties.client.port : parties.server.port;
        }
        auto& group = by_service[{carrier, selector}];
        group.carrier = carrier;
        group.selector = selector;
        add(group, *one, turned);
    }
    std::vector<UnknownProtocol> out;
    std::vector<UnknownProtocol*> sorted;
    for (auto& [_, group] : by_service) sorted.push_back(&group);
    std::ranges::stable_sort(sorted, std::ranges::greater{}, &UnknownProtocol::messages);
    for (const auto* group : sorted) {
        const auto same = std::ranges::find_if(out, [&](const UnknownProtocol& one) {
            return one.carrier == group->carrier && (group->carrier == "tcp" || group->carrier == "udp") &&
                   alike(one, *group);
        });
        if (same == out.end())
            out.push_back(*group);
        else
            add(*same, *group);
    }
    std::ranges::stable_sort(out, std::ranges::greater{}, &UnknownProtocol::messages);
    return out;
}

std::string letters(std::size_t number) {
    std::string out;
    for (++number; number != 0; number = (number - 1) / 26)
        out.insert(out.begin(), static_cast<char>('A' + (number - 1) % 26));
    return out;
}

} // namespace yagura::worker
