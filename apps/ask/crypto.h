// Hashes, the cipher and chance of SNMP version 3, by OpenSSL: fetched before the lock-down, because a fetch
// may read files, and afterwards nothing may.
#pragma once

#include <memory>

#include "see/ask/usm.h"
#include "spine/base/result.h"

namespace yagura::ask {

class OpenSsl final : public see::ask::Crypto {
public:
    static Result<std::unique_ptr<OpenSsl>> open();
    ~OpenSsl();
    std::vector<std::byte> digest(see::ask::Auth, Bytes) override;
    bool cfb128(bool encrypt, Bytes key, Bytes iv, std::span<std::byte> text) override;
    void random(std::span<std::byte> into) override;

private:
    struct Inside;
    explicit OpenSsl(std::unique_ptr<Inside> in);
    std::unique_ptr<Inside> in_;
};

} // namespace yagura::ask
