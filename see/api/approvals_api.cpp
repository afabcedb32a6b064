#include "see/api/approvals_api.h"

#include <set>

#include "see/api/answers.h"
#include "see/api/pages.h"
#include "see/api/words.h"
#include "spine/base/rfc3339.h"

namespace yagura::see {
namespace {

constexpr std::size_t exported_most = 100'000, known_most = 1'000;

observe::Time now_of(const Clock& clock) { return observe::Time{std::chrono::nanoseconds{clock.now()}}; }

/// Whose each device is, as the ledger says.
class Owners {
public:
    /// Where the ledger is not to be had, the list is: it just names nobody.
    explicit Owners(Reconciler& reconciler) {
        const auto found = reconciler.look(30);
        if (!found) return;
        all_ = *found;
    }
    std::string_view of(std::string_view device, ledger::Field field) const {
        if (!all_) return {};
        const auto* said = all_->said_of(std::string{device});
        return said ? std::string_view{(*said)[field]} : std::string_view{};
    }

private:
    std::shared_ptr<const Reconciled> all_;
};

api::Response list(const api::Request& request, store::ApprovalReader& reader, Reconciler& reconciler,
                   const Clock& clock) {
    const auto now = now_of(clock);
    const auto found = reader.allowed(request.in_query("list") == "rejected", now, page_of(request));
    if (!found) return failed(found.error());
    const Owners owners{reconciler};
    json out{{"rows", json::array()}, {"total", found->total}, {"as_of", time_text(now)}};
    for (const auto& one : found->rows) {
        json row{{"device", one.device}, {"name", api::clipped(one.name)},   {"role", role_word(one.role)},
                 {"state", one.state},   {"by", api::clipped(one.who, 128)}, {"at", time_text(one.at)}};
        put_text(row, "mac", one.mac, 64);
        auto ips = json::array();
        for (std::string_view rest{one.ip}; !rest.empty();) {
            const auto end = std::min(rest.find(' '), rest.size());
            if (ips.size() < 16) ips.push_back(api::clipped(rest.substr(0, end), 64));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        if (!ips.empty()) row["ips"] = std::move(ips);
        put_text(row, "vendor", one.vendor);
        put_text(row, "product", one.product);
        if (!one.line.id.empty()) row["line"] = json_of(one.line);
        put_text(row, "owner", owners.of(one.device, ledger::Field::owner));
        put_text(row, "department", owners.of(one.device, ledger::Field::department));
        put_time(row, "until", one.until);
        put_text(row, "reason", one.reason);
        out["rows"].push_back(std::move(row));
    }
    put_text(out, "next_cursor", found->next_cursor);
    return api::answer(out);
}

api::Response export_list(const api::Request& request, store::ApprovalReader& reader, Reconciler& reconciler,
                          const Clock& clock) {
    const auto language = language_of(request);
    const bool rejected = request.in_query("list") == "rejected";
    const auto now = now_of(clock);
    const Owners owners{reconciler};
    auto sheet = sheet_of(request, rejected ? "rejected" : "approved",
                          {"mac", "ip", "name", "owner", "department", "line", "role", "vendor", "product",
                           "approval", "approval_until", "approval_by", "approval_at", "approval_reason"});
    about(sheet, request);
    sheet.about("as_of", time_text(now));
    const auto done = put_pages(
        sheet, exported_most, [&](const store::Page& page) { return reader.allowed(rejected, now, page); },
        [&](const auto& found) {
            for (const auto& one : found.rows)
                sheet.row({one.mac, one.ip, one.name,
                           std::string{owners.of(one.device, ledger::Field::owner)},
                           std::string{owners.of(one.device, ledger::Field::department)}, one.line.name,
                           std::string{word(language, "devicerole", one.role)}, one.vendor, one.product,
                           std::string{word(language, "approval", one.state)},
                           one.until == observe::Time{} ? std::string{} : time_text(one.until), one.who,
                           time_text(one.at), one.reason});
        });
    if (!done) return failed(done.error());
    return std::move(sheet).response();
}

/// A name alone lets nobody in: everybody can call themselves anything.
bool vouches(ledger::By by) {
    return by == ledger::By::mac || by == ledger::By::ip || by == ledger::By::serial;
}

api::Response known(Reconciler& reconciler) {
    const auto found = reconciler.look(30);
    if (!found) return failed(found.error());
    const auto& all = **found;
    std::uint64_t waiting = 0;
    for (const auto& device : all.compared.devices) waiting += device.waits;
    // Several entries may stand for one device: it agrees where each of them does.
    std::set<std::size_t> agree, differ, foreign;
    for (const auto& pair : all.pairs) {
        if (!pair.device || !all.compared.devices[*pair.device].waits) continue;
        if (!pair.entry)
            foreign.insert(*pair.device);
        else if (pair.list == ledger::List::same && vouches(pair.by))
            agree.insert(*pair.device);
        else
            differ.insert(*pair.device);
    }
    json out{{"devices", json::array()}, {"waiting", waiting}};
    std::uint64_t total = 0;
    for (const auto place : agree) {
        const auto& device = all.compared.devices[place];
        if (differ.contains(place) || !device.never_decided) continue;
        if (total++ < known_most)
            out["devices"].push_back(
                json_of(store::DeviceRef{device.id, device.name, device.address, device.role}));
    }
    out["total"] = total;
    out["different"] = differ.size();
    out["not_in_ledger"] = foreign.size();
    return api::answer(out);
}

api::Response decide(const api::Request& request, model::Commands& commands) {
    using What = model::DecideDevices::What;
    const auto& body = request.body;
    const auto state = body["state"].get<std::string>();
    model::DecideDevices asked{.devices = body["devices"].get<std::vector<std::string>>(),
                               .what = state == "approved"    ? What::approved
                                       : state == "rejected"  ? What::rejected
                                       : state == "temporary" ? What::temporary
                                                              : What::undecided,
                               .until = std::nullopt,
                               .reason = body.value("reason", std::string{})};
    if (const auto until = body.contains("until") ? from_rfc3339(body["until"].get<std::string>())
                                                  : std::nullopt)
        asked.until = observe::Time{std::chrono::nanoseconds{*until}};
    std::string told = state;
    if (asked.until && asked.what == What::temporary) told += cat(" until ", time_text(*asked.until));
    if (!asked.reason.empty()) told += cat(" (", asked.reason, ")");
    told += asked.devices.size() == 1 ? ": " : cat(": ", asked.devices.size(), " devices ");
    // All of them, as far as the log has room: who let which in is what it is asked for.
    for (const auto& device : asked.devices) {
        if (told.size() > 900) {
            told += "…";
            break;
        }
        told += cat(device, " ");
    }
    const auto devices = asked.devices.size();
    const auto done = commands.run(std::move(asked), request.who->name);
    if (!done) return refused(done.error());
    auto response = api::answer(
        {{"at", time_text(done->at)}, {"by", request.who->name}, {"devices", devices}, {"state", state}});
    response.audit = std::move(told);
    return response;
}

} // namespace

void add_approval_handlers(api::Service& service, store::ApprovalReader& reader, Reconciler& reconciler,
                           model::Commands& commands, const Clock& clock) {
    service.on("listApproved",
               [&](const api::Request& request) { return list(request, reader, reconciler, clock); });
    service.on("exportApproved",
               [&](const api::Request& request) { return export_list(request, reader, reconciler, clock); });
    service.on("knownDevices", [&](const api::Request&) { return known(reconciler); });
    service.on("decideApproval", [&](const api::Request& request) { return decide(request, commands); });
}

} // namespace yagura::see
