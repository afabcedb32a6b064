import { describe, expect, it } from "vitest";
import ja from "../../words/ja.json";
import { bands, lessKey, markOfBand, termAddress, termPoints, thingAddress, vulnerabilityPoints, type Term } from "./terms";

const term = (word: Term["term"], more: Partial<Term> = {}): Term => ({ term: word, points: 0, count: 1, unknown: false, things: [], first: 20, further: 5, most: 40, ...more });
const found = { advisory: "EX-1", product: "R04", exploited: true, likelihood: 0.42, verdict: "needs_fact", decision: "open", share: 50, points: 37, score: 9.8, scored: true } as const;

describe("risk terms", () => {
  it("can be computed again from what is shown", () => {
    expect(termPoints(term("outsiders", { count: 3 }))).toBe(30);
    expect(termPoints(term("outsiders", { count: 900 }))).toBe(40);
    expect(termPoints(term("outsiders", { count: 0 }))).toBe(0);
    expect(vulnerabilityPoints(found)).toBe(37);
    expect(vulnerabilityPoints({ ...found, share: 100 })).toBe(73);
    expect(vulnerabilityPoints({ ...found, exploited: false, likelihood: 0, score: 5.3, share: 100 })).toBe(27);
    expect(termPoints(term("worst_vulnerability", { worst: found }))).toBe(37);
  });
  it("lead to where something can be done", () => {
    expect(termAddress("no_advisories", "d0-1")).toBe("/vulnerabilities?feeds=1");
    expect(termAddress("stands", "d0-1")).toBe("/needs?view=stops&device=d0-1");
    expect(termAddress("own_network", "d0-1")).toBeUndefined();
    expect(thingAddress("outsiders", "d0-1", { id: "d0-2", name: "SCADA" })).toBe("/devices/d0-2");
    expect(thingAddress("clear_text", "d0-1", { id: "http", name: "http" })).toBe("/conversations?device=d0-1");
    expect(thingAddress("system_over", "d0-1", { name: "Windows" })).toBeUndefined();
  });
  it("have words, and no colour where nobody must look", () => {
    for (const key of Object.keys(ja).filter((one) => one.startsWith("risk.term."))) expect(lessKey(key.slice("risk.term.".length) as Term["term"]) in ja).toBe(true);
    expect(bands.map(markOfBand)).toEqual(["high", "med", undefined]);
  });
});
