// Nothing moves under the pointer: when a list is asked for again because something changed, rows in view take
// their new contents in place, and rows that came in between wait until the reader asks for them. What is `provisional`
// (of the filter before, shown until this one's rows are there) holds nothing.
import { useEffect, useMemo, useState } from "react";

export function useHeld<Row>(rows: readonly Row[], key: (row: Row) => string, about: string, provisional: boolean): { rows: readonly Row[]; waiting: number; take(): void } {
  const [held, setHeld] = useState<{ about: string; ids: readonly string[] }>({ about, ids: [] });
  const ids = useMemo(() => rows.map(key), [rows]); // eslint-disable-line react-hooks/exhaustive-deps
  // Another filter, or only more at the end: nothing moves, so nothing needs to wait.
  const grows = provisional || held.about !== about || held.ids.length === 0 || (ids.length >= held.ids.length && held.ids.every((id, index) => ids[index] === id));
  useEffect(() => {
    if (grows && !provisional) setHeld({ about, ids });
  }, [grows, provisional, about, ids]);
  return useMemo(() => {
    if (grows) return { rows, waiting: 0, take: () => undefined };
    const now = new Map(rows.map((row) => [key(row), row]));
    const shown = held.ids.flatMap((id) => now.get(id) ?? []);
    return { rows: shown, waiting: rows.length - shown.length, take: () => setHeld({ about, ids }) };
  }, [grows, rows, held, ids, about]); // eslint-disable-line react-hooks/exhaustive-deps
}
