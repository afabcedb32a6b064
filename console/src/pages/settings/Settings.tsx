// Settings: one's own, the lines, and for those who may: accounts and the audit log.
import { App, Modal, Popconfirm } from "antd";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { call, type Schemas } from "../../api/client";
import { usePreference, useSession } from "../../api/session";
import { useSite } from "../../app/Shell";
import { useLook, useWords } from "../../look/look";
import { Mark } from "../../parts/Icon";
import { Bones, Chip, Failed, State, useComplaint, useLate, usePageTitle } from "../../parts/parts";
import { When } from "../../parts/Time";
import { useUrl } from "../../parts/url";
import type { Key } from "../../words/words";
import { PasswordForm } from "../login/NewPassword";
import { least } from "../login/strength";
import { Lines } from "./Lines";
import { Site } from "./Site";

export default function Settings() {
  const { t } = useWords();
  const { may } = useSession();
  const url = useUrl();
  usePageTitle(t("nav.settings"));
  const tabs = ["me", "lines", "tokens", ...(may("setting.edit") ? ["plant"] : []), ...(may("account.look") ? ["accounts"] : []), ...(may("audit.look") ? ["audit"] : [])];
  const tab = tabs.includes(url.get("tab")) ? url.get("tab") : tabs[0] as string;
  return (
    <>
      <div className="head" style={{ minHeight: 40, marginBottom: 8 }}><h1>{t("nav.settings")}</h1></div>
      <section className="panel settings">
        <div className="tabs" role="tablist" aria-label={t("nav.settings")}>
          {tabs.map((name) => <button key={name} type="button" role="tab" aria-selected={name === tab} onClick={() => url.set({ tab: name === "me" ? null : name })}>{t(`settings.${name}` as Key)}</button>)}
        </div>
        {tab === "me" && <Me />}
        {tab === "lines" && <Lines />}
        {tab === "plant" && <PlantTab />}
        {tab === "tokens" && <Tokens />}
        {tab === "accounts" && <Accounts />}
        {tab === "audit" && <Audit />}
      </section>
    </>
  );
}

function PlantTab() {
  const site = useSite();
  return site.data ? <div className="formbox"><Site site={site.data} /></div> : <Bones rows={3} />;
}

function Me() {
  const { t } = useWords();
  const { session, took } = useSession();
  const { message } = App.useApp();
  const look = useLook();
  const prefer = usePreference();
  const [round, setRound] = useState(0);
  if (!session) return null;
  return (
    <div className="formbox">
      <dl className="kv" style={{ padding: 0, gridTemplateColumns: "140px 1fr" }}>
        <dt>{t("login.name")}</dt><dd>{session.account.shown_name ?? session.account.name} <span className="t3">{session.account.name}</span></dd>
        <dt>{t("accounts.role")}</dt><dd>{t(`role.${session.account.role}`)}</dd>
        <dt>{t("settings.ends")}</dt><dd><When at={session.ends} as="full" /></dd>
      </dl>
      <label className="row s13"><input type="checkbox" className="cb" checked={look.singleKeys} onChange={(event) => prefer({ single_keys: event.target.checked })} />{t("user.singleKeys")}</label>
      <h2>{t("settings.password")}</h2>
      <PasswordForm key={round} name={session.account.name} onDone={(next) => { took(next); setRound(round + 1); void message.success(t("password.done")); }} />
    </div>
  );
}

function useRun(keys: string[]) {
  const { message } = App.useApp();
  const complaint = useComplaint();
  const client = useQueryClient();
  return async (what: () => Promise<unknown>, said?: string): Promise<boolean> => {
    try {
      await what();
      if (said) void message.success(said);
      for (const key of keys) void client.invalidateQueries({ queryKey: [key] });
      return true;
    } catch (error) {
      void message.error(complaint(error));
      return false;
    }
  };
}

const roles: Schemas["Role"][] = ["viewer", "operator", "analyst", "admin", "auditor"];

function Accounts() {
  const { t } = useWords();
  const { may, session } = useSession();
  const [adding, setAdding] = useState(false);
  const [resetting, setResetting] = useState<Schemas["Account"] | null>(null);
  const query = useQuery({ queryKey: ["accounts"], queryFn: ({ signal }) => call("get", "/accounts", { query: { limit: 1000 }, signal }) });
  const run = useRun(["accounts"]);
  const late = useLate(query.isPending);
  const edit = may("account.edit");
  if (query.error) return <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />;
  if (!query.data) return late ? <Bones rows={4} height={43} /> : null;
  const patch = (account: Schemas["Account"], body: Schemas["AccountEdit"]) => void run(() => call("patch", "/accounts/{account_id}", { path: { account_id: account.id }, body }), t("accounts.saved"));
  return (
    <>
      <div className="tb"><span className="t3 s13">{t("accounts.count", { n: query.data.total })}</span><span className="sp" />{edit ? <button type="button" className="btn s p" onClick={() => setAdding(true)}>{t("accounts.add")}</button> : <span className="t3 s13">{t("accounts.editBy")}</span>}</div>
      <div className="ltbox"><table className="lt accounts">
        <thead><tr><th>{t("login.name")}</th><th>{t("accounts.role")}</th><th>{t("column.state")}</th><th>{t("accounts.last")}</th><th /></tr></thead>
        <tbody>
          {query.data.accounts.map((account) => (
            <tr key={account.id}>
              <td><div className="b cut">{account.shown_name ?? account.name}</div><div className="l2">{account.name}</div></td>
              <td>{edit ? <select className="input s" value={account.role} aria-label={t("accounts.roleOf", { name: account.name })} onChange={(event) => patch(account, { role: event.target.value as Schemas["Role"] })}>{roles.map((role) => <option key={role} value={role}>{t(`role.${role}`)}</option>)}</select> : t(`role.${account.role}`)}</td>
              <td>{!account.enabled ? <Chip>{t("accounts.disabled")}</Chip> : account.locked_until && Date.parse(account.locked_until) > Date.now() ? <Chip kind="low" mark="low">{t("accounts.locked")}</Chip> : account.must_change_password ? <Chip>{t("accounts.mustChange")}</Chip> : <span className="t2">{t("accounts.enabled")}</span>}</td>
              <td className="t2">{account.last_login ? <When at={account.last_login} /> : <span className="t3">{t("accounts.never")}</span>}</td>
              <td className="r nw">{edit && account.id !== session?.account.id && <>
                <button type="button" className="btn q s" onClick={() => setResetting(account)}>{t("accounts.reset")}</button>
                <button type="button" className="btn q s" onClick={() => patch(account, { enabled: !account.enabled })}>{account.enabled ? t("accounts.disable") : t("accounts.enable")}</button>
                <Popconfirm title={t("accounts.removeAsk", { name: account.name })} description={t("accounts.removeWhat")} okText={t("accounts.remove")} cancelText={t("do.cancel")} icon={null} onConfirm={() => void run(() => call("delete", "/accounts/{account_id}", { path: { account_id: account.id } }), t("accounts.removed"))}><button type="button" className="btn q s">{t("accounts.remove")}</button></Popconfirm>
              </>}</td>
            </tr>
          ))}
        </tbody>
      </table></div>
      {adding && <AddAccount onClose={() => setAdding(false)} run={run} />}
      {resetting && <ResetPassword account={resetting} onClose={() => setResetting(null)} run={run} />}
    </>
  );
}

type Run = ReturnType<typeof useRun>;

function AddAccount({ onClose, run }: { onClose(): void; run: Run }) {
  const { t } = useWords();
  const [name, setName] = useState(""), [shown, setShown] = useState(""), [role, setRole] = useState<Schemas["Role"]>("viewer"), [password, setPassword] = useState("");
  const good = /^[A-Za-z0-9._@-]{1,64}$/.test(name) && [...password].length >= least;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (good && await run(() => call("post", "/accounts", { body: { name, role, password, ...(shown.trim() ? { shown_name: shown.trim() } : {}) } }), t("accounts.added"))) onClose();
  };
  return (
    <Modal open title={t("accounts.add")} onCancel={onClose} footer={null} width={420}>
      <form className="col" style={{ gap: 12 }} onSubmit={(event) => void submit(event)}>
        <div className="field"><label htmlFor="a-name">{t("accounts.name")}</label><input id="a-name" className="input" autoFocus autoComplete="off" maxLength={64} value={name} onChange={(event) => setName(event.target.value)} /><span className="hint">{t("accounts.nameHow")}</span></div>
        <div className="field"><label htmlFor="a-shown">{t("accounts.shown")}</label><input id="a-shown" className="input" autoComplete="off" maxLength={128} value={shown} onChange={(event) => setShown(event.target.value)} /></div>
        <div className="field"><label htmlFor="a-role">{t("accounts.role")}</label><select id="a-role" className="input" value={role} onChange={(event) => setRole(event.target.value as Schemas["Role"])}>{roles.map((one) => <option key={one} value={one}>{t(`role.${one}`)}</option>)}</select><span className="hint">{t(`role.${role}.may` as Key)}</span></div>
        <div className="field"><label htmlFor="a-password">{t("accounts.password", { n: least })}</label><input id="a-password" className="input" type="password" autoComplete="new-password" maxLength={1024} value={password} onChange={(event) => setPassword(event.target.value)} /><span className="hint">{t("accounts.passwordHow")}</span></div>
        <button type="submit" className="btn p" disabled={!good}>{t("accounts.add")}</button>
      </form>
    </Modal>
  );
}

function ResetPassword({ account, onClose, run }: { account: Schemas["Account"]; onClose(): void; run: Run }) {
  const { t } = useWords();
  const [password, setPassword] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await run(() => call("put", "/accounts/{account_id}/password", { path: { account_id: account.id }, body: { password } }), t("accounts.resetDone"))) onClose();
  };
  return (
    <Modal open title={t("accounts.resetTitle", { name: account.name })} onCancel={onClose} footer={null} width={420}>
      <form className="col" style={{ gap: 12 }} onSubmit={(event) => void submit(event)}>
        <div className="field"><label htmlFor="r-password">{t("accounts.password", { n: least })}</label><input id="r-password" className="input" type="password" autoFocus autoComplete="new-password" maxLength={1024} value={password} onChange={(event) => setPassword(event.target.value)} /><span className="hint">{t("accounts.passwordHow")}</span></div>
        <button type="submit" className="btn p" disabled={[...password].length < least}>{t("accounts.reset")}</button>
      </form>
    </Modal>
  );
}

function Tokens() {
  const { t } = useWords();
  const { session } = useSession();
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState("");
  const query = useQuery({ queryKey: ["tokens"], queryFn: ({ signal }) => call("get", "/tokens", { signal }) });
  const run = useRun(["tokens"]);
  const late = useLate(query.isPending);
  if (query.error) return <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />;
  if (!query.data) return late ? <Bones rows={3} height={43} /> : null;
  return (
    <>
      <div className="tb"><span className="t3 s13">{t("tokens.what")}</span><span className="sp" /><button type="button" className="btn s p" onClick={() => setMaking(true)}>{t("tokens.add")}</button></div>
      {query.data.tokens.length === 0 ? <State why={t("tokens.none")} /> : (
        <div className="ltbox"><table className="lt">
          <thead><tr><th>{t("tokens.name")}</th><th>{t("tokens.rights")}</th><th>{t("tokens.expires")}</th><th>{t("tokens.used")}</th><th /></tr></thead>
          <tbody>{query.data.tokens.map((token) => (
            <tr key={token.id}><td className="b cut">{token.name}</td><td className="mono small wrap">{token.rights.join(" ")}</td><td className="t2"><When at={token.expires} as="date" /></td><td className="t2">{token.last_used ? <When at={token.last_used} /> : <span className="t3">{t("accounts.never")}</span>}</td>
              <td className="r"><Popconfirm title={t("tokens.endAsk")} okText={t("tokens.end")} cancelText={t("do.cancel")} icon={null} onConfirm={() => void run(() => call("delete", "/tokens/{token_id}", { path: { token_id: token.id } }))}><button type="button" className="btn q s">{t("tokens.end")}</button></Popconfirm></td></tr>
          ))}</tbody>
        </table></div>
      )}
      {making && <MakeToken rights={session?.rights ?? []} onClose={() => setMaking(false)} onMade={(made) => { setMaking(false); setSecret(made); }} run={run} />}
      {secret && (
        <Modal open title={t("tokens.made")} onCancel={() => setSecret("")} footer={null} width={520}>
          <p className="s13 t2">{t("tokens.once")}</p>
          <p className="mono secret">{secret}</p>
          <button type="button" className="btn" onClick={() => void navigator.clipboard?.writeText(secret)}>{t("do.copy")}</button>
        </Modal>
      )}
    </>
  );
}

function MakeToken({ rights, onClose, onMade, run }: { rights: string[]; onClose(): void; onMade(secret: string): void; run: Run }) {
  const { t } = useWords();
  const [name, setName] = useState(""), [days, setDays] = useState(90), [chosen, setChosen] = useState<string[]>(rights.filter((right) => right.endsWith(".look")));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      const made = await call("post", "/tokens", { body: { name: name.trim(), rights: chosen, days } });
      onMade(made.secret);
    });
  };
  return (
    <Modal open title={t("tokens.add")} onCancel={onClose} footer={null} width={420}>
      <form className="col" style={{ gap: 12 }} onSubmit={submit}>
        <div className="field"><label htmlFor="t-name">{t("tokens.name")}</label><input id="t-name" className="input" autoFocus maxLength={128} value={name} onChange={(event) => setName(event.target.value)} /></div>
        <fieldset className="fac shown" style={{ border: 0, padding: 0, margin: 0 }}><legend className="flabel">{t("tokens.rights")}</legend>
          {rights.map((right) => <label key={right}><input type="checkbox" className="cb" checked={chosen.includes(right)} onChange={() => setChosen(chosen.includes(right) ? chosen.filter((one) => one !== right) : [...chosen, right])} /><span className="mono">{right}</span></label>)}
        </fieldset>
        <div className="field"><label htmlFor="t-days">{t("tokens.days")}</label><input id="t-days" className="input" type="number" min={1} max={366} value={days} onChange={(event) => setDays(Math.max(1, Math.min(366, Number(event.target.value) || 1)))} /></div>
        <button type="submit" className="btn p" disabled={!name.trim() || chosen.length === 0}>{t("tokens.add")}</button>
      </form>
    </Modal>
  );
}

function Audit() {
  const { t } = useWords();
  const query = useInfiniteQuery({
    queryKey: ["audit"],
    queryFn: ({ pageParam, signal }) => call("get", "/audit", { query: { limit: 200, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "", getNextPageParam: (page) => page.next_cursor,
  });
  const check = useQuery({ queryKey: ["audit", "check"], queryFn: ({ signal }) => call("get", "/audit/check", { signal }), enabled: false });
  const late = useLate(query.isPending);
  if (query.error) return <Failed error={query.error} since={query.errorUpdatedAt} onAgain={() => void query.refetch()} />;
  if (!query.data) return late ? <Bones rows={6} height={43} /> : null;
  const entries = query.data.pages.flatMap((page) => page.entries);
  return (
    <>
      <div className="tb">
        <span className="s13 t2 row" aria-live="polite">{check.data ? (check.data.intact ? <><Mark severity="ok" />{t("audit.intact", { n: check.data.entries })}</> : <><Mark severity="crit" />{t("audit.broken", { id: check.data.broken_at ?? "" })}</>) : t("audit.what")}</span>
        <span className="sp" /><button type="button" className="btn s" disabled={check.isFetching} onClick={() => void check.refetch()}>{t("audit.check")}</button>
      </div>
      {entries.length === 0 ? <State why={t("state.none")} /> : (
        <div className="ltbox tall" tabIndex={0} role="region" aria-label={t("settings.audit")}><table className="lt audit">
          <thead><tr><th>{t("op.time")}</th><th>{t("audit.who")}</th><th>{t("audit.op")}</th><th>{t("audit.about")}</th><th>{t("op.outcome")}</th></tr></thead>
          <tbody>{entries.map((entry) => (
            <tr key={entry.id}>
              <td className="nw t2"><When at={entry.at} as="full" /></td>
              <td><div className="cut">{entry.who}{entry.token && <span className="t3"> · {entry.token}</span>}</div><div className="l2 mono">{entry.from}</div></td>
              <td className="mono small cut" title={entry.what}>{entry.what}</td>
              <td><div className="cut mono small" title={entry.about}>{entry.about ?? ""}</div><div className="l2 cut" title={entry.detail}>{entry.detail ?? ""}</div></td>
              <td>{entry.result === "done" ? <span className="t2">{t("audit.done")}</span> : <Chip kind="low" mark="low">{t(`audit.${entry.result}`)}</Chip>}</td>
            </tr>
          ))}</tbody>
        </table></div>
      )}
      <div className="dfoot"><span>{t("audit.shown", { n: entries.length })}</span><span className="sp" />{query.hasNextPage && <button type="button" className="btn q s" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("do.more")}</button>}</div>
    </>
  );
}

