// "What was its value at that time?"
import { useQuery } from "@tanstack/react-query";
import { call, type Schemas } from "../../api/client";
import { fromInput, toInput } from "../../format/time";
import { useWords } from "../../look/look";
import { Failed } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { useZone, When } from "../../parts/Time";
import { useUrl } from "../../parts/url";

export function At({ row, element, onOperation }: { row: Schemas["Register"]; element: number | undefined; onOperation(id: string): void }) {
  const { t, rich } = useWords();
  const zone = useZone();
  const url = useUrl();
  const when = url.get("at") && !Number.isNaN(Date.parse(url.get("at"))) ? new Date(url.get("at")) : null;
  const query = useQuery({
    queryKey: ["register", row.id, "at", when?.toISOString(), element], enabled: when !== null,
    queryFn: ({ signal }) => call("get", "/registers/{register_id}/at", { path: { register_id: row.id }, query: { time: when?.toISOString() ?? "", ...(element === undefined ? {} : { element }) }, signal }),
  });
  const was = query.data?.was;
  return (
    <section className="panel" aria-label={t("registers.at")}>
      <div className="ph"><h2>{t("registers.at")}</h2></div>
      <div className="pad col" style={{ gap: 8 }}>
        <input type="datetime-local" step={1} className="input s" aria-label={t("registers.atTime")} value={when ? toInput(when, zone) : ""} onChange={(event) => { const next = fromInput(event.target.value, zone); url.set({ at: next ? next.toISOString() : null }); }} />
        {query.error ? <Failed error={query.error} onAgain={() => void query.refetch()} />
          : !when ? <p className="s13 t2">{t("registers.atHow")} {row.changed && <button type="button" className="link acc" onClick={() => url.set({ at: new Date(Date.parse(row.changed ?? "") - 1).toISOString() })}>{t("registers.atBefore")}</button>}</p>
          : !query.data ? <p className="s13 t3">…</p>
          : !was ? <p className="s13">{t("registers.atUnknown")}</p>
          : (
            <div className="s13">
              <p><b className="mono wrap big">{was.value}</b></p>
              <p className="t2">{was.writes ? rich("registers.atWritten", { who: <Ref of={was.who} />, at: <When at={was.at} as="full" /> }) : rich("registers.atRead", { who: <Ref of={was.who} />, at: <When at={was.at} as="full" /> })}</p>
              <p className="t2">{query.data.until ? rich("registers.atUntil", { at: <When at={query.data.until} as="full" /> }) : t("registers.atSince")}</p>
              {was.operation && <button type="button" className="link acc" onClick={() => onOperation(was.operation ?? "")}>{t("registers.showBytes")}</button>}
            </div>
          )}
      </div>
    </section>
  );
}
