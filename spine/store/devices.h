// Devices, as lists, facets and a device's own page ask for them. Each call is one snapshot.
#pragma once

#include <memory>

#include "spine/base/clock.h"
#include "spine/store/answers.h"
#include "spine/store/approval.h"
#include "spine/store/database.h"

namespace yagura::store {

/// Words as in the API: usual, new, quiet, unknown.
struct DeviceRow {
    std::string id{}, name{}, address{}, mac{}, role{}, vendor{}, product{}, firmware{}, serial{}, os{};
    std::optional<LineRef> line{};
    std::string level{};
    std::vector<std::string> protocols{};
    std::optional<std::uint16_t> vlan{};
    std::string switch_port{}, state{}, run_state{};
    std::uint64_t peers = 0, parts = 0;
    bool corrected = false;
    std::string approval{}; ///< pending, approved, rejected, temporary, expired
    Standing standing{};    ///< what stands behind it
    Time first{}, last{};
};

struct DeviceFilter {
    /// Free words (each must be somewhere) and line:NAME role:ROLE vendor:NAME protocol:NAME vlan:NUMBER
    /// net:10.2.3.0/24 fw<VERSION.
    std::string text{};
    std::string view = "all"; ///< all, new, quiet, no_line, corrected, to_approve (pending or expired)
    std::string line{};       ///< an id; "none": devices without one
    std::vector<std::string> roles{}, levels{}, states{}, approvals{};
    std::string vendor{}, protocol{};
    /// What the ledger says of devices, from whoever compared them: a JSON array of [id, owner, criticality].
    /// `owner` and `criticality`: "none" are devices of which it does not say.
    std::shared_ptr<const std::string> ledger{};
    std::string owner{};
    std::vector<std::string> criticalities{};
};

enum class DeviceSort : std::uint8_t {
    line, ///< then level, then name
    name,
    address,
    role,
    product,
    vendor,
    level,
    last_seen,
    first_seen,
    state,
    approval, ///< what needs a person first
};
enum class Order : std::uint8_t { ascending, descending };

struct DeviceList {
    std::vector<DeviceRow> devices{};
    std::uint64_t total = 0;   ///< that fit the filter
    bool covered = true;       ///< false: somewhere nobody can see
    std::string next_cursor{}; ///< empty: that was the last page
};

struct Facet {
    std::string value{}, name{};
    std::uint64_t count = 0;
};
/// Each list counts with the other filters on and its own off; at most 200 values.
struct DeviceFacets {
    std::uint64_t total = 0;
    std::vector<Facet> views{}, line{}, role{}, level{}, state{}, approval{}, vendor{}, protocol{};
    std::vector<Facet> owner{}, criticality{}; ///< empty without DeviceFilter::ledger
};

struct Fact {
    std::string attribute{}, value{};
    std::string by{}; ///< protocol, behaviour, catalog, person
    std::string protocol{}, rule{}, part{}, person{};
    std::uint8_t confidence = 0;
    bool chosen = false;
    Time first{}, last{};
    std::optional<EvidenceRef> evidence{};
};
struct FactWithMessage {
    Fact fact;
    std::vector<std::byte> message{}; ///< its first 256 bytes; empty: not kept
};

struct Device {
    struct Address {
        std::string address{}, kind{}; ///< ip, mac
        std::uint16_t vlan = 0, realm = 0;
        std::string vendor{};
        Time first{}, last{};
        std::optional<Time> until{}; ///< it belonged to the device up to then
    };
    struct Service {
        std::string protocol{}, carrier{}; ///< carrier: tcp, udp, ethernet, ip/89
        std::uint16_t port = 0;
        Time last_used{};
    };
    struct Part {
        std::string id{}, path{}, vendor{}, product{}, firmware{}, serial{};
        Time last{};
    };
    struct Neighbour {
        std::string port{}, far_name{}, far_port{}, protocol{};
        DeviceRef far{}; ///< id empty if no device of ours is called so
        Time last{};
    };
    /// A person's word that stands: it was merged with, or split from, the other one.
    struct Regrouping {
        std::uint64_t record = 0;
        bool split = false;
        std::vector<std::string> addresses{}; ///< that it was about
        std::string name{};                   ///< of the other device; empty: there is none any more
        std::string other{};                  ///< id
        Time at{};
        std::string who{};
    };
    DeviceRow summary;
    std::vector<Regrouping> regroupings{}; ///< newest first
    std::vector<Fact> facts{};
    std::vector<Address> addresses{};
    std::vector<Service> services{};
    std::vector<Part> parts{};
    std::vector<Neighbour> neighbours{};
};

/// One peer of a device; acts by either side.
struct Peer {
    DeviceRef peer{};
    std::vector<ActCount> done_to_it{}, done_by_it{};
    std::vector<std::string> protocols{};
    std::uint64_t messages = 0;
    Time first{}, last{};
};
struct PeerList {
    std::vector<Peer> peers{}; ///< strongest effect first, then most messages
    std::uint64_t total = 0;
    std::string next_cursor{};
};

struct HistoryEntry {
    Time at{};
    std::optional<Time> until{};
    std::string kind{}; ///< first_seen, address, fact, part, correction, approval, link
    std::string attribute{}, from{}, to{};
    std::string by{}, who{}; ///< by: rule, person, import
};

struct SearchHit {
    std::string kind{}; ///< device, line, object, capture
    std::string id{}, title{}, detail{}, role{};
    std::string object{}; ///< of a device: the id is that one's
};

class DeviceReader {
public:
    /// `state`: the state's file. Any thread.
    explicit DeviceReader(Readers& state, const Clock& clock = wall_clock()) : state_{state}, clock_{clock} {}

    Result<DeviceList> list(const DeviceFilter&, DeviceSort, Order, const Page&);
    Result<DeviceFacets> facets(const DeviceFilter&);
    /// Nothing: there is no such device. One that was merged answers for the device that it is now.
    Result<std::optional<Device>> device(std::string_view id);
    Result<std::vector<FactWithMessage>> evidence(std::string_view id, std::string_view attribute,
                                                  std::size_t most);
    Result<PeerList> peers(std::string_view id, const Range&, const Page&);
    Result<std::vector<HistoryEntry>> history(std::string_view id, std::size_t most); ///< newest first
    Result<std::vector<SearchHit>> search(std::string_view words, std::size_t most);

private:
    static const Clock& wall_clock() noexcept;
    Readers& state_;
    const Clock& clock_;
};

} // namespace yagura::store
