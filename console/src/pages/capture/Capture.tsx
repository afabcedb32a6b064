// "Can I believe what I see?" Sensors and their health, uploads, and where nobody can see.
import { App, Popconfirm } from "antd";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type DragEvent } from "react";
import { useLocation } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { bitRate, bytes, count, duration, percent, short } from "../../format/numbers";
import { useLook, useWords } from "../../look/look";
import { Icon, Mark, type Severity } from "../../parts/Icon";
import { Bones, Chip, CoverageLine, Failed, NoneFound, Panel, State, useComplaint, useLate, useNarrow, usePageTitle } from "../../parts/parts";
import { useNow, When } from "../../parts/Time";
import type { Key } from "../../words/words";
import { SensorHistory } from "./SensorHistory";
import { Sight } from "./Sight";
import { addUploads, cancelUpload, forgetUpload, useUploads, type Running } from "./uploads";

export default function Capture() {
  const { t } = useWords();
  usePageTitle(t("nav.capture"));
  const place = useLocation();
  const narrow = useNarrow();
  const sensors = useQuery({ queryKey: ["sensors"], queryFn: ({ signal }) => call("get", "/sensors", { signal }), refetchInterval: 30_000 });
  const spots = useQuery({ queryKey: ["blind-spots"], queryFn: ({ signal }) => call("get", "/blind-spots", { signal }) });
  const sight = useQuery({ queryKey: ["sensors", "sight"], queryFn: ({ signal }) => call("get", "/sight", { signal }), refetchInterval: 60_000 });
  const late = useLate(sensors.isPending);
  const loaded = !sensors.isPending && !spots.isPending && !sight.isPending;
  useEffect(() => {
    if (place.hash && loaded) document.getElementById(place.hash.slice(1))?.scrollIntoView({ block: "start" });
  }, [place.hash, loaded]);

  const summary = sensors.data?.summary;
  const open = (spots.data?.blind_spots ?? []).filter((spot) => !spot.until).length;
  const sentence = !summary ? "" : summary.total === 0 ? t("capture.noSensor")
    : summary.dropped_share === undefined ? t("capture.sentence", { n: summary.receiving, total: summary.total })
    : t("capture.sentenceDrops", { n: summary.receiving, total: summary.total, drops: percent(summary.dropped_share) });
  const calm = summary && (summary.total === 0 || summary.receiving === summary.total);
  return (
    <>
      <div className="head">
        {summary ? <Mark severity={summary.total === 0 ? "low" : calm ? "ok" : "med"} size={24} /> : <span style={{ width: 26 }} />}
        <div className="grow"><h1>{sentence || t("nav.capture")}</h1><p className="t2">{spots.data ? t("capture.second", { n: open }) : " "}</p></div>
      </div>
      <div className="cap">
        <div className="col" style={{ gap: 14 }}>
          <Panel title={t("capture.sensors")} {...(summary ? { count: count(summary.total) } : {})}>
            {sensors.error && !sensors.data ? <Failed error={sensors.error} since={sensors.errorUpdatedAt} onAgain={() => void sensors.refetch()} />
              : !sensors.data ? (late ? <Bones rows={5} /> : <div style={{ height: 170 }} />)
              : sensors.data.sensors.length === 0 ? <State why={t("capture.noSensorWhy")} />
              : <ul>{sensors.data.sensors.map((sensor) => <SensorCard key={sensor.id} sensor={sensor} />)}</ul>}
          </Panel>
          {!sensors.isPending && <Sight query={sight} />}
          {!sensors.isPending && !sight.isPending && <BlindSpots query={spots} />}
        </div>
        <div className="col" style={{ gap: 14 }} id="captures">{(!narrow || loaded) && <Uploads />}</div>
      </div>
    </>
  );
}

const stateMark: Record<Schemas["SensorState"], Severity> = { receiving: "ok", silent: "med", late: "med", lost: "high", stopped: "low" };

function SensorCard({ sensor }: { sensor: Schemas["Sensor"] }) {
  const { t } = useWords();
  const { lang } = useLook();
  const now = useNow(2);
  const [open, setOpen] = useState(false);
  const usual = sensor.state === "receiving";
  const value = (label: Key, text: React.ReactNode, title?: string) => <div title={title}><dt>{t(label)}</dt><dd>{text}</dd></div>;
  const nothing = <span className="t3">–</span>;
  return (
    <li className="sensor">
      <div className="row">
        <Mark severity={stateMark[sensor.state]} />
        <span className="b">{sensor.name}</span>{sensor.interface && <span className="mono t3">{sensor.interface}</span>}
        {usual ? <span className="t3 small">{t("sensorstate.receiving")}</span> : <Chip kind={stateMark[sensor.state]}>{t(`sensorstate.${sensor.state}`)}</Chip>}
        {sensor.one_sided && <span className="chip"><span className="hatch hatchbox" style={{ width: 14 }} aria-hidden="true" /><span>{t("talk.oneSided")}</span></span>}
        <span className="sp" />
        <button type="button" className="btn q s" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? t("capture.hideDay") : t("capture.showDay")}</button>
      </div>
      <dl className="numbers">
        {value("sensor.packets", sensor.packets_per_second === undefined ? nothing : t("sensor.perSecond", { n: sensor.packets_per_second < 10 ? Math.round(sensor.packets_per_second * 10) / 10 : short(Math.round(sensor.packets_per_second)) }), sensor.packets === undefined ? undefined : t("unit.packets", { n: sensor.packets }))}
        {value("sensor.volume", sensor.bytes_per_second === undefined ? nothing : bitRate(sensor.bytes_per_second * 8, lang))}
        {value("sensor.drops", sensor.dropped_share === undefined ? (sensor.dropped === undefined ? nothing : count(sensor.dropped)) : percent(sensor.dropped_share), sensor.dropped === undefined ? undefined : t("unit.packets", { n: sensor.dropped }))}
        {value("sensor.clock", sensor.clock_offset_ms === undefined ? nothing : duration(sensor.clock_offset_ms / 1000, lang))}
        {value("sensor.lastPacket", sensor.last_packet ? <When at={sensor.last_packet} as="ago" now={now} /> : nothing)}
      </dl>
      {open && <SensorHistory id={sensor.id} />}
    </li>
  );
}

function BlindSpots({ query }: { query: { data: Schemas["BlindSpotList"] | undefined; isPending: boolean; error: unknown; errorUpdatedAt: number; refetch(): unknown } }) {
  const { t } = useWords();
  const late = useLate(query.isPending);
  const list = query.data?.blind_spots ?? [];
  return (
    <section className="panel" id="blind-spots" aria-label={t("capture.blind")}>
      <div className="ph"><h2>{t("capture.blind")} <span className="c">{query.data ? count(list.length) : ""}</span></h2></div>
      {query.error && !query.data ? <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : query.isPending ? (late ? <Bones rows={3} height={56} /> : <div style={{ height: 168 }} />)
        : list.length === 0 ? <NoneFound covered />
        : (
          <ul>
            {list.map((spot) => (
              <li key={spot.id} className="spot">
                <span className="hatch spotbox" aria-hidden="true" />
                <div className="grow">
                  <div className="b">{spot.line?.name ?? spot.source ?? (spot.subnet ? <span className="mono">{spot.subnet}</span> : t(`blind.${spot.kind}` as Key))}</div>
                  <div className="s13 t2">{t(`blind.${spot.kind}` as Key)}{spot.subnet && (spot.line || spot.source) ? <> · <span className="mono">{spot.subnet}</span></> : null}{spot.count ? <> · {t("unit.times", { n: spot.count })}</> : null}</div>
                  <div className="small t3"><When at={spot.since} />{spot.until ? <> – <When at={spot.until} /></> : <> {t("blind.since")}</>} · {t(`blind.${spot.kind}.next` as Key)}</div>
                </div>
                {spot.seen !== undefined && <div className="row" style={{ width: 150 }}><span className="grow"><CoverageLine share={spot.seen} /></span><span className="small r" style={{ width: 48 }}>{percent(spot.seen)}</span></div>}
              </li>
            ))}
          </ul>
        )}
    </section>
  );
}

function Uploads() {
  const { t } = useWords();
  const { lang } = useLook();
  const { may } = useSession();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const uploads = useUploads();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const query = useInfiniteQuery({
    queryKey: ["captures", "pages"],
    queryFn: ({ pageParam, signal }) => call("get", "/captures", { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor,
    // Reading tells its progress by events; this is for when one is missed.
    refetchInterval: (state) => (state.state.data?.pages.some((page) => page.captures.some(busy)) ? 1500 : false),
  });
  const late = useLate(query.isPending);
  const list = query.data?.pages.flatMap((page) => page.captures) ?? [];
  const limit = query.data?.pages[0]?.limit_bytes;

  // What has been sent is in the center's list from now on.
  const sent = uploads.filter((one) => one.state === "sent").length;
  useEffect(() => {
    if (sent > 0) void client.invalidateQueries({ queryKey: ["captures"] });
  }, [sent, client]);

  const add = (files: FileList | null) => {
    const all = [...(files ?? [])];
    const fitting = all.filter((file) => limit === undefined || file.size <= limit);
    if (fitting.length < all.length) void message.error(t("upload.tooLarge", { limit: bytes(limit ?? 0, lang) }));
    addUploads(fitting);
    if (input.current) input.current.value = "";
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    add(event.dataTransfer.files);
  };
  const sample = async () => {
    try {
      await call("post", "/sample");
      void client.invalidateQueries({ queryKey: ["captures"] });
    } catch (error) {
      void message.error(complaint(error));
    }
  };
  const remove = async (capture: Schemas["Capture"]) => {
    try {
      await call("delete", "/captures/{capture_id}", { path: { capture_id: capture.id } });
      void message.success(t("upload.removed", { name: capture.name }));
      void client.invalidateQueries();
    } catch (error) {
      void message.error(complaint(error));
    }
  };
  const known = new Set(list.map((capture) => capture.id));
  // What this browser sends has a row of its own, with the time that is left.
  const elsewhere = list.filter((capture) => capture.state !== "receiving" || !uploads.some((one) => one.state === "sending" && one.name === capture.name && one.size === capture.bytes));
  const running = uploads.filter((one) => one.state !== "sent" || !one.capture || !known.has(one.capture.id));
  return (
    <Panel title={t("capture.captures")}>
      {may("capture.upload") ? (
        <div className={over ? "drop over" : "drop"} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
          <Icon name="upload" size={24} />
          <div className="grow">
            <div>{t("upload.drop")}</div>
            <div className="small t3">.pcap .pcapng .gz .zst{limit !== undefined && <> · {t("upload.limit", { limit: bytes(limit, lang) })}</>}</div>
          </div>
          <input ref={input} type="file" hidden multiple accept=".pcap,.pcapng,.cap,.gz,.zst,application/octet-stream" onChange={(event) => add(event.target.files)} aria-hidden="true" tabIndex={-1} />
          <button type="button" className="btn p" onClick={() => input.current?.click()}>{t("upload.choose")}</button>
          <button type="button" className="btn" onClick={() => void sample()}>{t("upload.sample")}</button>
        </div>
      ) : <p className="pad t3 s13">{t("upload.noRight")}</p>}
      <ul aria-label={t("capture.captures")}>
        {running.map((one) => <Sending key={one.id} one={one} />)}
        {elsewhere.map((capture) => <CaptureRow key={capture.id} capture={capture} mayRemove={may("capture.delete")} onRemove={() => void remove(capture)} />)}
      </ul>
      {query.error && !query.data ? <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : query.isPending ? (late ? <Bones rows={3} height={64} /> : <div style={{ height: 192 }} />)
        : list.length + running.length === 0 && <State why={t("upload.none")} />}
      {query.hasNextPage && <button type="button" className="btn q s" style={{ margin: "6px 10px 10px" }} onClick={() => void query.fetchNextPage()}>{t("do.more")}</button>}
    </Panel>
  );
}

const busy = (capture: Schemas["Capture"]) => ["receiving", "waiting", "reading", "removing"].includes(capture.state);

function Sending({ one }: { one: Running }) {
  const { t } = useWords();
  const { lang } = useLook();
  const complaint = useComplaint();
  const share = one.size > 0 ? one.sent / one.size : 0;
  const spent = (Date.now() - one.began) / 1000;
  const left = share > 0.02 && spent > 1 ? spent / share - spent : null;
  return (
    <li className="capture">
      <div className="row"><Icon name="file" /><span className="b cut">{one.name}</span><span className="sp" />
        {one.state === "sending" || one.state === "waiting"
          ? <button type="button" className="btn q s" onClick={() => cancelUpload(one.id)}>{t("upload.cancel")}</button>
          : <button type="button" className="iconbtn" aria-label={t("do.close")} onClick={() => forgetUpload(one.id)}><Icon name="close" /></button>}
      </div>
      {one.state === "sending" && <>
        <div className="progress" role="progressbar" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)} aria-label={one.name}><i style={{ width: `${share * 100}%` }} /></div>
        <div className="small t3">{t("upload.sending", { sent: bytes(one.sent, lang), size: bytes(one.size, lang) })}{left !== null && <> · {t("upload.left", { time: duration(Math.max(1, Math.round(left)), lang) })}</>} · {t("upload.goesOn")}</div>
      </>}
      {one.state === "waiting" && <div className="small t3">{t("upload.waits", { size: bytes(one.size, lang) })}</div>}
      {one.state === "cancelled" && <div className="small t2">{t("upload.cancelled")}</div>}
      {one.state === "sent" && <div className="small t2">{t("capturestate.waiting")}</div>}
      {one.state === "failed" && <div className="small t1" role="alert"><Mark severity="low" /> {t("upload.failed")} {complaint(one.problem)}</div>}
    </li>
  );
}

function CaptureRow({ capture, mayRemove, onRemove }: { capture: Schemas["Capture"]; mayRemove: boolean; onRemove(): void }) {
  const { t } = useWords();
  const { lang } = useLook();
  const share = capture.bytes > 0 ? (capture.state === "receiving" ? capture.received : (capture.bytes_read ?? 0)) / capture.bytes : 0;
  const bad = capture.state === "damaged" || capture.state === "failed";
  return (
    <li className="capture">
      <div className="row">
        <Icon name="file" /><span className="b cut" title={capture.name}>{capture.name}</span>
        {bad ? <Chip kind="low" mark="low">{t(`capturestate.${capture.state}`)}</Chip> : capture.state === "read" ? <span className="t3 small nw"><Mark severity="ok" /> {t("capturestate.read")}</span> : <Chip>{t(`capturestate.${capture.state}`)}</Chip>}
        <span className="sp" />
        {mayRemove && capture.state !== "removing" && (
          <Popconfirm title={busy(capture) ? t("upload.stopAsk") : t("upload.removeAsk")} description={<div style={{ maxWidth: 280 }}>{t("upload.removeWhat")}</div>} okText={busy(capture) ? t("upload.stop") : t("upload.remove")} cancelText={t("do.cancel")} onConfirm={onRemove} icon={null}>
            <button type="button" className="btn q s">{busy(capture) ? t("upload.stop") : t("upload.remove")}</button>
          </Popconfirm>
        )}
      </div>
      {busy(capture) && capture.state !== "removing" && <div className="progress" role="progressbar" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)} aria-label={capture.name}><i style={{ width: `${Math.min(100, share * 100)}%` }} /></div>}
      <div className="small t3 facts">
        <span>{bytes(capture.bytes, lang)}</span>
        {capture.packets !== undefined && <span>{t("unit.packets", { n: capture.packets })}</span>}
        {capture.devices !== undefined && <span>{t("unit.devices", { n: capture.devices })}</span>}
        {capture.first_packet && capture.last_packet && <span><When at={capture.first_packet} as="full" /> – <When at={capture.last_packet} as="clockSeconds" /></span>}
        <span>{capture.by}</span><span><When at={capture.at} /></span>
      </div>
      {bad && <div className="small t2">{capture.state === "failed" ? t("upload.unreadable") : capture.damage?.packet === undefined ? t("upload.damaged") : t("upload.damagedAt", { n: capture.damage.packet })}{capture.damage && <span className="t3"> ({capture.damage.what})</span>}</div>}
    </li>
  );
}
