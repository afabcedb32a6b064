import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import en from "./en.json";
import ja from "./ja.json";
import { fill, pieces } from "./words";

const english = en as Record<string, string>;
const japanese = ja as Record<string, string>;
const slots = (sentence: string) => [...new Set([...sentence.matchAll(/\{(\w+)[|}]/g)].map((match) => match[1]))].sort();

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sources(join(folder, entry.name)) : /\.tsx?$/.test(entry.name) && !entry.name.includes(".test.") ? [join(folder, entry.name)] : []);
}

describe("words", () => {
  it("has each key once: of two the later would win, unseen", () => {
    for (const language of ["en", "ja"]) {
      const keys = [...readFileSync(join(__dirname, `${language}.json`), "utf8").matchAll(/^ *"([^"]+)": /gm)].map((match) => match[1]);
      expect(keys.length).toBe(Object.keys(language === "en" ? english : japanese).length);
      expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
    }
  });
  it("has the same keys in both languages", () => {
    expect(Object.keys(english).sort()).toEqual(Object.keys(japanese).sort());
  });
  it("has the same slots in both languages", () => {
    for (const key of Object.keys(japanese)) expect([key, slots(english[key] ?? "")]).toEqual([key, slots(japanese[key] ?? "")]);
  });
  it("leaves no sentence empty, and no Japanese in English", () => {
    for (const [key, sentence] of Object.entries(english)) {
      expect([key, sentence.trim()]).not.toEqual([key, ""]);
      expect([key, /[\u3040-\u30ff\u4e00-\u9fff]/.test(sentence)]).toEqual([key, false]);
    }
    for (const [key, sentence] of Object.entries(japanese)) expect([key, sentence.trim()]).not.toEqual([key, ""]);
  });
  it("uses the words of the glossary, and no exclamation marks", () => {
    for (const [key, sentence] of Object.entries(japanese))
      expect([key, /アセット|アノマリー|ベースライン|エンドポイント|ハッカー|正常|[!！]/.test(sentence)]).toEqual([key, false]);
    for (const [key, sentence] of Object.entries(english)) expect([key, /!|oops|\basset/i.test(sentence)]).toEqual([key, false]);
  });
  it("has every key that the code names, and no code speaks Japanese by itself", () => {
    const allowed = /format\/(time|numbers)\.ts$|Shell\.tsx$|Login\.tsx$|filter\.ts$/; // units; the name of the language; typed filters
    for (const file of sources(join(__dirname, ".."))) {
      const text = readFileSync(file, "utf8");
      for (const [, key] of text.matchAll(/\b(?:t|rich)\("([\w.]+)"/g)) expect([file, key, key! in japanese]).toEqual([file, key, true]);
      if (!allowed.test(file)) expect([file, /["'`>][^"'`<\n]*[\u3040-\u30ff\u4e00-\u9fff]/.test(text)]).toEqual([file, false]);
    }
  });
  it("fills slots and chooses the English plural", () => {
    expect(fill("{n} {n|device|devices}", { n: 1 })).toBe("1 device");
    expect(fill("{n} {n|device|devices}", { n: 1386 })).toBe("1,386 devices");
    expect(fill("{n}台", { n: 12 })).toBe("12台");
    expect(fill("{name}", { name: "<script>" })).toBe("<script>");
    expect(fill("{name}")).toBe("{name}");
    expect(pieces("a {x} b")).toEqual([{ text: "a " }, { slot: "x", one: undefined, other: undefined }, { text: " b" }]);
  });
});
