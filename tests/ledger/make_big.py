#!/usr/bin/env python3
"""Writes a plant's ledger of 3,000 rows, the devices that are seen there, and what differs between the two.

usage: make_big.py --out FOLDER [--rows 3000] [--seed 4]

ledger.csv     CP932, quoted and written as people write: full width, half-width katakana, dashes of every kind, leading zeros
devices.json   [{"id", "name", "ips", "macs", "vendor", "product", "serial", "firmware", "line"}]: an unknown value is ""
planted.json   {"rows", "same": [number], "different": [{"number", "device", "field", "ledger", "seen"}], "unseen": [number],
                "not_in_ledger": [device id]}
               Every number and every device stands in one of the four lists. What is only written differently is the same.
"""

import argparse
import csv
import io
import json
import pathlib
import random

MAKERS = [  # in the ledger, as the network tells it, product, short name of the machine
    (["三菱電機", "三菱電機㈱", "三菱", "Mitsubishi"], "Mitsubishi Electric Corporation", "Q03UDVCPU", "PLC"),
    (["オムロン", "ｵﾑﾛﾝ", "OMRON", "オムロン株式会社"], "OMRON Corporation", "NX102-9000", "PLC"),
    (["キーエンス", "ｷｰｴﾝｽ", "KEYENCE"], "KEYENCE CORPORATION", "KV-8000", "PLC"),
    (["横河電機", "Yokogawa"], "Yokogawa Electric Corporation", "FA-M3V", "PLC"),
    (["シーメンス", "Siemens"], "Siemens AG", "6ES7-315-2EH14", "PLC"),
    (["安川電機", "YASKAWA"], "YASKAWA ELECTRIC CORPORATION", "MP3300", "PLC"),
    (["プロフェイス", "Pro-face", "デジタル"], "Digital Electronics Corporation", "GP-4601T", "表示器"),
    (["モクサ", "MOXA"], "Moxa Technologies", "EDS-408A", "SW"),
    (["コンテック", "CONTEC"], "CONTEC CO., LTD.", "BX-220", "PC"),
]
LINES = ["組立1", "組立2", "塗装", "プレス", "溶接", "検査", "出荷", "充填"]
PEOPLE = ["髙木", "山﨑", "佐藤", "鈴木", "德永", "渡邊"]
FIELDS = ["name", "ip", "mac", "vendor", "product", "serial", "firmware", "line"]
HEAD = ["管理番号", "設備名", "IPアドレス", "MACアドレス", "メーカー", "型式", "製造番号", "FW", "ライン", "設置場所", "管理部署", "担当者", "内線", "重要度", "備考"]
FULL = str.maketrans({c: chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
DASHES = ["-", "‐", "―", "－", "ー"]


def device(at):
    spelled, vendor, product, short = MAKERS[at % len(MAKERS)]
    line = LINES[at // 400 % len(LINES)]
    return {
        "id": at + 1,
        "name": f"{line}-{short}-{at + 1:04}",
        "ips": [f"10.{20 + at // 250}.{at // 250 % 4}.{at % 250 + 1}"],
        "macs": [f"00:1b:1b:{at >> 16 & 255:02x}:{at >> 8 & 255:02x}:{at & 255:02x}"],
        "vendor": vendor,
        "product": product,
        "serial": f"SN{at * 7919 % 1_000_003:07}",
        "firmware": f"1.{at % 40:02}",
        "line": line,
    }


def changed(field, now, other):
    """What the ledger says where it says something else: never a way to write the same."""
    return {
        "name": now["name"] + " 旧",
        "ip": "10.99." + ".".join(now["ips"][0].split(".")[2:]),
        "mac": "00:80:f4" + now["macs"][0][8:],
        "vendor": other[0][0],
        "product": other[2] + "X",
        "serial": now["serial"] + "9",
        "firmware": "0.9",
        "line": LINES[(LINES.index(now["line"]) + 1) % len(LINES)],
    }[field]


def as_written(chance, row):
    """As people type it, meaning the same. CP932 has no U+2010 but 0x815D, which is it."""
    out = dict(row)
    octets = out["ip"].split(".")
    out["ip"] = chance.choice([out["ip"], ".".join(o.zfill(3) for o in octets), out["ip"].translate(FULL), out["ip"] + "/24"])
    digits = out["mac"].replace(":", "")
    pairs = [digits[i : i + 2] for i in range(0, 12, 2)]
    out["mac"] = chance.choice([out["mac"], chance.choice(DASHES).join(pairs).upper(), digits.upper(), ":".join(pairs).translate(FULL),
                                ".".join(digits[i : i + 4] for i in (0, 4, 8))])
    if chance.random() < 0.3:
        out["product"] = out["product"].replace("-", chance.choice(DASHES))
    if chance.random() < 0.2:
        out["product"] = out["product"].translate(FULL)
    if chance.random() < 0.2:
        out["name"] = out["name"].translate(FULL)
    return out


def row_of(chance, number, now, spelled):
    maker = MAKERS[(now["id"] - 1) % len(MAKERS)]
    return {"number": number, "name": now["name"], "ip": now["ips"][0], "mac": now["macs"][0], "vendor": chance.choice(maker[0]),
            "product": now["product"], "serial": now["serial"], "firmware": now["firmware"], "line": now["line"], "place": spelled,
            "department": "生産技術課", "owner": chance.choice(PEOPLE), "contact": str(chance.randrange(1000, 9999)),
            "criticality": chance.choice(["高", "中", "低", "A", "B", "C", "◎", "○", "△"]),
            "note": chance.choice(["", "", "予備あり", '"旧"設備, 更新予定', "2行の\n備考", "①②㈱髙﨑"])}


def plant(rows, seed):
    chance = random.Random(seed)
    devices, ledger = [], []
    planted = {"rows": rows, "same": [], "different": [], "unseen": [], "not_in_ledger": []}
    for at in range(rows):
        now, number = device(at), f"K{at + 1:05}"
        row = row_of(chance, number, now, f"{chance.choice('ABC')}棟 {chance.randrange(1, 4)}F")
        if at % 20 == 7:  # 5 %: not seen any more
            planted["unseen"].append(number)
        elif at % 10 == 3:  # 10 %: each field in turn
            field = FIELDS[at // 10 % len(FIELDS)]
            row[field] = changed(field, now, MAKERS[(at + 4) % len(MAKERS)])
            seen = {"ip": now["ips"][0], "mac": now["macs"][0]}.get(field) or now[field]
            planted["different"].append({"number": number, "device": now["id"], "field": field, "ledger": row[field], "seen": seen})
            devices.append(now)
        else:
            planted["same"].append(number)
            devices.append(now)
        ledger.append(as_written(chance, row))
    for at in range(rows, rows + rows // 50):  # 2 %: nobody wrote them down
        now = device(at)
        devices.append(now)
        planted["not_in_ledger"].append(now["id"])
    chance.shuffle(devices)
    return ledger, devices, planted


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--out", type=pathlib.Path, required=True)
    options.add_argument("--rows", type=int, default=3000)
    options.add_argument("--seed", type=int, default=4)
    wanted = options.parse_args()
    ledger, devices, planted = plant(wanted.rows, wanted.seed)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["ネットワーク機器台帳"])
    writer.writerow([])
    writer.writerow(HEAD)
    writer.writerows(row.values() for row in ledger)
    wanted.out.mkdir(parents=True, exist_ok=True)
    (wanted.out / "ledger.csv").write_bytes(text.getvalue().encode("cp932"))
    (wanted.out / "devices.json").write_text(json.dumps(devices, ensure_ascii=False, indent=1) + "\n")
    (wanted.out / "planted.json").write_text(json.dumps(planted, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
