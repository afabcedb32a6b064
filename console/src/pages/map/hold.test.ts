import { describe, expect, it } from "vitest";
import { holdWhileMoved, laid, tooFar } from "./hold";

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

/** As much of Cytoscape as is held: its view, what asks for frames, where its container stands. */
function stage() {
  const element = { style: { transform: "" } };
  let frames = 0, followed = 0, drawn: () => void = () => undefined;
  const renderer = {
    hoverData: { dragging: false }, data: { wheelZooming: false }, containerBB: undefined as unknown,
    redraw: () => { frames++; },
    findContainerClientCoords: () => (renderer.containerBB = element.style.transform),
  };
  const view = { x: 0, y: 0, zoom: 1 };
  const cy = {
    renderer: () => renderer, pan: () => ({ x: view.x, y: view.y }), zoom: () => view.zoom, width: () => 1000, height: () => 800,
    on: (_: string, then: () => void) => { drawn = then; },
  };
  let large = true;
  const held = holdWhileMoved(cy as never, () => element as never, () => { followed++; }, () => large);
  return { held, renderer, element, view, frames: () => frames, followed: () => followed, draw: () => drawn(), small: () => { large = false; } };
}

describe("holding", () => {
  it("moves the picture while a hand drags, and draws it once when it rests", () => {
    const { held, renderer, element, view, frames, followed, draw } = stage();
    renderer.hoverData.dragging = true;
    for (let step = 1; step <= 20; step++) {
      view.x = step * 10;
      renderer.redraw();
      expect(held.moves()).toBe(true);
      expect(element.style.transform).toBe(`translate(${step * 10}px, 0px) scale(1)`);
    }
    expect(frames()).toBe(1); // The first was asked for before anything moved.
    renderer.hoverData.dragging = false;
    held.release();
    expect(frames()).toBe(2);
    draw();
    expect(element.style.transform).toBe("");
    expect(followed()).toBe(1);
    expect(held.moves()).toBe(false); // Nobody moves it any more.
  });
  it("draws before much is bare, and goes on from there", () => {
    const { held, renderer, element, view, frames, draw } = stage();
    renderer.hoverData.dragging = true;
    view.x = 460;
    expect(held.moves()).toBe(true);
    expect(frames()).toBe(1);
    draw();
    expect(element.style.transform).toBe("");
    view.x = 470;
    held.moves();
    expect(element.style.transform).toBe("translate(10px, 0px) scale(1)");
  });
  it("leaves a small map, and what a program moves, to be drawn", () => {
    const { held, renderer, view, small } = stage();
    view.x = 50;
    expect(held.moves()).toBe(false);
    small();
    renderer.hoverData.dragging = true;
    expect(held.moves()).toBe(false);
  });
  it("tells pointers from where the container stands", () => {
    const { held, renderer, element, view } = stage();
    renderer.hoverData.dragging = true;
    view.x = 50;
    held.moves();
    expect(renderer.findContainerClientCoords()).toBe("");
    expect(element.style.transform).toBe("translate(50px, 0px) scale(1)");
  });
});
