#include "spine/capture/ring.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <climits>
#include <cstring>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <random>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include "spine/base/text.h"
#include "spine/capture/fanout.h"

namespace yagura::capture {

namespace {

constexpr std::uint32_t block_size = 256 *
                                     1024; ///< holds the largest frame that offload makes, and three more
constexpr std::uint32_t blocks_least = 8;
/// How long the kernel keeps a block that is not full. Each expiry uses up a block, however few frames are
/// in it: 256 blocks of 20 ms are five seconds in which a worker may be late.
constexpr std::uint32_t block_milliseconds = 20;
constexpr std::uint32_t tag_size = 4;

Complaint trouble(std::string_view doing, const std::string& interface, int error) {
    Complaint complaint{.code = "capture.interface",
                        .what = cat("cannot ", doing, " '", interface, "'"),
                        .why = std::strerror(error),
                        .where = interface,
                        .next = "look at: ip link show"};
    if (error == EPERM || error == EACCES) {
        complaint.code = "capture.permission";
        complaint.next = "start it as root or with the capability CAP_NET_RAW";
    } else if (error == ENODEV) {
        complaint.next = "use a name that `ip link show` lists";
    } else if (error == ENOMEM) {
        complaint.next = "use fewer workers or smaller rings";
    }
    return complaint;
}

template <class T>
bool set(int socket, int level, int name, const T& value) noexcept {
    return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

/// What a frame of this kind of device begins with, as a LINKTYPE_ number; 0: nothing that we can read.
std::uint16_t link_type_of(unsigned short hardware) noexcept {
    switch (hardware) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
        return 1;
    case ARPHRD_NONE:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
    case ARPHRD_IPGRE:
    case 823: // ARPHRD_IP6GRE, which glibc does not know
    case ARPHRD_PPP:
        return 101;
    default:
        return 0;
    }
}

std::int64_t now() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

} // namespace

/// One socket: a worker's share of one interface.
struct Ring::Card {
    Descriptor socket;
    std::byte* memory = nullptr;
    std::size_t size = 0;
    std::uint32_t blocks = 0, block = 0;
    std::uint32_t left = 0; ///< frames of the block that we are in
    std::byte* packet = nullptr;
    std::uint32_t interface = 0;
    std::uint16_t link_type = 0;
    Totals totals{};

    ~Card() {
        if (memory) ::munmap(memory, size);
    }
    tpacket_block_desc& head() noexcept {
        return *reinterpret_cast<tpacket_block_desc*>(memory + std::size_t{block} * block_size);
    }
    /// The kernel has filled the block that comes next, or we are still in one.
    bool ready() noexcept {
        if (left != 0) return true;
        for (;;) {
            auto& at = head().hdr.bh1;
            if (!(__atomic_load_n(&at.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER)) return false;
            left = at.num_pkts;
            packet = memory + std::size_t{block} * block_size + at.offset_to_first_pkt;
            if (left != 0) return true;
            give_back();
        }
    }
    void give_back() noexcept {
        __atomic_store_n(&head().hdr.bh1.block_status, std::uint32_t{TP_STATUS_KERNEL}, __ATOMIC_RELEASE);
        block = block + 1 == blocks ? 0 : block + 1;
    }
    const tpacket3_hdr& header() const noexcept { return *reinterpret_cast<const tpacket3_hdr*>(packet); }
    std::int64_t at() const noexcept {
        return std::int64_t{header().tp_sec} * 1'000'000'000 + header().tp_nsec;
    }
    void advance() noexcept {
        packet += header().tp_next_offset;
        if (--left == 0) give_back();
    }
    void show(Frame& frame) noexcept {
        const auto& about = header();
        auto* start = packet + (link_type == 1 ? about.tp_mac : about.tp_net);
        auto kept = about.tp_snaplen, wire = about.tp_len;
        if (link_type != 1) {
            const auto before = static_cast<std::uint32_t>(about.tp_net - about.tp_mac);
            kept -= std::min(kept, before);
            wire -= std::min(wire, before);
        } else if ((about.tp_status & TP_STATUS_VLAN_VALID) != 0 && kept >= 2 * ETH_ALEN) {
            // The tag that the kernel took off is put back where it was; PACKET_RESERVE left the room.
            start -= tag_size;
            std::memmove(start, start + tag_size, 2 * ETH_ALEN);
            const auto type = (about.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0
                                  ? about.hv1.tp_vlan_tpid
                                  : static_cast<std::uint16_t>(ETH_P_8021Q);
            const std::uint16_t tag[]{htons(type), htons(static_cast<std::uint16_t>(about.hv1.tp_vlan_tci))};
            std::memcpy(start + 2 * ETH_ALEN, tag, sizeof tag);
            kept += tag_size;
            wire += tag_size;
        }
        frame.bytes = {start, kept};
        frame.wire_length = std::max(wire, kept);
        frame.at = at();
        frame.interface = interface;
        frame.link_type = link_type;
        ++totals.delivered;
    }
    void ask_kernel() noexcept {
        tpacket_stats_v3 since{};
        socklen_t length = sizeof since;
        if (::getsockopt(socket.number(), SOL_PACKET, PACKET_STATISTICS, &since, &length) != 0) return;
        totals.seen += since.tp_packets; // Those that were dropped are among them.
        totals.dropped += since.tp_drops;
    }

    static Result<std::unique_ptr<Card>> open(const RingOptions& options, std::size_t place);
};

Result<std::unique_ptr<Ring::Card>> Ring::Card::open(const RingOptions& options, std::size_t place) {
    const auto& name = options.interfaces[place];
    const auto fail = [&](std::string_view doing) { return std::unexpected{trouble(doing, name, errno)}; };
    auto card = std::make_unique<Card>();
    card->interface = static_cast<std::uint32_t>(place);
    // Protocol 0: nothing arrives before bind().
    card->socket = Descriptor{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)};
    const int socket = card->socket.number();
    if (socket < 0) return fail("listen on");

    ifreq about{};
    if (name.empty() || name.size() >= sizeof about.ifr_name) {
        errno = ENODEV;
        return fail("find the interface");
    }
    name.copy(about.ifr_name, name.size());
    if (::ioctl(socket, SIOCGIFHWADDR, &about) != 0) return fail("find the interface");
    card->link_type = link_type_of(about.ifr_hwaddr.sa_family);
    if (card->link_type == 0)
        return std::unexpected{
            Complaint{.code = "capture.link-type",
                      .what = cat("'", name, "' is no interface that Yagura can listen on"),
                      .why = cat("its hardware type is ", about.ifr_hwaddr.sa_family),
                      .where = name,
                      .next = "use an Ethernet interface or an IP tunnel"}};
    const auto index = ::if_nametoindex(name.c_str());
    if (index == 0) return fail("find the interface");

    // Until every worker is there, nobody gets anything: a frame would come to one who is not to have it.
    sock_filter nothing[]{{BPF_RET | BPF_K, 0, 0, 0}};
    const sock_fprog refuse{1, nothing};
    if (!set(socket, SOL_SOCKET, SO_ATTACH_FILTER, refuse)) return fail("prepare");
    if (!set(socket, SOL_PACKET, PACKET_VERSION, int{TPACKET_V3})) return fail("prepare");
    if (!set(socket, SOL_PACKET, PACKET_RESERVE, unsigned{tag_size})) return fail("prepare");
    (void)set(socket, SOL_SOCKET, SO_TIMESTAMPNS, int{1}); // Stamped on arrival, not when it is put here.
    if (options.clock == RingOptions::Clock::card &&
        !set(socket, SOL_PACKET, PACKET_TIMESTAMP, int{SOF_TIMESTAMPING_RAW_HARDWARE}))
        return fail("use the clock of");
    if (options.outgoing == RingOptions::Outgoing::ignore &&
        !set(socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, int{1}))
        return fail("ignore what is sent by");

    tpacket_req3 ring{};
    ring.tp_block_size = block_size;
    ring.tp_block_nr = std::max(
        blocks_least, static_cast<std::uint32_t>(options.bytes / block_size / options.interfaces.size()));
    ring.tp_frame_size = 2048;
    ring.tp_frame_nr = ring.tp_block_nr * (block_size / ring.tp_frame_size);
    ring.tp_retire_blk_tov = block_milliseconds;
    if (!set(socket, SOL_PACKET, PACKET_RX_RING, ring)) return fail("make a ring for");
    const std::size_t size = std::size_t{ring.tp_block_nr} * block_size;
    auto* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, socket, 0);
    if (memory == MAP_FAILED) return fail("map the ring of");
    card->memory = static_cast<std::byte*>(memory);
    card->size = size;
    card->blocks = ring.tp_block_nr;

    sockaddr_ll where{};
    where.sll_family = AF_PACKET;
    where.sll_protocol = htons(ETH_P_ALL);
    where.sll_ifindex = static_cast<int>(index);
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0)
        return fail("listen on");
    if (options.promiscuous == RingOptions::Promiscuous::yes) {
        packet_mreq request{};
        request.mr_ifindex = where.sll_ifindex;
        request.mr_type = PACKET_MR_PROMISC;
        if (!set(socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, request)) return fail("hear everything on");
    }
    return card;
}

Result<std::vector<std::unique_ptr<Ring>>> Ring::open(const RingOptions& options) {
    if (options.interfaces.empty() || options.workers == 0 || options.workers > 256)
        return std::unexpected{Complaint{.code = "capture.interface",
                                         .what = "there is no interface to listen on",
                                         .next = "name one, and between 1 and 256 workers"}};
    std::vector<std::vector<std::unique_ptr<Card>>> cards(options.workers);
    std::random_device random;
    auto program = fanout_program(std::uint64_t{random()} << 32 | random());
    const sock_fprog spread{static_cast<unsigned short>(program.size()), program.data()};

    for (std::size_t place = 0; place < options.interfaces.size(); ++place) {
        int group = 0;
        for (auto& mine : cards) {
            YAGURA_TRY(auto card, Card::open(options, place));
            const int socket = card->socket.number();
            if (options.workers > 1) {
                // The first asks for a number that nobody uses, the others join. The kernel numbers the
                // members in the order in which they join, on every interface the same.
                const bool begins = &mine == &cards.front();
                const auto flags = PACKET_FANOUT_CBPF | (begins ? PACKET_FANOUT_FLAG_UNIQUEID : 0);
                socklen_t length = sizeof group;
                if (!set(socket, SOL_PACKET, PACKET_FANOUT, group | flags << 16) ||
                    (begins && (::getsockopt(socket, SOL_PACKET, PACKET_FANOUT, &group, &length) != 0 ||
                                !set(socket, SOL_PACKET, PACKET_FANOUT_DATA, spread))))
                    return std::unexpected{trouble("share among workers", options.interfaces[place], errno)};
                group &= 0xffff;
            }
            mine.push_back(std::move(card));
        }
    }
    // From the last to the first: as long as the first refuses, nothing is anybody's yet.
    for (auto mine = cards.rbegin(); mine != cards.rend(); ++mine)
        for (auto& card : *mine) {
            if (!set(card->socket.number(), SOL_SOCKET, SO_DETACH_FILTER, int{0}))
                return std::unexpected{trouble("listen on", options.interfaces[card->interface], errno)};
        }
    std::vector<std::unique_ptr<Ring>> rings;
    for (auto& mine : cards) rings.push_back(std::unique_ptr<Ring>{new Ring{std::move(mine)}});
    return rings;
}

Ring::Ring(std::vector<std::unique_ptr<Card>> cards) : cards_{std::move(cards)} {}
Ring::~Ring() = default;

Ring::Card* Ring::turn() noexcept {
    if (cards_.size() == 1) return cards_.front()->ready() ? cards_.front().get() : nullptr;
    Card* first = nullptr;
    bool all = true;
    for (const auto& card : cards_) {
        if (!card->ready())
            all = false;
        else if (!first || card->at() < first->at())
            first = card.get();
    }
    if (!first || all) return first;
    // Another interface may still hold an older frame in a block that is not full. Two expiries later it
    // cannot.
    return now() - first->at() > 2 * std::int64_t{block_milliseconds} * 1'000'000 ? first : nullptr;
}

bool Ring::next(Frame& frame) noexcept {
    if (held_) {
        held_->advance();
        held_ = nullptr;
    }
    auto* const card = turn();
    if (!card) return false;
    card->show(frame);
    frame.number = ++number_;
    held_ = card;
    return true;
}

void Ring::wait(std::chrono::milliseconds most) noexcept {
    pollfd waiting[16];
    const auto count = std::min(cards_.size(), std::size(waiting));
    bool some = false;
    for (std::size_t i = 0; i < count; ++i) {
        some = some || cards_[i]->ready();
        waiting[i] = {cards_[i]->socket.number(), POLLIN, 0};
    }
    // A frame that waits for another interface's, or an interface that is down, would make poll() return at
    // once, over and over.
    if (some) most = std::min(most, std::chrono::milliseconds{block_milliseconds / 2});
    const auto events = some ? 0 : ::poll(waiting, count, static_cast<int>(most.count()));
    const bool down = std::any_of(waiting, waiting + count,
                                  [](const pollfd& one) { return (one.revents & POLLERR) != 0; });
    if (some || (events > 0 && down))
        ::poll(nullptr, 0, static_cast<int>(std::min<std::int64_t>(most.count(), 10)));
    if (down)
        for (const auto& card : cards_) { // Taking the error clears it.
            int error = 0;
            socklen_t length = sizeof error;
            (void)::getsockopt(card->socket.number(), SOL_SOCKET, SO_ERROR, &error, &length);
        }
}

Ring::Totals Ring::totals(std::size_t interface) noexcept {
    auto& card = *cards_[interface];
    card.ask_kernel();
    return card.totals;
}
std::uint16_t Ring::link_type(std::size_t interface) const noexcept { return cards_[interface]->link_type; }
int Ring::descriptor(std::size_t interface) const noexcept { return cards_[interface]->socket.number(); }

int Ring::gone() noexcept {
    for (const auto& card : cards_) {
        sockaddr_ll where{};
        socklen_t length = sizeof where;
        if (::getsockname(card->socket.number(), reinterpret_cast<sockaddr*>(&where), &length) == 0 &&
            where.sll_ifindex <= 0)
            return static_cast<int>(card->interface);
    }
    return -1;
}

} // namespace yagura::capture
