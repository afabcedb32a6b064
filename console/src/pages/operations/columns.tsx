// The columns of the list of acts. Default ones first; the others come from the columns menu.
import { useMemo, type ReactNode } from "react";
import type { Schemas } from "../../api/client";
import { count, short } from "../../format/numbers";
import { useWords } from "../../look/look";
import { newness, step } from "../../parts/effects";
import { protocolName } from "../../parts/Evidence";
import { Mark } from "../../parts/Icon";
import { ObjectName } from "../../parts/ObjectName";
import { codeText } from "../../parts/OperationDetail";
import { Chip } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import type { Column } from "../../parts/Table";
import { When } from "../../parts/Time";
import { unitWords } from "../../parts/units";
import type { Key, Values } from "../../words/words";

type Row = Schemas["Operation"];
type T = (key: Key, values?: Values) => string;
interface At { t: T; word(prefix: string, name: string): string }
interface Described { key: string; title(t: T): string; width: string; least: number; folds?: boolean; cell(row: Row, at: At): ReactNode }
const none = <span className="t3">–</span>;

export function ActCell({ row }: { row: Row }) {
  const { t, word } = useWords();
  return (
    <>
      <div className="row" style={{ gap: 6, flexWrap: "nowrap" }}><i className={`step ${step[row.effect]}`} title={word("effect", row.effect)} /><span className={row.is_new ? "cut b" : "cut"}>{word("act", row.act)}</span>{row.is_new && <Mark severity={newness(row.effect)} />}</div>
      {row.count > 1 && <div className="l2 cut" title={count(row.count)}>{t("op.times", { n: short(row.count) })}{row.changes ? ` · ${t("op.changed", { n: short(row.changes) })}` : ""}</div>}
    </>
  );
}

export const allColumns: Described[] = [
  { key: "time", title: (t) => t("op.time"), width: "104px", least: 104, cell: (row) => <><div className="cut"><When at={row.at} as="recent" /></div><div className="l2 mono"><When at={row.at} as="clockSeconds" /></div></> },
  { key: "who", title: (t) => t("op.who"), width: "minmax(118px, 1.1fr)", least: 118, cell: (row) => <Ref of={row.who} second /> },
  { key: "act", title: (t) => t("op.act"), width: "minmax(104px, .9fr)", least: 104, cell: (row) => <ActCell row={row} /> },
  { key: "whom", title: (t) => t("op.whom"), width: "minmax(118px, 1.1fr)", least: 118, cell: (row) => <Ref of={row.whom} second /> },
  { key: "object", title: (t) => t("op.objectOnly"), width: "minmax(112px, 1fr)", least: 112, cell: (row, { t }) => (row.object ? <><ObjectName of={row} />{row.unit && <div className="l2 cut">{unitWords(row.unit, t)}</div>}</> : row.unit ? <div className="cut t2">{unitWords(row.unit, t)}</div> : none) },
  { key: "value", title: (t) => t("op.value"), width: "minmax(80px, .8fr)", least: 80, folds: true, cell: (row) => (row.value ? <div className="cut mono" title={row.value}>{row.value}</div> : none) },
  { key: "outcome", title: (t) => t("op.outcome"), width: "104px", least: 104, cell: (row, { word, t }) => <>{row.outcome === "refused" ? <Chip kind="low" mark="low">{word("outcome", row.outcome)}</Chip> : <span className="t2">{word("outcome", row.outcome)}</span>}{row.outcome !== "refused" && (row.refused ?? 0) > 0 && <div className="l2 cut">{t("device.cellRefused", { n: row.refused ?? 0 })}</div>}</> },
  { key: "compare", title: (t) => t("op.compare"), width: "88px", least: 88, folds: true, cell: (row, { t }) => (row.is_new ? <Chip kind={newness(row.effect)} mark={newness(row.effect)}>{t("op.first")}</Chip> : none) },
  { key: "function", title: (t) => t("op.function"), width: "minmax(100px, .9fr)", least: 100, folds: true, cell: (row) => <><div className="cut t2">{protocolName(row.protocol)}</div><div className="l2 cut" title={row.function.name}><span className="mono">{codeText(row.function.code)}</span> {row.function.name}</div></> },
  { key: "frame", title: (t) => t("op.frame"), width: "110px", least: 110, cell: (row) => (row.evidence?.frame === undefined ? none : <><div className="mono">#{count(row.evidence.frame)}</div><div className="l2 cut">{row.evidence.source}</div></>) },
  { key: "status", title: (t) => t("op.status"), width: "80px", least: 80, cell: (row) => (row.status === undefined ? none : <span className="mono">{codeText(row.status)}</span>) },
];
export const defaultColumns = ["time", "who", "act", "whom", "object", "value", "outcome", "compare", "function"];

export function useColumns(shown: readonly string[], narrow: boolean): Column<Row>[] {
  const { t, word } = useWords();
  return useMemo(() => allColumns.filter((column) => shown.includes(column.key) && !(narrow && column.folds)).map((column) => ({
    key: column.key, title: column.title(t), width: column.width, least: column.least,
    cell: (row: Row) => (narrow && column.key === "object" && row.value
      ? <>{row.object ? <ObjectName of={row} /> : <div className="cut">–</div>}<div className="l2 cut mono" title={row.value}>{row.value}</div></>
      : column.cell(row, { t, word })),
  })), [shown, narrow, t, word]);
}
