// Ports of a switch, as it tells of them: which are up, how fast, with how many errors, who is at the other end.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call, type Schemas } from "../../api/client";
import { bitRate, count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { Chip, Failed, Panel } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { When } from "../../parts/Time";

type Port = Schemas["SwitchPort"];
const few = 12;

export function usePorts(id: string) {
  return useInfiniteQuery({
    queryKey: ["device", id, "ports"],
    queryFn: ({ pageParam, signal }) => call("get", "/devices/{device_id}/ports", { path: { device_id: id }, query: { limit: 500, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor,
  });
}

export function Ports({ id }: { id: string }) {
  const { t } = useWords();
  const [all, setAll] = useState(false);
  const [inner, setInner] = useState(false);
  const query = usePorts(id);
  if (query.error && !query.data) return <Panel title={t("ports.title")}><Failed error={query.error} onAgain={() => void query.refetch()} /></Panel>;
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (items.length === 0) return null;
  const plugs = items.filter((one) => one.cable), others = items.length - plugs.length;
  const rows = inner || plugs.length === 0 ? items : plugs;
  // What is wrong first where not all are shown; else as they stand in the switch.
  const shown = all || rows.length <= few ? rows : [...rows].sort((a, b) => weight(b) - weight(a) || a.interface - b.interface).slice(0, few).sort((a, b) => a.interface - b.interface);
  const up = plugs.filter((one) => one.state === "up").length;
  const latest = items.map((one) => one.last_seen).sort().at(-1);
  return (
    <Panel title={t("ports.title")} count={t("ports.up", { n: up, all: plugs.length || items.length })} right={latest && <span className="small t3 nw">{t("ports.asOf")} <When at={latest} as="ago" /></span>}>
      <div className="scrollx">
        <table className="lt ports">
          <colgroup><col style={{ width: "22%" }} /><col style={{ width: "20%" }} /><col style={{ width: "16%" }} /><col style={{ width: "15%" }} /><col style={{ width: "27%" }} /></colgroup>
          <thead><tr><th>{t("ports.port")}</th><th>{t("ports.state")}</th><th className="r">{t("ports.speed")}</th><th className="r">{t("ports.errors")}</th><th>{t("ports.there")}</th></tr></thead>
          <tbody>{shown.map((one) => <Row key={one.interface} port={one} />)}</tbody>
        </table>
      </div>
      <div className="row pad small t3" style={{ flexWrap: "wrap", gap: "4px 12px" }}>
        {rows.length > few && <button type="button" className="btn s" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t("ports.fewer") : t("ports.all", { n: rows.length })}</button>}
        {others > 0 && plugs.length > 0 && <button type="button" className="btn s" aria-pressed={inner} onClick={() => setInner(!inner)}>{inner ? t("ports.withoutInner") : t("ports.inner", { n: others })}</button>}
        {query.hasNextPage && <button type="button" className="btn s" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("health.more", { n: (query.data?.pages[0]?.total ?? 0) - items.length })}</button>}
        <span>{t("ports.how")}</span>
      </div>
    </Panel>
  );
}

/** What a person looks for: lost links of somebody, then errors, then what is used. */
const weight = (one: Port) => (one.state === "down" && !one.switched_off && one.there.length > 0 ? 8 : 0) + (one.errors.new > 0 ? 4 : 0) + (one.state === "up" ? 2 : 0) + (one.there.length > 0 ? 1 : 0);

function Row({ port }: { port: Port }) {
  const { t, word, lang } = useWords();
  const off = port.switched_off === true;
  const lost = port.state === "down" && !off && port.there.length > 0;
  const total = port.errors.in + port.errors.out;
  const on = port.guards.filter((one) => one.on);
  return (
    <tr>
      <td className="wrap">
        <span className="b">{port.name}</span>
        {port.alias && <div className="small t2 wrap">{port.alias}</div>}
        {port.guards.length > 0 && <div className="small t3 wrap">{on.length > 0 ? on.map((one) => word("portguard", one.what)).join(t("list.comma")) : t("ports.unguarded")}</div>}
      </td>
      <td className="wrap">
        {off ? <Chip>{t("ports.off")}</Chip> : lost ? <Chip kind="med" mark="med">{word("portstate", "down")}</Chip> : <Chip>{word("portstate", port.state)}</Chip>}
        <div className="small t3 wrap">{port.since ? <When at={port.since} /> : t("ports.sinceUnknown")}</div>
        {port.downs > 0 && <div className="small t3 wrap">{t("ports.downs", { n: port.downs })}</div>}
      </td>
      <td className="r nw">
        {port.speed_mbit ? bitRate(port.speed_mbit * 1e6, lang) : <span className="t3">–</span>}
        {port.in_bps + port.out_bps > 0 && <div className="small t3">{t("ports.in")} {bitRate(port.in_bps, lang)}<br />{t("ports.out")} {bitRate(port.out_bps, lang)}</div>}
      </td>
      <td className="r wrap">
        {port.errors.new > 0 ? <span className="b">+{count(port.errors.new)}</span> : <span className="t3">{total > 0 ? "+0" : "0"}</span>}
        {port.counted_from && port.errors.new > 0 && <div className="small t3">{t("ports.from")} <When at={port.counted_from} /></div>}
        {total > 0 && <div className="small t3" title={t("ports.totalHow")}>{t("ports.total", { n: total })}</div>}
      </td>
      <td className="wrap">{port.there.length === 0 ? <span className="t3">–</span> : port.there.map((one, at) => (
        <div key={at}>
          {one.device?.id ? <Ref of={one.device} /> : <span className="wrap">{one.name ?? one.mac}</span>}
          <div className="small t3 wrap">{[one.port, word("porthow", one.how)].filter(Boolean).join(" · ")}</div>
        </div>
      ))}</td>
    </tr>
  );
}
