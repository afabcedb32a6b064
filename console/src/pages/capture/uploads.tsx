// Uploads live outside of the pages: they go on while somebody looks at something else.
import { useSyncExternalStore } from "react";
import { Problem, uploadCapture, type Schemas, type Upload } from "../../api/client";
import { percent } from "../../format/numbers";

export interface Running {
  id: number;
  name: string;
  size: number;
  sent: number;
  began: number;
  state: "waiting" | "sending" | "sent" | "failed" | "cancelled";
  capture?: Schemas["Capture"];
  problem?: unknown;
}

let uploads: readonly Running[] = [];
let numbered = 0;
const files = new Map<number, File>();
const wires = new Map<number, Upload<Schemas["Capture"]>>();
const listeners = new Set<() => void>();

function set(id: number, change: Partial<Running>): void {
  uploads = uploads.map((one) => (one.id === id ? { ...one, ...change } : one));
  for (const listener of listeners) listener();
}

/** One file after the other: they share one line, and the center reads in this order. */
async function next(): Promise<void> {
  if (uploads.some((one) => one.state === "sending")) return;
  const waiting = uploads.find((one) => one.state === "waiting");
  const file = waiting && files.get(waiting.id);
  if (!waiting || !file) return;
  let told = 0;
  set(waiting.id, { state: "sending", began: Date.now() });
  const wire = uploadCapture(file, (sent) => {
    if (Date.now() - told < 250 && sent < file.size) return;
    told = Date.now();
    set(waiting.id, { sent });
  });
  wires.set(waiting.id, wire);
  try {
    set(waiting.id, { capture: await wire.promise, state: "sent", sent: file.size });
  } catch (problem) {
    if ((problem as Error).name === "AbortError") set(waiting.id, { state: "cancelled" });
    else set(waiting.id, { state: "failed", problem });
  }
  files.delete(waiting.id);
  wires.delete(waiting.id);
  void next();
}

export function addUploads(list: Iterable<File>): void {
  for (const file of list) {
    numbered += 1;
    files.set(numbered, file);
    uploads = [...uploads, { id: numbered, name: file.name, size: file.size, sent: 0, began: 0, state: "waiting" }];
  }
  for (const listener of listeners) listener();
  void next();
}

export function cancelUpload(id: number): void {
  const wire = wires.get(id);
  if (wire) wire.cancel();
  else {
    files.delete(id);
    set(id, { state: "cancelled" });
  }
}

/** Takes finished ones off the list; `again` is for those that failed on the way. */
export function forgetUpload(id: number): void {
  uploads = uploads.filter((one) => one.id !== id);
  for (const listener of listeners) listener();
}

window.addEventListener("beforeunload", (event) => {
  if (uploads.some((one) => one.state === "sending" || one.state === "waiting")) event.preventDefault();
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
export const useUploads = () => useSyncExternalStore(subscribe, () => uploads);
export const reachedTheEnd = (one: Running) => one.state === "failed" && one.problem instanceof Problem && one.problem.status !== 0;

/** In the rail: how far the upload is while another page is open. */
export function UploadsBadge() {
  const sending = useUploads().find((one) => one.state === "sending");
  return sending ? <span className="n">{percent(sending.sent / Math.max(1, sending.size))}</span> : null;
}
