// What the plant's ledger, and rules where it says nothing, say of a device and nobody can see: whose it is, whom to call,
// where it stands.
import { Link } from "react-router-dom";
import type { Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { Panel } from "../../parts/parts";
import { ByRule } from "../ledger/Rules";

const shown = ["owner", "department", "contact", "place", "number", "criticality", "maintenance", "supplier", "note"] as const;

export function FromLedger({ entry, byRule }: { entry: Schemas["LedgerEntry"] | undefined; byRule: Schemas["LedgerByRule"] }) {
  const { t, word } = useWords();
  const values = entry?.values ?? {};
  const rows = shown.flatMap((field) => {
    const rule = values[field] ? undefined : byRule.find((one) => one.field === field);
    const value = values[field] ?? rule?.value;
    return value ? [{ field, value, because: rule?.because }] : [];
  });
  // What the list finds this one by: what tells it from all others.
  const key = values.number ?? values.mac?.split(" ")[0] ?? values.ip?.split(" ")[0] ?? values.serial ?? values.name ?? "";
  return (
    <Panel title={t("device.ledger")} right={<Link className="btn q s" to={entry ? `/ledger?q=${encodeURIComponent(key)}` : "/ledger?tab=rules"}>{t(entry ? "device.toLedger" : "device.toRules")}</Link>}>
      {rows.length > 0
        ? <dl className="kv">{rows.map(({ field, value, because }) => [<dt key={`t${field}`}>{t(`ledgerfield.${field}`)}</dt>, <dd key={field} className={field === "owner" ? "b wrap" : field === "number" ? "mono wrap" : "wrap"}>{field === "criticality" ? word("criticality", value) : value}{because && <ByRule because={because} />}</dd>])}</dl>
        : <p className="small t3 pad">{t("device.ledgerNothing")}</p>}
    </Panel>
  );
}
