#include "see/api/reconciler.h"

#include <algorithm>

#include "see/api/answers.h"
#include "see/ledger/normal.h"
#include "spine/model/identity.h"

namespace yagura::see {
namespace {

using namespace std::chrono_literals;

static_assert(store::ledger_columns.size() == ledger::field_count);

ledger::Seen seen_of(const store::SeenDevice& device) {
    ledger::Seen out{.id = device.id,
                     .role = device.role,
                     .vendor = device.vendor,
                     .product = device.product,
                     .firmware = device.firmware,
                     .serial = device.serial,
                     .line = device.line.name,
                     .ips = device.ips,
                     .macs = device.macs,
                     .names = {},
                     .last = device.last};
    std::ranges::sort(out.ips);
    std::ranges::sort(out.macs);
    // The address stands for a name where there is none.
    if (!device.name.empty() && device.name != device.address) out.names.push_back(device.name);
    for (const auto& name : device.names)
        if (std::ranges::find(out.names, name) == out.names.end()) out.names.push_back(name);
    return out;
}

} // namespace

ledger::Entry entry_of(const store::LedgerRow& row) {
    return {.id = row.id, .row = row.row, .values = row.values};
}

std::vector<ledger::Accepted> accepted_of(const store::LedgerRow& row) {
    std::vector<ledger::Accepted> out;
    const auto all = json::parse(row.accepted, nullptr, false);
    if (!all.is_array()) return out;
    for (const auto& one : all) {
        if (!one.is_object()) continue;
        const auto name = one.value("field", std::string{});
        const auto field = ledger::field_of(name);
        if (field || name == "unseen") out.push_back({field, one.value("seen", std::string{})});
    }
    return out;
}

json json_of(const store::LedgerRow& row) {
    json values = json::object();
    for (std::size_t i = 0; i < row.values.size(); ++i)
        if (!row.values[i].empty())
            values[std::string{store::ledger_columns[i]}] = api::clipped(row.values[i]);
    auto accepted = json::parse(row.accepted, nullptr, false);
    if (!accepted.is_array()) accepted = json::array();
    json out{{"id", store::ledger_entry_text(row.id)},
             {"row", row.row},
             {"values", std::move(values)},
             {"accepted", std::move(accepted)}};
    put_time(out, "at", row.at);
    put_text(out, "who", row.who, 96);
    return out;
}

Result<std::optional<store::LedgerRow>> Reconciler::entry_for(std::string_view device) {
    std::optional<store::LedgerRow> out;
    YAGURA_TRY(const auto head, reader_.ledger());
    if (head.version == 0) return out;
    constexpr unsigned days = 30; // Which entry it is does not depend on them.
    YAGURA_TRY(const auto all, look(days));
    if (const auto found = all->entry_of.find(std::string{device}); found != all->entry_of.end())
        out = all->compared.entries[found->second];
    return out;
}

std::shared_ptr<const Reconciled> Reconciler::lately() {
    const auto head = reader_.ledger();
    if (!head || head->version == 0) return {};
    const auto all = look(30, 30s); // Which entry is which device does not depend on the days.
    return all && !(*all)->entries.empty() ? *all : nullptr;
}

Result<std::shared_ptr<const Reconciled>> Reconciler::look(unsigned days, std::chrono::seconds fresh) {
    const std::lock_guard lock{mutex_};
    if (last_ && days_ == days && Steady::now() - made_ < fresh) {
        YAGURA_TRY(const auto now, reader_.ledger());
        if (now.version == last_->compared.ledger.version) return last_;
    }
    auto made = std::make_shared<Reconciled>();
    YAGURA_TRY(made->compared, reader_.compared());
    for (const auto& row : made->compared.entries) made->entries.push_back({entry_of(row), accepted_of(row)});
    for (const auto& device : made->compared.devices) made->devices.push_back(seen_of(device));
    made->pairs = ledger::reconcile(made->entries, made->devices, made->compared.now,
                                    std::chrono::days{days});
    json owners = json::array();
    for (const auto& pair : made->pairs) {
        if (!pair.entry || !pair.device) continue;
        const auto& id = made->devices[*pair.device].id;
        if (!made->entry_of.try_emplace(id, *pair.entry).second) continue;
        const auto& entry = made->entries[*pair.entry].entry;
        if (const auto number = model::device_id(id))
            owners.push_back({number->value, api::clipped(entry[ledger::Field::owner], 256),
                              entry[ledger::Field::criticality]});
    }
    if (!made->entries.empty()) made->owners = std::make_shared<const std::string>(owners.dump());
    last_ = made;
    days_ = days;
    made_ = Steady::now();
    return last_;
}

} // namespace yagura::see
