// One register: who wrote it last, from where, with what; what it was before, and at any time; who reads it.
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link, useParams } from "react-router-dom";
import { call, Problem, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { SeenIn } from "../../parts/Capture";
import { protocolName } from "../../parts/Evidence";
import { RoleIcon } from "../../parts/Icon";
import { objectText } from "../../parts/ObjectName";
import { codeText, OperationDrawer } from "../../parts/OperationDetail";
import { Bone, Bones, Failed, State, useLate, usePageTitle } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { When } from "../../parts/Time";
import { unitWords } from "../../parts/units";
import { useUrl } from "../../parts/url";
import { At } from "./At";
import { elementOf, everySeconds, placeName, placeOf } from "./places";
import { Values } from "./Values";

type Row = Schemas["Register"];

export default function RegisterPage() {
  const { id = "" } = useParams();
  const { t } = useWords();
  const url = useUrl();
  const query = useQuery({ queryKey: ["register", id], queryFn: ({ signal }) => call("get", "/registers/{register_id}", { path: { register_id: id }, signal }) });
  const late = useLate(query.isPending);
  const [operation, setOperation] = useState("");
  const row = query.data?.register;
  usePageTitle(row ? objectText(row) : t("nav.registers"));
  if (query.error && !row)
    return query.error instanceof Problem && query.error.status === 404
      ? <State middle why={t("registers.gone")} action={<Link className="btn" to="/registers">{t("registers.toList")}</Link>} />
      : <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />;
  const told = url.get("el"), asked = row ? placeOf(row.object, url.get("asked"), row.elements) : undefined;
  const element = !row || row.elements < 2 || told === "all" ? undefined : Math.min(Number(told || asked || 0), row.elements - 1);
  return (
    <>
      <div className="head" style={{ marginBottom: 12 }}>
        {row ? <RoleIcon role={row.device.role} size={28} /> : <Bone width={28} height={28} />}
        <div className="grow">
          {row ? (
            <>
              <h1 className="wrap"><span className="mono">{row.object}</span>{row.comment && <> {row.comment.text}</>}{row.elements > 1 && <span className="t3 s13"> {t("registers.elements", { n: row.elements })}</span>}</h1>
              <p className="t2 s13 facts">
                <Link className="acc" to={`/devices/${encodeURIComponent(row.device.id ?? "")}?tab=objects`}>{row.device.name}</Link>
                {row.device.address && row.device.address !== row.device.name && <span className="mono">{row.device.address}</span>}
                {row.line && <span>{row.line.name}</span>}
                {row.unit && <span>{unitWords(row.unit, t)}</span>}
                <span>{protocolName(row.protocol)}</span>
                <span>{t("registers.firstSeen")} <When at={row.first} as="date" /></span>
                <span>{t("registers.lastSeen")} <When at={row.last} as="ago" /></span>
              </p>
            </>
          ) : <><h1 className="unheard">{t("nav.registers")}</h1>{late && <><div style={{ height: 31 }}><Bone width={260} height={18} /></div><div style={{ height: 21 }}><Bone width={380} /></div></>}</>}
        </div>
        <Link className="btn" to="/registers">{t("registers.toList")}</Link>
      </div>
      {!row ? (late ? <Bones rows={10} /> : null) : (
        <div className="dv reg">
          <div className="col" style={{ gap: 14 }}>
            <LastWrite row={row} element={element} onOperation={setOperation} />
            <Values row={row} element={element} onOperation={setOperation} pick={row.elements > 1 && (
              <select className="input s pick" aria-label={t("registers.which")} value={element === undefined ? "all" : String(element)} onChange={(event) => url.set({ el: event.target.value, asked: null })}>
                {Array.from({ length: Math.min(row.elements, 512) }, (_, at) => <option key={at} value={at}>{placeName(row.object, at)}</option>)}
                <option value="all">{t("registers.allTogether")}</option>
              </select>
            )} />
          </div>
          <div className="col" style={{ gap: 14 }}>
            <Now row={row} element={element} />
            <At row={row} element={element} onOperation={setOperation} />
            <Users title={t("objects.writers")} users={row.writers} all={row.writer_count} none={t("registers.nobodyWrites")} />
            <Users title={t("objects.readers")} users={row.readers} all={row.reader_count} none={t("registers.nobodyReads")} leftOut={row.left_out ?? 0} />
            {query.data && query.data.near.length > 0 && <Near near={query.data.near} />}
          </div>
        </div>
      )}
      {operation && <OperationDrawer id={operation} onClose={() => setOperation("")} />}
    </>
  );
}

function Value({ children }: { children: string }) {
  return <b className="mono wrap">{children}</b>;
}

/** The sentence that the page is for. */
function LastWrite({ row, element, onOperation }: { row: Row; element: number | undefined; onOperation(id: string): void }) {
  const { t, rich } = useWords();
  const open = row.asked && (!row.written || row.asked.at > row.written.at);
  const wrote = open ? row.asked : row.written;
  const before = wrote?.before ? elementOf(wrote.before, wrote.value?.startsWith("[") ? undefined : 0) : undefined;
  return (
    <section className="panel" aria-label={t("registers.writtenLast")}>
      <div className="ph"><h2>{t("registers.writtenLast")}</h2></div>
      {!wrote ? <p className="pad s13">{t("registers.neverWrittenSays")}{row.refused > 0 && <> {t("registers.refusedSays", { n: row.refused })}</>}</p> : (
        <>
          <p className="pad lead">
            {open ? rich("registers.askedSays", { who: <Ref of={wrote.who} />, at: <When at={wrote.at} as="full" />, value: <Value>{wrote.value ?? "?"}</Value> })
              : before !== undefined && before !== wrote.value ? rich("registers.wroteSays", { who: <Ref of={wrote.who} />, at: <When at={wrote.at} as="full" />, value: <Value>{wrote.value || "?"}</Value>, before: <Value>{before}</Value> })
              : rich("registers.wroteSame", { who: <Ref of={wrote.who} />, at: <When at={wrote.at} as="full" />, value: <Value>{wrote.value || "?"}</Value> })}
          </p>
          <dl className="kv">
            <dt>{t("registers.from")}</dt><dd className="mono">{wrote.who.address ?? "?"}</dd>
            <dt>{t("op.function")}</dt><dd>{protocolName(row.protocol)} <span className="t3"><span className="mono">{codeText(wrote.function.code)}</span> {wrote.function.name}</span></dd>
            {wrote.evidence && <><dt>{t("registers.evidence")}</dt><dd><SeenIn evidence={wrote.evidence} withTime={false} />{wrote.operation && <> <button type="button" className="link acc" onClick={() => onOperation(wrote.operation ?? "")}>{t("registers.showBytes")}</button></>}</dd></>}
            {row.refused > 0 && <><dt>{t("registers.refused")}</dt><dd>{t("op.times", { n: count(row.refused) })}</dd></>}
          </dl>
          {row.elements > 1 && element !== undefined && <p className="pad small t3">{t("registers.ofAll", { object: row.object, n: row.elements })}</p>}
        </>
      )}
    </section>
  );
}

function Now({ row, element }: { row: Row; element: number | undefined }) {
  const { t } = useWords();
  const shown = row.value === undefined ? undefined : elementOf(row.value, element);
  return (
    <section className="panel" aria-label={t("objects.value")}>
      <div className="ph"><h2>{t("objects.value")}</h2></div>
      {shown === undefined ? <p className="pad s13 t2">{t("registers.noValue")}</p> : (
        <dl className="kv">
          <dt>{element === undefined ? t("op.value") : <span className="mono">{placeName(row.object, element)}</span>}</dt><dd><Value>{shown}</Value>{row.valued && <div className="small t3"><When at={row.valued} as="full" /></div>}</dd>
          <dt>{t("registers.before")}</dt><dd>{row.previous !== undefined && row.changed ? <><span className="mono wrap">{elementOf(row.previous, element)}</span><div className="small t3">{t("registers.until")} <When at={row.changed} as="full" /></div></> : <span className="t3">{t("objects.steady")}</span>}</dd>
          <dt>{t("registers.changes")}</dt><dd>{row.changes > 0 ? t("op.times", { n: count(row.changes) }) : "0"}{row.first_change && <div className="small t3">{t("registers.firstChange")} <When at={row.first_change} as="full" /></div>}</dd>
          {row.least !== undefined && row.most !== undefined && <><dt>{t("registers.leastMost")}</dt><dd className="mono">{row.least} – {row.most}</dd></>}
        </dl>
      )}
    </section>
  );
}

function Users({ title, users, all, none, leftOut = 0 }: { title: string; users: Row["readers"]; all: number; none: ReactNode; leftOut?: number }) {
  const { t } = useWords();
  return (
    <section className="panel" aria-label={title}>
      <div className="ph"><h2>{title} <span className="c">{all}</span></h2></div>
      {users.length === 0 ? <p className="pad s13 t2">{none}</p> : (
        <ul className="actlist pad">
          {users.map((user) => {
            const every = everySeconds(user.count, user.first, user.last);
            return (
              <li key={user.who.id ?? user.who.name}>
                <Ref of={user.who} second />
                <div className="l2 small t3">{t("op.times", { n: count(user.count) })}{every !== undefined && ` · ${rate(every, t)}`} · {t("registers.lastTime")} <When at={user.last} as="full" />{user.value && <> · <span className="mono cut" title={user.value}>{user.value.length > 40 ? `${user.value.slice(0, 40)}…` : user.value}</span></>}</div>
              </li>
            );
          })}
          {leftOut > 0 && <li className="t3 small">{t("registers.leftOut", { n: leftOut })}</li>}
        </ul>
      )}
    </section>
  );
}

type T = ReturnType<typeof useWords>["t"];
function rate(seconds: number, t: T): string {
  if (seconds < 1) return t("registers.rate.second", { n: Math.round(1 / seconds) });
  if (seconds < 120) return t("registers.rate.seconds", { n: Number(seconds.toPrecision(2)) });
  if (seconds < 7_200) return t("registers.rate.minutes", { n: Math.round(seconds / 60) });
  return t("registers.rate.hours", { n: Math.round(seconds / 3_600) });
}

function Near({ near }: { near: Schemas["RegisterDetail"]["near"] }) {
  const { t } = useWords();
  return (
    <section className="panel" aria-label={t("registers.near")}>
      <div className="ph"><h2>{t("registers.near")}</h2></div>
      <ul className="actlist pad">
        {near.map((one) => (
          <li key={one.id}><Link className="acc mono" to={`/registers/${encodeURIComponent(one.id)}`}>{one.elements > 1 ? `${one.object} … ${placeName(one.object, one.elements - 1)}` : one.object}</Link>
            <div className="l2 small t3">{one.written ? <>{t("registers.writtenLast")} <When at={one.written} as="full" /></> : t("registers.neverWritten")}</div></li>
        ))}
      </ul>
    </section>
  );
}
