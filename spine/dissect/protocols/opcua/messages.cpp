#include "spine/dissect/protocols/opcua/messages.h"

#include "spine/dissect/certificate.h"
#include "spine/dissect/protocols/opcua/identity.h"

namespace yagura::dissect::opcua {
namespace {

using observe::Act;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Subject;

/// Values of one message that are told besides the operation's own.
constexpr std::uint32_t variables_most = 1024;

void say_variable(const Message& message, const observe::Object& object,
                  const observe::Value& value) noexcept {
    if (value.index() == 0) return;
    message.ways.say().on(
        message.pdu.origin,
        observe::Variable{.protocol = message.pdu.protocol, .object = object, .value = value, .count = 1});
}

// ---- who logs in --------------------------------------------------------------------------------------

struct Login {
    TextRoom<192> user;
    std::string_view method{};
};
/// OPC 10000-4, 7.40. A password is never looked at, only whether it is encrypted.
bool read_login(In in, Login& out) noexcept {
    (void)in.string();
    (void)in.string();
    for (auto left = in.count(); left != 0 && in.ok(); --left) {
        (void)in.string();
        (void)in.string();
    }
    in.strings();
    const auto token = in.extension();
    (void)in.string();
    (void)in.string();
    if (!in.ok()) return false;
    In body{token.body};
    (void)body.string(); // The policy's name.
    switch (token.type) {
    case 0:
    case 321:
        out.method = "anonymous";
        break;
    case 324: {
        out.user.add(body.text());
        const auto password = body.string();
        const auto algorithm = body.string();
        out.method = algorithm.empty() && !password.empty() ? "user name, password in the clear"
                                                            : "user name";
        break;
    }
    case 327: {
        out.method = "certificate";
        const auto certificate = read_certificate(body.string());
        if (!certificate) break;
        DirectoryRoom name;
        add_text(name, certificate->subject.common_name);
        out.user.add(name.view());
        break;
    }
    case 940:
        out.method = "issued token";
        break;
    default:
        out.method = "unknown token";
    }
    return body.ok();
}

void say_login(const Message& message, const Login& login, Outcome outcome) noexcept {
    message.ways.say().on(message.pdu.origin, observe::Login{.protocol = message.pdu.protocol,
                                                             .user = login.user.view(),
                                                             .method = login.method,
                                                             .outcome = outcome});
    if (outcome == Outcome::done)
        Telling{message.pdu, message.ways, Subject::listener}.say(observe::Attribute::user, login.user.view(),
                                                                  80);
}

// ---- requests -----------------------------------------------------------------------------------------

/// 5.5.2: how the messages of the channel will be protected.
bool read_open(In& in, Operation& operation) noexcept {
    constexpr std::string_view modes[]{"invalid", "none", "sign", "sign and encrypt"};
    (void)in.u32();
    (void)in.u32();
    const auto mode = in.u32();
    if (in.ok() && mode < std::size(modes)) operation.value = modes[mode];
    (void)in.string();
    (void)in.u32();
    return in.ok();
}

void ask(Message& message, Operation& operation, In& in) noexcept {
    const auto code = static_cast<std::uint16_t>(message.code);
    auto& [pdu, state, ways, id, type, policy, trouble] = message;
    About about;
    bool whole = pass_request_header(in);
    const auto parameters = in;
    if (whole) {
        auto kept = parameters;
        remember_request(id, code, kept.rest(), pdu, state, ways);
        whole = code == open_channel ? read_open(in, operation) : describe(code, parameters, about);
        if (code != open_channel) operation.value = about.value;
        operation.object = about.object;
        operation.count = about.count;
        if (about.act != Act::unknown) operation.act = about.act;
    }
    if (code == open_channel && !policy.empty())
        operation.object = {.space = "security policy", .text = policy};
    Login login;
    const bool logs_in = code == activate_session && whole && read_login(parameters, login);
    if (logs_in && !login.user.view().empty())
        operation.object = {.space = "user", .text = login.user.view()};
    ways.say().on(pdu.origin, operation);
    if (code == activate_session) {
        if (logs_in)
            say_login(message, login, Outcome::pending);
        else
            whole = false;
    }
    if (!whole) return message.complain({0, "a request ends before what it promises"});
    // Only what stands first is the operation's.
    Items items{code, parameters};
    Room room;
    for (std::uint32_t at = 0; const auto item = items.next(room); ++at) {
        if (code != write || at == 0 || at > variables_most) continue;
        Name name;
        add_name(name, *item);
        say_variable(message, {.text = name.view()}, item->value);
    }
    if (!items.ok()) return message.complain({0, "a request's list ends before what it promises"});
    const Telling self{pdu, ways, Subject::speaker};
    if (code == create_session) {
        auto body = parameters;
        say(read_application(body), self);
        for (int i = 0; i < 4; ++i) (void)body.string(); // Server, endpoint, name, nonce.
        self.certificate(body.string());
    } else if (code == register_server || code == register_server_2) {
        auto body = parameters;
        Application own{.uri = body.text(), .product = body.text()};
        for (std::uint32_t at = 0, names = body.count(); at < names && body.ok(); ++at)
            if (const auto name = body.localized(); at == 0) own.name = name;
        own.kind = body.u32();
        if (body.ok()) say(own, self);
    }
}

// ---- answers ------------------------------------------------------------------------------------------

struct Notified {
    std::uint32_t changes = 0, events = 0, status = 0;
    observe::Value message{}; ///< of the first event
};
/// 5.14.5 and 7.25. With `telling` every change is told.
Notified notifications(const Message& message, In& in, std::uint32_t subscription, bool telling) noexcept {
    Notified out;
    (void)in.u32();
    (void)in.u64();
    for (auto left = in.count(); left != 0 && in.ok(); --left) {
        const auto one = in.extension();
        In body{one.body};
        switch (one.type) {
        case 811: // DataChangeNotification
            for (auto changes = body.count(); changes != 0 && body.ok(); --changes) {
                Room room;
                const auto handle = body.u32();
                const auto data = read_data_value(body, room);
                if (!body.ok()) break;
                if (++out.changes > variables_most || !telling) continue;
                TextRoom<128> text;
                const auto name = message.state.items_known
                                      ? find_item(subscription, handle, message.ways, text)
                                      : std::string_view{};
                if (name.empty()) {
                    say_variable(message, {.space = "monitored item", .number = handle}, data.value);
                    continue;
                }
                say_variable(message, {.text = name}, data.value);
                say_server_value(name, data, {message.pdu, message.ways, Subject::speaker});
            }
            break;
        case 916: // EventNotificationList
            for (auto events = body.count(); events != 0 && body.ok(); --events) {
                (void)body.u32();
                for (auto fields = body.count(); fields != 0 && body.ok(); --fields) {
                    auto ahead = body;
                    const bool words = ahead.u8() == 21; // LocalizedText: its message.
                    Room room;
                    const auto value = read_variant(body, room);
                    if (words && out.message.index() == 0) out.message = value;
                }
                if (body.ok()) ++out.events;
            }
            break;
        case 820: // StatusChangeNotification
            out.status = body.u32();
            break;
        default:
            break;
        }
        if (!body.ok()) in.fail();
    }
    return out;
}

void answer_publish(Message& message, Operation& operation, In& in) noexcept {
    std::uint32_t subscription = 0;
    if (message.code == publish_answer) {
        subscription = in.u32();
        for (auto left = in.count(); left != 0 && in.ok(); --left) (void)in.u32();
        (void)in.flag();
        if (in.ok()) operation.object = {.space = "subscription", .number = subscription};
    } else if (operation.object.space == "subscription") {
        subscription = static_cast<std::uint32_t>(operation.object.number); // Asked for by it.
    }
    auto again = in;
    const auto told = notifications(message, in, subscription, false);
    operation.count = told.changes + told.events;
    operation.act = told.events != 0 ? Act::alarm : told.changes != 0 ? Act::report : operation.act;
    operation.value = told.message;
    operation.status = told.status;
    if (message.code == publish_answer) {
        for (auto left = in.count(); left != 0 && in.ok(); --left) (void)in.u32();
        in.diagnostics();
    }
    message.ways.say().on(message.pdu.origin, operation);
    (void)notifications(message, again, subscription, true);
}

/// The first of the results is the operation's own; what they say of nodes is told after it.
void after(Message& message, std::uint16_t asked, In results_at, In parameters) noexcept {
    Results results{asked, results_at};
    Items items{asked, parameters};
    Room room, other;
    Name name;
    const Telling self{message.pdu, message.ways, Subject::speaker};
    for (std::uint32_t at = 0; const auto result = results.next(room); ++at) {
        const auto item = items.next(other);
        if (!item || bad(result->status) || at > variables_most) continue;
        name.clear();
        add_name(name, *item);
        if (asked == create_items) {
            if (name.cut()) continue;
            remember_item(items.subscription(), item->handle, name.view(), message.ways);
            message.state.items_known = true;
        } else if (asked == read) {
            if (at != 0) say_variable(message, {.text = name.view()}, result->data.value);
            say_server_value(name.view(), result->data, self);
        }
    }
    if (!results.ok()) message.complain({0, "an answer's list ends before what it promises"});
}

void introduce(Message& message, In in) noexcept {
    const Telling self{message.pdu, message.ways, Subject::speaker};
    Bytes certificate{};
    if (message.code == create_session + 3u) {
        (void)in.node();
        (void)in.node();
        (void)in.u64();
        (void)in.string();
        certificate = in.string();
    }
    const auto count = in.count();
    if (message.code == find_servers + 3u) {
        // One that tells of several may know them from other hosts.
        const auto only = read_application(in);
        if (in.ok() && count == 1) say(only, self);
        for (std::uint32_t at = 1; at < count && in.ok(); ++at) (void)read_application(in);
    } else {
        for (std::uint32_t at = 0; at < count && in.ok(); ++at) {
            const auto endpoint = read_endpoint(in);
            if (!in.ok()) break;
            if (certificate.empty()) certificate = endpoint.certificate;
            if (at != 0) continue;
            say(endpoint.server, self);
            self.host(endpoint.url);
        }
        self.certificate(certificate);
    }
    if (!in.ok()) message.complain({0, "an answer's list ends before what it promises"});
}

void answer(Message& message, Operation& operation, In& in, const Service& service) noexcept {
    const auto result = read_answer_header(in);
    const bool fault = message.code == service_fault;
    const auto found = find_request(message.request, message.pdu, message.state, message.ways);
    const bool known = found.code != 0 && (fault || found.code == service.asks);
    const auto asked = known ? found.code : fault ? std::uint16_t{0} : service.asks;
    const In parameters{found.parameters};
    About about;
    Login login;
    const bool logs_in = known && asked == activate_session && read_login(parameters, login);
    if (known) {
        (void)describe(asked, parameters, about);
        if (logs_in && !login.user.view().empty())
            about.object = {.space = "user", .text = login.user.view()};
        operation.object = about.object;
        operation.count = about.count;
        const auto* what = find_service(asked);
        operation.act = about.act != Act::unknown ? about.act : what ? what->act : operation.act;
    }
    if (asked == open_channel && !message.policy.empty())
        operation.object = {.space = "security policy", .text = message.policy};
    operation.outcome = bad(result) ? Outcome::refused : Outcome::done;
    operation.status = bad(result) ? result : 0;
    if (operation.outcome == Outcome::done && !fault && in.ok() &&
        (message.code == publish_answer || message.code == republish_answer))
        answer_publish(message, operation, in);
    else {
        const auto begin = in;
        Room first_room, room;
        std::uint32_t refused = 0, count = 0, first_bad = 0;
        if (!fault && operation.outcome == Outcome::done && in.ok()) {
            Results results{asked, in};
            count = results.count();
            for (std::uint32_t at = 0; const auto one = results.next(at == 0 ? first_room : room); ++at) {
                if (at == 0 && !bad(one->status)) operation.value = one->data.value;
                if (bad(one->status) && refused++ == 0) first_bad = one->status;
            }
            if (asked == create_subscription)
                if (const auto number = in.u32(); in.ok()) operation.value = std::uint64_t{number};
        }
        if (refused != 0) operation.status = first_bad;
        if (refused != 0 && refused == count) operation.outcome = Outcome::refused;
        if (!known && count != 0) operation.count = count;
        message.ways.say().on(message.pdu.origin, operation);
        const bool done = !fault && !bad(result) && begin.ok();
        if (done) after(message, asked, begin, parameters);
        if (done && (asked == find_servers || asked == get_endpoints || asked == create_session))
            introduce(message, begin);
    }
    if (logs_in) say_login(message, login, operation.outcome);
    if (!in.ok()) message.complain({0, "an answer ends before what it promises"});
}

} // namespace

void tell(Message& message, Bytes body, std::uint32_t base) noexcept {
    const auto* service = find_service(message.code);
    if (!service) return;
    const bool known_trouble = message.trouble.has_value();
    const bool asks = message.code == service->asks && message.code != service_fault;
    Operation operation{.protocol = message.pdu.protocol,
                        .function = {message.code, asks ? service->name : service->answer_name},
                        .act = service->act,
                        .phase = asks ? Phase::request : Phase::response,
                        .outcome = asks ? Outcome::pending : Outcome::done,
                        .pair = message.request};
    In in{body};
    if (asks)
        ask(message, operation, in);
    else
        answer(message, operation, in, *service);
    if (message.trouble && !known_trouble) message.trouble = message.trouble->shifted(base);
}

} // namespace yagura::dissect::opcua
