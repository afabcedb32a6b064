// Where things stand on a plant of more than some hundred devices: a box a line, in rows; what has no line, a box a subnet.
// From afar there are only the boxes and what passes between them; a box that is near shows its devices.
import { strength, type Effect } from "../../parts/effects";
import type { Severity } from "../../parts/Icon";
import type { Layout, Lines, Point, Zone } from "./layout";
import type { Graph, Node } from "./model";

/** From so many shapes on the map begins with boxes. */
export const manyFrom = 500;
/** Shapes and lines that are drawn at once, at most. */
export const drawnMost = 800;

const cell = { w: 84, h: 76 }, head = 40, pad = 12;
const levels = ["4", "3.5", "3", "2", "1", "0", ""];
const ranks: (Severity | null)[] = [null, "ok", "low", "med", "high", "crit"];
const worse = (a: Severity | null, b: Severity | null) => (ranks.indexOf(a) >= ranks.indexOf(b) ? a : b);

/** What passes between two boxes, all in one: as strong as its strongest act, as wide as there are pairs. */
export interface Trunk { key: string; a: string; b: string; effect: Effect; pairs: number; loud: Severity | null; path: string }
export interface Spread extends Layout {
  many: true;
  zoneOf: Map<string, string>;
  marks: Map<string, Severity | null>;
  trunks: Trunk[];
}

/** 10.20.3.44 is of 10.20.3; of a MAC nobody knows where it stands. */
function subnet(node: Node): string {
  const address = node.devices[0]?.address ?? "";
  const parts = address.split(".");
  return parts.length === 4 ? `net:${parts.slice(0, 3).join(".")}` : "";
}

const rank = (node: Node) => levels.indexOf(levels.includes(node.level) ? node.level : "");
const byPlace = (a: Node, b: Node) => rank(a) - rank(b) || a.role.localeCompare(b.role) || a.name.localeCompare(b.name, "ja", { numeric: true }) || a.id.localeCompare(b.id);

export function spreadLayout(graph: Graph, lines: Lines[], by: "line" | "vlan", kept: ReadonlyMap<string, Point>): Spread {
  const names = new Map(lines.map((line) => [line.id, line.name]));
  const groups = new Map<string, Node[]>();
  const zoneOf = new Map<string, string>();
  for (const node of graph.nodes) {
    const zone = by === "vlan" ? (node.vlan < 0 ? "" : `VLAN ${node.vlan}`) : node.line || subnet(node);
    zoneOf.set(node.id, zone);
    const group = groups.get(zone);
    if (group) group.push(node);
    else groups.set(zone, [node]);
  }
  const order = new Map(lines.map((line, index) => [line.id, index]));
  const sorted = [...groups].sort(([a], [b]) => (order.get(a) ?? 1e6) - (order.get(b) ?? 1e6) || a.localeCompare(b, "en", { numeric: true }));
  // Boxes of one size, so that rows and gutters are straight: as large as nine of ten groups want. A larger group has
  // several boxes' width.
  const sizes = sorted.map(([, nodes]) => nodes.length).sort((a, b) => a - b);
  const usual = Math.max(12, sizes[Math.floor(sizes.length * 0.9)] ?? 1);
  const columns = Math.ceil(Math.sqrt(usual * 1.5)), rows = Math.ceil(usual / columns);
  const w = columns * cell.w + 2 * pad, h = rows * cell.h + head + pad, gutter = Math.round(w * 0.14);
  const units = (many: number) => Math.max(1, Math.ceil(many / (columns * rows)));
  const all = sizes.reduce((sum, many) => sum + units(many), 0);
  const across = Math.max(units(sizes[sizes.length - 1] ?? 1), Math.round(Math.sqrt(all * 1.35 * (h + gutter) / (w + gutter))));
  const at = new Map<string, Point>();
  const zones: Zone[] = [];
  let place = 0;
  for (const [id, nodes] of sorted) {
    const wide = units(nodes.length);
    if (place % across + wide > across) place += across - place % across;
    const x = (place % across) * (w + gutter), y = Math.floor(place / across) * (h + gutter);
    const width = wide * w + (wide - 1) * gutter, mine = Math.floor((width - 2 * pad) / cell.w);
    place += wide;
    zones.push({ id, name: names.get(id) ?? id.replace("net:", ""), x, y, w: width, h, devices: nodes.reduce((sum, node) => sum + node.devices.length, 0) });
    const high = Math.min(cell.h * 1.4, (h - head - pad) / Math.ceil(nodes.length / mine));
    nodes.sort(byPlace).forEach((node, nth) => at.set(node.id, kept.get(node.id) ?? { x: x + pad + cell.w * (nth % mine + 0.5), y: y + head + high * (Math.floor(nth / mine) + 0.42) }));
  }
  const marks = new Map<string, Severity | null>();
  for (const [id, nodes] of sorted) marks.set(id, nodes.reduce<Severity | null>((worst, node) => worse(worst, node.mark), null));
  return { many: true, at, zones, bands: [], zoneOf, marks, trunks: trunksOf(graph, zones, zoneOf, gutter) };
}

function trunksOf(graph: Graph, zones: Zone[], zoneOf: Map<string, string>, gutter: number): Trunk[] {
  const box = new Map(zones.map((zone) => [zone.id, zone]));
  const trunks = new Map<string, Trunk>();
  for (const bundle of graph.bundles) {
    const a = zoneOf.get(bundle.a) ?? "", b = zoneOf.get(bundle.b) ?? "";
    if (a === b) continue;
    const key = a < b ? `${a}~${b}` : `${b}~${a}`;
    const known = trunks.get(key);
    if (!known) trunks.set(key, { key, a, b, effect: bundle.effect, pairs: bundle.pairs.length, loud: bundle.loud, path: "" });
    else {
      known.pairs += bundle.pairs.length;
      known.loud = worse(known.loud, bundle.loud);
      if (strength(bundle.effect) > strength(known.effect)) known.effect = bundle.effect;
    }
  }
  for (const trunk of trunks.values()) {
    const from = box.get(trunk.a), to = box.get(trunk.b);
    if (from && to) trunk.path = route(from, to, strength(trunk.effect), gutter);
  }
  return [...trunks.values()].filter((trunk) => trunk.path).sort((one, two) => strength(one.effect) - strength(two.effect));
}

/** Out at the top, along the gutters, in at the top: equal effects share a lane, stronger ones run beside. */
function route(a: Zone, b: Zone, lane: number, gutter: number): string {
  const aside = (lane - 2.5) * gutter * 0.12;
  const ax = a.x + a.w / 2 + aside, bx = b.x + b.w / 2 + aside;
  const ay = a.y - gutter / 2 + aside, by = b.y - gutter / 2 + aside;
  if (ay === by) return `M${ax} ${a.y}V${ay}H${bx}V${b.y}`;
  const side = (b.x > a.x ? b.x - gutter / 2 : b.x + b.w + gutter / 2) + aside;
  return `M${ax} ${a.y}V${ay}H${side}V${by}H${bx}V${b.y}`;
}

export interface View { x1: number; y1: number; x2: number; y2: number }

/** The boxes that are near enough to be looked into: those in view, the middle ones first, as long as there is room. */
export function opened(spread: Spread, graph: Graph, view: View): Set<string> {
  const count = new Map<string, number>();
  for (const node of graph.nodes) {
    const zone = spread.zoneOf.get(node.id) ?? "";
    count.set(zone, (count.get(zone) ?? 0) + 1);
  }
  const middle = { x: (view.x1 + view.x2) / 2, y: (view.y1 + view.y2) / 2 };
  const far = (zone: Zone) => Math.hypot(zone.x + zone.w / 2 - middle.x, zone.y + zone.h / 2 - middle.y);
  const out = new Set<string>();
  let room = drawnMost;
  for (const zone of spread.zones.filter((one) => one.x < view.x2 && one.x + one.w > view.x1 && one.y < view.y2 && one.y + one.h > view.y1).sort((a, b) => far(a) - far(b))) {
    room -= count.get(zone.id) ?? 0;
    if (room < 0) break;
    out.add(zone.id);
  }
  return out;
}

/** Of the graph what stands in opened boxes; of the lines between them the strongest, as many as there is room for. */
export function near(spread: Spread, graph: Graph, open: ReadonlySet<string>): Graph {
  const nodes = graph.nodes.filter((node) => open.has(spread.zoneOf.get(node.id) ?? ""));
  const shown = new Set(nodes.map((node) => node.id));
  const bundles = graph.bundles.filter((bundle) => shown.has(bundle.a) && shown.has(bundle.b));
  const room = Math.max(200, drawnMost - nodes.length);
  if (bundles.length > room) bundles.sort((a, b) => Number(b.loud !== null) - Number(a.loud !== null) || strength(b.effect) - strength(a.effect) || b.messages - a.messages);
  return { nodes, bundles: bundles.slice(0, room) };
}
