// "Is my line safe, what changed, what must I decide?"
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState, type CSSProperties } from "react";
import { Link, Navigate } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { usePreference, useSession } from "../../api/session";
import { useSite } from "../../app/Shell";
import { count, percent } from "../../format/numbers";
import { useWords } from "../../look/look";
import { Icon, Mark } from "../../parts/Icon";
import { Bone, Bones, CoverageLine, Failed, Panel, Seg, State, useLate, usePageTitle } from "../../parts/parts";
import { useNow, When } from "../../parts/Time";
import { useUrl } from "../../parts/url";
import { Activity } from "./Activity";
import { Changes } from "./Changes";
import { MonthlyReport } from "./MonthlyReport";
import { decisions, tileState } from "./decisions";

const lenses = ["line", "it", "analyst"] as const;
type Lens = (typeof lenses)[number];
/** A lens changes the order, never the data. */
const orders: Record<Lens, string> = { line: "of-line", it: "of-it", analyst: "of-analyst" };

export default function Overview() {
  const { t, word } = useWords();
  const { may, session } = useSession();
  const url = useUrl();
  const prefer = usePreference();
  const site = useSite();
  const now = useNow(10);
  usePageTitle(t("nav.overview"));
  const query = useQuery({ queryKey: ["overview"], queryFn: ({ signal }) => call("get", "/overview", { signal }), refetchInterval: 60_000 });
  const sensors = useQuery({ queryKey: ["sensors"], queryFn: ({ signal }) => call("get", "/sensors", { signal }), enabled: may("sensor.look") });
  const captures = useQuery({ queryKey: ["captures"], queryFn: ({ signal }) => call("get", "/captures", { query: { limit: 50 }, signal }), enabled: may("sensor.look") });
  const lines = useQuery({ queryKey: ["lines"], queryFn: ({ signal }) => call("get", "/lines", { signal }) });
  const late = useLate(query.isPending);
  const overview = query.data;
  // Matters come from four answers; they are shown when all are there, and what stands below waits for them.
  const waiting = (query: { isPending: boolean; fetchStatus: string }) => query.isPending && query.fetchStatus !== "idle";
  const settled = overview !== undefined && !waiting(sensors) && !waiting(captures) && !waiting(lines);
  const act = useMemo(() => (name: Schemas["Act"]) => word("act", name), [word]);
  const matters = useMemo(() => (overview ? decisions({
    overview, sensors: sensors.data?.sensors, captures: captures.data?.captures, lines: lines.data, now: Math.floor(Date.now() / 60_000) * 60_000, act, comma: t("list.comma"),
  }) : []), [overview, sensors.data, captures.data, lines.data, act, t]);

  const asked = url.get("lens") || session?.preferences.lens || "line";
  const lens: Lens = (lenses as readonly string[]).includes(asked) ? asked as Lens : "line";
  const [all, setAll] = useState(false);

  if (query.error && !overview) return <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />;
  if (overview && overview.devices === 0) {
    if (site.data && !site.data.first_run.dismissed && may("capture.upload")) return <Navigate to="/first-run" replace />;
    return <State middle icon={<Icon name="sensor" size={28} />} why={t("devices.emptyNever")} action={<Link className="btn p" to="/capture">{t("devices.toCapture")}</Link>} link={<Link className="link" to="/first-run">{t("devices.toFirstRun")}</Link>} />;
  }
  const worst = matters[0]?.severity;
  const place = matters.find((matter) => matter.severity === "crit" && matter.line)?.line;
  const urgent = matters.filter((matter) => matter.severity !== "low").length;
  const sentence = !overview ? "" : urgent === 0 ? t(overview.blind_spots > 0 || matters.length > 0 ? "overview.calmBut" : "overview.calm", { n: matters.length }) : place ? t("overview.lineUrgent", { line: place, n: urgent }) : t("overview.urgent", { n: urgent });
  const tiles = overview?.lines ?? [];
  const shown = all ? matters : matters.slice(0, 5);
  return (
    <div className={`ov ${orders[lens]}`}>
      <div className="head">
        {overview ? <Mark severity={urgent > 0 ? (worst ?? "ok") : "ok"} size={24} /> : <Bone width={26} height={26} />}
        <div className="grow">
          {overview ? (
            <>
              <h1>{sentence}</h1>
              <p className="t2">{t("overview.second", { devices: overview.devices, decisions: matters.length, changes: overview.changes_total, blind: overview.blind_spots })}</p>
            </>
          ) : <><h1 className="unheard">{t("nav.overview")}</h1>{late && <><div style={{ height: 31 }}><Bone width={420} height={18} /></div><div style={{ height: 22 }}><Bone width={520} /></div></>}</>}
        </div>
        <MonthlyReport />
        <Seg label={t("overview.lens")} value={lens} onChange={(value) => { url.set({ lens: value === "line" ? null : value }); prefer({ lens: value }); }}
          options={lenses.map((value) => ({ value, label: t(`lens.${value}`) }))} />
      </div>

      {!overview ? (late ? <Skeleton /> : <div style={{ height: 140 }} />) : tiles.length > 12 ? <LineTable tiles={tiles} overview={overview} act={act} /> : (
        <div className="tiles" style={{ "--tiles": tiles.length <= 6 ? 6 : Math.ceil(tiles.length / Math.ceil(tiles.length / 7)) } as CSSProperties}>
          {tiles.map((tile) => <Tile key={tile.line?.id ?? "none"} tile={tile} overview={overview} act={act} />)}
        </div>
      )}

      {overview && <div className="g2 g-decide">
        <Panel title={t("overview.decide")} {...(overview ? { count: count(matters.length) } : {})} right={matters.length > 5 ? <button type="button" className="btn q s" onClick={() => setAll(!all)}>{all ? t("devices.fewer") : t("do.seeAll")}</button> : undefined}>
          {!settled ? (late ? <Bones rows={3} height={92} /> : <div style={{ height: 276 }} />)
            : matters.length === 0 ? <State why={t("overview.nothing")} />
            : (
              <ul>
                {shown.map((matter) => (
                  <li key={matter.id} className="dec">
                    <Mark severity={matter.severity} size={18} />
                    <div className="ti">{t(...matter.title)}</div>
                    <div className="wy">{t(...matter.why)}</div>
                    {(matter.line || matter.at) && <div className="mt">{matter.line && <span>{matter.line}</span>}{matter.at && <When at={matter.at} now={now} />}</div>}
                    <div className="ac"><Link className={matter.severity === "crit" ? "btn p" : "btn"} to={matter.to}>{t(matter.button)}</Link></div>
                  </li>
                ))}
              </ul>
            )}
        </Panel>
        <Changes overview={overview} late={late} now={now} />
      </div>}

      {settled && overview && <div className="g3 g-activity">
        <Activity overview={overview} />
        <Panel title={t("overview.coverage")} {...(overview.coverage.length > 0 ? { count: percent(overview.coverage.reduce((sum, bar) => sum + bar.seen, 0) / overview.coverage.length) } : {})}
          right={<Link className="btn q s" to="/capture#blind-spots">{t("do.blindSpots")}</Link>}>
          {overview.coverage.length === 0 ? <State why={t("overview.coverageNone")} />
            : (
              <>
                <div className="bars">
                  {overview.coverage.slice(0, 8).map((bar, index) => [
                    <span key={`n${index}`} className="cut" style={{ maxWidth: 130 }}>{bar.line?.name ?? bar.sensor ?? t("devices.noLine")}</span>, <CoverageLine key={`b${index}`} share={bar.seen} />, <span key={`p${index}`} className="r">{percent(bar.seen)}</span>,
                  ])}
                </div>
                <p className="small t3 pad">{t("overview.hatch")}</p>
              </>
            )}
        </Panel>
      </div>}
    </div>
  );
}

/** What will stand here, while it is on its way. */
function Skeleton() {
  const { t } = useWords();
  return (
    <>
      <div className="tiles" style={{ "--tiles": 6 } as CSSProperties} aria-hidden="true">
        {Array.from({ length: 6 }, (_, index) => (
          <div key={index} className="panel tile">
            <div className="nm"><Bone width={96} /></div>
            <div className="st"><Bone width={72} /></div>
            <div style={{ height: 56 }} />
          </div>
        ))}
      </div>
      <div className="g2 g-decide">
        <Panel title={t("overview.decide")}><Bones rows={3} height={92} /></Panel>
        <Panel title={t("overview.changes")}><Bones rows={6} height={46} /></Panel>
      </div>
    </>
  );
}

function Tile({ tile, overview, act }: { tile: Schemas["LineTile"]; overview: Schemas["Overview"]; act(name: Schemas["Act"]): string }) {
  const { t } = useWords();
  const { severity, words } = tileState(tile, overview, act);
  return (
    <Link className={severity === "crit" ? "panel tile crit" : "panel tile"} to={`/map?line=${encodeURIComponent(tile.line?.id ?? "none")}`}>
      <div className="nm"><Mark severity={severity} /><span className="cut">{tile.line?.name ?? t("devices.noLine")}</span></div>
      <div className="st">{t(...words)}</div>
      <Pulse values={tile.pulse} loud={severity === "crit"} label={t("tile.pulse")} />
      <div className="ft"><span>{t("unit.devices", { n: tile.devices })}</span>{tile.seen !== undefined && <span>{tile.seen < 1 && <i className="hatch hatchbox" aria-hidden="true" />} {percent(tile.seen)}</span>}</div>
    </Link>
  );
}

/** 24 hours as a thin line; from zero, so that a stop is seen as one. */
function Pulse({ values, loud, label }: { values: number[]; loud?: boolean; label: string }) {
  const most = Math.max(1, ...values);
  const x = (index: number) => (index / Math.max(1, values.length - 1)) * 164;
  const y = (value: number) => 24 - (value / most) * 20;
  return (
    <svg className="sk" viewBox="0 0 164 26" preserveAspectRatio="none" role="img" aria-label={label}>
      {values.length > 1 && <path d={values.map((value, index) => `${index === 0 ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join("")} fill="none" stroke={loud ? "var(--crit)" : "var(--e2)"} strokeWidth="1.4" vectorEffect="non-scaling-stroke" />}
    </svg>
  );
}

function LineTable({ tiles, overview, act }: { tiles: Schemas["LineTile"][]; overview: Schemas["Overview"]; act(name: Schemas["Act"]): string }) {
  const { t } = useWords();
  return (
    <section className="panel linetable" aria-label={t("column.line")}>
      <div className="ltbox" tabIndex={0} role="region" aria-label={t("column.line")}><table className="lt">
        <thead><tr><th>{t("column.line")}</th><th>{t("column.state")}</th><th className="r">{t("nav.devices")}</th><th>{t("tile.pulse")}</th><th className="r">{t("overview.coverage")}</th></tr></thead>
        <tbody>
          {tiles.map((tile) => {
            const { severity, words } = tileState(tile, overview, act);
            return <tr key={tile.line?.id ?? "none"}><td><Link to={`/map?line=${encodeURIComponent(tile.line?.id ?? "none")}`} className="b">{tile.line?.name ?? t("devices.noLine")}</Link></td><td><Mark severity={severity} /> {t(...words)}</td><td className="r">{count(tile.devices)}</td><td><div style={{ width: 164 }}><Pulse values={tile.pulse} label={t("tile.pulse")} /></div></td><td className="r">{tile.seen === undefined ? "–" : percent(tile.seen)}</td></tr>;
          })}
        </tbody>
      </table></div>
    </section>
  );
}
