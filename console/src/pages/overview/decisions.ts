// What somebody has to look at, from what exists: first acts that change programs or stop, devices nobody knows
// yet, sensors that see nothing, damaged captures, subnets without a line, blind spots. Worst first.
import type { Schemas } from "../../api/client";
import type { Severity } from "../../parts/Icon";
import type { Key, Values } from "../../words/words";

export interface Decision {
  id: string;
  severity: Exclude<Severity, "ok">;
  title: [Key, Values];
  why: [Key, Values?];
  line?: string;
  at?: string;
  button: Key;
  to: string;
}

const rank: Record<Severity, number> = { crit: 0, high: 1, med: 2, low: 3, ok: 4 };

export interface Grounds {
  overview: Schemas["Overview"];
  sensors: Schemas["Sensor"][] | undefined;
  captures: Schemas["Capture"][] | undefined;
  lines: Schemas["LineList"] | undefined;
  now: number;
  act(name: Schemas["Act"]): string;
  comma: string;
}

export function decisions({ overview, sensors, captures, lines, now, act, comma }: Grounds): Decision[] {
  const out: Decision[] = [];
  const day = 86_400_000;

  // One matter a pair, however many acts it took.
  const pairs = new Map<string, Schemas["Change"][]>();
  for (const change of overview.changes)
    if (change.kind === "first_act" && (change.effect === "changes_program" || change.effect === "stops")) {
      const key = `${change.device.id ?? change.device.name}>${change.peer?.id ?? change.peer?.name ?? ""}`;
      pairs.set(key, [...(pairs.get(key) ?? []), change]);
    }
  for (const [key, list] of pairs) {
    const first = list[0] as Schemas["Change"];
    const acts = [...new Set(list.map((change) => change.act && act(change.act)).filter(Boolean))].join(comma);
    const whom = first.peer ?? first.device;
    out.push({
      id: `act-${key}`, severity: "crit", title: ["decide.act", { who: first.device.name, whom: whom.name, acts }], why: ["decide.actWhy"], at: first.at, button: "decide.actDo",
      ...(first.line ? { line: first.line.name } : {}),
      to: whom.id ? `/devices/${encodeURIComponent(whom.id)}?tab=operations${first.device.id ? `&peer=${encodeURIComponent(first.device.id)}` : ""}` : "/devices",
    });
  }

  for (const sensor of sensors ?? []) {
    if (sensor.state === "receiving" || sensor.state === "stopped") continue;
    out.push({
      id: `sensor-${sensor.id}`, severity: sensor.state === "lost" ? "high" : "med", title: [`decide.sensor.${sensor.state}`, { name: sensor.name }], why: ["decide.sensorWhy"], button: "decide.sensorDo", to: "/capture",
      ...(sensor.last_packet ? { at: sensor.last_packet } : {}),
    });
  }

  const { waiting, changed, expired, decided } = overview.approvals;
  if (changed > 0) out.push({ id: "approval-changed", severity: "high", title: ["decide.approvalChanged", { n: changed }], why: ["decide.approvalChangedWhy"], button: "decide.approvalDo", to: "/devices?view=to_approve" });
  if (expired > 0) out.push({ id: "approval-expired", severity: "med", title: ["decide.approvalExpired", { n: expired }], why: ["decide.approvalExpiredWhy"], button: "decide.approvalDo", to: "/devices?view=to_approve&approval=expired" });
  // Where nobody ever decided, that there is such a thing is to know; after that whoever waits is.
  if (waiting > 0)
    out.push({ id: "approval", severity: decided > 0 ? "med" : "low", title: ["decide.approval", { n: waiting }], why: [decided > 0 ? "decide.approvalWhy" : "decide.approvalFirstWhy"], button: "decide.approvalDo", to: "/devices?view=to_approve" });

  // In the first day everything is new: that is to know, not to worry about.
  const fresh = overview.new_devices;
  if (fresh > 0) {
    const all = fresh >= overview.devices;
    const named = overview.changes.filter((change) => change.kind === "new_device");
    const one = fresh === 1 ? named[0] : undefined;
    out.push({
      id: "new", severity: all ? "low" : "med", button: "decide.newDo",
      title: one ? ["decide.newOne", { name: one.device.name }] : ["decide.new", { n: fresh }], why: all ? ["decide.newAllWhy"] : ["decide.newWhy"],
      to: one?.device.id ? `/devices/${encodeURIComponent(one.device.id)}` : "/devices?view=new",
      ...(one?.line ? { line: one.line.name } : {}), ...(named[0] ? { at: named[0].at } : {}),
    });
  }

  for (const capture of captures ?? []) {
    if ((capture.state !== "damaged" && capture.state !== "failed") || now - Date.parse(capture.finished ?? capture.at) > day) continue;
    const packet = capture.damage?.packet;
    out.push({
      id: `capture-${capture.id}`, severity: "low", button: "decide.captureDo", to: "/capture#captures", at: capture.finished ?? capture.at,
      title: capture.state === "failed" ? ["decide.captureFailed", { name: capture.name }] : packet === undefined ? ["decide.captureDamaged", { name: capture.name }] : ["decide.captureDamagedAt", { name: capture.name, n: packet }],
      why: capture.state === "failed" ? ["decide.captureFailedWhy"] : ["decide.captureDamagedWhy"],
    });
  }

  const homeless = (lines?.found ?? []).filter((found) => !found.line);
  if (homeless.length > 0)
    out.push({ id: "lines", severity: "low", title: ["decide.lines", { n: homeless.length }], why: ["decide.linesWhy"], button: "decide.linesDo", to: "/settings?tab=lines" });

  if (overview.blind_spots > 0)
    out.push({ id: "blind", severity: "low", title: ["decide.blind", { n: overview.blind_spots }], why: ["decide.blindWhy"], button: "do.blindSpots", to: "/capture#blind-spots" });

  return out.sort((a, b) => rank[a.severity] - rank[b.severity]);
}

export interface TileState { severity: Severity; words: [Key, Values?] }

/** What a line's tile says. Only a matter to decide has a colour. */
export function tileState(tile: Schemas["LineTile"], overview: Schemas["Overview"], act: (name: Schemas["Act"]) => string): TileState {
  const strong = overview.changes.find((change) => change.kind === "first_act" && change.line?.id === tile.line?.id && tile.line !== undefined && (change.effect === "changes_program" || change.effect === "stops"));
  if (strong?.act) return { severity: "crit", words: ["tile.act", { act: act(strong.act) }] };
  if (tile.new_devices > 0) return { severity: tile.new_devices >= tile.devices ? "low" : "med", words: ["tile.new", { n: tile.new_devices }] };
  if (tile.quiet_devices > 0) return { severity: "low", words: ["tile.quiet", { n: tile.quiet_devices }] };
  if (tile.seen !== undefined && tile.seen < 1) return { severity: "low", words: ["tile.partly"] };
  if (tile.seen === undefined) return { severity: "ok", words: ["tile.seenPart"] };
  return { severity: "ok", words: ["tile.usual"] };
}
