#include "see/ledger/kinds.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "see/ledger/normal.h"

namespace yagura::see::ledger {
namespace {

using Roles = std::array<std::string_view, 10>;
struct Kind {
    std::string_view words; ///< with blanks between them
    Roles roles;
};

constexpr Roles controllers{"plc", "safety_controller", "remote_io", "rtu"};
constexpr Roles computers{
    "workstation", "engineering_station", "scada_server", "historian", "opc_server", "mes", "erp", "server",
    "hmi",         "virtual_host"};

/// The first that fits counts: the narrower word before the wider.
constexpr std::array kinds{
    Kind{"安全PLC セーフティ safetyplc safetycontroller", {"safety_controller", "plc"}},
    Kind{"リモートI/O remoteI/O 分散I/O I/Oユニット", {"remote_io"}},
    Kind{"ロボット robot", {"robot"}},
    Kind{"CNC 工作機械 マシニング NC装置", {"cnc"}},
    Kind{"インバータ サーボ drive inverter servo", {"drive"}},
    Kind{"PLC シーケンサ sequencer プログラマブルコントローラ", controllers},
    Kind{"タッチパネル 表示器 GOT HMI 操作盤 operatorpanel touchpanel", {"operator_panel", "hmi"}},
    Kind{"SCADA 監視サーバ 中央監視", {"scada_server", "hmi", "server"}},
    Kind{"ヒストリアン historian データ収集", {"historian", "server"}},
    Kind{"シリアルサーバ serialserver", {"serial_server", "gateway"}},
    Kind{"時刻サーバ NTP", {"time_server", "server"}},
    Kind{"サーバ server NAS", computers},
    Kind{"パソコン PC 端末 workstation laptop desktop", computers},
    Kind{"カメラ camera", {"camera"}},
    Kind{"バーコード barcode コードリーダ", {"barcode_reader"}},
    Kind{"プリンタ printer 複合機", {"printer"}},
    Kind{"アクセスポイント 無線AP accesspoint", {"access_point", "wireless_bridge"}},
    Kind{"ファイアウォール firewall UTM", {"firewall", "router"}},
    Kind{"ルータ router", {"router", "firewall"}},
    Kind{"スイッチ ハブ switch hub L2SW L3SW", {"switch", "router"}},
    Kind{"ゲートウェイ gateway 変換器", {"gateway", "serial_server"}},
    Kind{"保護リレー protectionrelay", {"protection_relay"}},
    Kind{"電力計 計測器 メーター meter", {"meter"}},
    Kind{"センサ sensor", {"sensor"}},
};

/// With the words in the form of compared().
struct Row {
    std::vector<std::string> words;
    std::span<const std::string_view> roles;
};
const std::vector<Row>& rows() {
    static const auto made = [] {
        std::vector<Row> out;
        for (const auto& kind : kinds) {
            auto& row = out.emplace_back();
            row.roles = kind.roles;
            for (auto rest = kind.words; !rest.empty();) {
                const auto end = std::min(rest.find(' '), rest.size());
                row.words.push_back(compared(rest.substr(0, end)));
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
        }
        return out;
    }();
    return made;
}

} // namespace

Fits fits(std::string_view kind, std::string_view role) {
    if (role.empty() || role == "unknown") return Fits::unknown;
    const auto word = compared(kind);
    if (word.empty()) return Fits::unknown;
    for (const auto& row : rows())
        if (std::ranges::any_of(row.words, [&](const std::string& one) { return word.contains(one); }))
            return std::ranges::find(row.roles, role) != row.roles.end() ? Fits::yes : Fits::no;
    return Fits::unknown;
}

} // namespace yagura::see::ledger
