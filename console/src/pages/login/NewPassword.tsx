// The first sign-in asks for a password of one's own before anything else is shown.
import { useState, type FormEvent } from "react";
import { call, Problem } from "../../api/client";
import { useSession } from "../../api/session";
import { useWords } from "../../look/look";
import { useComplaint, usePageTitle } from "../../parts/parts";
import type { Key } from "../../words/words";
import { least, strength } from "./strength";

export function NewPassword() {
  const { t } = useWords();
  const { session, took } = useSession();
  usePageTitle(t("password.title"));
  return (
    <div className="door">
      <main className="panel card">
        <h1>{t("password.title")}</h1>
        <p className="t2 s13">{t("password.why")}</p>
        <PasswordForm name={session?.account.name ?? ""} onDone={took} />
      </main>
      <p className="small">
        <button type="button" className="link" onClick={() => void call("delete", "/session").catch(() => undefined).then(() => took(null))}>{t("user.signOut")}</button>
      </p>
    </div>
  );
}

type Session = Awaited<ReturnType<typeof call<"put", "/session/password">>>;
export function PasswordForm({ name, onDone }: { name: string; onDone(session: Session): void }) {
  const { t } = useWords();
  const complaint = useComplaint();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [shown, setShown] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const how = strength(next, name);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (how === "short") {
      setWrong(t("password.short", { n: least }));
      return;
    }
    setBusy(true);
    setWrong(null);
    try {
      onDone(await call("put", "/session/password", { body: { current, new: next } }));
    } catch (error) {
      if (error instanceof Problem && error.status === 429) setWrong(t("login.wait", { n: error.retryAfter ?? 5 }));
      else if (error instanceof Problem && (error.status === 403 || error.where === "body.current")) setWrong(t("password.currentWrong"));
      else setWrong(complaint(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="col" style={{ gap: 14 }} noValidate>
      <input type="text" hidden readOnly autoComplete="username" value={name} aria-hidden="true" tabIndex={-1} />
      <div className="field">
        <label htmlFor="current">{t("password.current")}</label>
        <input id="current" className="input" type="password" autoFocus autoComplete="current-password" maxLength={1024} value={current} onChange={(event) => setCurrent(event.target.value)} />
      </div>
      <div className="field">
        <label htmlFor="next">{t("password.new", { n: least })}</label>
        <input id="next" className="input" type={shown ? "text" : "password"} autoComplete="new-password" maxLength={1024} value={next} onChange={(event) => setNext(event.target.value)} aria-describedby="how wrong" />
        <span className="hint row" id="how" aria-live="polite">
          <span className="grow">{next ? t(`password.is.${how}` as Key) : t("password.hint")}</span>
          <label className="row" style={{ gap: 6 }}><input type="checkbox" className="cb" checked={shown} onChange={(event) => setShown(event.target.checked)} />{t("password.show")}</label>
        </span>
      </div>
      <div role="alert" id="wrong" style={{ minHeight: 20 }} className="s13">{wrong}</div>
      <button type="submit" className="btn p" disabled={busy || !current || !next}>{t("password.go")}</button>
    </form>
  );
}
