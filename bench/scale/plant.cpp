#include "bench/scale/plant.h"

#include <algorithm>
#include <array>

#include "spine/base/text.h"

namespace yagura::bench {

using observe::Act;
using Form = observe::Object::Form;

const Spoken spoken[]{
    {"modbus", "modbus", 6, 502, 3, 16, "Read Holding Registers", "Write Multiple Registers",
     "holding register", Form::plain},
    {"s7comm", "cotp", 6, 102, 4, 5, "Read Variable", "Write Variable", "DB", Form::s7},
    {"slmp", "slmp", 6, 5007, 0x0401, 0x1401, "Batch Read", "Batch Write", "D", Form::device},
    {"fins", "fins", 17, 9600, 0x0101, 0x0102, "Memory Area Read", "Memory Area Write", "DM", Form::device},
    {"cip", "enip", 6, 44818, 0x4c, 0x4d, "Read Tag", "Write Tag", "tag", Form::plain},
    {"opcua", "opcua", 6, 4840, 631, 673, "Read", "Write", "node", Form::plain},
};
const std::size_t spoken_many = std::size(spoken);

const Spoken others[]{
    {"http", "http", 6, 80, 0, 0, {}, {}, {}, Form::plain},
    {"tls", "tls", 6, 443, 0, 0, {}, {}, {}, Form::plain},
    {"smb", "smb", 6, 445, 0, 0, {}, {}, {}, Form::plain},
    {"dns", "dns", 17, 53, 0, 0, {}, {}, {}, Form::plain},
    {"ntp", "ntp", 17, 123, 0, 0, {}, {}, {}, Form::plain},
    {"snmp", "snmp", 17, 161, 0, 0, {}, {}, {}, Form::plain},
    {"rdp", "rdp", 6, 3389, 0, 0, {}, {}, {}, Form::plain},
    {"ssh", "ssh", 6, 22, 0, 0, {}, {}, {}, Form::plain},
};
const std::size_t others_many = std::size(others);

namespace {

constexpr std::size_t of_a_line = 80, hall_share = 25; ///< one in 25 devices stands in the hall
struct Maker {
    std::string_view vendor, product;
    std::array<std::uint8_t, 3> prefix;
};
constexpr Maker makers[]{{"Schneider Electric", "TM221CE24R", {0x00, 0x80, 0xf4}},
                         {"Siemens AG", "6ES7 214-1AG40", {0x00, 0x1b, 0x1b}},
                         {"Mitsubishi Electric", "Q06UDV", {0x08, 0x00, 0x70}},
                         {"OMRON Corporation", "CJ2M-CPU31", {0x00, 0x00, 0x0a}},
                         {"Rockwell Automation", "1756-L73", {0x00, 0x1d, 0x9c}},
                         {"Beckhoff Automation", "CX5140", {0x00, 0x01, 0x05}}};
constexpr std::string_view kinds_of_line[]{"溶接", "組立", "塗装", "プレス", "検査", "包装", "成形", "搬送"};

} // namespace

ScalePlant::ScalePlant(std::uint64_t seed, std::size_t devices, double rows_a_minute) : dice_{seed} {
    const auto hall = std::max<std::size_t>(8, devices / hall_share);
    const auto floor = devices > hall ? devices - hall : 0;
    lines_ = std::max<std::size_t>(1, (floor + of_a_line - 1) / of_a_line);
    things_.reserve(devices);
    of_line_.resize(lines_ + 1);
    people_hall(hall);
    for (std::size_t line = 1; line <= lines_; ++line)
        people_line(line, std::min(of_a_line, floor - (line - 1) * of_a_line));
    double rows_now = 0;
    for (std::uint64_t round = 0; rows_now < rows_a_minute && round < 400; ++round) {
        std::vector<Stream> wished;
        for (std::size_t line = 1; line <= lines_; ++line) wish(wished, line, round);
        for (auto n = wished.size(); n > 1; --n) std::swap(wished[n - 1], wished[dice_.below(n)]);
        for (const auto& one : wished) {
            if (rows_now >= rows_a_minute) break;
            rows_now += rows(one);
            streams_.push_back(one);
        }
    }
    // Streams of two ends share their conversation, and each is a talk once.
    for (std::size_t i = 0; i < streams_.size(); ++i) streams_[i].conversation = ++conversations_;
    for (const auto& one : streams_) talks_.push_back(one);
    for (const auto& thing : things_) {
        const bool computer = thing.kind == "server" || thing.kind == "station" || thing.kind == "hmi";
        for (std::size_t n = computer ? 7 : 3; n--;) {
            const auto& hall_of = of_line_[0];
            const auto& far = things_[hall_of[dice_.below(hall_of.size())]];
            if (&far != &thing) talk(thing, far, others[dice_.below(computer ? others_many : 6)]);
        }
    }
}

std::string ScalePlant::line_name(std::size_t line) const {
    if (line == 0) return "サーバー室";
    return cat(kinds_of_line[(line - 1) % std::size(kinds_of_line)],
               (line - 1) / std::size(kinds_of_line) + 1, "号");
}

Thing& ScalePlant::add(std::size_t line, std::string_view kind, std::uint8_t protocol) {
    const auto number = things_.size() + 1;
    auto& one = things_.emplace_back();
    one.kind = kind;
    one.line = line;
    one.protocol = protocol;
    one.vlan = static_cast<std::uint16_t>(100 + line);
    const auto& maker = makers[protocol % std::size(makers)];
    one.vendor = maker.vendor;
    one.product = maker.product;
    std::ranges::copy(maker.prefix, one.station.mac.begin());
    one.station.mac[3] = static_cast<std::uint8_t>(number >> 16);
    one.station.mac[4] = static_cast<std::uint8_t>(number >> 8);
    one.station.mac[5] = static_cast<std::uint8_t>(number);
    const auto host = of_line_[line].size() + 10;
    one.station.ip = {0,
                      0,
                      0,
                      0,
                      0,
                      0,
                      0,
                      0,
                      0,
                      0,
                      0xff,
                      0xff,
                      10,
                      static_cast<std::uint8_t>(20 + line / 200),
                      static_cast<std::uint8_t>(line % 200),
                      static_cast<std::uint8_t>(host)};
    if (host > 250) { // The hall of a large plant has more than one subnet.
        one.station.ip[13] = static_cast<std::uint8_t>(40 + host / 250);
        one.station.ip[15] = static_cast<std::uint8_t>(1 + host % 250);
    }
    one.name = cat(line_name(line), " ", kind, "-", of_line_[line].size() + 1);
    of_line_[line].push_back(things_.size() - 1);
    return one;
}

void ScalePlant::people_hall(std::size_t count) {
    for (std::size_t n = 0; n < count; ++n)
        add(0,
            n % 8 < 3    ? "server"
            : n % 8 == 3 ? "switch"
                         : "station",
            static_cast<std::uint8_t>(n % spoken_many));
}

void ScalePlant::people_line(std::size_t line, std::size_t count) {
    const auto protocol = static_cast<std::uint8_t>((line - 1) % spoken_many);
    constexpr std::pair<std::string_view, std::size_t> order[]{
        {"switch", 1}, {"server", 1}, {"hmi", 4},   {"plc", 12},   {"station", 2},
        {"io", 30},    {"drive", 16}, {"robot", 6}, {"camera", 6}, {"printer", 2}};
    std::size_t made = 0;
    for (const auto& [kind, many] : order)
        for (std::size_t n = 0; n < many && made < count; ++n, ++made) add(line, kind, protocol);
}

void ScalePlant::stream(const Thing& client, const Thing& server, Act act, std::uint64_t round) {
    auto& one = streams_.emplace_back();
    one.parties.client = client.station;
    one.parties.server = server.station;
    one.parties.client.port = static_cast<std::uint16_t>(49152 + dice_.below(16000));
    one.parties.server.port = spoken[server.protocol].port;
    one.parties.lane = {.vlan = server.vlan, .carrier = spoken[server.protocol].carrier};
    one.parties.certain = true;
    one.protocol = server.protocol;
    one.act = act;
    one.unit = server.kind == "plc" ? 0 : 1 + static_cast<std::uint32_t>(dice_.below(4));
    one.number = 100 + round * 40 + dice_.below(40);
    one.value = dice_.below(4000);
    one.line = server.line;
}

/// What is asked for next on a line: the controllers first, then what hangs on them, each round other
/// objects.
void ScalePlant::wish(std::vector<Stream>& into, std::size_t line, std::uint64_t round) {
    const auto before = streams_.size();
    std::vector<const Thing*> plcs, hmis, fields, servers;
    for (const auto at : of_line_[line]) {
        const auto& one = things_[at];
        if (one.kind == "plc") plcs.push_back(&one);
        if (one.kind == "hmi") hmis.push_back(&one);
        if (one.kind == "server") servers.push_back(&one);
        if (one.kind == "io" || one.kind == "drive" || one.kind == "robot") fields.push_back(&one);
    }
    const auto& hall = of_line_[0];
    for (std::size_t n = 0; n < plcs.size(); ++n) {
        if (!servers.empty()) stream(*servers[0], *plcs[n], Act::read, round);
        if (!hmis.empty()) stream(*hmis[(n + round) % hmis.size()], *plcs[n], Act::read, round);
        // One historian for several lines: the busiest devices of a plant.
        stream(things_[hall[line / 20 % 3]], *plcs[n], Act::read, round);
        if (!fields.empty() && n % 4 == round % 4)
            stream(*plcs[n], *fields[(n * 5 + round) % fields.size()], n % 3 ? Act::write : Act::cyclic_io,
                   round);
    }
    for (std::size_t n = 0; n < fields.size() && !plcs.empty(); ++n)
        stream(*plcs[n % plcs.size()], *fields[n], Act::read, round);
    into.insert(into.end(), streams_.begin() + static_cast<std::ptrdiff_t>(before), streams_.end());
    streams_.resize(before);
}

void ScalePlant::talk(const Thing& client, const Thing& server, const Spoken& how) {
    auto& one = talks_.emplace_back();
    one.parties.client = client.station;
    one.parties.server = server.station;
    one.parties.client.port = static_cast<std::uint16_t>(49152 + dice_.below(16000));
    one.parties.server.port = how.port;
    one.parties.lane = {.vlan = client.vlan, .carrier = how.carrier};
    one.parties.certain = true;
    one.conversation = ++conversations_;
    one.protocol = static_cast<std::uint8_t>(spoken_many + static_cast<std::size_t>(&how - others));
    one.line = client.line;
}

double ScalePlant::rows(const Stream& stream) noexcept {
    return observe::usual_effect(stream.act) > observe::Effect::observes ? 6.0 : 1.15;
}

double ScalePlant::busy(std::size_t line, std::int64_t minute) noexcept {
    const auto local = minute + 9 * 60;                                  // Japan.
    const auto hour = local / 60 % 24, weekday = (local / 1440 + 4) % 7; // 0: Sunday.
    const double shift = hour >= 8 && hour < 17 ? 1.0 : hour >= 17 && hour < 22 ? 0.8 : 0.6;
    const double day = weekday == 0 ? 0.35 : weekday == 6 ? 0.55 : 1.0;
    return std::max(0.1, shift * day - (line % 7 == 3 && day < 1 ? 0.2 : 0.0));
}

} // namespace yagura::bench
