// One conversation: how it went, what was done over it to which objects, when, and the frame that it began in.
import { Drawer } from "antd";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { bytes, count, short } from "../../format/numbers";
import { useLook, useWords } from "../../look/look";
import { Strip } from "../../parts/ActStrip";
import { newness, step } from "../../parts/effects";
import { Mark } from "../../parts/Icon";
import { Bones, Failed, useLate } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { SeenIn } from "../../parts/Capture";
import { When } from "../../parts/Time";
import { Arrow, both, carrierOf, perHour, protocolsOf } from "./columns";
import { ObjectName } from "../../parts/ObjectName";

type Row = Schemas["Conversation"];

export function TalkDrawer({ row, onClose }: { row: Row; onClose(): void }) {
  const { t, word } = useWords();
  const { lang } = useLook();
  const rate = perHour(row);
  const ends = row.client.id && row.server.id ? { device: row.client.id, peer: row.server.id } : null;
  const acts = row.acts ?? [];
  return (
    <Drawer open mask={false} width={440} onClose={onClose} title={t("talk.title")} rootClassName="evidence" styles={{ body: { padding: 0 } }} keyboard={false}>
      <div className="piece">
        <div className="talkends"><Ref of={row.client} second /><Arrow row={row} words={false} /><Ref of={row.server} second /></div>
        {row.direction === "one_sided" && <p className="small t2">{t("talk.oneSidedWhy")}</p>}
        {!row.certain && <p className="small t2">{t("talk.notCertain")}</p>}
      </div>
      <dl className="kv piece" style={{ gridTemplateColumns: "112px minmax(0, 1fr)" }}>
        <dt>{t("column.protocols")}</dt><dd>{protocolsOf(row, t).join(t("list.comma"))} <span className="t3">{carrierOf(row)}{row.vlan ? ` · VLAN ${row.vlan}` : ""}</span></dd>
        <dt>{t("talk.bytes")}</dt><dd>{bytes(both(row.bytes), lang)}{rate !== undefined && <span className="t3"> · {t("talk.perHour", { bytes: bytes(rate, lang) })}</span>}</dd>
        <dt>{t("talk.sent")}</dt><dd>{bytes(row.bytes[0] ?? 0, lang)} · {t("unit.packets", { n: row.packets[0] ?? 0 })}</dd>
        <dt>{t("talk.got")}</dt><dd>{bytes(row.bytes[1] ?? 0, lang)} · {t("unit.packets", { n: row.packets[1] ?? 0 })}</dd>
        <dt>{t("talk.first")}</dt><dd><When at={row.first} as="full" /></dd>
        <dt>{t("talk.last")}</dt><dd><When at={row.last} as="full" /></dd>
        {row.connections !== undefined && <><dt>{t("talk.connections")}</dt><dd>{count(row.connections)}</dd></>}
        {(row.retransmitted ?? 0) + (row.lost ?? 0) > 0 && <><dt>{t("talk.quality")}</dt><dd>{t("talk.retransmitted", { n: row.retransmitted ?? 0 })}{row.lost ? t("list.comma") + t("talk.lost", { n: row.lost }) : ""}</dd></>}
        {row.evidence && <><dt>{t("talk.firstPacket")}</dt><dd><SeenIn evidence={row.evidence} withTime={false} /></dd></>}
      </dl>
      <section className="piece" aria-label={t("talk.acts")}>
        <h3 className="b s13">{t("talk.acts")}</h3>
        {acts.length === 0 ? <p className="small t3">{t("talk.noActs")}</p> : (
          <ul className="actlist">
            {acts.map((one) => (
              <li key={one.act} className="row" style={{ gap: 8 }}>
                <i className={`step ${step[one.effect]}`} aria-hidden="true" />
                {ends ? <Link className={one.is_new ? "acc b" : "acc"} to={`/operations?device=${encodeURIComponent(ends.device)}&peer=${encodeURIComponent(ends.peer)}&act=${one.act}&range=all`}>{word("act", one.act)}</Link> : word("act", one.act)}
                {one.is_new && <Mark severity={newness(one.effect)} />}
                <span className="sp" />
                {(one.refused ?? 0) > 0 && <span className="t3 small">{t("device.cellRefused", { n: one.refused ?? 0 })}</span>}
                <span title={count(one.count)}>{t("op.times", { n: short(one.count) })}</span>
                <span className="t3 small nw" style={{ width: 112, textAlign: "right" }}>{one.last && <When at={one.last} as="ago" />}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      {ends && acts.length > 0 && <Times row={row} {...ends} />}
      {ends && acts.length > 0 && <Objects server={ends.peer} client={ends.device} />}
    </Drawer>
  );
}

/** The last 24 hours of it. */
function Times({ row, device, peer }: { row: Row; device: string; peer: string }) {
  const { t } = useWords();
  const until = Math.ceil((Date.parse(row.last) + 1) / 3_600_000) * 3_600_000;
  const since = Math.max(until - 86_400_000, Math.floor(Date.parse(row.first) / 3_600_000) * 3_600_000);
  const query = useQuery({
    queryKey: ["activity", "talk", row.id, since, until],
    queryFn: ({ signal }) => call("get", "/activity", { query: { device, peer, since: new Date(since).toISOString(), until: new Date(until).toISOString(), buckets: 96 }, signal }),
  });
  const late = useLate(query.isPending);
  return (
    <section className="piece" aria-label={t("talk.times")}>
      <h3 className="b s13">{t("talk.times")}</h3>
      <div style={{ minHeight: 84 }}>
        {query.error ? <Failed error={query.error} onAgain={() => void query.refetch()} /> : query.data ? <Strip activity={query.data} /> : late ? <Bones rows={2} height={40} /> : null}
      </div>
    </section>
  );
}

function Objects({ server, client }: { server: string; client: string }) {
  const { t } = useWords();
  const [all, setAll] = useState(false);
  const query = useQuery({
    queryKey: ["objects", server, client],
    queryFn: ({ signal }) => call("get", "/devices/{device_id}/objects", { path: { device_id: server }, query: { peer: client, limit: 200 }, signal }),
  });
  const list = useMemo(() => [...(query.data?.objects ?? [])].sort((a, b) => Number(b.writers.length > 0) - Number(a.writers.length > 0)), [query.data]);
  if (query.error) return <Failed error={query.error} onAgain={() => void query.refetch()} />;
  if (list.length === 0) return null;
  const shown = all ? list : list.slice(0, 12);
  return (
    <section className="piece" aria-label={t("talk.objects")}>
      <h3 className="b s13">{t("talk.objects")} <span className="t3">{count(query.data?.total ?? 0)}</span></h3>
      <ul className="actlist">
        {shown.map((one) => (
          <li key={`${one.protocol} ${one.unit ?? ""} ${one.object}`}>
            <div className="row" style={{ gap: 8, flexWrap: "nowrap" }}><ObjectName of={one} /><span className="sp" /><span className="t3 small nw">{one.writers.length > 0 ? t("objects.writes", { n: one.writers.reduce((sum, user) => sum + user.count, 0) }) : t("objects.reads", { n: one.readers.reduce((sum, user) => sum + user.count, 0) })}</span></div>
            {one.value && <div className="l2 cut mono" title={one.value}>{one.value}</div>}
          </li>
        ))}
      </ul>
      {list.length > shown.length && <button type="button" className="link small" onClick={() => setAll(true)}>{t("devices.more", { n: list.length - shown.length })}</button>}
    </section>
  );
}
