// One subnet of the draft: which devices, which questions, when, how slowly.
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { RoleIcon } from "../../parts/Icon";
import { Bones, Panel } from "../../parts/parts";
import { useUrl } from "../../parts/url";
import type { Asking } from "./Asking";
import { beginning, days, hoursOf, inNetwork, textOf, type Day, type Hours } from "./hours";
import { asTold, useSave, type Told } from "./Subnets";

type Service = Schemas["AskingService"];
const usual: Told = { name: "", network: "", addresses: [], services: [], windows: ["Sat 06:00-08:00"], every_ms: 2000, again_hours: 168 };
const snmp = (service: Service) => service === "snmp" || service === "switch_ports" || service === "switch_state";

export function Edit({ asking, at }: { asking: Asking; at: number }) {
  const { t } = useWords();
  const url = useUrl();
  const id = useId();
  const { save, busy } = useSave(asking);
  const known = asking.draft[at];
  const [told, setTold] = useState<Told>(known ? asTold(known) : usual);
  const put = (part: Partial<Told>) => setTold((before) => ({ ...before, ...part }));
  const back = () => url.set({ edit: null });
  const whole = told.name.trim() !== "" && told.network.includes("/") && told.addresses.length > 0 && told.services.length > 0 && told.windows.length > 0;
  const send = async () => {
    const { credential, ...rest } = told;
    const one = { ...rest, name: told.name.trim(), network: told.network.trim(), ...(credential?.trim() ? { credential: credential.trim() } : {}) };
    const all = asking.draft.map(asTold);
    if (await save(known ? all.map((other, index) => (index === at ? one : other)) : [...all, one])) back();
  };
  const hours = told.windows.map(hoursOf).filter((one): one is Hours => one !== undefined);
  const setHours = (index: number, part: Partial<Hours>) => put({ windows: hours.map((one, other) => textOf(other === index ? { ...one, ...part } : one)) });
  return (
    <Panel title={known ? t("asking.changeOne", { name: known.name }) : t("asking.addOne")}>
      <form className="pad col asking-edit" style={{ gap: 18 }} onSubmit={(event) => { event.preventDefault(); if (whole && !busy) void send(); }}>
        <div className="row" style={{ gap: 12, flexWrap: "wrap" }}>
          <div className="field grow"><label htmlFor={`${id}-name`}>{t("asking.name")}</label><input id={`${id}-name`} className="input" maxLength={60} value={told.name} placeholder={t("asking.nameLike")} onChange={(event) => put({ name: event.target.value })} /></div>
          <div className="field grow"><label htmlFor={`${id}-network`}>{t("asking.network")}</label><input id={`${id}-network`} className="input mono" maxLength={64} value={told.network} placeholder="10.2.3.0/24" onChange={(event) => put({ network: event.target.value })} /></div>
        </div>
        <Whom told={told} put={put} />
        <fieldset className="col plain" style={{ gap: 6 }}>
          <legend className="flabel">{t("asking.which")}</legend>
          <ul className="services">{asking.services.map((one) => (
            <li key={one.service}><label className="row" style={{ gap: 8, alignItems: "flex-start", flexWrap: "nowrap" }}>
              <input type="checkbox" style={{ marginTop: 4 }} checked={told.services.includes(one.service)} onChange={(event) => put({ services: event.target.checked ? [...told.services, one.service] : told.services.filter((other) => other !== one.service) })} />
              <span className="s13"><span className="b">{t(`asking.service.${one.service}`)}</span> <span className="small t3">{one.over === "tcp" ? "TCP" : "UDP"} {one.port}</span><br /><span className="small t2">{t(`asking.asks.${one.service}`)}</span></span>
            </label></li>
          ))}</ul>
        </fieldset>
        <fieldset className="col plain" style={{ gap: 6 }}>
          <legend className="flabel">{t("asking.when")}</legend>
          {hours.map((one, index) => (
            <div key={index} className="row" style={{ gap: 6, flexWrap: "wrap" }}>
              <select className="input s" aria-label={t("asking.firstDay")} value={one.first} onChange={(event) => setHours(index, { first: event.target.value as Day })}>{days.map((day) => <option key={day} value={day}>{t(`day.${day}`)}</option>)}</select>
              <span className="t3">–</span>
              <select className="input s" aria-label={t("asking.lastDay")} value={one.last} onChange={(event) => setHours(index, { last: event.target.value as Day })}>{days.map((day) => <option key={day} value={day}>{t(`day.${day}`)}</option>)}</select>
              <input type="time" className="input s" aria-label={t("asking.from")} required value={one.from} onChange={(event) => { if (event.target.value) setHours(index, { from: event.target.value }); }} />
              <span className="t3">–</span>
              <input type="time" className="input s" aria-label={t("asking.to")} required value={one.to} onChange={(event) => { if (event.target.value) setHours(index, { to: event.target.value }); }} />
              {hours.length > 1 && <button type="button" className="btn q s" onClick={() => put({ windows: told.windows.filter((_, other) => other !== index) })}>{t("asking.remove")}</button>}
            </div>
          ))}
          <div><button type="button" className="btn s" disabled={hours.length >= 4} onClick={() => put({ windows: [...told.windows, "Mon-Fri 12:00-13:00"] })}>{t("asking.moreHours")}</button></div>
        </fieldset>
        <div className="row" style={{ gap: 12, flexWrap: "wrap" }}>
          <div className="field"><label htmlFor={`${id}-every`}>{t("asking.everySeconds")}</label><input id={`${id}-every`} type="number" className="input" min={0.5} max={3600} step={0.5} required value={(told.every_ms ?? 2000) / 1000} onChange={(event) => put({ every_ms: Math.round(Number(event.target.value) * 1000) })} /></div>
          <div className="field"><label htmlFor={`${id}-again`}>{t("asking.againHours")}</label><input id={`${id}-again`} type="number" className="input" min={1} max={8784} required value={told.again_hours ?? 168} onChange={(event) => put({ again_hours: Number(event.target.value) })} /></div>
          {told.services.includes("s7") && <div className="field"><label htmlFor={`${id}-slot`}>{t("asking.slot")}</label><input id={`${id}-slot`} type="number" className="input" min={0} max={31} value={told.s7_slot ?? 2} onChange={(event) => put({ s7_slot: Number(event.target.value) })} /></div>}
          {told.services.includes("modbus") && <div className="field"><label htmlFor={`${id}-unit`}>{t("asking.unit")}</label><input id={`${id}-unit`} type="number" className="input" min={1} max={255} value={told.modbus_unit ?? 255} onChange={(event) => put({ modbus_unit: Number(event.target.value) })} /></div>}
          {told.services.includes("slmp") && <div className="field"><label htmlFor={`${id}-slmp`}>{t("asking.slmpPort")}</label><input id={`${id}-slmp`} type="number" className="input" min={1} max={65535} value={told.slmp_port ?? 5007} onChange={(event) => put({ slmp_port: Number(event.target.value) })} /></div>}
          {told.services.some(snmp) && <div className="field"><label htmlFor={`${id}-credential`}>{t("asking.credential")}</label><input id={`${id}-credential`} className="input" maxLength={40} value={told.credential ?? ""} placeholder="switches" onChange={(event) => put({ credential: event.target.value })} /><span className="hint">{t("asking.credentialWhat")}</span></div>}
        </div>
        <div className="row" style={{ gap: 8 }}>
          <button type="submit" className="btn p" disabled={!whole || busy}>{t("asking.save")}</button>
          <button type="button" className="btn" onClick={back}>{t("do.cancel")}</button>
          {!whole && <span className="small t3">{t("asking.missing")}</span>}
        </div>
      </form>
    </Panel>
  );
}

/** Devices that were seen there, and addresses that somebody knows. */
function Whom({ told, put }: { told: Told; put(part: Partial<Told>): void }) {
  const { t } = useWords();
  const [more, setMore] = useState("");
  const start = beginning(told.network);
  const seen = useQuery({
    queryKey: ["devices", "to ask", start], enabled: start !== "",
    queryFn: ({ signal }) => call("get", "/devices", { query: { q: start, limit: 1000, sort: "address", order: "asc" }, signal }),
  });
  const there = (seen.data?.devices ?? []).filter((one) => one.address && inNetwork(one.address, told.network));
  const others = told.addresses.filter((address) => !there.some((one) => one.address === address));
  const set = (address: string, on: boolean) => put({ addresses: on ? [...new Set([...told.addresses, address])] : told.addresses.filter((one) => one !== address) });
  const add = () => {
    const found = more.split(/[\s,、;]+/).filter((one) => one !== "");
    put({ addresses: [...new Set([...told.addresses, ...found])] });
    setMore("");
  };
  return (
    <fieldset className="col plain" style={{ gap: 6 }}>
      <legend className="flabel">{t("asking.whom", { n: told.addresses.length })}</legend>
      {start === "" ? <p className="small t3">{t("asking.networkFirst")}</p>
        : seen.isPending ? <Bones rows={3} height={24} />
        : (
          <>
            {there.length > 0 && <div className="row small" style={{ gap: 8 }}><span className="t3">{t("asking.seenThere", { n: count(there.length) })}</span><button type="button" className="btn q s" onClick={() => put({ addresses: [...new Set([...told.addresses, ...there.map((one) => one.address!)])] })}>{t("asking.all")}</button><button type="button" className="btn q s" onClick={() => put({ addresses: [] })}>{t("asking.none")}</button></div>}
            <ul className="whom" tabIndex={0} aria-label={t("asking.seenThere", { n: count(there.length) })}>
              {there.map((one) => (
                <li key={one.id}><label className="row" style={{ gap: 8, flexWrap: "nowrap" }}><input type="checkbox" checked={told.addresses.includes(one.address!)} onChange={(event) => set(one.address!, event.target.checked)} /><span className="mono small">{one.address}</span><RoleIcon role={one.role} /><span className="cut s13">{one.name}</span>{one.vendor && <span className="cut small t3">{one.vendor}</span>}</label></li>
              ))}
              {others.map((address) => (
                <li key={address}><label className="row" style={{ gap: 8, flexWrap: "nowrap" }}><input type="checkbox" checked onChange={() => set(address, false)} /><span className="mono small">{address}</span><span className="small t3">{t("asking.notSeen")}</span></label></li>
              ))}
            </ul>
          </>
        )}
      <div className="row" style={{ gap: 6 }}><input className="input s mono" aria-label={t("asking.moreAddresses")} placeholder={t("asking.moreAddresses")} maxLength={2000} value={more} onChange={(event) => setMore(event.target.value)} onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); add(); } }} /><button type="button" className="btn s" disabled={more.trim() === ""} onClick={add}>{t("asking.addAddress")}</button></div>
    </fieldset>
  );
}
