// How an area's functions are made the contract's operations.
#pragma once

#include <string_view>

#include "spine/api/service.h"

namespace yagura::see {

/// `const auto on = handlers_of(service, parts); on("listNeeds", list);`: the function is given the request
/// and a copy of the area's parts, which are references to what outlives the service.
template <class Parts>
auto handlers_of(api::Service& service, const Parts& parts) {
    return [&service, parts](std::string_view operation,
                             api::Response (*handler)(const api::Request&, const Parts&)) {
        service.on(operation,
                   [parts, handler](const api::Request& request) { return handler(request, parts); });
    };
}

} // namespace yagura::see
