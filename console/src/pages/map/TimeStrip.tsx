// 24 hours as a histogram with a window on it: dragged, moved by arrow keys, or played at a minute a second.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { call } from "../../api/client";
import { count } from "../../format/numbers";
import * as time from "../../format/time";
import { useLook, useWords } from "../../look/look";
import { Icon } from "../../parts/Icon";
import { useZone } from "../../parts/Time";
import { useWidth } from "../../parts/useWidth";

const day = 86_400_000, minute = 60_000;

export function TimeStrip({ end, line, since, until, onChange }: { end: number; line: string; since: number | null; until: number | null; onChange(since: number | null, until: number | null): void }) {
  const { t } = useWords();
  const { lang } = useLook();
  const zone = useZone();
  const [box, width] = useWidth<HTMLDivElement>(900);
  const [playing, setPlaying] = useState(false);
  const from = end - day;
  const query = useQuery({
    queryKey: ["activity", "map", end, line],
    queryFn: ({ signal }) => call("get", "/activity", { query: { since: new Date(from).toISOString(), until: new Date(end).toISOString(), buckets: 144, ...(line && line !== "none" ? { line } : {}) }, signal }),
    enabled: end > 0, placeholderData: (before) => before,
  });
  const bars = useMemo(() => {
    const out: number[] = [];
    for (const series of query.data?.series ?? []) series.counts.forEach((n, index) => { out[index] = (out[index] ?? 0) + n; });
    return out;
  }, [query.data]);
  const most = Math.max(1, ...bars);
  const right = 10, left = 10;
  const x = (at: number) => left + (width - left - right) * (at - from) / day;
  const chosen = since !== null && until !== null;
  const a = chosen ? Math.max(from, since) : from, b = chosen ? Math.min(end, until) : end;

  const latest = useRef({ a, b, onChange, end });
  latest.current = { a, b, onChange, end };
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      const now = latest.current;
      if (now.b + minute > now.end) setPlaying(false);
      else now.onChange(now.a + minute, now.b + minute);
    }, 1000);
    return () => clearInterval(timer);
  }, [playing]);
  const play = () => {
    if (!chosen) onChange(from, from + 60 * minute);
    setPlaying(!playing);
  };

  const drag = useRef<{ what: "a" | "b" | "window"; x: number; a: number; b: number } | null>(null);
  const begin = (what: "a" | "b" | "window") => (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { what, x: event.clientX, a, b };
  };
  const move = (event: PointerEvent) => {
    const now = drag.current;
    if (!now) return;
    const by = Math.round((event.clientX - now.x) / (width - left - right) * day / (10 * minute)) * 10 * minute;
    if (now.what === "a") onChange(Math.min(Math.max(from, now.a + by), now.b - 10 * minute), now.b);
    else if (now.what === "b") onChange(now.a, Math.max(Math.min(end, now.b + by), now.a + 10 * minute));
    else {
      const stay = Math.max(from - now.a, Math.min(end - now.b, by));
      onChange(now.a + stay, now.b + stay);
    }
  };
  const stop = () => { drag.current = null; };
  const onKey = (what: "a" | "b") => (event: KeyboardEvent) => {
    const by = event.key === "ArrowLeft" ? -10 : event.key === "ArrowRight" ? 10 : event.key === "PageDown" ? -60 : event.key === "PageUp" ? 60 : 0;
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    if (what === "a") onChange(Math.min(Math.max(from, a + by * minute), b - 10 * minute), b);
    else onChange(a, Math.max(Math.min(end, b + by * minute), a + 10 * minute));
  };
  const handle = (what: "a" | "b", at: number) => (
    <g role="slider" tabIndex={0} aria-label={t(what === "a" ? "map.from" : "map.to")} aria-valuemin={0} aria-valuemax={1440} aria-valuenow={Math.round((at - from) / minute)} aria-valuetext={time.clock(new Date(at), zone)}
      onKeyDown={onKey(what)} onPointerDown={begin(what)} onPointerMove={move} onPointerUp={stop} style={{ cursor: "ew-resize" }}>
      <rect x={x(at) - 12} y={4} width="24" height="40" fill="transparent" /><path d={`M${x(at)} 8v34`} stroke="var(--accent)" strokeWidth={chosen ? 2.4 : 1.4} />
    </g>
  );
  return (
    <div className="ms">
      <button type="button" className="iconbtn" aria-label={playing ? t("map.pause") : t("map.play")} title={playing ? t("map.pause") : t("map.play")} onClick={play}><Icon name={playing ? "pause" : "play"} size={20} /></button>
      <div className="grow" ref={box}>
        <svg width={width} height="66" style={{ display: "block" }} role="group" aria-label={t("map.strip")}>
          {bars.map((n, index) => n > 0 && <rect key={index} x={x(from + index * day / bars.length)} y={40 - 26 * Math.sqrt(n / most)} width={Math.max(1, (width - left - right) / bars.length - 1.4)} height={26 * Math.sqrt(n / most)} fill="var(--e1)"><title>{count(n)}</title></rect>)}
          {query.data?.unseen?.map((gap, index) => <rect key={`u${index}`} x={x(Math.max(from, Date.parse(gap.since)))} y="12" width={Math.max(0, x(Math.min(end, Date.parse(gap.until))) - x(Math.max(from, Date.parse(gap.since))))} height="28" fill="url(#ground-hatch)" />)}
          <path d={`M${left} 40.5H${width - right}`} stroke="var(--line2)" />
          {chosen && <rect x={x(a)} y="8" width={Math.max(2, x(b) - x(a))} height="33" fill="var(--accent)" opacity=".1" style={{ cursor: "grab" }} onPointerDown={begin("window")} onPointerMove={move} onPointerUp={stop} />}
          {handle("a", a)}{handle("b", b)}
          {Array.from({ length: 9 }, (_, index) => from + index * day / 8).map((at, index) => <text key={at} className="tx3" x={x(at)} y="58" textAnchor={index === 0 ? "start" : index === 8 ? "end" : "middle"}>{time.clock(new Date(at), zone)}</text>)}
        </svg>
      </div>
      <div className="range">
        <div className="mono b">{time.range(new Date(a), new Date(b), lang, zone)}</div>
        {chosen ? <button type="button" className="link small" onClick={() => { setPlaying(false); onChange(null, null); }}>{t("map.wholeTime")}</button> : <div className="small t3">{t("map.allTime")}</div>}
      </div>
    </div>
  );
}
