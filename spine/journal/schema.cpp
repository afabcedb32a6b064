#include "spine/journal/schema.h"

namespace yagura::journal {
namespace {

using observe::Array;
using observe::Part;
using observe::Value;

/// Fields of the message Value: the alternative says its own number.
enum : std::uint32_t {
    yes_or_no = 1,
    whole = 2,
    natural = 3,
    real = 4,
    text = 5,
    raw = 6,
    array = 7,
    uncut = 8
};

constexpr std::size_t bits_of(Array::Of of) noexcept {
    constexpr std::uint8_t bits[]{1, 8, 8, 16, 16, 32, 32, 64, 64, 32, 64};
    const auto at = static_cast<std::size_t>(of);
    return at < std::size(bits) ? bits[at] : 0;
}

} // namespace

Put& Put::operator()(std::uint32_t field, const Value& value) noexcept {
    if (value.index() == 0) return *this;
    const auto start = out_.open(field);
    struct Visitor {
        Writer& out;
        void operator()(std::monostate) const noexcept {}
        void operator()(bool on) const noexcept { out.number(yes_or_no, on); }
        void operator()(std::int64_t number) const noexcept { out.signed_number(whole, number); }
        void operator()(std::uint64_t number) const noexcept { out.number(natural, number); }
        void operator()(double number) const noexcept { out.real(real, number); }
        void operator()(std::string_view words) const noexcept {
            bytes(text, std::as_bytes(std::span{words}));
        }
        void operator()(Bytes some) const noexcept { bytes(raw, some); }
        void operator()(const Array& many) const noexcept {
            auto kept = many;
            const auto width = bits_of(many.of);
            if (width == 0) return;
            // Only whole elements, and only those that are there: the count is somebody's claim.
            const auto room = std::min(many.bytes.size(), value_kept) * 8 / width;
            kept.count = static_cast<std::uint16_t>(std::min<std::size_t>(many.count, room));
            kept.bytes = many.bytes.first((kept.count * width + 7) / 8);
            const auto inner = out.open(array);
            Put put{out};
            describe(put, std::as_const(kept));
            out.close(inner);
            if (kept.count < many.count) out.number(uncut, many.count);
        }
        void bytes(std::uint32_t number, Bytes some) const noexcept {
            out.bytes(number, some.first(std::min(some.size(), value_kept)));
            if (some.size() > value_kept) out.number(uncut, some.size());
        }
    };
    std::visit(Visitor{out_}, value);
    out_.close(start);
    return *this;
}

Take& Take::operator()(std::uint32_t field, Value& value) noexcept {
    const auto* found = wire(field, Fields::Wire::bytes);
    if (!found) return *this;
    const Take in{found->bytes};
    if (const auto* on = in.number(yes_or_no)) value = on->value != 0;
    if (const auto* number = in.number(whole))
        value = static_cast<std::int64_t>(number->value >> 1) ^ -static_cast<std::int64_t>(number->value & 1);
    if (const auto* number = in.number(natural)) value = number->value;
    if (const auto* number = in.wire(real, Fields::Wire::eight_bytes))
        value = std::bit_cast<double>(number->value);
    if (const auto* words = in.wire(text, Fields::Wire::bytes)) value = as_text(words->bytes);
    if (const auto* some = in.wire(raw, Fields::Wire::bytes)) value = some->bytes;
    if (const auto* many = in.wire(array, Fields::Wire::bytes)) {
        Array got;
        Take inner{many->bytes};
        describe(inner, got);
        const auto width = bits_of(got.of);
        if (width == 0) {
            value = got.bytes; // Of a kind that we do not know: still somebody's bytes.
        } else {
            const auto room = std::min<std::size_t>(got.bytes.size() * 8 / width, 0xffff);
            got.count = std::min(got.count, static_cast<std::uint16_t>(room));
            value = got;
        }
    }
    return *this;
}

Put& Put::operator()(std::uint32_t field, const Part& part) noexcept {
    if (part.size == 0 && !part.cut) return *this;
    const auto start = out_.open(field);
    for (std::size_t i = 0; i < part.size && i < part.steps.size(); ++i)
        out_.number(1,
                    std::uint64_t{part.steps[i].number} << 8 | static_cast<std::uint64_t>(part.steps[i].hop));
    (*this)(2, part.cut);
    out_.close(start);
    return *this;
}

Take& Take::operator()(std::uint32_t field, Part& part) noexcept {
    const auto* found = wire(field, Fields::Wire::bytes);
    if (!found) return *this;
    part = {};
    Fields in{found->bytes};
    Fields::Field step;
    while (in.next(step)) {
        if (step.wire != Fields::Wire::number) continue;
        if (step.number == 2) {
            part.cut = step.value != 0;
        } else if (step.number == 1 && part.size < part.steps.size() && step.value >> 40 == 0) {
            const auto hop = step.value & 0xff;
            if (hop > static_cast<std::uint64_t>(Part::Hop::subslot)) {
                part.cut = true; // A hop of a newer release: the rest of the way is still true.
                continue;
            }
            part.steps[part.size++] = {static_cast<Part::Hop>(hop),
                                       static_cast<std::uint32_t>(step.value >> 8)};
        }
    }
    return *this;
}

} // namespace yagura::journal
