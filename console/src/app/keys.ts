// Keys of the console. Single keys are off while somebody types and can be switched off altogether
// (WCAG 2.1.4); those with Ctrl and Esc always work. The map registered last is asked first.
import { useEffect, useRef } from "react";

export type Handler = (event: KeyboardEvent) => boolean | void;
export type KeyMap = Record<string, Handler>;

interface Layer { keys: KeyMap }
const layers: Layer[] = [];
let prefix = "";
let prefixUntil = 0;
let singleKeys = true;
let listening = false;

export function allowSingleKeys(allowed: boolean): void {
  singleKeys = allowed;
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "range"].includes(target.type);
}

function name(event: KeyboardEvent): string {
  const key = event.key === " " ? "Space" : event.key;
  if (event.ctrlKey || event.metaKey) return `Ctrl ${key.length === 1 ? key.toUpperCase() : key}`;
  if (event.shiftKey && /^[A-Za-z]$/.test(key)) return `Shift ${key.toUpperCase()}`;
  return key;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const pressed = name(event);
  const single = !pressed.startsWith("Ctrl ");
  if (single && pressed !== "Escape") {
    if (typing(event.target)) return;
    if (!singleKeys && /^(Shift )?.$/.test(pressed)) return;
    // A button or link that has the focus keeps its own Enter and Space.
    if ((pressed === "Enter" || pressed === "Space") && event.target instanceof HTMLElement
      && event.target.closest("button, a[href], summary, [role=option], [role=menuitem]")) return;
  }
  if (document.querySelector(".ant-modal-wrap:not([style*='display: none'])") && pressed !== "Ctrl K") return;
  const now = Date.now();
  const tried = prefix && now < prefixUntil ? [`${prefix} ${pressed}`, pressed] : [pressed];
  prefix = "";
  for (const attempt of tried)
    for (const layer of [...layers].reverse()) {
      const handler = layer.keys[attempt];
      if (handler && handler(event) !== false) {
        event.preventDefault();
        return;
      }
    }
  if (single && layers.some((layer) => Object.keys(layer.keys).some((key) => key.startsWith(`${pressed} `)))) {
    prefix = pressed;
    prefixUntil = now + 1200;
  }
}

/** Registers keys while the component is on the screen. A handler that returns false passes the key on. */
export function useKeys(keys: KeyMap, on = true): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    if (!on) return;
    if (!listening) {
      document.addEventListener("keydown", onKey);
      listening = true;
    }
    const layer: Layer = { get keys() { return latest.current; } };
    layers.push(layer);
    return () => { layers.splice(layers.indexOf(layer), 1); };
  }, [on]);
}
