import { describe, expect, it } from "vitest";
import { laid, tooFar } from "./hold";

const at = (view: { x: number; y: number; zoom: number }, point: { x: number; y: number }) => ({ x: view.x + point.x * view.zoom, y: view.y + point.y * view.zoom });

describe("a picture that is moved instead of drawn", () => {
  it("shows every point where drawing it anew would", () => {
    const drawn = { x: 40, y: -25, zoom: 0.5 }, now = { x: -310, y: 92, zoom: 0.85 };
    const { x, y, scale } = laid(drawn, now);
    for (const point of [{ x: 0, y: 0 }, { x: 1200, y: 700 }, { x: -55, y: 3 }]) {
      const before = at(drawn, point), after = at(now, point);
      expect(before.x * scale + x).toBeCloseTo(after.x);
      expect(before.y * scale + y).toBeCloseTo(after.y);
    }
  });
  it("is drawn once more before much of it is bare", () => {
    expect(tooFar({ x: 300, y: 0, scale: 1 }, 1000, 800)).toBe(false);
    expect(tooFar({ x: 460, y: 0, scale: 1 }, 1000, 800)).toBe(true);
    expect(tooFar({ x: 0, y: -370, scale: 1 }, 1000, 800)).toBe(true);
    expect(tooFar({ x: 250, y: 200, scale: 0.5 }, 1000, 800)).toBe(false); // Around the middle.
    expect(tooFar({ x: 300, y: 240, scale: 0.4 }, 1000, 800)).toBe(true);
    expect(tooFar({ x: -900, y: -500, scale: 2.1 }, 1000, 800)).toBe(true);
    expect(tooFar({ x: -500, y: -400, scale: 2 }, 1000, 800)).toBe(false);
  });
});
