// What OPC UA applications say about themselves and each other.
//
// From OPC 10000-4 (1.05), 7.2 (ApplicationDescription), 7.14 (EndpointDescription), and OPC 10000-5, 12.4
// (BuildInfo), 12.10 (ServerStatusDataType).
#pragma once

#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/opcua/values.h"

namespace yagura::dissect::opcua {

/// Says what one side tells, or what is told about it.
class Telling {
public:
    Telling(const Pdu& pdu, Ways& ways, observe::Subject subject) noexcept
        : pdu_{pdu}, ways_{ways}, subject_{subject} {}
    void say(observe::Attribute attribute, std::string_view value, std::uint8_t confidence) const noexcept {
        if (value.empty()) return;
        ways_.say().on(pdu_.origin, observe::Identity{.protocol = pdu_.protocol,
                                                      .subject = subject_,
                                                      .attribute = attribute,
                                                      .value = value,
                                                      .confidence = confidence});
    }
    /// The host of "opc.tcp://host:port/path", if it is a name.
    void host(std::string_view url) const noexcept;
    /// The first of a chain.
    void certificate(Bytes) const noexcept;

private:
    const Pdu& pdu_;
    Ways& ways_;
    observe::Subject subject_;
};

struct Application {
    std::string_view uri{}, product{}, name{};
    std::uint32_t kind = 0; ///< server, client, both, discovery server
};
Application read_application(In&) noexcept;
void say(const Application&, const Telling&) noexcept;

struct Endpoint {
    std::string_view url{}, policy{};
    Application server{};
    Bytes certificate{};
    std::uint32_t mode = 0;
};
Endpoint read_endpoint(In&) noexcept;

/// A value of the server object: its status, its build, or one part of that. Others say nothing.
void say_server_value(std::string_view node, const DataValue&, const Telling&) noexcept;

} // namespace yagura::dissect::opcua
