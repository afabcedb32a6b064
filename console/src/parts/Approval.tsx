// May it be on the network: as a chip, and as the sentence that says why somebody has to decide.
import type { Schemas } from "../api/client";
import { useWords } from "../look/look";
import { Mark, type Severity } from "./Icon";
import { Chip } from "./parts";
import { When } from "./Time";
import type { Key, Values } from "../words/words";

type Approval = Schemas["Approval"];

/** What needs a person has a colour, nothing else. */
function severity(approval: Approval): Exclude<Severity, "ok"> | null {
  if (approval.state === "pending") return approval.why === "new" ? "low" : "high";
  if (approval.state === "expired") return "med";
  return approval.state === "rejected" ? "high" : null;
}

export function ApprovalChip({ approval }: { approval: Approval }) {
  const { t } = useWords();
  const words = t(approval.state === "pending" && approval.why !== "new" ? "approval.changed" : `approval.${approval.state}`);
  const kind = severity(approval);
  if (kind) return <Chip kind={kind} mark={kind}>{words}</Chip>;
  if (approval.state === "approved") return <span className="t3 small nw"><Mark severity="ok" /> {words}</span>;
  return <span className="chip"><span>{words} {approval.until && <When at={approval.until} as="date" />}</span></span>;
}

/** Why it waits; null where nothing has to be said. */
export function whyWords(approval: Approval, t: (key: Key, values?: Values) => string): string | null {
  if (approval.state === "expired") return t("approval.why.expired");
  if (approval.state !== "pending") return null;
  const from = approval.from ?? "", to = approval.to ?? "";
  switch (approval.why) {
    case "mac": return t("approval.why.mac", { from, to });
    case "address": return from ? t("approval.why.address", { from, to }) : t("approval.why.addressAdded", { to });
    case "vendor": return t("approval.why.vendor", { from, to });
    case "product": return t("approval.why.product", { from, to });
    case "serial": return t("approval.why.serial", { from, to });
    default: return t("approval.why.new");
  }
}
