// "What do I do first?" Four steps on one page; each folds when it is done and may be left for later.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router-dom";
import { call } from "../../api/client";
import { useSession } from "../../api/session";
import { useSite } from "../../app/Shell";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { Mark, RoleIcon } from "../../parts/Icon";
import { Bones, useComplaint, usePageTitle } from "../../parts/parts";
import { useNow } from "../../parts/Time";
import { addUploads } from "../capture/uploads";
import { Lines } from "../settings/Lines";
import { Site } from "../settings/Site";
import { App } from "antd";
import { Uploading } from "./Uploading";

export default function FirstRun() {
  const { t } = useWords();
  const { may } = useSession();
  const site = useSite();
  const client = useQueryClient();
  const navigate = useNavigate();
  usePageTitle(t("first.title"));
  const [skipped, setSkipped] = useState<ReadonlySet<number>>(new Set());
  const [opened, setOpened] = useState<number | null>(null);
  const first = site.data?.first_run;
  // While nothing has arrived the page looks by itself; events make it faster.
  const devices = useQuery({ queryKey: ["devices", "first"], queryFn: ({ signal }) => call("get", "/devices", { query: { limit: 5, sort: "first_seen", order: "asc" }, signal }), refetchInterval: 3000 });
  const total = devices.data?.total ?? first?.devices ?? 0;
  const { refetch } = site;
  useEffect(() => {
    const timer = setInterval(() => void refetch(), 5000);
    return () => clearInterval(timer);
  }, [refetch]);
  if (!site.data || !first) return <Bones rows={8} />;
  const done = [first.named, first.packets || total > 0, total > 0, first.lines > 0];
  const next = done.findIndex((one, index) => !one && !skipped.has(index));
  const open = opened ?? next;
  const skip = (index: number) => { setSkipped(new Set([...skipped, index])); setOpened(null); };
  const finish = () => {
    const leave = () => navigate("/");
    if (!may("setting.edit") || !site.data.name) { leave(); return; }
    void call("put", "/site", { body: { name: site.data.name, time_zone: site.data.time_zone, dismissed: true } })
      .then((answer) => client.setQueryData(["site"], answer)).catch(() => undefined).then(leave);
  };
  const step = (index: number, title: string, told: string, body: ReactNode) => (
    <li className="panel stepbox">
      <div className="row" style={{ gap: 12 }}>
        {done[index] ? <Mark severity="ok" size={18} /> : <span className="lv">{index + 1}</span>}
        <h2>{title}</h2>
        <span className="t3 s13 cut">{done[index] ? told : ""}</span><span className="sp" />
        {open !== index ? <button type="button" className="btn q s" onClick={() => setOpened(index)}>{done[index] ? t("first.change") : t("first.open")}</button>
          : !done[index] && <button type="button" className="btn q s" onClick={() => skip(index)}>{t("do.skip")}</button>}
      </div>
      {open === index && <div className="stepin">{body}</div>}
    </li>
  );
  return (
    <div className="first">
      <div className="head"><div className="grow"><h1>{t("first.title")}</h1><p className="t2">{t("first.what")}</p></div>
        <button type="button" className={total > 0 ? "btn p" : "btn"} onClick={finish}>{total > 0 ? t("first.finish") : t("first.leave")}</button></div>
      <ol>
        {step(0, t("first.site"), site.data.name, may("setting.edit") ? <Site site={site.data} onDone={() => setOpened(null)} /> : <p className="t3 s13">{t("first.adminOnly")}</p>)}
        {step(1, t("first.where"), t("first.packetsArrive"), <Where onPacketsYet={first.packets} />)}
        {step(2, t("first.devices"), t("unit.devices", { n: total }), (
          <>
            <p className="big" aria-live="polite">{count(total)}<span className="t2 s13"> {t("first.devicesSeen")}</span></p>
            {total === 0 ? <p className="t3 s13">{t("first.waiting")}</p> : (
              <ul className="firstfive">{(devices.data?.devices ?? []).slice(0, 5).map((row) => <li key={row.id} className="row"><RoleIcon role={row.role} size={20} /><Link className="cut" to={`/devices/${encodeURIComponent(row.id)}`}>{row.name}</Link><span className="t3 small">{t(`devicerole.${row.role}`)}</span></li>)}</ul>
            )}
          </>
        ))}
        {step(3, t("first.lines"), t("first.linesNamed", { n: first.lines }), <Lines compact />)}
      </ol>
    </div>
  );
}

function Where({ onPacketsYet }: { onPacketsYet: boolean }) {
  const { t } = useWords();
  const { may } = useSession();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const [since] = useState(() => Date.now());
  const now = useNow(10);
  const sensors = useQuery({ queryKey: ["sensors"], queryFn: ({ signal }) => call("get", "/sensors", { signal }), enabled: may("sensor.look"), refetchInterval: 5000 });
  const list = sensors.data?.sensors ?? [];
  const long = !onPacketsYet && (now.getTime() - since > 600_000 || list.some((sensor) => sensor.state === "silent" && sensor.since && now.getTime() - Date.parse(sensor.since) > 600_000));
  const sample = async () => {
    try {
      await call("post", "/sample");
      void message.success(t("first.sampleBegun"));
    } catch (error) {
      void message.error(complaint(error));
    }
  };
  return (
    <div className="col" style={{ gap: 12 }}>
      <div className="ways">
        <div><div className="b">{t("first.wayCapture")}</div><p className="s13 t2">{t("first.wayCaptureWhat")}</p>
          {may("capture.upload") ? <label className="btn p">{t("upload.choose")}<input type="file" className="unheard" multiple accept=".pcap,.pcapng,.cap,.gz,.zst,application/octet-stream" onChange={(event) => addUploads([...(event.target.files ?? [])])} /></label> : <span className="t3 s13">{t("upload.noRight")}</span>}</div>
        <div><div className="b">{t("first.waySample")}</div><p className="s13 t2">{t("first.waySampleWhat")}</p>
          {may("capture.upload") && <button type="button" className="btn" onClick={() => void sample()}>{t("upload.sample")}</button>}</div>
        <div><div className="b">{t("first.waySensor")}</div><p className="s13 t2">{t("first.waySensorWhat")}</p>
          {list.length > 0 ? <ul className="s13">{list.map((sensor) => <li key={sensor.id} className="row"><Mark severity={sensor.state === "receiving" ? "ok" : "low"} />{sensor.name} <span className="mono t3">{sensor.interface}</span> <span className="t3">{t(`sensorstate.${sensor.state}`)}</span></li>)}</ul> : <span className="t3 s13">{t("sensor.none")}</span>}</div>
      </div>
      <Uploading />
      {long && <Span />}
    </div>
  );
}

/** Ten minutes without a packet: how a SPAN port is meant, and three things to check. */
function Span() {
  const { t } = useWords();
  return (
    <div className="notice" style={{ gap: 20 }}>
      <svg width="220" height="120" role="img" aria-label={t("first.spanPicture")} style={{ flex: "none", margin: 0 }}>
        <g fill="none" stroke="var(--t2)" strokeWidth="1.6" strokeLinejoin="round" strokeLinecap="round">
          <rect x="70" y="48" width="80" height="24" rx="3" />
          <path d="M80 60v.1M92 60v.1M104 60v.1M116 60v.1M128 60v.1M140 60v.1M92 48V26H40M116 48V26H180" />
          <rect x="14" y="16" width="26" height="20" rx="2" /><rect x="180" y="16" width="26" height="20" rx="2" />
          <path d="M140 72v22" stroke="var(--accent)" strokeWidth="2.2" /><path d="M135 88l5 7 5-7" stroke="var(--accent)" /><rect x="116" y="97" width="48" height="18" rx="2" stroke="var(--accent)" />
        </g>
        <text x="27" y="50" textAnchor="middle">PLC</text><text x="193" y="50" textAnchor="middle">HMI</text><text x="62" y="64" textAnchor="end">SW</text><text x="140" y="110" textAnchor="middle" className="tx1">Yagura</text><text x="148" y="86">SPAN</text>
      </svg>
      <div><p className="b">{t("first.spanWhy")}</p><ol className="checks"><li>{t("first.span1")}</li><li>{t("first.span2")}</li><li>{t("first.span3")}</li></ol></div>
    </div>
  );
}
