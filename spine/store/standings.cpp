#include "spine/store/standings.h"

#include "spine/store/reading.h"

namespace yagura::store {

using namespace reading;

Result<std::vector<DeviceStanding>> StandingReader::all() {
    YAGURA_TRY(auto loan, state_.borrow());
    YAGURA_TRY(auto now, moment(*loan));
    now.clock = clock_.now();
    std::vector<DeviceStanding> out;
    YAGURA_STORE_DO(
        Query{cat("SELECT s.device, s.level, ", now.approval(), " FROM shown s ORDER BY s.device")}.each(
            *loan, [&](const Row& row) {
                out.push_back({device_text(row.integer(0)), row.string(1), row.string(2)});
            }));
    return out;
}

} // namespace yagura::store
