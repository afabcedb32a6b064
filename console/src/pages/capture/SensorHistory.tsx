// A sensor's last 24 hours: packets a second, and where some were dropped.
import { useQuery } from "@tanstack/react-query";
import { call, type Schemas } from "../../api/client";
import { count, short } from "../../format/numbers";
import * as time from "../../format/time";
import { useLook, useWords } from "../../look/look";
import { Bones, Failed, State } from "../../parts/parts";
import { useZone } from "../../parts/Time";
import { useWidth } from "../../parts/useWidth";

export function SensorHistory({ id }: { id: string }) {
  const { t } = useWords();
  const query = useQuery({ queryKey: ["sensor", id], queryFn: ({ signal }) => call("get", "/sensors/{sensor_id}", { path: { sensor_id: id }, signal }), refetchInterval: 60_000 });
  if (query.error) return <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />;
  if (!query.data) return <div style={{ height: 96 }}><Bones rows={2} /></div>;
  if (query.data.history.length < 2) return <State why={t("capture.noHistory")} />;
  return <Graph history={query.data.history} />;
}

function Graph({ history }: { history: Schemas["SensorDetail"]["history"] }) {
  const { t } = useWords();
  const { lang } = useLook();
  const zone = useZone();
  const [box, width] = useWidth<HTMLDivElement>(640);
  const first = history[0], last = history[history.length - 1];
  if (!first || !last) return null;
  const from = Date.parse(first.at), to = Math.max(from + 1, Date.parse(last.at));
  const seconds = Math.max(1, (to - from) / 1000 / (history.length - 1));
  const rate = (packets: number) => packets / seconds;
  const most = Math.max(1, ...history.map((one) => rate(one.packets)));
  const left = 44, right = 8, height = 96, low = height - 22;
  const x = (at: string) => left + (width - left - right) * (Date.parse(at) - from) / (to - from);
  const y = (packets: number) => low - (low - 8) * rate(packets) / most;
  // At most two points a pixel.
  const every = Math.max(1, Math.ceil(history.length / (2 * (width - left))));
  const shown = history.filter((_, index) => index % every === 0);
  const drops = history.filter((one) => one.dropped > 0);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => new Date(from + (to - from) * share));
  return (
    <div ref={box}>
      <svg width={width} height={height} role="img" aria-label={t("capture.historySays", { most: short(Math.round(most)), n: drops.reduce((sum, one) => sum + one.dropped, 0) })} style={{ display: "block" }}>
        <path d={`M${left} ${low}H${width - right}M${left} 8H${width - right}`} stroke="var(--line)" />
        <text x={left - 6} y={12} textAnchor="end" className="tx3">{short(Math.round(most))}</text><text x={left - 6} y={low + 4} textAnchor="end" className="tx3">0</text>
        <path d={shown.map((one, index) => `${index ? "L" : "M"}${x(one.at).toFixed(1)} ${y(one.packets).toFixed(1)}`).join("")} fill="none" stroke="var(--e2)" strokeWidth="1.4" />
        {drops.map((one) => <g key={one.at} transform={`translate(${x(one.at) - 5} ${low - 5})`}><use href="#sv-low" width="10" height="10" /><title>{t("capture.droppedAt", { at: time.moment(new Date(one.at), new Date(), lang, zone), n: count(one.dropped) })}</title></g>)}
        {ticks.map((at, index) => <text key={index} x={Math.min(width - 20, Math.max(left + 14, x(at.toISOString())))} y={height - 5} textAnchor="middle" className="tx3">{time.clock(at, zone)}</text>)}
      </svg>
    </div>
  );
}
