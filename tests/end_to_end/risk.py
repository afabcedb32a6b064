#!/usr/bin/env python3
"""The risk of every device of the recorded plant, computed again from what is shown and nothing else: points from counts, sums from
points, the score from three sums. With lines, a ledger, advisories and a list of what is exploited brought, who counts as an outsider
is who plant.toml makes ask from another subnet, what stands is what /stops says, a decision about a vulnerability and an approval
lower the score to what was foretold, and all of it is the same after kill -9.

usage: risk.py YAGURA      exit: 0 passed, 1 failed
"""

import csv
import io
import ipaddress
import json
import math
import sys
import time
import urllib.parse

import needs as plant
from programs import Client, read_in_peace, running, sign_in

wrong = plant.wrong
check = plant.check
FACTORS = ("exposure", "weakness", "consequence")
CRITICALITY = {"press-plc": "高", "press-drive": "中", "office-printer": "低"}


def half_up(value):
    return math.floor(value + 0.5)


def vulnerability_points(one):
    whole = one["score"] * 5 + (20 if one["exploited"] else 0) + one["likelihood"] * 10
    return half_up(whole * one["share"] / 100 + 1e-9)


def points_of(term):
    """As docs/operating/risk.md says it, of what the answer shows."""
    if "worst" in term:
        return vulnerability_points(term["worst"])
    return min(term["most"], term["first"] + (term["count"] - 1) * term["further"])


def recomputed(risk):
    score, told = 1, []
    for factor in FACTORS:
        sum_of = risk[factor]
        for term in sum_of["terms"]:
            if points_of(term) != term["points"]:
                told.append(f"{term['term']} is shown with {term['points']}, and is {points_of(term)}")
            for one in [term["worst"]] if "worst" in term else term.get("others", []):
                if vulnerability_points(one) != one["points"]:
                    told.append(f"{one['advisory']} is shown with {one['points']}, and is {vulnerability_points(one)}")
        total = sum(points_of(term) for term in sum_of["terms"])
        if total != sum_of["total"] or min(100, total) != sum_of["value"]:
            told.append(f"{factor} is shown as {sum_of['total']}, {sum_of['value']}, and is {total}")
        score *= min(100, total)
    return half_up(score / 10_000), score, told


def all_risks(client, query=""):
    rows, cursor = [], ""
    while True:
        status, page = client.ask("GET", f"/risk?limit=1000{query}" + (f"&cursor={cursor}" if cursor else ""), timeout=60)
        check(status == 200, f"risks are given: {status} {page if status != 200 else page['sum']}")
        rows += page["devices"]
        cursor = page.get("next_cursor", "")
        if not cursor:
            return rows, page


def of(client, device):
    return client.ask("GET", f"/devices/{device}/risk", timeout=60)[1]


def term_of(risk, name):
    return next((term for factor in FACTORS for term in risk[factor]["terms"] if term["term"] == name), {"count": 0, "points": 0, "things": []})


def every_device(client, rows):
    worse = []
    for row in rows:
        risk = of(client, row["device"]["id"])
        score, exact, told = recomputed(risk)
        shown = (risk["score"], risk["exact"], risk["exposure"]["value"], risk["weakness"]["value"], risk["consequence"]["value"])
        if told or shown[:2] != (score, exact) or (row["score"], row["exposure"], row["weakness"], row["consequence"]) != (shown[0], *shown[2:]):
            worse.append((row["device"]["name"], told, shown, score))
        if not all(one["after"] <= one["before"] == risk["score"] for one in risk["actions"]) or risk["after_all"] > risk["score"]:
            worse.append((row["device"]["name"], risk["actions"], risk["after_all"]))
    check(not worse, f"the scores of {len(rows)} devices are those that the shown terms give: {worse[:2]}")


def advisory(id, vendor, product, version, score, cve):
    return {
        "document": {"category": "csaf_security_advisory", "csaf_version": "2.0", "title": f"A request stops {product}", "publisher": {"category": "vendor", "name": "Example", "namespace": "https://example.com"},
                     "tracking": {"id": id, "version": "1", "status": "final", "initial_release_date": "2026-01-02T00:00:00Z", "current_release_date": "2026-02-03T00:00:00Z", "revision_history": []}},
        "product_tree": {"branches": [{"category": "vendor", "name": vendor, "branches": [{"category": "product_name", "name": product, "branches": [{"category": "product_version_range", "name": version, "product": {"product_id": "P", "name": f"{product} {version}"}}]}]}]},
        "vulnerabilities": [{"cve": cve, "notes": [{"category": "summary", "text": "Nobody checks it."}], "product_status": {"known_affected": ["P"]}, "scores": [{"products": ["P"], "cvss_v3": {"baseScore": score, "vectorString": "CVSS:3.1/AV:N", "version": "3.1"}}]}],
    }


def bring(client, name, body):
    status, told = client.ask("POST", f"/weaknesses/feeds?name={name}", body if isinstance(body, bytes) else json.dumps(body).encode(), timeout=60)
    check(status == 201, f"{name} is taken: {status} {told if status != 201 else ''}")


def asked_from_elsewhere(name):
    """Devices of the truth that ask this one from another subnet."""
    addresses = {device["name"]: device["ip"] for device in plant.TRUTH["devices"]}
    net = lambda who: {ipaddress.ip_network(f"{one}/24", strict=False) for one in addresses.get(who, [])}
    return {one["client"] for one in plant.TRUTH["needs"] if one["server"] == name and one["client"] in addresses and addresses[one["client"]] and not net(one["client"]) & net(name)}


def decide(client, device, advisory, state):
    body = {"device": device, "advisory": advisory, "state": state}
    if state in ("accepted", "mitigated"):
        body["reason"] = "behind a firewall"
    if state == "accepted":
        body["until"] = "2099-03-31"
    status, told = client.ask("PUT", "/weaknesses/state", body)
    check(status == 200, f"{advisory} is {state}: {status} {told if status != 200 else ''}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with running(sys.argv[1], "risk", wrong) as (yagura, above):
        client = Client(yagura.port, sign_in(above / "data", yagura.port))
        read_in_peace(client, plant.CAPTURE)
        until = time.monotonic() + 120
        while len(plant.names_of(client)) < len(plant.TRUTH["devices"]) and time.monotonic() < until:
            time.sleep(0.5)
        time.sleep(2)
        names = plant.names_of(client)
        ids = {name: id for id, name in names.items()}
        begun = time.monotonic()
        rows, page = all_risks(client)
        print(f"  {len(rows)} devices, the first answer in {time.monotonic() - begun:.2f} s")
        check({row["device"]["id"] for row in rows} <= set(names) and len(rows) >= len(plant.TRUTH["devices"]) - 2, f"{len(rows)} of {len(names)} devices have a risk")
        check(all("no_advisories" in row["terms"] for row in rows), "without advisories that counts, for each, and is not nothing")
        every_device(client, rows)
        best = client.ask("GET", "/risk/actions?limit=50")[1]
        check(any(one["kind"] == "bring_advisories" and one["device_count"] == len(rows) and one["at_best"] for one in best["actions"]), "to bring advisories is an action for all of them")

        lines = {name: client.ask("POST", "/lines", {"name": name, "subnets": [str(net)]})[1]["id"] for name, net in plant.SUBNETS.items()}
        address = {device["name"]: device["ip"][0] for device in plant.TRUTH["devices"] if device["ip"]}
        ledger = "機器名称,IPアドレス,重要度\r\n" + "".join(f"{name},{address[name]},{word}\r\n" for name, word in CRITICALITY.items())
        file = client.ask("POST", "/ledger/files?name=daicho.csv", ledger.encode("cp932"))[1]
        check(client.ask("POST", f"/ledger/files/{file['id']}/import", {"mapping": file["mapping"], "how": "replace"})[0] == 200, "a ledger is imported")
        devices = {names[one["id"]]: one for one in client.ask("GET", "/devices?limit=1000")[1]["devices"]}
        press, silent = devices["press-plc"], devices["mc-plc-1"]  # The second does not tell its firmware.
        bring(client, "a.json", advisory("EX-1", press["vendor"], press["product"], f"<= {press['firmware']}", 9.8, "CVE-2026-1000"))
        bring(client, "b.json", advisory("EX-2", press["vendor"], press["product"], f"<= {press['firmware']}", 5.3, "CVE-2026-1001"))
        bring(client, "c.json", advisory("EX-3", silent["vendor"], silent["product"], "<= 9.9", 7.5, "CVE-2026-1002"))
        time.sleep(3)
        rows, page = all_risks(client)
        every_device(client, rows)
        check(not any("no_advisories" in row["terms"] for row in rows), "once there are advisories nobody waits for them")

        outsiders = {name: {names.get(one["id"], one["name"]) for one in term_of(of(client, ids[name]), "outsiders")["things"]} for name in ("press-plc", "weld-plc", "mc-plc-1")}
        for name, found in outsiders.items():
            wanted = asked_from_elsewhere(name)
            check(found == wanted, f"who asks {name} from another network: {sorted(found)} {'' if found == wanted else sorted(wanted)}")
        risk = of(client, ids["press-plc"])
        stops = client.ask("GET", f"/stops?device={ids['press-plc']}")[1]["rows"]
        check(term_of(risk, "stands")["count"] == sum(1 for one in stops if one["stands"]) and term_of(risk, "waits")["count"] == sum(1 for one in stops if not one["stands"]), f"what stops with it is what /stops says: {len(stops)}")
        check([one["name"] for one in term_of(risk, "no_login")["things"]] == ["modbus"], "it obeys Modbus without a login")
        for name, term in (("press-plc", "critical_high"), ("press-drive", "critical_medium"), ("office-printer", "critical_low"), ("weld-plc", "critical_unknown")):
            check(term_of(of(client, ids[name]), term)["points"] > 0, f"the criticality of {name}: {term}")
        worst = term_of(risk, "worst_vulnerability")["worst"]
        check((worst["advisory"], worst["score"], worst["share"], worst["verdict"]) == ("EX-1", 9.8, 100, "affected") and term_of(risk, "further_vulnerabilities")["count"] == 1, f"the worst of two counts whole: {worst['points']} points")
        needed = term_of(of(client, ids["mc-plc-1"]), "worst_vulnerability").get("worst", {})
        check(needed.get("share") == 50 and needed.get("missing") == "firmware", f"where a fact is missing half counts: {needed}")

        before = risk["score"]
        bring(client, "kev.json", {"title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2026.01.01", "dateReleased": "2026-01-01T00:00:00Z", "count": 1, "vulnerabilities": [
            {"cveID": "CVE-2026-1000", "vendorProject": "x", "product": "x", "vulnerabilityName": "x", "dateAdded": "2026-01-01", "shortDescription": "x", "requiredAction": "x", "dueDate": "2026-02-01", "knownRansomwareCampaignUse": "Known", "notes": ""}]})
        bring(client, "epss.csv", b"#model_version:v1,score_date:2026-01-01T00:00:00+0000\ncve,epss,percentile\nCVE-2026-1000,0.42,0.9\n")
        risk = of(client, ids["press-plc"])
        check(risk["score"] > before and term_of(risk, "worst_vulnerability")["points"] == half_up(9.8 * 5 + 20 + 4.2), f"exploited, and likely: {before} → {risk['score']}")
        foretold(client, names, ids, risk)
        groups(client, lines)
        files(client)
        same = ["/risk?limit=1000", "/risk/lines", "/risk/lines?by=network", "/risk/lines?by=level", "/risk/actions", f"/devices/{ids['press-plc']}/risk"]
        answers = [client.ask("GET", path, timeout=60) for path in same]
        yagura.kill("center")
        time.sleep(1)
        yagura.wait()
        client.close()
        for path, answer in zip(same, answers):
            check(client.ask("GET", path, timeout=60) == answer, f"after kill -9 {path.split('?')[0]} is what was answered")
        client.close()
    return 1 if wrong else 0


def foretold(client, names, ids, risk):
    """What an action says it does is what doing it does."""
    id = ids["press-plc"]
    update = next((one for one in risk["actions"] if one["kind"] == "update"), None)
    check(update is not None and risk["actions"][0]["after"] <= update["after"], f"an update is among the three that lower it most: {[(one['kind'], one['after']) for one in risk['actions']]}")
    scores = [risk["score"]]
    for state in ("accepted", "mitigated", "patched"):
        decide(client, id, "EX-1", state)
        now = of(client, id)
        check(recomputed(now)[0] == now["score"], f"recomputed with EX-1 {state}: {now['score']}")
        scores.append(now["score"])
    check(scores == sorted(scores, reverse=True) and scores[-1] < scores[0], f"open, accepted, mitigated, patched: {scores}")
    decide(client, id, "EX-2", "patched")
    check(update is not None and of(client, id)["score"] == update["after"], f"updated, its score is what was foretold: {update and update['after']}")
    for one in ("EX-1", "EX-2"):
        decide(client, id, one, "open")
    check(of(client, id)["score"] == risk["score"], "and back")

    best = client.ask("GET", "/risk/actions?limit=50", timeout=60)[1]
    lowered = [one["lowers"] for one in best["actions"]]
    check(lowered == sorted(lowered, reverse=True) and best["after_all"]["sum"] <= min(one["after"]["sum"] for one in best["actions"]), f"of {best['action_count']} actions those that lower most are first: {lowered[:5]}")
    waiting = next((one for one in best["actions"] if one["kind"] == "decide_peer"), None)
    check(waiting is not None and waiting["at_best"], "to decide about a device is an action, at best: it may be refused")
    if waiting:
        status, told = client.ask("POST", "/approvals", {"devices": [waiting["id"]], "state": "approved"})
        check(status == 200, f"{waiting['name']} is approved: {status} {told if status != 200 else ''}")
        time.sleep(4)
        after = client.ask("GET", "/risk?limit=1", timeout=60)[1]["sum"]
        check(after == waiting["after"], f"all {waiting['device_count']} devices that it talks with are where it was foretold: {after['sum']}, {waiting['after']['sum']}")


def groups(client, lines):
    rows, page = all_risks(client)
    high, medium = (sum(1 for row in rows if low <= row["score"] < top) for low, top in ((50, 101), (20, 50)))
    check((page["sum"]["high"], page["sum"]["medium"], page["sum"]["devices"], page["sum"]["highest"]) == (high, medium, len(rows), max(row["score"] for row in rows)), f"the plant: {page['sum']}")
    check(page["bins"] == [sum(1 for row in rows if min(9, row["score"] // 10) == at) for at in range(10)], f"how they are spread: {page['bins']}")
    for by, key in (("line", lambda row: row.get("line", {}).get("id", "none")), ("network", lambda row: row.get("network", "none")), ("level", lambda row: row.get("level", "none"))):
        found = client.ask("GET", f"/risk/lines?by={by}")[1]["groups"]
        wanted = {}
        for row in rows:
            wanted.setdefault(key(row), []).append(row["score"])
        told = {one["id"]: (one["devices"], one["highest"], one["high"], one["medium"]) for one in found}
        check(told == {id: (len(all), max(all), sum(1 for one in all if one >= 50), sum(1 for one in all if 20 <= one < 50)) for id, all in wanted.items()}, f"by {by}: {told}")
        for one in found[:3]:
            some, _ = all_risks(client, f"&{by}={urllib.parse.quote(one['id'], safe='')}")
            check(len(some) == one["devices"], f"and the list of {one['id']} has its {one['devices']}")
    press = client.ask("GET", f"/risk/actions?line={lines['press']}")[1]
    check(1 <= len(press["actions"]) <= 3 and press["before"]["devices"] == sum(1 for row in rows if row.get("line", {}).get("id") == lines["press"]), f"what lowers the press most: {[(one['kind'], one.get('name'), one['lowers']) for one in press['actions']]}")
    for sort in ("score", "exposure", "weakness", "consequence"):
        values = [row[sort] for row in client.ask("GET", f"/risk?sort={sort}&limit=1000")[1]["devices"]]
        check(values == sorted(values, reverse=True), f"sorted by {sort}")
    some, _ = all_risks(client, "&band=medium&band=high")
    check(len(some) == high + medium, f"{len(some)} are medium or high")
    some, _ = all_risks(client, "&term=no_login")
    check(some and all("no_login" in row["terms"] for row in some), f"{len(some)} obey without a login")


def files(client):
    rows, _ = all_risks(client)
    status, body = client.ask("GET", "/risk/export?lang=ja", as_bytes=True, timeout=60)
    table = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    check(status == 200 and [int(row["リスク"]) for row in table] == [row["score"] for row in rows], f"the file has {len(table)} rows, in the order of their risk")
    check(any("認証なしで操作できる" in row["弱点の内訳"] for row in table), "with the terms in plain words")
    status, body = client.ask("GET", "/risk/export?format=xlsx&band=medium", as_bytes=True, timeout=60)
    check(status == 200 and body.startswith(b"PK"), "and is a workbook, too")


if __name__ == "__main__":
    sys.exit(main())
