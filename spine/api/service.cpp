#include "spine/api/service.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

namespace yagura::api {

using nlohmann::json;

namespace {

#ifdef NDEBUG
constexpr bool checks_by_default = false;
#else
constexpr bool checks_by_default = true;
#endif

/// What an account that has to change its password may do first.
bool before_password(const Operation& operation) {
    return operation.id == "changePassword" || operation.id == "getSession" || operation.id == "logout";
}

/// A browser says where a form came from. Scripts say nothing, and no browser sends their token for them.
bool foreign(std::string_view origin, std::string_view host) {
    constexpr std::string_view scheme = "https://";
    return !origin.empty() && (!origin.starts_with(scheme) || origin.substr(scheme.size()) != host);
}

bool is_json(std::string_view content_type) {
    const auto type = content_type.substr(0, content_type.find(';'));
    constexpr std::string_view wanted = "application/json";
    return std::ranges::equal(type.substr(0, type.find(' ')), wanted,
                              [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

Complaint not_allowed(const Operation& operation) {
    return {.code = "api.not-allowed",
            .what = cat("this account lacks the right '", operation.right, "'"),
            .next = cat("ask an administrator for a role with the right '", operation.right, "'")};
}

std::pair<std::string_view, std::string_view> cut_target(std::string_view target) {
    const auto question = target.find('?');
    return {target.substr(0, question),
            question == target.npos ? std::string_view{} : target.substr(question + 1)};
}

} // namespace

Service::Service(Contract contract, Gate& gate, model::AuditLog& audit, const Clock& clock)
    : contract_{std::move(contract)},
      gate_{gate},
      audit_{audit},
      clock_{clock},
      check_answers_{checks_by_default} {}

void Service::on(std::string_view operation, Handler handler) {
    handlers_[std::string{operation}] = std::move(handler);
}
void Service::on_stream(std::string_view operation, StreamHandler handler) {
    streams_[std::string{operation}] = std::move(handler);
}

Result<void> Service::complete() const {
    std::string wrong;
    const auto operations = contract_.operations();
    for (const auto& operation : operations)
        if (!(operation.stream ? streams_.contains(operation.id) : handlers_.contains(operation.id)))
            wrong += cat(" ", operation.id, " has no handler;");
    const auto check = [&](const auto& handlers, bool stream) {
        for (const auto& [id, handler] : handlers)
            if (std::ranges::none_of(operations, [&](const auto& operation) {
                    return operation.id == id && operation.stream == stream;
                }))
                wrong += cat(" ", id, " has a handler and no operation;");
    };
    check(handlers_, false);
    check(streams_, true);
    if (wrong.empty()) return {};
    return std::unexpected{Complaint{.code = "api.bad-contract",
                                     .what = cat("contract and handlers differ:", wrong),
                                     .next = "mend api.yaml or the handlers"}};
}

Service::Opened Service::open(const Head& head) {
    ++counts_.requests;
    Opened opened;
    const auto refuse = [&](int status, const Complaint& complaint) {
        ++counts_.refused;
        opened.refusal = problem(status, complaint);
    };
    auto [path, query] = cut_target(head.target);
    if (!path.starts_with(Contract::prefix)) {
        refuse(404, {.code = "api.no-path",
                     .what = "there is nothing at this path",
                     .next = "see GET /api/v1/openapi.json"});
        return opened;
    }
    auto match = contract_.match(head.method, path.substr(Contract::prefix.size()));
    if (!match.operation && match.allow.empty()) {
        refuse(404, {.code = "api.no-path",
                     .what = "there is nothing at this path",
                     .next = "see GET /api/v1/openapi.json"});
        return opened;
    }
    if (!match.operation) {
        refuse(405, {.code = "api.no-method",
                     .what = cat("this path has only ", match.allow),
                     .next = "see GET /api/v1/openapi.json"});
        opened.refusal->headers.emplace_back("Allow", match.allow);
        return opened;
    }
    const auto& operation = *match.operation;
    opened.operation = &operation;
    opened.path = std::move(match.path);
    opened.head_only = head.method == "HEAD";
    opened.who = gate_.who(head.cookie, head.authorization);
    if (operation.changes() && foreign(head.origin, head.host)) {
        refuse(403, {.code = "api.foreign-origin",
                     .what = "this request comes from another site's page",
                     .next = "use the console of this server"});
        return opened;
    }
    if (operation.right == "none") return opened;
    if (!opened.who) {
        refuse(401,
               {.code = "api.not-signed-in",
                .what = head.authorization.empty() && head.cookie.empty() ? "nobody is signed in"
                                                                          : "the session or token has ended",
                .next = "sign in with POST /api/v1/session, or send a living API token"});
        opened.refusal->headers.emplace_back("WWW-Authenticate", "Bearer");
        return opened;
    }
    if (opened.who->must_change_password && !before_password(operation)) {
        refuse(403, {.code = "api.password-first",
                     .what = "the first password has to be changed before anything else",
                     .next = "PUT /api/v1/session/password"});
        return opened;
    }
    if (operation.right != "self" && !opened.who->rights.contains(operation.right)) {
        refuse(403, not_allowed(operation));
        if (operation.changes()) opened.refusal = audited(head, opened, *std::move(opened.refusal));
        return opened;
    }
    if (operation.changes() && opened.who->token.empty() &&
        !equal_in_constant_time(head.csrf, opened.who->csrf))
        refuse(403, {.code = "api.csrf",
                     .what = "the header X-CSRF-Token is missing or not this session's",
                     .next = "send csrf_token of GET /api/v1/session in X-CSRF-Token"});
    return opened;
}

Response Service::finish(const Head& head, const Opened& opened, std::string_view body) {
    const auto& operation = *opened.operation;
    const auto refuse = [&](int status, const Complaint& complaint) {
        ++counts_.refused;
        return problem(status, complaint);
    };
    if (!contract_.path_fits(operation, opened.path))
        return refuse(404, {.code = "api.nothing-there",
                            .what = "there is nothing with this id",
                            .next = "take the id from the list it came from"});
    if (operation.body && !body.empty() && !is_json(head.content_type))
        return refuse(415, {.code = "api.wrong-type",
                            .what = "the body is not application/json",
                            .where = "header.Content-Type",
                            .next = "send JSON and say so in Content-Type"});
    auto input = contract_.check(operation, cut_target(head.target).second, body);
    if (input && !head.last_event.empty())
        if (auto fits = contract_.check_header(operation, "Last-Event-ID", head.last_event); !fits)
            input = std::unexpected{fits.error()};
    if (!input) return refuse(400, input.error());

    const auto handler = handlers_.find(operation.id);
    if (handler == handlers_.end())
        return problem(
            500,
            {.code = "api.internal", .what = "this operation has no handler", .next = "tell the makers"});
    const Request request{.path = opened.path,
                          .query = *input->query,
                          .body = *input->body,
                          .who = opened.who ? &*opened.who : nullptr,
                          .from = head.from,
                          .last_event = head.last_event,
                          .length = head.length};
    return audited(head, opened, guarded(operation, [&] { return handler->second(request); }));
}

Service::Stream Service::stream(const Head& head, const Opened& opened) {
    const auto& operation = *opened.operation;
    Stream stream;
    const auto input = contract_.check(operation, cut_target(head.target).second, {});
    const auto handler = streams_.find(operation.id);
    if (!input) {
        stream.refusal = problem(400, input.error());
    } else if (handler == streams_.end()) {
        stream.refusal = problem(
            500,
            {.code = "api.internal", .what = "this operation has no handler", .next = "tell the makers"});
    } else {
        const Request request{.path = opened.path,
                              .query = *input->query,
                              .body = *input->body,
                              .who = &*opened.who,
                              .from = head.from,
                              .length = head.length};
        auto sink = handler->second(request);
        if (sink)
            stream.sink = *std::move(sink);
        else
            stream.refusal = failed_stream(head, opened, sink.error());
    }
    return stream;
}

Response Service::finish_stream(const Head& head, const Opened& opened, Stream& stream) {
    return audited(head, opened, guarded(*opened.operation, [&] { return stream.sink->finish(); }));
}

Response Service::failed_stream(const Head& head, const Opened& opened, const Complaint& complaint) {
    const auto status = complaint.code == "api.too-large"   ? 413
                        : complaint.code == "api.disk-full" ? 507
                        : complaint.code == "api.unfit"     ? 400
                                                            : 409;
    return audited(head, opened, problem(status, complaint));
}

Response Service::call(const Head& head, std::string_view body) {
    auto opened = open(head);
    if (opened.refusal) return *std::move(opened.refusal);
    if (!opened.operation->stream) return finish(head, opened, body);
    auto streaming = stream(head, opened);
    if (streaming.refusal) return *std::move(streaming.refusal);
    if (auto kept = streaming.sink->write(std::as_bytes(std::span{body})); !kept)
        return failed_stream(head, opened, kept.error());
    return finish_stream(head, opened, streaming);
}

Response Service::guarded(const Operation& operation, const std::function<Response()>& work) {
    Response response;
    try {
        response = work();
    } catch (
        const std::exception&) { // What a library threw in a handler: our mistake, told without its insides.
        ++counts_.failed;
        return problem(500, {.code = "api.internal",
                             .what = cat("the server failed at ", operation.id),
                             .next = "try again; if it stays, tell the makers with the server's log"});
    }
    if (response.status >= 500) ++counts_.failed;
    if (!check_answers_ || response.events) return response;
    if (const auto wrong = contract_.misfit_of_answer(operation, response)) {
        ++counts_.misfits;
        return problem(
            500, {.code = "api.answer-misfit",
                  .what = cat("the answer is not what the contract says: ", wrong->where, " ", wrong->what),
                  .where = wrong->where,
                  .next = "tell the makers"});
    }
    return response;
}

Response Service::audited(const Head& head, const Opened& opened, Response response) {
    const auto& operation = *opened.operation;
    // A request that was no good changed nothing and tells nothing; "-" is a handler's wish to be left out.
    if (!operation.changes() || response.audit == "-" || response.status == 400 || response.status == 404 ||
        response.status == 415)
        return response;
    model::AuditEntry entry;
    entry.at = clock_.now();
    if (opened.who) {
        entry.who = opened.who->name;
        entry.token = opened.who->token;
    }
    if (!response.audit_who.empty()) entry.who = clipped(response.audit_who, 96);
    entry.from = head.from;
    entry.what = operation.id;
    entry.detail = clipped(response.audit, 1024);
    for (const auto& [name, value] : opened.path) entry.about += cat(entry.about.empty() ? "" : " ", value);
    entry.about = clipped(entry.about, 256);
    entry.result = response.status < 300                                                        ? "done"
                   : response.status == 401 || response.status == 403 || response.status == 429 ? "refused"
                                                                                                : "failed";
    if (auto done = audit_.append(std::move(entry)); !done) {
        ++counts_.failed;
        return problem(503,
                       {.code = "api.no-audit",
                        .what = "the audit log cannot be written, so nothing may be changed",
                        .why = done.error().what,
                        .next = "free space on the server's disk, then look whether the change was made"});
    }
    return response;
}

} // namespace yagura::api
