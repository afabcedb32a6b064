"""Makes requests that should succeed mean something: ids that exist, a cursor that was given out, a real time zone.

A schema can say how an id looks, not which ones there are; asked only for what is not there, handlers would show
nothing but their 404. Requests that schemathesis made wrong on purpose are left as they are, but for the account and
the token that ask: those stay alive. Read by schemathesis ($SCHEMATHESIS_HOOKS); the ids are in $YAGURA_KNOWN.
"""

import datetime
import json
import os
import zlib

import schemathesis

KNOWN = json.load(open(os.environ["YAGURA_KNOWN"]))
MEANS = {"device_id": "devices", "device": "devices", "peer": "devices", "around": "devices", "line_id": "lines", "line": "lines",
         "operation_id": "operations", "sensor_id": "sensors", "capture_id": "captures", "account_id": "accounts",
         "token_id": "tokens"}
PASSWORD = "correct horse battery staple {}"
PCAP = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
DESTROYS = {"deleteAccount", "deleteToken", "deleteCapture", "deleteLine", "resetPassword", "editAccount"}


def pick(kind, value, operation):
    """The same for the same case, so that a run can be repeated; every fourth stays as it came: nothing there."""
    known = KNOWN[kind]
    number = zlib.crc32(f"{operation} {value}".encode())
    if operation == "deleteCapture":
        return f"c0-{1000 + number % 1000}"  # What was read for this test stays; end_to_end removes captures.
    if not known or number % 4 == 3:
        return value if value not in KNOWN["own"] else "none"
    return known[number % len(known)]


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation.definition.raw.get("operationId")
    good = case.meta is None or case.meta.generation.mode.is_positive
    for name, value in dict(case.path_parameters or {}).items():
        if name in MEANS and (good or value in KNOWN["own"] or operation in DESTROYS and value in sum(KNOWN.values(), [])):
            case.path_parameters[name] = pick(MEANS[name], value, operation)
    if not good:
        return
    query = case.query or {}
    query.pop("cursor", None)
    for name in ("device", "peer", "around", "line"):
        if name in query:
            query[name] = pick(MEANS[name], query[name], operation)
    if operation == "askingLog" and "address" in query:
        query["address"] = f"10.0.0.{zlib.crc32(query['address'].encode()) % 256}"
    if "subnet" in query:
        query["subnet"] = f"10.{zlib.crc32(query['subnet'].encode()) % 256}.0.0/16"
    elif operation in ("whatStops", "exportStops") and "device" not in query:
        case.query = {**query, "device": pick("devices", "", operation)}  # That one of the two is needed the schema does not say.
    body = case.body
    if operation == "uploadLedger":
        case.body = "管理番号,機器名称,IPアドレス\r\nA-1,プレス1,10.0.0.1\r\n".encode("cp932")
        return
    if operation == "uploadFeed":
        case.body = b"cve,epss,percentile\nCVE-2024-1000,0.5,0.5\n"
        return
    if operation == "uploadComments":
        case.body = "デバイス名,コメント\r\nD100,ワーク有り\r\n".encode("cp932")
        return
    if operation == "uploadCapture":
        case.body = PCAP
        return
    if not isinstance(body, dict):
        return
    for name in ("password", "new"):
        if name in body and operation != "login":
            body[name] = PASSWORD.format(zlib.crc32(str(body[name]).encode()))
    if "time_zone" in body:
        body["time_zone"] = ("Asia/Tokyo", "UTC", "Europe/Berlin")[len(body["time_zone"]) % 3]
    if operation == "draftAsking":
        # Networks, addresses in them and hours of a week a schema does not describe.
        for i, one in enumerate(body["subnets"]):
            one.update(name=f"Line {i}", network=f"10.{i}.0.0/24", addresses=[f"10.{i}.0.{1 + n}" for n in range(min(len(one["addresses"]), 200))], windows=["Sat 06:00-08:00"])
            one["services"] = sorted(set(one["services"]))
            one.pop("credential", None)
    elif "subnets" in body:
        body["subnets"] = [f"10.{zlib.crc32(one.encode()) % 256}.{i}.0/24" for i, one in enumerate(body["subnets"][:200])]
    if operation == "decideApproval":
        body["reason"] = "for the installation"
        body.pop("until", None)
        if body.get("state") == "temporary":
            body["until"] = f"{datetime.date.today() + datetime.timedelta(days=30)}T00:00:00Z"
    if operation == "decideWeakness":
        body.pop("until", None)
        if body.get("state") in ("accepted", "mitigated"):
            body["reason"] = "behind a firewall"
        if body.get("state") == "accepted":
            body["until"] = f"{datetime.date.today() + datetime.timedelta(days=30)}"
    if operation == "correctDevice" and isinstance(body.get("line"), str):
        body["line"] = pick("lines", body["line"], operation)
    if operation == "createToken":
        body["rights"] = ["device.look"]
