// From a request's head to its answer, without a socket: route, who, right, forgery, shape, handler, audit.
//
// The order matters. Who may not look must not learn what exists, so rights come before ids; and nothing of a
// body is read for somebody who may not send it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "spine/api/contract.h"
#include "spine/api/gate.h"
#include "spine/api/http.h"
#include "spine/base/clock.h"
#include "spine/model/account.h"

namespace yagura::api {

/// A request before its body: what the service looks at, copied out of the connection's buffer.
struct Head {
    std::string method;
    std::string target; ///< path and query, as they came
    std::string from;
    std::string cookie{}, authorization{}, csrf{}, content_type{}, origin{}, host{}, last_event{};
    std::uint64_t length = 0; ///< of the body, where it is said
};

class Service {
public:
    using Handler = std::function<Response(const Request&)>;
    using StreamHandler = std::function<Result<std::unique_ptr<BodySink>>(const Request&)>;

    Service(Contract, Gate&, model::AuditLog&, const Clock&);

    /// An operation that the contract does not have is a bug of ours: complete() says it.
    void on(std::string_view operation, Handler);
    void on_stream(std::string_view operation, StreamHandler);
    /// Each operation has a handler and each handler an operation, or a complaint that names them.
    Result<void> complete() const;

    /// What is left to do after the head: nothing if `refusal` is set.
    struct Opened {
        std::optional<Response> refusal{};
        const Operation* operation = nullptr;
        std::map<std::string, std::string, std::less<>> path{};
        std::optional<Principal> who{};
        bool head_only = false;
    };
    Opened open(const Head&);
    /// The rest of an operation whose body is in memory.
    Response finish(const Head&, const Opened&, std::string_view body);
    /// The rest of a streamed one: pieces, then finish_stream().
    struct Stream {
        std::optional<Response> refusal{};
        std::unique_ptr<BodySink> sink{};
    };
    Stream stream(const Head&, const Opened&);
    Response finish_stream(const Head&, const Opened&, Stream&);
    /// A piece that could not be kept (disk full): told to the audit log, and as an answer.
    Response failed_stream(const Head&, const Opened&, const Complaint&);

    /// open and finish in one; what tests, fuzzing and the server's small requests use.
    Response call(const Head&, std::string_view body = {});

    /// May this stream of events go on?
    std::optional<Principal> still(const Head& head) {
        return gate_.who(head.cookie, head.authorization, Gate::Asks::looks);
    }

    const Contract& contract() const noexcept { return contract_; }
    /// Compare every answer with the contract and turn a misfit into a 500: on unless this is a release.
    void check_answers(bool on) noexcept { check_answers_ = on; }

    struct Counts {
        std::atomic<std::uint64_t> requests{0}, refused{0}, failed{0}, misfits{0};
    };
    const Counts& counts() const noexcept { return counts_; }

private:
    Response guarded(const Operation&, const std::function<Response()>&);
    Response audited(const Head&, const Opened&, Response);

    Contract contract_;
    Gate& gate_;
    model::AuditLog& audit_;
    const Clock& clock_;
    std::unordered_map<std::string, Handler> handlers_;
    std::unordered_map<std::string, StreamHandler> streams_;
    bool check_answers_;
    Counts counts_;
};

} // namespace yagura::api
