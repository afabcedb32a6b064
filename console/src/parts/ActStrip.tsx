// A small picture of acts over time, stacked by effect, where there is no room for a chart: the drawer of a row.
import { useMemo } from "react";
import type { Schemas } from "../api/client";
import { count } from "../format/numbers";
import * as time from "../format/time";
import { useLook, useWords } from "../look/look";
import { step, strength } from "./effects";
import { useZone } from "./Time";
import { useWidth } from "./useWidth";

export function Strip({ activity }: { activity: Schemas["Activity"] }) {
  const { t, word } = useWords();
  const { lang } = useLook();
  const zone = useZone();
  const [box, width] = useWidth<HTMLDivElement>(400);
  const height = 64, bottom = 18;
  const from = Date.parse(activity.since), to = Date.parse(activity.until);
  const series = useMemo(() => [...activity.series].sort((a, b) => strength(a.effect) - strength(b.effect)), [activity]);
  const buckets = Math.max(1, ...series.map((one) => one.counts.length));
  const sums = Array.from({ length: buckets }, (_, at) => series.reduce((sum, one) => sum + (one.counts[at] ?? 0), 0));
  const most = Math.max(1, ...sums), total = sums.reduce((sum, one) => sum + one, 0);
  const wide = width / buckets;
  const at = (index: number) => new Date(from + index * activity.bucket_seconds * 1000);
  return (
    <div ref={box}>
      <svg width={width} height={height + bottom} role="img" aria-label={t("device.stripSays", { n: total })} style={{ display: "block" }}>
        <path d={`M0 ${height}H${width}`} stroke="var(--line2)" />
        {activity.unseen?.map((gap, index) => {
          const x = (moment: string) => Math.max(0, Math.min(width, width * (Date.parse(moment) - from) / (to - from)));
          return <rect key={index} x={x(gap.since)} y={0} width={Math.max(0, x(gap.until) - x(gap.since))} height={height} className="unseenfill"><title>{t("device.unseen")}</title></rect>;
        })}
        {sums.map((sum, index) => {
          if (!sum) return null;
          let y = height;
          return (
            <g key={index}>
              <title>{`${time.range(at(index), at(index + 1), lang, zone)} ${series.filter((one) => one.counts[index]).map((one) => `${word("act", one.act)} ${count(one.counts[index] ?? 0)}`).join(t("list.comma"))}`}</title>
              {series.map((one) => {
                const n = one.counts[index] ?? 0;
                if (!n) return null;
                const tall = Math.max(2, (height - 4) * n / most);
                y -= tall;
                return <rect key={one.act} x={index * wide} y={Math.max(0, y)} width={Math.max(1, wide - 0.5)} height={tall} fill={`var(--${step[one.effect]})`} />;
              })}
            </g>
          );
        })}
        <text className="tx3" x={0} y={height + 14}>{time.moment(new Date(from), new Date(), lang, zone)}</text>
        <text className="tx3" x={width} y={height + 14} textAnchor="end">{time.clock(new Date(to), zone)}</text>
      </svg>
      {total === 0 && <p className="small t3">{t("device.stripNone")}</p>}
    </div>
  );
}
