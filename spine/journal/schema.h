// The fields of every message, written once for both directions: `Put` walks a description to encode,
// `Take` walks the same one to decode, so the two cannot disagree. docs/journal.proto is the public form of
// these numbers, which are never reused; a test reads it against records of every kind.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <limits>
#include <type_traits>
#include <utility>

#include "spine/journal/record.h"
#include "spine/observe/observation.h"

namespace yagura::journal {

/// Where text and values of strangers are cut. With all of them full, a record still fits into one write
/// of a pipe (record_room).
inline constexpr std::size_t text_kept = 512, value_kept = 1024, log_kept = 2048;

template <class T, class K>
concept Described = std::same_as<std::remove_const_t<T>, K>;

class Put {
public:
    explicit Put(Writer& out) noexcept : out_{out} {}

    template <class T>
        requires std::unsigned_integral<T> || std::is_enum_v<T>
    Put& operator()(std::uint32_t field, T value) noexcept {
        if (value != T{}) out_.number(field, static_cast<std::uint64_t>(value));
        return *this;
    }
    Put& operator()(std::uint32_t field, double value) noexcept {
        if (value != 0) out_.real(field, value);
        return *this;
    }
    Put& operator()(std::uint32_t field, observe::Time at) noexcept {
        if (at != observe::Time{})
            out_.number(field, static_cast<std::uint64_t>(at.time_since_epoch().count()));
        return *this;
    }
    Put& operator()(std::uint32_t field, std::string_view text) noexcept {
        return (*this)(field, std::as_bytes(std::span{text}), text_kept);
    }
    Put& operator()(std::uint32_t field, Bytes bytes, std::size_t kept = value_kept) noexcept {
        if (!bytes.empty()) out_.bytes(field, bytes.first(std::min(bytes.size(), kept)));
        return *this;
    }
    Put& operator()(std::uint32_t field, std::string_view text, std::size_t kept) noexcept {
        return (*this)(field, std::as_bytes(std::span{text}), kept);
    }
    template <class Byte, std::size_t N>
        requires(sizeof(Byte) == 1)
    Put& operator()(std::uint32_t field, const std::array<Byte, N>& fixed) noexcept {
        if (fixed != std::array<Byte, N>{}) out_.bytes(field, std::as_bytes(std::span{fixed}));
        return *this;
    }
    Put& operator()(std::uint32_t field, const observe::Value& value) noexcept;
    Put& operator()(std::uint32_t field, const observe::Part& part) noexcept;
    template <class T>
        requires std::is_class_v<T>
    Put& operator()(std::uint32_t field, const T& inner) noexcept {
        const auto start = out_.open(field);
        describe(*this, inner);
        out_.close(start);
        return *this;
    }
    template <class T>
    Put& closed(std::uint32_t field, T value, T, T) noexcept {
        return (*this)(field, value);
    }
    Put& always(std::uint32_t field, std::uint8_t value) noexcept {
        out_.number(field, value);
        return *this;
    }
    /// 0xff is the usual case and must cost nothing.
    Put& bit(std::uint32_t field, std::uint8_t value) noexcept {
        return (*this)(field, static_cast<std::uint8_t>(value + 1));
    }

private:
    Writer& out_;
};

/// Reads one message into fields by number; the last of equal ones wins, unknown ones are skipped. What does
/// not fit a member is cut to its largest value; what a closed list lacks reads as its fallback.
class Take {
public:
    static constexpr std::uint32_t most = 24;
    explicit Take(Bytes message) noexcept {
        Fields in{message};
        Fields::Field field;
        while (in.next(field)) {
            if (field.number >= most) continue;
            found_[field.number] = field;
            has_ |= 1u << field.number;
        }
        ok_ = in.ok();
    }
    bool ok() const noexcept { return ok_; }

    template <class T>
        requires std::unsigned_integral<T> || std::is_enum_v<T>
    Take& operator()(std::uint32_t field, T& value) noexcept {
        if (const auto* found = number(field)) {
            if constexpr (std::is_enum_v<T>) {
                using Raw = std::underlying_type_t<T>;
                value = found->value > std::numeric_limits<Raw>::max() ? T{} : static_cast<T>(found->value);
            } else {
                value = static_cast<T>(std::min<std::uint64_t>(found->value, std::numeric_limits<T>::max()));
            }
        }
        return *this;
    }
    Take& operator()(std::uint32_t field, double& value) noexcept {
        if (const auto* found = wire(field, Fields::Wire::eight_bytes))
            value = std::bit_cast<double>(found->value);
        return *this;
    }
    Take& operator()(std::uint32_t field, observe::Time& at) noexcept {
        if (const auto* found = number(field))
            at = observe::Time{std::chrono::nanoseconds{static_cast<std::int64_t>(found->value)}};
        return *this;
    }
    Take& operator()(std::uint32_t field, std::string_view& text, std::size_t = 0) noexcept {
        if (const auto* found = wire(field, Fields::Wire::bytes)) text = as_text(found->bytes);
        return *this;
    }
    Take& operator()(std::uint32_t field, Bytes& bytes, std::size_t = 0) noexcept {
        if (const auto* found = wire(field, Fields::Wire::bytes)) bytes = found->bytes;
        return *this;
    }
    template <class Byte, std::size_t N>
        requires(sizeof(Byte) == 1)
    Take& operator()(std::uint32_t field, std::array<Byte, N>& fixed) noexcept {
        if (const auto* found = wire(field, Fields::Wire::bytes); found && found->bytes.size() == N)
            std::memcpy(fixed.data(), found->bytes.data(), N);
        return *this;
    }
    Take& operator()(std::uint32_t field, observe::Value& value) noexcept;
    Take& operator()(std::uint32_t field, observe::Part& part) noexcept;
    template <class T>
        requires std::is_class_v<T>
    Take& operator()(std::uint32_t field, T& inner) noexcept {
        if (const auto* found = wire(field, Fields::Wire::bytes)) {
            Take in{found->bytes};
            describe(in, inner);
        }
        return *this;
    }
    template <class T>
    Take& closed(std::uint32_t field, T& value, T last, T fallback) noexcept {
        if (const auto* found = number(field))
            value = found->value > static_cast<std::uint64_t>(last) ? fallback : static_cast<T>(found->value);
        return *this;
    }
    Take& always(std::uint32_t field, std::uint8_t& value) noexcept {
        value = 0;
        return (*this)(field, value);
    }
    Take& bit(std::uint32_t field, std::uint8_t& value) noexcept {
        std::uint8_t raised = 0;
        (*this)(field, raised);
        value = static_cast<std::uint8_t>(raised - 1);
        return *this;
    }

    const Fields::Field* wire(std::uint32_t field, Fields::Wire expected) const noexcept {
        return has_ >> field & 1u && found_[field].wire == expected ? &found_[field] : nullptr;
    }
    const Fields::Field* number(std::uint32_t field) const noexcept {
        return wire(field, Fields::Wire::number);
    }

private:
    std::array<Fields::Field, most> found_; // Only what has_ names was written.
    std::uint32_t has_ = 0;
    bool ok_ = false;
};

// --- the messages, in the order of docs/journal.proto ------------------------------------------------------

template <class A, Described<observe::Station> T>
void describe(A& a, T& station) noexcept {
    a(1, station.ip)(2, station.mac)(3, station.port);
}
template <class A, Described<observe::Lane> T>
void describe(A& a, T& lane) noexcept {
    a(1, lane.realm)(2, lane.vlan)(3, lane.inner_vlan)(4, lane.carrier);
}
template <class A, Described<observe::Parties> T>
void describe(A& a, T& parties) noexcept {
    a(1, parties.client)(2, parties.server)(3, parties.lane)(4, parties.certain);
}
template <class A, Described<observe::Array> T>
void describe(A& a, T& array) noexcept {
    a(1, array.of)(2, array.little)(3, array.count)(4, array.bytes);
}
template <class A, Described<observe::Object> T>
void describe(A& a, T& object) noexcept {
    using Form = observe::Object::Form;
    a.closed(1, object.form, Form::bacnet, Form::plain)(2, object.space)(3, object.group)(4, object.number);
    a(5, object.element).bit(6, object.bit)(7, object.text);
}
template <class A, Described<observe::Evidence> T>
void describe(A& a, T& evidence) noexcept {
    a(1, evidence.frame)(2, evidence.source)(3, evidence.offset);
}

template <class A, Described<observe::Presence> T>
void describe(A& a, T& presence) noexcept {
    using observe::Subject;
    a.closed(1, presence.subject, Subject::third, Subject::third)(2, presence.third)(3, presence.part);
}
template <class A, Described<observe::Identity> T>
void describe(A& a, T& identity) noexcept {
    using observe::Subject;
    a(1, identity.protocol).closed(2, identity.subject, Subject::third, Subject::third);
    a(3, identity.third)(4, identity.part)(5, identity.attribute)(6, identity.value);
    a.always(7, identity.confidence);
}
template <class A, Described<observe::Neighbour> T>
void describe(A& a, T& neighbour) noexcept {
    a(1, neighbour.protocol)(2, neighbour.far)(3, neighbour.port)(4, neighbour.far_port)(5,
                                                                                         neighbour.far_name);
}
template <class A, Described<observe::Conversation> T>
void describe(A& a, T& told) noexcept {
    using State = observe::Conversation::State;
    a.closed(1, told.state, State::one_sided, State::goes_on)(2, told.protocol)(3, told.confidence);
    a(4, told.packets[0])(5, told.packets[1])(6, told.bytes[0])(7, told.bytes[1]);
    a(8, told.retransmitted[0])(9, told.retransmitted[1])(10, told.lost[0])(11, told.lost[1]);
    a(12, told.answer_time_us);
}
template <class A, Described<observe::Operation> T>
void describe(A& a, T& op) noexcept {
    using observe::Outcome;
    using observe::Phase;
    a(1, op.protocol)(2, op.function.code)(3, op.function.name)(4, op.act);
    a.closed(5, op.phase, Phase::event, Phase::event)
        .closed(6, op.outcome, Outcome::unanswered, Outcome::pending);
    a(7, op.status)(8, op.pair)(9, op.part)(10, op.object)(11, op.count)(12, op.value);
}
template <class A, Described<observe::Repeats> T>
void describe(A& a, T& many) noexcept {
    a(1, many.like)(2, many.messages)(3, many.answers)(4, many.refusals)(5, many.first)(6, many.last);
    a(7, many.changes)(8, many.least)(9, many.most);
    a(10, many.interval_least_us)(11, many.interval_mean_us)(12, many.interval_most_us)(13, many.last_seen);
}
template <class A, Described<observe::Variable> T>
void describe(A& a, T& variable) noexcept {
    a(1, variable.protocol)(2, variable.part)(3, variable.object)(4, variable.value)(5, variable.count);
}
template <class A, Described<observe::Name> T>
void describe(A& a, T& name) noexcept {
    a(1, name.asked)(2, name.answer)(3, name.kind)(4, name.code);
}
template <class A, Described<observe::Login> T>
void describe(A& a, T& login) noexcept {
    using observe::Outcome;
    a(1, login.protocol)(2, login.user)(3, login.method);
    a.closed(4, login.outcome, Outcome::unanswered, Outcome::pending);
}
template <class A, Described<observe::Transfer> T>
void describe(A& a, T& transfer) noexcept {
    using Content = observe::Transfer::Content;
    a.closed(1, transfer.content, Content::firmware, Content::file)(2, transfer.name);
    a(3, transfer.bytes)(4, transfer.missing)(5, transfer.sha256);
}
template <class A, Described<observe::Log> T>
void describe(A& a, T& log) noexcept {
    a(1, log.format)(2, log.text, log_kept)(3, log.severity);
}
template <class A, Described<observe::Match> T>
void describe(A& a, T& match) noexcept {
    a(1, match.rule)(2, match.revision);
}
template <class A, Described<observe::Anomaly> T>
void describe(A& a, T& anomaly) noexcept {
    a(1, anomaly.protocol)(2, anomaly.detail.offset)(3, anomaly.detail.what);
}
template <class A, Described<observe::Coverage> T>
void describe(A& a, T& coverage) noexcept {
    a(1, coverage.packets)(2, coverage.bytes)(3, coverage.dropped)(4, coverage.refused)(5,
                                                                                        coverage.forgotten);
    a(6, coverage.spool_lost)(7, coverage.one_sided);
}

/// A stream that records come from. `sensor` and `boot` name the stream; `number` is what Evidence calls
/// this interface or file of it.
struct Source {
    std::uint32_t number = 0;
    std::array<std::uint8_t, 16> sensor{};
    std::uint64_t boot = 0;       ///< drawn at start: the same sensor, started twice, counts anew
    std::string_view interface{}; ///< "eth1", or the file's name
    std::string_view sensor_name{};
    std::uint16_t link_type = 0; ///< as in pcap files
    observe::Realm realm{};
    bool live = false;
    std::string_view build{};
    std::int64_t clock_offset_ns = 0; ///< this clock minus ours, where somebody measured it
};
template <class A, Described<Source> T>
void describe(A& a, T& source) noexcept {
    std::uint64_t offset = static_cast<std::uint64_t>(source.clock_offset_ns);
    a(1, source.number)(2, source.sensor)(3, source.boot)(4, source.interface)(5, source.sensor_name);
    a(6, source.link_type)(7, source.realm)(8, source.live)(9, source.build)(10, offset);
    if constexpr (!std::is_const_v<T>) source.clock_offset_ns = static_cast<std::int64_t>(offset);
}

/// Records that never came, in words that "could not see" can rest on.
struct Lost {
    enum class Why : std::uint8_t { unknown, ring_full, spool_full, damaged, missing } why{};
    Worth worth{};
    std::uint64_t records = 0;
    observe::Time from{}, until{};
    std::uint64_t first = 0, last = 0; ///< sequences, where they are known
};
template <class A, Described<Lost> T>
void describe(A& a, T& lost) noexcept {
    a.closed(1, lost.why, Lost::Why::missing, Lost::Why::unknown)
        .closed(2, lost.worth, Worth::keep, Worth::keep);
    a(3, lost.records)(4, lost.from)(5, lost.until)(6, lost.first)(7, lost.last);
}

struct Protocol {
    std::uint16_t number = 0;
    std::string_view name{};
};
template <class A, Described<Protocol> T>
void describe(A& a, T& protocol) noexcept {
    a(1, protocol.number)(2, protocol.name);
}

/// The kind's number: its place in observe::Kinds, from 1.
template <class K>
constexpr Kind kind_of() noexcept {
    return []<class... All>(observe::KindList<All...>) {
        std::uint16_t at = 0, found = 0;
        ((++at, found = std::same_as<K, All> ? at : found), ...);
        return static_cast<Kind>(found);
    }(observe::Kinds{});
}

} // namespace yagura::journal
