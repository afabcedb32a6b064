// Who does what: peers × acts with the count in each cell, darker for more, outlined in the colour of its
// severity where it is done for the first time. A cell opens the operations behind it.
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-router-dom";
import { call, type Schemas } from "../../api/client";
import { count, short } from "../../format/numbers";
import * as time from "../../format/time";
import { useLook, useWords } from "../../look/look";
import { actOrder, newness, type Act } from "../../parts/effects";
import { Mark, RoleIcon, type Severity } from "../../parts/Icon";
import { Bones, Failed, NoneFound, Panel, useLate } from "../../parts/parts";
import { useZone } from "../../parts/Time";
import { useUrl } from "../../parts/url";

type Peer = Schemas["PeerList"]["peers"][number];
type ActCount = Schemas["ActCount"];

export function usePeers(id: string, all: boolean) {
  return useQuery({
    queryKey: ["device", id, "peers", all],
    queryFn: ({ signal }) => call("get", "/devices/{device_id}/peers", { path: { device_id: id }, query: { limit: all ? 200 : 12 }, signal }),
    placeholderData: (before) => before,
  });
}

export function Matrix({ id }: { id: string }) {
  const { t } = useWords();
  const [all, setAll] = useState(false);
  const query = usePeers(id, all);
  const late = useLate(query.isPending);
  const peers = query.data?.peers ?? [];
  const anyNew = peers.some((peer) => [...peer.done_to_it, ...peer.done_by_it].some((one) => one.is_new));
  return (
    <Panel title={t("device.matrix")} {...(query.data ? { count: t("device.peersCount", { n: query.data.total }) } : {})}
      right={anyNew ? <span className="small t2 row" style={{ gap: 6 }}><i className="newbox" aria-hidden="true" />{t("device.newAct")}</span> : undefined}>
      {query.error && !query.data ? <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : query.isPending ? (late ? <Bones rows={6} height={29} /> : <div style={{ height: 174 }} />)
        : peers.length === 0 ? <NoneFound covered={undefined} what={t("device.noPeers")} />
        : (
          <div className="mxbox">
            <Direction title={t("device.toIt")} peers={peers} of={(peer) => peer.done_to_it} who="who" />
            <Direction title={t("device.byIt")} peers={peers} of={(peer) => peer.done_by_it} who="whom" />
            {query.data.total > peers.length && <button type="button" className="btn q s" style={{ margin: "4px 10px 8px" }} onClick={() => setAll(true)}>{t("device.allPeers", { n: query.data.total })}</button>}
          </div>
        )}
    </Panel>
  );
}

function Direction({ title, peers, of, who }: { title: string; peers: Peer[]; of(peer: Peer): ActCount[]; who: "who" | "whom" }) {
  const { t, word } = useWords();
  const url = useUrl();
  const { lang } = useLook();
  const zone = useZone();
  const rows = useMemo(() => peers.filter((peer) => of(peer).length > 0), [peers, of]);
  const acts = useMemo(() => {
    const found = new Set<Act>(rows.flatMap((peer) => of(peer).map((one) => one.act)));
    return actOrder.filter((act) => found.has(act));
  }, [rows, of]);
  if (rows.length === 0) return null;
  return (
    <table className="mx">
      <caption className="unheard">{title}</caption>
      <colgroup><col style={{ width: acts.length > 8 ? "22%" : "28%" }} />{acts.map((act) => <col key={act} />)}{acts.length < 4 && <col style={{ width: `${(4 - acts.length) * 12}%` }} />}</colgroup>
      <thead><tr><th scope="col">{title}</th>{acts.map((act) => <th key={act} scope="col">{word("act", act)}</th>)}{acts.length < 4 && <td />}</tr></thead>
      <tbody>
        {rows.map((peer, index) => {
          const cells = new Map(of(peer).map((one) => [one.act, one]));
          const loud = worst(of(peer));
          return (
            <tr key={peer.peer.id ?? index}>
              <th scope="row">
                <div className="row">
                  <RoleIcon role={peer.peer.role} />
                  {peer.peer.id ? <Link className={loud ? "cut b" : "cut"} to={`/devices/${encodeURIComponent(peer.peer.id)}`} title={peer.peer.address}>{peer.peer.name}</Link> : <span className="cut t2">{peer.peer.name}</span>}
                  {loud && <Mark severity={loud} />}
                </div>
              </th>
              {acts.map((act) => {
                const cell = cells.get(act);
                if (!cell) return <td key={act} />;
                const span = [cell.first, cell.last].map((at) => time.parse(at)).filter((at) => at !== null).map((at) => time.full(at, lang, zone)).join(" – ");
                const told = [t("device.cell", { n: cell.count, act: word("act", act) }), cell.refused ? t("device.cellRefused", { n: cell.refused }) : "", cell.is_new ? t("device.newAct") : "", span].filter(Boolean).join("\n");
                return (
                  <td key={act}>
                    <button type="button" className={cell.is_new ? `cell new ${newness(cell.effect)}` : `cell c${shade(cell.count)}`} title={told} disabled={!peer.peer.id}
                      onClick={() => url.set({ tab: "operations", peer: peer.peer.id, act, dir: who }, "push")}>
                      {cell.count >= 10_000 ? short(cell.count) : count(cell.count)}<span className="unheard"> {told}</span>
                    </button>
                  </td>
                );
              })}
              {acts.length < 4 && <td />}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const shade = (n: number) => (n < 100 ? 1 : n < 10_000 ? 2 : n < 1_000_000 ? 3 : 4);
function worst(acts: ActCount[]): Severity | null {
  const ranks: Severity[] = ["low", "med", "high", "crit"];
  let found = -1;
  for (const one of acts) if (one.is_new) found = Math.max(found, ranks.indexOf(newness(one.effect)));
  return ranks[found] ?? null;
}
