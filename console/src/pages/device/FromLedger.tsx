// What the plant's ledger says of a device and nobody can see: whose it is, whom to call, where it stands.
import { Link } from "react-router-dom";
import type { Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { Panel } from "../../parts/parts";

const shown = ["owner", "department", "contact", "place", "number", "criticality", "maintenance", "supplier", "note"] as const;

export function FromLedger({ entry }: { entry: Schemas["LedgerEntry"] }) {
  const { t, word } = useWords();
  const { values } = entry;
  const rows = shown.flatMap((field) => (values[field] ? [[field, values[field]] as const] : []));
  // What the list finds this one by: what tells it from all others.
  const key = values.number ?? values.mac?.split(" ")[0] ?? values.ip?.split(" ")[0] ?? values.serial ?? values.name ?? "";
  return (
    <Panel title={t("device.ledger")} right={<Link className="btn q s" to={`/ledger?q=${encodeURIComponent(key)}`}>{t("device.toLedger")}</Link>}>
      {rows.length > 0
        ? <dl className="kv">{rows.map(([field, value]) => [<dt key={`t${field}`}>{t(`ledgerfield.${field}`)}</dt>, <dd key={field} className={field === "owner" ? "b wrap" : field === "number" ? "mono wrap" : "wrap"}>{field === "criticality" ? word("criticality", value) : value}</dd>])}</dl>
        : <p className="small t3 pad">{t("device.ledgerNothing")}</p>}
    </Panel>
  );
}
