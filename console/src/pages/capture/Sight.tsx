// What reaches a sensor and what does not, network by network, drawn; where the next sensor belongs comes first.
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router-dom";
import type { Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { Bones, Failed, Panel, State, useLate } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { When } from "../../parts/Time";
import type { Key } from "../../words/words";
import { dotsOf, kinds, type Kind } from "./dots";

const shownFirst = 6;

export function Sight({ query }: { query: UseQueryResult<Schemas["Sight"]> }) {
  const { t } = useWords();
  const late = useLate(query.isPending);
  const [all, setAll] = useState(false);
  const sight = query.data;
  const networks = sight?.networks ?? [];
  const devices = sight ? kinds.reduce((sum, kind) => sum + sight.counts[kind], 0) : 0;
  return (
    <section id="sight">
      <Panel title={t("sight.title")} {...(sight ? { count: count(sight.networks_total) } : {})} >
        {query.error && !sight ? <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
          : !sight ? (late ? <Bones rows={4} height={52} /> : <div style={{ height: 208 }} />)
          : devices === 0 ? <State why={t("sight.none")} />
          : (
            <>
              <Legend counts={sight.counts} />
              <ul>{(all ? networks : networks.slice(0, shownFirst)).map((one) => <Network key={one.network ?? "-"} one={one} />)}</ul>
              {networks.length > shownFirst && <p className="pad"><button type="button" className="btn s" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t("sight.fewer") : t("sight.more", { n: networks.length - shownFirst })}</button></p>}
              {sight.networks_total > networks.length && all && <p className="pad small t3">{t("sight.most", { n: networks.length, total: sight.networks_total })}</p>}
              {sight.cut && <p className="pad small t3">{t("sight.cut")}</p>}
            </>
          )}
      </Panel>
    </section>
  );
}

function Legend({ counts }: { counts: Schemas["SightCounts"] }) {
  const { t } = useWords();
  return (
    <ul className="slegend small t2">
      {kinds.filter((kind) => kind === "seen" || counts[kind] > 0).map((kind) => <li key={kind} title={t(`sight.${kind}.why` as Key)}><svg width="12" height="12" aria-hidden="true"><Dot kind={kind} x={6} y={6} /></svg>{t(`sight.${kind}` as Key)} <b>{count(counts[kind])}</b></li>)}
    </ul>
  );
}

function Dot({ kind, x, y }: { kind: Kind; x: number; y: number }) {
  if (kind === "one_sided") return <g className="sdot one_sided"><circle cx={x} cy={y} r={4} /><path d={`M${x} ${y - 4} a4 4 0 0 0 0 8 z`} /></g>;
  if (kind === "missing") return <rect className="sdot missing" x={x - 3.5} y={y - 3.5} width={7} height={7} />;
  return <circle className={`sdot ${kind}`} cx={x} cy={y} r={4} />;
}

const perRow = 40, step = 11;

function Picture({ counts }: { counts: Schemas["SightCounts"] }) {
  const { t } = useWords();
  const { dots, each } = dotsOf(counts);
  const rows = Math.ceil(dots.length / perRow);
  const says = kinds.filter((kind) => counts[kind] > 0).map((kind) => `${t(`sight.${kind}` as Key)} ${count(counts[kind])}`).join(", ");
  return (
    <div className="sdots">
      <svg width={perRow * step} height={rows * step + 1} viewBox={`0 0 ${perRow * step} ${rows * step + 1}`} role="img" aria-label={says}>
        {dots.map((kind, at) => <Dot key={at} kind={kind} x={(at % perRow) * step + 5.5} y={Math.floor(at / perRow) * step + 6} />)}
      </svg>
      {each > 1 && <div className="small t3">{t("sight.each", { n: each })}</div>}
    </div>
  );
}

function Network({ one }: { one: Schemas["SeenNetwork"] }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const total = kinds.reduce((sum, kind) => sum + one.counts[kind], 0);
  const hidden = one.devices.length + one.missing.length;
  return (
    <li className={one.next ? "snet next" : "snet"}>
      <div className="sname">
        <div className="b">{one.network ? <Link className="link mono" to={`/devices?q=${encodeURIComponent(`net:${one.network}`)}`}>{one.network}</Link> : t("sight.noAddress")}</div>
        <div className="small t3 clip">{one.lines.map((line) => line.name).join(t("list.comma"))}</div>
      </div>
      <div className="ssays">
        <div className="s13">{one.counts.seen === total ? t("sight.allSeen", { n: total }) : t("sight.some", { n: one.counts.seen, total })}</div>
        {hidden > 0 && <button type="button" className="btn q s" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? t("sight.close") : t("sight.open")}</button>}
      </div>
      <Picture counts={one.counts} />
      {one.next && (
        <div className="swhy s13">
          <b className="acc">{t("sight.next")}</b>
          <span>{one.controllers > 0 ? t("sight.nextWhyControllers", { n: one.hidden, controllers: one.controllers }) : t("sight.nextWhy", { n: one.hidden })}</span>
          {one.switches.length > 0 ? <span className="row wrap">{t("sight.switches")}{one.switches.map((device) => <Ref key={device.id ?? device.name} of={device} />)}</span> : <span className="t2">{t("sight.noSwitch")}</span>}
        </div>
      )}
      {open && (
        <ul className="shidden">
          {one.devices.map((row) => <li key={row.device.id ?? row.device.name}><Ref of={row.device} /><span className="t2 small">{t(`sight.${row.sight}.why` as Key)}</span><span className="sp" /><span className="t3 small nw"><When at={row.last_seen} /></span></li>)}
          {one.missing.map((entry) => <li key={entry.id}><Link className="link" to={`/ledger?list=unseen&sel=${entry.id}`}>{entry.name ?? entry.address ?? entry.id}</Link>{entry.address && <span className="mono t3">{entry.address}</span>}<span className="t2 small">{t("sight.missing.why")}</span></li>)}
          {total - one.counts.seen > hidden && <li className="t3 small">{t("sight.moreHidden", { n: total - one.counts.seen - hidden })}</li>}
        </ul>
      )}
    </li>
  );
}
