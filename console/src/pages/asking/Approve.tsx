// A person approves this draft and no other, with a reason; the box asks that, and nothing else.
import { App, Modal } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { call } from "../../api/client";
import { useSession } from "../../api/session";
import { useWords } from "../../look/look";
import { Panel, useComplaint } from "../../parts/parts";
import { When } from "../../parts/Time";
import { useUrl } from "../../parts/url";
import type { Asking } from "./Asking";

export function Approve({ asking }: { asking: Asking }) {
  const { t } = useWords();
  const { may } = useSession();
  const url = useUrl();
  const [open, setOpen] = useState(false);
  if (asking.from !== "console") return <Panel title={t("asking.approval")}><p className="pad small t2">{t(asking.from === "file" ? "asking.byFile" : "asking.byOwner")}</p>{asking.from === "off" && <pre className="pad mono small wrap">{"[ask]\nplan = \"console\""}</pre>}</Panel>;
  const waits = asking.draft.length > 0 && (asking.changed || asking.state !== "running");
  return (
    <Panel title={t("asking.approval")}>
      <div className="pad col" style={{ gap: 8 }}>
        <p className="s13">{asking.draft.length === 0 ? t("asking.nothingYet") : !asking.changed ? (asking.state === "running" ? t("asking.isApproved") : t("asking.isApprovedStopped")) : t("asking.waits")}</p>
        {asking.draft_at && asking.draft.length > 0 && <p className="small t3">{t("asking.drawnBy", { who: asking.draft_who ?? t("fact.somebody") })} <When at={asking.draft_at} as="full" /></p>}
        {waits && <div className="row" style={{ gap: 8, flexWrap: "wrap" }}>
          {url.get("tab") !== "preview" && <button type="button" className="btn" onClick={() => url.set({ tab: "preview", edit: null })}>{t("asking.look")}</button>}
          {may("asking.approve") && <button type="button" className="btn p" onClick={() => setOpen(true)}>{t("asking.approve")}</button>}
        </div>}
        {waits && !may("asking.approve") && <p className="small t3">{t("asking.approveBy")}</p>}
      </div>
      {open && <Ask asking={asking} onClose={() => setOpen(false)} />}
    </Panel>
  );
}

function Ask({ asking, onClose }: { asking: Asking; onClose(): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const id = useId();
  const [why, setWhy] = useState("");
  const [again, setAgain] = useState(false);
  const [busy, setBusy] = useState(false);
  const [version] = useState(asking.version); // What was looked at: a later one is refused.
  const devices = new Set(asking.draft.flatMap((one) => one.addresses)).size;
  const whole = why.trim() !== "" && !busy;
  const save = async () => {
    setBusy(true);
    try {
      client.setQueryData(["asking"], await call("post", "/active-queries/approve", { body: { version, why: why.trim(), again } }));
      void client.invalidateQueries({ queryKey: ["asking-preview"] });
      void message.success(t("asking.approved"));
      onClose();
    } catch (error) {
      void message.error(complaint(error));
      void client.invalidateQueries({ queryKey: ["asking"] });
    }
    setBusy(false);
  };
  return (
    <Modal open title={t("asking.approveTitle", { n: devices })} onCancel={onClose} width={480}
      footer={[
        <button key="cancel" type="button" className="btn" onClick={onClose}>{t("do.cancel")}</button>,
        <button key="save" type="button" className="btn p" style={{ marginLeft: 8 }} disabled={!whole} onClick={() => void save()}>{t("asking.approve")}</button>,
      ]}>
      <form className="col" style={{ gap: 14 }} onSubmit={(event) => { event.preventDefault(); if (whole) void save(); }}>
        <p className="s13">{t("asking.approveWhat")}</p>
        <div className="field"><label htmlFor={`${id}-why`}>{t("approve.reason")}</label>
          <input id={`${id}-why`} className="input" maxLength={160} required autoFocus value={why} placeholder={t("asking.whyLike")} onChange={(event) => setWhy(event.target.value)} /></div>
        <label className="row" style={{ gap: 8, alignItems: "flex-start", flexWrap: "nowrap" }}><input type="checkbox" checked={again} onChange={(event) => setAgain(event.target.checked)} style={{ marginTop: 4 }} /><span className="s13">{t("asking.again")}<br /><span className="small t3">{t("asking.againWhat")}</span></span></label>
      </form>
    </Modal>
  );
}
