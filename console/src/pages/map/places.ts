// Where a reader dragged things, and computed force layouts by the hash of their graph; kept in the browser.
import type { Graph } from "./model";
import type { Point } from "./layout";
import type { Ask } from "./force.worker";

const key = (layout: string) => `yagura.map.${layout}`;

export function kept(layout: string): Map<string, Point> {
  try {
    return new Map(JSON.parse(localStorage.getItem(key(layout)) ?? "[]") as [string, Point][]);
  } catch {
    return new Map();
  }
}
export function keepPlace(layout: string, id: string, point: Point): void {
  const all = kept(layout);
  all.delete(id);
  all.set(id, { x: Math.round(point.x), y: Math.round(point.y) });
  try {
    localStorage.setItem(key(layout), JSON.stringify([...all].slice(-2000)));
  } catch { /* full or private: it holds for this visit */ }
}
export function forgetPlaces(layout: string): void {
  try {
    localStorage.removeItem(key(layout));
  } catch { /* nothing was kept then */ }
}

function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return (value >>> 0).toString(36);
}

let worker: Worker | undefined;
/** Ends when the worker has answered; the same graph is answered from memory. */
export async function force(graph: Graph): Promise<Map<string, Point>> {
  const nodes = graph.nodes.map((node) => ({ id: node.id, line: node.line })).sort((a, b) => a.id.localeCompare(b.id));
  const edges = graph.bundles.map((bundle) => ({ a: bundle.a, b: bundle.b })).sort((a, b) => (a.a + a.b).localeCompare(b.a + b.b));
  const name = `yagura.force.${hash(JSON.stringify([nodes, edges]))}`;
  try {
    const known = sessionStorage.getItem(name);
    if (known) return new Map((JSON.parse(known) as [string, number, number][]).map(([id, x, y]) => [id, { x, y }]));
  } catch { /* computed again */ }
  worker?.terminate();
  const mine = new Worker(new URL("./force.worker.ts", import.meta.url), { type: "module" });
  worker = mine;
  const points = await new Promise<[string, number, number][]>((done, failed) => {
    mine.onmessage = (message: MessageEvent<[string, number, number][]>) => done(message.data);
    mine.onerror = (error) => failed(new Error(error.message));
    mine.postMessage({ nodes, edges } satisfies Ask);
  });
  mine.terminate();
  try {
    sessionStorage.setItem(name, JSON.stringify(points));
  } catch { /* too large to keep */ }
  return new Map(points.map(([id, x, y]) => [id, { x, y }]));
}
