// "Who wrote this last?" Every register, variable and tag that somebody read or wrote, in one list; a row leads to all
// that is known of one.
import { Select } from "antd";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, useNavigate } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { protocolName } from "../../parts/Evidence";
import { Chips, Export, FilterBox, useListKeys, type Chosen } from "../../parts/filters";
import { RoleIcon } from "../../parts/Icon";
import { useMore } from "../../parts/more";
import { ObjectName } from "../../parts/ObjectName";
import { Bone, Failed, Kbd, NoneFound, Seg, State, useLate, useNarrow, usePageTitle } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { Table, type Column, type TableHandle } from "../../parts/Table";
import { When } from "../../parts/Time";
import { unitWords } from "../../parts/units";
import { useUrl, type Url } from "../../parts/url";
import { Last } from "../conversations/columns";

type Row = Schemas["Register"];
type Written = "any" | "never" | "written" | "several";
const writtens: Written[] = ["any", "written", "several", "never"];
const sinces = { "1h": 3_600, "24h": 86_400, "7d": 604_800 } as const;
const rowKey = (row: Row) => row.id;
const none = <span className="t3">–</span>;

function Users({ users, all }: { users: Row["readers"]; all: number }) {
  const { t } = useWords();
  const [first] = users;
  if (!first) return none;
  return (
    <>
      <div className="row" style={{ gap: 6, flexWrap: "nowrap" }}><RoleIcon role={first.who.role} /><span className="cut">{first.who.name}</span></div>
      <div className="l2 cut" title={users.map((user) => `${user.who.name} ${count(user.count)}`).join(t("list.comma"))}>{t("op.times", { n: count(first.count) })}{all > 1 && ` · ${t("objects.others", { n: all - 1 })}`}</div>
    </>
  );
}

/** Any device as one end of the filter: found by typing. */
function Pick({ name, url, known }: { name: "reader" | "writer" | "device"; url: Url; known(id: string): string | undefined }) {
  const { t } = useWords();
  const value = url.get(name);
  const [typed, setTyped] = useState("");
  const [open, setOpen] = useState(false);
  const found = useQuery({ queryKey: ["devices", "pick", typed], queryFn: ({ signal }) => call("get", "/devices", { query: { ...(typed ? { q: typed } : {}), limit: 50, sort: "name" }, signal }), placeholderData: keepPreviousData, enabled: open });
  const options = (found.data?.devices ?? []).map((row) => ({ value: row.id, label: row.address && row.address !== row.name ? `${row.name} · ${row.address}` : row.name }));
  if (value && !options.some((one) => one.value === value)) options.unshift({ value, label: known(value) ?? value });
  return <Select showSearch allowClear size="small" className="pick" value={value || undefined} placeholder={t(`registers.pick.${name}`)} aria-label={t(`registers.pick.${name}`)} style={{ width: 140 }} popupMatchSelectWidth={300} filterOption={false} onSearch={setTyped} onDropdownVisibleChange={setOpen} options={options} notFoundContent={t("palette.nothing")} onChange={(next: string | undefined) => url.set({ [name]: next ?? null, sel: null })} />;
}

export default function Registers() {
  const { t, rich } = useWords();
  const url = useUrl();
  const narrow = useNarrow();
  const navigate = useNavigate();
  usePageTitle(t("nav.registers"));
  // Before now where packets arrive, else before the last that was seen.
  const end = useQuery({ queryKey: ["activity", "end"], queryFn: ({ signal }) => call("get", "/activity", { query: { buckets: 1 }, signal }), staleTime: 60_000 });
  const lines = useQuery({ queryKey: ["lines"], queryFn: ({ signal }) => call("get", "/lines", { signal }) });
  const since = url.get("since") as keyof typeof sinces;
  const until = end.data ? Math.ceil(Date.parse(end.data.until) / 60_000) * 60_000 : 0;
  const written = writtens.find((one) => one === url.get("written")) ?? "any";
  const sort = url.get("sort") === "written" ? "written" : "changed";
  const ask = useMemo(() => ({
    ...Object.fromEntries((["q", "device", "line", "reader", "writer", "protocol"] as const).flatMap((name) => (url.get(name) ? [[name, url.get(name)]] : []))),
    ...(written !== "any" ? { written } : {}),
    ...(sort !== "changed" ? { sort } : {}),
    ...(since in sinces && until ? { changed_since: new Date(until - sinces[since] * 1000).toISOString() } : {}),
  } as { q?: string; device?: string; line?: string; reader?: string; writer?: string; protocol?: string; written?: Written; sort?: "changed" | "written"; changed_since?: string }), [url, written, sort, since, until]);
  const list = useInfiniteQuery({
    queryKey: ["registers", ask],
    queryFn: ({ pageParam, signal }) => call("get", "/registers", { query: { ...ask, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor, placeholderData: keepPreviousData, enabled: !(since in sinces) || until > 0,
  });
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.registers) ?? [], [list.data]);
  const late = useLate(list.isPending);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const onNear = useMore(list, rows.length);
  // Where nearly nothing fits a page ends before it is full: the next one is asked for until a screen is.
  const pages = list.data?.pages.length ?? 0;
  const first = list.data?.pages[0], cut = list.data?.pages[pages - 1]?.cut;
  useEffect(() => {
    if (cut && rows.length < 40 && pages < 20 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [cut, rows.length, pages, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const selected = url.get("sel");
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const onRange = useCallback((from: number, to: number) => setRange([from, to]), []);
  const box = useRef<HTMLInputElement>(null);
  const table = useRef<TableHandle>(null);
  const clear = () => url.set({ q: null, device: null, line: null, reader: null, writer: null, protocol: null, written: null, since: null, sel: null });
  useListKeys(box, table, () => { if (!selected) return false; url.set({ sel: null }); return true; }, {});
  const open = (row: Row) => navigate(`/registers/${encodeURIComponent(row.id)}${ask.q ? `?asked=${encodeURIComponent(ask.q)}` : ""}`);
  const columns = useMemo<Column<Row>[]>(() => [
    { key: "object", title: t("op.objectOnly"), width: "minmax(150px, 1.3fr)", least: 150, cell: (row) => <><ObjectName of={row} /><div className="l2 cut">{[row.elements > 1 && t("registers.elements", { n: row.elements }), row.unit && unitWords(row.unit, t), protocolName(row.protocol)].filter(Boolean).join(" · ")}</div></> },
    { key: "device", title: t("registers.device"), width: "minmax(130px, 1.1fr)", least: 130, cell: (row) => <Ref of={row.device} second /> },
    { key: "value", title: t("objects.value"), width: "minmax(96px, .9fr)", least: 96, cell: (row) => (row.value ? <><div className="cut mono" title={row.value}>{row.value}</div>{row.valued && <div className="l2 cut"><When at={row.valued} as="ago" /></div>}</> : none) },
    { key: "writtenBy", title: t("registers.writtenLast"), width: "minmax(140px, 1.1fr)", least: 140, sort: "written", cell: (row) => {
      const wrote = row.asked && (!row.written || row.asked.at > row.written.at) ? row.asked : row.written;
      if (!wrote) return <span className="t3 small">{t("registers.neverWritten")}</span>;
      return <><div className="row" style={{ gap: 6, flexWrap: "nowrap" }}><RoleIcon role={wrote.who.role} /><span className="cut">{wrote.who.name}</span></div><div className="l2 cut"><When at={wrote.at} as="recent" />{wrote === row.asked ? ` · ${t("registers.noAnswer")}` : row.writer_count > 1 ? ` · ${t("objects.others", { n: row.writer_count - 1 })}` : ""}</div></>;
    } },
    ...(narrow ? [] : [{ key: "readers", title: t("objects.readers"), width: "minmax(130px, 1fr)", least: 130, cell: (row: Row) => <Users users={row.readers} all={row.reader_count} /> }]),
    { key: "changed", title: t("objects.changed"), width: "118px", least: 118, sort: "changed", cell: (row) => (row.changed ? <><Last at={row.changed} /></> : <span className="t3 small">{t("objects.steady")}</span>) },
  ], [t, narrow]);
  const known = (id: string) => rows.flatMap((row) => [row.device, ...row.readers.map((one) => one.who), ...row.writers.map((one) => one.who)]).find((one) => one.id === id)?.name;
  const chips: Chosen[] = ask.protocol ? [{ name: "protocol", value: ask.protocol, words: protocolName(ask.protocol) }] : [];
  const filtered = Boolean(ask.q || ask.device || ask.line || ask.reader || ask.writer || ask.protocol || ask.changed_since || written !== "any");
  const total = list.isPending ? (late ? 20 : 0) : rows.length + (hasNextPage ? 20 : 0);
  return (
    <div className="pg">
      <div className="head say">
        <div className="grow">
          <h1>{t("nav.registers")}</h1>
          <p className="t2 s13">{first ? (first.all === 0 ? t("registers.noneYet") : t("registers.sentence", { n: first.all })) : late ? <Bone width={340} /> : " "}{first && first.forgotten > 0 && <span className="t3"> {t("registers.forgotten", { n: first.forgotten })}</span>}</p>
        </div>
        <Seg<Written> label={t("registers.byWriting")} value={written} options={writtens.map((one) => ({ value: one, label: t(`registers.written.${one}`) }))} onChange={(next) => url.set({ written: next === "any" ? null : next, sel: null })} />
      </div>
      <section className="panel dlpanel whole" aria-label={t("nav.registers")}>
        <div className="tb regtb">
          <FilterBox value={url.get("q")} inputRef={box} onChange={(q) => url.set({ q: q || null, sel: null })} onDown={() => table.current?.focus()} label={t("registers.filter")} how={t("registers.filterHow")} />
          <Pick name="device" url={url} known={known} />
          {/* Its place is there before the lines are: nothing moves when they come. */}
          <select className="input s pick line" aria-label={t("column.line")} value={url.get("line")} onChange={(event) => url.set({ line: event.target.value || null, sel: null })}>
            <option value="">{t("ledger.allLines")}</option>
            {(lines.data?.lines ?? []).map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          </select>
          <Pick name="writer" url={url} known={known} />
          <Pick name="reader" url={url} known={known} />
          <select className="input s pick" aria-label={t("registers.since")} value={since in sinces ? since : ""} onChange={(event) => url.set({ since: event.target.value || null, sel: null })}>
            <option value="">{t("registers.sinceAny")}</option>
            {(Object.keys(sinces) as (keyof typeof sinces)[]).map((one) => <option key={one} value={one}>{t(`registers.since.${one}`)}</option>)}
          </select>
          <Chips chips={chips} url={url} />
          <span className="sp" />
          <Export path="/registers/export" query={ask} narrow={narrow} />
        </div>
        {list.error && !list.data ? <Failed middle error={list.error} since={list.errorUpdatedAt} onAgain={() => void list.refetch()} />
          : !list.isPending && rows.length === 0 && !hasNextPage ? (filtered
            ? <State middle why={t("registers.emptyFilter")} action={<button type="button" className="btn" onClick={clear}>{t("devices.clear")}</button>} />
            : first?.all === 0 ? <State middle why={t("registers.noneYet")} action={<Link className="btn" to="/capture">{t("devices.toCapture")}</Link>} /> : <NoneFound covered={undefined} />)
          : <Table label={t("nav.registers")} columns={columns} rows={rows} total={total} rowKey={rowKey} selected={selected} onSelect={(sel) => url.set({ sel })} onOpen={open} onNear={onNear} onRange={onRange} sort={sort} order="desc" onSort={(next) => url.set({ sort: next === "changed" ? null : next, sel: null })} handle={table} />}
        <div className="dfoot">
          <span>{rows.length === 0 ? "" : first?.total !== undefined ? t("objects.range", { from: range[0], to: Math.min(range[1], rows.length), n: first.total }) : t(hasNextPage ? "ops.rangeMore" : "ops.range", { from: range[0], to: Math.min(range[1], rows.length), n: rows.length })}</span>
          {cut && hasNextPage && <span>{rich("registers.cut", {})} <button type="button" className="link" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("ops.searchOn")}</button></span>}
          <span className="sp" />
          <span className="opt row"><Kbd>j</Kbd><Kbd>k</Kbd>{t("keys.short.move")}</span><span className="opt row"><Kbd>Enter</Kbd>{t("registers.openKey")}</span>
        </div>
      </section>
    </div>
  );
}
