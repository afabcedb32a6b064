// The columns of the device list. Default ones first; the others come from the columns menu.
import { useMemo, type ReactNode } from "react";
import { Link } from "react-router-dom";
import type { Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { ApprovalChip, whyWords } from "../../parts/Approval";
import { DeviceState } from "../../parts/DeviceState";
import { protocolName } from "../../parts/Evidence";
import { Icon, RoleIcon } from "../../parts/Icon";
import { Bone } from "../../parts/parts";
import type { Column } from "../../parts/Table";
import { When } from "../../parts/Time";
import { unitWords } from "../../parts/units";
import { count } from "../../format/numbers";
import type { Key, Values } from "../../words/words";

/** A line of the list: a device, or one of its parts below it. */
export interface Line { row: Schemas["DeviceRow"]; part?: Schemas["DevicePart"] | "coming" | "failed" }
type Row = Schemas["DeviceRow"];
type T = (key: Key, values?: Values) => string;

interface Described { key: string; title(t: T): string; width: string; least: number; sort?: string; cell(row: Row, at: { t: T; narrow: boolean }): ReactNode; folds?: boolean }

/** Who says it, where it is a rule. */
function byRule(row: Row, field: "owner" | "criticality", t: T): string | undefined {
  const because = row.ledger?.by_rule?.find((one) => one.field === field)?.because;
  return because ? t("rules.by", { because }) : undefined;
}

const none = <span className="t3">–</span>;
const cut = (text: ReactNode, className = "cut") => (text ? <div className={className}>{text}</div> : none);

export const allColumns: Described[] = [
  {
    key: "device", title: (t) => t("column.device"), width: "minmax(180px, 1.8fr)", least: 200, sort: "name",
    cell: (row, { t, narrow }) => (
      <div className="row" style={{ gap: 10 }}>
        <RoleIcon role={row.role} size={20} />
        <div className="grow">
          <div className={row.state === "usual" ? "cut" : "cut b"}><Link to={`/devices/${encodeURIComponent(row.id)}`} tabIndex={-1} title={row.name}>{row.name}</Link></div>
          <div className="l2 cut">
            {[
              row.address && row.address !== row.name ? <span key="address" className="mono">{row.address}</span> : null,
              (row.parts ?? 0) > 1 ? <span key="parts">{t("devices.parts", { n: row.parts ?? 0 })}</span> : null,
              narrow ? <span key="role">{t(`devicerole.${row.role}`)}</span> : null,
              narrow ? <When key="last" at={row.last_seen} as="ago" /> : null,
            ].filter((part) => part !== null).flatMap((part, index) => (index === 0 ? [part] : [" · ", part]))}
          </div>
        </div>
      </div>
    ),
  },
  { key: "role", title: (t) => t("column.role"), width: "minmax(84px, .7fr)", least: 84, sort: "role", folds: true, cell: (row, { t }) => cut(t(`devicerole.${row.role}`)) },
  {
    key: "product", title: (t) => t("column.product"), width: "minmax(130px, 1.4fr)", least: 130, sort: "product",
    cell: (row) => {
      const top = [row.vendor, row.product].filter(Boolean).join(" ") || row.os;
      return top ? <><div className="cut" title={top}>{top}</div><div className="l2 cut">{row.firmware ?? (row.product || row.vendor ? row.os : "") ?? ""}</div></> : none;
    },
  },
  { key: "line", title: (t) => t("column.line"), width: "minmax(84px, .8fr)", least: 84, sort: "line", cell: (row, { t }) => (row.line ? cut(row.line.name) : <span className="t3">{t("level.none")}</span>) },
  { key: "level", title: (t) => t("column.level"), width: "52px", least: 52, sort: "level", cell: (row, { t }) => <span className="lv" title={row.level ? t(`level.${row.level}` as Key) : t("level.none")}>{row.level ?? "–"}</span> },
  { key: "protocols", title: (t) => t("column.protocols"), width: "minmax(96px, 1fr)", least: 96, cell: (row) => cut(row.protocols.map(protocolName).join(", "), "cut t2") },
  { key: "last", title: (t) => t("column.last"), width: "104px", least: 104, sort: "last_seen", folds: true, cell: (row) => <div className={`cut t2 ${row.state === "unknown" ? "hatched" : ""}`}><When at={row.last_seen} as="ago" /></div> },
  { key: "state", title: (t) => t("column.state"), width: "132px", least: 132, sort: "state", cell: (row) => <DeviceState state={row.state} /> },
  { key: "owner", title: (t) => t("column.owner"), width: "minmax(110px, .9fr)", least: 110, cell: (row, { t }) => (row.ledger?.owner ? <><div className="cut" title={byRule(row, "owner", t)}>{row.ledger.owner}</div><div className="l2 cut">{row.ledger.department ?? row.ledger.contact ?? ""}</div></> : none) },
  { key: "criticality", title: (t) => t("column.criticality"), width: "72px", least: 72, cell: (row, { t }) => (row.ledger?.criticality ? <span title={byRule(row, "criticality", t)}>{t(`criticality.${row.ledger.criticality}` as Key)}</span> : none) },
  { key: "number", title: (t) => t("column.number"), width: "120px", least: 120, cell: (row) => cut(row.ledger?.number && <span className="mono">{row.ledger.number}</span>) },
  { key: "approval", title: (t) => t("column.approval"), width: "148px", least: 148, sort: "approval", cell: (row) => <ApprovalChip approval={row.approval} /> },
  { key: "why", title: (t) => t("column.why"), width: "minmax(180px, 1.6fr)", least: 180, cell: (row, { t }) => { const why = whyWords(row.approval, t); return why ? <div className="cut2" title={why}>{why}</div> : none; } },
  { key: "mac", title: (t) => t("column.mac"), width: "150px", least: 150, cell: (row) => cut(row.mac && <span className="mono">{row.mac}</span>) },
  { key: "vendor", title: (t) => t("column.vendor"), width: "minmax(100px, .8fr)", least: 100, sort: "vendor", cell: (row) => cut(row.vendor) },
  { key: "serial", title: (t) => t("column.serial"), width: "120px", least: 120, cell: (row) => cut(row.serial && <span className="mono">{row.serial}</span>) },
  { key: "vlan", title: (t) => t("column.vlan"), width: "64px", least: 64, cell: (row) => (row.vlan === undefined ? none : row.vlan) },
  { key: "port", title: (t) => t("column.port"), width: "120px", least: 120, cell: (row) => cut(row.switch_port) },
  { key: "first", title: (t) => t("column.first"), width: "112px", least: 112, sort: "first_seen", cell: (row) => <span className="t2"><When at={row.first_seen} as="moment" /></span> },
  { key: "peers", title: (t) => t("column.peers"), width: "80px", least: 80, cell: (row) => (row.peers === undefined ? none : <span>{count(row.peers)}</span>) },
  { key: "os", title: (t) => t("column.os"), width: "120px", least: 120, cell: (row) => cut(row.os) },
];
export const defaultColumns = ["device", "role", "product", "line", "level", "protocols", "last", "state"];
/** Of the list of those that wait: what it is, since when, and why somebody has to decide. */
export const waitingColumns = ["device", "role", "product", "line", "approval", "why", "first"];

/** What the list says of a unit behind a gateway or of a module in a rack; the other columns are the device's. */
function partCell(key: string, part: Schemas["DevicePart"] | "coming" | "failed", at: { t: T; narrow: boolean }): ReactNode {
  if (key === "device") return <div className="part"><div className="cut">{part === "coming" ? <Bone width="40%" /> : part === "failed" ? at.t("devices.partsFailed") : <span>{unitWords(part.path, at.t)}</span>}</div>{at.narrow && typeof part !== "string" && part.last_seen && <div className="l2 cut"><When at={part.last_seen} as="ago" /></div>}</div>;
  if (typeof part === "string") return null;
  if (key === "product") return part.product ? <><div className="cut" title={part.product}>{part.product}</div><div className="l2 cut">{part.firmware ?? ""}</div></> : none;
  if (key === "serial") return cut(part.serial && <span className="mono">{part.serial}</span>);
  if (key === "last") return part.last_seen ? <div className="cut t2"><When at={part.last_seen} as="ago" /></div> : none;
  return null;
}

export interface Unfolding { has(row: Row): boolean; is(row: Row): boolean; turn(row: Row): void }

function Unfold({ row, unfolding }: { row: Row; unfolding: Unfolding }) {
  const { t } = useWords();
  const open = unfolding.is(row);
  return (
    <button type="button" className="unfold" tabIndex={-1} aria-expanded={open} aria-label={t(open ? "devices.foldParts" : "devices.unfoldParts", { name: row.name })}
      onClick={(event) => { event.stopPropagation(); unfolding.turn(row); }} onDoubleClick={(event) => event.stopPropagation()}><Icon name={open ? "down" : "right"} /></button>
  );
}

export function useColumns(shown: readonly string[], narrow: boolean, unfolding: Unfolding): Column<Line>[] {
  const { t } = useWords();
  return useMemo(() => allColumns.filter((column) => shown.includes(column.key) && !(narrow && column.folds)).map((column) => ({
    key: column.key, title: column.title(t), width: column.width, least: column.least, ...(column.sort ? { sort: column.sort } : {}),
    cell: ({ row, part }: Line) => {
      if (part) return partCell(column.key, part, { t, narrow });
      const cell = column.cell(row, { t, narrow });
      return column.key === "device" && unfolding.has(row) ? <div className="row unfolds"><div className="grow">{cell}</div><Unfold row={row} unfolding={unfolding} /></div> : cell;
    },
  })), [shown, narrow, t, unfolding]);
}
