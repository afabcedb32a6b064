// Which page stands at which address. Pages load with their code; until then the frame stands.
import { lazy, Suspense, type ReactNode } from "react";
import { Navigate, Route, Routes } from "react-router-dom";
import { useSession } from "../api/session";
import { useWords } from "../look/look";
import { Login } from "../pages/login/Login";
import { NewPassword } from "../pages/login/NewPassword";
import { Failed, State, useLate } from "../parts/parts";
import { Shell } from "./Shell";

const Overview = lazy(() => import("../pages/overview/Overview"));
const FirstRun = lazy(() => import("../pages/first_run/FirstRun"));
const Devices = lazy(() => import("../pages/devices/Devices"));
const DevicePage = lazy(() => import("../pages/device/Device"));
const Conversations = lazy(() => import("../pages/conversations/Conversations"));
const Operations = lazy(() => import("../pages/operations/Operations"));
const RegistersPage = lazy(() => import("../pages/registers/Registers"));
const RegisterPage = lazy(() => import("../pages/registers/Register"));
const HealthPage = lazy(() => import("../pages/health/Health"));
const LedgerPage = lazy(() => import("../pages/ledger/Ledger"));
const VulnerabilitiesPage = lazy(() => import("../pages/vulnerabilities/Vulnerabilities"));
const AskingPage = lazy(() => import("../pages/asking/Asking"));
const CommentsPage = lazy(() => import("../pages/comments/Comments"));
const NeedsPage = lazy(() => import("../pages/needs/Needs"));
const RiskPage = lazy(() => import("../pages/risk/Risk"));
const MapPage = lazy(() => import("../pages/map/Map"));
const Capture = lazy(() => import("../pages/capture/Capture"));
const Settings = lazy(() => import("../pages/settings/Settings"));

export function App() {
  const { session, pending, error, again } = useSession();
  const late = useLate(pending);
  if (pending) return late ? <div style={{ height: "100vh" }} /> : null;
  if (error && !session) return <main style={{ height: "100vh" }}><Failed error={error} onAgain={again} middle /></main>;
  if (!session) return <Login />;
  if (session.must_change_password) return <NewPassword />;
  return (
    <Shell>
      <Routes>
        <Route path="/" element={<Page><Overview /></Page>} />
        <Route path="/first-run" element={<Page><FirstRun /></Page>} />
        <Route path="/devices" element={<Page><Devices /></Page>} />
        <Route path="/devices/:id" element={<Page><DevicePage /></Page>} />
        <Route path="/conversations" element={<Page><Conversations /></Page>} />
        <Route path="/operations" element={<Page><Operations /></Page>} />
        <Route path="/registers" element={<Page><RegistersPage /></Page>} />
        <Route path="/registers/:id" element={<Page><RegisterPage /></Page>} />
        <Route path="/health" element={<Page><HealthPage /></Page>} />
        <Route path="/ledger" element={<Page><LedgerPage /></Page>} />
        <Route path="/vulnerabilities" element={<Page><VulnerabilitiesPage /></Page>} />
        <Route path="/active-queries" element={<Page><AskingPage /></Page>} />
        <Route path="/comments" element={<Page><CommentsPage /></Page>} />
        <Route path="/needs" element={<Page><NeedsPage /></Page>} />
        <Route path="/risk" element={<Page><RiskPage /></Page>} />
        <Route path="/map" element={<Page><MapPage /></Page>} />
        <Route path="/capture" element={<Page><Capture /></Page>} />
        <Route path="/settings" element={<Page><Settings /></Page>} />
        <Route path="/login" element={<Navigate to="/" replace />} />
        <Route path="*" element={<Nowhere />} />
      </Routes>
    </Shell>
  );
}

function Page({ children }: { children: ReactNode }) {
  return <Suspense fallback={null}>{children}</Suspense>;
}

function Nowhere() {
  const { t } = useWords();
  return <State middle why={t("state.nowhere")} action={<a className="btn" href="/">{t("nav.overview")}</a>} />;
}
