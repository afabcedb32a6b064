// All detectors of network health behind one door: the same observations as the model gets, in the same
// order, and findings out.
#pragma once

#include <functional>

#include "see/health/bridges.h"
#include "see/health/claims.h"
#include "see/health/cycles.h"
#include "see/health/detours.h"
#include "see/health/dhcp_servers.h"
#include "see/health/links.h"
#include "see/health/storms.h"
#include "see/health/subnets.h"

namespace yagura::see::health {

/// No clock, no file. Time is that of the packets.
class Watch final : public observe::Listener {
public:
    struct Most {
        std::size_t findings = 4'096;
        Claims::Most claims{};
        DhcpServers::Most dhcp{};
        Subnets::Most subnets{};
        Cycles::Most cycles{};
        Bridges::Most bridges{};
        Detours::Most detours{};
        Storms::Most storms{};
        Links::Most links{};
    };
    /// `name`: of a protocol's number.
    explicit Watch(std::function<std::string_view(std::uint16_t)> name) : Watch{std::move(name), Most{}} {}
    Watch(std::function<std::string_view(std::uint16_t)> name, const Most& most);

    using observe::Listener::on;
    void on(const observe::Origin&, const observe::Presence&) override;
    void on(const observe::Origin&, const observe::Identity&) override;
    void on(const observe::Origin&, const observe::Neighbour&) override;
    void on(const observe::Origin&, const observe::Conversation&) override;
    void on(const observe::Origin&, const observe::Operation&) override;
    void on(const observe::Origin&, const observe::Repeats&) override;
    void on(const observe::Origin&, const observe::Variable&) override;
    void on(const observe::Origin&, const observe::Coverage&) override;

    struct Changes {
        std::vector<Finding> findings{};
        std::vector<MemoryRow> memory{};
        std::vector<Cycles::Row> cycles{};
        std::vector<Links::Row> ports{};
    };
    Changes take_changes();
    /// Before the first observation.
    void load(std::vector<Finding> findings, const std::vector<MemoryRow>& memory);

    struct Use {
        std::string_view name, unit;
        std::uint64_t bound = 0, used = 0, forgotten = 0;
    };
    std::vector<Use> uses();
    observe::Time latest() const noexcept { return latest_; }

private:
    enum class Protocol : std::uint8_t {
        unknown,
        other,
        arp,
        icmpv6,
        dhcp,
        stp,
        ntp,
        snmp,
        switch_state,
        switch_table
    };
    Protocol protocol(std::uint16_t number);
    void spoke(const observe::Origin&, observe::Time at);
    void arp(const observe::Origin&, const observe::Operation&, observe::Time at, std::uint64_t messages,
             const observe::Evidence&);
    void link_told(const observe::Origin&, const observe::Operation&, observe::Time at,
                   std::uint64_t messages);
    void time_told(const observe::Origin&, const observe::Operation&, observe::Time at);
    template <class Do>
    void each_table(Do&& use);

    std::function<std::string_view(std::uint16_t)> name_;
    std::vector<Protocol> protocols_;
    observe::Time latest_{};
    Board board_;
    Claims claims_;
    DhcpServers dhcp_;
    Subnets subnets_;
    Cycles cycles_;
    Bridges bridges_;
    Detours detours_;
    Storms storms_;
    Links links_;
};

} // namespace yagura::see::health
