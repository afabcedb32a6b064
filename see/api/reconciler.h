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
#include "see/ledger/rules.h"
#include "spine/store/ledger.h"

namespace yagura::see {

struct Reconciled {
    store::Compared compared{};
    std::vector<ledger::Asked> entries{};
    std::vector<ledger::Seen> devices{};
    std::vector<ledger::Pair> pairs{}; ///< places are those of `compared`, too
    /// Of each device by its id, the first of its entries.
    std::unordered_map<std::string, std::size_t> entry_of{};
    ledger::Rules rules{};
    /// Devices of which rules say what the ledger does not. `said`: the entry with what they say in it.
    struct ByRule {
        std::vector<ledger::Filled> filled{};
        ledger::Entry said{};
    };
    std::unordered_map<std::string, ByRule> by_rule{};
    /// For store::DeviceFilter; nothing where nobody says anything of any device.
    std::shared_ptr<const std::string> owners{};

    /// What is said of whose it is: by its entry, and by rules where that says nothing. Null: nothing.
    const ledger::Entry* said_of(const std::string& device) const;
    std::span<const ledger::Filled> filled(const std::string& device) const;
};

ledger::Rules rules_of(const std::vector<store::LedgerRuleRow>&);
/// Where a device is and what it is called, for the rules' conditions.
ledger::Placed placed(const store::SeenDevice&);
/// What `rules` say of a device beside its entry, its line among it.
std::vector<ledger::Filled> filled_by(const ledger::Rules& rules, const store::Compared& all,
                                      const store::SeenDevice& device, const ledger::Entry& entry);

class Reconciler {
public:
    explicit Reconciler(store::LedgerReader& reader) : reader_{reader} {}
    /// A change of the ledger is in it at once, what is seen within a second.
    Result<std::shared_ptr<const Reconciled>> look(unsigned days,
                                                   std::chrono::seconds fresh = std::chrono::seconds{1});
    /// For lists that only name whose devices are: what is seen may be half a minute old. Nothing: there is
    /// no ledger, or it is not to be had.
    std::shared_ptr<const Reconciled> lately();
    /// Everything, for a page of one device. Null: there is no ledger and no rule, which costs nothing.
    Result<std::shared_ptr<const Reconciled>> for_page();

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
/// LedgerByRule of the contract: what rules say of a device, and why.
nlohmann::json by_rule_json(const Reconciled&, const std::string& device);

} // namespace yagura::see
