#include "see/health/bridges.h"

#include "see/health/places.h"

namespace yagura::see::health {
namespace {

using namespace std::chrono_literals;

constexpr auto holds = 6h;
/// A change is told again every hello (2 s) until the root has heard of it, and for 35 s after (802.1D
/// clause 17.14): what comes so close is one.
constexpr auto one_change = 40s;
constexpr auto often_within = 15min;
constexpr std::size_t often = 4;

std::optional<observe::Mac> mac_of(std::string_view root) {
    const auto at = root.find('/');
    if (at == root.npos || root.size() - at != 18) return std::nullopt;
    observe::Mac out{};
    for (std::size_t i = 0; i < 6; ++i) {
        unsigned value = 0;
        for (const char one : root.substr(at + 1 + 3 * i, 2)) {
            const auto digit = one >= '0' && one <= '9'   ? one - '0'
                               : one >= 'a' && one <= 'f' ? one - 'a' + 10
                                                          : -1;
            if (digit < 0) return std::nullopt;
            value = value * 16 + static_cast<unsigned>(digit);
        }
        out[i] = static_cast<std::uint8_t>(value);
    }
    return out;
}

/// A bridge's ports have addresses next to its own.
bool is_its_own(const observe::Mac& root, const observe::Mac& port) {
    return std::equal(root.begin(), root.begin() + 5, port.begin());
}

} // namespace

Bridges::Bridges(Board& board, const Most& most)
    : board_{board}, ports_{8, most.ports}, networks_{9, most.networks} {}

void Bridges::root(const observe::Origin& origin, std::string_view root, observe::Time first,
                   observe::Time last) {
    const auto& port = speaker(origin).mac;
    const auto now = mac_of(root);
    if (!now || port == observe::Mac{}) return;
    const auto key = with(scope(origin), port);
    auto& known = ports_.at(key);
    if (known.root == root) {
        known.last = std::max(known.last, last);
        return ports_.touch(key);
    }
    if (first < known.last) return; // A window of the root before this one, told late.
    const auto before = mac_of(known.root);
    const bool first_word = known.root.empty();
    const std::string was = std::exchange(known.root, std::string{root});
    known.last = last;
    ports_.touch(key);
    // A bridge that was switched on takes itself for the root until it hears the real one.
    if (first_word || !before || is_its_own(*before, port)) return;
    const auto lane = origin.parties.lane;
    Finding out;
    out.kind = Kind::root_changed;
    out.key = cat("root_changed|", where(lane), "|", std::min(was, known.root), "|",
                  std::max(was, known.root));
    out.severity = Severity::medium;
    out.realm = lane.realm;
    out.vlan = lane.vlan;
    out.first = out.last = first;
    out.until = first + holds;
    out.evidence = origin.evidence;
    out.parties.push_back({Party::Role::root, {.ip = {}, .mac = *now}, first, last, origin.evidence});
    out.parties.push_back({Party::Role::former, {.ip = {}, .mac = *before}, first, first, origin.evidence});
    out.facts = {{"root", known.root}, {"former_root", was}};
    board_.raise(std::move(out));
}

void Bridges::changed(const observe::Origin& origin, observe::Time first, observe::Time last) {
    const auto key = scope(origin);
    auto& network = networks_.at(key);
    for (const auto at : {first, last}) {
        if (std::any_of(
                network.changes.begin(), network.changes.begin() + network.size,
                [&](observe::Time known) { return at < known + one_change && known < at + one_change; }))
            continue;
        if (network.size == network.changes.size()) {
            if (at < network.changes.front()) continue;
            std::ranges::move(network.changes.begin() + 1, network.changes.end(), network.changes.begin());
            --network.size;
        }
        network.changes[network.size++] = at;
        std::sort(network.changes.begin(), network.changes.begin() + network.size);
    }
    networks_.touch(key);
    std::size_t many = 0;
    const auto latest = network.changes[network.size - 1u];
    auto begin = latest;
    for (std::size_t i = 0; i < network.size; ++i)
        if (network.changes[i] + often_within > latest) {
            ++many;
            begin = std::min(begin, network.changes[i]);
        }
    if (many < often) return;
    const auto lane = origin.parties.lane;
    Finding out;
    out.kind = Kind::topology_changes;
    out.key = cat("topology_changes|", where(lane));
    out.severity = Severity::medium;
    out.realm = lane.realm;
    out.vlan = lane.vlan;
    out.first = begin;
    out.last = latest;
    out.until = latest + 30min;
    out.evidence = origin.evidence;
    out.parties.push_back(
        {Party::Role::takes, {.ip = {}, .mac = speaker(origin).mac}, first, last, origin.evidence});
    out.facts = {{"changes", cat(many)}};
    board_.raise(std::move(out));
}

void Bridges::Port::pack(Packer& out) const { out.text(root).time(last); }
void Bridges::Port::unpack(Unpacker& in) {
    root = in.text();
    last = in.time();
}
void Bridges::Network::pack(Packer& out) const {
    out.u8(size);
    for (std::size_t i = 0; i < size; ++i) out.time(changes[i]);
}
void Bridges::Network::unpack(Unpacker& in) {
    size = std::min<std::uint8_t>(in.u8(), static_cast<std::uint8_t>(changes.size()));
    for (std::size_t i = 0; i < size; ++i) changes[i] = in.time();
}

} // namespace yagura::see::health
