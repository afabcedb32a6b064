// --what conversations: who talked to whom over what, how much, one row for each conversation.
#pragma once

#include <cstdint>
#include <ostream>
#include <unordered_map>
#include <vector>

#include "apps/yagura/show.h"
#include "spine/observe/observation.h"

namespace yagura::run {

class ConversationRows final : public observe::Listener {
public:
    /// The largest that are kept: a capture of a flood must not fill the memory of whoever looks at it.
    static constexpr std::size_t most = 200'000;

    using Listener::on;
    void on(const observe::Origin& origin, const observe::Conversation& said) override;
    void show(std::ostream& out, Format format) const;
    std::uint64_t left_out() const noexcept { return left_out_; }

private:
    struct Row {
        observe::Parties parties;
        observe::Conversation sum;
        observe::Time first{}, last{};
    };
    std::unordered_map<std::uint64_t, std::size_t> places_;
    std::vector<Row> rows_;
    std::uint64_t left_out_ = 0;
};

} // namespace yagura::run
