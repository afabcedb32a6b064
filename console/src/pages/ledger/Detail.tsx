// One entry beside its device, every field of both; what the row's buttons do can be done here too.
import { Drawer } from "antd";
import { Link } from "react-router-dom";
import { useWords } from "../../look/look";
import { Mark } from "../../parts/Icon";
import { When } from "../../parts/Time";
import { RemoveButton, useFieldWords, Value, type Say } from "./columns";
import { fields, nameOf, seenOf, type Item, type ListName } from "./fields";
import { ByRule } from "./Rules";

export function Detail({ item, list, mayEdit, busy, say, onClose }: { item: Item; list: ListName; mayEdit: boolean; busy: boolean; say: Say; onClose(): void }) {
  const { t } = useWords();
  const words = useFieldWords();
  const { entry, device } = item;
  const byRule = (field: string) => (entry?.values[field as keyof typeof entry.values] ? undefined : item.by_rule?.find((one) => one.field === field));
  const rows = fields.filter((field) => entry?.values[field] || seenOf(device, field) || byRule(field));
  return (
    <Drawer open mask={false} width={460} onClose={onClose} title={nameOf(item)} rootClassName="evidence" styles={{ body: { padding: 0 } }}>
      <table className="beside">
        <thead><tr><th scope="col">{t("ledger.column.field")}</th><th scope="col">{t("ledger.column.ledger")}</th><th scope="col">{t("ledger.column.seenValue")}</th></tr></thead>
        <tbody>
          {rows.map((field) => {
            const one = item.differences.find((other) => other.field === field);
            return [
              <tr key={field} className={one ? "differs" : undefined}>
                <th scope="row">{words.field(field)}{one && <Mark severity="low" />}</th>
                <td className="wrap">{(() => { const rule = byRule(field); return rule ? <><Value field={field} value={rule.value} /><ByRule because={rule.because} /></> : <Value field={field} value={one?.ledger ?? entry?.values[field] ?? ""} strong={one !== undefined} />; })()}</td>
                <td className="wrap"><Value field={field} value={one?.seen ?? seenOf(device, field)} strong={one !== undefined} none="–" /></td>
              </tr>,
              ...(one && mayEdit ? [
                <tr key={`${field}-do`} className="differs doing"><td /><td colSpan={2}><div className="row" style={{ flexWrap: "wrap" }}>
                  <button type="button" className="btn s" disabled={busy} onClick={() => say("ledger", item, one)}>{t("ledger.takeLedger")}</button>
                  <button type="button" className="btn s" disabled={busy} onClick={() => say("seen", item, one)}>{t("ledger.takeSeen")}</button>
                </div></td></tr>,
              ] : []),
            ];
          })}
        </tbody>
      </table>
      {entry && entry.accepted.length > 0 && (
        <section className="piece">
          <h3 className="b s13">{t("ledger.accepted")}</h3>
          <ul className="actlist">
            {entry.accepted.map((one) => (
              <li key={one.field} className="row">
                <div className="grow">
                  <div>{words.field(one.field)}{one.seen && <>: <Value field={one.field} value={one.seen} /></>}</div>
                  <div className="l2">{one.who} · <When at={one.at} as="full" /></div>
                </div>
                {mayEdit && <button type="button" className="btn q s" disabled={busy} onClick={() => say("again", { ...item, entry: { ...entry, accepted: [one] } })}>{t("ledger.again")}</button>}
              </li>
            ))}
          </ul>
        </section>
      )}
      <div className="piece">
        <div className="row" style={{ flexWrap: "wrap" }}>
          {device && <Link className="btn s" to={`/devices/${encodeURIComponent(device.id)}`}>{t("map.openDevice")}</Link>}
          {mayEdit && list === "not_in_ledger" && <button type="button" className="btn s" disabled={busy} onClick={() => say("add", item)}>{t("ledger.add")}</button>}
          {mayEdit && list === "unseen" && <button type="button" className="btn s" disabled={busy} onClick={() => say("fine", item)}>{t("ledger.fine")}</button>}
          {mayEdit && entry && <RemoveButton item={item} disabled={busy} say={say} />}
        </div>
        {!mayEdit && <p className="small t3">{t("ledger.editBy")}</p>}
        {entry && <p className="small t3" style={{ marginTop: 8 }}>
          {entry.row > 0 ? t("ledger.fromRow", { n: entry.row }) : t("ledger.byHand")}{entry.at && <> · {entry.who} · <When at={entry.at} as="full" /></>}
        </p>}
      </div>
    </Drawer>
  );
}
