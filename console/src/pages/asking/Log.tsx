// Every byte that was sent, and what came back, newest first; of one device where an address is given.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { call, type Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { FilterBox } from "../../parts/filters";
import { Hex } from "../../parts/Hex";
import { Bones, Failed, Panel, State, useLate } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { When } from "../../parts/Time";
import { useUrl } from "../../parts/url";
import type { Asking } from "./Asking";

type Line = Schemas["AskingLog"]["lines"][number];

export function Log({ services }: { services: Asking["services"] }) {
  const { t } = useWords();
  const url = useUrl();
  const box = useRef<HTMLInputElement>(null);
  const address = url.get("address");
  const query = useInfiniteQuery({
    queryKey: ["asking-log", address], initialPageParam: "",
    queryFn: ({ pageParam, signal }) => call("get", "/active-queries/log", { query: { limit: 100, ...(address ? { address } : {}), ...(pageParam ? { until: pageParam } : {}) }, signal }),
    getNextPageParam: (page) => (page.more ? page.lines.at(-1)?.at : undefined),
  });
  const late = useLate(query.isPending);
  const lines = query.data?.pages.flatMap((page) => page.lines) ?? [];
  return (
    <Panel title={t("asking.tab.log")} right={<button type="button" className="btn s" onClick={() => void query.refetch()}>{t("asking.refresh")}</button>}>
      <div className="tb"><FilterBox value={address} inputRef={box} onChange={(text) => url.set({ address: text || null })} onDown={() => undefined} label={t("asking.byAddress")} how={t("asking.byAddressHow")} /></div>
      {query.error && !query.data ? <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : query.isPending ? (late ? <Bones rows={8} height={30} /> : <div style={{ height: 240 }} />)
        : lines.length === 0 ? <State why={t(address ? "asking.logNoneOf" : "asking.logNone")} {...(address ? { action: <button type="button" className="btn s" onClick={() => url.set({ address: null })}>{t("devices.clear")}</button> } : {})} />
        : (
          <div className="ltbox" tabIndex={0} role="region" aria-label={t("table.scroll")}>
            <table className="lt words asklog">
              <thead><tr><th>{t("asking.time")}</th><th>{t("asking.device")}</th><th>{t("asking.what")}</th><th>{t("asking.bytes")}</th></tr></thead>
              <tbody>{lines.map((line, index) => <Row key={`${line.at} ${index}`} line={line} document={services.find((one) => one.service === line.service)?.document} />)}</tbody>
            </table>
          </div>
        )}
      {query.data?.pages.at(-1)?.cut && <p className="pad small t3">{t("asking.logCut")}</p>}
      {query.hasNextPage && <button type="button" className="btn q s" style={{ margin: "6px 10px 10px" }} disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("do.more")}</button>}
    </Panel>
  );
}

function Row({ line, document }: { line: Line; document: string | undefined }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <>
      <tr>
        <td className="nw"><When at={line.at} as="full" /></td>
        <td>{line.device ? <Ref of={line.device} second /> : line.address ? <span className="mono">{line.address}</span> : <span className="t3">–</span>}</td>
        <td><span className="b">{t(`asking.way.${line.way}`)}</span>{line.service && <> · {t(`asking.service.${line.service}`)}</>}<div className="l2 wrap" lang="en">{line.what}{line.way !== "note" && document ? ` (${document})` : ""}</div></td>
        <td>{line.bytes ? <button type="button" className="btn q s" aria-expanded={open} onClick={() => setOpen(!open)}>{t("asking.length", { n: line.length })}</button> : <span className="t3">–</span>}</td>
      </tr>
      {open && line.bytes && <tr className="more"><td colSpan={4}><Hex hex={line.bytes} />{line.bytes.length / 2 < line.length && <p className="small t3">{t("asking.beginning")}</p>}</td></tr>}
    </>
  );
}
