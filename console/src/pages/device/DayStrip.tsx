// The last stretch of time in four lanes: what is read, written, programmed, started and stopped; hatched where
// nobody could see. For a device that was last seen long ago (an uploaded capture) the stretch ends there.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import * as time from "../../format/time";
import { useLook, useWords } from "../../look/look";
import { useKeys } from "../../app/keys";
import type { Effect } from "../../parts/effects";
import { Bones, Failed, Panel, Seg, useLate } from "../../parts/parts";
import { useZone } from "../../parts/Time";
import { useUrl } from "../../parts/url";
import { useWidth } from "../../parts/useWidth";
import type { Key } from "../../words/words";
import { shownLanes, stateWord, StateLane } from "./StateLanes";

const spans = { "10m": 600, "1h": 3600, "24h": 86_400 } as const;
type Span = keyof typeof spans;
const lanes: { key: string; effects: Effect[] }[] = [
  { key: "reads", effects: ["observes", "none"] }, { key: "writes", effects: ["changes_value"] },
  { key: "program", effects: ["changes_program"] }, { key: "startStop", effects: ["stops", "changes_setting"] },
];

/** The window that shows something: up to now for what is live, up to its end for what is past. */
export function windowOf(first: string, last: string, chosen: string): { since: string; until: string; span: Span } {
  const end = Date.parse(last);
  const life = (end - Date.parse(first)) / 1000;
  const live = Date.now() - end < 3_600_000;
  const span: Span = chosen in spans ? chosen as Span : live || life > 3600 ? "24h" : life > 600 ? "1h" : "10m";
  const step = spans[span] / 24 * 1000;
  const until = Math.ceil((live ? Date.now() : end + 1) / step) * step;
  return { since: new Date(until - spans[span] * 1000).toISOString(), until: new Date(until).toISOString(), span };
}

export function DayStrip({ id, row }: { id: string; row: Schemas["DeviceRow"] }) {
  const { t } = useWords();
  const { lang } = useLook();
  const zone = useZone();
  const url = useUrl();
  const { since, until, span } = windowOf(row.first_seen, row.last_seen, url.get("range"));
  const query = useQuery({
    queryKey: ["activity", id, since, until],
    queryFn: ({ signal }) => call("get", "/activity", { query: { device: id, since, until, buckets: 288 }, signal }),
    placeholderData: (before) => before,
  });
  const states = useQuery({
    queryKey: ["states", id, since, until],
    queryFn: ({ signal }) => call("get", "/devices/{device_id}/states", { path: { device_id: id }, query: { since, until }, signal }),
    placeholderData: (before) => before,
  });
  const late = useLate(query.isPending);
  const options: Span[] = ["10m", "1h", "24h"];
  useKeys({ t: () => url.set({ range: options[(options.indexOf(span) + 1) % 3] ?? null }) });
  const ended = Date.now() - Date.parse(until) > 3_600_000;
  return (
    <Panel title={t(`device.span.${span}` as Key)} {...(ended ? { count: t("device.until", { at: time.full(new Date(until), lang, zone) }) } : {})}
      right={<Seg label={t("keys.range")} value={span} onChange={(range) => url.set({ range })} options={options.map((value) => ({ value, label: t(`range.${value}` as Key) }))} />}>
      {query.error && !query.data ? <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : query.isPending ? (late ? <Bones rows={5} height={30} /> : <div style={{ height: 150 }} />)
        : <Strip activity={query.data} states={states.data?.states ?? []} />}
    </Panel>
  );
}

function Strip({ activity, states }: { activity: Schemas["Activity"]; states: Schemas["StateList"]["states"] }) {
  const { t, word } = useWords();
  const zone = useZone();
  const [box, width] = useWidth<HTMLDivElement>(840);
  const lasting = useMemo(() => shownLanes(states), [states]);
  const left = 120, right = 14, lane = 28, top = 6 + lasting.length * lane;
  const from = Date.parse(activity.since), to = Date.parse(activity.until);
  const x = (at: number) => left + (width - left - right) * (at - from) / (to - from);
  const { rows, labels } = useMemo(() => {
    const made = lanes.map(({ effects }) => {
      const mine = activity.series.filter((one) => effects.includes(one.effect));
      const counts: number[] = [];
      for (const series of mine) series.counts.forEach((n, index) => { counts[index] = (counts[index] ?? 0) + n; });
      return { counts, mine, most: Math.max(1, ...counts) };
    });
    // Rare acts are named where they happened, the latest two of a lane.
    const named = made.map(({ mine, counts }, index) => index < 2 ? [] : counts
      .map((n, at) => ({ n, at, acts: mine.filter((series) => (series.counts[at] ?? 0) > 0).map((series) => series.act) }))
      .filter((one) => one.n > 0).slice(-2));
    return { rows: made, labels: named };
  }, [activity]);
  const step = activity.bucket_seconds * 1000;
  const ticks = useMemo(() => {
    const hours = (to - from) / 3_600_000;
    const every = hours > 12 ? 3 * 3_600_000 : hours > 0.5 ? 10 * 60_000 : 2 * 60_000;
    const out: number[] = [];
    for (let at = Math.ceil(from / every) * every; at <= to; at += every) out.push(at);
    return out;
  }, [from, to]);
  const height = top + lanes.length * lane + 24;
  const latest = lasting[0]?.spans.at(-1);
  const total = rows.reduce((sum, row) => sum + row.counts.reduce((a, b) => a + b, 0), 0);
  const said = [t("device.stripSays", { n: total }), latest ? t("device.runState", { state: stateWord(latest.state, word) }) : ""].filter(Boolean).join(t("list.comma"));
  return (
    <div ref={box} style={{ paddingBottom: 8, minHeight: height }}>
      <svg width={width} height={height} role="img" aria-label={said} style={{ display: "block" }}>
        <defs><pattern id="strip-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M1 0v5" stroke="var(--hatch)" strokeWidth="1.5" /></pattern></defs>
        {activity.unseen?.map((gap, index) => {
          const start = Math.max(left, x(Date.parse(gap.since))), end = Math.min(width - right, x(Date.parse(gap.until)));
          return end > start ? <rect key={index} x={start} y={top} width={end - start} height={lanes.length * lane} fill="url(#strip-hatch)"><title>{t("device.unseen")}</title></rect> : null;
        })}
        {lasting.map((one, index) => <StateLane key={index} lane={one} from={from} to={to} x={x} right={width - right} y={6 + index * lane} />)}
        {rows.map((row, index) => {
          const y = top + index * lane + lane / 2;
          const widths = Math.max(1.5, x(from + step) - left);
          return (
            <g key={index}>
              <text x="16" y={y + 4}>{t(`device.lane.${lanes[index]?.key}` as Key)}</text>
              <path d={`M${left} ${y}H${width - right}`} stroke="var(--line)" />
              {row.counts.map((n, at) => {
                if (!n) return null;
                const start = x(from + at * step);
                const told = t("device.stripAt", { at: time.clock(new Date(from + at * step), zone), n });
                if (index === 0) {
                  const tall = 3 + 7 * Math.log10(1 + n) / Math.log10(1 + row.most);
                  return <rect key={at} x={start} y={y - tall / 2} width={Math.ceil(widths)} height={tall} fill="var(--e1)"><title>{told}</title></rect>;
                }
                if (index === 1) return <path key={at} d={`M${start} ${y - 5}v10`} stroke="var(--e2)" strokeWidth="1.5"><title>{told}</title></path>;
                return <rect key={at} x={start - 1.5} y={y - 6} width="4" height="12" rx="1" fill="var(--e4)"><title>{told}</title></rect>;
              })}
              {labels[index]?.map((one, place, list) => {
                const at = x(from + one.at * step);
                const near = list[place + 1] && x(from + (list[place + 1]?.at ?? 0) * step) - at < 200;
                if (near) return null;
                const words = `${time.clock(new Date(from + one.at * step), zone)} ${one.acts.map((act) => word("act", act)).join(t("list.comma"))} ${count(one.n)}`;
                const flip = at > width - 240;
                return <text key={one.at} x={flip ? at - 7 : at + 8} y={y + 4} textAnchor={flip ? "end" : "start"} className="tx1 haloed">{words}</text>;
              })}
            </g>
          );
        })}
        {ticks.map((at) => <text key={at} className="tx3" x={Math.min(width - right - 16, Math.max(left + 16, x(at)))} y={height - 6} textAnchor="middle">{time.clock(new Date(at), zone)}</text>)}
      </svg>
      {total === 0 && <p className="small t3 pad">{(activity.unseen?.length ?? 0) > 0 ? t("state.nonePartly") : t("device.stripNone")}</p>}
    </div>
  );
}
