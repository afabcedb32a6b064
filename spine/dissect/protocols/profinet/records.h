// PROFINET's connection manager: operations, records by their index, and what its status says.
//
// From IEC 61158-6-10, clauses 5.1 (services of the connection manager), 5.2 (blocks), 5.2.1 (index) and 5.3
// (PNIOStatus).
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "spine/observe/observation.h"

namespace yagura::dissect::profinet {

enum Call : std::uint16_t { connect = 0, release = 1, read = 2, write = 3, control = 4, read_implicit = 5 };

struct CallName {
    std::string_view name;
    observe::Act act;
};
inline constexpr std::array calls{
    CallName{"connect", observe::Act::connect},   CallName{"release", observe::Act::disconnect},
    CallName{"read", observe::Act::read},         CallName{"write", observe::Act::configure},
    CallName{"control", observe::Act::configure}, CallName{"read implicit", observe::Act::read},
};

struct Index {
    std::uint16_t number;
    observe::Act act; ///< of reading it; writing configures
    std::string_view name;
};
/// By number. Below 0x8000 are records of the module's maker.
inline constexpr std::array indexes{
    Index{0x8000, observe::Act::read, "expected identification of the subslot"},
    Index{0x8001, observe::Act::identify, "real identification of the subslot"},
    Index{0x800a, observe::Act::diagnose, "channel diagnosis of the subslot"},
    Index{0x800b, observe::Act::diagnose, "diagnosis of the subslot"},
    Index{0x800c, observe::Act::diagnose, "diagnosis, maintenance and status of the subslot"},
    Index{0x8010, observe::Act::diagnose, "maintenance required in channels of the subslot"},
    Index{0x8011, observe::Act::diagnose, "maintenance demanded in channels of the subslot"},
    Index{0x801e, observe::Act::read, "substitute values of the subslot"},
    Index{0x8027, observe::Act::read, "PDPortFODataRealExtended"},
    Index{0x8028, observe::Act::read, "input data of the subslot"},
    Index{0x8029, observe::Act::read, "output data of the subslot"},
    Index{0x802a, observe::Act::read, "PDPortDataReal"},
    Index{0x802b, observe::Act::read, "PDPortDataCheck"},
    Index{0x802c, observe::Act::read, "PDIRData"},
    Index{0x802d, observe::Act::read, "PDSyncData"},
    Index{0x802f, observe::Act::read, "PDPortDataAdjust"},
    Index{0x8030, observe::Act::read, "IsochronousModeData"},
    Index{0x8050, observe::Act::read, "PDInterfaceMrpDataReal"},
    Index{0x8051, observe::Act::read, "PDInterfaceMrpDataCheck"},
    Index{0x8052, observe::Act::read, "PDInterfaceMrpDataAdjust"},
    Index{0x8053, observe::Act::read, "PDPortMrpDataAdjust"},
    Index{0x8054, observe::Act::read, "PDPortMrpDataReal"},
    Index{0x8060, observe::Act::read, "PDPortFODataReal"},
    Index{0x8070, observe::Act::read, "PDNCDataCheck"},
    Index{0x8071, observe::Act::read, "PDInterfaceAdjust"},
    Index{0x8072, observe::Act::read, "PDPortStatistic"},
    Index{0x8080, observe::Act::read, "PDInterfaceDataReal"},
    Index{0x8090, observe::Act::read, "PDInterfaceFSUDataAdjust"},
    Index{0xaff0, observe::Act::identify, "I&M0"},
    Index{0xaff1, observe::Act::identify, "I&M1"},
    Index{0xaff2, observe::Act::identify, "I&M2"},
    Index{0xaff3, observe::Act::identify, "I&M3"},
    Index{0xaff4, observe::Act::identify, "I&M4"},
    Index{0xaff5, observe::Act::identify, "I&M5"},
    Index{0xc000, observe::Act::read, "expected identification of the slot"},
    Index{0xc001, observe::Act::identify, "real identification of the slot"},
    Index{0xc00a, observe::Act::diagnose, "channel diagnosis of the slot"},
    Index{0xc00b, observe::Act::diagnose, "diagnosis of the slot"},
    Index{0xc00c, observe::Act::diagnose, "diagnosis, maintenance and status of the slot"},
    Index{0xe000, observe::Act::read, "expected identification of the relation"},
    Index{0xe001, observe::Act::identify, "real identification of the relation"},
    Index{0xe002, observe::Act::identify, "ModuleDiffBlock of the relation"},
    Index{0xe00a, observe::Act::diagnose, "channel diagnosis of the relation"},
    Index{0xe00b, observe::Act::diagnose, "diagnosis of the relation"},
    Index{0xe00c, observe::Act::diagnose, "diagnosis, maintenance and status of the relation"},
    Index{0xe040, observe::Act::configure, "several records"},
    Index{0xe050, observe::Act::read, "ARFSUDataAdjust"},
    Index{0xf000, observe::Act::identify, "real identification of the profile"},
    Index{0xf00a, observe::Act::diagnose, "channel diagnosis of the profile"},
    Index{0xf00b, observe::Act::diagnose, "diagnosis of the profile"},
    Index{0xf00c, observe::Act::diagnose, "diagnosis, maintenance and status of the profile"},
    Index{0xf020, observe::Act::read, "ARData of the profile"},
    Index{0xf80c, observe::Act::diagnose, "diagnosis, maintenance and status of the device"},
    Index{0xf820, observe::Act::read, "ARData"},
    Index{0xf821, observe::Act::read, "APIData"},
    Index{0xf830, observe::Act::diagnose, "LogBookData"},
    Index{0xf831, observe::Act::read, "PDevData"},
    Index{0xf840, observe::Act::identify, "I&M0FilterData"},
    Index{0xf841, observe::Act::read, "PDRealData"},
    Index{0xf842, observe::Act::read, "PDExpectedData"},
    Index{0xf850, observe::Act::read, "AutoConfiguration"},
};
static_assert(std::ranges::is_sorted(indexes, {}, &Index::number));
constexpr const Index* find_index(std::uint16_t number) noexcept {
    const auto at = std::ranges::lower_bound(indexes, number, {}, &Index::number);
    return at != indexes.end() && at->number == number ? &*at : nullptr;
}

/// 5.3: PNIOStatus in four bytes: code, decode, code 1, code 2. What the first and the third say is enough.
inline std::string_view status_name(std::uint32_t status) noexcept {
    const auto decode = status >> 16 & 0xff, one = status >> 8 & 0xff;
    if (decode == 0x80) { // PNIORW: of records
        switch (one) {
        case 0xa0:
            return "read error";
        case 0xa1:
            return "write error";
        case 0xa2:
            return "module failure";
        case 0xa7:
            return "busy";
        case 0xa8:
            return "version conflict";
        case 0xa9:
            return "feature not supported";
        case 0xb0:
            return "invalid index";
        case 0xb1:
            return "invalid length";
        case 0xb2:
            return "invalid slot or subslot";
        case 0xb3:
            return "type conflict";
        case 0xb4:
            return "invalid area";
        case 0xb5:
            return "state conflict";
        case 0xb6:
            return "access denied";
        case 0xb7:
            return "invalid range";
        case 0xb8:
            return "invalid parameter";
        case 0xb9:
            return "invalid type";
        case 0xc0:
            return "read constrain conflict";
        case 0xc1:
            return "write constrain conflict";
        case 0xc2:
            return "resource busy";
        case 0xc3:
            return "resource unavailable";
        default:
            break;
        }
    }
    switch (status >> 24) {
    case 0xcf:
        return "alarm transfer error";
    case 0xda:
        return "alarm acknowledge error";
    case 0xdb:
        return "connect error";
    case 0xdc:
        return "release error";
    case 0xdd:
        return "control error";
    case 0xde:
        return "read error";
    case 0xdf:
        return "write error";
    default:
        return {};
    }
}

struct Command {
    std::string_view name;
    observe::Act act;
};
/// 5.2.3: what a control block asks for, by the block's type without the answer's bit.
constexpr Command find_command(std::uint16_t block) noexcept {
    switch (block) {
    case 0x0110:
        return {"end of parameters", observe::Act::configure};
    case 0x0111:
        return {"end of parameters after plug", observe::Act::configure};
    case 0x0112:
        return {"application ready", observe::Act::report};
    case 0x0113:
        return {"application ready after plug", observe::Act::report};
    case 0x0114:
        return {"release", observe::Act::disconnect};
    case 0x0116:
        return {"ready for companion", observe::Act::report};
    case 0x0117:
        return {"ready for class 3", observe::Act::report};
    case 0x0118:
        return {"begin of parameters", observe::Act::configure};
    default:
        return {{}, observe::Act::unknown};
    }
}

} // namespace yagura::dissect::profinet
