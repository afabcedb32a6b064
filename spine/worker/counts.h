// What passed, counted before the fold: the numbers of `--what stats` and `--what protocols`.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "spine/base/bounded_table.h"
#include "spine/base/hash.h"
#include "spine/observe/observation.h"

namespace yagura::worker {

/// Each message is one of the three: a refusal is an error, an answer a response, all else a request.
struct FunctionCount {
    std::uint32_t code = 0;
    std::string_view name{}; ///< static; empty for those beyond the bound, which are counted together
    std::uint64_t requests = 0, responses = 0, errors = 0;
    std::uint64_t messages() const noexcept { return requests + responses + errors; }
};

/// One protocol. Function codes come from the network: past `functions_most` of them the rest is one row.
class ProtocolCount {
public:
    static constexpr std::size_t functions_most = 512; ///< no protocol has half as many

    void add(const observe::Operation& op) {
        auto& function = latest_ && latest_->code == op.function.code
                             ? *latest_
                             : find(op.function.code, op.function.name);
        ++(op.outcome == observe::Outcome::refused ? function.errors
           : op.phase == observe::Phase::response  ? function.responses
                                                   : function.requests);
        ++messages;
    }
    void add(const ProtocolCount& more) {
        flows += more.flows;
        messages += more.messages;
        for (const auto& function : more.functions()) {
            auto& mine = function.name.empty() ? others_ : find(function.code, function.name);
            mine.requests += function.requests;
            mine.responses += function.responses;
            mine.errors += function.errors;
        }
    }
    static constexpr std::size_t memory_most() noexcept { return Table::memory_most(functions_most); }
    /// By code.
    std::vector<FunctionCount> functions() const {
        std::vector<FunctionCount> all;
        table_.each([&](std::uint32_t, const FunctionCount& one) { all.push_back(one); });
        std::ranges::sort(all, {}, &FunctionCount::code);
        if (others_.messages()) all.push_back(others_);
        return all;
    }

    std::uint64_t flows = 0, messages = 0;

private:
    using Table = BoundedTable<std::uint32_t, FunctionCount>;

    FunctionCount& find(std::uint32_t code, std::string_view name) {
        const auto hash = Hasher{}.add(code).finish();
        if (auto* known = table_.find(code, hash))
            return *(latest_ = known); // Does not move while it is there.
        if (table_.size() == functions_most) return others_;
        auto& fresh = table_.insert(code, hash);
        fresh.code = code;
        fresh.name = name.empty() ? "unknown function" : name;
        return fresh;
    }

    Table table_{functions_most};
    FunctionCount others_{.code = UINT32_MAX};
    FunctionCount* latest_ = nullptr;
};

/// The numbers of one worker, or of several added up.
struct Counts {
    struct LinkType {
        std::uint16_t type = 0;
        std::uint64_t frames = 0;
    };

    std::uint64_t packets = 0, bytes = 0; ///< frames as captured from the wire; bytes as they were on it
    std::uint64_t flows = 0;              ///< conversations that began
    std::uint64_t carriers = 0;           ///< messages that only carry another protocol's: not folded
    std::uint64_t operations = 0;         ///< after the fold
    std::uint64_t observations = 0;       ///< everything said after the fold but coverage
    std::uint64_t duplicates = 0;         ///< copies of a SPAN, not dissected again
    std::uint64_t truncated = 0;          ///< frames of which the capture kept only a part
    std::uint64_t anomalies = 0;          ///< before the fold
    std::uint64_t unclaimed_flows = 0;    ///< had bytes, and nobody knew them
    observe::Time first{}, last{};        ///< of the packets; equal where there was none
    std::vector<LinkType> link_types;     ///< by type
    std::vector<ProtocolCount> protocols; ///< at the protocol's number; [0] is nobody's

    std::uint64_t messages() const noexcept {
        std::uint64_t sum = 0;
        for (const auto& protocol : protocols) sum += protocol.messages;
        return sum;
    }
    double seconds() const noexcept { return std::chrono::duration<double>(last - first).count(); }
    void add(const Counts& more) {
        if (more.packets != 0) {
            first = packets == 0 ? more.first : std::min(first, more.first);
            last = packets == 0 ? more.last : std::max(last, more.last);
        }
        packets += more.packets, bytes += more.bytes, flows += more.flows;
        carriers += more.carriers, operations += more.operations, observations += more.observations;
        duplicates += more.duplicates, truncated += more.truncated;
        anomalies += more.anomalies, unclaimed_flows += more.unclaimed_flows;
        for (const auto& link : more.link_types) this->link(link.type, link.frames);
        if (protocols.size() < more.protocols.size()) protocols.resize(more.protocols.size());
        for (std::size_t i = 0; i < more.protocols.size(); ++i) protocols[i].add(more.protocols[i]);
    }
    void link(std::uint16_t type, std::uint64_t frames) {
        const auto at = std::ranges::lower_bound(link_types, type, {}, &LinkType::type);
        if (at != link_types.end() && at->type == type)
            at->frames += frames;
        else
            link_types.insert(at, {type, frames});
    }
};

} // namespace yagura::worker
