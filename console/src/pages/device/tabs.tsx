// Below the fold of a device: conversations, operations, addresses, history.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { call, type Schemas } from "../../api/client";
import { bytes, count, short } from "../../format/numbers";
import { useLook, useWords } from "../../look/look";
import { newness, step } from "../../parts/effects";
import { protocolName } from "../../parts/Evidence";
import { Ref } from "../../parts/Ref";
import { ObjectName } from "../../parts/ObjectName";
import { Message } from "../../parts/OperationDetail";
import { unitWords } from "../../parts/units";
import { Icon, Mark } from "../../parts/Icon";
import { Bones, Chip, Failed, NoneFound, State, useLate } from "../../parts/parts";
import { When } from "../../parts/Time";
import { useUrl } from "../../parts/url";
import type { Key } from "../../words/words";
import { Arrow, both, Last, protocolsOf } from "../conversations/columns";
import { Regroupings } from "./Regroupings";

interface Paged { isPending: boolean; error: unknown; errorUpdatedAt: number; hasNextPage: boolean; isFetchingNextPage: boolean; refetch(): unknown; fetchNextPage(): unknown; data: unknown }
function Frame({ query, empty, none, children }: { query: Paged; empty: boolean; none: ReactNode; children: ReactNode }) {
  const { t } = useWords();
  const late = useLate(query.isPending);
  if (query.error && !query.data) return <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />;
  if (query.isPending) return late ? <Bones rows={6} height={43} /> : <div style={{ height: 258 }} />;
  if (empty) return <>{none}</>;
  return (
    <>
      <div className="ltbox" tabIndex={0} role="region" aria-label={t("table.scroll")}>{children}</div>
      {query.hasNextPage && <button type="button" className="btn q s" style={{ margin: "6px 10px 10px" }} disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("do.more")}</button>}
    </>
  );
}

export function Conversations({ id }: { id: string }) {
  const { t } = useWords();
  const { lang } = useLook();
  const query = useInfiniteQuery({
    queryKey: ["device", id, "conversations"],
    queryFn: ({ pageParam, signal }) => call("get", "/conversations", { query: { device: id, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor,
  });
  const list = query.data?.pages.flatMap((page) => page.conversations) ?? [];
  return (
    <Frame query={query} empty={list.length === 0} none={<State why={t("device.noConversations")} />}>
      <table className="lt">
        <thead><tr><th>{t("talk.from")}</th><th>{t("talk.to")}</th><th>{t("column.protocols")}</th><th>{t("talk.direction")}</th><th className="r">{t("talk.bytes")}</th><th>{t("column.first")}</th><th>{t("talk.last")}</th></tr></thead>
        <tbody>
          {list.map((one) => (
            <tr key={one.id}>
              <td><Ref of={one.client} self={id} /></td>
              <td><Ref of={one.server} self={id} /></td>
              <td><div className={one.protocol ? "cut" : "cut t3"}>{protocolsOf(one, t).join(t("list.comma"))}</div><div className="l2">{[one.carrier, one.port].filter((part) => part !== undefined).join(" ")}{one.vlan ? ` · VLAN ${one.vlan}` : ""}</div></td>
              <td><Arrow row={one} words /></td>
              <td className="r nw" title={t("unit.packets", { n: both(one.packets) })}>{bytes(both(one.bytes), lang)}{one.retransmitted ? <div className="l2">{t("talk.retransmitted", { n: one.retransmitted })}</div> : null}</td>
              <td className="t2"><div className="nw"><When at={one.first} as="date" /></div><div className="l2"><When at={one.first} as="clock" /></div></td>
              <td className="t2"><Last at={one.last} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </Frame>
  );
}

export function Operations({ id }: { id: string }) {
  const { t, word } = useWords();
  const url = useUrl();
  const peer = url.get("peer"), act = url.get("act");
  const [open, setOpen] = useState("");
  const query = useInfiniteQuery({
    queryKey: ["device", id, "operations", peer, act],
    queryFn: ({ pageParam, signal }) => call("get", "/operations", {
      query: { device: id, limit: 100, ...(peer ? { peer } : {}), ...(act ? { act: [act as Schemas["Act"]] } : {}), ...(pageParam ? { cursor: pageParam } : {}) }, signal,
    }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor,
  });
  const list = query.data?.pages.flatMap((page) => page.operations) ?? [];
  const peerName = peer ? list.flatMap((one) => [one.who, one.whom]).find((one) => one.id === peer)?.name ?? peer : "";
  return (
    <>
      {(peer || act) && (
        <div className="tb">
          {peer && <span className="chip sel"><span>{peerName}</span><button type="button" className="x" aria-label={t("devices.takeOff", { name: peerName })} onClick={() => url.set({ peer: null })}><Icon name="close" /></button></span>}
          {act && <span className="chip sel"><span>{word("act", act)}</span><button type="button" className="x" aria-label={t("devices.takeOff", { name: word("act", act) })} onClick={() => url.set({ act: null })}><Icon name="close" /></button></span>}
        </div>
      )}
      <Frame query={query} empty={list.length === 0} none={peer || act
        ? <State why={t("device.noOperationsFilter")} action={<button type="button" className="btn s" onClick={() => url.set({ peer: null, act: null })}>{t("devices.clear")}</button>} />
        : <NoneFound covered={undefined} what={t("device.noOperations")} />}>
        <table className="lt ops">
          <thead><tr><th>{t("op.time")}</th><th>{t("op.who")}</th><th>{t("op.act")}</th><th>{t("op.whom")}</th><th>{t("op.object")}</th><th>{t("op.outcome")}</th><th>{t("op.function")}</th></tr></thead>
          <tbody>
            {list.map((one) => [
              <tr key={one.id} className="act" aria-expanded={open === one.id} onClick={() => setOpen(open === one.id ? "" : one.id)}>
                <td className="nw"><When at={one.at} as="recent" /><div className="l2 mono"><When at={one.at} as="clockSeconds" /></div></td>
                <td><Ref of={one.who} self={id} /></td>
                <td><span className="row" style={{ gap: 6 }}><i className={`step ${step[one.effect]}`} aria-hidden="true" /><span className={one.is_new ? "b" : ""}>{word("act", one.act)}</span>{one.is_new && <Mark severity={newness(one.effect)} />}</span>{one.count > 1 && <div className="l2" title={count(one.count)}>{t("op.times", { n: one.count >= 10_000 ? short(one.count) : count(one.count) })}</div>}</td>
                <td><Ref of={one.whom} self={id} /></td>
                <td>{one.object ? <ObjectName of={one} /> : <span className="t3">–</span>}{one.value && <div className="l2 cut mono" title={one.value}>{one.value}</div>}</td>
                <td>{one.outcome === "refused" ? <Chip kind="low" mark="low">{word("outcome", one.outcome)}</Chip> : <span className="t2">{word("outcome", one.outcome)}</span>}</td>
                <td className="t2"><div className="cut">{protocolName(one.protocol)}</div><div className="l2 cut"><span className="mono">0x{one.function.code.toString(16).padStart(2, "0")}</span> {one.function.name}{one.unit ? ` · ${unitWords(one.unit, t)}` : ""}</div></td>
              </tr>,
              open === one.id && (
                <tr key={`${one.id}-more`} className="more"><td colSpan={7}>
                  {(one.last || one.changes || one.refused || one.status !== undefined) && <div className="small t2">{[one.last && <span key="l">{t("talk.last")} <When at={one.last} as="full" /></span>, one.changes && <span key="c">{t("op.changes", { n: one.changes })}</span>, one.refused && <span key="r">{t("device.cellRefused", { n: one.refused })}</span>, one.status !== undefined && <span key="s">{t("op.status")} <span className="mono">0x{one.status.toString(16)}</span></span>].filter(Boolean).flatMap((part, index) => (index ? [" · ", part] : [part]))}</div>}
                  <Message id={one.id} />
                </td></tr>
              ),
            ])}
          </tbody>
        </table>
      </Frame>
    </>
  );
}

export function Addresses({ device }: { device: Schemas["Device"] }) {
  const { t } = useWords();
  if (device.addresses.length === 0) return <State why={t("state.none")} />;
  return (
    <><Regroupings list={device.regroupings} /><div className="ltbox"><table className="lt">
      <thead><tr><th>{t("address.address")}</th><th>{t("column.vendor")}</th><th>VLAN</th><th>{t("column.first")}</th><th>{t("column.last")}</th><th>{t("address.until")}</th></tr></thead>
      <tbody>
        {device.addresses.map((one, index) => (
          <tr key={index}><td className="mono">{one.address}</td><td>{one.vendor ?? <span className="t3">–</span>}</td><td>{one.vlan ?? <span className="t3">–</span>}</td><td className="t2"><Last at={one.first_seen} /></td><td className="t2"><Last at={one.last_seen} /></td><td className="t2">{one.until ? <When at={one.until} /> : t("address.now")}</td></tr>
        ))}
      </tbody>
    </table></div></>
  );
}

export function History({ id }: { id: string }) {
  const { t, word } = useWords();
  const query = useInfiniteQuery({
    queryKey: ["device", id, "history"],
    queryFn: ({ pageParam, signal }) => call("get", "/devices/{device_id}/history", { path: { device_id: id }, query: { limit: 100, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor,
  });
  const list = query.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Frame query={query} empty={list.length === 0} none={<State why={t("state.none")} />}>
      <table className="lt">
        <thead><tr><th>{t("op.time")}</th><th>{t("history.what")}</th><th>{t("history.from")}</th><th>{t("history.to")}</th><th>{t("history.by")}</th></tr></thead>
        <tbody>
          {list.map((one, index) => (
            <tr key={index}>
              <td className="nw t2"><When at={one.at} as="full" /></td>
              <td>{t(`history.kind.${one.kind}` as Key)}{one.attribute && <div className="l2">{word("attribute", one.attribute)}</div>}</td>
              <td className="wrap t2">{one.from ?? <span className="t3">–</span>}</td>
              <td className="wrap">{one.kind === "approval" && one.by === "person" ? word("approval", one.to ?? "pending") : one.to ?? <span className="t3">–</span>}{one.kind === "approval" && one.until && <div className="l2"><When at={one.until} as="full" /></div>}</td>
              <td className="t2">{one.by === "person" ? t("fact.byPerson", { who: one.who ?? t("fact.somebody") }) : one.who ? protocolName(one.who) : one.by ? word("history.by", one.by) : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Frame>
  );
}
