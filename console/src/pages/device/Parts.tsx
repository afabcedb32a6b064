// What it is made of: modules in their slots as a rack, units behind a gateway as a list.
import type { Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { RoleIcon } from "../../parts/Icon";
import { Panel } from "../../parts/parts";
import { When } from "../../parts/Time";
import { unitWords } from "../../parts/units";

export function Parts({ parts }: { parts: Schemas["DevicePart"][] }) {
  const { t } = useWords();
  const slots = parts.filter((part) => part.slot !== undefined).sort((a, b) => (a.slot ?? 0) - (b.slot ?? 0));
  const units = parts.filter((part) => part.slot === undefined);
  return (
    <Panel title={t("device.parts")} count={t("device.partCount", { n: parts.length })}>
      {slots.length > 0 && (
        <ol className="rack" aria-label={t("device.rack")}>
          {slots.map((part) => (
            <li key={part.id} title={unitWords(part.path, t)}>
              <div className="cut b">{part.product ?? part.name ?? t("device.partUnknown")}</div>
              <div className="cut t2 s13">{part.product ? (part.name ?? "") : ""}{part.firmware && <span className="t3"> {part.firmware}</span>}</div>
              <div className="row foot"><span className="lv" title={unitWords(part.path, t)}>{part.slot}</span><span className="sp" />{part.role && <RoleIcon role={part.role} />}</div>
            </li>
          ))}
        </ol>
      )}
      {units.length > 0 && (
        <table className="lt">
          <thead><tr><th>{t("device.partPath")}</th><th>{t("column.product")}</th><th>{t("column.serial")}</th><th className="r">{t("column.last")}</th></tr></thead>
          <tbody>
            {units.slice(0, 64).map((part) => (
              <tr key={part.id}><td>{unitWords(part.path, t)}</td><td>{[part.product ?? part.name, part.firmware].filter(Boolean).join(" · ") || <span className="t3">–</span>}</td><td className="mono">{part.serial ?? <span className="t3">–</span>}</td><td className="r t3">{part.last_seen && <When at={part.last_seen} as="ago" />}</td></tr>
            ))}
          </tbody>
        </table>
      )}
      {units.length > 64 && <p className="small t3 pad">{t("device.partsCut", { n: units.length, shown: 64 })}</p>}
    </Panel>
  );
}
