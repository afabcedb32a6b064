// A rule is written and looked at: of which devices it would say something, before it is kept.
import { App, Modal } from "antd";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useId, useMemo, useState } from "react";
import { call, Problem, type Schemas } from "../../api/client";
import { useWords } from "../../look/look";
import { Bones, useComplaint, useLate } from "../../parts/parts";
import { conditions, formOf, ruled, written, type Condition, type Form, type Rule, type Ruled } from "./rules";

const examplesShown = 8;
/** What was typed, once nothing was typed for a moment. */
function useSettled<T>(value: T, after = 250): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), after);
    return () => clearTimeout(timer);
  }, [value, after]);
  return settled;
}

export function RuleForm({ rule, onClose, onDone }: { rule: Rule | null; onClose(): void; onDone(): void }) {
  const { t } = useWords();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const id = useId();
  const [form, setForm] = useState<Form>(() => formOf(rule));
  const [busy, setBusy] = useState(false);
  const asked = useMemo(() => written(form), [form]);
  const settled = useSettled(asked);
  const lines = useQuery({ queryKey: ["lines"], queryFn: ({ signal }) => call("get", "/lines", { signal }) });
  const found = useQuery({
    queryKey: ["ledger", "rules", "preview", rule?.id ?? "", settled], enabled: settled !== null, placeholderData: keepPreviousData, retry: false,
    queryFn: ({ signal }) => call("post", "/ledger/rules/preview", { body: { ...settled!, ...(rule ? { rule: rule.id } : {}) }, signal }),
  });
  const set = (name: Condition | Ruled, value: string) => setForm((before) => ({ ...before, [name]: value }));
  const ready = asked !== null && !busy && JSON.stringify(asked) === JSON.stringify(settled) && !found.isPending && !found.isPlaceholderData && !found.error;
  const save = async () => {
    if (!asked || !ready) return;
    setBusy(true);
    try {
      if (rule) await call("put", "/ledger/rules/{rule_id}", { path: { rule_id: rule.id }, body: asked });
      else await call("post", "/ledger/rules", { body: asked });
      void message.success(t("rules.kept", { n: found.data?.fills ?? 0 }));
      onDone();
      onClose();
    } catch (error) {
      void message.error(complaint(error));
      setBusy(false);
    }
  };
  const subnets = [...new Set((lines.data?.found ?? []).map((one) => one.subnet))];
  const input = (name: Condition | Ruled, label: string, more: { hint?: string; list?: string; mono?: boolean } = {}) => (
    <div className="field" key={name}>
      <label htmlFor={`${id}-${name}`}>{label}</label>
      <input id={`${id}-${name}`} className={more.mono ? "input mono" : "input"} maxLength={name === "vlan" ? 4 : name === "subnet" ? 64 : 120} inputMode={name === "vlan" ? "numeric" : undefined} list={more.list} placeholder={more.hint} value={form[name] ?? ""} onChange={(event) => set(name, event.target.value)} />
    </div>
  );
  const hints: Record<Condition, string> = { subnet: "10.2.3.0/24", vlan: "20", port: t("rules.portHint"), name: "PLC-*" };
  return (
    <Modal open title={rule ? t("rules.changeTitle") : t("rules.add")} onCancel={onClose} width={860}
      footer={[
        <button key="cancel" type="button" className="btn" onClick={onClose}>{t("do.cancel")}</button>,
        <button key="save" type="button" className="btn p" style={{ marginLeft: 8 }} disabled={!ready} onClick={() => void save()}>{t("rules.keep")}</button>,
      ]}>
      <form className="ruleform" onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <fieldset className="col"><legend className="flabel">{t("rules.when")}</legend>
          <p className="small t3">{t("rules.whenWhat")}</p>
          {conditions.map((name) => input(name, t(`rules.${name}`), { hint: hints[name], mono: name === "subnet", ...(name === "subnet" ? { list: `${id}-subnets` } : {}) }))}
          <datalist id={`${id}-subnets`}>{subnets.map((one) => <option key={one} value={one} />)}</datalist>
        </fieldset>
        <fieldset className="col"><legend className="flabel">{t("rules.then")}</legend>
          <p className="small t3">{t("rules.thenWhat")}</p>
          <div className="two">
            {ruled.map((field) => field === "line" || field === "criticality" ? (
              <div className="field" key={field}>
                <label htmlFor={`${id}-${field}`}>{t(`ledgerfield.${field}`)}</label>
                <select id={`${id}-${field}`} className="input" value={form[field] ?? ""} onChange={(event) => set(field, event.target.value)}>
                  <option value="">{t("rules.nothing")}</option>
                  {field === "line" ? (lines.data?.lines ?? []).map((one) => <option key={one.id} value={one.id}>{one.name}</option>)
                    : (["high", "medium", "low"] as const).map((one) => <option key={one} value={one}>{t(`criticality.${one}`)}</option>)}
                </select>
              </div>
            ) : input(field, t(`ledgerfield.${field}`)))}
          </div>
        </fieldset>
        <input type="submit" hidden />
        <Would asked={settled !== null} data={settled === null ? undefined : found.data} error={found.error} waiting={found.isPending && settled !== null} stale={found.isPlaceholderData} />
      </form>
    </Modal>
  );
}

function Would({ asked, data, error, waiting, stale }: { asked: boolean; data: Schemas["LedgerRulePreview"] | undefined; error: unknown; waiting: boolean; stale: boolean }) {
  const { t } = useWords();
  const complaint = useComplaint();
  const late = useLate(waiting);
  const fields = (all: readonly Ruled[]) => all.map((field) => t(`ledgerfield.${field}`)).join(t("rules.and"));
  const shown = data?.examples.slice(0, examplesShown) ?? [];
  return (
    <section className="would" aria-label={t("rules.would")} aria-live="polite">
      {!asked ? <p className="s13 t3">{t("rules.wouldAsk")}</p>
        : error ? <p className="s13" role="alert">{error instanceof Problem && error.code === "model.bad-subnet" ? t("rules.badSubnet") : complaint(error)}</p>
        : !data ? (late ? <Bones rows={3} height={22} /> : null)
        : <div style={stale ? { opacity: 0.6 } : undefined}>
          <p className="b">{data.fills > 0 ? t("rules.wouldFill", { n: data.fills }) : data.devices > 0 ? t("rules.wouldKeep", { n: data.devices }) : t("rules.wouldNone")}</p>
          <p className="s13 t2">
            {data.kept > 0 && data.fills > 0 ? `${t("rules.wouldStay", { n: data.kept })} ` : ""}{data.loses > 0 ? `${t("rules.wouldLose", { n: data.loses })} ` : ""}{t("rules.wouldNew")}
          </p>
          {shown.length > 0 && <ul className="wouldlist s13">
            {shown.map((one) => (
              <li key={one.device.id}><span className="cut b">{one.device.name}</span><span className="mono t2 cut">{one.device.address === one.device.name ? "" : one.device.address}</span>
                <span className={one.fields.length > 0 ? "cut" : "cut t3"} title={one.fields.length > 0 ? fields(one.fields) : t("rules.saidAlready")}>{one.fields.length > 0 ? fields(one.fields) : t("rules.saidAlready")}</span></li>
            ))}
          </ul>}
          {data.devices > shown.length && <p className="small t3">{t("rules.more", { n: data.devices - shown.length })}</p>}
        </div>}
    </section>
  );
}
