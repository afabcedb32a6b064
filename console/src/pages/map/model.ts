// From what the center sends to what the map draws: equal devices folded to ×n, all conversations of a pair one
// bundle, each bundle as strong as its strongest act. Pure, so that it can be tested.
import type { Schemas } from "../../api/client";
import { newness, strength, strongest, type Act, type Effect } from "../../parts/effects";
import type { Role, Severity } from "../../parts/Icon";

export type MapData = Schemas["Map"];
export type Device = MapData["nodes"][number];
export type Link = MapData["edges"][number];
type ActCount = Schemas["ActCount"];

export interface Node {
  id: string;
  name: string;
  role: Role;
  level: string;
  line: string;
  vlan: number;
  devices: Device[];
  mark: Severity | null;
}
export interface Bundle {
  id: string;
  a: string;
  b: string;
  effect: Effect;
  cyclic: boolean;
  acts: ActCount[];
  protocols: string[];
  messages: number;
  oneSided: boolean;
  /** How loudly it is told that something here was never done before; null: nothing is new. */
  loud: Severity | null;
  loudAct: Act | null;
  last: string;
  pairs: Link[];
}
export interface Graph { nodes: Node[]; bundles: Bundle[] }

export const pageOf = (node: Node) => (node.devices.length === 1 ? node.devices[0]?.id : undefined);
const ranks: Severity[] = ["low", "med", "high", "crit"];
const worse = (a: Severity | null, b: Severity | null) => (a === null ? b : b === null ? a : ranks.indexOf(a) >= ranks.indexOf(b) ? a : b);
const loudest = (link: Link) => link.acts.filter((act) => act.is_new && strength(act.effect) > 1).sort((a, b) => strength(b.effect) - strength(a.effect))[0];

/** Devices of one line, level and role that talk to the same peers are one picture, from three up. */
export function folds(data: MapData, open: ReadonlySet<string>): Map<string, string> {
  const peers = new Map<string, string[]>();
  const loud = new Set<string>();
  for (const link of data.edges) {
    peers.set(link.a, [...(peers.get(link.a) ?? []), `>${link.b}`]);
    peers.set(link.b, [...(peers.get(link.b) ?? []), `<${link.a}`]);
    if (loudest(link)) {
      loud.add(link.a);
      loud.add(link.b);
    }
  }
  const groups = new Map<string, string[]>();
  for (const node of data.nodes) {
    if (node.state === "new" || node.state === "quiet" || loud.has(node.id)) continue;
    const key = ["fold", node.line ?? "", node.level ?? "", node.role, (peers.get(node.id) ?? []).sort().join(",")].join("|");
    groups.set(key, [...(groups.get(key) ?? []), node.id]);
  }
  const out = new Map<string, string>();
  for (const ids of groups.values()) {
    const name = `fold:${ids[0]}`;
    if (ids.length >= 3 && !open.has(name)) for (const id of ids) out.set(id, name);
  }
  return out;
}

export function build(data: MapData, open: ReadonlySet<string>): Graph {
  const folded = folds(data, open);
  const place = (id: string) => folded.get(id) ?? id;
  const nodes = new Map<string, Node>();
  for (const device of data.nodes) {
    const id = place(device.id);
    const node = nodes.get(id);
    if (node) node.devices.push(device);
    else nodes.set(id, { id, name: device.name, role: device.role, level: device.level ?? "", line: device.line ?? "", vlan: device.vlan ?? -1, devices: [device], mark: null });
  }
  for (const node of nodes.values()) for (const device of node.devices) if (device.state === "new" || device.state === "quiet") node.mark = worse(node.mark, "low");

  const bundles = new Map<string, Bundle>();
  for (const link of data.edges) {
    const a = place(link.a), b = place(link.b);
    if (a === b || !nodes.has(a) || !nodes.has(b)) continue;
    const id = `${a}~${b}`;
    const loud = loudest(link);
    let bundle = bundles.get(id);
    if (!bundle) {
      bundle = { id, a, b, effect: "none", cyclic: false, acts: [], protocols: [], messages: 0, oneSided: link.one_sided, loud: null, loudAct: null, last: "", pairs: [] };
      bundles.set(id, bundle);
    }
    bundle.pairs.push(link);
    bundle.messages += link.messages;
    bundle.oneSided &&= link.one_sided;
    if ((link.last ?? "") > bundle.last) bundle.last = link.last ?? "";
    for (const protocol of link.protocols) if (!bundle.protocols.includes(protocol)) bundle.protocols.push(protocol);
    for (const act of link.acts) {
      const known = bundle.acts.find((one) => one.act === act.act);
      if (known) {
        known.count += act.count;
        known.is_new = (known.is_new ?? false) || (act.is_new ?? false);
      } else bundle.acts.push({ ...act });
    }
    if (loud) {
      const severity = newness(loud.effect);
      if (worse(bundle.loud, severity) !== bundle.loud) {
        bundle.loud = severity;
        bundle.loudAct = loud.act;
      }
    }
  }
  for (const bundle of bundles.values()) {
    const others = bundle.acts.filter((act) => act.act !== "cyclic_io").map((act) => act.effect);
    bundle.cyclic = bundle.acts.some((act) => act.act === "cyclic_io");
    bundle.effect = others.length > 0 ? strongest(others) : bundle.pairs.length > 0 && bundle.acts.length === 0 ? strongest(bundle.pairs.map((link) => link.effect)) : "observes";
    bundle.acts.sort((one, two) => strength(two.effect) - strength(one.effect) || two.count - one.count);
    for (const id of [bundle.a, bundle.b]) {
      const node = nodes.get(id);
      if (node && bundle.loud) node.mark = worse(node.mark, bundle.loud);
    }
  }
  return { nodes: [...nodes.values()], bundles: [...bundles.values()] };
}

/** Which nodes fit some words: name, address, product. */
export function matches(graph: Graph, text: string): string[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  return graph.nodes.filter((node) => node.devices.some((device) => [device.name, device.address, device.product].some((one) => one?.toLowerCase().includes(wanted)))).map((node) => node.id);
}

/** The nearest node in a direction, for the arrow keys: nearness along the direction counts double. */
export function nearest(from: { x: number; y: number }, all: { id: string; x: number; y: number }[], direction: "left" | "right" | "up" | "down"): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const one of all) {
    const dx = one.x - from.x, dy = one.y - from.y;
    const along = direction === "left" ? -dx : direction === "right" ? dx : direction === "up" ? -dy : dy;
    const across = Math.abs(direction === "left" || direction === "right" ? dy : dx);
    if (along <= 1 || across > along * 2.5) continue;
    const cost = along + across * 2;
    if (cost < least) {
      least = cost;
      best = one.id;
    }
  }
  return best;
}
