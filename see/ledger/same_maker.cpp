// Makers by all their names.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "see/ledger/normal.h"

namespace yagura::see::ledger {
namespace {

/// A row is one maker, by the names that people write. Behind a name with "*" more may follow (a branch, a
/// division): "三菱電機エンジニアリング" is 三菱電機*, and "三菱自動車" is not 三菱. The longest name that
/// fits decides.
constexpr std::string_view makers[]{
    "三菱電機*|Mitsubishi Electric*|三菱|Mitsubishi|MELCO",
    "三菱重工*|Mitsubishi Heavy Industries*|MHI",
    "三菱化工機*|Mitsubishi Kakoki*",
    "オムロン*|OMRON*|立石電機*",
    "キーエンス*|KEYENCE*",
    "横河電機*|横河|Yokogawa*|横河ソリューションサービス*",
    "富士電機*|Fuji Electric*|発紘電機*|Hakko Electronics*|MONITOUCH*",
    "富士通|Fujitsu|FCNT",
    "富士フイルム*|Fujifilm*|富士ゼロックス*|Fuji Xerox*",
    "日立|日立製作所*|Hitachi|日立産機*|Hitachi Industrial Equipment Systems*",
    "日立造船*|Hitachi Zosen*",
    "日立建機*|Hitachi Construction Machinery*",
    "東芝|Toshiba|東芝インフラシステムズ*|東芝三菱電機産業システム*|TMEIC",
    "東芝テック*|Toshiba Tec*",
    "芝浦機械*|東芝機械*|Shibaura Machine*|Toshiba Machine*",
    "ファナック*|FANUC*",
    "安川電機*|安川|Yaskawa*",
    "パナソニック*|Panasonic*|SUNX|サンクス*|松下電工*|松下電器*|松下|Matsushita",
    "シュナイダー*|Schneider*|Modicon*|Telemecanique*",
    "プロフェイス*|Pro-face*|Proface*|デジタル|Digital Electronics*",
    "シーメンス*|Siemens*",
    "ロックウェル*|Rockwell*|Allen-Bradley*|Allen Bradley*|AB",
    "ベッコフ*|Beckhoff*",
    "フエニックスコンタクト*|フェニックスコンタクト*|Phoenix Contact*",
    "ワゴ|ワゴジャパン*|WAGO*",
    "アズビル*|azbil|山武|Yamatake*",
    "ジェイテクト*|JTEKT*|豊田工機*|光洋電子*|Koyo",
    "デンソーウェーブ*|デンソー|DENSO WAVE*|DENSO",
    "IDEC|アイデック*|和泉電気*",
    "川崎重工*|カワサキ|Kawasaki|Kawasaki Heavy Industries|川崎ロボット*",
    "不二越|ナチ|NACHI|NACHI-FUJIKOSHI*",
    "エプソン*|セイコーエプソン*|EPSON|Seiko Epson*",
    "SMC|エスエムシー*",
    "CKD|シーケーディ*",
    "コグネックス*|Cognex*",
    "ジック|SICK",
    "モクサ|Moxa*",
    "シスコ|シスコシステムズ*|Cisco|Cisco Systems*",
    "アライドテレシス*|Allied Telesis*",
    "バッファロー*|BUFFALO*|メルコ",
    "エレコム*|ELECOM*|ロジテック*",
    "アイ・オー・データ*|アイオーデータ*|I-O DATA*|IODATA*",
    "ヤマハ|YAMAHA|ヤマハ発動機*",
    "日本電気*|NEC|NECプラットフォームズ*|NEC Platforms*|NECパーソナルコンピュータ*|NEC Personal Computers*",
    "デル|DELL|デルテクノロジーズ*|Dell Technologies*",
    "ヒューレットパッカード*|日本ヒューレットパッカード*|日本HP*|HP|HPE|Hewlett Packard*|Aruba|アルバ",
    "レノボ|Lenovo*|レノボジャパン*",
    "マイクロソフト*|Microsoft*|日本マイクロソフト*",
    "アップル*|Apple",
    "パトライト*|PATLITE*",
    "コンテック*|CONTEC*",
    "アドバンテック*|Advantech*",
    "ハーシュマン*|Hirschmann*|Belden*|ベルデン*",
    "ABB|エービービー",
    "ハネウェル*|Honeywell*|日本ハネウェル*",
    "エマソン*|エマーソン*|Emerson*|日本エマソン*",
    "GE|ゼネラル・エレクトリック*|General Electric*|GE Fanuc*|GE Intelligent Platforms*",
    "ボッシュ*|Bosch|Bosch Rexroth*|Rexroth*|レックスロス*",
    "フェスト*|FESTO",
    "バルーフ|Balluff*",
    "ターク|TURCK",
    "イフエム*|ifm|ifm efector*|ifm electronic*",
    "ピルツ|Pilz",
    "ヒルシャー*|Hilscher*",
    "HMS|HMSインダストリアルネットワークス*|HMS Industrial Networks*|Anybus*",
    "ビーアンドアール*|B&R|B&R Industrial Automation*",
    "エムシステム技研*|エム・システム技研*|エムジー|MG|M-System*",
    "理化工業*|RKC|RKC Instrument*",
    "チノー|CHINO",
    "渡辺電機工業*|Watanabe Electric*",
    "ユニパルス*|UNIPULSE*",
    "東洋電機製造*|Toyo Denki*",
    "日東工業*|NITTO KOGYO*",
    "明電舎|MEIDENSHA*|MEIDEN",
    "新川電機*|Shinkawa*",
    "島津製作所*|島津|Shimadzu",
    "堀場製作所*|堀場|HORIBA*",
    "ブラザー|ブラザー工業*|Brother|Brother Industries*",
    "オークマ|OKUMA",
    "ヤマザキマザック*|マザック*|Mazak|Yamazaki Mazak*",
    "DMG森精機*|森精機|DMG MORI*|MORI SEIKI*",
    "アマダ|AMADA",
    "ソディック*|Sodick*",
    "牧野フライス*|Makino*",
    "コマツ|小松製作所*|Komatsu|コマツ産機*",
    "アイダエンジニアリング*|アイダ|AIDA",
    "村田機械*|ムラテック*|Murata Machinery*|Muratec*",
    "ダイフク*|DAIFUKU*",
    "サトー|SATO",
    "キヤノン*|Canon",
    "リコー|RICOH",
    "京セラ|KYOCERA*|京セラドキュメントソリューションズ*",
    "コニカミノルタ*|Konica Minolta*",
    "ゼブラ|Zebra|Zebra Technologies*",
    "アクシス*|Axis|Axis Communications*",
    "APC|エーピーシー|American Power Conversion*",
    "フォーティネット*|Fortinet*",
    "パロアルト*|Palo Alto*",
    "ジュニパー*|Juniper|Juniper Networks*",
    "エイチ・シー・ネットワークス*|アラクサラ*|ALAXALA*",
    "古河電工*|古河電気工業*|Furukawa|Furukawa Electric*|FITELnet*",
    "パンドウイット*|PANDUIT*",
    "エクストリーム*|Extreme|Extreme Networks*",
    "ネットギア*|NETGEAR*",
    "シノロジー*|Synology*",
    "キューナップ*|QNAP",
    "VMware*|ヴイエムウェア*",
    "Raspberry Pi*|ラズベリーパイ*|ラズパイ*",
};

/// "Co., Ltd." and the like say how a firm is made, not which it is.
constexpr std::string_view legal_words[]{
    "co",  "ltd", "inc", "incorporated", "corp", "corporation", "company", "gmbh", "limited", "ag",      "kg",
    "llc", "sa",  "se",  "bv",           "spa",  "plc",         "&",       "",     "japan",   "ジャパン"};
constexpr std::string_view legal_forms[]{"有限会社", "合同会社", "(有)", "(同)"};

std::string firm(std::string_view text) {
    auto spaced = plain(text);
    std::ranges::replace_if(spaced, [](char c) { return c == ',' || c == '.'; }, ' ');
    std::string out;
    for (std::string_view rest{spaced}; !rest.empty();) {
        const auto end = std::min(rest.find(' '), rest.size());
        const auto word = compared(rest.substr(0, end));
        if (std::ranges::find(legal_words, word) == std::end(legal_words)) out += word;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    for (const auto form : legal_forms)
        if (const auto at = out.find(form); at != out.npos) out.erase(at, form.size());
    return out;
}

struct Alias {
    std::size_t maker;
    bool open; ///< more may follow
};

const std::unordered_map<std::string, Alias>& aliases() {
    static const auto all = [] {
        std::unordered_map<std::string, Alias> out;
        for (std::size_t row = 0; row < std::size(makers); ++row)
            for (std::string_view rest{makers[row]}; !rest.empty();) {
                const auto end = std::min(rest.find('|'), rest.size());
                auto name = rest.substr(0, end);
                const bool open = name.ends_with('*');
                if (open) name.remove_suffix(1);
                out.emplace(firm(name), Alias{row, open});
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
        return out;
    }();
    return all;
}

constexpr std::size_t alias_most = 96; ///< bytes; none is as long

std::size_t maker_of(std::string_view name) {
    for (auto length = std::min(name.size(), alias_most); length > 0; --length)
        if (const auto found = aliases().find(std::string{name.substr(0, length)});
            found != aliases().end() && (found->second.open || length == name.size()))
            return found->second.maker;
    return std::size(makers);
}

} // namespace

bool same_maker(std::string_view a, std::string_view b) {
    const auto first = firm(a), second = firm(b);
    if (first.empty() || second.empty()) return false;
    if (first == second) return true;
    const auto maker = maker_of(first);
    return maker != std::size(makers) && maker == maker_of(second);
}

} // namespace yagura::see::ledger
