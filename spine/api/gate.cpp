#include "spine/api/gate.h"

#include <arpa/inet.h>

#include <array>

#include "spine/api/rights.h"

namespace yagura::api {
namespace {

constexpr std::string_view bearer = "Bearer ";

/// One person has a whole /64 of IPv6: the wait is for all of it.
std::string network(std::string_view from) {
    std::array<unsigned char, 16> six{};
    const std::string text{from};
    if (inet_pton(AF_INET6, text.c_str(), six.data()) != 1 || text.starts_with("::ffff:")) return text;
    for (std::size_t i = 8; i < six.size(); ++i) six[i] = 0;
    std::array<char, INET6_ADDRSTRLEN> out{};
    return inet_ntop(AF_INET6, six.data(), out.data(), out.size());
}

std::string_view cookie_value(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        const auto end = header.find(';');
        auto one = header.substr(0, end);
        while (one.starts_with(' ')) one.remove_prefix(1);
        if (one.starts_with(name) && one.substr(name.size()).starts_with('='))
            return one.substr(name.size() + 1);
        header = end == header.npos ? std::string_view{} : header.substr(end + 1);
    }
    return {};
}

Complaint wrong() {
    return {.code = "api.wrong-login",
            .what = "name or password is wrong",
            .next = "try again, or ask an administrator for a new password"};
}

Complaint wait(std::uint32_t seconds) {
    return {.code = "api.login-wait",
            .what = cat("too many tries; the next one is possible in ", seconds, " seconds"),
            .why = "somebody gave a wrong password five times or more",
            .next = cat("wait ", seconds, " seconds, or ask an administrator for a new password")};
}

} // namespace

Gate::Gate(model::AccountBook& book, const Clock& clock, Settings settings)
    : book_{book}, clock_{clock}, settings_{settings}, nobody_{hashed(new_secret(), settings.effort)} {}

bool Gate::alive(const model::Session& session) const noexcept {
    const auto now = clock_.now();
    return now < idle_until(session) && now < ends(session);
}

std::optional<Principal> Gate::who(std::string_view cookie, std::string_view authorization, Asks asks) {
    if (authorization.starts_with(bearer)) {
        const auto token = book_.token(hash_of(authorization.substr(bearer.size())));
        const auto now = clock_.now();
        if (!token || token->expires <= now) return {};
        const auto account = book_.account(token->account);
        if (!account || !account->enabled) return {};
        // A minute is exact enough, and a write per request is not.
        if (asks == Asks::uses && now - token->used > 60 * second) (void)book_.use_token(token->id, now);
        Principal who{.account = account->id,
                      .name = account->name,
                      .token = token->name,
                      .session = token->id,
                      .csrf = {}};
        for (auto& right : rights_of(account->role)) // Not more than the account has today.
            if (token->rights.contains(right)) who.rights.insert(right);
        who.must_change_password = account->must_change_password;
        who.idle_until = who.ends = token->expires;
        return who;
    }
    const auto secret = cookie_value(cookie, cookie_name);
    if (secret.empty()) return {};
    const auto session = book_.session(hash_of(secret));
    if (!session || !alive(*session)) return {};
    const auto account = book_.account(session->account);
    if (!account || !account->enabled) return {};
    const auto now = clock_.now();
    if (asks == Asks::uses && now - session->used > 60 * second) (void)book_.use_session(session->id, now);
    return Principal{.account = account->id,
                     .name = account->name,
                     .token = {},
                     .session = session->id,
                     .csrf = csrf_of(secret),
                     .rights = rights_of(account->role),
                     .must_change_password = account->must_change_password,
                     .idle_until = idle_until(*session),
                     .ends = ends(*session)};
}

namespace {
constexpr int most_waiting = 3;

/// Counts itself while it waits for the one place where passwords are hashed.
struct Waiting {
    explicit Waiting(std::atomic<int>& all) : count{all}, ahead{all.fetch_add(1)} {}
    ~Waiting() { count.fetch_sub(1); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    std::atomic<int>& count;
    int ahead;
};

Gate::Refused busy() {
    return {{.code = "api.login-busy",
             .what = "too many people sign in at this moment",
             .next = "try again in 2 seconds"},
            2,
            false};
}
} // namespace

// A flood of logins may take neither the memory nor the threads that everybody else needs.
std::expected<Gate::SignedIn, Gate::Refused> Gate::login(std::string_view name, std::string_view password,
                                                         std::string_view from) {
    const Waiting waiting{waiting_};
    if (waiting.ahead >= most_waiting) return std::unexpected{busy()};
    const std::lock_guard lock{hashing_}; // Also over the count, so that parallel tries are tries in a row.
    return check_login(name, password, from);
}

std::expected<Gate::SignedIn, Gate::Refused> Gate::change_password(const Principal& who,
                                                                   std::string_view current,
                                                                   std::string_view wanted,
                                                                   std::string_view from) {
    const Waiting waiting{waiting_};
    if (waiting.ahead >= most_waiting) return std::unexpected{busy()};
    const std::lock_guard lock{hashing_};
    return check_change(who, current, wanted, from);
}

std::expected<Gate::SignedIn, Gate::Refused>
Gate::check_login(std::string_view name, std::string_view password, std::string_view from) {
    const auto where = network(from);
    if (const auto seconds = limit_.wait(name, where, clock_.now()))
        return std::unexpected{Refused{wait(seconds), seconds, false}};
    auto account = book_.account_named(name);
    const auto hash = account ? book_.password_hash(account->id) : nobody_;
    const bool right = matches(hash.empty() ? nobody_ : hash, password) && account && account->enabled;
    if (!right) {
        limit_.failed(name, where, clock_.now());
        const auto seconds = limit_.wait(name, where, clock_.now());
        if (seconds) return std::unexpected{Refused{wait(seconds), seconds}};
        return std::unexpected{Refused{wrong()}};
    }
    limit_.succeeded(name, where);
    account->last_login = clock_.now();
    if (auto done = book_.signed_in(account->id, account->last_login); !done)
        return std::unexpected{Refused{done.error()}};
    auto begun = begin(*std::move(account), from);
    if (!begun) return std::unexpected{Refused{begun.error()}};
    return *std::move(begun);
}

std::expected<Gate::SignedIn, Gate::Refused> Gate::check_change(const Principal& who,
                                                                std::string_view current,
                                                                std::string_view wanted,
                                                                std::string_view from) {
    const auto where = network(from);
    if (const auto seconds = limit_.wait(who.name, where, clock_.now()))
        return std::unexpected{Refused{wait(seconds), seconds, false}};
    auto account = book_.account(who.account);
    if (!account || !matches(book_.password_hash(who.account), current)) {
        limit_.failed(who.name, where, clock_.now());
        return std::unexpected{Refused{{.code = "api.wrong-password",
                                        .what = "the current password is wrong",
                                        .where = "body.current",
                                        .next = "give the password that you signed in with"}}};
    }
    if (auto easy = too_easy(wanted, account->name)) return std::unexpected{Refused{*easy}};
    if (current == wanted)
        return std::unexpected{Refused{{.code = "api.password-too-easy",
                                        .what = "the new password is the old one",
                                        .where = "body.new",
                                        .next = "choose another"}}};
    const auto hash = hashed(wanted, settings_.effort);
    if (hash.empty())
        return std::unexpected{Refused{
            {.code = "api.no-memory", .what = "there is no memory to hash a password", .next = "try again"}}};
    if (auto done = book_.set_password(account->id, hash, false); !done)
        return std::unexpected{Refused{done.error()}};
    if (settings_.password_changed) settings_.password_changed(account->name);
    account->must_change_password = false;
    auto begun = begin(*std::move(account), from);
    if (!begun) return std::unexpected{Refused{begun.error()}};
    return *std::move(begun);
}

Result<std::string> Gate::add_account(const model::Account& account, std::string_view password) {
    const std::lock_guard lock{hashing_};
    return book_.add_account(account, hashed(password, settings_.effort));
}

Result<void> Gate::set_password(const model::Account& account, std::string_view wanted, bool must_change) {
    if (auto easy = too_easy(wanted, account.name)) {
        easy->where = "body.password";
        return std::unexpected{*easy};
    }
    const std::lock_guard lock{hashing_};
    auto done = book_.set_password(account.id, hashed(wanted, settings_.effort), must_change);
    if (done && settings_.password_changed) settings_.password_changed(account.name);
    return done;
}

Result<Gate::SignedIn> Gate::begin(model::Account account, std::string_view from) {
    const auto now = clock_.now();
    // Here, because it is where they are made: what grows by signing in is cut by signing in.
    (void)book_.remove_old_sessions(now - settings_.idle_seconds * second,
                                    now - settings_.longest_seconds * second);
    SignedIn in{
        .account = std::move(account),
        .session = {.id = new_secret(), .account = {}, .begun = now, .used = now, .from = std::string{from}},
        .secret = new_secret(),
        .csrf = {}};
    in.session.account = in.account.id;
    in.csrf = csrf_of(in.secret);
    if (auto done = book_.add_session(in.session, hash_of(in.secret)); !done)
        return std::unexpected{done.error()};
    return in;
}

Result<std::string> Gate::first_account() {
    if (book_.account_count() != 0) return std::string{};
    auto password = first_password();
    const auto id = book_.add_account(
        {.id = {}, .name = "admin", .shown_name = {}, .role = "admin", .created = clock_.now()},
        hashed(password, settings_.effort));
    if (!id) return std::unexpected{id.error()};
    return password;
}

} // namespace yagura::api
