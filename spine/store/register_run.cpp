#include "spine/store/register_run.h"

#include <algorithm>

namespace yagura::store {
namespace {

constexpr std::uint64_t is_whole = 1, is_told = 2, is_write = 4; // Of an entry's first number.
/// The projector cuts values before: what is longer is none of ours.
constexpr std::size_t value_most = 4'096;

void put(std::string& to, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) to += static_cast<char>(number | 0x80);
    to += static_cast<char>(number);
}
void put(std::string& to, std::string_view text) {
    put(to, text.size());
    to += text;
}
/// Small numbers of either sign stay small.
std::uint64_t folded(std::int64_t number) noexcept {
    return static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63);
}
std::int64_t unfolded(std::uint64_t number) noexcept {
    return static_cast<std::int64_t>(number >> 1 ^ (~(number & 1) + 1));
}
std::int64_t minus(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t plus(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::uint64_t varint(Reader& in) noexcept {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto byte = in.u8();
        out |= std::uint64_t{byte & 0x7fu} << shift;
        if ((byte & 0x80) == 0) return out;
    }
    (void)in.take(in.remaining() + 1);
    return 0;
}
std::string_view text(Reader& in) noexcept {
    const auto size = varint(in);
    if (size > value_most) (void)in.take(in.remaining() + 1);
    return as_text(in.take(static_cast<std::size_t>(size)));
}

bool is_list(std::string_view value) noexcept {
    return value.size() >= 2 && value.front() == '[' && value.back() == ']';
}

std::string joined(const std::vector<std::string_view>& elements) {
    std::string out = "[";
    for (std::size_t i = 0; i < elements.size(); ++i) {
        if (i != 0) out += ',';
        out += elements[i];
    }
    return out += ']';
}

/// What is another in `next`, if that is shorter than saying all of it.
bool put_difference(std::string& to, const std::string& before, const std::string& next) {
    if (!is_list(before) || !is_list(next)) return false;
    const auto old = elements_of(before), now = elements_of(next);
    if (old.size() != now.size()) return false;
    std::string out;
    std::uint64_t many = 0;
    std::size_t last = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (old[i] == now[i]) continue;
        put(out, i - last);
        put(out, now[i]);
        last = i;
        ++many;
    }
    if (out.size() >= next.size()) return false;
    put(to, many);
    to += out;
    return true;
}

/// One entry after `before`. False: there is none.
bool take(Reader& in, RegisterValue& before) {
    const auto head = varint(in);
    if (!in.ok() || head > (is_whole | is_told | is_write)) return false;
    auto next = before;
    next.told = head & is_told;
    next.writes = head & is_write;
    next.at = plus(before.at, unfolded(varint(in)));
    next.id = plus(before.id, unfolded(varint(in)));
    if (head & is_whole) {
        next.value = text(in);
    } else {
        auto elements = elements_of(before.value);
        if (!is_list(before.value)) return false;
        auto left = varint(in);
        for (std::uint64_t place = 0; left > 0 && in.ok(); --left) {
            const auto step = varint(in);
            if (step >= elements.size() || place + step >= elements.size()) return false;
            place += step;
            elements[static_cast<std::size_t>(place)] = text(in);
        }
        if (!in.ok()) return false;
        next.value = joined(elements);
        if (next.value.size() > value_most) return false;
    }
    if (!in.ok()) return false;
    before = std::move(next);
    return true;
}

} // namespace

std::vector<std::string_view> elements_of(std::string_view value) {
    if (!is_list(value)) return {value};
    std::vector<std::string_view> out;
    auto rest = value.substr(1, value.size() - 2);
    if (rest.empty()) return out;
    for (;;) {
        const auto comma = rest.find(',');
        out.push_back(rest.substr(0, comma));
        if (comma == rest.npos) return out;
        rest.remove_prefix(comma + 1);
    }
}

void RegisterRun::append(const RegisterValue& next) {
    const auto flags = (next.told ? is_told : 0) | (next.writes ? is_write : 0);
    std::string difference;
    const bool less = many_ != 0 && put_difference(difference, last_.value, next.value);
    put(bytes_, flags | (less ? 0 : is_whole));
    put(bytes_, folded(minus(next.at, last_.at)));
    put(bytes_, folded(minus(next.id, last_.id)));
    if (less)
        bytes_ += difference;
    else
        put(bytes_, std::string_view{next.value}.substr(0, value_most));
    last_ = next;
    last_.value.resize(std::min(last_.value.size(), value_most));
    ++many_;
}

std::vector<RegisterValue> RegisterRun::values(Bytes bytes) {
    std::vector<RegisterValue> out;
    Reader in{bytes};
    for (RegisterValue one; in.remaining() > 0 && take(in, one);) out.push_back(one);
    return out;
}

RegisterRun RegisterRun::of(Bytes bytes) {
    RegisterRun out;
    Reader in{bytes};
    std::size_t good = 0;
    for (RegisterValue one; in.remaining() > 0 && take(in, one);) {
        out.last_ = one;
        ++out.many_;
        good = in.position();
    }
    // What is no entry is left out, so that what comes after it can be read.
    out.bytes_ = as_text(bytes.first(good));
    return out;
}

} // namespace yagura::store
