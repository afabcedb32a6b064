// Times as people read them, always in the plant's time zone. The API sends RFC 3339, UTC, with up to
// nine digits of the second; a Date keeps three of them, which is what the screen shows.
import type { Lang } from "./numbers";

export type Zone = string;

const made = new Map<string, Intl.DateTimeFormat>();
function formatter(lang: Lang, zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = lang + zone + JSON.stringify(options);
  let found = made.get(key);
  if (!found) {
    const locale = lang === "ja" ? "ja-JP" : "en-US";
    found = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone, hourCycle: "h23" });
    made.set(key, found);
  }
  return found;
}

interface Fields {
  year: string; month: string; day: string; hour: string; minute: string; second: string;
}
const two = (value: number) => String(value).padStart(2, "0");

// How far a zone is from UTC changes at full quarters of an hour only, and asking for it takes a hundred times as long as
// the rest of a time: one answer serves a quarter. The oldest goes.
const quarter = 900_000, offsetsMost = 4096;
const offsets = new Map<string, number>();
function offset(at: number, zone: Zone): number {
  const start = Math.floor(at / quarter) * quarter, key = zone + start;
  let found = offsets.get(key);
  if (found === undefined) {
    const f = asked(new Date(start), zone);
    found = Date.UTC(Number(f.year), Number(f.month) - 1, Number(f.day), Number(f.hour), Number(f.minute), Number(f.second)) - start;
    const oldest = offsets.keys().next().value;
    if (offsets.size >= offsetsMost && oldest !== undefined) offsets.delete(oldest);
    offsets.set(key, found);
  }
  return found;
}

function fields(at: Date, zone: Zone): Fields {
  const there = new Date(at.getTime() + offset(at.getTime(), zone));
  return {
    year: String(there.getUTCFullYear()), month: two(there.getUTCMonth() + 1), day: two(there.getUTCDate()),
    hour: two(there.getUTCHours()), minute: two(there.getUTCMinutes()), second: two(there.getUTCSeconds()),
  };
}
function asked(at: Date, zone: Zone): Fields {
  const parts = formatter("en", zone, {
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? "";
  return { year: of("year"), month: of("month"), day: of("day"), hour: of("hour"), minute: of("minute"), second: of("second") };
}

/** Whole days between two moments on the plant's calendar. */
function daysBetween(earlier: Date, later: Date, zone: Zone): number {
  const day = (at: Date) => {
    const f = fields(at, zone);
    return Date.UTC(Number(f.year), Number(f.month) - 1, Number(f.day)) / 86_400_000;
  };
  return day(later) - day(earlier);
}

export function parse(text: string | undefined | null): Date | null {
  if (!text) return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** "02:14" */
export function clock(at: Date, zone: Zone): string {
  const f = fields(at, zone);
  return `${f.hour}:${f.minute}`;
}

/** "02:14:19" */
export function clockSeconds(at: Date, zone: Zone): string {
  const f = fields(at, zone);
  return `${f.hour}:${f.minute}:${f.second}`;
}

/** ja "11/20(金)", en "Fri, Nov 20" */
export function day(at: Date, lang: Lang, zone: Zone): string {
  if (lang === "ja") {
    const f = fields(at, zone);
    const week = formatter("ja", zone, { weekday: "short" }).format(at);
    return `${Number(f.month)}/${Number(f.day)}(${week})`;
  }
  return formatter("en", zone, { weekday: "short", month: "short", day: "numeric" }).format(at);
}

/** ja "2026/11/20", en "Nov 20, 2026" */
export function date(at: Date, lang: Lang, zone: Zone): string {
  if (lang === "ja") {
    const f = fields(at, zone);
    return `${f.year}/${f.month}/${f.day}`;
  }
  return formatter("en", zone, { year: "numeric", month: "short", day: "numeric" }).format(at);
}

/** "今日 02:14", "昨日 20:36", "11/18(水) 02:14"; another year is written out. */
export function moment(at: Date, now: Date, lang: Lang, zone: Zone): string {
  const time = clock(at, zone);
  const days = daysBetween(at, now, zone);
  if (days === 0) return lang === "ja" ? `今日 ${time}` : `Today ${time}`;
  if (days === 1) return lang === "ja" ? `昨日 ${time}` : `Yesterday ${time}`;
  if (fields(at, zone).year !== fields(now, zone).year)
    return lang === "ja" ? `${date(at, lang, zone)} ${time}` : `${date(at, lang, zone)}, ${time}`;
  return lang === "ja" ? `${day(at, lang, zone)} ${time}` : `${day(at, lang, zone)}, ${time}`;
}

/** ja "2026/11/20 02:14:19", en "Nov 20, 2026, 02:14:19" */
export function full(at: Date, lang: Lang, zone: Zone): string {
  return lang === "ja"
    ? `${date(at, lang, zone)} ${clockSeconds(at, zone)}`
    : `${date(at, lang, zone)}, ${clockSeconds(at, zone)}`;
}

/** For a tooltip: the plant's time and UTC. */
export function withUtc(at: Date, lang: Lang, zone: Zone): string {
  return `${full(at, lang, zone)} (${zone}) · ${full(at, lang, "UTC")} (UTC)`;
}

/** For CSV: "2026-11-20T02:14:19.482+09:00" */
export function exported(at: Date, zone: Zone): string {
  const f = fields(at, zone);
  const local = Date.UTC(Number(f.year), Number(f.month) - 1, Number(f.day), Number(f.hour), Number(f.minute), Number(f.second));
  const offset = Math.round((local - Math.floor(at.getTime() / 1000) * 1000) / 60_000);
  const sign = offset < 0 ? "-" : "+";
  const away = Math.abs(offset);
  const millis = String(((at.getTime() % 1000) + 1000) % 1000).padStart(3, "0");
  return `${f.year}-${f.month}-${f.day}T${f.hour}:${f.minute}:${f.second}.${millis}${sign}${two(Math.floor(away / 60))}:${two(away % 60)}`;
}

/** "8秒前", "4分前", "6時間28分前"; a day or more ago it is a moment. */
export function ago(at: Date, now: Date, lang: Lang, zone: Zone): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - at.getTime()) / 1000));
  const ja = lang === "ja";
  if (seconds < 60) return ja ? `${seconds}秒前` : `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return ja ? `${minutes}分前` : `${minutes} min ago`;
  if (minutes < 24 * 60) {
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    if (rest === 0) return ja ? `${hours}時間前` : `${hours} h ago`;
    return ja ? `${hours}時間${rest}分前` : `${hours} h ${rest} min ago`;
  }
  return moment(at, now, lang, zone);
}

/** "19:00–22:00"; another day is named at the end it belongs to. */
export function range(from: Date, to: Date, lang: Lang, zone: Zone): string {
  if (daysBetween(from, to, zone) === 0 || to.getTime() - from.getTime() <= 86_400_000)
    return `${clock(from, zone)}–${clock(to, zone)}`;
  const gap = lang === "ja" ? " " : ", ";
  return `${day(from, lang, zone)}${gap}${clock(from, zone)} – ${day(to, lang, zone)}${gap}${clock(to, zone)}`;
}

/** "2026-11-20T02:14:19" of the plant's clock, as an input for a date and a time has it. */
export function toInput(at: Date, zone: Zone): string {
  return exported(at, zone).slice(0, 19);
}
/** And back; null: it is none. */
export function fromInput(text: string, zone: Zone): Date | null {
  const guess = Date.parse(`${text}Z`);
  if (Number.isNaN(guess)) return null;
  // Where clocks are put back an hour the second look is the right one.
  let at = guess;
  for (let look = 0; look < 2; look++) at = guess - (Date.parse(`${toInput(new Date(at), zone)}Z`) - Math.floor(at / 1000) * 1000);
  return new Date(at);
}
