// What PROFINET's records say about a device and its modules.
//
// From PNO 3.502 "Identification & Maintenance Functions" (I&M0 to I&M3) and IEC 61158-6-10, clause 5.2
// (RealIdentificationData, ExpectedSubmodule).
#pragma once

#include "spine/base/text_room.h"
#include "spine/dissect/dissector.h"
#include "spine/dissect/protocols/profinet/blocks.h"

namespace yagura::dissect::profinet {

class Telling {
public:
    Telling(const Pdu& pdu, Ways& ways, observe::Subject subject) noexcept
        : pdu_{pdu}, ways_{ways}, subject_{subject} {}
    void say(observe::Attribute attribute, std::string_view value, std::uint8_t confidence,
             const observe::Part& part = {}) const noexcept {
        if (value.empty()) return;
        ways_.say().on(pdu_.origin, observe::Identity{.protocol = pdu_.protocol,
                                                      .subject = subject_,
                                                      .part = part,
                                                      .attribute = attribute,
                                                      .value = value,
                                                      .confidence = confidence});
    }

private:
    const Pdu& pdu_;
    Ways& ways_;
    observe::Subject subject_;
};

/// PI's vendor ids, those that plants have most of.
constexpr std::string_view vendor_name(std::uint16_t id) noexcept {
    switch (id) {
    case 0x002a:
        return "Siemens";
    case 0x00b0:
        return "Phoenix Contact";
    case 0x011d:
        return "WAGO";
    case 0x011e:
        return "Hilscher";
    case 0x0120:
        return "Beckhoff";
    case 0x0493:
        return "RT-Labs";
    default:
        return {};
    }
}

/// Order, serial, hardware and software: "V4.2.1".
inline void say_im0(const Block& block, const observe::Part& part, const Telling& tell) noexcept {
    Reader in{block.body};
    const auto vendor = in.u16();
    const auto order = label(in.take(20)), serial = label(in.take(16));
    const auto hardware = in.u16();
    const auto prefix = in.u8(), major = in.u8(), minor = in.u8(), fix = in.u8();
    if (!in.ok()) return;
    using observe::Attribute;
    tell.say(Attribute::vendor, vendor_name(vendor), 95, part);
    tell.say(Attribute::product, order, 95, part);
    tell.say(Attribute::serial, serial, 95, part);
    TextRoom<24> text;
    if (hardware != 0) tell.say(Attribute::hardware, text.number(hardware).view(), 90, part);
    text.clear();
    if (prefix >= 'A' && prefix <= 'Z') text.add(static_cast<char>(prefix));
    text.number(major).add('.').number(minor).add('.').number(fix);
    if ((major | minor | fix) != 0) tell.say(Attribute::firmware, text.view(), 90, part);
}
/// What somebody called it, and where it stands.
inline void say_im1(const Block& block, const observe::Part& part, const Telling& tell) noexcept {
    Reader in{block.body};
    const auto function = label(in.take(32)), place = label(in.take(22));
    if (!in.ok()) return;
    tell.say(observe::Attribute::description, function, 80, part);
    tell.say(observe::Attribute::location, place, 85, part);
}
inline void say_im3(const Block& block, const observe::Part& part, const Telling& tell) noexcept {
    Reader in{block.body};
    const auto text = label(in.take(54));
    if (in.ok()) tell.say(observe::Attribute::description, text, 70, part);
}

inline constexpr unsigned modules_most = 256; ///< of one message

inline void say_module(std::uint16_t slot, std::uint32_t ident, std::uint8_t confidence,
                       const Telling& tell) noexcept {
    const std::array bytes{static_cast<std::byte>(ident >> 24), static_cast<std::byte>(ident >> 16 & 0xff),
                           static_cast<std::byte>(ident >> 8 & 0xff), static_cast<std::byte>(ident & 0xff)};
    TextRoom<24> text;
    text.add("module 0x").hex(bytes);
    tell.say(observe::Attribute::module, text.view(), confidence,
             slot == 0 ? observe::Part{} // The device's own access point.
                       : observe::Part{.steps = {{{observe::Part::Hop::slot, slot}}}, .size = 1});
}

/// 5.2: what is plugged.
inline void say_modules(const Block& block, const Telling& tell) noexcept {
    Reader in{block.body};
    auto profiles = block.minor >= 1 ? in.u16() : std::uint16_t{1};
    unsigned told = 0;
    for (; profiles != 0 && in.ok(); --profiles) {
        if (block.minor >= 1) in.u32();
        for (auto slots = in.u16(); slots != 0 && in.ok() && told < modules_most; --slots, ++told) {
            const auto slot = in.u16();
            const auto ident = in.u32();
            in.take(std::size_t{in.u16()} * 6);
            if (in.ok()) say_module(slot, ident, 90, tell);
        }
    }
}

/// 5.2: what the controller expects there.
inline void say_expected(const Block& block, const Telling& tell) noexcept {
    Reader in{block.body};
    unsigned told = 0;
    for (auto profiles = in.u16(); profiles != 0 && in.ok() && told < modules_most; --profiles, ++told) {
        in.u32();
        const auto slot = in.u16();
        const auto ident = in.u32();
        in.u16();
        for (auto subslots = in.u16(); subslots != 0 && in.ok(); --subslots) {
            in.u16();
            in.u32();
            const auto properties = in.u16();
            in.take((properties & 3) == 3 ? 12 : 6); // Input and output, or one of them.
        }
        if (in.ok()) say_module(slot, ident, 70, tell);
    }
}

} // namespace yagura::dissect::profinet
