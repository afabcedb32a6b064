#!/usr/bin/env python3
"""Asks of every capture that carries words of a device about itself whether we show them: what the file says, by tshark,
beside what `yagura read --what assets` gives as evidence of that device.

usage: identity.py [--program PATH] [--captures FOLDER] [--list] [FILE...]     --list prints every word, found or not
exit: 0 nothing missing, 1 something missing, 77 skipped (no captures or no tshark here)

A word counts as shown if the device with that address or MAC has evidence that holds it, whatever the case and what
stands between letters. Two rules, because of what is shown and not because of what is read:

* Devices outside (public addresses behind a router) are not listed; loopback and reserved addresses are nobody's.
* What an undecoded carrier holds is named in KNOWN, with the reason.
"""

import argparse
import concurrent.futures
import csv
import ipaddress
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
APART = "\x1f"


def plain(value):
    return value


def software(value):
    return value.split("-", 2)[2] if value.startswith("SSH-") and value.count("-") >= 2 else None


def realm(value):
    found = re.search(r'realm="([^"]*)"', value)
    return found[1] if found else None


def unique(value):
    """Of a NetBIOS name that of the machine: kind 00 (or the group's of that kind, which is its domain)."""
    return value.split("<")[0].strip() if "<00>" in value else None


# What it is, tshark's field, who says it (or whom it is about), the part that is compared; a second field that has to have
# a value in that frame, where the first alone does not tell.
WORDS = [
    ("lldp system name", "lldp.tlv.system.name", "src", plain, None),
    ("lldp system description", "lldp.tlv.system.desc", "src", plain, None),
    ("lldp port description", "lldp.port.desc", "src", plain, None),
    ("cdp device id", "cdp.deviceid", "src", plain, None),
    ("cdp platform", "cdp.platform", "src", plain, None),
    ("cdp software", "cdp.software_version", "src", plain, None),
    ("cdp port", "cdp.portid", "src", plain, None),
    ("dhcp host name", "dhcp.option.hostname", "client", plain, None),
    ("dhcp vendor class", "dhcp.option.vendor_class_id", "client", plain, ("dhcp.type", "1")),
    ("ssh version", "ssh.protocol", "src", software, None),
    ("http server", "http.server", "src", plain, None),
    ("http user agent", "http.user_agent", "src", plain, None),
    ("http realm", "http.www_authenticate", "src", realm, None),
    ("ntlm computer", "ntlmssp.challenge.target_info.nb_computer_name", "src", plain, None),
    ("ntlm dns name", "ntlmssp.challenge.target_info.dns_computer_name", "src", plain, None),
    ("ntlm domain", "ntlmssp.challenge.target_info.dns_domain_name", "src", plain, None),
    ("ntlm build", "ntlmssp.version.build_number", "src", lambda v: None if v == "0" else f"build {v}", ("ntlmssp.messagetype", "0x00000002")),
    ("smb native system", "smb.native_os", "src", lambda v: v if v.startswith("Windows") else None, None),
    ("browser name", "browser.server", "src", plain, ("browser.command", "0x01")),
    ("netbios name", "nbns.netbios_name", "src", unique, ("nbns.flags.opcode", "5")),
    ("netbios status", "nbns.netbios_name", "src", unique, ("nbns.flags.response", "1")),
    ("rdp client", "rdp.client.name", "src", plain, None),
    ("vnc desktop", "vnc.desktop_name", "src", plain, None),
    ("ftp greeting", "ftp.response.arg", "src", plain, ("ftp.response.code", "220")),
    ("bridge", "stp.bridge.hw", "src", plain, None),
    ("profinet name", "pn_dcp.suboption_device_nameofstation", "src", plain, ("pn_dcp.service_type", "1")),
    ("cip product", "cip.id.product_name", "src", plain, None),
    ("enip product", "enip.cip.product_name", "src", plain, None),
    ("modbus object", "modbus.object_str_value", "src", plain, None),
    ("bacnet name", "bacapp.object_name", "src", plain, ("bacapp.objectType", "8")),
]
SNMP = {"1.3.6.1.2.1.1.1.0": "sysDescr", "1.3.6.1.2.1.1.5.0": "sysName", "1.3.6.1.2.1.1.6.0": "sysLocation"}
PROTOCOLS = {"lldp", "cdp", "dhcp", "bootp", "ssh", "http", "ntlmssp", "smb", "browser", "nbns", "ssdp", "rdp", "vnc", "ftp", "stp",
             "pn_dcp", "enip", "cip", "mbtcp", "modbus", "snmp", "bacapp", "tls", "ssl", "x509af"}
FILTER = ("not icmp and not icmpv6 and (lldp or cdp or dhcp or ssh or http or ssdp or ntlmssp or (smb.native_os) or browser or nbns or rdp or vnc or ftp or stp or pn_dcp or "
          "cip or enip or mbtcp or snmp or bacapp or tls.handshake.certificate or tls.handshake.type == 1)")

# file, what it is, word (a beginning is enough): why it is not shown.
KNOWN = {
    **{("vpn/corelight_openvpn_udp.pcap", "certificate", word): "TLS in pieces inside OpenVPN, which is not read"
       for word in ("PRO3",)},
    ("bacnet/digitalbond_bacnet_test.pcap", "bacnet name", "KBRNAE"): "BACnet text in a character set other than UTF-8 is not read",
    **{("bacnet/icsnpp_bacnet_services.pcap", "bacnet name", word): "I-Have names the object that was searched for; it is told as an act, not as a name"
       for word in ("Unknown", "SYNERGY")},
}


def run(command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace")


def existing(fields):
    """Names of fields come and go with tshark's versions."""
    if not hasattr(existing, "known"):
        existing.known = {line.split("\t")[2] for line in run(["tshark", "-G", "fields"]).stdout.splitlines() if line.startswith("F\t")}
    return [f for f in fields if f in existing.known]


def says(path):
    """{(what, station, word): first frame}; a station is an address, a MAC where there is none."""
    wanted = ["frame.number", "eth.src", "eth.dst", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "dhcp.hw.mac_addr",
              "snmp.name", "snmp.value.octets", "snmp.data", "tls.handshake.certificate", "x509sat.uTF8String", "x509sat.printableString"]
    wanted += [word[1] for word in WORDS] + [word[4][0] for word in WORDS if word[4]]
    columns = existing(list(dict.fromkeys(wanted)))
    command = ["tshark", "-r", str(path), "-n", "-Y", FILTER, "-T", "fields", "-E", "occurrence=a", "-E", f"aggregator={APART}"]
    for column in columns:
        command += ["-e", column]
    out = {}
    for line in run(command).stdout.splitlines():
        cell = {name: value for name, value in zip(columns, line.split("\t")) if value}
        first = {name: value.split(APART)[0] for name, value in cell.items()}
        frame = int(first["frame.number"])
        # Of a tunnel's two the inner one speaks.
        inner = {name: value.split(APART)[-1] for name, value in cell.items()}
        who = {"src": inner.get("ip.src") or inner.get("ipv6.src") or inner.get("eth.src"),
               "client": first.get("dhcp.hw.mac_addr")}
        for what, field, side, part, besides in WORDS:
            if field not in cell or (besides and besides[1] not in cell.get(besides[0], "").split(APART)):
                continue
            # tshark makes a value of each line of a text; a name of several parts is several.
            for value in cell[field].split(APART)[: 1 if field == "cdp.software_version" else None]:
                if (word := part(value)) and who[side]:
                    out.setdefault((what, who[side], word), frame)
        names, values = cell.get("snmp.name", "").split(APART), cell.get("snmp.value.octets", "").split(APART)
        if len(names) == len(values) and "snmp.value.octets" in cell and first.get("snmp.data", "2") == "2":
            for name, value in zip(names, values):
                if name in SNMP:
                    word = bytes.fromhex(value.replace(":", "")).split(b"\0")[0].decode(errors="replace").strip()
                    if word:
                        out.setdefault((f"snmp {SNMP[name]}", who["src"], word), frame)
        if "tls.handshake.certificate" in cell:
            der = bytes.fromhex(first["tls.handshake.certificate"].replace(":", ""))
            subject = subprocess.run(["openssl", "x509", "-inform", "der", "-noout", "-subject", "-nameopt", "multiline,utf8,-esc_msb"],
                                     input=der, capture_output=True).stdout.decode(errors="replace")
            for name in re.findall(r"commonName\s*= (.*)", subject):
                out.setdefault(("certificate", who["src"], name), frame)
    return out


def shows(program, path):
    """[(addresses and MACs, all values)] of the devices, and all values of all."""
    out = []
    for line in run([program, "read", str(path), "--what", "assets", "--format", "ndjson"]).stdout.splitlines():
        one = json.loads(line)
        values = [e["value"] for e in one.get("evidence", [])] + one.get("hostnames", []) + one.get("macs", [])
        for part in one.get("parts", []):
            values += [str(v) for v in part.values()]
        out.append((set(one.get("ips", [])) | set(one.get("macs", [])), values))
    return out


def letters(text):
    return re.sub(r"[^0-9a-z]+", "", re.sub(r"\\[nrtx0-9a-f]*", "", text.lower()))


def shown(word, values):
    wanted = letters(word)[:56]
    return any(wanted in letters(value) or (len(value) >= 40 and wanted.startswith(letters(value))) for value in values)


def outside(station):
    try:
        address = ipaddress.ip_address(station)
    except ValueError:
        return False
    return address.is_global or address.is_multicast or address.is_loopback or address.is_reserved


def look(program, folder, name):
    told = says(folder / name)
    if not told:
        return name, [], 0, 0
    devices = shows(program, folder / name)
    missing, away, found = [], 0, []
    for (what, station, word), frame in sorted(told.items(), key=lambda one: one[1]):
        if not letters(word):
            continue
        own = [values for marks, values in devices if station in marks]
        if own and shown(word, own[0]):
            found.append((what, station, word, frame))
        elif not own and outside(station):
            away += 1
        else:
            missing.append((what, station, word, frame))
    return name, missing, len(found), away


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--program", default=ROOT / "build/release/yagura")
    options.add_argument("--captures", type=pathlib.Path, default=pathlib.Path(os.environ.get("YAGURA_SHARED", ROOT.parent / "shared")) / "captures")
    options.add_argument("--list", action="store_true")
    options.add_argument("file", nargs="*")
    wanted = options.parse_args()
    if not wanted.captures.is_dir() or not shutil.which("tshark"):
        print("no captures beside the checkout (../shared/captures), or no tshark")
        return 77
    names = wanted.file
    if not names:
        for row in csv.DictReader((wanted.captures / "MANIFEST.tsv").open(), delimiter="\t"):
            spoken = {one.split("=")[0] for one in row["protocols_tshark"].split(",")}
            if spoken & PROTOCOLS and (wanted.captures / row["path"]).is_file():
                names.append(row["path"])
    existing([])
    unknown, used, words, away, files = [], set(), 0, 0, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, missing, found, hidden in pool.map(lambda n: look(wanted.program, wanted.captures, n), names):
            words, away = words + found + len(missing), away + hidden
            files += bool(found or missing)
            if wanted.list and (found or missing):
                print(f"{name}: {found} shown, {len(missing)} not")
            for what, station, word, frame in missing:
                key = next((k for k in KNOWN if k[0] == name and k[1] == what and word.startswith(k[2])), None)
                used.add(key)
                if not key:
                    unknown.append(f"{name} frame {frame}: {what} of {station}: {word[:100]!r}")
    stale = [k for k in KNOWN if k not in used and (not wanted.file or k[0] in wanted.file)]
    for line in unknown:
        print("missing:", line)
    for key in stale:
        print("stands in KNOWN and is shown:", *key)
    print(f"identity: {words} words in {files} captures, {len(unknown)} missing, {len(used - {None})} known reasons, {away} of devices outside")
    return 1 if unknown or stale else 0


if __name__ == "__main__":
    sys.exit(main())
