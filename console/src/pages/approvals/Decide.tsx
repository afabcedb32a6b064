// One decision about one device or a thousand: let in, let in until a date, keep out, or take back. It is recorded with
// who, when and why; nothing is sent to equipment.
import { App, Modal } from "antd";
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { call, type Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { useComplaint } from "../../parts/parts";
import { useZone } from "../../parts/Time";
import { dayEnd, inDays } from "./dates";

export type Choice = Schemas["ApprovalDecision"]["state"];
export const choices: readonly Choice[] = ["approved", "temporary", "rejected", "pending"];
const atOnce = 1000;

/** All of them, in as many requests as it takes; how many were recorded where one is refused. */
export async function decideAll(devices: readonly string[], decision: Omit<Schemas["ApprovalDecision"], "devices">): Promise<number> {
  for (let from = 0; from < devices.length; from += atOnce)
    await call("post", "/approvals", { body: { ...decision, devices: devices.slice(from, from + atOnce) } });
  return devices.length;
}

export function refreshApprovals(client: QueryClient): void {
  const refresh = () => void client.invalidateQueries({ predicate: (query) => ["device", "devices", "facets", "overview", "approvals"].includes(String(query.queryKey[0])) });
  refresh();
  setTimeout(refresh, 1200);
}

export function Decide({ devices, name, first = "approved", onClose, onDone }: { devices: readonly string[]; /** Of the only one. */ name?: string; first?: Choice; onClose(): void; onDone(): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const zone = useZone();
  const id = useId();
  const [choice, setChoice] = useState<Choice>(first);
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState(() => inDays(7, zone));
  const [busy, setBusy] = useState(false);
  const asks = choice === "rejected" || choice === "temporary";
  const whole = (!asks || reason.trim() !== "") && (choice !== "temporary" || until !== "");
  const save = async () => {
    setBusy(true);
    try {
      await decideAll(devices, { state: choice, ...(reason.trim() ? { reason: reason.trim() } : {}), ...(choice === "temporary" ? { until: dayEnd(until, zone) } : {}) });
      void message.success(t(`approve.done.${choice}`, { n: devices.length }));
      onDone();
      onClose();
    } catch (error) {
      void message.error(complaint(error));
    } finally {
      setBusy(false);
      refreshApprovals(client);
    }
  };
  return (
    <Modal open title={name && devices.length === 1 ? t("approve.titleOne", { name }) : t("approve.title", { n: devices.length })} onCancel={onClose} width={480}
      footer={[
        <button key="cancel" type="button" className="btn" onClick={onClose}>{t("do.cancel")}</button>,
        <button key="save" type="button" className="btn p" style={{ marginLeft: 8 }} disabled={busy || !whole} onClick={() => void save()}>{t(`approve.do.${choice}`)}</button>,
      ]}>
      <form className="col approve" style={{ gap: 14 }} onSubmit={(event) => { event.preventDefault(); if (whole && !busy) void save(); }}>
        <fieldset className="col" style={{ gap: 6, border: 0, padding: 0, margin: 0 }}>
          <legend className="unheard">{t("approve.what")}</legend>
          {choices.map((one) => (
            <label key={one} className="row" style={{ gap: 8, alignItems: "flex-start" }}>
              <input type="radio" name={`${id}-choice`} value={one} checked={choice === one} onChange={() => setChoice(one)} style={{ marginTop: 4 }} />
              <span><span className="b">{t(`approve.choice.${one}`)}</span><br /><span className="small t2">{t(`approve.means.${one}`)}</span></span>
            </label>
          ))}
        </fieldset>
        {choice === "temporary" && (
          <div className="field"><label htmlFor={`${id}-until`}>{t("approve.until")}</label>
            <input id={`${id}-until`} type="date" className="input" required value={until} min={inDays(0, zone)} max={inDays(365, zone)} onChange={(event) => setUntil(event.target.value)} /></div>
        )}
        {choice !== "pending" && (
          <div className="field"><label htmlFor={`${id}-reason`}>{asks ? t("approve.reason") : t("approve.reasonIfAny")}</label>
            <input id={`${id}-reason`} className="input" maxLength={160} required={asks} value={reason} placeholder={t(choice === "rejected" ? "approve.reasonLikeNo" : choice === "temporary" ? "approve.reasonLikeGuest" : "approve.reasonLike")} onChange={(event) => setReason(event.target.value)} /></div>
        )}
        <p className="small t3">{t("approve.nothingSent")}</p>
      </form>
    </Modal>
  );
}
