import { describe, expect, it } from "vitest";
import type { Point, Zone } from "./layout";
import type { Bundle, Graph, Node } from "./model";
import { drawnMost, near, opened, spreadLayout } from "./spread";

const node = (id: string, line: string, address: string): Node => ({ id, name: id, role: "plc", level: "1", line, vlan: 7, mark: null, devices: [{ id, name: id, role: "plc", state: "usual", address } as Node["devices"][number]] });
const bundle = (a: string, b: string, effect: Bundle["effect"], messages: number): Bundle => ({ id: `${a}~${b}`, a, b, effect, cyclic: false, acts: [], protocols: [], messages, oneSided: false, loud: null, loudAct: null, last: "", pairs: [{} as Bundle["pairs"][number]] });

/** `lines` lines of 60 devices, every one reads its neighbour, the first of each line writes to the first of the next. */
function plant(lines: number): Graph {
  const nodes: Node[] = [], bundles: Bundle[] = [];
  for (let line = 0; line < lines; line++)
    for (let at = 0; at < 60; at++) {
      nodes.push(node(`d${line}-${at}`, line % 5 ? `l${line}` : "", `10.1.${line}.${at}`));
      if (at > 0) bundles.push(bundle(`d${line}-${at}`, `d${line}-${at - 1}`, "observes", at));
    }
  for (let line = 1; line < lines; line++) bundles.push(bundle(`d${line - 1}-0`, `d${line}-0`, "changes_value", 1), bundle(`d${line - 1}-1`, `d${line}-1`, "observes", 1));
  return { nodes, bundles };
}

describe("a large plant", () => {
  const graph = plant(80);
  const spread = spreadLayout(graph, [{ id: "l1", name: "溶接1号" }], "line", new Map());
  it("has a box a line, and a box a subnet where there is no line", () => {
    expect(spread.zones).toHaveLength(80);
    expect(spread.zones[0]?.name).toBe("溶接1号");
    expect(spread.zones.some((zone) => zone.name === "10.1.5")).toBe(true);
    expect(spread.zones.every((zone) => zone.devices === 60)).toBe(true);
  });
  it("lets no box overlap another, and no device leave its box", () => {
    const apart = (one: Zone, other: Zone) => one.x + one.w <= other.x || other.x + other.w <= one.x || one.y + one.h <= other.y || other.y + other.h <= one.y;
    expect(spread.zones.filter((one) => spread.zones.some((other) => one !== other && !apart(one, other)))).toEqual([]);
    const zones = new Map(spread.zones.map((zone) => [zone.id, zone]));
    const inside = ([id, at]: [string, Point]) => {
      const zone = zones.get(spread.zoneOf.get(id) ?? "");
      return zone !== undefined && at.x > zone.x && at.x < zone.x + zone.w && at.y > zone.y && at.y < zone.y + zone.h;
    };
    expect([...spread.at].filter((one) => !inside(one))).toEqual([]);
  });
  it("bundles what passes between two boxes by its strongest act", () => {
    expect(spread.trunks).toHaveLength(79);
    expect(spread.trunks.every((trunk) => trunk.effect === "changes_value" && trunk.pairs === 2)).toBe(true);
  });
  it("looks into few boxes only, the middle ones first, and draws no more than there is room for", () => {
    const all = { x1: -1e6, y1: -1e6, x2: 1e6, y2: 1e6 };
    const open = opened(spread, graph, all);
    expect(open.size).toBe(Math.floor(drawnMost / 60));
    const drawn = near(spread, graph, open);
    expect(drawn.nodes.length).toBeLessThanOrEqual(drawnMost);
    expect(drawn.bundles.length).toBeLessThanOrEqual(Math.max(200, drawnMost - drawn.nodes.length));
    const first = spread.zones[0];
    if (first) expect(opened(spread, graph, { x1: first.x, y1: first.y, x2: first.x + 10, y2: first.y + 10 })).toEqual(new Set([first.id]));
  });
  it("keeps what a reader dragged", () => {
    expect(spreadLayout(graph, [], "vlan", new Map([["d3-3", { x: 1, y: 2 }]])).at.get("d3-3")).toEqual({ x: 1, y: 2 });
  });
});
