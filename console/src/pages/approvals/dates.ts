// A day of the plant's calendar, as a date field has it, and the moment at which it ends.

/** "2026-12-04": today at the plant and so many days on. */
export function inDays(days: number, zone: string, now = new Date()): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(now.getTime() + days * 86_400_000));
  return parts.slice(0, 10);
}

/** How far the plant's clock is ahead of UTC at this moment, in milliseconds. */
function ahead(at: Date, zone: string): number {
  const of = Object.fromEntries(new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" })
    .formatToParts(at).map((part) => [part.type, Number(part.value)]));
  return Date.UTC(of.year!, of.month! - 1, of.day, of.hour, of.minute, of.second) - Math.floor(at.getTime() / 1000) * 1000;
}

/** The last second of that day at the plant. Twice, because the hour may be another one on that day. */
export function dayEnd(day: string, zone: string): string {
  const wall = Date.parse(`${day}T23:59:59Z`);
  let at = new Date(wall - ahead(new Date(wall), zone));
  at = new Date(wall - ahead(at, zone));
  return at.toISOString();
}
