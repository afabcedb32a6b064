// MMS: what IEC 61850's devices, and others, are asked, told and report, over ISO transport.
//
// From ISO 9506-2:2003 (clauses 7 to 20 and Annex A) and IEC 61850-8-1:2011 (how its objects are named,
// reports, files). docs/protocols/mms.md tells objects and limits.
#include <array>
#include <optional>

#include "spine/dissect/protocols/mms/kept.h"
#include "spine/dissect/protocols/mms/layers.h"
#include "spine/dissect/protocols/mms/services.h"
#include "spine/dissect/protocols/mms/values.h"
#include "spine/dissect/tell.h"
#include "spine/dissect/waiting.h"

namespace yagura::dissect::protocols {
namespace {

using namespace mms;
using iec61850::is_name;
using iec61850::unsigned_of;
using observe::Attribute;
using observe::Object;
using observe::Operation;
using observe::Outcome;
using observe::Phase;
using observe::Speaker;
using observe::Value;

constexpr std::size_t read_most = 64u << 10;
constexpr std::uint8_t patience = 60;
constexpr std::uint32_t names_most = 8;
/// Codes: services by their number; unconfirmed ones from 0x100; from 0x10000 on what makes and ends
/// associations.
constexpr std::uint32_t unconfirmed = 0x100, of_association = 0x10000;

enum Pdu_ : std::uint8_t {
    request = 0xa0,
    response = 0xa1,
    error = 0xa2,
    report = 0xa3,
    reject = 0xa4,
    cancel = 0xa5,
    cancelled = 0xa6,
    cancel_error = 0xa7,
    initiate = 0xa8,
    initiated = 0xa9,
    initiate_error = 0xaa,
    conclude = 0x8b,
    concluded = 0x8c,
    conclude_error = 0xad,
};

struct Mms {
    static constexpr Over over[]{{"cotp"}};
    static constexpr Mark marks[]{{0, 0xffffffff, 0x01000100},
                                  {0, 0xff000000, 0x0d000000},
                                  {0, 0xff000000, 0x0e000000},
                                  {0, 0xf0000000, 0xa0000000},
                                  {0, 0xfeff0000, 0x0a000000}};
    static constexpr Facts facts{
        .name = "mms",
        .title = "MMS (IEC 61850)",
        .specification = "ISO 9506-2:2003; IEC 61850-8-1:2011; X.225, X.226, X.227",
        .over = over,
        .marks = marks,
        .message_most = read_most,
        .status_name = status_name,
    };
    struct Asked {
        std::uint32_t invoke;
        std::uint32_t of; ///< what an answer needs of its request: a file's number
        std::uint8_t service;
        Speaker by;
        bool named;
        Act act;
        bool alike(const Asked& other) const noexcept { return invoke == other.invoke && by == other.by; }
        friend bool operator==(const Asked&, const Asked&) = default;
    };
    struct State {
        Waiting<Asked, 12> asked;
    };

    static Recognition looks_like(const Opening& opening) noexcept {
        const auto bytes = latest(opening);
        const auto opened = open(bytes);
        if (opened.layer == Layer::none || opened.mms.empty()) return {};
        Reader in{opened.mms};
        Tlv pdu;
        if (!next(in, pdu)) return {};
        const bool direct = opened.position == 0;
        if ((pdu.cut || in.remaining() != 0) && direct) return {};
        Reader fields{pdu.content};
        Tlv first;
        switch (pdu.tag) {
        case request:
        case response:
        case error:
            return {
                next(fields, first) && first.tag == (pdu.tag == error ? 0x80 : 0x02) &&
                        first.content.size() <= 5 && !first.content.empty() &&
                        (pdu.tag == error || (next(fields, first) && first.kind() == 2) || first.tag == 0x30)
                    ? Likeness::yes
                    : Likeness::no,
                pdu.tag == request ? Speaker::client : Speaker::server};
        case report:
            return {next(fields, first) && first.kind() == 2 && first.number < 3 ? Likeness::yes
                                                                                 : Likeness::no,
                    Speaker::server};
        case initiate:
        case initiated:
            // What both sides can: sizes and, in 0xA4, versions and services.
            while (next(fields, first))
                if (first.tag == 0xa4)
                    return {Likeness::yes, pdu.tag == initiate ? Speaker::client : Speaker::server};
            return {};
        case conclude:
        case concluded:
            return {pdu.content.empty() ? Likeness::maybe : Likeness::no};
        default:
            return {};
        }
    }
    static Framing frame(Bytes unit) noexcept { return {.length = unit.size()}; }

    static void dissect(const Pdu& pdu, State& state, Ways& ways) noexcept {
        const Tell tell{pdu, ways};
        const auto opened = open(pdu.bytes);
        if (opened.layer == Layer::none) return tell.report({0, "neither session nor MMS"});
        const auto at = static_cast<std::uint32_t>(opened.position);
        if (opened.mms.empty()) {
            without_message(opened, tell);
            if (opened.cut) tell.report({0, "message ends inside session, presentation or association"});
            return;
        }
        Reader in{opened.mms};
        Tlv message;
        if (!next(in, message)) return tell.report(Malformed{0, "message ends inside its head"}.shifted(at));
        const bool good = said(message, opened, state, tell);
        if (opened.cut || message.cut)
            tell.report(Malformed{0, "message is shorter than its length"}.shifted(at));
        else if (!good)
            tell.report(
                Malformed{0, "a field is none that its service has, or longer than its message"}.shifted(at));
    }

private:
    static Operation begin(std::uint32_t code, std::string_view name, Act act, Phase phase) noexcept {
        return {.function = {code, name},
                .act = act,
                .phase = phase,
                .outcome = phase == Phase::request ? Outcome::pending : Outcome::done};
    }

    static void without_message(const Opened& opened, const Tell& tell) noexcept {
        switch (opened.layer) {
        case Layer::refuse: {
            auto operation = begin(of_association | 12, "refuse", Act::connect, Phase::response);
            operation.outcome = Outcome::refused;
            return tell.operation(operation);
        }
        case Layer::accept: {
            auto operation = begin(of_association | 14, "accept", Act::connect, Phase::response);
            operation.status = opened.result;
            if (opened.result != 0) operation.outcome = Outcome::refused;
            return tell.operation(operation);
        }
        case Layer::connect:
            return tell.operation(begin(of_association | 13, "connect", Act::connect, Phase::request));
        case Layer::finish:
            return tell.operation(begin(of_association | 9, "finish", Act::disconnect, Phase::request));
        case Layer::disconnect:
            return tell.operation(begin(of_association | 10, "disconnect", Act::disconnect, Phase::response));
        case Layer::abort:
            return tell.operation(begin(of_association | 25, "abort", Act::disconnect, Phase::event));
        default:
            return;
        }
    }

    static bool said(const Tlv& message, const Opened& opened, State& state, const Tell& tell) noexcept {
        Reader in{message.content};
        switch (message.tag) {
        case request:
            return asked(in, state, tell);
        case response:
            return answered(in, state, tell);
        case error:
            return failed(in, state, tell);
        case report:
            return told(in, tell);
        case initiate:
        case initiated: {
            const bool asks = message.tag == initiate;
            auto operation = begin(of_association | (message.tag & 0x1fu), asks ? "initiate" : "initiated",
                                   Act::connect, asks ? Phase::request : Phase::response);
            operation.status = opened.result;
            if (opened.result != 0) operation.outcome = Outcome::refused;
            tell.operation(operation);
            if (asks && opened.password) tell.login("association", "ACSE password", Outcome::pending);
            return true;
        }
        case conclude:
        case concluded:
            tell.operation(begin(of_association | (message.tag & 0x1fu),
                                 message.tag == conclude ? "conclude" : "concluded", Act::disconnect,
                                 message.tag == conclude ? Phase::request : Phase::response));
            return message.content.empty();
        case reject: {
            auto operation = begin(of_association | 4, "reject", Act::unknown, Phase::response);
            operation.outcome = Outcome::refused;
            tell.operation(operation);
            return true;
        }
        case cancel:
        case cancelled:
        case cancel_error:
        case initiate_error:
        case conclude_error: {
            const bool asks = message.tag == cancel;
            auto operation = begin(of_association | (message.tag & 0x1fu),
                                   message.tag == initiate_error   ? "initiate error"
                                   : message.tag == conclude_error ? "conclude error"
                                                                   : "cancel",
                                   message.tag == initiate_error ? Act::connect : Act::unknown,
                                   asks ? Phase::request : Phase::response);
            if (message.tag != cancelled && !asks) operation.outcome = Outcome::refused;
            tell.operation(operation);
            return true;
        }
        default:
            return false;
        }
    }

    /// The number of a request, what modifies it, and its service.
    static bool service_of(Reader& in, std::uint32_t& invoke, Tlv& service) noexcept {
        Tlv number;
        if (!next(in, number) || number.tag != 0x02 || number.cut) return false;
        invoke = static_cast<std::uint32_t>(unsigned_of(number.content));
        do {
            if (!next(in, service)) return false;
        } while (service.tag == 0x30); // Modifiers.
        return service.kind() == 2;
    }

    // ---- requests

    static bool asked(Reader& in, State& state, const Tell& tell) noexcept {
        Asked ask{};
        ask.by = tell.pdu.origin.speaker;
        Tlv service;
        if (!service_of(in, ask.invoke, service)) return false;
        const auto known = find_service(service.number);
        auto operation = begin(service.number, known.name, known.act, Phase::request);
        ask.service = static_cast<std::uint8_t>(service.number);
        NameRoom name;
        bool good = !service.cut;
        Tlv list{}; // Of a write: what is written.
        switch (service.number) {
        case read:
        case write:
        case define_list:
            good = variables(service, name, operation, list) && good;
            if (service.number == write) operation.act = act_of_write(name.view());
            break;
        case get_name_list:
            good = names_asked(service.content, name, operation, ask) && good;
            break;
        case file_open:
        case file_directory:
        case file_delete:
        case file_rename:
        case obtain_file:
            good = file_asked(service, name, operation) && good;
            break;
        case file_read:
        case file_close:
            ask.of = static_cast<std::uint32_t>(unsigned_of(service.content));
            file_name(ask.of, name, operation, tell.ways);
            break;
        default:
            first_name(service, name, operation);
            break;
        }
        ask.act = operation.act;
        ask.named = !name.view().empty();
        operation.pair = state.asked.ask(ask, tell.pdu.origin.at, patience);
        if (ask.named) keep(name.view(), operation, tell.ways);
        if (service.number != write || list.content.empty()) {
            tell.operation(operation);
            return good;
        }
        return values(list.content, operation, service.content, tell) && good;
    }

    /// Which variables: a list of them, or one that has a name. The first is the operation's.
    static bool variables(const Tlv& service, NameRoom& name, Operation& operation, Tlv& list) noexcept {
        Reader in{service.content};
        Tlv field;
        while (next(in, field)) {
            if (field.cut) return false;
            // A read wraps the choice of which; a write does not, and what is written follows.
            if (service.number == read && field.tag == 0xa1) {
                Reader inner{field.content};
                if (!next(inner, field) || field.cut) return false;
                return variable_list(field, name, operation);
            }
            if (service.number == write && operation.object.space.empty()) {
                if (!variable_list(field, name, operation)) return false;
                continue;
            }
            if (service.number == write && field.tag == 0xa0) list = field;
            if (service.number == define_list && operation.object.space.empty() && read_name(field, name))
                operation.object = {.space = "variable list", .text = name.view()};
        }
        return in.ok() && !operation.object.space.empty();
    }
    /// What is written: a value for each variable. The first is the operation's, all others are Variables.
    static bool values(Bytes list, Operation& operation, Bytes content, const Tell& tell) noexcept {
        Reader in{list};
        Tlv data;
        auto most = values_most;
        bool first = true, good = true;
        NameRoom name;
        name.add(operation.object.text);
        const bool of_list = operation.object.space == "variable list";
        for (std::uint32_t i = 0; next(in, data) && good; ++i) {
            if (!of_list && i != 0 && !nth_name(content, i, name)) name.clear();
            good = leaves(data, name.view(), of_list ? i + 1 : 0, most, operation, first, tell);
        }
        if (first) tell.operation(operation);
        return good && in.ok();
    }
    static bool names_asked(Bytes content, NameRoom& name, Operation& operation, Asked& ask) noexcept {
        Reader in{content};
        Tlv field;
        while (next(in, field)) {
            if (field.cut) return false;
            Reader inner{field.content};
            Tlv one;
            if (field.tag == 0xa0 && next(inner, one) && one.tag == 0x80)
                ask.of = static_cast<std::uint32_t>(unsigned_of(one.content));
            if (field.tag == 0xa1 && next(inner, one) && one.tag == 0x81 && is_name(one.content)) {
                name.add(as_text(one.content));
                operation.object = {.space = "domain", .text = name.view()};
            }
        }
        return in.ok();
    }
    static bool file_asked(const Tlv& service, NameRoom& name, Operation& operation) noexcept {
        Reader in{service.content};
        Tlv field;
        if (service.number == file_delete) {
            if (!read_file(service.content, name)) return false;
        } else {
            const auto wanted = service.number == obtain_file ? 0xa1 : 0xa0;
            while (next(in, field) && !field.cut)
                if (field.tag == wanted && !read_file(field.content, name))
                    return service.number == file_directory;
        }
        if (!name.view().empty()) operation.object = {.space = "file", .text = name.view()};
        return in.ok() && !field.cut;
    }
    /// Of other services the first thing that is a name: a domain's, a program's, a variable's.
    static void first_name(const Tlv& service, NameRoom& name, Operation& operation) noexcept {
        if (read_name(service, name)) return set_named(service, name, operation);
        if (!service.constructed()) {
            if (is_name(service.content) && service.content.size() > 1) name.add(as_text(service.content));
            if (!name.view().empty()) set_named(service, name, operation);
            return;
        }
        Reader in{service.content};
        Tlv field;
        if (!next(in, field) || field.cut) return;
        if (!read_name(field, name) && field.constructed()) {
            Reader inner{field.content};
            Tlv one;
            if (next(inner, one)) read_name(one, name);
        }
        if (!name.view().empty()) set_named(service, name, operation);
    }
    static void set_named(const Tlv& service, const NameRoom& name, Operation& operation) noexcept {
        const auto number = service.number;
        operation.object = {.space = (number >= initiate_download && number <= domain_attributes) ? "domain"
                                     : number >= 38 && number <= 45                               ? "program"
                                     : number == delete_list || number == list_attributes ? "variable list"
                                                                                          : "variable",
                            .text = name.view()};
    }

    // ---- answers

    static bool answered(Reader& in, State& state, const Tell& tell) noexcept {
        Asked like{};
        like.by = other(tell.pdu.origin.speaker);
        Tlv service;
        if (!service_of(in, like.invoke, service)) return false;
        const auto known = find_service(service.number);
        auto operation = begin(service.number, known.name, known.act, Phase::response);
        const auto found = state.asked.answer(like, tell.pdu.origin.at, patience);
        const bool mine = found && found->request.service == service.number;
        NameRoom name;
        if (mine) {
            operation.pair = found->pair;
            operation.act = found->request.act;
            if (found->request.named) restore(found->pair, name, operation, tell.ways);
        }
        bool good = !service.cut;
        Reader fields{service.content};
        Tlv field;
        switch (service.number) {
        case identify: {
            tell.operation(operation);
            constexpr Attribute attributes[]{Attribute::vendor, Attribute::product, Attribute::firmware};
            while (next(fields, field))
                if (!field.cut && field.kind() == 2 && field.number < 3 && is_name(field.content))
                    tell.of_speaker(attributes[field.number], trimmed(as_text(field.content)), 90);
            return good && fields.ok();
        }
        case read: {
            Tlv list{};
            while (next(fields, field))
                if (field.tag == 0xa1) list = field;
            return results(list.content, operation, name, tell) && good && fields.ok();
        }
        case write:
            while (next(fields, field)) {
                ++operation.count;
                if (field.tag != 0x80 || operation.outcome == Outcome::refused) continue;
                operation.outcome = Outcome::refused;
                operation.status = static_cast<std::uint32_t>(unsigned_of(field.content)) & 0xff;
            }
            break;
        case get_name_list:
            tell.operation(operation);
            if (mine && found->request.of == 9) domains(fields, tell);
            return good;
        case file_open: {
            while (next(fields, field))
                if (field.tag == 0x80 && mine && !name.view().empty())
                    opened_file(static_cast<std::uint32_t>(unsigned_of(field.content)), name.view(),
                                tell.ways);
            break;
        }
        case file_read:
            tell.operation(operation);
            if (mine) file_piece(fields, found->request.of, tell);
            return good && fields.ok();
        default:
            break;
        }
        tell.operation(operation);
        return good && (service.number != write || fields.ok());
    }

    /// A value or a reason for each variable that was read.
    static bool results(Bytes list, Operation& operation, const NameRoom& name, const Tell& tell) noexcept {
        Reader in{list};
        Tlv data;
        bool first = true, good = true;
        auto most = values_most;
        const bool of_list = operation.object.space == "variable list";
        for (std::uint32_t i = 0; next(in, data) && good; ++i) {
            ++operation.count;
            if (data.tag == 0x80) {
                if (first && i == 0) {
                    operation.outcome = Outcome::refused;
                    operation.status = static_cast<std::uint32_t>(unsigned_of(data.content)) & 0xff;
                    first = false;
                    tell.operation(operation);
                }
                continue;
            }
            if (i != 0 && !of_list) continue; // Names of others than the first are not kept.
            good = leaves(data, name.view(), of_list ? i + 1 : 0, most, operation, first, tell);
        }
        if (first) tell.operation(operation);
        return good && in.ok();
    }
    static void domains(Reader& fields, const Tell& tell) noexcept {
        Tlv list;
        while (next(fields, list)) {
            if (list.tag != 0xa0) continue;
            Reader in{list.content};
            Tlv one;
            for (std::uint32_t i = 0; i < names_most && next(in, one); ++i)
                if (one.tag == 0x1a && !one.cut && is_name(one.content))
                    tell.of_speaker(Attribute::module, as_text(one.content), 85);
        }
    }

    static bool failed(Reader& in, State& state, const Tell& tell) noexcept {
        Tlv number, field;
        if (!next(in, number) || number.tag != 0x80) return false;
        const Asked like{.invoke = static_cast<std::uint32_t>(unsigned_of(number.content)),
                         .of = 0,
                         .service = 0,
                         .by = other(tell.pdu.origin.speaker),
                         .named = false,
                         .act = {}};
        auto operation = begin(of_association | 2, "confirmed error", Act::unknown, Phase::response);
        operation.outcome = Outcome::refused;
        NameRoom name;
        if (const auto found = state.asked.answer(like, tell.pdu.origin.at, patience)) {
            const auto known = find_service(found->request.service);
            operation.function = {found->request.service, known.name};
            operation.act = found->request.act;
            operation.pair = found->pair;
            if (found->request.named) restore(found->pair, name, operation, tell.ways);
        }
        operation.status = 0x100u * 13;
        while (next(in, field)) {
            if (field.tag != 0xa2) continue;
            Reader inner{field.content};
            Tlv choice, one;
            if (!next(inner, choice) || choice.tag != 0xa0) continue;
            Reader reason{choice.content};
            if (next(reason, one) && one.kind() == 2 && one.number < 13)
                operation.status = (one.number + 1) << 8 |
                                   (static_cast<std::uint32_t>(unsigned_of(one.content)) & 0xff);
        }
        tell.operation(operation);
        return in.ok();
    }

    // ---- reports

    static bool told(Reader& in, const Tell& tell) noexcept {
        Tlv service;
        if (!next(in, service) || service.kind() != 2) return false;
        constexpr NamedService names[]{{"informationReport", Act::report},
                                       {"unsolicitedStatus", Act::report},
                                       {"eventNotification", Act::alarm}};
        const auto known = service.number < std::size(names) ? names[service.number]
                                                             : NamedService{"unknown service"};
        auto operation = begin(unconfirmed | (service.number & 0x7f), known.name, known.act, Phase::event);
        if (service.number != 0) {
            tell.operation(operation);
            return !service.cut;
        }
        Reader fields{service.content};
        Tlv which, list;
        NameRoom name;
        const bool there = next(fields, which) && variable_list(which, name, operation);
        while (next(fields, list) && list.tag != 0xa0) {
        }
        if (there && name.view() == "RPT" && list.tag == 0xa0)
            return block_report(list.content, operation, tell) && !service.cut;
        bool first = true, good = true;
        auto most = values_most;
        if (there && list.tag == 0xa0) {
            Reader values{list.content};
            Tlv data;
            const bool of_list = operation.object.space == "variable list";
            for (std::uint32_t i = 0; next(values, data) && good; ++i) {
                if (data.tag == 0x80) continue;
                if (!of_list && i != 0 && !nth_name(service.content, i, name)) name.clear();
                good = leaves(data, name.view(), of_list ? i + 1 : 0, most, operation, first, tell);
            }
        }
        if (first) tell.operation(operation);
        return there && good && fields.ok() && !service.cut;
    }
};

} // namespace

extern constinit const Dissector mms = row<Mms>();

} // namespace yagura::dissect::protocols
