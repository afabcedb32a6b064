#!/usr/bin/env python3
"""Compares what Yagura counts with what tshark counts, message by message, on every capture.

    tools/oracle.py [--yagura build/release/yagura] [--captures ../shared/captures] [FILE...]

Functions of Modbus, S7, CIP, EtherNet/IP, FINS, IEC 104, DNP3, BACnet, OPC UA and PROFINET, requests and answers together, as `yagura read` defines `code`. Rules:

* tshark runs with its defaults and again with tcp.reassemble_out_of_order:TRUE. Equal to either is equal.
* A segment that TCP sent again counts once with us. tshark dissects it again where it holds a whole message, so
  its messages in frames that it marks as retransmission are left out, unless we found some there too.
* So are its messages in a frame that is byte for byte the one of a moment ago: a mirror port's copy.
* tshark looks by port, we look by content: for flows that we claim on other ports it is told to decode them so.
* Values are compared where both tell them (--fields, tools/oracle_fields.py): unit, object, quantity, first value.

Every other difference has to stand in tests/oracle/known.toml with its file, frame and reason; one that stands
there and is none (any more) fails too.
"""

import argparse
import collections
import concurrent.futures
import csv
import functools
import json
import pathlib
import re
import subprocess
import sys
import tomllib

import oracle_fields

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT_OF_ORDER = ["-o", "tcp.reassemble_out_of_order:TRUE"]
PORTS = {"modbus": (502, "mbtcp"), "enip": (44818, "enip"), "cotp": (102, "tpkt"), "iec104": (2404, "iec60870_104"), "dnp3": (20000, "dnp3"),
         "opcua": (4840, "opcua"), "mqtt": (1883, "mqtt"), "ads": (48898, "ams"), "hart_ip": (5094, "hart_ip"), "coap": (5683, "coap")}
# Whose codes are those of one column: (protocol, tshark's filter, column, which code a number there is)
ONE_COLUMN = [("ads", "ams", "ams.cmdid", int), ("goose", "goose or r-goose", "goose.numDatSetEntries", lambda _: 1),
              ("ethercat", "ecat", "ecat.cmd", int), ("iec61850_sv", "sv", "sv.noASDU", lambda _: 1), ("mms", "mms", "mms.confirmedServiceRequest", int),
              ("mms", "mms", "mms.confirmedServiceResponse", int), ("mms", "mms", "mms.unconfirmedService", lambda number: 0x100 + number),
              ("hart_ip", "hart_ip", "hart_ip.pt.command", int), ("c37_118", "synphasor", "synphasor.frtype", lambda kind: kind if kind != 4 else None),
              ("c37_118", "synphasor", "synphasor.command", lambda number: 0x100 + number), ("tftp", "tftp", "tftp.opcode", int), ("vrrp", "vrrp", "vrrp.type", int), ("hsrp", "hsrp", "hsrp.opcode", int),
              ("powerlink", "epl", "epl.mtyp", int), ("egd", "egd", "egd.type", int), ("coap", "coap", "coap.code", int), ("rtps", "(rtps and not icmp)", "rtps.sm.id", int),
              ("dhcpv6", "dhcpv6", "dhcpv6.msgtype", lambda number: number if number < 12 else None), ("radius", "radius", "radius.code", lambda number: {2: 1, 3: 1, 11: 1, 5: 4, 41: 40, 42: 40, 44: 43, 45: 43}.get(number, number))]
COUNTED = ("modbus", "s7comm", "cip", "enip", "fins", "iec104", "dnp3", "bacnet", "opcua", "profinet_rt",
           "profinet_cm", "mqtt", *dict.fromkeys(one[0] for one in ONE_COLUMN))
OWN_CODES = {"fins": 0x10000, "iec104": 0x10000, "dnp3": 0x10000, "bacnet": 0x10000, "opcua": 0x10000, "profinet_cm": 0x10000, "ads": 0x10000, "ethercat": 0x400, "rtps": 0x10000, "mms": 0x10000, "hart_ip": 0x10000}  # From there on: the messages of FINS/TCP, APCI, DNP3's link, BVLC and OPC UA's connection, no function of the protocol.
LOWEST = {"powerlink": 0xFF, "rtps": 0x100FF}  # Above it we tell the service and its command, which tshark shows elsewhere.
COLUMNS = [*(one[2] for one in ONE_COLUMN), "frame.number", "modbus.func_code", "cip.service", "enip.command", "s7comm.param.func",
           "s7comm.param.userdata.funcgroup", "s7comm.param.userdata.subfunc", "s7comm.param.modetrans.subfunc", "omron.command", "iec60870_asdu.typeid", "dnp3.al.func",
           "bacapp.confirmed_service", "bacapp.unconfirmed_service", "opcua.servicenodeid.numeric",
           "pn_rt.frame_id", "dcerpc.dg_if_id", "dcerpc.opnum", "mqtt.msgtype",
           "tcp.analysis.retransmission", "tcp.analysis.fast_retransmission", "tcp.analysis.spurious_retransmission",
           "tcp.analysis.out_of_order", "frame.time_epoch", "frame.md5_hash"]
FILTER = ["modbus", "cip", "enip", "s7comm", "omron", "iec60870_asdu", "dnp3", "bacapp", "opcua", "mqtt", "pn_rt", "dcerpc.dg_if_id", *sorted({one[1] for one in ONE_COLUMN})]
COPY_WITHIN = 0.005  # seconds: what a mirror port shows twice counts once with us
WITHOUT_FUNCTION = 0x20000


def numbers(text):
    return [int(part, 0) for part in text.split(",") if part]


def profinet_class(frame_id):
    """As docs/protocols/profinet_rt.md numbers them; nothing for discovery and alarms, which tshark counts otherwise."""
    if frame_id < 0x0100 or frame_id >= 0xFF00:
        return frame_id
    ends = ((0x7FFF, 3), (0xBBFF, 1), (0xBFFF, 2), (0xF7FF, 4), (0xFBFF, 5))
    return next((code for end, code in ends if frame_id <= end), None)


def ours(yagura, file):
    """{protocol: {frame: Counter(code)}}, the server ports of each protocol, {protocol: {frame: [operation]}}."""
    told = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    ports = collections.defaultdict(set)
    operations = collections.defaultdict(lambda: collections.defaultdict(list))
    run = subprocess.Popen([yagura, "read", "--what", "operations", "--format", "ndjson", file], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True)
    for line in run.stdout:
        one = json.loads(line)
        protocol = one["protocol"]
        if protocol in PORTS:
            side = one["src"] if one["phase"] == "response" else one["dst"]
            if one["phase"] != "event" and "port" in side:
                ports[protocol].add(side["port"])
        if protocol not in COUNTED or one["function"] is None:
            continue
        code = one["function"] if isinstance(one["function"], int) else one["code"]
        code &= LOWEST.get(protocol, ~0)
        if code >= OWN_CODES.get(protocol, WITHOUT_FUNCTION):
            continue  # No function stands in that message, so tshark shows none.
        if protocol == "mms" and one["outcome"] == "refused" and one.get("status", 0) >= 0x100:
            continue  # A confirmed error does not say of which service it is; ours is its request's.
        told[protocol][one["frame"]][code] += 1
        if protocol in oracle_fields.COMPARED:
            operations[protocol][one["frame"]].append(one)
    run.wait()
    return told, ports, operations


def decode_as(ports):
    decode = []
    for protocol, (usual, name) in PORTS.items():
        for port in sorted(ports.get(protocol, ())):
            if port != usual and port != 0:
                decode += ["-d", f"{'udp' if protocol == 'coap' else 'tcp'}.port=={port},{name}"]
    return decode


def theirs(file, ports, options, more_columns=()):
    """{protocol: {frame: Counter(code)}}, the frames that come again, and what was printed: [{column: text}]."""
    columns = list(dict.fromkeys([*COLUMNS, *more_columns]))
    rows = []
    told = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    again, last_seen = set(), {}
    decode = decode_as(ports)
    command = ["tshark", "-r", str(file), "-n", "-o", "frame.generate_md5_hash:TRUE", *options, *decode, "-Y", " or ".join(FILTER),
               "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"]
    for column in columns:
        command += ["-e", column]
    run = subprocess.run(command, capture_output=True, text=True)
    for line in run.stdout.splitlines():
        cell = dict(zip(columns, line.split("\t")))
        rows.append(cell)
        frame = int(cell["frame.number"])
        if any(cell[mark] for mark in COLUMNS if mark.endswith("retransmission")):
            again.add(frame)
        at = float(cell["frame.time_epoch"])
        if abs(at - last_seen.get(cell["frame.md5_hash"], -1.0)) <= COPY_WITHIN:
            again.add(frame)
        last_seen[cell["frame.md5_hash"]] = at
        for code in numbers(cell["modbus.func_code"]):
            told["modbus"][frame][code & 0x7F] += 1
        for code in numbers(cell["cip.service"]):
            told["cip"][frame][code & 0x7F] += 1
        for code in numbers(cell["enip.command"]):
            told["enip"][frame][code] += 1
        for code in numbers(cell["s7comm.param.func"]):
            told["s7comm"][frame][code] += 1
        for code in numbers(cell["omron.command"]):
            told["fins"][frame][code] += 1
        for code in numbers(cell["iec60870_asdu.typeid"]):
            told["iec104"][frame][code] += 1
        for code in numbers(cell["dnp3.al.func"]):
            told["dnp3"][frame][code] += 1
        for code in numbers(cell["bacapp.confirmed_service"]):
            told["bacnet"][frame][code] += 1
        for code in numbers(cell["bacapp.unconfirmed_service"]):
            told["bacnet"][frame][256 + code] += 1
        for code in numbers(cell["opcua.servicenodeid.numeric"]):
            told["opcua"][frame][code] += 1
        for code in numbers(cell["mqtt.msgtype"]):
            told["mqtt"][frame][code] += 1
        for protocol, _, column, code_of in ONE_COLUMN:
            for number in numbers(cell[column]):
                if (code := code_of(number)) is not None:  # DHCPv6's relays: what they relay counts.
                    told[protocol][frame][code] += 1
        for frame_id in numbers(cell["pn_rt.frame_id"]):
            if (code := profinet_class(frame_id)) is not None:
                told["profinet_rt"][frame][code] += 1
        if cell["dcerpc.dg_if_id"].startswith("dea0000"):
            for code in numbers(cell["dcerpc.opnum"]):
                told["profinet_cm"][frame][code] += 1
        subs = {False: iter(numbers(cell["s7comm.param.userdata.subfunc"])),
                True: iter(numbers(cell["s7comm.param.modetrans.subfunc"]))}  # Modes have a column of their own.
        for group in numbers(cell["s7comm.param.userdata.funcgroup"]):
            if (sub := next(subs[group == 0], None)) is not None:
                told["s7comm"][frame][0x10000 | group << 8 | sub] += 1
    return told, again, rows


@functools.cache
def named_by_tshark(folder):
    """{file: the protocols that tshark names in it}, of captures that come with such a list."""
    manifest = folder / "MANIFEST.tsv"
    if not manifest.exists():
        return {}
    with manifest.open() as rows:
        return {folder / row["path"]: {one.split("=")[0] for one in row["protocols_tshark"].split(",")} for row in csv.DictReader(rows, delimiter="\t")}


def nothing_to_count(file, folder):
    """Whether tshark is known to name nothing in it that it is asked for: it takes longer to start than to read most of these files."""
    wanted = {word for asked in FILTER for word in re.findall(r"[\w-]+", asked.split(".")[0])} - {"and", "or", "not"}
    named = named_by_tshark(folder).get(file)
    return named is not None and not named & wanted


def without_again(them, again, us):
    return {frame: codes for frame, codes in them.items() if frame not in again or frame in us}


def total(frames):
    out = collections.Counter()
    for codes in frames.values():
        out += codes
    return out


def differences(us, them):
    """Frames that differ, where the totals do."""
    if total(us) == total(them):
        return []
    out = []
    for frame in sorted(set(us) | set(them)):
        mine, other = us.get(frame, collections.Counter()), them.get(frame, collections.Counter())
        if mine != other:
            out.append((frame, dict(mine - other), dict(other - mine)))
    return out


def differences_of_all(us, them, again):
    out = {}
    for protocol in COUNTED:
        mine = us.get(protocol, {})
        out[protocol] = differences(mine, without_again(them.get(protocol, {}), again, mine))
    return out


def look_at(yagura, names, folder, file):
    """One file: {protocol: messages of ours}, [(protocol, frame, only ours, only theirs)], {protocol: what oracle_fields found}."""
    us, ports, operations = ours(yagura, file)
    counted = {protocol: total(us.get(protocol, {})).total() for protocol in COUNTED}
    if not any(counted.values()) and nothing_to_count(file, folder):
        return counted, [], {}
    # One question for both: tshark takes longer to start than to read most of these files.
    them, again, rows = theirs(file, ports, [], [column for protocol in operations for column in oracle_fields.columns(protocol)])
    best = differences_of_all(us, them, again)
    if any(best.values()):  # Who is equal to the first answer needs no second one.
        other = differences_of_all(us, *theirs(file, ports, OUT_OF_ORDER)[:2])
        best = {protocol: min(best[protocol], other[protocol], key=len) for protocol in COUNTED}
    found = [(protocol, *one) for protocol in COUNTED for one in best[protocol]]
    fields = {}
    if names is not None:
        fields = {protocol: oracle_fields.compare(rows, protocol, said, names) for protocol, said in operations.items()}
    return counted, found, fields


def main():
    parser = argparse.ArgumentParser(description="Compare Yagura with tshark on captures.")
    parser.add_argument("--yagura", default=str(ROOT / "build/release/yagura"))
    parser.add_argument("--captures", default=str(ROOT.parent / "shared/captures"))
    parser.add_argument("--fields", action="store_true", help="also compare units, objects, quantities and values")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    folder = pathlib.Path(options.captures).resolve()
    if not options.files and not folder.is_dir():
        print("oracle: SKIPPED, there are no captures next to the checkout")
        return 0
    files = [pathlib.Path(file).resolve() for file in options.files] or sorted(
        file for file in folder.rglob("*") if ".pcap" in file.name)
    known_file = ROOT / "tests/oracle/known.toml"
    known = tomllib.loads(known_file.read_text()) if known_file.exists() else {}
    known, known_fields = known.get("difference", []), known.get("field", [])
    used, failed, messages, compared_fields = set(), 0, collections.Counter(), collections.Counter()
    names = oracle_fields.value_names() if options.fields else None
    look = functools.partial(look_at, options.yagura, names, folder)
    with concurrent.futures.ProcessPoolExecutor() as pool:
        # The largest first, or a processor has nothing to do while the other reads the last one.
        answers = {file: pool.submit(look, file) for file in sorted(files, key=lambda file: -file.stat().st_size)}
        for file in files:
            counted, found, fields = answers[file].result()
            name = file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.name
            messages.update(counted)
            for protocol, frame, more, less in found:
                entry = next((i for i, one in enumerate(known) if one["file"] == name and one["protocol"] == protocol
                              and frame in one["frames"]), None)
                if entry is None:
                    print(f"{name}: {protocol} frame {frame}: only ours {more}, only tshark's {less}")
                    failed += 1
                else:
                    used.add((entry, frame))
            shown = collections.Counter()
            for protocol, (wrong, compared) in fields.items():
                compared_fields[protocol] += compared
                for frame, field, have, want in wrong:
                    if any(one["file"] == name and one["protocol"] == protocol and one["field"] == field and frame in one["frames"]
                           for one in known_fields):
                        continue
                    failed += 1
                    shown[protocol, field] += 1
                    if shown[protocol, field] <= 5:
                        print(f"{name}: {protocol} frame {frame}: {field} is {have!r}, tshark has {want!r}")
    if not options.files:
        for i, one in enumerate(known):
            for frame in one["frames"]:
                if (i, frame) not in used:
                    print(f"known.toml: {one['file']} frame {frame} ({one['protocol']}) does not differ any more")
                    failed += 1
    counted = ", ".join(f"{count} {protocol}" for protocol, count in messages.items())
    print(f"oracle: {len(files)} files, {counted} messages, {len(used)} known differences, {failed} failures"
          + ("; field by field " + ", ".join(f"{count} {protocol}" for protocol, count in compared_fields.items()) if options.fields else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
