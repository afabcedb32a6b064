import { expect, test } from "vitest";
import { fromInput, toInput } from "../../format/time";
import { elementOf, elementsOf, everySeconds, placeName, placeOf } from "./places";

test("an address and a place in it", () => {
  expect(placeName("D100", 3)).toBe("D103");
  expect(placeName("holding register 7", 0)).toBe("holding register 7");
  expect(placeName("X10", 3)).toBe("X10 + 3");
  expect(placeName("CIO100.05", 1)).toBe("CIO100.05 + 1");
  expect(placeName("Motor.Speed", 0)).toBe("Motor.Speed");
  expect(placeOf("D100", "d107", 16)).toBe(7);
  expect(placeOf("D100", "D120", 16)).toBeUndefined();
  expect(placeOf("D100", "D100", 1)).toBeUndefined();
});
test("values of several places", () => {
  expect(elementsOf("[1,2]")).toEqual(["1", "2"]);
  expect(elementsOf("17")).toEqual(["17"]);
  expect(elementsOf("[]")).toEqual([]);
  expect(elementOf("[1,2]", 1)).toBe("2");
  expect(elementOf("[1,2", 1)).toBe("[1,2");
  expect(elementOf("[1,2]", undefined)).toBe("[1,2]");
});
test("how often", () => {
  expect(everySeconds(11, "2026-11-20T00:00:00Z", "2026-11-20T00:00:20Z")).toBe(2);
  expect(everySeconds(1, "2026-11-20T00:00:00Z", "2026-11-20T00:00:20Z")).toBeUndefined();
  expect(everySeconds(5, "2026-11-20T00:00:00.000Z", "2026-11-20T00:00:00.006Z")).toBeUndefined();
});
test("a time of the plant's clock, there and back", () => {
  for (const zone of ["Asia/Tokyo", "Europe/Berlin", "UTC"]) {
    const at = new Date("2026-11-20T02:14:19Z");
    expect(fromInput(toInput(at, zone), zone)?.toISOString()).toBe(at.toISOString());
  }
  expect(toInput(new Date("2026-11-20T02:14:19Z"), "Asia/Tokyo")).toBe("2026-11-20T11:14:19");
  expect(fromInput("nonsense", "UTC")).toBeNull();
});
