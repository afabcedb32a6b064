#include "spine/store/sight.h"

#include <cstring>
#include <unordered_map>

#include "spine/model/address.h"
#include "spine/model/identity.h"
#include "spine/model/rows.h"
#include "spine/store/reading.h"

namespace yagura::store {
namespace {

using namespace reading;

constexpr std::size_t devices_most = 50'000, talks_most = 500'000;

/// What a sensor hears wherever it stands, because it is said to everybody: ARP, IPv6's discovery of
/// neighbours, memberships of groups, LLDP. It says nothing of where the sensor stands.
constexpr std::string_view own_traffic = "carrier NOT IN (2, 58, 0x0806, 0x88cc)";

/// So many packets one way, and none the other: no question that was not answered, but a direction that does
/// not come. A connection that nobody accepts is tried six times or so.
constexpr std::uint64_t no_mere_try = 8;

bool is_group(std::int64_t kind, Bytes mark) {
    if (kind == static_cast<std::int64_t>(model::Node::Kind::mac))
        return mark.size() == 6 && std::to_integer<unsigned>(mark[0] & std::byte{1}) != 0;
    observe::Ip ip{};
    if (mark.size() != ip.size()) return true;
    std::memcpy(ip.data(), mark.data(), ip.size());
    return model::is_group(ip) || !model::is_usable(ip) || (model::is_v4(ip) && ip[15] == 0xff);
}

} // namespace

Result<SightList> SightReader::all() {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(const auto now, moment(*loan));
    SightList out{.now = from_ns(now.now)};
    std::unordered_map<std::int64_t, std::size_t> places; // By the device's number.
    YAGURA_STORE_DO(
        Query{cat("SELECT s.device, s.name, s.address, s.role, s.line, l.name, s.state, s.last FROM shown s "
                  "LEFT JOIN line l ON l.id = s.line ORDER BY s.address_key, s.device LIMIT ",
                  devices_most + 1)}
            .each(*loan, [&](const Row& row) {
                if (out.devices.size() == devices_most) {
                    out.cut = true;
                    return;
                }
                places.emplace(row.integer(0), out.devices.size());
                auto& one = out.devices.emplace_back();
                one.device = {device_text(row.integer(0)), row.string(1), row.string(2), row.string(3)};
                if (!row.null(4) && !row.null(5)) one.line = {line_text(row.integer(4)), row.string(5)};
                one.claimed = row.as<model::State>(6) == model::State::claimed;
                one.last = from_ns(row.integer(7));
            }));
    YAGURA_TRY(const auto devices, devices_of_nodes(*loan));
    std::unordered_map<std::int64_t, bool> groups;
    YAGURA_STORE_DO(
        Query{"SELECT id, kind, mark FROM node WHERE kind IN (1, 2)"}.each(*loan, [&](const Row& row) {
            if (is_group(row.integer(1), row.bytes(2))) groups.emplace(row.integer(0), true);
        }));
    std::size_t talks = 0;
    YAGURA_STORE_DO(Query{cat("SELECT client, server, carrier, packets_out, packets_in FROM talk WHERE ",
                              own_traffic, " ORDER BY last DESC LIMIT ", talks_most + 1)}
                        .each(*loan, [&](const Row& row) {
                            if (++talks > talks_most) {
                                out.cut = true;
                                return;
                            }
                            const std::int64_t ends[]{row.integer(0), row.integer(1)};
                            if (groups.contains(ends[0]) || groups.contains(ends[1])) return;
                            const std::uint64_t packets[]{row.as<std::uint64_t>(3), row.as<std::uint64_t>(4)};
                            constexpr std::int64_t tcp = 6;
                            for (const std::size_t side : {0u, 1u}) {
                                const auto device = devices.find(ends[side]);
                                const auto place = device == devices.end() ? places.end()
                                                                           : places.find(device->second);
                                if (place == places.end()) continue;
                                auto& one = out.devices[place->second];
                                const bool is_half = packets[0] == 0 || packets[1] == 0;
                                if (is_half && packets[0] + packets[1] < no_mere_try) continue;
                                if (is_half && row.integer(2) == tcp) ++one.halves;
                                // A log that goes one way is whole; who only receives may not be there.
                                else if (!is_half || packets[side] != 0)
                                    ++one.whole;
                            }
                        }));
    return out;
}

} // namespace yagura::store
