// The ledger beside what is seen, made once for all who ask within a second.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "see/ledger/reconcile.h"
#include "spine/store/ledger.h"

namespace yagura::see {

struct Reconciled {
    store::Compared compared{};
    std::vector<ledger::Asked> entries{};
    std::vector<ledger::Seen> devices{};
    std::vector<ledger::Pair> pairs{}; ///< places are those of `compared`, too
    /// Of each device by its id, the first of its entries.
    std::unordered_map<std::string, std::size_t> entry_of{};
    /// For store::DeviceFilter; nothing where there is no entry.
    std::shared_ptr<const std::string> owners{};
};

class Reconciler {
public:
    explicit Reconciler(store::LedgerReader& reader) : reader_{reader} {}
    /// A change of the ledger is in it at once, what is seen within a second.
    Result<std::shared_ptr<const Reconciled>> look(unsigned days,
                                                   std::chrono::seconds fresh = std::chrono::seconds{1});
    /// For lists that only name whose devices are: what is seen may be half a minute old. Nothing: there is
    /// no ledger, or it is not to be had.
    std::shared_ptr<const Reconciled> lately();
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
