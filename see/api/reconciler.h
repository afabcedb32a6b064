// The ledger beside what is seen, made once for all who ask within a second.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "see/ledger/reconcile.h"
#include "spine/store/ledger.h"

namespace yagura::see {

struct Reconciled {
    store::Compared compared{};
    std::vector<ledger::Asked> entries{};
    std::vector<ledger::Seen> devices{};
    std::vector<ledger::Pair> pairs{}; ///< places are those of `compared`, too
};

class Reconciler {
public:
    explicit Reconciler(store::LedgerReader& reader) : reader_{reader} {}
    /// A change of the ledger is in it at once, what is seen within a second.
    Result<std::shared_ptr<const Reconciled>> look(unsigned days);
    /// The entry that is this device, where the ledger has one. A plant without a ledger pays nothing for it.
    Result<std::optional<store::LedgerRow>> entry_for(std::string_view device);

private:
    using Steady = std::chrono::steady_clock;
    store::LedgerReader& reader_;
    std::mutex mutex_;
    std::shared_ptr<const Reconciled> last_;
    unsigned days_ = 0;
    Steady::time_point made_{};
};

ledger::Entry entry_of(const store::LedgerRow&);
std::vector<ledger::Accepted> accepted_of(const store::LedgerRow&);
nlohmann::json json_of(const store::LedgerRow&);

} // namespace yagura::see
