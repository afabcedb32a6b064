// Acts over time, stacked by what they do to equipment. The legend is a filter, a column is a window of time; the same
// can be done with the facets and the range, so that nobody needs a pointer.
import { useCallback, useMemo, useState, type ReactNode } from "react";
import type { Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import * as time from "../../format/time";
import { useLook, useWords } from "../../look/look";
import { Bars } from "../../parts/Bars";
import { step } from "../../parts/effects";
import { Failed, useLate, Bones } from "../../parts/parts";
import { useZone } from "../../parts/Time";
import { groups } from "../overview/Activity";

const height = 118;

export function Chart({ activity, error, onAgain, chosen, note, onEffects, onPick }: { activity: Schemas["Activity"] | undefined; error: unknown; onAgain(): void; chosen: readonly string[]; note?: ReactNode; onEffects(effects: string[]): void; onPick(since: string, until: string): void }) {
  const { t } = useWords();
  const { lang, tokens } = useLook();
  const zone = useZone();
  const [table, setTable] = useState(false);
  const late = useLate(!activity && !error);
  const drawn = useMemo(() => {
    if (!activity) return null;
    const from = Date.parse(activity.since), to = Date.parse(activity.until);
    const buckets = Math.max(1, Math.ceil((to - from) / 1000 / activity.bucket_seconds));
    const at = (index: number) => new Date(from + index * activity.bucket_seconds * 1000);
    const days = to - from > 2 * 86_400_000;
    const label = (moment: Date) => (days ? time.day(moment, lang, zone) : time.clock(moment, zone));
    const every = days ? Math.max(1, Math.round(86_400 / activity.bucket_seconds)) * Math.max(1, Math.round((to - from) / 86_400_000 / 10)) : Math.max(1, Math.round(3 * 3600 / activity.bucket_seconds));
    return {
      at,
      labels: Array.from({ length: buckets }, (_, index) => label(at(index))),
      titles: Array.from({ length: buckets }, (_, index) => (days ? `${time.day(at(index), lang, zone)} ` : "") + time.range(at(index), at(index + 1), lang, zone)),
      ticks: (index: number) => index % every === 0,
      series: groups.map((group) => ({
        name: t(`legend.${group.key}`), color: tokens[group.color], rare: group.rare,
        values: Array.from({ length: buckets }, (_, index) => activity.series.reduce((sum, one) => sum + (group.effects.includes(one.effect) ? (one.counts[index] ?? 0) : 0), 0)),
      })),
    };
  }, [activity, lang, t, tokens, zone]);
  const pick = useCallback((index: number) => { if (drawn) onPick(drawn.at(index).toISOString(), drawn.at(index + 1).toISOString()); }, [drawn, onPick]);
  const totals = drawn?.series.map((one) => one.values.reduce((sum, value) => sum + value, 0)) ?? [];
  return (
    <div className="opchart">
      <div className="row" style={{ gap: 6 }}>
        {groups.map((group, index) => {
          const on = group.effects.every((effect) => chosen.includes(effect));
          return (
            <button key={group.key} type="button" className="legendbtn" aria-pressed={on} title={count(totals[index] ?? 0)} onClick={() => onEffects(on ? chosen.filter((one) => !(group.effects as string[]).includes(one)) : [...new Set([...chosen, ...group.effects])])}>
              <i className={`step ${step[group.effects[group.effects.length - 1] ?? "none"]}`} aria-hidden="true" />{t(`legend.${group.key}`)}
            </button>
          );
        })}
        <span className="sp" />
        <span className="t3 small cut note">{note}</span>
        <button type="button" className="btn q s" onClick={() => setTable(!table)}>{table ? t("do.chart") : t("do.table")}</button>
      </div>
      {error ? <Failed error={error} onAgain={onAgain} />
        : !drawn ? <div style={{ height }}>{late && <Bones rows={3} height={36} />}</div>
        : <Bars labels={drawn.labels} titles={drawn.titles} ticks={drawn.ticks} series={drawn.series} height={height} table={table} onPick={pick}
            sentence={t("overview.activitySays", { n: totals.reduce((sum, value) => sum + value, 0), value: totals[1] ?? 0, program: totals[3] ?? 0 })} />}
    </div>
  );
}
