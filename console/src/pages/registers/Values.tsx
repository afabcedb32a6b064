// How its value changed: as a line, as the set of values that there were, as a table of who and when.
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, type ReactNode } from "react";
import { call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { protocolName } from "../../parts/Evidence";
import { Export } from "../../parts/filters";
import { Bones, Failed, Seg, State, useLate, useNarrow } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { When } from "../../parts/Time";
import { useUrl } from "../../parts/url";
import { Track } from "./Track";

const spans = { "1h": 3_600, "24h": 86_400, "7d": 604_800 } as const;
type Span = keyof typeof spans | "all";

export function Values({ row, element, onOperation, pick }: { row: Schemas["Register"]; element: number | undefined; onOperation(id: string): void; pick: ReactNode }) {
  const { t, rich } = useWords();
  const url = useUrl();
  const narrow = useNarrow();
  const span: Span = url.get("range") in spans ? url.get("range") as Span : "all";
  const last = Date.parse(row.last);
  const ask = useMemo(() => ({
    ...(element === undefined ? {} : { element }),
    ...(span === "all" ? {} : { since: new Date(last - spans[span] * 1000).toISOString() }),
  }), [element, span, last]);
  const query = useInfiniteQuery({
    queryKey: ["register", row.id, "values", ask],
    queryFn: ({ pageParam, signal }) => call("get", "/registers/{register_id}/values", { path: { register_id: row.id }, query: { ...ask, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor, placeholderData: keepPreviousData,
  });
  const late = useLate(query.isPending);
  const first = query.data?.pages[0];
  const changes = query.data?.pages.flatMap((page) => page.changes) ?? [];
  const points = first?.points ?? [];
  const from = span === "all" ? Date.parse(points[0]?.at ?? row.first) : last - spans[span] * 1000;
  return (
    <section className="panel" aria-label={t("registers.values")}>
      <div className="ph">
        <h2>{t("registers.values")} {first && <span className="c">{t("op.times", { n: count(first.count) })}</span>}</h2><span className="sp" />
        {pick}
        <Seg<Span> label={t("keys.range")} value={span} onChange={(next) => url.set({ range: next === "all" ? null : next })} options={(["1h", "24h", "7d", "all"] as Span[]).map((value) => ({ value, label: t(`registers.span.${value}`) }))} />
        <Export path="/registers/{register_id}/values/export" pathValues={{ register_id: row.id }} query={ask} narrow={narrow} />
      </div>
      {query.error && !query.data ? <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : !first ? (late ? <Bones rows={6} /> : <div style={{ height: 200 }} />)
        : first.count === 0 ? <State why={row.asked ? t("registers.onlyAsked") : row.value === undefined ? t("registers.noValue") : t("registers.noChanges")} />
        : (
          <>
            {points.length > 0 ? <Track points={points} from={from} until={Math.max(last, from + 1000)} sentence={t("registers.trackSays", { n: first.count, least: first.least ?? 0, most: first.most ?? 0 })} /> : <p className="pad small t3">{t("registers.noChart")}</p>}
            <div className="pad regset">
              {first.least !== undefined && first.most !== undefined && <span className="s13"><span className="t3">{t("registers.leastMost")}</span> <b className="mono">{first.least} – {first.most}</b></span>}
              <span className="s13"><span className="t3">{t("registers.set", { n: first.distinct })}</span>{" "}
                {first.set.slice(0, 10).map((one) => <span key={one.value} className="chip" title={t("op.times", { n: count(one.times) })}><span className="mono cut">{one.value.length > 24 ? `${one.value.slice(0, 24)}…` : one.value}</span><span className="t3">{count(one.times)}</span></span>)}
                {first.distinct > 10 && <span className="t3"> {t("registers.setMore", { n: first.distinct - 10 })}</span>}
              </span>
            </div>
            <div className="regtable">
              <table className="plain">
                <thead><tr><th>{t("op.time")}</th><th>{t("op.value")}</th><th>{t("registers.before")}</th><th>{t("registers.how")}</th><th>{t("op.who")}</th><th>{t("op.function")}</th></tr></thead>
                <tbody>
                  {changes.map((one) => (
                    <tr key={`${one.at} ${one.value}`}>
                      <td className="mono nw"><When at={one.at} as="full" /></td>
                      <td className="mono wrap">{one.value}</td>
                      <td className="mono wrap t2">{one.before ?? "–"}</td>
                      <td className="nw">{one.writes ? t("registers.wasWritten") : t("registers.wasRead")}</td>
                      <td><Ref of={one.who} /></td>
                      <td className="small t2">{one.protocol && protocolName(one.protocol)} {one.operation ? <button type="button" className="link acc" onClick={() => onOperation(one.operation ?? "")}>{one.function.name ?? t("registers.showBytes")}</button> : one.function.name}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            {query.hasNextPage && <p className="pad"><button type="button" className="btn s" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("registers.older", { n: Math.max(0, first.count - changes.length) })}</button></p>}
            <p className="pad small t3">{t("registers.howTold")}{first.counted_since && <> {rich("registers.countedSince", { at: <When at={first.counted_since} as="full" /> })}</>}{first.left_out > 0 && <> {t("registers.valuesLeftOut", { n: first.left_out })}</>}</p>
          </>
        )}
    </section>
  );
}
