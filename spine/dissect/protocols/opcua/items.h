// The lists in OPC UA's requests and answers: what a service is asked to do with which node, and how that
// went, one by one.
//
// From OPC 10000-4 (1.05), clause 5: the parameters of each service.
#pragma once

#include <optional>

#include "spine/dissect/protocols/opcua/services.h"
#include "spine/dissect/protocols/opcua/values.h"

namespace yagura::dissect::opcua {

struct Item {
    NodeId node{};
    NodeId method{};              ///< of a call
    std::uint32_t attribute = 13; ///< 13: the value
    std::string_view range{};     ///< of an array
    std::uint32_t handle = 0;     ///< of a monitored item: how its changes will be called
    Bytes path{};                 ///< relative path, in its encoding
    observe::Value value{};       ///< written; the first argument
};
/// Walks the list of a request. `in` stands behind the request's header.
class Items {
public:
    Items(std::uint16_t code, In in) noexcept;
    std::uint32_t count() const noexcept { return count_; }
    std::uint32_t subscription() const noexcept { return subscription_; } ///< of services about its items
    /// Nothing at the end or where the rest cannot be read.
    std::optional<Item> next(Room&) noexcept;
    bool ok() const noexcept { return in_.ok(); }

private:
    In in_;
    std::uint16_t code_;
    std::uint32_t count_ = 0, left_ = 0, subscription_ = 0;
};

using Name = TextRoom<192>;
/// "ns=2;s=Motor.Speed", "i=2258 DisplayName", "ns=2;s=Curve[3:5]", "ns=2;i=7 of ns=2;i=3" for a method,
/// "i=85/2:Motor/2:Speed" for a path.
void add_name(Name&, const Item&) noexcept;

struct Result {
    std::uint32_t status = 0;
    DataValue data{};
};
/// Walks the list of an answer. `code` is its request's; `in` stands behind the answer's header.
class Results {
public:
    Results(std::uint16_t code, In in) noexcept;
    std::uint32_t count() const noexcept { return count_; }
    std::optional<Result> next(Room&) noexcept;
    bool ok() const noexcept { return in_.ok(); }

private:
    In in_;
    std::uint16_t code_;
    std::uint32_t count_ = 0, left_ = 0;
};

/// What a request is about, for its answer too.
struct About {
    observe::Object object{};
    std::uint32_t count = 0;
    observe::Act act{};
    observe::Value value{};
    Name name;
    Room room;
};
/// False if the request ends inside. `in` stands behind the request's header.
bool describe(std::uint16_t code, In in, About&) noexcept;

/// OPC 10000-4, 7.33 and 7.34. False if the message ends inside.
bool pass_request_header(In&) noexcept;
/// Gives the service's result.
std::uint32_t read_answer_header(In&) noexcept;

} // namespace yagura::dissect::opcua
