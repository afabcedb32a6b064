// The closed vocabulary between the packet path and the rest.
#pragma once

#include <span>
#include <string_view>
#include <tuple>
#include <variant>

#include "spine/base/bytes.h"
#include "spine/observe/endpoint.h"

namespace yagura::observe {

/// Where to look if somebody doubts us. `source` is the number that this stream gave to (sensor,
/// boot, interface or file) in a Source record; the centre maps it to its own row.
struct Evidence {
    std::uint64_t frame = 0; ///< 1-based in its source, as Wireshark counts
    std::uint32_t source = 0;
    std::uint32_t offset = 0;
};

struct Origin {
    Time at{};
    const Parties& parties;
    std::uint64_t conversation = 0; ///< same for all observations of one conversation of one source
    Speaker speaker = Speaker::client;
    Evidence evidence{};
    /// The message itself, borrowed; empty where nobody keeps it. The fold sets it on the first of a key, on
    /// anomalies and on identities, and the record keeps its first `message_kept` bytes.
    Bytes message{};
};
inline constexpr std::size_t message_kept = 256;

/// Numbers are for ever: they stand in journals. New ones are added at the end, none is reused, and
/// who reads an unknown one takes `unknown`.
enum class Act : std::uint8_t {
    unknown = 0,
    identify = 1,
    browse = 2,
    read = 3,
    write = 4,
    start = 5,
    stop = 6,
    reset = 7,
    mode_change = 8,
    program_upload = 9,
    program_download = 10,
    program_delete = 11,
    firmware_update = 12,
    file_read = 13,
    file_write = 14,
    file_delete = 15,
    time_set = 16,
    alarm = 17,
    alarm_ack = 18,
    force = 19,
    authenticate = 20,
    diagnose = 21,
    cyclic_io = 22,
    report = 23,
    connect = 24,
    disconnect = 25,
    subscribe = 26,
    call = 27,
    select = 28,
    configure = 29, ///< network or protection parameters: DCP Set, CIP TCP/IP object, relay settings
    protect = 30,   ///< lock, unlock, password, access right
    clear = 31,     ///< memory clear, format
};

enum class Effect : std::uint8_t { none, observes, changes_value, changes_program, changes_setting, stops };
constexpr Effect usual_effect(Act act) noexcept {
    switch (act) {
    case Act::write:
    case Act::force:
    case Act::call:
    case Act::cyclic_io:
    case Act::select:
        return Effect::changes_value;
    case Act::program_download:
    case Act::program_delete:
    case Act::firmware_update:
    case Act::file_write:
    case Act::file_delete:
    case Act::clear:
        return Effect::changes_program;
    case Act::time_set:
    case Act::configure:
    case Act::protect:
    case Act::mode_change:
    case Act::start:
        return Effect::changes_setting;
    case Act::stop:
    case Act::reset:
        return Effect::stops;
    case Act::unknown:
    case Act::authenticate:
    case Act::connect:
    case Act::disconnect:
        return Effect::none;
    default:
        return Effect::observes;
    }
}

enum class Phase : std::uint8_t {
    request,
    response,
    event, ///< nobody asked: unsolicited, cyclic, GOOSE
};
enum class Outcome : std::uint8_t { pending, done, refused, unanswered };

/// Several scalars of one kind, as they stand on the wire: nothing is copied or converted until somebody
/// reads them. Borrowed.
struct Array {
    enum class Of : std::uint8_t { bit, u8, i8, u16, i16, u32, i32, u64, i64, f32, f64 } of{};
    bool little = false;     ///< byte order of an element; bits: least significant first, always
    std::uint16_t count = 0; ///< elements; `bytes` holds at least that many
    Bytes bytes{};
};

/// A scalar, an array of them, text, or raw bytes that nobody can read more of.
using Value =
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string_view, Bytes, Array>;

/// What an act is about: "D100", "DB10.DBX4.2", "ns=2;s=Motor.Speed", class 0x6B instance 3.
struct Object {
    /// How people write it (docs/protocols): text(Object) knows each form.
    enum class Form : std::uint8_t {
        plain, ///< "holding register 107"
        s7,    ///< "DB10.DBX4.2", "MW100", "T5": element is the width's letter ('X', 'B', 'W', 'D'; 0: none)
        cip,   ///< "class 0x6B instance 3 attribute 1", or the tag's name
        /// "D100", "X1F", "U3E0\G10", "CIO100.05": space and number with nothing between. element: the base
        /// in which the number is written (10, 16); group: the module's place; bit: two digits.
        device,
        bacnet, ///< "analog-input 3 present-value": text, else element, is the property
    } form = Form::plain;
    std::string_view space{};  ///< static, from the catalogue: "holding register", "D", "DB", "node", "tag"
    std::uint32_t group = 0;   ///< DB number, CIP class, OPC UA namespace, DNP3 group
    std::uint64_t number = 0;  ///< register, instance, numeric node id, IOA
    std::uint16_t element = 0; ///< CIP attribute, DNP3 variation, array index
    std::uint8_t bit = 0xff;   ///< 0xff: no bit
    std::string_view text{};   ///< tag, string node id, path; borrowed. Where set, it names, not number.
};

struct Function {
    std::uint32_t code = 0;  ///< as on the wire; docs/protocols/<name>.md defines the composite ones
    std::string_view name{}; ///< static
};

struct Operation {
    std::uint16_t protocol = 0; ///< Pdu::protocol: rows of the registry and of rules loaded at run time
    Function function{};
    Act act{};
    Phase phase{};
    Outcome outcome{};
    std::uint32_t status = 0; ///< the protocol's own code: exception, general status, return code
    std::uint32_t pair = 0;   ///< equal in a request and its answer, within the conversation; 0: not pairable
    /// Those of an answer are its request's, where `pair` tells which that was: the fold knows by them that
    /// the two are one act.
    Part part{};
    Object object{};
    std::uint32_t count = 0;
    Value value{};
};

/// Equal operations of one key and window that were not told one by one. Windows lie on multiples of their
/// length in packet time, so that the number of workers, batches and restarts change nothing. What passed
/// is the sum: the operations that were told and the messages of all Repeats.
struct Repeats {
    Operation like{}; ///< value, outcome and status: the last
    /// All of them; of these, answers that say done, and refusals. What is left are requests and events.
    std::uint64_t messages = 0, answers = 0, refusals = 0;
    Time first{}, last{};
    std::uint32_t changes = 0; ///< of the value
    double least = 0, most = 0;
    std::uint32_t interval_least_us = 0, interval_mean_us = 0, interval_most_us = 0;
    Evidence last_seen{};
};

enum class Attribute : std::uint16_t {
    vendor = 1,
    product = 2,
    firmware = 3,
    hardware = 4,
    serial = 5,
    name = 6,
    os = 7,
    application = 8,
    mac = 9,
    ip = 10,
    role_hint = 11,
    state = 12, ///< run, stop, fault, key switch
    location = 13,
    certificate = 14,
    user = 15,
    netmask = 16,
    gateway = 17,
    port_name = 18,
    engineering_station = 19,
    module = 20,
    description = 21, ///< free text a device gives about itself: LLDP and SNMP system description
    capability = 22,  ///< "bridge", "router", "telephone": what it says it can be
    service = 23,     ///< what it offers, by its DNS-SD type: "_ipp._tcp"
    fingerprint = 24, ///< how it asks: "dhcp 1,3,6,15"; compared with others, never shown as a name
    name_server = 25,
    domain = 26,
};
enum class Subject : std::uint8_t { speaker, listener, third }; ///< whom it is about

struct Presence {
    Subject subject{};
    Station third{};
    Part part{};
};
struct Identity {
    std::uint16_t protocol = 0;
    Subject subject{};
    Station third{}; ///< when subject is third: a DHCP lease, an ARP or SNMP table's row
    Part part{};
    Attribute attribute{};
    Value value{};
    std::uint8_t confidence = 100;
};
struct Neighbour {
    std::uint16_t protocol = 0;
    Station far{};
    std::string_view port{}, far_port{}, far_name{};
};
struct Conversation {
    enum class State : std::uint8_t { opened, goes_on, closed, refused, one_sided } state{};
    std::uint16_t protocol = 0;
    std::uint8_t confidence = 0;
    std::uint64_t packets[2]{}, bytes[2]{};
    std::uint32_t retransmitted[2]{}, lost[2]{};
    std::uint32_t answer_time_us = 0;
};
struct Variable {
    std::uint16_t protocol = 0;
    Part part{};
    Object object{};
    Value value{};
    std::uint32_t count = 0;
};
struct Name {
    std::string_view asked{}, answer{};
    std::uint16_t kind = 0, code = 0;
};
struct Login {
    std::uint16_t protocol = 0;
    std::string_view user{}, method{};
    Outcome outcome{};
};
struct Transfer {
    enum class Content : std::uint8_t { file, program, firmware } content{};
    std::string_view name{};
    std::uint64_t bytes = 0, missing = 0;
    std::array<std::byte, 32> sha256{}; ///< over what came; worth comparing only if missing == 0
};
struct Log {
    std::string_view format{}, text{};
    std::uint8_t severity = 0;
};
/// A signature or an indicator hit.
struct Match {
    std::uint32_t rule = 0;
    std::uint32_t revision = 0;
};
struct Anomaly {
    std::uint16_t protocol = 0;
    Malformed detail;
};
/// What could be seen since the last one, one a second and source, also in silence: it carries time
/// forward (absence, timeouts) and is what "unknown" rests on.
struct Coverage {
    std::uint64_t packets = 0, bytes = 0, dropped = 0, refused = 0, forgotten = 0, spool_lost = 0;
    bool one_sided = false;
};

template <class... Kinds>
struct KindList {
    using Any = std::variant<Kinds...>;
};
/// The closed set, written once; its order is the wire number (from 1): append only.
using Kinds = KindList<Presence, Identity, Neighbour, Conversation, Operation, Repeats, Variable, Name, Login,
                       Transfer, Log, Match, Anomaly, Coverage>;
using Observation = Kinds::Any;
static_assert(std::is_trivially_copyable_v<Observation>);

namespace detail {
template <class K>
struct SinkFor {
    virtual void on(const Origin&, const K&) = 0;

protected:
    ~SinkFor() = default;
};
template <class List>
struct SinkOf;
template <class... K>
struct SinkOf<KindList<K...>> : SinkFor<K>... {
    using SinkFor<K>::on...;
};
template <class Base, class K>
struct Ignoring : Base {
    using Base::on;
    void on(const Origin&, const K&) override {}
};
template <class Base, class List>
struct IgnoringAll;
template <class Base>
struct IgnoringAll<Base, KindList<>> {
    using type = Base;
};
template <class Base, class K, class... More>
struct IgnoringAll<Base, KindList<K, More...>> {
    using type = typename IgnoringAll<Ignoring<Base, K>, KindList<More...>>::type;
};
} // namespace detail

/// For whoever must not miss a kind (journal, transport, store): every kind is pure virtual.
using Sink = detail::SinkOf<Kinds>;
/// For whoever wants some (detectors, tests): everything else is ignored on purpose.
struct Listener : detail::IgnoringAll<Sink, Kinds>::type {
    using detail::IgnoringAll<Sink, Kinds>::type::on;
};

} // namespace yagura::observe
