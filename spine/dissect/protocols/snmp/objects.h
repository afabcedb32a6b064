// Objects of SNMP: how their names are written, which of them tell what a device is, and who registered which
// number.
//
// From RFC 3418 (system group), RFC 2863 (interfaces), RFC 6933 (ENTITY-MIB), RFC 3805 (Printer-MIB), RFC
// 2790 (host resources), ITU-T X.690 clause 8.19 (object identifiers), IANA's private enterprise numbers.
#pragma once

#include <cstdint>
#include <string_view>

#include "spine/base/text_room.h"
#include "spine/observe/observation.h"

namespace yagura::dissect::snmp_family {

struct Binding {
    Bytes name{};         ///< as it stands on the wire
    std::uint8_t tag = 0; ///< of the value
    Bytes content{};
    observe::Value value() const noexcept;
};
bool read_binding(Bytes, Binding&) noexcept;

/// "1.3.6.1.2.1.1.5.0"
using ObjectText = TextRoom<120>;
void write_name(Bytes name, ObjectText&) noexcept;

/// Where a walk is: under mib-2 or under an enterprise. Coarse, because every step asks for another object.
struct Group {
    std::uint32_t number = 0;
    bool enterprise = false;
};
Group group_of(Bytes name) noexcept;
observe::Object object_of(Group) noexcept;

enum class Form : std::uint8_t { text, hardware, enterprise };
struct Told {
    std::string_view name; ///< on the wire, the beginning up to the instance
    observe::Attribute attribute;
    std::uint8_t confidence;
    Form form = Form::text;
    bool first_only = true; ///< of a table, only the row of the whole: instance 0 or 1
};
/// nullptr: it tells nothing about what the device is.
const Told* find_told(Bytes name) noexcept;

/// The number behind 1.3.6.1.4.1; 0 if it is not there.
std::uint32_t enterprise_of(Bytes name) noexcept;

} // namespace yagura::dissect::snmp_family
