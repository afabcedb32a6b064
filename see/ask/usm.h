// SNMP version 3 around the messages of version 2c: discovery, keys, authentication and privacy (RFC 3412,
// RFC 3414, RFC 3826, RFC 7860). A query stays what it is; between it and the wire its message is sealed, and
// what comes is opened. What is not authentic is no answer. Pure: hashes, the cipher and chance are handed
// in.
#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "see/ask/credentials.h"
#include "spine/base/bytes.h"

namespace yagura::see::ask {

class Crypto {
public:
    virtual std::vector<std::byte> digest(Auth, Bytes) = 0;
    /// AES-128 in CFB mode with segments of 128 bits, in place.
    virtual bool cfb128(bool encrypt, Bytes key, Bytes iv, std::span<std::byte> text) = 0;
    virtual void random(std::span<std::byte> into) = 0;

protected:
    ~Crypto() = default;
};

std::vector<std::byte> hmac(Crypto&, Auth, Bytes key, Bytes text);
/// A password as a key of one engine (RFC 3414, 2.6 and A.2).
std::vector<std::byte> localized(Crypto&, Auth, std::string_view password, Bytes engine);

/// Of one dialogue with one device.
class Usm {
public:
    using Seconds = std::chrono::seconds;
    Usm(const SnmpUser& user, Crypto& crypto) : user_{user}, crypto_{crypto} {}

    bool knows_engine() const noexcept { return !engine_.empty(); }
    /// Asks for the engine's name and clock; nothing of ours is in it. `steady`: of a clock that nobody sets.
    std::vector<std::byte> discovery();
    /// A whole message of version 2c as one of version 3; empty where it is none.
    std::vector<std::byte> seal(Bytes message, Seconds steady);

    struct Opened {
        enum class Was : std::uint8_t {
            answer,  ///< `message` is of version 2c
            again,   ///< the engine and its clock are known now: send the request
            foreign, ///< not to us, or not authentic: wait on
            refused, ///< it knows no such user, key or level: `status` is usmStats' number
            broken,
        } was = Was::broken;
        std::vector<std::byte> message{};
        std::uint32_t status = 0;
    };
    Opened open(Bytes wire, Seconds steady);

    /// Puts '*' in the place of what was made with a key.
    static void blank(std::span<std::byte> wire) noexcept;

private:
    Opened report(Bytes pdu, bool authentic, std::uint32_t boots, std::uint32_t time, Seconds steady);
    std::vector<std::byte> message(std::uint8_t flags, Bytes engine, std::uint32_t boots, std::uint32_t time,
                                   std::string_view name, std::size_t auth, Bytes salt, Bytes data) const;
    const SnmpUser& user_;
    Crypto& crypto_;
    std::vector<std::byte> engine_{}, auth_key_{}, privacy_key_{};
    std::uint32_t boots_ = 0, time_ = 0, id_ = 0;
    Seconds heard_{};           ///< when `time_` was the engine's
    bool clock_mended_ = false; ///< once a dialogue
};

} // namespace yagura::see::ask
