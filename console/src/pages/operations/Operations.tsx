// "Which industrial acts were done, on what, and is one of them new?" Chart, presets and table show one filter, which
// stands in the address; the register view shows what stands in one device, and who reads and writes it.
import { Drawer } from "antd";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, useNavigate } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import * as time from "../../format/time";
import { useLook, useWords } from "../../look/look";
import { actOrder, effects } from "../../parts/effects";
import { protocolName } from "../../parts/Evidence";
import { Chips, ColumnsMenu, Export, FacetGroup, FilterBox, useListKeys, type Chosen } from "../../parts/filters";
import { useHeld } from "../../parts/held";
import { Icon } from "../../parts/Icon";
import { OperationDrawer } from "../../parts/OperationDetail";
import { Bone, Failed, Kbd, NoneFound, Seg, State, useLate, useNarrow, usePageTitle } from "../../parts/parts";
import { Table, type TableHandle } from "../../parts/Table";
import { useZone, When } from "../../parts/Time";
import { useMore } from "../../parts/more";
import { useUrl } from "../../parts/url";
import { Chart } from "./Chart";
import { allColumns, defaultColumns, useColumns } from "./columns";
import { ObjectsView } from "./ObjectsView";

type Row = Schemas["Operation"];
const rowKey = (row: Row) => row.id;
const single = ["q", "device", "peer", "protocol", "line"] as const;
const several = ["act", "effect", "outcome"] as const;
const changes = ["changes_value", "changes_setting", "changes_program", "stops"];
/** What the questions that are asked every day are called, and the filter that each of them is. */
const presets = [
  { key: "all", act: [], effect: [], outcome: [], first: "" },
  { key: "program", act: ["program_download", "program_delete", "firmware_update", "file_write", "file_delete"], effect: [], outcome: [], first: "" },
  { key: "startStop", act: ["start", "stop", "reset", "mode_change"], effect: [], outcome: [], first: "" },
  { key: "firstWriters", act: [], effect: changes, outcome: [], first: "1" },
  { key: "failed", act: [], effect: [], outcome: ["refused", "unanswered"], first: "" },
] as const;
const spans = { "24h": 86_400, "7d": 604_800, "30d": 2_592_000 } as const;
type Span = keyof typeof spans | "all";
const same = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((one) => b.includes(one));

export default function Operations() {
  const url = useUrl();
  return url.get("view") === "objects" ? <ObjectsView /> : <Acts />;
}

function Acts() {
  const { t, word, rich } = useWords();
  const { lang } = useLook();
  const zone = useZone();
  const url = useUrl();
  const narrow = useNarrow();
  const navigate = useNavigate();
  usePageTitle(t("nav.operations"));
  const ask = useMemo(() => ({
    ...Object.fromEntries(single.flatMap((name) => (url.get(name) ? [[name, url.get(name)]] : []))),
    ...Object.fromEntries(several.flatMap((name) => (url.all(name).length > 0 ? [[name, url.all(name)]] : []))),
  } as { q?: string; device?: string; peer?: string; protocol?: string; line?: string; act?: string[]; effect?: string[]; outcome?: string[] }), [url]);
  const first = url.get("first") === "1";
  const span: Span = url.get("range") in spans || url.get("range") === "all" ? url.get("range") as Span : "24h";

  // Up to now where packets arrive, else up to the last that was seen: whole hours, so that nothing is asked anew each second.
  const end = useQuery({ queryKey: ["activity", "end"], queryFn: ({ signal }) => call("get", "/activity", { query: { buckets: 1 }, signal }), staleTime: 60_000 });
  const hour = 3_600_000;
  const until = end.data ? Math.ceil(Date.parse(end.data.until) / hour) * hour : 0;
  const picked = url.get("since") && url.get("until") ? { since: url.get("since"), until: url.get("until") } : null;
  const window = useMemo(() => {
    if (picked) return picked;
    if (span === "all" || !until) return null;
    return { since: new Date(until - spans[span] * 1000).toISOString(), until: new Date(until).toISOString() };
  }, [picked?.since, picked?.until, span, until]); // eslint-disable-line react-hooks/exhaustive-deps
  const drawn = span === "all" && until ? { since: new Date(until - spans["30d"] * 1000).toISOString(), until: new Date(until).toISOString() }
    : span !== "all" && until ? { since: new Date(until - spans[span] * 1000).toISOString(), until: new Date(until).toISOString() } : null;
  const buckets = span === "24h" ? 48 : span === "7d" ? 84 : 90;
  const activity = useQuery({
    queryKey: ["activity", "operations", ask, drawn],
    queryFn: ({ signal }) => call("get", "/activity", { query: { ...ask, ...drawn, buckets } as never, signal }), enabled: drawn !== null, placeholderData: keepPreviousData,
  });
  // What a facet offers does not go away with what is chosen in it.
  const others = useMemo(() => { const { act: _act, effect: _effect, outcome: _outcome, ...rest } = ask; return rest; }, [ask]);
  const offered = useQuery({
    queryKey: ["activity", "operations", others, drawn],
    queryFn: ({ signal }) => call("get", "/activity", { query: { ...others, ...drawn, buckets } as never, signal }), enabled: drawn !== null, placeholderData: keepPreviousData,
  });
  const filter = useMemo(() => ({ ...ask, ...(first ? { first: true } : {}), ...(window ?? {}) }), [ask, first, window]);
  const list = useInfiniteQuery({
    queryKey: ["operations", filter],
    queryFn: ({ pageParam, signal }) => call("get", "/operations", { query: { ...filter, limit: 200, ...(pageParam ? { cursor: pageParam } : {}) } as never, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor, placeholderData: keepPreviousData, enabled: span === "all" || window !== null,
  });
  const loaded = useMemo(() => list.data?.pages.flatMap((page) => page.operations) ?? [], [list.data]);
  const { rows, waiting, take } = useHeld(loaded, rowKey, JSON.stringify(filter), list.isPlaceholderData);
  const pending = list.isPending && !end.error;
  const late = useLate(pending);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const onNear = useMore(list, loaded.length);
  // A page in which nearly nothing fits says how far it has looked: the next one is asked for until a screen is full.
  const pages = list.data?.pages.length ?? 0;
  const searched = list.data?.pages[pages - 1]?.searched_to;
  useEffect(() => {
    if (searched && loaded.length < 40 && pages < 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [searched, loaded.length, pages, hasNextPage, isFetchingNextPage, fetchNextPage]);

  const selected = url.get("sel");
  const detail = url.get("detail") === "1" && selected !== "";
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const onRange = useCallback((from: number, to: number) => setRange([from, to]), []);
  const [facetsOpen, setFacetsOpen] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const table = useRef<TableHandle>(null);
  const clear = () => url.set({ ...Object.fromEntries([...single, ...several].map((name) => [name, null])), first: null, since: null, until: null, sel: null, detail: null });
  const selectedRow = rows.find((row) => row.id === selected);
  const nextSpan = () => { const all: Span[] = ["24h", "7d", "30d", "all"]; url.set({ range: all[(all.indexOf(span) + 1) % all.length] ?? null, since: null, until: null }); };
  useListKeys(box, table, () => {
    if (detail) url.set({ detail: null });
    else if (selected) url.set({ sel: null });
    else return false;
    return true;
  }, {
    t: nextSpan,
    e: () => { if (!selected) return false; url.set({ detail: detail ? null : "1" }); return true; },
    m: () => { const id = selectedRow?.whom.id ?? selectedRow?.who.id; if (!id) return false; navigate(`/map?sel=${encodeURIComponent(id)}`); return true; },
  });
  const shown = url.get("cols") ? url.get("cols").split(",") : defaultColumns;
  const columns = useColumns(shown, narrow);
  const lines = useQuery({ queryKey: ["lines"], queryFn: ({ signal }) => call("get", "/lines", { signal }) });
  const named = (id: string) => loaded.flatMap((row) => [row.who, row.whom]).find((one) => one.id === id)?.name ?? id;
  const preset = presets.find((one) => several.every((name) => same(url.all(name), one[name])) && url.get("first") === one.first);
  const chips: Chosen[] = [
    ...(["device", "peer"] as const).flatMap((name) => (ask[name] ? [{ name, value: ask[name] ?? "", words: named(ask[name] ?? "") }] : [])),
    ...(ask.protocol ? [{ name: "protocol", value: ask.protocol, words: protocolName(ask.protocol) }] : []),
    ...(ask.line ? [{ name: "line", value: ask.line, words: lines.data?.lines.find((line) => line.id === ask.line)?.name ?? t("attribute.line") }] : []),
    ...(preset && preset.key !== "all" ? [] : several.flatMap((name) => url.all(name).map((value) => ({ name, value, words: word(name, value) })))),
    ...(picked ? [{ name: "since", value: picked.since, words: time.range(new Date(picked.since), new Date(picked.until), lang, zone) }] : []),
  ];
  const sums = useMemo(() => {
    const out = { total: 0, value: 0, setting: 0, program: 0, stops: 0 };
    for (const one of activity.data?.series ?? []) {
      const n = one.counts.reduce((sum, value) => sum + value, 0);
      out.total += n;
      if (one.effect === "changes_value") out.value += n;
      if (one.effect === "changes_setting") out.setting += n;
      if (one.effect === "changes_program") out.program += n;
      if (one.effect === "stops") out.stops += n;
    }
    return out;
  }, [activity.data]);
  const facetList = <Facets activity={offered.data} failed={!!(offered.error ?? end.error)} lines={lines.data?.lines} url={url} />;
  const total = pending ? (late ? 20 : 0) : rows.length + (hasNextPage ? 20 : 0);
  const filtered = Object.keys(ask).length > 0 || first || picked !== null;
  const failed = list.error ?? (end.error && !end.data ? end.error : null);
  return (
    <div className="pg">
      <div className="head say two">
        <div className="grow">
          <h1>{t("nav.operations")}</h1>
          <p className="t2 s13">
            {activity.data ? (sums.total === 0 ? t("ops.none") : t("ops.sentence", { n: sums.total, value: sums.value, program: sums.program, stop: sums.stops + sums.setting }))
              : late ? <Bone width={380} /> : " "}
          </p>
        </div>
        <Seg label={t("keys.range")} value={picked ? "" as Span : span} onChange={(next) => url.set({ range: next === "24h" ? null : next, since: null, until: null, sel: null })}
          options={(["24h", "7d", "30d", "all"] as Span[]).map((value) => ({ value, label: t(`range.${value}`) }))} />
      </div>
      <div className="dl">
        <aside className="fac" aria-label={t("devices.facets")}>{facetList}</aside>
        <section className="panel dlpanel" aria-label={t("nav.operations")}>
          <div className="tabs" role="tablist" aria-label={t("devices.views")}>
            {presets.map((one) => (
              <button key={one.key} type="button" role="tab" aria-selected={preset?.key === one.key}
                onClick={() => url.set({ act: [...one.act], effect: [...one.effect], outcome: [...one.outcome], first: one.first || null, sel: null, detail: null })}>{t(`ops.preset.${one.key}`)}</button>
            ))}
            <button type="button" role="tab" aria-selected={false} onClick={() => url.set({ view: "objects", act: null, effect: null, outcome: null, first: null, peer: null, sel: null, detail: null, since: null, until: null }, "push")}>{t("ops.preset.objects")}</button>
          </div>
          <div className="tb">
            <FilterBox value={url.get("q")} inputRef={box} onChange={(q) => url.set({ q: q || null, sel: null })} onDown={() => table.current?.focus()} label={t("ops.filter")} how={t("ops.filterHow")} />
            {narrow && <button type="button" className="btn s" onClick={() => setFacetsOpen(true)}><Icon name="filter" />{t("devices.facets")}</button>}
            <Chips chips={chips} url={picked ? { ...url, set: (change, how) => url.set({ ...change, ...("since" in change ? { until: null } : {}) }, how) } : url} />
            <span className="sp" />
            {waiting > 0 && <button type="button" className="btn s" onClick={take}>{t("devices.waiting", { n: waiting })}</button>}
            <ColumnsMenu all={allColumns} usual={defaultColumns} shown={shown} fixed="time" narrow url={url} />
            <Export path="/operations/export" query={filter} narrow={narrow} />
          </div>
          <Chart activity={activity.data} error={activity.data ? null : (activity.error ?? end.error)} onAgain={() => { void end.refetch(); void activity.refetch(); }} chosen={url.all("effect")} note={<>{span === "all" && <span>{t("ops.chart30d")}</span>}{activity.data?.counted_since && <span> {rich("ops.countedSince", { at: <When at={activity.data.counted_since} as="full" /> })}</span>}{until > 0 && Date.now() - until > 6 * hour && <span> {rich("ops.until", { at: <When at={new Date(until)} as="full" /> })}</span>}</>}
            onEffects={(list) => url.set({ effect: list, act: null, sel: null })} onPick={(since, to) => url.set({ since, until: to, sel: null }, "push")} />
          {failed && !list.data ? <Failed middle error={failed} since={list.errorUpdatedAt || end.errorUpdatedAt} onAgain={() => { void end.refetch(); void list.refetch(); }} />
            : !pending && rows.length === 0 && !hasNextPage ? (filtered
              ? <State middle why={t("ops.emptyFilter")} action={<button type="button" className="btn" onClick={clear}>{t("devices.clear")}</button>} link={(activity.data?.unseen?.length ?? 0) > 0 ? <Link className="link acc" to="/capture#blind-spots">{t("state.nonePartly")}</Link> : undefined} />
              : <NoneFound covered={activity.data ? (activity.data.unseen?.length ?? 0) === 0 : undefined} />)
            : <Table label={t("nav.operations")} columns={columns} rows={rows} total={total} rowKey={rowKey} selected={selected} onSelect={(sel) => url.set({ sel })} onOpen={(row) => url.set({ sel: row.id, detail: "1" })} onNear={onNear} onRange={onRange} handle={table} />}
          <div className="dfoot">
            <span>{rows.length > 0 ? t(hasNextPage ? "ops.rangeMore" : "ops.range", { from: range[0], to: Math.min(rows.length, range[1]), n: rows.length }) : ""}</span>
            {searched && hasNextPage && <span>{rich("ops.searched", { at: <When at={searched} as="full" /> })} <button type="button" className="link" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("ops.searchOn")}</button></span>}
            <span className="sp" />
            <span className="opt row"><Kbd>j</Kbd><Kbd>k</Kbd>{t("keys.short.move")}</span><span className="opt row"><Kbd>e</Kbd>{t("keys.short.evidence")}</span><span className="opt row"><Kbd>t</Kbd>{t("keys.range")}</span>
          </div>
        </section>
      </div>
      {detail && <OperationDrawer id={selected} row={selectedRow} onClose={() => url.set({ detail: null })} />}
      {narrow && facetsOpen && <Drawer open placement="left" width={260} title={t("devices.facets")} onClose={() => setFacetsOpen(false)}><div className="fac shown">{facetList}</div></Drawer>}
    </div>
  );
}

function Facets({ activity, failed, lines, url }: { activity: Schemas["Activity"] | undefined; failed: boolean; lines: Schemas["Line"][] | undefined; url: ReturnType<typeof useUrl> }) {
  const { t, word } = useWords();
  const acts = useMemo(() => {
    const sums = new Map<string, number>();
    for (const one of activity?.series ?? []) sums.set(one.act, one.counts.reduce((sum, n) => sum + n, sums.get(one.act) ?? 0));
    for (const act of url.all("act")) if (!sums.has(act)) sums.set(act, 0);
    return [...sums].map(([value, n]) => ({ value, count: n })).sort((a, b) => actOrder.indexOf(b.value as never) - actOrder.indexOf(a.value as never));
  }, [activity, url]);
  const strengths = useMemo(() => [...effects].reverse().map((value) => ({ value, count: (activity?.series ?? []).filter((one) => one.effect === value).reduce((sum, one) => sum + one.counts.reduce((a, b) => a + b, 0), 0) }))
    .filter((facet) => facet.count > 0 || url.all("effect").includes(facet.value)), [activity, url]);
  if (!activity) return failed ? <p className="t3 small">{t("devices.facetsFailed")}</p> : <>{[110, 90, 120, 80, 100, 95, 70, 110].map((width, index) => <div key={index} style={{ height: 25 }}><Bone width={width} /></div>)}</>;
  const also = { detail: null };
  return (
    <>
      <FacetGroup name="effect" title={t("ops.facet.effect")} list={strengths} several most={6} words={(facet) => word("effect", facet.value)} url={url} also={also} />
      <FacetGroup name="act" title={t("op.act")} list={acts} several most={12} words={(facet) => word("act", facet.value)} url={url} also={also} />
      <FacetGroup name="outcome" title={t("op.outcome")} list={["refused", "unanswered", "done"].map((value) => ({ value }))} several most={4} words={(facet) => word("outcome", facet.value)} url={url} also={also} />
      <FacetGroup name="line" title={t("devices.facet.line")} list={(lines ?? []).map((line) => ({ value: line.id, name: line.name }))} several={false} most={8} words={(facet) => facet.name ?? facet.value} url={url} also={also} />
    </>
  );
}
