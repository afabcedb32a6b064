// "What is here, and which of them need me?" The filter, the order, the columns and the selection stand in the
// address; rows come from the center a page of 200 at a time.
import { App, Drawer } from "antd";
import { keepPreviousData, useInfiniteQuery, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { Link, useNavigate } from "react-router-dom";
import { address, call, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { count } from "../../format/numbers";
import { useLook, useWords } from "../../look/look";
import { EvidenceDrawer, protocolName } from "../../parts/Evidence";
import { Chips, ColumnsMenu, Export, FilterBox, useListKeys, type Chosen } from "../../parts/filters";
import { useHeld } from "../../parts/held";
import { Icon } from "../../parts/Icon";
import { Chip, Failed, Kbd, NoneFound, Pop, State, useComplaint, useLate, useNarrow, usePageTitle } from "../../parts/parts";
import { Table, type TableHandle } from "../../parts/Table";
import { useMore } from "../../parts/more";
import { useUrl } from "../../parts/url";
import type { Key } from "../../words/words";
import { Decide, type Choice } from "../approvals/Decide";
import { Known } from "../approvals/Known";
import { allColumns, defaultColumns, useColumns, waitingColumns, type Line, type Unfolding } from "./columns";
import { Facets } from "./Facets";
import { canonical } from "./filter";
import { WriteLedger } from "./WriteLedger";

type Row = Schemas["DeviceRow"];
type Ask = { q?: string; view?: string; line?: string; role?: string[]; level?: string[]; state?: string[]; approval?: string[]; owner?: string; criticality?: string[]; vendor?: string; protocol?: string };
const views = ["all", "new", "to_approve", "quiet", "no_line", "corrected"] as const;
const several = ["role", "level", "state", "approval", "criticality"] as const;
/** Of a filter, that are chosen at once. */
const mostChosen = 20_000;
const rowKey = (row: Row) => row.id;
const lineKey = ({ row, part }: Line) => (part === undefined ? row.id : `${row.id}/${typeof part === "string" ? part : part.id}`);
const inside = (line: Line) => line.part !== undefined;
const mostUnfolded = 20;

export default function Devices() {
  const { t } = useWords();
  const { words, lang } = useLook();
  const url = useUrl();
  const narrow = useNarrow();
  const navigate = useNavigate();
  const { may } = useSession();
  const client = useQueryClient();
  const { message } = App.useApp();
  const complaint = useComplaint();
  usePageTitle(t("nav.devices"));

  const roleOf = useCallback((word: string) => {
    const found = Object.entries(words).find(([key, name]) => key.startsWith("devicerole.") && name.toLowerCase() === word.toLowerCase());
    return found?.[0].slice("devicerole.".length);
  }, [words]);
  const typed = url.get("q");
  const ask = useMemo<Ask>(() => {
    const out: Ask = {};
    const q = canonical(typed, roleOf);
    if (q) out.q = q;
    for (const name of ["view", "line", "owner", "vendor", "protocol"] as const) if (url.get(name)) out[name] = url.get(name);
    for (const name of several) if (url.all(name).length > 0) out[name] = url.all(name);
    return out;
  }, [typed, roleOf, url]);
  const waitingView = url.get("view") === "to_approve";
  const usualSort = waitingView ? "approval" : "line";
  const sort = url.get("sort") || usualSort;
  const order = url.get("order") === "desc" ? "desc" as const : "asc" as const;
  const about = JSON.stringify([ask, sort, order]);

  const list = useInfiniteQuery({
    queryKey: ["devices", ask, sort, order],
    queryFn: ({ pageParam, signal }) => call("get", "/devices", { query: { ...ask, sort, order, limit: 200, ...(pageParam ? { cursor: pageParam } : {}) } as never, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
  const facets = useQuery({
    queryKey: ["facets", ask], queryFn: ({ signal }) => call("get", "/devices/facets", { query: ask as never, signal }), placeholderData: keepPreviousData,
  });
  const loaded = useMemo(() => list.data?.pages.flatMap((page) => page.devices) ?? [], [list.data]);
  const { rows, waiting, take } = useHeld(loaded, rowKey, about, list.isPlaceholderData);
  const first = list.data?.pages[0];
  const late = useLate(list.isPending);
  const total = list.isPending ? (late ? 20 : 0) : Math.max(rows.length, (first?.total ?? 0) - waiting);
  const filtered = Object.keys(ask).some((name) => name !== "view" || ask.view !== "all");

  const onNear = useMore(list, loaded.length);

  // Units behind a gateway and modules of a rack unfold below their device; which are open stands in the address.
  const opened = url.get("open");
  const unfolded = useMemo(() => (opened ? opened.split(",").slice(0, mostUnfolded) : []), [opened]);
  const parts = useQueries({
    queries: unfolded.map((id) => ({ queryKey: ["device", id], queryFn: ({ signal }: { signal: AbortSignal }) => call("get", "/devices/{device_id}", { path: { device_id: id }, signal }) })),
    combine: (found) => new Map(unfolded.map((id, index) => [id, found[index]?.data?.parts ?? (found[index]?.error ? "failed" as const : "coming" as const)])),
  });
  const lines = useMemo(() => rows.flatMap((row): Line[] => {
    const of = parts.get(row.id);
    if (of === undefined) return [{ row }];
    return [{ row }, ...(typeof of === "string" ? [{ row, part: of }] : of.map((part) => ({ row, part })))];
  }), [rows, parts]);
  const turned = useCallback((id: string) => (unfolded.includes(id) ? unfolded.filter((one) => one !== id) : [...unfolded, id].slice(-mostUnfolded)).join(",") || null, [unfolded]);
  const unfolding = useMemo<Unfolding>(() => ({
    has: (row) => (row.parts ?? 0) > 1,
    is: (row) => unfolded.includes(row.id),
    turn: (row) => url.set({ open: turned(row.id) }),
  }), [unfolded, turned, url]);
  const onUnfold = ({ row }: Line, open: boolean) => {
    if (!unfolding.has(row)) return false;
    if (unfolding.is(row) !== open) url.set({ open: turned(row.id), ...(open ? {} : { sel: row.id }) });
    return true;
  };

  const chosen = url.get("sel");
  const selected = chosen.split("/")[0] ?? "";
  const [checked, setChecked] = useState<ReadonlySet<string>>(new Set());
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const onRange = useCallback((from: number, to: number) => setRange([from, to]), []);
  /** Units are lines and no devices: the foot counts devices. */
  const devicesIn = (line: number) => (lines.length === rows.length ? line : line - lines.slice(0, line).filter(inside).length);
  const [facetsOpen, setFacetsOpen] = useState(false);
  const [deciding, setDeciding] = useState<{ devices: string[]; name?: string; first: Choice } | null>(null);
  const [byLedger, setByLedger] = useState(false);
  const [writing, setWriting] = useState(false);
  const decideKey = (first: Choice) => {
    if (!waitingView || !may("device.approve") || (checked.size === 0 && !selected)) return false;
    const one = rows.find((row) => row.id === selected);
    setDeciding(checked.size > 0 ? { devices: [...checked], first } : { devices: [selected], first, ...(one ? { name: one.name } : {}) });
    return true;
  };
  /** Every device of the filter, not only what was scrolled to. */
  const chooseAll = async () => {
    try {
      const all = new Set<string>();
      for (let cursor: string | undefined = ""; cursor !== undefined && all.size < mostChosen;) {
        const page: Schemas["DeviceList"] = await call("get", "/devices", { query: { ...ask, sort, order, limit: 1000, ...(cursor ? { cursor } : {}) } as never });
        for (const row of page.devices) all.add(row.id);
        cursor = page.next_cursor;
      }
      setChecked(all);
    } catch (error) {
      void message.error(complaint(error));
    }
  };
  const box = useRef<HTMLInputElement>(null);
  const table = useRef<TableHandle>(null);
  const open = useCallback(({ row }: Line) => navigate(`/devices/${encodeURIComponent(row.id)}`), [navigate]);
  const selectedRow = rows.find((row) => row.id === selected);
  const evidence = url.get("evidence") === "1" && selected !== "";
  const clear = useCallback(() => url.set({ q: null, view: null, line: null, role: null, level: null, state: null, approval: null, owner: null, criticality: null, vendor: null, protocol: null }), [url]);
  useListKeys(box, table, () => {
    if (evidence) url.set({ evidence: null });
    else if (checked.size > 0) setChecked(new Set());
    else if (selected) url.set({ sel: null });
    else return false;
    return true;
  }, {
    e: () => { if (!selected) return false; url.set({ evidence: evidence ? null : "1" }); return true; },
    m: () => { if (!selected) return false; navigate(`/map?sel=${encodeURIComponent(selected)}`); return true; },
    a: () => decideKey("approved"), t: () => decideKey("temporary"), r: () => decideKey("rejected"),
  });

  const usual = waitingView ? waitingColumns : defaultColumns;
  const shown = url.get("cols") ? url.get("cols").split(",") : usual;
  const columns = useColumns(shown, narrow, unfolding);
  const check = (key: string) => setChecked((before) => {
    const after = new Set(before);
    if (!after.delete(key)) after.add(key);
    return after;
  });

  const setLine = async (line: string | null, close: () => void) => {
    close();
    let done = 0;
    try {
      for (const id of checked) {
        await call("patch", "/devices/{device_id}", { path: { device_id: id }, body: { line } });
        done += 1;
      }
      void message.success(t("devices.lineSet", { n: done }));
      setChecked(new Set());
    } catch (error) {
      void message.error(complaint(error));
    }
    setTimeout(() => void client.invalidateQueries({ queryKey: ["devices"] }), 1200);
  };

  const chips: Chosen[] = [
    ...several.flatMap((name) => url.all(name).map((value) => ({ name, value, words: name === "role" ? t(`devicerole.${value}` as Key) : name === "level" ? t("devices.levelIs", { level: value }) : name === "approval" ? t(`approval.${value}` as Key) : name === "criticality" ? t("devices.criticalityIs", { what: t(value === "none" ? "devices.noCriticality" : `criticality.${value}` as Key) }) : t(`devicestate.${value}` as Key) }))),
    ...(url.get("line") ? [{ name: "line", value: url.get("line"), words: facets.data?.line.find((facet) => facet.value === url.get("line"))?.name ?? (url.get("line") === "none" ? t("devices.noLine") : t("attribute.line")) }] : []),
    ...(url.get("owner") ? [{ name: "owner", value: url.get("owner"), words: url.get("owner") === "none" ? t("devices.noOwner") : url.get("owner") }] : []),
    ...(url.get("vendor") ? [{ name: "vendor", value: url.get("vendor"), words: url.get("vendor") }] : []),
    ...(url.get("protocol") ? [{ name: "protocol", value: url.get("protocol"), words: protocolName(url.get("protocol")) }] : []),
  ];

  return (
    <div className="dl">
      <h1 className="unheard">{t("nav.devices")}</h1>
      <aside className="fac" aria-label={t("devices.facets")}><Facets facets={facets.data} failed={!!facets.error} url={url} /></aside>
      <section className="panel dlpanel" aria-label={t("nav.devices")}>
        <div className="tabs" role="tablist" aria-label={t("devices.views")}>
          {views.map((view) => {
            const many = facets.data?.views.find((facet) => facet.value === view)?.count;
            return (
              <button key={view} type="button" role="tab" aria-selected={(url.get("view") || "all") === view} onClick={() => url.set({ view: view === "all" ? null : view, sel: null, sort: null, order: null, cols: null })}>
                {t(`devices.view.${view}` as Key)}<i>{many === undefined ? "" : count(many)}</i>
              </button>
            );
          })}
        </div>
        <div className="tb">
          <FilterBox value={typed} inputRef={box} onChange={(q) => url.set({ q: q || null, sel: null })} onDown={() => table.current?.focus()} label={t("devices.filter")} how={t("devices.filterHow")} />
          {narrow && <button type="button" className="btn s" onClick={() => setFacetsOpen(true)}><Icon name="filter" />{t("devices.facets")}</button>}
          <Chips chips={chips} url={url} />
          {chips.length === 0 && !narrow && <Chip kind="sel">{sort === "line" ? t("devices.orderLine") : t("devices.orderBy", { column: allColumns.find((column) => column.sort === sort)?.title(t) ?? sort })}</Chip>}
          <span className="sp" />
          {waiting > 0 && <button type="button" className="btn s" onClick={take}>{t("devices.waiting", { n: waiting })}</button>}
          <span className="t3 s13 nw" aria-live="polite">{first ? t("unit.devices", { n: first.total }) : ""}</span>
          {waitingView && may("device.approve") && <button type="button" className="btn s" onClick={() => setByLedger(true)}>{t("known.open")}</button>}
          <ColumnsMenu all={allColumns} usual={usual} shown={shown} fixed="device" narrow={narrow} url={url} />
          <Export path="/devices/export" query={ask} narrow={narrow} more={(close) => (
            <>
              <div className="sep" /><div className="title">{t("approve.export")}</div>
              <a className="item" href={address("/approvals/export", { format: "csv", lang })} download onClick={close}>{t("approve.exportAllowed")}</a>
              <a className="item" href={address("/approvals/export", { format: "csv", lang, list: "rejected" })} download onClick={close}>{t("approve.exportRejected")}</a>
            </>
          )} />
        </div>
        {checked.size > 0 && (
          <div className="tb bulk" role="toolbar" aria-label={t("devices.bulk")}>
            <span className="b s13">{t("devices.chosen", { n: checked.size })}</span>
            {may("device.edit")
              ? <Pop label={t("devices.setLine")}>{(close) => (
                  <>
                    {(facets.data?.line ?? []).filter((facet) => facet.value !== "none").map((facet) => <button key={facet.value} type="button" className="item" onClick={() => void setLine(facet.value, close)}>{facet.name ?? facet.value}</button>)}
                    <div className="sep" /><button type="button" className="item" onClick={() => void setLine(null, close)}>{t("devices.lineBySubnet")}</button>
                  </>
                )}</Pop>
              : <span className="t3 s13">{t("devices.editBy")}</span>}
            {may("device.edit") && <button type="button" className="btn s" onClick={() => setWriting(true)}>{t("write.open")}</button>}
            {may("device.approve")
              ? <button type="button" className="btn s" onClick={() => setDeciding({ devices: [...checked], first: "approved" })}>{t("approve.bulk")}</button>
              : <span className="t3 s13">{t("approve.who")}</span>}
            {first && checked.size < first.total && <button type="button" className="btn q s" onClick={() => void chooseAll()}>{t("devices.chooseAll", { n: first.total })}</button>}
            <button type="button" className="btn q s" onClick={() => setChecked(new Set())}>{t("devices.unchoose")}</button>
          </div>
        )}
        {list.error && !list.data ? <Failed middle error={list.error} since={list.errorUpdatedAt} onAgain={() => void list.refetch()} />
          : first && first.total === 0 ? (
            filtered
              ? (waitingView && Object.keys(ask).length === 1
                ? <State middle why={t("approve.nobodyWaits")} action={<Link className="btn" to="/devices">{t("devices.clear")}</Link>} />
                : url.get("view") === "quiet" && Object.keys(ask).length === 1
                ? <NoneFound covered={first.covered} />
                : <State middle why={t("devices.emptyFilter")} action={<button type="button" className="btn" onClick={clear}>{t("devices.clear")}</button>} link={first.covered ? undefined : <Link className="link acc" to="/capture#blind-spots">{t("state.nonePartly")}</Link>} />)
              : <State middle why={t("devices.emptyNever")} action={<Link className="btn p" to="/capture">{t("devices.toCapture")}</Link>} link={<Link className="link" to="/first-run">{t("devices.toFirstRun")}</Link>} />
          )
          : <Table label={t("nav.devices")} columns={columns} rows={lines} total={total + lines.length - rows.length} rowKey={lineKey} selected={chosen} inside={inside} onUnfold={onUnfold} onSelect={(sel) => url.set({ sel })} onOpen={open}
              sort={sort} order={order} onSort={(by, how) => url.set({ sort: by === usualSort && how === "asc" ? null : by, order: how === "asc" ? null : how })}
              onNear={onNear} checked={checked} onCheck={check} onRange={onRange} handle={table} />}
        <div className="dfoot">
          <span>{first && first.total > 0 ? t("table.range", { from: devicesIn(range[0]), to: devicesIn(range[1]), n: first.total }) : ""}</span>
          <span className="sp" />
          {waitingView && may("device.approve") && <><span className="opt row"><Kbd>a</Kbd>{t("approve.choice.approved")}</span><span className="opt row"><Kbd>t</Kbd>{t("approve.choice.temporary")}</span><span className="opt row"><Kbd>r</Kbd>{t("approve.choice.rejected")}</span></>}
          <span className="opt row"><Kbd>j</Kbd><Kbd>k</Kbd>{t("keys.short.move")}</span><span className="opt row"><Kbd>Enter</Kbd>{t("keys.short.open")}</span><span className="opt row"><Kbd>e</Kbd>{t("keys.short.evidence")}</span>
        </div>
      </section>
      {evidence && selectedRow && <EvidenceDrawer device={selected} name={selectedRow.name} onClose={() => url.set({ evidence: null })} />}
      {deciding && <Decide {...deciding} onClose={() => setDeciding(null)} onDone={() => setChecked(new Set())} />}
      {writing && <WriteLedger devices={[...checked]} onClose={() => setWriting(false)} onDone={() => setChecked(new Set())} />}
      {byLedger && <Known onClose={() => setByLedger(false)} />}
      {narrow && facetsOpen && <Drawer open placement="left" width={260} title={t("devices.facets")} onClose={() => setFacetsOpen(false)}><div className="fac shown"><Facets facets={facets.data} failed={!!facets.error} url={url} /></div></Drawer>}
    </div>
  );
}
