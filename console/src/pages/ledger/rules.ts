// A rule as its form holds it: texts, of which only those that say something are sent.
import type { Schemas } from "../../api/client";

export type Rule = Schemas["LedgerRule"];
export type Ruled = Schemas["LedgerRuledField"];
export const ruled: readonly Ruled[] = ["line", "place", "department", "owner", "contact", "criticality", "maintenance", "supplier", "note"];
export const conditions = ["subnet", "vlan", "port", "name"] as const;
export type Condition = (typeof conditions)[number];
export type Form = Partial<Record<Condition | Ruled, string>>;

export function formOf(rule: Rule | null): Form {
  if (!rule) return {};
  const { vlan, ...when } = rule.when;
  return { ...when, ...(vlan !== undefined ? { vlan: String(vlan) } : {}), ...rule.says };
}

/** Nothing while it asks nothing, says nothing, or its VLAN is none. */
export function written(form: Form): Schemas["LedgerRuleWrite"] | null {
  const text = (name: Condition | Ruled) => form[name]?.trim() ?? "";
  const vlan = text("vlan") === "" ? undefined : Number(text("vlan"));
  if (vlan !== undefined && (!Number.isInteger(vlan) || vlan < 1 || vlan > 4094)) return null;
  const when = { ...Object.fromEntries((["subnet", "port", "name"] as const).flatMap((name) => (text(name) ? [[name, text(name)]] : []))), ...(vlan !== undefined ? { vlan } : {}) };
  const says = Object.fromEntries(ruled.flatMap((field) => (text(field) ? [[field, text(field)]] : [])));
  return Object.keys(when).length > 0 && Object.keys(says).length > 0 ? { when, says } : null;
}
