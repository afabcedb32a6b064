// "Which weakness is real here?" Three answers as counts, the chosen one below with its proof, and how old what is known is.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { Link } from "react-router-dom";
import { address, call, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { count } from "../../format/numbers";
import { useLook, useWords } from "../../look/look";
import { FilterBox, useListKeys } from "../../parts/filters";
import { Icon } from "../../parts/Icon";
import { Bone, Bones, Failed, Kbd, Pop, State, useLate, useNarrow, usePageTitle } from "../../parts/parts";
import { Table, type TableHandle } from "../../parts/Table";
import { useMore } from "../../parts/more";
import { useUrl } from "../../parts/url";
import { useColumns } from "./columns";
import { Detail } from "./Detail";
import { Feeds } from "./Feeds";
import { OutOfSupport } from "./OutOfSupport";
import { severities, states, verdicts, type Item } from "./kinds";

const itemKey = (item: Item) => item.key;

export default function VulnerabilitiesPage() {
  const { t } = useWords();
  const url = useUrl();
  const { may } = useSession();
  usePageTitle(t("nav.vulnerabilities"));
  const feeds = useQuery({ queryKey: ["feeds"], queryFn: ({ signal }) => call("get", "/weaknesses/feeds", { signal }) });
  const facets = useQuery({ queryKey: ["weakness-facets"], queryFn: ({ signal }) => call("get", "/weaknesses/facets", { signal }), placeholderData: keepPreviousData });
  const late = useLate(facets.isPending || feeds.isPending);
  const error = facets.error ?? feeds.error;
  if (error && (!facets.data || !feeds.data)) return <><h1 className="unheard">{t("nav.vulnerabilities")}</h1><Failed middle error={error} since={facets.errorUpdatedAt} onAgain={() => { void facets.refetch(); void feeds.refetch(); }} /></>;
  if (!facets.data || !feeds.data) return late ? <Waiting /> : <h1 className="unheard">{t("nav.vulnerabilities")}</h1>;
  // The same while files come in for the first time, so that what is told of them stays.
  return feeds.data.feeds.length === 0 || url.get("feeds") === "1"
    ? <Feeds feeds={feeds.data.feeds} mayEdit={may("device.edit")} />
    : <Weaknesses whole={facets.data} feeds={feeds.data.feeds} mayEdit={may("device.edit")} />;
}

function Waiting() {
  const { t } = useWords();
  return (
    <div className="pg" role="status" aria-label={t("state.loading")}>
      <div className="head say"><div className="grow"><h1 className="unheard">{t("nav.vulnerabilities")}</h1><div style={{ height: 22 }}><Bone width={300} height={14} /></div><div style={{ height: 21 }}><Bone width={420} /></div></div></div>
      <div className="lcards">{[0, 1, 2, 3].map((at) => <div key={at} className="lcard"><Bone width={90} /><Bone width={60} height={20} /><Bone width={130} /></div>)}</div>
      <div className="panel dlpanel whole"><Bones rows={12} height={43} /></div>
    </div>
  );
}

type List = Schemas["Verdict"] | "support";
const listNames: readonly List[] = [...verdicts, "support"];

function Weaknesses({ whole, feeds, mayEdit }: { whole: Schemas["WeaknessFacets"]; feeds: Schemas["Feed"][]; mayEdit: boolean }) {
  const { t } = useWords();
  const { lang } = useLook();
  const url = useUrl();
  const narrow = useNarrow();
  const of = (list: List) => (list === "support" ? whole.out_of_support : whole.verdict.find((one) => one.value === list)?.count ?? 0);
  const list = listNames.find((name) => name === url.get("list")) ?? (of("affected") > 0 || of("needs_fact") === 0 ? "affected" : "needs_fact");
  const oldest = Math.max(...feeds.map((one) => one.days));
  const open = whole.verdict.find((one) => one.value === "affected")?.count ?? 0;
  return (
    <div className="pg">
      <div className="head say">
        <div className="grow">
          <h1>{open > 0 ? t("weakness.some", { n: open }) : t("weakness.clean", { n: whole.advisories })}</h1>
          <p className="t2 s13">
            {t("weakness.from", { n: whole.advisories })} · {t("weakness.age", { n: oldest })}
            {whole.without_product > 0 && <> · <Link className="link" to="/devices">{t("weakness.without", { n: whole.without_product })}</Link></>}
          </p>
        </div>
        <Pop icon="save" align="right" className="btn" label={narrow ? <span className="unheard">{t("export.do")}</span> : t("export.do")}>
          {(close) => (
            <>
              <a className="item" href={address("/weaknesses/export", { lang, format: "xlsx", ...(list === "support" ? {} : { verdict: list }) })} download onClick={close}>{t("export.xlsx")}</a>
              <a className="item" href={address("/weaknesses/export", { lang, format: "csv", ...(list === "support" ? {} : { verdict: list }) })} download onClick={close}>{t("export.csv")}</a>
              <a className="item" href={address("/weaknesses/vex")} download onClick={close}>{t("weakness.vex")}</a>
            </>
          )}
        </Pop>
        <button type="button" className="btn" onClick={() => url.set({ feeds: "1" })}><Icon name="upload" />{t("weakness.feeds")}</button>
      </div>
      <div className="lcards" role="tablist" aria-label={t("weakness.lists")}>
        {listNames.map((name) => (
          <button key={name} type="button" role="tab" className="lcard" aria-selected={name === list} onClick={() => url.set({ list: name, sel: null, detail: null })}>
            <span className="s13 t2">{t(`weakness.list.${name}`)}</span>
            <span className="row" style={{ alignItems: "baseline" }}><b>{count(of(name))}</b></span>
            <span className="small t3">{t(`weakness.what.${name}`)}</span>
          </button>
        ))}
      </div>
      {list === "support" ? <OutOfSupport known={feeds.some((one) => one.kind === "support")} /> : <OneList key={list} verdict={list} mayEdit={mayEdit} narrow={narrow} total={of(list)} />}
    </div>
  );
}

function OneList({ verdict, mayEdit, narrow, total: all }: { verdict: Schemas["Verdict"]; mayEdit: boolean; narrow: boolean; total: number }) {
  const { t } = useWords();
  const url = useUrl();
  const typed = url.get("q").trim(), line = url.get("line"), severity = url.get("severity"), state = url.get("state"), exploited = url.get("exploited") === "1";
  const ask = useMemo(() => ({
    verdict: [verdict],
    ...(typed ? { q: typed } : {}), ...(line ? { line } : {}), ...(exploited ? { exploited } : {}),
    ...(severities.find((one) => one === severity) ? { severity: [severity as Schemas["Severity"]] } : {}),
    ...(states.find((one) => one === state) ? { state: [state as Schemas["WeaknessStateWord"]] } : {}),
  }), [verdict, typed, line, severity, state, exploited]);
  const filtered = typed !== "" || line !== "" || severity !== "" || state !== "" || exploited;
  const lines = useQuery({ queryKey: ["lines"], queryFn: ({ signal }) => call("get", "/lines", { signal }) });
  const query = useInfiniteQuery({
    queryKey: ["weaknesses", ask],
    queryFn: ({ pageParam, signal }) => call("get", "/weaknesses", { query: { ...ask, limit: 200, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor, placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const first = query.data?.pages[0];
  const late = useLate(query.isPending);
  const total = query.isPending ? (late ? Math.min(20, all) : 0) : first?.total ?? 0;
  const onNear = useMore(query, rows.length);
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const onRange = useCallback((from: number, to: number) => setRange([from, to]), []);
  const box = useRef<HTMLInputElement>(null);
  const table = useRef<TableHandle>(null);
  const selected = url.get("sel");
  const detail = url.get("detail") === "1" && selected !== "";
  const chosen = rows.find((item) => item.key === selected);
  const columns = useColumns(verdict, narrow);
  useListKeys(box, table, () => {
    if (detail) url.set({ detail: null });
    else if (selected) url.set({ sel: null });
    else return false;
    return true;
  }, { e: () => { if (!chosen) return false; url.set({ detail: detail ? null : "1" }); return true; } });
  return (
    <section className="panel dlpanel whole" aria-label={t(`weakness.list.${verdict}`)}>
      <div className="tb">
        <FilterBox value={url.get("q")} inputRef={box} onChange={(q) => url.set({ q: q || null, sel: null })} onDown={() => table.current?.focus()} label={t("weakness.filter")} how={t("weakness.filterHow")} />
        <select className="input s pick" aria-label={t("weakness.column.severity")} value={severity} onChange={(event) => url.set({ severity: event.target.value || null, sel: null })}>
          <option value="">{t("weakness.allSeverities")}</option>
          {severities.map((one) => <option key={one} value={one}>{t(`weakness.severity.${one}`)}</option>)}
        </select>
        <select className="input s pick" aria-label={t("weakness.column.state")} value={state} onChange={(event) => url.set({ state: event.target.value || null, sel: null })}>
          <option value="">{t("weakness.allStates")}</option>
          {states.map((one) => <option key={one} value={one}>{t(`weakness.state.${one}`)}</option>)}
        </select>
        <select className="input s pick" aria-label={t("column.line")} value={line} onChange={(event) => url.set({ line: event.target.value || null, sel: null })}>
          <option value="">{t("ledger.allLines")}</option>
          {(lines.data?.lines ?? []).map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          <option value="none">{t("devices.noLine")}</option>
        </select>
        <label className="row small nw"><input type="checkbox" checked={exploited} onChange={(event) => url.set({ exploited: event.target.checked ? "1" : null, sel: null })} />{t("weakness.onlyExploited")}</label>
        <span className="sp" />
        <span className="t3 s13 nw" aria-live="polite">{first ? t("unit.items", { n: first.total }) : ""}</span>
      </div>
      {query.error && !query.data ? <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : first && total === 0 ? <State middle why={t(filtered ? "weakness.emptyFilter" : `weakness.empty.${verdict}`)} action={filtered ? <button type="button" className="btn" onClick={() => url.set({ q: null, line: null, severity: null, state: null, exploited: null, sel: null })}>{t("devices.clear")}</button> : undefined} />
        : <Table label={t(`weakness.list.${verdict}`)} columns={columns} rows={rows} total={total} rowKey={itemKey} selected={selected} onSelect={(sel) => url.set({ sel })} onOpen={(item) => url.set({ sel: item.key, detail: "1" })} onNear={onNear} onRange={onRange} handle={table} />}
      <div className="dfoot">
        <span className="nw">{first && first.total > 0 ? t("ledger.range", { from: range[0], to: Math.min(total, range[1]), n: first.total }) : ""}</span>
        <span className="sp" />
        <span className="opt row"><Kbd>j</Kbd><Kbd>k</Kbd>{t("keys.short.move")}</span><span className="opt row"><Kbd>Enter</Kbd>{t("keys.short.open")}</span>
      </div>
      {detail && chosen && <Detail item={chosen} mayEdit={mayEdit} onClose={() => url.set({ detail: null })} />}
    </section>
  );
}
