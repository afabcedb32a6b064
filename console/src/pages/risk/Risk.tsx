// "Which device, which line is the biggest risk, and what lowers it most?" Every number opens the terms that it is made of.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { Export, FilterBox, useListKeys } from "../../parts/filters";
import { Icon } from "../../parts/Icon";
import { Bone, Bones, Failed, Kbd, State, useLate, useNarrow, usePageTitle } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { Table, type Column, type TableHandle } from "../../parts/Table";
import { useMore } from "../../parts/more";
import { useUrl } from "../../parts/url";
import type { Key } from "../../words/words";
import { FactorBar, Score, useAction } from "./parts";
import { Actions, Groups, Spread } from "./Summary";
import { bands, type Band, type TermWord } from "./terms";

type Row = Schemas["RiskRow"];
const sorts = ["score", "exposure", "weakness", "consequence", "name", "line"] as const;
const levels = ["0", "1", "2", "3", "3.5", "4", "none"] as const;
const rowKey = (row: Row) => row.device.id ?? row.device.name;

export default function RiskPage() {
  const { t } = useWords();
  usePageTitle(t("nav.risk"));
  const whole = useQuery({ queryKey: ["risk", "whole"], queryFn: ({ signal }) => call("get", "/risk", { query: { limit: 1 }, signal }), placeholderData: keepPreviousData });
  const late = useLate(whole.isPending);
  if (whole.error && !whole.data) return <><h1 className="unheard">{t("nav.risk")}</h1><Failed middle error={whole.error} since={whole.errorUpdatedAt} onAgain={() => void whole.refetch()} /></>;
  if (!whole.data) return late ? <Waiting /> : <h1 className="unheard">{t("nav.risk")}</h1>;
  if (whole.data.total === 0) return <><h1 className="unheard">{t("nav.risk")}</h1><State middle why={t("risk.empty")} action={<a className="btn" href="/capture">{t("nav.capture")}</a>} /></>;
  return <Risks whole={whole.data} />;
}

function Waiting() {
  const { t } = useWords();
  return (
    <div className="pg riskpg" role="status" aria-label={t("state.loading")}>
      <div className="head say"><div className="grow"><h1 className="unheard">{t("nav.risk")}</h1><div style={{ height: 22 }}><Bone width={360} height={14} /></div><div style={{ height: 21 }}><Bone width={480} /></div></div></div>
      <div className="riskcards">{[0, 1, 2].map((at) => <div key={at} className="panel"><Bones rows={6} /></div>)}</div>
      <div className="panel dlpanel whole"><Bones rows={8} height={43} /></div>
    </div>
  );
}

function Risks({ whole }: { whole: Schemas["RiskList"] }) {
  const { t, word } = useWords();
  const url = useUrl();
  const navigate = useNavigate();
  const narrow = useNarrow();
  const say = useAction();
  const box = useRef<HTMLInputElement>(null);
  const table = useRef<TableHandle>(null);
  const typed = url.get("q").trim(), line = url.get("line"), network = url.get("network"), level = levels.find((one) => one === url.get("level"));
  const term = url.get("term") as TermWord | "", chosen = url.all("band").filter((one): one is Band => bands.some((band) => band === one));
  const sort = sorts.find((one) => one === url.get("sort")) ?? "score";
  const order = url.get("order") === "asc" ? "asc" : url.get("order") === "desc" ? "desc" : sort === "name" || sort === "line" ? "asc" : "desc";
  const filter = useMemo(() => ({
    ...(typed ? { q: typed } : {}), ...(line ? { line } : {}), ...(network ? { network } : {}), ...(level ? { level } : {}), ...(term ? { term } : {}), ...(chosen.length > 0 ? { band: chosen } : {}),
  }), [typed, line, network, level, term, chosen.join(" ")]); // eslint-disable-line react-hooks/exhaustive-deps
  const filtered = Object.keys(filter).length > 0;
  const lines = useQuery({ queryKey: ["lines"], queryFn: ({ signal }) => call("get", "/lines", { signal }) });
  const query = useInfiniteQuery({
    queryKey: ["risk", "list", filter, sort, order],
    queryFn: ({ pageParam, signal }) => call("get", "/risk", { query: { ...filter, sort, order, limit: 200, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor, placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.devices) ?? [], [query.data]);
  const first = query.data?.pages[0];
  const late = useLate(query.isPending);
  const total = query.isPending ? (late ? Math.min(20, whole.total) : 0) : first?.total ?? 0;
  const onNear = useMore(query, rows.length);
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const onRange = useCallback((from: number, to: number) => setRange([from, to]), []);
  const selected = url.get("sel");
  useListKeys(box, table, () => {
    if (!selected) return false;
    url.set({ sel: null });
    return true;
  }, {});
  const columns = useMemo<Column<Row>[]>(() => [
    { key: "device", title: t("column.device"), width: "minmax(170px, 1.4fr)", least: 170, sort: "name", cell: (row) => <Ref of={row.device} second /> },
    { key: "score", title: t("risk.column.score"), width: "88px", least: 88, sort: "score", cell: (row) => <Score score={row.score} band={row.band} /> },
    ...(["exposure", "weakness", "consequence"] as const).map((factor): Column<Row> => ({ key: factor, title: t(`risk.column.${factor}`), width: "minmax(104px, .8fr)", least: 104, sort: factor, cell: (row) => <FactorBar value={row[factor]} /> })),
    ...(narrow ? [] : [{ key: "line", title: t("column.line"), width: "minmax(96px, .7fr)", least: 96, sort: "line", cell: (row: Row) => <><div className="cut">{row.line?.name ?? <span className="t3">{t("devices.noLine")}</span>}</div><div className="l2 cut mono">{row.network ?? ""}</div></> }]),
    { key: "action", title: t("risk.column.action"), width: "minmax(200px, 1.8fr)", least: 200, cell: (row) => (row.first_action
      ? <><div className="cut" title={say(row.first_action)}>{say(row.first_action)}</div><div className="l2 cut">{row.score} → {row.first_action.after}{row.first_action.at_best && ` · ${t("risk.atBest")}`}</div></>
      : <span className="t3">–</span>) },
  ], [t, narrow, say]);
  const lineName = lines.data?.lines.find((one) => one.id === line)?.name ?? (line === "none" ? t("devices.noLine") : undefined);
  const highest = whole.devices[0];
  const toggle = (band: Band) => url.set({ sel: null, band: chosen.includes(band) ? chosen.filter((one) => one !== band) : [...chosen, band] });
  return (
    <div className="pg riskpg">
      <div className="head say">
        <div className="grow">
          <h1>{highest && (whole.sum.high > 0 ? t("risk.sentence", { high: whole.sum.high, name: highest.device.name, score: whole.sum.highest }) : t("risk.sentenceCalm", { name: highest.device.name, score: whole.sum.highest }))}</h1>
          <p className="t2 s13">{t("risk.how")}{whole.cut && <> · {t("risk.cut")}</>}{whole.left_out > 0 && <> · {t("risk.leftOut", { n: whole.left_out })}</>}</p>
        </div>
      </div>
      <div className="riskcards">
        <Spread list={first && filtered ? first : whole} />
        <Actions line={line} lineName={lineName} />
        <Groups />
      </div>
      <section className="panel dlpanel whole" aria-label={t("nav.risk")}>
        <div className="tb">
          <FilterBox value={url.get("q")} inputRef={box} onChange={(q) => url.set({ q: q || null, sel: null })} onDown={() => table.current?.focus()} label={t("risk.filter")} how={t("risk.filterHow")} />
          <select className="input s pick" aria-label={t("column.line")} value={line} onChange={(event) => url.set({ line: event.target.value || null, sel: null })}>
            <option value="">{t("ledger.allLines")}</option>
            {(lines.data?.lines ?? []).map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
            <option value="none">{t("devices.noLine")}</option>
          </select>
          <span className="row kinds" role="group" aria-label={t("risk.band")}>
            {bands.map((band) => <button key={band} type="button" className={chosen.includes(band) ? "chip sel" : "chip"} aria-pressed={chosen.includes(band)} onClick={() => toggle(band)}><span>{t(`risk.band.${band}`)}</span></button>)}
          </span>
          {term && <span className="chip sel"><span className="cut">{t("risk.onlyTerm", { term: word("risk.term", term) })}</span><button type="button" className="x" aria-label={t("devices.takeOff", { name: word("risk.term", term) })} onClick={() => url.set({ term: null, sel: null })}><Icon name="close" /></button></span>}
          <span className="sp" />
          <Export path="/risk/export" query={filter} narrow={narrow} />
        </div>
        {query.error && !query.data ? <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
          : first && total === 0 ? <State middle why={t("risk.emptyFilter")} action={<button type="button" className="btn" onClick={() => url.set({ q: null, line: null, network: null, level: null, band: null, term: null, sel: null })}>{t("devices.clear")}</button>} />
          : <Table label={t("nav.risk" as Key)} columns={columns} rows={rows} total={total} rowKey={rowKey} selected={selected} onSelect={(sel) => url.set({ sel })} onOpen={(row) => { if (row.device.id) navigate(`/devices/${encodeURIComponent(row.device.id)}?tab=risk#risk`); }} sort={sort} order={order} onSort={(next, way) => url.set({ sort: next === "score" ? null : next, order: way === (next === "name" || next === "line" ? "asc" : "desc") ? null : way, sel: null })} onNear={onNear} onRange={onRange} handle={table} />}
        <div className="dfoot">
          <span className="nw">{first && first.total > 0 ? t("risk.range", { from: range[0], to: Math.min(total, range[1]), n: first.total }) : ""}</span>
          <span className="sp" />
          <span className="opt row"><Kbd>j</Kbd><Kbd>k</Kbd>{t("keys.short.move")}</span><span className="opt row"><Kbd>Enter</Kbd>{t("risk.open")}</span>
        </div>
      </section>
    </div>
  );
}
