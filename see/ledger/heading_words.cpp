#include "see/ledger/heading_words.h"

#include <algorithm>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "see/ledger/normal.h"

namespace yagura::see::ledger {
namespace {

struct Row {
    Meaning meaning;
    std::string_view
        words; ///< as people write them; "~" before one that counts wherever it stands in a heading
};
constexpr Meaning none{};

constexpr Row table[]{
    {{Field::number, 3},
     "~管理番号|~資産番号|~資産管理番号|~固定資産番号|設備番号|機器番号|管理No|資産No|設備No|機器No|台帳番号|"
     "台帳No|管理コード|"
     "設備コード|資産コード|機器コード|設備記号|asset number|asset no|asset id|asset tag|asset "
     "code|equipment number|"
     "equipment no|equipment id|inventory number|inventory no|control number|tag number|tag no"},
    {{Field::number, 2},
     "機器ID|管理ID|設備ID|資産ID|装置番号|装置No|号機|機番号|端末番号|device id|id|tag|タグ番号|タグNo"},
    {{Field::number, 1}, "No|番号|項番|通番|連番|#|項目番号|number|コード|code"},
    {{Field::name, 3},
     "機器名称|機器名|設備名称|設備名|装置名称|装置名|端末名|端末名称|device name|equipment name|asset "
     "name|machine name"},
    {{Field::name, 2},
     "ホスト名|コンピュータ名|コンピュータ名称|PC名|マシン名|サーバ名|品名|資産名|資産名称|機械名|機械名称|"
     "host name|computer name|"
     "system name|hostname|device|equipment|設備|装置|機器"},
    {{Field::name, 1}, "名称|名前|name|用途名|件名|ユニット名"},
    {{Field::ip, 3},
     "~IPアドレス|IP|~IPv4アドレス|IPv4|~IPv6アドレス|IPv6|~IP address|IP addr|ipaddr|IP adr|固定IP|IPv4 "
     "address|IPv6 address"},
    {{Field::mac, 3},
     "~MACアドレス|MAC|~MAC address|MAC addr|~物理アドレス|physical "
     "address|イーサネットアドレス|ハードウェアアドレス|~ethernet "
     "address|hardware address|MACID"},
    {{Field::vendor, 3},
     "メーカー|メーカー名|製造メーカー|機器メーカー|製造元|製造者|製造会社|製造業者|製作会社|製作者|製造者名|"
     "製造元名|maker|"
     "manufacturer|メーカー名称|製造所|製作所"},
    {{Field::vendor, 2}, "vendor|brand|ブランド|make"},
    {{Field::vendor, 1}, "ベンダー|ベンダー名"},
    {{Field::product, 3},
     "型式|型番|形式|型名|形名|機器型式|機器型番|製品型番|製品型式|メーカー型番|メーカー型式|型式番号|"
     "型番型式|型式型番|品番|"
     "model|model number|model no|model name|part number|part no|product code|product number|type "
     "code|catalog number"},
    {{Field::product, 2},
     "機種|機種名|モデル|モデル名|製品名|製品|商品名|製品番号|product|product name|order code"},
    {{Field::product, 1}, "仕様|規格|type no"},
    {{Field::serial, 3},
     "~製造番号|製番|~シリアル|~シリアル番号|シリアルNo|S/N|SN|機械番号|機番|製造No|製品シリアル|~serial "
     "number|serial|serial no|"
     "serial num|ser no"},
    {{Field::firmware, 3},
     "FW|F/"
     "W|ファームウェア|ファームウエア|ファーム|FWバージョン|FW版数|ファームウェアバージョン|"
     "ファームウエアバージョン|ファームバージョン|ファーム版数|firmware|"
     "firmware version|fw ver|fw version|FWVer|ファームVer|firmware ver|firmware revision"},
    {{Field::firmware, 2},
     "バージョン|version|Ver|版数|ソフトバージョン|ソフトウェアバージョン|software version|S/W "
     "Ver|ソフトVer|revision|rev|リビジョン"},
    {{Field::kind, 3},
     "種別|機器種別|設備種別|端末種別|装置種別|資産種別|機器区分|設備区分|資産区分|機器分類|設備分類|"
     "資産分類|種類|機器種類|device type|"
     "device kind|equipment type|asset type|asset class|機器タイプ"},
    {{Field::kind, 2}, "区分|分類|カテゴリ|カテゴリー|タイプ|type|kind|category|class|role|役割|用途区分"},
    {{Field::line, 3},
     "ライン|ライン名|製造ライン|生産ライン|ライン名称|設置ライン|使用ライン|line|line name|production "
     "line|ラインNo|ライン番号"},
    {{Field::line, 2}, "工程|工程名|工程名称|製造工程|process|cell|セル|ショップ|shop|系列"},
    {{Field::place, 3},
     "~設置場所|設置先|設置位置|設置エリア|設置建屋|設置箇所|使用場所|保管場所|location|installation "
     "location|installed at"},
    {{Field::place, 2},
     "場所|建屋|建物|棟|階|フロア|フロアー|エリア|ロケーション|部屋|室名|制御盤|制御盤名|盤名|盤|ラック|"
     "事業所|工場|工場名|place|site|"
     "building|floor|area|room|panel|cabinet|rack|plant|拠点|拠点名"},
    {{Field::department, 3},
     "管理部署|管理部門|管理部署名|所管部署|所管部門|所管|主管部署|主管部門|主管課|管理課|責任部署|担当部署|"
     "担当部門|owner department|"
     "responsible department|保全部署"},
    {{Field::department, 2},
     "部署|部署名|部門|部門名|課|課名|所属|所属部署|使用部署|使用部門|利用部署|利用部門|管理元|department|"
     "dept|division|section"},
    {{Field::owner, 3},
     "管理責任者|責任者|管理者|設備責任者|責任者名|管理責任者名|管理者名|資産管理者|機器管理者|person in "
     "charge|responsible|responsible "
     "person|owner|owner name|administrator"},
    {{Field::owner, 2},
     "担当者|担当|担当者名|設備担当者|設備担当|管理担当者|管理担当|保全担当|保全担当者|使用者|利用者|"
     "使用者名|利用者名|user|user name|username|contact person|"
     "custodian|pic"},
    {{Field::owner, 1}, "氏名"},
    {{Field::contact, 3},
     "~連絡先|内線|内線番号|電話|電話番号|TEL|緊急連絡先|メールアドレス|メール|contact|phone|phone "
     "number|telephone|tel no|extension|ext|"
     "email|e-mail|email address|mail|mail address|携帯|携帯番号|PHS"},
    {{Field::criticality, 3},
     "~重要度|重要性|重要度ランク|重要ランク|管理ランク|設備ランク|criticality|importance|business impact"},
    {{Field::criticality, 2}, "ランク|優先度|影響度|priority|rank|severity|設備等級|等級"},
    {{Field::maintenance, 3},
     "~保守時間|保守時間帯|メンテナンス時間|メンテナンス時間帯|メンテ時間|保全時間|保全時間帯|停止可能時間|"
     "停止可能時間帯|停止可能日時|停止可能日|作業可能時間|"
     "作業可能時間帯|メンテナンスウィンドウ|計画停止|計画停止日|maintenance window|maintenance "
     "time|maintenance hours|"
     "downtime window|service window"},
    {{Field::maintenance, 2}, "保守|保全|メンテナンス|maintenance"},
    {{Field::supplier, 3},
     "購入先|購入先名|業者|業者名|納入業者|納入先業者|納入元|保守業者|保守会社|保守先|保守委託先|委託先|"
     "仕入先|販売店|販売元|調達先|導入業者|施工業者|"
     "工事業者|設置業者|取引先|商社|代理店|リース会社|SIer|supplier|dealer|reseller|distributor|integrator|"
     "system "
     "integrator|purchased from|maintenance company|保守ベンダー|購入業者"},
    {{Field::note, 3},
     "備考|備考欄|摘要|メモ|コメント|特記事項|注記|その他|note|notes|remark|remarks|comment|comments|memo"},
    {{Field::note, 1}, "用途|説明|使用目的|目的|description|内容|purpose"},
    {none, "~サブネット|~マスク|~netmask|~subnet|~ゲートウェイ|~ゲートウエイ|~gateway|GW|デフォルトGW|DNS|~"
           "DNSサーバ|~NTPサーバ|NTP|~接続先|~相手先|~通信先|"
           "~宛先|~旧IP|~変更前|VLAN|VLANID|VLAN番号|ポート|ポート番号|接続ポート|port|port "
           "number|ネットワークアドレス|network address|~年月|年月日|日付|"
           "購入日|導入日|設置日|更新日|登録日|作成日|検収日|廃棄日|棚卸日|確認日|日|~期限|date|年度|~価格|~"
           "金額|~単価|数量|台数|個数|quantity|qty|状態|"
           "ステータス|status|~有無|~パスワード|~password|OS|OSバージョン|OS名|operating system|os "
           "version|MACアドレス認証|保証期間|耐用年数|消費電力|重量"},
};

struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>{}(text);
    }
};

struct Words {
    std::unordered_map<std::string, Meaning, Hash, std::equal_to<>> exact{};
    std::vector<std::pair<std::string, Meaning>>
        anywhere{};          ///< the longest first, those that say "none" before all
    std::size_t longest = 0; ///< bytes
};

const Words& words() {
    static const auto all = [] {
        Words out;
        for (const auto& row : table)
            for (std::string_view rest{row.words}; !rest.empty();) {
                const auto end = std::min(rest.find('|'), rest.size());
                auto word = rest.substr(0, end);
                const bool anywhere = word.starts_with('~');
                if (anywhere) word.remove_prefix(1);
                const auto form = compared(word);
                out.longest = std::max(out.longest, form.size());
                if (anywhere) out.anywhere.emplace_back(form, row.meaning);
                out.exact.emplace(form, row.meaning);
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
        std::ranges::stable_sort(out.anywhere, [](const auto& a, const auto& b) {
            if (a.second.field.has_value() != b.second.field.has_value()) return !a.second.field;
            return a.first.size() > b.first.size();
        });
        return out;
    }();
    return all;
}

std::optional<Meaning> exact(std::string_view form) {
    const auto found = words().exact.find(form);
    if (found == words().exact.end()) return {};
    return found->second;
}

constexpr std::size_t ending_least = 6; ///< bytes: two characters of Japanese

/// Japanese has its head at the end: "製造ライン名" is a ライン名. English says it with whole words.
std::optional<Meaning> ending(std::string_view form, std::string_view spelled) {
    for (auto length = std::min(form.size(), words().longest); length >= ending_least; --length) {
        const auto tail = form.substr(form.size() - length);
        const auto first = static_cast<unsigned char>(tail[0]);
        if (first >= 0xc0)
            if (const auto found = exact(tail)) return found;
    }
    for (auto at = spelled.find(' '); at != spelled.npos; at = spelled.find(' ', at + 1))
        if (const auto found = exact(compared(spelled.substr(at + 1)))) return found;
    return {};
}

/// Numbers behind, marks before and behind: "IPアドレス②", "※管理番号", "【設備名】:".
std::string core(std::string_view text) {
    static constexpr std::string_view marks[]{"*",  "※",  "●", "■", "◆", "○", "◎", "・",
                                              "【", "】", "[", "]", "<", ">", ":"};
    auto out = compared(text);
    for (bool found = true; found;) {
        found = false;
        for (const auto mark : marks) {
            if (out.starts_with(mark)) out.erase(0, mark.size()), found = true;
            if (out.ends_with(mark)) out.resize(out.size() - mark.size()), found = true;
        }
        while (out.size() > 1 && out.back() >= '0' && out.back() <= '9') out.pop_back(), found = true;
    }
    return out;
}

std::optional<Meaning> of_one(std::string_view part) {
    const auto all = plain(part);
    std::string_view spelled{all};
    const auto open = spelled.find('(');
    std::string_view remark;
    if (open != spelled.npos) {
        remark = spelled.substr(open + 1, spelled.find(')', open) - open - 1);
        spelled = spelled.substr(0, open);
    }
    const auto form = core(spelled);
    if (const auto found = exact(compared(spelled))) return found; // "IPv4" ends with a number.
    if (const auto found = exact(form)) return found;
    for (const auto& [word, meant] : words().anywhere)
        if (form.contains(word)) return meant;
    if (const auto found = ending(form, spelled)) return found;
    return remark.empty() ? std::nullopt : exact(core(remark));
}

constexpr std::string_view between = " / ";
constexpr std::size_t heading_most = 128; ///< bytes; what is longer is a sentence

} // namespace

std::optional<Meaning> meaning(std::string_view heading) {
    if (heading.size() > heading_most) return {};
    const auto cut = heading.rfind(between);
    if (cut == heading.npos) return of_one(heading);
    const auto above = heading.substr(0, cut), below = heading.substr(cut + between.size());
    if (const auto found = exact(core(std::string{above}.append(below)))) return found;
    const auto own = of_one(below), parent = of_one(above);
    // "メーカー / 名称" is a maker, "ネットワーク / 名称" a name.
    if (own && (own->rank != 1 || !parent || !parent->field)) return own;
    return parent;
}

} // namespace yagura::see::ledger
