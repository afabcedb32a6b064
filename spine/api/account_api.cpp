#include "spine/api/account_api.h"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "spine/api/rights.h"
#include "spine/base/hex.h"
#include "spine/base/rfc3339.h"

namespace yagura::api {

using nlohmann::json;

namespace {

constexpr std::size_t most_tokens = 100, most_accounts = 10'000;

json account_json(const model::Account& account, std::int64_t locked_until) {
    json out{{"id", account.id},
             {"name", account.name},
             {"role", account.role},
             {"enabled", account.enabled},
             {"must_change_password", account.must_change_password},
             {"created", time_text(account.created)}};
    if (!account.shown_name.empty()) out["shown_name"] = account.shown_name;
    if (account.last_login) out["last_login"] = time_text(account.last_login);
    if (locked_until) out["locked_until"] = time_text(locked_until);
    return out;
}

json token_json(const model::Token& token) {
    json out{{"id", token.id},
             {"name", token.name},
             {"rights", token.rights},
             {"created", time_text(token.created)},
             {"expires", time_text(token.expires)}};
    if (token.used) out["last_used"] = time_text(token.used);
    return out;
}

json tokens_json(const std::vector<model::Token>& tokens) {
    auto list = json::array();
    for (const auto& token : tokens) list.push_back(token_json(token));
    return {{"tokens", std::move(list)}};
}

json preferences_json(const model::Account& account) {
    auto preferences = json::parse(account.preferences, nullptr, false);
    return preferences.is_object() ? preferences : json::object();
}

Response gone(std::string_view what) {
    return problem(404, {.code = "api.nothing-there",
                         .what = cat("there is no such ", what),
                         .next = "take the id from the list it came from"});
}

Response session_only() {
    return problem(403, {.code = "api.session-only",
                         .what = "an API token may not do this",
                         .why = "a stolen token must not be able to make itself last longer",
                         .next = "sign in with POST /api/v1/session"});
}

/// A store that cannot write (disk full) is the machine's trouble; what else it complains about is the
/// request's.
Response refused_by_store(const Complaint& complaint) {
    return problem(complaint.code.starts_with("store.") ? 503 : 409, complaint);
}

std::string cursor_of(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : text)
        out += cat(digits.substr(static_cast<unsigned char>(c) >> 4, 1),
                   digits.substr(static_cast<unsigned char>(c) & 15u, 1));
    return out;
}

std::string from_cursor(std::string_view cursor) {
    const auto bytes = from_hex(cursor);
    return bytes ? std::string{as_text(*bytes)} : std::string{};
}

class AccountHandlers {
public:
    AccountHandlers(Gate& gate, model::AccountBook& book, model::AuditLog& audit, const Clock& clock)
        : gate_{gate}, book_{book}, audit_{audit}, clock_{clock} {}

    Response login(const Request& request) {
        const auto name = request.body.at("name").get<std::string>();
        auto in = gate_.login(name, request.body.at("password").get<std::string>(), request.from);
        if (!in) return refused(in.error(), 401, name);
        return begun(*in, rights_of(in->account.role));
    }

    Response session(const Request& request) {
        if (!request.who->token.empty()) return session_only();
        const auto account = book_.account(request.who->account);
        if (!account) return gone("account");
        return answer(session_json(*account, *request.who));
    }

    Response logout(const Request& request) {
        const bool everywhere = request.query.value("everywhere", false);
        if (!request.who->token.empty()) return session_only();
        const auto done = everywhere ? book_.remove_sessions_of(request.who->account)
                                     : book_.remove_session(request.who->session);
        if (!done) return refused_by_store(done.error());
        Response response{.status = 204};
        response.headers.emplace_back(
            "Set-Cookie", cat(Gate::cookie_name, "=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"));
        if (everywhere) response.audit = "all sessions";
        return response;
    }

    Response change_password(const Request& request) {
        if (!request.who->token.empty()) return session_only();
        auto in = gate_.change_password(*request.who, request.body.at("current").get<std::string>(),
                                        request.body.at("new").get<std::string>(), request.from);
        if (!in)
            return refused(in.error(), in.error().complaint.code == "api.wrong-password" ? 403 : 400,
                           request.who->name);
        return begun(*in, rights_of(in->account.role));
    }

    Response put_preferences(const Request& request) {
        if (!request.who->token.empty()) return session_only();
        if (auto done = book_.set_preferences(request.who->account, request.body.dump()); !done)
            return refused_by_store(done.error());
        auto response = answer(request.body);
        response.audit = "-"; // Somebody's own language and colours.
        return response;
    }

    Response roles_list(const Request&) {
        auto list = json::array();
        for (const auto& row : roles) list.push_back({{"role", row.role}, {"rights", rights_of(row.role)}});
        return answer({{"roles", std::move(list)}});
    }

    Response list(const Request& request) {
        const auto most = request.query.at("limit").get<std::size_t>();
        auto found = book_.accounts(from_cursor(request.in_query("cursor")), most + 1);
        json out{{"accounts", json::array()}, {"total", book_.account_count()}};
        if (found.size() > most) {
            found.pop_back();
            out["next_cursor"] = cursor_of(found.back().name);
        }
        for (const auto& account : found)
            out["accounts"].push_back(account_json(account, gate_.locked_until(account.name)));
        return answer(out);
    }

    Response create(const Request& request) {
        const std::lock_guard lock{writes_};
        if (book_.account_count() >= most_accounts)
            return problem(409, {.code = "api.too-many",
                                 .what = cat("there are ", most_accounts, " accounts already"),
                                 .next = "remove accounts that nobody uses"});
        model::Account account{.id = {},
                               .name = request.body.at("name"),
                               .shown_name = request.body.value("shown_name", std::string{}),
                               .role = request.body.at("role"),
                               .created = clock_.now()};
        const auto password = request.body.at("password").get<std::string>();
        if (auto easy = too_easy(password, account.name)) {
            easy->where = "body.password";
            return problem(400, *easy);
        }
        const auto id = gate_.add_account(account, password);
        if (!id) return refused_by_store(id.error());
        account.id = *id;
        auto response = answer(account_json(account, 0), 201);
        response.audit = cat("account ", account.name, " with role ", account.role);
        return response;
    }

    Response get(const Request& request) {
        const auto account = book_.account(request.in_path("account_id"));
        return account ? answer(account_json(*account, gate_.locked_until(account->name))) : gone("account");
    }

    Response edit(const Request& request) {
        const std::lock_guard lock{writes_};
        auto account = book_.account(request.in_path("account_id"));
        if (!account) return gone("account");
        const auto before = *account;
        account->shown_name = request.body.value("shown_name", account->shown_name);
        account->role = request.body.value("role", account->role);
        account->enabled = request.body.value("enabled", account->enabled);
        if (is_editor(before) && !is_editor(*account) && !another_editor(account->id)) return last_editor();
        if (auto done = book_.change_account(*account); !done) return refused_by_store(done.error());
        if (!account->enabled)
            if (auto done = book_.remove_sessions_of(account->id); !done)
                return refused_by_store(done.error());
        auto response = answer(account_json(*account, gate_.locked_until(account->name)));
        response.audit = cat("account ", account->name);
        if (account->role != before.role)
            response.audit += cat(", role ", before.role, " to ", account->role);
        if (account->enabled != before.enabled)
            response.audit += account->enabled ? ", enabled" : ", disabled";
        if (account->shown_name != before.shown_name)
            response.audit += cat(", shown as ", account->shown_name);
        return response;
    }

    Response remove(const Request& request) {
        const std::lock_guard lock{writes_};
        const auto account = book_.account(request.in_path("account_id"));
        if (!account) return gone("account");
        if (is_editor(*account) && !another_editor(account->id)) return last_editor();
        if (auto done = book_.remove_account(account->id); !done) return refused_by_store(done.error());
        return {.status = 204, .audit = cat("account ", account->name)};
    }

    Response reset(const Request& request) {
        const std::lock_guard lock{writes_};
        const auto account = book_.account(request.in_path("account_id"));
        if (!account) return gone("account");
        const auto done = gate_.set_password(*account, request.body.at("password").get<std::string>(), true);
        if (!done)
            return done.error().code == "api.password-too-easy" ? problem(400, done.error())
                                                                : refused_by_store(done.error());
        return {.status = 204, .audit = cat("account ", account->name)};
    }

    Response account_tokens(const Request& request) {
        const auto account = book_.account(request.in_path("account_id"));
        return account ? answer(tokens_json(book_.tokens_of(account->id))) : gone("account");
    }

    Response tokens(const Request& request) {
        return answer(tokens_json(book_.tokens_of(request.who->account)));
    }

    Response create_token(const Request& request) {
        if (!request.who->token.empty()) return session_only();
        const std::lock_guard lock{writes_};
        model::Token token{.id = {},
                           .account = request.who->account,
                           .name = request.body.at("name"),
                           .rights = request.body.at("rights").get<Rights>(),
                           .created = clock_.now()};
        for (const auto& right : token.rights)
            if (!request.who->rights.contains(right))
                return problem(
                    403,
                    {.code = "api.not-allowed",
                     .what = cat("this account lacks the right ", yagura::quoted(std::string_view{right})),
                     .where = "body.rights",
                     .next = "give the token rights that you have: see rights in GET /api/v1/session"});
        if (book_.tokens_of(token.account).size() >= most_tokens)
            return problem(409, {.code = "api.too-many",
                                 .what = cat("this account has ", most_tokens, " tokens already"),
                                 .next = "end tokens that nobody uses"});
        token.expires = token.created + request.body.at("days").get<std::int64_t>() * 86'400 * Gate::second;
        const auto secret = cat("yagura_", new_secret());
        const auto id = book_.add_token(token, hash_of(secret));
        if (!id) return refused_by_store(id.error());
        token.id = *id;
        auto response = answer({{"token", token_json(token)}, {"secret", secret}}, 201);
        response.headers.emplace_back("Cache-Control", "no-store");
        response.audit = cat("token ", token.name, ":");
        for (const auto& right : token.rights) response.audit += cat(" ", right);
        return response;
    }

    Response end_token(const Request& request) {
        const auto token = book_.token_with_id(request.in_path("token_id"));
        // Somebody else's is not there for who may not see accounts.
        if (!token ||
            (token->account != request.who->account && !request.who->rights.contains("account.edit")))
            return gone("token");
        if (auto done = book_.remove_token(token->id); !done) return refused_by_store(done.error());
        return {.status = 204, .audit = cat("token ", token->name)};
    }

    Response audit_list(const Request& request);
    Response audit_check(const Request&);

private:
    json session_json(const model::Account& account, const Principal& who) {
        return {{"account", account_json(account, 0)},
                {"rights", who.rights},
                {"csrf_token", who.csrf},
                {"idle_until", time_text(who.idle_until)},
                {"ends", time_text(who.ends)},
                {"must_change_password", account.must_change_password},
                {"preferences", preferences_json(account)}};
    }

    Response begun(const Gate::SignedIn& in, const Rights& rights) {
        Principal who{.account = in.account.id,
                      .name = in.account.name,
                      .token = {},
                      .session = in.session.id,
                      .csrf = in.csrf,
                      .rights = rights};
        who.idle_until = gate_.idle_until(in.session);
        who.ends = gate_.ends(in.session);
        auto response = answer(session_json(in.account, who));
        response.headers.emplace_back("Set-Cookie", cat(Gate::cookie_name, "=", in.secret,
                                                        "; Path=/; Secure; HttpOnly; SameSite=Strict"));
        response.audit_who = in.account.name;
        return response;
    }

    Response refused(const Gate::Refused& refusal, int status, std::string_view name) {
        auto response = problem(refusal.retry_after                            ? 429
                                : refusal.complaint.code.starts_with("store.") ? 503
                                                                               : status,
                                refusal.complaint);
        if (refusal.retry_after) {
            auto body = json::parse(response.body);
            body["retry_after"] = refusal.retry_after;
            response.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
            response.headers.emplace_back("Retry-After", cat(refusal.retry_after));
        }
        response.audit_who = name;
        if (!refusal.told) response.audit = "-";
        return response;
    }

    static bool is_editor(const model::Account& account) {
        return account.enabled && rights_of(account.role).contains("account.edit");
    }
    bool another_editor(std::string_view than) {
        std::string after;
        for (;;) {
            const auto page = book_.accounts(after, 1'000);
            if (std::ranges::any_of(page, [&](const auto& one) { return one.id != than && is_editor(one); }))
                return true;
            if (page.size() < 1'000) return false;
            after = page.back().name;
        }
    }
    static Response last_editor() {
        return problem(409, {.code = "api.last-editor",
                             .what = "this is the last account that may edit accounts",
                             .why = "without it nobody could let anybody in again",
                             .next = "give another account the role admin first"});
    }

    Gate& gate_;
    model::AccountBook& book_;
    model::AuditLog& audit_;
    const Clock& clock_;
    std::mutex writes_; ///< "is there another one" and the change after it are one step
};

std::string hex(std::span<const std::byte> bytes) { return cursor_of(as_text(bytes)); }

Response AccountHandlers::audit_list(const Request& request) {
    const auto most = request.query.at("limit").get<std::size_t>();
    model::AuditLog::Filter filter{.who = request.in_query("who"), .what = request.in_query("what")};
    if (const auto since = from_rfc3339(request.in_query("since"))) filter.since = *since;
    if (const auto until = from_rfc3339(request.in_query("until"))) filter.until = *until;
    filter.before = number<std::uint64_t>(request.in_query("cursor")).value_or(0);
    auto found = audit_.newest(filter, most + 1);
    json out{{"entries", json::array()}};
    if (found.size() > most) {
        found.pop_back();
        out["next_cursor"] = cat(found.back().number);
    }
    for (const auto& entry : found) {
        json row{{"id", cat(entry.number)}, {"at", time_text(entry.at)}, {"who", clipped(entry.who, 96)},
                 {"from", entry.from},      {"what", entry.what},        {"result", entry.result},
                 {"hash", hex(entry.hash)}};
        if (!entry.token.empty()) row["token"] = entry.token;
        if (!entry.about.empty()) row["about"] = entry.about;
        if (!entry.detail.empty()) row["detail"] = entry.detail;
        out["entries"].push_back(std::move(row));
    }
    return answer(out);
}

Response AccountHandlers::audit_check(const Request&) {
    const auto check = audit_.check();
    json out{{"entries", check.entries}, {"intact", !check.broken_at}};
    if (check.entries) out["head"] = hex(check.head);
    if (check.broken_at) out["broken_at"] = cat(*check.broken_at);
    return answer(out);
}

} // namespace

void add_account_handlers(Service& service, Gate& gate, model::AccountBook& book, model::AuditLog& audit,
                          const Clock& clock) {
    const auto handlers = std::make_shared<AccountHandlers>(gate, book, audit, clock);
    const auto on = [&](std::string_view operation, Response (AccountHandlers::*handler)(const Request&)) {
        service.on(operation,
                   [handlers, handler](const Request& request) { return ((*handlers).*handler)(request); });
    };
    on("login", &AccountHandlers::login);
    on("getSession", &AccountHandlers::session);
    on("logout", &AccountHandlers::logout);
    on("changePassword", &AccountHandlers::change_password);
    on("putPreferences", &AccountHandlers::put_preferences);
    on("listRoles", &AccountHandlers::roles_list);
    on("listAccounts", &AccountHandlers::list);
    on("createAccount", &AccountHandlers::create);
    on("getAccount", &AccountHandlers::get);
    on("editAccount", &AccountHandlers::edit);
    on("deleteAccount", &AccountHandlers::remove);
    on("resetPassword", &AccountHandlers::reset);
    on("listAccountTokens", &AccountHandlers::account_tokens);
    on("listTokens", &AccountHandlers::tokens);
    on("createToken", &AccountHandlers::create_token);
    on("deleteToken", &AccountHandlers::end_token);
    on("listAudit", &AccountHandlers::audit_list);
    on("checkAudit", &AccountHandlers::audit_check);
}

} // namespace yagura::api
