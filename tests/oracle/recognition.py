#!/usr/bin/env python3
"""Holds the names that `yagura read` gives to conversations against tests/recognition.tsv: which protocol the main conversations of
each capture are, and who says so.

usage: recognition.py [--program PATH] [--captures FOLDER] [--make] [--list]
exit: 0 no wrong name and every missed one is explained, 1 otherwise, 77 skipped (no captures here)

  --make   asks tshark again for the rows that it vouches for; those that a person reviewed stay
  --list   prints every row with our name, right or not

A row: the capture's sha256, its path (for readers), the conversation, its protocol, who says so. The protocol has our name where
we have one for it, else tshark's; - where nothing in it tells. Who: `tshark`, or `reviewed: REASON`. A conversation that has a label and no name of ours is
missed: fine if MISSED names the protocol and why.
"""

import argparse
import collections
import concurrent.futures
import csv
import hashlib
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "tests/recognition.tsv"
HEAD = ["sha256", "capture", "conversation", "protocol", "who"]
EACH, ALL = 3, 16  # conversations of one protocol, and in all, that are labelled in a capture

# tshark's name of what lies on the transport: ours. What is not here keeps tshark's name.
OURS = {"tpkt": "cotp", "mbtcp": "modbus", "mbudp": "modbus", "omron": "fins", "iec60870_104": "iec104", "bvlc": "bacnet", "bootp": "dhcp", "pn_rt": "profinet_rt",
        "nbss": "smb", "nbdgm": "nbdgm", "nbns": "nbns", "dcerpc": "dcerpc", "x11": "x11", "vnc": "vnc", "cdp": "cdp", "stp": "stp", "rstp": "stp", "mstp": "stp",
        "pn_io_cm": "profinet_cm", "http": "http", "ssl": "tls", "quic": "quic", "wg": "wireguard", "cldap": "ldap", "cipio": "cip_io", "ptp": "ptp", "amqp": "amqp",
        "ams": "ads", "synphasor": "c37_118", "kip": "knxnet_ip", "epl": "powerlink", "pn_mrp": "mrp", "sercosiii": "sercos3", "ecatf": "ethercat", "sv": "iec61850_sv", "gryphon": "gryphon", "simatic": "simatic"}
# Layers between the link and what is spoken.
CARRY = {"eth", "ethertype", "vlan", "ip", "ipv6", "tcp", "udp", "sll", "null", "raw", "prp", "hsr", "llc", "frame", "ipv6.hopopts", "ipv6.routing", "ipv6.fraghdr", "ipv6.dstopts",
         "mpls", "pwethheadous", "gre", "vxlan", "erspan", "erspan-ii", "pppoes", "ppp", "ieee8021ad", "lanalyzer", "mlt", "pktap", "sctp"}
NOTHING = {"data", "data-text-lines", "_ws.malformed", "_ws.short", "_ws.unreassembled", "malformed", "tcp.segment_data", "short", "vssmonitoring", "eth.padding"}
# Of the same bytes people say either.
ALIKE = [{"mdns", "dns", "llmnr"}, {"ssdp", "http"}, {"stp", "rstp"}, {"nbns", "dns"}, {"dns_stream", "dns"}, {"profinet_cm", "dcerpc"}, {"rdp", "cotp"}, {"profinet_rt", "profinet_dcp", "pn_dcp"}]
# Not read yet, or of the kind that stays a name of tshark's.
LATER = "not read yet"
MISSED = {
    "c1222": LATER, "cnip": LATER, "coap": "of a draft before RFC 7252", "dcerpc": "a scanner's question over UDP", "eapol": LATER,
    "egd": LATER, "esio": LATER, "ff": LATER, "h1": LATER, "hislip": LATER, "isakmp": LATER,
    "kip": LATER, "mysql": LATER, "osi": LATER, "pim": LATER, "rip": LATER, "rmcp": LATER, "rpc": LATER, "sbus": LATER,
    "stun": LATER, "synphasor": LATER, "syslog": "a datagram of one letter, without a priority", "tds": LATER, "ldap": "nDPI names it at its port alone",
    "ans": "a card's own heartbeat", "db-lsp-disc": "a program's search for its like", "loop": "a switch's test of its own cable", "slow": "LACP: between switches", "udld": "between switches",
    "netbios": "LLC of the nineties", "stp": "Cisco's per-VLAN form behind SNAP, not read yet", "dnp3": "a fuzzed frame without a sound check sum",
    "tls": "an alert alone, the end of a stream that was not seen",
}
# Of what we can name, as many and no more are missed: one more is a name that was lost.
MISSED_OF_OURS = {"tls": 2, "stp": 2, "dnp3": 1, "ldap": 1, "syslog": 1, "dcerpc": 2}


def columns_of(line, names):
    return dict(zip(names, line.rstrip("\n").split("\t")))


def conversation(carrier, one, other):
    return " ".join([carrier, *sorted(one_or_other for one_or_other in (one, other))])


FIELDS = ["frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport", "eth.src", "eth.dst", "eth.type",
          "ip.proto", "ipv6.nxt", "tcp.len", "udp.length", "frame.len"]


def by_tshark(path):
    """{conversation: Counter(name)} by bytes, of what tshark names; conversations of bytes that it does not name count under ''."""
    command = ["tshark", "-r", str(path), "-n", "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"]
    for field in FIELDS:
        command += ["-e", field]
    out = collections.defaultdict(collections.Counter)
    for line in subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=600).stdout.splitlines():
        cell = columns_of(line, FIELDS)
        layers = cell["frame.protocols"].split(":")
        if "icmp" in layers or "icmpv6" in layers:
            layers = layers[: layers.index("icmp" if "icmp" in layers else "icmpv6") + 1]
        # The innermost transport, and the addresses right below it: of an ICMP error not those that it quotes.
        last = max((i for i, x in enumerate(layers) if x in ("tcp", "udp", "icmp", "icmpv6")), default=len(layers))
        network = [x for x in layers[:last] if x in ("ip", "ipv6")]
        value = lambda field, which: ([*cell[field].split(","), *[""] * which][which] if cell[field] else "")
        source = target = ""
        if network:
            which = network.count(network[-1]) - 1
            source, target = value(f"{network[-1]}.src", which), value(f"{network[-1]}.dst", which)
        carrier = layers[last] if last < len(layers) else ""
        if source and carrier in ("tcp", "udp"):
            of_its = layers[:last].count(carrier)
            size = int(value("tcp.len", of_its) or 0) if carrier == "tcp" else int(value("udp.length", of_its) or 8) - 8
            key = conversation(carrier, f"{source}:{value(carrier + '.srcport', of_its)}", f"{target}:{value(carrier + '.dstport', of_its)}")
            above = layers[last + 1:]
        elif source:
            number = value("ip.proto" if network[-1] == "ip" else "ipv6.nxt", which)
            key, size = conversation("icmp" if carrier.startswith("icmp") else f"ip {number}", source, target), int(cell["frame.len"])
            above = [x for x in layers if x not in CARRY]
        elif cell["eth.src"]:
            key, size = conversation("ethernet", cell["eth.src"], cell["eth.dst"]), int(cell["frame.len"])
            above = [x for x in layers if x not in CARRY]
        else:
            continue
        if size <= 0:
            continue
        above = [x for x in above if x not in NOTHING]
        name = OURS.get(above[0], above[0]) if above else ""
        out[key]["rdp" if "rdp" in above else name] += size
    return out


def by_us(program, path):
    """{conversation: name}, '' where we have none; of several between the same ends the one that has a name."""
    run = subprocess.run([program, "read", str(path), "--what", "conversations", "--format", "ndjson"], capture_output=True, text=True, timeout=600)
    out = {}
    for line in run.stdout.splitlines():
        row = json.loads(line)
        client, server, carrier = row["client"], row["server"], row.get("carrier", "")
        if "port" in client or "port" in server:
            key = conversation(carrier, *(f"{s.get('ip', '')}:{s.get('port', 0)}" for s in (client, server)))
        elif "ip" in client or "ip" in server:
            # An address of zeros is none to us.
            key = conversation(carrier, client.get("ip", "::"), server.get("ip", "::"))
        else:
            key = conversation("ethernet", client.get("mac", ""), server.get("mac", ""))
        name = row.get("protocol", "")
        out.setdefault(key, set()).add(name if name != "unknown" else "")
    return out


def captures_in(folder):
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (".pcap" in path.name or path.suffix in (".cap", ".trc", ".pkt")):
            yield path


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rows_of(path, folder):
    spoken = by_tshark(path)
    by_name = collections.defaultdict(list)
    for key, names in spoken.items():
        named = {n: size for n, size in names.items() if n}
        if not named:
            continue
        name, size = max(named.items(), key=lambda item: item[1])
        # Bytes without a name among those with one: gaps and pieces. More of them than not: tshark guessed.
        if size * 2 >= sum(names.values()):
            by_name[name].append((size, key))
    rows = []
    for name, found in sorted(by_name.items()):
        for _, key in sorted(found, reverse=True)[:EACH]:
            rows.append([None, str(path.relative_to(folder)), key, name, "tshark"])
    rows = rows[:ALL]
    mark = digest(path)
    for row in rows:
        row[0] = mark
    return rows


def read_table():
    with open(TABLE, newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    assert rows[0] == HEAD, f"{TABLE} has not the columns {HEAD}"
    return rows[1:]


def make(folder, jobs):
    kept = [row for row in (read_table() if TABLE.exists() else []) if row[4].startswith("reviewed")]
    reviewed = {(row[0], row[2]) for row in kept}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        made = [row for rows in pool.map(lambda p: rows_of(p, folder), captures_in(folder)) for row in rows]
    rows = sorted([row for row in made if (row[0], row[2]) not in reviewed] + kept, key=lambda r: (r[1], r[3], r[2]))
    with open(TABLE, "w", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows(rows)
    print(f"{len(rows)} conversations, {len(kept)} of them reviewed")


def alike(one, other):
    return one == other or any(one in group and other in group for group in ALIKE)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=ROOT / "build/release/yagura")
    parser.add_argument("--captures", type=pathlib.Path, default=ROOT.parent / "shared/captures")
    parser.add_argument("--make", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if not options.captures.is_dir():
        print(f"no captures at {options.captures}")
        return 77
    jobs = os.cpu_count() or 1
    if options.make:
        make(options.captures, jobs)
        return 0
    wanted = collections.defaultdict(list)
    for row in read_table():
        wanted[row[0]].append(row)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        files = {}
        for path, mark in zip(list(captures_in(options.captures)), pool.map(digest, captures_in(options.captures))):
            files.setdefault(mark, path)
        there = [mark for mark in wanted if mark in files]
        ours = dict(zip(there, pool.map(lambda mark: by_us(options.program, files[mark]), there)))
    right, wrong, missed, strange = 0, [], collections.Counter(), []
    for mark in there:
        for _, capture, key, protocol, who in wanted[mark]:
            names = ours[mark].get(key)
            if names is None and protocol == "-":
                right += 1
                continue
            if names is None:
                strange.append(f"{capture}: {key}: no such conversation ({protocol})")
                continue
            said = {name for name in names if name}
            if protocol == "-":
                if said:
                    wrong.append(f"{capture}: {key}: {' '.join(sorted(said))}, and nothing tells what it is ({who})")
                else:
                    right += 1
                continue
            if options.list:
                print(f"{capture}\t{key}\t{protocol}\t{' '.join(sorted(said)) or '-'}")
            if not said:
                missed[protocol] += 1
            elif any(alike(name, protocol) for name in said):
                right += 1
            else:
                wrong.append(f"{capture}: {key}: {' '.join(sorted(said))}, and it is {protocol} ({who})")
    unexplained = {name: count for name, count in missed.items() if name not in MISSED or count > MISSED_OF_OURS.get(name, count)}
    for line in [*wrong, *strange]:
        print(line)
    print(f"{len(there)} captures: {right} conversations have the right name, {len(wrong)} a wrong one, {sum(missed.values())} none ({len(strange)} not found)")
    if unexplained:
        print("without a name and a reason:", ", ".join(f"{name} {count}" for name, count in sorted(unexplained.items())))
    return 1 if wrong or unexplained or strange else 0


if __name__ == "__main__":
    sys.exit(main())
