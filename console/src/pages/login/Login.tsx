// Signing in. An unknown name and a wrong password say the same; after too many tries it says how long to wait.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { call, Problem } from "../../api/client";
import { useSession } from "../../api/session";
import { useLook, useWords } from "../../look/look";
import { Icon } from "../../parts/Icon";
import { Seg, useComplaint, usePageTitle } from "../../parts/parts";

export function Login() {
  const { t } = useWords();
  const look = useLook();
  const complaint = useComplaint();
  const { took } = useSession();
  usePageTitle(t("login.title"));
  const about = useQuery({ queryKey: ["about"], queryFn: ({ signal }) => call("get", "/about", { signal }) });
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [wait, setWait] = useState(0);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!name || !password) {
      setWrong(t("login.both"));
      return;
    }
    setBusy(true);
    setWrong(null);
    try {
      took(await call("post", "/session", { body: { name, password } }));
    } catch (error) {
      setPassword("");
      if (error instanceof Problem && error.status === 429) setWait(error.retryAfter ?? 5);
      else if (error instanceof Problem && error.status === 401) setWrong(t("login.wrong"));
      else setWrong(complaint(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="door">
      <main className="panel card">
        <div className="row" style={{ gap: 10 }}>
          <svg className="i i28" aria-hidden="true"><use href="#yagura" /></svg>
          <h1>Yagura</h1><span className="sp" />
          <Seg label={t("shell.language")} value={look.lang} onChange={(lang) => look.set({ lang })}
            options={[{ value: "ja", label: "日本語", lang: "ja" }, { value: "en", label: "EN", lang: "en" }]} />
        </div>
        <form onSubmit={(event) => void submit(event)} className="col" style={{ gap: 14 }} noValidate>
          <div className="field">
            <label htmlFor="name">{t("login.name")}</label>
            <input id="name" className="input" autoFocus autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={64} value={name} onChange={(event) => setName(event.target.value)} aria-invalid={wrong ? true : undefined} aria-describedby={wrong ? "wrong" : undefined} />
          </div>
          <div className="field">
            <label htmlFor="password">{t("login.password")}</label>
            <input id="password" className="input" type="password" autoComplete="current-password" maxLength={1024} value={password} onChange={(event) => setPassword(event.target.value)} aria-invalid={wrong ? true : undefined} aria-describedby={wrong ? "wrong" : undefined} />
          </div>
          <div role="alert" id="wrong" style={{ minHeight: 20 }} className="s13">
            {wait > 0 ? t("login.wait", { n: wait }) : wrong}
          </div>
          <button type="submit" className="btn p" disabled={busy || wait > 0}>{t("login.go")}</button>
        </form>
        {about.data?.fresh && <div className="notice"><Icon name="file" /><span>{t("login.fresh")}</span></div>}
      </main>
      <p className="t3 small">{about.data ? t("login.server", { name: about.data.site || location.hostname, version: about.data.version }) : " "}</p>
    </div>
  );
}
