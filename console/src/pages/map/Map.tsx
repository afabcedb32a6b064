// Who talks to whom, where, in which acts. Layout, filters, window and selection stand in the address.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, useNavigate } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { useKeys } from "../../app/keys";
import { useWords } from "../../look/look";
import { actOrder } from "../../parts/effects";
import { protocolName } from "../../parts/Evidence";
import { Icon } from "../../parts/Icon";
import { Failed, Kbd, Pop, Seg, State, useLate, usePageTitle } from "../../parts/parts";
import { useUrl } from "../../parts/url";
import { Canvas, type CanvasHandle } from "./Canvas";
import { Inspector } from "./Inspector";
import { levelLayout, vlanLayout, type Layout } from "./layout";
import { MapTable } from "./MapTable";
import { build, folds, matches, type Graph } from "./model";
import { force, forgetPlaces, kept, keepPlace } from "./places";
import { manyFrom, spreadLayout } from "./spread";
import { TimeStrip } from "./TimeStrip";

const layouts = ["level", "vlan", "force"] as const;
type LayoutName = (typeof layouts)[number];
const none: Graph = { nodes: [], bundles: [] };

export default function MapPage() {
  const { t, word } = useWords();
  const url = useUrl();
  const navigate = useNavigate();
  usePageTitle(t("nav.map"));
  const name: LayoutName = (layouts as readonly string[]).includes(url.get("layout")) ? url.get("layout") as LayoutName : "level";
  const line = url.get("line"), act = url.get("act"), protocol = url.get("protocol");
  const since = url.get("since") ? Date.parse(url.get("since")) : null, until = url.get("until") ? Date.parse(url.get("until")) : null;
  const overview = useQuery({ queryKey: ["overview"], queryFn: ({ signal }) => call("get", "/overview", { signal }) });
  const ask = useMemo(() => ({
    nodes: 5000, ...(line ? { line } : {}), ...(act ? { act: act as Schemas["Act"] } : {}), ...(protocol ? { protocol } : {}),
    ...(since !== null && until !== null ? { since: new Date(since).toISOString(), until: new Date(until).toISOString() } : {}),
  }), [line, act, protocol, since, until]);
  const query = useQuery({ queryKey: ["map", ask], queryFn: ({ signal }) => call("get", "/map", { query: ask, signal }), placeholderData: keepPreviousData, structuralSharing: false });
  const facets = useQuery({ queryKey: ["facets", {}], queryFn: ({ signal }) => call("get", "/devices/facets", { query: {}, signal }), staleTime: 60_000 });
  const late = useLate(query.isPending);

  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const data = query.data;
  const graph = useMemo(() => (data ? build(data, open) : none), [data, open]);
  // A large plant is shown as boxes that open when one comes near.
  const many = graph.nodes.length > manyFrom;
  const [forced, setForced] = useState<{ graph: Graph; layout: Layout } | null>(null);
  const [dragged, setDragged] = useState(0);
  useEffect(() => {
    if (name !== "force" || graph.nodes.length === 0 || many) return;
    let gone = false;
    void force(graph).then((at) => {
      if (gone) return;
      for (const [id, point] of kept("force")) if (at.has(id)) at.set(id, point);
      setForced({ graph, layout: { at, zones: [], bands: [] } });
    }).catch(() => undefined);
    return () => { gone = true; };
  }, [name, graph, many, dragged]);
  const layout = useMemo<Layout>(() => {
    if (many) return spreadLayout(graph, data?.lines ?? [], name === "vlan" ? "vlan" : "line", kept(`many.${name}`));
    if (name === "force") return forced?.layout ?? { at: new Map(), zones: [], bands: [] };
    const made = name === "vlan" ? vlanLayout(graph, kept("vlan")) : levelLayout(graph, data?.lines ?? [], kept("level"));
    if (name === "level")
      for (const zone of made.zones) {
        const bar = overview.data?.coverage.find((one) => one.line?.id === zone.id);
        if (bar) zone.seen = bar.seen;
      }
    return made;
  }, [name, graph, many, data?.lines, forced, overview.data?.coverage, dragged]); // eslint-disable-line react-hooks/exhaustive-deps
  const drawn = name === "force" && !many && forced?.graph !== graph ? (forced?.graph ?? none) : graph;

  // A device that is hidden in a fold opens it.
  const asked = url.get("sel");
  useEffect(() => {
    if (!data || !asked || asked.startsWith("fold:")) return;
    const fold = folds(data, open).get(asked.split("~")[0] ?? "");
    if (fold) setOpen((before) => new Set([...before, fold]));
  }, [data, asked, open]);

  const [text, setText] = useState("");
  const found = useMemo(() => (text.trim() ? matches(graph, text) : null), [graph, text]);
  const walk = useRef(-1);
  const canvas = useRef<CanvasHandle>(null);
  const box = useRef<HTMLInputElement>(null);
  const emphasise = url.get("plain") !== "1" && !matchMedia("(prefers-contrast: more)").matches;
  const table = url.get("table") === "1";
  const select = useCallback((sel: string) => url.set({ sel: sel || null }), [url]);
  const openIt = useCallback((id: string) => {
    const bundle = graph.bundles.find((one) => one.id === id);
    const target = bundle ? graph.nodes.find((node) => node.id === bundle.b) : graph.nodes.find((node) => node.id === id);
    const device = target?.devices.length === 1 ? target.devices[0] : undefined;
    if (device) navigate(`/devices/${encodeURIComponent(device.id)}${bundle && !bundle.a.startsWith("fold:") ? `?tab=operations&peer=${encodeURIComponent(bundle.a)}` : ""}`);
  }, [graph, navigate]);
  const fold = useCallback((id: string) => {
    if (id.startsWith("fold:")) {
      setOpen((before) => new Set([...before, id]));
      return;
    }
    // Folds again whatever was opened around this one.
    if (!data) return;
    const closed = folds(data, new Set());
    const mine = closed.get(id);
    if (mine) {
      setOpen((before) => { const after = new Set(before); after.delete(mine); return after; });
      url.set({ sel: mine });
    }
  }, [data, url]);
  useKeys({
    "/": () => { box.current?.focus(); box.current?.select(); },
    Escape: () => {
      if (document.activeElement === box.current) { setText(""); canvas.current?.focus(); return true; }
      if (asked) { url.set({ sel: null }); return true; }
      return false;
    },
  });
  // Once after arriving with a selection from another page.
  const arrived = useRef(false);
  useEffect(() => {
    if (arrived.current || !asked || drawn.nodes.length === 0) return;
    arrived.current = true;
    setTimeout(() => canvas.current?.focusOn(asked), 120);
  }, [asked, drawn]);

  const last = overview.data ? Date.parse(overview.data.last_packet ?? overview.data.at) : 0;
  const live = Date.now() - last < 6 * 3_600_000;
  const end = overview.data ? Math.ceil((live ? Date.parse(overview.data.at) : last + 1) / 1_800_000) * 1_800_000 : 0;
  const lines = data?.lines ?? [];
  const filtered = Boolean(line || act || protocol || since !== null);
  const pick = (title: string, value: string, all: string, list: { value: string; words: string }[], param: string) => (
    <Pop className={value ? "chip tall sel" : "chip tall"} label={<>{title}: {value ? (list.find((one) => one.value === value)?.words ?? value) : all} <Icon name="down" /></>}>
      {(close) => (
        <>
          <button type="button" className="item" onClick={() => { close(); url.set({ [param]: null }); }}>{all}</button><div className="sep" />
          {list.map((one) => <button key={one.value} type="button" className="item" aria-current={one.value === value} onClick={() => { close(); url.set({ [param]: one.value }); }}>{one.words}</button>)}
        </>
      )}
    </Pop>
  );
  return (
    <div className="mp">
      <h1 className="unheard">{t("nav.map")}</h1>
      <div className="mtool">
        <Seg label={t("map.layout")} value={name} onChange={(value) => url.set({ layout: value === "level" ? null : value })} options={layouts.map((value) => ({ value, label: t(`map.layout.${value}`) }))} />
        <label className="search" style={{ flex: "0 1 220px" }}>
          <Icon name="find" />
          <input ref={box} value={text} onChange={(event) => { setText(event.target.value); walk.current = -1; }} placeholder={t("map.find")} aria-label={t("map.find")} maxLength={128} spellCheck={false}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || !found?.length || event.nativeEvent.isComposing) return;
              event.preventDefault();
              walk.current = (walk.current + (event.shiftKey ? -1 : 1) + found.length) % found.length;
              const id = found[walk.current];
              if (id) { select(id); canvas.current?.focusOn(id); }
            }} />
          {found ? <span className="small" aria-live="polite">{t("unit.items", { n: found.length })}</span> : <Kbd>/</Kbd>}
        </label>
        {pick(t("map.line"), line, t("map.allOf"), [...lines.map((one) => ({ value: one.id, words: one.name })), { value: "none", words: t("devices.noLine") }], "line")}
        {pick(t("map.act"), act, t("map.allOf"), actOrder.filter((one) => one !== "unknown").map((one) => ({ value: one, words: word("act", one) })), "act")}
        <span className="o2">{pick(t("map.protocol"), protocol, t("map.allOf"), (facets.data?.protocol ?? []).map((one) => ({ value: one.value, words: protocolName(one.value) })), "protocol")}</span>
        <span className="sp" />
        <label className="row s13 t2 o2 nw"><input type="checkbox" className="cb" checked={emphasise} onChange={() => url.set({ plain: emphasise ? "1" : null })} />{t("map.emphasise")}</label>
        <button type="button" className="btn s" aria-pressed={table} onClick={() => url.set({ table: table ? null : "1" })} title={table ? t("do.chart") : t("do.table")}><Icon name="table" /><span className="o3">{table ? t("do.chart") : t("do.table")}</span></button>
      </div>
      <div className="mbody">
        {query.error && !data ? <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
          : data && data.nodes.length === 0 ? (
            filtered ? <State middle why={t("map.emptyFilter")} action={<button type="button" className="btn" onClick={() => url.set({ line: null, act: null, protocol: null, since: null, until: null })}>{t("devices.clear")}</button>} />
              : <State middle why={t("devices.emptyNever")} action={<Link className="btn p" to="/capture">{t("devices.toCapture")}</Link>} link={<Link className="link" to="/first-run">{t("devices.toFirstRun")}</Link>} />
          )
          : table ? <MapTable graph={graph} selected={asked} found={found} />
          : (
            <>
              <Canvas graph={drawn} layout={layout} layoutName={name} selected={asked} found={found} emphasise={emphasise} onSelect={select} onOpen={openIt} onFold={fold} onLine={(id) => { if (name === "level") url.set({ line: id }); }}
                onDrag={(id, point) => { keepPlace(many ? `many.${name}` : name, id, point); }} handle={canvas} />
              {(query.isPending && late || name === "force" && drawn.nodes.length === 0 && graph.nodes.length > 0) && <div className="drawing" role="status">{t("map.drawing")}</div>}
              {kept(name).size > 0 && <button type="button" className="btn q s undo" onClick={() => { forgetPlaces(name); setDragged(dragged + 1); }}>{t("map.tidy")}</button>}
            </>
          )}
      </div>
      <Inspector graph={graph} data={data} selected={asked} onSelect={select} onFold={fold} onClose={() => select("")} />
      <TimeStrip end={end} line={line} since={since} until={until} onChange={(from, to) => url.set({ since: from === null ? null : new Date(from).toISOString(), until: to === null ? null : new Date(to).toISOString() })} />
    </div>
  );
}
