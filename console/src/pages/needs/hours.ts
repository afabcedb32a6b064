// In which half hours of the reader's day something is used.
import type { Zone } from "../../format/time";

/** Minutes that a zone's clock is ahead of UTC at a moment. */
export function offsetOf(zone: Zone, at: Date): number {
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" }).formatToParts(at).map((part) => [part.type, Number(part.value)]));
  const there = Date.UTC(parts["year"] ?? 0, (parts["month"] ?? 1) - 1, parts["day"] ?? 1, parts["hour"] ?? 0, parts["minute"] ?? 0);
  return (there - Math.floor(at.getTime() / 60_000) * 60_000) / 60_000;
}

const clock = (half: number) => `${String(Math.floor(half / 2)).padStart(2, "0")}:${half % 2 ? "30" : "00"}`;

/** "09:00–17:30"; every half hour: []; none: null. */
export function rangesOf(halves: readonly number[], offset: number): string[] | null {
  const shift = Math.round(offset / 30);
  const used = Array.from({ length: 48 }, (_, half) => (halves[(((half - shift) % 48) + 48) % 48] ?? 0) > 0);
  if (!used.some((one) => one)) return null;
  if (used.every((one) => one)) return [];
  const out: string[] = [];
  for (let from = 0; from < 48;) {
    if (!used[from]) { from += 1; continue; }
    let until = from;
    while (until < 48 && used[until]) until += 1;
    out.push(`${clock(from)}–${clock(until)}`);
    from = until;
  }
  return out;
}
