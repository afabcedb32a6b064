// "Who talks to whom, how much, since when?" The filter, the order, the grouping and the selection stand in the
// address; rows come from the center a page of 200 at a time.
import { Drawer } from "antd";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState, type ReactNode } from "react";
import { Link, useNavigate } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { bytes, count } from "../../format/numbers";
import { useLook, useWords } from "../../look/look";
import { protocolName } from "../../parts/Evidence";
import { Chips, ColumnsMenu, Export, FacetGroup, FilterBox, useListKeys, type Chosen } from "../../parts/filters";
import { useHeld } from "../../parts/held";
import { Icon } from "../../parts/Icon";
import { Bone, Failed, Kbd, Seg, State, useLate, useNarrow, usePageTitle } from "../../parts/parts";
import { Table, type TableHandle } from "../../parts/Table";
import { useMore } from "../../parts/more";
import { useUrl } from "../../parts/url";
import { allColumns, defaultColumns, useColumns } from "./columns";
import { Groups, type Grouping } from "./Groups";
import { TalkDrawer } from "./TalkDrawer";

export type Ask = { q?: string; device?: string; peer?: string; protocol?: string; line?: string; direction?: string };
type Row = Schemas["Conversation"];
const rowKey = (row: Row) => row.id;
const names = ["q", "device", "peer", "protocol", "line", "direction"] as const;
const groupings = ["", "pair", "protocol", "lines"] as const;

export default function Conversations() {
  const { t } = useWords();
  const url = useUrl();
  const narrow = useNarrow();
  const navigate = useNavigate();
  usePageTitle(t("nav.conversations"));
  const ask = useMemo<Ask>(() => Object.fromEntries(names.flatMap((name) => (url.get(name) ? [[name, url.get(name)]] : []))), [url]);
  const sort = url.get("sort") || "last";
  const order = url.get("order") === "asc" ? "asc" as const : "desc" as const;
  const group = (groupings as readonly string[]).includes(url.get("group")) ? url.get("group") as "" | Grouping : "";

  const list = useInfiniteQuery({
    queryKey: ["conversations", ask, sort, order],
    queryFn: ({ pageParam, signal }) => call("get", "/conversations", { query: { ...ask, sort, order, limit: 200, ...(pageParam ? { cursor: pageParam } : {}) } as never, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor, placeholderData: keepPreviousData, enabled: group === "",
  });
  const facets = useQuery({ queryKey: ["conversations", "facets", ask], queryFn: ({ signal }) => call("get", "/conversations/facets", { query: ask as never, signal }), placeholderData: keepPreviousData });
  const most = useQuery({ queryKey: ["conversations", "most", ask], queryFn: ({ signal }) => call("get", "/conversations/groups", { query: { ...ask, by: "pair", limit: 1 } as never, signal }), placeholderData: keepPreviousData });
  const loaded = useMemo(() => list.data?.pages.flatMap((page) => page.conversations) ?? [], [list.data]);
  const { rows, waiting, take } = useHeld(loaded, rowKey, JSON.stringify([ask, sort, order]), list.isPlaceholderData);
  const first = list.data?.pages[0];
  const late = useLate(list.isPending && group === "");
  const total = list.isPending ? (late ? 20 : 0) : Math.max(rows.length, (first?.total ?? 0) - waiting);
  const onNear = useMore(list, loaded.length);

  const selected = url.get("sel");
  const selectedRow = rows.find((row) => row.id === selected);
  const detail = url.get("detail") === "1" && selectedRow !== undefined;
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const onRange = useCallback((from: number, to: number) => setRange([from, to]), []);
  const [facetsOpen, setFacetsOpen] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const table = useRef<TableHandle>(null);
  const clear = () => url.set({ ...Object.fromEntries(names.map((name) => [name, null])), sel: null, detail: null });
  useListKeys(box, table, () => {
    if (detail) url.set({ detail: null });
    else if (selected) url.set({ sel: null });
    else return false;
    return true;
  }, {
    e: () => { if (!selectedRow) return false; url.set({ detail: detail ? null : "1" }); return true; },
    m: () => { const id = selectedRow?.server.id ?? selectedRow?.client.id; if (!id) return false; navigate(`/map?sel=${encodeURIComponent(id)}`); return true; },
  });

  const shown = url.get("cols") ? url.get("cols").split(",") : defaultColumns;
  const columns = useColumns(shown, narrow);
  const named = (id: string) => loaded.flatMap((row) => [row.client, row.server]).find((one) => one.id === id)?.name ?? id;
  const chips: Chosen[] = [
    ...(["device", "peer"] as const).flatMap((name) => (ask[name] ? [{ name, value: ask[name], words: named(ask[name]) }] : [])),
    ...(ask.protocol ? [{ name: "protocol", value: ask.protocol, words: ask.protocol === "unknown" ? t("talk.unclaimed") : protocolName(ask.protocol) }] : []),
    ...(ask.line ? [{ name: "line", value: ask.line, words: facets.data?.line.find((facet) => facet.value === ask.line)?.name ?? t("attribute.line") }] : []),
    ...(ask.direction ? [{ name: "direction", value: ask.direction, words: ask.direction === "both" ? t("talk.both") : t("talk.oneSided") }] : []),
  ];
  const facetList = <Facets facets={facets.data} failed={!!facets.error} url={url} />;
  const empty = first?.total === 0 && group === "";
  return (
    <div className="pg">
      <Sentence facets={facets.data} most={most.data?.groups[0]} failed={!!facets.error} />
      <div className="dl">
        <aside className="fac" aria-label={t("devices.facets")}>{facetList}</aside>
        <section className="panel dlpanel" aria-label={t("nav.conversations")}>
          <div className="tb">
            <FilterBox value={url.get("q")} inputRef={box} onChange={(q) => url.set({ q: q || null, sel: null })} onDown={() => table.current?.focus()} label={t("talks.filter")} how={t("talks.filterHow")} />
            {narrow && <button type="button" className="btn s" onClick={() => setFacetsOpen(true)}><Icon name="filter" />{t("devices.facets")}</button>}
            <Chips chips={chips} url={url} />
            <span className="sp" />
            {waiting > 0 && group === "" && <button type="button" className="btn s" onClick={take}>{t("devices.waiting", { n: waiting })}</button>}
            {!narrow && <span className="t3 s13 nw" aria-live="polite">{facets.data ? t("unit.conversations", { n: facets.data.total }) : ""}</span>}
            <Seg label={t("talks.group")} value={group} onChange={(next) => url.set({ group: next || null, sel: null, detail: null })}
              options={groupings.map((value) => ({ value, label: t(value === "" ? "talks.group.none" : `talks.group.${value}`) }))} />
            {group === "" && <ColumnsMenu all={allColumns} usual={defaultColumns} shown={shown} fixed="from" narrow url={url} />}
            <Export path="/conversations/export" query={ask} narrow={narrow} />
          </div>
          {group !== "" ? <Groups by={group} ask={ask} url={url} handle={table} />
            : list.error && !list.data ? <Failed middle error={list.error} since={list.errorUpdatedAt} onAgain={() => void list.refetch()} />
            : empty ? (Object.keys(ask).length > 0
              ? <State middle why={t("talks.emptyFilter")} action={<button type="button" className="btn" onClick={clear}>{t("devices.clear")}</button>} />
              : <State middle why={t("talks.emptyNever")} action={<Link className="btn p" to="/capture">{t("devices.toCapture")}</Link>} />)
            : <Table label={t("nav.conversations")} columns={columns} rows={rows} total={total} rowKey={rowKey} selected={selected} onSelect={(sel) => url.set({ sel })} onOpen={(row) => url.set({ sel: row.id, detail: "1" })}
                sort={sort} order={order} onSort={(by, how) => url.set({ sort: by === "last" && how === "desc" ? null : by, order: how === "desc" ? null : how })} onNear={onNear} onRange={onRange} handle={table} />}
          {group === "" && <div className="dfoot">
            <span>{(first?.total ?? 0) > 0 ? t("talks.range", { from: range[0], to: range[1], n: first?.total ?? 0 }) : ""}</span>
            <span className="sp" />
            <span className="opt row"><Kbd>j</Kbd><Kbd>k</Kbd>{t("keys.short.move")}</span><span className="opt row"><Kbd>e</Kbd>{t("keys.short.evidence")}</span><span className="opt row"><Kbd>m</Kbd>{t("keys.onMap")}</span>
          </div>}
        </section>
      </div>
      {detail && selectedRow && <TalkDrawer row={selectedRow} onClose={() => url.set({ detail: null })} />}
      {narrow && facetsOpen && <Drawer open placement="left" width={260} title={t("devices.facets")} onClose={() => setFacetsOpen(false)}><div className="fac shown">{facetList}</div></Drawer>}
    </div>
  );
}

/** The answer first: how many, who most, and what was not seen. */
function Sentence({ facets, most, failed }: { facets: Schemas["ConversationFacets"] | undefined; most: Schemas["ConversationGroups"]["groups"][number] | undefined; failed: boolean }) {
  const { t, rich } = useWords();
  const { lang } = useLook();
  const late = useLate(!facets && !failed);
  let words: ReactNode = null;
  if (facets && facets.total > 0) {
    words = most?.a && most.b ? rich("talks.sentence", { n: facets.total, a: <b className="b">{most.a.name}</b>, b: <b className="b">{most.b.name}</b>, bytes: bytes(most.bytes, lang) }) : t("talks.sentenceFew", { n: facets.total });
  } else if (facets) words = t("talks.none");
  const alone = facets?.direction.find((facet) => facet.value === "one_sided")?.count ?? 0;
  return (
    <div className="head say">
      <div className="grow">
        <h1>{t("nav.conversations")}</h1>
        <p className="t2 s13">{words ?? (late ? <Bone width={420} /> : failed ? t("devices.facetsFailed") : " ")}{alone > 0 && <> {t("talks.sentenceAlone", { n: alone })}</>}</p>
      </div>
    </div>
  );
}

function Facets({ facets, failed, url }: { facets: Schemas["ConversationFacets"] | undefined; failed: boolean; url: ReturnType<typeof useUrl> }) {
  const { t } = useWords();
  if (!facets) return failed ? <p className="t3 small">{t("devices.facetsFailed")}</p> : <>{[110, 90, 120, 80, 100, 95, 70, 110].map((width, index) => <div key={index} style={{ height: 25 }}><Bone width={width} /></div>)}</>;
  const also = { detail: null };
  return (
    <>
      <FacetGroup name="direction" title={t("talk.direction")} list={facets.direction} several={false} most={2} words={(facet) => t(facet.value === "both" ? "talk.both" : "talk.oneSided")} url={url} also={also} />
      <FacetGroup name="protocol" title={t("devices.facet.protocol")} list={facets.protocol} several={false} most={10} words={(facet) => (facet.value === "unknown" ? t("talk.unclaimed") : protocolName(facet.value))} url={url} also={also} />
      <FacetGroup name="line" title={t("devices.facet.line")} list={facets.line} several={false} most={8} words={(facet) => facet.name ?? facet.value} url={url} also={also} />
      {facets.total > 0 && <p className="small t3">{t("talks.all", { n: count(facets.total) })}</p>}
    </>
  );
}
