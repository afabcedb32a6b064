// The four lists beside each other as counts; the chosen one below. Filter, list, days and selection stand in the address.
import { Popconfirm } from "antd";
import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link } from "react-router-dom";
import { address, call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useLook, useWords } from "../../look/look";
import { FilterBox, useListKeys } from "../../parts/filters";
import { useHeld } from "../../parts/held";
import { Icon } from "../../parts/Icon";
import { Failed, Kbd, NoneFound, Pop, State, useLate, useNarrow } from "../../parts/parts";
import { Table, type TableHandle } from "../../parts/Table";
import { When } from "../../parts/Time";
import { useMore } from "../../parts/more";
import { useUrl } from "../../parts/url";
import { useActs, type Deed } from "./acts";
import { useColumns, type Line, type Say } from "./columns";
import { Detail } from "./Detail";
import { lists, toDecide, type Item, type ListName } from "./fields";
import { Receive } from "./Receive";

const itemKey = (item: Item) => item.key;
const lineKey = ({ item, at }: Line) => (at === 0 ? item.key : `${item.key}/${at}`);
const inside = (line: Line) => line.at > 0;
const spans = [7, 30, 90, 180, 365];
type Ask = { q?: string; line?: string; days: number };

export function Reconcile({ ledger, days, mayEdit }: { ledger: Schemas["Ledger"]; days: number; mayEdit: boolean }) {
  const { t, rich } = useWords();
  const url = useUrl();
  const narrow = useNarrow();
  const acts = useActs();
  const [taking, setTaking] = useState(false);
  const typed = url.get("q"), line = url.get("line");
  const ask = useMemo<Ask>(() => ({ days, ...(typed.trim() ? { q: typed.trim() } : {}), ...(line ? { line } : {}) }), [days, typed, line]);
  const filtered = ask.q !== undefined || ask.line !== undefined;
  const lines = useQuery({ queryKey: ["lines"], queryFn: ({ signal }) => call("get", "/lines", { signal }) });

  // With a filter the cards count what fits it.
  const fitting = useQueries({
    queries: lists.map((name) => ({ queryKey: ["ledger-list", name, ask, "count"], enabled: filtered, placeholderData: keepPreviousData, queryFn: ({ signal }: { signal: AbortSignal }) => call("get", "/ledger/lists/{list}", { path: { list: name }, query: { ...ask, limit: 1 }, signal }) })),
    combine: (found) => Object.fromEntries(lists.map((name, index) => [name, found[index]?.data?.total])) as Record<ListName, number | undefined>,
  });
  const counts: Record<ListName, number | undefined> = filtered ? fitting : ledger.counts;
  const known = lists.every((name) => counts[name] !== undefined);
  const asked = lists.find((name) => name === url.get("list"));
  const list = asked ?? toDecide.find((name) => (counts[name] ?? 0) > 0) ?? "same";
  // Once chosen it stays, whatever is decided in it.
  const { set } = url;
  useEffect(() => { if (!asked && known) set({ list }); }, [asked, known, list, set]);

  const open = ledger.counts.different + ledger.counts.unseen + ledger.counts.not_in_ledger;
  return (
    <div className="pg">
      <div className="head say">
        <div className="grow">
          <h1>{open > 0 ? t("ledger.toDecide", { n: open }) : t(ledger.covered ? "ledger.allSame" : "ledger.allSameSeen", { n: ledger.entries })}</h1>
          <p className="t2 s13">
            {ledger.file !== null && ledger.at ? rich("ledger.from", { n: ledger.entries, file: <span className="wrap">{ledger.file}</span>, at: <When at={ledger.at} />, who: ledger.who ?? "–" }) : t("ledger.entries", { n: ledger.entries })}
          </p>
        </div>
        <Link className="btn" to="/ledger?tab=rules">{t("rules.title")}</Link>
        <ExportLedger list={list} days={days} narrow={narrow} layout={ledger.layout} />
        {mayEdit
          ? <button type="button" className="btn" aria-expanded={taking} onClick={() => setTaking(!taking)}><Icon name="upload" />{t("ledger.import")}</button>
          : <span className="t3 small" style={{ maxWidth: 180 }}>{t("ledger.editBy")}</span>}
      </div>
      {taking && mayEdit && <div className="panel taking"><Receive /></div>}
      <div className="lcards" role="tablist" aria-label={t("ledger.lists")}>
        {lists.map((name) => (
          <button key={name} type="button" role="tab" className="lcard" aria-selected={name === list} onClick={() => url.set({ list: name, sel: null, detail: null })}>
            <span className="s13 t2">{t(`ledgerlist.${name}`)}</span>
            <span className="row" style={{ alignItems: "baseline" }}><b>{counts[name] === undefined ? "–" : count(counts[name])}</b>{filtered && <span className="small t3">{t("ledger.ofAll", { n: ledger.counts[name] })}</span>}</span>
            <span className="small t3">{t(`ledger.what.${name}`, { n: days })}</span>
          </button>
        ))}
      </div>
      <OneList key={list} list={list} ask={ask} filtered={filtered} counts={counts} covered={ledger.covered} mayEdit={mayEdit} acts={acts} days={days} lines={lines.data?.lines ?? []} narrow={narrow} />
    </div>
  );
}

interface ListProps {
  list: ListName; ask: Ask; filtered: boolean; counts: Record<ListName, number | undefined>; covered: boolean; mayEdit: boolean;
  acts: ReturnType<typeof useActs>; days: number; lines: Schemas["Line"][]; narrow: boolean;
}

function OneList({ list, ask, filtered, counts, covered, mayEdit, acts, days, lines, narrow }: ListProps) {
  const { t } = useWords();
  const url = useUrl();
  const query = useInfiniteQuery({
    queryKey: ["ledger-list", list, ask],
    queryFn: ({ pageParam, signal }) => call("get", "/ledger/lists/{list}", { path: { list }, query: { ...ask, limit: 200, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor, placeholderData: keepPreviousData,
  });
  const loaded = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const { rows, waiting, take } = useHeld(loaded, itemKey, JSON.stringify(ask), query.isPlaceholderData);
  const first = query.data?.pages[0];
  const late = useLate(query.isPending);
  const total = query.isPending ? (late ? 20 : 0) : Math.max(rows.length, (first?.total ?? 0) - waiting);
  const several = list === "different";
  const shown = useMemo(() => rows.flatMap((item): Line[] => (several ? Array.from({ length: Math.max(1, item.differences.length) }, (_, at) => ({ item, at })) : [{ item, at: 0 }])), [rows, several]);
  const onNear = useMore(query, shown.length);

  const selected = url.get("sel");
  const detail = url.get("detail") === "1" && selected !== "";
  const chosen = rows.find((item) => item.key === selected.split("/")[0]);
  const [checked, setChecked] = useState<ReadonlySet<string>>(new Set());
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const onRange = useCallback((from: number, to: number) => setRange([from, to]), []);
  /** Lines below the first of an item are more differences of the same; the foot counts items. */
  const itemsIn = (line: number) => (shown.length === rows.length ? line : line - shown.slice(0, line).filter(inside).length);
  const box = useRef<HTMLInputElement>(null);
  const table = useRef<TableHandle>(null);
  const { act, busy } = acts;
  const latest = useRef(act);
  latest.current = act;
  const say = useCallback<Say>((deed, item, only) => void latest.current(deed, [item], only), []);
  const columns = useColumns(list, narrow, mayEdit, busy !== null, say);
  const check = (key: string) => setChecked((before) => {
    const after = new Set(before);
    if (!after.delete(key)) after.add(key);
    return after;
  });
  useListKeys(box, table, () => {
    if (detail) url.set({ detail: null });
    else if (checked.size > 0) setChecked(new Set());
    else if (selected) url.set({ sel: null });
    else return false;
    return true;
  }, { e: () => { if (!chosen) return false; url.set({ detail: detail ? null : "1" }); return true; } });

  const marked = rows.filter((item) => checked.has(item.key));
  const many = async (deed: Deed) => { if (await act(deed, marked)) setChecked(new Set()); };
  const clear = () => url.set({ q: null, line: null, sel: null });
  return (
    <section className="panel dlpanel whole" aria-label={t(`ledgerlist.${list}`)}>
      <div className="tb">
        <FilterBox value={url.get("q")} inputRef={box} onChange={(q) => url.set({ q: q || null, sel: null })} onDown={() => table.current?.focus()} label={t("ledger.filter")} how={t("ledger.filterHow")} />
        <select className="input s pick" aria-label={t("column.line")} value={url.get("line")} onChange={(event) => url.set({ line: event.target.value || null, sel: null })}>
          <option value="">{t("ledger.allLines")}</option>
          {lines.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          <option value="none">{t("devices.noLine")}</option>
        </select>
        {list === "unseen" && (
          <select className="input s pick" aria-label={t("ledger.daysWhat")} title={t("ledger.daysWhat")} value={days} onChange={(event) => url.set({ days: event.target.value === "30" ? null : event.target.value, sel: null })}>
            {[...new Set([...spans, days])].sort((a, b) => a - b).map((one) => <option key={one} value={one}>{t("ledger.days", { n: one })}</option>)}
          </select>
        )}
        {list === "unseen" && !covered && <Link className="row small t2" to="/capture#blind-spots" title={t("ledger.partly")}><span className="hatch hatchbox" aria-hidden="true" /><span className="acc">{narrow ? t("do.blindSpots") : t("ledger.partly")}</span></Link>}
        <span className="sp" />
        {waiting > 0 && <button type="button" className="btn s" onClick={take}>{t("devices.waiting", { n: waiting })}</button>}
        <span className="t3 s13 nw" aria-live="polite">{first ? t("unit.items", { n: first.total }) : ""}</span>
      </div>
      {checked.size > 0 && (
        <div className="tb bulk" role="toolbar" aria-label={t("ledger.bulk")}>
          <span className="b s13 nw">{busy ? t("ledger.working", { done: busy.done, n: busy.of }) : t("ledger.chosen", { n: marked.length })}</span>
          {list === "different" && <>
            <button type="button" className="btn s" disabled={busy !== null} onClick={() => void many("ledger")}>{t("ledger.takeLedger")}</button>
            <button type="button" className="btn s" disabled={busy !== null} onClick={() => void many("seen")}>{t("ledger.takeSeen")}</button>
          </>}
          {list === "not_in_ledger" && <button type="button" className="btn s" disabled={busy !== null} onClick={() => void many("add")}>{t("ledger.add")}</button>}
          {list === "unseen" && <>
            <button type="button" className="btn s" disabled={busy !== null} onClick={() => void many("fine")}>{t("ledger.fine")}</button>
            <Popconfirm title={t("ledger.removeAskMany", { n: marked.length })} description={<span className="s13 asking">{t("ledger.removeWhat")}</span>} okText={t("ledger.remove")} cancelText={t("do.cancel")} onConfirm={() => void many("remove")}>
              <button type="button" className="btn s" disabled={busy !== null}>{t("ledger.remove")}</button>
            </Popconfirm>
          </>}
          {marked.length < rows.length && <button type="button" className="btn q s" disabled={busy !== null} onClick={() => setChecked(new Set(rows.map(itemKey)))}>{t("ledger.chooseAll", { n: rows.length })}</button>}
          <button type="button" className="btn q s" disabled={busy !== null} onClick={() => setChecked(new Set())}>{t("devices.unchoose")}</button>
        </div>
      )}
      {query.error && !query.data ? <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : first && total === 0 ? <Nothing list={list} filtered={filtered} covered={covered} counts={counts} onClear={clear} onList={(other) => url.set({ list: other, sel: null })} />
        : <Table label={t(`ledgerlist.${list}`)} columns={columns} rows={shown} total={total + shown.length - rows.length} rowKey={lineKey} selected={selected} inside={inside} onSelect={(sel) => url.set({ sel })} onOpen={({ item }) => url.set({ sel: item.key, detail: "1" })}
            onNear={onNear} {...(mayEdit && list !== "same" ? { checked, onCheck: check } : {})} onRange={onRange} handle={table} />}
      <div className="dfoot">
        <span className="nw">{first && first.total > 0 ? t("ledger.range", { from: itemsIn(range[0]), to: Math.min(total, itemsIn(range[1])), n: first.total }) : ""}</span>
        <span className="cut t2" role="status">{acts.last?.words ?? ""}</span>
        {acts.last && acts.last.back.length > 0 && <button type="button" className="btn q s" disabled={busy !== null} onClick={() => void acts.undo()}>{t("ledger.undo")}</button>}
        <span className="sp" />
        <span className="opt row"><Kbd>j</Kbd><Kbd>k</Kbd>{t("keys.short.move")}</span>{mayEdit && list !== "same" && <span className="opt row"><Kbd>x</Kbd>{t("keys.select")}</span>}<span className="opt row"><Kbd>Enter</Kbd>{t("keys.short.open")}</span>
      </div>
      {detail && chosen && <Detail item={chosen} list={list} mayEdit={mayEdit} busy={busy !== null} say={say} onClose={() => url.set({ detail: null })} />}
    </section>
  );
}

function Nothing({ list, filtered, covered, counts, onClear, onList }: { list: ListName; filtered: boolean; covered: boolean; counts: Record<ListName, number | undefined>; onClear(): void; onList(list: ListName): void }) {
  const { t } = useWords();
  if (!filtered) return list === "not_in_ledger" ? <NoneFound covered={covered} what={t("ledger.empty.not_in_ledger")} /> : <State middle why={t(`ledger.empty.${list}`)} />;
  const elsewhere = lists.filter((name) => name !== list && (counts[name] ?? 0) > 0);
  return (
    <State middle why={t("ledger.emptyFilter")} action={<button type="button" className="btn" onClick={onClear}>{t("devices.clear")}</button>}
      link={elsewhere.length > 0 ? <>{elsewhere.map((name) => <button key={name} type="button" className="link" onClick={() => onList(name)}>{t("ledger.elsewhere", { list: t(`ledgerlist.${name}`), n: counts[name] ?? 0 })}</button>)}</> : undefined} />
  );
}

const encodings = ["utf-8-bom", "utf-8", "cp932"] as const;

/** The whole ledger or the chosen list, for Excel, for other programs, and for those that only read Shift_JIS. */
function ExportLedger({ list, days, narrow, layout }: { list: ListName; days: number; narrow: boolean; layout: Schemas["Ledger"]["layout"] }) {
  const { t } = useWords();
  const { lang } = useLook();
  const files = (which: ListName | undefined, close: () => void) => {
    const query = { lang, days, ...(which ? { list: which } : {}) };
    return (
      <>
        <a className="item" href={address("/ledger/export", { ...query, format: "xlsx" })} download onClick={close}>{t("export.xlsx")}</a>
        {encodings.map((encoding) => <a key={encoding} className="item" href={address("/ledger/export", { ...query, format: "csv", encoding })} download onClick={close}>{t(`ledger.export.${encoding}`)}</a>)}
      </>
    );
  };
  return (
    <Pop icon="save" align="right" className="btn" title={t("ledger.export.what")} label={narrow ? <span className="unheard">{t("export.do")}</span> : t("export.do")}>
      {(close) => (
        <>
          {layout && <>
            <div className="title ownlayout" title={layout.name}>{t("ledger.own", { name: layout.name })}</div>
            {(["ledger", "seen"] as const).map((one) => <a key={one} className="item" href={address("/ledger/export/own", { lang, with: one })} download onClick={close}>{t(`ledger.own.${one}`)}</a>)}
            <div className="sep" />
          </>}
          <div className="title">{t("ledger.export.all")}</div>
          {files(undefined, close)}
          <div className="sep" />
          <div className="title">{t("ledger.export.list", { list: t(`ledgerlist.${list}`) })}</div>
          {files(list, close)}
        </>
      )}
    </Pop>
  );
}
