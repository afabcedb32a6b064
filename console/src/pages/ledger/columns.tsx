// The columns of the four lists. A list that differs has a line for each difference, the device on the first of them.
import { Popconfirm } from "antd";
import { useMemo, type ReactNode } from "react";
import { Link } from "react-router-dom";
import type { Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { RoleIcon } from "../../parts/Icon";
import { Chip } from "../../parts/parts";
import type { Column } from "../../parts/Table";
import { When } from "../../parts/Time";
import type { Deed } from "./acts";
import { nameOf, type Difference, type Field, type Item, type ListName } from "./fields";

/** `at`: which of the item's differences; 0 in the other lists. */
export interface Line { item: Item; at: number }
export type Say = (deed: Deed, item: Item, only?: Difference) => void;

export function useFieldWords() {
  const { t, word } = useWords();
  return useMemo(() => ({
    field: (field: Field | "unseen") => t(`ledgerfield.${field}`),
    /** A value for people: roles and criticality by their words. */
    value: (field: Field | "unseen", value: string) => !value ? "" : field === "kind" ? word("devicerole", value) : field === "criticality" ? word("criticality", value) : value,
  }), [t, word]);
}

const monoFields = new Set<string>(["ip", "mac", "serial", "number"]);
export function Value({ field, value, strong, none }: { field: Field | "unseen"; value: string; strong?: boolean; /** What stands where there is nothing. */ none?: string }) {
  const { t } = useWords();
  const words = useFieldWords();
  if (!value) return <span className="t3">{none ?? t("ledger.nothing")}</span>;
  const text = words.value(field, value);
  return <span className={`${monoFields.has(field) ? "mono " : ""}${strong ? "b" : ""}`} title={text}>{text}</span>;
}

function Two({ first, second, mono }: { first: ReactNode; second?: ReactNode; mono?: boolean }) {
  return <><div className="cut">{first || <span className="t3">–</span>}</div>{second && <div className={mono ? "l2 cut mono" : "l2 cut"}>{second}</div>}</>;
}

function DeviceCell({ device, second }: { device: Schemas["ReconciledDevice"]; second?: string }) {
  const below = [device.ips[0] !== device.name ? device.ips[0] ?? device.macs[0] : undefined, second].filter(Boolean).join(" · ");
  return (
    <div className="row" style={{ gap: 8, flexWrap: "nowrap" }}>
      <RoleIcon role={device.role} size={20} />
      <div className="grow">
        <div className="cut"><Link title={device.name} to={`/devices/${encodeURIComponent(device.id)}`} tabIndex={-1} onClick={(event) => event.stopPropagation()}>{device.name}</Link></div>
        {below && <div className="l2 cut mono">{below}</div>}
      </div>
    </div>
  );
}

function EntryCell({ item }: { item: Item }) {
  const values = item.entry?.values;
  const name = nameOf(item);
  return <Two first={<span title={name}>{name}</span>} second={values?.number && values.number !== name ? values.number : undefined} mono />;
}

/** Buttons of a row are out of the tab order, like its links: Enter opens the row, and there they are in it. */
function Do({ onClick, children, disabled, title }: { onClick(): void; children: ReactNode; disabled: boolean; title?: string }) {
  return <button type="button" className="btn s" tabIndex={-1} disabled={disabled} title={title} onDoubleClick={(event) => event.stopPropagation()} onClick={(event) => { event.stopPropagation(); onClick(); }}>{children}</button>;
}

export function RemoveButton({ item, disabled, say, inRow }: { item: Item; disabled: boolean; say: Say; inRow?: boolean }) {
  const { t } = useWords();
  return (
    <span onClick={(event) => event.stopPropagation()} onDoubleClick={(event) => event.stopPropagation()}>
      <Popconfirm title={t("ledger.removeAsk", { name: nameOf(item) })} description={<span className="s13 asking">{t("ledger.removeWhat")}</span>} okText={t("ledger.remove")} cancelText={t("do.cancel")} onConfirm={() => say("remove", item)}>
        <button type="button" className="btn s" tabIndex={inRow ? -1 : 0} disabled={disabled}>{t("ledger.remove")}</button>
      </Popconfirm>
    </span>
  );
}

export function useColumns(list: ListName, narrow: boolean, mayEdit: boolean, busy: boolean, say: Say): Column<Line>[] {
  const { t, word } = useWords();
  const words = useFieldWords();
  return useMemo(() => {
    const device: Column<Line> = { key: "device", title: t("column.device"), width: "minmax(180px, 1.5fr)", least: 180, cell: ({ item }) => (item.device ? <DeviceCell device={item.device} /> : null) };
    const entry: Column<Line> = { key: "entry", title: t("ledger.column.entry"), width: "minmax(150px, 1.3fr)", least: 150, cell: ({ item }) => <EntryCell item={item} /> };
    const line: Column<Line> = { key: "line", title: t("column.line"), width: "minmax(90px, .8fr)", least: 90, cell: ({ item }) => <Two first={item.device?.line?.name ?? item.entry?.values.line ?? ""} second={item.entry?.values.place} /> };
    const owner: Column<Line> = { key: "owner", title: t("ledgerfield.owner"), width: "minmax(96px, .8fr)", least: 96, cell: ({ item }) => {
      const by = (field: "owner" | "department") => item.by_rule?.find((one) => one.field === field);
      const rule = by("owner") ?? by("department");
      return <span title={rule ? t("rules.by", { because: rule.because }) : undefined}><Two first={item.entry?.values.owner ?? by("owner")?.value ?? ""} second={item.entry?.values.department ?? by("department")?.value ?? (rule ? t("rules.short") : undefined)} /></span>;
    } };
    const product: Column<Line> = { key: "product", title: t("column.product"), width: "minmax(120px, 1fr)", least: 120, cell: ({ item: { device: seen, entry: kept } }) => <Two first={[seen?.vendor ?? kept?.values.vendor, seen?.product ?? kept?.values.product].filter(Boolean).join(" ")} second={seen?.firmware ?? kept?.values.firmware} /> };
    const last: Column<Line> = { key: "last", title: t("column.last_seen"), width: "104px", least: 104, cell: ({ item }) => (item.last_seen ? <When at={item.last_seen} as="ago" /> : <span className="t2">{t("ledger.never")}</span>) };
    const by: Column<Line> = {
      key: "by", title: t("ledger.column.by"), width: "minmax(130px, .9fr)", least: 130,
      cell: ({ item }) => <Two first={item.by ? t(`ledger.by.${item.by}`) : ""} second={item.entry && item.entry.accepted.length > 0 ? (item.entry.accepted.some((one) => one.field === "unseen") ? t("ledger.unseenKnown") : t("ledger.knownDifferences", { n: item.entry.accepted.length })) : undefined} />,
    };
    if (list === "same") return [entry, { ...device, title: t("ledger.column.seen") }, by, ...(narrow ? [] : [product]), line, owner, last];
    if (list === "not_in_ledger") return [
      device, product, ...(narrow ? [] : [{ key: "mac", title: t("column.mac"), width: "140px", least: 140, cell: ({ item }: Line) => <span className="mono cut">{item.device?.macs[0]}</span> }]), line,
      { key: "first", title: t("column.first_seen"), width: "104px", least: 104, cell: ({ item }) => (item.device ? <When at={item.device.first_seen} as="date" /> : null) },
      last,
      ...(mayEdit ? [{ key: "do", title: t("ledger.column.do"), width: "148px", least: 148, cell: ({ item }: Line) => <Do disabled={busy} onClick={() => say("add", item)}>{t("ledger.add")}</Do> }] : []),
    ];
    if (list === "unseen") return [
      entry,
      { key: "address", title: t("column.address"), width: "minmax(152px, .9fr)", least: 152, cell: ({ item }) => <div className="mono"><Two first={item.entry?.values.ip?.split(" ")[0]} second={item.entry?.values.mac?.split(" ")[0]} mono /></div> },
      ...(narrow ? [] : [product]), line, owner,
      { ...last, title: t("ledger.column.lastSeen"), cell: (row) => (row.item.device?.state === "unknown" ? <Chip><span className="hatch hatchbox" style={{ width: 14 }} aria-hidden="true" /> {t("devicestate.unknown")}</Chip> : last.cell(row)) },
      ...(mayEdit ? [{ key: "do", title: t("ledger.column.do"), width: "212px", least: 212, cell: ({ item }: Line) => <div className="row" style={{ gap: 6, flexWrap: "nowrap" }}><Do disabled={busy} title={t("ledger.fineWhat")} onClick={() => say("fine", item)}>{t("ledger.fine")}</Do><RemoveButton inRow item={item} disabled={busy} say={say} /></div> }] : []),
    ];
    return [
      { ...device, width: "minmax(160px, 1.3fr)", least: 160, cell: ({ item, at }) => (at > 0 ? <span className="unheard">{nameOf(item)}</span> : item.device ? <DeviceCell device={item.device} {...(item.entry?.values.number ? { second: item.entry.values.number } : {})} /> : <EntryCell item={item} />) },
      { key: "field", title: t("ledger.column.field"), width: "92px", least: 92, cell: ({ item, at }) => { const one = item.differences[at]; return one ? <span className="t2">{words.field(one.field)}</span> : null; } },
      { key: "ledger", title: t("ledger.column.ledger"), width: "minmax(112px, 1fr)", least: 112, cell: ({ item, at }) => { const one = item.differences[at]; return one ? <div className="cut"><Value field={one.field} value={one.ledger} /></div> : null; } },
      { key: "seen", title: t("ledger.column.seenValue"), width: "minmax(124px, 1fr)", least: 124, cell: ({ item, at }) => { const one = item.differences[at]; return one ? <div className="row" style={{ gap: 8, flexWrap: "nowrap" }}><span className="t3" aria-hidden="true">↔</span><div className="cut"><Value field={one.field} value={one.seen} strong /></div></div> : null; } },
      ...(narrow ? [] : [owner]).map((column) => ({ ...column, cell: (row: Line) => (row.at > 0 ? null : column.cell(row)) })),
      ...(mayEdit ? [{ key: "do", title: t("ledger.column.do"), width: "300px", least: 300, cell: ({ item, at }: Line) => { const one = item.differences[at]; return one ? <div className="row" style={{ gap: 6, flexWrap: "nowrap" }}><Do disabled={busy} title={t("ledger.takeLedgerWhat")} onClick={() => say("ledger", item, one)}>{t("ledger.takeLedger")}</Do><Do disabled={busy} title={t("ledger.takeSeenWhat")} onClick={() => say("seen", item, one)}>{t("ledger.takeSeen")}</Do></div> : null; } }] : []),
    ];
  }, [list, narrow, mayEdit, busy, say, t, word, words]);
}
