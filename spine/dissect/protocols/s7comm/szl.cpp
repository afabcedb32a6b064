#include "spine/dissect/protocols/s7comm/szl.h"

#include <algorithm>

#include "spine/base/text_room.h"

namespace yagura::dissect::s7 {
namespace {

using observe::Attribute;

struct Teller {
    const Pdu& pdu;
    const observe::Part& part;
    Ways& ways;
    void operator()(Attribute attribute, std::string_view value,
                    std::uint8_t confidence = 100) const noexcept {
        if (value.empty()) return;
        ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                    .subject = observe::Subject::speaker,
                                                    .part = part,
                                                    .attribute = attribute,
                                                    .value = value,
                                                    .confidence = confidence});
    }
};

/// A record of 28 bytes: index, order number, type, two versions. The versions are characters and numbers
/// in one: 'V', 3 and 2, 6 is V3.2.6.
void module_identification(Reader& record, const Teller& tell) noexcept {
    const auto index = record.u16();
    const auto order_number = label(record.take(20));
    record.u16();
    const auto letter = record.u8(), major = record.u8(), minor = record.u8(), patch = record.u8();
    if (!record.ok()) return;
    TextRoom<24> version;
    switch (index) {
    case 1:
        tell(Attribute::module, order_number);
        break;
    case 6:
        if (letter == 0 && major != 0) tell(Attribute::hardware, version.number(major).view());
        break;
    case 7:
        if (letter == 'V')
            tell(Attribute::firmware,
                 version.add('V').number(major).add('.').number(minor).add('.').number(patch).view());
        break;
    default:
        break;
    }
}

/// A record of 34 bytes: index and text.
void component_identification(Reader& record, const Teller& tell) noexcept {
    const auto index = record.u16();
    const auto text = label(record.take(24));
    if (!record.ok()) return;
    switch (index) {
    case 1:
        tell(Attribute::name, text);
        break;
    case 2:
        tell(Attribute::description, text);
        break;
    case 3: // Plant designation, location designation.
    case 11:
        tell(Attribute::location, text);
        break;
    case 4:
        if (text.starts_with("Original Siemens")) tell(Attribute::vendor, "Siemens", 90); // Others copy it.
        break;
    case 5:
        tell(Attribute::serial, text);
        break;
    case 7:
        tell(Attribute::product, text);
        break;
    default:
        break;
    }
}

void led(Reader& record, const Teller& tell) noexcept {
    record.u8(); // rack of a redundant system
    const auto which = record.u8(), on = record.u8();
    if (!record.ok() || on == 0) return;
    if (which == 4) tell(Attribute::state, "run", 90);
    if (which == 5) tell(Attribute::state, "stop", 90);
}

void mode(Reader& record, const Teller& tell) noexcept {
    record.take(3); // event, its kind
    const auto mode = record.u8();
    if (record.ok()) tell(Attribute::state, state_of_mode(mode & 15u));
}

void key_switch(Reader& record, const Teller& tell) noexcept {
    record.take(8); // index, protection levels
    const auto position = record.u16();
    constexpr std::string_view names[]{"", "key switch run", "key switch run-p", "key switch stop",
                                       "key switch mres"};
    if (record.ok() && position < std::size(names)) tell(Attribute::state, names[position]);
}

} // namespace

std::string_view state_of_mode(std::uint8_t mode) noexcept {
    switch (mode) {
    case 1:
    case 2:
    case 3:
    case 4:
        return "stop";
    case 5:
    case 6:
    case 7:
        return "start-up";
    case 8:
    case 9:
        return "run";
    case 10:
        return "hold";
    case 13:
        return "fault";
    default:
        return {};
    }
}

void read_szl(const Pdu& pdu, const observe::Part& part, Bytes list, Ways& ways) noexcept {
    Reader in{list};
    const auto identifier = in.u16(), index = in.u16(), length = in.u16();
    const auto count = in.u16();
    if (!in.ok() || length == 0) return;
    const Teller tell{pdu, part, ways};
    const auto number = identifier & 0xffu;
    for (unsigned i = 0; i < count && in.remaining() >= length; ++i) {
        Reader record{in.take(length)};
        if (number == 0x11 && length == 28)
            module_identification(record, tell);
        else if (number == 0x1c && length >= 34)
            component_identification(record, tell);
        else if ((number == 0x19 || number == 0x74) && length == 4)
            led(record, tell);
        else if (identifier == 0x0424 && length >= 20)
            mode(record, tell);
        else if ((identifier & 0x0fffu) == 0x0132 && index == 4 && length >= 10)
            key_switch(record, tell);
    }
}

} // namespace yagura::dissect::s7
