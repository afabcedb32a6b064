// What is selected, in words: a device, a pair, or with nothing selected the legend and the totals.
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { DeviceState } from "../../parts/DeviceState";
import { newness, step } from "../../parts/effects";
import { protocolName } from "../../parts/Evidence";
import { Icon, Mark, RoleIcon } from "../../parts/Icon";
import { When } from "../../parts/Time";
import { pageOf, type Bundle, type Graph, type Node } from "./model";

export function Inspector({ graph, data, selected, onSelect, onFold, onClose }: { graph: Graph; data: Schemas["Map"] | undefined; selected: string; onSelect(id: string): void; onFold(id: string): void; onClose(): void }) {
  const { t } = useWords();
  const node = graph.nodes.find((one) => one.id === selected);
  const bundle = graph.bundles.find((one) => one.id === selected);
  return (
    <aside className="mi" aria-label={t("map.inspector")}>
      {(node || bundle) && <button type="button" className="iconbtn shut" aria-label={t("do.close")} onClick={onClose}><Icon name="close" /></button>}
      {node ? <NodeInfo node={node} graph={graph} onSelect={onSelect} onFold={onFold} /> : bundle ? <PairInfo bundle={bundle} graph={graph} onSelect={onSelect} /> : <Totals data={data} graph={graph} />}
      <Legend />
    </aside>
  );
}

function Acts({ acts }: { acts: Schemas["ActCount"][] }) {
  const { t, word } = useWords();
  if (acts.length === 0) return <p className="t3 s13">{t("map.noActs")}</p>;
  return (
    <table style={{ marginTop: 4 }}><tbody>
      {acts.slice(0, 14).map((act) => (
        <tr key={act.act}>
          <td style={{ padding: "3px 0" }}><span className="row" style={{ gap: 6 }}><i className={`step ${step[act.effect]}`} aria-hidden="true" />{word("act", act.act)}</span></td>
          <td className="r">{count(act.count)}</td>
          <td className="r" style={{ paddingLeft: 10, width: 72 }}>{act.is_new && <span className={`first ${newness(act.effect)}`}><Mark severity={newness(act.effect)} /> {t("map.first")}</span>}</td>
        </tr>
      ))}
    </tbody></table>
  );
}

function PairInfo({ bundle, graph, onSelect }: { bundle: Bundle; graph: Graph; onSelect(id: string): void }) {
  const { t } = useWords();
  const a = graph.nodes.find((node) => node.id === bundle.a), b = graph.nodes.find((node) => node.id === bundle.b);
  if (!a || !b) return null;
  const page = pageOf(b), other = pageOf(a);
  return (
    <>
      <div className="mis">
        <div className="row top">{bundle.loud && <Mark severity={bundle.loud} size={18} />}<h2 className="wrap">{a.name} → {b.name}</h2></div>
        <p className="t2 s13">{bundle.protocols.map(protocolName).join(", ")}{bundle.last && <> · {t("talk.last")} <When at={bundle.last} /></>}</p>
        {bundle.oneSided && <p className="s13 row t2"><span className="hatch hatchbox" aria-hidden="true" />{t("map.oneSided")}</p>}
        {bundle.pairs.length > 1 && <p className="s13 t2">{t("map.pairs", { n: bundle.pairs.length })}</p>}
        {page && <div className="row" style={{ marginTop: 8 }}><Link className={bundle.loud === "crit" ? "btn p s" : "btn s"} to={`/devices/${encodeURIComponent(page)}?tab=operations${other ? `&peer=${encodeURIComponent(other)}` : ""}`}>{t("map.seeOperations")}</Link></div>}
      </div>
      <div className="mis"><h2>{t("map.acts")}</h2><Acts acts={bundle.acts} /></div>
      <div className="mis">
        {[a, b].map((node) => <button key={node.id} type="button" className="plain row peer" onClick={() => onSelect(node.id)}><RoleIcon role={node.role} /><span className="cut">{node.name}</span>{node.devices.length > 1 && <span className="t3">×{node.devices.length}</span>}</button>)}
      </div>
    </>
  );
}

function NodeInfo({ node, graph, onSelect, onFold }: { node: Node; graph: Graph; onSelect(id: string): void; onFold(id: string): void }) {
  const { t } = useWords();
  const id = pageOf(node);
  const query = useQuery({ queryKey: ["device", id], queryFn: ({ signal }) => call("get", "/devices/{device_id}", { path: { device_id: id ?? "" }, signal }), enabled: id !== undefined });
  const bundles = graph.bundles.filter((bundle) => bundle.a === node.id || bundle.b === node.id).sort((one, two) => two.messages - one.messages);
  const device = node.devices[0];
  const row = query.data?.summary;
  const many = node.devices.length;
  return (
    <>
      <div className="mis">
        <div className="row top">{node.mark ? <Mark severity={node.mark} size={18} /> : <RoleIcon role={node.role} size={20} />}<h2 className="wrap">{many > 1 ? t("map.folded", { name: node.name, n: many }) : node.name}</h2></div>
        {many === 1 && device && <div style={{ marginTop: 4 }}><DeviceState state={device.state} /></div>}
        <dl className="kv" style={{ padding: "8px 0 0", gridTemplateColumns: "84px minmax(0, 1fr)" }}>
          <dt>{t("column.role")}</dt><dd>{t(`devicerole.${node.role}`)}</dd>
          {device?.product && many === 1 && <><dt>{t("column.product")}</dt><dd>{[row?.vendor, device.product].filter(Boolean).join(" ")}</dd></>}
          {device?.address && many === 1 && <><dt>{t("address.address")}</dt><dd className="mono">{device.address}</dd></>}
          {row?.line && <><dt>{t("column.line")}</dt><dd>{row.line.name}</dd></>}
          <dt>{t("column.level")}</dt><dd>{node.level ? <span className="lv">{node.level}</span> : t("level.none")}</dd>
          {row && <><dt>{t("device.lastSeen")}</dt><dd><When at={row.last_seen} as="ago" /></dd></>}
          <dt>{t("map.peers")}</dt><dd>{t("unit.devices", { n: bundles.length })}</dd>
        </dl>
        <div className="row" style={{ marginTop: 10, flexWrap: "wrap" }}>
          {id && <Link className="btn s" to={`/devices/${encodeURIComponent(id)}`}>{t("map.openDevice")}</Link>}
          {many > 1 && <button type="button" className="btn s" onClick={() => onFold(node.id)}>{t("map.unfold")}</button>}
        </div>
      </div>
      {many > 1 && <div className="mis"><ul>{node.devices.slice(0, 12).map((one) => <li key={one.id}><Link className="row peer" to={`/devices/${encodeURIComponent(one.id)}`}><RoleIcon role={one.role} /><span className="cut grow">{one.name}</span><span className="mono t3 small">{one.address !== one.name ? one.address : ""}</span></Link></li>)}</ul>{many > 12 && <p className="t3 small">{t("change.rest", { n: many - 12 })}</p>}</div>}
      {bundles.length > 0 && (
        <div className="mis"><h2>{t("map.peers")}</h2>
          <ul>{bundles.slice(0, 12).map((bundle) => {
            const peer = graph.nodes.find((one) => one.id === (bundle.a === node.id ? bundle.b : bundle.a));
            return peer && <li key={bundle.id}><button type="button" className="plain row peer" onClick={() => onSelect(bundle.id)}><RoleIcon role={peer.role} /><span className="cut grow">{peer.name}</span>{bundle.loud && <Mark severity={bundle.loud} />}<i className={`step ${step[bundle.effect]}`} title={t(`effect.${bundle.effect}`)} /></button></li>;
          })}</ul>
          {bundles.length > 12 && <p className="t3 small">{t("change.rest", { n: bundles.length - 12 })}</p>}
        </div>
      )}
    </>
  );
}

function Totals({ data, graph }: { data: Schemas["Map"] | undefined; graph: Graph }) {
  const { t } = useWords();
  const loud = graph.bundles.filter((bundle) => bundle.loud).length;
  return (
    <div className="mis">
      <h2>{t("map.all")}</h2>
      <dl className="kv" style={{ padding: "6px 0 0", gridTemplateColumns: "minmax(0, 1fr) auto" }}>
        <dt>{t("nav.devices")}</dt><dd className="r">{data ? count(data.devices_total) : ""}</dd>
        <dt>{t("map.conversations")}</dt><dd className="r">{data ? count(data.conversations_total) : ""}</dd>
        <dt>{t("map.pairsNew")}</dt><dd className="r">{count(loud)}</dd>
      </dl>
      {data && data.nodes.length < data.devices_total && <p className="s13 t2" style={{ marginTop: 6 }}>{t("map.cut", { n: data.devices_total, shown: data.nodes.length })}</p>}
      <p className="s13 t3" style={{ marginTop: 6 }}>{t("map.how")}</p>
    </div>
  );
}

function Legend() {
  const { t } = useWords();
  const line = (color: string, width: number, words: string, dash?: string) => <span className="row small t2" style={{ gap: 6 }}><svg width="26" height="8" aria-hidden="true"><path d="M0 4h26" stroke={`var(--${color})`} strokeWidth={width} strokeDasharray={dash} /></svg>{words}</span>;
  return (
    <div className="mis legendbox">
      <h2>{t("map.legend")}</h2>
      {line("e1", 1.4, t("map.legendObserve"))}{line("e1", 3, t("map.legendCyclic"))}{line("e2", 2, t("map.legendWrite"))}{line("e4", 2.2, t("map.legendProgram"))}{line("crit", 2.6, t("map.legendNew"))}{line("e1", 1.4, t("talk.oneSided"), "5 3")}
      <span className="row small t2" style={{ gap: 6 }}><i className="hatch" style={{ width: 26, height: 12, border: "1px dashed var(--line2)", display: "inline-block" }} />{t("map.legendUnseen")}</span>
    </div>
  );
}
