// The words of the console. One flat file a language, the same keys in each (tested). A sentence is never
// joined from parts: what varies stands in it as {name}, and where English needs it as {n|device|devices}.
import type ja from "./ja.json";
import { count, type Lang } from "../format/numbers";

export type Key = keyof typeof ja;
export type Words = Record<Key, string>;
export type Values = Record<string, string | number>;

const slot = /\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g;

/** Puts values into a sentence. Numbers are grouped; text is taken as it is (React escapes it). */
export function fill(sentence: string, values: Values = {}): string {
  return sentence.replace(slot, (whole, name: string, one?: string, other?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (one !== undefined) return Number(value) === 1 ? one : (other ?? "");
    return typeof value === "number" ? count(value) : value;
  });
}

/** The pieces of a sentence, for those that hold elements: text and slot names in turn. */
export function pieces(sentence: string): { text?: string; slot?: string; one?: string; other?: string }[] {
  const out: { text?: string; slot?: string; one?: string; other?: string }[] = [];
  let last = 0;
  for (const match of sentence.matchAll(slot)) {
    if (match.index > last) out.push({ text: sentence.slice(last, match.index) });
    out.push({ slot: match[1], one: match[2], other: match[3] });
    last = match.index + match[0].length;
  }
  if (last < sentence.length) out.push({ text: sentence.slice(last) });
  return out;
}

export async function load(lang: Lang): Promise<Words> {
  const file = lang === "ja" ? await import("./ja.json") : await import("./en.json");
  return file.default as Words;
}
