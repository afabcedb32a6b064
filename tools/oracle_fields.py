"""Field by field beside tshark: unit, object, quantity and first value of messages that are alone in their frame.

tshark's columns do not tell which value is whose, so a frame counts only where both see one message of the protocol in it.
Called by tools/oracle.py --fields.
"""

import math
import re
import struct
import subprocess


def integers(text):
    return [int(part, 0) for part in text.split(",") if part]


def truth(text):
    """FT_BOOLEAN as tshark prints it: 1, 0, True or False."""
    return [part in ("1", "True") for part in text.split(",") if part]


def first(values):
    return values[0] if values else None


def told(op, name):
    """What we say, None where we say nothing; of several values the first."""
    value = op.get(name)
    if name == "value" and isinstance(value, list):
        value = value[0] if value else None
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d+", value) else value


def modbus(cell, op, _):
    code = integers(cell["modbus.func_code"])[0] & 0x7F
    if code not in (1, 2, 3, 4, 5, 6, 15, 16, 22, 23) or op["outcome"] == "refused":
        return
    if unit := integers(cell["mbtcp.unit_id"]):
        yield "unit", f"unit {unit[0]}"
    if op["phase"] == "request":
        spaces = {1: "coil", 2: "discrete input", 3: "holding register", 4: "input register", 5: "coil", 15: "coil"}
        if len(address := integers(cell["modbus.reference_num"])) == 1:
            yield "object", f"{spaces.get(code, 'holding register')} {address[0]}"
        if len(count := integers(cell["modbus.word_cnt"]) + integers(cell["modbus.bit_cnt"])) == 1:
            yield "count", count[0]
    if code in (3, 4, 6, 16) and (value := integers(cell["modbus.regval_uint16"])):
        yield "value", value[0]


S7_AREAS = {0x80: "P", 0x81: "I", 0x82: "Q", 0x83: "M", 0x84: "DB", 0x85: "DI", 0x86: "L"}
S7_WIDTHS = {1: "X", 2: "B", 3: "B", 4: "W", 5: "W", 6: "D", 7: "D", 8: "D"}


def s7_object(cell):
    area, width = first(integers(cell["s7comm.param.item.area"])), first(integers(cell["s7comm.param.item.transp_size"]))
    byte, bit = first(integers(cell["s7comm.param.item.address.byte"])), first(integers(cell["s7comm.param.item.address.bit"]))
    if first(integers(cell["s7comm.param.item.syntaxid"])) != 0x10:
        return None
    if area in (0x1C, 0x1D):
        number = first(integers(cell["s7comm.param.item.address.number"]))
        return None if number is None else f"{'C' if area == 0x1C else 'T'}{number}"
    if area not in S7_AREAS or width not in S7_WIDTHS or byte is None:
        return None
    letter = S7_WIDTHS[width]
    if area in (0x84, 0x85):
        head = f"{S7_AREAS[area]}{first(integers(cell['s7comm.param.item.db']))}.{S7_AREAS[area]}{letter}"
    else:
        head = S7_AREAS[area] + ("" if letter == "X" else letter)
    return f"{head}{byte}" + (f".{bit}" if letter == "X" else "")


def s7comm(cell, op, _):
    code = first(integers(cell["s7comm.param.func"]))
    if code not in (4, 5) or op["outcome"] == "refused":
        return
    kind = integers(cell["s7comm.header.rosctr"])
    if kind == [1]:
        if (name := s7_object(cell)) is not None:
            yield "object", name
            yield "count", first(integers(cell["s7comm.param.item.length"]))
    data = first([part for part in cell["s7comm.resp.data"].split(",") if part])
    if data is None or not (object_ := op.get("object")) or op.get("value") is None:
        return
    raw = bytes.fromhex(data.replace(":", ""))
    found = re.fullmatch(r"(?:D[BI]\d+\.D[BI]|[A-Z])([XBWD]?)\d+(\.\d)?", object_)
    if not found:
        return
    width = {"X": 1, "": 1, "B": 1, "W": 2, "D": 4}[found[1]]
    if found[2] or not found[1]:
        yield "value", {bool(raw[0] & 1)}
    elif len(raw) >= width:
        part = raw[:width]
        yield "value", {int.from_bytes(part, "big"), int.from_bytes(part, "big", signed=True),
                        *(struct.unpack(">f", part) if width == 4 else ())}


def cip(cell, op, _):
    if op["phase"] != "request":
        return
    symbols = [part for part in cell["cip.symbol"].split(",") if part]
    classes, instances = integers(cell["cip.class"]), integers(cell["cip.instance"])
    attributes = integers(cell["cip.attribute"])
    if symbols and not classes:
        yield "object starts", symbols[0]
    elif not symbols and len(classes) == 1 and len(instances) <= 1 and str(op.get("object", "")).startswith("class"):
        name = f"class 0x{classes[0]:02X}" + (f" instance {instances[0]}" if instances else "")
        yield "object starts", name + (f" attribute {attributes[0]}" if len(attributes) == 1 and instances else "")


DNP3_SPACES = {0: "device attribute", 1: "binary input", 2: "binary input", 3: "double-bit input", 4: "double-bit input",
               10: "binary output", 11: "binary output", 12: "binary command", 20: "counter", 21: "frozen counter",
               22: "counter", 23: "frozen counter", 30: "analog input", 32: "analog input", 40: "analog output",
               41: "analog command", 42: "analog output"}
DNP3_VALUES = ("dnp3.al.ana.int", "dnp3.al.ana.float", "dnp3.al.ana.double", "dnp3.al.anaout.int", "dnp3.al.anaout.float",
               "dnp3.al.anaout.double", "dnp3.al.cnt")


def dnp3(cell, op, _):
    code = integers(cell["dnp3.al.func"])[0]
    sender = code >= 129
    stations = integers(cell["dnp3.src" if sender else "dnp3.dst"])
    if stations:
        yield "unit", f"station {stations[0]}"
    if op["outcome"] == "refused":
        return
    heads = integers(cell["dnp3.al.obj"])
    group = heads[0] >> 8 if heads else None
    if group not in DNP3_SPACES or len(heads) != 1 or op["phase"] == "response" and op.get("value") is None:
        return  # An answer about classes has its request's object; of several headers the columns mix.
    points = integers(cell["dnp3.al.point_index"])
    starts, stops = integers(cell["dnp3.al.range.start"]), integers(cell["dnp3.al.range.stop"])
    start = first(starts) if starts else first(points)
    if start is not None:
        yield "object", f"{DNP3_SPACES[group]} {start}"
    if len(starts) == 1 and len(stops) == 1 and stops[0] >= starts[0]:
        yield "count", stops[0] - starts[0] + 1
    numbers = [cell[name] for name in DNP3_VALUES if cell[name]]
    if len(numbers) == 1 and len(points) == 1:
        yield "value", float(numbers[0].split(",")[0])


IEC104_VALUES = {code: name for name, codes in {
    "siq.spi": (1, 2, 30), "diq.dpi": (3, 4, 31), "vti.v": (5, 6, 32), "normval": (9, 10, 21, 34, 48, 61), "scalval": (11, 12, 35, 49, 62),
    "float": (13, 14, 36, 50, 63), "bcr.count": (15, 16, 37), "sco.on": (45, 58), "dco.on": (46, 59), "rco.up": (47, 60), "qoi": (100,),
}.items() for code in codes}


def iec104(cell, op, _):
    code = integers(cell["iec60870_asdu.typeid"])[0]
    yield "unit", f"station {integers(cell['iec60870_asdu.addr'])[0]}"
    if (number := first(integers(cell["iec60870_asdu.ioa"]))) is not None:
        yield "object", f"object {number}"
    if (count := first(integers(cell["iec60870_asdu.numix"]))) is not None:
        yield "count", count
    name = IEC104_VALUES.get(code)
    text = cell["iec60870_asdu." + name].split(",")[0] if name else ""
    if text and op["outcome"] != "refused":
        yield "value", truth(text)[0] if name in ("siq.spi", "sco.on") else float(text)


def bacnet(cell, op, names):
    kinds, instances = integers(cell["bacapp.objectType"]), integers(cell["bacapp.instance_number"])
    properties = integers(cell["bacapp.property_identifier"])
    service = first(integers(cell["bacapp.confirmed_service"]))
    if service in (12, 15) and op["outcome"] != "refused" and kinds and instances and properties and op.get("object"):
        kind = names["bacapp.objectType"].get(kinds[0])
        prop = names["bacapp.property_identifier"].get(properties[0])
        if kind and prop:
            yield "object", f"{kind} {instances[0]} {prop}"
    values = [cell["bacapp.present_value." + kind] for kind in ("real", "uint", "int", "double", "enum_index")]
    values = [text for text in values if text]
    if service in (12, 15) and len(values) == 1 and properties == [85] and op["outcome"] != "refused" and not (op["phase"] == "response" and service == 15):
        yield "value", float(values[0].split(",")[0])


# protocol: (the column that counts messages, how to compare, its columns)
COMPARED = {
    "modbus": ("modbus.func_code", modbus,
               ["mbtcp.unit_id", "modbus.reference_num", "modbus.word_cnt", "modbus.bit_cnt", "modbus.regval_uint16"]),
    "s7comm": ("s7comm.param.func", s7comm,
               ["s7comm.header.rosctr", *("s7comm.param.item." + name for name in (
                   "syntaxid", "area", "transp_size", "address.byte", "address.bit", "address.number", "db", "length")), "s7comm.resp.data"]),
    "cip": ("cip.service", cip, ["cip.symbol", "cip.class", "cip.instance", "cip.attribute"]),
    "dnp3": ("dnp3.al.func", dnp3,
             ["dnp3.src", "dnp3.dst", "dnp3.al.obj", "dnp3.al.range.start", "dnp3.al.range.stop", "dnp3.al.point_index", *DNP3_VALUES]),
    "iec104": ("iec60870_asdu.typeid", iec104,
               ["iec60870_asdu." + name for name in ("addr", "ioa", "numix", *sorted(set(IEC104_VALUES.values())))]),
    "bacnet": ("bacapp.type", bacnet,
               ["bacapp.confirmed_service", "bacapp.objectType", "bacapp.instance_number", "bacapp.property_identifier",
                *("bacapp.present_value." + kind for kind in ("real", "uint", "int", "double", "enum_index"))]),
}


def value_names():
    """tshark's own words for BACnet's numbers: {field: {number: text}}."""
    names = {"bacapp.objectType": {}, "bacapp.property_identifier": {}}
    for line in subprocess.run(["tshark", "-G", "values"], capture_output=True, text=True).stdout.splitlines():
        part = line.split("\t")
        if part[0] == "V" and part[1] in names:
            names[part[1]].setdefault(int(part[2], 0), part[3].lower())
    # Its slips: ANSI/ASHRAE 135, clause 21 writes these so.
    names["bacapp.property_identifier"].update({0: "acked-transitions", 24: "daylight-savings-status", 122: "vt-classes-supported",
                                                 130: "event-time-stamps"})
    return names


def equal(have, want):
    if isinstance(want, set):
        return any(equal(have, one) for one in want)
    if isinstance(want, float) and isinstance(have, (int, float)):
        return math.isclose(float(have), want, rel_tol=1e-5, abs_tol=1e-6) or math.isnan(want) and math.isnan(float(have))
    return have == want


def columns(protocol):
    """What tshark is to print for one of COMPARED; nothing for the others."""
    if protocol not in COMPARED:
        return []
    counted, _, more = COMPARED[protocol]
    return [counted, *more]


def compare(rows, protocol, operations, names):
    """[(frame, field, ours, tshark's)] and how many messages were compared. `rows`: [{column: text}]; `operations`: {frame: [operation]}"""
    counted, expect, _ = COMPARED[protocol]
    wrong, compared = [], 0
    for cell in rows:
        frame = int(cell["frame.number"])
        if len(integers(cell[counted])) != 1 or len(operations.get(frame, ())) != 1:
            continue
        op = operations[frame][0]
        seen = False
        for field, want in expect(cell, op, names):
            name, _, starts = field.partition(" ")
            have = told(op, name)
            seen = True
            none = name == "count" and not have and not want  # No quantity is told as nothing.
            if not (none or (str(have or "").startswith(want) if starts else equal(have, want))):
                wrong.append((frame, name, have, want))
        compared += seen
    return wrong, compared
