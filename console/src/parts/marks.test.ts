import { describe, expect, it } from "vitest";
import type { Schemas } from "../api/client";
import { findText, bytesOf, marksOfFact, marksOfOperation } from "./marks";

const op = (more: Partial<Schemas["Operation"]>): Schemas["Operation"] => ({
  id: "o", at: "2026-11-19T00:00:00Z", who: { name: "a" }, whom: { name: "b" }, act: "read", effect: "observes", protocol: "modbus", function: { code: 3 }, outcome: "done", count: 1, ...more,
});
const what = (one: Schemas["Operation"]) => Object.fromEntries(marksOfOperation(one).map((mark) => [mark.what, mark.from]));

describe("marks", () => {
  it("marks a Modbus request where its fields equal the claim", () => {
    const message = "00010000000601030000 0014".replace(" ", "");
    expect(what(op({ message, unit: "unit 1", object: "holding register 0" }))).toEqual({ protocol: 2, length: 4, unit: 6, function: 7, object: 8 });
    expect(what(op({ message, unit: "unit 2", object: "holding register 9" }))).toEqual({ protocol: 2, length: 4, function: 7 });
    expect(marksOfOperation(op({ message: "0001ffff" }))).toEqual([]);
  });
  it("marks an S7 variable", () => {
    const message = "0300001f02f080320100000002000e00000401120a10020020000184000000";
    const found = what(op({ protocol: "s7comm", message, function: { code: 4 }, object: "DB1.DBB0", unit: "rack 0 slot 2" }));
    expect(found).toMatchObject({ length: 2, protocol: 7, function: 17, object: 25 });
  });
  it("finds text as bytes and in two bytes a character", () => {
    expect(findText(bytesOf("ff4d6f7861"), "Moxa")).toEqual({ from: 1, length: 4, what: "value" });
    expect(findText(bytesOf("4d006f0078006100"), "Moxa")).toEqual({ from: 0, length: 8, what: "value" });
    expect(findText(bytesOf("4d6f"), "Moxa")).toBeUndefined();
  });
  it("finds an address of a fact", () => {
    const fact = { attribute: "ip", value: "10.10.0.1", by: "protocol", confidence: 100, chosen: true } as Schemas["Fact"];
    expect(marksOfFact(fact, "00010a0a0001")).toEqual([{ from: 2, length: 4, what: "value" }]);
    expect(marksOfFact({ ...fact, value: "10.10.0.2" }, "00010a0a0001")).toEqual([]);
  });
});
