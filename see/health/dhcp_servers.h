// Who gives addresses in a network, and whether those who do agree.
#pragma once

#include <array>

#include "see/health/board.h"

namespace yagura::see::health {

class DhcpServers {
public:
    struct Most {
        std::size_t servers = 1'024, transactions = 4'096;
    };
    DhcpServers(Board& board, const Most& most);

    /// An offer or an acknowledgement of `transaction`; what it says of the network follows from the same
    /// frame. `given`: the address; nothing, if it could not be read.
    void answered(const observe::Origin&, std::uint32_t transaction, std::string_view given,
                  bool acknowledged);
    /// An Identity that this frame told: the server's own id, the relay, what the client is to use.
    void told(const observe::Origin&, const observe::Identity&);

    template <class Use>
    void tables(Use&& use) {
        use("health.dhcp_servers", "servers", servers_);
        use("health.dhcp_transactions", "transactions", transactions_);
    }

private:
    struct Server {
        observe::Station who{}; ///< its id as address
        observe::Time first{}, last{};
        observe::Evidence evidence{};
        std::string mask{}, gateways{}, name_servers{};
        observe::Ip given{};
        bool relayed = false;
        std::array<std::string, 3> peers{}; ///< keys of those that answered the same question once
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };
    /// Who answered one question. Keys of servers, so that those of one broadcast domain are known.
    struct Transaction {
        observe::Time at{};
        std::array<std::string, 3> servers{};
        void pack(Packer&) const;
        void unpack(Unpacker&);
    };
    /// The message that is being told.
    struct Message {
        std::uint64_t frame = 0;
        std::uint32_t source = 0, transaction = 0;
        observe::Ip given{};
        bool acknowledged = false, relayed = false;
        std::string mask{}, gateways{}, name_servers{}, server{};
    };
    void learned(const observe::Origin&);
    void joined(const observe::Origin&, const std::string& key);
    void compare(const observe::Origin&, const std::string& one, const std::string& other);

    Board& board_;
    Remembered<Server> servers_;
    Remembered<Transaction> transactions_;
    Message message_{};
};

} // namespace yagura::see::health
