// A record as text, every field of it by number, as a reader understands it: what a golden journal is
// compared by.
#pragma once

#include <charconv>
#include <string>

#include "spine/base/text.h"
#include "spine/journal/replay.h"

namespace yagura::test {

using journal::describe;

/// Walks the same descriptions as journal::Put and Take.
class Tell {
public:
    std::string text{};

    template <class T>
        requires std::unsigned_integral<T> || std::is_enum_v<T>
    Tell& operator()(std::uint32_t field, T value) {
        return add(field, cat(static_cast<std::uint64_t>(value)));
    }
    Tell& operator()(std::uint32_t field, double value) {
        std::array<char, 32> room;
        const auto end = std::to_chars(room.data(), room.data() + room.size(), value).ptr;
        return add(field, std::string{room.data(), end});
    }
    Tell& operator()(std::uint32_t field, observe::Time at) {
        return add(field, cat(at.time_since_epoch().count()));
    }
    Tell& operator()(std::uint32_t field, std::string_view words, std::size_t = 0) {
        std::string out = "\"";
        for (const char c : words) {
            if (c >= ' ' && c < 0x7f && c != '"' && c != '\\')
                out += c;
            else
                out += cat("\\x", hex(static_cast<unsigned char>(c)));
        }
        return add(field, out + '"');
    }
    Tell& operator()(std::uint32_t field, Bytes bytes, std::size_t = 0) {
        std::string out;
        for (const auto byte : bytes) out += hex(std::to_integer<unsigned char>(byte));
        return add(field, "<" + out + ">");
    }
    template <class Byte, std::size_t N>
        requires(sizeof(Byte) == 1)
    Tell& operator()(std::uint32_t field, const std::array<Byte, N>& fixed) {
        return (*this)(field, Bytes{std::as_bytes(std::span{fixed})});
    }
    Tell& operator()(std::uint32_t field, const observe::Value& value) {
        std::string out = cat("value ", value.index());
        std::visit(
            [&](const auto& one) {
                using T = std::decay_t<decltype(one)>;
                Tell inner;
                if constexpr (std::same_as<T, std::monostate>)
                    inner.text = " none";
                else if constexpr (std::same_as<T, bool>)
                    inner.text = one ? " true" : " false";
                else if constexpr (std::same_as<T, std::int64_t>)
                    inner.text = cat(" ", one);
                else if constexpr (std::same_as<T, std::uint64_t>)
                    inner.text = cat(" ", one);
                else
                    inner(1, one);
                out += inner.text;
            },
            value);
        return add(field, out);
    }
    Tell& operator()(std::uint32_t field, const observe::Part& part) {
        std::string out = "part";
        for (std::size_t i = 0; i < part.size; ++i)
            out += cat(" ", static_cast<unsigned>(part.steps[i].hop), "/", part.steps[i].number);
        return add(field, out + (part.cut ? " cut" : ""));
    }
    template <class T>
        requires std::is_class_v<T>
    Tell& operator()(std::uint32_t field, const T& inner) {
        Tell in;
        describe(in, inner);
        return add(field, "{" + in.text.substr(in.text.empty() ? 0 : 1) + "}");
    }
    template <class T>
    Tell& closed(std::uint32_t field, T value, T, T) {
        return (*this)(field, value);
    }
    Tell& always(std::uint32_t field, std::uint8_t value) { return (*this)(field, value); }
    Tell& bit(std::uint32_t field, std::uint8_t value) { return (*this)(field, value); }

private:
    static std::string hex(unsigned char byte) {
        constexpr std::string_view digits = "0123456789abcdef";
        return {digits[byte >> 4], digits[byte & 15]};
    }
    Tell& add(std::uint32_t field, const std::string& value) {
        text += cat(" ", field, ":", value);
        return *this;
    }
};

namespace record_text_detail {

class Heard final : public observe::Sink {
public:
    explicit Heard(const journal::Protocols& protocols) : protocols_{protocols} {}
    std::string text{};

    void on(const observe::Origin& o, const observe::Presence& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Identity& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Neighbour& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Conversation& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Operation& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Repeats& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Variable& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Name& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Login& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Transfer& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Log& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Match& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Anomaly& what) override { say(o, what); }
    void on(const observe::Origin& o, const observe::Coverage& what) override { say(o, what); }

private:
    template <class K>
    void say(const observe::Origin& origin, const K& what) {
        Tell about, told;
        about(0, origin.parties);
        describe(told, what);
        text += cat("    parties", about.text, "\n    says", told.text, "\n");
        if constexpr (requires { what.protocol; })
            text += cat("    protocol ", protocols_.name(what.protocol), "\n");
    }
    const journal::Protocols& protocols_;
};

} // namespace record_text_detail

/// One line for its envelope, and what a reader that was told everything before makes of it.
inline std::string record_text(Bytes record, journal::Replay& reader, journal::Protocols& protocols) {
    const auto envelope = journal::open(record);
    if (!envelope) return "no record\n";
    Tell around;
    around(1, envelope->kind)(2, envelope->sequence)(3, envelope->at)(4, envelope->conversation);
    around(6, envelope->speaker)(7, envelope->evidence.frame)(8, envelope->evidence.source);
    around(9, envelope->evidence.offset)(10, envelope->message)(11, envelope->worth)(12, envelope->arrival);
    auto out = cat("record", around.text, "\n");
    record_text_detail::Heard heard{protocols};
    const auto was = reader.on(*envelope, heard);
    out += heard.text;
    const auto explained = [&](const auto& what) {
        Tell told;
        describe(told, what);
        out += cat("    says", told.text, "\n");
    };
    switch (envelope->kind) {
    case journal::Kind::source:
        explained(journal::message<journal::Source>(*envelope));
        break;
    case journal::Kind::protocol:
        explained(journal::message<journal::Protocol>(*envelope));
        break;
    case journal::Kind::parties:
        explained(journal::message<observe::Parties>(*envelope));
        break;
    case journal::Kind::lost:
        explained(journal::message<journal::Lost>(*envelope));
        break;
    default:
        if (heard.text.empty()) {
            Tell body;
            body(5, envelope->body);
            out += cat("    body", body.text, "\n");
        }
    }
    return out + cat("    was ", static_cast<unsigned>(was), "\n");
}

} // namespace yagura::test
