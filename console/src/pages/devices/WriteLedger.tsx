// Whose several devices are, and what else they have in common, into the ledger at once. Only what is filled in is written.
import { App, Modal } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { call, type Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { useComplaint } from "../../parts/parts";

const fields = ["owner", "department", "contact", "line", "place", "maintenance", "supplier", "note"] as const;
type Field = (typeof fields)[number] | "criticality";
const atOnce = 1000;

export function WriteLedger({ devices, onClose, onDone }: { devices: readonly string[]; onClose(): void; onDone(): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const id = useId();
  const [values, setValues] = useState<Partial<Record<Field, string>>>({});
  const [busy, setBusy] = useState(false);
  const said = Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value.trim() ? [[name, value.trim()]] : []))) as Schemas["LedgerOfDevices"]["values"];
  const nothing = Object.keys(said).length === 0;
  const set = (field: Field, value: string) => setValues((before) => ({ ...before, [field]: value }));
  const save = async () => {
    setBusy(true);
    try {
      let made = 0;
      for (let from = 0; from < devices.length; from += atOnce)
        made += (await call("patch", "/ledger/devices", { body: { devices: devices.slice(from, from + atOnce), values: said } })).made;
      void message.success(made > 0 ? t("write.doneMade", { n: devices.length, made }) : t("write.done", { n: devices.length }));
      onDone();
      onClose();
    } catch (error) {
      void message.error(complaint(error));
    } finally {
      setBusy(false);
      void client.invalidateQueries({ predicate: (query) => ["ledger", "ledger-list", "devices", "facets", "device"].includes(String(query.queryKey[0])) });
    }
  };
  return (
    <Modal open title={t("write.title", { n: devices.length })} onCancel={onClose} width={480}
      footer={[
        <button key="cancel" type="button" className="btn" onClick={onClose}>{t("do.cancel")}</button>,
        <button key="save" type="button" className="btn p" style={{ marginLeft: 8 }} disabled={busy || nothing} onClick={() => void save()}>{t("write.do", { n: devices.length })}</button>,
      ]}>
      <form className="col" style={{ gap: 10 }} onSubmit={(event) => { event.preventDefault(); if (!busy && !nothing) void save(); }}>
        <p className="small t2">{t("write.what")}</p>
        {fields.map((field) => <div key={field} className="field"><label htmlFor={`${id}-${field}`}>{t(`ledgerfield.${field}`)}</label><input id={`${id}-${field}`} className="input" maxLength={160} value={values[field] ?? ""} onChange={(event) => set(field, event.target.value)} /></div>)}
        <div className="field"><label htmlFor={`${id}-criticality`}>{t("ledgerfield.criticality")}</label>
          <select id={`${id}-criticality`} className="input" value={values.criticality ?? ""} onChange={(event) => set("criticality", event.target.value)}><option value="">{t("write.asIs")}</option>{(["high", "medium", "low"] as const).map((one) => <option key={one} value={one}>{t(`criticality.${one}`)}</option>)}</select></div>
      </form>
    </Modal>
  );
}
