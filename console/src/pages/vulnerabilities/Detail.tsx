// One weakness of one device: what was seen, what the advisory names, which rule decided; what to do, and the decision.
import { App, Drawer } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useLook, useWords } from "../../look/look";
import { SeenIn } from "../../parts/Capture";
import { protocolName } from "../../parts/Evidence";
import { Bones, Chip, Failed, useComplaint } from "../../parts/parts";
import { When } from "../../parts/Time";
import { states, type Item } from "./kinds";

export function Detail({ item, mayEdit, onClose }: { item: Item; mayEdit: boolean; onClose(): void }) {
  const { t } = useWords();
  return (
    <Drawer open mask={false} width={460} onClose={onClose} title={item.device.name} rootClassName="evidence" styles={{ body: { padding: 0 } }}>
      <section className="piece">
        <div className="b wrap">{item.title}</div>
        <div className="small t2 mono wrap">{item.advisory}{item.cves.length > 0 && item.cves[0] !== item.advisory && <> · {item.cves.slice(0, 6).join(" ")}{item.cve_count > 6 && " …"}</>}</div>
        <div className="row" style={{ flexWrap: "wrap", gap: 6, marginTop: 6 }}>
          <Chip>{t(`weakness.list.${item.verdict}`)}</Chip>
          <Chip>{t(`weakness.severity.${item.severity}`)}{item.score !== undefined && ` ${item.score.toFixed(1)}`}</Chip>
          {item.exploited && <Chip>{t("weakness.exploited")}</Chip>}
          {item.likelihood !== undefined && <span className="small t3">EPSS {(item.likelihood * 100).toFixed(1)}%</span>}
        </div>
      </section>
      <Proof item={item} />
      <Decide key={`${item.key} ${item.decision.at ?? ""}`} item={item} mayEdit={mayEdit} />
      <WhatToDo advisory={item.advisory} />
      <div className="piece row" style={{ flexWrap: "wrap" }}>
        {item.device.id && <Link className="btn s" to={`/devices/${encodeURIComponent(item.device.id)}?tab=weaknesses`}>{t("map.openDevice")}</Link>}
      </div>
    </Drawer>
  );
}

function Proof({ item }: { item: Item }) {
  const { t, word } = useWords();
  const { lang } = useLook();
  return (
    <section className="piece">
      <h3 className="b s13">{t("weakness.how")}</h3>
      <p className="s13">{t(`weakness.productRule.${item.product_rule}`)} {item.version_rule !== "none" && t(`weakness.versionRule.${item.version_rule}`)}</p>
      <dl className="kv">
        <dt>{t("weakness.entry")}</dt><dd className="wrap">{item.product}</dd>
        <dt>{t("weakness.range")}</dt><dd className="mono wrap">{item.version === "vers:all/*" ? t("weakness.allVersions") : item.version || "–"}</dd>
        {item.facts.map((fact, at) => [
          <dt key={`t${at}`}>{word("attribute", fact.attribute)}</dt>,
          <dd key={at} className="wrap">
            <span className="mono b">{fact.value}</span>
            <div className="small t3">{fact.by_ledger ? t("weakness.byLedger") : fact.evidence ? <>{fact.evidence.protocol ? protocolName(fact.evidence.protocol) : ""}{fact.evidence.frame !== undefined && <> · #{count(fact.evidence.frame)}</>}</> : t("weakness.noFrame")}</div>
            {fact.evidence && <div className="small t3"><SeenIn evidence={fact.evidence} /></div>}
          </dd>,
        ])}
        {item.order && <><dt>{t("weakness.order")}</dt><dd className="wrap">{t(`weakness.orderIs.${item.order}`)}</dd></>}
      </dl>
      {item.missing && (
        <div className="notice" role="note">
          <div className="grow">
            <div className="b">{t(`weakness.missing.${item.missing}`)}</div>
            {item.detail && <div className="wrap mono small">{item.detail}</div>}
            <div className="wrap">{lang === "ja" ? item.how_ja : item.how_en}</div>
            <div className="wrap t2">{item.ask.name ? t("weakness.askWhom", { name: [item.ask.name, item.ask.department, item.ask.contact].filter(Boolean).join(" · ") }) : t("weakness.noOwner")}</div>
          </div>
        </div>
      )}
    </section>
  );
}

function Decide({ item, mayEdit }: { item: Item; mayEdit: boolean }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const [state, setState] = useState<Schemas["WeaknessStateWord"]>(item.decision.state);
  const [reason, setReason] = useState(item.decision.reason ?? "");
  const [until, setUntil] = useState(item.decision.until ?? "");
  const [busy, setBusy] = useState(false);
  const needsReason = state === "accepted" || state === "mitigated";
  const complete = (!needsReason || reason.trim() !== "") && (state !== "accepted" || until !== "");
  const save = async () => {
    setBusy(true);
    try {
      await call("put", "/weaknesses/state", { body: { device: item.device.id ?? "", ...(item.part ? { part: item.part } : {}), advisory: item.advisory, state, ...(reason.trim() && state !== "open" ? { reason: reason.trim() } : {}), ...(state === "accepted" ? { until } : {}) } });
      await Promise.all([["weaknesses"], ["weakness-facets"], ["device"], ["advisory"]].map((queryKey) => client.invalidateQueries({ queryKey })));
      void message.success(t("weakness.recorded"));
    } catch (error) {
      void message.error(complaint(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="piece">
      <h3 className="b s13">{t("weakness.decision")}</h3>
      {item.decision.state !== "open" && <p className="small t2 wrap">{t(`weakness.state.${item.decision.state}`)}{item.decision.until && <> · {t(item.decision.overdue ? "weakness.wasUntil" : "weakness.until", { day: item.decision.until })}</>}{item.decision.reason && <> · {item.decision.reason}</>}{item.decision.at && <> · {item.decision.who} · <When at={item.decision.at} as="full" /></>}</p>}
      {mayEdit ? (
        <form className="col" style={{ gap: 8 }} onSubmit={(event) => { event.preventDefault(); void save(); }}>
          <select className="input" aria-label={t("weakness.column.state")} value={state} onChange={(event) => setState(event.target.value as typeof state)}>
            {states.map((one) => <option key={one} value={one}>{t(`weakness.stateDo.${one}`)}</option>)}
          </select>
          {state !== "open" && <input className="input" value={reason} maxLength={160} onChange={(event) => setReason(event.target.value)} aria-label={t(state === "mitigated" ? "weakness.byWhat" : "weakness.reason")} placeholder={t(state === "mitigated" ? "weakness.byWhat" : "weakness.reason")} />}
          {state === "accepted" && <label className="row s13">{t("weakness.untilDay")}<input className="input" type="date" value={until} onChange={(event) => setUntil(event.target.value)} /></label>}
          <div className="row"><button type="submit" className="btn s" disabled={busy || !complete}>{t("weakness.record")}</button><span className="small t3">{t("weakness.onlyRecorded")}</span></div>
        </form>
      ) : <p className="small t3">{t("weakness.decideBy")}</p>}
    </section>
  );
}

function WhatToDo({ advisory }: { advisory: string }) {
  const { t } = useWords();
  const query = useQuery({ queryKey: ["advisory", advisory], queryFn: ({ signal }) => call("get", "/weaknesses/advisories/{advisory_id}", { path: { advisory_id: advisory }, signal }) });
  if (query.error) return <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />;
  if (!query.data) return <Bones rows={3} />;
  const { remedies, weaknesses, url } = query.data;
  return (
    <section className="piece">
      <h3 className="b s13">{t("weakness.toDo")}</h3>
      {weaknesses[0]?.text && <p className="s13 wrap t2">{weaknesses[0].text}</p>}
      <ul className="actlist">
        {remedies.slice(0, 12).map((one, at) => <li key={at}><div className="small t3">{t(`weakness.remedy.${one.category}`)}</div><div className="s13 wrap">{one.details}</div></li>)}
      </ul>
      {url && <p className="small wrap"><a className="link" href={url} target="_blank" rel="noreferrer noopener">{url}</a></p>}
    </section>
  );
}
