// In which state a device said that it was, as a lane above what was done to it.
import type { Schemas } from "../../api/client";
import * as time from "../../format/time";
import { useWords } from "../../look/look";
import { useZone } from "../../parts/Time";
import type { Key, Values } from "../../words/words";

type Span = Schemas["StateList"]["states"][number];
type Word = (prefix: string, name: string) => string;
export interface Lane { kind: Span["kind"]; spans: Span[] }

/** States are data; those without a word are shown as the device says them. */
export const stateWord = (state: string, word: Word) => word("runstate", state);

/** What the header says: "key switch run" is not "run". */
export function stateWords(state: string, t: (key: Key, values?: Values) => string, word: Word): string {
  const key = "key switch ";
  return state.startsWith(key) ? t("device.keySwitch", { state: stateWord(state.slice(key.length), word) }) : t("device.runState", { state: stateWord(state, word) });
}

/** One lane for the mode, one for the key switch: of the device itself where it tells, else of the unit that changed most. */
export function shownLanes(states: Span[]): Lane[] {
  return (["mode", "key_switch"] as const).flatMap((kind) => {
    const told = new Map<string, Span[]>();
    for (const span of states) {
      if (span.kind !== kind) continue;
      const key = `${span.unit ?? ""}\n${span.protocol ?? ""}`;
      told.set(key, [...(told.get(key) ?? []), span]);
    }
    const best = [...told.values()].sort((a, b) => Number(!!a[0]?.unit) - Number(!!b[0]?.unit) || b.length - a.length)[0];
    return best ? [{ kind, spans: best }] : [];
  });
}

export function StateLane({ lane, from, to, x, y, right }: { lane: Lane; from: number; to: number; x(at: number): number; y: number; right: number }) {
  const { t, word } = useWords();
  const zone = useZone();
  return (
    <g>
      <text x="16" y={y + 18}>{t(lane.kind === "mode" ? "device.lane.state" : "device.lane.key")}</text>
      {lane.spans.map((span) => {
        const since = Math.max(from, Date.parse(span.since)), until = Math.min(to, span.until ? Date.parse(span.until) : Date.parse(span.said) + 60_000);
        if (until <= since) return null;
        const start = x(since), wide = Math.max(2, Math.min(right, x(until)) - start);
        const name = stateWord(span.state, word);
        const told = t("device.stateSpan", { state: name, since: time.clock(new Date(Date.parse(span.since)), zone), until: time.clock(new Date(until), zone) });
        const usual = span.state === "run" || span.state === "operational" || span.state === "remote";
        return (
          <g key={span.since}>
            <rect x={start} y={y + 3} width={wide} height="22" rx="2" fill={usual ? "var(--sunk)" : "var(--e1)"} stroke="var(--line2)"><title>{told}</title></rect>
            {wide > 20 + name.length * 12 && <text className="tx1" x={start + wide / 2} y={y + 18} textAnchor="middle" pointerEvents="none">{name}</text>}
          </g>
        );
      })}
    </g>
  );
}
