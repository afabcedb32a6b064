#!/usr/bin/env python3
"""Who may be on the network, against a center that runs: a plant is let in by its ledger, a laptop until a date that then
passes, one device is kept out; another device at a known address and a card that calls itself something else wait again.
The list for access control says so, and kill -9 changes nothing. A merge and a split that are taken back leave every
answer as it was, to the byte.

usage: approvals.py YAGURA      exit: 0 passed, 1 failed
"""

import datetime
import json
import random
import sys
import time
import urllib.parse

from ledger import NOW, Device, as_cp932, capture
from programs import PASSWORD, Client, read_in_peace, running, sign_in

DEVICES, LEFT_OUT = 40, 5
wrong = []


def check(what, told):
    print(("  ok    " if what else "  WRONG ") + told, flush=True)
    if not what:
        wrong.append(told)


def devices_of(client):
    return {one["address"]: one for one in client.ask("GET", "/devices?limit=1000")[1]["devices"]}


def until(holds, seconds=30):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def raw(client, path):
    client.connection.request("GET", "/api/v1" + path, headers={"Authorization": f"Bearer {client.token}"})
    answer = client.connection.getresponse()
    return answer.status, answer.read()


def everything(client, ids):
    """All that anybody can ask about these devices."""
    paths = ["/devices?limit=1000", "/devices/facets", "/approvals?limit=1000", "/lines", "/ledger/lists/same?limit=1000"]
    paths += [f"/devices/{one}{rest}" for one in ids for rest in ("", "/history", "/peers", "/evidence")]
    return {path: json.dumps(without_time(client.ask("GET", path)), sort_keys=True) for path in paths}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    rng = random.Random(47)
    plant = [Device(index, rng) for index in range(DEVICES)]
    for device in plant:
        device.maker = 1 if device.maker == 47 else device.maker  # Omron comes later.
    asker = Device(DEVICES + 100, rng)
    asker.ip, asker.last = "10.20.0.254", NOW
    rows = [{"number": f"A-{one.index}", "name": f"設備{one.index}", "ip": one.ip, "mac": one.mac_text, "owner": "田中"} for one in plant[LEFT_OUT:]]
    with running(sys.argv[1], "approvals", wrong) as (yagura, above):
        client = Client(yagura.port, sign_in(above / "data", yagura.port))
        (above / "plant.pcap").write_bytes(capture(plant, asker))
        read_in_peace(client, above / "plant.pcap")
        check(until(lambda: len(devices_of(client)) == DEVICES + 1), f"{DEVICES + 1} devices")
        check(all(one["approval"] == {"state": "pending", "why": "new"} for one in devices_of(client).values()), "each of them waits: nobody has decided yet")
        by_ledger(client, rows, plant)
        guests(client, plant)
        others(client, above, plant, asker)
        lists(client, plant)
        taken_back(client, plant)
        same = ["/devices?limit=1000", "/approvals?limit=1000", "/approvals?list=rejected", "/approvals/known"]
        before = [without_time(client.ask("GET", path)) for path in same]
        yagura.kill("center")
        time.sleep(1)
        yagura.wait()
        client.close()
        for path, answer in zip(same, before):
            check(without_time(client.ask("GET", path)) == answer, f"after kill -9 {path.split('?')[0]} is what was answered")
    return 1 if wrong else 0


def without_time(answer):
    status, body = answer
    return status, {name: value for name, value in body.items() if name != "as_of"}


def by_ledger(client, rows, plant):
    status, file = client.ask("POST", "/ledger/files?name=daicho.csv", as_cp932(rows))
    status, _ = client.ask("POST", f"/ledger/files/{file['id']}/import", {"mapping": file["mapping"], "how": "replace"})
    check(status == 200, f"the ledger is imported: {status}")
    known = client.ask("GET", "/approvals/known")[1]
    check((known["total"], known["waiting"], known["not_in_ledger"]) == (len(rows), DEVICES + 1, LEFT_OUT + 1), f"what approving by the ledger would approve: {known['total']} of {known['waiting']}")
    ids = [one["id"] for one in known["devices"]]
    begun = time.monotonic()
    status, done = client.ask("POST", "/approvals", {"devices": ids, "state": "approved", "reason": "台帳と一致"})
    check(status == 200 and done["devices"] == len(rows), f"they are approved at once: {status} in {time.monotonic() - begun:.2f} s")
    now = devices_of(client)
    check(all(now[one.ip]["approval"]["state"] == "approved" for one in plant[LEFT_OUT:]), "each of them, and whoever reads next finds it")
    check(all(now[one.ip]["approval"]["state"] == "pending" for one in plant[:LEFT_OUT]), "and nobody else")
    said = now[plant[9].ip]["approval"]
    check(said["by"] == "admin" and said["reason"] == "台帳と一致" and "at" in said, f"with who, when and why: {said}")
    check(now[plant[9].ip]["ledger"]["owner"] == "田中", "beside whose it is, as the ledger says")
    counts = client.ask("GET", "/overview")[1]["approvals"]
    check(counts == {"waiting": LEFT_OUT + 1, "changed": 0, "expired": 0, "decided": len(rows)}, f"the overview counts them: {counts}")
    for owner, many in (("田中", len(rows)), ("none", LEFT_OUT + 1)):
        found = client.ask("GET", f"/devices?limit=1&owner={urllib.parse.quote(owner)}")[1]["total"]
        check(found == many, f"{found} devices of owner {owner}")


def guests(client, plant):
    now = devices_of(client)
    one, two = now[plant[0].ip]["id"], now[plant[1].ip]["id"]
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)).isoformat().replace("+00:00", "Z")
    for body, why in (({"devices": [one], "state": "rejected"}, "a rejection without a reason"), ({"devices": [one], "state": "temporary", "reason": "x"}, "a date that is none"),
                      ({"devices": [one], "state": "temporary", "reason": "x", "until": "2001-01-01T00:00:00Z"}, "a date that is past")):
        status, refused = client.ask("POST", "/approvals", body)
        check(status == 400 and refused["code"] in ("model.no-reason", "model.bad-date"), f"{why} is refused: {status} {refused.get('code')}")
    check(client.ask("POST", "/approvals", {"devices": [one, "d0-4711"], "state": "approved"})[0] == 404, "and whoever is not there")
    check(devices_of(client)[plant[0].ip]["approval"]["state"] == "pending", "then nothing of it is recorded")
    status, _ = client.ask("POST", "/approvals", {"devices": [one], "state": "temporary", "until": soon, "reason": "外注の調整"})
    check(status == 200, f"a guest until a date: {status}")
    listed = [row for row in client.ask("GET", "/approvals?limit=1000")[1]["rows"] if row["device"] == one]
    check(len(listed) == 1 and listed[0]["state"] == "temporary" and "until" in listed[0], "is in the list with the date")
    check(until(lambda: devices_of(client)[plant[0].ip]["approval"]["state"] == "expired", 10), "and expires by the clock")
    check(not any(row["device"] == one for row in client.ask("GET", "/approvals?limit=1000")[1]["rows"]), "then it is not in the list any more")
    check(client.ask("GET", "/devices?view=to_approve&limit=1")[1]["total"] == LEFT_OUT + 1, "and waits for a decision again")
    check(client.ask("POST", "/approvals", {"devices": [two], "state": "rejected", "reason": "持ち主が分からない"})[0] == 200, "another is rejected")
    rejected = client.ask("GET", "/approvals?list=rejected")[1]["rows"]
    check([row["mac"] for row in rejected] == [plant[1].mac_text], f"and stands in the list of those: {rejected}")


def others(client, above, plant, asker):
    replaced, same_card, corrected = plant[10], plant[11], plant[12]
    before = devices_of(client)
    number = before[corrected.ip]["id"]
    check(client.ask("PATCH", f"/devices/{number}", {"role": "robot", "name": "溶接ロボット"})[0] == 200, "a role is corrected")
    intruder = Device(500, random.Random(3))
    intruder.ip, intruder.maker = replaced.ip, 47
    same_card.maker, old = 47, same_card.maker
    later = [intruder, same_card, corrected]
    for one in later:
        one.last = NOW + 7200
    (above / "later.pcap").write_bytes(capture(later, asker))
    read_in_peace(client, above / "later.pcap")
    def approval(device):
        return client.ask("GET", f"/devices/{device}")[1]["summary"]["approval"]
    card = before[same_card.ip]["id"]
    check(until(lambda: approval(card)["state"] == "pending"), "a card that calls itself something else waits again")
    said = approval(card)
    check(said["why"] == "vendor" and "omron" in said["to"].lower(), f"and it says why: {said} (maker was {old})")
    def at_address():
        return [one for one in client.ask("GET", "/devices?limit=1000")[1]["devices"] if one.get("mac") == intruder.mac_text]
    check(until(lambda: len(at_address()) == 1), "another device is at a known address")
    found = at_address()[0]["approval"]
    check(found["state"] == "pending" and found["why"] == "address" and found["to"] == replaced.ip, f"it waits, and it says whose address that was: {found}")
    check(approval(before[replaced.ip]["id"])["state"] == "approved", "the device that was there keeps its approval")
    counts = client.ask("GET", "/overview")[1]["approvals"]
    check(counts["changed"] == 2, f"the overview counts both: {counts}")
    history = client.ask("GET", f"/devices/{card}/history")[1]["entries"]
    check(any(one["kind"] == "approval" and one["by"] == "rule" for one in history) and any(one["kind"] == "approval" and one["by"] == "person" for one in history), "its history has both words")
    one = client.ask("GET", f"/devices/{number}")[1]["summary"]
    check((one["role"], one["name"]) == ("robot", "溶接ロボット"), "what was corrected is as it was corrected, whatever was seen")


def lists(client, plant):
    rows = client.ask("GET", "/approvals?limit=1000")[1]["rows"]
    check({row["mac"] for row in rows} == {one.mac_text for one in plant[LEFT_OUT:] if one is not plant[11]}, f"the list for access control: {len(rows)} cards")
    check(all(row["owner"] == "田中" and (row.get("ips") or row["mac"] == plant[10].mac_text) for row in rows), "each with its addresses, where it has any, and its owner")
    client.ask("GET", "/session")
    status, csv = raw(client, "/approvals/export?lang=ja")
    check(status == 200 and csv.startswith(b"\xef\xbb\xbf") and plant[20].mac_text.encode() in csv and "担当者".encode() in csv, f"as CSV: {status} {csv[:300]!r}")
    status, book = raw(client, "/approvals/export?format=xlsx")
    check(status == 200 and book[:2] == b"PK", "and as a workbook")
    person = Client(client.port)
    status, session = person.ask("POST", "/session", {"name": "admin", "password": PASSWORD})
    status, token = person.ask("POST", "/tokens", {"name": "line", "rights": ["device.look", "device.edit"], "days": 1}, {"Cookie": person.cookie, "X-CSRF-Token": session["csrf_token"]})
    check(status == 201, f"a token that may not approve: {status}")
    other = Client(client.port, token["secret"])
    check(other.ask("POST", "/approvals", {"devices": [rows[0]["device"]], "state": "approved"})[0] == 403, "is refused")
    check(other.ask("GET", "/approvals?limit=1")[0] == 200, "and may look")


def taken_back(client, plant):
    now = devices_of(client)
    one, two = now[plant[20].ip]["id"], now[plant[21].ip]["id"]
    time.sleep(1.5)  # What was corrected above is in every list.
    before = everything(client, [one, two])
    status, merged = client.ask("POST", f"/devices/{two}/merge", {"into": one})
    check(status == 200, f"two devices become one: {status}")
    check(client.ask("GET", f"/devices/{two}")[1]["summary"]["id"] == one, "whoever asks for the one gets the other")
    status, split = client.ask("POST", f"/devices/{one}/split", {"addresses": [plant[20].mac_text]})
    check(status == 200, f"and two again, by hand: {status} {split if status != 200 else ''}")
    check(client.ask("POST", f"/regroupings/{merged['undo']}/undo")[0] == 409, "the merge cannot be taken back before the split")
    for what in (split, merged):
        status, answer = client.ask("POST", f"/regroupings/{what['undo']}/undo")
        check(status == 200, f"it is taken back: {status} {answer if status != 200 else ''}")
    until(lambda: everything(client, [one, two]) == before, 10)
    after = everything(client, [one, two])
    check(after == before, f"{len(before)} answers are as they were, to the byte {[path for path in before if before[path] != after[path]]}")


if __name__ == "__main__":
    sys.exit(main())
