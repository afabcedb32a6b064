import { describe, expect, it } from "vitest";
import { dayEnd, inDays } from "./dates";

describe("days of the plant", () => {
  it("ends where the plant's day ends", () => {
    expect(dayEnd("2026-12-04", "Asia/Tokyo")).toBe("2026-12-04T14:59:59.000Z");
    expect(dayEnd("2026-12-04", "UTC")).toBe("2026-12-04T23:59:59.000Z");
    expect(dayEnd("2026-03-29", "Europe/Berlin")).toBe("2026-03-29T21:59:59.000Z"); // The hour moves on this day.
    expect(dayEnd("2026-07-01", "America/New_York")).toBe("2026-07-02T03:59:59.000Z");
  });
  it("counts days from today at the plant", () => {
    const late = new Date("2026-11-30T16:00:00Z"); // It is the first of December in Tokyo.
    expect(inDays(0, "Asia/Tokyo", late)).toBe("2026-12-01");
    expect(inDays(7, "Asia/Tokyo", late)).toBe("2026-12-08");
    expect(inDays(0, "UTC", late)).toBe("2026-11-30");
  });
});
