// The draft, subnet by subnet: who is asked what, when, how slowly.
import { App } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { count, duration } from "../../format/numbers";
import { useWords } from "../../look/look";
import { Panel, State, useComplaint } from "../../parts/parts";
import { useUrl } from "../../parts/url";
import type { Asking } from "./Asking";
import { Edit } from "./Edit";
import { hoursOf } from "./hours";

export type Subnet = Schemas["AskingSubnet"];
export type Told = Schemas["AskingSubnetAsk"];

/** Without what only an approved one has. */
export const asTold = ({ approved_at: _at, approved_by: _by, ...rest }: Subnet): Told => rest;

export function useSave(asking: Asking) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const save = async (subnets: Told[]) => {
    setBusy(true);
    try {
      client.setQueryData(["asking"], await call("put", "/active-queries/draft", { body: { version: asking.version, subnets } }));
      void client.invalidateQueries({ queryKey: ["asking-preview"] });
      void message.success(t("asking.saved"));
      return true;
    } catch (error) {
      void message.error(complaint(error), 8);
      void client.invalidateQueries({ queryKey: ["asking"] });
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { save, busy };
}

export function useHours(): (text: string) => string {
  const { t } = useWords();
  return (text) => {
    const found = hoursOf(text);
    if (!found) return text;
    const day = found.first === found.last ? t(`day.${found.first}`) : t("asking.days", { first: t(`day.${found.first}`), last: t(`day.${found.last}`) });
    return `${day} ${found.from}–${found.to === "00:00" ? "24:00" : found.to}`;
  };
}

export function Subnets({ asking }: { asking: Asking }) {
  const { t, lang } = useWords();
  const { may } = useSession();
  const url = useUrl();
  const hours = useHours();
  const { save, busy } = useSave(asking);
  const edit = url.get("edit");
  const mayEdit = may("asking.edit");
  const at = edit === "new" ? -1 : Number(edit);
  if (edit && mayEdit && (edit === "new" || asking.draft[at])) return <Edit key={`${edit}-${asking.version}`} asking={asking} at={at} />;
  return (
    <Panel title={t("asking.draft")} count={count(asking.draft.length)} right={mayEdit && asking.draft.length > 0 ? <button type="button" className="btn s" onClick={() => url.set({ edit: "new" }, "push")}>{t("asking.add")}</button> : undefined}>
      {asking.draft.length === 0
        ? <State why={t("asking.empty")} action={mayEdit ? <button type="button" className="btn p" onClick={() => url.set({ edit: "new" }, "push")}>{t("asking.addFirst")}</button> : <span className="small t3">{t("asking.editBy")}</span>} />
        : (
          <div className="ltbox" tabIndex={0} role="region" aria-label={t("table.scroll")}>
            <table className="lt words subnets">
              <thead><tr><th>{t("asking.subnet")}</th><th>{t("asking.services")}</th><th>{t("asking.hours")}</th><th>{t("asking.pace")}</th><th>{mayEdit && <span className="unheard">{t("asking.change")}</span>}</th></tr></thead>
              <tbody>
                {asking.draft.map((one, index) => (
                  <tr key={one.network}>
                    <td><b className="b cut">{one.name}</b><div className="l2 mono cut">{one.network}</div><div className="l2">{t("asking.devices", { n: one.addresses.length })}</div></td>
                    <td className="wrap">{one.services.map((service) => t(`asking.service.${service}`)).join(t("list.comma"))}</td>
                    <td className="wrap">{one.windows.map((text) => <div key={text}>{hours(text)}</div>)}</td>
                    <td>{t("asking.every", { time: duration(one.every_ms / 1000, lang) })}<div className="l2">{t("asking.repeat", { time: duration(one.again_hours * 3600, lang) })}</div></td>
                    <td className="r">{mayEdit && <div className="row" style={{ gap: 4, justifyContent: "flex-end" }}><button type="button" className="btn s" onClick={() => url.set({ edit: String(index) }, "push")}>{t("asking.change")}</button><button type="button" className="btn q s" disabled={busy} onClick={() => void save(asking.draft.filter((_, other) => other !== index).map(asTold))}>{t("asking.remove")}</button></div>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      <p className="pad small t3">{t("asking.draftWhat")} {t("asking.zone", { zone: asking.time_zone })}</p>
    </Panel>
  );
}
