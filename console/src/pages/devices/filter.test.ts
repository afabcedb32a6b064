import { describe, expect, it } from "vitest";
import { canonical, parseFilter } from "./filter";

const roleOf = (word: string) => ({ "ロボット": "robot", plc: "plc" } as Record<string, string>)[word.toLowerCase()];

describe("the filter box", () => {
  it("takes free words, pairs and comparisons", () => {
    expect(parseFilter("line:溶接2号 role:plc fw<60 melsec")).toEqual({
      words: ["melsec"],
      pairs: [{ key: "line", op: ":", value: "溶接2号" }, { key: "role", op: ":", value: "plc" }, { key: "fw", op: "<", value: "60" }],
    });
  });
  it("takes Japanese keys, full-width colons and names of roles", () => {
    expect(canonical("役割：ロボット ライン:組立3号", roleOf)).toBe("role:robot line:組立3号");
  });
  it("takes VLANs and subnets", () => {
    expect(canonical("サブネット:10.2.3.0/24 VLAN:20", roleOf)).toBe("net:10.2.3.0/24 vlan:20");
  });
  it("keeps quoted values together", () => {
    expect(canonical('line:"Press 1" iq r', roleOf)).toBe('line:"Press 1" iq r');
  });
  it("takes addresses for words", () => {
    expect(parseFilter("28:e9:8e:1f:40:a2 fe80::1").words).toEqual(["28:e9:8e:1f:40:a2", "fe80::1"]);
  });
  it("lets an unfinished pair be a word and cuts what is too long", () => {
    expect(parseFilter("line:").words).toEqual(["line:"]);
    expect(canonical("a".repeat(500), roleOf).length).toBe(256);
  });
});
