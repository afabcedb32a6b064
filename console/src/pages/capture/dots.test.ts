import { expect, test } from "vitest";
import { dotsOf } from "./dots";

const none = { seen: 0, one_sided: 0, heard: 0, named: 0, missing: 0 };

test("each device is a dot while they are few", () => {
  expect(dotsOf({ ...none, seen: 2, missing: 1 })).toEqual({ dots: ["seen", "seen", "missing"], each: 1 });
  expect(dotsOf(none)).toEqual({ dots: [], each: 1 });
});

test("of many devices a dot stands for several, and none of a kind is left out", () => {
  const { dots, each } = dotsOf({ seen: 20_000, one_sided: 1, heard: 300, named: 1, missing: 1 });
  expect(dots.length).toBeLessThanOrEqual(120);
  expect(new Set(dots).size).toBe(5);
  expect(each * dots.length).toBeGreaterThanOrEqual(20_303);
});
