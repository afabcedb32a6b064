import { describe, expect, it } from "vitest";
import { letters } from "../../parts/TableDrop";
import { askedMapping, loose, mappingInAddress, nameOf, seenOf, withColumn, type Item } from "./fields";

const address = (text: string) => { const asked = new URLSearchParams(text); return { get: (name: string) => asked.get(name) ?? "" }; };

describe("the ledger's columns", () => {
  it("calls columns as a spreadsheet does", () => {
    expect([1, 26, 27, 52, 53, 256, 702, 703].map(letters)).toEqual(["A", "Z", "AA", "AZ", "BA", "IV", "ZZ", "AAA"]);
  });
  it("says of one column what it means, and leaves the others", () => {
    expect(withColumn(["place", "name", null], 2, "place")).toEqual(["place", "name", "place"]);
    expect(withColumn(["number"], 2, "ip")).toEqual(["number", null, "ip"]);
    expect(withColumn(["number", "ip"], 1, null)).toEqual(["number", null]);
  });
  it("reads from the address what it wrote there", () => {
    const mapping = { sheet: 1, header_row: 3, header_rows: 2, columns: ["number" as const, null, "ip" as const] };
    const written = new URLSearchParams(Object.entries(mappingInAddress(mapping)).flatMap(([name, value]) => (value ? [[name, value]] : [])));
    expect(askedMapping(address(written.toString()))).toEqual(mapping);
  });
  it("asks for nothing that the address does not say, and for nothing that it says wrongly", () => {
    expect(askedMapping(address(""))).toBeNull();
    expect(askedMapping(address("sheet=2"))).toEqual({ sheet: 2 });
    expect(askedMapping(address("sheet=2&row=1&rows=0"))).toEqual({ sheet: 2, header_row: 1, header_rows: 0 }); // No headings.
    expect(askedMapping(address("sheet=0&row=0&rows=9&cols=number,zz"))).toEqual({ sheet: 0, columns: ["number", null] });
    expect(askedMapping(address("sheet=-1"))).toBeNull();
  });
});

describe("entries beside devices", () => {
  const item = (values: Record<string, string> | null, device: Partial<NonNullable<Item["device"]>> | null): Item => ({
    key: "k", by: null, differences: [], last_seen: null, entry: values && { id: "e1", row: 2, values, accepted: [] },
    device: device && { id: "d1", name: "PLC", role: "plc", ips: [], macs: [], state: "usual", first_seen: "", last_seen: "", ...device },
  });
  it("names an entry by what it has", () => {
    expect(nameOf(item({ name: "Main", number: "A-1" }, { name: "other" }))).toBe("Main");
    expect(nameOf(item({ number: "A-1" }, null))).toBe("A-1");
    expect(nameOf(item({ serial: "9" }, null))).toBe("9");
    expect(nameOf(item(null, { name: "10.2.2.10" }))).toBe("10.2.2.10");
  });
  it("says what is seen under the ledger's names", () => {
    const device = item(null, { ips: ["10.2.2.10", "10.2.2.11"], firmware: "59", line: { id: "l1", name: "Weld 2" } }).device;
    expect([seenOf(device, "ip"), seenOf(device, "firmware"), seenOf(device, "line"), seenOf(device, "kind"), seenOf(device, "owner"), seenOf(null, "name")]).toEqual(["10.2.2.10 10.2.2.11", "59", "Weld 2", "plc", "", ""]);
  });
  it("compares as people write", () => {
    expect(loose("Ｗｅｌｄ－2 ")).toBe(loose("weld 2"));
  });
});
