// What a detector remembers, as bytes for the store and back. Numbers are big-endian, as Reader reads them.
#pragma once

#include <bit>
#include <string>

#include "spine/base/bytes.h"
#include "spine/observe/observation.h"

namespace yagura::see::health {

class Packer {
public:
    Packer& u64(std::uint64_t value) {
        for (int shift = 56; shift >= 0; shift -= 8) out_ += static_cast<char>(value >> shift & 0xff);
        return *this;
    }
    Packer& u32(std::uint32_t value) {
        for (int shift = 24; shift >= 0; shift -= 8) out_ += static_cast<char>(value >> shift & 0xff);
        return *this;
    }
    Packer& u8(std::uint8_t value) {
        out_ += static_cast<char>(value);
        return *this;
    }
    Packer& real(float value) { return u32(std::bit_cast<std::uint32_t>(value)); }
    Packer& time(observe::Time at) { return u64(static_cast<std::uint64_t>(at.time_since_epoch().count())); }
    Packer& ip(const observe::Ip& ip) { return raw(as_text(std::as_bytes(std::span{ip}))); }
    Packer& mac(const observe::Mac& mac) { return raw(as_text(std::as_bytes(std::span{mac}))); }
    Packer& station(const observe::Station& who) { return ip(who.ip).mac(who.mac); }
    Packer& evidence(const observe::Evidence& from) {
        return u64(from.frame).u32(from.source).u32(from.offset);
    }
    /// At most 255 bytes of it.
    Packer& text(std::string_view text) {
        text = text.substr(0, 255);
        return u8(static_cast<std::uint8_t>(text.size())).raw(text);
    }
    std::string take() { return std::move(out_); }

private:
    Packer& raw(std::string_view bytes) {
        out_ += bytes;
        return *this;
    }
    std::string out_;
};

class Unpacker {
public:
    explicit Unpacker(std::string_view bytes) : in_{std::as_bytes(std::span{bytes})} {}
    std::uint64_t u64() { return in_.u64(); }
    std::uint32_t u32() { return in_.u32(); }
    std::uint8_t u8() { return in_.u8(); }
    float real() { return std::bit_cast<float>(in_.u32()); }
    observe::Time time() {
        return observe::Time{std::chrono::nanoseconds{static_cast<std::int64_t>(in_.u64())}};
    }
    observe::Ip ip() { return array<observe::Ip>(); }
    observe::Mac mac() { return array<observe::Mac>(); }
    observe::Station station() {
        observe::Station out;
        out.ip = ip();
        out.mac = mac();
        return out;
    }
    observe::Evidence evidence() {
        observe::Evidence out;
        out.frame = in_.u64();
        out.source = in_.u32();
        out.offset = in_.u32();
        return out;
    }
    std::string text() {
        const auto size = in_.u8();
        return std::string{as_text(in_.take(size))};
    }
    /// Everything was there, and nothing is left.
    bool whole() const { return in_.ok() && in_.remaining() == 0; }

private:
    template <class Array>
    Array array() {
        Array out{};
        const auto bytes = in_.take(out.size());
        for (std::size_t i = 0; i < bytes.size(); ++i) out[i] = std::to_integer<std::uint8_t>(bytes[i]);
        return out;
    }
    Reader in_;
};

} // namespace yagura::see::health
