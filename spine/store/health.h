// Network health as it is kept: findings, what detectors remember, cycles. And out again for whoever asks.
#pragma once

#include <string>
#include <vector>

#include "spine/model/rows.h"
#include "spine/store/answers.h"

namespace yagura::store {

class Readers;

struct HealthParty {
    std::uint8_t role = 0; ///< see::health::Party::Role
    observe::Ip ip{};
    observe::Mac mac{};
    model::NodeId node{};
    Time first{}, last{};
    observe::Evidence evidence{};
};
struct HealthFinding {
    std::string key{};
    std::uint8_t kind = 0, severity = 0; ///< see::health::Kind, Severity
    observe::Realm realm{};
    std::uint16_t vlan = 0;
    observe::Ip address{};
    std::uint8_t bits = 128;
    Time first{}, last{}, until{};
    std::uint64_t times = 0;
    observe::Evidence evidence{};
    std::string facts{}; ///< JSON object of texts
    std::vector<HealthParty> parties{};
    bool gone = false;
};
struct HealthMemory {
    std::uint8_t detector = 0;
    std::string key{}, value{};
    bool gone = false;
};
struct HealthCycle {
    std::string key{};
    model::NodeId asks{}, answers{};
    std::string asks_text{}, answers_text{}, protocol{}, function{}, object{};
    Time first{}, last{};
    std::uint32_t usual_us = 0, usual_most_us = 0, now_us = 0, now_most_us = 0;
    std::uint32_t asked = 0, answered = 0, refused = 0, minutes = 0;
    bool event = false;
    observe::Evidence evidence{};
};
/// A port of a switch, as it told of it.
struct SwitchPort {
    std::string key{};
    model::NodeId node{}, there{}; ///< the switch, and who is known to be at the other end
    std::string system{};          ///< what the switch calls itself
    std::uint32_t interface = 0, type = 0;
    std::string name{}, alias{};
    std::uint8_t admin = 0, oper = 0; ///< RFC 2863: ifAdminStatus, ifOperStatus
    std::uint8_t port_control = 0, port_security = 0;
    Time since{}, first{}, last{};
    std::uint64_t speed_mbit = 0, in_bps = 0, out_bps = 0;
    std::uint64_t errors_in = 0, errors_out = 0, discards_in = 0, discards_out = 0, errors_new = 0;
    Time counted_from{};
    std::uint32_t downs = 0;
    observe::Mac there_mac{};
    std::string there_name{}, there_port{};
    std::uint8_t there_how = 0; ///< see::health::Links::How
    Time there_at{};
    observe::Evidence evidence{};
};
/// What changed since the batch before.
struct HealthChanges {
    std::vector<HealthFinding> findings{};
    std::vector<HealthMemory> memory{};
    std::vector<HealthCycle> cycles{};
    std::vector<SwitchPort> ports{};
    bool empty() const noexcept {
        return findings.empty() && memory.empty() && cycles.empty() && ports.empty();
    }
};
/// At start: all findings and what detectors remember.
struct HealthStored {
    std::vector<HealthFinding> findings{};
    std::vector<HealthMemory> memory{};
};

// What readers answer.

struct HealthPartyRow {
    std::uint8_t role = 0;
    std::string ip{}, mac{}; ///< as text, empty if not known
    DeviceRef device{};
    LineRef line{};
    Time first{}, last{};
    EvidenceRef evidence{};
};
struct HealthRow {
    std::string id{};
    std::uint8_t kind = 0, severity = 0;
    std::uint16_t vlan = 0;
    std::string subject{}; ///< "10.2.3.50", "10.2.3.0/24", or empty
    Time first{}, last{}, until{};
    bool open = false;
    std::uint64_t times = 0;
    EvidenceRef evidence{};
    std::string facts{};
    std::vector<HealthPartyRow> parties{};
};
struct HealthFilter {
    std::vector<std::uint8_t> kinds{}, severities{};
    std::vector<std::string> lines{}; ///< ids, or "none"
    std::string device{}, text{};
    std::optional<bool> open{};
};
struct HealthList {
    std::vector<HealthRow> items{};
    std::uint64_t total = 0;
    std::string next_cursor{};
    /// Of all that fit the other filters.
    std::vector<std::pair<std::uint8_t, std::uint64_t>> kinds{}, severities{};
    std::vector<std::pair<LineRef, std::uint64_t>> lines{};
    std::uint64_t open = 0, ended = 0;
    Time now{};
    bool covered = false; ///< a sensor could see lately
};
struct CycleRow {
    std::string id{};
    DeviceRef asks{}, answers{};
    LineRef line{};
    HealthCycle what{};
    EvidenceRef evidence{};
};
/// Who is at the other end of a port's cable.
struct AtPort {
    DeviceRef device{};
    std::string name{}, mac{}, port{};
    bool by_lldp = false; ///< else by the switch's table of addresses
    Time at{};
};
struct SwitchPortRow {
    SwitchPort what{};
    std::vector<AtPort> there{};
    EvidenceRef evidence{};
};
struct SwitchPortList {
    std::vector<SwitchPortRow> items{};
    std::uint64_t total = 0;
    std::string next_cursor{};
};
struct CycleList {
    std::vector<CycleRow> items{};
    std::uint64_t total = 0;
    std::string next_cursor{};
};
/// One address that somebody has or had.
struct PlannedAddress {
    observe::Ip ip{};
    DeviceRef device{};
    Time first{}, last{};
};
struct PlanFacts {
    std::vector<PlannedAddress> addresses{};
    struct Declared {
        observe::Ip network{};
        std::uint8_t bits = 0;
        LineRef line{};
    };
    std::vector<Declared> declared{};
    /// Masks and gateways as stations were told or say: address, bits of 32, gateways.
    struct Told {
        observe::Ip ip{};
        std::string value{};
        bool gateway = false;
    };
    std::vector<Told> told{};
    Time now{};
    bool covered = false;
};

class HealthReader {
public:
    static constexpr std::size_t findings_most = 10'000, cycles_most = 20'000, ports_most = 20'000;
    explicit HealthReader(Readers& state) : state_{state} {}
    Result<HealthList> list(const HealthFilter&, const Page&);
    Result<std::optional<HealthRow>> finding(std::string_view id);
    Result<CycleList> cycles(std::string_view device, std::string_view text, const Page&);
    Result<PlanFacts> plan();
    /// Of one switch, in the order of their numbers.
    Result<SwitchPortList> ports(std::string_view device, const Page&);

private:
    Readers& state_;
};

} // namespace yagura::store
