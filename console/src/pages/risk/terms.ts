// What a term of a risk is lowered by, and where a person looks it up.
import type { Schemas } from "../../api/client";
import type { Key } from "../../words/words";

export type TermWord = Schemas["RiskTermWord"];
export type Term = Schemas["RiskTerm"];
export type Band = Schemas["RiskBand"];
export type Factor = "exposure" | "weakness" | "consequence";
export const factors: readonly Factor[] = ["exposure", "weakness", "consequence"];
export const bands: readonly Band[] = ["high", "medium", "low"];

const less: Record<TermWord, string> = {
  own_network: "always",
  outsiders: "one_way",
  operated_from_outside: "operate",
  from_internet: "internet",
  to_internet: "internet",
  remote_access: "close",
  clear_text: "close",
  file_shares: "close",
  programmed: "program",
  undecided_peers: "decide",
  refused_peers: "remove",
  radio: "cable",
  never_heard: "sensor",
  not_known_yet: "always",
  untold_product: "product",
  no_advisories: "advisories",
  worst_vulnerability: "mend",
  further_vulnerabilities: "mend",
  system_over: "replace",
  software_over: "replace",
  paid_support: "paid",
  no_login: "fewer",
  readable_login: "close",
  critical_high: "ledger",
  critical_medium: "ledger",
  critical_low: "ledger",
  critical_unknown: "write",
  role_safety: "role",
  role_controller: "role",
  role_network: "role",
  role_field: "role",
  role_operates: "role",
  role_server: "role",
  role_other: "role",
  role_unknown: "role_unknown",
  level_floor: "level",
  level_operations: "level",
  level_unknown: "role_unknown",
  stands: "spare",
  waits: "spare",
  other_lines: "spare",
};
export const lessKey = (term: TermWord): Key => `risk.less.${less[term]}` as Key;

const peers: readonly TermWord[] = ["outsiders", "operated_from_outside", "programmed", "undecided_peers", "refused_peers", "stands", "waits"];
const ofTraffic: readonly TermWord[] = ["remote_access", "clear_text", "file_shares", "no_login", "readable_login", "from_internet", "to_internet"];

/** Where a thing that is counted leads to: a device, the device's conversations, a line. */
export function thingAddress(term: TermWord, device: string, thing: Term["things"][number]): string | undefined {
  // An address that nobody is known to have stands for itself.
  if (peers.includes(term) && thing.id && thing.id !== thing.name) return `/devices/${encodeURIComponent(thing.id)}`;
  if (term === "other_lines" && thing.id) return `/risk?line=${encodeURIComponent(thing.id)}`;
  if (ofTraffic.includes(term)) return `/conversations?device=${encodeURIComponent(device)}`;
  return undefined;
}

/** Where a term is decided: the page on which a person can do something about it. */
export function termAddress(term: TermWord, device: string): string | undefined {
  const at = `/devices/${encodeURIComponent(device)}`;
  if (term === "worst_vulnerability" || term === "further_vulnerabilities" || term === "system_over" || term === "software_over" || term === "paid_support") return `${at}?tab=weaknesses`;
  if (term === "no_advisories") return "/vulnerabilities?feeds=1";
  if (term.startsWith("critical_") || term === "untold_product") return "/ledger";
  if (term === "undecided_peers" || term === "refused_peers") return "/devices?view=to_approve";
  if (term === "stands" || term === "waits" || term === "other_lines") return `/needs?view=stops&device=${encodeURIComponent(device)}`;
  if (term === "never_heard") return "/capture#blind-spots";
  return undefined;
}

/** Severity's mark: only where a person must look. */
export const markOfBand = (band: Band): "high" | "med" | undefined => (band === "high" ? "high" : band === "medium" ? "med" : undefined);

/** 9.8 × 5 + 20 + 0.42 × 10, of that 50 %: as it stands in the docs, so that a person can follow it. */
export function vulnerabilityPoints(one: Schemas["RiskVulnerability"]): number {
  return Math.floor(((one.score * 5 + (one.exploited ? 20 : 0) + one.likelihood * 10) * one.share) / 100 + 0.5 + 1e-9);
}
/** The points of a term from what is shown of it. */
export function termPoints(term: Term): number {
  if (term.worst) return vulnerabilityPoints(term.worst);
  return term.count === 0 ? 0 : Math.min(term.most ?? 0, (term.first ?? 0) + (term.count - 1) * (term.further ?? 0));
}
