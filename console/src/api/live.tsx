// What changes at the center reaches the screen through one stream of events. An event says only that
// something is new; what is shown is asked for again, at most once a second, and not at all while the tab is
// hidden. When the stream breaks, the data stays and the bar says from when it is.
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import { address, onReached, type Schemas } from "./client";

export type Event = Schemas["Event"];
const kinds: Event["kind"][] = ["hello", "devices", "device", "sensors", "captures", "capture", "lines", "overview", "ledger", "health", "session", "reload"];

/** The first words of the query keys that an event makes old. */
const makesOld: Record<Event["kind"], string[]> = {
  hello: [], session: ["session"],
  devices: ["devices", "facets", "map", "changes", "site", "ledger", "ledger-list"], device: ["device", "devices", "ledger", "ledger-list"],
  sensors: ["sensors", "sensor", "blind-spots"], captures: ["captures"], capture: ["captures"],
  lines: ["lines", "facets", "devices", "overview", "map", "site", "ledger", "ledger-list"], overview: ["overview", "activity", "changes", "conversations", "operations", "objects"],
  ledger: ["ledger", "ledger-list", "devices", "facets", "device", "approvals"],
  health: ["health"], reload: ["*"],
};

/** What grows with every packet, or compares everything, is asked for again at most every five seconds. */
const slow = new Set(["conversations", "operations", "objects", "activity", "ledger", "ledger-list", "health"]);

const LostContext = createContext<Date | null>(null);
/** Since when the center cannot be reached; null while it can. */
export const useLost = () => useContext(LostContext);

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [lost, setLost] = useState<Date | null>(null);
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    let stream: EventSource | undefined;
    let again: ReturnType<typeof setTimeout> | undefined;
    const old = new Set<string>();
    /** What a person changed is shown at once, however much else comes in. */
    const pressing = new Set<string>();
    let gone = false;
    const down = () => setLost((since) => since ?? new Date());
    const flush = () => {
      waiting = undefined;
      if (document.hidden) return;
      const names = [...old], atOnce = new Set(pressing);
      old.clear();
      pressing.clear();
      refresh(client, names, atOnce);
    };
    const later = () => { waiting ??= setTimeout(flush, 1000); };
    const open = () => {
      if (gone) return;
      stream = new EventSource(address("/events"));
      let told = false;
      stream.onopen = () => {
        setLost((since) => {
          if (since) { old.add("*"); later(); }
          return null;
        });
      };
      stream.onerror = () => {
        // EventSource comes back by itself unless it was refused; the bar waits a moment so as not to flicker.
        setTimeout(() => { if (!gone && stream?.readyState !== EventSource.OPEN) down(); }, told ? 1500 : 3000);
        told = true;
        if (stream?.readyState === EventSource.CLOSED) {
          clearTimeout(again);
          again = setTimeout(open, 5000);
          old.add("session");
          later();
        }
      };
      for (const kind of kinds)
        stream.addEventListener(kind, (message) => {
          let data: Partial<Event> = {};
          try {
            data = JSON.parse((message as MessageEvent<string>).data) as Event;
          } catch { /* the name alone says enough */ }
          if (kind === "capture" && data.id) patchCapture(client, data as Event);
          for (const name of makesOld[kind]) {
            old.add(name);
            if (kind === "ledger") pressing.add(name);
          }
          if (makesOld[kind].length > 0) later();
        });
    };
    open();
    onReached((is) => { if (!is) down(); else if (stream?.readyState === EventSource.OPEN) setLost(null); });
    const seen = () => { if (!document.hidden && old.size > 0) later(); };
    document.addEventListener("visibilitychange", seen);
    return () => {
      gone = true;
      stream?.close();
      clearTimeout(waiting);
      clearTimeout(again);
      onReached(() => undefined);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [client]);
  return <LostContext.Provider value={lost}>{children}</LostContext.Provider>;
}

function refresh(client: QueryClient, names: string[], atOnce: ReadonlySet<string>): void {
  const all = names.includes("*");
  const now = Date.now();
  void client.invalidateQueries({
    predicate: (query) => {
      const name = String(query.queryKey[0]);
      if (!all && !names.includes(name)) return false;
      if (all || !slow.has(name) || atOnce.has(name)) return true;
      // A reader far down in a list is not helped by all of its pages being asked for again.
      const pages = (query.state.data as { pages?: unknown[] } | undefined)?.pages?.length ?? 0;
      // A large plant's map is megabytes, and nobody sees one act more in it.
      const nodes = name === "map" ? (query.state.data as { nodes?: unknown[] } | undefined)?.nodes?.length ?? 0 : 0;
      return pages <= 3 && now - query.state.dataUpdatedAt >= (nodes > 500 ? 30_000 : 5000);
    },
  });
}

type Captures = Schemas["CaptureList"];

/** How far a capture is read stands in the event itself, so that its bar moves without another question. */
function patchCapture(client: QueryClient, event: Event): void {
  const patch = (list: Captures): Captures => ({
    ...list,
    captures: list.captures.map((capture) => capture.id !== event.id ? capture : {
      ...capture,
      ...(event.received !== undefined ? { received: event.received } : {}),
      ...(event.bytes_read !== undefined ? { bytes_read: event.bytes_read } : {}),
      ...(event.packets !== undefined ? { packets: event.packets } : {}),
      ...(event.state !== undefined ? { state: event.state as Schemas["CaptureState"] } : {}),
    }),
  });
  client.setQueriesData<Captures | { pages: Captures[] }>({ queryKey: ["captures"] }, (found) =>
    !found ? found : "pages" in found ? { ...found, pages: found.pages.map(patch) } : patch(found));
}
