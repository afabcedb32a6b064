// Acts on equipment by the hour, stacked by effect.
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import * as time from "../../format/time";
import { useLook, useWords } from "../../look/look";
import { Bars } from "../../parts/Bars";
import type { Effect } from "../../parts/effects";
import { Bones, Failed, NoneFound, Panel, useLate } from "../../parts/parts";
import { useZone } from "../../parts/Time";

export const groups: { key: "observes" | "changes_value" | "changes_setting" | "changes_program"; effects: Effect[]; color: "e0" | "e2" | "e3" | "e4"; rare: boolean }[] = [
  { key: "observes", effects: ["observes", "none"], color: "e0", rare: false },
  { key: "changes_value", effects: ["changes_value"], color: "e2", rare: false },
  { key: "changes_setting", effects: ["changes_setting"], color: "e3", rare: true },
  { key: "changes_program", effects: ["changes_program", "stops"], color: "e4", rare: true },
];

export function Activity({ overview }: { overview: Schemas["Overview"] | undefined }) {
  const { t } = useWords();
  const { lang, tokens } = useLook();
  const zone = useZone();
  // Up to now where packets arrive; up to the last packet where all there is are captures of the past.
  const last = overview ? Date.parse(overview.last_packet ?? overview.at) : 0;
  const live = Date.now() - last < 6 * 3_600_000;
  const until = overview ? Math.ceil((live ? Date.parse(overview.at) : last + 1) / 3_600_000) * 3_600_000 : 0;
  const query = useQuery({
    queryKey: ["activity", "plant", until],
    queryFn: ({ signal }) => call("get", "/activity", { query: { since: new Date(until - 86_400_000).toISOString(), until: new Date(until).toISOString(), buckets: 24 }, signal }),
    enabled: until > 0, placeholderData: (before) => before,
  });
  const late = useLate(query.isPending);
  const [table, setTable] = useState(false);
  const activity = query.data;
  const drawn = useMemo(() => {
    if (!activity) return null;
    const from = Date.parse(activity.since);
    const buckets = Math.max(0, ...activity.series.map((one) => one.counts.length));
    const at = (index: number) => new Date(from + index * activity.bucket_seconds * 1000);
    return {
      labels: Array.from({ length: buckets }, (_, index) => time.clock(at(index), zone)),
      titles: Array.from({ length: buckets }, (_, index) => time.range(at(index), at(index + 1), lang, zone)),
      ticks: (index: number) => index % 3 === 0,
      series: groups.map((group) => ({
        name: t(`legend.${group.key}`), color: tokens[group.color], rare: group.rare,
        values: Array.from({ length: buckets }, (_, index) => activity.series.reduce((sum, one) => sum + (group.effects.includes(one.effect) ? (one.counts[index] ?? 0) : 0), 0)),
      })),
    };
  }, [activity, lang, t, tokens, zone]);
  const totals = drawn?.series.map((one) => one.values.reduce((sum, value) => sum + value, 0)) ?? [];
  const total = totals.reduce((sum, value) => sum + value, 0);
  return (
    <Panel title={t("overview.activity")} count={live ? t("overview.perHour") : overview ? t("device.until", { at: time.full(new Date(until), lang, zone) }) : undefined}
      right={<>
        <ul className="legend">
          {groups.map((group, index) => ((totals[index] ?? 0) > 0 || group.key === "observes") && <li key={group.key} title={count(totals[index] ?? 0)}><i className={`step ${group.color}`} />{t(`legend.${group.key}`)}</li>)}
        </ul>
        <button type="button" className="btn q s" onClick={() => setTable(!table)}>{table ? t("do.chart") : t("do.table")}</button>
      </>}>
      {query.error && !activity ? <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : !drawn ? (late ? <Bones rows={5} height={38} /> : <div style={{ height: 194 }} />)
        : total === 0 ? <div style={{ minHeight: 194 }}><NoneFound covered={(activity?.unseen?.length ?? 0) === 0 && overview?.blind_spots === 0} /></div>
        : (
          <div style={{ padding: "0 8px 10px 8px" }}>
            <Bars {...drawn} height={184} table={table} sentence={t("overview.activitySays", { n: total, value: totals[1] ?? 0, program: totals[3] ?? 0 })} />
          </div>
        )}
    </Panel>
  );
}
