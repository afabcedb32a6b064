// The drawing itself: Cytoscape on a canvas above an SVG of bands and boxes that follows its pan and zoom.
// One stop for the keyboard; what is selected is said in a live region.
import cytoscape, { type Core, type ElementDefinition, type NodeSingular } from "cytoscape";
import { useEffect, useImperativeHandle, useMemo, useRef, useState, type KeyboardEvent, type Ref } from "react";
import { count, percent, short } from "../../format/numbers";
import { useLook, useWords } from "../../look/look";
import { Icon } from "../../parts/Icon";
import type { Key } from "../../words/words";
import type { Band, Layout, Zone } from "./layout";
import { Boxes } from "./Boxes";
import { edgeLook, iconUri, markUri, stylesheet, textOn, tint } from "./look";
import { nearest, type Graph, type Node } from "./model";
import { holdWhileMoved } from "./hold";
import { near, opened, type Spread } from "./spread";

export interface CanvasHandle { fit(): void; focusOn(id: string): void; focus(): void }
interface Props {
  graph: Graph;
  layout: Layout | Spread;
  layoutName: string;
  selected: string;
  found: readonly string[] | null;
  emphasise: boolean;
  onSelect(id: string): void;
  onOpen(id: string): void;
  onFold(id: string): void;
  onLine(id: string): void;
  onDrag(id: string, point: { x: number; y: number }): void;
  handle: Ref<CanvasHandle>;
}

const nothing: ReadonlySet<string> = new Set();
/** From so many shapes on there is no room for a name that nobody asked for. */
const crowd = 100;
const farBelow = 0.35, labelsFrom = 0.8, detailFrom = 1.6;
/** Far away there are only the boxes; a layout without boxes is never that far. */
const lod = (zoom: number, layout: Layout) => (zoom < farBelow && layout.zones.length > 1 ? 0 : zoom < labelsFrom ? 1 : zoom <= detailFrom ? 2 : 3);

export function Canvas(props: Props) {
  const { graph: whole, layout, layoutName, selected, found, emphasise } = props;
  const { t, word } = useWords();
  const { tokens, theme } = useLook();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLDivElement>(null);
  const world = useRef<SVGGElement>(null);
  const bands = useRef<SVGGElement>(null);
  const moved = useRef<() => void>(() => undefined);
  const core = useRef<Core | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const fitted = useRef("");
  /** What was given to Cytoscape, by id: what is the same is not styled anew. */
  const drawn = useRef(new Map<string, string>());
  const [level, setLevel] = useState(2);
  // Of a large plant only the boxes that are near are looked into; from afar there is nothing but boxes.
  const spread = "many" in layout ? layout : null;
  const [open, setOpen] = useState<ReadonlySet<string>>(nothing);
  const [scale, setScale] = useState(1);
  const graph = useMemo(() => (spread ? near(spread, whole, open) : whole), [spread, whole, open]);
  const [said, setSaid] = useState("");

  useEffect(() => {
    if (!canvas.current) return;
    const cy = cytoscape({
      container: canvas.current, elements: [], minZoom: 0.04, maxZoom: 3, boxSelectionEnabled: false, selectionType: "single", textureOnViewport: false, pixelRatio: "auto" as unknown as number, autounselectify: false,
    });
    core.current = cy;
    const follow = () => {
      const pan = cy.pan(), zoom = cy.zoom();
      world.current?.setAttribute("transform", `translate(${pan.x} ${pan.y}) scale(${zoom})`);
      world.current?.style.setProperty("--inv", String(1 / zoom));
      for (const label of bands.current?.children ?? []) label.setAttribute("transform", `translate(14 ${pan.y + Number(label.getAttribute("data-y")) * zoom})`);
    };
    moved.current = follow;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const held = holdWhileMoved(cy, () => picture.current, follow, () => "many" in latest.current.layout);
    const settle = () => {
      held.release();
      const zoom = cy.zoom(), now = latest.current;
      const far = lod(zoom, now.layout);
      setLevel(far);
      if ("many" in now.layout) {
        const view = cy.extent();
        const next = far === 0 ? nothing : opened(now.layout, now.graph, view);
        setOpen((before) => (before.size === next.size && [...next].every((id) => before.has(id)) ? before : next));
        setScale(zoom);
      }
      const size = 12 / Math.min(1, zoom);
      cy.batch(() => {
        cy.nodes().style({ "font-size": size, "text-max-width": `${latest.current.layoutName === "level" && cy.nodes().length <= crowd ? Math.max(88, 78 / zoom) : 84}px` });
        cy.edges(".loud").style("font-size", size);
      });
    };
    cy.on("viewport", () => {
      if (!held.moves()) follow();
      clearTimeout(timer);
      // Cytoscape draws by itself 150 ms after the wheel: that is held, and drawn with what settles.
      timer = setTimeout(settle, "many" in latest.current.layout ? 160 : 60);
    });
    cy.on("tap", (event) => {
      const now = latest.current;
      if (lod(cy.zoom(), now.layout) === 0) {
        const { x, y } = event.position;
        const zone = now.layout.zones.find((one) => x >= one.x && x <= one.x + one.w && y >= one.y && y <= one.y + one.h);
        if (zone && "many" in now.layout) lookInto(cy, zone);
        else if (zone) now.onLine(zone.id || "none");
      } else if (event.target === cy) now.onSelect("");
      else latest.current.onSelect((event.target as NodeSingular).id());
      box.current?.focus({ preventScroll: true });
    });
    cy.on("dbltap", "node", (event) => {
      const id = (event.target as NodeSingular).id();
      if (id.startsWith("fold:")) latest.current.onFold(id);
      else latest.current.onOpen(id);
    });
    cy.on("dragfree", "node", (event) => {
      const node = event.target as NodeSingular;
      latest.current.onDrag(node.id(), node.position());
    });
    cy.on("mouseover", "node", (event) => (event.target as NodeSingular).connectedEdges().addClass("near"));
    cy.on("mouseout", "node", (event) => (event.target as NodeSingular).connectedEdges().removeClass("near"));
    const observer = new ResizeObserver(() => { held.release(); cy.resize(); follow(); });
    observer.observe(canvas.current);
    return () => {
      observer.disconnect();
      clearTimeout(timer);
      cy.destroy();
      drawn.current.clear();
      core.current = null;
    };
  }, []);

  useEffect(() => { core.current?.style(stylesheet(tokens) as never); }, [tokens]);

  // What is drawn follows the graph: only what differs is touched, so nothing jumps on a live update.
  useEffect(() => {
    const cy = core.current;
    if (!cy) return;
    const dark = theme === "dark";
    const dense = graph.nodes.length > crowd;
    const zones = new Map(layout.zones.map((zone) => [zone.id, zone]));
    const known = new Map(graph.nodes.map((node) => [node.id, node]));
    const zoneOf = new Map<string, string>();
    for (const node of graph.nodes) zoneOf.set(node.id, spread || (zones.has(node.line) && !["4", "3.5", "3"].includes(node.level)) || layoutName === "vlan" ? "inzone" : "");
    const lift = new Map<string, number>();
    const wanted = new Map<string, ElementDefinition>();
    for (const node of graph.nodes) {
      const at = layout.at.get(node.id) ?? { x: 0, y: 0 };
      const icons = [iconUri(node.role, tokens), ...(node.mark ? [markUri(node.mark, tokens, dark)] : [])];
      const many = node.devices.length;
      // Inside of a line's box its name needs not stand before each device.
      const prefix = zoneOf.get(node.id) ? (zones.get(node.line)?.name ?? "") : "";
      const plain = (name: string) => (prefix && name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length).trim() : name);
      wanted.set(node.id, {
        group: "nodes",
        data: {
          id: node.id, icons, widths: node.mark ? "22px 15px" : "22px", heights: node.mark ? "22px 15px" : "22px", xs: node.mark ? "6px 25px" : "6px", ys: node.mark ? "6px -7px" : "6px",
          short: many > 1 ? t("map.folded", { name: common(node, plain), n: many }) : plain(node.name),
          long: many > 1 ? t("map.folded", { name: common(node, plain), n: many }) : [node.name, node.devices[0]?.address, node.devices[0]?.product].filter((part, index, all) => part && all.indexOf(part) === index).join("\n"),
          label: "", shown: dense ? node.mark !== null && node.mark !== "low" : node.mark !== null || ["2", "3", "3.5", "4"].includes(node.level),
        },
        position: at,
        classes: [many > 1 ? "folded" : "", node.mark && node.mark !== "low" ? `${node.mark} bold` : "", zoneOf.get(node.id) ?? "", node.devices.every((device) => device.state === "unknown") ? "unseen" : ""].filter(Boolean).join(" "),
      });
    }
    for (const bundle of graph.bundles) {
      const look = edgeLook(bundle, tokens, emphasise);
      const a = layout.at.get(bundle.a), b = layout.at.get(bundle.b);
      const lineA = known.get(bundle.a), lineB = known.get(bundle.b);
      const crosses = layoutName === "level" && !spread && lineA && lineB && lineA.line !== lineB.line && bundle.loud === null;
      const curve = layoutName === "level" && !spread && !crosses && a && b ? sCurve(a, b) : null;
      // Trunks between lines run in the gutter above the boxes, a little apart from each other.
      let turn = "50%";
      if (crosses && a && b) {
        const high = a.y < b.y ? bundle.a : bundle.b;
        const nth = lift.get(high) ?? 0;
        lift.set(high, nth + 1);
        const top = (layout.zones[0]?.y ?? 0) - 14 - (nth % 3) * 4;
        turn = `${Math.max(24, Math.abs(top - Math.min(a.y, b.y)))}px`;
        if (a.y > b.y) turn = `${Math.max(24, a.y - top)}px`;
      }
      wanted.set(bundle.id, {
        group: "edges",
        data: {
          id: bundle.id, source: bundle.a, target: bundle.b, color: look.color, width: look.width, wide: look.width + 1.2, z: look.z, turn,
          distances: curve?.distances ?? [0, 0], weights: curve?.weights ?? [0.3, 0.7],
          label: bundle.loudAct ? t("map.firstAct", { act: word("act", bundle.loudAct) }) : "", tint: tint(bundle.loud ?? "low", tokens), text: textOn(bundle.loud ?? "low", tokens),
          counts: bundle.acts.slice(0, 2).map((act) => `${word("act", act.act)} ${short(act.count)}`).join("  "),
        },
        classes: [curve ? "curve" : "", crosses ? "trunk" : "", bundle.oneSided ? "oneSided" : "", bundle.loud ? "loud" : ""].filter(Boolean).join(" "),
      });
    }
    cy.batch(() => {
      cy.elements().forEach((element) => {
        if (wanted.has(element.id())) return;
        drawn.current.delete(element.id());
        element.remove();
      });
      const fresh: ElementDefinition[] = [];
      for (const [id, definition] of wanted) {
        const there = cy.getElementById(id), text = JSON.stringify(definition);
        const same = drawn.current.get(id) === text;
        drawn.current.set(id, text);
        if (there.empty()) {
          fresh.push(definition);
          continue;
        }
        if (same) continue;
        there.data(definition.data);
        there.classes(definition.classes as string);
        if (definition.position && !there.grabbed()) there.position(definition.position);
      }
      cy.add(fresh.filter((one) => one.group === "nodes"));
      cy.add(fresh.filter((one) => one.group === "edges"));
    });
    const renderer = (cy as unknown as { renderer(): { hideEdgesOnViewport: boolean; textureOnViewport: boolean } }).renderer();
    renderer.hideEdgesOnViewport = spread === null && graph.bundles.length > 2000;
    renderer.textureOnViewport = spread === null && graph.nodes.length > 500;
    const shape = `${layoutName}|${layout.zones.map((zone) => zone.id).join()}`;
    if (fitted.current !== shape && layout.at.size > 0) {
      fitted.current = shape;
      fit(cy, layout);
    }
    moved.current();
    const now = lod(cy.zoom(), layout);
    setLevel(now);
    setScale(cy.zoom());
    paintLevel(cy, now);
  }, [spread, graph, layout, layoutName, tokens, theme, emphasise, t, word]);

  useEffect(() => { if (core.current) paintLevel(core.current, level); }, [level, graph]);

  useEffect(() => {
    const cy = core.current;
    if (!cy) return;
    cy.batch(() => {
      cy.$(":selected").unselect();
      if (selected) cy.getElementById(selected).select();
      cy.elements().removeClass("faint");
      if (found) {
        const kept = new Set(found);
        cy.nodes().forEach((node) => { if (!kept.has(node.id())) node.addClass("faint"); });
        cy.edges().forEach((edge) => { if (!kept.has(edge.source().id()) || !kept.has(edge.target().id())) edge.addClass("faint"); });
      }
    });
    const node = whole.nodes.find((one) => one.id === selected);
    if (node) {
      const peers = whole.bundles.filter((bundle) => bundle.a === node.id || bundle.b === node.id).length;
      setSaid(t("map.says", { name: node.name, state: t(`severity.${node.mark ?? "ok"}` as Key), n: peers }));
    } else setSaid("");
  }, [selected, found, graph, whole, t]);

  useImperativeHandle(props.handle, () => ({
    fit: () => { if (core.current) fit(core.current, latest.current.layout); },
    focus: () => box.current?.focus(),
    focusOn: (id) => {
      const cy = core.current;
      const element = cy?.getElementById(id);
      if (!cy || !element) return;
      if (element.empty()) {
        const at = latest.current.layout.at.get(id) ?? latest.current.layout.at.get(id.split("~")[0] ?? "");
        if (at) moveTo(cy, at);
        return;
      }
      const target = Math.max(cy.zoom(), 0.9);
      cy.zoom({ level: target, position: element.isNode() ? element.position() : { x: 0, y: 0 } });
      cy.center(element);
    },
  }));

  const zoomBy = (factor: number) => {
    const cy = core.current;
    if (cy) cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  };
  const step = (id: string) => {
    const cy = core.current;
    if (!cy) return;
    props.onSelect(id);
    const element = cy.getElementById(id), point = layout.at.get(id);
    if (element.empty() && point) { moveTo(cy, point); return; }
    const at = element.renderedPosition();
    if (at && (at.x < 40 || at.y < 40 || at.x > cy.width() - 40 || at.y > cy.height() - 40)) cy.center(cy.getElementById(id));
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = ({ ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" } as const)[event.key];
    const points = whole.nodes.map((node) => ({ id: node.id, ...(layout.at.get(node.id) ?? { x: 0, y: 0 }) }));
    const from = layout.at.get(selected) ?? layout.at.get(whole.bundles.find((bundle) => bundle.id === selected)?.a ?? "");
    if (direction) {
      const next = from ? nearest(from, points, direction) : points[0]?.id;
      if (next) step(next);
    } else if (event.key === "[" || event.key === "]") {
      const bundles = whole.bundles.filter((bundle) => bundle.a === anchor.current || bundle.b === anchor.current);
      if (!selected.includes("~") && whole.nodes.some((node) => node.id === selected)) anchor.current = selected;
      const own = whole.bundles.filter((bundle) => bundle.a === anchor.current || bundle.b === anchor.current);
      const list = own.length > 0 ? own : bundles;
      if (list.length === 0) return;
      const at = list.findIndex((bundle) => bundle.id === selected);
      const next = list[(at + (event.key === "]" ? 1 : -1) + list.length) % list.length];
      if (next) props.onSelect(next.id);
    } else if (event.key === "Enter" || event.key === "o") {
      if (!selected) return;
      if (event.key === "Enter" && selected.startsWith("fold:")) props.onFold(selected);
      else props.onOpen(selected);
    } else if (event.key === "+" || event.key === ";") zoomBy(1.25);
    else if (event.key === "-" || event.key === "−") zoomBy(0.8);
    else if (event.key === "0") { if (core.current) fit(core.current, layout); }
    else if (event.key === "f" && selected) props.onFold(selected);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const anchor = useRef("");

  return (
    <div className="mv" ref={box} tabIndex={0} role="application" aria-roledescription={t("nav.map")} aria-label={t("map.label", { n: whole.nodes.length })} onKeyDown={onKey}>
      <div className={spread ? "picture large" : "picture"} ref={picture}>
      <svg className="ground" aria-hidden="true">
        <defs><pattern id="ground-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M1 0v6" stroke="var(--hatch)" strokeWidth="1.5" /></pattern></defs>
        <g ref={world}>{spread ? <Boxes spread={spread} open={level === 0 ? nothing : open} scale={scale} /> : <Ground layout={layout} far={level === 0} graph={graph} />}</g>
        <g ref={bands} style={{ display: level === 0 ? "none" : undefined }}>{layout.bands.map((band) => (
          <g key={band.level} data-y={band.y}>
            <rect x="0" y="8" width="30" height="18" rx="3" fill="var(--canvas)" stroke="var(--line2)" /><text x="15" y="21" textAnchor="middle">{band.level || "–"}</text>
            <text x="0" y="42" className="tx3 canvas-halo">{t(`level.${band.level || "none"}` as Key)}</text>
          </g>
        ))}</g>
      </svg>
      <div className="stage" ref={canvas} style={{ opacity: level === 0 ? 0 : 1, pointerEvents: "auto" }} />
      </div>
      <div className="zc" role="group" aria-label={t("keys.zoom")}>
        <button type="button" aria-label={t("map.closer")} title={t("map.closer")} onClick={() => zoomBy(1.25)}><Icon name="plus" /></button>
        <button type="button" aria-label={t("map.farther")} title={t("map.farther")} onClick={() => zoomBy(0.8)}><Icon name="minus" /></button>
        <button type="button" aria-label={t("map.fit")} title={t("map.fit")} onClick={() => core.current && fit(core.current, layout)}><Icon name="fit" /></button>
      </div>
      <div className="unheard" aria-live="polite">{said}</div>
    </div>
  );
}

function common(node: Node, plain: (name: string) => string): string {
  // "drive 1" … "drive 8" are one "drive".
  const names = node.devices.map((device) => plain(device.name));
  let shared = names[0] ?? "";
  for (const name of names) while (shared && !name.startsWith(shared)) shared = shared.slice(0, -1);
  shared = shared.replace(/[\d\s._:-]+$/, "");
  return shared.length >= 2 ? shared : (names[0] ?? "");
}

function fit(cy: Core, layout: Layout): void {
  const xs = [...layout.at.values()].map((point) => point.x), ys = [...layout.at.values()].map((point) => point.y);
  const x1 = Math.min(...xs.map((x) => x - 40), ...layout.zones.map((zone) => zone.x)), x2 = Math.max(...xs.map((x) => x + 40), ...layout.zones.map((zone) => zone.x + zone.w));
  const y1 = Math.min(...ys.map((y) => y - 34), ...layout.zones.map((zone) => zone.y)), y2 = Math.max(...ys.map((y) => y + 40), ...layout.zones.map((zone) => zone.y + zone.h));
  if (!Number.isFinite(x1) || cy.width() < 10) return;
  // Boxes leave the buttons free.
  const left = layout.bands.length > 0 ? 92 : 16, around = 12, low = matchMedia("(max-width: 1180px)").matches;
  const right = "many" in layout && !low ? 56 : around, foot = "many" in layout && low ? 52 : around;
  const zoom = Math.max(0.05, Math.min(1.25, (cy.width() - left - right) / (x2 - x1), (cy.height() - around - foot) / (y2 - y1)));
  cy.viewport({ zoom, pan: { x: left + (cy.width() - left - right - (x2 - x1) * zoom) / 2 - x1 * zoom, y: around + (cy.height() - around - foot - (y2 - y1) * zoom) / 2 - y1 * zoom } });
}

/** A box, as large as it fits. */
function lookInto(cy: Core, zone: Zone): void {
  const zoom = Math.min(1.1, Math.max(farBelow + 0.02, Math.min((cy.width() - 40) / zone.w, (cy.height() - 40) / zone.h)));
  cy.viewport({ zoom, pan: { x: cy.width() / 2 - (zone.x + zone.w / 2) * zoom, y: cy.height() / 2 - (zone.y + zone.h / 2) * zoom } });
}

function moveTo(cy: Core, at: { x: number; y: number }): void {
  const zoom = Math.max(cy.zoom(), 0.9);
  cy.viewport({ zoom, pan: { x: cy.width() / 2 - at.x * zoom, y: cy.height() / 2 - at.y * zoom } });
}

function paintLevel(cy: Core, level: number): void {
  cy.batch(() => {
    cy.nodes().forEach((node) => {
      const show = level >= 2 || node.data("shown") === true || node.selected();
      const label = !show ? "" : level >= 3 ? node.data("long") as string : node.data("short") as string;
      if (node.data("label") !== label) node.data("label", label);
      node.style("text-wrap", level >= 3 ? "wrap" : "ellipsis");
    });
    cy.edges().toggleClass("counts", level >= 3);
  });
}

/** Leaves upwards and arrives from above, like a cable in a drawing. */
function sCurve(a: { x: number; y: number }, b: { x: number; y: number }): { distances: number[]; weights: number[] } | null {
  const dx = b.x - a.x, dy = b.y - a.y;
  if (Math.abs(dy) < 30 || Math.abs(dx) < 6) return null;
  const length = Math.hypot(dx, dy);
  const middle = (a.y + b.y) / 2;
  const of = (x: number, y: number) => {
    const px = x - a.x, py = y - a.y;
    return { weight: (px * dx + py * dy) / (length * length), distance: (py * dx - px * dy) / length };
  };
  const one = of(a.x, middle), two = of(b.x, middle);
  return { distances: [one.distance, two.distance], weights: [one.weight, two.weight] };
}

function Ground({ layout, far, graph }: { layout: Layout; far: boolean; graph: Graph }) {
  const { t } = useWords();
  const right = Math.max(900, ...layout.zones.map((zone) => zone.x + zone.w), ...[...layout.at.values()].map((point) => point.x + 60));
  const trunks = useMemo(() => (far ? trunksOf(graph, layout) : []), [far, graph, layout]);
  return (
    <>
      {layout.bands.map((band: Band, index) => (
        <g key={band.level}>
          {index > 0 && <path d={`M-40 ${band.y}H${right}`} stroke="var(--line2)" strokeDasharray="1 4" vectorEffect="non-scaling-stroke" />}
        </g>
      ))}
      {far && trunks.map((trunk) => <path key={trunk.key} d={trunk.path} fill="none" stroke="var(--e1)" strokeWidth={trunk.width} vectorEffect="non-scaling-stroke" />)}
      {layout.zones.map((zone: Zone) => (
        <g key={zone.id}>
          <rect x={zone.x} y={zone.y} width={zone.w} height={zone.h} rx="8" fill="var(--zone)" stroke={far && trunks.length ? "var(--ctl)" : "var(--line2)"} vectorEffect="non-scaling-stroke" />
          {zone.seen !== undefined && zone.seen < 1 && <rect x={zone.x + 6} y={zone.y + zone.h - Math.min(40, zone.h / 4) - 6} width={zone.w - 12} height={Math.min(40, zone.h / 4)} fill="url(#ground-hatch)" stroke="var(--line2)" strokeDasharray="4 3" vectorEffect="non-scaling-stroke" />}
          {zone.seen !== undefined && zone.seen < 1 && !far && <text x={zone.x + zone.w / 2} y={zone.y + zone.h - 20} textAnchor="middle" className="ground-halo zonecount">{t("map.unseen", { seen: percent(zone.seen) })}</text>}
          {far ? (
            <text x={zone.x + zone.w / 2} y={zone.y + zone.h / 2} textAnchor="middle" className="far"><tspan className="b tx1">{zone.name || t("devices.noLine")}</tspan><tspan x={zone.x + zone.w / 2} dy="1.35em" className="tx3">{t("unit.devices", { n: zone.devices })}</tspan></text>
          ) : (
            <><text x={zone.x + 10} y={zone.y + 22} className="b tx1 zonename">{zone.name || t("devices.noLine")}</text><text x={zone.x + zone.w - 10} y={zone.y + 22} textAnchor="end" className="tx3 zonecount">{count(zone.devices)}</text></>
          )}
        </g>
      ))}
    </>
  );
}

/** Far away there is one trunk a pair of lines, as thick as the logarithm of what it carries. */
function trunksOf(graph: Graph, layout: Layout): { key: string; path: string; width: number }[] {
  const zones = new Map(layout.zones.map((zone) => [zone.id, zone]));
  const home = new Map(graph.nodes.map((node) => [node.id, ["4", "3.5", "3"].includes(node.level) && layout.bands.length > 0 ? `level ${node.level}` : node.line]));
  const sums = new Map<string, number>();
  for (const bundle of graph.bundles) {
    const a = home.get(bundle.a) ?? "", b = home.get(bundle.b) ?? "";
    if (a === b) continue;
    const key = [a, b].sort().join("~");
    sums.set(key, (sums.get(key) ?? 0) + bundle.pairs.length);
  }
  const middle = (id: string) => {
    const zone = zones.get(id);
    if (zone) return { x: zone.x + zone.w / 2, y: zone.y + 6 };
    const band = layout.bands.find((one) => `level ${one.level}` === id);
    return band ? { x: 110 + Math.max(0, ...layout.zones.map((one) => one.x + one.w)) / 2, y: band.y + band.h / 2 } : null;
  };
  return [...sums].flatMap(([key, n]) => {
    const [a, b] = key.split("~");
    const from = middle(a ?? ""), to = middle(b ?? "");
    return from && to ? [{ key, width: 1 + Math.log10(1 + n) * 2, path: `M${from.x} ${from.y}L${to.x} ${to.y}` }] : [];
  });
}
