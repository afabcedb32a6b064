// Times on the screen: always `<time>`, always the plant's zone, the other zones in the tooltip.
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type PointerEvent, type ReactNode } from "react";
import { useLook } from "../look/look";
import * as time from "../format/time";

const ZoneContext = createContext("Asia/Tokyo");
export const ZoneProvider = ({ zone, children }: { zone: string; children: ReactNode }) => {
  // A zone that this browser does not know would throw in every formatter.
  let known = zone;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch {
    known = "UTC";
  }
  return <ZoneContext.Provider value={known}>{children}</ZoneContext.Provider>;
};
export const useZone = () => useContext(ZoneContext);

/** The present, renewed every `seconds`; standing still while the tab is hidden. */
export function useNow(seconds = 10): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const tick = () => { if (!document.hidden) setNow(new Date()); };
    const timer = setInterval(tick, seconds * 1000);
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [seconds]);
  return now;
}

// One clock for every time in sight. What is written of the present is asked again at each tick, and only those are drawn
// whose words became others: a table of a thousand rows does not move because a minute went by.
let present = new Date();
const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;
const tick = () => {
  if (document.hidden) return;
  present = new Date();
  for (const listener of listeners) listener();
};
function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    present = new Date();
    ticking = setInterval(tick, 5000);
    document.addEventListener("visibilitychange", tick);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(ticking);
    document.removeEventListener("visibilitychange", tick);
  };
}
const never = () => () => undefined;

/** Something that follows from the present; drawn anew when it becomes another. */
export function useOfNow<Of extends string | number | boolean>(of: (now: Date) => Of): Of {
  return useSyncExternalStore(subscribe, () => of(present));
}
/** Less than a day ago. */
export const isRecent = (at: string | Date, now: Date) => now.getTime() - new Date(at).getTime() < 86_400_000;

/** recent: a moment of the last 24 hours, longer ago the date. */
type Form = "moment" | "ago" | "clock" | "clockSeconds" | "full" | "date" | "day" | "recent";

/** Without `now` it follows the clock by itself. */
export function When({ at, as = "moment", now, className }: { at: string | Date | undefined; as?: Form; now?: Date; className?: string }) {
  const { lang } = useLook();
  const zone = useZone();
  const moment = typeof at === "string" ? time.parse(at) : (at ?? null);
  const write = (of: Date) => {
    if (!moment) return "";
    switch (as) {
      case "ago": return time.ago(moment, of, lang, zone);
      case "clock": return time.clock(moment, zone);
      case "clockSeconds": return time.clockSeconds(moment, zone);
      case "full": return time.full(moment, lang, zone);
      case "date": return time.date(moment, lang, zone);
      case "day": return time.day(moment, lang, zone);
      case "recent": return isRecent(moment, of) ? time.moment(moment, of, lang, zone) : time.date(moment, lang, zone);
      default: return time.moment(moment, of, lang, zone);
    }
  };
  const follows = !now && (as === "ago" || as === "moment" || as === "recent");
  const text = useSyncExternalStore(follows ? subscribe : never, () => write(now ?? present));
  if (!moment) return null;
  // The words in both zones are written when somebody points at it: there are hundreds of times on a page.
  const point = (event: PointerEvent<HTMLTimeElement>) => { event.currentTarget.title = time.withUtc(moment, lang, zone); };
  return <time className={className} dateTime={moment.toISOString()} onPointerEnter={point}>{text}</time>;
}
