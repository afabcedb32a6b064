// "What is it, how do we know, who does what to it?"
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router-dom";
import { call, Problem, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { useKeys } from "../../app/keys";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { ApprovalChip } from "../../parts/Approval";
import { DeviceState } from "../../parts/DeviceState";
import { EvidenceDrawer, protocolName, SourceLine } from "../../parts/Evidence";
import { Icon, RoleIcon } from "../../parts/Icon";
import { Bone, Bones, Chip, Confidence, Failed, Panel, State, useLate, usePageTitle } from "../../parts/parts";
import { When } from "../../parts/Time";
import { useUrl } from "../../parts/url";
import type { Key } from "../../words/words";
import { Approved } from "./Approved";
import { Correct } from "./Correct";
import { DayStrip } from "./DayStrip";
import { HealthOf, useHealthOf } from "../health/Findings";
import { FromLedger } from "./FromLedger";
import { Matrix, usePeers } from "./Matrix";
import { Parts } from "./Parts";
import { Ports, usePorts } from "./Ports";
import { stateWords } from "./StateLanes";
import { Objects } from "../operations/ObjectsView";
import { Last } from "../conversations/columns";
import { Addresses, Conversations, History, Operations } from "./tabs";
import { Risk } from "./Risk";
import { Weaknesses } from "./Weaknesses";

const tabs = ["conversations", "operations", "objects", "addresses", "weaknesses", "risk", "history"] as const;

export default function DevicePage() {
  const { id = "" } = useParams();
  return <OneDevice key={id} id={id} />;
}

/** For its first answer: what failed once is asked again by what shows it, and nothing else waits for that. */
const waits = (query: { isPending: boolean; failureCount: number; errorUpdateCount: number }) => query.isPending && query.failureCount === 0 && query.errorUpdateCount === 0;

function OneDevice({ id }: { id: string }) {
  const { t, word } = useWords();
  const url = useUrl();
  const navigate = useNavigate();
  const { may } = useSession();
  const [correcting, setCorrecting] = useState(false);
  const query = useQuery({ queryKey: ["device", id], queryFn: ({ signal }) => call("get", "/devices/{device_id}", { path: { device_id: id }, signal }) });
  const device = query.data;
  // What stands below the matrix waits for it: nothing moves once it is on the screen.
  const peers = usePeers(id, false), ports = usePorts(id);
  const settled = !waits(peers) && !waits(ports) && device !== undefined;
  // So does what stands beside it for what is wrong with the network there.
  const health = useHealthOf(id);
  const beside = waits(health) ? undefined : device;
  const late = useLate(query.isPending);
  usePageTitle(device?.summary.name ?? t("nav.devices"));
  const evidence = url.get("evidence");
  useKeys({
    // A chosen row of the tab below has evidence of its own.
    e: () => { if (url.get("tab") === "objects" && url.get("sel")) return false; url.set({ evidence: evidence ? null : "all" }); return true; },
    m: () => navigate(`/map?sel=${encodeURIComponent(id)}`),
    Escape: () => { if (!evidence) return false; url.set({ evidence: null }); return true; },
  }, !correcting);

  if (query.error && !device)
    return query.error instanceof Problem && query.error.status === 404
      ? <State middle why={t("device.gone")} action={<Link className="btn" to="/devices">{t("device.toList")}</Link>} />
      : <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />;
  const row = device?.summary;
  const tab = (tabs as readonly string[]).includes(url.get("tab")) ? url.get("tab") as (typeof tabs)[number] : "conversations";
  return (
    <>
      <div className="head one" style={{ marginBottom: 12 }}>
        {row ? <RoleIcon role={row.role} size={28} /> : <Bone width={28} height={28} />}
        <div className="grow">
          {row ? (
            <>
              <div className="row" style={{ gap: 10, flexWrap: "wrap" }}>
                <h1>{row.name}</h1>
                <DeviceState state={row.state} />
                <ApprovalChip approval={row.approval} />
                {row.run_state && <Chip>{stateWords(row.run_state, t, word)}</Chip>}
                {row.corrected && <Chip>{t("device.corrected")}</Chip>}
              </div>
              <p className="t2 s13 facts">
                <span>{[row.vendor, row.product].filter(Boolean).join(" ") || t(`devicerole.${row.role}`)}</span>
                {row.address && <span className="mono">{row.address}</span>}
                {row.line && <Link className="acc" to={`/devices?line=${encodeURIComponent(row.line.id)}`}>{row.line.name}</Link>}
                <span>{t("device.lastSeen")} <When at={row.last_seen} as="ago" /></span>
                <span>{t("device.firstSeen")} <When at={row.first_seen} as="date" /></span>
              </p>
            </>
          ) : <><h1 className="unheard">{t("nav.devices")}</h1>{late && <><div style={{ height: 31 }}><Bone width={260} height={18} /></div><div className="facts bare" style={{ minHeight: 21 }}><Bone width={380} /></div></>}</>}
        </div>
        <Link className="btn" to={`/needs?view=stops&device=${encodeURIComponent(id)}`}>{t("device.stops")}</Link>
        <Link className="btn" to={`/map?sel=${encodeURIComponent(id)}`}>{t("device.onMap")}</Link>
        {may("device.edit")
          ? <button type="button" className="btn" disabled={!row} onClick={() => setCorrecting(true)}><Icon name="pen" />{t("do.edit")}</button>
          : <span className="t3 small" style={{ maxWidth: 160 }}>{t("devices.editBy")}</span>}
      </div>
      <div className="dv">
        <div className="col" style={{ gap: 14 }}>
          <Matrix id={id} />
          {settled && row && <DayStrip id={id} row={row} />}
          {settled && <Ports id={id} />}
          {settled && device && device.parts.length > 0 && <Parts parts={device.parts} />}
          {settled && <section className="panel" aria-label={t(`device.tab.${tab}` as Key)}>
            <div className="tabs" role="tablist" aria-label={t("device.tabs")}>
              {tabs.map((name) => <button key={name} type="button" role="tab" aria-selected={tab === name} onClick={() => url.set({ tab: name === "conversations" ? null : name, peer: null, act: null, q: null, written: null, sel: null, detail: null })}>{t(`device.tab.${name}` as Key)}</button>)}
            </div>
            {tab === "conversations" && <Conversations id={id} />}
            {tab === "operations" && <Operations id={id} />}
            {tab === "objects" && <div className="objtab"><Objects device={id} /></div>}
            {tab === "addresses" && (device ? <Addresses device={device} /> : <Bones rows={4} />)}
            {tab === "weaknesses" && <Weaknesses id={id} />}
            {tab === "risk" && <Risk id={id} />}
            {tab === "history" && <History id={id} />}
          </section>}
        </div>
        <div className="col" style={{ gap: 14 }}>
          {beside && row && <Approved row={row} />}
          {beside && <HealthOf device={id} />}
          {beside && (beside.ledger || beside.by_rule) && <FromLedger entry={beside.ledger} byRule={beside.by_rule ?? []} />}
          {/* With a key of its own while it waits: the facts stand below the ledger's, and nothing that was seen moves there. */}
          <Panel key={beside ? "facts" : "waiting"} title={t("device.facts")} right={<button type="button" className="btn q s" onClick={() => url.set({ evidence: "all" })}>{t("device.allEvidence")}</button>}>
            {beside ? <Facts device={beside} onOpen={(attribute) => url.set({ evidence: attribute })} /> : late ? <Bones rows={6} height={46} /> : <div style={{ height: 276 }} />}
          </Panel>
          {beside && beside.services.length > 0 && (
            <Panel title={t("device.services")} count={count(beside.services.length)}>
              <table className="id svc"><tbody>
                {beside.services.slice(0, 12).map((service, index) => (
                  <tr key={index}><td>{protocolName(service.protocol)}</td><td className="mono">{service.port !== undefined ? `${service.carrier ?? ""} ${service.port}`.trim() : service.carrier}</td><td className="r t3">{service.last_used && <Last at={service.last_used} />}</td></tr>
                ))}
              </tbody></table>
            </Panel>
          )}
          {beside && beside.neighbours.length > 0 && (
            <Panel title={t("device.neighbours")} count={count(beside.neighbours.length)}>
              <dl className="kv" style={{ gridTemplateColumns: "76px minmax(0, 1fr)" }}>
                {beside.neighbours.slice(0, 24).map((one, index) => [
                  <dt key={`t${index}`} className="cut" title={one.port}>{one.port ?? "–"}</dt>,
                  <dd key={`d${index}`} className="cut">{one.far.id ? <Link className="acc" to={`/devices/${encodeURIComponent(one.far.id)}`}>{one.far.name}</Link> : one.far.name}{one.far_port && <span className="t3"> · {one.far_port}</span>}</dd>,
                ])}
              </dl>
            </Panel>
          )}
        </div>
      </div>
      {evidence && row && <EvidenceDrawer device={id} name={row.name} {...(evidence === "all" ? {} : { attribute: evidence })} onClose={() => url.set({ evidence: null })} />}
      {correcting && row && <Correct row={row} facts={device.facts} addresses={device.addresses} onClose={() => setCorrecting(false)} />}
    </>
  );
}

const order: Schemas["Attribute"][] = ["vendor", "product", "firmware", "hardware", "serial", "name", "os", "mac", "ip", "role", "level", "line", "state", "location"];
const wanted: Schemas["Attribute"][] = ["vendor", "product", "firmware"];

function Facts({ device, onOpen }: { device: Schemas["Device"]; onOpen(attribute: string): void }) {
  const { t, word } = useWords();
  const place = (attribute: Schemas["Attribute"]) => { const at = order.indexOf(attribute); return at < 0 ? 99 : at; };
  // One value an attribute, and those that contradict it; equal ones of other sources are in the drawer.
  const groups = new Map<Schemas["Attribute"], Schemas["Fact"][]>();
  for (const fact of device.facts) {
    const list = groups.get(fact.attribute) ?? [];
    if (!list.some((one) => one.value === fact.value && one.chosen)) groups.set(fact.attribute, [...list.filter((one) => one.value !== fact.value || !fact.chosen), fact]);
  }
  const rows = [...groups].sort(([a], [b]) => place(a) - place(b));
  const missing = wanted.filter((attribute) => !groups.has(attribute));
  return (
    <>
      <table className="id"><tbody>
        {rows.map(([attribute, facts]) => [...facts].sort((a, b) => Number(b.chosen) - Number(a.chosen) || b.confidence - a.confidence).slice(0, 3).map((fact, index) => (
          <tr key={`${attribute}-${index}`} className="act" onClick={() => onOpen(attribute)}>
            <td>{index === 0 ? <button type="button" className="plain" onClick={(event) => { event.stopPropagation(); onOpen(attribute); }}>{word("attribute", attribute)}</button> : ""}</td>
            <td>
              <div className={fact.chosen ? `b wrap${attribute === "mac" || attribute === "ip" ? " mono" : ""}` : "t2 wrap"}>{attribute === "role" ? word("devicerole", fact.value) : fact.value}</div>
              <div className="small t3"><SourceLine fact={fact} /></div>
            </td>
            <td className="r"><Confidence value={fact.confidence} /></td>
          </tr>
        )))}
      </tbody></table>
      {missing.length > 0 && <p className="small t3 pad">{t("device.missing", { what: missing.map((attribute) => word("attribute", attribute)).join(t("list.comma")) })}</p>}
      <p className="small t3 pad row" style={{ flexWrap: "wrap", gap: "0 10px" }}>
        {[100, 70, 30].map((value, index) => <span key={value} className="nw"><Confidence value={value} /> {t(`confidence.${3 - index}` as Key)}</span>)}<span>{t("device.dots")}</span>
      </p>
    </>
  );
}
