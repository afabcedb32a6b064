// The types of IEC 60870-5-101/-104: what each is called, does, and how long one of its information objects
// is. IEC 60870-5-101:2003, 7.3; IEC 60870-5-104:2006, clause 8.
#pragma once

#include <array>

#include "spine/observe/observation.h"

namespace yagura::dissect::iec104 {

/// What stands first in an information object.
enum class Element : std::uint8_t {
    none,
    single,       ///< SIQ
    pair,         ///< DIQ
    step,         ///< VTI
    bits,         ///< BSI
    normalised,   ///< NVA
    scaled,       ///< SVA
    real,         ///< IEEE STD 754
    counter,      ///< BCR
    command_1,    ///< SCO
    command_2,    ///< DCO
    command_step, ///< RCO
    set_normalised,
    set_scaled,
    set_real,
    qualifier, ///< one byte that says how
    clock,     ///< CP56Time2a
    file,      ///< NOF, and more
};

struct Type {
    std::uint8_t id = 0;
    std::string_view name = "unknown type";
    observe::Act act = observe::Act::unknown;
    Element element = Element::none;
    std::uint8_t size = 0; ///< bytes of one object behind its address, time included
};

inline constexpr std::array types{
    Type{1, "M_SP_NA_1", observe::Act::report, Element::single, 1},
    Type{2, "M_SP_TA_1", observe::Act::report, Element::single, 4},
    Type{3, "M_DP_NA_1", observe::Act::report, Element::pair, 1},
    Type{4, "M_DP_TA_1", observe::Act::report, Element::pair, 4},
    Type{5, "M_ST_NA_1", observe::Act::report, Element::step, 2},
    Type{6, "M_ST_TA_1", observe::Act::report, Element::step, 5},
    Type{7, "M_BO_NA_1", observe::Act::report, Element::bits, 5},
    Type{8, "M_BO_TA_1", observe::Act::report, Element::bits, 8},
    Type{9, "M_ME_NA_1", observe::Act::report, Element::normalised, 3},
    Type{10, "M_ME_TA_1", observe::Act::report, Element::normalised, 6},
    Type{11, "M_ME_NB_1", observe::Act::report, Element::scaled, 3},
    Type{12, "M_ME_TB_1", observe::Act::report, Element::scaled, 6},
    Type{13, "M_ME_NC_1", observe::Act::report, Element::real, 5},
    Type{14, "M_ME_TC_1", observe::Act::report, Element::real, 8},
    Type{15, "M_IT_NA_1", observe::Act::report, Element::counter, 5},
    Type{16, "M_IT_TA_1", observe::Act::report, Element::counter, 8},
    Type{17, "M_EP_TA_1", observe::Act::alarm, Element::none, 6},
    Type{18, "M_EP_TB_1", observe::Act::alarm, Element::none, 7},
    Type{19, "M_EP_TC_1", observe::Act::alarm, Element::none, 7},
    Type{20, "M_PS_NA_1", observe::Act::report, Element::bits, 5},
    Type{21, "M_ME_ND_1", observe::Act::report, Element::normalised, 2},
    Type{30, "M_SP_TB_1", observe::Act::report, Element::single, 8},
    Type{31, "M_DP_TB_1", observe::Act::report, Element::pair, 8},
    Type{32, "M_ST_TB_1", observe::Act::report, Element::step, 9},
    Type{33, "M_BO_TB_1", observe::Act::report, Element::bits, 12},
    Type{34, "M_ME_TD_1", observe::Act::report, Element::normalised, 10},
    Type{35, "M_ME_TE_1", observe::Act::report, Element::scaled, 10},
    Type{36, "M_ME_TF_1", observe::Act::report, Element::real, 12},
    Type{37, "M_IT_TB_1", observe::Act::report, Element::counter, 12},
    Type{38, "M_EP_TD_1", observe::Act::alarm, Element::none, 10},
    Type{39, "M_EP_TE_1", observe::Act::alarm, Element::none, 11},
    Type{40, "M_EP_TF_1", observe::Act::alarm, Element::none, 11},
    Type{45, "C_SC_NA_1", observe::Act::write, Element::command_1, 1},
    Type{46, "C_DC_NA_1", observe::Act::write, Element::command_2, 1},
    Type{47, "C_RC_NA_1", observe::Act::write, Element::command_step, 1},
    Type{48, "C_SE_NA_1", observe::Act::write, Element::set_normalised, 3},
    Type{49, "C_SE_NB_1", observe::Act::write, Element::set_scaled, 3},
    Type{50, "C_SE_NC_1", observe::Act::write, Element::set_real, 5},
    Type{51, "C_BO_NA_1", observe::Act::write, Element::bits, 4},
    Type{58, "C_SC_TA_1", observe::Act::write, Element::command_1, 8},
    Type{59, "C_DC_TA_1", observe::Act::write, Element::command_2, 8},
    Type{60, "C_RC_TA_1", observe::Act::write, Element::command_step, 8},
    Type{61, "C_SE_TA_1", observe::Act::write, Element::set_normalised, 10},
    Type{62, "C_SE_TB_1", observe::Act::write, Element::set_scaled, 10},
    Type{63, "C_SE_TC_1", observe::Act::write, Element::set_real, 12},
    Type{64, "C_BO_TA_1", observe::Act::write, Element::bits, 11},
    Type{70, "M_EI_NA_1", observe::Act::report, Element::qualifier, 1},
    Type{100, "C_IC_NA_1", observe::Act::read, Element::qualifier, 1},
    Type{101, "C_CI_NA_1", observe::Act::read, Element::qualifier, 1},
    Type{102, "C_RD_NA_1", observe::Act::read, Element::none, 0},
    Type{103, "C_CS_NA_1", observe::Act::time_set, Element::clock, 7},
    Type{104, "C_TS_NA_1", observe::Act::diagnose, Element::none, 2},
    Type{105, "C_RP_NA_1", observe::Act::reset, Element::qualifier, 1},
    Type{106, "C_CD_NA_1", observe::Act::time_set, Element::none, 2},
    Type{107, "C_TS_TA_1", observe::Act::diagnose, Element::none, 9},
    Type{110, "P_ME_NA_1", observe::Act::configure, Element::normalised, 3},
    Type{111, "P_ME_NB_1", observe::Act::configure, Element::scaled, 3},
    Type{112, "P_ME_NC_1", observe::Act::configure, Element::real, 5},
    Type{113, "P_AC_NA_1", observe::Act::configure, Element::qualifier, 1},
    Type{120, "F_FR_NA_1", observe::Act::file_read, Element::file, 6},
    Type{121, "F_SR_NA_1", observe::Act::file_read, Element::file, 7},
    Type{122, "F_SC_NA_1", observe::Act::file_read, Element::file, 4},
    Type{123, "F_LS_NA_1", observe::Act::file_read, Element::file, 5},
    Type{124, "F_AF_NA_1", observe::Act::file_read, Element::file, 4},
    Type{125, "F_SG_NA_1", observe::Act::file_read, Element::file, 4}, // and as many bytes as its fourth says
    Type{126, "F_DR_TA_1", observe::Act::browse, Element::file, 13},
    Type{127, "F_SC_NB_1", observe::Act::file_read, Element::file, 16},
};

/// Never nothing: what nobody knows is an operation all the same.
constexpr Type find_type(std::uint8_t id) noexcept {
    for (const auto& type : types)
        if (type.id == id) return type;
    return {.id = id};
}

/// Causes of transmission, 7.2.3.
enum Cause : std::uint8_t {
    periodic = 1,
    spontaneous = 3,
    requested = 5,
    activation = 6,
    confirmed = 7,
    deactivation = 8,
    deactivated = 9,
    terminated = 10,
    file_transfer = 13,
    interrogated = 20,
    counters_last = 41,
    unknown_type = 44,
    unknown_object = 47,
};

constexpr std::string_view cause_name(std::uint32_t cause) noexcept {
    switch (cause) {
    case 7:
    case 9:
        return "refused";
    case 44:
        return "unknown type";
    case 45:
        return "unknown cause";
    case 46:
        return "unknown common address";
    case 47:
        return "unknown object";
    default:
        return {};
    }
}

} // namespace yagura::dissect::iec104
