/** This month and those before it, as the plant's calendar has them: "2026-12", "2026-11". */
export function monthsBack(now: number, timeZone: string, many: number): string[] {
  const parts = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", timeZone }).formatToParts(now);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const last = part("year") * 12 + part("month") - 1;
  return Array.from({ length: many }, (_, back) => `${Math.floor((last - back) / 12)}-${String(((last - back) % 12) + 1).padStart(2, "0")}`);
}
