// "What does this line need to talk to, and what stops if something stops?" The needs of a line as a table that the
// network's department can write rules from; beside it what stops if a device or a subnet does.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { call, type Schemas } from "../../api/client";
import { bytes, count } from "../../format/numbers";
import { useLook, useWords } from "../../look/look";
import { protocolName } from "../../parts/Evidence";
import { Export, FilterBox, useListKeys } from "../../parts/filters";
import { Icon } from "../../parts/Icon";
import { Bone, Failed, NoneFound, Seg, State, useLate, useNarrow, usePageTitle } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { Table, type Column, type TableHandle } from "../../parts/Table";
import { useZone, When } from "../../parts/Time";
import { useUrl } from "../../parts/url";
import { offsetOf, rangesOf } from "./hours";
import { Stops } from "./Stops";

type Need = Schemas["Need"];
type Kind = Schemas["NeedKind"];
const kinds: readonly Kind[] = ["rule", "link", "group", "silent", "network"];
const usual: readonly Kind[] = ["rule", "link", "group"];
const none = <span className="t3">–</span>;

export default function NeedsPage() {
  const { t } = useWords();
  const url = useUrl();
  const stops = url.get("view") === "stops";
  usePageTitle(stops ? t("stops.title") : t("nav.needs"));
  return (
    <div className="pg">
      {stops ? <Stops tabs={<Views />} /> : <List />}
    </div>
  );
}

function Views() {
  const { t } = useWords();
  const url = useUrl();
  return <Seg label={t("needs.views")} value={url.get("view") === "stops" ? "stops" : "needs"} onChange={(view) => url.set({ view: view === "stops" ? "stops" : null, sel: null, q: null, kind: null }, "push")}
    options={[{ value: "needs", label: t("needs.view") }, { value: "stops", label: t("stops.view") }]} />;
}

function Acts({ need }: { need: Need }) {
  const { word } = useWords();
  const said = [...need.by_client, ...need.by_server].map((one) => word("act", one.act));
  return <>{[...new Set(said)].join(" · ")}</>;
}

function List() {
  const { t, word } = useWords();
  const { lang } = useLook();
  const url = useUrl();
  const zone = useZone();
  const narrow = useNarrow();
  const box = useRef<HTMLInputElement>(null);
  const table = useRef<TableHandle>(null);
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const onRange = useCallback((from: number, to: number) => setRange([from, to]), []);
  const lines = useQuery({ queryKey: ["lines"], queryFn: ({ signal }) => call("get", "/lines", { signal }) });
  const line = url.get("line"), device = url.get("device"), q = url.get("q"), chosen = url.all("kind").filter((one): one is Kind => kinds.some((kind) => kind === one));
  const ask = useMemo(() => ({ ...(line ? { line } : {}), ...(device ? { device } : {}), ...(q ? { q } : {}), ...(chosen.length > 0 ? { kind: chosen } : {}) }), [line, device, q, chosen.join(" ")]); // eslint-disable-line react-hooks/exhaustive-deps
  const query = useQuery({ queryKey: ["needs", ask], queryFn: ({ signal }) => call("get", "/needs", { query: { ...ask, limit: 1000 }, signal }), placeholderData: keepPreviousData });
  const late = useLate(query.isPending);
  const rows = query.data?.needs ?? [];
  const lineName = lines.data?.lines.find((one) => one.id === line)?.name;
  const offset = useMemo(() => offsetOf(zone, new Date()), [zone]);
  const selected = url.get("sel");
  useListKeys(box, table, () => {
    if (!selected) return false;
    url.set({ sel: null });
    return true;
  }, {});
  const columns = useMemo<Column<Need>[]>(() => {
    const when = (need: Need) => {
      const ranges = need.half_hours ? rangesOf(need.half_hours, offset) : null;
      return ranges === null ? "" : ranges.length === 0 ? t("needs.allDay") : ranges.join(t("list.comma"));
    };
    const owner = (end: Schemas["NeedEnd"]) => [end.owner?.owner, end.owner?.department].filter(Boolean).join(" · ");
    return [
      { key: "client", title: t("needs.from"), width: "minmax(140px, 1.2fr)", least: 140, cell: (row) => <Ref of={{ ...row.client.device, address: row.client.address }} second /> },
      { key: "server", title: t("needs.to"), width: "minmax(140px, 1.2fr)", least: 140, cell: (row) => <Ref of={{ ...row.server.device, address: row.server.address }} second /> },
      { key: "what", title: t("needs.over"), width: "minmax(108px, .8fr)", least: 108, cell: (row) => <><div className="cut">{row.protocol ? protocolName(row.inside[0] ?? row.protocol) : <span className="t3">{t("talk.unclaimed")}</span>}</div><div className="l2 cut mono">{[row.carrier, row.port].filter((part) => part !== undefined).join(" ")}</div></> },
      { key: "for", title: t("needs.for"), width: "minmax(132px, 1.2fr)", least: 132, cell: (row) => <><div className="cut">{t(`purpose.${row.purpose}`)}</div><div className="l2 cut"><Acts need={row} /></div></> },
      { key: "much", title: t("needs.much"), width: "96px", least: 96, cell: (row) => <div className="cut">{bytes(row.bytes_per_day, lang)}</div> },
      ...(narrow ? [] : [{ key: "when", title: t("needs.when"), width: "minmax(110px, .9fr)", least: 110, cell: (row: Need) => <><div className="cut" title={when(row)}>{when(row) || none}</div>{row.days ? <div className="l2 cut">{t("needs.days", { n: row.days })}</div> : null}</> }]),
      { key: "owner", title: t("needs.owner"), width: "minmax(100px, .9fr)", least: 100, cell: (row) => <><div className="cut" title={owner(row.server)}>{owner(row.server) || none}</div><div className="l2 cut">{row.server.line?.name ?? (row.server.device.id ? t("needs.noLine") : t("needs.outside"))}</div></> },
      { key: "way", title: t("needs.kind"), width: "112px", least: 112, cell: (row) => <><div className="cut">{word("needkind", row.kind)}</div><div className="l2 cut">{row.way ? word("needway", row.way) : <When at={row.last} as="date" />}</div></> },
    ];
  }, [t, word, lang, narrow, offset]);
  const counts = query.data?.counts;
  const toggle = (kind: Kind) => {
    const on = chosen.length > 0 ? chosen : [...usual];
    const next = on.includes(kind) ? on.filter((one) => one !== kind) : [...on, kind];
    url.set({ sel: null, kind: next.length === usual.length && usual.every((one) => next.includes(one)) ? null : next });
  };
  return (
    <>
      <div className="head say">
        <Icon name="talk" size={28} />
        <div className="grow">
          <h1>{query.data && counts ? (lineName ? t("needs.sentenceLine", { line: lineName, n: counts.rule + counts.link }) : t("needs.sentence", { n: counts.rule + counts.link })) : late ? <Bone width={320} height={14} /> : " "}</h1>
          <p className="t2 s13">{query.data?.begun ? <>{t("needs.period")} <When at={query.data.begun} as="full" /> – <When at={query.data.now} as="full" /></> : " "}</p>
        </div>
        <Views />
      </div>
      <section className="panel dlpanel whole" aria-label={t("nav.needs")}>
        <div className="tb">
          <select className="input s pick" style={{ width: 150 }} aria-label={t("needs.line")} value={line} onChange={(event) => url.set({ line: event.target.value || null, sel: null })}>
            <option value="">{t("ledger.allLines")}</option>
            {(lines.data?.lines ?? []).map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          </select>
          <FilterBox value={q} inputRef={box} onChange={(text) => url.set({ q: text || null, sel: null })} onDown={() => table.current?.focus()} label={t("needs.filter")} how={t("needs.filterHow")} />
          <span className="row kinds" role="group" aria-label={t("needs.kind")}>
            {kinds.map((kind) => {
              const on = (chosen.length > 0 ? chosen : usual).includes(kind);
              return <button key={kind} type="button" className={on ? "chip sel" : "chip"} aria-pressed={on} title={t(`needkind.${kind}.what`)} onClick={() => toggle(kind)}><span>{t(`needkind.${kind}`)} <span className="kn">{counts ? count(counts[kind]) : ""}</span></span></button>;
            })}
          </span>
          <span className="sp" />
          <Export path="/needs/export" query={{ ...ask, offset }} narrow={narrow} />
        </div>
        {query.error && !query.data ? <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
          : query.data && rows.length === 0 ? (Object.keys(ask).length > 0
            ? <State middle why={t("needs.emptyFilter")} action={<button type="button" className="btn" onClick={() => url.set({ line: null, device: null, q: null, kind: null })}>{t("devices.clear")}</button>} />
            : <NoneFound covered={undefined} what={t("needs.none")} />)
          : <Table label={t("nav.needs")} columns={columns} rows={rows} total={query.isPending ? (late ? 12 : 0) : rows.length} rowKey={(row) => row.id} selected={selected} onSelect={(sel) => url.set({ sel })} onOpen={(row) => { if (row.server.device.id) url.set({ view: "stops", device: row.server.device.id, line: null, q: null, kind: null, sel: null }, "push"); }} onRange={onRange} handle={table} />}
        <div className="dfoot">
          <span>{rows.length > 0 ? t("needs.range", { from: range[0], to: range[1], n: query.data?.total ?? 0 }) : ""}</span>
          {query.data && query.data.total > rows.length && <span>{t("needs.cut", { n: rows.length })}</span>}
          <span className="sp" /><span>{t("needs.ownerFrom")}</span>
        </div>
      </section>
    </>
  );
}
