// Words of the contract in the order in which people read them.
import type { Schemas } from "../../api/client";
import type { Severity } from "../../parts/Icon";

export type Item = Schemas["Weakness"];
export const verdicts = ["affected", "needs_fact", "not_affected"] as const satisfies readonly Schemas["Verdict"][];
export const severities = ["critical", "high", "medium", "low", "unknown"] as const satisfies readonly Schemas["Severity"][];
export const states = ["open", "accepted", "mitigated", "patched"] as const satisfies readonly Schemas["WeaknessStateWord"][];

/** Colour only where a person must look: what is settled or does not hold has none. */
export function markOf(item: Item): Severity | undefined {
  if (item.verdict !== "affected" || (item.decision.state !== "open" && !item.decision.overdue)) return undefined;
  return ({ critical: "crit", high: "high", medium: "med", low: "low" } as const)[item.severity as "critical"];
}
