#!/usr/bin/env python3
"""The plant's own words beside what is seen: the recorded plant is brought, then a list of device comments for a controller of
each maker, as its tool writes it. Which tool it was and whose list it is are found; the words stand beside operations, registers,
exports and in the search; a list is replaced and taken out; all of it stays after kill -9; a broken file changes nothing.

usage: comments.py YAGURA      exit: 0 passed, 1 failed
"""

import csv
import io
import json
import pathlib
import sys
import time

from programs import Client, read_in_peace, running, sign_in

CAPTURE = pathlib.Path(__file__).resolve().parent.parent / "captures/plant/smoke.pcap.zst"
wrong = []


def check(what, told):
    print(("  ok    " if what else "  WRONG ") + told, flush=True)
    if not what:
        wrong.append(told)


def gx(rows):
    return "\r\n".join(["デバイス名,コメント", *(f"{address},{comment}" for address, comment in rows), ""]).encode("cp932")


def utf16(text):
    return b"\xff\xfe" + text.encode("utf-16-le")


# By address: the file's name, its bytes, what it is taken for, and what has to stand beside which object.
LISTS = {
    "10.10.4.10": ("加工1号.csv", gx([("D0000", "ﾜｰｸ有り"), ("M0", "自動運転中"), ("D0200", "送り速度"), ("D9999", "だれも読まない")]),
                   ("gx_works", "melsec"), {"D0": "ワーク有り", "M0": "自動運転中"}),
    "10.10.5.10": ("塗装.txt", "名称\tデータ型\tアドレス\tコメント\tラック位置\t使用\r\nBooth_Temp\tCHANNEL\tDM00000\tブース温度\t\t\r\nRun\tBOOL\t0.00\t運転中\t\t\r\n".encode("cp932"),
                   ("cx_programmer", "omron"), {"D0": "ブース温度"}),
    "10.10.2.10": ("溶接.sdf", "\"Weld_Current            \",\"DB      1\",\"DB      1\",\"溶接条件\"\n\"Start\",\"I       0.0\",\"BOOL      \",\"起動\"\n".encode("cp932"),
                   ("step7", "siemens"), {"DB1.DBB0": "溶接条件"}),
    "10.10.3.10": ("組立.CSV", b"remark,\"CSV-Import-Export\"\r\n0.3\r\nTYPE,SCOPE,NAME,DESCRIPTION,DATATYPE,SPECIFIER,ATTRIBUTES\r\n"
                   b"TAG,,Count,\"$751F$7523$6570\",\"DINT\",\"\",\"\"\r\nTAG,,Speed,\"$901F$5EA6\",\"REAL\",\"\",\"\"\r\n",
                   ("studio_5000", "logix"), {"Count": "生産数", "Speed": "速度"}),
    "10.10.1.10": ("プレス.csv", utf16("レジスタ\t内容\r\n40001\tスライド位置\r\n40101\t送り速度\r\n00001\t起動\r\n"),
                   ("other", "modbus"), {"holding register 0": "スライド位置", "coil 0": "起動"}),
}


def import_one(client, devices, address):
    name, body, (tool, notation), _ = LISTS[address]
    status, file = client.ask("POST", f"/comments/files?name=list-{address}.csv", body)
    check(status == 201, f"{name} is taken: {status} {file if status != 201 else ''}")
    check((file["tool"], file["mapping"]["notation"]) == (tool, notation), f"it is a list of {file['tool']} in the notation {file['mapping']['notation']}")
    check(file["problem_count"] == 0 and file["words"] >= 2, f"{file['words']} words, {file['problems'][:2]}")
    fits = {one["device"]["id"]: one for one in file["suggested"]}
    mine = fits.get(devices[address], {"found": 0, "seen": 0})
    check(mine["found"] > 0, f"it fits {address}: {mine['found']} of {mine['seen']} objects have a word in it; {len(fits)} controllers are proposed")
    status, made = client.ask("POST", f"/comments/files/{file['id']}/import", {"mapping": file["mapping"], "of": [{"device": devices[address]}]})
    check(status == 200 and made["words"] == file["words"], f"it is kept: {status} {made if status != 200 else made['id']}")
    return made["id"]


def operations(client, query):
    status, page = client.ask("GET", f"/operations?limit=1000&{query}")
    check(status == 200, f"operations are given: {status}")
    return page["operations"]


def beside(client, devices):
    for address, (_, _, _, wanted) in LISTS.items():
        objects = client.ask("GET", f"/devices/{devices[address]}/objects?limit=1000")[1]["objects"]
        found = {one["object"]: one["comment"]["text"] for one in objects if "comment" in one}
        check(all(found.get(name) == text for name, text in wanted.items()), f"registers of {address} have their words: {found}")
        seen = {one["object"]: one.get("comment", {}).get("text") for one in operations(client, f"device={devices[address]}") if "object" in one and one["whom"].get("id") == devices[address]}
        check(all(seen.get(name) == text for name, text in wanted.items() if name in seen), f"and operations: {[(name, seen.get(name)) for name in wanted]}")


def search(client, devices):
    hits = client.ask("GET", "/search?q=%E3%83%AF%E3%83%BC%E3%82%AF")[1]["hits"]
    check([(hit["kind"], hit.get("id"), hit.get("object")) for hit in hits] == [("object", devices["10.10.4.10"], "D0")], f"a search for what it is called finds the register: {hits}")
    found = operations(client, "q=%E3%83%AF%E3%83%BC%E3%82%AF")
    check(found and all(one["object"] == "D0" and one["whom"]["id"] == devices["10.10.4.10"] for one in found), f"and its {len(found)} operations")
    rows = client.ask("GET", f"/devices/{devices['10.10.4.10']}/objects?q=%E3%83%AF%E3%83%BC%E3%82%AF")[1]["objects"]
    check({one["object"] for one in rows} == {"D0"}, "and the register in its list")


def exported(client, devices):
    for path, many in (("/operations/export?lang=ja&q=%E3%83%AF%E3%83%BC%E3%82%AF", None), (f"/devices/{devices['10.10.4.10']}/objects/export?lang=ja", None)):
        status, body = client.ask("GET", path, as_bytes=True)
        rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
        check(status == 200 and any(row.get("コメント") == "ワーク有り" for row in rows), f"{path.split('?')[0]} has a column of them: {status}, {len(rows)} rows")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with running(sys.argv[1], "comments", wrong) as (yagura, above):
        client = Client(yagura.port, sign_in(above / "data", yagura.port))
        read_in_peace(client, CAPTURE)
        devices, until = {}, time.monotonic() + 60
        while not devices.keys() >= LISTS.keys() and time.monotonic() < until:
            time.sleep(0.3)
            devices = {one.get("address"): one["id"] for one in client.ask("GET", "/devices?limit=1000")[1]["devices"]}
        check(devices.keys() >= LISTS.keys(), f"{len(devices)} devices are seen")
        ids = {address: import_one(client, devices, address) for address in LISTS}
        beside(client, devices)
        search(client, devices)
        exported(client, devices)
        change(client, devices, ids)
        broken(client)
        before = [client.ask("GET", path) for path in ("/comments", f"/comments/{ids['10.10.4.10']}/words", "/operations?q=%E5%9C%A8%E5%B8%AD&limit=5")]
        yagura.kill("center")
        time.sleep(1)
        yagura.wait()
        client.close()
        for path, answer in zip(("/comments", f"/comments/{ids['10.10.4.10']}/words", "/operations?q=%E5%9C%A8%E5%B8%AD&limit=5"), before):
            check(client.ask("GET", path) == answer, f"after kill -9 {path.split('?')[0]} is what was answered")
        audit = client.ask("GET", "/audit?limit=100")[1]
        check("importComments" in json.dumps(audit) and "deleteComments" in json.dumps(audit), "who did it is in the audit log")
    return 1 if wrong else 0


def change(client, devices, ids):
    """A newer list in the place of the old one, a list given away, a list taken out."""
    press, machining = ids["10.10.1.10"], ids["10.10.4.10"]
    status, file = client.ask("POST", "/comments/files?name=new.csv", gx([("D0", "ワーク在席"), ("XG", "読めない")]))
    check(status == 201 and file["problems"][0]["code"] == "comments.not-an-address" and (file["problems"][0]["row"], file["problems"][0]["column"]) == (3, 1),
          f"what is no address is named by row and column: {file['problems']}")
    asked = {"mapping": file["mapping"], "replaces": machining}
    status, refused = client.ask("POST", f"/comments/files/{file['id']}/import", asked)
    check(status == 409 and refused["code"] == "comments.has-problems", f"and nothing is taken: {status}")
    status, made = client.ask("POST", f"/comments/files/{file['id']}/import", asked | {"skip_problems": True})
    check(status == 200 and made["id"] == machining and [one["device"]["id"] for one in made["of"]] == [devices["10.10.4.10"]], f"a list is replaced, and stays its controller's: {status}")
    check(bool(operations(client, "q=%E5%9C%A8%E5%B8%AD")) and not operations(client, "q=%E3%83%AF%E3%83%BC%E3%82%AF%E6%9C%89%E3%82%8A"), "its new words count, its old ones do not")
    status, _ = client.ask("PATCH", f"/comments/{press}", {"of": []})
    check(status == 200 and not any("comment" in one for one in client.ask("GET", f"/devices/{devices['10.10.1.10']}/objects")[1]["objects"]), "a list of no controller says nothing")
    check(client.ask("PATCH", f"/comments/{press}", {"of": [{"device": "d0-99999"}]})[0] == 404, "it cannot be of what is not there")
    check(client.ask("DELETE", f"/comments/{press}")[0] == 204 and client.ask("GET", f"/comments/{press}")[0] == 404, "a list is taken out")


def broken(client):
    before = client.ask("GET", "/comments")[1]
    body = gx([("D0", "ワーク"), ("D1", "速度")])
    status, refused = client.ask("POST", "/comments/files?name=cut.csv", body[:-6] + b"\x81\x20\r\n")
    check(status == 400 and "row" in json.dumps(refused), f"bytes that are no characters are named by row: {status} {refused.get('where')}")
    status, file = client.ask("POST", "/comments/files?name=none.csv", "あ,い\n1,2\n".encode())
    check(status == 201 and file["words"] == 0, "a table without addresses has no words")
    check(client.ask("POST", f"/comments/files/{file['id']}/import", {"mapping": file["mapping"]})[0] == 409, "and is not kept")
    check(client.ask("GET", "/comments")[1] == before, "the lists are as they were")


if __name__ == "__main__":
    sys.exit(main())
