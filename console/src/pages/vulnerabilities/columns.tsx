// What a row says: the device, the advisory, how bad it is, what decided it or what is missing, and what was decided.
import { useMemo } from "react";
import { Link } from "react-router-dom";
import type { Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { Mark, RoleIcon } from "../../parts/Icon";
import { Chip } from "../../parts/parts";
import type { Column } from "../../parts/Table";
import { markOf, type Item } from "./kinds";

export function DeviceCell({ device, part }: { device: Schemas["DeviceRef"]; part: string }) {
  const below = [device.address !== device.name ? device.address : undefined, part].filter(Boolean).join(" · ");
  return (
    <div className="row" style={{ gap: 8, flexWrap: "nowrap" }}>
      <RoleIcon role={device.role} size={20} />
      <div className="grow">
        <div className="cut">{device.id ? <Link title={device.name} to={`/devices/${encodeURIComponent(device.id)}?tab=weaknesses`} tabIndex={-1} onClick={(event) => event.stopPropagation()}>{device.name}</Link> : device.name}</div>
        {below && <div className="l2 cut mono">{below}</div>}
      </div>
    </div>
  );
}

/** "firmware 65 · SLMP #18,240": the value that decided. */
export function Decided({ item }: { item: Item }) {
  const { t, word } = useWords();
  if (item.missing) {
    return <><div className="cut">{t(`weakness.missing.${item.missing}`)}</div><div className="l2 cut">{item.ask.name ? t("weakness.askWhom", { name: item.ask.name }) : item.detail ?? t("weakness.noOwner")}</div></>;
  }
  const last = item.facts[item.facts.length - 1];
  return <><div className="cut">{last ? <>{word("attribute", last.attribute)} <span className="mono">{last.value}</span></> : "–"}</div><div className="l2 cut mono">{item.version === "vers:all/*" ? t("weakness.allVersions") : item.version}</div></>;
}

export function useColumns(verdict: Schemas["Verdict"], narrow: boolean): Column<Item>[] {
  const { t } = useWords();
  return useMemo(() => [
    { key: "device", title: t("column.device"), width: "minmax(170px, 1.2fr)", least: 170, cell: (item) => <DeviceCell device={item.device} part={item.part} /> },
    { key: "advisory", title: t("weakness.column.advisory"), width: "minmax(200px, 1.7fr)", least: 200, cell: (item) => <><div className="cut" title={item.title}>{item.title}</div><div className="l2 cut mono">{item.advisory}{item.cve_count > 1 ? ` · ${t("weakness.cves", { n: item.cve_count })}` : item.cves[0] && item.cves[0] !== item.advisory ? ` · ${item.cves[0]}` : ""}</div></> },
    { key: "severity", title: t("weakness.column.severity"), width: "112px", least: 112, cell: (item) => { const mark = markOf(item); return <div className="row" style={{ gap: 6, flexWrap: "nowrap" }}>{mark && <Mark severity={mark} />}<div><div>{t(`weakness.severity.${item.severity}`)}{item.score !== undefined && <span className="t3"> {item.score.toFixed(1)}</span>}</div>{item.exploited && <div className="l2 b">{t("weakness.exploited")}</div>}</div></div>; } },
    { key: "why", title: t(verdict === "needs_fact" ? "weakness.column.missing" : "weakness.column.why"), width: "minmax(150px, 1fr)", least: 150, cell: (item) => <Decided item={item} /> },
    ...(narrow ? [] : [{ key: "line", title: t("column.line"), width: "110px", least: 110, cell: (item: Item) => <div className="cut t2">{item.line?.name ?? "–"}</div> }]),
    { key: "state", title: t("weakness.column.state"), width: "130px", least: 130, cell: (item) => <><div className="cut">{item.decision.state === "open" ? <span className="t3">{t("weakness.state.open")}</span> : <Chip>{t(`weakness.state.${item.decision.state}`)}</Chip>}</div>{item.decision.until && <div className="l2 cut">{t(item.decision.overdue ? "weakness.wasUntil" : "weakness.until", { day: item.decision.until })}</div>}</> },
  ], [t, verdict, narrow]);
}
