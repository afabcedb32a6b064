// The ground of a large plant: a box a line or subnet with its name, how many devices and the worst mark; between the
// boxes one trunk a pair, as dark as its strongest act and as wide as the logarithm of its conversations.
import { memo } from "react";
import { useWords } from "../../look/look";
import { step } from "../../parts/effects";
import type { Severity } from "../../parts/Icon";
import type { Zone } from "./layout";
import type { Spread, Trunk } from "./spread";

const colour: Record<Severity, string> = { crit: "var(--crit)", high: "var(--high)", med: "var(--medO)", low: "var(--low)", ok: "var(--line2)" };

export const Boxes = memo(function Boxes({ spread, open, scale }: { spread: Spread; open: ReadonlySet<string>; scale: number }) {
  return (
    <>
      <g style={{ opacity: open.size > 0 ? 0.35 : 1 }}>{spread.trunks.map((trunk) => <Line key={trunk.key} trunk={trunk} />)}</g>
      {spread.zones.map((zone) => <Box key={zone.id} zone={zone} mark={spread.marks.get(zone.id) ?? null} open={open.has(zone.id)} scale={scale} />)}
    </>
  );
});

const Line = memo(function Line({ trunk }: { trunk: Trunk }) {
  const loud = trunk.loud && trunk.loud !== "low" && trunk.loud !== "ok";
  return <path d={trunk.path} fill="none" strokeLinejoin="round" vectorEffect="non-scaling-stroke" stroke={loud ? colour[trunk.loud ?? "low"] : `var(--${step[trunk.effect]})`} strokeWidth={1 + 0.6 * Math.log10(trunk.pairs)} />;
});

/** As much of a text as its room on the screen takes; nothing rather than half a sign. */
function cut(text: string, pixels: number, size: number): string {
  let room = pixels;
  for (let at = 0; at < text.length; at++) {
    room -= text.charCodeAt(at) > 0x2e80 ? size : size * 0.56;
    if (room < 0) return at < 3 ? "" : `${text.slice(0, at - 1)}…`;
  }
  return text;
}

const Box = memo(function Box({ zone, mark, open, scale }: { zone: Zone; mark: Severity | null; open: boolean; scale: number }) {
  const { t } = useWords();
  const wide = zone.w * scale, high = zone.h * scale, middle = zone.x + zone.w / 2;
  const name = zone.name || t("devices.noLine");
  const devices = t("unit.devices", { n: zone.devices });
  const one = 1 / scale; // a pixel
  const marked = mark !== null && mark !== "ok" && mark !== "low";
  const box = <rect x={zone.x} y={zone.y} width={zone.w} height={zone.h} rx={Math.min(8, 6 * one)} fill="var(--zone)" stroke={marked ? colour[mark] : "var(--ctl)"} strokeWidth={marked ? 2 : 1} vectorEffect="non-scaling-stroke" />;
  if (open)
    return (
      <g>{box}
        <text x={zone.x + 12} y={zone.y + 26} className="b tx1 zonename">{cut(name, wide * 0.7, 13)}</text>
        <text x={zone.x + zone.w - 12} y={zone.y + 26} textAnchor="end" className="tx3 zonecount">{wide > 220 ? devices : ""}</text>
      </g>
    );
  const second = high >= 40 && cut(devices, wide - 8, 12) === devices;
  return (
    <g>{box}
      {high >= 18 && <text x={middle} y={zone.y + zone.h / 2 + (second ? -2 : 5) * one} textAnchor="middle" className="far b tx1">{cut(name, wide - 10, 13)}</text>}
      {second && <text x={middle} y={zone.y + zone.h / 2 + 15 * one} textAnchor="middle" className="far tx3" style={{ fontSize: 12 * one }}>{devices}</text>}
      {marked && high >= 18 && <circle cx={zone.x + 9 * one} cy={zone.y + 9 * one} r={4 * one} fill={colour[mark]} />}
    </g>
  );
});
