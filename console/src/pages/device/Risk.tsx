// The risk of one device as a sum that a person can follow: three factors with every term, what was seen, how it counts, and
// what would lower it; then the actions that lower it most, with the score before and after.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Link, useLocation } from "react-router-dom";
import { call, Problem, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { protocolName } from "../../parts/Evidence";
import { Bones, Chip, Failed, State, useLate } from "../../parts/parts";
import { AtBest, FactorBar, Score, useAction } from "../risk/parts";
import { factors, lessKey, termAddress, thingAddress, type Term } from "../risk/terms";

export function Risk({ id }: { id: string }) {
  const { t } = useWords();
  const query = useQuery({ queryKey: ["device", id, "risk"], queryFn: ({ signal }) => call("get", "/devices/{device_id}/risk", { path: { device_id: id }, signal }) });
  const late = useLate(query.isPending);
  if (query.error && !query.data)
    return query.error instanceof Problem && query.error.status === 404 ? <State why={t("risk.notScored")} /> : <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />;
  if (!query.data) return late ? <Bones rows={8} /> : <div style={{ height: 272 }} />;
  return <Whole id={id} risk={query.data} />;
}

function Whole({ id, risk }: { id: string; risk: Schemas["DeviceRisk"] }) {
  const { t } = useWords();
  const say = useAction();
  const place = useLocation();
  const box = useRef<HTMLDivElement>(null);
  // Who comes from the page of risks comes for this, and it stands below what the device does.
  useEffect(() => { if (place.hash === "#risk") box.current?.scrollIntoView({ block: "start" }); }, [place.hash]);
  return (
    <div className="riskof" ref={box}>
      <div className="riskline">
        <Score score={risk.score} band={risk.band} large />
        <div className="grow">
          <div className="s13">{t("risk.formula", { exposure: risk.exposure.value, weakness: risk.weakness.value, consequence: risk.consequence.value, exact: (risk.exact / 10_000).toFixed(1), score: risk.score })}</div>
          {risk.unknown > 0 && <div className="l2">{t("risk.unknownHow")}</div>}
        </div>
      </div>
      {factors.map((factor) => {
        const sum = risk[factor];
        return (
          <section key={factor} aria-label={t(`risk.${factor}`)}>
            <h3 className="factorhead"><span>{t(`risk.${factor}`)}</span><FactorBar value={sum.value} /></h3>
            <table className="wt terms">
              <tbody>
                {sum.terms.map((term) => <Row key={term.term} device={id} term={term} />)}
                <tr className="sum"><th scope="row">{sum.total > 100 ? t("risk.sumCapped", { total: sum.total, over: sum.total - 100 }) : t("risk.sum")}</th><td className="r b nw">{t("risk.points", { n: sum.total })}</td></tr>
              </tbody>
            </table>
          </section>
        );
      })}
      <section aria-label={t("risk.column.action")}>
        <h3 className="factorhead">{t("risk.column.action")}</h3>
        {risk.actions.length === 0 ? <State why={t("risk.noActions")} action={<span className="t3 small">{t("risk.noActionsHow")}</span>} />
          : <ol className="riskacts">
              {risk.actions.map((one, at) => (
                <li key={at}>
                  <span className="nth" aria-hidden="true">{at + 1}</span>
                  <div className="grow"><div className="wrap">{say(one)}</div><div className="l2 row" style={{ gap: "2px 10px", flexWrap: "wrap" }}>{one.at_best && <AtBest />}{one.same && <span>{t("risk.same")}</span>}</div></div>
                  <span className="b nw">{one.before} → {one.after}</span>
                </li>
              ))}
            </ol>}
        {risk.actions.length > 1 && <p className="small t2 pad">{t("risk.togetherDevice", { before: risk.score, after: risk.after_all })}</p>}
      </section>
    </div>
  );
}

function Row({ device, term }: { device: string; term: Term }) {
  const { t } = useWords();
  const at = termAddress(term.term, device);
  const name = <>{t(`risk.term.${term.term}`)}{term.count > 1 && <span className="t3"> × {count(term.count)}</span>}</>;
  return (
    <tr>
      <th scope="row">
        <div className="row" style={{ gap: 8, flexWrap: "wrap" }}>{at ? <Link to={at}>{name}</Link> : <span>{name}</span>}{term.unknown && <Chip>{t("risk.isUnknown")}</Chip>}</div>
        {term.things.length > 0 && <div className="s13 wrap"><Things device={device} term={term} /></div>}
        {term.worst && <Vulnerability device={device} one={term.worst} />}
        {(term.others ?? []).slice(0, 5).map((one) => <div key={`${one.advisory} ${one.part ?? ""}`} className="l2 cut">{one.cve ?? one.advisory} · CVSS {one.score.toFixed(1)}</div>)}
        <div className="l2">{(term.further ?? 0) > 0 && <>{t("risk.rule", { first: term.first ?? 0, further: term.further ?? 0, most: term.most ?? 0 })} · </>}{t(lessKey(term.term))}</div>
      </th>
      <td className="r nw">{t("risk.points", { n: term.points })}</td>
    </tr>
  );
}

function Things({ device, term }: { device: string; term: Term }) {
  const { t } = useWords();
  const services = ["remote_access", "clear_text", "file_shares", "no_login", "readable_login"].includes(term.term);
  const shown = term.things.slice(0, 6);
  return (
    <>
      {shown.map((thing, at) => {
        const to = thingAddress(term.term, device, thing);
        const name = services ? protocolName(thing.name) : thing.name;
        return <span key={thing.id ?? at}>{at > 0 && t("list.comma")}{to ? <Link to={to}>{name}</Link> : name}</span>;
      })}
      {term.count > shown.length && <span className="t3"> {t("risk.more", { n: term.count - shown.length })}</span>}
    </>
  );
}

function Vulnerability({ device, one }: { device: string; one: Schemas["RiskVulnerability"] }) {
  const { t, word } = useWords();
  const why = one.verdict === "needs_fact" ? t("risk.share.needs_fact") : one.decision === "accepted" || one.decision === "mitigated" ? t(`risk.share.${one.decision}`) : "";
  return (
    <>
      <div className="s13 wrap"><Link to={`/devices/${encodeURIComponent(device)}?tab=weaknesses`}>{one.title || one.advisory}</Link> <span className="t3 mono">{one.cve ?? one.advisory}</span></div>
      <div className="l2">{t("risk.ruleVulnerability", { score: one.score.toFixed(1), kev: one.exploited ? t("risk.kev") : "", epss: String(one.likelihood), share: one.share, points: one.points })}{why && ` · ${why}`}{one.missing && ` · ${word("weakness.missing", one.missing)}`}{!one.scored && ` · ${t("risk.unscored")}`}</div>
    </>
  );
}
