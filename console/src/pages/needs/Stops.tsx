// What stops if a device, or a subnet, stops: who cannot go on, who gets no answers, whom nobody operates any more; with
// lines and owners, and what cannot be known.
import { Select } from "antd";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState, type ReactNode } from "react";
import { Link } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { protocolName } from "../../parts/Evidence";
import { Export } from "../../parts/filters";
import { Icon, Mark } from "../../parts/Icon";
import { Bone, Bones, Chip, Failed, Panel, State, useLate } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { When } from "../../parts/Time";
import { useUrl } from "../../parts/url";

type Stopped = Schemas["Stopped"];

export function Stops({ tabs }: { tabs: ReactNode }) {
  const { t } = useWords();
  const url = useUrl();
  const device = url.get("device"), subnet = url.get("subnet"), port = url.get("port");
  const asked = device !== "" || subnet !== "";
  const ask = useMemo(() => (subnet ? { subnet } : { device, ...(port ? { port } : {}) }), [device, port, subnet]);
  const query = useQuery({ queryKey: ["stops", ask], queryFn: ({ signal }) => call("get", "/stops", { query: ask, signal }), enabled: asked, placeholderData: keepPreviousData });
  const known = useQuery({ queryKey: ["device", device], queryFn: ({ signal }) => call("get", "/devices/{device_id}", { path: { device_id: device }, signal }), enabled: device !== "" && subnet === "" });
  const late = useLate(asked && query.isPending);
  const name = subnet || known.data?.summary.name || "";
  const data = asked ? query.data : undefined;
  const standing = data?.rows.filter((row) => row.stands).length ?? 0;
  return (
    <>
      <div className="head say">
        <Icon name="see" size={28} />
        <div className="grow">
          <h1>{!asked ? t("stops.ask") : !data || !name ? (late ? <Bone width={320} height={14} /> : " ") : data.total === 0 ? t("stops.nothing", { name }) : t("stops.sentence", { name, n: data.total, stands: standing })}</h1>
          <p className="t2 s13">{data?.begun ? <>{t("stops.seen")} <When at={data.begun} as="full" /> – <When at={data.now} as="full" /></> : t("stops.how")}</p>
        </div>
        {tabs}
      </div>
      <div className="tb stopbar"><Target name={known.data?.summary} /><span className="sp" />{asked && <Export path="/stops/export" query={ask} />}</div>
      {!asked ? null
        : query.error && !data ? <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : !data ? <Panel title={t("stops.who")}>{late ? <Bones rows={8} height={43} /> : <div style={{ height: 344 }} />}</Panel>
        : <Found data={data} />}
    </>
  );
}

function Target({ name }: { name: Schemas["DeviceRow"] | undefined }) {
  const { t } = useWords();
  const url = useUrl();
  const [typed, setTyped] = useState("");
  const [net, setNet] = useState(url.get("subnet"));
  const found = useQuery({ queryKey: ["devices", "stops", typed], queryFn: ({ signal }) => call("get", "/devices", { query: { ...(typed ? { q: typed } : {}), limit: 50, sort: "name" }, signal }), placeholderData: keepPreviousData });
  const rows = found.data?.devices ?? [];
  const options = [...(name && !rows.some((row) => row.id === name.id) ? [name] : []), ...rows].map((row) => ({ value: row.id, label: row.address && row.address !== row.name ? `${row.name} · ${row.address}` : row.name }));
  const good = /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(net);
  return (
    <>
      <Select showSearch value={url.get("subnet") ? undefined : url.get("device") || undefined} placeholder={t("stops.device")} aria-label={t("stops.device")} style={{ width: 300 }} filterOption={false} onSearch={setTyped} options={options} notFoundContent={t("palette.nothing")}
        onChange={(device: string) => { setNet(""); url.set({ device, subnet: null, port: null }, "push"); }} />
      <form className="row" style={{ gap: 6 }} onSubmit={(event) => { event.preventDefault(); if (good) url.set({ subnet: net, device: null, port: null }, "push"); }}>
        <label className="row s13 t2" style={{ gap: 6 }}>{t("stops.subnet")}<input className="input s mono" style={{ width: 150 }} value={net} placeholder="10.1.2.0/24" onChange={(event) => setNet(event.target.value)} /></label>
        <button type="submit" className="btn" disabled={!good}>{t("stops.look")}</button>
      </form>
    </>
  );
}

function Found({ data }: { data: Schemas["Stops"] }) {
  const { t } = useWords();
  const direct = data.rows.filter((row) => row.depth === 1), further = data.rows.filter((row) => row.depth > 1);
  return (
    <div className="dv">
      <div className="col" style={{ gap: 14 }}>
        {data.total === 0 ? <Panel title={t("stops.who")}><State why={t("stops.nobody")} /></Panel> : <>
          <Panel title={t("stops.direct")} count={count(direct.length)}><Rows rows={direct} /></Panel>
          {further.length > 0 && <Panel title={t("stops.further")} count={count(further.length)}><Rows rows={further} via /></Panel>}
        </>}
      </div>
      <div className="col" style={{ gap: 14 }}>
        {data.lines.length > 0 && (
          <Panel title={t("stops.lines")}>
            <ul className="actlist">{data.lines.map((one, at) => (
              <li key={one.line?.id ?? at}>
                <div className="row" style={{ gap: 8, flexWrap: "nowrap" }}><span className="b cut">{one.line?.name ?? t("needs.noLine")}</span><span className="sp" /><span className="t2 small nw">{t("stops.devices", { n: one.devices })}</span></div>
                {one.stands > 0 && <div className="small"><Mark severity="low" /> {t("stops.standing", { n: one.stands })}</div>}
                <div className="l2 cut">{one.owners.length > 0 ? one.owners.join(t("list.comma")) : t("stops.noOwner")}</div>
              </li>
            ))}</ul>
          </Panel>
        )}
        <Panel title={t("stops.notKnown")}>
          <ul className="goods t2 s13" style={{ padding: "0 16px 10px" }}>
            {data.unknown.map((one) => <li key={one} className="row"><span className="t3" aria-hidden="true">·</span><span>{t(`stopunknown.${one}`)}</span></li>)}
            <li className="row"><span className="t3" aria-hidden="true">·</span><span>{t("stopunknown.unseen")}</span></li>
            <li className="row"><span className="t3" aria-hidden="true">·</span><span>{t("stopunknown.wires")}</span></li>
          </ul>
        </Panel>
        {data.stop_count > 1 && (
          <Panel title={t("stops.stopping")} count={count(data.stop_count)}>
            <ul className="actlist">{data.stops.slice(0, 30).map((one, at) => <li key={one.id ?? at}><Ref of={one} /></li>)}</ul>
            {data.stop_count > 30 && <p className="small t3 pad">{t("stops.more", { n: data.stop_count - 30 })}</p>}
          </Panel>
        )}
      </div>
    </div>
  );
}

function Rows({ rows, via }: { rows: Stopped[]; via?: boolean }) {
  const { t, word } = useWords();
  return (
    <div className="ltbox" tabIndex={0} role="region" aria-label={t("table.scroll")}>
      <table className="lt words">
        <thead><tr><th>{t("stops.who")}</th><th>{t("stops.what")}</th><th>{t("stops.line")}</th><th>{t("needs.owner")}</th></tr></thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={row.device.id ?? at}>
              <td><Ref of={row.device} second /></td>
              <td>
                {row.stands && <Chip kind="low" mark="low">{t("stops.stands")}</Chip>}{row.other && <Chip>{t("stops.other")}</Chip>}
                {row.reasons.map((reason, index) => (
                  <div key={index} className="wrap s13">
                    {word("stopwhy", reason.why)}: {t(`purpose.${reason.purpose}`)} <span className="t3">{reason.protocol ? protocolName(reason.protocol) : ""}{reason.port ? ` ${reason.port}` : ""} · <When at={reason.last} as="date" /></span>
                  </div>
                ))}
                {via && row.via.length > 0 && <div className="l2">{t("stops.via", { name: row.via.map((one) => one.name).join(t("list.comma")) })}</div>}
              </td>
              <td>{row.line ? <Link to={`/needs?line=${encodeURIComponent(row.line.id)}`}>{row.line.name}</Link> : <span className="t3">{t("needs.noLine")}</span>}</td>
              <td>{row.owner?.owner ?? <span className="t3">–</span>}{(row.owner?.department || row.owner?.contact) && <div className="l2">{[row.owner.department, row.owner.contact].filter(Boolean).join(" · ")}</div>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
