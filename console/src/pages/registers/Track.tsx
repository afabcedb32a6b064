// The value of a register over time: it stays what it was until it changes. Where many changes fall together, from the
// least to the most of them.
import { useMemo, useState } from "react";
import type { Schemas } from "../../api/client";
import * as time from "../../format/time";
import { useLook, useWords } from "../../look/look";
import { useZone } from "../../parts/Time";
import { useWidth } from "../../parts/useWidth";

type Point = Schemas["RegisterValues"]["points"][number];
const height = 150, left = 58, right = 10, top = 10, bottom = 22;

/** Round steps: 1, 2, 5 of any power of ten. */
export function ticksOf(least: number, most: number): number[] {
  if (!(most > least)) return [least];
  const raw = (most - least) / 3, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw) ?? raw;
  const out: number[] = [];
  for (let at = Math.ceil(least / step) * step; at <= most + step * 1e-9 && out.length < 8; at += step) out.push(Number(at.toPrecision(12)));
  return out;
}

export function Track({ points, from, until, sentence }: { points: Point[]; from: number; until: number; sentence: string }) {
  const { lang, tokens } = useLook();
  const { t } = useWords();
  const zone = useZone();
  const [box, width] = useWidth<HTMLDivElement>(600);
  const [near, setNear] = useState<number | null>(null);
  const drawn = useMemo(() => {
    const low = Math.min(...points.map((one) => one.least)), high = Math.max(...points.map((one) => one.most));
    const room = high === low ? Math.max(1, Math.abs(high) * 0.1) : (high - low) * 0.08;
    const least = low - room, most = high + room, span = Math.max(1, until - from);
    const x = (at: number) => left + ((at - from) / span) * (width - left - right);
    const y = (value: number) => top + ((most - value) / (most - least)) * (height - top - bottom);
    let line = "", band = "";
    points.forEach((one, index) => {
      const at = x(Date.parse(one.at)), next = points[index + 1];
      const end = x(next ? Date.parse(next.at) : until);
      line += `${index === 0 ? "M" : "L"}${at.toFixed(1)} ${y(one.most).toFixed(1)}L${end.toFixed(1)} ${y(one.most).toFixed(1)}`;
      if (one.most > one.least) band += `M${at.toFixed(1)} ${y(one.most).toFixed(1)}H${Math.max(at + 1, end).toFixed(1)}V${y(one.least).toFixed(1)}H${at.toFixed(1)}Z`;
    });
    const days = span > 2 * 86_400_000;
    const many = Math.max(2, Math.floor((width - left) / 130));
    const labels = Array.from({ length: many }, (_, index) => {
      const at = new Date(from + (span * (index + 0.5)) / many);
      return { x: x(at.getTime()), words: days ? time.day(at, lang, zone) : span < 600_000 ? time.clockSeconds(at, zone) : time.clock(at, zone) };
    });
    return { x, y, line, band, labels, ticks: ticksOf(low, high) };
  }, [points, from, until, width, lang, zone]);
  const shown = near === null ? undefined : points[near];
  const nearest = (offset: number) => {
    let found = 0;
    points.forEach((one, index) => { if (drawn.x(Date.parse(one.at)) <= offset) found = index; });
    return found;
  };
  return (
    <div ref={box} className="track">
      <svg width={width} height={height} role="img" aria-label={sentence} onMouseMove={(event) => setNear(nearest(event.nativeEvent.offsetX))} onMouseLeave={() => setNear(null)}>
        {drawn.ticks.map((value) => (
          <g key={value}><line x1={left} x2={width - right} y1={drawn.y(value)} y2={drawn.y(value)} stroke={tokens.line} /><text x={left - 8} y={drawn.y(value) + 4} textAnchor="end" fill={tokens.t3} fontSize={12}>{value.toLocaleString(lang)}</text></g>
        ))}
        {drawn.labels.map((one) => <text key={one.x} x={one.x} y={height - 5} textAnchor="middle" fill={tokens.t3} fontSize={12}>{one.words}</text>)}
        {drawn.band && <path d={drawn.band} fill={tokens.e3} opacity={0.3} />}
        <path d={drawn.line} fill="none" stroke={tokens.e3} strokeWidth={1.6} strokeLinejoin="round" />
        {points.length <= 60 && points.map((one) => <circle key={one.at} cx={drawn.x(Date.parse(one.at))} cy={drawn.y(one.most)} r={2.6} fill={tokens.e4} />)}
        {shown && <line x1={drawn.x(Date.parse(shown.at))} x2={drawn.x(Date.parse(shown.at))} y1={top} y2={height - bottom} stroke={tokens.t3} />}
      </svg>
      <p className="small t3" aria-hidden="true">{shown ? `${time.full(new Date(shown.at), lang, zone)}  ${shown.least === shown.most ? shown.most.toLocaleString(lang) : t("registers.fromTo", { from: shown.least.toLocaleString(lang), to: shown.most.toLocaleString(lang) })}` : " "}</p>
    </div>
  );
}
