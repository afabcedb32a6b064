import { describe, expect, it } from "vitest";
import { beginning, hoursOf, inNetwork, textOf } from "./hours";

describe("hours", () => {
  it("are the same text again", () => {
    for (const text of ["Mon-Fri 12:00-13:00", "Sat 06:00-08:00", "Mon-Sun 00:00-24:00", "Fri-Mon 22:30-02:00"]) expect(textOf(hoursOf(text)!)).toBe(text);
    expect(textOf(hoursOf("Sat-Sat 06:00-08:00")!)).toBe("Sat 06:00-08:00");
    for (const text of ["always", "Mon 6:00-8:00", "Mon 06:00", ""]) expect(hoursOf(text)).toBeUndefined();
  });
});

describe("networks", () => {
  it("hold their own addresses", () => {
    expect(inNetwork("10.2.3.4", "10.2.3.0/24")).toBe(true);
    expect(inNetwork("10.2.4.4", "10.2.3.0/24")).toBe(false);
    expect(inNetwork("192.168.255.9", "192.168.240.0/20")).toBe(true);
    expect(inNetwork("10.2.3.4", "10.2.3.0")).toBe(false);
    expect(inNetwork("fe80::1", "10.2.3.0/24")).toBe(false);
    expect(beginning("10.2.3.0/24")).toBe("10.2.3.");
    expect(beginning("10.2.0.0/20")).toBe("10.2.");
    expect(beginning("fd00::/64")).toBe("");
  });
});
