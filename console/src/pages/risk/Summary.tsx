// Above the list: how risks are spread, what lowers them most, where they are high.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { Bones, Failed, Panel, Seg, State, useLate } from "../../parts/parts";
import { useUrl } from "../../parts/url";
import type { Key } from "../../words/words";
import { AtBest, Score, useAction } from "./parts";
import type { Band } from "./terms";

export function Spread({ list }: { list: Schemas["RiskList"] }) {
  const { t } = useWords();
  const url = useUrl();
  const most = Math.max(1, ...list.bins);
  const term = url.get("term");
  return (
    <Panel title={t("risk.spread")} right={<span className="t3 small nw">{t("risk.counts", { high: list.sum.high, medium: list.sum.medium, low: list.sum.low })}</span>}>
      <div className="spread" role="img" aria-label={`${t("risk.spread")}: ${list.bins.map((n, at) => t("risk.spreadOf", { from: at * 10, to: at === 9 ? 100 : at * 10 + 9, n })).join(t("list.comma"))}`}>
        {list.bins.map((n, at) => (
          <span key={at} className="spreadcol" title={t("risk.spreadOf", { from: at * 10, to: at === 9 ? 100 : at * 10 + 9, n })}>
            <span className="t3 n">{n > 0 ? count(n) : ""}</span>
            <i className={at >= 5 ? "high" : at >= 2 ? "medium" : "low"} style={{ height: n > 0 ? Math.max(3, Math.round((n / most) * 84)) : 1 }} />
            <span className="t3">{at * 10}</span>
          </span>
        ))}
      </div>
      {list.unknown.length > 0 && (
        <div className="unknowns">
          <h3 className="s13">{t("risk.unknown")}</h3>
          <div className="kinds row">
            {[...list.unknown].sort((a, b) => b.devices - a.devices).slice(0, 4).map((one) => (
              <button key={one.term} type="button" className={term === one.term ? "chip sel" : "chip"} aria-pressed={term === one.term} title={t("risk.unknownHow")} onClick={() => url.set({ term: term === one.term ? null : one.term, sel: null })}>
                <span>{t(`risk.term.${one.term}`)} <span className="kn">{count(one.devices)}</span></span>
              </button>
            ))}
          </div>
        </div>
      )}
    </Panel>
  );
}

export function Actions({ line, lineName }: { line: string; lineName: string | undefined }) {
  const { t } = useWords();
  const say = useAction();
  const ask = line ? { line } : {};
  const query = useQuery({ queryKey: ["risk", "actions", line], queryFn: ({ signal }) => call("get", "/risk/actions", { query: ask, signal }), placeholderData: keepPreviousData });
  const late = useLate(query.isPending);
  const data = query.data;
  return (
    <Panel title={line && lineName ? t("risk.actionsOf", { name: lineName }) : t("risk.actions")}>
      {query.error && !data ? <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : !data ? (late ? <Bones rows={5} /> : <div style={{ height: 170 }} />)
        : data.actions.length === 0 ? <State why={t("risk.noActions")} action={<span className="t3 small">{t("risk.noActionsHow")}</span>} />
        : <ol className="riskacts">
            {data.actions.map((one, at) => (
              <li key={at}>
                <span className="nth" aria-hidden="true">{at + 1}</span>
                <div className="grow">
                  <div className="wrap b">{say(one)}</div>
                  <div className="l2 row" style={{ gap: "2px 10px", flexWrap: "wrap" }}>
                    <span className="nw">{t("risk.actionDevices", { n: one.device_count })}</span>
                    <span className="nw">{t("risk.actionLowers", { points: one.lowers })}</span>
                    {one.after.highest !== data.before.highest && <span className="nw">{t("risk.actionHighest", { before: data.before.highest, after: one.after.highest })}</span>}
                    {one.after.high !== data.before.high && <span className="nw">{t("risk.actionHigh", { before: data.before.high, after: one.after.high })}</span>}
                    {one.at_best && <AtBest />}
                  </div>
                  <div className="l2 cut">
                    {one.devices.slice(0, 2).map((each, index) => <span key={each.device.id ?? index}>{index > 0 && " · "}{each.device.id ? <Link to={`/devices/${encodeURIComponent(each.device.id)}?tab=risk#risk`}>{each.device.name}</Link> : each.device.name} {each.before} → {each.after}</span>)}
                  </div>
                  {one.same && <div className="l2">{t("risk.same")}</div>}
                </div>
              </li>
            ))}
          </ol>}
      {data && data.actions.length > 1 && <p className="small t2 pad">{t("risk.together", { before: data.before.sum, after: data.after_all.sum })}</p>}
    </Panel>
  );
}

type By = "line" | "network" | "level";
const ways: readonly By[] = ["line", "network", "level"];

export function Groups() {
  const { t } = useWords();
  const url = useUrl();
  const by = ways.find((one) => one === url.get("by")) ?? "line";
  const query = useQuery({ queryKey: ["risk", "lines", by], queryFn: ({ signal }) => call("get", "/risk/lines", { query: { by }, signal }), placeholderData: keepPreviousData });
  const late = useLate(query.isPending);
  const chosen = url.get(by);
  const none: Record<By, Key> = { line: "devices.noLine", network: "risk.noNetwork", level: "risk.noLevel" };
  const band = (score: number): Band => (score >= 50 ? "high" : score >= 20 ? "medium" : "low");
  return (
    <Panel title={t("risk.groups")} right={<Seg label={t("risk.by")} value={by} onChange={(next) => url.set({ by: next === "line" ? null : next, line: null, network: null, level: null, sel: null })} options={ways.map((value) => ({ value, label: t(`risk.by.${value}`) }))} />}>
      {query.error && !query.data ? <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : !query.data ? (late ? <Bones rows={5} /> : <div style={{ height: 170 }} />)
        : <ul className="riskgroups" tabIndex={0} aria-label={t("risk.groups")}>
            {query.data.groups.map((one) => (
              <li key={one.id}>
                <button type="button" className={chosen === one.id ? "on" : ""} aria-pressed={chosen === one.id} onClick={() => url.set({ [by]: chosen === one.id ? null : one.id, sel: null })}>
                  <Score score={one.highest} band={band(one.highest)} />
                  <span className="grow"><span className="cut b">{one.id === "none" ? t(none[by]) : by === "level" ? t("risk.by.level") + " " + one.id : one.name ?? one.id}</span><span className="cut l2">{one.worst.name}</span></span>
                  <span className="l2 nw">{t("risk.counts", { high: one.high, medium: one.medium, low: one.low })}</span>
                </button>
              </li>
            ))}
          </ul>}
    </Panel>
  );
}
