#include "spine/wire/enterprises.h"

#include <algorithm>
#include <iterator>

namespace yagura::wire {
namespace {

struct Maker {
    std::uint32_t number;
    std::string_view name;
};
/// Of those that are found in plants; by number. Net-SNMP's own (8072) and UC Davis' (2021) say nothing of a
/// maker.
constexpr Maker makers[]{
    {2, "IBM"},
    {9, "Cisco"},
    {11, "Hewlett-Packard"},
    {43, "3Com"},
    {63, "Apple"},
    {95, "Rockwell Automation"},
    {116, "Hitachi"},
    {119, "NEC"},
    {171, "D-Link"},
    {186, "Toshiba"},
    {207, "Allied Telesis"},
    {211, "Fujitsu"},
    {248, "Hirschmann"},
    {253, "Xerox"},
    {266, "Nexans"},
    {278, "APRESIA"},
    {297, "FUJIFILM"},
    {311, "Microsoft"},
    {318, "APC"},
    {367, "Ricoh"},
    {368, "Axis"},
    {388, "Symbol"},
    {409, "Mitsubishi Electric"},
    {476, "Vertiv"},
    {534, "Eaton"},
    {641, "Lexmark"},
    {674, "Dell"},
    {1182, "Yamaha"},
    {1248, "Seiko Epson"},
    {1347, "Kyocera"},
    {1602, "Canon"},
    {1916, "Extreme Networks"},
    {1991, "Brocade"},
    {2011, "Huawei"},
    {2356, "LANCOM"},
    {2435, "Brother"},
    {2636, "Juniper"},
    {3833, "Schneider Electric"},
    {4196, "Siemens"},
    {4329, "Siemens"},
    {4346, "Phoenix Contact"},
    {4413, "Broadcom"},
    {4526, "Netgear"},
    {4881, "Ruijie"},
    {5227, "Buffalo"},
    {5597, "Meinberg"},
    {5624, "Enterasys"},
    {6527, "Nokia"},
    {6574, "Synology"},
    {6876, "VMware"},
    {7427, "Yokogawa"},
    {8691, "Moxa"},
    {10297, "Advantech"},
    {11863, "TP-Link"},
    {12356, "Fortinet"},
    {13576, "WAGO"},
    {14823, "Aruba"},
    {14988, "MikroTik"},
    {16177, "Westermo"},
    {16838, "Omron"},
    {18334, "Konica Minolta"},
    {24681, "QNAP"},
    {25053, "Ruckus"},
    {25157, "Beckhoff"},
    {25461, "Palo Alto Networks"},
    {25506, "H3C"},
    {28381, "Red Lion"},
    {28558, "Keyence"},
    {30065, "Arista"},
    {39165, "Hikvision"},
    {41112, "Ubiquiti"},
};
constexpr bool sorted() noexcept {
    for (std::size_t i = 1; i < std::size(makers); ++i)
        if (makers[i - 1].number >= makers[i].number) return false;
    return true;
}
static_assert(sorted());

} // namespace

std::string_view enterprise(std::uint32_t number) noexcept {
    const auto found = std::ranges::lower_bound(makers, number, {}, &Maker::number);
    return found != std::end(makers) && found->number == number ? found->name : std::string_view{};
}

} // namespace yagura::wire
