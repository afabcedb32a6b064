#include "spine/dissect/protocols/cip/identity.h"

#include "spine/base/text_room.h"
#include "spine/dissect/protocols/cip/names.h"
#include "spine/wire/cip_vendors.h"

namespace yagura::dissect::cip {

void read_identity_attribute(std::uint16_t attribute, Reader& in, IdentityWords& words) noexcept {
    auto next = in;
    auto read = words;
    switch (attribute) {
    case 1:
        read.vendor = next.u16le();
        break;
    case 2:
        read.profile = next.u16le();
        break;
    case 3:
        read.product = next.u16le();
        break;
    case 4:
        read.major = next.u8();
        read.minor = next.u8();
        break;
    case 5:
        read.status = next.u16le();
        break;
    case 6:
        read.serial = next.u32le();
        break;
    case 7:
        read.name = next.take(next.u8());
        break;
    default:
        return;
    }
    in = next;
    if (!in.ok()) return;
    words = read;
    words.known = static_cast<std::uint8_t>(words.known | 1u << (attribute - 1));
}

bool read_identity(Reader& in, IdentityWords& words) noexcept {
    for (std::uint16_t attribute = 1; attribute <= 7 && in.ok(); ++attribute)
        read_identity_attribute(attribute, in, words);
    return in.ok();
}

namespace {
/// Bits 4 to 7 of the status word, volume 1 table 5A-2.3; 10 and 11 are major faults. Rockwell's controllers
/// have the mode there and the key's position in bits 12 and 13.
std::string_view state_of(const IdentityWords& words) noexcept {
    if (words.status & 0x0c00) return "fault";
    switch (words.status >> 4 & 15) {
    case 1:
        return "firmware update";
    case 4:
    case 5:
        return "fault";
    case 6:
        return "run";
    case 7:
        return words.vendor == 1 && words.profile == 0x0e ? "program" : "idle";
    default:
        return {};
    }
}
std::string_view key_of(const IdentityWords& words) noexcept {
    if (words.vendor != 1 || words.profile != 0x0e || (words.known & 0x13) != 0x13) return {};
    switch (words.status >> 12 & 3) {
    case 1:
        return "key switch run";
    case 2:
        return "key switch program";
    case 3:
        return "key switch remote";
    default:
        return {};
    }
}
} // namespace

void say_identity(const Pdu& pdu, const observe::Part& part, const IdentityWords& words,
                  Ways& ways) noexcept {
    using observe::Attribute;
    const auto tell = [&](Attribute attribute, std::string_view value, std::uint8_t confidence = 100) {
        if (value.empty()) return;
        ways.say().on(pdu.origin, observe::Identity{.protocol = pdu.protocol,
                                                    .subject = observe::Subject::speaker,
                                                    .part = part,
                                                    .attribute = attribute,
                                                    .value = value,
                                                    .confidence = confidence});
    };
    const auto has = [&](unsigned attribute) { return (words.known >> (attribute - 1) & 1u) != 0; };
    TextRoom<40> text;
    if (has(1)) {
        const auto name = wire::cip_vendor(words.vendor);
        tell(Attribute::vendor, name.empty() ? text.add("CIP vendor ").number(words.vendor).view() : name);
    }
    if (has(7)) tell(Attribute::product, label(words.name));
    if (has(2)) tell(Attribute::role_hint, profile_name(words.profile));
    text.clear();
    if (has(4) && words.major != 0) // Three digits behind the point, as the labels have it.
        tell(Attribute::firmware, text.number(words.major & 0x7fu)
                                      .add(words.minor < 10    ? ".00"
                                           : words.minor < 100 ? ".0"
                                                               : ".")
                                      .number(words.minor)
                                      .view());
    text.clear();
    if (has(6) && words.serial != 0) {
        const std::array bytes{
            static_cast<std::byte>(words.serial >> 24), static_cast<std::byte>(words.serial >> 16),
            static_cast<std::byte>(words.serial >> 8), static_cast<std::byte>(words.serial)};
        tell(Attribute::serial, text.hex(bytes).view());
    }
    if (has(5)) {
        auto state = state_of(words);
        if (state.empty() && words.state) {
            if (*words.state == 4 || *words.state == 5) state = "fault";
            if (*words.state == 2) state = "standby";
            if (*words.state == 3) state = "operational";
        }
        tell(Attribute::state, state);
        tell(Attribute::state, key_of(words));
    }
}

} // namespace yagura::dissect::cip
