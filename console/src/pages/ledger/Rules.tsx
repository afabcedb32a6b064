// Whose the devices of a subnet, VLAN, switch port or name are: rules in the order in which they are asked. What a person or
// the ledger says stays; what only a rule said goes with it.
import { App, Popconfirm } from "antd";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { call, type Schemas } from "../../api/client";
import { count } from "../../format/numbers";
import { useWords } from "../../look/look";
import { Bones, Chip, Failed, State, useComplaint, useLate } from "../../parts/parts";
import { When } from "../../parts/Time";
import { useUrl } from "../../parts/url";
import { RuleForm } from "./RuleForm";
import { ruled, type Rule } from "./rules";

/** "by rule: 192.168.10.0/24", where a value is shown that nobody but a rule says. */
export function ByRule({ because }: { because: string }) {
  const { t } = useWords();
  return <span className="small t3 under">{t("rules.by", { because })}</span>;
}

export function Rules({ mayEdit }: { mayEdit: boolean }) {
  const { t } = useWords();
  const url = useUrl();
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const query = useQuery({ queryKey: ["ledger", "rules"], queryFn: ({ signal }) => call("get", "/ledger/rules", { signal }) });
  const late = useLate(query.isPending);
  const rules = query.data?.rules ?? [];
  const asked = url.get("rule");
  const changing = rules.find((one) => one.id === asked) ?? null;
  const refresh = useCallback(() => {
    const again = () => void client.invalidateQueries({ predicate: (one) => ["ledger", "ledger-list", "device", "devices", "facets", "lines"].includes(String(one.queryKey[0])) });
    again();
    setTimeout(again, 1200); // A line that a rule says is shown within a second.
  }, [client]);
  const run = async (what: () => Promise<unknown>, said: string) => {
    setBusy(true);
    try {
      await what();
      void message.success(said);
    } catch (error) {
      void message.error(complaint(error));
    } finally {
      setBusy(false);
      refresh();
    }
  };
  const move = (rule: Rule, by: number) => {
    const order = rules.map((one) => one.id), at = order.indexOf(rule.id);
    order.splice(at, 1);
    order.splice(at + by, 0, rule.id);
    void run(() => call("put", "/ledger/rules/order", { body: { rules: order } }), t("rules.ordered"));
  };
  const remove = (rule: Rule) => void run(() => call("delete", "/ledger/rules/{rule_id}", { path: { rule_id: rule.id } }), t("rules.removed", { because: rule.because }));
  return (
    <div className="pg">
      <div className="head say">
        <div className="grow">
          <h1>{query.data ? (rules.length > 0 ? t("rules.says", { n: rules.reduce((sum, one) => sum + one.fills, 0), rules: rules.length }) : t("rules.none")) : t("rules.title")}</h1>
          <p className="t2 s13">{t("rules.what")}</p>
        </div>
        <button type="button" className="btn" onClick={() => url.set({ tab: null, rule: null })}>{t("rules.back")}</button>
        {mayEdit && <button type="button" className="btn p" disabled={!query.data || rules.length >= query.data.most} onClick={() => url.set({ rule: "new" })}>{t("rules.add")}</button>}
      </div>
      <section className="panel" aria-label={t("rules.title")}>
        {query.error && !query.data ? <Failed middle error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />
          : !query.data ? (late ? <Bones rows={6} height={56} /> : <div style={{ height: 336 }} />)
          : rules.length === 0 ? <State middle why={t("rules.empty")} {...(mayEdit ? { action: <button type="button" className="btn p" onClick={() => url.set({ rule: "new" })}>{t("rules.add")}</button> } : {})} />
          : (
            <div className="ltbox"><table className="lt rules">
              <thead><tr><th className="rn">{t("rules.place")}</th><th>{t("rules.when")}</th><th>{t("rules.then")}</th><th className="r rf">{t("rules.fills")}</th><th className="rw">{t("rules.who")}</th>{mayEdit && <th className="rd">{t("ledger.column.do")}</th>}</tr></thead>
              <tbody>
                {rules.map((rule, at) => (
                  <tr key={rule.id}>
                    <td className="rn">{count(at + 1)}</td>
                    <td className="wrap"><Conditions rule={rule} /></td>
                    <td className="wrap"><Says rule={rule} /></td>
                    <td className="r rf">{t("unit.devices", { n: rule.fills })}{rule.fills !== rule.devices && <div className="l2">{t("rules.of", { n: rule.devices })}</div>}</td>
                    <td className="rw"><div className="cut" title={rule.who}>{rule.who}</div><div className="l2"><When at={rule.at} as="date" /></div></td>
                    {mayEdit && <td className="rd"><div className="row" style={{ gap: 6, flexWrap: "nowrap" }}>
                      <button type="button" className="btn s" disabled={busy || at === 0} aria-label={t("rules.up", { because: rule.because })} onClick={() => move(rule, -1)}>↑</button>
                      <button type="button" className="btn s" disabled={busy || at + 1 === rules.length} aria-label={t("rules.down", { because: rule.because })} onClick={() => move(rule, 1)}>↓</button>
                      <button type="button" className="btn s" disabled={busy} onClick={() => url.set({ rule: rule.id })}>{t("rules.change")}</button>
                      <Popconfirm title={rule.fills > 0 ? t("rules.removeAsk", { n: rule.fills }) : t("rules.removeNone")} description={<span className="s13 asking">{t("rules.removeWhat")}</span>} okText={t("rules.remove")} cancelText={t("do.cancel")} onConfirm={() => remove(rule)} placement="left">
                        <button type="button" className="btn s" disabled={busy}>{t("rules.remove")}</button>
                      </Popconfirm>
                    </div></td>}
                  </tr>
                ))}
              </tbody>
            </table></div>
          )}
      </section>
      {query.data && <p className="small t3 rulesfoot">{t("rules.order")} {t("rules.most", { n: query.data.most })} {mayEdit ? "" : t("ledger.editBy")}</p>}
      {mayEdit && query.data && (asked === "new" || changing) && <RuleForm key={asked} rule={changing} onClose={() => url.set({ rule: null })} onDone={refresh} />}
    </div>
  );
}

export function Conditions({ rule }: { rule: Pick<Rule, "when"> }) {
  const { t } = useWords();
  const { subnet, vlan, port, name } = rule.when;
  return (
    <div className="row" style={{ gap: 6, flexWrap: "wrap" }}>
      {subnet && <Chip><span className="mono">{subnet}</span></Chip>}
      {vlan !== undefined && <Chip>{t("rules.vlanIs", { n: String(vlan) })}</Chip>}
      {port && <Chip>{t("rules.portIs", { port })}</Chip>}
      {name && <Chip>{t("rules.nameIs", { name })}</Chip>}
    </div>
  );
}

function Says({ rule }: { rule: Schemas["LedgerRule"] }) {
  const { t, word } = useWords();
  const values = ruled.flatMap((field) => {
    const value = field === "line" ? (rule.says.line ? rule.line?.name ?? t("rules.lineGone") : undefined) : rule.says[field];
    return value ? [[field, field === "criticality" ? word("criticality", value) : value] as const] : [];
  });
  return <>{values.map(([field, value]) => <div key={field}><span className="t3 s13">{t(`ledgerfield.${field}`)}</span> {value}</div>)}</>;
}
