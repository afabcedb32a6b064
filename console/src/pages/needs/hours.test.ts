import { describe, expect, it } from "vitest";
import { offsetOf, rangesOf } from "./hours";

const at = (...halves: number[]) => Array.from({ length: 48 }, (_, half) => (halves.includes(half) ? 1 : 0));

describe("hours of a need", () => {
  it("stand in the plant's clock", () => {
    expect(rangesOf(at(0, 1, 2), 540)).toEqual(["09:00–10:30"]);
    expect(rangesOf(at(29, 30, 40), 540)).toEqual(["00:00–00:30", "05:00–05:30", "23:30–24:00"]);
    expect(rangesOf(at(4), -300)).toEqual(["21:00–21:30"]);
  });
  it("are all day, or none", () => {
    expect(rangesOf(at(...Array.from({ length: 48 }, (_, half) => half)), 540)).toEqual([]);
    expect(rangesOf(at(), 0)).toBeNull();
    expect(rangesOf([], 0)).toBeNull();
  });
  it("shift as a zone's clock does", () => {
    expect(offsetOf("Asia/Tokyo", new Date("2026-11-20T02:14:19Z"))).toBe(540);
    expect(offsetOf("UTC", new Date("2026-11-20T02:14:19Z"))).toBe(0);
    expect(offsetOf("America/New_York", new Date("2026-07-01T00:00:00Z"))).toBe(-240);
  });
});
