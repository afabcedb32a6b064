// The needs that a request asks for, with whose each end is and when they are used.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "see/api/needs_api.h"
#include "see/api/owner.h"
#include "see/needs/purpose.h"

namespace yagura::see {

/// Which way a need goes, seen from the line that is asked for.
enum class Way : std::uint8_t { none, within, outgoing, incoming };
std::string_view key(Way) noexcept;

struct FoundNeed {
    const store::NeedRow* row = nullptr;
    needs::Kind kind{};
    needs::Purpose purpose{};
    Way way{};
    double bytes_per_day = 0;
};
struct FoundNeeds {
    store::Needs all{};
    std::vector<FoundNeed> needs{};                        ///< by line, client, server, protocol
    std::array<std::uint64_t, needs::kind_count> counts{}; ///< of each kind, whichever were asked for
    std::map<std::string, Owner> owners{};                 ///< by device
};
/// `line`, `device`, `q` and `kind` of the request.
Result<FoundNeeds> needs_of(const api::Request&, const NeedParts&);

/// Owners by device, of the plant's ledger.
Result<std::map<std::string, Owner>> owners_of(Reconciler&);

/// By both devices, a < b, and protocol.
using HoursOf = std::map<std::tuple<std::string, std::string, std::string>, store::Hours>;
Result<HoursOf> hours_of(const std::vector<FoundNeed>&, store::History&);
const store::Hours* find(const HoursOf&, const store::NeedRow&);

/// "09:00–17:30, 20:00–20:30", `offset` minutes east of UTC; empty: all day, or nothing is known.
std::string hours_text(const store::Hours&, int offset);

} // namespace yagura::see
