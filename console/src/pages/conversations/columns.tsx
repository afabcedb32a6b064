// The columns of the list of conversations. Default ones first; the others come from the columns menu.
import { useMemo, type ReactNode } from "react";
import type { Schemas } from "../../api/client";
import { bytes, count, short, type Lang } from "../../format/numbers";
import { useLook, useWords } from "../../look/look";
import { newness, step } from "../../parts/effects";
import { protocolName } from "../../parts/Evidence";
import { Mark } from "../../parts/Icon";
import { Chip } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import type { Column } from "../../parts/Table";
import { isRecent, useOfNow, When } from "../../parts/Time";
import type { Key, Values } from "../../words/words";

type Row = Schemas["Conversation"];
type T = (key: Key, values?: Values) => string;
interface At { t: T; word(prefix: string, name: string): string; lang: Lang; narrow: boolean }
interface Described { key: string; title(t: T): string; width: string; least: number; sort?: string; folds?: boolean; cell(row: Row, at: At): ReactNode }

export const both = (sides: readonly number[]) => sides.reduce((sum, side) => sum + side, 0);
/** Bytes an hour, over the time that it lasted; none where that was less than a minute. */
export function perHour(row: Row): number | undefined {
  const seconds = (Date.parse(row.last) - Date.parse(row.first)) / 1000;
  return seconds < 60 ? undefined : both(row.bytes) / seconds * 3600;
}
export const protocolsOf = (row: Row, t: T) => (row.protocol ? [...(row.inside ?? []), row.protocol].map(protocolName) : [t("talk.unclaimed")]);
export const carrierOf = (row: Row) => [row.carrier, row.port].filter((part) => part !== undefined && part !== "").join(" ");

/** Half of the arrow is hatched where nobody saw an answer. */
export function Arrow({ row, words }: { row: Row; words: boolean }) {
  const { t } = useWords();
  const alone = row.direction === "one_sided";
  return (
    <span className="row t2 nw" style={{ gap: 6 }} title={alone ? t("talk.oneSidedWhy") : t("talk.both")}>
      <svg width="34" height="12" role="img" aria-label={alone ? t("talk.oneSidedWhy") : t("talk.both")} style={{ flex: "none" }}>
        {alone
          ? <><path d="M1 6h16" stroke="var(--t2)" strokeWidth="1.6" /><path d="M17 3.5h9v5h-9z" fill="url(#talk-hatch)" /><path d="M27 2l5 4-5 4" stroke="var(--t2)" strokeWidth="1.6" fill="none" /></>
          : <><path d="M2 6h30" stroke="var(--t2)" strokeWidth="1.6" /><path d="M6 2L2 6l4 4M28 2l4 4-4 4" stroke="var(--t2)" strokeWidth="1.6" fill="none" /></>}
        <defs><pattern id="talk-hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M1 0v4" stroke="var(--t3)" strokeWidth="1.4" /></pattern></defs>
      </svg>
      {words && <span className="cut">{alone ? t("talk.oneSided") : t("talk.both")}</span>}
    </span>
  );
}

/** Seconds and minutes ago; longer ago the date, with the time below it. */
export function Last({ at }: { at: string }) {
  return useOfNow((now) => isRecent(at, now))
    ? <div className="cut t2"><When at={at} as="ago" /></div>
    : <><div className="cut t2"><When at={at} as="date" /></div><div className="l2"><When at={at} as="clock" /></div></>;
}

const none = <span className="t3">–</span>;

export const allColumns: Described[] = [
  { key: "from", title: (t) => t("talk.from"), width: "minmax(128px, 1.4fr)", least: 128, sort: "client", cell: (row) => <Ref of={row.client} second /> },
  { key: "to", title: (t) => t("talk.to"), width: "minmax(128px, 1.4fr)", least: 128, sort: "server", cell: (row) => <Ref of={row.server} second /> },
  {
    key: "protocol", title: (t) => t("column.protocols"), width: "minmax(100px, .9fr)", least: 100, sort: "protocol",
    cell: (row, { t }) => <><div className={row.protocol ? "cut" : "cut t3"}>{protocolsOf(row, t).join(t("list.comma"))}</div><div className="l2 cut" title={row.vlan ? `VLAN ${row.vlan}` : undefined}>{carrierOf(row)}</div></>,
  },
  {
    key: "acts", title: (t) => t("talk.acts"), width: "minmax(112px, 1.1fr)", least: 112,
    cell: (row, { word, t }) => {
      const [top, ...rest] = row.acts ?? [];
      if (!top) return none;
      return (
        <>
          <div className="row" style={{ gap: 6, flexWrap: "nowrap" }}><i className={`step ${step[top.effect]}`} aria-hidden="true" /><span className={top.is_new ? "cut b" : "cut"}>{word("act", top.act)} <span className="t3" title={count(top.count)}>{t("op.times", { n: short(top.count) })}</span></span>{top.is_new && <Mark severity={newness(top.effect)} />}</div>
          {rest.length > 0 && <div className="l2 cut">{rest.map((one) => word("act", one.act)).join(t("list.comma"))}</div>}
        </>
      );
    },
  },
  {
    key: "bytes", title: (t) => t("talk.bytes"), width: "96px", least: 96, sort: "bytes",
    cell: (row, { t, lang }) => {
      const rate = perHour(row);
      return <><div className="cut" title={t("unit.packets", { n: both(row.packets) })}>{bytes(both(row.bytes), lang)}</div><div className="l2 cut">{rate === undefined ? t("unit.packets", { n: both(row.packets) }) : t("talk.perHour", { bytes: bytes(rate, lang) })}</div></>;
    },
  },
  { key: "first", title: (t) => t("talk.first"), width: "96px", least: 96, sort: "first", folds: true, cell: (row) => <><div className="cut t2"><When at={row.first} as="date" /></div><div className="l2"><When at={row.first} as="clock" /></div></> },
  { key: "last", title: (t) => t("talk.last"), width: "104px", least: 104, sort: "last", cell: (row) => <Last at={row.last} /> },
  { key: "direction", title: (t) => t("talk.direction"), width: "76px", least: 76, folds: true, cell: (row, { t }) => <><Arrow row={row} words={false} /><div className="l2 cut">{row.direction === "both" ? t("talk.both") : t("talk.oneSided")}</div></> },
  {
    key: "state", title: (t) => t("column.state"), width: "84px", least: 84, folds: true,
    cell: (row, { t }) => (row.is_new ? <Chip kind="low" mark="low">{t("talk.new")}</Chip> : <span className="t3 small nw"><Mark severity="ok" /> {t("talk.known")}</span>),
  },
  { key: "port", title: (t) => t("talk.port"), width: "72px", least: 72, cell: (row) => (row.port === undefined ? none : <span className="mono">{row.port}</span>) },
  { key: "vlan", title: (t) => t("column.vlan"), width: "64px", least: 64, cell: (row) => (row.vlan === undefined ? none : row.vlan) },
  { key: "packets", title: (t) => t("talk.packets"), width: "96px", least: 96, sort: "packets", cell: (row) => <><div>{count(row.packets[0] ?? 0)}</div><div className="l2">{count(row.packets[1] ?? 0)}</div></> },
  { key: "connections", title: (t) => t("talk.connections"), width: "80px", least: 80, cell: (row) => (row.connections === undefined ? none : count(row.connections)) },
  { key: "again", title: (t) => t("talk.again"), width: "84px", least: 84, cell: (row) => (row.retransmitted ? count(row.retransmitted) : none) },
  { key: "source", title: (t) => t("talk.source"), width: "130px", least: 130, cell: (row) => (row.evidence?.source ? <div className="cut">{row.evidence.source}</div> : none) },
];
export const defaultColumns = ["from", "to", "protocol", "acts", "bytes", "first", "last", "direction", "state"];

export function useColumns(shown: readonly string[], narrow: boolean): Column<Row>[] {
  const { t, word } = useWords();
  const { lang } = useLook();
  return useMemo(() => allColumns.filter((column) => shown.includes(column.key) && !(narrow && column.folds)).map((column) => ({
    key: column.key, title: column.title(t), width: column.width, least: column.least, ...(column.sort ? { sort: column.sort } : {}),
    cell: (row: Row) => {
      const cell = column.cell(row, { t, word, lang, narrow });
      // What folds at 1,024 px is told where it belongs.
      return narrow && column.key === "last" ? <><Last at={row.last} /><Arrow row={row} words={false} /></> : cell;
    },
  })), [shown, narrow, t, word, lang]);
}
