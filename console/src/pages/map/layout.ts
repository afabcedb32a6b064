// Where things stand. Level: bands by Purdue level, a box a line across levels 2 to 0. VLAN: a box a VLAN.
// Places are kept between visits: who comes new gets a free place, nobody else moves.
import type { Graph, Node } from "./model";

export interface Point { x: number; y: number }
export interface Zone { id: string; name: string; x: number; y: number; w: number; h: number; devices: number; seen?: number }
export interface Band { level: string; y: number; h: number }
export interface Layout { at: Map<string, Point>; zones: Zone[]; bands: Band[] }

const cell = { w: 84, h: 76 };
const gap = 16;
const head = 34;
const upper = ["4", "3.5", "3"];
const lower = ["2", "1", "0", ""];

const byName = (a: Node, b: Node) => a.name.localeCompare(b.name, "ja", { numeric: true }) || a.id.localeCompare(b.id);
const order = (node: Node) => ["engineering_station", "scada_server", "hmi", "operator_panel", "plc", "safety_controller", "rtu", "gateway"].indexOf(node.role) >>> 0;

function rowsOf(nodes: Node[], columns: number): Node[][] {
  const sorted = [...nodes].sort((a, b) => order(a) - order(b) || byName(a, b));
  const rows = Math.ceil(sorted.length / columns);
  const each = rows === 0 ? 0 : Math.ceil(sorted.length / rows);
  return Array.from({ length: rows }, (_, row) => sorted.slice(row * each, row * each + each));
}

export interface Lines { id: string; name: string }

/** What is above the lines has levels of its own; what has no level stands in the lowest band. */
export function levelLayout(graph: Graph, lines: Lines[], kept: ReadonlyMap<string, Point>): Layout {
  const level = (node: Node) => (upper.includes(node.level) || lower.includes(node.level) ? node.level : "");
  const isUpper = (node: Node) => upper.includes(level(node));
  const names = new Map(lines.map((line) => [line.id, line.name]));
  const groups = new Map<string, Node[]>();
  for (const node of graph.nodes) if (!isUpper(node)) groups.set(node.line, [...(groups.get(node.line) ?? []), node]);
  const position = new Map(lines.map((line, index) => [line.id, index]));
  const zones = [...groups].sort(([a], [b]) => (position.get(a) ?? 999) - (position.get(b) ?? 999));

  const at = new Map<string, Point>();
  const bands: Band[] = [];
  // As many in a row as lets the whole be largest on a usual screen.
  const upperRows = upper.filter((one) => graph.nodes.some((node) => level(node) === one)).length;
  const columnsFor = (cap: number) => zones.map(([, nodes]) => Math.max(1, Math.min(cap, ...[Math.max(...lower.map((one) => nodes.filter((node) => level(node) === one).length))])));
  const widthOf = (count: number) => Math.max(132, count * cell.w + 16);
  let columns = columnsFor(3), largest = 0;
  for (let cap = 1; cap <= 14; cap++) {
    const mine = columnsFor(cap);
    const width = mine.reduce((sum, count) => sum + widthOf(count) + gap, 0);
    const rows = lower.reduce((sum, one) => sum + Math.max(0, ...zones.map(([, nodes], index) => Math.ceil(nodes.filter((node) => level(node) === one).length / (mine[index] ?? 1)))), upperRows);
    const zoom = Math.min(830 / width, 690 / (rows * cell.h + 60));
    if (zoom > largest) {
      largest = zoom;
      columns = mine;
    }
  }
  const widths = columns.map(widthOf);
  const total = widths.reduce((sum, width) => sum + width + gap, 0);
  const left = 0;

  let y = 20;
  for (const one of upper) {
    const mine = graph.nodes.filter((node) => level(node) === one);
    const perRow = Math.max(4, Math.floor(Math.max(total, 760) / 120));
    const rows = rowsOf(mine, perRow);
    const height = Math.max(1, rows.length) * cell.h;
    rows.forEach((row, index) => {
      const width = Math.max(total - gap, 760);
      const step = Math.min(170, width / row.length);
      const from = left + (width - step * row.length) / 2 + step / 2;
      row.forEach((node, place) => at.set(node.id, { x: from + place * step, y: y + index * cell.h + 26 }));
    });
    if (mine.length > 0 || graph.nodes.length === 0) {
      bands.push({ level: one, y: y - 8, h: height });
      y += height;
    }
  }
  const top = y + 8;
  y = top + head;
  for (const one of lower) {
    const rows = zones.map(([, nodes], index) => rowsOf(nodes.filter((node) => level(node) === one), columns[index] ?? 3));
    const most = Math.max(0, ...rows.map((row) => row.length));
    if (most === 0) continue;
    let x = left;
    rows.forEach((zoneRows, zone) => {
      const width = widths[zone] ?? 150;
      zoneRows.forEach((row, index) => {
        const step = Math.min(cell.w + 24, (width - 12) / row.length);
        const from = x + (width - step * row.length) / 2 + step / 2;
        row.forEach((node, place) => at.set(node.id, { x: from + place * step, y: y + index * cell.h + 28 }));
      });
      x += width + gap;
    });
    bands.push({ level: one, y: y - (bands.length > 0 && one === lower[0] ? head : 0), h: most * cell.h });
    y += most * cell.h;
  }
  let x = left;
  const boxes = zones.map(([id, nodes], index): Zone => {
    const width = widths[index] ?? 150;
    const zone = { id, name: names.get(id) ?? "", x, y: top, w: width, h: y - top + 8, devices: nodes.reduce((sum, node) => sum + node.devices.length, 0) };
    x += width + gap;
    return zone;
  });
  return keep({ at, zones: boxes, bands }, kept);
}

export function vlanLayout(graph: Graph, kept: ReadonlyMap<string, Point>): Layout {
  const between = (node: Node) => node.role === "router" || node.role === "firewall";
  const groups = new Map<number, Node[]>();
  for (const node of graph.nodes) if (!between(node)) groups.set(node.vlan, [...(groups.get(node.vlan) ?? []), node]);
  const at = new Map<string, Point>();
  const zones: Zone[] = [];
  const sorted = [...groups].sort(([a], [b]) => (a < 0 ? 1e9 : a) - (b < 0 ? 1e9 : b));
  const perRow = Math.max(1, Math.ceil(Math.sqrt(sorted.length) * 1.2));
  const routers = graph.nodes.filter(between).sort(byName);
  routers.forEach((node, index) => at.set(node.id, { x: 120 + index * 130, y: 46 }));
  let y = routers.length > 0 ? 120 : 20, x = 20, tall = 0;
  sorted.forEach(([vlan, nodes], index) => {
    const columns = Math.max(2, Math.ceil(Math.sqrt(nodes.length) * 1.3));
    const rows = rowsOf(nodes, columns);
    const w = Math.min(columns, Math.max(2, rows[0]?.length ?? 2)) * cell.w + 20, h = head + rows.length * cell.h + 8;
    rows.forEach((row, line) => row.forEach((node, place) => at.set(node.id, { x: x + 10 + cell.w / 2 + place * cell.w, y: y + head + line * cell.h + 28 })));
    zones.push({ id: String(vlan), name: vlan < 0 ? "" : `VLAN ${vlan}`, x, y, w, h, devices: nodes.reduce((sum, node) => sum + node.devices.length, 0) });
    tall = Math.max(tall, h);
    x += w + gap;
    if ((index + 1) % perRow === 0) {
      x = 20;
      y += tall + gap;
      tall = 0;
    }
  });
  return keep({ at, zones, bands: [] }, kept);
}

/** Uses kept places where there are any; a layout that mostly changed is made anew. */
function keep(layout: Layout, kept: ReadonlyMap<string, Point>): Layout {
  for (const [id, point] of kept) if (layout.at.has(id)) layout.at.set(id, point);
  return layout;
}
