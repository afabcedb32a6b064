// The frame around every page: rail, top bar, the bar of a lost connection, the palette, the list of keys.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { Link, NavLink, useLocation, useNavigate } from "react-router-dom";
import { call } from "../api/client";
import { LiveProvider, useLost } from "../api/live";
import { usePreference, useSession } from "../api/session";
import { count } from "../format/numbers";
import { useLook, useWords } from "../look/look";
import { Icon, Mark } from "../parts/Icon";
import { Kbd, Pop, Seg } from "../parts/parts";
import { useNow, When, ZoneProvider } from "../parts/Time";
import { UploadsBadge } from "../pages/capture/uploads";
import { useKeys } from "./keys";
import { KeyList } from "./KeyList";
import { Palette } from "./Palette";

export function useSite() {
  return useQuery({ queryKey: ["site"], queryFn: ({ signal }) => call("get", "/site", { signal }), staleTime: 60_000 });
}

export function Shell({ children }: { children: ReactNode }) {
  const site = useSite();
  return (
    <LiveProvider>
      <ZoneProvider zone={site.data?.time_zone || "Asia/Tokyo"}><Frame>{children}</Frame></ZoneProvider>
    </LiveProvider>
  );
}

function Frame({ children }: { children: ReactNode }) {
  const { t } = useWords();
  const look = useLook();
  const prefer = usePreference();
  const navigate = useNavigate();
  const place = useLocation();
  const [palette, setPalette] = useState(false);
  const [keys, setKeys] = useState(false);
  useKeys({
    "Ctrl K": () => setPalette((open) => !open),
    "?": () => setKeys(true),
    "g o": () => navigate("/"), "g d": () => navigate("/devices"), "g m": () => navigate("/map"), "g c": () => navigate("/conversations"), "g a": () => navigate("/operations"), "g p": () => navigate("/capture"),
    "Shift D": () => prefer({ theme: look.theme === "dark" ? "light" : "dark" }),
    "Shift L": () => prefer({ language: look.lang === "ja" ? "en" : "ja" }),
  });
  // A new page starts at its top and says its name to a screen reader.
  useEffect(() => { document.getElementById("main")?.scrollTo(0, 0); }, [place.pathname]);
  return (
    <>
      <a className="skip" href="#main">{t("shell.skip")}</a>
      <div className="shell">
        <Link to="/" className="brand" aria-label="Yagura"><svg className="i" aria-hidden="true"><use href="#yagura" /></svg><span>Yagura</span></Link>
        <Bar onSearch={() => setPalette(true)} />
        <Rail />
        <div className="body">
          <LostBar />
          <EndingBar />
          <main id="main" tabIndex={-1}>{children}</main>
        </div>
      </div>
      {palette && <Palette onClose={() => setPalette(false)} onKeys={() => { setPalette(false); setKeys(true); }} />}
      {keys && <KeyList onClose={() => setKeys(false)} />}
    </>
  );
}

function Rail() {
  const { t } = useWords();
  const overview = useOverviewCounts();
  const toSettle = useToSettle();
  return (
    <nav className="nav" aria-label={t("shell.nav")}>
      <NavLink to="/" end title={t("nav.overview")}><Icon name="home" /><span>{t("nav.overview")}</span></NavLink>
      <div className="g"><Icon name="see" /><span>{t("nav.see")}</span></div>
      <NavLink to="/devices" className="sub" title={t("nav.devices")}>
        <Icon name="plc" /><span>{t("nav.devices")}</span>
        {overview !== undefined && <span className="n">{count(overview)}</span>}
      </NavLink>
      <NavLink to="/map" className="sub" title={t("nav.map")}><Icon name="seg" /><span>{t("nav.map")}</span></NavLink>
      <NavLink to="/conversations" className="sub" title={t("nav.conversations")}><Icon name="talk" /><span>{t("nav.conversations")}</span></NavLink>
      <NavLink to="/operations" className="sub" title={t("nav.operations")}><Icon name="acts" /><span>{t("nav.operations")}</span></NavLink>
      <NavLink to="/registers" className="sub" title={t("nav.registers")}><Icon name="chip" /><span>{t("nav.registers")}</span></NavLink>
      <NavLink to="/health" className="sub" title={t("nav.health")}><Icon name="health" /><span>{t("nav.health")}</span></NavLink>
      <NavLink to="/ledger" className="sub" title={t("nav.ledger")}><Icon name="ledger" /><span>{t("nav.ledger")}</span>{toSettle !== undefined && <span className="n" title={t("shell.toSettle", { n: toSettle })}>{count(toSettle)}</span>}</NavLink>
      <NavLink to="/vulnerabilities" className="sub" title={t("nav.vulnerabilities")}><Icon name="guard" /><span>{t("nav.vulnerabilities")}</span></NavLink>
      <NavLink to="/risk" className="sub" title={t("nav.risk")}><Icon name="meter" /><span>{t("nav.risk")}</span></NavLink>
      <NavLink to="/needs" className="sub" title={t("nav.needs")}><Icon name="table" /><span>{t("nav.needs")}</span></NavLink>
      <NavLink to="/comments" className="sub" title={t("nav.comments")}><Icon name="pen" /><span>{t("nav.comments")}</span></NavLink>
      <NavLink to="/active-queries" className="sub" title={t("nav.asking")}><Icon name="probe" /><span>{t("nav.asking")}</span></NavLink>
      <span className="sp" />
      <NavLink to="/capture" title={t("nav.capture")}><Icon name="sensor" /><span>{t("nav.capture")}</span><UploadsBadge /></NavLink>
      <NavLink to="/settings" title={t("nav.settings")}><Icon name="cog" /><span>{t("nav.settings")}</span></NavLink>
    </nav>
  );
}

/** What the ledger and the floor say differently; where there is no ledger there is nothing to count. */
function useToSettle(): number | undefined {
  const { may } = useSession();
  const query = useQuery({ queryKey: ["ledger", 30], queryFn: ({ signal }) => call("get", "/ledger", { query: { days: 30 }, signal }), enabled: may("device.look"), staleTime: 30_000 });
  const ledger = query.data;
  if (!ledger || (ledger.file === null && ledger.entries === 0)) return undefined;
  const { different, unseen, not_in_ledger } = ledger.counts;
  return different + unseen + not_in_ledger > 0 ? different + unseen + not_in_ledger : undefined;
}

function useOverviewCounts(): number | undefined {
  const { may } = useSession();
  const query = useQuery({ queryKey: ["overview"], queryFn: ({ signal }) => call("get", "/overview", { signal }), enabled: may("device.look") });
  return query.data?.devices;
}

function Bar({ onSearch }: { onSearch(): void }) {
  const { t } = useWords();
  const look = useLook();
  const prefer = usePreference();
  const site = useSite();
  const dark = look.theme === "dark";
  return (
    <header className="bar">
      {/* The name decides where the box stands: both come together, so that it does not move. */}
      {!site.isPending && <>
        <div className="plant"><span className="cut">{site.data?.name || t("shell.unnamedPlant")}</span></div>
        <button type="button" className="search" onClick={onSearch} aria-keyshortcuts="Control+K">
          <Icon name="find" /><span className="grow cut">{t("shell.search")}</span><span aria-hidden="true"><Kbd>Ctrl K</Kbd></span>
        </button>
      </>}
      <div className="sp" />
      <SensorWords />
      <PlantTime />
      <Seg label={t("shell.language")} value={look.lang} onChange={(language) => prefer({ language })}
        options={[{ value: "ja", label: "日本語", lang: "ja" }, { value: "en", label: "EN", lang: "en" }]} />
      <button type="button" className="iconbtn" onClick={() => prefer({ theme: dark ? "light" : "dark" })} aria-label={dark ? t("shell.light") : t("shell.dark")} title={dark ? t("shell.light") : t("shell.dark")}>
        <Icon name={dark ? "sun" : "moon"} />
      </button>
      <User />
    </header>
  );
}

function SensorWords() {
  const { t } = useWords();
  const { may } = useSession();
  const lost = useLost();
  const query = useQuery({
    queryKey: ["sensors"], queryFn: ({ signal }) => call("get", "/sensors", { signal }), enabled: may("sensor.look"), refetchInterval: 30_000,
  });
  const summary = query.data?.summary;
  if (!summary || lost) return lost || query.error ? <Link to="/capture" className="sens">{t("sensor.notKnown")}</Link> : null;
  const all = summary.receiving === summary.total;
  const words = summary.total === 0 ? t("sensor.none")
    : all ? t("sensor.allReceiving", { n: summary.total })
    : t("sensor.someReceiving", { n: summary.receiving, total: summary.total });
  return (
    <Link to="/capture" className="sens" aria-live="polite">
      <Mark severity={summary.total === 0 ? "low" : all ? "ok" : "med"} /><span className="cut">{words}</span>
    </Link>
  );
}

function PlantTime() {
  const { lang } = useLook();
  const now = useNow(5);
  return (
    <div className="sens opt"><Icon name="clock" /><span><When at={now} as="day" />{lang === "ja" ? " " : ", "}<When at={now} as="clock" /></span></div>
  );
}

function User() {
  const { t } = useWords();
  const { session, took } = useSession();
  const look = useLook();
  const prefer = usePreference();
  const navigate = useNavigate();
  if (!session) return null;
  const name = session.account.shown_name ?? session.account.name;
  const out = () => {
    void call("delete", "/session").catch(() => undefined).then(() => { took(null); navigate("/"); });
  };
  return (
    <Pop align="right" className="user" title={t("shell.user", { name })} label={<><span className="unheard">{t("shell.user", { name })}</span><Icon name="user" size={20} /><span className="opt" aria-hidden="true"><b className="b">{name}</b> {t(`role.${session.account.role}`)}</span></>}>
      {(close) => (
        <>
          <div className="title">{name} · {t(`role.${session.account.role}`)}</div>
          <button type="button" className="item" onClick={() => { close(); navigate("/settings?tab=me"); }}><Icon name="cog" />{t("user.settings")}</button>
          <label><input type="checkbox" className="cb" checked={look.singleKeys} onChange={(event) => prefer({ single_keys: event.target.checked })} />{t("user.singleKeys")}</label>
          <div className="sep" />
          <button type="button" className="item" onClick={out}><Icon name="right" />{t("user.signOut")}</button>
        </>
      )}
    </Pop>
  );
}

function LostBar() {
  const { rich } = useWords();
  const lost = useLost();
  if (!lost) return null;
  return <div className="lostbar" role="alert"><Mark severity="low" /><span>{rich("shell.lost", { at: <When at={lost} as="clock" /> })}</span></div>;
}

/** A sign-in about to end says so two minutes before; any request keeps it. */
function EndingBar() {
  const { t } = useWords();
  const { session, took } = useSession();
  const now = useNow(15);
  if (!session) return null;
  const end = Math.min(Date.parse(session.ends), Date.parse(session.idle_until));
  const left = end - now.getTime();
  if (!(left > 0 && left < 120_000)) return null;
  return (
    <div className="lostbar" role="alert">
      <Mark severity="low" /><span>{t("shell.ending")}</span>
      <button type="button" className="btn s" onClick={() => void call("get", "/session").then(took)}>{t("shell.stay")}</button>
    </div>
  );
}
