// A device as a person reads it: what is known, which of several values is shown, and why.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "see/grounds.h"
#include "see/makers.h"
#include "spine/model/plant.h"

namespace yagura::see {

/// One value with where it comes from; of several about one thing the first is the one to show.
struct Evidence {
    observe::Attribute attribute{};
    std::string value{};
    std::string protocol{};
    std::uint8_t confidence = 0;
    observe::Time first{}, last{};
    std::uint32_t source = 0;
    std::uint64_t frame = 0;
    std::uint32_t offset = 0;
    std::string part{}; ///< what it is said of; empty: the device itself
};

struct Part {
    std::string name{};                                    ///< "unit 17", "rack 0 slot 2"
    std::string address{};                                 ///< of the station that it is reached through
    std::string vendor{}, product{}, firmware{}, serial{}; ///< empty: unknown
    std::vector<std::string> protocols{};
    observe::Time first{}, last{};
};

struct Service {
    std::string protocol{}; ///< empty: something answered
    std::uint16_t port = 0, carrier = 0;
    observe::Time last_used{};
};

/// Why a role was chosen: the identifier's name and its grounds, strongest first.
struct Reason {
    std::string identifier{}, role{};
    Grounds grounds{};
    std::uint8_t confidence = 0;
};

struct Portrait {
    model::DeviceId id{};
    model::State state{};
    std::vector<std::string> macs{}, ips{}, hostnames{}; ///< as text; the first is the one to show
    std::string vendor{}, product{}, firmware{}, hardware{}, serial{}, os{}; ///< empty: unknown
    std::string role = "unknown"; ///< a word of the list in docs/roles.md
    std::string purdue_level{};   ///< "0" to "4", "3.5"; empty: unknown
    std::string name{}; ///< what to call it: a name it gave itself, else its product, else its address
    std::vector<Service> services{};
    std::vector<std::string> protocols{};
    std::vector<Part> parts{};
    std::vector<Evidence> evidence{}; ///< by attribute, the shown one first
    std::vector<Reason> reasons{};
    std::vector<std::uint16_t> vlans{};
    observe::Time first_seen{}, last_seen{};
};

/// The plant has to be settled.
Portrait portray(const model::Plant&, model::DeviceId, const Makers& = Makers::installed());

/// Of a MAC or an IP as people write it; empty for other marks.
std::string address_text(const model::Node&);

/// The level of the Purdue model that a role stands on; empty where that depends on the plant.
std::string_view level_of(std::string_view role) noexcept;

/// "confirmed", "unconfirmed", "claimed".
std::string_view word(model::State) noexcept;

/// "port_name": as API and lists write an attribute.
std::string attribute_name(observe::Attribute);

} // namespace yagura::see
