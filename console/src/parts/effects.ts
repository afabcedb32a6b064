// What acts do to equipment, and how that is shown: one ladder of darkness for effects, severity only for what
// was never done before.
import type { Schemas } from "../api/client";
import type { Severity } from "./Icon";

export type Effect = Schemas["Effect"];
export type Act = Schemas["Act"];

export const effects: Effect[] = ["none", "observes", "changes_value", "changes_setting", "changes_program", "stops"];
export const strength = (effect: Effect | undefined): number => effects.indexOf(effect ?? "none");
export const strongest = (list: readonly Effect[]): Effect => list.reduce<Effect>((worst, one) => (strength(one) > strength(worst) ? one : worst), "none");

/** Which step of the ladder an effect has. */
export const step: Record<Effect, "e0" | "e1" | "e2" | "e3" | "e4"> = {
  none: "e0", observes: "e1", changes_value: "e2", changes_setting: "e3", changes_program: "e4", stops: "e4",
};

/** How loudly something done for the first time is told. */
export function newness(effect: Effect | undefined): Severity {
  if (effect === "changes_program" || effect === "stops") return "crit";
  if (effect === "changes_setting") return "high";
  return effect === "changes_value" ? "med" : "low";
}

/** Columns of the matrix: what is asked first, what changes most last. */
export const actOrder: Act[] = ["identify", "browse", "read", "subscribe", "report", "cyclic_io", "diagnose", "alarm", "alarm_ack", "connect", "disconnect",
  "authenticate", "select", "call", "write", "force", "time_set", "configure", "protect", "mode_change", "start", "stop", "reset",
  "file_read", "file_write", "file_delete", "program_upload", "program_download", "program_delete", "firmware_update", "clear", "unknown"];
