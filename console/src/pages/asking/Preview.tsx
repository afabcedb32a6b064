// Which device would be asked what, when, and why not now: the planner's own answer. Nothing is sent for it.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call, type Schemas } from "../../api/client";
import { count, duration } from "../../format/numbers";
import { useWords } from "../../look/look";
import { Bones, Chip, Failed, Panel, Seg, State, useLate } from "../../parts/parts";
import { Ref } from "../../parts/Ref";
import { When } from "../../parts/Time";
import { hoursOf } from "./hours";
import type { Asking } from "./Asking";
import { useHours } from "./Subnets";

type Question = Schemas["AskingQuestion"];
const calm = (one: Question) => one.state === "due" || one.state === "pace" || one.state === "outside";

export function Preview({ asking }: { asking: Asking }) {
  const { t, lang } = useWords();
  const hours = useHours();
  const [of, setOf] = useState<"draft" | "approved">(asking.draft.length > 0 ? "draft" : "approved");
  const query = useQuery({ queryKey: ["asking-preview", of, asking.version], queryFn: ({ signal }) => call("get", "/active-queries/preview", { query: { of }, signal }), placeholderData: keepPreviousData, refetchInterval: 15_000 });
  const late = useLate(query.isPending);
  const preview = query.data;
  const clock = preview && hoursOf(`${preview.local}-24:00`);
  return (
    <>
      {asking.changed && asking.approved.length > 0 && <div><Seg<"draft" | "approved"> label={t("asking.previewOf")} value={of} options={[{ value: "draft", label: t("asking.ofDraft") }, { value: "approved", label: t("asking.ofApproved") }]} onChange={setOf} /></div>}
      {query.error && !preview ? <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
        : !preview ? (late ? <Panel title={t("asking.tab.preview")}><Bones rows={6} height={36} /></Panel> : null)
        : preview.subnets.length === 0 ? <Panel title={t("asking.tab.preview")}><State why={t("asking.previewNone")} /></Panel>
        : (
          <>
            <p className="small t3">{t("asking.previewWhat", { time: clock ? `${t(`day.${clock.first}`)} ${clock.from}` : preview.local })}{preview.total > 5000 && <> {t("asking.previewCut", { n: count(preview.total) })}</>}</p>
            {preview.subnets.map((one) => (
              <Panel key={one.network} title={one.name} count={count(one.addresses.length)} right={<Chip {...(one.open ? { kind: "sel" as const } : {})}>{t(one.open ? "asking.open" : "asking.shut")}</Chip>}>
                <p className="pad small t2">{t("asking.cost", { requests: count(one.requests), pace: duration(one.every_ms / 1000, lang), time: duration(one.lasts_s, lang) })} {one.windows.map(hours).join(t("list.comma"))}</p>
                <div className="ltbox" tabIndex={0} role="region" aria-label={t("table.scroll")}>
                  <table className="lt">
                    <thead><tr><th>{t("asking.device")}</th><th>{t("asking.question")}</th><th>{t("asking.now")}</th><th>{t("asking.lastTime")}</th></tr></thead>
                    <tbody>{one.questions.map((question) => <Row key={`${question.address} ${question.service}`} of={question} />)}</tbody>
                  </table>
                </div>
              </Panel>
            ))}
          </>
        )}
    </>
  );
}

function Row({ of }: { of: Question }) {
  const { t } = useWords();
  return (
    <tr>
      <td>{of.device ? <Ref of={of.device} second /> : <span className="mono">{of.address}</span>}</td>
      <td><span className="cut">{t(`asking.service.${of.service}`)}</span></td>
      <td><span className={calm(of) ? "" : "b"}>{t(`asking.state.${of.state}`)}</span>{of.not_before && <div className="l2">{t("asking.notBefore")} <When at={of.not_before} as="full" /></div>}</td>
      <td>{of.last_end ? <>{t(`asking.end.${of.last_end}`)}{of.last_at && <div className="l2"><When at={of.last_at} as="full" /></div>}</> : <span className="t3">{t("asking.neverAsked")}</span>}</td>
    </tr>
  );
}
