import { describe, expect, it } from "vitest";
import { formOf, written, type Rule } from "./rules";

const rule: Rule = { id: "r0-1", when: { subnet: "10.2.3.0/24", vlan: 20 }, says: { line: "l0-1", owner: "田中" }, because: "10.2.3.0/24 · VLAN 20", devices: 3, fills: 2, at: "2026-11-20T00:00:00Z", who: "tanaka" };

describe("a rule's form", () => {
  it("sends what it was filled with", () => {
    expect(written(formOf(rule))).toEqual({ when: rule.when, says: rule.says });
  });
  it("sends nothing while it asks or says nothing", () => {
    expect(written({})).toBeNull();
    expect(written({ subnet: "10.2.3.0/24" })).toBeNull();
    expect(written({ owner: "田中", name: "  " })).toBeNull();
    expect(written({ owner: " 田中 ", name: " PLC-* " })).toEqual({ when: { name: "PLC-*" }, says: { owner: "田中" } });
  });
  it("knows which VLANs there are", () => {
    for (const vlan of ["0", "4095", "x", "1.5"]) expect(written({ vlan, owner: "田中" })).toBeNull();
    expect(written({ vlan: "4094", owner: "田中" })?.when).toEqual({ vlan: 4094 });
  });
});
