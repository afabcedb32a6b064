// Who is signed in. One context for the whole console; signing out anywhere empties everything that was loaded.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useMemo, type ReactNode } from "react";
import { call, onSignedOut, Problem, setCsrfToken, type Schemas } from "./client";
import { useLook } from "../look/look";
import { allowSingleKeys } from "../app/keys";

type Session = Schemas["Session"];
interface Known {
  session: Session | null;
  pending: boolean;
  error: unknown;
  may(right: string): boolean;
  took(session: Session | null): void;
  again(): void;
}
const SessionContext = createContext<Known | null>(null);

const flag = "yagura.signed-in";
function signedInBefore(): boolean {
  try {
    return localStorage.getItem(flag) !== null;
  } catch {
    return true;
  }
}
function remember(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(flag, "1");
    else localStorage.removeItem(flag);
  } catch { /* private mode: the center is asked */ }
}

export function useSession(): Known {
  const known = useContext(SessionContext);
  if (!known) throw new Error("useSession outside of SessionProvider");
  return known;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const look = useLook();
  const query = useQuery({
    queryKey: ["session"],
    queryFn: async ({ signal }) => {
      // The cookie cannot be seen from here. Who never signed in with this browser is not asked about: the
      // answer would be a 401, which the browser's console reports as an error.
      if (!signedInBefore()) return null;
      try {
        return await call("get", "/session", { signal });
      } catch (error) {
        if (error instanceof Problem && error.status === 401) {
          remember(false);
          return null;
        }
        throw error;
      }
    },
    staleTime: 60_000,
    retry: (tries, error) => error instanceof Problem && error.status === 0 && tries < 2,
  });
  const session = query.data ?? null;
  setCsrfToken(session?.csrf_token ?? "");

  const took = useCallback((next: Session | null) => {
    remember(next !== null);
    setCsrfToken(next?.csrf_token ?? "");
    if (!next) client.removeQueries({ predicate: (found) => found.queryKey[0] !== "session" && found.queryKey[0] !== "about" });
    client.setQueryData(["session"], next);
  }, [client]);

  useEffect(() => onSignedOut(() => took(null)), [took]);

  // What this person chose once follows them to every browser; a ?lang= in the address wins for one visit.
  const preferences = session?.preferences;
  const set = look.set;
  useEffect(() => {
    if (!preferences) return;
    const asked = new URLSearchParams(location.search);
    if (preferences.language && !asked.has("lang")) set({ lang: preferences.language });
    if ((preferences.theme === "light" || preferences.theme === "dark") && !asked.has("theme")) set({ theme: preferences.theme });
    if (preferences.single_keys !== undefined) set({ singleKeys: preferences.single_keys });
  }, [preferences, set]);
  useEffect(() => allowSingleKeys(look.singleKeys), [look.singleKeys]);

  const value = useMemo<Known>(() => ({
    session,
    pending: query.isPending,
    error: query.error,
    may: (right) => session?.rights.includes(right) ?? false,
    took,
    again: () => void query.refetch(),
  }), [session, query, took]);
  return <SessionContext.Provider value={value}>{children}</SessionContext.Provider>;
}

/** Keeps a choice of the reader on the server too. */
export function usePreference() {
  const { session, took } = useSession();
  const look = useLook();
  return useCallback((change: { language?: "ja" | "en"; theme?: "light" | "dark"; single_keys?: boolean; lens?: "line" | "it" | "analyst" | "audit" }) => {
    look.set({
      ...(change.language ? { lang: change.language } : {}),
      ...(change.theme ? { theme: change.theme } : {}),
      ...(change.single_keys !== undefined ? { singleKeys: change.single_keys } : {}),
    });
    if (!session || session.must_change_password) return;
    const preferences = { ...session.preferences, ...change };
    took({ ...session, preferences });
    call("put", "/session/preferences", { body: preferences }).catch(() => undefined);
  }, [look, session, took]);
}
