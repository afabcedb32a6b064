// A large picture is not drawn anew while somebody drags or zooms it: what was drawn is moved and scaled, which the
// browser's compositor does by itself, and drawn once more when the hand rests or so much moved that the edges are bare.
import type { Core } from "cytoscape";

interface View { x: number; y: number; zoom: number }
/** Of Cytoscape's renderer: what says that a person moves the picture, and what asks for a frame. */
interface Renderer {
  hoverData: { dragging?: boolean };
  data: { wheelZooming?: boolean };
  pinching?: boolean;
  swipePanning?: boolean;
  redraw(options?: unknown): void;
  /** Where the container stands on the page, kept until the page changes. */
  containerBB?: unknown;
  findContainerClientCoords(): unknown;
}
/** Bare edges up to this share of the picture, and a scale that is still a picture. */
const bareMost = 0.45, scaleMost = 2;

/** How the picture that was drawn at `drawn` is laid so that it looks as at `now`. */
export function laid(drawn: View, now: View): { x: number; y: number; scale: number } {
  const scale = now.zoom / drawn.zoom;
  return { x: now.x - drawn.x * scale, y: now.y - drawn.y * scale, scale };
}

export function tooFar({ x, y, scale }: { x: number; y: number; scale: number }, width: number, height: number): boolean {
  if (scale > scaleMost || scale < 1 / scaleMost) return true;
  // Seen from farther away the edges are bare on all sides: that is the scale's affair.
  const most = bareMost + Math.max(0, 1 - scale);
  return Math.max(x, width - (x + width * scale)) > width * most || Math.max(y, height - (y + height * scale)) > height * most;
}

export interface Held {
  /** After a change of the view: true where the picture was moved instead of drawn. */
  moves(): boolean;
  /** Draws what is owed. */
  release(): void;
}

export function holdWhileMoved(cy: Core, picture: () => HTMLElement | null, follow: () => void, large: () => boolean): Held {
  const renderer = (cy as unknown as { renderer(): Renderer }).renderer();
  const draw = renderer.redraw.bind(renderer);
  const view = (): View => ({ ...cy.pan(), zoom: cy.zoom() });
  let drawn = view(), holding = false, owed = false;
  renderer.redraw = (options) => {
    if (holding) owed = true;
    else draw(options);
  };
  // Pointers are told from where the container stands, not from where its picture was moved to.
  const coords = renderer.findContainerClientCoords.bind(renderer);
  renderer.findContainerClientCoords = () => {
    const element = picture(), moved = element?.style.transform;
    if (renderer.containerBB || !element || !moved) return coords();
    element.style.transform = "";
    try { return coords(); } finally { element.style.transform = moved; }
  };
  // In the frame in which it is drawn the picture goes back to its place.
  cy.on("render", () => {
    drawn = view();
    const element = picture();
    if (!element?.style.transform) return;
    element.style.transform = "";
    follow();
  });
  const moving = () => Boolean(renderer.hoverData.dragging || renderer.data.wheelZooming || renderer.pinching || renderer.swipePanning);
  const release = () => {
    const was = holding;
    holding = false;
    if (was || owed) draw();
    owed = false;
  };
  return {
    release,
    moves() {
      const element = picture();
      if (!element || !large() || !(holding || moving())) return false;
      const { x, y, scale } = laid(drawn, view());
      element.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
      holding = true;
      if (tooFar({ x, y, scale }, cy.width(), cy.height())) release();
      return true;
    },
  };
}
