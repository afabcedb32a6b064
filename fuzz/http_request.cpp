// Any request, as a stranger sends it and as each role does: routing, rights, the contract's checks, handlers
// of the server's own area. The answers are held against the contract too: a misfit is a crash.
//
// The input: a byte that says who asks, then lines: method, target, content type; the rest is the body.
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "fuzz/targets.h"
#include "spine/api/account_api.h"
#include "spine/api/rights.h"
#include "spine/api/server_api.h"
#include "tests/support/account_book.h"

namespace yagura::fuzz {
namespace {

struct Quiet final : api::Status {
    std::vector<Part> parts() override { return {}; }
    std::vector<LimitRow> limits() override { return {}; }
    FirstRun first_run() override { return {}; }
};

/// Costs 50 ms to make, so it serves 1,000 inputs: few enough that what they leave behind stays small.
struct House {
    tests::HandClock clock;
    tests::MemoryAccounts book;
    Quiet status;
    api::Gate gate{book, clock, {.effort = {.operations = 1, .memory = 8192}}};
    api::Service service;
    std::vector<api::Head> heads;

    explicit House(api::Contract contract) : service{std::move(contract), gate, book, clock} {
        api::add_account_handlers(service, gate, book, book, clock);
        api::add_server_handlers(service, book, book, status);
        service.check_answers(true);
        heads.emplace_back();
        for (const auto& row : api::roles) {
            model::Account account;
            account.name = row.role;
            account.role = row.role;
            account.must_change_password = false;
            (void)gate.add_account(account, "correct horse battery");
            const auto in = gate.login(row.role, "correct horse battery", "10.0.0.9");
            if (!in) std::abort();
            auto& head = heads.emplace_back();
            head.cookie = cat("__Host-yagura=", in->secret);
            head.csrf = in->csrf;
        }
    }
};

std::string line(std::string_view& text) {
    const auto end = text.find('\n');
    std::string out{text.substr(0, end)};
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    return out;
}

} // namespace

void http_request(Bytes input) {
    if (input.empty()) return;
    static std::unique_ptr<House> kept;
    static int served = 0;
    if (!kept || ++served % 1'000 == 0) kept = std::make_unique<House>(api::Contract::open().value());
    auto& house = *kept;
    auto head = house.heads[std::to_integer<std::size_t>(input[0]) % house.heads.size()];
    auto text = as_text(input.subspan(1));
    head.from = "10.0.0.1";
    head.method = line(text);
    head.target = line(text);
    head.content_type = line(text);
    const auto response = house.service.call(head, text);
    // Other areas' operations have no handler here; everything else that ends in 500 is ours.
    if (house.service.counts().misfits != 0) std::abort();
    if (response.status == 500 && !response.body.contains("has no handler")) std::abort();
    if (response.type.contains("json") && !response.body.empty() && !nlohmann::json::accept(response.body))
        std::abort();
}

} // namespace yagura::fuzz
