// What a finding says, in words of the line: who, what, and with which numbers.
import type { Schemas } from "../../api/client";
import { duration } from "../../format/numbers";
import type { useWords } from "../../look/look";
import type { Severity } from "../../parts/Icon";
import type { Key, Values } from "../../words/words";

export type Finding = Schemas["HealthFinding"];
export type Party = Schemas["HealthParty"];
type Words = ReturnType<typeof useWords>;

export const markOf: Record<Schemas["HealthSeverity"], Severity> = { high: "high", medium: "med", low: "low" };
export const factOf = (finding: Finding, name: string) => finding.facts.find((fact) => fact.name === name)?.value;

/** A device by its name; a card that is nobody's device by its maker. */
export function nameOf(party: Party | undefined, { t }: Pick<Words, "t">): string {
  if (!party) return "?";
  if (party.device?.name && party.device.id) return party.device.name;
  const address = party.mac ?? party.ip ?? "?";
  return party.maker ? t("health.unknownDevice", { maker: party.maker, address }) : t("health.someDevice", { address });
}

const pairs: Partial<Record<Finding["kind"], [Party["role"], Party["role"]]>> = {
  cycle_slower: ["asks", "answers"], cycle_jitter: ["asks", "answers"], cycle_unanswered: ["asks", "answers"],
  link_down: ["connects", "hangs"], link_flapping: ["connects", "hangs"], link_errors: ["connects", "hangs"],
  cycle_refused: ["asks", "answers"], cycle_stopped: ["asks", "answers"], root_changed: ["root", "former"],
};

export function valuesOf(finding: Finding, words: Words): Values {
  const roles = pairs[finding.kind];
  const by = (role: Party["role"] | undefined) => finding.parties.find((party) => party.role === role);
  const [a, b] = roles ? [by(roles[0]), by(roles[1])] : [finding.parties[0], finding.parties[1]];
  // Who is called by the address that the finding is about is not told from the other one by it.
  const name = (party: Party | undefined) => nameOf(party && party.mac && party.device?.name === finding.subject ? { ...party, device: undefined } : party, words);
  let first = name(a), second = name(b);
  // Two cards that the same device is thought to have had: what tells them apart is the card.
  if (first === second && a?.mac && b?.mac) {
    first = `${first} (${a.mac})`;
    second = `${second} (${b.mac})`;
  }
  const time = (name: string) => duration(Number(factOf(finding, name) ?? 0) / 1e6, words.lang);
  const longest = finding.kind === "cycle_jitter";
  return {
    a: first, b: finding.parties.some((party) => party.role === "hangs") ? second : factOf(finding, "neighbour") ?? second,
    port: factOf(finding, "port") ?? "?", subject: finding.subject ?? "?", gateway: factOf(finding, "gateway") ?? "?",
    n: Number(factOf(finding, "addresses") ?? factOf(finding, "changes") ?? factOf(finding, "per_second") ?? factOf(finding, "downs") ?? factOf(finding, "errors") ?? finding.times),
    frames: words.word("health.frames", factOf(finding, "frames") ?? "broadcast"),
    usual: time(longest ? "usual_most_us" : "usual_us"), now: time(longest ? "now_most_us" : "now_us"),
    percent: factOf(finding, "unanswered_percent") ?? factOf(finding, "refused_percent") ?? factOf(finding, "loudest_percent") ?? "?",
  };
}

export const say = (finding: Finding, part: "title" | "means" | "cause" | "next", words: Words): string =>
  words.t(`health.${finding.kind}.${part}${isAlone(finding) && part === "title" ? ".alone" : ""}` as Key, valuesOf(finding, words));

/** A port of which nobody knows who is at the other end. */
const isAlone = (finding: Finding) => finding.kind.startsWith("link_") && !finding.parties.some((party) => party.role === "hangs") && !factOf(finding, "neighbour");

/** "Mask 2": 255.255.0.0 */
export function factWords({ name, value }: Schemas["HealthFact"], words: Words): { name: string; value: string } {
  const [, base = name, number] = /^([a-z_]+?)(\d+)?$/.exec(name) ?? [];
  const title = words.word("healthfact", base);
  const shown = base === "differs" ? value.split(" ").map((one) => words.word("health.difference", one)).join(words.lang === "ja" ? "、" : ", ")
    : base === "frames" ? words.word("health.frames", value)
    : base.endsWith("_us") ? duration(Number(value) / 1e6, words.lang)
    : base === "seen_by" ? words.word("health.seenby", value)
    : value === "yes" || value === "both" ? words.t("health.yes") : value;
  return { name: number ? words.t("health.of", { name: title, n: number }) : title, value: shown };
}
