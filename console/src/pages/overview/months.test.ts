import { describe, expect, it } from "vitest";
import { monthsBack } from "./months";

describe("months of the report", () => {
  it("are the plant's, also across a year", () => {
    expect(monthsBack(Date.parse("2026-01-31T16:00:00Z"), "Asia/Tokyo", 3)).toEqual(["2026-02", "2026-01", "2025-12"]);
    expect(monthsBack(Date.parse("2026-01-31T16:00:00Z"), "UTC", 2)).toEqual(["2026-01", "2025-12"]);
  });
});
