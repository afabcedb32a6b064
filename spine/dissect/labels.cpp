#include "spine/dissect/labels.h"

#include <ndpi/ndpi_main.h> // Before ndpi_api.h, which leaves out what it needs.

#include <ndpi/ndpi_api.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <mutex>
#include <vector>

#include "spine/dissect/dissector.h"

namespace yagura::dissect {
namespace {

struct Accepted {
    std::uint16_t theirs;
    std::string_view name;
    bool udp = true; ///< false: over UDP it is taken for it by less than its signature
};
constexpr std::array accepted{
    Accepted{NDPI_PROTOCOL_AFP, "afp"},
    Accepted{NDPI_PROTOCOL_AJP, "ajp", false},
    Accepted{NDPI_PROTOCOL_AMQP, "amqp", false},
    Accepted{NDPI_PROTOCOL_BGP, "bgp", false},
    Accepted{NDPI_PROTOCOL_BITTORRENT, "bittorrent", false},
    Accepted{NDPI_PROTOCOL_BJNP, "bjnp"},
    Accepted{NDPI_PROTOCOL_CAPWAP, "capwap"},
    Accepted{NDPI_PROTOCOL_CORBA, "giop", false},
    Accepted{NDPI_PROTOCOL_DIAMETER, "diameter", false},
    Accepted{NDPI_PROTOCOL_DRDA, "drda", false},
    Accepted{NDPI_PROTOCOL_DTLS, "dtls"},
    Accepted{NDPI_PROTOCOL_FIX, "fix", false},
    Accepted{NDPI_PROTOCOL_GIT, "git", false},
    Accepted{NDPI_PROTOCOL_IPP, "ipp", false},
    Accepted{NDPI_PROTOCOL_IP_IPSEC, "ike"},
    Accepted{NDPI_PROTOCOL_LDAP, "ldap"},
    Accepted{NDPI_PROTOCOL_MAIL_IMAP, "imap", false},
    Accepted{NDPI_PROTOCOL_MAIL_POP, "pop3", false},
    Accepted{NDPI_PROTOCOL_MAIL_SMTP, "smtp", false},
    Accepted{NDPI_PROTOCOL_MEMCACHED, "memcached", false},
    Accepted{NDPI_PROTOCOL_MONGODB, "mongodb", false},
    Accepted{NDPI_PROTOCOL_MYSQL, "mysql", false},
    Accepted{NDPI_PROTOCOL_OPENVPN, "openvpn"},
    Accepted{NDPI_PROTOCOL_POSTGRES, "postgresql", false},
    Accepted{NDPI_PROTOCOL_PPTP, "pptp", false},
    Accepted{NDPI_PROTOCOL_QUIC, "quic"},
    Accepted{NDPI_PROTOCOL_REDIS, "redis", false},
    Accepted{NDPI_PROTOCOL_RSYNC, "rsync", false},
    Accepted{NDPI_PROTOCOL_RTSP, "rtsp"},
    Accepted{NDPI_PROTOCOL_SIP, "sip"},
    Accepted{NDPI_PROTOCOL_SMPP, "smpp", false},
    Accepted{NDPI_PROTOCOL_TEREDO, "teredo"},
    Accepted{NDPI_PROTOCOL_JABBER, "xmpp", false},
    Accepted{NDPI_PROTOCOL_USENET, "nntp", false},
    Accepted{NDPI_PROTOCOL_WIREGUARD, "wireguard"},
    Accepted{NDPI_PROTOCOL_ZABBIX, "zabbix", false},
};
constexpr auto names = [] {
    std::array<std::string_view, accepted.size()> out{};
    std::ranges::transform(accepted, out.begin(), &Accepted::name);
    return out;
}();

/// What its module takes once started: 5.5 MB by mallinfo2, rounded up.
constexpr std::size_t module_bytes = 6u << 20;
constexpr std::size_t ip_header = 20, tcp_header = 20, udp_header = 8, packet_most = 1500;
/// Of a conversation it keeps copies of texts, and it cannot copy more than it was given.
constexpr std::size_t kept_bytes = Labels::packets_most * packet_most;

void put16(std::byte* to, std::uint32_t value) noexcept {
    to[0] = static_cast<std::byte>(value >> 8 & 0xff);
    to[1] = static_cast<std::byte>(value & 0xff);
}
void put32(std::byte* to, std::uint32_t value) noexcept {
    put16(to, value >> 16);
    put16(to + 2, value & 0xffff);
}

using Room = std::array<std::byte, packet_most>;

/// The packet as nDPI wants it, from the IP header on: with an IPv4 header of our own, because it came in
/// whatever layers, and its addresses decide nothing here.
std::size_t packed(const Labels::Packet& packet, Room& room) noexcept {
    const bool client = packet.speaker == observe::Speaker::client;
    const auto& from = client ? packet.parties.client : packet.parties.server;
    const auto& to = client ? packet.parties.server : packet.parties.client;
    const auto head = ip_header + (packet.tcp ? tcp_header : udp_header);
    const auto payload = packet.payload.first(std::min(packet.payload.size(), room.size() - head));
    const auto size = head + payload.size();
    std::memset(room.data(), 0, head);
    auto* ip = room.data();
    ip[0] = std::byte{0x45};
    put16(ip + 2, static_cast<std::uint32_t>(size));
    ip[8] = std::byte{64};
    ip[9] = std::byte{packet.tcp ? std::uint8_t{6} : std::uint8_t{17}};
    std::memcpy(ip + 12, from.ip.data() + 12, 4);
    std::memcpy(ip + 16, to.ip.data() + 12, 4);
    auto* transport = ip + ip_header;
    put16(transport, from.port);
    put16(transport + 2, to.port);
    if (packet.tcp) {
        put32(transport + 4, packet.sequence);
        put32(transport + 8, packet.acknowledged);
        transport[12] = std::byte{tcp_header / 4 << 4};
        transport[13] = static_cast<std::byte>(packet.flags);
    } else {
        put16(transport + 4, static_cast<std::uint32_t>(udp_header + payload.size()));
    }
    if (!payload.empty()) std::memcpy(room.data() + head, payload.data(), payload.size());
    return size;
}

/// nDPI starts libgcrypt with its first module, and libgcrypt aborts the process when two threads start it
/// at once (its manual, "Multi-Threading"): modules are made one after the other.
ndpi_detection_module_struct* started() {
    static std::mutex one_at_a_time;
    const std::lock_guard mine{one_at_a_time};
    auto* module = ndpi_init_detection_module(ndpi_no_prefs);
    if (!module) return nullptr;
    NDPI_PROTOCOL_BITMASK everything;
    NDPI_BITMASK_SET_ALL(everything); // It finds one out by excluding others.
    ndpi_set_protocol_detection_bitmask2(module, &everything);
    ndpi_finalize_initialization(module);
    return module;
}

std::uint16_t number_of_theirs(std::uint16_t theirs, bool tcp) noexcept {
    const auto found = std::ranges::find(accepted, theirs, &Accepted::theirs);
    if (found == accepted.end() || (!tcp && !found->udp)) return 0;
    return static_cast<std::uint16_t>(all().size() + 1 + static_cast<std::size_t>(found - accepted.begin()));
}

} // namespace

std::span<const std::string_view> labels() noexcept { return names; }

struct Labels::Inside {
    struct Place {
        std::uint64_t conversation = 0; ///< 0: free
        std::uint8_t packets = 0;
        ndpi_flow_struct flow;
    };

    Inside(std::uint16_t conversations, Limits& limits)
        : places{std::make_unique<Place[]>(conversations)},
          count{conversations},
          limit{limits.add("worker.labels", conversations, "conversations")} {
        module = started();
        if (!module) return;
        free.reserve(conversations);
        for (auto i = conversations; i > 0; --i) free.push_back(i);
    }
    ~Inside() {
        if (!module) return;
        for (std::size_t i = 0; i < count; ++i) release(places[i]);
        ndpi_exit_detection_module(module);
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

    static void release(Place& place) noexcept {
        if (place.conversation == 0) return;
        ndpi_free_flow_data(&place.flow);
        place.conversation = 0;
    }
    Place& take(std::uint16_t& place) noexcept {
        if (free.empty()) { // Who has had a place for longest gives it up.
            next = static_cast<std::uint16_t>(next % count + 1);
            place = next;
            release(places[place - 1u]);
            limit.refuse();
        } else {
            place = free.back();
            free.pop_back();
        }
        auto& mine = places[place - 1u];
        mine.packets = 0;
        std::memset(&mine.flow, 0, sizeof mine.flow);
        return mine;
    }

    std::unique_ptr<Place[]> places;
    std::uint16_t count = 0, next = 0;
    std::vector<std::uint16_t> free;
    Limit& limit;
    ndpi_detection_module_struct* module = nullptr;
    Room room;
};

Labels::Labels(std::uint16_t conversations, Limits& limits) {
    if (conversations == 0) return;
    in_ = std::make_unique<Inside>(conversations, limits);
    if (!in_->module) in_.reset();
}
Labels::~Labels() = default;

Labels::Answer Labels::look(std::uint16_t& place, std::uint64_t conversation, const Packet& packet) noexcept {
    if (!in_) return {};
    if (place != 0 && in_->places[place - 1u].conversation != conversation) {
        place = 0; // Another has its place.
        return {};
    }
    auto& mine = place == 0 ? in_->take(place) : in_->places[place - 1u];
    mine.conversation = conversation;
    const auto size = packed(packet, in_->room);
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(packet.at.time_since_epoch()).count();
    const auto said = ndpi_detection_process_packet(
        in_->module, &mine.flow, reinterpret_cast<const unsigned char*>(in_->room.data()),
        static_cast<unsigned short>(size), static_cast<std::uint64_t>(ms));
    std::uint16_t protocol = 0;
    if (mine.flow.confidence == NDPI_CONFIDENCE_DPI) {
        protocol = number_of_theirs(said.master_protocol, packet.tcp);
        if (protocol == 0) protocol = number_of_theirs(said.app_protocol, packet.tcp);
    }
    const bool known = said.master_protocol != NDPI_PROTOCOL_UNKNOWN ||
                       said.app_protocol != NDPI_PROTOCOL_UNKNOWN;
    const bool more = protocol == 0 && !known && ++mine.packets < packets_most;
    if (!more) leave(place, conversation);
    return {protocol, more};
}

void Labels::leave(std::uint16_t& place, std::uint64_t conversation) noexcept {
    if (!in_ || place == 0) return;
    if (auto& mine = in_->places[place - 1u]; mine.conversation == conversation) {
        Inside::release(mine);
        in_->free.push_back(place);
    }
    place = 0;
}

void Labels::publish() noexcept {
    if (in_) in_->limit.use(in_->count - in_->free.size());
}

const Limit* Labels::limit() const noexcept { return in_ ? &in_->limit : nullptr; }

std::size_t Labels::memory_most(std::uint16_t conversations) noexcept {
    if (conversations == 0) return 0;
    return module_bytes + sizeof(Inside) +
           conversations * (sizeof(Inside::Place) + sizeof(std::uint16_t) + kept_bytes);
}

} // namespace yagura::dissect
