// Exchanges in a steady rhythm: what is usual, what is now, furthest from usual first.
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { call, type Schemas } from "../../api/client";
import { duration, percent } from "../../format/numbers";
import { useWords } from "../../look/look";
import { protocolName } from "../../parts/Evidence";
import { FilterBox } from "../../parts/filters";
import { Bones, Failed, State, useLate } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { When } from "../../parts/Time";
import { useUrl } from "../../parts/url";

type Cycle = Schemas["Cycle"];
const time = (us: number, lang: "ja" | "en") => duration(us / 1e6, lang);
/** Before so many minutes nobody can say what is usual. */
const learnt = 8;

export function Cycles() {
  const { t, lang } = useWords();
  const url = useUrl();
  const box = useRef<HTMLInputElement>(null);
  const q = url.get("q"), device = url.get("device");
  const query = useInfiniteQuery({
    queryKey: ["health", "cycles", q, device],
    queryFn: ({ pageParam, signal }) => call("get", "/network-health/cycles", { query: { limit: 100, ...(q ? { q } : {}), ...(device ? { device } : {}), ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor, placeholderData: keepPreviousData,
  });
  const late = useLate(query.isPending);
  const first = query.data?.pages[0];
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="panel whole hscroll" aria-label={t("health.tab.cycles")}>
      <div className="tb">
        <FilterBox value={q} inputRef={box} onChange={(text) => url.set({ q: text || null })} onDown={() => undefined} label={t("cycles.filter")} how={t("cycles.filter")} />
        <span className="sp" /><span className="t3 s13 nw" aria-live="polite">{first ? t("cycles.says", { n: first.total }) : ""}</span>
      </div>
      {query.error && !query.data ? <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : !first ? (late ? <Bones rows={10} height={44} /> : null)
        : items.length === 0 ? <State middle why={q ? t("health.none") : t("cycles.none")} />
        : (
          <div className="hbox" role="region" tabIndex={0} aria-label={t("health.tab.cycles")}>
            <table className="lt hcycles">
              <thead><tr>
                <th scope="col">{t("cycles.pair")}</th><th scope="col">{t("column.function")}</th>
                <th scope="col" className="num">{t("cycles.usual")}</th><th scope="col" className="num">{t("cycles.now")}</th><th scope="col" className="num">{t("cycles.longest")}</th>
                <th scope="col" className="num">{t("cycles.answered")}</th><th scope="col" className="num">{t("cycles.refused")}</th><th scope="col">{t("cycles.last")}</th>
              </tr></thead>
              <tbody>{items.map((one) => <CycleRow key={one.id} one={one} lang={lang} />)}</tbody>
            </table>
            {query.hasNextPage && <p className="pad"><button type="button" className="btn s" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("health.more", { n: first.total - items.length })}</button></p>}
          </div>
        )}
    </section>
  );
}

function CycleRow({ one, lang }: { one: Cycle; lang: "ja" | "en" }) {
  const { t } = useWords();
  const learning = one.minutes < learnt;
  const slow = !learning && one.now_us > one.usual_us * 1.3;
  return (
    <tr>
      <td><div className="row hpair"><Ref of={one.asks} /><span className="t3" aria-hidden="true">→</span><Ref of={one.answers} /></div>{one.line && <div className="l2 small t3">{one.line.name}</div>}</td>
      <td className="wrap">{one.protocol && <>{protocolName(one.protocol)} · </>}{one.function}{one.object && <div className="l2 small t3 mono wrap">{one.object}</div>}</td>
      <td className="num nw">{learning ? <span className="t3">{t("cycles.learning")}</span> : time(one.usual_us, lang)}</td>
      <td className={slow ? "num nw b" : "num nw"}>{time(one.now_us, lang)}</td>
      <td className="num nw">{time(one.now_most_us, lang)}</td>
      <td className="num nw">{one.cyclic ? <span className="t3 small">{t("cycles.cyclic")}</span> : one.asked > 0 ? percent(Math.min(1, (one.answered + one.refused) / one.asked)) : "–"}</td>
      <td className="num nw">{one.cyclic || one.answered + one.refused === 0 ? "–" : percent(one.refused / (one.answered + one.refused))}</td>
      <td className="nw"><When at={one.last_seen} /></td>
    </tr>
  );
}
