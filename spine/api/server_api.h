// Handlers of the server itself: about, health, limits, the contract, the plant's name, events.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spine/api/service.h"

namespace yagura::api {

/// What the program around the server knows of itself. Any thread; none of it may wait long.
class Status {
public:
    virtual ~Status() = default;

    enum class State : std::uint8_t { ok, degraded, failed };
    struct Part {
        std::string name; ///< "journal", "store", "sensor hall-1"
        State state = State::ok;
        std::int64_t since = 0; ///< 0: unknown
    };
    virtual std::vector<Part> parts() = 0;

    struct LimitRow {
        std::string name;
        std::uint64_t bound = 0, used = 0, refused = 0;
        std::string unit;
    };
    virtual std::vector<LimitRow> limits() = 0;

    struct FirstRun {
        bool packets = false;
        std::uint64_t devices = 0, lines = 0;
    };
    virtual FirstRun first_run() = 0;
};

void add_server_handlers(Service&, model::SiteBook&, model::AccountBook&, Status&);

} // namespace yagura::api
