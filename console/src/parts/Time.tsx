// Times on the screen: always `<time>`, always the plant's zone, the other zones in the tooltip.
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
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

type Form = "moment" | "ago" | "clock" | "clockSeconds" | "full" | "date" | "day";

export function When({ at, as = "moment", now, className }: { at: string | Date | undefined; as?: Form; now?: Date; className?: string }) {
  const { lang } = useLook();
  const zone = useZone();
  const moment = typeof at === "string" ? time.parse(at) : (at ?? null);
  if (!moment) return null;
  const present = now ?? new Date();
  const text = as === "ago" ? time.ago(moment, present, lang, zone)
    : as === "clock" ? time.clock(moment, zone)
    : as === "clockSeconds" ? time.clockSeconds(moment, zone)
    : as === "full" ? time.full(moment, lang, zone)
    : as === "date" ? time.date(moment, lang, zone)
    : as === "day" ? time.day(moment, lang, zone)
    : time.moment(moment, present, lang, zone);
  return <time className={className} dateTime={moment.toISOString()} title={time.withUtc(moment, lang, zone)}>{text}</time>;
}
