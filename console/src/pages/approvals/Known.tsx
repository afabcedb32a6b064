// "What is in our ledger, and as the ledger says, may stay": shown first, with what is left to look at one by one.
import { App, Modal } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router-dom";
import { call } from "../../api/client";
import { useWords } from "../../look/look";
import { RoleIcon } from "../../parts/Icon";
import { Bones, Failed, State, useComplaint } from "../../parts/parts";
import { decideAll, refreshApprovals } from "./Decide";

export function Known({ onClose }: { onClose(): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const query = useQuery({ queryKey: ["approvals", "known"], queryFn: ({ signal }) => call("get", "/approvals/known", { signal }), staleTime: 0 });
  const known = query.data;
  const ids = (known?.devices ?? []).flatMap((one) => (one.id ? [one.id] : []));
  const save = async () => {
    setBusy(true);
    try {
      // What is shown is what is let in: who changed meanwhile is refused or waits again by itself.
      await decideAll(ids, { state: "approved", reason: t("known.reason") });
      void message.success(t("approve.done.approved", { n: ids.length }));
      onClose();
    } catch (error) {
      void message.error(complaint(error));
    } finally {
      setBusy(false);
      refreshApprovals(client);
    }
  };
  return (
    <Modal open title={t("known.title")} onCancel={onClose} width={560}
      footer={[
        <button key="cancel" type="button" className="btn" onClick={onClose}>{t("do.cancel")}</button>,
        <button key="save" type="button" className="btn p" style={{ marginLeft: 8 }} disabled={busy || ids.length === 0} onClick={() => void save()}>{t("known.do", { n: ids.length })}</button>,
      ]}>
      {query.error && !known ? <Failed error={query.error} onAgain={() => void query.refetch()} />
        : !known ? <Bones rows={6} height={30} />
        : (
          <div className="col" style={{ gap: 10 }}>
            <p>{t("known.what", { n: known.total, waiting: known.waiting })}</p>
            {ids.length > 0
              ? (
                <ul className="known" tabIndex={0} aria-label={t("known.list")}>
                  {known.devices.map((one) => <li key={one.id ?? one.name} className="row" style={{ gap: 8 }}><RoleIcon role={one.role ?? "unknown"} size={20} /><span className="grow cut">{one.name}</span>{one.address && one.address !== one.name && <span className="mono t2 small">{one.address}</span>}</li>)}
                </ul>
              )
              : <State why={t("known.none")} link={<Link className="link acc" to="/ledger" onClick={onClose}>{t("known.toLedger")}</Link>} />}
            {known.total > ids.length && <p className="small t2">{t("known.more", { n: known.total - ids.length })}</p>}
            {(known.different > 0 || known.not_in_ledger > 0) && <p className="small t2">{t("known.rest", { different: known.different, foreign: known.not_in_ledger })}</p>}
            <p className="small t3">{t("approve.nothingSent")}</p>
          </div>
        )}
    </Modal>
  );
}
