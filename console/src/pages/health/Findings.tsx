// What was found, heaviest first, and of the chosen one: what it means, why, what to do, whom to ask.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { Link } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { SeenIn } from "../../parts/Capture";
import { FilterBox } from "../../parts/filters";
import { Mark } from "../../parts/Icon";
import { Bones, Chip, Failed, NoneFound, Panel, Seg, State, useLate } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { When } from "../../parts/Time";
import { useUrl, type Url } from "../../parts/url";
import { factWords, markOf, nameOf, say, type Finding, type Party } from "./sentences";

const states = ["open", "ended", "all"] as const;
type Shown = (typeof states)[number];
const stateOf = (url: Url): Shown => states.find((one) => one === url.get("state")) ?? "all";

export function askOf(url: Url) {
  const q = url.get("q"), line = url.get("line"), device = url.get("device"), kind = url.all("kind") as Schemas["HealthKind"][];
  return { state: stateOf(url), ...(q ? { q } : {}), ...(line ? { line } : {}), ...(device ? { device } : {}), ...(kind.length > 0 ? { kind } : {}) };
}

export function Findings() {
  const words = useWords();
  const { t, word } = words;
  const url = useUrl();
  const box = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const ask = useMemo(() => askOf(url), [url]);
  const query = useInfiniteQuery({
    queryKey: ["health", "list", ask],
    queryFn: ({ pageParam, signal }) => call("get", "/network-health", { query: { ...ask, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor, placeholderData: keepPreviousData,
  });
  const late = useLate(query.isPending);
  const first = query.data?.pages[0];
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const selected = url.get("sel") || items[0]?.id;
  const chosen = items.find((one) => one.id === selected);
  const filtered = Boolean(ask.q || ask.line || ask.device || ask.kind || ask.state !== "all");
  const lines = first?.facets.line.filter((one) => one.value !== "none") ?? [];
  const move = (by: number) => {
    const next = items[Math.max(0, Math.min(items.length - 1, items.findIndex((one) => one.id === selected) + by))];
    if (!next) return;
    url.set({ sel: next.id });
    list.current?.querySelector<HTMLElement>(`[data-id="${next.id}"]`)?.focus();
  };
  return (
    <div className="hv whole">
      <section className="panel hlist" aria-label={t("health.tab.findings")}>
        <div className="tb">
          <FilterBox value={url.get("q")} inputRef={box} onChange={(q) => url.set({ q: q || null, sel: null })} onDown={() => list.current?.querySelector("button")?.focus()} label={t("health.filter")} how={t("health.filterHow")} />
          <select className="input s pick" aria-label={t("column.kind")} value={url.get("kind")} onChange={(event) => url.set({ kind: event.target.value || null, sel: null })}>
            <option value="">{t("health.allKinds")}</option>
            {[...new Set([...(first?.facets.kind.map((one) => one.value) ?? []), ...url.all("kind")])].map((one) => <option key={one} value={one}>{word("healthkind", one)}</option>)}
          </select>
          {(lines.length > 0 || ask.line) && (
            <select className="input s pick" aria-label={t("column.line")} value={url.get("line")} onChange={(event) => url.set({ line: event.target.value || null, sel: null })}>
              <option value="">{t("ledger.allLines")}</option>
              {lines.map((one) => <option key={one.value} value={one.value}>{one.name}</option>)}
              <option value="none">{t("devices.noLine")}</option>
            </select>
          )}
          <Seg<Shown> label={t("health.states")} value={stateOf(url)} options={states.map((one) => ({ value: one, label: t(`health.state.${one}`) }))} onChange={(one) => url.set({ state: one === "all" ? null : one, sel: null })} />
          <span className="sp" />
          <span className="t3 s13 nw" aria-live="polite">{first ? t("unit.items", { n: first.total }) : ""}</span>
        </div>
        {query.error && !query.data ? <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
          : !first ? (late ? <Bones rows={10} height={56} /> : null)
          : items.length === 0 ? (filtered
            ? <State middle why={t("health.none")} action={<button type="button" className="btn" onClick={() => url.set({ q: null, line: null, kind: null, device: null, state: null })}>{t("devices.clear")}</button>} />
            : <NoneFound covered={first.covered} what={t("health.noneYet")} />)
          : (
            <ul className="hitems" ref={list} onKeyDown={(event) => {
              if (event.key === "ArrowDown" || event.key === "j") { event.preventDefault(); move(1); }
              if (event.key === "ArrowUp" || event.key === "k") { event.preventDefault(); move(-1); }
            }}>
              {items.map((one) => (
                <li key={one.id}>
                  <button type="button" data-id={one.id} className="hitem" aria-current={one.id === selected} onClick={() => url.set({ sel: one.id })}>
                    {one.open ? <Mark severity={markOf[one.severity]} /> : <span className="hdone" aria-hidden="true">–</span>}
                    <span className="grow">
                      <span className={one.open ? "b wrap" : "t2 wrap"}>{say(one, "title", words)}</span>
                      <span className="l2 small t3">
                        {word("healthkind", one.kind)}
                        {linesOf(one).length > 0 && <> · {linesOf(one).join(" · ")}</>}
                        {" · "}{one.open ? <Since at={one.first_seen} /> : <Until at={one.last_seen} />}
                        {one.times > 1 && <> · {t("health.times", { n: one.times })}</>}
                      </span>
                    </span>
                  </button>
                </li>
              ))}
              {query.hasNextPage && <li className="pad"><button type="button" className="btn s" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("health.more", { n: first.total - items.length })}</button></li>}
            </ul>
          )}
      </section>
      <section className="panel hone" aria-label={t("health.means")}>
        {chosen ? <One key={chosen.id} finding={chosen} /> : <State middle why={first && items.length > 0 ? t("health.choose") : " "} />}
      </section>
    </div>
  );
}

const linesOf = (finding: Finding) => [...new Set(finding.parties.flatMap((party) => (party.line ? [party.line.name] : [])))];
function Since({ at }: { at: string }) {
  const { rich } = useWords();
  return <>{rich("health.since", { at: <When at={at} /> })}</>;
}
function Until({ at }: { at: string }) {
  const { rich } = useWords();
  return <>{rich("health.endedAt", { at: <When at={at} /> })}</>;
}

function One({ finding }: { finding: Finding }) {
  const words = useWords();
  const { t, word } = words;
  const query = useQuery({ queryKey: ["health", "one", finding.id], queryFn: ({ signal }) => call("get", "/network-health/{finding_id}", { path: { finding_id: finding.id }, signal }) });
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => { heading.current?.parentElement?.parentElement?.scrollTo({ top: 0 }); }, []);
  const persons = query.data?.persons ?? [];
  return (
    <article className="hbody">
      <div className="piece">
        <div className="row">{finding.open && <Chip kind={markOf[finding.severity]} mark={markOf[finding.severity]}>{word("healthseverity", finding.severity)}</Chip>}<Chip>{t(finding.open ? "health.state.open" : "health.state.ended")}</Chip>{finding.vlan !== undefined && <span className="small t3">VLAN {finding.vlan}</span>}</div>
        <h2 ref={heading} className="htitle wrap">{say(finding, "title", words)}</h2>
        <p className="small t3"><When at={finding.first_seen} as="full" /> – <When at={finding.last_seen} as="full" /> · {t("health.times", { n: finding.times })}</p>
      </div>
      <div className="piece"><h3>{t("health.means")}</h3><p className="wrap">{say(finding, "means", words)}</p></div>
      <div className="piece"><h3>{t("health.cause")}</h3><p className="wrap">{say(finding, "cause", words)}</p></div>
      <div className="piece"><h3>{t("health.next")}</h3><p className="wrap b">{say(finding, "next", words)}</p></div>
      <div className="piece"><h3>{t("health.ask")}</h3>
        {query.error ? <Failed error={query.error} onAgain={() => void query.refetch()} />
          : persons.length > 0 ? <ul className="actlist">{persons.map((one, at) => (
            <li key={at}><span className="b">{[one.owner, one.department].filter(Boolean).join(" · ") || one.device.name}</span>{one.contact && <> <span className="mono">{one.contact}</span></>}
              <div className="l2 small t3">{one.device.name}{one.place && <> · {one.place}</>}</div></li>
          ))}</ul>
          : <p className="t3 s13">{query.isPending ? " " : t("health.askNobody")}</p>}
      </div>
      <div className="piece"><h3>{t("health.parties")}</h3>
        <ul className="actlist">{finding.parties.map((party, at) => <PartyRow key={at} party={party} />)}</ul>
      </div>
      {finding.facts.length > 0 && (
        <div className="piece"><h3>{t("health.facts")}</h3>
          <dl className="kv">{finding.facts.map((fact) => {
            const shown = factWords(fact, words);
            return [<dt key={`t${fact.name}`}>{shown.name}</dt>, <dd key={fact.name} className="wrap">{shown.value}</dd>];
          })}</dl>
        </div>
      )}
      {finding.evidence && <div className="piece small t3"><SeenIn evidence={finding.evidence} /></div>}
    </article>
  );
}

function PartyRow({ party }: { party: Party }) {
  const words = useWords();
  const { word } = words;
  return (
    <li>
      <div className="row" style={{ gap: 6 }}>
        {party.device?.id ? <Ref of={party.device} /> : <span className="wrap">{nameOf(party, words)}</span>}
        <span className="small t3 nw">{word("healthrole", party.role)}</span>
      </div>
      <div className="l2 small t3 wrap">
        <span className="mono">{[party.ip, party.mac].filter(Boolean).join(" · ")}</span>{party.maker && <> · {party.maker}</>}{party.line && <> · {party.line.name}</>}
      </div>
      {party.evidence && <div className="l2 small t3"><SeenIn evidence={party.evidence} /></div>}
    </li>
  );
}

/** On a device's own page: what it has a part in. Nothing, where there is nothing. */
export function useHealthOf(device: string) {
  return useQuery({ queryKey: ["health", "device", device], queryFn: ({ signal }) => call("get", "/network-health", { query: { device, limit: 5 }, signal }) });
}

export function HealthOf({ device }: { device: string }) {
  const words = useWords();
  const { t } = words;
  const query = useHealthOf(device);
  if (query.error && !query.data) return <Panel title={t("device.health")}><Failed error={query.error} onAgain={() => void query.refetch()} /></Panel>;
  const items = query.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <section className="panel" aria-label={t("device.health")}>
      <div className="ph"><h2>{t("device.health")}</h2><span className="sp" /><Link className="btn q s" to={`/health?device=${encodeURIComponent(device)}`}>{t("device.toHealth")}</Link></div>
      <ul className="actlist pad">
        {items.map((one) => (
          <li key={one.id} className="row" style={{ alignItems: "flex-start" }}>
            {one.open ? <Mark severity={markOf[one.severity]} /> : <span className="hdone" aria-hidden="true">–</span>}
            <div className="grow"><Link className={one.open ? "wrap" : "wrap t2"} to={`/health?device=${encodeURIComponent(device)}&sel=${encodeURIComponent(one.id)}`}>{say(one, "title", words)}</Link>
              <div className="l2 small t3">{one.open ? <Since at={one.first_seen} /> : <Until at={one.last_seen} />}</div></div>
          </li>
        ))}
      </ul>
    </section>
  );
}
